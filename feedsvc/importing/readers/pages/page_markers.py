"""Find what a saved page says about who may read it, besides the `isAccessibleForFree` of its JSON-LD. Pure.

A page can be saved by a member who is logged in.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.metadata.visibility import Visibility, markers, of_word

# https://developers.facebook.com/docs/instant-articles/subscriptions/content-tiering
_TIER: Final = "article:content_tier"
_FREE: Final = "free"
# Names of <meta> that mean in pages what they mean in front matter. Others, such as `robots`, are about machines.
_MARKERS: Final = ("draft", "private", "visibility", "post_status", "publish_status")
_ACCESS: Final = ("dcterms.accessrights", "dc.accessrights")
# WordPress names the status of a post in its class (post_class).
_STATUS: Final = "status-"
# Scheduled, or with a password.
_RESTRICTED: Final = ("status-future", "post-password-required", "post-password-protected")


def not_public(
    tree: LexborHTMLParser, meta: Mapping[str, Iterable[str]], statements: Iterable[Mapping[str, Any]]
) -> Iterator[str]:
    """Yield what says that a page is not for the public, as a name and a value.

    `meta` are the contents of <meta> by their names in lower case, `statements` the tables of the page's JSON-LD.
    """
    for said in meta.get(_TIER, ()):
        if said.lower() != _FREE:
            yield f"{_TIER}: {said[:40]!r}"
    for said in meta.get("isaccessibleforfree", ()):
        if said.lower() not in ("true", "yes", "1"):
            yield f"isAccessibleForFree: {said[:40]!r}"
    for name in _MARKERS:
        for said in meta.get(name, ()):
            if any(each.visibility is not Visibility.PUBLIC for each in markers({name: said})):
                yield f"{name}: {said[:40]!r}"
    words: list[tuple[str, Any]] = [("accessRights", said) for name in _ACCESS for said in meta.get(name, ())]
    words += (("creativeWorkStatus", each.get("creativeWorkStatus")) for each in statements)
    for name, word in words:
        if word and (not isinstance(word, str) or of_word(word) is not Visibility.PUBLIC):
            yield f"{name}: {str(word)[:40]!r}"
    post = tree.css_first(f'.hentry[class*="{_STATUS}"], [class*="type-"][class*="{_STATUS}"]')
    classes = (post.attributes.get("class") or "").split() if post else []
    for each in classes:
        is_status = each.startswith(_STATUS) and of_word(each.removeprefix(_STATUS)) is not Visibility.PUBLIC
        if is_status or each in _RESTRICTED:
            yield f"class: {each[:40]!r}"
