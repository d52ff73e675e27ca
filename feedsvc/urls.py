"""The URLs of all resources of feedsvc, and how a URL becomes percent-encoded ASCII.

`routes` has the paths, for these and for the views of `web`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode

import ada_url

from feedsvc import routes
from feedsvc.tracking import is_ignored, is_mark

LINK_SCHEMES = ("http", "https", "mailto")
FETCH_SCHEMES = ("http", "https")
# Characters that the URL Standard leaves unencoded and RFC 3986 §2 does not allow, and a "%" that encodes nothing.
_UNWISE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^!#$%&'()*+,/:;=?@\w\-.~]", re.ASCII)


def resolve(reference: str, base: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> str | None:
    """Return `reference` against `base`, read the way a browser reads it (URL Standard), as ASCII (RFC 3986).

    None when it is no URL or its scheme, once decoded, is not one of `schemes`.
    """
    try:
        url = ada_url.join_url(base, reference)
    except (ValueError, UnicodeError):
        return None
    scheme, colon, rest = url.partition(":")
    if not colon or scheme not in schemes:
        return None
    host_end = rest.find("/", 2) if rest.startswith("//") else 0
    host, path = (rest, "") if host_end < 0 else (rest[:host_end], rest[host_end:])
    return f"{scheme}:{host}{_UNWISE.sub(lambda match: quote(match[0], safe=''), path)}"


def segment(name: str) -> str:
    """`name` as one path segment, percent-encoded."""
    return quote(name, safe="-._~")


def old_address(written: str, base_url: str = "") -> str:
    """Return the normal form of an address in another system: its path and query as `address_of` gives them.

    `written` is a URL, of which scheme, host and fragment are left away, or a path with or without its first slash. The
    path that `base_url` has is left away too: a proxy takes it away before we see a request. So are parameters that
    programs add to links (`utm_source`), since requests are compared without them; one that may mean something by
    itself stays where it is alone (`/item?ref=12`).
    """
    rest = _ORIGIN.sub("", written.strip()).partition("#")[0]
    path, _, query = rest.partition("?")
    raw = b"/" + unquote_to_bytes(path).lstrip(b"/")
    prefix = unquote_to_bytes(_ORIGIN.sub("", base_url))
    if prefix and (raw + b"/").startswith(prefix + b"/"):
        raw = raw[len(prefix) :]
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = [pair for pair in pairs if not is_ignored(pair[0])]
    if not kept and raw.strip(b"/"):
        kept = [pair for pair in pairs if not is_mark(pair[0])]
    return address_of(raw, kept)


def address_of(path: bytes, pairs: Iterable[tuple[str, str]] = ()) -> str:
    """Return the one spelling of a path (decoded bytes, as WSGI has it) and a query's pairs.

    The path is Unicode in NFC, without a slash at its end; bytes that are not UTF-8 and what would be mistaken for a
    query or a fragment are percent-encoded. The query is percent-encoded, in the order of its names. Case counts.
    """
    text = unicodedata.normalize("NFC", path.decode("utf-8", "surrogateescape"))
    text = "/" + _AMBIGUOUS.sub(lambda match: quote(match[0], safe="", errors="surrogateescape"), text).strip("/")
    query = urlencode(sorted(pairs), quote_via=quote)
    return f"{text}?{query}" if query else text


def own_path(written: str) -> str:
    """Return a path of ours, with or without a query, as ASCII (RFC 3986). Raises ValueError for anything else."""
    if not written.startswith("/") or written.startswith("//") or "\\" in written or not written.isprintable():
        raise ValueError(f"{written!r} is not a path of this publication (write /feeds/all.rss, /articles/its-name, …)")
    url = resolve(written, "https://own.invalid", FETCH_SCHEMES)
    if url is None:
        raise ValueError(f"{written!r} is not a path (write /feeds/all.rss, /articles/its-name, …)")
    return url.removeprefix("https://own.invalid")


_ORIGIN: Final = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//[^/?#]*")
_AMBIGUOUS: Final = re.compile("[%?#\x00-\x1f\x7f\udc80-\udcff]")


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
    """Absolute URLs below `base_url` (without a trailing slash). They depend on nothing else."""

    base_url: str

    @property
    def home(self) -> str:
        return self.absolute(routes.HOME.path())

    @property
    def opml(self) -> str:
        return self.absolute(routes.OPML.path())

    @property
    def sitemap(self) -> str:
        return self.absolute(routes.SITEMAP.path())

    def sitemap_part(self, number: int) -> str:
        return self.absolute(routes.SITEMAP_PART.path(number=str(number)))

    def article(self, slug: str) -> str:
        return self.absolute(routes.ARTICLE.path(slug=segment(slug)))

    def topic(self, name: str) -> str:
        return self.absolute(routes.TOPIC.path(topic=segment(name)))

    def feed(self, name: str, suffix: str, query: str = "", period: str | None = None) -> str:
        """A feed's document, or its archive of a period; `query` is encoded already."""
        named = {"name": segment(name), "suffix": suffix}
        path = routes.ARCHIVE.path(label=period, **named) if period else routes.FEED.path(**named)
        return self.absolute(f"{path}{'?' if query else ''}{query}")

    @property
    def openapi(self) -> str:
        return self.absolute(routes.OPENAPI.path())

    @property
    def api_catalog(self) -> str:
        return self.absolute(routes.API_CATALOG.path())

    @property
    def docs(self) -> str:
        return self.absolute(routes.DOCS.path())

    @property
    def extension(self) -> str:
        """The URL of the explanation of our extension of the formats, which is also its XML namespace."""
        return f"{self.docs}#extension"

    @property
    def cursor(self) -> str:
        """The link relation of the changes after a cursor (RFC 8288 §2.1.2), a URL that leads to its explanation."""
        return f"{self.docs}#cursor"

    def tag(self, tag: str) -> str:
        return self.absolute(routes.TAG.path(tag=segment(tag)))

    def author(self, name: str) -> str:
        return self.absolute(routes.AUTHOR.path(name=segment(name)))

    def month(self, month: str) -> str:
        """`month` as 2026-07."""
        return self.absolute(routes.MONTH.path(month=month))

    @property
    def search(self) -> str:
        return self.absolute(routes.SEARCH.path())

    @property
    def subscribe(self) -> str:
        return self.absolute(routes.SUBSCRIBE.path())

    @property
    def status(self) -> str:
        return self.absolute(routes.STATUS.path())

    @property
    def healthz(self) -> str:
        return self.absolute(routes.HEALTHZ.path())

    def media(self, name: str) -> str:
        return self.absolute(routes.MEDIA.path(name=segment(name)))

    def static(self, name: str) -> str:
        return self.absolute(routes.STATIC.path(name=name))

    def absolute(self, path: str) -> str:
        """A path of our own ("/topics/…", already encoded) below `base_url`."""
        return f"{self.base_url}{path}"
