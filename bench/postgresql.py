"""Compare a store in PostgreSQL with one in SQLite: the same content, in turn, on the same machine.

The server has its default settings and runs beside feedsvc. Times are those of a clock on the wall: PostgreSQL works in
processes of its own. Documents are measured without any cache of feedsvc.
"""

import gc
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

from bench.databases import bytes_of, postgresql
from bench.measure import Row, of_pairs
from bench.publication import a_phrase, article, write
from feedsvc.config import Settings, load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options, sync
from feedsvc.web import create_app
from feedsvc.web.context import KEY

RIVAL: Final = "SQLite"
# A month with up to 672 articles.
MONTH: Final = "2025-12"


def rows(articles: int, rounds: int) -> Iterator[Row]:
    """Measure syncs of `articles`, documents and searches of them, and their size."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name, postgresql() as server:
        folder = Path(name)
        write(folder / "content", articles)
        # No word of the publication has two letters. Each third article is in Markdown.
        for number in range(0, articles, 3):
            with (folder / "content" / article(number)[0]).open("a") as added:
                added.write("\n\nAI\n")
        file = folder / "content" / article(0)[0]
        text = file.read_text()
        places = (server.url(server.new_database("bench"), tcp=True), folder / "store.sqlite3")
        ours, theirs = (_settings(folder, place) for place in places)

        def pairs(measure: Callable[[Settings], float], count: int) -> list[tuple[float, float]]:
            return [(measure(ours), measure(theirs)) for _ in range(count + 1)][1:]

        with closing(Store(ours.store)) as our_store, closing(Store(theirs.store)) as their_store:
            first = [(_sync(ours, our_store), _sync(theirs, their_store))]
            yield of_pairs(f"first sync, {articles:,} articles", first, rival=RIVAL, unit="s")
            edits = []
            for number in range(rounds + 1):
                file.write_text(f"{text}\n\nEdit {number}.\n")
                taken = [_sync(at, store, file) for at, store in ((ours, our_store), (theirs, their_store))]
                edits.append((taken[0] * 1000, taken[1] * 1000))
        yield of_pairs("sync of an edit", edits[1:], rival=RIVAL, unit="ms")
        for what, path in _documents().items():
            yield of_pairs(what, pairs(lambda at: _answer(at, path), rounds), rival=RIVAL, unit="ms")  # noqa: B023
        sizes = [(bytes_of(ours.store, server) / articles, bytes_of(theirs.store, server) / articles)]
        yield of_pairs(f"bytes of an article, of {articles:,}", sizes, rival=RIVAL, unit="B")


def _settings(folder: Path, place: Path | str) -> Settings:
    state = folder / ("state-file" if isinstance(place, Path) else "state-server")
    return load_settings({}, content=folder / "content", store=place, state=state, media=state / "media")


def _sync(settings: Settings, store: Store, file: Path | None = None) -> float:
    """Sync all files or one, and return the seconds."""
    site = load_site(settings.content, None, settings.own_url)
    begun = time.perf_counter()
    report = sync(settings, site, store, datetime.now(UTC), Options(changed={file} if file else None))
    taken = time.perf_counter() - begun
    assert report.changed if file else report.added
    return taken


def _documents() -> dict[str, str]:
    """Return the addresses to ask for: a feed, an archive, and searches for words and for a phrase."""
    phrase = a_phrase(article(number)[1].decode().partition("\n---")[2] for number in range(100))
    searches = {"推論": "推論", "AI": "AI", "a phrase of 30 characters": phrase}
    return {
        "cold feed": "/feeds/all.atom",
        "archive of a month": f"/feeds/all/{MONTH}.atom",
        **{f"search: {name}": f"/feeds/all.atom?q={quote(asked)}" for name, asked in searches.items()},
    }


def _answer(settings: Settings, path: str) -> float:
    """Return the milliseconds of a request to an application that has answered another one."""
    app = create_app(settings)
    _ask(app, "/feeds/chips.json")
    gc.collect()
    begun = time.perf_counter()
    body = _ask(app, path)
    taken = (time.perf_counter() - begun) * 1000
    app.extensions[KEY].store.close()
    assert b"<entry" in body, path
    return taken


def _ask(app: Any, path: str) -> bytes:
    address, _, asked = path.partition("?")
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": address, "QUERY_STRING": asked}
    status: list[str] = []
    body = b"".join(app.wsgi_app(environ, lambda said, _fields: status.append(said)))
    assert status[0].startswith("200"), (path, status)
    return body
