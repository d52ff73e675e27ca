"""Measure two programs in turn, so that other load on the machine affects both. The result is the ratio."""

import re
import statistics
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.servers import LOAD_CORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table. `ours` and `rivals` are medians in `unit`; the ratio is that of pairs: median, min, max.

    `aim` is a condition for the ratio (`≥ 0.9×`), or empty; `holds` is whether it is met.
    """

    name: str
    rival: str
    unit: str
    ours: float
    rivals: float
    ratio: tuple[float, float, float]
    aim: str = ""

    @property
    def holds(self) -> bool | None:
        """Return whether the aim is reached, or None without an aim."""
        match = re.fullmatch(r"([≥≤]) ([\d.]+)×", self.aim)
        if match is None:
            return None
        wanted = float(match[2])
        return self.ratio[0] >= wanted if match[1] == "≥" else self.ratio[0] <= wanted


def paired(
    name: str,
    ours: Callable[[], float],
    rival: str,
    rivals: Callable[[], float],
    *,
    unit: str,
    rounds: int,
    aim: str = "",
) -> Row:
    """Call `ours` and `rivals` in turn, `rounds` times each after a warm-up."""
    ours()
    rivals()
    pairs = [(ours(), rivals()) if number % 2 else tuple(reversed((rivals(), ours()))) for number in range(rounds)]
    return of_pairs(name, pairs, rival=rival, unit=unit, aim=aim)


def of_pairs(name: str, pairs: list[tuple[float, ...]], *, rival: str, unit: str, aim: str = "") -> Row:
    """Return a row of measurements that were taken in pairs."""
    ratios = [mine / theirs for mine, theirs in pairs]
    return Row(
        name=name,
        rival=rival,
        unit=unit,
        ours=statistics.median(mine for mine, _ in pairs),
        rivals=statistics.median(theirs for _, theirs in pairs),
        ratio=(statistics.median(ratios), min(ratios), max(ratios)),
        aim=aim,
    )


def polls_per_second(url: str, headers: Mapping[str, str], seconds: float, connections: int = 64) -> float:
    """Measure with wrk, on the other core. Raises RuntimeError if a response is an error."""
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "taskset",
        "-c",
        LOAD_CORE,
        "wrk",
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        *fields,
        url,
    ]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or re.search(r"(connect|read|write) [1-9]", said):
        raise RuntimeError(f"{url}: errors under load:\n{said}")
    match = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert match is not None, said
    return float(match[1])


def slowest_percent(url: str, headers: Mapping[str, str], per_second: float, seconds: float) -> float:
    """Return the 99th percentile of the duration of a poll, in milliseconds, at `rate` polls a second (with hey)."""
    connections = 32
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = [
        "taskset",
        "-c",
        LOAD_CORE,
        "hey",
        "-z",
        f"{seconds}s",
        "-c",
        str(connections),
        "-q",
        str(per_second / connections),
    ]
    said = subprocess.run([*command, *fields, url], check=True, capture_output=True, text=True).stdout
    match = re.search(r"99%+ in ([\d.]+) secs", said)
    assert match is not None, said
    return float(match[1]) * 1000
