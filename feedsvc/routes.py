"""The paths of everything that feedsvc serves, below `base_url`. Pure.

`web` registers its views at the rules of this table, `urls.Addresses` builds URLs with it, and `feeds.redirects` reads
addresses with it. tests/test_routes.py checks that no other module writes one of these paths.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

_VARIABLE: Final = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")


@dataclass(frozen=True)
class Route:
    """A kind of address. `rule` is written as werkzeug reads it: variables stand in angle brackets."""

    rule: str

    @cached_property
    def template(self) -> str:
        """The path with its variables in braces, as OpenAPI and `str.format` write them."""
        return _VARIABLE.sub(r"{\1}", self.rule)

    @cached_property
    def prefix(self) -> str:
        """The path as far as it has no variable."""
        return self.rule.partition("<")[0]

    def path(self, **values: str) -> str:
        """Return the path with these values, which are percent-encoded already. Raises KeyError without one."""
        return self.template.format(**values)


HOME: Final = Route("/")
# The beginning of feeds, archives and the list of feeds.
FEEDS: Final = "/feeds"
FEED: Final = Route(f"{FEEDS}/<name>.<suffix>")
ARCHIVE: Final = Route(f"{FEEDS}/<name>/<label>.<suffix>")
OPML: Final = Route(f"{FEEDS}.opml")
ARTICLE: Final = Route("/articles/<slug>")
TOPIC: Final = Route("/topics/<topic>")
# Any text may be a tag or somebody's name, so the converter `name` takes the rest of the path with its slashes.
TAG: Final = Route("/tags/<name:tag>")
AUTHOR: Final = Route("/authors/<name:name>")
MONTH: Final = Route("/months/<month>")
SEARCH: Final = Route("/search")
SUBSCRIBE: Final = Route("/subscribe")
EMBED: Final = Route("/embed/<name>")
EMBED_SCRIPT: Final = Route("/embed.js")
MEDIA: Final = Route("/media/<name>")
STATIC: Final = Route("/static/<name>")
# sitemaps.org: an index has no more than 50,000 files.
SITEMAP: Final = Route("/sitemap.xml")
SITEMAP_PART: Final = Route("/sitemap-<int(min=1, max=50000):number>.xml")
ROBOTS: Final = Route("/robots.txt")
OPENAPI: Final = Route("/openapi.json")
DOCS: Final = Route("/docs")
# RFC 8615.
WELL_KNOWN: Final = "/.well-known/"
API_CATALOG: Final = Route(f"{WELL_KNOWN}api-catalog")
HEALTHZ: Final = Route("/healthz")
READYZ: Final = Route("/readyz")
STATUS: Final = Route("/status")
METRICS: Final = Route("/metrics")

ROUTES: Final = tuple(each for each in tuple(globals().values()) if isinstance(each, Route))
