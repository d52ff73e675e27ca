"""Refuse TOML and JSON that are nested too deeply, in linear time, before a parser recurses into them. Pure.

A parser that reaches Python's recursion limit raises RecursionError, which can be caught. What the garbage collector
finalizes at that depth fails too, with an error that nothing can catch.
"""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

MAX_NESTING: Final = 100
_JSON: Final = re.compile(r"""(?P<opens>[\[{])|(?P<closes>[\]}])|"(?:[^"\\]|\\.)*+"?""", re.DOTALL)
# Strings of several lines, strings of one line, comments: brackets in them are text.
_TOML: Final = re.compile(
    r"""(?P<opens>[\[{])|(?P<closes>[\]}])"""
    r'''|"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\\?\Z)|"(?:[^"\\\n]|\\.)*+"?'''
    r"""|'{3}(?:[^']|'(?!''))*+(?:'{3}|\Z)|'[^'\n]*+'?|\#[^\n]*+""",
    re.DOTALL,
)


class TooDeep(ValueError):
    """A document is nested too deeply."""

    def __init__(self) -> None:
        super().__init__("nested too deeply (flatten it)")


def check_toml(text: str) -> None:
    """Raise TooDeep if lists and tables are nested more than MAX_NESTING deep."""
    if any(depth > MAX_NESTING for depth in _depths(text, _TOML)):
        raise TooDeep


def check_json(text: str, start: int = 0) -> None:
    """Raise TooDeep if arrays and objects are nested more than MAX_NESTING deep in the value that begins at `start`."""
    for depth in _depths(text, _JSON, start):
        if depth > MAX_NESTING:
            raise TooDeep
        if depth <= 0:
            return


def load_json(text: str | bytes) -> Any:
    """Return the value in `text`. Raises ValueError: TooDeep, or json.JSONDecodeError with the position."""
    written = text if isinstance(text, str) else text.decode(json.detect_encoding(text), "surrogatepass")
    check_json(written)
    return json.loads(written)


def _depths(text: str, token: re.Pattern[str], start: int = 0) -> Iterator[int]:
    """Yield the depth after each token. Nothing is yielded for a text with few brackets."""
    if text.count("[") + text.count("{") <= MAX_NESTING:
        return
    depth = 0
    for found in token.finditer(text, start):
        depth += bool(found["opens"]) - bool(found["closes"])
        yield depth
