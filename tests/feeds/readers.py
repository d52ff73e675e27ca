"""What readers find in a document: feedparser for RSS and Atom, a small reader of our own for JSON Feed."""

import json
from calendar import timegm
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from typing import Any, Final

import feedparser


@dataclass(frozen=True, kw_only=True)
class ReadEntry:
    """An entry, whatever the format. Texts are as a person reads them; no tag stands twice.

    An enclosure is (URL, type, bytes or 0).
    """

    id: str
    url: str
    title: str
    summary: str
    content: str
    published: datetime
    updated: datetime
    authors: list[str]
    tags: list[str]
    language: str
    enclosures: list[tuple[str, str, int]]


@dataclass(frozen=True, kw_only=True)
class ReadFeed:
    """A feed, whatever the format."""

    title: str
    subtitle: str
    home_url: str
    self_url: str
    language: str
    authors: list[str]
    entries: list[ReadEntry]


def as_seen(text: str) -> str:
    """`text` as people see it: what keeps a reader from taking it for HTML is invisible."""
    return text.replace("<\u2060", "<")


def read_xml(document: bytes) -> ReadFeed:
    """RSS or Atom, by feedparser. It must not have had to guess anything."""
    # As they come: what is sent must be clean and absolute by itself.
    found = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
    assert not found.bozo, found.bozo_exception
    feed = found.feed
    return ReadFeed(
        title=_text(feed.title_detail),
        subtitle=_text(feed.subtitle_detail),
        home_url=feed.link,
        self_url=next(link.href for link in feed.links if link.rel == "self"),
        language=feed.language,
        authors=[as_seen(author.name) for author in feed.get("authors", [])],
        entries=[_xml_entry(entry, feed.language) for entry in found.entries],
    )


def _xml_entry(entry: Any, language: str) -> ReadEntry:
    summary, content = _summary_and_content(entry)
    return ReadEntry(
        id=entry.id,
        url=entry.link,
        title=_text(entry.title_detail),
        summary=summary,
        content=content,
        published=_moment(entry.published_parsed),
        updated=_moment(entry.updated_parsed),
        authors=[as_seen(author.name) for author in entry.get("authors", [])],
        tags=_once(as_seen(tag.label or tag.term) for tag in entry.tags),
        # Atom's xml:lang shows at the texts, RSS's dc:language at the item.
        language=entry.title_detail.language or entry.get("language", language),
        enclosures=[
            *((each.href, each.type, int(each.get("length", 0))) for each in entry.enclosures),
            *_more_enclosures(entry),
        ],
    )


def _summary_and_content(entry: Any) -> tuple[str, str]:
    content = entry.content[0].value if "content" in entry else ""
    if "summary_detail" not in entry:
        return "", content
    # RSS 2.0: an item without a summary carries its whole content as its description.
    return (_text(entry.summary_detail), content) if content or "<" not in entry.summary else ("", entry.summary)


def _more_enclosures(entry: Any) -> list[tuple[str, str, int]]:
    """What RSS has no second `enclosure` for; images are no enclosures."""
    media = [each for each in entry.get("media_content", []) if each.get("medium") != "image"]
    return [(each["url"], each["type"], int(each.get("filesize", 0))) for each in media]


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _text(detail: Any) -> str:
    return unescape(detail.value) if detail.type == "text/html" else str(detail.value)


def _moment(parsed: Any) -> datetime:
    return datetime.fromtimestamp(timegm(parsed), UTC)


def read_json(document: bytes) -> ReadFeed:
    """JSON Feed 1.1."""
    feed = json.loads(as_seen(document.decode()))
    return ReadFeed(
        title=feed["title"],
        subtitle=feed["description"],
        home_url=feed["home_page_url"],
        self_url=feed["feed_url"],
        language=feed["language"],
        authors=[author["name"] for author in feed["authors"]],
        entries=[_json_entry(item) for item in feed["items"]],
    )


def _json_entry(item: dict[str, Any]) -> ReadEntry:
    return ReadEntry(
        id=item["id"],
        url=item["url"],
        title=item["title"],
        summary=item.get("summary", ""),
        content=item.get("content_html", ""),
        published=datetime.fromisoformat(item["date_published"]),
        updated=datetime.fromisoformat(item["date_modified"]),
        authors=[author["name"] for author in item["authors"]],
        # Topics stand apart from tags here; the other formats have one list of categories.
        tags=_once([*(each["title"] for each in item["_feedsvc"]["topics"]), *item.get("tags", [])]),
        language=item["language"],
        enclosures=[
            (each["url"], each["mime_type"], each.get("size_in_bytes", 0)) for each in item.get("attachments", [])
        ],
    )


READERS: Final[Mapping[str, Callable[[bytes], ReadFeed]]] = {"atom": read_xml, "rss": read_xml, "json": read_json}
