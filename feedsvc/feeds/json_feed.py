"""Render a feed as JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from typing import Any, Final

from feedsvc.articles.metadata.shown_fields import as_texts, extras
from feedsvc.feeds.elements import inert
from feedsvc.feeds.feed import Entry, Feed
from feedsvc.feeds.format import Format, Parts
from feedsvc.model import ExtraValue, Person
from feedsvc.offsets import rfc3339


def _parts(feed: Feed) -> Parts:
    gone = feed.changes.gone if feed.changes else feed.tombstones
    extension = {
        "timezone": feed.timezone,
        "cursor": feed.cursor,
        "changes_url": feed.next_changes(JSON_FEED.suffix),
        "removed": [{"id": stone.id, "date_removed": rfc3339(stone.at)} for stone in gone],
    }
    # JSON Feed has next_url for pages; the archives are the pages here.
    following = feed.archive_links(JSON_FEED.suffix).get("prev-archive")
    if feed.changes:
        following = feed.next_changes(JSON_FEED.suffix) if feed.changes.more else None
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": inert(feed.title),
        "home_page_url": feed.home_url,
        "feed_url": feed.self_url(JSON_FEED.suffix),
        "description": inert(feed.subtitle),
        "icon": feed.logo,
        "favicon": feed.icon,
        "language": feed.language,
        "next_url": following,
        "authors": [_author(person) for person in feed.authors],
        "hubs": [{"type": "WebSub", "url": hub} for hub in feed.hubs],
        "_feedsvc": {"about": feed.addresses.extension, **_filled(extension)},
    }
    head = _dumps(_filled(document))
    return Parts(head.removesuffix(b"}") + b',"items":[', [_dumps(_item(feed, entry)) for entry in feed.entries], b"]}")


JSON_FEED: Final = Format(
    suffix="json",
    name="JSON Feed",
    media_type="application/feed+json",
    carries_tombstones=True,
    separator=b",",
    parts=_parts,
    beside=lambda _feed, _entry: None,
)


def _dumps(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in members.items() if value}


def _item(feed: Feed, entry: Entry) -> dict[str, Any]:
    article = entry.article
    extra = {field.shown.json: _json(value) for field, value in extras(article) if field.shown.json}
    item = {
        "id": article.id,
        "url": entry.url,
        "title": inert(article.title),
        "content_html": entry.content if entry.body == "full" else None,
        # JSON Feed requires content_html or content_text.
        "content_text": inert(entry.summary or article.title) if entry.body == "summary" else None,
        "summary": inert(entry.summary),
        "image": article.image.url if article.image else None,
        "date_published": rfc3339(article.published, article.published_offset),
        "date_modified": rfc3339(article.updated, article.updated_offset),
        "authors": [_author(person) for person in article.authors],
        "tags": list(dict.fromkeys(map(inert, article.tags))),
        "language": article.language,
        "attachments": [
            {"url": each.url, "mime_type": each.type}
            | _filled({"title": inert(each.title), "size_in_bytes": each.length})
            for each in article.enclosures
        ],
        "_feedsvc": {
            "about": feed.addresses.extension,
            "topics": [{"name": each.term, "title": inert(each.label)} for each in entry.topics],
            **{name.removeprefix("_feedsvc."): value for name, value in extra.items() if name.startswith("_feedsvc.")},
        },
    }
    item = {key: value for key, value in item.items() if value or (key == "content_html" and value is not None)}
    return item | {name: value for name, value in extra.items() if not name.startswith("_feedsvc.")}


def _json(value: ExtraValue) -> str | list[str] | bool | int | float:
    if isinstance(value, bool | int | float):
        return value
    texts = [inert(text) for text in as_texts(value)]
    return texts if isinstance(value, tuple) else texts[0]


def _author(person: Person) -> dict[str, str]:
    name = inert(person.name)
    return {"name": name, "url": person.uri} if person.uri else {"name": name}
