"""Finished answers in front of Flask: the same as Flask's, field by field, without asking it or the store."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Final
from urllib.parse import unquote
from wsgiref.util import setup_testing_defaults

import pytest
from flask import Flask
from werkzeug.http import http_date, parse_date

from feedsvc.documents.document import Rendered
from feedsvc.errors import SearchTooSlow
from feedsvc.store import Snapshot
from feedsvc.web import create_app
from feedsvc.web.cache.document_cache import DocumentCache
from feedsvc.web.cache.response_cache import MAX_ADDRESSES, ResponseCache
from feedsvc.web.render_limiter import Cost
from tests.conftest import Publication
from tests.web.resources import BASE, RENDERED, Resource, over

Answer = tuple[str, list[tuple[str, str]], bytes]
CODINGS: Final = (
    None,
    "",
    "gzip",
    "br",
    "gzip, deflate, br",
    "br;q=0.5, gzip",
    "identity;q=0",
    "*;q=0",
    "x-gzip, *;q=0.1",
)


class Served:
    """An application whose cache is kept right by hand, and what of it reached Flask."""

    def __init__(self, publication: Publication) -> None:
        self.app: Flask = create_app(publication.settings)
        self.documents: DocumentCache = self.app.extensions["feedsvc"].cache
        assert isinstance(self.app.wsgi_app, ResponseCache)
        self.front = self.app.wsgi_app
        self.flask, self.asked = self.front._app, 0
        self.front._app = self._count
        self.documents.watched = True

    def _count(self, environ: Any, start_response: Any) -> Any:
        self.asked += 1
        return self.flask(environ, start_response)

    def ask(self, path: str, method: str = "GET", *, through: Any = None, **headers: str | None) -> Answer:
        """One request to the cache, or straight to Flask."""
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        path, _, query = path.partition("?")
        environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
        environ |= {f"HTTP_{name.upper()}": text for name, text in headers.items() if text is not None}
        begun: list[tuple[str, list[tuple[str, str]]]] = []

        def begin(status: str, fields: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            begun.append((status, fields))
            return lambda _data: None

        body = (through or self.front)(environ, begin)
        whole = b"".join(body)
        (status, fields) = begun[0]
        return status.lower(), sorted(fields), whole

    def is_flask_asked(self, path: str, method: str = "GET", **headers: str | None) -> bool:
        """Whether a request goes on to Flask."""
        before = self.asked
        self.ask(path, method, through=None, **headers)
        return self.asked > before


@pytest.fixture(scope="module")
def read_only(published: Publication) -> Served:
    """Over the publication that nobody changes, with everything held."""
    served = Served(published)
    for resource in RENDERED:
        served.ask(_decoded(resource.path))
    return served


@pytest.fixture
def served(filled: Publication) -> Served:
    """Over a publication of the test's own."""
    return Served(filled)


def _decoded(path: str) -> str:
    """PATH_INFO holds bytes in Latin-1 (PEP 3333)."""
    return unquote(path, "latin-1")


def _conditions(answer: Answer) -> Iterator[dict[str, str]]:
    """Every shape of a condition, plain ones and others."""
    fields = dict(answer[1])
    tag, modified = fields["ETag"], fields["Last-Modified"]
    moment = parse_date(modified)
    assert moment is not None
    tags = (
        tag,
        f"W/{tag}",
        f'"other", {tag}',
        "*",
        '"other"',
        'W/"other"',
        tag.strip('"'),
        "",
        '""',
        f" {tag}",
        '"a,b"',
    )
    dates = (
        modified,
        http_date(moment + timedelta(days=1)),
        http_date(moment - timedelta(seconds=1)),
        "yesterday",
        "",
        "Sat, 31 Dec 99999 23:59:59 GMT",
        moment.strftime("%A, %d-%b-%y %H:%M:%S GMT"),
        modified.replace("GMT", "+0900"),
    )
    yield {}
    yield from ({"if_none_match": each} for each in tags)
    yield from ({"if_modified_since": each} for each in dates)
    yield from ({"if_none_match": a, "if_modified_since": b} for a, b in itertools.product(tags[:6], dates[:3]))
    yield from ({"if_match": each} for each in (tag, '"other"', "*"))
    yield from ({"if_unmodified_since": each} for each in dates[:3])
    yield {"range": "bytes=0-9"}
    yield {"range": "bytes=0-9", "if_range": tag}


@over(RENDERED)
def test_every_answer_is_flasks(read_only: Served, resource: Resource) -> None:
    """Status, fields and body, over methods, codings and conditions."""
    path = _decoded(resource.path)
    for method, coding in itertools.product(("GET", "HEAD", "OPTIONS", "POST"), CODINGS):
        for condition in _conditions(read_only.ask(path)):
            asked: dict[str, Any] = {"method": method, "accept_encoding": coding, **condition}
            ours, flasks = (read_only.ask(path, through=each, **asked) for each in (None, read_only.flask))
            assert _without_date(ours) == _without_date(flasks), asked


def _without_date(answer: Answer) -> Answer:
    status, fields, body = answer
    dates = [value for name, value in fields if name == "Date"]
    assert all(parse_date(each) for each in dates)
    assert len(dates) == (1 if status.startswith(("200", "304")) and ("ETag" in dict(fields)) else 0), answer
    return status, [each for each in fields if each[0] != "Date"], body


@pytest.mark.parametrize(
    "path", ["/feeds/all.atom", "/feeds/chips.rss", "/feeds/cloud.json", "/feeds.opml", "/robots.txt"]
)
def test_plain_polls_do_not_reach_flask(read_only: Served, path: str) -> None:
    """A poll, and a poll with what the last one gave."""
    for coding in CODINGS[:6]:
        fields = dict(read_only.ask(path, accept_encoding=coding)[1])
        conditions: list[dict[str, str | None]] = [
            {},
            {"if_none_match": fields["ETag"]},
            {"if_none_match": f"W/{fields['ETag']}"},
            {"if_none_match": '"0123"'},
            {"if_modified_since": fields["Last-Modified"]},
            {"if_none_match": fields["ETag"], "if_modified_since": fields["Last-Modified"]},
        ]
        for method, condition in itertools.product(("GET", "HEAD"), conditions):
            assert not read_only.is_flask_asked(path, method, accept_encoding=coding, **condition)


def test_what_a_browser_shows_goes_to_flask(read_only: Served) -> None:
    """It decides what a person sees, and nothing of it is remembered for the others."""
    assert read_only.is_flask_asked("/feeds/all.atom", sec_fetch_dest="document")
    assert not read_only.is_flask_asked("/feeds/all.atom", sec_fetch_dest="empty")


def test_an_address_is_learned_by_asking_once(served: Served) -> None:
    """Also another spelling of it; not one with a parameter that means nothing: there is no end to those."""
    for path in ("/feeds/chips.atom", "/feeds.opml?format=rss"):
        assert served.is_flask_asked(path)
        assert not served.is_flask_asked(path)
    # A commit may give an address of the front page a meaning: `/?p=123` may be an article's alias.
    for path in ("/feeds/chips.atom?_=17", "/feeds/chips.atom?utm_source=x", "/feeds/chips.atom?ref=x", "/?p=123"):
        assert served.is_flask_asked(path)
        assert served.is_flask_asked(path)


def test_another_way_to_write_a_path_is_another_address(served: Served) -> None:
    """Its answers are the same."""
    first = served.ask("/feeds/all.atom")
    for _ in range(2):
        assert _without_date(served.ask("//feeds/all.atom")) == _without_date(first)


def test_what_is_no_document_is_not_learned(served: Served) -> None:
    """Errors, probes, files."""
    for path in ("/feeds/none.atom", "/articles/none", "/healthz", "/readyz", "/articles/old", "/feeds/all.atom?x=1"):
        assert served.is_flask_asked(path)
        assert served.is_flask_asked(path)


def test_addresses_are_bounded(served: Served) -> None:
    """First in, first out; long ones are not remembered at all."""
    served.ask("/feeds/all.atom")
    held = served.documents.state
    (entry,) = held.entries.values()
    for number in range(MAX_ADDRESSES + 10):
        served.front._add_address(held, ("/feeds/all.atom", f"n={number}"), entry.document)
    assert len(held.addresses) == MAX_ADDRESSES
    served.front._add_address(held, ("/feeds/all.atom", "n" * 2000), entry.document)
    assert all(len(query) < 1000 for _, query in held.addresses)


def test_what_clients_send_is_bounded(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are ready for so many spellings of a request and no more; a long one is Flask's to read."""
    monkeypatch.setattr("feedsvc.web.cache.response_cache.MAX_READY", 50)
    served.ask("/feeds/all.atom")
    for number in range(120):
        assert not served.is_flask_asked("/feeds/all.atom", accept_encoding=f"gzip;q=0.{number}")
        assert len(served.documents.state.ready) <= 50
    assert served.is_flask_asked("/feeds/all.atom", accept_encoding=f"gzip{',' * 5000}")
    assert served.is_flask_asked("/feeds/all.atom", if_modified_since=f"Sun, 06 Nov 1994 08:49:37 GMT{' ' * 5000}")
    assert all(len(text or "") < 1000 for asked in served.documents.state.ready for text in asked)


def test_answers_stay_ready_until_something_goes(served: Served, filled: Publication) -> None:
    """What comes to what is held costs nobody else anything; what is replaced, dropped or stale takes them with it."""
    served.ask("/feeds/cloud.atom")
    served.ask("/feeds/cloud.atom")
    ready = served.documents.state.ready
    assert len(ready) == 1
    served.ask("/feeds/chips.atom")
    assert served.documents.state.ready is ready
    served.ask("/feeds/chips.atom")
    filled.article("new", topics="[chips]")
    filled.sync()
    served.documents.refresh()
    assert served.documents.state.ready == {}


def test_nothing_is_answered_from_before_a_commit_that_was_seen(served: Served, filled: Publication) -> None:
    """Not even what there was no time to make anew, or took too long to find."""

    def too_slow(_snapshot: Snapshot) -> Rendered:
        raise SearchTooSlow(1)

    for _ in range(2):
        assert served.ask("/feeds/chips.atom")[0].startswith("200")
    (entry,) = served.documents.state.entries.values()
    entry.render = too_slow
    filled.article("new", title="Brand new", topics="[chips]")
    filled.sync()
    served.documents.refresh()
    assert served.is_flask_asked("/feeds/chips.atom")
    assert b"Brand new" in served.ask("/feeds/chips.atom")[2]
    assert not served.is_flask_asked("/feeds/chips.atom")


def test_what_is_polled_stays_held(filled: Publication) -> None:
    """Answered in front of Flask it is used as well: what nobody asked for in a while leaves first."""
    served = Served(filled)
    documents: DocumentCache = served.documents
    for path in ("/feeds/chips.atom", "/feeds/cloud.atom", "/feeds/cloud.rss"):
        served.ask(path)
    assert not served.is_flask_asked("/feeds/chips.atom")
    room = documents._lrus[Cost.COMMON]
    room._max_bytes = room.size
    assert served.is_flask_asked("/feeds/chips.rss")
    assert not served.is_flask_asked("/feeds/chips.atom")
    assert served.is_flask_asked("/feeds/cloud.atom")


def test_without_somebody_who_watches_each_request_asks(served: Served) -> None:
    """Answers that are ready are no longer known to be right."""
    served.ask("/feeds/all.atom")
    assert not served.is_flask_asked("/feeds/all.atom")
    served.documents.watched = False
    assert served.is_flask_asked("/feeds/all.atom")


def test_the_date_is_that_of_the_second(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer says when it was made (RFC 9110 §6.6.1)."""
    served.ask("/feeds/all.atom")
    tag = dict(served.ask("/feeds/all.atom")[1])["ETag"]
    for second in (2_000_000_000, 2_000_000_001, 2_000_000_001, 1_999_999_999):
        monkeypatch.setattr("feedsvc.web.cache.response_cache.time.time", lambda: second + 0.9)  # noqa: B023
        for condition in ({}, {"if_none_match": tag}):
            assert dict(served.ask("/feeds/all.atom", **condition)[1])["Date"] == http_date(second)
    assert not served.is_flask_asked("/feeds/all.atom")


def test_a_change_is_seen_after_a_refresh(served: Served, filled: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then pollers get what was; then all of it at once, still without Flask."""
    monkeypatch.setattr("feedsvc.web.cache.document_cache.REFRESH_SECONDS", 60)
    paths = [_decoded(each.path) for each in RENDERED]
    before = {path: served.ask(path) for path in paths}
    filled.article("new", title="Brand new", topics="[chips]")
    filled.sync()
    assert served.ask("/feeds/chips.atom")[2] == before["/feeds/chips.atom"][2]
    served.documents.refresh()
    reached = served.asked
    after = {path: served.ask(path) for path in paths}
    fresh = create_app(filled.settings)
    expected = {path: served.ask(path, through=fresh.wsgi_app) for path in paths}
    assert {path: _without_date(each) for path, each in after.items()} == {
        path: _without_date(each) for path, each in expected.items()
    }
    assert served.asked == reached
    assert b"Brand new" in after["/feeds/chips.atom"][2]
    # A change outside a slice does not touch it.
    assert _without_date(after["/feeds/cloud.rss"]) == _without_date(before["/feeds/cloud.rss"])


def test_what_is_gone_is_gone_after_a_refresh(served: Served, filled: Publication) -> None:
    """A removed article's page answers 410, a lost topic's feed 404, and a renamed article's 301."""
    filled.article("gone", topics="[cloud]")
    filled.sync()
    for path in ("/articles/gone", "/feeds/chips.atom", "/articles/hello"):
        assert served.ask(path)[0].startswith("200")
    (filled.settings.content / "articles/gone.md").unlink()
    filled.article("hello/index", title="Hello", aliases="[old, hello]", slug="greeting")
    filled.sync()
    served.documents.refresh()
    assert served.ask("/articles/gone")[0].startswith("410")
    assert served.ask("/articles/hello")[0].startswith("301")


def test_an_address_may_mean_another_thing_once_the_site_changed(served: Served, filled: Publication) -> None:
    """What was learned before is forgotten, and learned anew."""
    served.ask("/feeds/cloud.atom")
    text = (filled.settings.content / "site.toml").read_text()
    filled.write("site.toml", text.replace("[topics.cloud]", "[topics.sky]"))
    filled.sync()
    served.documents.refresh()
    assert served.ask("/feeds/cloud.atom")[0].startswith("404")


def test_held_documents_are_served_while_the_store_is_away(served: Served, filled: Publication) -> None:
    """Also through what Flask alone can tell."""
    first = served.ask("/feeds/all.atom")
    filled.settings.store_file.rename(filled.settings.store_file.with_suffix(".away"))
    assert served.ask("/feeds/all.atom")[2] == first[2]
    assert served.ask("/feeds/all.atom?_=1")[2] == first[2]
    assert served.ask("/feeds/chips.atom")[0].startswith("503")


def test_a_document_from_the_future_waits_for_its_time(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Last-Modified must not be later than Date (RFC 9110 §8.8.2.1): a clock that was put back is Flask's to handle."""
    served.ask("/feeds/all.atom")
    monkeypatch.setattr("feedsvc.web.cache.response_cache.time.time", lambda: 0.0)
    assert served.is_flask_asked("/feeds/all.atom")


def test_nothing_names_the_host_asked_for(read_only: Served) -> None:
    """Promise 6, also where Flask is not asked."""
    for resource in RENDERED:
        _, fields, body = read_only.ask(_decoded(resource.path), host="evil.test", x_forwarded_host="evil.test")
        assert b"evil.test" not in body
        assert "evil.test" not in str(fields)
        assert BASE.encode() in body or resource.kind == "service"


def test_servers_may_add_fields_to_the_list_they_get(read_only: Served) -> None:
    """wsgiref does (PEP 3333 allows it); the next answer is without them. Granian sends lists at once."""
    taken: list[list[tuple[str, str]]] = []

    def begin(_status: str, fields: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        fields.append(("Server", "x"))
        taken.append(fields)
        return lambda _data: None

    for _ in range(2):
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ["PATH_INFO"] = "/feeds/all.atom"
        body = read_only.front(environ, begin)
        assert isinstance(body, list)
        assert len(body) == 1
        body.clear()
    assert [name for name, _ in taken[1]].count("Server") == 1
