"""Parse foreign XML without access to anything outside the document. Pure."""

from collections.abc import Iterator
from typing import Any, Final

from lxml import etree

from feedsvc.errors import ArticleError, Finding

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
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def parse(data: bytes, encoding: str | None = None) -> Element:
    """Return the root of a document, in the encoding that it declares unless one is given.

    Expands no entity and fetches nothing. Raises ArticleError with the line.
    """
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data.lstrip(), parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise ArticleError(
            [Finding(line=line, message=f"not well-formed XML: {error.msg} (correct the file)")]
        ) from error


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
