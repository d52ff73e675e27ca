"""The counts of all workers: each writes its own to a small file, and reads those of the others.

The files are written whole and renamed, never mapped into memory: a full disk ends a process that writes to a mapped
page (SIGBUS). A folder that is full, read-only or gone costs the counts of the other workers, and nothing else.
"""

import json
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from typing import Final

from feedsvc.files import open_lock, write_whole
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.web")

# (field of `Figures`, feed, format) → number.
Counts = Counter[tuple[str, str, str]]
PATTERN: Final = "counts-*.json"
# The sum over the workers that have ended.
ENDED: Final = "counts-0.json"


class MetricFiles:
    """The files in `folder`; None where each process counts alone."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        # The number of a process may be given again, to one that must not overwrite what the first has counted.
        self._suffix, self._folded, self._warning = secrets.token_hex(4), False, OneWarning(log)

    def write(self, own: Counts) -> None:
        """Write what this process has counted since it began."""
        if self._folder is None:
            return
        try:
            # Without parents: who moves the folder of the store away wants to move it back.
            self._folder.mkdir(mode=0o750, exist_ok=True)
            _save(self._folder / self._name, own)
            # A new worker adds up what those have left whose place it took.
            if not self._folded:
                fold(self._folder)
                self._folded = True
            self._warning.clear()
        except OSError as error:
            self._warn(error)

    def total(self, own: Counts) -> Counts:
        """Return what all processes have counted, this one `own`."""
        found = Counts(own)
        if self._folder is None:
            return found
        try:
            with _locked(self._folder, LOCK_SH):
                for path in self._folder.glob(PATTERN):
                    if path.name != self._name:
                        _add(found, path)
        except OSError as error:
            self._warn(error)
        return found

    @property
    def _name(self) -> str:
        return f"counts-{os.getpid()}-{self._suffix}.json"

    def _warn(self, error: OSError) -> None:
        """Log a failure once, until a write succeeds."""
        cure = "make the folder writable: until then each worker tells its own counts"
        self._warning.warn(f"{self._folder}: {error.strerror} ({cure})")


def fold(folder: Path) -> None:
    """Add up the files of processes that have ended, so that they do not pile up. A process killed meanwhile may count
    some twice. Raises OSError.
    """
    with _locked(folder, LOCK_EX):
        ended = [path for path in folder.glob(PATTERN) if path.name != ENDED and not _runs(path)]
        if not ended:
            return
        total = Counts()
        for path in (*ended, *folder.glob(ENDED)):
            _add(total, path)
        _save(folder / ENDED, total)
        for path in ended:
            path.unlink()


def _add(total: Counts, path: Path) -> None:
    try:
        rows = [
            ((str(name), str(feed), str(format_)), int(n)) for name, feed, format_, n in json.loads(path.read_bytes())
        ]
    except (ValueError, TypeError) as error:
        # A crash of the machine cut it short, or it is none of ours; nobody else writes it again.
        log.warning("%s: %s (deleted: what that worker had counted is lost)", path, error)
        path.unlink(missing_ok=True)
        return
    for key, number in rows:
        total[key] += number


def _save(path: Path, counts: Counts) -> None:
    write_whole(path, path.with_suffix(".new"), json.dumps([(*key, number) for key, number in counts.items()]))


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Nobody folds while another reads: a count would be there twice, or not at all."""
    with open_lock(folder / "folding.lock") as lock:
        flock(lock, how)
        yield


def _runs(path: Path) -> bool:
    """Whether the process that a file is named by runs."""
    try:
        os.kill(int(path.stem.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
