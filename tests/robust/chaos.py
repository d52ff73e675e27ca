"""The long form of tests/robust/test_chaos.py: `make chaos`, with POLLERS=200, each of which polls once a second.

It prints how long polls took and how soon all edits were seen, beside the aims for two cores that nothing else uses.
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.robust.arena import Arena, meet
from tests.robust.faults import FAULTS, disk_of

MAX_P99_MS: Final = 250
MAX_RECOVERY_SECONDS: Final = 10
SECONDS: Final = 10.0


def main() -> None:
    """Print a line for each fault, or each of those named; end with 1 where a poll failed or an edit was not seen."""
    pollers, wanted = int(sys.argv[1]), sys.argv[2:]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, disk_of(Path(folder) / "disk") as disk:
        arena = Arena(Path(folder), disk)
        try:
            print(f"{pollers} pollers, each once a second, {SECONDS:g} s each fault; load {os.getloadavg()[0]:.1f}")
            print(f"aims: 0 failed, p99 {MAX_P99_MS} ms, recovery {MAX_RECOVERY_SECONDS} s", flush=True)
            for fault in FAULTS:
                if wanted and fault.name not in wanted:
                    continue
                try:
                    result = meet(arena, fault, pollers, 1.0, SECONDS)
                except AssertionError as error:
                    failed += 1
                    print(f"{fault.name}: {error}", flush=True)
                    continue
                polls, failed = result.polls, failed + len(result.polls.failed)
                times = ", ".join(f"p{percent} {polls.percentile(percent):.0f} ms" for percent in (50, 99))
                print(
                    f"{fault.name:20} {len(polls.seconds):6} polls, {len(polls.failed)} failed, {polls.repeated} "
                    f"repeated, {times}, recovery {result.recovery:.1f} s",
                    *sorted(set(polls.failed))[:5],
                    sep="\n    ",
                    flush=True,
                )
        finally:
            arena.server.end()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
