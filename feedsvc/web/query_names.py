"""Query parameters that say nothing about what is asked for, and names that HTML spoiled on their way here."""

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

_TABLES: Final = tomllib.loads(files("feedsvc.web").joinpath("tracking.toml").read_text("utf-8")).values()
_WRITTEN: Final = frozenset(name for table in _TABLES for name in table["names"])
NAMES: Final = frozenset(name for name in _WRITTEN if not name.endswith("*"))
PREFIXES: Final = tuple(sorted(name[:-1] for name in _WRITTEN if name.endswith("*")))
# "&" as HTML writes it (HTML §13.1.4), without its first character, which parted the parameters. WordPress writes
# &#038;.
_AMPERSAND: Final = re.compile(r"(?:amp;|#0*38;|#x0*26;)+", re.IGNORECASE)


@lru_cache(maxsize=1024)
def is_ignored(name: str) -> bool:
    """Return whether a parameter means nothing at any address: a cache-buster or a campaign's mark.

    An empty name is what is left of an escaped "&" with nothing behind it.
    """
    lowered = name.lower()
    return not name or lowered in NAMES or lowered.startswith(PREFIXES)


def meant(name: str) -> str:
    """Return the name that a parameter was meant to have: links copied out of HTML name `amp;tag` instead of `tag`."""
    found = _AMPERSAND.match(name)
    return name[found.end() :] if found else name
