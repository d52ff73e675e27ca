"""The first answer of a feed nobody holds, from the store to the bytes: beside feedgen alone on the same entries."""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from wsgiref.util import setup_testing_defaults

from feedgen.feed import FeedGenerator

from bench.measure import Row, paired
from bench.publication import write
from feedsvc.config import Settings, load_settings
from feedsvc.model import Article, Slice
from feedsvc.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app

ENTRIES: Final = 50


def rows(rounds: int) -> Iterator[Row]:
    """Atom and RSS, 50 entries each."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = load_settings({}, content=Path(name) / "content")
        write(settings.content, ENTRIES)
        store = Store(settings.store)
        sync(settings, load_site(settings.content, None, settings.own_url), store, datetime.now(UTC))
        with store.read() as snapshot:
            articles = snapshot.articles(Slice(), ENTRIES)
        for suffix in ("atom", "rss"):
            yield paired(
                f"first answer of a cold feed: {suffix}",
                lambda: _first(settings, suffix),  # noqa: B023
                "feedgen alone",
                lambda: _alone(articles, suffix),  # noqa: B023
                unit="ms",
                rounds=rounds,
                aim="≤ 1.2×",
            )
        store.close()


def _first(settings: Settings, suffix: str) -> float:
    app = create_app(settings)
    _ask(app, "/feeds/chips.json")  # what happens at an application's first request
    begun = time.perf_counter()
    _ask(app, f"/feeds/all.{suffix}")
    return (time.perf_counter() - begun) * 1000


def _ask(app: Any, path: str) -> bytes:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": path, "QUERY_STRING": "", "HTTP_ACCEPT_ENCODING": "gzip"}
    status: list[str] = []
    body = b"".join(app.wsgi_app(environ, lambda said, _fields: status.append(said)))
    assert status[0].startswith("200")
    return body


def _alone(articles: list[Article], suffix: str) -> float:
    begun = time.perf_counter()
    made = FeedGenerator()
    made.id("tag:bench.example,2026:feeds/all")
    made.title("Bench Weekly")
    made.description("Bench")
    made.link(href="https://bench.example/")
    for each in articles:
        entry = made.add_entry(order="append")
        entry.id(each.id)
        entry.title(each.title)
        entry.link(href=f"https://bench.example/articles/{each.slug}")
        entry.summary(each.summary)
        entry.content(each.content, type="html")
        entry.author([{"name": person.name} for person in each.authors])
        entry.published(each.published)
        entry.updated(each.updated)
        entry.category([{"term": term, "label": term} for term in (*each.topics, *each.tags)])
    body = made.atom_str() if suffix == "atom" else made.rss_str()
    assert body
    return (time.perf_counter() - begun) * 1000
