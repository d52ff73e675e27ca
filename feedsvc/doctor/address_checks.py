"""Checks of the address: that it answers, redirects, HTTPS, the certificate, the other name, the clock."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from feedsvc.doctor.client import PORTS, REDIRECTS, BadRedirect, NoResponse
from feedsvc.doctor.result import DEPLOY, MONITOR, SITE, Result, error, ok, skipped, warning
from feedsvc.doctor.visit import Visit, http_date
from feedsvc.slices.slice import ALL
from feedsvc.urls import Addresses

MAX_SKEW: Final = timedelta(seconds=60)
# Let's Encrypt's certificates are renewed 30 days before they end, or after two thirds of a shorter life.
SOON: Final = timedelta(days=7)
_PERMANENT: Final = (301, 308)


def check_address(visit: Visit) -> Iterator[Result]:
    """The feed of everything answers at the address. All other checks from outside need this."""
    if visit.note:
        yield warning(visit.note, 'write base_url = "https://…" in site.toml before you publish', SITE)
    asked, visit.unreachable = visit.feed_url, True
    try:
        hops = visit.client.follow(asked)
    except BadRedirect as fault:
        remedy = "let the proxy redirect http to https and other names to that of base_url, and nothing else"
        yield error(str(fault), remedy)
        return
    except NoResponse as fault:
        yield error(str(fault), "start the server and the proxy, and check the name in DNS and the firewall", DEPLOY)
        return
    last = hops[-1]
    if last.status != 200:
        remedies = {
            429: "the limit of requests is reached: wait a minute, and run it again",
            503: "the server is not ready: read its log, and see feedsvc status",
        }
        remedy = remedies.get(last.status, "let the proxy pass all paths below base_url to feedsvc")
        yield error(f"{last.url} answers {last.status}", remedy)
        return
    path = asked.removeprefix(visit.base_url)
    if len(hops) > 1 and not last.url.endswith(path):
        yield error(f"{asked} redirects to {last.url}", "redirect to the same path at another host, or not at all")
        return
    visit.unreachable = False
    if len(hops) > 1:
        visit.base_url = last.url.removesuffix(path)
        yield warning(
            f"{asked} redirects to {last.url}; the other checks are of {visit.base_url}",
            f'write base_url = "{visit.base_url}" in site.toml, so that no reader needs the redirect',
            SITE,
        )
    else:
        yield ok(f"{asked} answers 200")


def check_https(visit: Visit) -> Iterator[Result]:
    """The address is https, and http redirects to it for good."""
    parts = urlsplit(visit.base_url)
    if visit.is_loopback:
        yield skipped(f"{visit.base_url} is an address of this machine")
    elif parts.scheme == "http":
        remedy = "get a certificate, and write https:// in base_url; many readers refuse http"
        yield warning(f"{visit.base_url} is not HTTPS", remedy)
    elif parts.port not in (None, PORTS["https"]):
        yield skipped(f"port {parts.port} has no counterpart for http")
    else:
        asked = Addresses(f"http://{visit.base_url.partition('://')[2]}").feed(ALL, "atom")
        remedy = "let the proxy listen on port 80 and redirect (301) each path to the same one with https"
        try:
            first = visit.client.get(asked)
        except NoResponse as fault:
            yield warning(f"{fault}; old links and typed addresses begin with http://", remedy)
            return
        target = first.field("Location")
        if target != visit.feed_url or first.status not in REDIRECTS:
            yield error(f"{asked} answers {first.status} {target[:200]}".strip(), remedy)
        elif first.status not in _PERMANENT:
            yield warning(f"{asked} redirects with {first.status}, so readers keep the old address", remedy)
        else:
            yield ok(f"http redirects to https ({first.status})")


def check_certificate(visit: Visit) -> Iterator[Result]:
    """The certificate is valid for the host, and does not end soon."""
    found = visit.client.certificates.get(visit.host)
    if not visit.base_url.startswith("https:") or found is None:
        yield skipped("no HTTPS")
        return
    remedy = "renew the certificate (certbot renew, with a hook that reloads the proxy), with the whole chain in it"
    left = found.ends - datetime.now(UTC) if found.ends else None
    if found.fault:
        yield error(f"the certificate of {visit.host} is not valid: {found.fault}", remedy)
    elif left is not None and found.ends is not None and left < SOON:
        yield warning(f"the certificate ends in {left.days} days, on {found.ends:%Y-%m-%d}", remedy)
    else:
        yield ok(f"the certificate is valid until {found.ends:%Y-%m-%d}" if found.ends else "the certificate is valid")


def check_other_name(visit: Visit) -> Iterator[Result]:
    """The name with www, or without it, leads to the address, if it exists."""
    parts, host = urlsplit(visit.base_url), visit.host
    is_number = False
    with suppress(ValueError):
        is_number = bool(ipaddress.ip_address(host))
    if is_number or visit.is_loopback or parts.port not in (None, PORTS[parts.scheme]):
        yield skipped("only a name with the usual port has a counterpart")
        return
    other = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    try:
        socket.getaddrinfo(other, PORTS[parts.scheme], type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield ok(f"{other} has no address")
        return
    asked = Addresses(f"{parts.scheme}://{other}{parts.path}").feed(ALL, "atom")
    remedy = f"let the proxy redirect (301) {other} to {host}, with a certificate for both names"
    try:
        last = visit.client.follow(asked)[-1]
    except (NoResponse, BadRedirect) as fault:
        yield warning(str(fault), remedy)
        return
    fault_of_name = visit.client.certificates.get(other)
    if fault_of_name is not None and fault_of_name.fault and parts.scheme == "https":
        yield warning(f"the certificate of {other} is not valid: {fault_of_name.fault}", remedy)
    elif last.url != visit.feed_url:
        yield warning(f"{asked} leads to {last.url} ({last.status}), not to {visit.feed_url}", remedy)
    else:
        yield ok(f"{other} leads to {host}")


def check_protocols(visit: Visit) -> Iterator[Result]:
    """Which of HTTP/2 and IPv6 the server offers; neither is a fault."""
    if visit.base_url.startswith("https:"):
        offered = visit.client.application_protocol(visit.feed_url)
        yield ok("HTTP/2 is offered" if offered == "h2" else "HTTP/1.1 only (http2 of the proxy makes pages faster)")
    else:
        yield skipped("browsers speak HTTP/2 with HTTPS alone")
    try:
        found = socket.getaddrinfo(visit.host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        yield skipped(f"{visit.host} has no address")
        return
    versions = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}
    named = sorted({versions[family] for family, *_ in found if family in versions})
    yield ok(f"{visit.host} has addresses of {' and '.join(named)}")


def check_clock(visit: Visit) -> Iterator[Result]:
    """Date of the responses agrees with the clock of this machine."""
    response = visit.feed()
    dated = http_date(response.field("Date"))
    if dated is None:
        yield warning("the response has no Date", "let the proxy send Date (RFC 9110 §6.6.1)")
        return
    age = response.field("Age")
    # A cache keeps the Date of the origin, and says in Age how long ago that was (RFC 9111 §4.2.3).
    skew = response.at - dated - timedelta(seconds=int(age) if age.isdecimal() and len(age) < 10 else 0)
    if abs(skew) > MAX_SKEW:
        seconds = abs(round(skew.total_seconds()))
        way = "behind" if skew > timedelta() else "ahead of"
        remedy = "synchronize the clocks (timedatectl set-ntp true): articles are published at the server's time"
        yield error(f"the server's clock is {seconds} s {way} the one of this machine", remedy, MONITOR)
    else:
        yield ok("the server's clock agrees with the one of this machine")
