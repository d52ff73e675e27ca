"""The target of an address that is not served, by a redirect or preset. Pure.

`Places` knows what exists, by a snapshot of the store or by the files of a content folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import Final

from feedsvc.feeds.own_addresses import Places, exists, is_ours, keys_of
from feedsvc.feeds.preset_feeds import NO_FEED, feed_at
from feedsvc.model import Site

# The longest chain of redirects.
MAX_STEPS: Final = 10
_CATCH_ALL: Final = "/"


class Reach(IntEnum):
    """Which redirects count. Each member includes those above it."""

    EXACT = 0
    PRESETS = 1
    # All but `/*`, which matches every mistake.
    WILDCARDS = 2
    ALL = 3


def leads(address: str, site: Site, places: Places) -> bool:
    """Return whether one of our addresses (path and query below base_url) leads to anything, also by a redirect.

    A `/*` does not count: an address that only this matches is most likely mistyped.
    """
    return exists(address, site, places) or resolve(keys_of(address), site, places, Reach.WILDCARDS) is not None


def resolve(keys: Sequence[str], site: Site, places: Places, reach: Reach = Reach.ALL) -> str | None:
    """Return the path of ours to which an old address leads in the end, as ASCII; None if it leads to nothing.

    `keys` are those of the address (`keys_of`). Exact redirects come first, then presets, then the longest path with a
    `*`, as far as `reach` says. Targets follow exact redirects and presets only: with a `*`, no target would be a
    mistake. A redirect that ends at nothing or in a circle does not count.
    """
    for _ in range(MAX_STEPS):
        target = _target(keys, site, places, reach)
        if target is None:
            return None
        keys, reach = keys_of(target), min(reach, Reach.PRESETS)
        # An old address that no file names leads to the target that the editor wrote.
        again = any(key in _table(site.redirects).exact for key in keys)
        if exists(target, site, places, written=again):
            return target
    return None


def is_circle(target: str, site: Site, places: Places) -> bool:
    """Return whether the redirects from one of our paths lead back to one of them."""
    seen: set[str] = set()
    found: str | None = target
    while found is not None and not exists(found, site, places):
        if found in seen:
            return True
        seen.add(found)
        found = _target(keys_of(found), site, places, Reach.ALL)
    return False


def _target(keys: Sequence[str], site: Site, places: Places, reach: Reach) -> str | None:
    table = _table(site.redirects)
    for key in keys:
        if key in table.exact:
            return table.exact[key]
    if reach >= Reach.PRESETS and (feed := feed_at(keys, site, places)) is not None:
        return None if feed == NO_FEED else feed
    path = keys[-1].partition("?")[0]
    if reach < Reach.WILDCARDS or is_ours(path):
        return None
    for prefix, target in table.prefixes:
        if f"{path}/".startswith(prefix) and (prefix != _CATCH_ALL or reach is Reach.ALL):
            return target
    return None


@dataclass(frozen=True, slots=True)
class _Table:
    """Redirects by old address, and by the beginning of paths, the longest first."""

    exact: Mapping[str, str]
    prefixes: Sequence[tuple[str, str]]


@lru_cache(maxsize=8)
def _table(redirects: tuple[tuple[str, str], ...]) -> _Table:
    prefixes = [(source[:-1], target) for source, target in redirects if source.endswith("*")]
    return _Table(dict(redirects), sorted(prefixes, key=lambda each: -len(each[0])))
