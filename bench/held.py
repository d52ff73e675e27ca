"""Measure the memory of the smallest cached responses, and the size that the cache counts for them.

`python -m bench.held [NUMBER]` prints both, of so many responses.

A worker's cache is bounded in bytes. Feeds without articles are its smallest documents, so it may contain many of them.
"""

import gc
import sys
import tempfile
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.publication import write
from feedsvc.config import load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app
from feedsvc.web.cache.state import OVERHEAD
from feedsvc.web.context import KEY

NUMBER: Final = 1_000


def main() -> None:
    """Print the bytes of one feed, measured and counted."""
    number = int(sys.argv[1]) if sys.argv[1:] else NUMBER
    with tempfile.TemporaryDirectory() as folder:
        measured, counted = taken(Path(folder), number)
    print(f"{number} feeds that find nothing: {measured} bytes each; counted {counted}, of which {OVERHEAD} beside")


def taken(folder: Path, number: int) -> tuple[int, int]:
    """Return the bytes (measured, counted) of one of `number` searches without results, requested twice in gzip."""
    settings = load_settings({}, content=folder / "content")
    write(settings.content, 10)
    store = Store(settings.store_file)
    sync(settings, load_site(settings.content, None, settings.own_url), store, datetime.now(UTC))
    store.close()
    app = create_app(settings)
    client = app.test_client()
    documents = app.extensions[KEY].cache
    # As if a refresher watched the store: responses are then prepared.
    documents.watched = True
    _ask(client, range(number, number + 10))
    before = _size(documents)
    tracemalloc.start()
    _ask(client, range(number))
    gc.collect()
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used // number, (_size(documents) - before) // number


def _ask(client: object, numbers: range) -> None:
    for number in numbers:
        for _ in range(2):
            answer = client.get(f"/feeds/all.json?q=zq{number}", headers={"Accept-Encoding": "gzip"})  # type: ignore[attr-defined]
            assert answer.status_code == 200


def _size(documents: object) -> int:
    return sum(entry.size for entry in documents.state.entries.values())  # type: ignore[attr-defined]


if __name__ == "__main__":
    main()
