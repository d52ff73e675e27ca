"""The paths of all resources of feedsvc, below `base_url`. Pure.

`web` registers its views at the rules of this table, `urls.Addresses` builds URLs with it, and `feeds.redirects` reads
addresses with it. tests/test_routes.py checks that no other module writes one of these paths.
"""

import re
from dataclasses import dataclass, field
from typing import Final

_VARIABLE: Final = re.compile(r"<(?:[^<>]*:)?([a-z_]+)>")


@dataclass(frozen=True)
class Route:
    """A route. `rule` has the syntax of werkzeug, with variables in angle brackets.

    `template` is the path with its variables in braces, as OpenAPI and `str.format` write them. `prefix` is the
    beginning of the path, up to the first variable.
    """

    rule: str
    template: str = field(init=False, compare=False)
    prefix: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "template", _VARIABLE.sub(r"{\1}", self.rule))
        object.__setattr__(self, "prefix", self.rule.partition("<")[0])

    def path(self, **values: str) -> str:
        """Return the path with these values, which are percent-encoded already. Raises KeyError without one."""
        return self.template.format(**values)


HOME: Final = Route("/")
# The prefix of the paths of feeds, archives and the OPML list.
FEEDS: Final = "/feeds"
FEED_LIST: Final = Route(FEEDS)
FEED: Final = Route(f"{FEEDS}/<name>.<suffix>")
ARCHIVE: Final = Route(f"{FEEDS}/<name>/<label>.<suffix>")
OPML: Final = Route(f"{FEEDS}.opml")
ARTICLE: Final = Route("/articles/<slug>")
TOPIC: Final = Route("/topics/<topic>")
# A tag or the name of an author may contain slashes, so the converter `name` matches the rest of the path.
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
# The last two days, for Google News.
SITEMAP_NEWS: Final = Route("/sitemap-news.xml")
ROBOTS: Final = Route("/robots.txt")
OPENAPI: Final = Route("/openapi.json")
DOCS: Final = Route("/docs")
DOCS_GROUP: Final = Route("/docs/<group>")
# RFC 8615.
WELL_KNOWN: Final = "/.well-known/"
API_CATALOG: Final = Route(f"{WELL_KNOWN}api-catalog")
# WebSub §5.1, and the callbacks of the self-test of the hub.
HUB: Final = Route("/hub")
HUB_SELF_TEST: Final = Route("/hub/self-test/<token>")
HEALTHZ: Final = Route("/healthz")
READYZ: Final = Route("/readyz")
STATUS: Final = Route("/status")
METRICS: Final = Route("/metrics")

# Only `feedsvc serve --drafts` has these: the number of the last commit, and the script that asks for it.
PREVIEW: Final = {"commit": Route("/preview/commit"), "script": Route("/preview/reload.js")}

ROUTES: Final = tuple(each for each in tuple(globals().values()) if isinstance(each, Route))
