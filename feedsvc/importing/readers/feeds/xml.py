"""Parse foreign XML without access to anything outside the document. Pure."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html.entities import html5
from typing import Any, Final

from lxml import etree

from feedsvc.articles.source_text.code_ranges import Pairs
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.readers.decoding import decode
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
RSS_NAMESPACES: Final = (
    "{http://purl.org/rss/1.0/}",
    "{http://my.netscape.com/rdf/simple/0.9/}",
    "{http://channel.netscape.com/rdf/simple/0.9/}",
)
ITUNES: Final = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Document:
    """The root of a document, and what is not certain about it. What a damaged one keeps back may be lost."""

    root: Element
    notes: tuple[str, ...] = ()
    is_damaged: bool = False


def parse(data: bytes, encoding: str | None = None) -> Document:
    """Return a document; `decode` says in which encoding. A defect is passed over with a note.

    Expands no entity and fetches nothing. Raises ArticleError with the line.
    """
    data = data.lstrip()
    declared = _DECLARATION.match(data)
    decoded = decode(data, encoding, declared[1].decode("ascii") if declared and declared[1] else None)
    # The declaration names the encoding of the bytes, and this is text.
    text = _DECLARATION_TEXT.sub("", decoded.text, count=1).lstrip()
    try:
        return Document(_with_known_names(_root(text)), decoded.notes)
    except etree.XMLSyntaxError as error:
        defect, line = f"not well-formed XML: {error.msg}", error.lineno or 0
    legal = without_forbidden(text)
    for repaired, recover in ((legal, False), (_repaired(legal), False), (_repaired(legal), True)):
        with suppress(etree.XMLSyntaxError):
            root = _root(repaired, recover=recover)
            if root is not None and next(root.iter("{*}item", "{*}entry"), None) is not None:
                what = "read as drafts as far as it goes" if recover else "read all the same"
                note = f"line {line}: {defect}, {what} (compare the result, or correct the file)"
                return Document(_with_known_names(root), (*decoded.notes, note), recover)
    raise ArticleError([Finding(line=line, message=f"{defect} (correct the file)")])


def _root(text: str, *, recover: bool = False) -> Element:
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    return etree.fromstring(text.encode("utf-8", "replace"), parser)


def _repaired(text: str) -> str:
    """Return XML in which names of HTML's characters are characters, a bare & is one, and all prefixes are declared.

    CDATA stays as it is.
    """

    def as_character(found: re.Match[str]) -> str:
        name = found[1] or ""
        if name in _OF_XML or name.startswith("#"):
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


def _with_known_names(root: Element) -> Element:
    """Return a document in which elements have the names that the readers know.

    Feeds write http or https, a wrong version, no declaration of a prefix, or a default namespace on RSS.
    """
    names: dict[str, str] = {}
    for element in root.iter():
        tag = element.tag
        if not isinstance(tag, str):
            continue
        if tag not in names:
            namespace, _, name = tag.rpartition("}")
            key = namespace.lstrip("{").lower()
            key = key.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/#")
            prefix, colon, local = name.partition(":")
            names[tag] = f"{_NAMESPACES[key]}{name}" if key in _NAMESPACES else tag
            if colon:
                names[tag] = f"{_PREFIXES.get(prefix.lower(), '{undeclared:}')}{local}"
            elif not namespace or key in _DEFAULTS or element is root:
                names[tag] = _OF_RSS.get(name.lower(), names[tag])
        if names[tag] != tag:
            element.tag = names[tag]
    return root


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


def leaves(parent: Element) -> Iterator[tuple[str, str]]:
    """Yield the name without its namespace, and the text, of each child that has no children itself."""
    for child in parent:
        if isinstance(child.tag, str) and len(child) == 0:
            yield etree.QName(child).localname, (child.text or "").strip()
