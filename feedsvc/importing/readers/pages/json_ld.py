"""Read the JSON-LD of a page: what it says about itself in the words of schema.org. Pure."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from feedsvc.syntax.nesting import check_json

Table = Mapping[str, Any]
# What XHTML and old browsers needed around scripts, at the beginning and at the end, also several times.
_BEFORE: Final = re.compile(r"(?:\s|<!--|-->|<!\[CDATA\[|//|/\*|\*/|>)*+")
_BEHIND: Final = re.compile(r"(?:-->|<!\]\]>|\]\]>|//|/\*|\*/|;|\s)\Z")
_MAX_WRAPPINGS: Final = 40
# A pair of a document that is no JSON, for example since a comma is missing.
_PAIR: Final = re.compile(
    r"\"(?:https?://schema\.org/|schema:)?(?P<name>[A-Za-z]{1,40})\"\s*+:\s*+(?:\"(?P<text>[^\"\n]{0,200}+)\"|(?P<word>[\w.+-]{1,40}+))"
)
_DEPTH: Final = 4
# The properties whose tables are about the page too, or about a part of it.
_PARTS: Final = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart", "isPartOf")


@dataclass(frozen=True, slots=True)
class JsonLd:
    """`tables` are the objects at the top and in `@graph`, in their order. `pairs` are of what is no JSON."""

    tables: tuple[Table, ...]
    pairs: tuple[tuple[str, str], ...]

    def said(self) -> Iterator[tuple[str, Any]]:
        """Yield the properties and values of the page, and of its parts."""
        for each in self.tables:
            for table in _with_parts(each, 0):
                yield from table.items()
        yield from self.pairs


def json_ld_of(page: LexborHTMLParser) -> JsonLd:
    """Return the statements of a page. Names have no prefix: `schema:name` is `name`."""
    tables: list[Table] = []
    pairs: list[tuple[str, str]] = []
    for script in page.css('script[type*="ld+json" i]'):
        written = unwrapped(script.text(deep=True) or "")
        try:
            check_json(written)
            # Many publishers write line breaks into strings, which strict JSON forbids.
            tables += _tables_in(json.loads(written, strict=False, object_hook=_with_short_names), 0)
        except ValueError:
            pairs += ((found["name"], found["text"] or found["word"] or "") for found in _PAIR.finditer(written))
    return JsonLd(tuple(tables), tuple(pairs))


def unwrapped(written: str) -> str:
    """Return a script without what XHTML and old browsers needed around it."""
    begin = _BEFORE.match(written)
    text = written[begin.end() :] if begin else written
    for _ in range(_MAX_WRAPPINGS):
        end = _BEHIND.search(text, max(0, len(text) - 5))
        if end is None:
            break
        text = text[: end.start()]
    return text


def _with_short_names(table: dict[str, Any]) -> dict[str, Any]:
    return {key if key.startswith("@") else re.split("[/#:]", key)[-1]: value for key, value in table.items()}


def _tables_in(value: Any, depth: int) -> Iterator[Table]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for each in value:
            yield from _tables_in(each, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _tables_in(value.get("@graph", []), depth + 1)


def _with_parts(table: Table, depth: int) -> Iterator[Table]:
    yield table
    for name in _PARTS if depth < _DEPTH else ():
        value = table.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict):
                yield from _with_parts(each, depth + 1)
