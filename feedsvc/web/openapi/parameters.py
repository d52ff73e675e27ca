"""The parameters of operations: in the path, in the query and in a form. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.subscriptions import DEFAULT_LEASE_SECONDS, MAX_SECRET_BYTES, MODES
from feedsvc.slices.grammar import MAX_QUERY, MAX_VALUE
from feedsvc.slices.slice import MAX_LIMIT


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: its name, its description and its JSON Schema.

    A `repeated` parameter may be given several times. `required` counts for parameters of a form; those of a path are
    always required, those of a query never.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    repeated: bool = False
    required: bool = True

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


TEXT: Final = {"type": "string"}
_URL: Final = {"type": "string", "format": "uri"}
_NAME: Final = {"type": "string", "minLength": 1, "maxLength": MAX_VALUE}
_DAY: Final = {"type": "string", "format": "date"}
SLICE: Final = (
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
LIMIT: Final = Parameter(
    "limit",
    "The maximum number of articles. The newest are returned.",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT},
)
AFTER: Final = Parameter(
    "after",
    "A cursor from an earlier response. Returns the changes since that response, in Atom and JSON Feed.",
    TEXT,
)
THEME: Final = Parameter(
    "theme",
    "The colour scheme of the page; auto follows the browser.",
    {"type": "string", "enum": ["auto", "light", "dark"]},
)
PICTURES: Final = Parameter(
    "pictures",
    "Selects whether the page shows the picture of each article. They are loaded from where they are.",
    {"type": "string", "enum": ["no", "yes"]},
)
FORMAT: Final = Parameter(
    "format", "The format of the feeds that the list links to.", {"type": "string", "enum": list(FORMATS)}
)
UI: Final = Parameter("ui", "The language of the user interface of the page (BCP 47).", TEXT)
VIEW: Final = Parameter(
    "view",
    "Returns the feed document to a browser also, instead of the page of the feed.",
    {"type": "string", "enum": ["source"]},
)
WORDS: Final = Parameter("q", f"The words to search for. Only the first {MAX_QUERY} characters count.", TEXT)
IN_TOPIC: Final = Parameter("topic", "Selects the articles of this topic.", TEXT)
IN_LANGUAGE: Final = Parameter("lang", "Selects the articles in this language (BCP 47).", TEXT)
SORT: Final = Parameter(
    "sort",
    "The order of the articles: the newest first (the default), or the best match first.",
    {"type": "string", "enum": ["date", "relevance"]},
)
PAGE: Final = Parameter(
    "page", "The number of the page of the list, counted from 1.", {"type": "integer", "minimum": 1}
)
FEED_NAME: Final = Parameter("name", "The name of a topic, or all.", TEXT)
SUFFIX: Final = Parameter("suffix", "The format of the document.", {"type": "string", "enum": list(FORMATS)})

# WebSub §5.1.
SUBSCRIPTION_FORM: Final = (
    Parameter("hub.mode", "What is asked for.", {"type": "string", "enum": list(MODES)}),
    Parameter("hub.topic", "The URL of the feed, as its link with the relation self has it.", _URL),
    Parameter("hub.callback", "The URL at which the subscriber is verified and receives new entries.", _URL),
    Parameter(
        "hub.lease_seconds",
        "The duration of the subscription, in seconds; it is brought within the limits of this hub.",
        {"type": "integer", "minimum": 1, "default": DEFAULT_LEASE_SECONDS},
        required=False,
    ),
    Parameter(
        "hub.secret",
        "The key of the HMAC signature of each delivery, of 1 to 199 bytes.",
        {"type": "string", "minLength": 1, "maxLength": MAX_SECRET_BYTES},
        required=False,
    ),
)
