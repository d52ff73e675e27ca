"""Make a summary for an article without one. Pure."""

import re
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.assets import guess_media_type
from feedsvc.model import SafeHTML
from feedsvc.text import plain, shorten

_BLOCKS: Final = frozenset(
    "address article aside blockquote details div dl figure footer h1 h2 h3 h4 h5 h6 header hr ol p pre section table "
    "ul".split()
)

_TAG: Final = re.compile("<[^<>]*+>")
# A paragraph of text and emphasis behind anything but links, paragraphs, ruby and tables. nh3 has written it: each
# element is closed, and no "<" is in an attribute.
_SIMPLE: Final = re.compile(
    r"(?:[^<]|<(?!/?(?:a[ >]|p[ >]|r|t))[^<>]*+>)*+<p(?: [^<>]*+)?>((?:[^<]|</?(?:b|code|em|i|strong)>)*+)</p>"
)


def first_paragraph(content: SafeHTML) -> str:
    """Return the text of the first paragraph that is not empty, about 200 characters; else of the whole content.

    Readings of ruby and marks of footnotes are no part of it, nor a link in the place of a player or frame, unless it
    stands in a sentence.
    """
    # No link, line break, ruby or picture is in it, and no link is around it: no tree is needed.
    simple = _SIMPLE.match(content)
    if simple and (text := plain(unescape(_TAG.sub("", simple[1])))):
        return shorten(text)
    body = _without_asides(content)
    # Links in other paragraphs need not be judged, unless a link is around a paragraph and takes it away.
    if body.css_first("a p") is None:
        # In a table inside a paragraph, paragraphs are part of another one, which has their text.
        for paragraph in body.css("p:not(p *)"):
            _drop_files(paragraph)
            if text := plain(paragraph.text(deep=True)):
                return shorten(text)
        # Without any text in a paragraph, all links are judged before any is dropped.
        body = _without_asides(content)
    _drop_files(body)
    texts = (plain(node.text(deep=True)) for node in [*body.css("p"), body])
    return shorten(next(filter(None, texts), ""))


def _without_asides(content: SafeHTML) -> LexborNode:
    body = LexborHTMLParser(f"<body>{content}").body
    assert body is not None
    for aside in reversed(body.css('rt, rp, sup > a[href*="#"]')):  # the inner before the outer, which frees them
        aside.decompose()
    for line_break in body.css("br"):
        line_break.replace_with(" ")
    return body


def _drop_files(body: LexborNode) -> None:
    """Remove links to video and audio files, and those called by their file or host, where they are no sentence's."""
    stand_alone: dict[int, bool] = {}
    files = [link for link in body.css("a[href]") if _is_file(link)]
    for link in files:
        parent = link.parent
        assert parent is not None
        # Asked once of each parent: it may have as many links as an article may have elements.
        if parent.mem_id not in stand_alone:
            # No sentence: blocks of their own, other files, spaces.
            stand_alone[parent.mem_id] = all(
                each.tag in _BLOCKS or not (each.text(deep=True) or "").strip() or (each.tag == "a" and _is_file(each))
                for each in parent.iter(include_text=True)
            )
    for link in files:
        if link.parent is not None and stand_alone[link.parent.mem_id]:
            link.decompose()


def _is_file(link: LexborNode) -> bool:
    url = urlsplit(link.attributes.get("href") or "")
    if (guess_media_type(url.geturl()) or "").startswith(("audio/", "video/")):
        return True
    host = (url.hostname or "").removeprefix("www.")
    return plain(link.text(deep=True)) in (host, plain(unquote(url.path.rpartition("/")[2])))
