"""`after=`: what changed in a slice behind a cursor."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.conftest import Publication
from tests.feeds.test_schemas import ATOM, JSON_FEED
from tests.web.resources import BASE, ask

RELATION = f"{BASE}/docs#cursor"


def changes_url(client: FlaskClient, path: str) -> str:
    """Where a document says that its changes are."""
    link, *_ = ask(client, path).headers["Link"].split(", ")
    url, _, relation = link.partition("; rel=")
    assert relation == f'"{RELATION}"'
    return url.strip("<>").removeprefix(BASE)


def items(client: FlaskClient, path: str) -> tuple[list[str], list[str], dict[str, Any]]:
    """Titles, removed ids, and the whole of a JSON document."""
    answer = ask(client, path)
    assert answer.status_code == 200, answer.text
    document = json.loads(answer.data)
    assert [error.message for error in JSON_FEED.iter_errors(document)] == []
    removed = [each["id"].rpartition(":")[2] for each in document["_feedsvc"].get("removed", [])]
    return [item["title"] for item in document["items"]], removed, document


@pytest.fixture
def three(publication: Publication) -> Publication:
    for name in ("one", "two", "three"):
        publication.article(name, topics="[chips, cloud]", tags="[a]")
    publication.sync()
    return publication


def test_a_document_leads_to_its_changes(three: Publication) -> None:
    client = three.client()
    url = changes_url(client, "/feeds/cloud.json?tag=a")
    assert url.startswith("/feeds/cloud.json?tag=a&after=")
    assert items(client, "/feeds/cloud.json?tag=a")[2]["_feedsvc"]["changes_url"] == BASE + url
    assert items(client, url)[:2] == ([], [])
    three.article("two", "Changed.", topics="[chips, cloud]", tags="[a]")
    three.article("one", topics="[chips]", tags="[a]")
    (three.settings.content / "articles/three.md").unlink()
    three.article("four", topics="[cloud]", tags="[a]")
    three.article("elsewhere", topics="[chips]")
    three.sync()
    titles, removed, document = items(client, url)
    assert (sorted(titles), sorted(removed)) == (["four", "two"], ["one", "three"])
    assert document["feed_url"] == BASE + url
    assert items(client, document["_feedsvc"]["changes_url"].removeprefix(BASE))[:2] == ([], [])


def test_leaving_a_slice_is_no_tombstone(three: Publication) -> None:
    client = three.client()
    url = changes_url(client, "/feeds/cloud.atom")
    three.article("one", topics="[chips]", tags="[a]")
    (three.settings.content / "articles/three.md").unlink()
    three.sync()
    answer = ask(client, url)
    root = etree.fromstring(answer.data)
    ATOM.assertValid(root)
    assert b"deleted-entry" not in answer.data
    removed = [str(each.get("ref")) for each in root.iterfind(f"{{{BASE}/docs#extension}}removed")]
    assert sorted(removed) == ["tag:example.org,2026:one", "tag:example.org,2026:three"]


def test_changes_come_in_pages(three: Publication) -> None:
    client = three.client()
    titles: list[str] = []
    path: str | None = f"{changes_url(client, '/feeds/all.json?limit=2').rpartition('-')[0]}-0"
    while path is not None:
        found, _, document = items(client, path)
        titles += found
        path = document["next_url"].removeprefix(BASE) if "next_url" in document else None
    assert sorted(titles) == ["one", "three", "two"]
    start = changes_url(client, "/feeds/all.atom?limit=2").rpartition("-")[0]
    assert b'rel="next"' in ask(client, f"{start}-0").data


def test_another_feeds_change_touches_no_byte(three: Publication) -> None:
    client = three.client()
    before = {path: ask(client, path) for path in ("/feeds/cloud.json", "/feeds/cloud.atom", "/feeds/all.json?tag=a")}
    three.article("elsewhere", topics="[chips]")
    three.sync()
    for path, answer in before.items():
        after = ask(client, path)
        assert (after.data, after.headers["Link"]) == (answer.data, answer.headers["Link"])


REFUSED = {
    "/feeds/all.atom?after=x": "parameter 'after': 'x' is not a cursor (copy one from a document)",
    "/feeds/all.rss?after=00000000-1": "parameter 'after': RSS cannot say what was removed (ask for atom or json)",
    "/feeds/all.atom?after=00000000-1&q=a": "parameter 'after': a search has no changes (remove q)",
    "/feeds/all.atom?after=00000000-1&after=00000000-2": "parameter 'after' is given twice (keep one)",
    "/feeds/chips.atom?after=00000000-1&tag=a": "parameter 'after': this store never gave '00000000-1' "
    f"(start again at {BASE}/feeds/chips.atom?tag=a)",
    "/feeds/all/2026-03.atom?after=00000000-1": "parameter 'after': only a current feed has changes (remove it)",
}


@pytest.mark.parametrize(("path", "text"), REFUSED.items())
def test_what_has_no_changes_says_so(three: Publication, path: str, text: str) -> None:
    answer = ask(three.client(), path)
    assert (answer.status_code, answer.text) == (400, f"{text}\n")


def test_a_search_has_no_cursor(three: Publication) -> None:
    answer = ask(three.client(), "/feeds/all.json?q=text")
    assert "Link" not in answer.headers
    assert json.loads(answer.data)["_feedsvc"] == {"about": f"{BASE}/docs#extension", "timezone": "Asia/Taipei"}


def test_the_changes_of_rss_are_in_atom(three: Publication) -> None:
    assert changes_url(three.client(), "/feeds/all.rss").startswith("/feeds/all.atom?after=")
