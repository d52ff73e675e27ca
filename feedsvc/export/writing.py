"""Render documents and write them to a target: many in several processes, since rendering takes most of the time.

A process that renders for a target whose files it can write itself also compresses and writes them. Object storage is
written to by threads of the first process: its client does not work after a fork.
"""

import gc
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import groupby, islice
from multiprocessing.synchronize import Event
from typing import Final, NamedTuple

from feedsvc.config import Settings
from feedsvc.errors import StoreUnavailable
from feedsvc.export.plan import Planned
from feedsvc.export.rendering import Content, Renderer
from feedsvc.export.target import Target
from feedsvc.model import Site
from feedsvc.processes import end_with_parent, start_method
from feedsvc.processes.log_stream import use_log_streams
from feedsvc.store import Store, Version
from feedsvc.terminal import logger

log = logger("feedsvc.export")

# Fewer documents are rendered in less time than it takes to start other processes.
PARALLEL_FROM: Final = 400
# The documents that a process gets at a time: the pages of an article in each language are rendered one after another,
# and lists and archives of the same time have the same entries. An archive takes as long as thirty pages.
_PORTION: Final = 24
_PORTION_OF_LISTS: Final = 96
_PORTION_OF_ARCHIVES: Final = 12
# While an edit may come, for which they are cut off.
_IDLE_PORTION: Final = 6
# As `nice` does by default.
_NICE: Final = 10
# Portions that wait for each process, so that it never does: also while the first process waits for the disk, if
# results have no content.
_AHEAD: Final = 3
_AHEAD_OF_DISK: Final = 50


class Task(NamedTuple):
    """A document to render, and the digest and the stamp of what the target has in its place; "" for nothing."""

    group: str
    planned: Planned
    known: str
    stamp: str


class Done(NamedTuple):
    """What a task gave: the digest of the document, and its stamp; None if the target had the same one."""

    task: Task
    digest: str
    stamp: str | None


class _Rendered(NamedTuple):
    """The digest of a document, its stamp if it was written, and its content if that is still to be written."""

    digest: str
    stamp: str | None
    content: Content | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes documents of one state of the store to a target. `renderer` shows a snapshot of `version` with `site`.

    `is_idle` says that nobody waits for them: other programs of the machine come first.
    """

    settings: Settings
    target: Target
    renderer: Renderer
    version: Version
    site: Site
    is_idle: bool = False

    def write(self, tasks: Sequence[Task], is_cut: Callable[[], bool] = lambda: False) -> Iterator[Done]:
        """Render documents, and write those that differ from what the target has. Yield the results in any order.

        After `is_cut` is true, no other document is begun; the results of those that were written are yielded.

        Raises what rendering and the target raise, and StoreUnavailable if a rendering process was killed.
        """
        waiting: deque[tuple[Task, str, Future[str]]] = deque()
        with ThreadPoolExecutor(self.target.writers, thread_name_prefix="export") as threads:
            for task, rendered in self._rendered(tasks, is_cut):
                if rendered.content is None:
                    yield Done(task, rendered.digest, rendered.stamp)
                    continue
                put = threads.submit(self.target.put, task.planned.key, rendered.content, task.stamp)
                waiting.append((task, rendered.digest, put))
                while waiting and (waiting[0][2].done() or len(waiting) > 2 * self.target.writers):
                    yield _awaited(waiting)
            while waiting:
                yield _awaited(waiting)

    def _rendered(self, tasks: Sequence[Task], is_cut: Callable[[], bool]) -> Iterator[tuple[Task, _Rendered]]:
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        if cores < 2 or len(tasks) < PARALLEL_FROM:
            yield from self._rendered_here(tasks, is_cut)
            return
        method = multiprocessing.get_context(start_method())
        parts = portions(tasks, is_idle=self.is_idle)
        ahead = cores * (_AHEAD_OF_DISK if self.target.is_written_by_processes else _AHEAD)
        try:
            stop = method.Event()
            begin = partial(_begin, is_idle=self.is_idle, stop=stop)
            beginning = (self.settings, self.target, self.version, self.site)
            pool = ProcessPoolExecutor(cores, method, begin, beginning)
        except OSError as error:
            # The semaphores of the pool are files in /dev/shm.
            log.warning("one process renders everything, which is slower: %s (free space in /dev/shm)", error)
            yield from self._rendered_here(tasks, is_cut)
            return
        try:
            asked = deque((each, pool.submit(_render_in_process, each)) for each in islice(parts, ahead))
            while asked:
                portion, future = asked.popleft()
                if is_cut():
                    # Some portions wait in the processes, where they cannot be cancelled.
                    stop.set()
                    if future.cancel():
                        continue
                else:
                    asked.extend((each, pool.submit(_render_in_process, each)) for each in islice(parts, 1))
                found = future.result()
                # A process that came after another commit sees another state of the store.
                made = (_render(self.renderer, task) for task in portion) if found is None else found
                # One that was stopped has made fewer.
                yield from zip(portion, made, strict=False)
        except BrokenProcessPool as error:
            cure = "add memory, and export again"
            raise StoreUnavailable(f"a rendering process was killed, possibly for lack of memory ({cure})") from error
        finally:
            pool.shutdown(cancel_futures=True)

    def _rendered_here(self, tasks: Sequence[Task], is_cut: Callable[[], bool]) -> Iterator[tuple[Task, _Rendered]]:
        for task in tasks:
            if is_cut():
                return
            yield task, _render(self.renderer, task)


def portions(tasks: Iterable[Task], *, is_idle: bool) -> Iterator[list[Task]]:
    """Yield tasks in portions for a process. None has tasks of two kinds: pages, lists, archives."""
    for (is_late, has_entries), some in groupby(tasks, lambda task: task.planned.stage):
        size = (_PORTION_OF_ARCHIVES if is_late else _PORTION_OF_LISTS) if has_entries else _PORTION
        while portion := list(islice(some, _IDLE_PORTION if is_idle else size)):
            yield portion


def _awaited(waiting: deque[tuple[Task, str, Future[str]]]) -> Done:
    task, digest, put = waiting.popleft()
    return Done(task, digest, put.result())


def _render(renderer: Renderer, task: Task) -> _Rendered:
    content = renderer.content(task.planned)
    digest = content.digest
    return _Rendered(digest, None, content if digest != task.known else None)


class _Process:
    """What a process of a pool works with: no renderer if its store has another version than that of the export."""

    renderer: Renderer | None = None
    target: Target | None = None
    stop: Event
    # Holds the snapshot open.
    resources = ExitStack()


_process = _Process()


def _begin(settings: Settings, target: Target, version: Version, site: Site, *, is_idle: bool, stop: Event) -> None:
    """Prepare a rendering process. It ignores SIGINT, which a terminal sends to all processes.

    After `stop` is set, it begins no other document.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    use_log_streams()
    end_with_parent()
    if is_idle:
        os.nice(_NICE)
    # Everything that was imported stays, and what a document needs has no cycles: the collector would look for them a
    # thousand times (a tenth of the time).
    gc.freeze()
    gc.set_threshold(50_000)
    store = Store(settings.read_store or settings.store, refuses_previews=True)
    snapshot = _process.resources.enter_context(store.read())
    if snapshot.version() == version:
        _process.renderer = Renderer(settings)
        _process.renderer.show(snapshot, site)
    _process.target = target if target.is_written_by_processes else None
    _process.stop = stop


def _render_in_process(tasks: Iterable[Task]) -> list[_Rendered] | None:
    if _process.renderer is None:
        return None
    made = []
    for task in tasks:
        if _process.stop.is_set():
            break
        rendered = _render(_process.renderer, task)
        if _process.target is not None and rendered.content is not None:
            stamp = _process.target.put(task.planned.key, rendered.content, task.stamp)
            rendered = _Rendered(rendered.digest, stamp, None)
        made.append(rendered)
    return made
