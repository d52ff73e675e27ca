"""Describe a slice in words: "Chips, in Traditional Chinese, about nvidia". Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from feedsvc import languages
from feedsvc.model import PREVIEW_MARK, Article, Site
from feedsvc.slices.slice import Slice
from feedsvc.text import HAN


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of one language. `{}` stands for the value."""

    separator: str
    alternatives: str
    also_topics: str
    in_language: str
    tags: str
    authors: str
    terms: str
    without: str
    since: str
    until: str


_HAN_OR_KANA: Final = re.compile(f"[{HAN}\u3040-\u30ff\U00020000-\U0003ffff]")
# A table, not a catalogue: a feed's title must not depend on which catalogues an installation has compiled.
_WORDS: Final[Mapping[str, Words]] = {
    "en": Words(
        separator=", ",
        alternatives=" or ",
        also_topics="also {}",
        in_language="in {}",
        tags="about {}",
        authors="by {}",
        terms="with “{}”",
        without="without {}",
        since="since {}",
        until="until {}",
    ),
    "zh-Hant": Words(
        separator="，",
        alternatives="或",
        also_topics="兼 {}",
        in_language="{}",
        tags="關於 {}",
        authors="作者 {}",
        terms="含「{}」",
        without="不含 {}",
        since="{} 起",
        until="{} 止",
    ),
    "zh-Hans": Words(
        separator="，",
        alternatives="或",
        also_topics="兼 {}",
        in_language="{}",
        tags="关于 {}",
        authors="作者 {}",
        terms="含“{}”",
        without="不含 {}",
        since="{} 起",
        until="{} 止",
    ),
    "ja": Words(
        separator="、",
        alternatives="または",
        also_topics="かつ {}",
        in_language="{}",
        tags="{} について",
        authors="{} 著",
        terms="「{}」を含む",
        without="{} を除く",
        since="{} 以降",
        until="{} まで",
    ),
    "ko": Words(
        separator=", ",
        alternatives=" 또는 ",
        also_topics="및 {}",
        in_language="{}",
        tags="{} 관련",
        authors="{} 글",
        terms="‘{}’ 포함",
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
    name, conditions = site.title.in_(language), narrowing(site, slice_, language)
    if slice_.topic or slice_.topics:
        return f"{conditions} – {name}"
    return _words(language).separator.join(filter(None, (name, conditions)))


def narrowing(site: Site, slice_: Slice, language: str) -> str:
    """Return what distinguishes a slice from everything: "Chips, about nvidia"; "" if nothing does."""
    return _words(language).separator.join(narrowing_parts(site, slice_, language))


def narrowing_parts(site: Site, slice_: Slice, language: str) -> list[str]:
    """Return the parts of `narrowing`; the title of the slice's topic is the first one."""
    words, parts = _words(language), list[str]()

    def named(key: str, value: str) -> str:
        if key == "lang":
            return languages.name_in(value, language)
        topic = site.topic(value) if key == "topic" else None
        return topic.title.in_(language) if topic else value

    def any_of(key: str, values: tuple[str, ...]) -> str:
        return words.alternatives.join(named(key, value) for value in values)

    topics = any_of("topic", slice_.topics)
    if slice_.topic:
        parts.append(named("topic", slice_.topic))
    if topics:
        parts.append(_filled(words.also_topics, topics) if slice_.topic else topics)
    if slice_.languages:
        parts.append(_filled(words.in_language, any_of("lang", slice_.languages)))
    if slice_.tags:
        parts.append(_filled(words.tags, any_of("tag", slice_.tags)))
    if slice_.authors:
        parts.append(_filled(words.authors, any_of("author", slice_.authors)))
    if slice_.terms:
        parts.append(_filled(words.terms, " ".join(slice_.terms)))
    if slice_.without:
        parts.append(
            _filled(words.without, words.alternatives.join(named(key, value) for key, value in slice_.without))
        )
    if slice_.since:
        parts.append(_filled(words.since, str(slice_.since)))
    if slice_.until:
        parts.append(_filled(words.until, str(slice_.until)))
    return parts


def _words(language: str) -> Words:
    return _WORDS[languages.best(language, list(_WORDS)) or "en"]


def _filled(pattern: str, value: str) -> str:
    """Return the pattern with `value`. Between Han or kana on both sides, its space is removed."""
    before, after = pattern.split("{}")
    if _HAN_OR_KANA.match(value) and _HAN_OR_KANA.match(before):
        before = before.rstrip(" ")
    if _HAN_OR_KANA.match(value[-1:]) and _HAN_OR_KANA.match(after.lstrip(" ")):
        after = after.lstrip(" ")
    return f"{before}{value}{after}"


# In front of the titles of drafts and of scheduled articles, in the feeds of a preview.
_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "en": ("[Draft] ", "[Scheduled] "),
    "zh-Hant": ("［草稿］", "［排程］"),
    "zh-Hans": ("［草稿］", "［定时］"),
    "ja": ("［下書き］", "［予約］"),
}


def with_mark(article: Article) -> Article:
    """Return an article of a preview with its mark in its title, in its language; other articles as they are."""
    if PREVIEW_MARK not in article.extra:
        return article
    draft, scheduled = _MARKS[languages.best(article.language, list(_MARKS)) or "en"]
    return replace(article, title=f"{draft if article.is_draft else scheduled}{article.title}")
