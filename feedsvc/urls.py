"""The addresses of everything feedsvc serves, and how a URL becomes percent-encoded ASCII.

One place for both: the web side routes by the same paths that feeds link to.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

import ada_url

LINK_SCHEMES = ("http", "https", "mailto")
FETCH_SCHEMES = ("http", "https")
# What the URL Standard leaves as written and RFC 3986 §2 does not allow, and "%" that encodes nothing.
_UNWISE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^!#$%&'()*+,/:;=?@\w\-.~]", re.ASCII)


def resolve(reference: str, base: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> str | None:
    """`reference` against `base`, read the way a browser reads it (URL Standard), as ASCII (RFC 3986).

    None when it is no URL or its scheme, once decoded, is not one of `schemes`.
    """
    try:
        url = ada_url.join_url(base, reference)
    except (ValueError, UnicodeError):
        return None
    scheme, colon, rest = url.partition(":")
    return f"{scheme}:{_ascii(rest)}" if colon and scheme in schemes else None


def _ascii(rest: str) -> str:
    host_end = rest.find("/", 2) if rest.startswith("//") else 0
    host, path = (rest, "") if host_end < 0 else (rest[:host_end], rest[host_end:])
    return host + _UNWISE.sub(lambda match: quote(match[0], safe=""), path)


def segment(name: str) -> str:
    """`name` as one path segment, percent-encoded."""
    return quote(name, safe="-._~")


def is_uri(text: str) -> bool:
    """Whether a text begins as an absolute URI does and has no space in it."""
    return _URI.fullmatch(text) is not None


def uri_of(id_: str, authority: str) -> str:
    """An article's id where it must be a URI (RFC 4287 §4.2.6): itself, else a tag URI (RFC 4151) made of it."""
    return id_ if is_uri(id_) else f"tag:{authority}:{_OF_ID}{segment(id_)}"


def id_of(uri: str, authority: str) -> str:
    """The id that `uri_of` made this URI of."""
    made = f"tag:{authority}:{_OF_ID}"
    return unquote(uri.removeprefix(made)) if uri.startswith(made) else uri


# A slug has no slash in it, so no id that is made of one looks like this.
_OF_ID: Final = "id/"
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,30}:\S+")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute URLs below `base_url` (no trailing slash), which is all that decides them."""

    base_url: str

    @property
    def home(self) -> str:
        return f"{self.base_url}/"

    @property
    def opml(self) -> str:
        return f"{self.base_url}/feeds.opml"

    @property
    def sitemap(self) -> str:
        return f"{self.base_url}/sitemap.xml"

    def sitemap_part(self, number: int) -> str:
        return f"{self.base_url}/sitemap-{number}.xml"

    def article(self, slug: str) -> str:
        return f"{self.base_url}/articles/{segment(slug)}"

    def topic(self, name: str) -> str:
        return f"{self.base_url}/topics/{segment(name)}"

    def feed(self, name: str, suffix: str, query: str = "", period: str | None = None) -> str:
        """A feed's document, or its archive of a period; `query` is encoded already."""
        path = f"{segment(name)}/{period}" if period else segment(name)
        return f"{self.base_url}/feeds/{path}.{suffix}{'?' if query else ''}{query}"

    @property
    def openapi(self) -> str:
        return f"{self.base_url}/openapi.json"

    @property
    def docs(self) -> str:
        return f"{self.base_url}/docs"

    @property
    def extension(self) -> str:
        """Where it is explained what we add to the formats; its name as well."""
        return f"{self.docs}#extension"

    @property
    def cursor(self) -> str:
        """The link relation to what changed since (RFC 8288 §2.1.2), which leads to its explanation."""
        return f"{self.docs}#cursor"

    def tag(self, tag: str) -> str:
        return f"{self.base_url}/tags/{segment(tag)}"

    def author(self, name: str) -> str:
        return f"{self.base_url}/authors/{segment(name)}"

    def month(self, month: str) -> str:
        """`month` as 2026-07."""
        return f"{self.base_url}/months/{month}"

    @property
    def search(self) -> str:
        return f"{self.base_url}/search"

    @property
    def subscribe(self) -> str:
        return f"{self.base_url}/subscribe"

    def media(self, name: str) -> str:
        return f"{self.base_url}/media/{segment(name)}"

    def static(self, name: str) -> str:
        return f"{self.base_url}/static/{name}"

    def absolute(self, path: str) -> str:
        """A path of our own ("/topics/…", already encoded) below `base_url`."""
        return f"{self.base_url}{path}"
