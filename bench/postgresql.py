"""Compare a store in PostgreSQL with one in SQLite: the same content, in turn, on the same machine.

The server has its default settings and runs beside feedsvc. Times are those of a clock on the wall: PostgreSQL works in
processes of its own. Documents are measured without any cache of feedsvc.
"""

import gc
import re
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
from bench.publication import article, write
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
        file, text = _edited(folder / "content")

        def places(number: int) -> tuple[Settings, Settings]:
            database = server.url(server.new_database(f"bench_{number}"), tcp=True)
            return _settings(folder, number, database), _settings(folder, number, folder / f"{number}/store.sqlite3")

        def pairs(measure: Callable[[Settings], float], count: int) -> list[tuple[float, float]]:
            found = [(measure(ours), measure(theirs)) for _ in range(count + 1)]
            return found[1:]

        first = [(_sync(ours), _sync(theirs)) for ours, theirs in map(places, range(max(1, rounds // 4)))]
        yield of_pairs(f"first sync, {articles:,} articles", first, rival=RIVAL, unit="s")
        ours, theirs = places(rounds)
        for each in (ours, theirs):
            _sync(each)
        edits = []
        for number in range(rounds):
            file.write_text(f"{text}\n\nEdit {number}.\n")
            edits.append((_sync(ours, file) * 1000, _sync(theirs, file) * 1000))
        yield of_pairs("sync of an edit", edits, rival=RIVAL, unit="ms")
        for what, path in _documents().items():
            yield of_pairs(what, pairs(lambda at: _answer(at, path), rounds), rival=RIVAL, unit="ms")  # noqa: B023
        sizes = [(bytes_of(ours.store, server) / articles, bytes_of(theirs.store, server) / articles)]
        yield of_pairs(f"bytes of an article, of {articles:,}", sizes, rival=RIVAL, unit="B")


def _settings(folder: Path, number: int, place: Path | str) -> Settings:
    state = folder / f"state-{number}-{'file' if isinstance(place, Path) else 'server'}"
    return load_settings({}, content=folder / "content", store=place, state=state, media=state / "media")


def _edited(content: Path) -> tuple[Path, str]:
    file = content / article(0)[0]
    return file, file.read_text()


def _sync(settings: Settings, file: Path | None = None) -> float:
    """Sync all files or one, and return the seconds."""
    site = load_site(settings.content, None, settings.own_url)
    with closing(Store(settings.store)) as store:
        begun = time.perf_counter()
        report = sync(settings, site, store, datetime.now(UTC), Options(changed={file} if file else None))
        taken = time.perf_counter() - begun
    assert report.changed if file else report.added
    return taken


def _documents() -> dict[str, str]:
    """Return the addresses to ask for: a feed, an archive, and searches for words and for a phrase."""
    texts = (article(number)[1].decode() for number in range(100))
    phrase = next(
        found[0] for text in texts if (found := re.search(r"[\u4e00-\u9fff]{30}", text.partition("\n---")[2]))
    )
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
