"""All the sanitizers one after the other, whatever they are given: what the short way through `sanitize` must equal."""

from collections.abc import Collection

from feedsvc.articles.html import sanitize
from feedsvc.articles.html.rewrite import rewrite


def once(html: str, page: str, embed_hosts: Collection[str] = ()) -> str:
    """As `sanitize` has it before it looks whether bleach is needed."""
    cleaner = sanitize._Nh3(page, embed_hosts)
    rewritten = rewrite(html, page, lambda _reference: None, embed_hosts)
    return sanitize._fixpoint(cleaner, sanitize._settled(cleaner.clean(rewritten.html)))


def thoroughly(html: str, page: str, embed_hosts: Collection[str] = ()) -> str:
    """`html` after lexbor, nh3 until nothing changes, bleach, and nh3 again."""
    cleaner = sanitize._Nh3(page, embed_hosts)
    cleaned = sanitize._bleach(embed_hosts).clean(once(html, page, embed_hosts))
    return sanitize._fixpoint(cleaner, sanitize._settled(cleaned))
