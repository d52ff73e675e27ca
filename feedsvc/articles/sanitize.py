"""The only maker of `SafeHTML`. Pure.

nh3 first drops what is no prose (bleach alone leaves the text of `script` behind), bleach holds the policy a second
time with another parser, and nh3, which is maintained, has the last word: what leaves is a fixpoint of it.
"""

from functools import partial
from typing import Final

import bleach
import nh3
from bleach.sanitizer import Cleaner as BleachCleaner

from feedsvc.articles import policy
from feedsvc.articles.limits import check_references
from feedsvc.articles.rewrite import Place, Rewritten, rewrite
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Enclosure, SafeHTML
from feedsvc.text import xml_legal
from feedsvc.urls import LINK_SCHEMES

# Two passes were the most that any of some 5,800 hostile inputs needed; what needs more than this is refused.
MAX_PASSES: Final = 4
_BLEACH_ATTRIBUTES: Final = {
    tag: sorted(names | ({"rel"} if tag == "a" else set())) for tag, names in policy.ATTRIBUTES.items()
}


def sanitize(html: str, page: str, place: Place = lambda _reference: None) -> tuple[SafeHTML, tuple[Enclosure, ...]]:
    """`html` made safe for the page at the URL `page` (absolute, ASCII), and the media files it showed.

    `place` gives the URL of a file of ours that a relative reference means, or None where it means none.
    Sanitizing what was sanitized changes nothing. Raises ArticleError past a structural limit.
    """
    rewritten: Rewritten = rewrite(xml_legal(html), page, place)
    cleaner = _nh3(page)
    once = cleaner.clean(rewritten.html)
    check_references(once)
    return _fixpoint(cleaner, xml_legal(_bleach().clean(once))), rewritten.enclosures


def _fixpoint(cleaner: nh3.Cleaner, html: str) -> SafeHTML:
    for _ in range(MAX_PASSES):
        cleaned = cleaner.clean(html)
        if cleaned == html:
            return SafeHTML(html)
        html = cleaned
    raise ArticleError([Finding(message="its HTML changes each time it is sanitized (simplify the markup)")])


def _nh3(page: str) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(policy.ELEMENTS),
        clean_content_tags=set(policy.CONTENT_GOES_TOO),
        attributes={tag: set(names) for tag, names in policy.ATTRIBUTES.items()},
        attribute_filter=partial(_filter, page=page),
        link_rel=policy.LINK_REL,
        generic_attribute_prefixes=None,
        url_schemes=set(LINK_SCHEMES),
    )


def _filter(tag: str, name: str, value: str, page: str) -> str | None:
    return policy.judge(tag, name, value, page)


def _bleach() -> BleachCleaner:
    return bleach.Cleaner(
        tags=policy.ELEMENTS,
        attributes=_BLEACH_ATTRIBUTES,
        protocols=LINK_SCHEMES,
        strip=True,
        strip_comments=True,
    )
