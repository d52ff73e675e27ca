"""Many files → their outcomes, over all cores when they are many: parsing is what a sync spends its time on."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from feedsvc.errors import StoreUnavailable
from feedsvc.processes import START_METHOD, end_with_parent
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.reading import FileReader, Outcome
from feedsvc.sync.spool import Spool
from feedsvc.terminal import logger

log = logger("feedsvc.sync")

Progress = Callable[[int, int], None]
Task = tuple[Found, FileRecord | None]
Portion = Sequence[Task]
Results = tuple[list[Outcome | FileRecord], Mapping[str, Path]]

# Fewer are read before other processes have started.
PARALLEL_FROM: Final = 400
PORTION: Final = 40
# From so many on, what they say is not kept in memory.
SPOOL_FROM: Final = 1000


@dataclass(slots=True)
class Read:
    """What came of files: outcomes of those that say something new, fresh records of those that only look different.

    `sources` are the assets they use, by public name.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    fresh: list[FileRecord] = field(default_factory=list)
    sources: dict[str, Path] = field(default_factory=dict)

    def add(
        self, results: Iterable[Outcome | FileRecord], sources: Mapping[str, Path], spool: Spool | None = None
    ) -> None:
        """Take in some more, the bulk of it into `spool`."""
        for result in results:
            if isinstance(result, Outcome):
                self.outcomes.append(spool.put(result) if spool else result)
            else:
                self.fresh.append(result)
        self.sources.update(sources)


def read_all(
    reader: FileReader,
    tasks: Sequence[Task],
    progress: Progress = lambda _done, _total: None,
    spool: Spool | None = None,
) -> Read:
    """Read files, with what is known of each, in their order; `progress` hears how many of how many are done.

    Of very many, the bulk of what they say goes into `spool`. Raises StoreUnavailable when a process that reads was
    killed.
    """
    portions = [tasks[start : start + PORTION] for start in range(0, len(tasks), PORTION)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    processes = min(cores, len(tasks) // (PARALLEL_FROM // 2))
    results = _in_processes(reader, portions, processes) if processes > 1 else map(partial(_read, reader), portions)
    read, done = Read(), 0
    for portion, result in zip(portions, results, strict=True):
        read.add(*result, spool if len(tasks) > SPOOL_FROM else None)
        done += len(portion)
        progress(done, len(tasks))
    return read


def _read(reader: FileReader, portion: Portion) -> Results:
    results = [reader.read(found, known) for found, known in portion]
    # Only what this portion adds: all of them, for each portion, would be quadratic.
    sources, reader.assets.sources = reader.assets.sources, {}
    return results, sources


def _in_processes(reader: FileReader, portions: Sequence[Portion], processes: int) -> Iterator[Results]:
    # A fork starts at once, but may not leave threads behind.
    method = START_METHOD if threading.active_count() == 1 else "spawn"
    try:
        pool = ProcessPoolExecutor(processes, multiprocessing.get_context(method), _begin, (reader,))
    except OSError as error:
        # Its semaphores are files in /dev/shm.
        log.warning("articles are read in one process, slowly: %s (make room in /dev/shm)", error)
        yield from map(partial(_read, reader), portions)
        return
    try:
        yield from pool.map(_read_in_process, portions)
    except BrokenProcessPool as error:
        raise StoreUnavailable(
            "a process that read articles was killed, for want of memory perhaps (sync again with more of it)"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


# Of a process that reads: there is one sync in its life.
_reader: FileReader | None = None


def _begin(reader: FileReader) -> None:
    """Prepare a process that reads. Ctrl-C reaches all processes of a terminal; this one ends when the sync does."""
    global _reader  # noqa: PLW0603
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_log_streams()
    end_with_parent()
    _reader = reader


def _read_in_process(portion: Portion) -> Results:
    assert _reader is not None
    return _read(_reader, portion)
