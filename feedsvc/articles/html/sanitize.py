"""Make `SafeHTML` of HTML. Pure.

nh3 first removes elements that are no prose (bleach alone leaves the text of `script`). bleach then applies the policy
again with another parser. nh3, which is maintained, runs last, and the result is a fixpoint of nh3 and of `rewrite`,
which may change a tree that only cleaning produced. Plain markup that none of them would change is only checked.
"""

import re
import threading
from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

import nh3

from feedsvc.articles.html import policy
from feedsvc.articles.html.bleach_adapter import bleach_cleaner
from feedsvc.articles.html.plain_markup import is_plain
from feedsvc.articles.html.rewrite import Place, Rewritten, rewrite
from feedsvc.articles.limits import MAX_HTML, check_length, check_references
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Enclosure, SafeHTML
from feedsvc.text import nfc, with_whole_tags, without_forbidden
from feedsvc.urls import LINK_SCHEMES

# Two passes were the most that any of some 5,800 hostile inputs needed of nh3; what needs more than this is refused.
MAX_PASSES: Final = 4
# An HTML parser drops the line break at the beginning of <pre>: kept, it would be another one each time.
_PRE_BREAKS: Final = re.compile(r"(<pre[^<>]*>)\n+")
_SPACE: Final = " \t\n\r"
# A parser takes a byte order mark off the beginning, one each time.
_LEADING: Final = f"{_SPACE}\ufeff"
_BLEACH_ATTRIBUTES: Final = {
    tag: sorted(names | ({"rel"} if tag == "a" else set())) for tag, names in policy.ATTRIBUTES.items()
}


def sanitize(
    html: str,
    page: str,
    place: Place = lambda _reference: None,
    embed_hosts: Collection[str] = (),
    link: Place | None = None,
    *,
    is_published: bool = True,
) -> tuple[SafeHTML, tuple[Enclosure, ...]]:
    """Return `html` made safe for the page at the URL `page` (absolute, ASCII), and the media files that it showed.

    `place` gives the URL of a file of ours that a relative reference means, or None where it means none. Frames from
    `embed_hosts` stay, sandboxed. `link` is for the text of an article: see `rewrite`. HTML that is not `is_published`
    becomes a file, which is sanitized again when it is read: bleach, which takes most of the time, is left out.
    Sanitizing what was sanitized changes nothing. Raises ArticleError past a structural limit.
    """
    cleaner = _Nh3(page, embed_hosts)
    # A stroke here may belong to a ">" of the text, which only a parser tells from a tag's.
    html, shown = _legal(html, stroke="&#x338;"), dict[str, Enclosure]()
    for number in range(MAX_PASSES):
        rewritten: Rewritten = rewrite(html, page, place, embed_hosts, link)
        shown = {each.url: each for each in rewritten.enclosures} | shown
        check_length(len(rewritten.html))
        check_references(rewritten.html)
        cleaned = cleaner.clean(rewritten.html)
        if cleaned == html and number:
            return SafeHTML(html), tuple(shown.values())
        stripped = _stripped(cleaned)
        html = _legal(stripped)  # bleach would write a question mark for what is dropped here
        # Most articles are plain here: nh3 then changes nothing, so the text is its fixpoint without another pass.
        # `_stripped` changes nothing that it has stripped.
        if is_plain(html) and (html == stripped or _settled(html) == html):
            return SafeHTML(html), tuple(shown.values())
        html = _fixpoint(cleaner, html)
        if is_plain(html):
            return SafeHTML(html), tuple(shown.values())
        if is_published:
            html = _fixpoint(cleaner, _settled(_bleach(embed_hosts).clean(html)))
    raise _unstable_error()


class _FilterCall(threading.local):
    """The parameters of the attribute filter for the current call in this thread, and its results so far."""

    page = ""
    embed_hosts: Collection[str] = ()
    written = 0
    allowed: dict[tuple[str, str, str], str | None]


_filter_call: Final = _FilterCall()


def _filter(tag: str, name: str, value: str) -> str | None:
    # nh3 goes on when a filter raises: past the limit nothing more is written, and `_Nh3.clean` says so.
    if _filter_call.written > MAX_HTML:
        return None
    key = tag, name, value
    if key not in _filter_call.allowed:
        _filter_call.allowed[key] = (
            policy.allowed_embed_value(name, value, _filter_call.page, _filter_call.embed_hosts)
            if tag == "iframe"
            else policy.allowed_value(tag, name, value, _filter_call.page)
        )
    allowed = _filter_call.allowed[key]
    _filter_call.written += len(allowed or "")
    return allowed


@lru_cache(maxsize=2)
def _cleaner(*, frames: bool) -> nh3.Cleaner:
    """Return the cleaner for all articles, with frames or without.

    A cleaner is not a garbage-collected type: one that is made per article, with a method of the object that holds it
    as its filter, is a cycle that is never freed (70 kB of memory each). Hence one, and a filter without an object.
    """
    embeds = {"iframe"} if frames else set[str]()
    return nh3.Cleaner(
        tags=policy.ELEMENTS | embeds,
        clean_content_tags=policy.CONTENT_GOES_TOO - embeds,
        attributes={tag: set(names) for tag, names in policy.ATTRIBUTES.items()}
        | {tag: set(policy.EMBED_ATTRIBUTES) for tag in embeds},
        set_tag_attribute_values={tag: {"sandbox": policy.EMBED_SANDBOX} for tag in embeds},
        attribute_filter=_filter,
        link_rel=policy.LINK_REL,
        generic_attribute_prefixes=None,
        url_schemes=set(LINK_SCHEMES),
    )


class _Nh3:
    """nh3 with the policy, for one article. Raises ArticleError when the attributes it writes grow too long."""

    def __init__(self, page: str, embed_hosts: Collection[str]) -> None:
        self._page, self._embed_hosts = page, embed_hosts
        self._judged: dict[tuple[str, str, str], str | None] = {}

    def clean(self, html: str) -> str:
        """Return `html` without what the policy drops."""
        _filter_call.page, _filter_call.embed_hosts = self._page, self._embed_hosts
        _filter_call.allowed, _filter_call.written = self._judged, 0
        try:
            cleaned = _cleaner(frames=bool(self._embed_hosts)).clean(html)
            check_length(_filter_call.written)
        finally:
            _filter_call.allowed = {}
        check_length(len(cleaned))
        return cleaned


def _legal(html: str, stroke: str = "") -> str:
    """Return `html` in NFC with unchanged tags and legal characters; `stroke` replaces U+0338 after tags."""
    return nfc(with_whole_tags(without_forbidden(html), stroke))


def _settled(html: str) -> str:
    """Return sanitized HTML with legal characters, without what the next parser would drop."""
    return _legal(_stripped(html))


def _stripped(html: str) -> str:
    return _PRE_BREAKS.sub(r"\1", html).lstrip(_LEADING).rstrip(_SPACE)


def _fixpoint(cleaner: _Nh3, html: str) -> str:
    for _ in range(MAX_PASSES):
        cleaned = _settled(cleaner.clean(html))
        if cleaned == html:
            return html
        html = cleaned
    raise _unstable_error()


def _unstable_error() -> ArticleError:
    return ArticleError([Finding(message="its HTML changes each time it is sanitized (simplify the markup)")])


def _bleach(embed_hosts: Collection[str]) -> Any:
    frames = {"iframe"} if embed_hosts else set[str]()
    attributes = _BLEACH_ATTRIBUTES | {tag: [*policy.EMBED_ATTRIBUTES, "sandbox"] for tag in frames}
    return bleach_cleaner(tags=policy.ELEMENTS | frames, attributes=attributes, protocols=LINK_SCHEMES)
