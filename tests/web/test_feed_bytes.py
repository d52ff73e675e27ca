"""feed_bytes: a feed that would be larger shows its older entries with their summary only."""

import json

import pytest
from lxml import etree

from feedsvc.sync import check
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import BASE, ask

LIMIT = 20_000
ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@pytest.fixture
def large(publication: Publication) -> Publication:
    """Eight articles of some 3,000 to 6,000 bytes, in November, which runs, and one in October."""
    publication.write("site.toml", f"feed_bytes = {LIMIT}\n{SITE_TOML}")
    for number in range(8):
        publication.article(
            f"n{number}", f"Text {number}.\n\n" + "推論 < & " * 150, published=f"2026-11-01 0{number}:00"
        )
    return publication


def full(publication: Publication, path: str) -> list[bool]:
    """Which entries of a feed have their content; all have a summary and a link."""
    body = ask(publication.client(), path).data
    suffix = path.partition("?")[0].rpartition(".")[2]
    if suffix == "json":
        items = json.loads(body)["items"]
        assert all(each["url"].startswith(f"{BASE}/articles/") and each["summary"] for each in items)
        return ["content_html" in each for each in items]
    entries = etree.fromstring(body).findall(f"{ATOM}entry" if suffix == "atom" else "channel/item")
    if suffix == "atom":
        assert all(each.findtext(f"{ATOM}summary") and each.find(f"{ATOM}link") is not None for each in entries)
        return [each.find(f"{ATOM}content") is not None for each in entries]
    assert all(each.findtext("description") and each.findtext("link") for each in entries)
    return [each.find(CONTENT) is not None for each in entries]


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
@pytest.mark.parametrize("query", ["", "?lang=en"])
def test_the_newest_are_in_full_while_they_fit(large: Publication, suffix: str, query: str) -> None:
    large.sync()
    shown = full(large, f"/feeds/chips.{suffix}{query}")
    number = sum(shown)
    assert shown == [True] * number + [False] * (8 - number)
    assert 1 < number < 8
    assert len(ask(large.client(), f"/feeds/chips.{suffix}{query}").data) <= LIMIT
    assert full(large, f"/feeds/chips.{suffix}?limit={number}") == [True] * number


def test_the_newest_is_in_full_however_long_it_is(publication: Publication) -> None:
    publication.write("site.toml", f"feed_bytes = {LIMIT}\n{SITE_TOML}")
    publication.article("old", "推論" * 20_000, published="2026-10-01")
    publication.article("older", "Text.", published="2026-09-01")
    publication.article("new", "推論" * 20_000, published="2026-10-02")
    publication.sync()
    for suffix in ("atom", "rss", "json"):
        assert full(publication, f"/feeds/all.{suffix}") == [True, False, False]


def test_an_article_that_alone_is_too_large_by_its_markup(publication: Publication) -> None:
    """Escaping makes it larger than the limit, though its characters would fit."""
    publication.write("site.toml", f"feed_bytes = {LIMIT}\n{SITE_TOML}")
    publication.article("new", "<b>a</b>" * 1200, published="2026-10-02")
    publication.article("old", "Text.", published="2026-10-01")
    publication.sync()
    assert full(publication, "/feeds/all.rss") == [True, False]


def test_0_is_no_limit_and_archives_and_changes_are_whole(large: Publication) -> None:
    large.article("october", "推論" * 20_000, published="2026-10-05")
    large.article("october2", "推論" * 20_000, published="2026-10-06")
    large.sync()
    assert full(large, "/feeds/all/2026-10.atom") == [True, True]
    since = json.loads(ask(large.client(), "/feeds/all.json").data)["_feedsvc"]["changes_url"].partition("?")[2]
    for number in range(8):
        large.article(f"n{number}", "推論 < & " * 151, published=f"2026-11-01 0{number}:00")
    large.sync()
    assert full(large, f"/feeds/all.json?{since}") == [True] * 8
    large.write("site.toml", f"feed_bytes = 0\n{SITE_TOML}")
    assert large.sync().problems == ()
    assert all(full(large, "/feeds/all.atom"))


def test_a_feed_of_a_usual_size_is_whole_and_nothing_is_said(publication: Publication) -> None:
    for number in range(9):
        publication.article(f"n{number}", "推論 " * 300)
    assert publication.sync().problems == ()
    assert all(full(publication, "/feeds/all.atom"))


def test_the_same_store_gives_the_same_bytes_whatever_was_asked_before(large: Publication) -> None:
    large.sync()
    first = large.client()
    paths = ["/feeds/all.rss", "/feeds/chips.rss?body=summary", "/feeds/chips.rss?limit=2", "/feeds/chips.rss"]
    assert [ask(first, each).data for each in paths] == [ask(large.client(), each).data for each in reversed(paths)][
        ::-1
    ]


def test_check_and_sync_name_the_feed_and_its_size(large: Publication) -> None:
    report = large.sync()
    said = [str(each) for each in report.problems]
    assert [each.path for each in report.problems] == ["site.toml", "site.toml"]
    for name, line in zip(("all", "chips"), said, strict=True):
        assert f"the feed {name!r} would have " in line
        assert "bytes in RSS, the limit is 20,000: its older entries show their summary only (raise feed_bytes" in line
    checked = check(large.settings.content, large.site, large.store, large.now)
    assert [str(each) for each in checked.problems] == said


@pytest.mark.parametrize("value", ["-1", "9999", "true", '"2 MB"'])
def test_a_limit_that_is_none_is_refused(publication: Publication, value: str) -> None:
    publication.write("site.toml", f"feed_bytes = {value}\n{SITE_TOML}")
    with pytest.raises(Exception, match="feed_bytes"):
        _ = publication.site
