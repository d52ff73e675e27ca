"""Feed readers on the web: the page of each where a feed is added. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote

import ada_url

from feedsvc.urls import FETCH_SCHEMES, resolve

# What digits follow is a port: "localhost:8080".
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_MAX: Final = 500
# Names that no public server has: RFC 6761, RFC 6762, RFC 8375, and what ICANN has set aside.
_PRIVATE_NAMES: Final = (".localhost", ".local", ".home.arpa", ".internal", ".lan")
_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's name, and the address that adds a feed: what goes before the feed's own, percent-encoded.

    `page` is how the path of one of its own pages ends, for one that people run themselves below any path.
    """

    name: str
    prefix: str
    page: re.Pattern[str] = _NEVER

    def adding(self, feed: str, at: str = "") -> str:
        """Where the feed at that URL is added; `at` is the reader's own address, for one that people run themselves."""
        return f"{at}{self.prefix}{quote(feed, safe='')}"


HOSTED: Final = (
    Reader("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    Reader("Inoreader", "https://www.inoreader.com/?add_feed="),
    Reader("NewsBlur", "https://www.newsblur.com/?url="),
    Reader("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
)
# Run by people themselves, each at an address of its own.
SELF_HOSTED: Final[Mapping[str, Reader]] = {
    "miniflux": Reader(
        "Miniflux",
        "/bookmarklet?uri=",
        re.compile(
            r"/(?:(?:unread|starred|history|search|shares|(?:feed|category|tags)/[^/]+)(?:/entr(?:y|ies)(?:/.*)?)?"
            r"|(?:feed|category)/\d+/.*"
            r"|(?:feeds|categories|users|keys)(?:/(?:refresh|create))?"
            r"|settings|sessions|integrations|bookmarklet|subscribe|about|login)/?$"
        ),
    ),
    "freshrss": Reader("FreshRSS", "/i/?c=feed&a=add&url_rss=", re.compile(r"/(?:i|api)(?:/[^/]*\.php)?/?$")),
}


def desktop(feed: str) -> str:
    """What a program on this machine takes over, if one does."""
    return f"feed:{feed}"


def own_address(written: str, reader: Reader) -> str | None:
    """The address of somebody's own reader, without a slash at its end; None where it is none.

    It is read as browsers read it; without a scheme it is https, on a private network http. Full-width letters are
    letters. What stands behind a "?" or "#" goes, and so does the path of one of the reader's own pages. One with a
    name and a password is none: they would end up in the browser's history.
    """
    text = unicodedata.normalize("NFKC", written.strip())
    if not text or len(text) > _MAX:
        return None
    parsed = _parsed(text)
    if parsed is None or parsed.username or parsed.password:
        return None
    return f"{parsed.origin}{reader.page.sub('', parsed.pathname)}".rstrip("/")


def _parsed(text: str) -> ada_url.URL | None:
    if _SCHEME.match(text):
        url = resolve(text, "about:blank", FETCH_SCHEMES)
    else:
        url = resolve(f"https://{text}", "about:blank", FETCH_SCHEMES)
        if url and _is_private(ada_url.URL(url).hostname):
            url = resolve(f"http://{text}", "about:blank", FETCH_SCHEMES)
    return ada_url.URL(url) if url else None


def _is_private(host: str) -> bool:
    """Whether only a private network knows that host, where certificates are rare. `host` is a URL's."""
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_NAMES)
