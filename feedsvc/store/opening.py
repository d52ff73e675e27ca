"""The engine of a store: the only place that names one (import-linter enforces it)."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from feedsvc.errors import ConfigError
from feedsvc.store.engines import StoreEngine
from feedsvc.store.sqlite import SqliteEngine
from feedsvc.suggestions import nearest


def _postgresql(url: str) -> StoreEngine:
    # Only here: it takes time that a store in SQLite need not wait for.
    from feedsvc.store.postgresql import PostgresqlEngine  # noqa: PLC0415

    return PostgresqlEngine(url)


_ENGINES: Final[Mapping[str, Callable[[str], StoreEngine]]] = {
    "sqlite": lambda url: SqliteEngine(Path(url.partition("://")[2][1:])),
    "postgresql": _postgresql,
    "postgresql+psycopg": _postgresql,
}


def engine_at(place: Path | str) -> StoreEngine:
    """Return the engine for a file, which is SQLite's, or for a URL.

    These are `sqlite:///relative/path`, `sqlite:////path` and `postgresql://user@host/database`. Raises ConfigError
    with the known schemes for another URL, and for one of a database whose driver is not installed. Opens nothing.
    """
    if isinstance(place, Path):
        return SqliteEngine(place)
    scheme, _, rest = place.partition("://")
    if scheme not in _ENGINES or not rest[1:]:
        raise ConfigError(f"no store can be kept at {scheme[:80]!r} ({nearest(scheme, list(_ENGINES))})")
    return _ENGINES[scheme](place)
