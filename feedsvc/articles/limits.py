"""Limits on the size and the depth of an article. They are structural: the same file is refused everywhere.

The sanitizers are quadratic on hostile nesting, and the HTML standard itself makes trees larger than their text: a
formatting element left open is opened again in every block behind it, each distinct one up to three times (HTML
§13.2.4.3, the "Noah's Ark clause"). So tags are counted in the text, in one pass, before anything parses it. What
looks like a tag counts as one even inside a comment: the count may be too high, never too low.
"""

import re
from collections.abc import Iterator
from typing import Final

from feedsvc.errors import ArticleError, Finding

MAX_BYTES: Final = 2 * 1024 * 1024
# In characters, at each stage of the conversion.
MAX_HTML: Final = 2 * MAX_BYTES
MAX_NESTING: Final = 200
MAX_ATTRIBUTES: Final = 50
MAX_ELEMENTS: Final = 20_000
MAX_REFERENCES: Final = 20_000
MAX_CELLS: Final = 400_000
MAX_MARKS: Final = 400_000
# URLs in srcset attributes, and files beside an article that its text names: each is looked at several times.
MAX_CANDIDATES: Final = 5_000
MAX_FILES: Final = 1_000
# Video and audio files that a text plays, and again those that the field `enclosure` names.
MAX_ENCLOSURES: Final = 100
# Elements times the formatting elements that could be open around them: the largest tree the text can make.
MAX_WORK: Final = 1_000_000
# An end tag looks for its beginning through all that is open; each element may have one and a half.
MAX_END_WORK: Final = MAX_ELEMENTS * MAX_ELEMENTS * 3 // 2
# What looks like a tag may stand inside another's attributes, and those are read again for each.
MAX_SCANNED: Final = 10 * MAX_BYTES

_MARKDOWN: Final = "\n*_~[]!<&\\`"
# Texts that may begin a bare link, and the number of marks for which each counts.
_LINKED: Final = ("://", "www.", "@")
_LINK_COST: Final = 10
_END = re.compile("</[a-zA-Z]")
_NAME = re.compile(r"<([a-zA-Z][^\s/>]*)(>?)")
_ATTRIBUTE = re.compile(r"[\s/]*[^\s/>][^\s/>=]*(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"'][^\s>]*))?")
# Up to this number of tags, all of which are usual ones, no limit can be reached: 3 * 500 * 500 is below MAX_WORK.
_FEW: Final = 500
# A tag that may have more than MAX_ATTRIBUTES attributes, each of at least two characters: it is long, or goes on
# behind the next "<", or behind a ">" or "<" in quotes.
_UNUSUAL_TAG: Final = re.compile(r"<[a-zA-Z](?:[^<>]{100}|[^<>]*+<)|=\s*+(?:\"[^\"<>]*+[<>]|'[^'<>]*+[<>])")
# "a" is not here: at most one can be open (HTML §13.2.6.4.7).
_FORMATTING = frozenset("b big code em font i nobr s small strike strong tt u".split())


def check_size(data: bytes) -> None:
    """Raise ArticleError if a file is over the size limit."""
    if len(data) > MAX_BYTES:
        raise _refused(f"too many bytes, the limit is {MAX_BYTES:,} (split it, or move images out of the text)")


def check_markup(html: str, scale: int = 1) -> None:
    """Raise ArticleError if `html` could be too much for a parser. Linear in its length.

    A page of which an article is a part may have `scale` times the elements, and takes `scale` squared times as long.
    """
    has_srcset = "srcset" in html.lower()
    if not has_srcset and html.count("<") <= _FEW and _UNUSUAL_TAG.search(html) is None:
        return
    elements = candidates = 0
    formatting: set[str] = set()
    for name, tag in _tags(html):
        elements += 1
        if elements > scale * MAX_ELEMENTS:
            raise _refused(f"more than {scale * MAX_ELEMENTS:,} elements (split the article)")
        if has_srcset and "srcset" in tag.lower():
            candidates += tag.count(",") + tag.count("&")  # "&comma;" is one as well
            if candidates > MAX_CANDIDATES:
                message = f"more than {MAX_CANDIDATES:,} images to choose from in srcset attributes (remove some)"
                raise _refused(message)
        if name in _FORMATTING:
            formatting.add(tag)
    if elements * len(_END.findall(html)) > scale * scale * MAX_END_WORK:
        raise _refused("too many end tags for its elements (remove those that end nothing)")
    if elements * 3 * len(formatting) > scale * MAX_WORK:
        raise _refused(
            "too many different formatting elements (<b>, <font …>, …) that could be left open (remove some)"
        )


def _tags(html: str) -> Iterator[tuple[str, str]]:
    """Yield the name and the whole of each text that looks like a tag."""
    scanned = 0
    for match in _NAME.finditer(html):
        name, end = match[1].lower(), match.end()
        if not match[2]:
            for _ in range(MAX_ATTRIBUTES + 1):
                attribute = _ATTRIBUTE.match(html, end)
                if attribute is None:
                    break
                end = attribute.end()
            else:
                raise _refused(f"a <{name[:20]}> with more than {MAX_ATTRIBUTES} attributes (remove some)")
        scanned += end - match.start()
        if scanned > MAX_SCANNED:
            raise _refused("tags inside the attributes of tags, again and again (remove them, or close the quotes)")
        yield name, html[match.start() : end]


def with_few_attributes(html: str) -> str:
    """Return `html` without the attributes of a tag beyond MAX_ATTRIBUTES. Linear in its length."""
    parts: list[str] = []
    position = end = 0
    for match in _NAME.finditer(html):
        # Within the attributes of another tag.
        if match.start() < end:
            continue
        end, number = match.end(), 0
        kept = end
        while not match[2] and (attribute := _ATTRIBUTE.match(html, end)):
            end, number = attribute.end(), number + 1
            if number <= MAX_ATTRIBUTES:
                kept = end
        if kept < end:
            parts.append(html[position:kept])
            position = end
    return "".join((*parts, html[position:]))


def check_files(count: int) -> None:
    """Raise ArticleError if an article names more files beside it than the limit."""
    if count > MAX_FILES:
        raise _refused(f"names more than {MAX_FILES:,} files beside the article (split it)")


def check_elements(count: int) -> None:
    """Raise ArticleError if there are more elements than the limit."""
    if count > MAX_ELEMENTS:
        raise _refused(f"more than {MAX_ELEMENTS:,} elements (split the article)")


def check_markdown(body: str) -> None:
    """Raise ArticleError if a Markdown `body` could become too large a tree.

    comrak makes a node, of half a kilobyte, of each line and of each character that might mark something. A row is
    filled up to the width of its table's head, so a wide head above many short rows makes a large document.
    """
    if sum(map(body.count, _MARKDOWN)) + _LINK_COST * sum(map(body.count, _LINKED)) > MAX_MARKS:
        raise _refused(
            f"more than {MAX_MARKS:,} line breaks and marks of Markdown such as * _ ~ [ "
            "(remove some, or split the article)"
        )
    # A table of one column needs no bar, one of two columns needs one.
    widest = 1 + (max(line.count("|") for line in body.split("\n")) if "|" in body else 0)
    if widest * body.count("\n") > MAX_CELLS:
        raise _refused(
            f"its tables could have more than {MAX_CELLS:,} cells (make them narrower, or split the article)"
        )


def check_rendered(html: str) -> None:
    """Raise ArticleError if Markdown made too much `html`: a footnote writes some 270 bytes for each "[^a]"."""
    if len(html) > MAX_HTML:
        raise _refused("its Markdown makes too much HTML (name each footnote less often, or split the article)")


def check_length(length: int) -> None:
    """Raise ArticleError if the HTML on its way is too long: each "#" grows to the whole address of its page."""
    if length > MAX_HTML:
        raise _refused(
            f"its HTML grows to more than {MAX_HTML:,} characters when links and images get their whole addresses "
            "(shorten the slug, use fewer links, or split the article)"
        )


def check_enclosures(count: int) -> None:
    """Raise ArticleError if an article's text plays more files than the limit."""
    if count > MAX_ENCLOSURES:
        raise _refused(f"more than {MAX_ENCLOSURES} video and audio files (link some of them, or split the article)")


def check_references(html: str) -> None:
    """Raise ArticleError if `html` escapes too many characters: nh3 and bleach are quadratic in their number."""
    if html.count("&") > MAX_REFERENCES:
        raise _refused(
            f"more than {MAX_REFERENCES:,} characters <, > and & or no-break spaces in the text (split the article)"
        )


def check_depth(depth: int) -> None:
    """Raise ArticleError if elements are nested deeper than the limit."""
    if depth > MAX_NESTING:
        raise _refused(f"elements nested deeper than {MAX_NESTING} (remove wrappers)")


def _refused(message: str) -> ArticleError:
    return ArticleError([Finding(message=message)])
