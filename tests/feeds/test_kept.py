"""Entries that are kept: a document made with them is, byte for byte, what it is without."""

import random
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.feeds.feed import Feed, assemble
from feedsvc.feeds.format import Parts
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Article, Enclosure, Image, Localized, Person, SafeHTML, Topic
from feedsvc.slices.slice import Slice
from tests.feeds.cases import CASES, CHANGED, EVENING, SITE, article, feed

PLENTY: Final = 1 << 24
SUFFIXES: Final = sorted(FORMATS)
each_format = pytest.mark.parametrize("suffix", SUFFIXES)
FIRST, SECOND, THIRD = (article(name) for name in ("first", "second", "third"))
MATE: Final = article("mate", language="ja", title="別の言葉")


def _made_anew(made: Feed, suffix: str, kept: EntryCache) -> list[str]:
    """The slugs of the entries that are rendered for this document."""
    format_ = FORMATS[suffix]
    found: list[str] = []

    def spy(missing: Feed) -> Parts:
        found.extend(entry.article.slug for entry in missing.entries)
        return format_.parts(missing)

    assert replace(format_, parts=spy).render(made, kept) == format_.render(made)
    return found


@each_format
def test_an_entry_is_rendered_once_for_all_slices(suffix: str) -> None:
    kept = EntryCache(PLENTY)
    assert _made_anew(feed(FIRST, SECOND), suffix, kept) == ["first", "second"]
    assert _made_anew(feed(FIRST, SECOND), suffix, kept) == []
    assert _made_anew(feed(FIRST, slice_=Slice(tags=("a",))), suffix, kept) == []
    assert _made_anew(assemble(SITE, Slice(), [THIRD, FIRST], updated=EVENING), suffix, kept) == ["third"]
    assert _made_anew(feed(), suffix, kept) == []


@each_format
@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Other"},
        {"slug": "other"},
        {"summary": "Other."},
        {"content": SafeHTML("<p>Other.</p>")},
        {"published": EVENING},
        {"updated": EVENING},
        {"language": "zh-Hant"},
        {"topics": ("cloud",)},
        {"tags": ("other",)},
        {"authors": (Person(name="Other"),)},
        {"image": Image(url="https://example.org/media/other.png")},
        {"enclosures": (Enclosure(url="https://example.org/media/other.mp3", type="audio/mpeg"),)},
        {"disclosure": "Made by a machine."},
    ],
    ids=lambda fields: str(next(iter(fields))),
)
def test_an_article_that_changed_is_rendered_anew(suffix: str, fields: dict[str, Any]) -> None:
    kept = EntryCache(PLENTY)
    _made_anew(feed(FIRST), suffix, kept)
    assert _made_anew(feed(replace(FIRST, **fields)), suffix, kept) == [fields.get("slug", "first")]


OTHER_TOPIC: Final = Topic(name="chips", title=Localized({"en": "Wafers"}), description=Localized({"en": "Sand"}))


@each_format
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(feed(FIRST, site=replace(SITE, base_url="https://example.net")), id="another address"),
        pytest.param(feed(FIRST, site=replace(SITE, tag_authority="example.net,2026")), id="another authority"),
        pytest.param(feed(FIRST, site=replace(SITE, topics=(OTHER_TOPIC,))), id="another topic's title"),
        pytest.param(feed(FIRST, slice_=Slice("chips", body="summary")), id="as a summary"),
        pytest.param(feed(FIRST, translations={FIRST.id: [MATE]}), id="translated"),
        pytest.param(feed(FIRST, translations={FIRST.id: [replace(MATE, title="題")]}), id="a translation's title"),
        pytest.param(feed(FIRST, slice_=Slice(languages=("zh-Hant",))), id="in a feed of another language"),
    ],
)
def test_whatever_else_an_entry_shows_makes_it_another(suffix: str, other: Feed) -> None:
    kept = EntryCache(PLENTY)
    for made in (feed(FIRST), other, feed(FIRST), other):
        assert FORMATS[suffix].render(made, kept) == FORMATS[suffix].render(made)


@each_format
def test_an_id_that_is_no_uri_is_made_one_of_the_feeds_own_site(suffix: str) -> None:
    kept, named = EntryCache(PLENTY), replace(FIRST, id="first", topics=("none",))
    for authority in ("example.org,2026", "example.net,2026", "example.org,2026"):
        made = feed(named, site=replace(SITE, tag_authority=authority))
        assert FORMATS[suffix].render(made, kept) == FORMATS[suffix].render(made)


@settings(max_examples=20, deadline=None)
@given(st.integers(), st.sampled_from([0, 20_000, PLENTY]))
def test_nothing_depends_on_what_was_rendered_before(seed: int, max_bytes: int) -> None:
    kept = EntryCache(max_bytes)
    asked = [(name, suffix) for name in CASES for suffix in SUFFIXES] * 2
    random.Random(seed).shuffle(asked)
    for name, suffix in asked[:60]:
        assert FORMATS[suffix].render(CASES[name], kept) == WITHOUT[name, suffix]
        assert kept.size <= max_bytes


WITHOUT: Final = {(name, suffix): FORMATS[suffix].render(CASES[name]) for name in CASES for suffix in SUFFIXES}


def _many(number: int) -> list[Article]:
    return [article(f"n{each}", content=SafeHTML(f"<p>{'字' * 1000}</p>")) for each in range(number)]


def test_it_is_bounded_in_bytes_however_many_articles_there_are() -> None:
    kept = EntryCache(100_000)
    for each in _many(100):
        FORMATS["atom"].render(feed(each), kept)
    assert 90_000 < kept.size <= 100_000


def test_what_was_used_last_stays_longest() -> None:
    kept, some = EntryCache(50_000), _many(20)
    for each in some:
        FORMATS["atom"].render(feed(some[0]), kept)
        FORMATS["atom"].render(feed(each), kept)
    assert _made_anew(feed(some[0]), "atom", kept) == []
    assert _made_anew(feed(some[1]), "atom", kept) == ["n1"]


def test_a_changed_entry_takes_the_old_ones_place() -> None:
    kept = EntryCache(PLENTY)
    FORMATS["atom"].render(feed(FIRST), kept)
    size = kept.size
    for number in range(50):
        FORMATS["atom"].render(feed(replace(FIRST, title=f"Number {number:05}")), kept)
    assert abs(kept.size - size) < 100


def test_what_is_too_large_is_not_kept() -> None:
    kept = EntryCache(10_000)
    large = article("large", content=SafeHTML(f"<p>{'字' * 5000}</p>"))
    FORMATS["atom"].render(feed(FIRST, large), kept)
    assert _made_anew(feed(FIRST, large), "atom", kept) == ["large"]


@each_format
def test_a_text_that_looks_like_an_entry_is_none(suffix: str) -> None:
    odd = "<item>a</item></channel></rss><entry lang='x'></entry></feed>]}"
    some = feed(replace(FIRST, title=odd, tags=(odd,), content=SafeHTML("<p>&lt;item&gt;&lt;entry &gt;</p>")), SECOND)
    named = replace(some, title=odd, subtitle=odd)
    kept = EntryCache(PLENTY)
    assert _made_anew(named, suffix, kept) == ["first", "second"]
    assert _made_anew(named, suffix, kept) == []
    assert FORMATS[suffix].render(replace(named, updated=CHANGED), kept) == FORMATS[suffix].render(named)
