"""Measure the CPU time of the first response of a feed, and of feedgen alone with the same entries.

Our time is from the request to the bytes of the body: routing, a snapshot of the store, the slice, its translations,
archives and cursor, the articles from their rows, the document with everything that feedgen omits, and validators.
The rival has the articles in memory and renders their ids, titles, links, texts, authors, dates and categories.
Neither compresses the bytes. The cost of gzip has a row of its own, and so has a feed whose entries other slices have
rendered before.

An article that is in use is not read again (`store.rows.article_from`). So the rival has copies of the articles, and
the request before the measured one is for another article.
"""

import gc
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from wsgiref.util import setup_testing_defaults

from feedgen.feed import FeedGenerator

from bench.measure import Row, paired
from bench.publication import TOPICS, write
from feedsvc.config import Settings, load_settings
from feedsvc.model import Article
from feedsvc.site.site_toml import load_site
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app

ENTRIES: Final = 50
# An article that is older than those of the feed.
_OLDER: Final = "---\ntitle: Older\npublished: 2020-01-01 10:00\ntopics: [chips]\ntags: [older]\n---\nText.\n"


def rows(rounds: int) -> Iterator[Row]:
    """Measure Atom and RSS with 50 entries each."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        settings = load_settings({}, content=Path(name) / "content")
        write(settings.content, ENTRIES)
        (settings.content / "articles/older.md").write_text(_OLDER)
        store = Store(settings.store_file)
        sync(settings, load_site(settings.content, None, settings.own_url), store, datetime.now(UTC))
        with store.read() as snapshot:
            articles = [replace(each) for each in snapshot.slices.articles(Slice(), ENTRIES)]
        for suffix in ("atom", "rss"):
            for what, asked, aim in (
                (suffix, _Asked(settings, suffix), "≤ 2.0×"),
                (f"{suffix}, in gzip", _Asked(settings, suffix, coding="gzip"), ""),
                (f"{suffix}, of entries that are held", _Asked(settings, suffix, before=_held_by(suffix)), "≤ 1.2×"),
            ):
                yield paired(
                    f"first answer of a cold feed: {what}",
                    asked.milliseconds,
                    "feedgen alone",
                    lambda: _alone(articles, suffix),  # noqa: B023
                    unit="ms",
                    rounds=rounds,
                    aim=aim,
                )
        store.close()


def _held_by(suffix: str) -> tuple[str, ...]:
    """Return feeds that together contain every article."""
    return tuple(f"/feeds/{topic}.{suffix}" for topic in TOPICS)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Request a feed of every article in a format and a coding, after the requests in `before`.

    The default is a feed of another article: the first request of an application is slower, as it compiles statements.
    """

    settings: Settings
    suffix: str
    coding: str = "identity"
    before: tuple[str, ...] = ("/feeds/all.json?tag=older",)

    def milliseconds(self) -> float:
        """Return the body of a request."""
        app = create_app(self.settings)
        for path in self.before:
            self._ask(app, path)
        gc.collect()  # of the applications before
        begun = time.process_time()
        self._ask(app, f"/feeds/all.{self.suffix}")
        return (time.process_time() - begun) * 1000

    def _ask(self, app: Any, path: str) -> None:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        path, _, query = path.partition("?")
        environ |= {"PATH_INFO": path, "QUERY_STRING": query, "HTTP_ACCEPT_ENCODING": self.coding}
        status: list[str] = []
        body = b"".join(app.wsgi_app(environ, lambda said, _fields: status.append(said)))
        assert status[0].startswith("200")
        assert body


def _alone(articles: list[Article], suffix: str) -> float:
    gc.collect()
    begun = time.process_time()
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
    return (time.process_time() - begun) * 1000
