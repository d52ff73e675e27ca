"""Our names for the fields of other systems, and for misspelled fields. Pure."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from feedsvc.articles.metadata import marker_table, systems
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.suggestions import nearest
from feedsvc.syntax import full_width

# Names that are like these are read as markers (`marker_table`).
_MARKERS: Final = ("draft", "published")


def own_name(name: str) -> str | None:
    """Return our name for a field as other tools call it, if they have one for it."""
    return _own_names(tuple(FIELDS)).get(squash(name))


@lru_cache(maxsize=4)
def _own_names(fields: tuple[str, ...]) -> Mapping[str, str]:
    """Return our names by the squashed names of other systems. Of two fields with the same one, the first counts."""
    others = {squashed: name for name in reversed(fields) for squashed in FIELDS[name].squashed}
    # "Title", "translationOf". `visibility` reads the other three in any case.
    return others | {marker_table.squash(name): name for name in fields if name not in (*_MARKERS, "expires")}


def instead_of(name: str) -> str:
    """Return in words what an unknown field was probably meant to be.

    Never `draft` or `published`: a field that is like those is read as a marker (see `marker_table`). A marker whose
    value says nothing was not meant to be any of our fields.
    """
    if character := full_width.first(name):
        return full_width.remedy(character)
    known = own_name(name)
    if known is None and (system := systems.system_of_setting(name)) is not None:
        return f"a setting of {system}, which means nothing here: remove it"
    if known is None and marker_table.match(name) is not None:
        return "write draft: true to keep the article from the public, or remove it"
    return f"did you mean {known!r}?" if known else nearest(name, [each for each in FIELDS if each not in _MARKERS])
