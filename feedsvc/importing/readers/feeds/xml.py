"""Parse foreign XML without access to anything outside the document. Pure."""

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from html.entities import html5
from typing import Any, Final

from lxml import etree

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import is_flag, match
from feedsvc.articles.metadata.visibility import Visibility, of_word
from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.readers.decoding import decode, utf8_notes
from feedsvc.text import without_forbidden

Element = Any
ATOM: Final = "{http://www.w3.org/2005/Atom}"
# RFC 5023 §13.1, and the namespace of its drafts, which Blogger's exports use.
APP: Final = ("{http://www.w3.org/2007/app}", "{http://purl.org/atom/app#}")
BLOGGER: Final = "{http://schemas.google.com/blogger/2018}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
MEDIA: Final = "{http://search.yahoo.com/mrss/}"
TERMS: Final = "{http://purl.org/dc/terms/}"
YOUTUBE: Final = "{http://gdata.youtube.com/schemas/2007}"
ITUNES: Final = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Document:
    """A document, and what is not certain about it. What a damaged one keeps back may be lost.

    `root` is the root without the items of a feed. `read` parses the document again, and yields its items, or its root
    if it was not divided; an item is valid until the next one.
    """

    root: Element
    read: Callable[[], Iterable[Element]]
    notes: tuple[str, ...] = ()
    is_damaged: bool = False

    def items(self, tag: str) -> Iterator[Element]:
        """Yield the items called `tag`, in the order of the document. Each is valid until the next one."""
        for each in self.read():
            yield from each.iter(tag)


def parse(data: bytes, encoding: str | None = None) -> Document:
    """Return a document; `decode` says in which encoding. A defect is passed over with a note.

    Expands no entity and fetches nothing. Raises ArticleError with the line.
    """
    data = data.lstrip()
    declared = _DECLARATION.match(data)
    notes = None if encoding else utf8_notes(data)
    if notes is not None:
        # The bytes of a feed of 20,000 entries are all that is in memory of it.
        with suppress(etree.XMLSyntaxError):
            return _divided(data, declared.end() if declared else 0, notes)
    decoded = decode(data, encoding, declared[1].decode("ascii") if declared and declared[1] else None)
    # The declaration names the encoding of the bytes, and this is text.
    text = _DECLARATION_TEXT.sub("", decoded.text, count=1).lstrip()
    try:
        return _divided(text.encode("utf-8", "replace"), 0, decoded.notes)
    except etree.XMLSyntaxError as error:
        # A message of libxml2 may have the line break of the text that it quotes, and no line.
        defect, line = f"not well-formed XML: {' '.join(str(error.msg).split())}", error.lineno or 0
    place = f"line {line}: " if line else ""
    cure = "(compare the result, or correct the file)"
    legal = without_forbidden(text)
    for repair in (str, _repaired):
        repaired = repair(legal).encode("utf-8", "replace")
        with suppress(etree.XMLSyntaxError):
            document = _divided(repaired, 0, (*decoded.notes, f"{place}{defect}, read all the same {cure}"))
            if next(iter(document.read()), None) is not None:
                return document
    with suppress(etree.XMLSyntaxError):
        root = etree.fromstring(_repaired(legal).encode("utf-8", "replace"), _parser(recover=True))
        if root is not None and next(root.iter("{*}item", "{*}entry"), None) is not None:
            root = _with_known_names(root)
            notes = (*decoded.notes, f"{place}{defect}, read as drafts as far as it goes {cure}")
            return Document(root, lambda: [root], notes, is_damaged=True)
    raise ArticleError([Finding(line=line, message=f"{defect} (correct the file)")])


def _divided(data: bytes, start: int, notes: tuple[str, ...]) -> Document:
    """Return the well-formed document in UTF-8 that begins at `start`. Raises XMLSyntaxError.

    It is read to its end here, so that nothing is imported of a document before its defect is known.
    """

    stream = _Items(data, start)
    for _ in stream:
        pass
    if next(stream.root.iter("item"), None) is not None:
        # Its items have names that the parser does not know as such.
        root = _with_known_names(etree.fromstring(data[start:], _parser()))
        return Document(root, lambda: [root], notes)
    return Document(stream.root, lambda: _Items(data, start), notes)


class _Items:
    """The items of a document, which are parsed one by one. After the last one, `root` is the document without them."""

    def __init__(self, data: bytes, start: int) -> None:
        self._data, self._start = data, start
        self.root: Element = None

    def __iter__(self) -> Iterator[Element]:
        parser = _parser(etree.XMLPullParser, events=("end",), tag=_ITEMS)
        former = None
        for at in range(self._start, len(self._data), _PART):
            parser.feed(self._data[at : at + _PART])
            for _, element in parser.read_events():
                if next(element.iterancestors(*_ITEMS), None) is not None:
                    continue
                # The parent of an element may change only after the element's end.
                _remove(former)
                former = element
                yield _with_known_names(element, is_root=element.getparent() is None)
        root = parser.close()
        if former is not root:
            _remove(former)
        self.root = _with_known_names(root)


_ITEMS: Final = ("{*}item", "{*}Item", "{*}ITEM", "{*}entry")
# In bytes: small beside an entry with pictures.
_PART: Final = 64 * 1024


def _remove(element: Element) -> None:
    if element is not None and element.getparent() is not None:
        element.getparent().remove(element)


def _parser(kind: Any = etree.XMLParser, **options: Any) -> Any:
    """Return a parser for UTF-8, which a declaration of another encoding does not change."""
    return kind(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        **options,
    )


def _repaired(text: str) -> str:
    """Return XML in which names of HTML's characters are characters, a bare & is one, and all prefixes are declared.

    CDATA stays as it is.
    """

    def as_character(found: re.Match[str]) -> str:
        name = found[1] or ""
        if name.startswith("#"):
            # libxml2 makes invalid UTF-8 of the number of a surrogate.
            number = int(name[2:-1], 16) if name[1] == "x" else int(name[1:-1])
            return found[0] if number <= sys.maxunicode and without_forbidden(chr(number)) else "\ufffd"
        if name in _OF_XML:
            return found[0]
        return html5.get(name) or f"&amp;{found[0][1:]}"

    parts, position = [], 0
    for stretch in _CDATA.find(text):
        end = len(text) if stretch.end is None else stretch.end
        parts += [_REFERENCE.sub(as_character, text[position : stretch.start]), text[stretch.start : end]]
        position = end
    parts.append(_REFERENCE.sub(as_character, text[position:]))
    markup = "".join(parts[::2])
    unknown = sorted(set(_PREFIX.findall(markup)) - set(_DECLARED_PREFIX.findall(markup)) - {"xml", "xmlns"})
    names = (f' xmlns:{each}="{_PREFIXES.get(each.lower(), "{undeclared:}").strip("{}")}"' for each in unknown)
    declarations = "".join(names)
    return _ROOT.sub(lambda found: f"{found[0]}{declarations}", "".join(parts), count=1)


_CDATA: Final = Pairs({"cdata": (r"<!\[CDATA\[", r"\]\]>")}, re.NOFLAG)
_REFERENCE: Final = re.compile(r"&(#\d{1,7};|#x[0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
_PREFIX: Final = re.compile(r"[<\s]([A-Za-z][\w.-]{0,40}):[A-Za-z]")
_DECLARED_PREFIX: Final = re.compile(r"\sxmlns:([A-Za-z][\w.-]{0,40})\s{0,9}=")
_ROOT: Final = re.compile(r"<[A-Za-z][\w.:-]{0,80}")
_OF_XML: Final = ("lt;", "gt;", "amp;", "quot;", "apos;")


def _with_known_names(top: Element, *, is_root: bool = True) -> Element:
    """Return an element in which it and those within have the names that the readers know."""
    for element in top.iter():
        tag = element.tag
        if isinstance(tag, str):
            known = _known_name(tag, is_root=is_root and element is top)
            if known != tag:
                element.tag = known
    return top


@lru_cache(maxsize=1000)
def _known_name(tag: str, *, is_root: bool) -> str:
    """Return the name that the readers know for an element.

    Feeds write http or https, a wrong version, no declaration of a prefix, or a default namespace on RSS. The elements
    of RSS 0.90 and 1.0 get the names of RSS 2.0.
    """
    namespace, _, name = tag.rpartition("}")
    key = namespace.lstrip("{").lower()
    key = key.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#")
    prefix, colon, local = name.partition(":")
    if colon and _NAME.fullmatch(local):
        return f"{_PREFIXES.get(prefix.lower(), '{undeclared:}')}{local}"
    if key in _OLD_RSS:
        return name
    known = f"{_NAMESPACES[key]}{name}" if key in _NAMESPACES else tag
    return _OF_RSS.get(name.lower(), known) if not namespace or key in _DEFAULTS or is_root else known


_NAME: Final = re.compile(r"[A-Za-z_][\w.-]*")
_DECLARATION: Final = re.compile(rb"<\?xml\s[^?>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)[\"'][^?>]{0,200}\?>")
_DECLARATION_TEXT: Final = re.compile(r"\A\ufeff?<\?xml\s[^?>]{0,400}\?>")


_NAMESPACES: Final = {
    "w3.org/2005/atom": ATOM,
    "purl.org/atom/ns": ATOM,
    "w3.org/2007/app": APP[0],
    "purl.org/atom/app": APP[1],
    "schemas.google.com/blogger/2018": BLOGGER,
    "purl.org/rss/1.0/modules/content": CONTENT,
    "purl.org/dc/elements/1.1": DC,
    "purl.org/dc/elements/1.0": DC,
    "purl.org/dc/terms": TERMS,
    "search.yahoo.com/mrss": MEDIA,
    "itunes.com/dtds/podcast-1.0.dtd": ITUNES,
}
_PREFIXES: Final = {
    "atom": ATOM,
    "app": APP[0],
    "blogger": BLOGGER,
    "content": CONTENT,
    "dc": DC,
    "dcterms": TERMS,
    "itunes": ITUNES,
    "media": MEDIA,
    "wp": "{http://wordpress.org/export/1.2/}",
    "excerpt": "{http://wordpress.org/export/1.2/excerpt/}",
}
_DEFAULTS: Final = (
    "backend.userland.com/rss2",
    "backend.userland.com/rss",
    "blogs.law.harvard.edu/tech/rss",
    "cyber.law.harvard.edu/rss",
    "cyber.harvard.edu/rss/rss.html",
    "my.netscape.com/publish/formats/rss-0.91.dtd",
    "rssboard.org/rss-specification",
)
_OLD_RSS: Final = ("purl.org/rss/1.0", "my.netscape.com/rdf/simple/0.9", "channel.netscape.com/rdf/simple/0.9")
# Names of RSS 2.0 that are read, by their letters in lower case.
_OF_RSS: Final = {
    name.lower(): name
    for name in "rss channel item title link description author category enclosure guid pubDate language image".split()
}


def text_of(parent: Element, *tags: str) -> str:
    """Return the text of the first child with one of `tags` that has text, in the order of `tags`."""
    return next((text for text in texts_of(parent, *tags)), "")


def texts_of(parent: Element, *tags: str) -> Iterator[str]:
    """Yield the texts of all children with one of `tags` that have text."""
    for tag in tags:
        for child in parent.findall(tag):
            text = "".join(child.itertext()).strip()
            if text:
                yield text


def leaves(parent: Element) -> Iterator[tuple[str, Value]]:
    """Yield the name without its namespace, and the text, of each child that has no children itself.

    Attributes of the parent, and the `value` of an empty child, are such pairs too. A child with children is a table of
    these pairs. So are the attributes of a child that say that something is not public. An empty child without
    attributes says yes if its name means nothing else: `<x:private/>`.
    """
    for name, value in parent.attrib.items():
        yield str(name).rpartition("}")[2], str(value).strip()
    for child in parent:
        if not isinstance(child.tag, str) or child.tag in _OF_TEXT or child.tag in _OF_FEEDS:
            continue
        # A damaged document may have names that lxml refuses to divide.
        name = child.tag.rpartition("}")[2]
        if len(child) == 0:
            yield from _leaf(child, name)
        else:
            yield name, dict(_inner(child, _MAX_DEPTH))


def _inner(parent: Element, depth: int) -> Iterator[tuple[str, Value]]:
    for child in parent if depth else ():
        if isinstance(child.tag, str) and child.tag not in _OF_TEXT:
            name = child.tag.rpartition("}")[2]
            if len(child):
                yield name, dict(_inner(child, depth - 1))
            else:
                yield from _leaf(child, name)


def _leaf(child: Element, name: str) -> Iterator[tuple[str, Value]]:
    text = (child.text or "").strip() or child.get("value") or ""
    # This element of Dublin Core names readers to which a text is useful.
    if child.tag in _OF_SUBJECT and of_word(text) is not Visibility.NOT_PUBLIC:
        return
    yield name, text or ("true" if not child.attrib and is_flag(name) else "")
    marks = {
        str(attribute).rpartition("}")[2]: str(value)
        for attribute, value in child.attrib.items()
        if of_word(str(value)) is Visibility.NOT_PUBLIC
    }
    # `<x:access type="paid"/>`: what the element is about, its attribute says.
    found = match(name)
    if found is not None and found.row.is_strong and not found.is_like and not text and marks:
        yield name, next(iter(marks.values()))
    elif marks:
        yield f"{name}-attributes", dict(marks)


_MAX_DEPTH: Final = 8
_OF_SUBJECT: Final = frozenset((f"{DC}audience", f"{TERMS}audience"))
# The items of a document that is not divided say nothing of the feed.
_OF_FEEDS: Final = frozenset(("item", f"{ATOM}entry"))
# Elements whose children are markup of a text, or people.
_OF_TEXT: Final = frozenset(
    f"{ATOM}{name}" for name in "content summary title rights author contributor source".split()
)
