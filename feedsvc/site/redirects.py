"""Read `redirects` and `redirect_presets` of site.toml. Pure, except for the list of presets."""

import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final

from feedsvc.site.faults import KeyFault, KeyFaults, each_of
from feedsvc.suggestions import nearest
from feedsvc.urls import old_address, own_path

MAX_REDIRECTS: Final = 10_000
# In characters.
MAX_ADDRESS: Final = 1000
_PRESETS: Final[Mapping[str, Any]] = tomllib.loads(
    files("feedsvc").joinpath("redirect_presets.toml").read_text("utf-8")
)
# Patterns of addresses by system and format, and the names of folders that have all posts.
PRESETS: Final[Mapping[str, Mapping[str, Sequence[str]]]] = {
    name: table for name, table in _PRESETS.items() if isinstance(table, dict)
}
SECTIONS: Final = frozenset(_PRESETS["sections"])


def redirects(value: Any, base_url: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of an old address and the path of ours that it leads to."""
    if not isinstance(value, dict):
        raise ValueError('must be a table (write "/old/path" = "/feeds/all.rss" below [redirects])')
    if len(value) > MAX_REDIRECTS:
        raise ValueError(f"more than {MAX_REDIRECTS:,} (use * at the end of a path, and aliases of articles)")
    found: dict[str, str] = {}
    faults: list[KeyFault] = []
    for source, target in value.items():
        try:
            old = old_source(source, base_url)
            if old in found:
                raise ValueError("is there twice, but for its spelling (remove one)")
            found[old] = own_path(target if isinstance(target, str) else "")
        except ValueError as error:
            faults.append(KeyFault(("redirects", source), str(error)))
    if faults:
        raise KeyFaults(faults, tuple(found.items()))
    return tuple(found.items())


def old_source(written: str, base_url: str) -> str:
    """Return an old address: exact, or a path with a final `*`, which stands for any continuation."""
    if not written.startswith("/") or not written.isprintable() or len(written) > MAX_ADDRESS:
        raise ValueError("is not a path (write the old address from its first single / on)")
    address = old_address(written.removesuffix("*"), base_url)
    if not written.endswith("*"):
        if address == "/" or "*" in written:
            raise ValueError("has a * that is not at its end" if "*" in written else "is the front page (name another)")
        return address
    if "?" in written or "*" in written[:-1]:
        raise ValueError("can have one * only, at the end of a path without a query")
    return f"{address if address != '/' else ''}/*" if written.endswith("/*") else f"{address}*"


def presets(value: Any) -> tuple[str, ...]:
    """Return the names of systems whose feed addresses we know."""
    known = list(PRESETS)
    if not isinstance(value, list):
        raise ValueError(f'must be a list of systems (write ["{known[0]}"])')

    def system(name: Any) -> str:
        if name not in known:
            raise ValueError(f"unknown system {str(name)[:80]!r} ({nearest(str(name), known)})")
        return str(name)

    return tuple(dict.fromkeys(each_of("redirect_presets", system, value)))
