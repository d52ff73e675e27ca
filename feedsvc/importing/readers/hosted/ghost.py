"""Read the JSON export of Ghost: a draft for each post. Pure.

An export is the tables of Ghost's database: posts, their tags and authors, users, settings, newsletters. Only posts,
and the names of their tags and authors, are read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.visibility import is_yes
from feedsvc.importing.draft import Draft, Item, SkippedEntry
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.readers.hosted import ghost_cards
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside
from feedsvc.model import Image
from feedsvc.text import plain

Table = Mapping[str, Any]
# In place of the address of the site, since version 4; before it, paths.
_OWN_ADDRESS: Final = re.compile(
    r"__GHOST_URL__(/[^\s\"'<>()]*+)?|(?:(?<=[\"'(])|\A)(/content/(?:images|media|files)/[^\s\"'<>()]*+)"
)
_WITHOUT_ZONE: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?")
# The sizes of a picture, which Ghost makes when they are asked for.
_SIZES: Final = re.compile(r"\s(?:srcset|sizes)=(?:\"[^\"]*\"|'[^']*')")
# Fields of a post that say nothing about who may read it.
_TEXTS: Final = frozenset(
    "id uuid title slug html lexical mobiledoc plaintext custom_excerpt feature_image canonical_url locale type page "
    "codeinjection_head codeinjection_foot custom_template".split()
)


def is_ghost(document: Any) -> bool:
    """Return whether a JSON document is an export of Ghost."""
    return _data(document) is not None


def read_ghost(source: str, document: Any, settings: ImportSettings, beside: FilesBeside) -> Iterator[Item]:
    """Yield a draft for each post, in the order of the export. Pages are no articles.

    `beside` are the files around the export: pictures below `content/images/`, or `images/`.
    """
    data = _data(document) or {}
    export = _Export(data, settings, beside)
    for number, post in enumerate(_rows(data, "posts"), 1):
        name = f"{source}#{_text(post, 'slug') or number}"
        if _text(post, "type") == "page" or is_yes(_text(post, "page")):
            yield SkippedEntry(name, "page")
        else:
            yield entries.guarded(name, partial(export.draft, name, post))


def _data(document: Any) -> Table | None:
    """Return the tables of an export; since version 1 they are in a list called `db`."""
    if isinstance(document, dict):
        found = document.get("db")
        whole = found[0] if isinstance(found, list) and found else document
        data = whole.get("data") if isinstance(whole, dict) else None
        if isinstance(data, dict) and isinstance(data.get("posts"), list):
            return data
    return None


def _rows(data: Table, table: str) -> list[Table]:
    rows = data.get(table)
    return [each for each in rows if isinstance(each, dict)] if isinstance(rows, list) else []


def _text(row: Table, key: str) -> str:
    value = row.get(key)
    return value.strip() if isinstance(value, str) else "" if value is None or value is False else str(value)


class _Export:
    """The tables to which posts refer, by the id of a post."""

    def __init__(self, data: Table, settings: ImportSettings, beside: FilesBeside) -> None:
        self._settings, self._beside = settings, beside
        tags = {_text(each, "id"): _text(each, "name") for each in _rows(data, "tags")}
        users = {_text(each, "id"): _text(each, "name") for each in _rows(data, "users")}
        self._users = users
        self._tags = _linked(_rows(data, "posts_tags"), "tag_id", tags)
        self._authors = _linked(_rows(data, "posts_authors"), "author_id", users)
        self._meta = {_text(each, "post_id"): each for each in _rows(data, "posts_meta")}
        said = {_text(each, "key"): _text(each, "value") for each in _rows(data, "settings")}
        self._language = said.get("locale") or said.get("lang") or said.get("default_locale") or None

    def draft(self, source: str, post: Table) -> Draft:
        """Return the draft of a post. Raises ArticleError if it is over a limit."""
        id_, slug, base_url = _text(post, "id"), _text(post, "slug"), self._settings.site.base_url
        meta = self._meta.get(id_, {})
        said = {**post, "email_only": meta.get("email_only") or post.get("email_only") or 0}
        # Ghost itself takes a post without a status for a draft. Version 0 has no visibility.
        said["status"] = _text(post, "status") or "none"
        reader = FieldReader(
            list(entries.draft_reasons((key, _text(said, key)) for key in said.keys() - _TEXTS if _text(said, key)))
        )
        is_draft = bool(reader.notes)
        html = _text(post, "html") or ghost_cards.html_of(post, reader.notes)
        # Only a draft may have no date of publication.
        dates = ("published_at", "updated_at", "created_at") if is_draft else ("published_at",)
        dated = next((name for name in dates if post.get(name)), "published_at")
        image, figure = self._feature_image(post, meta)
        author = self._users.get(_text(post, "author_id"), "")
        entry = Entry(
            source=source,
            title=plain(_text(post, "title")),
            base=f"{base_url}/",
            full=self._placed(_SIZES.sub("", figure + html)),
            summary=plain(_text(post, "custom_excerpt")),
            published=(dated, _date(post.get(dated))),
            updated=("updated_at", _date(post.get("updated_at"))),
            id=id_,
            slug=entries.slug_of(f"/{slug}/"),
            authors=entries.people(self._authors.get(id_) or [author]),
            # The names of tags that only the theme sees begin with "#".
            labels=[("", each) for each in self._tags.get(id_, ()) if not each.startswith("#")],
            image=image,
            language=_text(post, "locale") or self._language,
            language_is_sure=bool(_text(post, "locale")),
            is_draft=is_draft,
        )
        draft, canonical, old = entries.draft_of(entry, reader, self._settings), None, tuple[str, ...]()
        with suppress(ValueError):
            canonical = fields.url(self._placed(_text(post, "canonical_url")))
        with suppress(ValueError):
            # The default permalink. The export does not say another one.
            old = fields.aliases([f"/{slug}/"], base_url) if slug else ()
        return replace(draft, canonical=canonical, old_addresses=old)

    def _feature_image(self, post: Table, meta: Table) -> tuple[Image | None, str]:
        """Return the picture above a post, and its figure if its caption needs one: "" if not."""
        url = self._placed(_text(post, "feature_image") or _text(post, "image"))
        if not url:
            return None, ""
        if url.startswith("/"):
            url = f"{self._settings.site.base_url}{url}"
        alt = plain(_text(meta, "feature_image_alt"))
        return entries.captioned(Image(url=url, alt=alt), _text(meta, "feature_image_caption"))

    def _placed(self, text: str) -> str:
        """Return HTML or an address with whole addresses: of files beside the export, else of this site."""

        def address(found: re.Match[str]) -> str:
            path = found[1] or found[2] or ""
            local = self._beside.address_of(path) or self._beside.address_of(path.removeprefix("/content"))
            return local or f"{self._settings.site.base_url}{path}"

        return _OWN_ADDRESS.sub(address, text)


def _linked(rows: Iterable[Table], key: str, names: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Return the names to which rows of a table link a post, in their order, by the id of the post."""
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda each: int(each.get("sort_order") or 0)):
        if name := names.get(_text(row, key)):
            found.setdefault(_text(row, "post_id"), []).append(name)
    return found


def _date(written: Any) -> str:
    """Return a date in UTC as text. Version 0 wrote milliseconds, or no time zone."""
    if isinstance(written, int):
        return datetime.fromtimestamp(written / 1000, UTC).isoformat()
    text = written.strip() if isinstance(written, str) else ""
    return f"{text}Z" if _WITHOUT_ZONE.fullmatch(text) else text
