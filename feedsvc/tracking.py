"""Query parameters that do not select a resource: cache-busters and tracking parameters of campaigns. Pure."""

import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

_TABLES: Final = tomllib.loads(files("feedsvc").joinpath("tracking.toml").read_text("utf-8"))
_WRITTEN: Final = frozenset(name for table in _TABLES.values() for name in table["names"])
# Names that another system may have used with another meaning: `/item?ref=12`.
WORDS: Final = frozenset(_TABLES["referrers"]["names"])
NAMES: Final = frozenset(name for name in _WRITTEN if not name.endswith("*"))
PREFIXES: Final = tuple(sorted(name[:-1] for name in _WRITTEN if name.endswith("*")))


@lru_cache(maxsize=1024)
def is_ignored(name: str) -> bool:
    """Return whether a parameter has no meaning for feedsvc: a cache-buster or a tracking parameter.

    An empty name results from an escaped "&" at the end of a URL.
    """
    lowered = name.lower()
    return not name or lowered in NAMES or lowered.startswith(PREFIXES)


def is_mark(name: str) -> bool:
    """Return whether a parameter has no meaning in any system, unlike `ref`, which some systems use themselves."""
    return is_ignored(name) and name.lower() not in WORDS
