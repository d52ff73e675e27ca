"""The hostile corpus in Chromium: from every format in a careless reader, and on our own pages.

0 scripts run, 0 requests to a foreign host other than images, 0 navigations, 0 popups.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from threading import Thread
from typing import Final
from urllib.request import urlopen

import pytest
from lxml import etree
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from feedsvc.slices.slice import Slice
from feedsvc.web import create_app
from feedsvc.web.pages.list_page import PAGE_SIZE
from tests.browser.reader import CARELESS, WAYS_OF_CONTENT, WAYS_OF_TITLE, Reader, Seen, Watched
from tests.conftest import Publication
from tests.hostile.corpus import HOST, files, site_toml, topics, vectors

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

ATOM: Final = "{http://www.w3.org/2005/Atom}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}"
Entry = Mapping[str, str]
Texts = Mapping[str, Sequence[str]]
# Naming each one takes a while.
ENOUGH: Final = 20
# Kinds of request that the scripts and styles of the corpus make.
REQUESTS: Final = {"script", "stylesheet", "document", "font", "fetch", "ping"}
# Of the handlers and the mutations, 173 scripts run in Chromium 156.
RUNNING: Final = 150


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publication]:
    """All vectors as articles of one publication."""
    made = Publication(tmp_path_factory.mktemp("hostile"))
    made.write("site.toml", site_toml())
    for file in files():
        made.write(file.path, file.data)
    made.sync()
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def origin(published: Publication) -> Iterator[str]:
    """Where the publication is served."""
    server = make_server("127.0.0.1", 0, create_app(published.settings), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def entries(origin: str) -> Mapping[str, list[Entry]]:
    """Id, title, content and summary of every entry, by format."""
    return {suffix: list(chain(*(_entries(origin, topic, suffix) for topic in topics()))) for suffix in ENTRIES}


def _entries(origin: str, topic: str, suffix: str) -> Iterator[Entry]:
    document = _fetched(f"{origin}/feeds/{topic}.{suffix}").encode()
    return ({"place": f"{suffix}, {entry['id']}", **entry} for entry in ENTRIES[suffix](document))


def _of_atom(document: bytes) -> Iterator[Entry]:
    for entry in etree.fromstring(document).iter(f"{ATOM}entry"):
        names = ("id", "title", "content", "summary")
        yield {name: entry.findtext(f"{ATOM}{name}") or "" for name in names}


def _of_rss(document: bytes) -> Iterator[Entry]:
    for item in etree.fromstring(document).iter("item"):
        description = item.findtext("description") or ""
        content = item.findtext(f"{CONTENT}encoded")
        # Without a summary the content stands in the description.
        summary, content = (description, content) if content else ("", description)
        yield {
            "id": item.findtext("guid") or "",
            "title": item.findtext("title") or "",
            "content": content,
            "summary": summary,
        }


def _of_json(document: bytes) -> Iterator[Entry]:
    names = {"id": "id", "title": "title", "content": "content_html", "summary": "summary"}
    for item in json.loads(document)["items"]:
        yield {name: item.get(key, "") for name, key in names.items()}


ENTRIES: Final = {"atom": _of_atom, "rss": _of_rss, "json": _of_json}


def _places(entries: Sequence[Entry], *names: str) -> Texts:
    """Each text once, with the places where it stands: what is shown the same way does the same."""
    places: dict[str, list[str]] = {}
    for entry in entries:
        for name in names:
            places.setdefault(entry[name], []).append(f"{name} of {entry['place']}")
    return places


@pytest.fixture
def reader(browser: Browser) -> Iterator[Reader]:
    """A careless reader."""
    opened = Reader(browser)
    yield opened
    opened.context.close()


def test_every_vector_is_published(entries: Mapping[str, list[Entry]]) -> None:
    assert len(entries["json"]) > len(files()) - 70
    ids, contents = ([[entry[name] for entry in each] for each in entries.values()] for name in ("id", "content"))
    assert ids[0] == ids[1] == ids[2]
    assert contents[0] == contents[1] == contents[2]


@pytest.mark.parametrize("way", WAYS_OF_CONTENT)
def test_contents_do_nothing_in_a_careless_reader(way: str, reader: Reader, entries: Mapping[str, list[Entry]]) -> None:
    # All formats hold the same.
    _assert_nothing_happens(reader, _places(entries["json"], "content"), way)


@pytest.mark.parametrize("way", WAYS_OF_TITLE)
def test_titles_and_summaries_do_nothing_in_a_careless_reader(
    way: str, reader: Reader, entries: Mapping[str, list[Entry]]
) -> None:
    _assert_nothing_happens(reader, _places([*chain(*entries.values())], "title", "summary"), way)


def _assert_nothing_happens(reader: Reader, texts: Texts, way: str) -> None:
    found = [
        f"{texts[text][0]} and {len(texts[text]) - 1} more: {text!r}: {seen}"
        for text, seen in islice(reader.guilty(list(texts), way), ENOUGH)
    ]
    assert not found, "\n".join(found)


def test_our_own_pages_do_nothing_without_their_policy(reader: Reader, origin: str, published: Publication) -> None:
    """Every page as the careless reader would show it: nothing but its markup protects it there."""
    _assert_nothing_happens(reader, {_fetched(f"{origin}{path}"): [path] for path in _pages(published, 1)}, "fragment")


# All of them takes eight minutes.
@pytest.mark.parametrize("every", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_nothing_happens_on_our_own_pages(every: int, browser: Browser, origin: str, published: Publication) -> None:
    watched = Watched(browser, origin.partition("://")[2])
    found = []
    for path in _pages(published, every):
        _visit(watched, f"{origin}{path}")
        if seen := watched.taken():
            found.append(f"{path}: {seen}")
    watched.context.close()
    assert not found, "\n".join(found)


def _pages(published: Publication, every: int) -> list[str]:
    """The list pages, and one of `every` so many articles."""
    with published.store.read() as snapshot:
        slugs = [article.slug for article in snapshot.slices.articles(Slice(), len(files()))]
    lists = [f"/?page={number + 1}" for number in range(len(slugs) // PAGE_SIZE)]
    return [*lists, *(f"/topics/{name}" for name in topics()), *(f"/articles/{slug}" for slug in slugs[::every])]


def _visit(watched: Watched, url: str) -> None:
    watched.awaited = url
    answer = watched.page.goto(url)
    assert answer is not None
    assert answer.status == 200
    watched.awaited = ""
    watched.page.evaluate(f"{CARELESS}; careless.touch(document); new Promise((done) => setTimeout(done))")


def _fetched(url: str) -> str:
    with urlopen(url) as answer:
        return str(answer.read().decode())


def test_the_alarms_ring_for_the_corpus(reader: Reader) -> None:
    """The harness sees what it must: the raw vectors, unsanitized, do what they want to."""
    seen = _raw(reader, "innerHTML", "handlers", "mutation")
    assert len(set(seen.scripts)) > RUNNING
    seen = _raw(reader, "page", "script", "css")
    assert {request.partition(" ")[0] for request in seen.requests if HOST in request} >= REQUESTS
    assert any(url.startswith(f"http://{HOST}") for url in seen.navigations)


@pytest.mark.parametrize("way", sorted({*WAYS_OF_CONTENT, *WAYS_OF_TITLE}))
def test_the_guilty_are_named(way: str, reader: Reader) -> None:
    hostile = ["<img src=x onerror=hit(1)>", "<svg><a href=javascript:hit(2)>x</a></svg>", "<p onclick=window.open()>x"]
    harmless = [f"<p>{number} <a href=https://example.org/>x</a><img src=https://example.org/x>" for number in range(9)]
    found = dict(reader.guilty([*harmless, hostile[0], *harmless[:3], *hostile[1:]], way))
    assert list(found) == hostile
    assert "hit(1)" in found[hostile[0]].scripts
    assert {"hit(2)", "link(javascript:)"} <= set(found[hostile[1]].scripts)
    assert found[hostile[2]].popups


def test_the_alarms_ring_on_our_own_pages(browser: Browser, origin: str) -> None:
    watched = Watched(browser, origin.partition("://")[2])
    _visit(watched, f"{origin}/")
    assert not watched.taken()
    with watched.page.expect_event("requestfailed"):
        watched.page.evaluate(f"alert(1); location = 'http://{HOST}/'")
    seen = watched.taken()
    watched.context.close()
    assert seen.scripts == ["alert(1)"]
    assert seen.navigations == [f"http://{HOST}/"]


def _raw(reader: Reader, way: str, *families: str) -> Seen:
    total = Seen()
    texts = [vector.html for vector in vectors() if vector.family in families]
    for start in range(0, len(texts), 20):
        total.add(reader.show(texts[start : start + 20], way))
    return total
