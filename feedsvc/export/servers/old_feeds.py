"""The addresses that feeds had in other systems (`redirect_presets`), for the feeds of an export.

An export has few feeds, so that each old address is named. The service decides what an address leads to; a feed that
the export does not have gets none.
"""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final
from urllib.parse import quote

from feedsvc.export.plan import Plan
from feedsvc.feeds import wordpress_queries
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.own_addresses import keys_of
from feedsvc.feeds.preset_feeds import feed_at
from feedsvc.feeds.static_links import in_export
from feedsvc.model import Site
from feedsvc.site.redirects import PRESETS, SECTIONS


def old_feeds(plan: Plan) -> dict[str, str]:
    """Return the URLs of feeds by their old addresses: percent-encoded paths, those of WordPress also with a query."""
    site, found = plan.site, {}
    for address in dict.fromkeys(_addresses(plan)):
        feed = feed_at(keys_of(address), site, plan.snapshot)
        url = in_export(feed, site) if feed else None
        if url is not None:
            found[address] = url
    return found


def narrowing(site: Site) -> str:
    """Return a regular expression for queries that may ask for less than the feed of a path; "" if none does."""
    if wordpress_queries.PRESET not in site.redirect_presets:
        return ""
    return rf"(?:^|&)(?:amp;)?(?:{'|'.join(sorted(wordpress_queries.MEANINGFUL))})="


def feed_paths(site: Site) -> str:
    """Return a regular expression for the paths of feeds in WordPress, whose query may ask for less; "" for none."""
    if wordpress_queries.PRESET not in site.redirect_presets:
        return ""
    written = [each for suffix in FORMATS for each in PRESETS[wordpress_queries.PRESET].get(suffix, ())]
    # The names of placeholders stand between the texts.
    parts = [_PLACEHOLDER.split(each)[::2] for each in written]
    return "|".join(".+".join(map(re.escape, some)) for some in parts)


_ENDINGS: Final = "|".join(wordpress_queries.ENDINGS)
# Finds what asks WordPress for a feed in a query (`wordpress_queries.asks_for_feed`).
FEED_QUERY: Final = rf"(?:^|&){wordpress_queries.FEED}=(?:{wordpress_queries.COMMENTS})?(?:{_ENDINGS})(?:&|$)"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


def _addresses(plan: Plan) -> Iterator[str]:
    """Yield the old addresses that may be those of feeds of the export, with names as other systems write them."""
    site = plan.site
    topics = [name for topic in plan.site.topics for name in (topic.name, *topic.aliases, *topic.title.texts.values())]
    tags = [tag for each in plan.slices for tag in each.tags]
    languages = [language for each in plan.slices for language in each.languages]
    named = {
        "category": [*topics, *tags],
        "tag": [*tags, *topics],
        "author": [author for each in plan.slices for author in each.authors],
        "language": languages,
        "section": [*topics, *languages, *sorted(SECTIONS)],
    }
    names = {
        placeholder: [
            quote(name, safe="-._~")
            for name in dict.fromkeys(spelling for each in some for spelling in (each, each.lower().replace(" ", "-")))
        ]
        for placeholder, some in named.items()
    }
    for system, suffix in product(site.redirect_presets, FORMATS):
        for written in PRESETS[system].get(suffix, ()):
            placeholders = _PLACEHOLDER.findall(written)
            for values in product(*(names[each] for each in placeholders)):
                yield written.format(**dict(zip(placeholders, values, strict=True)))
    if wordpress_queries.PRESET in site.redirect_presets:
        # A number means what a redirect of site.toml says: "/?cat=3" = "/topics/chips".
        narrower = [source[2:] for source, _ in site.redirects if source.startswith("/?")]
        for parameter, placeholder in wordpress_queries.PLACEHOLDERS.items():
            narrower += [f"{parameter}={name}" for name in names.get(placeholder, ())]
        for path, ending in product(("/", "/index.php"), wordpress_queries.ENDINGS):
            yield f"{path}?{wordpress_queries.FEED}={ending}"
            yield from (f"{path}?{wordpress_queries.FEED}={ending}&{each}" for each in narrower)
