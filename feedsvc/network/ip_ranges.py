"""The special-purpose ranges of IPv4 and IPv6 addresses, to which a foreign party must not be able to direct a request.

`ipaddress.is_global` differs between the Python releases that feedsvc supports (3.11.10 and 3.12.4 changed it), and
knows neither NAT64 nor addresses of IPv6 that contain an address of IPv4.
"""

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

# IANA IPv4 Special-Purpose Address Registry (RFC 6890), where "Globally Reachable" is not true, with its anycast
# addresses in 192.0.0.0/24. The last one is public by number, and on virtual machines of Azure an inner service.
_V4: Final = tuple(
    (IPv4Network(network), name)
    for network, name in (
        ("0.0.0.0/8", "unspecified (this network)"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "shared (carrier-grade NAT)"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved for IETF protocols"),
        ("192.0.2.0/24", "for documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"),
        ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("168.63.129.16/32", "an inner service of a cloud"),
    )
)
# IANA IPv6 Special-Purpose Address Registry, and all ranges that contain or translate to an address of IPv4.
_V6: Final = tuple(
    (IPv6Network(network), name)
    for network, name in (
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("::ffff:0:0/96", "IPv4-mapped"),
        ("::ffff:0:0:0/96", "IPv4-translated"),
        ("::/96", "IPv4-compatible"),
        ("64:ff9b::/96", "NAT64"),
        ("64:ff9b:1::/48", "local NAT64"),
        ("100::/64", "discard-only"),
        ("100:0:0:1::/64", "a dummy prefix"),
        ("2001::/32", "Teredo"),
        ("2001:2::/48", "for benchmarks"),
        ("2001::/23", "reserved for IETF protocols"),
        ("2001:db8::/32", "for documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "for documentation"),
        ("5f00::/16", "for segment routing"),
        ("fc00::/7", "private (unique local)"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
# IANA has allocated global unicast addresses from this range only (RFC 4291 §2.4, IPv6 Global Unicast Registry).
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
# The second half of an ISATAP address is this and an address of IPv4 (RFC 5214 §6.1).
_ISATAP: Final = (0x00005EFE, 0x02005EFE)


@lru_cache(maxsize=4096)
def special_range(address: IPv4Address | IPv6Address) -> str:
    """Return what the address is reserved for, in words: "private", "NAT64". "" for an address of the open Internet."""
    if isinstance(address, IPv4Address):
        return next((name for network, name in _V4 if address in network), "")
    if address.scope_id is not None:
        return "link-local (it has a zone)"
    found = next((name for network, name in _V6 if address in network), "")
    if not found and address not in _GLOBAL_UNICAST:
        return "reserved"
    if not found and (int(address) >> 32) & 0xFFFFFFFF in _ISATAP:
        return "ISATAP"
    return found
