"""The table of formats: what a feed's suffix stands for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc.feeds.atom import render_atom
from feedsvc.feeds.entry_cache import Rendering
from feedsvc.feeds.json_feed import render_json
from feedsvc.feeds.rss import render_rss

# Part of what a store remembers: raise it when the same articles give other bytes; date-only pollers hear of it so.
RENDERER_VERSION: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A document format; `name` is what a person calls it."""

    suffix: str
    name: str
    media_type: str
    render: Rendering


FORMATS: Final[Mapping[str, Format]] = {
    each.suffix: each
    for each in (
        Format(suffix="atom", name="Atom", media_type="application/atom+xml", render=render_atom),
        Format(suffix="rss", name="RSS", media_type="application/rss+xml", render=render_rss),
        Format(suffix="json", name="JSON Feed", media_type="application/feed+json", render=render_json),
    )
}
