"""Characters that input methods and word processors write in place of ASCII marks. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_SPACES: Final = "\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
_INVISIBLE: Final = "\u200b\u200c\u200d\u2060\ufeff"
# The ASCII mark that has a meaning in YAML or TOML, by the character that was written for it.
ASCII: Final[Mapping[str, str]] = {
    **dict(zip("，、；：＝＃－．", ",,;:=#-.", strict=True)),
    **dict(zip("［］【】｛｝〔〕", "[][]{}[]", strict=True)),
    **dict(zip("“”„‟「」『』＂", '"' * 9, strict=True)),
    **dict(zip("‘’‚‛＇", "'" * 5, strict=True)),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_INVISIBLE, ""),
}
_CLOSING: Final[Mapping[str, str]] = dict(zip("［【｛〔“「『‘", "］】｝〕”」』’", strict=True))
_TO_ASCII: Final = str.maketrans(dict(ASCII))
_ANY: Final = re.compile(f"[{re.escape(''.join(ASCII))}]")


def to_ascii(text: str) -> str:
    """Return `text` with each of the characters replaced by its ASCII mark."""
    return text.translate(_TO_ASCII)


def first(text: str) -> str | None:
    """Return the first of the characters in `text`; None if there is none."""
    found = _ANY.search(text)
    return found[0] if found else None


def remedy(character: str) -> str:
    """Return what to write for a character: `write , instead of ，, the fullwidth comma U+FF0C`."""
    name = f"{unicodedata.name(character).lower()} U+{ord(character):04X}"
    if character in _INVISIBLE:
        return f"delete the {name}, which is invisible"
    if character in _SPACES:
        return f"write an ordinary space instead of the {name}"
    return f"write {ASCII[character]} instead of {character}, the {name}"


def unbalanced(text: str) -> str | None:
    """Return the bracket or quote at the beginning or end of `text` whose other one is missing; None if none is."""
    if text[:1] in _CLOSING and _CLOSING[text[0]] not in text:
        return text[0]
    return next((end for start, end in _CLOSING.items() if text.endswith(end) and start not in text), None)
