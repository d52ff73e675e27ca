"""Checks of what crawlers and monitors see: robots.txt, the sitemap, the probes, and what strangers must not see."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from lxml import etree

from feedsvc import routes
from feedsvc.doctor.result import DEPLOY, MONITOR, Result, error, ok, skipped, warning
from feedsvc.doctor.visit import Visit, parsed
from feedsvc.slices.slice import ALL

# RFC 9309 §2.5: a crawler reads at least 500 KiB.
MAX_ROBOTS: Final = 500 * 1024
_CLOSED: Final = (401, 403, 404)


def check_robots(visit: Visit) -> Iterator[Result]:
    """robots.txt forbids neither feeds nor pages, and names the sitemap."""
    parts = urlsplit(visit.base_url)
    # RFC 9309 §2.3: one file for a host, also where the publication is below a path.
    url = f"{parts.scheme}://{parts.netloc}{routes.ROBOTS.path()}"
    response = visit.client.get(url)
    remedy = "let the proxy pass the path to feedsvc, or remove the rule from the file or the CDN that sends it"
    if response.status != 200:
        yield warning(f"{url} answers {response.status}", remedy)
        return
    rules = RobotFileParser(url)
    try:
        rules.parse(response.body[:MAX_ROBOTS].decode("utf-8", "replace").splitlines())
    except ValueError as fault:
        # The parser takes paths for URLs.
        yield warning(f"{url} cannot be read: {fault}", remedy)
        return
    asked = [*(visit.addresses.feed(ALL, suffix) for suffix in ("atom", "rss", "json")), visit.addresses.home]
    forbidden = [each for each in asked if not rules.can_fetch("*", each)]
    if forbidden:
        yield error(f"{url} forbids {forbidden[0]}, so readers and search engines that obey it fetch nothing", remedy)
    if visit.addresses.sitemap not in (rules.site_maps() or []):
        yield warning(f"{url} does not name {visit.addresses.sitemap}", f"{remedy}, or add the line Sitemap: …")
    elif not forbidden:
        yield ok("robots.txt forbids nothing and names the sitemap")


def check_sitemap(visit: Visit) -> Iterator[Result]:
    """The sitemap, with its first part if it has parts, lists addresses of the publication alone."""
    url, number = visit.addresses.sitemap, 0
    for _ in range(2):
        response = visit.client.get(url)
        root = parsed(response)
        if root is None or etree.QName(root).localname not in ("urlset", "sitemapindex"):
            remedy = "let the proxy pass the path to feedsvc"
            yield error(f"{url} answers {response.status} {response.media_type}, which is no sitemap", remedy)
            return
        listed = [each.text or "" for each in root.iterfind("{*}*/{*}loc")]
        number += len(listed)
        others = [each for each in listed if not each.startswith(f"{visit.base_url}/")]
        if others:
            told = f"{len(others)} addresses of {url} do not begin with {visit.base_url}, such as {others[0][:200]}"
            yield error(told, f'write base_url = "{visit.base_url}" in site.toml')
            return
        if etree.QName(root).localname == "urlset" or not listed:
            break
        url = listed[0]
    yield ok(f"the sitemap lists {number} addresses of {visit.base_url}")


def check_probes(visit: Visit) -> Iterator[Result]:
    """The probes say that the process answers and is ready, where the proxy passes them."""
    for path in (routes.HEALTHZ.path(), routes.READYZ.path()):
        url = visit.addresses.absolute(path)
        response = visit.client.get(url)
        if response.status == 200 and "no-store" in response.tokens("Cache-Control"):
            yield ok(f"{path} answers 200")
        elif response.status == 200:
            remedy = "let the proxy keep Cache-Control: no-store: a monitor must see the state of now"
            yield warning(f"{path} answers 200, and may be cached", remedy)
        elif response.status in _CLOSED:
            yield skipped(f"{path} is not open to strangers ({response.status})")
        else:
            remedy = "read the log of the server, and see feedsvc status"
            yield error(f"{url} answers {response.status}", remedy, MONITOR)


def check_closed(visit: Visit) -> Iterator[Result]:
    """The figures for editors are not open to strangers."""
    for path in (routes.STATUS.path(), routes.METRICS.path()):
        url = visit.addresses.absolute(path)
        response = visit.client.get(url)
        if response.status in _CLOSED:
            yield ok(f"{path} is not open to strangers ({response.status})")
        elif response.status == 200:
            remedy = "let no proxy add the token to requests; set another FEEDSVC_STATUS_TOKEN"
            yield error(f"{url} is open to everybody", remedy, f"{DEPLOY}#monitor")
        else:
            yield warning(f"{url} answers {response.status}", "read the log of the server", MONITOR)
