"""A second block of front matter, right below the first: one of a template, or of a page that was pasted. Pure.

Readers would see its fields as text, and its `draft: true` would keep nothing from them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.metadata import field_names, frontmatter, marker_table, registry
from feedsvc.articles.metadata.frontmatter import MAX_FRONT_MATTER, Value
from feedsvc.articles.metadata.visibility import Visibility, markers, visibility

_BEGINNING: Final = re.compile(r"[\s\ufeff]*+(?=(?:---|\+\+\+)[ \t]*+\n|\{\s*+\")")
_FENCE: Final = re.compile(r"^(?:---|\+\+\+|\.\.\.)[ \t]*+$", re.MULTILINE)
# A field, what continues one, a comment, a table of TOML, or nothing.
_LINE: Final = re.compile(r"[\"']?[^\W\d][\w .\-]{0,60}[\"']?\s{0,20}(?:[=\uff1a]|:(?:\s|$))|\s|- |#|\[|\]|\}|$")
_JSON: Final = re.compile(r"\"([^\"\\\n]{1,100}+)\"\s*+:\s*+(\"[^\"\n]*+\"|[^\s,{}\[\]\"]++)?+")
SECOND_BLOCK: Final = (
    "a second block of front matter begins here, and readers would see its fields as text (move its fields into the "
    "first block; if it is text, write *** for a rule)"
)


@dataclass(frozen=True, slots=True)
class SecondBlock:
    """Where in the body the block begins, and what its fields say of who may read the file."""

    offset: int
    visibility: Visibility


def second_block(body: str) -> SecondBlock | None:
    """Return the block with which `body` begins; None where it begins with text, or with a rule (`---`) above text."""
    found = _BEGINNING.match(body)
    if found is None:
        return None
    text = body[found.end() : found.end() + MAX_FRONT_MATTER]
    written = list(_json(text) if text.startswith("{") else _fields(text))
    names = [name for each in written for name in each if name]
    said = visibility(marker for each in written for marker in markers(each))
    # Between two rules with empty lines around, "Tags: one, two" is text.
    begins_empty = not text.split("\n", 2)[1].strip() if "\n" in text else False
    if not any(map(_is_known, names)) or (begins_empty and said is Visibility.PUBLIC):
        return None
    return SecondBlock(found.end(), said)


def _fields(text: str) -> Iterator[dict[str, Value]]:
    """The fields between two fences; without the second one, those of at least two lines up to an empty one."""
    head, _, rest = text.partition("\n")
    end = _FENCE.search(rest)
    block = rest[: end.start()] if end else rest.partition("\n\n")[0]
    lines = block.split("\n")
    if all(map(_LINE.match, lines)) and (end or (lines[0].strip() and len(lines) > 1)):
        yield from frontmatter.written_fields(f"{head}\n{block}\n{head}\n".encode())


def _json(text: str) -> Iterator[dict[str, Value]]:
    for found in _JSON.finditer(text.partition("\n\n")[0]):
        yield {found[1]: (found[2] or "").strip('"')}


def _is_known(name: str) -> bool:
    """Whether a field of this name is one of ours, of a marker, or of the themes of other systems."""
    return (
        name in (*registry.FIELDS, "layout", "template", "permalink")
        or field_names.own_name(name) is not None
        or marker_table.match(name) is not None
    )
