"""A watcher that runs beside a test, and what it has published."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from feedsvc.config import Settings
from feedsvc.errors import StoreUnavailable
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.sync.watch import Watcher
from tests.conftest import Publication
from tests.live import wait_for


@contextmanager
def watching(settings: Settings) -> Iterator[Watcher]:
    """Run a watcher in a thread of its own. It must end cleanly."""
    errors: list[BaseException] = []
    with_store = Store(settings.store)
    watcher, stop = Watcher(settings, with_store), threading.Event()

    def run() -> None:
        try:
            watcher.run(stop)
        except BaseException as error:
            errors.append(error)
            raise

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watcher
    finally:
        stop.set()
        thread.join()
        with_store.close()
    assert not errors


def titles(publication: Publication) -> set[str]:
    """Return the titles of the published articles."""
    try:
        with publication.store.read() as snapshot:
            return {each.title for each in snapshot.slices.articles(Slice(), 100)}
    except StoreUnavailable:  # before the first sync
        return set()


def until(publication: Publication, *wanted: str) -> None:
    """Wait until exactly these articles are published."""
    wait_for(lambda: titles(publication) == set(wanted), f"{wanted}, not {titles(publication)}", 300)
