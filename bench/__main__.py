"""`python -m bench [PARTS]` measures the parts (all by default) and writes bench/results.md.

`python -m bench quick` is a small run that only checks the responses.
"""

import os
import platform
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from math import isnan, nan
from pathlib import Path
from typing import Final

from bench import building, changes, cold, exporting, freshness, hub, memory, polls, postgresql, proxied, scale, traffic
from bench.measure import RivalFault, Row

RESULTS: Final = Path(__file__).parent / "results.md"
Part = Callable[[], Iterator[Row]]
# Of `search` and `scale-postgresql`: filling a store takes longer there.
ARTICLES: Final = int(os.environ.get("ARTICLES") or 100_000)
FULL: Final[Mapping[str, Part]] = {
    "polls": lambda: polls.rows(seconds=3, rounds=4),
    "proxied": lambda: proxied.rows(seconds=3, rounds=4),
    "traffic": traffic.rows,
    "cold": lambda: cold.rows(rounds=41),
    "building": lambda: building.rows(articles=5_000, rounds=3),
    "exporting": lambda: exporting.rows(articles=5_000, seconds=3, rounds=4),
    "export-edits": lambda: exporting.edit_rows(sizes=(5_000, 50_000), saves=30),
    "freshness": lambda: freshness.rows(sizes=(100, 10_000, 100_000), saves=30, hugo_at=5_000),
    "scale": lambda: scale.rows(sizes=(1_000, 1_000_000), seconds=4),
    # The cost of a search, among other figures of scale.
    "search": lambda: scale.rows(sizes=(1_000, ARTICLES), seconds=1),
    "postgresql": lambda: postgresql.rows(articles=5_000, rounds=12),
    "scale-postgresql": lambda: scale.rows(sizes=(1_000, ARTICLES), seconds=4, on_server=True),
    "memory": lambda: memory.rows(sizes=(5_000, 20_000, 100_000)),
    "changes": lambda: changes.rows(pollers=500, changes=200, quiet_seconds=10),
    "hub": lambda: hub.rows(at_once=1_000, sizes=(100, 10_000), saves=3, poll_seconds=3),
}
QUICK: Final[Mapping[str, Part]] = {
    "polls": lambda: polls.rows(seconds=1, rounds=1),
    "proxied": lambda: proxied.rows(seconds=1, rounds=1),
    "traffic": traffic.rows,
    "cold": lambda: cold.rows(rounds=1),
    "building": lambda: building.rows(articles=60, rounds=1),
    "exporting": lambda: exporting.rows(articles=60, seconds=1, rounds=1),
    "export-edits": lambda: exporting.edit_rows(sizes=(300, 600), saves=2),
    "freshness": lambda: freshness.rows(sizes=(20, 100), saves=2, hugo_at=20),
    "scale": lambda: scale.rows(sizes=(300, 600), seconds=1),
    "search": lambda: scale.rows(sizes=(300, 600), seconds=1),
    "postgresql": lambda: postgresql.rows(articles=60, rounds=1),
    "scale-postgresql": lambda: scale.rows(sizes=(300, 600), seconds=1, on_server=True),
    "memory": lambda: memory.rows(sizes=(60,)),
    "changes": lambda: changes.rows(pollers=50, changes=10, quiet_seconds=1),
}


def main(arguments: list[str]) -> None:
    """Run the parts that `arguments` name, or all parts."""
    quick = "quick" in arguments
    parts = QUICK if quick else FULL
    named = [each for each in arguments if each != "quick"] or list(parts)
    for name in named:
        rows = []
        for row in measured(name, parts[name]):
            print(line(row), flush=True)
            rows.append(row)
        if not quick:
            _write(name, rows)


def measured(name: str, part: Part) -> Iterator[Row]:
    """Yield the rows of a part. A rival without which the part cannot go on ends it with a note, not the whole run."""
    try:
        yield from part()
    except RivalFault as error:
        nothing = (nan, nan, nan)
        yield Row(name=name, rival="rival", unit="", ours=nan, rivals=nan, ratio=nothing, fault=str(error))


def line(row: Row) -> str:
    """Return a measurement as a row of a Markdown table, with the fault of the rival instead of its figure."""
    if row.fault:
        note = row.fault.replace("|", "\\|")
        ours = "" if isnan(row.ours) else f"{row.ours:,.2f} {row.unit}"
        return f"| {row.name} | {ours} | {row.rival} | failed: {note} | {_ratio(row)} | {row.aim} | |"
    held = {True: "yes", False: "**no**", None: ""}[row.holds]
    return (
        f"| {row.name} | {row.ours:,.2f} {row.unit} | {row.rival} | {row.rivals:,.2f} {row.unit} "
        f"| {_ratio(row)} | {row.aim} | {held} |"
    )


def _ratio(row: Row) -> str:
    middle, low, high = row.ratio
    return "" if isnan(middle) else f"{middle:.2f} ({low:.2f}–{high:.2f})"


def _write(name: str, rows: list[Row]) -> None:
    """Replace the table of the part in bench/results.md."""
    known = dict(_PART.findall(RESULTS.read_text())) if RESULTS.exists() else {}
    known[name] = table(rows)
    RESULTS.write_text(
        f"{_HEAD}{''.join(f'{chr(10)}## {part}{chr(10)}{known[part]}' for part in FULL if part in known)}"
    )


_PART: Final = re.compile(r"^## (.+)\n((?:(?!## ).*\n)*?)(?=\n## |\Z)", re.MULTILINE)
_HEAD: Final = """\
# Results

Written by `make bench`. Each ratio is the median of pairs that are measured in turn, with minimum and maximum. Rates
depend on the machine, ratios less.
"""


def table(rows: list[Row]) -> str:
    """Describe the machine, the versions and the date of the run."""
    head = "| what | feedsvc | rival | | ratio (min–max) | aim | reached |\n|---|---|---|---|---|---|---|\n"
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return (
        f"\n{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, {system}.\n\n"
        f"{head}{''.join(f'{line(row)}{chr(10)}' for row in rows)}"
    )


def _processor() -> str:
    names = [text for text in Path("/proc/cpuinfo").read_text().split("\n") if text.startswith("model name")]
    return names[0].partition(": ")[2] if names else platform.machine()


if __name__ == "__main__":
    main(sys.argv[1:])
