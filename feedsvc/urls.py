"""Build the URLs of all resources of feedsvc, and normalize URLs to percent-encoded ASCII.

`routes` has the paths, for these URLs and for the views of `web`.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes, urlencode

import ada_url

from feedsvc import routes
from feedsvc.tracking import is_ignored, is_mark

LINK_SCHEMES = ("http", "https", "mailto")
FETCH_SCHEMES = ("http", "https")
# Characters that the URL Standard leaves unencoded and RFC 3986 §2 does not allow, and a "%" that encodes nothing.
_UNWISE = re.compile(r"%(?![0-9A-Fa-f]{2})|[^!#$%&'()*+,/:;=?@\w\-.~]", re.ASCII)


# In characters. A link of an article is resolved where it is placed, kept and sanitized; a data URL may have megabytes.
_LONGEST_CACHED: Final = 200


def resolve(reference: str, base: str, schemes: tuple[str, ...] = LINK_SCHEMES) -> str | None:
    """Return `reference` against `base`, read the way a browser reads it (URL Standard), as ASCII (RFC 3986).

    None if it is no URL, or if its scheme, after decoding, is not in `schemes`.
    """
    return (_resolve_short if len(reference) <= _LONGEST_CACHED else _resolve)(reference, base, schemes)


def _resolve(reference: str, base: str, schemes: tuple[str, ...]) -> str | None:
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


_resolve_short: Final = lru_cache(256)(_resolve)


def with_parameters(url: str, **parameters: str) -> str:
    """Return `url` with more query parameters."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"


# Slugs, topics and tags are encoded again for each document that links to them.
@lru_cache(4096)
def segment(name: str) -> str:
    """Return `name` as one path segment, percent-encoded."""
    return quote(name, safe="-._~")


def old_address(written: str, base_url: str = "") -> str:
    """Return the normal form of an address in another system: its path and query as `address_of` gives them.

    `written` is a URL, without regard to its scheme, host and fragment, or a path with or without the first slash. The
    path of `base_url` is removed, since a proxy removes it from requests. Tracking parameters (`utm_source`) are
    removed, since requests are compared without them. A parameter that may have a meaning (`/item?ref=12`) stays if
    there is no other one.
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
    """Return the normal form of a path (decoded bytes, as in WSGI) and the pairs of a query.

    The path is in NFC, without a slash at its end. Bytes that are not UTF-8 and the characters that begin a query or
    fragment are percent-encoded. The query is percent-encoded, and sorted by name. The comparison is case-sensitive.
    """
    text = unicodedata.normalize("NFC", path.decode("utf-8", "surrogateescape"))
    text = "/" + _AMBIGUOUS.sub(lambda match: quote(match[0], safe="", errors="surrogateescape"), text).strip("/")
    query = urlencode(sorted(pairs), quote_via=quote)
    return f"{text}?{query}" if query else text


def own_path(written: str) -> str:
    """Return a path of this publication, with or without a query, as ASCII (RFC 3986). Raises ValueError otherwise."""
    if not written.startswith("/") or written.startswith("//") or "\\" in written or not written.isprintable():
        raise ValueError(f"{written!r} is not a path of this publication (write /feeds/all.rss, /articles/its-name, …)")
    url = resolve(written, "https://own.invalid", FETCH_SCHEMES)
    if url is None:
        raise ValueError(f"{written!r} is not a path (write /feeds/all.rss, /articles/its-name, …)")
    return url.removeprefix("https://own.invalid")


_ORIGIN: Final = re.compile(r"\A(?:[A-Za-z][A-Za-z0-9+.\-]*:)?//[^/?#]*")
_AMBIGUOUS: Final = re.compile("[%?#\x00-\x1f\x7f\udc80-\udcff]")


def is_uri(text: str) -> bool:
    """Return whether a text begins with a URI scheme and contains no white space."""
    return _URI.fullmatch(text) is not None


def uri_of(id_: str, authority: str) -> str:
    """Return the id of an article as a URI (RFC 4287 §4.2.6): itself, else a tag URI (RFC 4151) that contains it."""
    return id_ if is_uri(id_) else f"tag:{authority}:{_OF_ID}{segment(id_)}"


def id_of(uri: str, authority: str) -> str:
    """Return the id from which `uri_of` made this URI."""
    made = f"tag:{authority}:{_OF_ID}"
    return unquote(uri.removeprefix(made)) if uri.startswith(made) else uri


# A slug contains no slash, so no default id begins with this.
_OF_ID: Final = "id/"
_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]{1,30}:\S+")


# What stands for itself in a name that a query became: nothing that a file system or a server gives a meaning, and no
# dot, so that no folder has the name of a file.
_UNSAFE_IN_NAMES: Final = re.compile(r"[^\w\-]")
# In bytes: what a file system takes for a name, less a suffix.
_MAX_NAME: Final = 200


def _as_names(query: str) -> list[str]:
    """Return one name for each pair of a query, for paths of an export: lang-zh-Hant, tag-hbm. Each pair has its own.

    Characters that mean something to file systems or servers are a `~` and their number in base 16, in brackets; what
    is too long for the name of a file ends with a part of its SHA-256.
    """
    return [_as_name(f"{name}-{value}") for name, value in parse_qsl(query, keep_blank_values=True)]


def _as_name(text: str) -> str:
    name = _UNSAFE_IN_NAMES.sub(lambda match: f"~({ord(match[0]):x})", text)
    if len(name.encode()) <= _MAX_NAME:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"{name.encode()[: _MAX_NAME - 33].decode(errors='ignore')}~{digest}"


# In bytes: the longest name of a folder or a file.
MAX_FILE_NAME: Final = 255
# The names of the files of pages and of their compressed copies: no folder of an export may have one.
_FILE_OF_PAGE: Final = re.compile(r"\.html(?:\.gz|\.br)?\Z", re.IGNORECASE)


def has_file(path: str) -> bool:
    """Return whether there can be a file for the page at a path (percent-encoded, from its first slash on).

    A front page alone ends with a slash, that of a language too: servers show the same with and without one elsewhere.
    """
    *folders, name = unquote(path).split("/")[1:]
    return (
        (name != "" or len(folders) < 2)
        and "" not in folders
        and not any(_FILE_OF_PAGE.search(each) for each in folders)
        and all(
            each not in (".", "..") and each.isprintable() and len(each.encode()) <= MAX_FILE_NAME
            for each in (*folders, name)
        )
    )


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute URLs below `base_url` (without a trailing slash), on which alone they depend.

    `is_static` are those of an export: what the service has in a query is a part of the path there, and what only a
    service can do is at `api_url`, if there is one.
    """

    base_url: str
    is_static: bool = False
    api_url: str | None = None

    @property
    def service(self) -> "Addresses | None":
        """Those of the service that answers what files cannot; None for an export without one."""
        if not self.is_static:
            return self
        return Addresses(self.api_url) if self.api_url else None

    @property
    def home(self) -> str:
        return self.absolute(routes.HOME.path())

    @property
    def feeds(self) -> str:
        """Return the URL of the page that lists all feeds."""
        return self.absolute(routes.FEED_LIST.path())

    @property
    def opml(self) -> str:
        return self.absolute(routes.OPML.path())

    @property
    def sitemap(self) -> str:
        return self.absolute(routes.SITEMAP.path())

    @property
    def sitemap_news(self) -> str:
        return self.absolute(routes.SITEMAP_NEWS.path())

    def sitemap_part(self, number: int) -> str:
        return self.absolute(routes.SITEMAP_PART.path(number=str(number)))

    def article(self, slug: str) -> str:
        """Return the URL of an article, or of a page, whose slug is its path."""
        if slug.startswith("/"):
            return self.absolute(f"/{segment(slug[1:])}")
        return self.absolute(routes.ARTICLE.path(slug=segment(slug)))

    def topic(self, name: str) -> str:
        return self.absolute(routes.TOPIC.path(topic=segment(name)))

    def feed(self, name: str, suffix: str, query: str = "", period: str | None = None) -> str:
        """Return the URL of a feed, or of its archive for `period`; `query` is already percent-encoded."""
        named = {"name": segment(name), "suffix": suffix}
        if self.is_static and query:
            parts = [named["name"], *map(segment, _as_names(query)), *filter(None, [period])]
            return self.absolute(f"{routes.FEEDS}/{'/'.join(parts)}.{suffix}")
        path = routes.ARCHIVE.path(label=period, **named) if period else routes.FEED.path(**named)
        return self.absolute(f"{path}{'?' if query else ''}{query}")

    def feed_page(self, name: str, suffix: str, query: str = "") -> str:
        """Return the URL at which a browser shows a feed: the feed's own; in an export a page beside all formats.

        A topic may be called `index`, which is the file that servers show for a folder.
        """
        if not self.is_static:
            return self.feed(name, suffix, query)
        return self.feed("index~" if name == "index" and not query else name, "html", query)

    def numbered(self, url: str, number: int) -> str:
        """Return the URL of a page of a list, from that of its first one.

        A tag or a name may be any text, also `x/page/2`: in an export, its further pages are at `/page/2/tags/x`.
        """
        if number == 1:
            return url
        if not self.is_static:
            return with_parameters(url, page=str(number))
        path = url.removeprefix(self.base_url)
        if path.startswith((routes.TAG.prefix, routes.AUTHOR.prefix)):
            return self.absolute(f"/page/{number}{path}")
        return f"{url.rstrip('/')}/page/{number}"

    def in_language(self, url: str, tag: str) -> str:
        """Return the URL of a page in another language of the interface."""
        if not self.is_static:
            return with_parameters(url, ui=tag)
        path = url.removeprefix(self.base_url)
        return f"{self.base_url}/{tag}{path}"

    @property
    def openapi(self) -> str:
        return self.absolute(routes.OPENAPI.path())

    @property
    def api_catalog(self) -> str:
        return self.absolute(routes.API_CATALOG.path())

    @property
    def docs(self) -> str:
        return self.absolute(routes.DOCS.path())

    def docs_group(self, group: str) -> str:
        """Return the URL of the documentation of a group of addresses."""
        return self.absolute(routes.DOCS_GROUP.path(group=group))

    @property
    def extension(self) -> str:
        """The URL of the documentation of our extensions of the formats, which is also their XML namespace."""
        return f"{self.docs}#extension"

    @property
    def cursor(self) -> str:
        """The link relation of the changes after a cursor (RFC 8288 §2.1.2): the URL of its documentation."""
        return f"{self.docs}#cursor"

    def tag(self, tag: str) -> str:
        return self.absolute(routes.TAG.path(tag=segment(tag)))

    def author(self, name: str) -> str:
        return self.absolute(routes.AUTHOR.path(name=segment(name)))

    def month(self, month: str) -> str:
        """Return the URL of the page of a month, which is written as YYYY-MM."""
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

    @property
    def hub(self) -> str:
        return self.absolute(routes.HUB.path())

    def hub_self_test(self, token: str) -> str:
        return self.absolute(routes.HUB_SELF_TEST.path(token=token))

    def media(self, name: str) -> str:
        return self.absolute(routes.MEDIA.path(name=segment(name)))

    def static(self, name: str) -> str:
        return self.absolute(routes.STATIC.path(name=name))

    def absolute(self, path: str) -> str:
        """Return the URL of a path ("/topics/…", already encoded) below `base_url`."""
        return f"{self.base_url}{path}"

    def from_root(self, url: str) -> str:
        """Return a URL below `base_url` as a path from the root of its host (RFC 3986 §4.2), another one as it is."""
        prefix = f"{self.base_url}/"
        if not url.startswith(prefix):
            return url
        return "/" + url[url.index("/", url.index("://") + 3) + 1 :]
