"""TOML that cannot cost more than its length says: tomllib, and what it must not be given. Pure."""

import re
import tomllib
from collections.abc import Callable
from typing import Any, Final

MAX_PARTS: Final = 64
HUGE_NUMBER: Final = "a number of thousands of digits (quote it)"
_PART: Final = r"""(?:"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+'|[\w-]++)"""
# tomllib is quadratic in the parts of a dotted key, in time and in memory.
_LONG_KEY: Final = re.compile(
    rf"(?:^|[\[{{,])[ \t]*+{_PART}[ \t]*+(?:\.[ \t]*+{_PART}[ \t]*+){{{MAX_PARTS}}}", re.MULTILINE
)


class TooDeep(ValueError):
    """A key of too many parts, or too much inside one another."""

    def __init__(self) -> None:
        super().__init__("nested too deeply (flatten it)")


def loads(text: str, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The table that `text` is. Raises tomllib.TOMLDecodeError with the place, else ValueError with the cure."""
    if _LONG_KEY.search(text):
        raise TooDeep
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError as error:
        raise TooDeep from error
    except ValueError as error:
        raise ValueError(HUGE_NUMBER) from error
