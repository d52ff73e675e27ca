"""A date without a time is the same day everywhere: in each format, on pages, in embeds; a time stays what it was."""

import json
import re
from datetime import datetime
from email.utils import parsedate_to_datetime

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree

from tests.conftest import SITE_TOML, Publication
from tests.web.resources import ask

ATOM = "{http://www.w3.org/2005/Atom}"
# zone, the date as written, RFC 3339, RFC 822
DAYS = [
    ("Asia/Taipei", "2026-10-15", "2026-10-15T00:00:00+08:00", "Thu, 15 Oct 2026 00:00:00 +0800"),
    ("Asia/Taipei", "1975-07-01", "1975-07-01T00:00:00+09:00", "Tue, 01 Jul 1975 00:00:00 +0900"),
    ("America/New_York", "2026-07-04", "2026-07-04T00:00:00-04:00", "Sat, 04 Jul 2026 00:00:00 -0400"),
    ("America/St_Johns", "2026-01-05", "2026-01-05T00:00:00-03:30", "Mon, 05 Jan 2026 00:00:00 -0330"),
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00:00-02:00", "Sun, 04 Nov 2018 01:00:00 -0200"),
    ("Asia/Shanghai", "1890-01-01", "1890-01-01T00:00:17+08:06", "Wed, 01 Jan 1890 00:00:17 +0806"),
    ("UTC", "2026-10-15", "2026-10-15T00:00:00+00:00", "Thu, 15 Oct 2026 00:00:00 +0000"),
]


def dates(client: FlaskClient, name: str = "all") -> dict[str, list[str]]:
    """What each format says of the first article: published, updated."""
    atom = etree.fromstring(ask(client, f"/feeds/{name}.atom").data).find(f"{ATOM}entry")
    rss = etree.fromstring(ask(client, f"/feeds/{name}.rss").data).find("channel/item")
    item = json.loads(ask(client, f"/feeds/{name}.json").data)["items"][0]
    assert atom is not None
    assert rss is not None
    return {
        "atom": [str(atom.findtext(f"{ATOM}{each}")) for each in ("published", "updated")],
        "rss": [str(rss.findtext("pubDate")), str(rss.findtext(f"{ATOM}updated"))],
        "json": [item["date_published"], item["date_modified"]],
    }


@pytest.mark.parametrize(("zone", "written", "rfc3339", "rfc822"), DAYS)
def test_a_date_goes_out_as_the_beginning_of_its_day(
    publication: Publication, zone: str, written: str, rfc3339: str, rfc822: str
) -> None:
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", zone))
    publication.article("a", published=written)
    publication.sync()
    client = publication.client()
    assert dates(client) == {"atom": [rfc3339] * 2, "rss": [rfc822, rfc3339], "json": [rfc3339] * 2}
    assert parsedate_to_datetime(rfc822) == datetime.fromisoformat(rfc3339)
    page = ask(client, "/articles/a?ui=en").text
    times = re.findall(r'<time class="dt-published" datetime="([^"]*)" title="[^"]*">([^<]*)</time>', page)
    day = datetime.fromisoformat(written)
    assert times[0] == (rfc3339, f"{day:%B} {day.day}, {day.year}")
    assert f'"datePublished": "{rfc3339}"' in page
    assert f'<meta property="article:published_time" content="{rfc3339}">' in page
    assert f'datetime="{rfc3339}"' in ask(client, "/").text


def test_every_document_of_a_slice_says_the_same_day(publication: Publication) -> None:
    publication.article("a", published="2026-10-15")
    publication.sync()
    client = publication.client()
    since = json.loads(ask(client, "/feeds/all.json").data)["_feedsvc"]["changes_url"].partition("?")[2]
    publication.article("a", "New.", published="2026-10-15", updated="2026-10-20")
    publication.article("b", published="2026-09-01")
    publication.sync()
    wanted = {"atom": ["2026-10-15T00:00:00+08:00", "2026-10-20T00:00:00+08:00"]}
    for path in ("/feeds/all", "/feeds/chips", "/feeds/all/2026-10"):
        answer = ask(client, f"{path}.atom")
        if answer.status_code == 200:  # October runs until the clock says otherwise
            entry = etree.fromstring(answer.data).find(f"{ATOM}entry")
            assert entry is not None
            assert [entry.findtext(f"{ATOM}{each}") for each in ("published", "updated")] == wanted["atom"]
    items = json.loads(ask(client, f"/feeds/all.json?{since}").data)["items"]
    assert [items[0]["date_published"], items[0]["date_modified"]] == wanted["atom"]
    archived = json.loads(ask(client, "/feeds/all/2026-09.json").data)["items"]
    assert archived[0]["date_published"] == "2026-09-01T00:00:00+08:00"


def test_a_time_stays_what_it_was(publication: Publication) -> None:
    publication.article("a", published="2026-10-15 00:00", updated="2026-10-16 09:30")
    publication.sync()
    assert dates(publication.client()) == {
        "atom": ["2026-10-14T16:00:00Z", "2026-10-16T01:30:00Z"],
        "rss": ["Wed, 14 Oct 2026 16:00:00 +0000", "2026-10-16T01:30:00Z"],
        "json": ["2026-10-14T16:00:00Z", "2026-10-16T01:30:00Z"],
    }


def test_a_time_on_a_page_has_whole_minutes_in_its_offset(publication: Publication) -> None:
    """HTML §2.3.5.6: a time-zone offset is hours and minutes."""
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", "Asia/Shanghai"))
    publication.article("a", published="1890-01-01 12:00")
    publication.sync()
    assert 'datetime="1890-01-01T12:00:17+08:06"' in ask(publication.client(), "/articles/a").text


@pytest.mark.parametrize(
    ("published", "updated", "shown", "warnings"),
    [
        pytest.param("2026-10-15 09:30", "2026-10-15", "2026-10-15T01:30:00Z", [], id="a day names its own time"),
        pytest.param("2026-10-15", "2026-10-15 09:30", "2026-10-15T01:30:00Z", [], id="a time later on that day"),
        pytest.param("2026-10-15", "2026-10-15", "2026-10-15T00:00:00+08:00", [], id="the same day"),
        pytest.param("2026-10-15 00:00", "2026-10-15", "2026-10-14T16:00:00Z", [], id="the same moment"),
        pytest.param("2026-10-15 23:00+00:00", "2026-10-16", "2026-10-15T23:00:00Z", [], id="the day is the site's"),
        pytest.param("2026-10-15 09:30", "2026-10-16", "2026-10-16T00:00:00+08:00", [], id="the next day"),
        pytest.param(
            "2026-10-15 09:30",
            "2026-10-14",
            "2026-10-15T01:30:00Z",
            ["is before published (the later of the two is used)"],
            id="the day before",
        ),
        pytest.param(
            "2026-10-15",
            "2026-10-14 23:00",
            "2026-10-15T00:00:00+08:00",
            ["is before published (the later of the two is used)"],
            id="a time on the day before",
        ),
    ],
)
def test_updated_is_the_later_of_both(
    publication: Publication, published: str, updated: str, shown: str, warnings: list[str]
) -> None:
    publication.article("a", published=published, updated=updated)
    report = publication.sync()
    assert [each.finding.message for each in report.problems] == warnings
    assert dates(publication.client())["json"][1] == shown


def test_the_frame_shows_the_day_of_the_publication(publication: Publication) -> None:
    publication.article("date", published="2026-10-15")
    publication.article("early", published="2026-10-15 04:00")
    publication.sync()
    page = ask(publication.client(), "/embed/all?ui=en").text
    assert re.findall(r'datetime="([^"]*)"[^>]*>([^<]*)<', page) == [
        ("2026-10-15T04:00:00+08:00", "October 15, 2026"),
        ("2026-10-15T00:00:00+08:00", "October 15, 2026"),
    ]


def test_readers_take_the_moment_for_what_it_is(publication: Publication) -> None:
    publication.article("a", published="2026-10-15")
    publication.sync()
    for suffix in ("atom", "rss"):
        (entry,) = feedparser.parse(ask(publication.client(), f"/feeds/all.{suffix}").data).entries
        assert tuple(entry.published_parsed)[:5] == (2026, 10, 14, 16, 0)


def test_a_date_does_not_move_in_slices(publication: Publication) -> None:
    publication.article("date", published="2026-10-15")
    publication.article("late", published="2026-10-14 23:59")
    publication.sync()
    client = publication.client()
    items = json.loads(ask(client, "/feeds/all.json?since=2026-10-15&until=2026-10-15").data)["items"]
    assert [each["title"] for each in items] == ["date"]
    assert ask(client, "/months/2026-10").text.index(">date<") < ask(client, "/months/2026-10").text.index(">late<")
