"""The feeds that one can subscribe to: each current feed of a slice without search terms, in each format."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, unquote

from feedsvc import routes
from feedsvc.documents.feeds import FeedRequest
from feedsvc.errors import BadParameter, RenamedTopic, UnknownResource
from feedsvc.feeds.formats import format_named
from feedsvc.model import Site
from feedsvc.slices.grammar import parse, query
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.text import lowered
from feedsvc.tracking import is_ignored
from feedsvc.urls import FETCH_SCHEMES, Addresses, resolve

# In characters: an index of PostgreSQL takes no longer value.
MAX_URL = 2000
# What a feed's address may say to its page in a browser.
_OF_PAGES = ("ui", "view")


@dataclass(frozen=True, slots=True)
class HubFeed:
    """A feed with subscriptions. Two spellings of one URL are equal."""

    slice: Slice
    suffix: str

    @property
    def path(self) -> str:
        """Return the canonical path and query, below base_url: what a subscription is stored with."""
        return Addresses("").feed(self.slice.name, self.suffix, query(self.slice))

    @property
    def request(self) -> FeedRequest:
        """Return what the address asks for."""
        return FeedRequest(name=self.slice.name, suffix=self.suffix, slice=self.slice)

    def present(self, names: Mapping[str, str]) -> "HubFeed":
        """Return the feed with the present names of topics; `names` has them by former name."""

        def named(name: str) -> str:
            return names.get(lowered(name), name)

        slice_ = self.slice
        without = tuple((facet, named(value) if facet == "topic" else value) for facet, value in slice_.without)
        topic = named(slice_.topic) if slice_.topic else None
        topics = tuple(map(named, slice_.topics))
        return HubFeed(replace(slice_, topic=topic, topics=topics, without=without), self.suffix)


def feed_at(path: str) -> HubFeed:
    """Return the feed at a path with query, as `HubFeed.path` has it, in any spelling.

    Raises UnknownResource if there is no current feed at such a path, and BadParameter for its query.
    """
    place, _, asked = path.partition("?")
    name, dot, suffix = place.removeprefix(routes.FEED.prefix).rpartition(".")
    if not place.startswith(routes.FEED.prefix) or not dot or not name or "/" in name:
        raise UnknownResource(
            f"hub.topic: {place[:80]!r} is not the path of a current feed (take the link with rel=self of the feed)"
        )
    pairs = [pair for pair in parse_qsl(asked, keep_blank_values=True) if not is_ignored(pair[0])]
    slice_ = parse(unquote(name), [pair for pair in pairs if pair[0] not in _OF_PAGES])
    if slice_.terms:
        raise BadParameter("hub.topic: a search has no subscriptions (leave q away)")
    return HubFeed(slice_, format_named(suffix).suffix)


def feed_of_url(url: str, snapshot: Snapshot) -> HubFeed:
    """Return the feed of this publication at an absolute URL, by its topics' present names.

    Whether it is https does not matter: both lead to the same feed. Raises BadParameter, UnknownResource, GoneTopic,
    UnknownFacet.
    """
    site = snapshot.site()
    if len(url) > MAX_URL:
        raise BadParameter(f"hub.topic: longer than {MAX_URL} characters (shorten it)")
    resolved = resolve(url, "invalid:", FETCH_SCHEMES)
    if resolved is None:
        raise BadParameter(f"hub.topic: {url[:80]!r} is not a web address (write https://…)")
    rest, base = resolved.partition("://")[2].partition("#")[0], site.base_url.partition("://")[2]
    if not rest.startswith(f"{base}/"):
        example = site.addresses.feed("all", "atom")
        raise BadParameter(f"hub.topic: {url[:80]!r} is not of this publication (its feeds are like {example})")
    return present_feed(feed_at(rest.removeprefix(base)), snapshot, site)


def present_feed(feed: HubFeed, snapshot: Snapshot, site: Site) -> HubFeed:
    """Return a feed by its topics' present names. Raises UnknownResource, GoneTopic, BadParameter, UnknownFacet."""
    try:
        feed.request.check(snapshot, site)
    except RenamedTopic as error:
        feed = feed.present(error.names)
        feed.request.check(snapshot, site)
    return feed
