"""The tables of the API description: the operations, their parameters, the status codes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from feedsvc.feeds.formats import FORMATS
from feedsvc.slices.grammar import MAX_QUERY, MAX_VALUE
from feedsvc.slices.slice import MAX_LIMIT
from feedsvc.web.pages.subscribe_targets import SELF_HOSTED


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, its description and its JSON Schema."""

    name: str
    says: str
    schema: Mapping[str, Any]
    repeated: bool = False

    def described(self, place: str) -> dict[str, Any]:
        """Return the Parameter Object of OpenAPI; `place` is "path" or "query"."""
        schema = {"type": "array", "items": self.schema} if self.repeated else dict(self.schema)
        found = {
            "name": self.name,
            "in": place,
            "description": self.says,
            "schema": schema,
            "required": place == "path",
        }
        return found if place == "path" else found | {"style": "form", "explode": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """A route's description. `media_types` are those of a 200."""

    says: str
    media_types: tuple[str, ...]
    parameters: tuple[Parameter, ...] = ()


_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE}
_DAY: Final = {"type": "string", "format": "date"}
_SLICE: Final = (
    Parameter("topic", "Articles in that topic; several: in any of them.", _NAME, repeated=True),
    Parameter("tag", "Articles with that tag; several: with any of them.", _NAME, repeated=True),
    Parameter("author", "Articles by somebody of that name; several: by any of them.", _NAME, repeated=True),
    Parameter(
        "lang", "Articles in that language (BCP 47): zh-Hant takes zh-TW, zh takes both scripts.", _NAME, repeated=True
    ),
    Parameter("not", "None with this: topic:…, tag:…, author:… or lang:….", _NAME, repeated=True),
    Parameter("q", "Articles with all these words.", {"type": "string", "minLength": 1, "maxLength": MAX_QUERY}),
    Parameter("since", "The first day of publication, in the site's time zone.", _DAY),
    Parameter("until", "The last day of publication.", _DAY),
    Parameter("body", "Whether articles come in full.", {"type": "string", "enum": ["full", "summary"]}),
)
_LIMIT: Final = Parameter(
    "limit", "At most so many articles, the newest.", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}
)
_CURRENT: Final = (
    _LIMIT,
    Parameter("after", "What changed behind this cursor, in Atom and JSON Feed.", {"type": "string"}),
)
_THEME: Final = Parameter("theme", "How it looks.", {"type": "string", "enum": ["auto", "light", "dark"]})
_FORMAT: Final = Parameter("format", "The format of the feeds.", {"type": "string", "enum": list(FORMATS)})
_UI: Final = Parameter("ui", "The language of the page's own words.", {"type": "string"})
_VIEW: Final = Parameter("view", "The document in a browser, too.", {"type": "string", "enum": ["source"]})
_WORDS: Final = Parameter("q", "The words.", {"type": "string", "maxLength": MAX_QUERY})
_PAGE: Final = Parameter("page", "The number of the page, from 1.", {"type": "integer", "minimum": 1})
_FEEDS: Final = tuple(each.media_type for each in FORMATS.values())

# By endpoint. A test compares the keys with the routes of the application.
OPERATIONS: Final[Mapping[str, Operation]] = {
    "feeds.feed": Operation(
        says="A feed: what is new of a slice. A browser that opens it is shown its page.",
        media_types=(*_FEEDS, "text/html"),
        parameters=(*_SLICE, *_CURRENT, _UI, _VIEW),
    ),
    "feeds.archive": Operation(
        says="An archive: what a slice has of a period that is over (RFC 5005).", media_types=_FEEDS, parameters=_SLICE
    ),
    "opml.opml": Operation(
        says="All feeds, to subscribe to, or what of them is in a slice.",
        media_types=("text/x-opml",),
        parameters=(_FORMAT, *_SLICE),
    ),
    "embed.embed": Operation(
        says="The newest articles of a slice, as a light page for a frame.",
        media_types=("text/html",),
        parameters=(*_SLICE, _LIMIT, _THEME, _UI),
    ),
    "embed.script": Operation(
        says="The element <feed-list src=…>, which shows a JSON Feed.", media_types=("text/javascript",)
    ),
    "openapi.catalog": Operation(
        says="Where this description is (RFC 9727).", media_types=("application/linkset+json",)
    ),
    "pages.home": Operation(says="The front page.", media_types=("text/html",), parameters=(_PAGE, _UI)),
    "pages.topic": Operation(says="A topic's page.", media_types=("text/html",), parameters=(_PAGE, _UI)),
    "pages.tag": Operation(says="The articles with a tag.", media_types=("text/html",), parameters=(_PAGE, _UI)),
    "pages.author": Operation(says="An author's articles.", media_types=("text/html",), parameters=(_PAGE, _UI)),
    "pages.month": Operation(says="A month's articles.", media_types=("text/html",), parameters=(_PAGE, _UI)),
    "pages.search": Operation(
        says="The articles with all these words.", media_types=("text/html",), parameters=(_WORDS, _PAGE, _UI)
    ),
    "subscribe.subscribe": Operation(
        says="The link that adds a feed to a reader of one's own.",
        media_types=("text/html",),
        parameters=(
            Parameter("feed", "The feed's address below /feeds/: chips.atom?lang=en.", {"type": "string"}),
            Parameter("reader", "The reader.", {"type": "string", "enum": list(SELF_HOSTED)}),
            Parameter("at", "The reader's address.", {"type": "string"}),
            _UI,
        ),
    ),
    "pages.article": Operation(says="An article's page.", media_types=("text/html",), parameters=(_UI,)),
    "media.media": Operation(says="A file of an article.", media_types=("application/octet-stream",)),
    "static.static": Operation(says="A style sheet or script of a page.", media_types=("text/css", "text/javascript")),
    "status.status": Operation(
        says="What is published and how feeds are polled, for editors.", media_types=("text/html",), parameters=(_UI,)
    ),
    "metrics.metrics": Operation(says="The same figures for Prometheus.", media_types=("text/plain",)),
    "health.healthz": Operation(says="The process answers.", media_types=("text/plain",)),
    "health.readyz": Operation(
        says="There is something to serve.",
        media_types=("text/plain",),
        parameters=(Parameter("verbose", "Say how the writer is, too.", {"type": "string"}),),
    ),
    "sitemap.robots": Operation(says="For search engines.", media_types=("text/plain",)),
    "sitemap.sitemap": Operation(says="All pages.", media_types=("application/xml",)),
    "sitemap.sitemap_part": Operation(says="A part of all pages.", media_types=("application/xml",)),
    "openapi.openapi": Operation(says="This description, for machines.", media_types=("application/json",)),
    "openapi.docs": Operation(says="This description, for people.", media_types=("text/html",)),
}
PATH_PARAMETERS: Final[Mapping[str, Parameter]] = {
    "name": Parameter("name", "A topic's name, or all; an author's.", {"type": "string"}),
    "suffix": Parameter("suffix", "The format.", {"type": "string", "enum": list(FORMATS)}),
    "label": Parameter("label", "A period: 2026, 2026-03 or 2026-03-05, as the site has them.", {"type": "string"}),
    "topic": Parameter("topic", "A topic's name.", {"type": "string"}),
    "tag": Parameter("tag", "A tag.", {"type": "string"}),
    "month": Parameter("month", "A month: 2026-03.", {"type": "string"}),
    "slug": Parameter("slug", "An article's name.", {"type": "string"}),
    "number": Parameter("number", "Which part, from 1.", {"type": "integer", "minimum": 1}),
}
ANSWERS: Final[Mapping[str, str]] = {
    "301": "It is at another address now: an article or topic has another name (Location).",
    "304": "It is what you have already (If-None-Match, If-Modified-Since).",
    "400": "A parameter is malformed or unknown; the text says which, and what exists.",
    "401": "It is shown to whoever has the token (Authorization).",
    "403": "It is shown to nobody: no token is set.",
    "404": "There is no such thing; the text says what exists.",
    "410": "An article was removed, or a topic was closed: ask no more.",
    "406": "No content coding you take is there.",
    "412": "It has changed since (If-Match).",
    "503": "Not now; Retry-After says when.",
}
