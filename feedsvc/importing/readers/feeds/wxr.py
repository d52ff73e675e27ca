"""Read a WordPress export (WXR 1.0 to 1.2, which is RSS with an extension): a draft for each post and page. Pure.

WordPress stores a post nearly as it was typed: blank lines separate paragraphs, and [shortcodes] stand for what a
plugin adds.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, unquote

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.metadata.fields import slug_from
from feedsvc.articles.metadata.visibility import Visibility, of_word
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.importing.draft import Draft, Item, SkippedEntry
from feedsvc.importing.output.html_to_markdown import levelled
from feedsvc.importing.readers.feeds import entries, shortcodes
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.readers.feeds.xml import CONTENT, DC, Element, text_of
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_WP: Final = re.compile(r"\{(http://wordpress\.org/export/[\d.]+/)\}")
_POSTS: Final = ("post", "page")
_NEVER: Final = ("auto-draft", "inherit")
_NO_DATE: Final = "0000-00-00 00:00:00"
_BLOCK: Final = (
    "address|article|aside|blockquote|dd|details|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|iframe|li|ol|p|pre|"
    "section|table|tbody|td|tfoot|th|thead|tr|ul"
)
_BLOCK_TAG: Final = re.compile(rf"</?(?:{_BLOCK})\b", re.IGNORECASE)
_WHOLE: Final = Pairs(
    {name: (rf"<{name}\b", f"</{name}>") for name in "pre script style table figure ul ol dl blockquote".split()}
)
_COMMENTS: Final = Pairs({"comment": ("<!--", "-->")})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Export:
    """What posts refer to: the site, the people of the logins, and the addresses of attachments."""

    wp: str
    home: str
    people: Mapping[str, Person]
    attachments: Mapping[str, str]
    language: str | None


def is_wxr(root: Element) -> bool:
    """Return whether a document is an export; its channel has the version."""
    return any(_WP.match(str(child.tag)) for child in root.iterfind("channel/*"))


def read_wxr(source: str, root: Element, settings: ImportSettings) -> Iterator[Item]:
    """Yield a draft for each post and page that is not in the trash, and each skipped entry.

    Pages, and posts with a password, become drafts: they must not appear in a feed by themselves.
    """
    channel = root.find("channel")
    export = _export(channel)
    for item in channel.findall("item"):
        name = f"{source}#{text_of(item, f'{export.wp}post_id') or text_of(item, 'title')}"
        kind = _passed_over(item, export.wp)
        yield SkippedEntry(name, kind) if kind else _post(name, item, export, settings)


def _passed_over(item: Element, wp: str) -> str:
    """Return the kind of an item that is not an article, or ""."""
    status, kind = text_of(item, f"{wp}status"), text_of(item, f"{wp}post_type")
    if status == "trash" or (kind in _POSTS and status in _NEVER):
        return status
    return "" if kind in _POSTS else kind or "unknown"


def _why_draft(item: Element, wp: str) -> Iterator[str]:
    """Yield the reasons why a published item becomes a draft."""
    if text_of(item, f"{wp}post_password"):
        yield "protected by a password: made a draft (remove draft: true to publish it to everybody)"
    if text_of(item, f"{wp}post_type") == "page":
        yield "a page of the site rather than a post: made a draft (remove draft: true to publish it, or delete it)"


def _export(channel: Element) -> _Export:
    wp = next(match[0] for child in channel if (match := _WP.match(str(child.tag))))
    home = text_of(channel, f"{wp}base_blog_url", f"{wp}base_site_url", "link")
    people = {
        text_of(each, f"{wp}author_login"): Person(
            name=plain(text_of(each, f"{wp}author_display_name", f"{wp}author_login")) or "?"
        )
        for each in channel.findall(f"{wp}author")
    }
    attachments = {
        text_of(item, f"{wp}post_id"): _address(item, wp, home)
        for item in channel.findall("item")
        if text_of(item, f"{wp}post_type") == "attachment"
    }
    return _Export(
        wp=wp, home=home, people=people, attachments=attachments, language=text_of(channel, "language") or None
    )


def _post(source: str, item: Element, export: _Export, settings: ImportSettings) -> Draft:
    reader = FieldReader()
    wp = export.wp
    reasons = list(_why_draft(item, wp))
    reader.notes += reasons
    link = text_of(item, "link")
    page = entries.page_of(link)
    meta = [
        (text_of(each, f"{wp}meta_key"), text_of(each, f"{wp}meta_value")) for each in item.findall(f"{wp}postmeta")
    ]
    login = plain(text_of(item, f"{DC}creator"))
    entry = Entry(
        source=source,
        title=entries.readable(text_of(item, "title")),
        link=link,
        home=export.home,
        full=_html(text_of(item, f"{CONTENT}encoded"), export.attachments, reader),
        summary=entries.readable(text_of(item, *_EXCERPTS)),
        published=_date(item, wp),
        updated=("post_modified_gmt", _gmt(text_of(item, f"{wp}post_modified_gmt"))),
        id=text_of(item, "guid"),
        slug=_slug(text_of(item, f"{wp}post_name")),
        authors=(export.people.get(login) or Person(name=login),) if login else (),
        labels=list(_labels(item)),
        image=_image(dict(meta).get("_thumbnail_id", ""), export, page, reader),
        enclosures=tuple(_enclosures(meta, reader, page)),
        language=export.language,
        language_is_sure=False,
        is_draft=of_word(text_of(item, f"{wp}status")) is not Visibility.PUBLIC or bool(reasons),
    )
    draft = entries.draft_of(entry, reader, settings)
    return replace(draft, blocks=levelled(draft.blocks))


def _labels(item: Element) -> Iterator[tuple[str, str]]:
    """Yield categories and tags, without the category of uncategorized posts and formats of posts."""
    for each in item.findall("category"):
        label = "".join(each.itertext()).strip()
        if each.get("domain") != "post_format" and label.lower() not in _UNCATEGORIZED:
            yield "", label


_EXCERPTS: Final = tuple(f"{{http://wordpress.org/export/{each}/excerpt/}}encoded" for each in ("1.2", "1.1", "1.0"))
_UNCATEGORIZED: Final = ("uncategorized", "uncategorised", "未分類", "未分类", "미분류", "分類なし")


def _date(item: Element, wp: str) -> tuple[str, str]:
    """Return the date in GMT. A draft has none, and keeps the local time of its last change."""
    at = _gmt(text_of(item, f"{wp}post_date_gmt"))
    if at:
        return "post_date_gmt", at
    local = text_of(item, f"{wp}post_date")
    return "post_date", "" if local == _NO_DATE else local or text_of(item, "pubDate")


def _gmt(written: str) -> str:
    return f"{written}Z" if written and written != _NO_DATE else ""


def _slug(name: str) -> str | None:
    """Return the slug, which WordPress stores percent-encoded."""
    try:
        return slug_from(unquote(name)) if name else None
    except ValueError:
        return None


def _image(thumbnail: str, export: _Export, page: str, reader: FieldReader) -> Image | None:
    """Return the post's picture. An export of posts alone does not have it."""
    found = resolve(export.attachments.get(thumbnail, ""), page, FETCH_SCHEMES) if thumbnail else None
    if found and found != page:
        return Image(url=found)
    if thumbnail.strip("0"):
        reader.notes.append(
            f"image: left out, since the export does not say where attachment {thumbnail} is "
            "(export the media too, or name it under image)"
        )
    return None


def _address(item: Element, wp: str, home: str) -> str:
    """Return an attachment's address: its own, else its file below the uploads, else its guid if that is a file."""
    files = [each for each in item.findall(f"{wp}postmeta") if text_of(each, f"{wp}meta_key") == "_wp_attached_file"]
    file = text_of(files[0], f"{wp}meta_value") if files else ""
    uploaded = f"{home.rstrip('/')}/wp-content/uploads/{quote(file)}" if file and home else ""
    guid = text_of(item, "guid")
    return text_of(item, f"{wp}attachment_url") or uploaded or (guid if guess_media_type(guid) else "")


def _enclosures(meta: list[tuple[str, str]], reader: FieldReader, page: str) -> Iterator[Enclosure]:
    """Yield enclosures. The value has address, length and type on a line each."""
    for key, value in meta:
        url, length, type_ = [*(line.strip() for line in value.splitlines()), "", "", ""][:3]
        found = reader.enclosure(url, type_, length, page) if key == "enclosure" else None
        if found is not None:
            yield found


def _html(typed: str, attachments: Mapping[str, str], reader: FieldReader) -> str:
    """Return a post as WordPress renders it: shortcodes resolved, editor comments removed, paragraphs marked."""
    without_comments = _COMMENTS.replaced(reader.public(typed.replace("\r\n", "\n")), lambda _: "")
    return _paragraphs(shortcodes.resolved(without_comments, attachments, reader))


def _paragraphs(html: str) -> str:
    """wpautop: text between blank lines that is not a block is a paragraph; a line break becomes <br>."""
    kept: list[str] = []

    def keep(whole: str) -> str:
        kept.append(whole)
        return f"\n\n\0{len(kept) - 1}\0\n\n"

    parts = re.split(r"\n[^\S\n]*+\n", _WHOLE.replaced(html, keep))
    return "\n".join(_part(part.strip(), kept) for part in parts if part.strip())


def _part(part: str, kept: list[str]) -> str:
    whole = re.fullmatch(r"\0(\d+)\0", part)
    if whole:
        return kept[int(whole[1])]
    return part if _BLOCK_TAG.search(part) else f"<p>{part.replace(chr(10), '<br>' + chr(10))}</p>"
