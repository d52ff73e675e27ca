"""Choose the reader of a file by its suffix or its beginning. Pure."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Final

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.errors import ArticleError, Finding, nearest
from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.readers.decoding import decode_html, decode_text, guess_encoding
from feedsvc.importing.settings import ImportSettings

Reader = Callable[[str, bytes, ImportSettings, str | None], Iterator[Item]]
# Feeds, exports and pages that contain their pictures. Each of their articles has limits of its own.
_MAX_BYTES: Final = 64 * 1024 * 1024
_LIMITS: Final[Mapping[str, int]] = {"text": MAX_BYTES, "markdown": MAX_BYTES}


def read_items(source: str, data: bytes, settings: ImportSettings, encoding: str | None = None) -> Iterator[Item]:
    """Yield the items in a file called `source`. Its suffix decides; without a known one, its beginning.

    Raises ArticleError if the file is too large or not of its kind. The errors of an entry are in its draft's notes.
    """
    kind = _kind_called(source) or sniff(data)
    limit = _LIMITS.get(kind, _MAX_BYTES)
    if len(data) > limit:
        raise ArticleError([Finding(message=f"larger than {limit:,} bytes (split it)")])
    return READERS[kind](source, data, settings, encoding)


def read_drafts(source: str, data: bytes, settings: ImportSettings, encoding: str | None = None) -> Iterator[Draft]:
    """Yield the drafts among the items in a file. Raises ArticleError as `read_items` does."""
    return (each for each in read_items(source, data, settings, encoding) if isinstance(each, Draft))


def size_limit(source: str) -> int:
    """Return the size limit in bytes of a file called `source`, by its name."""
    return _LIMITS.get(_kind_called(source), _MAX_BYTES)


def _kind_called(source: str) -> str:
    return SUFFIXES.get(PurePath(source).suffix.lower(), "")


def sniff(data: bytes) -> str:
    """Return the kind of a file (a key of READERS) by its first 2 KiB; "text" if no other kind begins so."""
    beginning = data[:2048].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((kind for pattern, kind in _BEGINNINGS if re.match(pattern, beginning, re.IGNORECASE)), "text")


_BEGINNINGS: Final = (
    (rb"<!doctype\s+html|<html[\s>]|<(?:head|body|article|div|p|h1)[\s>]", "html"),
    (rb"<\?xml|<rss[\s>]|<feed[\s>]|<rdf:RDF[\s>]|<opml[\s>]", "xml"),
    (rb"\{\s*\"", "json"),
    (rb"---\s*\n|\+\+\+\s*\n|#\s+\S", "markdown"),
)
SUFFIXES: Final[Mapping[str, str]] = {
    ".txt": "text",
    ".text": "text",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".xml": "xml",
    ".rss": "xml",
    ".atom": "xml",
    ".rdf": "xml",
    ".wxr": "xml",
    ".json": "json",
}


def _text(source: str, data: bytes, settings: ImportSettings, encoding: str | None) -> Iterator[Draft]:
    from feedsvc.importing.readers.text import read_text

    guessed = None if encoding else guess_encoding(data)
    draft = read_text(source, decode_text(data, encoding or guessed), settings)
    note = f"read as {guessed}, a guess (if characters are wrong, name another encoding with --encoding)"
    yield replace(draft, notes=(*draft.notes, note)) if guessed else draft


def _html(source: str, data: bytes, settings: ImportSettings, encoding: str | None) -> Iterator[Draft]:
    from feedsvc.importing.readers.pages.html import read_html

    yield read_html(source, decode_html(data, encoding), settings)


def _markdown(source: str, data: bytes, settings: ImportSettings, encoding: str | None) -> Iterator[Draft]:
    from feedsvc.importing.readers.markdown import read_markdown

    yield read_markdown(source, decode_text(data, encoding), settings)


def _json(source: str, data: bytes, settings: ImportSettings, encoding: str | None) -> Iterator[Draft]:
    from feedsvc.importing.readers.feeds.json_feed import read_json

    return read_json(source, decode_text(data, encoding), settings)


def _xml(source: str, data: bytes, settings: ImportSettings, encoding: str | None) -> Iterator[Item]:
    """Choose the reader of an XML document by its root. A WordPress export is RSS with an extension."""
    from feedsvc.importing.readers.feeds import wxr, xml, xml_feed

    root = xml.parse(data, encoding)
    readers: Mapping[str, Callable[[str, xml.Element, ImportSettings], Iterator[Item]]] = {
        "rss": wxr.read_wxr if wxr.is_wxr(root) else xml_feed.read_rss,
        "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF": xml_feed.read_rss,
        f"{xml.ATOM}feed": xml_feed.read_atom,
        f"{xml.ATOM}entry": xml_feed.read_atom,
        "opml": xml_feed.reject_opml,
    }
    if root.tag not in readers:
        name = str(root.tag).rpartition("}")[2]
        message = f"a document of <{name}> is not a feed ({nearest(name, ['rss', 'feed', 'RDF'])})"
        raise ArticleError([Finding(line=root.sourceline or 0, message=message)])
    return readers[root.tag](source, root, settings)


READERS: Final[Mapping[str, Reader]] = {
    "text": _text,
    "html": _html,
    "markdown": _markdown,
    "json": _json,
    "xml": _xml,
}
