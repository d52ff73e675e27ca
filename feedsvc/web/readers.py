"""Feed readers on the web: the page of each where a feed is added. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import ada_url

from feedsvc.urls import FETCH_SCHEMES, resolve

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader's name, and the address that adds a feed: what goes before the feed's own, percent-encoded."""

    name: str
    prefix: str

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
    "miniflux": Reader("Miniflux", "/bookmarklet?uri="),
    "freshrss": Reader("FreshRSS", "/i/?c=feed&a=add&url_rss="),
}


def desktop(feed: str) -> str:
    """What a program on this machine takes over, if one does."""
    return f"feed:{feed}"


def own_address(written: str) -> str | None:
    """The address of somebody's own reader, without a slash at its end; None where it is none.

    It is read as browsers read it; without a scheme it is https. What stands behind a "?" or "#" goes. One with a name
    and a password is none: they would end up in the browser's history.
    """
    text = written.strip()
    if not text or len(text) > _MAX:
        return None
    url = resolve(text if _SCHEME.match(text) else f"https://{text}", "about:blank", FETCH_SCHEMES)
    if url is None:
        return None
    parsed = ada_url.URL(url)
    return None if parsed.username or parsed.password else f"{parsed.origin}{parsed.pathname}".rstrip("/")
