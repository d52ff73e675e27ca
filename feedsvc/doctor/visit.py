"""What the checks of one run share: the address, the client, the local publication, and documents that several read."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import brotli
from lxml import etree

from feedsvc.config import Settings, is_loopback
from feedsvc.doctor.client import MAX_BODY_BYTES, NO_FIELDS, Client, Response
from feedsvc.model import Site
from feedsvc.slices.slice import ALL
from feedsvc.syntax.nesting import load_json
from feedsvc.urls import FETCH_SCHEMES, Addresses, resolve

ATOM: Final = "{http://www.w3.org/2005/Atom}"
HTML: Final = ("text/html", "application/xhtml+xml")


class BadCoding(Exception):
    """A body that is not what Content-Encoding says."""


@dataclass
class Visit:
    """One run. `base_url` has no trailing slash; the check of the address replaces it where it redirects.

    `settings` are those of this machine, None if the publication is not of this machine; `why_elsewhere` says why.
    `site` is the local publication. `note` is a remark about the address, "" if there is none.
    """

    base_url: str
    settings: Settings | None = None
    site: Site | None = None
    why_elsewhere: str = ""
    note: str = ""
    client: Client = field(default_factory=Client)
    unreachable: bool = False

    @property
    def addresses(self) -> Addresses:
        return Addresses(self.base_url)

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def is_loopback(self) -> bool:
        """Whether the address is one of this machine alone."""
        return is_loopback(self.host)

    @property
    def feed_url(self) -> str:
        """The address of the Atom feed of everything, on which most checks are done."""
        return self.addresses.feed(ALL, "atom")

    def feed(self, fields: Mapping[str, str] = NO_FIELDS, *, again: bool = False, method: str = "GET") -> Response:
        """Return the response for `feed_url`. Raises NoResponse and LimitReached."""
        return self.client.get(self.feed_url, fields, again=again, method=method)

    @property
    def is_page(self) -> bool:
        """Whether a page is sent at the address of the feed."""
        return self.feed().media_type in HTML

    @cached_property
    def atom(self) -> etree._Element | None:
        """The root of the Atom feed; None if the response is none."""
        root = parsed(self.feed())
        return root if root is not None and root.tag == f"{ATOM}feed" else None

    @cached_property
    def rss(self) -> etree._Element | None:
        """The root of the RSS feed; None if the response is none."""
        root = parsed(self.client.get(self.addresses.feed(ALL, "rss")))
        return root if root is not None and root.tag == "rss" else None

    @cached_property
    def json_feed(self) -> dict[str, Any] | None:
        """The JSON Feed of everything; None if the response is none."""
        try:
            found = load_json(decoded(self.client.get(self.addresses.feed(ALL, "json"))))
        except (ValueError, BadCoding):
            return None
        return found if isinstance(found, dict) and isinstance(found.get("items"), list) else None

    @property
    def json_items(self) -> list[dict[str, Any]]:
        """The items of the JSON Feed; empty if the response is none."""
        return [each for each in (self.json_feed or {}).get("items", []) if isinstance(each, dict)]

    @cached_property
    def listed_feeds(self) -> list[str]:
        """The HTTP addresses of the feeds in the OPML list, in their normal form; empty if the response is none."""
        root = parsed(self.client.get(self.addresses.opml))
        urls = [str(each.get("xmlUrl")) for each in root.iter("outline")] if root is not None else []
        return [url for each in urls if (url := resolve(each, each, FETCH_SCHEMES)) is not None]


def parsed(response: Response) -> etree._Element | None:
    """Return the root of an XML document from a foreign server; None for all others."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(decoded(response), parser) if response.status == 200 else None
    except (etree.XMLSyntaxError, ValueError, BadCoding):
        return None


def decoded(response: Response) -> bytes:
    """Return the body without its content coding (RFC 9110 §8.4). Raises BadCoding."""
    coding = response.field("Content-Encoding").lower()
    if coding in ("", "identity"):
        return response.body
    try:
        if coding in ("gzip", "x-gzip"):
            gzip = zlib.decompressobj(zlib.MAX_WBITS | 16)
            body, complete = gzip.decompress(response.body, MAX_BODY_BYTES), gzip.eof
        elif coding == "br":
            decompressor = brotli.Decompressor()
            body = decompressor.process(response.body, output_buffer_limit=MAX_BODY_BYTES)
            complete = decompressor.is_finished()
        else:
            raise BadCoding(f"the content coding is {coding[:80]!r}, which nobody asked for")
    except (zlib.error, brotli.error) as fault:
        raise BadCoding(f"the body is not {coding}") from fault
    # brotli takes its limit as a hint.
    if not complete or len(body) > MAX_BODY_BYTES:
        raise BadCoding(f"the body is cut short, or has more than {MAX_BODY_BYTES:,} bytes without its coding")
    return bytes(body)


def http_date(text: str) -> datetime | None:
    """Return the time of an HTTP date (RFC 9110 §5.6.7) in UTC; None for anything else."""
    try:
        found = parsedate_to_datetime(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError):
        return None
