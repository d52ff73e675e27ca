"""The watcher beside the workers of `feedsvc serve`."""

from contextlib import closing, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

from feedsvc.errors import StoreUnavailable
from feedsvc.server.child_process import ChildProcess
from feedsvc.store import Store


def watcher_process(place: Path | str) -> ChildProcess:
    """Return the process that writes the store at `place`.

    When it ends by itself, the writer's state says why, also where it ended before it could say anything.
    """
    return ChildProcess("watcher", ("watch", "--with-parent"), "no edit is seen", partial(_note_crash, place))


def _note_crash(place: Path | str, pid: int, started_at: datetime, why: str) -> None:
    # Another writer that has the place says itself how it is.
    with suppress(StoreUnavailable), closing(Store(place)) as store:
        if not store.is_written():
            store.note_writer_crash(pid, started_at, why)
