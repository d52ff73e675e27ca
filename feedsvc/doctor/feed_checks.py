"""Checks of the feeds: that each answers, what is in them, and that a reader never gets a page."""

import secrets
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Final
from urllib.parse import unquote, urlsplit

from feedsvc import routes
from feedsvc.doctor.client import NoResponse
from feedsvc.doctor.result import DEPLOY, HUB, MONITOR, PROXY, SITE, Result, error, ok, skipped, warning
from feedsvc.doctor.visit import ATOM, HTML, Visit
from feedsvc.feeds.feed import feed_id
from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.subscriptions import FORM
from feedsvc.slices.slice import ALL, Slice
from feedsvc.urls import id_of

# The proxy limits requests, so a large publication is checked in part.
MAX_TOPICS: Final = 20
_BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
_PAGES: Final = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
# Clients that must get the document, with the header fields by which servers judge them.
READERS: Final[Mapping[str, Mapping[str, str]]] = {
    "curl": {"User-Agent": "curl/8.14.1"},
    "a feed reader": {
        "User-Agent": "NetNewsWire (RSS Reader; https://netnewswire.com/)",
        "Accept": "application/atom+xml, application/rss+xml, application/feed+json, text/html;q=0.5, */*;q=0.1",
    },
    "a feed reader that is called a browser": {"User-Agent": _BROWSER, "Accept": _PAGES},
    "a script in a browser": {"User-Agent": _BROWSER, "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "cors"},
}
_NAVIGATION: Final = {
    "User-Agent": _BROWSER,
    "Accept": _PAGES,
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
}


def check_publication(visit: Visit) -> Iterator[Result]:
    """The three formats and the OPML list are of one publication: the local one, if there is one."""
    if visit.is_page:
        yield skipped("the feed is a page; the check of readers names the reason")
        return
    documents = {"Atom": visit.atom, "RSS": visit.rss, "JSON Feed": visit.json_feed}
    unreadable = [name for name, document in documents.items() if document is None]
    if visit.atom is None or unreadable:
        remedy = "let the proxy keep bodies as they are (no rewriting, no minifying), and pass base_url to feedsvc"
        yield error(f"what is sent as {' and '.join(unreadable)} cannot be read as that", remedy)
        return
    found = visit.atom.findtext(f"{ATOM}id", "")
    remedy = "let the proxy pass base_url to the server of this publication, and empty its cache"
    ending = feed_id_ending()
    if visit.site is not None and found != feed_id(visit.site, Slice()):
        told = f"the feed has the id {found[:200]}, and site.toml gives {feed_id(visit.site, Slice())}"
        yield error(f"another publication answers: {told}", f"{remedy}; tag_authority must never change", SITE)
        return
    if not (found.startswith("tag:") and found.endswith(ending)):
        yield error(f"the feed has the id {found[:200]}, which is none of feedsvc", remedy)
        return
    authority = found.removeprefix("tag:").removesuffix(ending)
    ids = {id_of(str(entry.findtext(f"{ATOM}id")), authority) for entry in visit.atom.iter(f"{ATOM}entry")}
    others = {str(item.get("id")) for item in visit.json_items}
    lists = routes.FEED.path(name=ALL, suffix="")
    # A cache may have the formats of different times, but not of different publications.
    if ids and others and not ids & others:
        yield error("the Atom feed and the JSON Feed have no article in common", remedy)
    elif not any(urlsplit(url).path.rpartition(".")[0].endswith(lists.rstrip(".")) for url in visit.listed_feeds):
        yield error(f"{visit.addresses.opml} does not list the feed of all articles", remedy)
    else:
        yield ok(f"{found} in Atom, JSON Feed and OPML")


def feed_id_ending() -> str:
    """Return what the id of every publication's feed of everything ends with."""
    return f":{routes.FEEDS.removeprefix('/')}/{ALL}"


def check_feeds(visit: Visit) -> Iterator[Result]:
    """Each topic's feed answers 200 in each format, with its media type."""
    names = [ALL, *(topic.name for topic in visit.site.topics)] if visit.site is not None else []
    if not names:
        prefix, listed = urlsplit(visit.base_url).path + routes.FEED.prefix, map(urlsplit, visit.listed_feeds)
        paths = [each.path.removeprefix(prefix) for each in listed if each.path.startswith(prefix)]
        names = list(dict.fromkeys([ALL, *(unquote(path.rpartition(".")[0]) for path in paths)]))
    checked, faults, pages = 0, 0, 0
    for name in names[: MAX_TOPICS + 1]:
        for suffix, format_ in FORMATS.items():
            url = visit.addresses.feed(name, suffix)
            response = visit.client.get(url) if name == ALL else visit.client.get(url, {"Accept-Encoding": "gzip"})
            checked += 1
            if response.status == 429:
                yield error(f"{url} answers 429", "the limit of requests is reached: wait a minute, and run it again")
                return
            if response.status == 200 and response.media_type in HTML:
                pages += 1
                continue
            if response.status != 200 or response.media_type != format_.media_type:
                faults += 1
                told = f"{url} answers {response.status} {response.media_type}, not 200 {format_.media_type}"
                yield error(told, "let the proxy pass the path to feedsvc and keep Content-Type")
    if pages:
        yield skipped(f"{pages} of {checked} feeds are pages; the check of readers names the reason")
    elif not faults:
        yield ok(f"{checked} feeds answer 200 with their media types")
    if len(names) > MAX_TOPICS + 1:
        yield skipped(f"the feeds of {len(names) - MAX_TOPICS - 1} more topics are not checked")


def check_links(visit: Visit) -> Iterator[Result]:
    """Feeds name themselves and their articles below the address."""
    if visit.atom is None:
        yield skipped("there is no Atom feed to read")
        return
    found = [str(each.get("href")) for each in visit.atom.findall(f"{ATOM}link") if each.get("rel") == "self"]
    for entry in visit.atom.iter(f"{ATOM}entry"):
        found += [str(each.get("href")) for each in entry.findall(f"{ATOM}link") if each.get("rel") == "alternate"]
    if visit.json_feed is not None:
        found.append(str(visit.json_feed.get("feed_url")))
        found += [str(item.get("url")) for item in visit.json_items]
    if visit.rss is not None:
        own = visit.rss.iterfind(f"channel/{ATOM}link")
        found += [str(each.get("href")) for each in own if each.get("rel") == "self"]
        found += [each.text or "" for each in visit.rss.iterfind("channel/item/link")]
    found += visit.listed_feeds
    others = [url for url in found if not url.startswith(f"{visit.base_url}/")]
    if others:
        told = f"{len(others)} of {len(found)} links do not begin with {visit.base_url}, such as {others[0][:200]}"
        yield error(told, f'write base_url = "{visit.base_url}" in site.toml, or check the address that it has', SITE)
    else:
        yield ok(f"{len(found)} links in feeds begin with {visit.base_url}")


def check_readers(visit: Visit) -> Iterator[Result]:
    """Readers of every name get the document; a browser that navigates gets a page."""
    remedy = "let the proxy pass Sec-Fetch-Dest, keep Vary, and send no reader a page, a challenge or a refusal"
    faults = 0
    # Once more after the page: a cache that ignores Vary has the page now.
    for name, fields in (*READERS.items(), ("", _NAVIGATION), ("a reader after a browser", READERS["curl"])):
        try:
            response = visit.feed(fields, again=True)
        except NoResponse as fault:
            faults += 1
            yield error(f"{name or 'a browser'} gets no response: {fault}", remedy)
            continue
        is_page = response.media_type in HTML
        if not name and not is_page:
            faults += 1
            told = f"a browser that opens {visit.feed_url} gets {response.media_type}, not the page"
            yield warning(told, "let the proxy pass Sec-Fetch-Dest, and the cache keep Vary")
        elif name and (is_page or response.status != 200):
            faults += 1
            yield error(f"{name} gets {response.status} {response.media_type} at {visit.feed_url}", remedy)
    if not faults:
        yield ok(f"{len(READERS)} kinds of readers get the feed, and a browser gets the page")


def check_unknown_feed(visit: Visit) -> Iterator[Result]:
    """A feed that does not exist is answered with 404."""
    url = visit.addresses.feed(f"no-such-topic-{secrets.token_hex(4)}", "atom")
    response = visit.client.get(url)
    if response.status == 404:
        yield ok("an unknown feed is answered with 404")
    else:
        remedy = "switch error pages of the proxy off for feedsvc (proxy_intercept_errors, error_page … =200)"
        yield error(f"a feed that does not exist is answered with {response.status}", remedy)


def check_media(visit: Visit) -> Iterator[Result]:
    """A media file is sent, and in parts to players that ask for one."""
    prefix = visit.addresses.media("")
    url = next((each for each in _named_urls(visit) if each.startswith(prefix)), None)
    if url is None:
        yield skipped("the newest articles have no file of this publication")
        return
    response = visit.client.get(url, {"Range": "bytes=0-0"})
    if response.status == 206 and len(response.body) == 1 and response.field("Content-Range").startswith("bytes 0-0/"):
        yield ok("media are sent, also in parts")
    elif response.status in (200, 206):
        remedy = "let the proxy pass Range, or set FEEDSVC_ACCEL, so that players can begin in the middle"
        yield warning(f"{url} answers {response.status} with {len(response.body)} bytes for a range of one", remedy)
    else:
        remedy = "run feedsvc sync; behind nginx, check that it can read the media folder (FEEDSVC_ACCEL)"
        yield error(f"{url} answers {response.status}", remedy, DEPLOY if response.status == 403 else MONITOR)


def _named_urls(visit: Visit) -> Iterator[str]:
    """Yield what may be the URL of a file in the JSON Feed: images, attachments, then attributes of the contents."""
    attached = [each for item in visit.json_items if isinstance(each := item.get("attachments"), list)]
    named = [item.get("image") for item in visit.json_items]
    named += [each.get("url") for attachments in attached for each in attachments if isinstance(each, dict)]
    yield from (each for each in named if isinstance(each, str))
    for item in visit.json_items:
        for key in ("content_html", "summary"):
            # Attributes are in double quotes. One of srcset begins with a URL and white space.
            parts = str(item.get(key, "")).split('"')
            yield from (unescape(words[0]) for part in parts if (words := part.split(maxsplit=1)))


def check_hub(visit: Visit) -> Iterator[Result]:
    """A hub for WebSub that the feed names is an HTTP address, and the publication's own one takes requests."""
    links = visit.atom.findall(f"{ATOM}link") if visit.atom is not None else []
    hubs = [str(each.get("href")) for each in links if each.get("rel") == "hub"]
    for each in hubs:
        if not each.startswith(("http://", "https://")):
            yield error(f"the hub {each[:200]} is no HTTP address", "correct the address of the hub", PROXY)
        elif each != visit.addresses.hub:
            yield ok(f"the feed names the hub {each[:200]}")
        else:
            # A form without parameters: the hub says which are missing, and does nothing.
            response = visit.client.get(each, {"Content-Type": FORM, "Content-Length": "0"}, method="POST")
            if response.status == 400 and b"hub.mode" in response.body:
                yield ok(f"the hub {each[:200]} takes requests of subscribers")
            else:
                remedy = "let the proxy pass POST to /hub, and the body of the response back"
                yield error(f"{each[:200]} answers {response.status} to a subscriber, not what is missing", remedy, HUB)
    if not hubs:
        yield skipped("no hub is configured: readers poll")
