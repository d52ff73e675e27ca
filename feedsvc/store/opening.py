"""The engine of a store: the only place that names one (import-linter enforces it)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from feedsvc.errors import ConfigError, nearest
from feedsvc.store.engines import StoreEngine
from feedsvc.store.sqlite import SqliteEngine

_ENGINES: Final[Mapping[str, Callable[[str], StoreEngine]]] = {"sqlite": lambda rest: SqliteEngine(Path(rest))}


def engine_at(place: Path | str) -> StoreEngine:
    """Return the engine for a file, which is SQLite's, or for a URL: `sqlite:///relative/path`, `sqlite:////path`.

    Raises ConfigError with the known schemes for another URL. Opens nothing.
    """
    if isinstance(place, Path):
        return SqliteEngine(place)
    scheme, _, rest = place.partition("://")
    if scheme not in _ENGINES or not rest[1:]:
        raise ConfigError(f"no store can be kept at {scheme[:80]!r} ({nearest(scheme, list(_ENGINES))})")
    return _ENGINES[scheme](rest[1:])
