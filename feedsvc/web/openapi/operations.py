"""The tables of the API description: operations, parameters and the descriptions of status codes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from feedsvc.feeds.formats import FORMATS
from feedsvc.slices.grammar import MAX_QUERY, MAX_VALUE
from feedsvc.slices.slice import MAX_LIMIT
from feedsvc.web.pages.subscribe_targets import SELF_HOSTED


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, its description and its JSON Schema. A `repeated` parameter may be given several times."""

    name: str
    description: str
    schema: Mapping[str, Any]
    repeated: bool = False

    def parameter_object(self, location: str) -> dict[str, Any]:
        """Return the Parameter Object of OpenAPI; `location` is "path" or "query"."""
        schema = {"type": "array", "items": self.schema} if self.repeated else dict(self.schema)
        found = {
            "name": self.name,
            "in": location,
            "description": self.description,
            "schema": schema,
            "required": location == "path",
        }
        return found if location == "path" else found | {"style": "form", "explode": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The GET operation of a route. `media_types` are the media types of a response with status 200.

    `path` has the parameters in the path of the route, `query` those in the query.
    """

    summary: str
    media_types: tuple[str, ...]
    path: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()


_TEXT: Final = {"type": "string"}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE}
_DAY: Final = {"type": "string", "format": "date"}
_SLICE: Final = (
    Parameter(
        "topic",
        "Selects the articles of this topic. Several values select the articles of any of these topics.",
        _NAME,
        repeated=True,
    ),
    Parameter(
        "tag",
        "Selects the articles with this tag. Several values select the articles with any of these tags.",
        _NAME,
        repeated=True,
    ),
    Parameter(
        "author",
        "Selects the articles by the author of this name. Several values select the articles by any of these authors.",
        _NAME,
        repeated=True,
    ),
    Parameter(
        "lang",
        "Selects the articles in this language (BCP 47). zh-Hant includes zh-TW; zh includes both scripts. "
        "Several values select the articles in any of these languages.",
        _NAME,
        repeated=True,
    ),
    Parameter(
        "not",
        "Excludes the articles with this property, which is written as topic:NAME, tag:NAME, author:NAME or lang:TAG. "
        "Several values exclude the articles with any of these properties.",
        _NAME,
        repeated=True,
    ),
    Parameter(
        "q",
        "Selects the articles that contain all these words.",
        {"type": "string", "minLength": 1, "maxLength": MAX_QUERY},
    ),
    Parameter("since", "The first day of publication, in the time zone of the site.", _DAY),
    Parameter("until", "The last day of publication, in the time zone of the site.", _DAY),
    Parameter(
        "body",
        "Selects whether entries contain the full text or a summary.",
        {"type": "string", "enum": ["full", "summary"]},
    ),
)
_LIMIT: Final = Parameter(
    "limit",
    "The maximum number of articles. The newest are returned.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
)
_AFTER: Final = Parameter(
    "after",
    "A cursor from an earlier response. Returns the changes since that response, in Atom and JSON Feed.",
    _TEXT,
)
_THEME: Final = Parameter(
    "theme",
    "The colour scheme of the page; auto follows the browser.",
    {"type": "string", "enum": ["auto", "light", "dark"]},
)
_FORMAT: Final = Parameter(
    "format", "The format of the feeds that the list links to.", {"type": "string", "enum": list(FORMATS)}
)
_UI: Final = Parameter("ui", "The language of the user interface of the page (BCP 47).", _TEXT)
_VIEW: Final = Parameter(
    "view",
    "Returns the feed document to a browser also, instead of the page of the feed.",
    {"type": "string", "enum": ["source"]},
)
_WORDS: Final = Parameter("q", "The words to search for.", {"type": "string", "maxLength": MAX_QUERY})
_PAGE: Final = Parameter(
    "page", "The number of the page of the list, counted from 1.", {"type": "integer", "minimum": 1}
)
_FEEDS: Final = tuple(each.media_type for each in FORMATS.values())
_FEED_NAME: Final = Parameter("name", "The name of a topic, or all.", _TEXT)
_SUFFIX: Final = Parameter("suffix", "The format of the document.", {"type": "string", "enum": list(FORMATS)})

# By endpoint. A test compares the keys with the routes of the application, and the path parameters with their rules.
OPERATIONS: Final[Mapping[str, Operation]] = {
    "feeds.feed": Operation(
        summary="Returns the newest entries of a slice as a feed. A browser that opens this address gets an HTML page.",
        media_types=(*_FEEDS, "text/html"),
        path=(_FEED_NAME, _SUFFIX),
        query=(*_SLICE, _LIMIT, _AFTER, _UI, _VIEW),
    ),
    "feeds.archive": Operation(
        summary="Returns the archive of a slice for one closed period (RFC 5005).",
        media_types=_FEEDS,
        path=(
            _FEED_NAME,
            Parameter("label", "The period: a year (2026), a month (2026-03) or a day (2026-03-05).", _TEXT),
            _SUFFIX,
        ),
        query=_SLICE,
    ),
    "opml.opml": Operation(
        summary="Returns the list of all feeds as OPML, for import into a feed reader. "
        "With slice parameters, each feed of the list is limited to that slice.",
        media_types=("text/x-opml",),
        query=(_FORMAT, *_SLICE),
    ),
    "embed.embed": Operation(
        summary="Returns a small HTML page with the newest articles of a slice, for an iframe.",
        media_types=("text/html",),
        path=(_FEED_NAME,),
        query=(*_SLICE, _LIMIT, _THEME, _UI),
    ),
    "embed.script": Operation(
        summary="Returns the script that defines the element <feed-list src=…>, which shows a JSON Feed in a page.",
        media_types=("text/javascript",),
    ),
    "openapi.catalog": Operation(
        summary="Returns the API catalog, which links to this description (RFC 9727).",
        media_types=("application/linkset+json",),
    ),
    "pages.home": Operation(summary="Returns the front page.", media_types=("text/html",), query=(_PAGE, _UI)),
    "pages.topic": Operation(
        summary="Returns the page of a topic, with its articles.",
        media_types=("text/html",),
        path=(Parameter("topic", "The name of the topic.", _TEXT),),
        query=(_PAGE, _UI),
    ),
    "pages.tag": Operation(
        summary="Returns the page with the articles that have a tag.",
        media_types=("text/html",),
        path=(Parameter("tag", "The tag.", _TEXT),),
        query=(_PAGE, _UI),
    ),
    "pages.author": Operation(
        summary="Returns the page with the articles by an author.",
        media_types=("text/html",),
        path=(Parameter("name", "The name of the author.", _TEXT),),
        query=(_PAGE, _UI),
    ),
    "pages.month": Operation(
        summary="Returns the page with the articles that were published in a month.",
        media_types=("text/html",),
        path=(Parameter("month", "The month, as YYYY-MM, in the time zone of the site.", _TEXT),),
        query=(_PAGE, _UI),
    ),
    "pages.search": Operation(
        summary="Returns the page with the articles that contain all the given words.",
        media_types=("text/html",),
        query=(_WORDS, _PAGE, _UI),
    ),
    "subscribe.subscribe": Operation(
        summary="Returns a page with the link that adds a feed to a self-hosted feed reader.",
        media_types=("text/html",),
        query=(
            Parameter("feed", "The address of the feed, relative to /feeds/: chips.atom?lang=en.", _TEXT),
            Parameter("reader", "The software of the feed reader.", {"type": "string", "enum": list(SELF_HOSTED)}),
            Parameter("at", "The URL of the feed reader.", _TEXT),
            _UI,
        ),
    ),
    "pages.article": Operation(
        summary="Returns the page of an article.",
        media_types=("text/html",),
        path=(Parameter("slug", "The slug of the article.", _TEXT),),
        query=(_UI,),
    ),
    "media.media": Operation(
        summary="Returns an image or another file of an article.",
        media_types=("application/octet-stream",),
        path=(Parameter("name", "The name of the file, which is a digest of its content with a suffix.", _TEXT),),
    ),
    "static.static": Operation(
        summary="Returns a style sheet or a script of the pages.",
        media_types=("text/css", "text/javascript"),
        path=(Parameter("name", "The name of the file.", _TEXT),),
    ),
    "status.status": Operation(
        summary="Returns a page for editors: the state of the publication, and statistics about feed requests. "
        "Requires the token of FEEDSVC_STATUS_TOKEN.",
        media_types=("text/html",),
        query=(_UI,),
    ),
    "metrics.metrics": Operation(
        summary="Returns the metrics in the text format of Prometheus. Requires the token of FEEDSVC_STATUS_TOKEN.",
        media_types=("text/plain",),
    ),
    "health.healthz": Operation(
        summary="Returns 200 if the process can answer requests (liveness).", media_types=("text/plain",)
    ),
    "health.readyz": Operation(
        summary="Returns 200 if the store can be read and a publication is in it, else 503 (readiness).",
        media_types=("text/plain",),
        query=(
            Parameter(
                "verbose",
                "Adds the state of the writer and of the cache, and to 503 the reason. Any value does.",
                _TEXT,
            ),
        ),
    ),
    "sitemap.robots": Operation(
        summary="Returns the rules for crawlers (RFC 9309), with the address of the sitemap.",
        media_types=("text/plain",),
    ),
    "sitemap.sitemap": Operation(
        summary="Returns the sitemap of all pages; for a large publication, the index of its parts (sitemaps.org).",
        media_types=("application/xml",),
    ),
    "sitemap.sitemap_part": Operation(
        summary="Returns one part of the sitemap of a large publication.",
        media_types=("application/xml",),
        path=(Parameter("number", "The number of the part, counted from 1.", {"type": "integer", "minimum": 1}),),
    ),
    "hub.hub": Operation(
        summary="Returns what the WebSub hub is. Subscriptions are sent here by POST (https://www.w3.org/TR/websub/).",
        media_types=("text/plain",),
    ),
    "hub.self_test": Operation(
        summary="Confirms a subscription of the hub's self-test. Nothing else uses this address.",
        media_types=("application/octet-stream",),
        path=(Parameter("token", "The token of the self-test.", _TEXT),),
        query=(Parameter("hub.challenge", "The text to return.", _TEXT),),
    ),
    "openapi.openapi": Operation(
        summary="Returns this description as an OpenAPI 3.1 document.", media_types=("application/json",)
    ),
    "openapi.docs": Operation(summary="Returns this description as an HTML page.", media_types=("text/html",)),
}
# Every operation lists all of them: which of them a path can return is decided by handlers that all routes share.
RESPONSES: Final[Mapping[str, str]] = {
    "301": "The article or topic has another name now. The header Location has its present address.",
    "304": "The resource is unchanged since the response that If-None-Match or If-Modified-Since names.",
    "400": "A parameter is malformed or unknown. The body names the parameter and the valid values.",
    "401": "The resource requires a token in the header Authorization.",
    "403": "The resource requires a token, and the server has none: FEEDSVC_STATUS_TOKEN is not set.",
    "404": "The resource does not exist. The body names similar or existing ones.",
    "406": "The resource has no content coding that Accept-Encoding accepts.",
    "410": "The article was removed or the topic was closed. Clients should not request this address again.",
    "412": "The resource has changed since the response that If-Match names.",
    "503": "The server cannot answer at present. The header Retry-After has the time to wait, in seconds.",
}
