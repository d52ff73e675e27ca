"""Ids of headings and anchors, the targets of links inside an article. Pure."""

import unicodedata
from typing import Final

from selectolax.lexbor import LexborNode

from feedsvc.articles.html.policy import ID_PREFIX
from feedsvc.text import plain

MAX_ID: Final = 100
# What a heading is called that has no letter and no digit in it, as Pandoc does.
_NAMELESS: Final = "section"
_HEADINGS: Final = "h1, h2, h3, h4, h5, h6"


def heading_id(text: str) -> str:
    """Return the id that is made of a heading's text, without the prefix, as GitHub makes it.

    Lower case; letters, marks and digits of every script, `-` and `_` stay; each space becomes a hyphen.
    """
    kept = (c for c in plain(text.lower()) if c in " -_" or unicodedata.category(c)[0] in ("L", "M", "N"))
    return "".join(kept).replace(" ", "-")[:MAX_ID] or _NAMELESS


def name_headings(body: LexborNode) -> None:
    """Give each heading without an id one made of its text; of equal ones, the second ends in `-1`, as on GitHub.

    Ids that the author wrote stay. `<a name>` is what HTML had before ids: its name becomes its id, unless an
    element has that id. A second pass finds an id everywhere and changes nothing.
    """
    taken = {_bare(node.attributes.get("id")) for node in body.css("[id]")}
    for anchor in body.css("a[name]"):
        name = _bare(anchor.attributes.get("name"))
        if not name or name in taken:
            continue
        taken.add(name)
        # An anchor with an id of its own gets another element in front of it.
        has_id = bool(_bare(anchor.attributes.get("id")))
        target = anchor.parser.create_node("span") if has_id else anchor
        target.attrs["id"] = f"{ID_PREFIX}{name}"
        if has_id:
            anchor.insert_before(target)
    counts: dict[str, int] = {}
    for heading in body.css(_HEADINGS):
        if _bare(heading.attributes.get("id")):
            continue
        base = heading_id(heading.text())
        name = base
        while name in taken:
            counts[base] = counts.get(base, 0) + 1
            name = f"{base}-{counts[base]}"
        taken.add(name)
        heading.attrs["id"] = f"{ID_PREFIX}{name}"


def _bare(written: str | None) -> str:
    """Return an id as the policy keeps it, without the prefix."""
    return "".join((written or "").split()).removeprefix(ID_PREFIX)
