"""Checks of caching: validators, content codings, Vary, Cache-Control, the age of documents."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Final

from feedsvc.doctor.client import Response
from feedsvc.doctor.result import SITE, Result, error, ok, skipped, warning
from feedsvc.doctor.visit import BadCoding, Visit, decoded, http_date
from feedsvc.documents.cache_control import cache_control
from feedsvc.errors import StoreError
from feedsvc.slices.slice import Slice
from feedsvc.store import Store

CODINGS: Final = ("gzip", "br")
_AS_IT_IS: Final = (
    "let the proxy keep bodies, ETag and Content-Encoding as they are (gzip off, no brotli, no rewriting)"
)
# Few publications permit longer caching of feeds.
LONG: Final = timedelta(days=2)
# What caches say of themselves.
_CACHE_FIELDS: Final = ("X-Cache", "CF-Cache-Status", "X-Cache-Status", "Cache-Status", "Age")
# Beside the time that Cache-Control promises: for clocks and the time of a sync.
_TOLERANCE: Final = timedelta(seconds=120)


def check_etag(visit: Visit) -> Iterator[Result]:
    """The feed has a strong ETag, the same for the same document."""
    first, second = visit.feed(), visit.feed(again=True)
    tag = first.field("ETag")
    if not tag:
        yield error("the feed has no ETag, so every poll downloads all of it", _AS_IT_IS)
    elif tag != second.field("ETag") and first.body == second.body:
        remedy = "let all servers behind the address serve one store, and the proxy keep ETag"
        yield error(f"the same document has two ETags, {tag[:80]} and {second.field('ETag')[:80]}", remedy)
    elif tag.startswith("W/"):
        yield warning(f"the ETag is weak: {tag[:80]}", _AS_IT_IS)
    else:
        yield ok(f"the feed has the ETag {tag[:80]}")


def check_conditions(visit: Visit) -> Iterator[Result]:
    """A poll with the ETag or the date of the last one is answered with 304, with and without a coding."""
    remedy = "let the proxy pass If-None-Match and If-Modified-Since, and not change ETag and Last-Modified"
    done: list[str] = []
    faults = 0
    for coding in ("identity", "gzip"):
        response = visit.feed({"Accept-Encoding": coding})
        conditions = {"If-None-Match": response.field("ETag"), "If-Modified-Since": response.field("Last-Modified")}
        for name, value in conditions.items():
            if not value:
                continue
            answer = visit.feed({"Accept-Encoding": coding, name: value}, again=True)
            if answer.status == 304 and not answer.body:
                done.append(name)
            elif answer.field("ETag") == response.field("ETag") or answer.body == response.body:
                faults += 1
                told = f"a poll with {name} ({coding}) is answered with {answer.status}, not 304"
                yield error(f"{told}: every poll downloads the feed", remedy)
    if not visit.feed().field("Last-Modified"):
        yield error("the feed has no Last-Modified: readers that poll with a date download all of it", remedy)
    elif not faults:
        yield ok(f"304 for {' and '.join(dict.fromkeys(done))}") if done else skipped("there is nothing to poll with")


def check_compression(visit: Visit) -> Iterator[Result]:
    """gzip and br are sent to those who accept them, give the same document, and have ETags of their own."""
    plain = visit.feed()
    if plain.field("Content-Encoding"):
        told = f"a client that accepts identity alone gets {plain.field('Content-Encoding')[:80]}"
        yield error(told, f"{_AS_IT_IS}, and keep Vary in its cache")
        return
    for coding in CODINGS:
        response = visit.feed({"Accept-Encoding": coding})
        if response.field("Content-Encoding").lower() != coding:
            yield warning(f"{coding} is not sent to a client that accepts it", "let the proxy pass Accept-Encoding")
        elif fault := _fault_of_coding(visit, plain, response):
            yield error(f"{coding}: {fault}", _AS_IT_IS)
        else:
            yield ok(f"{coding} makes {len(response.body):,} bytes of {len(plain.body):,}")


def _fault_of_coding(visit: Visit, plain: Response, response: Response) -> str:
    """Return what is wrong with a response in a content coding; "" if nothing is."""
    try:
        body = decoded(response)
    except BadCoding as fault:
        return str(fault)
    # The feed may have changed between the two requests.
    if body != plain.body and body != visit.feed(again=True).body:
        return "the document is another one than without the coding"
    tag = response.field("ETag")
    if tag and tag == plain.field("ETag") and not tag.startswith("W/"):
        return f"two codings of the document have the same strong ETag {tag[:80]}"
    return ""


def check_vary(visit: Visit) -> Iterator[Result]:
    """Vary names what the response depends on."""
    named = visit.feed().tokens("Vary")
    missing = [name for name in ("Accept-Encoding", "Sec-Fetch-Dest") if name.lower() not in named]
    if missing:
        told = f"Vary does not name {' and '.join(missing)}: a cache gives readers what it got for browsers"
        yield error(told, "let the proxy and the CDN keep Vary")
    else:
        yield ok("Vary names Accept-Encoding and Sec-Fetch-Dest")


def check_cache_control(visit: Visit) -> Iterator[Result]:
    """Cache-Control is what the publication sends."""
    written = visit.feed().field("Cache-Control")
    found = visit.feed().tokens("Cache-Control")
    remedy = "let the proxy keep Cache-Control (no expires, no add_header; the CDN's browser TTL: respect headers)"
    expected = cache_control(visit.site.cache) if visit.site is not None else written
    if not {"max-age", "public"} <= set(found) or {"no-store", "no-cache", "private"} & set(found):
        yield error(f"Cache-Control is {written[:200] or 'missing'}: caches and readers do not keep the feed", remedy)
    elif visit.site is None and (_promised(visit.feed()) or timedelta()) > LONG:
        yield warning(f"Cache-Control is {written[:200]}: readers may see changes days later", remedy)
    elif written != expected:
        yield warning(f"Cache-Control is {written[:200]}, and site.toml gives {expected}", remedy, SITE)
    else:
        yield ok(f"Cache-Control is {written}")


def _promised(response: Response) -> timedelta | None:
    """Return how old a document from a cache may be; None if Cache-Control does not say it."""
    found = response.tokens("Cache-Control")
    values = [found.get(name, "") for name in ("max-age", "stale-while-revalidate")]
    if not values[0].isdecimal():
        return None
    return timedelta(seconds=sum(min(int(each[:10]), 10**8) for each in values if each.isdecimal()))


def check_age(visit: Visit) -> Iterator[Result]:
    """A cache serves no document that is older than Cache-Control allows."""
    response = visit.feed()
    told = ", ".join(f"{name}: {text[:80]}" for name in _CACHE_FIELDS if (text := response.field(name)))
    age, promised = response.field("Age"), _promised(response)
    if not age.isdecimal() or promised is None:
        yield ok(told or "the response does not come from a cache that gives its age")
    elif timedelta(seconds=min(int(age[:10]), 10**9)) > promised:
        remedy = "empty the cache, and let it keep feeds no longer than Cache-Control says"
        yield error(f"the feed is {age[:10]} s old, and may be {promised.total_seconds():.0f} s ({told})", remedy)
    else:
        yield ok(told)


def check_freshness(visit: Visit) -> Iterator[Result]:
    """What was published on this machine is visible from outside in the promised time."""
    response = visit.feed()
    served, promised = http_date(response.field("Last-Modified")), _promised(response) or timedelta()
    if visit.settings is None or served is None:
        yield skipped(visit.why_elsewhere or "the feed has no Last-Modified")
        return
    try:
        with closing(Store(visit.settings.store)) as store, store.read() as snapshot:
            published = snapshot.slices.last_change(Slice()).replace(microsecond=0)
    except StoreError as fault:
        yield skipped(f"the store cannot be read: {fault}")
        return
    waited = datetime.now(UTC) - published
    if served >= published:
        yield ok(f"the change of {published:%Y-%m-%d %H:%M:%S} UTC is visible")
    elif waited > promised + _TOLERANCE:
        told = f"readers see the state of {served:%Y-%m-%d %H:%M:%S} UTC, and the store has one of"
        remedy = "empty the cache, restart the server, and check that the proxy leads to the server of this store"
        yield error(f"{told} {published:%Y-%m-%d %H:%M:%S} UTC", remedy)
    else:
        yield ok(f"a change of {waited.total_seconds():.0f} s ago is not visible yet, which caches may do")


def check_head(visit: Visit) -> Iterator[Result]:
    """HEAD is answered as GET is, without a body."""
    whole, head = visit.feed(), visit.feed(method="HEAD")
    remedy = "let the proxy pass HEAD (limit_except GET HEAD); link checkers and some readers ask with it"
    if head.status != 200 or head.media_type != whole.media_type:
        yield error(f"HEAD is answered with {head.status} {head.media_type}", remedy)
    elif head.field("ETag") and whole.field("ETag") and head.field("ETag") != whole.field("ETag"):
        yield warning("HEAD has another ETag than GET", remedy)
    else:
        yield ok("HEAD has the header fields of GET")


def check_cors(visit: Visit) -> Iterator[Result]:
    """Scripts of other sites may read the feed, and poll it."""
    origin = {"Origin": "https://reader.example"}
    remedy = "let the proxy keep the Access-Control fields and pass OPTIONS"
    response = visit.feed(origin)
    if response.field("Access-Control-Allow-Origin") != "*":
        found = response.field("Access-Control-Allow-Origin")[:200] or "missing"
        yield error(f"Access-Control-Allow-Origin is {found}, so readers in browsers cannot read the feed", remedy)
        return
    if response.field("Access-Control-Allow-Credentials"):
        yield warning("Access-Control-Allow-Credentials is sent, which feedsvc never does", remedy)
    asked = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    before = visit.feed(origin | asked, method="OPTIONS")
    if before.status not in (200, 204) or "if-none-match" not in before.tokens("Access-Control-Allow-Headers"):
        yield warning(f"a preflight request is answered with {before.status}, so scripts cannot poll", remedy)
    elif "etag" not in response.tokens("Access-Control-Expose-Headers"):
        yield warning("Access-Control-Expose-Headers does not name ETag, so scripts cannot poll", remedy)
    else:
        yield ok("scripts of other sites may read and poll feeds")


def check_cookies(visit: Visit) -> Iterator[Result]:
    """No response sets a cookie."""
    setting = [each for each in visit.client.responses if each.field("Set-Cookie")]
    if setting:
        name = setting[0].field("Set-Cookie").partition("=")[0][:80]
        told = f"{len(setting)} of {len(visit.client.responses)} responses set a cookie ({name} at {setting[0].url})"
        remedy = "switch it off in the proxy or the CDN: caches keep no response with a cookie, and readers send none"
        yield warning(told, remedy)
    else:
        yield ok(f"none of {len(visit.client.responses)} responses sets a cookie")
