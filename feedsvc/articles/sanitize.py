"""The only maker of `SafeHTML`. Pure.

nh3 first drops what is no prose (bleach alone leaves the text of `script` behind), bleach holds the policy a second
time with another parser, and nh3, which is maintained, has the last word: what leaves is a fixpoint of it, and of
`rewrite`, which may see a tree that only came of cleaning. Where the markup is so plain that none of them would change
it, only that is found out.
"""

import re
from collections.abc import Collection
from typing import Final

import bleach
import nh3
from bleach.sanitizer import Cleaner as BleachCleaner

from feedsvc.articles import policy
from feedsvc.articles.limits import MAX_HTML, check_length, check_references
from feedsvc.articles.linear_walker import LinearWalker
from feedsvc.articles.plain_markup import is_plain
from feedsvc.articles.rewrite import Place, Rewritten, rewrite
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Enclosure, SafeHTML
from feedsvc.text import nfc, with_whole_tags, without_forbidden
from feedsvc.urls import LINK_SCHEMES

# Two passes were the most that any of some 5,800 hostile inputs needed of nh3; what needs more than this is refused.
MAX_PASSES: Final = 4
# An HTML parser drops the line break at the beginning of <pre>: kept, it would be another one each time.
_PRE_BREAKS: Final = re.compile(r"(<pre[^>]*>)\n+")
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
) -> tuple[SafeHTML, tuple[Enclosure, ...]]:
    """`html` made safe for the page at the URL `page` (absolute, ASCII), and the media files it showed.

    `place` gives the URL of a file of ours that a relative reference means, or None where it means none. Frames from
    `embed_hosts` stay, sandboxed. `link` is for the text of an article: see `rewrite`.
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
        html = _fixpoint(cleaner, _settled(cleaned))  # bleach would write a question mark for what is dropped here
        if is_plain(html):
            return SafeHTML(html), tuple(shown.values())
        html = _fixpoint(cleaner, _settled(_bleach(embed_hosts).clean(html)))
    raise _restless()


class _Nh3:
    """nh3 with the policy. Raises ArticleError when the attributes it writes grow too long."""

    def __init__(self, page: str, embed_hosts: Collection[str]) -> None:
        frames = {"iframe"} if embed_hosts else set[str]()
        self._page, self._embed_hosts = page, embed_hosts
        self._written = 0
        self._judged: dict[tuple[str, str, str], str | None] = {}
        self._cleaner = nh3.Cleaner(
            tags=policy.ELEMENTS | frames,
            clean_content_tags=policy.CONTENT_GOES_TOO - frames,
            attributes={tag: set(names) for tag, names in policy.ATTRIBUTES.items()}
            | {tag: set(policy.EMBED_ATTRIBUTES) for tag in frames},
            set_tag_attribute_values={tag: {"sandbox": policy.EMBED_SANDBOX} for tag in frames},
            attribute_filter=self._filter,
            link_rel=policy.LINK_REL,
            generic_attribute_prefixes=None,
            url_schemes=set(LINK_SCHEMES),
        )

    def clean(self, html: str) -> str:
        """`html` without what the policy drops."""
        self._written = 0
        cleaned = self._cleaner.clean(html)
        check_length(self._written)
        check_length(len(cleaned))
        return cleaned

    def _filter(self, tag: str, name: str, value: str) -> str | None:
        # nh3 goes on when a filter raises: past the limit nothing more is written, and `clean` says so.
        if self._written > MAX_HTML:
            return None
        key = tag, name, value
        if key not in self._judged:
            self._judged[key] = self._judge(*key)
        judged = self._judged[key]
        self._written += len(judged or "")
        return judged

    def _judge(self, tag: str, name: str, value: str) -> str | None:
        if tag == "iframe":
            return policy.judge_embed(name, value, self._page, self._embed_hosts)
        return policy.judge(tag, name, value, self._page)


def _legal(html: str, stroke: str = "") -> str:
    """`html` in NFC, its tags as they are, without what XML forbids, and with `stroke` for U+0338 behind tags."""
    return nfc(with_whole_tags(without_forbidden(html), stroke))


def _settled(html: str) -> str:
    """What a sanitizer wrote, legal, without what a parser would drop the next time."""
    return _legal(_PRE_BREAKS.sub(r"\1", html).lstrip(_LEADING).rstrip(_SPACE))


def _fixpoint(cleaner: _Nh3, html: str) -> str:
    for _ in range(MAX_PASSES):
        cleaned = _settled(cleaner.clean(html))
        if cleaned == html:
            return html
        html = cleaned
    raise _restless()


def _restless() -> ArticleError:
    return ArticleError([Finding(message="its HTML changes each time it is sanitized (simplify the markup)")])


def _bleach(embed_hosts: Collection[str]) -> BleachCleaner:
    frames = {"iframe"} if embed_hosts else set[str]()
    cleaner = bleach.Cleaner(
        tags=policy.ELEMENTS | frames,
        attributes=_BLEACH_ATTRIBUTES | {tag: [*policy.EMBED_ATTRIBUTES, "sandbox"] for tag in frames},
        protocols=LINK_SCHEMES,
        strip=True,
        strip_comments=True,
    )
    cleaner.walker = LinearWalker
    return cleaner
