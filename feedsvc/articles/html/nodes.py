"""Replace and remove elements in a tree of lexbor. Pure."""

from html import escape
from urllib.parse import unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.text import plain


def body_of(html: str) -> LexborNode:
    """Return the body of `html`. It is opened first, so every document has it and all content is in it."""
    body = LexborHTMLParser(f"<body>{html}").body
    assert body is not None
    return body


def replace(node: LexborNode, html: str) -> None:
    """Replace `node` by the one element or text of `html`; remove `node` if `html` is empty."""
    if not html:
        node.decompose()
        return
    made = body_of(html).child
    assert made is not None
    node.replace_with(made)


def replace_all(node: LexborNode, html: str) -> None:
    """Replace `node` by all elements and texts of `html`."""
    whole = body_of(f"<span>{html}</span>").child
    assert whole is not None
    for each in list(whole.iter(include_text=True)):
        node.insert_before(each)
    node.decompose()


def unwrap(node: LexborNode) -> None:
    """Replace `node` by its content. selectolax does not change an empty element."""
    if node.child is None:
        node.decompose()
    else:
        node.unwrap()


def link_to(url: str | None, text: str | None, inside: str = "") -> str:
    """Return a link with the text `text`, else its file name or host, after the HTML `inside`; "" without a URL."""
    if url is None:
        return ""
    parts = urlsplit(url)
    name = plain(text or "") or plain(unquote(parts.path.rpartition("/")[2])) or parts.hostname or url
    return f'<a href="{escape(url)}">{inside}{escape(name)}</a>'


def host_of(url: str | None) -> str | None:
    """Return the host of a URL, which names an embedded player better than the last part of its path."""
    return (urlsplit(url).hostname or "").removeprefix("www.") if url else None
