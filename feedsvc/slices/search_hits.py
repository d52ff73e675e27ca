"""Find the terms of a search in a text as the index finds them, and the part of a text to show. Pure."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from feedsvc.slices.search_terms import PIECE, folded, index_lookup
from feedsvc.text import shorten, starts_cluster

# What folding may compose with the character before it: marks, the vowels and finals of Hangul, half-width marks.
_CONTINUING: Final = "".join(
    each
    for each in map(chr, (*range(0x300, 0xFFFF), *range(0x10000, 0x1F000), *range(0xE0100, 0xE01F0)))
    if unicodedata.category(each) in ("Mn", "Mc", "Me")
)
_CLUSTER: Final = re.compile(f".[{_CONTINUING}\u1160-\u11ff\ud7b0-\ud7ff\uff9e-\uffdc]*+", re.DOTALL)
_SENTENCE_END: Final = re.compile(r"[.!?\u061f\u06d4…](?=\s)|[。！？]+[」』”’）]*+")
# A text is looked through in windows, so that only those that have a term are folded character by character.
_WINDOW: Final = 2000
# What stands before and after a window, to know whether a word begins before it and what follows it.
_BESIDE: Final = 256
# The most characters before the first find: a find near the beginning of the excerpt needs no search for it.
_BEFORE: Final = 60
_folded: Final = lru_cache(8192)(folded)


class Hit(NamedTuple):
    """A place of a term in a text: the text from `start` up to `end`."""

    start: int
    end: int
    term: str


class _Wanted(NamedTuple):
    """A term: words that follow each other; without anything between them if `is_run`."""

    term: str
    words: Sequence[str]
    is_run: bool


class _Place(NamedTuple):
    """A word or a CJK character of a folded text, from `start` up to `end` there."""

    word: str
    start: int
    end: int


def hits(text: str, terms: Sequence[str]) -> list[Hit]:
    """Return where `terms` of `search_terms.parsed` are in `text`, in the order of their starts. They may overlap.

    The time is linear in the text; the words of a query are limited by its length.
    """
    plain, starts, ends = _folded_with_places(text)
    whole: defaultdict[str, list[_Wanted]] = defaultdict(list)
    beginnings: list[_Wanted] = []
    for term in terms:
        part, words, is_beginning = index_lookup(term)
        wanted = _Wanted(term, list(term) if part == "pairs" else words, part == "pairs")
        if is_beginning:
            beginnings.append(wanted)
        else:
            whole[wanted.words[0]].append(wanted)
    places = list(_places(plain))
    found: list[Hit] = []
    for at, (word, start, end) in enumerate(places):
        found += [Hit(starts[start], ends[end - 1], each.term) for each in beginnings if word.startswith(each.words[0])]
        for each in whole.get(word, ()):
            last = _last_of(each, places, at)
            if last is not None:
                found.append(Hit(starts[start], ends[places[last].end - 1], each.term))
    return found


def _last_of(wanted: _Wanted, places: Sequence[_Place], at: int) -> int | None:
    """Return the index of the last of the places that have the term from `at` on; None if they do not have it."""
    last = at + len(wanted.words) - 1
    if last >= len(places):
        return None
    for offset, word in enumerate(wanted.words):
        if places[at + offset].word != word:
            return None
        if wanted.is_run and offset and places[at + offset].start != places[at + offset - 1].end:
            return None
    return last


def _places(plain: str) -> Iterator[_Place]:
    for piece in PIECE.finditer(plain):
        if piece["cjk"]:
            yield from (_Place(plain[at], at, at + 1) for at in range(piece.start(), piece.end()))
        else:
            yield _Place(piece[0], piece.start(), piece.end())


def _folded_with_places(text: str) -> tuple[str, list[int], list[int]]:
    """Return the folded text, and where in `text` each character of it begins and ends."""
    if text.isascii():
        return folded(text), list(range(len(text))), list(range(1, len(text) + 1))
    parts: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for cluster in _CLUSTER.finditer(text):
        part = _folded(cluster[0])
        parts.append(part)
        starts += [cluster.start()] * len(part)
        ends += [cluster.end()] * len(part)
    return "".join(parts), starts, ends


def marked(text: str, terms: Sequence[str]) -> list[tuple[str, bool]]:
    """Return `text` in parts, each with whether it has a term. A part with terms is as long as it can be."""
    parts: list[tuple[str, bool]] = []
    done = 0
    for start, end in _merged(text, hits(text, terms)):
        parts += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [part for part in (*parts, (text[done:], False)) if part[0]]


def _merged(text: str, found: Sequence[Hit]) -> Iterator[tuple[int, int]]:
    """Yield the spans of `text` that the hits cover together, without a part of what a reader sees as one character."""
    start = end = -1
    for each in found:
        # A part of a joined emoji is not marked by itself.
        first, last = each.start, each.end
        while first and not starts_cluster(text, first):
            first -= 1
        while last < len(text) and not starts_cluster(text, last):
            last += 1
        if first > end:
            if end > start:
                yield start, end
            start, end = first, last
        end = max(end, last)
    if end > start:
        yield start, end


def excerpt(text: str, terms: Sequence[str], width: int) -> str | None:
    """Return about `width` characters of `text` with the first find; None if it has none of the `terms`.

    Of the finds in the first window that has any, it is the first one with the most different terms beside it.
    """
    first = _first_hit(text, terms, width)
    if first is None:
        return None
    begin = _beginning(text, first.start)
    return f"{'…' if begin else ''}{shorten(text[begin:].lstrip(), max(width, first.end - begin))}"


def _first_hit(text: str, terms: Sequence[str], width: int) -> Hit | None:
    needles = [_needle(each) for each in terms]
    for start in range(0, len(text), _WINDOW):
        before = min(start, _BESIDE)
        window = text[start - before : start + _WINDOW + _BESIDE]
        plain = folded(window)
        if not any(needle in plain for needle in needles):
            continue
        found = [each for each in hits(window, terms) if before <= each.start < before + _WINDOW]
        if found:
            best = max(found, key=lambda hit: len({each.term for each in found if 0 <= each.start - hit.start < width}))
            return Hit(best.start + start - before, best.end + start - before, best.term)
    return None


def _needle(term: str) -> str:
    """Return what a text with the term has somewhere when it is folded."""
    part, words, _ = index_lookup(term)
    return term if part == "pairs" else max(words, key=len)


def _beginning(text: str, hit: int) -> int:
    """Return where an excerpt begins: at a sentence, else at a word, before the first find."""
    if hit <= _BEFORE:
        return 0
    least = hit - _BEFORE
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, least, hit)]
    if sentences:
        return sentences[-1]
    space = text.find(" ", least, hit)
    if space >= 0:
        return space + 1
    return next((at for at in range(least, hit) if starts_cluster(text, at)), hit)
