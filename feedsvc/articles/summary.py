"""The summary of an article that brings none. Pure."""

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.model import SafeHTML
from feedsvc.text import plain, shorten


def first_paragraph(content: SafeHTML) -> str:
    """The plain text of the first paragraph that has any, about 200 characters; without one, of the whole.

    Readings of ruby and marks of footnotes are no part of it.
    """
    body = LexborHTMLParser(f"<body>{content}").body
    assert body is not None
    for aside in reversed(body.css('rt, rp, sup > a[href*="#"]')):  # the inner before the outer, which frees them
        aside.decompose()
    for line_break in body.css("br"):
        line_break.replace_with(" ")
    paragraphs: list[LexborNode] = body.css("p")
    texts = (plain(node.text(deep=True)) for node in [*paragraphs, body])
    return shorten(next(filter(None, texts), ""))
