"""Read files, in several processes if they are many. Parsing takes most of the time of a large sync."""

import gc
import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from feedsvc.errors import StoreUnavailable
from feedsvc.processes import end_with_parent, start_method
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.first_sync import OutcomePacker, PackedOutcomes, SpooledOutcomes
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.reading import FileReader, Outcome
from feedsvc.sync.spool import Packer, Spool
from feedsvc.terminal import logger

log = logger("feedsvc.sync")

Progress = Callable[[int, int], None]
Task = tuple[Found, FileRecord | None]
Portion = Sequence[Task]
Results = list[Outcome | FileRecord]
Pack = Callable[[Results], Results | PackedOutcomes]

# Fewer files are read in less time than it takes to start other processes.
PARALLEL_FROM: Final = 400
PORTION: Final = 40
# From this number of files on, their texts are kept in a spool file instead of in memory.
SPOOL_FROM: Final = 1000


@dataclass(slots=True)
class Read:
    """The results of reading files.

    `outcomes` has those of changed files, `fresh` new records of files with another stamp but the same content.
    `sources` has the paths of the assets that they use, by public name. `spooled` has the outcomes of a first sync of
    very many files, as they are at its time.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    spooled: SpooledOutcomes | None = None
    fresh: list[FileRecord] = field(default_factory=list)
    sources: dict[str, Path] = field(default_factory=dict)

    def add(self, results: Iterable[Outcome | FileRecord]) -> None:
        """Add results."""
        for result in results:
            if isinstance(result, Outcome):
                self.outcomes.append(result)
            else:
                self.fresh.append(result)


def read_all(
    reader: FileReader,
    tasks: Sequence[Task],
    progress: Progress = lambda _done, _total: None,
    spool: Spool | None = None,
) -> Read:
    """Read files, each with its record, in their order. `progress` is called with the numbers of read and of all files.

    If the files are very many, their texts are written to `spool`, and in a first sync their outcomes. Raises
    StoreUnavailable if a reading process was killed, or if `spool` cannot be written.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    bulk = spool if len(tasks) > SPOOL_FROM else None
    read, done = Read(), 0
    pack: Pack = Packer(bulk).pack if bulk else list
    if bulk and bulk.first_at:
        pack, read.spooled = OutcomePacker(bulk, bulk.first_at).pack, SpooledOutcomes(bulk)
    portions = [tasks[start : start + PORTION] for start in range(0, len(tasks), PORTION)]
    pool = _pool(reader, min(cores, len(tasks) // (PARALLEL_FROM // 2)), pack, bulk)
    if pool is None:
        for portion in portions:
            _add(read, pack([reader.read(found, known) for found, known in portion]), bulk)
            done += len(portion)
            progress(done, len(tasks))
        read.sources.update(reader.assets.sources)
        return read
    try:
        for portion, (packed, sources) in zip(portions, pool.map(_read_in_process, portions), strict=True):
            _add(read, packed, bulk)
            read.sources.update(sources)
            done += len(portion)
            progress(done, len(tasks))
    except BrokenProcessPool as error:
        raise StoreUnavailable(
            "a process that reads articles was killed, possibly for lack of memory (add memory, and sync again)"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
    return read


def _add(read: Read, packed: Results | PackedOutcomes, spool: Spool | None) -> None:
    """Add the results of a portion to `read`. If they are very many, their texts are in `spool`."""
    if isinstance(packed, PackedOutcomes):
        assert read.spooled is not None
        read.spooled.add(packed)
    else:
        read.add(spool.placed(packed) if spool else packed)


def _pool(reader: FileReader, processes: int, pack: Pack, spool: Spool | None) -> ProcessPoolExecutor | None:
    """Return a pool of processes that read articles; None if one process reads all files."""
    if processes < 2:
        return None
    context = multiprocessing.get_context(start_method())
    try:
        if spool is not None:
            spool.share(context)
        return ProcessPoolExecutor(processes, context, _begin, (reader, pack))
    except OSError as error:
        # The semaphores of the pool are files in /dev/shm.
        log.warning("articles are read in one process, which is slower: %s (free space in /dev/shm)", error)
        return None


# The reader of this process, if it is one of a pool. Each pool serves one sync.
_reader: FileReader | None = None
# It packs the results for the parent.
_pack: Pack = list


def _begin(reader: FileReader, pack: Pack) -> None:
    """Prepare a reading process. It ignores SIGINT, which a terminal sends to all processes, and ends with its pool."""
    global _reader, _pack
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_log_streams()
    end_with_parent()
    _reader, _pack = reader, pack
    # What this process has when it begins stays until its end. The collector would look at all of it again and again.
    gc.freeze()


def _read_in_process(portion: Portion) -> tuple[Results | PackedOutcomes, Mapping[str, Path]]:
    assert _reader is not None
    results = [_reader.read(found, known) for found, known in portion]
    # Only the sources that this portion adds: all sources for each portion would take quadratic time.
    sources, _reader.assets.sources = _reader.assets.sources, {}
    return _pack(results), sources
