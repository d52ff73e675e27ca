"""The table of all checks, and `examine`, which runs them in its order."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from feedsvc.doctor.address_checks import (
    check_address,
    check_certificate,
    check_clock,
    check_https,
    check_other_name,
    check_protocols,
)
from feedsvc.doctor.cache_checks import (
    check_age,
    check_cache_control,
    check_compression,
    check_conditions,
    check_cookies,
    check_cors,
    check_etag,
    check_freshness,
    check_head,
    check_vary,
)
from feedsvc.doctor.client import LimitReached, NoResponse
from feedsvc.doctor.crawler_checks import check_closed, check_probes, check_robots, check_sitemap
from feedsvc.doctor.feed_checks import (
    check_feeds,
    check_hub,
    check_links,
    check_media,
    check_publication,
    check_readers,
    check_unknown_feed,
)
from feedsvc.doctor.machine_checks import (
    check_deliveries,
    check_disks,
    check_inotify,
    check_open_files,
    check_store,
    check_writer,
)
from feedsvc.doctor.result import DEPLOY, Result, error, skipped
from feedsvc.doctor.visit import Visit

CACHING: Final = "caching"
MACHINE: Final = "machine"


@dataclass(frozen=True, slots=True)
class Check:
    """A check: its name, the group in which it is shown, and the function that yields its results."""

    name: str
    group: str
    run: Callable[[Visit], Iterator[Result]]


CHECKS: Final = (
    Check("address", "address", check_address),
    Check("https", "address", check_https),
    Check("certificate", "address", check_certificate),
    Check("other-name", "address", check_other_name),
    Check("protocols", "address", check_protocols),
    Check("clock", "address", check_clock),
    Check("publication", "feeds", check_publication),
    Check("feeds", "feeds", check_feeds),
    Check("links", "feeds", check_links),
    Check("readers", "feeds", check_readers),
    Check("unknown-feed", "feeds", check_unknown_feed),
    Check("media", "feeds", check_media),
    Check("hub", "feeds", check_hub),
    Check("etag", CACHING, check_etag),
    Check("conditions", CACHING, check_conditions),
    Check("compression", CACHING, check_compression),
    Check("vary", CACHING, check_vary),
    Check("cache-control", CACHING, check_cache_control),
    Check("age", CACHING, check_age),
    Check("freshness", CACHING, check_freshness),
    Check("head", CACHING, check_head),
    Check("cors", CACHING, check_cors),
    Check("robots", "crawlers and monitors", check_robots),
    Check("sitemap", "crawlers and monitors", check_sitemap),
    Check("probes", "crawlers and monitors", check_probes),
    Check("closed", "crawlers and monitors", check_closed),
    # After all others, since it is about their responses.
    Check("cookies", "crawlers and monitors", check_cookies),
    Check("store", MACHINE, check_store),
    Check("writer", MACHINE, check_writer),
    Check("deliveries", MACHINE, check_deliveries),
    Check("disks", MACHINE, check_disks),
    Check("inotify", MACHINE, check_inotify),
    Check("open-files", MACHINE, check_open_files),
)


def examine(visit: Visit) -> Iterator[tuple[Check, Result]]:
    """Yield the results of all checks, in the order of the table, as they are found.

    Without a response at the address, the other checks from outside are skipped; without a publication on this machine,
    those of the machine are.
    """
    for check in CHECKS:
        try:
            if check.group == MACHINE and visit.settings is None:
                yield check, skipped(visit.why_elsewhere)
            elif check.group != MACHINE and visit.unreachable:
                yield check, skipped("the address does not answer with the feed")
            elif check.group == CACHING and visit.is_page:
                yield check, skipped("the feed is a page; the check of readers names the reason")
            else:
                yield from ((check, result) for result in check.run(visit))
        except LimitReached as limit:
            yield check, skipped(str(limit))
        except NoResponse as fault:
            yield check, error(str(fault), "read the logs of the server and of the proxy", DEPLOY)


def as_json(found: list[tuple[Check, Result]], base_url: str) -> dict[str, Any]:
    """Return the results for scripts."""
    results = [{"check": check.name, "group": check.group, **asdict(result)} for check, result in found]
    return {"url": base_url, "errors": sum(each.status == "error" for _, each in found), "results": results}
