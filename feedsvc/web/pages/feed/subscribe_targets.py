"""The feed readers on the web, and the URL that adds a feed to each. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final
from urllib.parse import quote

import ada_url

from feedsvc.urls import FETCH_SCHEMES, resolve

# A name before a colon and digits is a host with a port, not a scheme: "localhost:8080".
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")
_MAX: Final = 500
# Domains that no public server has: RFC 6761, RFC 6762, RFC 8375, and those that ICANN has reserved.
_PRIVATE_NAMES: Final = (".localhost", ".local", ".home.arpa", ".internal", ".lan")
_NEVER: Final = re.compile(r"(?!)")


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's name, and the prefix of the URL that adds a feed; the feed's own URL follows it percent-encoded.

    `page` matches the end of the path of the reader's own pages, for a self-hosted reader, which may be below any path.
    """

    name: str
    prefix: str
    page: re.Pattern[str] = _NEVER

    def adding(self, feed: str, at: str = "") -> str:
        """Return the URL that adds the feed at the URL `feed`; `at` is the URL of a self-hosted reader."""
        return f"{at}{self.prefix}{quote(feed, safe='')}"


HOSTED: Final = (
    Reader("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    Reader("Inoreader", "https://www.inoreader.com/?add_feed="),
    Reader("NewsBlur", "https://www.newsblur.com/?url="),
    Reader("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
    # Its programs for computers and phones register the scheme; its website has no such URL.
    Reader("Folo", "follow://add?type=url&url="),
)
# Programs that register the scheme `feed:`, and readers that take an address by hand alone.
PROGRAMS: Final = ("NetNewsWire", "Reeder")
BY_HAND: Final = ("Readwise Reader",)
# Readers that people run themselves, each at its own URL.
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
    """Return the `feed:` URL that opens a feed in a program on the user's machine."""
    return f"feed:{feed}"


def own_address(written: str, reader: Reader) -> str | None:
    """Return the URL of a self-hosted reader, without a slash at its end; None where `written` is no such URL.

    It is parsed as browsers parse URLs. A URL without a scheme is https, on a private network http. Full-width letters
    count as letters. The query, the fragment and the path of the reader's own pages are removed. A URL with a user name
    or a password is refused: the browser's history would contain them.
    """
    text = unicodedata.normalize("NFKC", written.strip())
    if not text or len(text) > _MAX:
        return None
    if _SCHEME.match(text):
        url = resolve(text, "about:blank", FETCH_SCHEMES)
    else:
        url = resolve(f"https://{text}", "about:blank", FETCH_SCHEMES)
        if url and _is_private(ada_url.URL(url).hostname):
            url = resolve(f"http://{text}", "about:blank", FETCH_SCHEMES)
    parsed = ada_url.URL(url) if url else None
    if parsed is None or parsed.username or parsed.password:
        return None
    return f"{parsed.origin}{reader.page.sub('', parsed.pathname)}".rstrip("/")


def _is_private(host: str) -> bool:
    """Return whether the host of a URL is on a private network, where few servers have certificates."""
    try:
        return not ip_address(host.strip("[]")).is_global
    except ValueError:
        return "." not in host or host.endswith(_PRIVATE_NAMES)
