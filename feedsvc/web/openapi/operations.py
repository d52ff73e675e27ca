"""The operations of all routes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.subscriptions import FORM
from feedsvc.web.openapi.parameters import (
    AFTER,
    FEED_NAME,
    FORMAT,
    IN_LANGUAGE,
    IN_TOPIC,
    LIMIT,
    PAGE,
    PICTURES,
    SLICE,
    SORT,
    SUBSCRIPTION_FORM,
    SUFFIX,
    TEXT,
    THEME,
    UI,
    VIEW,
    WORDS,
    Parameter,
)
from feedsvc.web.openapi.schemas import RESPONSES, SCHEMA_OF
from feedsvc.web.pages.feed.subscribe_targets import SELF_HOSTED
from feedsvc.web.static import STYLE_NAME
from feedsvc.web.stats.status_page import LISTS as STATUS_LISTS

# The groups of operations, by the last part of the address of the page that describes them.
GROUPS: Final[Mapping[str, str]] = {
    "feeds": "Feeds",
    "embedding": "Embedding",
    "pages": "Pages",
    "files": "Files",
    "discovery": "Discovery",
    "push": "Push (WebSub)",
    "operation": "Operation of the service",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of a route: GET, or POST where it has a `form`. `group` is a key of GROUPS.

    `media_types` are the media types of the response with the status `success`, `statuses` the others that its handler
    or the code that all routes share can return. `path` has the parameters in the path of the route, `query` those in
    the query, `form` those in the body. `example` has the values of the path parameters, percent-encoded, and
    `example_query` the query of a request to the publication of the tests, whose response is in examples.json.
    """

    group: str
    summary: str
    media_types: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    path: tuple[Parameter, ...] = ()
    query: tuple[Parameter, ...] = ()
    form: tuple[Parameter, ...] = ()
    success: str = "200"
    example: Mapping[str, str] = field(default_factory=dict)
    example_query: str = ""

    @property
    def method(self) -> str:
        """The method: GET or POST."""
        return "POST" if self.form else "GET"

    def operation_object(self, endpoint: str) -> dict[str, Any]:
        """Return the Operation Object of OpenAPI."""
        schema = {name: {"schema": {"$ref": f"#/components/schemas/{key}"}} for name, key in SCHEMA_OF.items()}
        content = {media_type: schema.get(media_type, {}) for media_type in self.media_types}
        found = {
            "operationId": endpoint,
            "tags": [GROUPS[self.group]],
            "summary": self.summary,
            "parameters": [
                *(each.parameter_object("path") for each in self.path),
                *(each.parameter_object("query") for each in self.query),
            ],
            "responses": {
                self.success: {"description": "The response body is the resource.", "content": content},
                **{status: self.response_object(status) for status in sorted(self.statuses)},
            },
        }
        if self.form:
            form = {
                "type": "object",
                "properties": {each.name: {**each.schema, "description": each.description} for each in self.form},
                "required": [each.name for each in self.form if each.required],
            }
            found["requestBody"] = {"required": True, "content": {FORM: {"schema": form}}}
        return found

    def response_object(self, status: str) -> dict[str, Any]:
        """Return the Response Object of a status other than that of success."""
        described: dict[str, Any] = {"description": RESPONSES[status]}
        if int(status) >= 400:
            error = {"schema": {"$ref": "#/components/schemas/Error"}}
            return described | {"content": {"text/plain": error, "text/html": {}}}
        if status == "206":
            return described | {"content": {media_type: {} for media_type in self.media_types}}
        return described


_FEEDS: Final = tuple(each.media_type for each in FORMATS.values())
_DOCUMENT: Final = ("304", "406", "412", "503")
# A picture of the publication of the tests.
PICTURE: Final = "46c05f8434c65cff4a35542cb30193c8.svg"
# An address without a resource may be redirected, and a resource may have been removed.
_MISSING: Final = ("301", "404", "410")
_SLICED: Final = ("400", *_MISSING, *_DOCUMENT)

# The operation of the route of hub.hub that has a form.
SUBSCRIPTION: Final = "hub.subscribe"
# By endpoint, group by group. A test compares the keys with the routes of the application, and the path parameters with
# their rules.
OPERATIONS: Final[Mapping[str, Operation]] = {
    "feeds.feed": Operation(
        group="feeds",
        summary="Returns the newest entries of a slice as a feed. A browser that opens this address gets an HTML page.",
        media_types=(*_FEEDS, "text/html"),
        path=(FEED_NAME, SUFFIX),
        query=(*SLICE, LIMIT, AFTER, UI, VIEW),
        statuses=_SLICED,
        example={"name": "chips", "suffix": "json"},
        example_query="limit=1",
    ),
    "feeds.archive": Operation(
        group="feeds",
        summary="Returns the archive of a slice for one closed period (RFC 5005).",
        media_types=_FEEDS,
        path=(
            FEED_NAME,
            Parameter("label", "The period: a year (2026), a month (2026-03) or a day (2026-03-05).", TEXT),
            SUFFIX,
        ),
        query=SLICE,
        statuses=_SLICED,
        example={"name": "chips", "label": "2026-10", "suffix": "atom"},
    ),
    "opml.opml": Operation(
        group="feeds",
        summary="Returns the list of all feeds as OPML, for import into a feed reader. "
        "With slice parameters, each feed of the list is limited to that slice.",
        media_types=("text/x-opml",),
        query=(FORMAT, *SLICE),
        statuses=_SLICED,
        example_query="format=rss",
    ),
    "embed.embed": Operation(
        group="embedding",
        summary="Returns a small HTML page with the newest articles of a slice, for an iframe.",
        media_types=("text/html",),
        path=(FEED_NAME,),
        query=(*SLICE, LIMIT, THEME, PICTURES, UI),
        statuses=_SLICED,
        example={"name": "chips"},
        example_query="limit=1&theme=dark",
    ),
    "embed.script": Operation(
        group="embedding",
        summary="Returns the script that defines the element <feed-list src=…>, which shows a JSON Feed in a page.",
        media_types=("text/javascript",),
        statuses=_DOCUMENT,
    ),
    "pages.home": Operation(
        group="pages",
        summary="Returns the front page.",
        media_types=("text/html",),
        query=(PAGE, UI),
        statuses=_SLICED,
        example_query="page=1",
    ),
    "pages.feed_list": Operation(
        group="pages",
        summary="Returns the page that lists all feeds.",
        media_types=("text/html",),
        query=(UI,),
        statuses=_DOCUMENT,
    ),
    "pages.topic": Operation(
        group="pages",
        summary="Returns the page of a topic, with its articles.",
        media_types=("text/html",),
        path=(Parameter("topic", "The name of the topic.", TEXT),),
        query=(PAGE, UI),
        statuses=_SLICED,
        example={"topic": "chips"},
    ),
    "pages.tag": Operation(
        group="pages",
        summary="Returns the page with the articles that have a tag.",
        media_types=("text/html",),
        path=(Parameter("tag", "The tag.", TEXT),),
        query=(PAGE, UI),
        statuses=_SLICED,
        example={"tag": "sand"},
    ),
    "pages.author": Operation(
        group="pages",
        summary="Returns the page with the articles by an author.",
        media_types=("text/html",),
        path=(Parameter("name", "The name of the author.", TEXT),),
        query=(PAGE, UI),
        statuses=_SLICED,
        example={"name": "Test%20desk"},
    ),
    "pages.month": Operation(
        group="pages",
        summary="Returns the page with the articles that were published in a month.",
        media_types=("text/html",),
        path=(Parameter("month", "The month, as YYYY-MM, in the time zone of the site.", TEXT),),
        query=(PAGE, UI),
        statuses=_SLICED,
        example={"month": "2026-10"},
    ),
    "pages.search": Operation(
        group="pages",
        summary="Returns the page with the articles that contain all the given words.",
        media_types=("text/html",),
        query=(WORDS, IN_TOPIC, IN_LANGUAGE, SORT, PAGE, UI),
        statuses=_SLICED,
        example_query="q=%E4%B8%96%E7%95%8C",
    ),
    "subscribe.subscribe": Operation(
        group="pages",
        summary="Returns a page with the link that adds a feed to a self-hosted feed reader.",
        media_types=("text/html",),
        query=(
            Parameter("feed", "The address of the feed, relative to /feeds/: chips.atom?lang=en.", TEXT),
            Parameter("reader", "The software of the feed reader.", {"type": "string", "enum": list(SELF_HOSTED)}),
            Parameter("at", "The URL of the feed reader.", TEXT),
            UI,
        ),
        statuses=("400", *_MISSING, "406", "503"),
        example_query="feed=chips.atom&reader=miniflux&at=https://reader.example",
    ),
    "pages.article": Operation(
        group="pages",
        summary="Returns the page of an article.",
        media_types=("text/html",),
        path=(Parameter("slug", "The slug of the article.", TEXT),),
        query=(UI,),
        statuses=(*_MISSING, *_DOCUMENT),
        example={"slug": "hello"},
    ),
    "media.media": Operation(
        group="files",
        summary="Returns an image or another file of an article.",
        media_types=("application/octet-stream",),
        path=(Parameter("name", "The name of the file, which is a digest of its content with a suffix.", TEXT),),
        statuses=("206", *_MISSING, "304", "412", "416", "503"),
        example={"name": PICTURE},
    ),
    "static.static": Operation(
        group="files",
        summary="Returns a style sheet or a script of the pages.",
        media_types=("text/css", "text/javascript"),
        path=(Parameter("name", "The name of the file.", TEXT),),
        statuses=(*_MISSING, *_DOCUMENT),
        example={"name": STYLE_NAME},
    ),
    "openapi.catalog": Operation(
        group="discovery",
        summary="Returns the API catalog, which links to this description (RFC 9727).",
        media_types=("application/linkset+json",),
        statuses=_DOCUMENT,
    ),
    "sitemap.robots": Operation(
        group="discovery",
        summary="Returns the rules for crawlers (RFC 9309), with the address of the sitemap.",
        media_types=("text/plain",),
        statuses=_DOCUMENT,
    ),
    "sitemap.sitemap": Operation(
        group="discovery",
        summary="Returns the sitemap of all pages; for a large publication, the index of its parts (sitemaps.org).",
        media_types=("application/xml",),
        statuses=_DOCUMENT,
    ),
    "sitemap.sitemap_news": Operation(
        group="discovery",
        summary="Returns the sitemap of the articles of the last two days, at most 1,000, for Google News.",
        media_types=("application/xml",),
        statuses=_DOCUMENT,
    ),
    "sitemap.sitemap_part": Operation(
        group="discovery",
        summary="Returns one part of the sitemap of a large publication.",
        media_types=("application/xml",),
        path=(Parameter("number", "The number of the part, counted from 1.", {"type": "integer", "minimum": 1}),),
        statuses=(*_MISSING, *_DOCUMENT),
        example={"number": "1"},
    ),
    "openapi.openapi": Operation(
        group="discovery",
        summary="Returns this description as an OpenAPI 3.1 document.",
        media_types=("application/json",),
        statuses=_DOCUMENT,
    ),
    "openapi.docs": Operation(
        group="discovery",
        summary="Returns the overview of this description as an HTML page.",
        media_types=("text/html",),
        query=(UI,),
        statuses=_DOCUMENT,
    ),
    "openapi.docs_group": Operation(
        group="discovery",
        summary="Returns the description of one group of addresses as an HTML page.",
        media_types=("text/html",),
        path=(Parameter("group", "The name of the group.", {"type": "string", "enum": list(GROUPS)}),),
        query=(UI,),
        statuses=(*_MISSING, *_DOCUMENT),
        example={"group": "feeds"},
    ),
    "hub.hub": Operation(
        group="push",
        summary="Returns what the WebSub hub is. Subscriptions are sent here by POST (https://www.w3.org/TR/websub/).",
        media_types=("text/plain",),
        statuses=("503",),
    ),
    SUBSCRIPTION: Operation(
        group="push",
        summary="Accepts the request of a WebSub subscriber, which the hub verifies afterwards at hub.callback.",
        media_types=("text/plain",),
        form=SUBSCRIPTION_FORM,
        success="202",
        statuses=("400", "403", "404", "410", "413", "415", "429", "503"),
    ),
    "hub.self_test": Operation(
        group="push",
        summary="Confirms a subscription of the hub's self-test. Nothing else uses this address.",
        media_types=("application/octet-stream",),
        path=(Parameter("token", "The token of the self-test.", TEXT),),
        query=(Parameter("hub.challenge", "The text to return.", TEXT),),
        statuses=("400", *_MISSING, "503"),
        example={"token": "none"},
        example_query="hub.challenge=7d0a",
    ),
    "status.status": Operation(
        group="operation",
        summary="Returns a page for editors: the state of the publication, and statistics about feed requests. "
        "Requires the token of FEEDSVC_STATUS_TOKEN.",
        media_types=("text/html",),
        query=(
            Parameter("list", "Shows one list in full, in pages.", {"type": "string", "enum": list(STATUS_LISTS)}),
            PAGE,
            UI,
        ),
        statuses=("400", "401", "403", "404", "503"),
    ),
    "metrics.metrics": Operation(
        group="operation",
        summary="Returns the metrics in the text format of Prometheus. Requires the token of FEEDSVC_STATUS_TOKEN.",
        media_types=("text/plain",),
        statuses=("401", "403", "503"),
    ),
    "health.healthz": Operation(
        group="operation",
        summary="Returns 200 if the process can answer requests (liveness).",
        media_types=("text/plain",),
        statuses=(),
    ),
    "health.readyz": Operation(
        group="operation",
        summary="Returns 200 if the store can be read and a publication is in it, else 503 (readiness).",
        media_types=("text/plain",),
        query=(
            Parameter(
                "verbose",
                "Adds the state of the writer and of the cache, and to 503 the reason. Any value does.",
                TEXT,
            ),
        ),
        statuses=("503",),
    ),
}
