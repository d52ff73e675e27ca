"""Read TOML in linear time: tomllib, without the documents for which it takes quadratic time. Pure."""

import re
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, Final

from feedsvc.syntax.nesting import TooDeep, check_toml

MAX_PARTS: Final = 64
HUGE_NUMBER: Final = "a number of thousands of digits (quote it)"
_PART: Final = r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)"""
# tomllib is quadratic in the parts of a dotted key, in time and in memory.
_LONG_KEY: Final = re.compile(
    rf"(?:^|[\[{{,])[ \t]*+{_PART}[ \t]*+(?:\.[ \t]*+{_PART}[ \t]*+){{{MAX_PARTS}}}", re.MULTILINE
)


def loads(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """Return the table in `text`. Raises ValueError: tomllib.TOMLDecodeError with the position, TooDeep, or one
    with the remedy.
    """
    if _LONG_KEY.search(text):
        raise TooDeep
    check_toml(text)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:
        raise ValueError(HUGE_NUMBER) from error


_HEADER: Final = re.compile(rf"[ \t]*\[\[?[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*+)[ \t]*\]")
_KEY: Final = re.compile(rf"[ \t]*({_PART}(?:[ \t]*\.[ \t]*{_PART})*+)[ \t]*=")


def line_of(text: str, key: Sequence[str]) -> int:
    """Return the line, counted from 1, where the value of a dotted `key` is written; 0 where it is not found.

    A key in an inline table is found at the line of that table, a table without a header at its first sub-table.
    tomllib returns no positions, so this reads single lines, and may mistake a line of a longer text for a key.
    """
    table: tuple[str, ...] = ()
    found, depth, wanted = 0, 0, tuple(key)
    for number, line in enumerate(text.split("\n"), 1):
        header, own = _HEADER.match(line), _KEY.match(line)
        if header:
            table = here = _parts(header[1])
        elif own:
            here = (*table, *_parts(own[1]))
        else:
            continue
        common = min(len(here), len(wanted))
        if common > depth and here[:common] == wanted[:common]:
            found, depth = number, common
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    """Return the parts of a dotted key."""
    return tuple(_unquoted(each) for each in re.findall(_PART, dotted))


def _unquoted(part: str) -> str:
    if part[0] == '"':
        (key,) = tomllib.loads(f"{part} = 0")
        return key
    return part.strip("'")
