"""What responses are made of: the meaning of each status code, and the JSON Schemas of bodies. Pure."""

from collections.abc import Mapping
from typing import Any, Final

# What each status means, in the order of the page.
RESPONSES: Final[Mapping[str, str]] = {
    "206": "The response body is the part of the file that Range asks for.",
    "301": "The article or topic has another name now. The header Location has its present address.",
    "304": "The resource is unchanged since the response that If-None-Match or If-Modified-Since names.",
    "400": "A parameter is malformed or unknown. The body names the parameter and the valid values.",
    "401": "The resource requires a token in the header Authorization.",
    "403": "The request is not permitted. The body says why; /status and /metrics need FEEDSVC_STATUS_TOKEN to be set.",
    "404": "The resource does not exist. The body names similar or existing ones.",
    "406": "The resource has no content coding that Accept-Encoding accepts.",
    "410": "The article was removed or the topic was closed. Clients should not request this address again.",
    "412": "The resource has changed since the response that If-Match names.",
    "413": "The form is too large.",
    "415": "The request body is no form, or is not in UTF-8.",
    "416": "The file has no such part. The header Content-Range has its length.",
    "429": "Too many requests for subscriptions. The header Retry-After has the time to wait, in seconds.",
    "503": "The server cannot answer at present. The header Retry-After has the time to wait, in seconds.",
}

_TEXT: Final = {"type": "string"}
_URL: Final = {"type": "string", "format": "uri"}
_TIME: Final = {"type": "string", "format": "date-time"}
_AUTHORS: Final = {"type": "array", "items": {"$ref": "#/components/schemas/Author"}}


def _object(required: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema of an object with these members and no others; `required` names some, with spaces."""
    return {
        "type": "object",
        "properties": properties,
        "required": required.split(),
        "additionalProperties": False,
    }


# `components.schemas` of the description. JSON Feed leaves away what has no value.
SCHEMAS: Final[Mapping[str, Any]] = {
    "Error": {
        "type": "string",
        "description": "One line: what is wrong and, in parentheses, what to do instead.",
        "examples": ["unknown topic 'chip' (did you mean chips?)\n"],
    },
    "JsonFeed": _object(
        "version title feed_url items",
        version={"const": "https://jsonfeed.org/version/1.1"},
        title=_TEXT,
        home_page_url=_URL,
        feed_url=_URL,
        description=_TEXT,
        icon=_URL,
        favicon=_URL,
        language=_TEXT,
        next_url=_URL,
        authors=_AUTHORS,
        hubs={"type": "array", "items": _object("type url", type={"const": "WebSub"}, url=_URL)},
        _feedsvc={"$ref": "#/components/schemas/FeedExtension"},
        items={"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    ),
    "Item": {
        **_object(
            "id url date_published date_modified _feedsvc",
            id=_TEXT,
            url=_URL,
            title=_TEXT,
            content_html=_TEXT,
            content_text=_TEXT,
            summary=_TEXT,
            image=_URL,
            date_published=_TIME,
            date_modified=_TIME,
            authors=_AUTHORS,
            tags={"type": "array", "items": _TEXT},
            language=_TEXT,
            attachments={"type": "array", "items": {"$ref": "#/components/schemas/Attachment"}},
            _feedsvc={"$ref": "#/components/schemas/ItemExtension"},
        ),
        "anyOf": [{"required": ["content_html"]}, {"required": ["content_text"]}],
    },
    "Author": _object("name", name=_TEXT, url=_URL),
    "Attachment": _object(
        "url mime_type", url=_URL, mime_type=_TEXT, title=_TEXT, size_in_bytes={"type": "integer", "minimum": 0}
    ),
    "FeedExtension": _object(
        "about timezone",
        about=_URL,
        timezone=_TEXT,
        cursor=_TEXT,
        changes_url=_URL,
        removed={"type": "array", "items": _object("id date_removed", id=_TEXT, date_removed=_TIME)},
    ),
    "ItemExtension": _object(
        "about topics",
        about=_URL,
        topics={"type": "array", "items": _object("name title", name=_TEXT, title=_TEXT)},
    ),
}
# Media types of responses with status 200 whose body has a schema.
SCHEMA_OF: Final[Mapping[str, str]] = {"application/feed+json": "JsonFeed"}
