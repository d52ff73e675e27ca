"""The parts of a URL that a stranger gave, and the rules for what is refused before its name is resolved."""

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import quote

import ada_url

from feedsvc.errors import FeedsvcError
from feedsvc.network.ip_ranges import special_range

MAX_URL_LENGTH: Final = 2048
# With the parameters of a verification: a topic or a reason in percent-encoding, a challenge.
MAX_SENT_URL_LENGTH: Final = 16 * 1024
MAX_HOST_LENGTH: Final = 253
PORTS: Final = {"http": 80, "https": 443}
FIRST_HIGH_PORT: Final = 1024
# Names that never lead to the open Internet (RFC 6761, 6762, 7686, 8375, and ICANN's reservation of "internal").
LOCAL_NAMES: Final = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".onion")
_SHAPE: Final = re.compile(r"(?P<scheme>[^:/?#]*)://(?P<authority>[^/?#]*)(?P<target>(?:[/?][^#]*)?)(?:#.*)?")
_AUTHORITY: Final = re.compile(r"(?P<host>\[[^\[\]]*\]|[^\[\]:]+)(?::(?P<port>[1-9][0-9]{0,4}))?", re.ASCII)
_NAME: Final = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*", re.ASCII)
_ASCII: Final = "".join(map(chr, range(0x21, 0x7F)))

Address = IPv4Address | IPv6Address


class Refused(FeedsvcError):
    """The hub sends no request to this URL. The message names the rule."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL in parts. `host` is an ASCII name in lower case, or an address without brackets, which is then `address`.

    `target` is path and query as they were written, with only characters outside ASCII percent-encoded.
    """

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None

    @property
    def authority(self) -> str:
        """The value of the Host header field (RFC 9110 §7.2)."""
        host = f"[{self.host}]" if isinstance(self.address, IPv6Address) else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def destination_of(url: str, *, allow_loopback: bool, max_length: int = MAX_URL_LENGTH) -> Destination:
    """Return the parts of a URL. Raises Refused for one that is refused as it is written, before its name is resolved.

    Only one spelling of each address is accepted, so that no two parsers disagree about the host (SSRF): no user
    information, no percent-encoding in the host, no dot at its end, IPv4 addresses as four decimal numbers.
    """
    if len(url) > max_length:
        raise Refused(f"the URL has more than {max_length:,} characters")
    if not url.isprintable() or " " in url or "\\" in url:
        raise Refused("the URL contains a control character, white space or a backslash")
    shape = _SHAPE.fullmatch(url)
    scheme = shape["scheme"].lower() if shape else ""
    if shape is None or scheme not in PORTS:
        raise Refused("the URL does not begin with http:// or https://")
    if "@" in shape["authority"] or "%" in shape["authority"]:
        raise Refused("the host contains user information, a zone or percent-encoding")
    parts = _AUTHORITY.fullmatch(shape["authority"])
    if parts is None:
        raise Refused("the URL has no valid host and port")
    host, address = _host_of(parts["host"])
    if address is not None and (rule := refusal(address, allow_loopback=allow_loopback)):
        raise Refused(rule)
    is_loopback_name = allow_loopback and f".{host}".endswith(".localhost")
    if f".{host}".endswith(LOCAL_NAMES) and not is_loopback_name:
        raise Refused(f"{host} is a name for local use")
    port = int(parts["port"] or PORTS[scheme])
    if port not in PORTS.values() and not FIRST_HIGH_PORT <= port <= 65535:
        raise Refused(f"port {port} is refused (80, 443 and {FIRST_HIGH_PORT} to 65535 are allowed)")
    target = shape["target"] if shape["target"].startswith("/") else f"/{shape['target']}"
    return Destination(scheme, host, port, quote(target, safe=_ASCII), address)


def check_literal(url: str, *, allow_loopback: bool) -> None:
    """Raise Refused for a URL that is refused as it is written: its address, port, scheme or spelling."""
    destination_of(url, allow_loopback=allow_loopback)


def refusal(address: Address, *, allow_loopback: bool) -> str:
    """Return why no connection is made to an address; "" if it is allowed."""
    special = special_range(address)
    if not special or (allow_loopback and special == "loopback"):
        return ""
    return f"{address} is {special}, not an address of the open Internet"


@lru_cache(maxsize=4096)
def _host_of(written: str) -> tuple[str, Address | None]:
    """Return the host as a name in ASCII, or as an address. Raises Refused if it is neither."""
    try:
        host = ada_url.URL(f"http://{written}/").hostname
        if host.startswith("["):
            return (found := IPv6Address(host[1:-1])).compressed, found
        numeric = host.rpartition(".")[2].isdecimal()
        address = IPv4Address(host) if numeric else None
    except (ValueError, UnicodeError):
        raise Refused("the host is neither a name nor an address") from None
    if address is not None and written != host:
        raise Refused(f"{host} is not written as four decimal numbers")
    if address is None and (len(host) > MAX_HOST_LENGTH or not _NAME.fullmatch(host)):
        raise Refused("the host is not a valid name (a dot at its end is refused)")
    return host, address
