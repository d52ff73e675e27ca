"""Read what Blogger's exports add to an Atom entry: its kind, its address, and whether it is public. Pure."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.visibility import Visibility, of_word
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.xml import APP, ATOM, BLOGGER, Element, text_of

# The scheme of the category that names an entry's kind.
KIND: Final = "http://schemas.google.com/g/2005#kind"
# The kinds that become articles. Entries of other feeds have no kind.
ARTICLES: Final = ("", "post", "page")
_PUBLISH: Final = "remove draft: true to publish it"


def kind_of(entry: Element) -> str:
    """Return the kind of an entry ("post", "page", "comment", "template", "settings" …), "" if it has none."""
    terms = (each.get("term") or "" for each in entry.findall(f"{ATOM}category") if each.get("scheme") == KIND)
    return next(terms, "").rpartition("#")[2].lower() or text_of(entry, f"{BLOGGER}type").lower()


def draft_reasons(entry: Element) -> Iterator[str]:
    """Yield the reasons why an entry must not be published."""
    for namespace in APP:
        found = entry.find(f"{namespace}control/{namespace}draft")
        said = "no" if found is None else (found.text or "").strip().lower()
        # RFC 5023 §13.1.1: "yes" or "no"; without it, "no".
        if said != "no":
            yield f"app:draft is {said[:40]!r}: made a draft ({_PUBLISH})"
    status = text_of(entry, f"{BLOGGER}status")
    yield from entries.scheduled("blogger:status", status)
    if status and of_word(status) is not Visibility.PUBLIC:
        yield f"blogger:status {status[:40]!r} is not for the public: made a draft ({_PUBLISH})"
    elif text_of(entry, f"{BLOGGER}trashed"):
        yield f"blogger:trashed, in the trash: made a draft ({_PUBLISH})"
    if kind_of(entry) == "page":
        yield f"a page of the site rather than a post: made a draft ({_PUBLISH}, or delete it)"


def with_address(entry: Element, draft: Draft, base_url: str) -> Draft:
    """Return the draft with the path in `blogger:filename` (/2026/02/a-wafer-plant.html) as old address and slug.

    Takeout's export has no link, and a draft has no path.
    """
    path = text_of(entry, f"{BLOGGER}filename")
    with suppress(ValueError):
        old = fields.aliases([path] if path else [], base_url)
        draft = replace(draft, old_addresses=tuple(dict.fromkeys((*draft.old_addresses, *old))))
    return replace(draft, slug=draft.slug or entries.slug_of(path))
