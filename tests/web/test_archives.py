"""RFC 5005 §4: the current feed, and the archives of closed periods that it leads to."""

import json
import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.http import parse_date

from feedsvc.model import Article, SafeHTML
from tests.conftest import SITE_TOML, Publication
from tests.store.test_reading import ARTICLE
from tests.web.resources import BASE, ask

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"


def archives(publication: Publication, kind: str) -> None:
    publication.write("site.toml", f'archives = "{kind}"\nfeed_size = 2\n{SITE_TOML}')


@pytest.fixture
def years(publication: Publication) -> Publication:
    """Six articles of four months; the running one is November 2026, in Taipei."""
    archives(publication, "month")
    for name, published, topics in [
        ("nov-b", "2026-11-01 09:00", "[chips]"),
        # The last second of October in Taipei.
        ("oct-b", "2026-10-31 23:59:59", "[chips, cloud]"),
        ("oct-a", "2026-10-01 00:00", "[chips]"),
        ("aug", "2026-08-15 12:00", "[cloud]"),
        ("mar-b", "2026-03-31 12:00", "[chips]"),
        ("mar-a", "2026-03-01 00:00", "[chips, cloud]"),
    ]:
        publication.article(name, published=published, topics=topics, tags="[nvidia]")
    publication.sync()
    return publication


class Document:
    """A feed's document as a client of RFC 5005 reads it."""

    def __init__(self, client: FlaskClient, url: str) -> None:
        answer = ask(client, url.removeprefix(BASE))
        assert answer.status_code == 200, answer.text
        self.answer, self.url = answer, url
        self.links: dict[str, str] = {}
        self.is_archive = False
        if answer.mimetype == "application/feed+json":
            self._read_json(json.loads(answer.data))
        else:
            self._read_xml(etree.fromstring(answer.data))

    def _read_json(self, found: dict[str, object]) -> None:
        items = found["items"]
        assert isinstance(items, list)
        self.ids = [item["id"] for item in items]
        self.links = {"self": str(found["feed_url"])} | (
            {"prev-archive": str(found["next_url"])} if "next_url" in found else {}
        )
        self.removed = [each["id"] for each in found.get("_feedsvc", {}).get("removed", [])]  # type: ignore[attr-defined]

    def _read_xml(self, root: etree._Element) -> None:
        channel = root if root.tag == f"{ATOM}feed" else root[0]
        self.links = {link.get("rel", ""): link.get("href", "") for link in channel.iterchildren(f"{ATOM}link")}
        self.is_archive = channel.find(f"{HISTORY}archive") is not None
        self.ids = [
            str(each.text) for each in (*channel.iterfind(f"{ATOM}entry/{ATOM}id"), *channel.iterfind("item/guid"))
        ]
        self.removed = [each.get("ref") for each in channel.iterfind("{*}deleted-entry")]


def chain(client: FlaskClient, path: str) -> list[Document]:
    """The current feed and all of its archives, newest first."""
    found = [Document(client, path)]
    while "prev-archive" in found[-1].links:
        found.append(Document(client, found[-1].links["prev-archive"]))
    return found


def short(ids: list[str]) -> list[str]:
    return [id_.rpartition(":")[2] for id_ in ids]


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_the_past_is_walked_from_the_current_feed(years: Publication, suffix: str) -> None:
    current, *past = chain(years.client(), f"/feeds/chips.{suffix}")
    assert short(current.ids) == ["nov-b", "oct-b"]
    assert [short(each.ids) for each in past] == [["oct-b", "oct-a"], ["mar-b", "mar-a"]]
    assert [each.links["self"] for each in past] == [
        f"{BASE}/feeds/chips/2026-10.{suffix}",
        f"{BASE}/feeds/chips/2026-03.{suffix}",
    ]


@pytest.mark.parametrize("suffix", ["atom", "rss"])
def test_an_archive_says_that_it_is_one_and_what_is_around_it(years: Publication, suffix: str) -> None:
    current, october, march = chain(years.client(), f"/feeds/chips.{suffix}?tag=nvidia")
    assert [each.is_archive for each in (current, october, march)] == [False, True, True]
    assert "current" not in current.links
    assert october.links["current"] == march.links["current"] == f"{BASE}/feeds/chips.{suffix}?tag=nvidia"
    assert march.links["next-archive"] == october.links["self"]
    assert "next-archive" not in october.links
    assert october.answer.headers["Cache-Control"].startswith("public, max-age=86400")


@pytest.mark.parametrize(
    ("kind", "labels"),
    [("year", []), ("month", ["2026-10", "2026-08", "2026-03"]), ("day", ["2026-10-31", "2026-10-01", "2026-08-15"])],
)
def test_the_site_says_how_long_a_period_is(years: Publication, kind: str, labels: list[str]) -> None:
    archives(years, kind)
    years.sync()
    found = [each.links["self"] for each in chain(years.client(), "/feeds/all.atom")[1:]]
    assert found[: len(labels)] == [f"{BASE}/feeds/all/{label}.atom" for label in labels]
    assert bool(found) == bool(labels)


def test_the_current_feed_holds_the_whole_running_period(years: Publication) -> None:
    for number in range(4):
        years.article(f"more-{number}", published=f"2026-11-01 10:0{number}")
    years.sync()
    assert len(Document(years.client(), "/feeds/chips.atom").ids) == 5
    assert len(Document(years.client(), "/feeds/chips.atom?limit=3").ids) == 3
    assert "prev-archive" not in Document(years.client(), "/feeds/chips.atom?limit=3").links


def test_an_edit_changes_the_document_of_its_period_and_the_current_one(years: Publication) -> None:
    client = years.client()
    before = {each.url: each.answer for each in chain(client, "/feeds/chips.atom")}
    years.article("mar-b", "Corrected.", published="2026-03-31 12:00", tags="[nvidia]")
    years.sync()
    after = {each.url: each.answer for each in chain(client, "/feeds/chips.atom")}
    changed = [url for url, answer in after.items() if answer.data != before[url].data]
    assert changed == ["/feeds/chips.atom", f"{BASE}/feeds/chips/2026-03.atom"]
    same = f"{BASE}/feeds/chips/2026-10.atom"
    assert after[same].headers["ETag"] == before[same].headers["ETag"]
    assert "Corrected." in after["/feeds/chips.atom"].text


def test_corrections_and_removals_of_the_past_are_in_the_current_feed_for_a_while(years: Publication) -> None:
    client = years.client()
    years.article("mar-b", "Corrected.", published="2026-03-31 12:00", tags="[nvidia]")
    years.article("feb", "Late.", published="2026-02-03 12:00", tags="[nvidia]")
    (years.settings.content / "articles/oct-a.md").unlink()
    years.sync()
    for suffix in ("atom", "json"):
        current, *past = chain(client, f"/feeds/chips.{suffix}")
        assert short(current.ids) == ["nov-b", "oct-b", "mar-b", "feb"]
        assert short(current.removed) == ["oct-a"]
        assert [short(each.ids) for each in past] == [["oct-b"], ["mar-b", "mar-a"], ["feb"]]
        assert not any(each.removed for each in past)
    changed = parse_date(current.answer.headers["Last-Modified"])
    years.now += timedelta(days=30)
    years.sync()
    later = Document(client, "/feeds/chips.atom")
    assert (short(later.ids), later.removed) == (["nov-b", "oct-b"], [])
    moved = parse_date(later.answer.headers["Last-Modified"])
    assert moved is not None
    assert changed is not None
    assert moved > changed


def test_closing_a_period_is_a_commit(years: Publication) -> None:
    client = years.client()
    years.article("alone", published="2026-10-15 12:00", topics="[cloud]")
    years.sync()
    paths = ["/feeds/chips.atom", "/feeds/cloud.atom", "/feeds/chips/2026-10.atom", "/feeds/chips/2026-03.atom"]
    before = {path: ask(client, path) for path in paths}
    with years.store.read() as snapshot:
        assert snapshot.schedule.next_due() == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert ask(client, "/feeds/chips/2026-11.atom").status_code == 404
    years.now = datetime(2026, 11, 30, 15, 58, tzinfo=UTC)
    years.sync()
    assert {path: ask(client, path).data for path in paths} == {path: answer.data for path, answer in before.items()}
    years.now = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
    years.sync()
    after = {path: ask(client, path) for path in paths}
    moved = [path for path in paths if after[path].headers["Last-Modified"] != before[path].headers["Last-Modified"]]
    # What had nothing in November is as it was.
    assert moved == ["/feeds/chips.atom", "/feeds/chips/2026-10.atom"]
    assert [path for path in paths if after[path].data != before[path].data] == moved
    assert short(Document(client, "/feeds/chips/2026-11.atom").ids) == ["nov-b"]
    assert Document(client, "/feeds/chips.atom").links["prev-archive"] == f"{BASE}/feeds/chips/2026-11.atom"
    years.now -= timedelta(days=1)
    years.sync()
    assert ask(client, "/feeds/chips/2026-11.atom").status_code == 200


NOT_THERE = {
    "/feeds/chips/2026.atom": "no archive '2026' (archives are by month: write 2026-03)",
    "/feeds/chips/2026-13.atom": "no archive '2026-13' (archives are by month: write 2026-03)",
    "/feeds/chips/0000-01.atom": "no archive '0000-01' (archives are by month: write 2026-03)",
    "/feeds/chips/2026-11.atom": f"the period 2026-11 is not closed yet (its articles are in {BASE}/feeds/chips.atom)",
    "/feeds/chips/9998-11.atom": f"the period 9998-11 is not closed yet (its articles are in {BASE}/feeds/chips.atom)",
    "/feeds/chip/2026-10.atom": "unknown topic 'chip' (did you mean 'chips'?)",
    "/feeds/chips/2026-10.xml": "unknown format 'xml' (known: atom, rss, json)",
}


@pytest.mark.parametrize(("path", "text"), NOT_THERE.items())
def test_what_is_no_archive_says_what_is(years: Publication, path: str, text: str) -> None:
    answer = ask(years.client(), path)
    assert (answer.status_code, answer.text) == (404, f"{text}\n")


def test_an_archive_is_whole(years: Publication) -> None:
    answer = ask(years.client(), "/feeds/chips/2026-10.atom?limit=1")
    assert (answer.status_code, answer.text) == (400, "parameter 'limit': an archive is whole (leave it away)\n")


def test_an_archive_that_lost_its_articles_is_empty(years: Publication) -> None:
    (years.settings.content / "articles/aug.md").unlink()
    years.sync()
    found = Document(years.client(), "/feeds/all/2026-08.atom")
    assert found.ids == []
    assert found.links["prev-archive"] == f"{BASE}/feeds/all/2026-03.atom"
    assert found.links["next-archive"] == f"{BASE}/feeds/all/2026-10.atom"


def test_a_walk_over_3000_articles_while_they_are_edited(publication: Publication) -> None:
    """Every article of the slice is in exactly one archive, whenever it is looked at."""
    publication.sync()
    made = {
        f"urn:x:{number}": replace(
            ARTICLE,
            id=f"urn:x:{number}",
            slug=f"n{number}",
            published=datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=11 * number),
            tags=("even",) if number % 2 == 0 else ("odd",),
            content=SafeHTML(""),
        )
        for number in range(3000)
    }
    with publication.store.write(publication.now) as writer:
        writer.articles.put(list(made.values()))
    found: dict[str, list[str]] = {"/feeds/chips.atom": [], "/feeds/all.json?tag=even": []}
    edits = _walk_and_edit(publication, made, found)
    running = datetime(2026, 10, 31, 16, 0, tzinfo=UTC)
    past = {id_: each for id_, each in made.items() if each.published < running}
    assert edits >= 1000
    assert sorted(found["/feeds/chips.atom"]) == sorted(past)
    assert sorted(found["/feeds/all.json?tag=even"]) == sorted(id_ for id_, each in past.items() if "even" in each.tags)


def _walk_and_edit(publication: Publication, made: dict[str, Article], found: dict[str, list[str]]) -> int:
    """Walk the chain from each path, with 25 edits behind each step; how many there were."""
    client, chance, edits = publication.client(), random.Random(7), 0
    ahead = {path: Document(client, path).links.get("prev-archive") for path in found}
    while any(ahead.values()):
        for path, url in ahead.items():
            if url is not None:
                document = Document(client, url)
                found[path] += document.ids
                ahead[path] = document.links.get("prev-archive")
        publication.now += timedelta(minutes=1)
        edited = chance.sample(sorted(made), 25)
        with publication.store.write(publication.now) as writer:
            writer.articles.put([replace(made[id_], title=f"Edit {edits}") for id_ in edited])
        edits += len(edited)
    return edits
