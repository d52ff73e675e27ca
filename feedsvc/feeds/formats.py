"""The table of formats, by the suffix of a feed's address."""

from collections.abc import Mapping
from typing import Final

from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.atom import ATOM_FEED
from feedsvc.feeds.format import Format
from feedsvc.feeds.json_feed import JSON_FEED
from feedsvc.feeds.rss import RSS_FEED
from feedsvc.slices.grammar import AFTER
from feedsvc.suggestions import nearest

# The store remembers this number. Raise it when the same articles give other bytes: clients that poll with a date only
# learn of it by Last-Modified.
RENDERER_VERSION: Final = 4

FORMATS: Final[Mapping[str, Format]] = {each.suffix: each for each in (ATOM_FEED, RSS_FEED, JSON_FEED)}
# Where an address names no format.
DEFAULT_FORMAT: Final = ATOM_FEED


def format_named(suffix: str) -> Format:
    """Return the format with that suffix. Raises UnknownResource, whose text names the formats there are."""
    if suffix not in FORMATS:
        raise UnknownResource(f"unknown format {suffix[:80]!r} ({nearest(suffix, list(FORMATS))})")
    return FORMATS[suffix]


def format_of_changes(format_: Format) -> Format:
    """Return the format in which changes of a feed in `format_` are: itself, unless it cannot say what was removed."""
    return format_ if format_.carries_tombstones else DEFAULT_FORMAT


def check_has_changes(suffix: str) -> None:
    """Raise BadParameter for a format that has no documents of changes. An unknown suffix passes."""
    format_ = FORMATS.get(suffix)
    if format_ is not None and not format_.carries_tombstones:
        others = " or ".join(each.suffix for each in FORMATS.values() if each.carries_tombstones)
        raise BadParameter(f"parameter {AFTER!r}: {format_.name} cannot say what was removed (ask for {others})")
