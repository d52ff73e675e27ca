"""The counters' files of workers that have ended, made one: else each worker that dies would leave its own for ever."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from typing import Final

# Named as prometheus-client names them, and of no process.
_FOLDED: Final = "counter_0.db"


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While the files are read, none is folded: a count would be there twice, or not at all."""
    with _locked(folder, LOCK_SH):
        yield


def fold(folder: Path) -> None:
    """Add up the files of processes that are not there any more. A process killed meanwhile may count some twice."""
    from prometheus_client.mmap_dict import MmapedDict  # noqa: PLC0415  # see `polls`

    with _locked(folder, LOCK_EX):
        ended = [path for path in folder.glob("counter_*.db") if not _runs(path)]
        if not ended:
            return
        sums: defaultdict[str, float] = defaultdict(float)
        for path in (*ended, *folder.glob(_FOLDED)):
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(path)):  # type: ignore[no-untyped-call]
                sums[key] += value
        fresh = folder / "folded.new"
        fresh.unlink(missing_ok=True)
        made = MmapedDict(str(fresh))  # type: ignore[no-untyped-call]
        for key, value in sums.items():
            made.write_value(key, value, 0.0)  # type: ignore[no-untyped-call]
        made.close()  # type: ignore[no-untyped-call]
        os.replace(fresh, folder / _FOLDED)
        for path in ended:
            path.unlink()


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / "folding.lock").open("a") as lock:
        flock(lock, how)
        yield


def _runs(path: Path) -> bool:
    """Whether the process that a file is named by is there; the folded one has none and stays."""
    pid = int(path.stem.partition("_")[2])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
