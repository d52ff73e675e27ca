"""Articles and the site as rows, and back. JSON has sorted keys, so that equal values are equal texts."""

import json
from dataclasses import asdict, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from weakref import ReferenceType, ref

from feedsvc.errors import StoreUnavailable
from feedsvc.model import (
    Article,
    CachePolicy,
    Enclosure,
    Export,
    ExtraValue,
    FooterLink,
    Hub,
    Image,
    Localized,
    Person,
    SafeHTML,
    Site,
    SitePicture,
    Theme,
    Topic,
)
from feedsvc.offsets import rfc3339


# A commit writes the time of an article into five tables.
@lru_cache(1024)
def to_text(moment: datetime) -> str:
    """Return an aware UTC time as the store has it: as RFC 3339 text, which sorts by time."""
    return rfc3339(moment)


def to_time(text: str) -> datetime:
    """Return the aware UTC time of a text of `to_text`."""
    return datetime.fromisoformat(text)


# `json.dumps` makes one each time.
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def dumps(value: Any) -> str:
    """Return `value` as JSON. Equal values give equal texts."""
    return _ENCODER.encode(value)


def loads(text: str) -> Any:
    """Return the value of a text of `dumps`. Raises StoreUnavailable where the store holds something else."""
    try:
        return json.loads(text)
    except ValueError as error:
        cure = "restore a backup, or delete the store and run feedsvc sync"
        raise StoreUnavailable(f"the store holds a text that nothing writes: {error} ({cure})") from error


# A publication has few authors, and each article has one of them.
_PERSON: Final = lru_cache(1024)(Person)
# The other fields need a shape of their own, or a column.
_COPIED_COLUMNS = ("title", "summary", "topics", "tags", "canonical", "aliases", "media")


# Left out where they are empty: rows of before there were these read the same, so none of them changed.
_LATER: Final = ("title", "caption")


def _flat(record: Person | Image | Enclosure) -> dict[str, Any]:
    """What `asdict` makes of a record without records in it, which it takes ten times as long for."""
    values = {each.name: getattr(record, each.name) for each in fields(record)}
    return {name: value for name, value in values.items() if value or name not in _LATER}


def article_row(article: Article) -> dict[str, Any]:
    """Return the columns of `articles` except `live`. Raises TypeError if the content is not at hand (spooled)."""
    if type(article.content) is not SafeHTML:
        raise TypeError(f"{article.id}: its content is elsewhere")
    data = {name: getattr(article, name) for name in _COPIED_COLUMNS} | {
        "authors": [_flat(each) for each in article.authors],
        "image": _flat(article.image) if article.image else None,
        "enclosures": [_flat(each) for each in article.enclosures],
        "updated": to_text(article.updated),
    }
    # Rows of before there were these read the same, so none of them changed.
    optional = ("disclosure", "published_offset", "updated_offset")
    data |= {name: value for name in optional if (value := getattr(article, name)) is not None}
    if article.extra:
        data["extra"] = {
            name: {"time": to_text(value)} if isinstance(value, datetime) else value
            for name, value in article.extra.items()
        }
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


# The articles that something still holds, and the rows that they are of: caches hold those of the documents that are
# asked for, and the next document with one need not make it again.
_held: dict[str, tuple[ReferenceType[Article], tuple[Any, ...]]] = {}


def article_from(row: Any) -> Article:
    """Return the article in a row of `articles`, with all its columns in their order.

    If an article of an equal row is still in use, that one is returned.
    """
    # By position: SQLAlchemy takes as long for one attribute of a row as for all of these.
    id_, slug, _live, published, language, translation_of, data, content, expires = row
    # What is compared beside the content, which the article itself has.
    columns = data, slug, published, language, translation_of, expires
    reference, known = _held.get(id_, (None, ()))
    if known == columns:
        article = reference() if reference is not None else None
        if article is not None and article.content == content:
            return article
    article = _article(id_, content, columns)

    def forget(gone: ReferenceType[Article]) -> None:
        if _held.get(id_, (None,))[0] is gone:
            _held.pop(id_, None)

    _held[id_] = ref(article, forget), columns
    return article


def title_from(row: Any) -> str:
    """Return the title of the article in a row with the column `data`."""
    title: str = loads(row.data)["title"]
    return title


def _article(id_: str, content: str, columns: tuple[Any, ...]) -> Article:
    stored, slug, published, language, translation_of, expires = columns
    data = loads(stored)
    return Article(
        id=id_,
        slug=slug,
        title=data["title"],
        published=to_time(published),
        updated=to_time(data["updated"]),
        language=language,
        summary=data["summary"],
        content=SafeHTML(content),
        topics=tuple(data["topics"]),
        authors=_people(data["authors"]),
        tags=tuple(data["tags"]),
        image=Image(**data["image"]) if data["image"] else None,
        enclosures=tuple(Enclosure(**each) for each in data["enclosures"]),
        canonical=data["canonical"],
        translation_of=translation_of,
        aliases=tuple(data["aliases"]),
        disclosure=data.get("disclosure"),
        media=tuple(data["media"]),
        expires=to_time(expires) if expires else None,
        published_offset=data.get("published_offset"),
        updated_offset=data.get("updated_offset"),
        extra={name: _extra_value(value) for name, value in data.get("extra", {}).items()},
    )


def _extra_value(stored: Any) -> ExtraValue:
    if isinstance(stored, dict):
        return to_time(stored["time"])
    value: ExtraValue = tuple(stored) if isinstance(stored, list) else stored
    return value


def site_text(site: Site) -> str:
    """Return a site as JSON, for `site_from`."""
    texts = {
        "title": _pairs(site.title),
        "subtitle": _pairs(site.subtitle),
        "rights": _pairs(site.rights) if site.rights else None,
        "established": to_text(site.established),
    }
    topics = [
        {
            "name": topic.name,
            "title": _pairs(topic.title),
            "description": _pairs(topic.description),
            "aliases": topic.aliases,
        }
        for topic in site.topics
    ]
    footer = [[_pairs(each.title), _pairs(each.url)] for each in site.footer]
    data = asdict(site) | texts | {"topics": topics, "footer": footer}
    del data["exported"]
    return dumps(data)


@lru_cache(8)
def site_from(text: str) -> Site:
    """Return the site in JSON of `site_text`, also in that of earlier versions."""
    data = loads(text)
    rights = data["rights"]
    if isinstance(rights, str):
        # An older store has one text for all languages, until a sync writes it anew.
        rights = [[data["language"], rights]] if rights else None
    shaped = {
        "title": _localized(data["title"]),
        "subtitle": _localized(data["subtitle"]),
        "rights": _localized(rights) if rights else None,
        "authors": _people(data["authors"]),
        "embed_hosts": tuple(data["embed_hosts"]),
        "topics": tuple(_topic_from(each) for each in data["topics"]),
        "gone_topics": tuple(data.get("gone_topics", ())),
        "redirects": tuple((source, target) for source, target in data.get("redirects", ())),
        "redirect_presets": tuple(data.get("redirect_presets", ())),
        "footer": tuple(FooterLink(_localized(title), _localized(url)) for title, url in data.get("footer", ())),
        "established": to_time(data["established"]),
        "cache": CachePolicy(**data["cache"]),
        # An older store has none: its documents name no hub until a sync writes it anew.
        "hub": Hub(**{**data["hub"], "also": tuple(data["hub"]["also"])}) if "hub" in data else Hub(),
        "icon_file": _picture(data.get("icon_file")),
        "logo_file": _picture(data.get("logo_file")),
        "theme": Theme(**data.get("theme", {})),
        "export": Export(**{**data.get("export", {}), "slices": tuple(data.get("export", {}).get("slices", ()))}),
    }
    return Site(**(data | shaped))


def _people(rows: list[dict[str, Any]]) -> tuple[Person, ...]:
    return tuple([_PERSON(**each) for each in rows])


def _picture(row: dict[str, Any] | None) -> SitePicture | None:
    return SitePicture(**row) if row else None


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
