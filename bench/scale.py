"""Compare a million articles with a thousand: polls, cold feeds, archives, searches, memory, sizes, the time to start.

The articles are short: a million articles of 2,400 characters would take 18 GB, and only their number matters here.
"""

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bench.databases import bytes_of, postgresql
from bench.measure import Row, of_pairs, polls_per_second
from bench.polls import GZIP, fetch
from bench.publication import TAGS, TOPICS, a_phrase, write
from bench.servers import Server, feedsvc
from feedsvc.config import Settings, load_settings
from feedsvc.model import Article, SafeHTML
from feedsvc.site.site_toml import load_site
from feedsvc.slices.search_terms import terms_of
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.sync import sync
from tests.postgresql_server import Server as Database

# Articles in one commit, since a publication grows in portions.
PORTION: Final = 10_000
EXAMPLES: Final = 200
PARAGRAPHS: Final = 3
END: Final = datetime(2026, 1, 1, tzinfo=UTC)
# In one of ten articles.
SEARCHED: Final = "<p>nvidia AI</p>"
# Words, a beginning of words, and words together. Of 100,000 articles each finds more than 2,000.
SEARCHES: Final = {f"search: {asked}": asked for asked in ("推論", "AI", "nvid*", "推論 AI")}
# One of 200 articles has it.
PHRASE: Final = "search: a phrase of 30 characters"
# The page of a search, with marked words and a count.
PAGES: Final = {
    "search page: AI": "/search?q=AI",
    "search page: AI, best match first": "/search?q=AI&sort=relevance",
    "search page: AI in a topic, best match first": "/search?q=AI&topic=chips&sort=relevance",
    "search page: no match": "/search?q=nowhere",
}


def rows(sizes: tuple[int, int], seconds: float, *, on_server: bool = False) -> Iterator[Row]:
    """Measure each figure at the larger size relative to the smaller one, in SQLite or on a PostgreSQL server."""
    with postgresql() if on_server else nullcontext() as server:
        small, large = (_figures(size, seconds, server) for size in sizes)
    aims = {
        "hot polls": "≥ 0.95×",
        "cold feed": "≤ 2.0×",
        "oldest archive": "≤ 2.0×",
        "memory of a worker": "≤ 1.2×",
        "start": "",
        **dict.fromkeys([*SEARCHES, PHRASE, *PAGES], ""),
        "bytes of an article": "",
    }
    for name, aim in aims.items():
        value, unit = large[name]
        yield of_pairs(
            f"{name}, {sizes[1]:,} articles", [(value, small[name][0])], rival=f"{sizes[0]:,}", unit=unit, aim=aim
        )
    yield of_pairs(f"start, {sizes[1]:,} articles", [(large["start"][0], 3.0)], rival="3 s", unit="s", aim="≤ 1.0×")


def _figures(size: int, seconds: float, database: Database | None) -> dict[str, tuple[float, str]]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        place = database.url(database.new_database(), tcp=True) if database else folder / "state/store.sqlite3"
        settings = load_settings({}, content=folder / "content", store=place, state=folder / "state")
        oldest, phrase = fill(settings, size)
        taken = bytes_of(place, database)
        # The content folder has few of the articles, so no writer may run.
        store = stack.enter_context(closing(Store(place)))
        stack.enter_context(store.writer_lock(Event()))
        # A search is measured, however long it takes.
        env = {"FEEDSVC_STORE": str(place), "FEEDSVC_STATE": str(folder / "state"), "FEEDSVC_SEARCH_SECONDS": "60"}
        begun = time.perf_counter()
        server = stack.enter_context(feedsvc(settings.content, "/readyz", env=env))
        start = time.perf_counter() - begun
        feeds = server.url.replace("/readyz", "/feeds")
        cold = _timed(f"{feeds}/chips.atom")
        archive = _timed(f"{feeds}/chips/{oldest}.atom")
        fetch(f"{feeds}/chips.atom", "gzip")
        asked = SEARCHES | {PHRASE: phrase}
        searches = {name: (_timed(f"{feeds}/all.atom?q={quote(words)}"), "ms") for name, words in asked.items()}
        base = server.url.removesuffix("/readyz")
        pages = {name: (_timed(f"{base}{path}"), "ms") for name, path in PAGES.items()}
        return {
            **searches,
            **pages,
            "bytes of an article": (taken / size, "B"),
            "hot polls": (polls_per_second(f"{feeds}/chips.atom", GZIP, seconds), "/s"),
            "cold feed": (cold, "ms"),
            "oldest archive": (archive, "ms"),
            "memory of a worker": (_worker_memory(server), "MiB"),
            "start": (start, "s"),
        }


def fill(settings: Settings, size: int) -> tuple[str, str]:
    """Make a store of `size` articles.

    Return the month of the oldest one (2019-03) in the site's time zone, and a phrase of one of 200 articles.
    """
    write(settings.content, EXAMPLES)
    site = load_site(settings.content, None, settings.own_url)
    with closing(Store(settings.store)) as store:
        sync(settings, site, store, END)
        with store.read() as snapshot:
            found = snapshot.slices.articles(Slice(), EXAMPLES)
        examples = [_short(each, SEARCHED if number % 10 == 0 else "") for number, each in enumerate(found)]
        words = [terms_of(each) for each in examples]
        for start in range(EXAMPLES, size, PORTION):
            numbers = range(start, min(size, start + PORTION))
            made = {number: _another(examples[number % EXAMPLES], number) for number in numbers}
            found_by = {each.id: words[number % EXAMPLES] for number, each in made.items()}
            with store.write(END) as writer:
                writer.articles.put(list(made.values()), found_by)
    phrase = a_phrase(re.sub("<[^>]+>", "", each.content) for each in examples)
    return f"{_published(size - 1).astimezone(ZoneInfo(site.timezone)):%Y-%m}", phrase


def _short(example: Article, added: str) -> Article:
    """Return the first paragraphs, and another one."""
    parts = re.findall(r"<p>.*?</p>", example.content, re.DOTALL)
    return replace(example, content=SafeHTML("\n".join([*parts[:PARAGRAPHS], added])))


def _another(example: Article, number: int) -> Article:
    return replace(
        example,
        id=f"tag:bench.example,2026:n{number:07}",
        slug=f"n{number:07}",
        title=f"第 {number} 篇 No. {number}",
        published=_published(number),
        updated=_published(number),
        topics=(TOPICS[0],),
        tags=(TAGS[number % len(TAGS)],),
    )


def _published(number: int) -> datetime:
    """Return the date of an article: a hundred articles a month at each size."""
    return END - timedelta(hours=7.2 * number)


def _timed(url: str) -> float:
    begun = time.perf_counter()
    fetch(url)
    return (time.perf_counter() - begun) * 1000


def _worker_memory(server: Server) -> float:
    """Return the memory in MiB of the largest process of the server, which is the worker that answered."""
    pids = [int(pid) for pid in Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()]
    sizes = [
        int(re.findall(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[0]) for pid in (server.pid, *pids)
    ]
    return max(sizes) / 1024
