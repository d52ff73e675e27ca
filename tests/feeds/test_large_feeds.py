"""A document of more than `max_bytes` shows its newest entries in full while they fit, the others in short."""

from dataclasses import replace

import pytest

from feedsvc.feeds.entry_cache import EntryCache
from feedsvc.feeds.formats import FORMATS
from tests.feeds.cases import article, feed, html
from tests.feeds.readers import READERS

FORMAT_NAMES = sorted(FORMATS)
# RSS writes six bytes for each "<".
LONG = html("<p>" + "a <b>b</b> " * 500 + "</p>")


def full(document: bytes, suffix: str) -> list[bool]:
    return [len(each.content) > 1000 for each in READERS[suffix](document).entries]


@pytest.mark.parametrize("suffix", FORMAT_NAMES)
def test_as_many_are_in_full_as_fit(suffix: str) -> None:
    whole = feed(*(article(f"a{number}", content=LONG) for number in range(6)))
    render = FORMATS[suffix].render
    size = len(render(replace(whole, max_bytes=0)))
    for limit in (size, size - 1, size // 2, size // 3):
        document = render(replace(whole, max_bytes=limit))
        shown = full(document, suffix)
        number = sum(shown)
        assert shown == [True] * number + [False] * (6 - number)
        assert len(document) <= limit
        assert (number == 6) == (limit == size)
        # One more would not fit.
        longer = render(replace(whole, max_bytes=limit + len(LONG) * 6))
        assert sum(full(longer, suffix)) > number or number == 6


@pytest.mark.parametrize("suffix", FORMAT_NAMES)
@pytest.mark.parametrize("limit", [10, len(LONG) + 10])
def test_the_newest_is_always_in_full(suffix: str, limit: int) -> None:
    render = FORMATS[suffix].render
    assert full(render(replace(feed(article("a", content=LONG)), max_bytes=limit)), suffix) == [True]
    both = feed(article("a", content=LONG), article("b", content=LONG))
    assert full(render(replace(both, max_bytes=limit)), suffix) == [True, False]


@pytest.mark.parametrize("suffix", FORMAT_NAMES)
def test_entries_that_are_kept_give_the_same_bytes(suffix: str) -> None:
    """An entry in short stands beside the one in full: neither is given for the other."""
    whole = feed(*(article(f"a{number}", content=LONG) for number in range(6)))
    short = replace(whole, max_bytes=15_000)
    render, kept = FORMATS[suffix].render, EntryCache(10_000_000)
    wanted = render(short), render(whole)
    assert wanted[0] != wanted[1]
    for _ in range(2):
        assert (render(short, kept), render(whole, kept)) == wanted
