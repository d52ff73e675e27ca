"""The traps of feedgen 1.0.0, one test each, in the order of FEEDGEN.md. Our renderers must not fall into any."""

import json
import locale
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone, tzinfo
from typing import Any, Final

import pytest
from feedgen.feed import FeedGenerator
from lxml import etree

from feedsvc.feeds.feed import Feed, Tombstone
from feedsvc.feeds.feedgen_adapter import EntryExtension, FeedExtension, without_build_date
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Enclosure
from feedsvc.text import plain
from tests.feeds.cases import CASES, CHANGED, EVENING, MORNING, PUBLISHER, article, feed, html
from tests.feeds.readers import READERS

NS: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "at": "http://purl.org/atompub/tombstones/1.0",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "xml": "http://www.w3.org/XML/1998/namespace",
}
SONG: Final = Enclosure(url="https://example.org/media/a.mp3", type="audio/mpeg", length=1234)
FILM: Final = Enclosure(url="https://example.org/media/b.mp4", type="video/mp4", length=0)


def _found(feed: Feed, suffix: str, path: str) -> list[Any]:
    found: Any = etree.fromstring(FORMATS[suffix].render(feed)).xpath(path, namespaces=NS)
    return list(found)


def _attributes(feed: Feed, suffix: str, path: str) -> list[dict[str, str]]:
    return [dict(element.attrib) for element in _found(feed, suffix, path)]


def test_01_enclosure_links_keep_rel_type_and_length() -> None:
    assert _attributes(feed(article("a", enclosures=(SONG,))), "atom", "//atom:entry/atom:link") == [
        {"rel": "alternate", "href": "https://example.org/articles/a", "type": "text/html", "hreflang": "en"},
        {"rel": "enclosure", "href": SONG.url, "type": "audio/mpeg", "length": "1234"},
    ]


def test_02_the_channel_links_to_its_page_and_not_to_itself() -> None:
    assert _found(feed(), "rss", "/rss/channel/link/text()") == ["https://example.org/topics/chips"]


def test_03_every_link_of_the_feed_is_in_the_channel() -> None:
    itself = {"rel": "self", "href": "https://example.org/feeds/chips.rss", "type": "application/rss+xml"}
    assert _attributes(feed(), "rss", "/rss/channel/atom:link") == [itself]


@pytest.mark.parametrize("suffix", FORMATS)
def test_04_entries_keep_their_order(suffix: str) -> None:
    names = [f"a{number}" for number in (3, 1, 2, 5, 4)]
    entries = READERS[suffix](FORMATS[suffix].render(feed(*map(article, names)))).entries
    assert [entry.url.rpartition("/")[2] for entry in entries] == names


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\x7f", "\ufffe", "\uffff", "\ud800", "\U0001fffe"])
def test_05_no_character_of_an_article_breaks_a_feed(character: str) -> None:
    raw = f"a{character}b"
    with pytest.raises(ValueError, match="not plain text"):
        article("raw", title=raw)
    made = feed(article("a", title=plain(raw), summary=plain(raw), content=html(raw), tags=(plain(raw),)))
    for suffix, format_ in FORMATS.items():
        entry = READERS[suffix](format_.render(made)).entries[0]
        assert {entry.title, entry.summary, entry.content} == {"ab"}


def test_06_content_is_html_and_escaped_once() -> None:
    made = feed(article("a", content=html("<p>1&nbsp;&lt;&nbsp;2 ]]&gt;</p>")))
    (content,) = _found(made, "atom", "//atom:entry/atom:content")
    assert (content.get("type"), content.text) == ("html", "<p>1&nbsp;&lt;&nbsp;2 ]]&gt;</p>")
    assert _found(made, "rss", "//item/content:encoded/text()") == [content.text]


def test_07_a_summary_leaves_the_content_alone() -> None:
    made = feed(article("a", summary="In short.", content=html("<p>At length.</p>")))
    assert _found(made, "atom", "//atom:entry/atom:summary/text()") == ["In short."]
    assert _found(made, "atom", "//atom:entry/atom:content/text()") == ["<p>At length.</p>"]
    assert _found(made, "rss", "//item/description/text()") == ["In short."]
    assert _found(made, "rss", "//item/content:encoded/text()") == ["<p>At length.</p>"]


class _OfDatetimes(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class _Later(datetime, metaclass=_OfDatetimes):
    """feedgen's clock, many years on."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Any:
        return datetime(2099, 12, 31, tzinfo=tz)


@pytest.mark.parametrize("case", CASES)
def test_08_a_document_is_the_same_at_any_time(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = {suffix: format_.render(CASES[case]) for suffix, format_ in FORMATS.items()}
    monkeypatch.setattr("feedgen.feed.datetime", _Later)
    monkeypatch.setattr("feedgen.entry.datetime", _Later)
    assert {suffix: format_.render(CASES[case]) for suffix, format_ in FORMATS.items()} == now


def test_09_an_item_says_when_it_was_updated() -> None:
    made = feed(article("a", published=MORNING, updated=EVENING))
    assert _found(made, "rss", "//item/pubDate/text()") == ["Thu, 01 Oct 2026 02:03:04 +0000"]
    assert _found(made, "rss", "//item/atom:updated/text()") == ["2026-10-01T20:00:00Z"]


def test_10_people_need_no_mail_address_in_rss() -> None:
    made = CASES["authors"]
    assert _found(made, "rss", "//item/dc:creator/text()") == ["Ann Author", "Bob", "陳編輯"]
    assert _found(made, "rss", "//author | //managingEditor | //webMaster") == []
    assert b"@example.org" not in FORMATS["rss"].render(made)


def test_11_an_entry_may_have_any_link() -> None:
    related = _attributes(CASES["translations"], "atom", "//atom:entry[1]/atom:link[@rel='related']")
    assert [(link["hreflang"], link["href"].rpartition("/")[2], link["title"]) for link in related] == [
        ("zh-Hant", "chips-act-zh", "晶片法案"),
        ("ja", "chips-act-ja", '半導体法 A < B & "C" <\u2060b>'),
    ]
    assert len(_found(CASES["translations"], "atom", "//atom:entry[1]/atom:link[@rel='alternate']")) == 1


def test_12_an_item_has_one_enclosure_and_the_rest_as_media() -> None:
    made = feed(article("a", enclosures=(FILM, SONG)))
    assert _attributes(made, "rss", "//item/enclosure") == [{"url": FILM.url, "length": "0", "type": "video/mp4"}]
    assert _attributes(made, "rss", "//item/media:content") == [
        {"url": SONG.url, "type": "audio/mpeg", "fileSize": "1234"}
    ]
    assert _found(feed(site=PUBLISHER), "rss", "/rss/channel/image/url/text()") == [PUBLISHER.logo]


def _refuse(*_: object) -> None:
    raise AssertionError("the locale belongs to the whole process")


def test_13_the_locale_of_the_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locale, "setlocale", _refuse)
    for made in CASES.values():
        for format_ in FORMATS.values():
            format_.render(made)


@pytest.mark.parametrize("case", CASES)
def test_14_no_broken_syndication_module(case: str) -> None:
    document = FORMATS["rss"].render(CASES[case])
    assert b"purl.org/rss/1.0/modules/syndication/" not in document
    assert b"UpdatePeriod" not in document
    assert b">None<" not in document


@pytest.mark.parametrize("field", ["published", "updated"])
@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=8))])
def test_15_a_date_without_utc_is_refused_before_it_is_rendered(field: str, zone: tzinfo | None) -> None:
    with pytest.raises(ValueError, match=f"{field} must be in UTC"):
        article("a", **{field: datetime(2026, 10, 1, tzinfo=zone)})


def test_16_json_feed_entry_languages_and_tombstones_are_there() -> None:
    made = replace(CASES["languages"], tombstones=(Tombstone(id="tag:example.org,2026:gone", at=CHANGED),))
    assert [item["language"] for item in json.loads(FORMATS["json"].render(made))["items"]] == [
        "en",
        "zh-Hant-TW",
        "pt-BR",
    ]
    assert _found(made, "atom", "//atom:entry/@xml:lang") == ["en", "zh-Hant-TW", "pt-BR"]
    assert _found(made, "rss", "//item/dc:language/text()") == ["zh-Hant-TW", "pt-BR"]
    assert _attributes(made, "atom", "/atom:feed/at:deleted-entry") == [
        {"ref": "tag:example.org,2026:gone", "when": "2026-10-05T06:07:08Z"}
    ]


@pytest.mark.parametrize("case", CASES)
def test_16_no_document_needs_a_base(case: str) -> None:
    """There is no xml:base: every address is absolute and ASCII, in content too."""
    for suffix, format_ in FORMATS.items():
        for entry in READERS[suffix](format_.render(CASES[case])).entries:
            inside = re.findall(r'(?:href|src)="([^"]*)"', entry.content)
            for url in (entry.url, *inside, *(url for url, _, _ in entry.enclosures)):
                assert url.startswith("https://")
                assert url.isascii()


def test_what_the_adapter_takes_of_feedgen_is_there() -> None:
    """feedgen writes no lastBuildDate where its private attribute is None, and calls these methods of extensions."""
    made = FeedGenerator()
    made.title("a")
    made.link(href="https://example.org/")
    made.description("b")
    assert b"<lastBuildDate>" in made.rss_str()
    without_build_date(made)
    assert b"<lastBuildDate>" not in made.rss_str()
    for name in ("extend_ns", "extend_atom", "extend_rss"):
        assert callable(getattr(FeedExtension, name))
        assert callable(getattr(EntryExtension, name))
