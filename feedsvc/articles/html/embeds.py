"""Replace elements that only a script fills by links: custom elements, and embedded posts of other sites. Pure."""

import re
from collections.abc import Mapping
from html import escape
from typing import Final
from urllib.parse import quote

from selectolax.lexbor import LexborNode

from feedsvc.articles.html.nodes import body_of, host_of, link_to, replace, replace_all
from feedsvc.text import has_any
from feedsvc.urls import FETCH_SCHEMES, resolve

# AMP's elements that are HTML's own under another name: https://amp.dev/documentation/components/
_SAME_AS: Final[Mapping[str, str]] = {
    "amp-anim": "img",
    "amp-audio": "audio",
    "amp-iframe": "iframe",
    "amp-img": "img",
    "amp-video": "video",
}
# Custom elements that name what they show by a number: the attribute, and the address.
_YOUTUBE: Final = "https://www.youtube.com/watch?v={}"
_VIMEO: Final = "https://vimeo.com/{}"
_NUMBERED: Final[Mapping[str, tuple[str, str]]] = {
    "amp-dailymotion": ("data-videoid", "https://www.dailymotion.com/video/{}"),
    "amp-gist": ("data-gistid", "https://gist.github.com/{}"),
    "amp-instagram": ("data-shortcode", "https://www.instagram.com/p/{}/"),
    "amp-soundcloud": ("data-trackid", "https://api.soundcloud.com/tracks/{}"),
    "amp-twitter": ("data-tweetid", "https://twitter.com/i/status/{}"),
    "amp-vimeo": ("data-videoid", _VIMEO),
    "amp-youtube": ("data-videoid", _YOUTUBE),
    "lite-vimeo": ("videoid", _VIMEO),
    "lite-youtube": ("videoid", _YOUTUBE),
    "youtube-video": ("video-id", _YOUTUBE),
}
# Attributes in which scripts of Facebook, Instagram, CKEditor, TikTok and others find an address.
_ADDRESSES: Final = ("data-href", "data-instgrm-permalink", "data-oembed-url", "data-embed-url", "data-tweet-url")
# Those of custom elements, and of elements that are none of HTML: <oembed url>, <portal src>.
_OF_CUSTOM: Final = (*_ADDRESSES, "src", "href", "url", "data-src", "data-url")
_UNKNOWN: Final = frozenset({"fencedframe", "oembed", "portal"})
# Parts of tables and lists that hold no link themselves.
_HOLD_NO_LINK: Final = frozenset("colgroup dl ol table tbody tfoot thead tr ul".split())
_MAY_BE: Final = re.compile(
    rf"<[a-z][\w.]*+-|<(?:{'|'.join(sorted(_UNKNOWN))})\b|{'|'.join(_ADDRESSES)}|embed", re.IGNORECASE
)
# Two tests that hold wherever _MAY_BE does, in a tenth of its time: most articles have nothing of this.
_PARTS: Final = ("embed", "data-", "<portal", "<fencedframe")
_CUSTOM: Final = re.compile(r"<[^\W\d_][\w.]*+-")
# Elements with visible content of their own.
_SHOWN: Final = "a[href], audio, iframe, img, video"
_WORDS: Final = re.compile(rf"\s(?:{'|'.join(_ADDRESSES)}|cite)\s*+=")


def replace_embeds(body: LexborNode, html: str, page: str) -> None:
    """Turn elements that a script would fill into links, below the `body` of `html` on the page at the URL `page`.

    Text inside stays, with the link behind it.
    """
    if not may_hold_embeds(html):
        return
    for node in body.css("*"):
        name = _SAME_AS.get(node.tag or "")
        if name is not None:
            attributes = "".join(f' {each}="{escape(value or "")}"' for each, value in node.attributes.items())
            inside = f"{node.inner_html or ''}</{name}>" if name != "img" else ""
            replace_all(node, f"<{name}{attributes}>{inside}")
    for node in reversed(body.css("*")):
        url = address_of(node, page)
        if url is None:
            continue
        link = link_to(url, node.attributes.get("title") or node.attributes.get("playlabel") or host_of(url))
        if (node.text(deep=True) or "").strip():
            made = body_of(f" {link}")
            for each in list(made.iter(include_text=True)):
                node.insert_child(each)
        else:
            replace(node, link)


def may_hold_embeds(html: str) -> bool:
    """Return False only if nothing in `html` is filled by a script."""
    lower = html.lower()
    if not has_any(lower, _PARTS) and not _CUSTOM.search(html):
        return False
    return _MAY_BE.search(html) is not None


def is_custom(name: str) -> bool:
    """Return whether an element with that name is not HTML, so that a script fills it."""
    return ("-" in name or name in _UNKNOWN) and name not in _SAME_AS


def may_be_embed(tag: str) -> bool:
    """Return whether a tag, as it is written, has an attribute with an address for a script."""
    return ("data-" in tag or "cite" in tag) and _WORDS.search(tag) is not None


def address_of(node: LexborNode, page: str) -> str | None:
    """Return the address that an element has for its script; None if it has none, or an element inside shows it."""
    attributes, name = node.attributes, node.tag or ""
    attribute, form = _NUMBERED.get(name, ("", ""))
    if number := (attributes.get(attribute) or "").strip():
        url: str | None = form.format(quote(number, safe="/"))
    else:
        is_box = name == "blockquote" and "embed" in (attributes.get("class") or "")
        names = _OF_CUSTOM if is_custom(name) else (*_ADDRESSES, "cite") if is_box else _ADDRESSES
        written = next(filter(None, (attributes.get(each) for each in names)), "").strip()
        url = resolve(written, page, FETCH_SCHEMES) if written and name not in _HOLD_NO_LINK else None
    return url if url and node.css_first(_SHOWN) is None else None
