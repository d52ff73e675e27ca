"""docs/http.md, Methods and errors: rules 10 and 11, and how an error looks to whom."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.store.schema import VERSION
from tests.conftest import Publication
from tests.web.resources import (
    FEEDS,
    FROM_STORE,
    LISTS,
    PAGES,
    PICTURE_FILE,
    RENDERED,
    SERVICE,
    STYLE,
    Resource,
    ask,
    delete_store,
    over,
)

NOT_IN_STORE = ["/feeds/nothing.atom", "/feeds/all.xml", "/articles/nothing", "/nothing", "/feeds/chips/2026-03.atom"]


def assert_unavailable(answer: TestResponse) -> None:
    """A 503 as pollers need it."""
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == "not ready, try again shortly\n"


@pytest.mark.parametrize("path", [*(each.path for each in FROM_STORE), "/readyz", *NOT_IN_STORE])
def test_503_before_the_first_sync(publication: Publication, path: str) -> None:
    """10. While the store is not ready: 503 with Retry-After, never 404 or 410."""
    assert_unavailable(ask(publication.client(), path, Cache_Control="no-cache", If_None_Match="*"))


@pytest.mark.parametrize("path", ["/healthz", STYLE.path])
def test_what_needs_no_store_is_there_before_it(publication: Publication, path: str) -> None:
    """10. … the process is alive, and an error page has its style."""
    assert ask(publication.client(), path).status_code == 200


def test_ready_after_the_first_sync_without_a_restart(publication: Publication) -> None:
    """10. While the store is not ready: 503; then 200."""
    client = publication.client()
    assert_unavailable(ask(client, "/feeds/chips.atom"))
    publication.sync()
    assert [ask(client, path).status_code for path in ("/feeds/chips.atom", "/readyz")] == [200, 200]


def test_503_while_the_store_is_of_a_later_feedsvc(filled: Publication) -> None:
    """10. While the store is not ready: 503 …, and it recovers when the store does."""
    client = filled.client()
    before = ask(client, "/feeds/all.atom")
    _set_schema(filled.settings.store_file, VERSION + 1)
    assert ask(client, "/feeds/all.atom").data == before.data
    for path in ("/feeds/chips.atom", "/readyz", "/", "/nothing"):
        assert_unavailable(ask(client, path))
    _set_schema(filled.settings.store_file, VERSION)
    assert ask(client, "/readyz").status_code == 200
    assert ask(client, "/feeds/all.atom").data == before.data


def _set_schema(store: Path, version: int) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'schema'", (str(version),))


def test_503_while_the_store_is_deleted(filled: Publication) -> None:
    """10. While the store is not ready: 503 with Retry-After; what is held goes on being served."""
    client = filled.client()
    before = {each.path: ask(client, each.path) for each in RENDERED[::2]}
    delete_store(filled)
    for path, answer in before.items():
        assert ask(client, path).data == answer.data
    for resource in RENDERED[1::2]:
        assert_unavailable(ask(client, resource.path))


def test_a_store_built_anew_is_served_without_a_restart(filled: Publication) -> None:
    """10. … the new store is another, though its first commit has the same number as the old one's."""
    client = filled.client()
    assert "Hello" in ask(client, "/feeds/chips.atom").text
    delete_store(filled)
    (filled.settings.content / "articles/hello/index.md").unlink()
    filled.article("fresh", title="Fresh start")
    filled.sync()
    text = ask(client, "/feeds/chips.atom").text
    assert "Fresh start" in text
    assert "Hello" not in text


def test_503_while_a_file_of_an_article_is_missing(filled: Publication) -> None:
    """10. A media folder that is not there yet (rsync, another disk) is no reason to say 404."""
    client = filled.client()
    picture = next(filled.settings.media_folder.iterdir())
    picture.rename(picture.with_suffix(".away"))
    assert_unavailable(ask(client, f"/media/{picture.name}"))
    picture.with_suffix(".away").rename(picture)
    assert ask(client, f"/media/{picture.name}").status_code == 200


def test_410_for_what_was_removed(filled: Publication) -> None:
    """10. 410 only for what was removed."""
    (filled.settings.content / "articles/hello/index.md").unlink()
    filled.sync()
    client = filled.client()
    for path in ("/articles/hello", "/articles/old"):
        answer = ask(client, path)
        assert (answer.status_code, answer.text) == (410, "this article was removed (see https://example.org/)\n")
    assert ask(client, "/feeds/chips.atom").status_code == 200
    assert ask(client, "/articles/never").status_code == 404


def test_301_for_what_was_renamed(filled: Publication) -> None:
    """10. … 301 for what was renamed, for ever (`aliases:`, and the slug an article had before)."""
    filled.article("hello/index", "Hello.", title="Hello", aliases="[old]", slug="你好", id="tag:example.org,2026:old")
    filled.sync()
    client = filled.client()
    for path in ("/articles/old", "/articles/hello"):
        answer = ask(client, path)
        assert answer.status_code == 301
        assert answer.headers["Location"] == "https://example.org/articles/%E4%BD%A0%E5%A5%BD"
        assert answer.text == "moved to https://example.org/articles/%E4%BD%A0%E5%A5%BD\n"
        assert "max-age" in answer.headers["Cache-Control"]


UNKNOWN = {
    "/feeds/chip.atom": "unknown topic 'chip' (did you mean 'chips'?)",
    "/feeds/xyz.atom": "unknown topic 'xyz' (known: all, chips, cloud)",
    "/feeds/chips.xml": "unknown format 'xml' (known: atom, rss, json)",
    "/topics/clouds": "unknown topic 'clouds' (did you mean 'cloud'?)",
    "/topics/chips?page=2": "no page 2 (see https://example.org/topics/chips)",
    "/articles/nothing": "no article 'nothing' (see https://example.org/)",
    "/nothing": "no such page (see https://example.org/)",
    "/feeds/chips/2026-3.atom": "no archive '2026-3' (archives are by month: write 2026-03)",
    "/sitemap-2.xml": "no sitemap part 2 (see https://example.org/sitemap.xml)",
    "/sitemap-0.xml": "no such page (see https://example.org/)",
    f"/sitemap-{10**30}.xml": "no such page (see https://example.org/)",
    "/media/nothing.png": "no file 'nothing.png' (the article that used it may be gone)",
    "/media/..%2F..%2Fsite.toml": "no such page (see https://example.org/)",
    "/media/%2e%2e": "no file '..' (the article that used it may be gone)",
    "/static/site.css": "no file 'site.css'",
    "/articles/%FF%FE": "no article '\ufffd\ufffd' (see https://example.org/)",
}


@pytest.mark.parametrize(("path", "text"), UNKNOWN.items())
def test_404_names_what_exists(poller: FlaskClient, path: str, text: str) -> None:
    """11. Unknown topic: 404; … a short text naming what is wrong and what exists."""
    answer = ask(poller, path)
    assert (answer.status_code, answer.text) == (404, f"{text}\n")
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


MALFORMED = {
    "/feeds/chips.atom?limits=3": "unknown parameter 'limits' (did you mean 'limit'?)",
    "/feeds.opml?fromat=rss": "unknown parameter 'fromat' (did you mean 'format'?)",
    "/feeds.opml?format=xml": "parameter 'format': unknown 'xml' (known: atom, rss, json)",
    "/feeds.opml?format=": "parameter 'format': unknown '' (known: atom, rss, json)",
    "/feeds.opml?format=rss&format=atom": "parameter 'format' is given twice (keep one)",
    "/?page=0": "parameter 'page': '0' is not a page number (write 1, 2, …)",
    "/?page=-1": "parameter 'page': '-1' is not a page number (write 1, 2, …)",
    "/?page=%D9%A1": "parameter 'page': '١' is not a page number (write 1, 2, …)",
    "/?page=99999999999999999999": "parameter 'page': '99999999999999999999' is not a page number (write 1, 2, …)",
    "/topics/chips?page=": "parameter 'page': '' is not a page number (write 1, 2, …)",
    "/feeds/chips.atom?%0d%0aSet-Cookie:%20a=b": "unknown parameter '\\r\\nSet-Cookie: a' "
    "(known: topic, tag, author, lang, not, q, since, until, limit, body, after, ui, view)",
}


@pytest.mark.parametrize(("path", "text"), MALFORMED.items())
def test_400_names_what_is_wrong(poller: FlaskClient, path: str, text: str) -> None:
    """11. Unknown or malformed parameter: 400; … a short text naming what is wrong and what exists."""
    answer = ask(poller, path)
    assert (answer.status_code, answer.text) == (400, f"{text}\n")
    assert answer.headers["Cache-Control"] == "no-store"


@over([*FEEDS, *LISTS])
def test_an_unknown_parameter_of_a_document_is_refused(poller: FlaskClient, resource: Resource) -> None:
    """11. Unknown or malformed parameter: 400."""
    answer = ask(poller, f"{resource.path}{'&' if '?' in resource.path else '?'}colour=red")
    assert (answer.status_code, answer.text.partition(" (")[0]) == (400, "unknown parameter 'colour'")


@over([*PAGES, *SERVICE, PICTURE_FILE])
def test_an_unknown_parameter_of_a_page_changes_nothing(poller: FlaskClient, resource: Resource) -> None:
    """People share pages with whatever their app adds (WeChat: `from=timeline&isappinstalled=0`)."""
    plain, shared = ask(poller, resource.path), ask(poller, f"{resource.path}?from=timeline&isappinstalled=0")
    assert (shared.status_code, shared.data, shared.headers["ETag"]) == (200, plain.data, plain.headers["ETag"])


@over([*FROM_STORE, STYLE])
@pytest.mark.parametrize("mark", ["utm_source=a&utm_medium=b&utm_source=c", "fbclid=x", "_=1700000000", "_&_=2"])
def test_cache_busters_are_ignored(poller: FlaskClient, resource: Resource, mark: str) -> None:
    """11. (`utm_*`, `fbclid`, `_` are ignored: cache-busters must not break a subscription.)"""
    plain = ask(poller, resource.path)
    marked = ask(poller, f"{resource.path}{'&' if '?' in resource.path else '?'}{mark}")
    assert (marked.status_code, marked.data, marked.headers["ETag"]) == (200, plain.data, plain.headers["ETag"])
