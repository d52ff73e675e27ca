"""Tell the hubs of others which feeds a commit touched, so that they fetch and deliver these."""

import time
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlencode

from feedsvc.errors import RequestError, UnknownFacet
from feedsvc.feeds.formats import FORMATS
from feedsvc.hub.feed_urls import HubFeed, feed_at
from feedsvc.hub.messages import user_agent
from feedsvc.hub.outgoing import Busy, Failed, Refused
from feedsvc.hub.schedule import RETRY_SECONDS, next_attempt, retry_after
from feedsvc.hub.sending import DEADLINE_SECONDS, Send
from feedsvc.hub.subscriptions import FORM
from feedsvc.model import Site
from feedsvc.slices.grammar import slices
from feedsvc.store import Store, Version
from feedsvc.store.facets import made_of
from feedsvc.store.subscriptions import OutsideHub, Subscriptions
from feedsvc.terminal import logger

log = logger("feedsvc.hub")

# Requests to one hub, one after the other, take this long at the most; the claim is longer.
MAX_SECONDS: Final = 60.0
CLAIM_SECONDS: Final = MAX_SECONDS + 2 * DEADLINE_SECONDS


class Pings:
    """The pings of one worker. `follow` and `claim` are for its main thread, `tell` for any."""

    def __init__(self, store: Store, subscriptions: Subscriptions, send: Send) -> None:
        self._store, self._subscriptions, self._send = store, subscriptions, send
        self._hubs: tuple[str, ...] | None = None
        self._at: Version | None = None

    def follow(self, site: Site, version: Version) -> None:
        """Note the hubs of the publication, and its last commit."""
        if site.hub.also != (self._hubs or ()):
            self._subscriptions.outside.keep(site.hub.also, version)
            self._hubs = site.hub.also
        self._at = version

    def claim(self, now: float) -> list[OutsideHub]:
        """Claim the hubs that are to be told of commits."""
        if not self._hubs or self._at is None:
            return []
        return self._subscriptions.outside.claim(self._at, now, now + CLAIM_SECONDS)

    def tell(self, hub: OutsideHub, site: Site) -> None:
        """Send one request for each feed that was touched since the hub was told last. Save the outcome."""
        with self._store.read() as snapshot:
            version = snapshot.version()
            touched = snapshot.touched_since(Version(hub.epoch, hub.commits, hub.seq))
        feeds = [each for each in self._feeds(site) if touched.includes(made_of(each.slice))]
        end, retry_at = time.monotonic() + MAX_SECONDS, 0.0
        problem = ""
        for feed in feeds:
            if time.monotonic() > end:
                problem = "it takes too long"
                break
            problem, retry_at = self._ping(hub.url, site.addresses.absolute(feed.path), site.base_url)
            if problem:
                break
        if problem:
            failures = min(hub.attempts + 1, len(RETRY_SECONDS))
            log.warning("%s: cannot be told of changes: %s (it is tried again)", hub.url, problem)
            self._subscriptions.outside.failed(hub, problem, max(next_attempt(failures, time.time()), retry_at))
        else:
            self._subscriptions.outside.told(hub, version, len(feeds))

    def _ping(self, hub: str, url: str, base_url: str) -> tuple[str, float]:
        """Tell a hub of one feed, in the way of Google's, Superfeedr's and Switchboard's. Return what failed, or ""."""
        body = urlencode([("hub.mode", "publish"), ("hub.url", url), ("hub.topic", url)]).encode()
        fields = {"Content-Type": FORM, "User-Agent": user_agent(base_url)}
        try:
            reply = self._send("POST", hub, body=body, headers=fields, deadline_seconds=DEADLINE_SECONDS)
        except Busy as error:
            return str(error), time.time() + error.seconds
        except (Failed, Refused) as error:
            return str(error), 0.0
        if 200 <= reply.status < 300:
            return "", 0.0
        return f"it answers {reply.status} for {url}", retry_after(reply.headers.get("Retry-After"), time.time())

    def _feeds(self, site: Site) -> Iterator[HubFeed]:
        """Yield the feeds of all topics in all formats, and further ones that somebody subscribes to here."""
        known = {HubFeed(slice_, suffix) for slice_ in slices(site) for suffix in FORMATS}
        for path in self._subscriptions.deliveries.feeds() if site.hub.enabled else ():
            try:
                known.add(feed_at(path))
            except (RequestError, UnknownFacet):
                continue
        yield from sorted(known, key=lambda each: each.path)
