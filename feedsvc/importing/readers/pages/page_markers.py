"""Find what a saved page says about who may read it. Pure.

A page can be saved by a member who is logged in.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.metadata.marker_table import NO, YES, match, squash
from feedsvc.articles.metadata.visibility import Visibility, is_yes, markers, of_word
from feedsvc.importing.readers.pages.json_ld import JsonLd
from feedsvc.importing.readers.wordpress_titles import is_private_title
from feedsvc.text import plain

# https://developers.facebook.com/docs/instant-articles/subscriptions/content-tiering
_TIER: Final = "article:content_tier"
_FREE: Final = "free"
# Names of <meta> that mean in pages what they mean in front matter. Others, such as `robots`, are about machines.
_MARKERS: Final = ("draft", "private", "visibility", "post_status", "publish_status")
_DOUBTFUL: Final = ("status", "state", "access", "audience", "classification", "rights")
# `cXenseParse:pay-access`, `content-access`, `article:tier`: of the page, and not of the reader who saved it.
_ENDINGS: Final = ("access", "accesslevel", "audience", "visibility", "tier")
_OF_READER: Final = ("user", "visitor", "reader", "viewer", "login", "account")
_PAID: Final = ("paid", "ispaid", "paidcontent", "ispaidcontent")
_ACCESS: Final = ("dcterms.accessrights", "dc.accessrights")
# What a page says in JSON-LD, and in elements with these names.
_FREE_WORDS: Final = ("true", "yes", "1", "free")
_WORDS_OF_STATUS: Final = ("creativeworkstatus", "conditionsofaccess", "accessrights")
_PROPERTIES: Final = ("isAccessibleForFree", "requiresSubscription", "creativeWorkStatus", "conditionsOfAccess")
_MARKED: Final = ", ".join(f"[{name}*={each} i]:not(meta)" for name in ("itemprop", "property") for each in _PROPERTIES)
# WordPress names the status of a post in its class (post_class). Themes leave out `hentry` and other classes.
_STATUS: Final = "status-"
_POSTS: Final = ", ".join(
    f'{each}[class*="{_STATUS}"]'
    for each in (
        "body",
        "main",
        "article",
        "section",
        ".hentry",
        ".post",
        ".entry",
        '[class*="type-"]',
        '[class*="post-"]',
    )
)
_OF_WORDPRESS: Final = ("hentry", "type-post", "type-page")
# WordPress makes a status of these characters alone (sanitize_key). Others are those of a template: `status-@@x@@`.
_SLUG: Final = re.compile(r"[a-z0-9_-]+")
# Scheduled, or with a password.
_RESTRICTED: Final = ("status-future", "post-password-required", "post-password-protected")
# A page with one of these was saved by a member: Paid Memberships Pro, WooCommerce Memberships, and themes of Ghost,
# which have such a class on the cards of other articles too.
_LOCKED: Final = (
    ".post-password-required, .post-password-protected, form.post-password-form, body.pmpro-body-level-required, "
    "article.membership-content.access-granted, "
    + ", ".join(
        f'article.post-access-{each}:not([class*="card"])'
        for each in ("members", "paid", "tiers", "filter", "subscribers")
    )
)
# What a page of WordPress has in any theme.
_WORDPRESS: Final = (
    'meta[name="generator" i][content*="wordpress" i], link[rel="https://api.w.org/"], [href*="/wp-content/"], '
    '[src*="/wp-content/"], [href*="/wp-json/"], [href*="/wp-includes/"], .hentry, [class*="type-post"], '
    '[class*="wp-block-"], [class*="wp-image-"], [class*="wp-post-image"], body[class*="postid-"], body[class*="wp-"]'
)


def not_public(
    tree: LexborHTMLParser, meta: Mapping[str, Iterable[str]], json_ld: JsonLd, titles: Iterable[str]
) -> Iterator[str]:
    """Yield what says that a page is not for the public, as a name and a value.

    `meta` are the contents of <meta> by their names in lower case, `titles` those that the page has for itself.
    """
    for said in meta.get(_TIER, ()):
        if said.lower() != _FREE:
            yield f"{_TIER}: {said[:40]!r}"
    for name in _MARKERS:
        for said in meta.get(name, ()):
            if any(each.visibility is not Visibility.PUBLIC for each in markers({name: said})):
                yield f"{name}: {said[:40]!r}"
    for name, said in ((name, said) for name, contents in meta.items() if name not in _MARKERS for said in contents):
        *before, last = re.split("[:.]", name)
        # `premium.state: false` says no to `premium`.
        if before and last in _DOUBTFUL and squash(said) in YES | NO and match(before[-1]):
            last = before[-1]
        plain_name = squash(last)
        # In <meta>, these names also mean other things.
        is_of_page = plain_name.endswith(_ENDINGS) and not plain_name.startswith(_OF_READER)
        is_word = (last in _DOUBTFUL or is_of_page) and of_word(said) is Visibility.NOT_PUBLIC
        is_paid = (plain_name.endswith("paywall") or plain_name in _PAID) and is_yes(said)
        if (
            is_word
            or is_paid
            or any(each.visibility is Visibility.NOT_PUBLIC for each in markers({"page-fields": {last: said}}))
        ):
            yield f"{name}: {said[:40]!r}"
    words: list[tuple[str, Any]] = [("accessRights", said) for name in _ACCESS for said in meta.get(name, ())]
    words += ((name, said) for name in _PROPERTIES for said in meta.get(name.lower(), ()))
    words += json_ld.said()
    for node in tree.css(_MARKED):
        written = (node.attributes.get(each) for each in ("content", "href"))
        name = node.attributes.get("itemprop") or node.attributes.get("property") or ""
        said = next((each for each in written if each is not None), None) or plain(node.text(deep=True))
        words += ((each.rpartition(":")[2], said) for each in name.split())
    for name, word in words:
        if is_restricted(name.lower(), word):
            yield f"{name}: {str(word)[:40]!r}"
    yield from in_classes(tree)
    yield from in_properties(tree)
    if (title := next(filter(is_private_title, titles), None)) and tree.css_first(_WORDPRESS) is not None:
        yield f"title: {title[:40]!r}"


def is_restricted(name: str, value: Any) -> bool:
    """Return whether a property of schema.org, in lower case, keeps a page from anybody. An unknown value does."""
    if name == "isaccessibleforfree":
        return str(value).rpartition("/")[2].strip().lower() not in _FREE_WORDS
    if name == "requiressubscription":
        return str(value).rpartition("/")[2].strip().lower() not in ("false", "no", "0", "none", "")
    if name in _WORDS_OF_STATUS and value:
        return not isinstance(value, str) or of_word(value.rpartition("/")[2]) is not Visibility.PUBLIC
    return False


def in_classes(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the classes by which WordPress says that a post is not published, or has a password."""
    for node in tree.css(_POSTS):
        classes = (node.attributes.get("class") or "").split()
        is_post = any(each in _OF_WORDPRESS or each.startswith("type-") for each in classes)
        for each in classes:
            word = of_word(each.removeprefix(_STATUS)) if each.startswith(_STATUS) else Visibility.PUBLIC
            is_unknown = is_post and word is Visibility.UNKNOWN and _SLUG.fullmatch(each)
            if each in _RESTRICTED or word is Visibility.NOT_PUBLIC or is_unknown:
                yield f"class: {each[:40]!r}"
    if (locked := tree.css_first(_LOCKED)) is not None:
        classes = (locked.attributes.get("class") or "").split()
        named = [each for each in classes if "password" in each or "access" in each or "required" in each]
        yield f"class: {' '.join(named or classes)[:40]!r}"


def in_properties(tree: LexborHTMLParser) -> Iterator[str]:
    """Yield the properties of a page of Notion that say that it is not published."""
    for row in tree.css("table.properties tr.property-row"):
        head, value = row.css_first("th"), row.css_first("td")
        if head is None or value is None:
            continue
        box = value.css_first(".checkbox")
        is_on = box is not None and "checkbox-on" in (box.attributes.get("class") or "").split()
        said = plain(value.text(deep=True, separator=" ")) if box is None else "true" if is_on else "false"
        for each in markers({plain(head.text(deep=True, separator=" ")): said}):
            if each.visibility is not Visibility.PUBLIC:
                yield f"{each.field}: {each.value_text}"
