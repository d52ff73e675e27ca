"""Changes to a tree of lexbor: what stands in the place of an element. Pure."""

from html import escape
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.text import plain


def body_of(html: str) -> LexborNode:
    """The body of `html`: begun before anything else, it is there in every document and takes all that follows."""
    body = LexborHTMLParser(f"<body>{html}").body
    assert body is not None
    return body


def replace(node: LexborNode, html: str) -> None:
    """Put the one element or text of `html` in the place of `node`; without one, remove `node`."""
    if not html:
        node.decompose()
        return
    made = body_of(html).child
    assert made is not None
    node.replace_with(made)


def replace_all(node: LexborNode, html: str) -> None:
    """Put everything that `html` holds in the place of `node`."""
    whole = body_of(f"<span>{html}</span>").child
    assert whole is not None
    for each in list(whole.iter(include_text=True)):
        node.insert_before(each)
    node.decompose()


def unwrap(node: LexborNode) -> None:
    """Leave what stands inside `node`. selectolax leaves an empty element as it is."""
    if node.child is None:
        node.decompose()
    else:
        node.unwrap()


def link_to(url: str | None, text: str | None, inside: str = "") -> str:
    """A link called by `text`, else by its file's name or host, with the HTML `inside` in front; "" without a URL."""
    if url is None:
        return ""
    parts = urlsplit(url)
    name = plain(text or "") or plain(unquote(parts.path.rpartition("/")[2])) or parts.hostname or url
    return f'<a href="{escape(url)}">{inside}{escape(name)}</a>'


def host_of(url: str | None) -> str | None:
    """What a player on another site is known by: the last part of its address seldom says anything."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else None
