"""Read the export of Substack: `posts.csv`, and the text of each post in `posts/ID.slug.html`. Pure, but for that file.

The table alone says whether a post is public, and its title and date. So a text is read with its row.
"""

import csv
import io
import posixpath
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import count
from types import MappingProxyType
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.limits import check_markup
from feedsvc.articles.metadata import fields
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import FileNote, Item, SkippedEntry
from feedsvc.importing.readers.decoding import decode
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.readers.feeds.footnotes import Footnotes, with_footnotes
from feedsvc.importing.readers.pages.html import NO_BASE_URL
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside
from feedsvc.text import plain

LIST: Final = "posts.csv"
_FOLDER: Final = "posts"
_MAX_LIST_BYTES: Final = 64 * 1024 * 1024
Row = Mapping[str, str]
# What everybody may read. Every other word means draft.
_PUBLIC: Final[Mapping[str, tuple[str, ...]]] = {
    "is_published": ("true",),
    "audience": ("everyone",),
    "type": ("newsletter", "podcast", "thread", "video"),
}
# What follows is for subscribers.
_PAYWALL: Final = '[class*="paywall" i], [data-component-name*="paywall" i]'
# Forms and buttons of Substack's own.
_OF_SUBSTACK: Final = (
    '[class^="subscription-widget"], .subscribe-widget, .button-wrapper:has(a[href*="%%"]), '
    '.button-wrapper:has(a[href*="/subscribe?"]), .button-wrapper:has(a[href*="action=share"])'
)
_AUDIENCES: Final = "data-dynamic-audiences"
_MARK: Final = re.compile(r"<[a-z]\w*+(?=[^<>]*?(?:data-dynamic-audiences|\bpaywall-jump\b))", re.IGNORECASE)
_NUMBER: Final = "data-number"


def read_list(source: str, data: bytes, encoding: str | None, beside: FilesBeside) -> Iterator[Item]:
    """Yield a note for each post in the table whose text is missing. The others are read with their texts.

    Raises ArticleError if the table cannot be read.
    """
    rows = _rows(data, encoding)
    for id_ in rows:
        path = posixpath.join(beside.folder, _FOLDER, f"{id_}.html")
        if not beside.files.has(path):
            yield FileNote(f"{source}#{id_}", f"has no text: {path} is missing (export the posts again)")
    if not rows:
        yield FileNote(source, "no list of the posts of a Substack, left out")
    yield SkippedEntry(source, "list")


def row_of(source: str, beside: FilesBeside, encoding: str | None) -> Row | None:
    """Return the row of a text in the table of its export; None for pages that are in no export of Substack.

    Raises ArticleError if the table cannot be read, and for a text without a row: it may be a draft.
    """
    folder, name = posixpath.split(beside.folder)
    path = posixpath.join(folder, LIST)
    if name != _FOLDER or not beside.files.has(path):
        return None
    rows = _rows(beside.files.read(path, _MAX_LIST_BYTES), encoding)
    if not rows:
        return None
    id_ = posixpath.splitext(posixpath.basename(source))[0]
    if id_ not in rows:
        message = f"{LIST} does not have this post, so nothing says whether it is public (add its row)"
        raise ArticleError([Finding(message=message)])
    return rows[id_]


@lru_cache(maxsize=1)
def _rows(data: bytes, encoding: str | None) -> Mapping[str, Row]:
    """Return the rows of a table by id; none if it has not the columns of Substack."""
    try:
        table = csv.DictReader(io.StringIO(decode(data, encoding).text, newline=""))
        if not {"post_id", "is_published", "audience"} <= set(table.fieldnames or ()):
            return MappingProxyType({})
        return {row["post_id"]: {key: value or "" for key, value in row.items() if key} for row in table}
    except csv.Error as error:
        raise ArticleError([Finding(message=f"{LIST}: {error} (export the posts again)")]) from error


def read_post(source: str, html: str, row: Row, settings: ImportSettings, beside: FilesBeside) -> Item:
    """Return the draft of a post, whose text and row in the table are given. Raises ArticleError if it is over a limit.

    A page is no article. What the public part of a post shows to subscribers alone is left out with a note.
    """
    if row.get("type") == "page":
        return SkippedEntry(source, "page")
    reasons = [
        f"{name}: {row.get(name, '')[:40]!r} is not for the public: made a draft (remove draft: true to publish it)"
        for name, words in _PUBLIC.items()
        if row.get(name, "").strip().lower() not in words
    ]
    reader = FieldReader(list(reasons))
    slug = row["post_id"].partition(".")[2]
    audio = row.get("podcast_url", "").strip()
    found = reader.enclosure(audio, guess_media_type(audio) or "audio/mpeg", "", NO_BASE_URL) if audio else None
    text, footnotes = _public_html(html, reader)
    entry = Entry(
        source=source,
        title=plain(row.get("title", "")),
        full=text,
        summary=plain(row.get("subtitle", "")),
        published=("post_date", row.get("post_date", "").strip() or row.get("email_sent_at", "").strip()),
        slug=entries.slug_of(f"/{slug}"),
        enclosures=(found,) if found else (),
        is_draft=bool(reasons),
        place=beside.address_of,
    )
    draft = with_footnotes(entries.draft_of(entry, reader, settings), footnotes, NO_BASE_URL)
    # The table does not say the host, which is in the ids of Substack's feed. So the article has a new id.
    with suppress(ValueError):
        draft = replace(draft, old_addresses=fields.aliases([f"/p/{slug}"] if slug else [], settings.site.base_url))
    return draft


def _public_html(html: str, reader: FieldReader) -> tuple[str, Footnotes]:
    """Return the part of a text that everybody may read, without forms of Substack, and the footnotes of this part.

    Notes name what is left out.

    Raises ArticleError if it is over a limit.
    """
    check_markup(html)
    marks = [*_MARK.finditer(html)]
    numbers = count()
    tree = LexborHTMLParser("<body>" + _MARK.sub(lambda mark: f'{mark[0]} {_NUMBER}="{next(numbers)}"', html))
    found = {node.attributes[_NUMBER] for node in tree.css(f"[{_NUMBER}]")}
    lost = next((mark for number, mark in enumerate(marks) if str(number) not in found), None)
    if lost:
        # An element without an end, such as <textarea>, makes text of the tags behind it.
        reader.notes.append(
            "what follows an element without an end is left out, since a part of it is for members only"
        )
        tree = LexborHTMLParser("<body>" + html[: lost.start()])
    if paywall := tree.css_first(_PAYWALL):
        around: LexborNode | None = paywall
        while around is not None and around.tag != "body":
            while around.next is not None:
                around.next.decompose()
            around = around.parent
        paywall.decompose()
        reader.notes.append("what follows the paywall is for members only, and is left out (paste it)")
    # The inner before the outer.
    for node in reversed(tree.css(_OF_SUBSTACK)):
        node.decompose()
    for node in reversed(tree.css(f"[{_AUDIENCES}]")):
        audiences = node.attributes[_AUDIENCES] or ""
        if "non_sub" not in re.split(r"[\s,]+", audiences):
            reader.notes.append(f"a part for {audiences or 'nobody'} was left out (paste it, if everybody may read it)")
            node.decompose()
    for node in reversed(tree.css("li > p:only-child, .image2-inset")):
        node.unwrap()
    footnotes = take_footnotes(tree, reader)
    return ((tree.body.inner_html or "") if tree.body else ""), footnotes


def take_footnotes(tree: LexborHTMLParser, reader: FieldReader) -> Footnotes:
    """Take the footnotes at the end of a text out of it, put marks in place of their numbers, and return them."""
    footnotes = Footnotes()
    for node in tree.css("div.footnote:has(a.footnote-number[id])"):
        number, content = node.css_first("a.footnote-number"), node.css_first(".footnote-content")
        footnotes.written[(number.attributes["id"] if number else "") or ""] = (
            content.inner_html if content else ""
        ) or ""
        node.decompose()
    for node in tree.css('a.footnote-anchor[href^="#"]'):
        node.replace_with(footnotes.mark((node.attributes["href"] or "").removeprefix("#"), reader))
    return footnotes
