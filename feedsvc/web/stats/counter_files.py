"""The counts of all workers: each worker writes its own to a small file, and reads the files of the others.

A worker writes a file whole and renames it. It maps no file into memory: a full disk ends a process that writes to a
mapped page (SIGBUS). While the folder is full, read-only or missing, only the counts of the other workers are missing.
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


class CounterFiles:
    """The files in `folder`; where it is None, each process counts alone."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        # The system may give a process number again. The new process must not overwrite the counts of the first.
        self._suffix, self._folded, self._warning = secrets.token_hex(4), False, OneWarning(log)

    def write(self, own: Counts) -> None:
        """Write the counts of this process since its start. A failure is logged."""
        if self._folder is None:
            return
        try:
            # Without parents: a store folder that was moved away may be moved back, and must not exist then.
            self._folder.mkdir(mode=0o750, exist_ok=True)
            _save(self._folder / self._name, own)
            # A new worker adds up the files of workers that have ended.
            if not self._folded:
                fold(self._folder)
                self._folded = True
            self._warning.clear()
        except OSError as error:
            self._warn(error)

    def total(self, own: Counts) -> Counts:
        """Return the sum over all processes; `own` are the counts of this one. A failure is logged."""
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
    """Replace the files of processes that have ended by one file with their sum, so that their number stays small.

    If this process is killed meanwhile, some counts may be added twice. Raises OSError.
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
        # A crash of the machine truncated the file, or another program wrote it. No worker writes it again.
        log.warning("%s: %s (deleted: what that worker had counted is lost)", path, error)
        path.unlink(missing_ok=True)
        return
    for key, number in rows:
        total[key] += number


def _save(path: Path, counts: Counts) -> None:
    write_whole(path, path.with_suffix(".new"), json.dumps([(*key, number) for key, number in counts.items()]))


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    """Hold the lock of the folder: while `fold` runs, a reader would read a count twice or miss it."""
    with open_lock(folder / "folding.lock") as lock:
        flock(lock, how)
        yield


def _runs(path: Path) -> bool:
    """Return whether the process whose number is in the file's name runs."""
    try:
        os.kill(int(path.stem.split("-")[1]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
