"""Measure two programs in turn, so that other load on the machine affects both. The result is the ratio."""

import re
import statistics
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import isnan, nan
from typing import Final

from bench.servers import LOAD_CORE

MAX_FAULT: Final = 200


class RivalFault(RuntimeError):
    """A rival did not start, or failed while it was measured. What feedsvc does is still measured."""


@contextmanager
def rival_guard() -> Iterator[None]:
    """Raise RivalFault instead of any exception of the block, in which only a rival works."""
    try:
        yield
    except Exception as error:
        raise RivalFault(f"{type(error).__name__}: {' '.join(str(error).split())}"[:MAX_FAULT]) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the table. `ours` and `rivals` are medians in `unit`; the ratio is that of pairs: median, min, max.

    `aim` is a condition for the ratio (`≥ 0.9×`), or empty; `holds` is whether it is met. `fault` says how the rival
    failed; the figures are those of the pairs before that, and NaN for the rival if there are none.
    """

    name: str
    rival: str
    unit: str
    ours: float
    rivals: float
    ratio: tuple[float, float, float]
    aim: str = ""
    fault: str = ""

    @property
    def holds(self) -> bool | None:
        """Return whether the aim is reached, or None without an aim."""
        match = re.fullmatch(r"([≥≤]) ([\d.]+)×", self.aim)
        if match is None or isnan(self.ratio[0]):
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
    """Call `ours` and `rivals` in turn, `rounds` times each after a warm-up; only `ours` after a fault of the rival."""
    ours()
    pairs: list[tuple[float, float]] = []
    try:
        with rival_guard():
            rivals()
        while len(pairs) < rounds:
            pairs.append(_pair(ours, rivals, ours_first=len(pairs) % 2 == 1))
    except RivalFault as error:
        row = of_pairs(name, pairs or [(ours(), nan) for _ in range(rounds)], rival=rival, unit=unit, aim=aim)
        return replace(row, fault=str(error))
    return of_pairs(name, pairs, rival=rival, unit=unit, aim=aim)


def _pair(ours: Callable[[], float], rivals: Callable[[], float], *, ours_first: bool) -> tuple[float, float]:
    mine = ours() if ours_first else nan
    with rival_guard():
        theirs = rivals()
    if not theirs:
        raise RivalFault("it measured nothing")
    return (mine if ours_first else ours()), theirs


def of_pairs(name: str, pairs: list[tuple[float, float]], *, rival: str, unit: str, aim: str = "") -> Row:
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
