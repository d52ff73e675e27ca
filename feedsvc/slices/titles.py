"""Describe a slice in words: "Chips, in Traditional Chinese, about nvidia". Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc import languages
from feedsvc.model import Site
from feedsvc.slices.slice import Slice
from feedsvc.text import HAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language. `{}` stands for the value."""

    comma: str
    either: str
    also: str
    in_language: str
    about: str
    by: str
    saying: str
    without: str
    since: str
    until: str


_HAN_OR_KANA: Final = re.compile(f"[{HAN}\u3040-\u30ff\U00020000-\U0003ffff]")
# A table, not a catalogue: a feed's title must not depend on which catalogues an installation has compiled.
_WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        comma=", ",
        either=" or ",
        also="also {}",
        in_language="in {}",
        about="about {}",
        by="by {}",
        saying="with “{}”",
        without="without {}",
        since="since {}",
        until="until {}",
    ),
    "zh-Hant": Words(
        comma="，",
        either="或",
        also="兼 {}",
        in_language="{}",
        about="關於 {}",
        by="作者 {}",
        saying="含「{}」",
        without="不含 {}",
        since="{} 起",
        until="{} 止",
    ),
    "zh-Hans": Words(
        comma="，",
        either="或",
        also="兼 {}",
        in_language="{}",
        about="关于 {}",
        by="作者 {}",
        saying="含“{}”",
        without="不含 {}",
        since="{} 起",
        until="{} 止",
    ),
    "ja": Words(
        comma="、",
        either="または",
        also="かつ {}",
        in_language="{}",
        about="{} について",
        by="{} 著",
        saying="「{}」を含む",
        without="{} を除く",
        since="{} 以降",
        until="{} まで",
    ),
    "ko": Words(
        comma=", ",
        either=" 또는 ",
        also="및 {}",
        in_language="{}",
        about="{} 관련",
        by="{} 글",
        saying="‘{}’ 포함",
        without="{} 제외",
        since="{}부터",
        until="{}까지",
    ),
}


def language_of(site: Site, slice_: Slice) -> str:
    """Return the language of a feed's title: that of its slice if it has one, else the site's."""
    return slice_.languages[0] if len(slice_.languages) == 1 else site.language


def title(site: Site, slice_: Slice, language: str) -> str:
    """Return the title of a slice's feed for readers of `language`: "Chips, about nvidia – Weekly"."""
    name, said = site.title.in_(language), narrowing(site, slice_, language)
    if slice_.topic or slice_.topics:
        return f"{said} – {name}"
    return _words(language).comma.join(filter(None, (name, said)))


def narrowing(site: Site, slice_: Slice, language: str) -> str:
    """Return what distinguishes a slice from everything: "Chips, about nvidia"; "" if nothing does."""
    words = _words(language)
    return words.comma.join(_parts(site, slice_, language, words))


def _words(language: str) -> Words:
    return _WORDS[languages.best(language, list(_WORDS)) or "en"]


def _said(pattern: str, value: str) -> str:
    """Return the pattern with `value`. Between Han or kana on both sides, its space is removed."""
    before, after = pattern.split("{}")
    if _HAN_OR_KANA.match(value) and _HAN_OR_KANA.match(before):
        before = before.rstrip(" ")
    if _HAN_OR_KANA.match(value[-1:]) and _HAN_OR_KANA.match(after.lstrip(" ")):
        after = after.lstrip(" ")
    return f"{before}{value}{after}"


def _parts(site: Site, slice_: Slice, language: str, words: Words) -> Iterator[str]:
    def named(key: str, value: str) -> str:
        if key == "lang":
            return languages.name_in(value, language)
        topic = site.topic(value) if key == "topic" else None
        return topic.title.in_(language) if topic else value

    def any_of(key: str, values: tuple[str, ...]) -> str:
        return words.either.join(named(key, value) for value in values)

    topics = any_of("topic", slice_.topics)
    if slice_.topic:
        yield named("topic", slice_.topic)
    if topics:
        yield _said(words.also, topics) if slice_.topic else topics
    if slice_.languages:
        yield _said(words.in_language, any_of("lang", slice_.languages))
    if slice_.tags:
        yield _said(words.about, any_of("tag", slice_.tags))
    if slice_.authors:
        yield _said(words.by, any_of("author", slice_.authors))
    if slice_.terms:
        yield _said(words.saying, " ".join(slice_.terms))
    if slice_.without:
        yield _said(words.without, words.either.join(named(key, value) for key, value in slice_.without))
    if slice_.since:
        yield _said(words.since, str(slice_.since))
    if slice_.until:
        yield _said(words.until, str(slice_.until))
