"""Choose the reader of a file by its suffix or its beginning. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import PurePath
from typing import Final

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata.systems import SYSTEMS
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Draft, FailedEntry, FileNote, Item, SkippedEntry
from feedsvc.importing.readers.decoding import declared_in_html, decode
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.suggestions import nearest


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to read: its name, its bytes, the encoding that the person who imports names, and the files around it."""

    name: str
    data: bytes
    encoding: str | None
    beside: FilesBeside


Reader = Callable[[SourceFile, ImportSettings], Iterator[Item]]
# Feeds, exports and pages that contain their pictures. Each of their articles has limits of its own.
_MAX_BYTES: Final = 64 * 1024 * 1024
_LIMITS: Final[Mapping[str, int]] = {"text": MAX_BYTES, "markdown": MAX_BYTES}


def read_items(
    source: str,
    data: bytes,
    settings: ImportSettings,
    encoding: str | None = None,
    beside: FilesBeside = NO_FILES,
) -> Iterator[Item]:
    """Yield the items in a file called `source`. Its suffix decides; without a known one, its beginning.

    `beside` are the files to which it may refer.

    Raises ArticleError if the file is too large or not of its kind. The errors of an entry are in its draft's notes.
    """
    kind = kind_called(source) or sniff(data)
    if kind == "text" and sniff(data) == "movable-type":
        kind = "movable-type"
    # A suffix says more than the system that is named, unless it is one that all text may have.
    if (named := SYSTEMS.get(settings.system)) and (kind == "text" or not kind_called(source)):
        kind = named.kind
    # Generators of sites read fields above a text of any kind.
    if kind in ("text", "html") and _HEAD.match(_beginning(data)):
        kind = "markdown"
    limit = _LIMITS.get(kind, _MAX_BYTES)
    if len(data) > limit:
        raise ArticleError([Finding(message=f"larger than {limit:,} bytes (split it)")])
    if data[:4096].count(0) > len(data[:4096]) * 0.6:
        raise ArticleError([Finding(message="in UTF-32, or no text (save it as UTF-8)")])
    if data.startswith(b"PK\x03\x04"):
        raise ArticleError([Finding(message="a zip archive (name its file on the command line, with the suffix .zip)")])
    return READERS[kind](SourceFile(source, data, encoding, beside), settings)


def read_drafts(source: str, data: bytes, settings: ImportSettings, encoding: str | None = None) -> Iterator[Draft]:
    """Yield the drafts among the items in a file. Raises ArticleError, for a failed entry too."""

    def drafts(items: Iterator[Item]) -> Iterator[Draft]:
        for each in items:
            if isinstance(each, FailedEntry):
                raise ArticleError(each.findings)
            if isinstance(each, Draft):
                yield each

    return drafts(read_items(source, data, settings, encoding))


def size_limit(source: str) -> int:
    """Return the size limit in bytes of a file called `source`, by its name."""
    kind = kind_called(source)
    # A text may be an export. `read_items` refuses any other one that is too large.
    return _MAX_BYTES if kind == "text" else _LIMITS.get(kind, _MAX_BYTES)


def kind_called(source: str) -> str:
    """Return the kind of a file (a key of READERS) by its name, "" if the name does not say it."""
    if PurePath(source).name == _LIST_OF_POSTS:
        return "substack"
    return SUFFIXES.get(PurePath(source).suffix.lower(), "")


def sniff(data: bytes) -> str:
    """Return the kind of a file (a key of READERS) by its first 2 KiB; "text" if no other kind begins so."""
    beginning = _beginning(data)
    return next((kind for pattern, kind in _BEGINNINGS if re.match(pattern, beginning, re.IGNORECASE)), "text")


def _beginning(data: bytes) -> bytes:
    """Return the first bytes of a file without marks and spaces before the text, and ASCII in UTF-16 as ASCII."""
    found = data[:4096]
    if b"\0" in found:
        found = found.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    return _BEFORE.sub(b"", found, count=1)


# Of the exports of Substack.
_LIST_OF_POSTS: Final = "posts.csv"
# White space, byte order marks, and spaces that nobody sees.
_BEFORE: Final = re.compile(rb"\A(?:\s|\xef\xbb\xbf|\xe2\x80[\x8b-\x8f]|\xc2\xa0|\xfe\xff|\xff\xfe)++")
_BEGINNINGS: Final = (
    (
        rb"(?:AUTHOR|TITLE|BASENAME|STATUS|DATE) ?:[^\n]*\n(?:[ \t]{0,9}[A-Z][A-Z ]{0,30}:[^\n]*\n){0,30}-----\r?\n",
        "movable-type",
    ),
    (rb"<!doctype\s+html|<html[\s>]|<(?:head|body|article|div|p|h1)[\s>]", "html"),
    (rb"<\?xml|<rss[\s>]|<feed[\s>]|<rdf:RDF[\s>]|<opml[\s>]", "xml"),
    (rb"\{\s*\"", "json"),
    (rb"(?:---|;;;|\+\+\+)\s*(?:json)?\s*\n|#\s+\S", "markdown"),
)
# The first field between fences, of which an editor may have made a dash, behind comments of HTML.
_HEAD: Final = re.compile(
    rb"(?:<!--[^<>]{0,300}+-->\s*+)?(?:-{3,9}|\+{3,9}|;{3,9}|\xe2\x80[\x93\x94]-?)"
    rb"[ \t]*+(?:yaml|toml|json|js)?+[ \t]*+[\r\n]"
    rb"(?:[ \t]*+(?:#[^\r\n]*+)?+[\r\n]){0,9}+[ \t{]*+[\w\"'-]{1,60}+[ \t]*+[:=]"
)
SUFFIXES: Final[Mapping[str, str]] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdx": "markdown",
    ".mkd": "markdown",
    ".mdown": "markdown",
    ".qmd": "markdown",
    ".xml": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".wxr": "xml",
    ".json": "json",
}


def _text(file: SourceFile, settings: ImportSettings) -> Iterator[Draft]:
    from feedsvc.importing.readers.text import read_text, with_fields_above

    decoded = decode(file.data, file.encoding)
    draft = with_fields_above(read_text(file.name, decoded.text, settings), decoded.text)
    yield replace(draft, notes=(*draft.notes, *decoded.notes))


def _movable_type(file: SourceFile, settings: ImportSettings) -> Iterator[Item]:
    from feedsvc.importing.readers.feeds.movable_type import read_movable_type

    decoded = decode(file.data, file.encoding)
    yield from (FileNote(file.name, each) for each in decoded.notes)
    yield from read_movable_type(file.name, decoded.text.replace("\r\n", "\n"), settings)


def _html(file: SourceFile, settings: ImportSettings) -> Iterator[Item]:
    """Choose the reader of a page: it may be a post in an export, or a list of one."""
    from feedsvc.importing.readers.hosted import medium, substack, tumblr
    from feedsvc.importing.readers.pages.html import read_html
    from feedsvc.importing.readers.text import with_fields_above

    decoded = decode(file.data, file.encoding, declared_in_html(file.data))
    row = substack.row_of(file.name, file.beside, file.encoding)
    if row is None and settings.system == "substack":
        message = f"no {substack.LIST} is in the folder above, which says whether it is public (name the whole export)"
        raise ArticleError([Finding(message=message)])
    if row is not None:
        items = iter([substack.read_post(file.name, decoded.text, row, settings, file.beside)])
    elif medium.is_story(decoded.text, is_named=settings.system == "medium"):
        items = medium.read_story(file.name, decoded.text, settings)
    elif tumblr.is_exported(decoded.text):
        items = iter([tumblr.read_exported(file.name, decoded.text, settings, file.beside)])
    elif medium.is_list(file.beside):
        items = iter([SkippedEntry(file.name, "list")])
    else:
        items = iter([with_fields_above(read_html(file.name, decoded.text, settings, file.beside), decoded.text)])
    for each in items:
        yield replace(each, notes=(*each.notes, *decoded.notes)) if isinstance(each, Draft) else each


def _substack(file: SourceFile, _settings: ImportSettings) -> Iterator[Item]:
    from feedsvc.importing.readers.hosted.substack import read_list

    yield from read_list(file.name, file.data, file.encoding, file.beside)


def _markdown(file: SourceFile, settings: ImportSettings) -> Iterator[Item]:
    from feedsvc.importing.readers.markdown.read import read_markdown

    decoded = decode(file.data, file.encoding)
    item = read_markdown(file.name, decoded.text, settings, file.beside)
    yield replace(item, notes=(*item.notes, *decoded.notes)) if isinstance(item, Draft) else item


def _json(file: SourceFile, settings: ImportSettings) -> Iterator[Item]:
    from feedsvc.importing.readers.feeds.json_feed import read_json

    decoded = decode(file.data, file.encoding)
    yield from (FileNote(file.name, each) for each in decoded.notes)
    yield from read_json(file.name, decoded.text, settings, file.beside)


def _xml(file: SourceFile, settings: ImportSettings) -> Iterator[Item]:
    """Choose the reader of an XML document by its root. A WordPress export is RSS with an extension."""
    from feedsvc.importing.readers.feeds import wxr, xml, xml_feed
    from feedsvc.importing.readers.feeds.entries import no_place

    document = xml.parse(file.data, file.encoding)
    root = document.root
    # A feed stands for the pictures of its site in the copy of these that is named, not for files that lie beside it.
    place = file.beside.address_of if file.beside.has_uploads else no_place
    readers: Mapping[str, Callable[[str, xml.Document, ImportSettings], Iterator[Item]]] = {
        "rss": partial(wxr.read_wxr, beside=file.beside)
        if wxr.is_wxr(root)
        else partial(xml_feed.read_rss, place=place),
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF": partial(xml_feed.read_rss, place=place),
        f"{xml.ATOM}feed": partial(xml_feed.read_atom, place=place),
        f"{xml.ATOM}entry": partial(xml_feed.read_atom, place=place),
        "opml": xml_feed.reject_opml,
    }
    if root.tag not in readers:
        name = str(root.tag).rpartition("}")[2]
        message = f"a document of <{name}> is not a feed ({nearest(name, ['rss', 'feed', 'RDF'])})"
        raise ArticleError([Finding(line=root.sourceline or 0, message=message)])
    notes = (FileNote(file.name, each) for each in document.notes)
    items = readers[root.tag](file.name, document, settings)
    if document.is_damaged:
        items = (replace(each, is_draft=True) if isinstance(each, Draft) else each for each in items)
    return chain(notes, items)


READERS: Final[Mapping[str, Reader]] = {
    "text": _text,
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "xml": _xml,
    "substack": _substack,
    "movable-type": _movable_type,
}
