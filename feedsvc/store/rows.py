"""Article and Site ↔ the text in their rows. JSON with sorted keys: the same thing is the same text."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from feedsvc.model import Article, CachePolicy, Enclosure, Image, Localized, Person, SafeHTML, Site, Topic
from feedsvc.offsets import rfc3339


def to_text(moment: datetime) -> str:
    """Return an aware UTC time as the store has it: as RFC 3339 text, which sorts by time."""
    return rfc3339(moment)


def to_time(text: str) -> datetime:
    """RFC 3339 text of `to_text` as an aware UTC time."""
    return datetime.fromisoformat(text)


def dumps(value: Any) -> str:
    """JSON, one text for one value."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


# The other fields need a shape of their own, or a column.
_AS_THEY_ARE = ("title", "summary", "topics", "tags", "canonical", "aliases", "media")


def _flat(record: Person | Image | Enclosure) -> dict[str, Any]:
    """What `asdict` makes of a record without records in it, which it takes ten times as long for."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _enclosure(enclosure: Enclosure) -> dict[str, Any]:
    """The record without a title that is empty: rows of before there was one read the same."""
    return {name: value for name, value in _flat(enclosure).items() if name != "title" or value}


def article_row(article: Article) -> dict[str, Any]:
    """The columns of `articles` but `live`."""
    if type(article.content) is not SafeHTML:
        raise TypeError(f"{article.id}: its content is elsewhere")
    data = {name: getattr(article, name) for name in _AS_THEY_ARE} | {
        "authors": [_flat(each) for each in article.authors],
        "image": _flat(article.image) if article.image else None,
        "enclosures": [_enclosure(each) for each in article.enclosures],
        "updated": to_text(article.updated),
    }
    # Rows of before there were these read the same, so none of them changed.
    optional = ("disclosure", "published_offset", "updated_offset")
    data |= {name: value for name in optional if (value := getattr(article, name)) is not None}
    if article.extra:
        data["extra"] = article.extra
    return {
        "id": article.id,
        "slug": article.slug,
        "published": to_text(article.published),
        "language": article.language,
        "translation_of": article.translation_of,
        "data": dumps(data),
        "content": str(article.content),
        "expires": to_text(article.expires) if article.expires else None,
    }


def article_from(row: Any) -> Article:
    """The article in a row of `articles`."""
    data = json.loads(row.data)
    return Article(
        id=row.id,
        slug=row.slug,
        title=data["title"],
        published=to_time(row.published),
        updated=to_time(data["updated"]),
        language=row.language,
        summary=data["summary"],
        content=SafeHTML(row.content),
        topics=tuple(data["topics"]),
        authors=_people(data["authors"]),
        tags=tuple(data["tags"]),
        image=Image(**data["image"]) if data["image"] else None,
        enclosures=tuple(Enclosure(**each) for each in data["enclosures"]),
        canonical=data["canonical"],
        translation_of=row.translation_of,
        aliases=tuple(data["aliases"]),
        disclosure=data.get("disclosure"),
        media=tuple(data["media"]),
        expires=to_time(row.expires) if row.expires else None,
        published_offset=data.get("published_offset"),
        updated_offset=data.get("updated_offset"),
        extra=data.get("extra", {}),
    )


def site_text(site: Site) -> str:
    """A site as JSON."""
    texts = {
        "title": _pairs(site.title),
        "subtitle": _pairs(site.subtitle),
        "rights": _pairs(site.rights) if site.rights else None,
        "established": to_text(site.established),
    }
    return dumps(asdict(site) | texts | {"topics": [_topic(each) for each in site.topics]})


@lru_cache(8)
def site_from(text: str) -> Site:
    """The site in JSON of `site_text`."""
    data = json.loads(text)
    shaped = {
        "title": _localized(data["title"]),
        "subtitle": _localized(data["subtitle"]),
        "rights": _rights(data["rights"], data["language"]),
        "authors": _people(data["authors"]),
        "embed_hosts": tuple(data["embed_hosts"]),
        "topics": tuple(_topic_from(each) for each in data["topics"]),
        "gone_topics": tuple(data.get("gone_topics", ())),
        "redirects": tuple((source, target) for source, target in data.get("redirects", ())),
        "redirect_presets": tuple(data.get("redirect_presets", ())),
        "established": to_time(data["established"]),
        "cache": CachePolicy(**data["cache"]),
    }
    return Site(**(data | shaped))


def _rights(data: list[list[str]] | str | None, language: str) -> Localized | None:
    # An older store has one text for all languages, until a sync writes it anew.
    return _localized([[language, data]] if isinstance(data, str) else data) if data else None


def _people(rows: list[dict[str, Any]]) -> tuple[Person, ...]:
    return tuple(Person(**each) for each in rows)


def _topic(topic: Topic) -> dict[str, Any]:
    texts = {"title": _pairs(topic.title), "description": _pairs(topic.description)}
    return {"name": topic.name, **texts, "aliases": topic.aliases}


def _topic_from(row: dict[str, Any]) -> Topic:
    return Topic(
        name=row["name"],
        title=_localized(row["title"]),
        description=_localized(row["description"]),
        aliases=tuple(row.get("aliases", ())),
    )


def _pairs(text: Localized) -> list[list[str]]:
    # A list, since the first language is the one shown where none fits and JSON objects here are sorted.
    return [list(pair) for pair in text.texts.items()]


def _localized(pairs: list[list[str]]) -> Localized:
    return Localized({tag: text for tag, text in pairs})  # noqa: C416
