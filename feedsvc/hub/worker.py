"""The delivery worker: claims what is due, sends it in threads, and saves the outcomes. Any number of workers may run.

It keeps nothing that a crash could lose. A row is due while its tag is not the current one of its feed, and the claim
of a worker that was killed ends by itself, so each subscriber gets the current version at least once.
"""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Final

from feedsvc.errors import RequestError, StoreError, UnknownFacet
from feedsvc.hub.in_flight import InFlight, Kind
from feedsvc.hub.pings import Pings
from feedsvc.hub.self_test import SelfTester
from feedsvc.hub.sending import DEADLINE_SECONDS, Postponed, Send, deliver, verify
from feedsvc.hub.versions import CurrentDocument, Documents, FeedGone, Outdated
from feedsvc.model import Site
from feedsvc.store import Store
from feedsvc.store.subscriptions import Delivered, Delivery, Subscriptions, Verification
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.hub")

TICK_SECONDS: Final = 0.02
# How often the rows are asked for work that other processes or time made.
POLL_SECONDS: Final = 0.2
# A claim outlives the request that it is for. What waits longer for a thread is given back before.
CLAIM_SECONDS: Final = 30.0
START_SECONDS: Final = CLAIM_SECONDS - DEADLINE_SECONDS - 5.0
# Rendering is interrupted after this time, so that deliveries go on while many feeds are rendered.
RENDER_SECONDS: Final = 0.1
# Outcomes are saved together: each commit waits for the disk.
RECORD_SECONDS: Final = 0.1
MAX_UNRECORDED: Final = 200
HOUSEKEEPING_SECONDS: Final = 30.0
# A feed that cannot be rendered (its topic is missing) is tried again after this time, or at the next commit.
BROKEN_SECONDS: Final = 60.0


class DeliveryWorker:
    """Delivers for one store. `send` is `outgoing.send` with its settings; `threads` is the most requests at once."""

    def __init__(
        self, store: Store, subscriptions: Subscriptions, send: Send, threads: int, *, tests_itself: bool = True
    ) -> None:
        self._store, self._subscriptions, self._send = store, subscriptions, send
        self._threads = threads
        self._documents, self._outdated = Documents(store), Outdated()
        self._site: Site | None = None
        self._outcomes: deque[Delivered | Postponed] = deque()
        self._in_flight = InFlight(threads)
        self._pings = Pings(store, subscriptions, send)
        self._self_tester = SelfTester(subscriptions, send) if tests_itself else None
        self._warning, self._outage = OneWarning(log), OneWarning(log)
        self._is_urgent, self._has_more = True, False
        self._next = {"poll": 0.0, "record": 0.0, "housekeeping": 0.0}

    def run(self, stop: Event) -> None:
        """Work until `stop` is set; what is being sent then is waited for, and what waits for a thread given back."""
        self._stop = stop
        signal = self._store.commit_signal()
        with closing(signal), ThreadPoolExecutor(self._threads + 1, "delivery") as self._pool:
            while not stop.is_set():
                try:
                    if signal.has_changed():
                        self._follow_commits()
                    self._render_some()
                    self._record()
                    self._housekeep()
                    self._claim()
                except StoreError as error:
                    self._outage.warn(f"{error} (nothing is delivered until this is corrected; it is tried again)")
                    signal.reset()
                    stop.wait(1.0)
                else:
                    self._warning.clear()
                    self._outage.clear("the hub delivers again")
                    stop.wait(TICK_SECONDS)
        self._record(is_last=True)

    @property
    def _is_on(self) -> bool:
        """Whether the publication has this hub."""
        return self._site is not None and self._site.hub.enabled

    def _follow_commits(self) -> None:
        """Note what the last commits touched."""
        with self._store.read() as snapshot:
            self._site = snapshot.site()
            self._outdated.follow(snapshot)
        if self._outdated.at is not None:
            self._pings.follow(self._site, self._outdated.at)
        self._is_urgent = True

    def _render_some(self) -> None:
        """Render feeds that were touched, for a short time, and save their versions."""
        end = time.monotonic() + RENDER_SECONDS
        while self._is_on and time.monotonic() < end and (feed := self._outdated.take()) is not None:
            try:
                self._render(feed)
            except StoreError:
                self._outdated.put_back(feed)
                raise
            self._is_urgent = True

    def _render(self, feed: str) -> CurrentDocument | None:
        """Render a feed and save its version. Return None if it cannot be rendered, or a later version is known."""
        try:
            document = self._documents.render(feed)
        except FeedGone as gone:
            number = self._subscriptions.verifications.end_feed(feed, str(gone), time.time())
            log.info("%s: closed; %s subscriptions end", feed, number)
            return None
        except (RequestError, UnknownFacet) as error:
            log.warning("%s: cannot be delivered: %s (its subscriptions stay)", feed, error)
            return None
        return document if self._save_version(feed, document) else None

    def _save_version(self, feed: str, document: CurrentDocument) -> bool:
        """Save the version of a feed. Return False if another worker has rendered a later one."""
        self._outdated.rendered(feed, document.made_of)
        now = time.time()
        return self._subscriptions.deliveries.put_version(
            feed, document.tag, document.version, now, min(document.changed_at, now)
        )

    def _record(self, *, is_last: bool = False) -> None:
        """Save outcomes, if there are many or the last time is long enough ago."""
        now = time.monotonic()
        if not self._outcomes or not (is_last or now >= self._next["record"] or len(self._outcomes) >= MAX_UNRECORDED):
            return
        outcomes = [self._outcomes.popleft() for _ in range(len(self._outcomes))]
        try:
            done = [each for each in outcomes if isinstance(each, Delivered)]
            if done:
                self._subscriptions.deliveries.record(done, time.time())
            for each in outcomes:
                if isinstance(each, Postponed):
                    self._subscriptions.deliveries.release([each.delivery], each.at)
        except StoreError:
            # They are saved when that is possible again, as long as the claims are there.
            self._outcomes.extendleft(reversed(outcomes))
            raise
        self._next["record"] = now + RECORD_SECONDS

    def _housekeep(self) -> None:
        """End leases, and look for feeds that are subscribed to for the first time."""
        if not self._is_on or time.monotonic() < self._next["housekeeping"]:
            return
        self._subscriptions.deliveries.end_leases(time.time())
        self._subscriptions.deliveries.forget_unused()
        self._outdated.know(self._subscriptions.deliveries.feeds())
        if self._site is not None and self._self_tester is not None:
            # It waits for what the other threads do, so it has one of its own.
            self._pool.submit(self._guarded, self._self_tester.run_if_due, self._site)
        self._next["housekeeping"] = time.monotonic() + HOUSEKEEPING_SECONDS

    def _claim(self) -> None:
        """Claim what is due, and begin to send it."""
        is_time = self._is_urgent or time.monotonic() >= self._next["poll"]
        if self._site is None or not (is_time or self._has_more):
            return
        now = time.time()
        until = now + CLAIM_SECONDS
        if is_time:
            self._is_urgent = False
            self._next["poll"] = time.monotonic() + POLL_SECONDS
            for hub in self._pings.claim(now):
                self._start("other", self._pings.tell, hub, self._site)
        if not self._is_on:
            return
        if is_time:
            for request in self._subscriptions.verifications.claim(now, until, self._in_flight.room("other")):
                self._verify(request)
            room = self._in_flight.room("again")
            self._deliver("again", self._subscriptions.deliveries.claim(now, until, room, again=True))
        if room := self._in_flight.room("first"):
            claimed = self._subscriptions.deliveries.claim(now, until, room, again=False)
            self._has_more = len(claimed) == room
            self._deliver("first", claimed)

    def _verify(self, request: Verification) -> None:
        """Begin to verify a claimed request; deny it where the feed does not exist any more."""
        assert self._site is not None
        if request.mode == "subscribe" and self._outdated.add(request.feed):
            try:
                document = self._documents.render(request.feed)
            except (FeedGone, RequestError, UnknownFacet) as error:
                self._subscriptions.verifications.deny(request, str(error))
                return
            self._save_version(request.feed, document)
        self._start("other", verify, self._send, request, self._site.base_url, self._subscriptions)

    def _deliver(self, kind: Kind, claimed: list[Delivery]) -> None:
        """Begin to send claimed deliveries, or give them back where the feed cannot be rendered."""
        for delivery in claimed:
            document = self._documents.find(delivery.feed, delivery.tag) or self._render(delivery.feed)
            if document is None:
                self._subscriptions.deliveries.release([delivery], time.time() + BROKEN_SECONDS)
                continue
            self._start(kind, self._send_in_time, delivery, document)

    def _send_in_time(self, delivery: Delivery, document: CurrentDocument) -> None:
        """Send a delivery, unless it waited for so long that its claim may end meanwhile, or the worker ends."""
        if self._stop.is_set() or time.time() > delivery.claimed_until - CLAIM_SECONDS + START_SECONDS:
            self._outcomes.append(Postponed(delivery, 0.0))
            return
        self._outcomes.append(deliver(self._send, delivery, document))

    def _start(self, kind: Kind, work: Callable[..., None], *given: object) -> None:
        self._in_flight.begin(kind)
        self._pool.submit(self._counted, kind, work, *given)

    def _counted(self, kind: Kind, work: Callable[..., None], *given: object) -> None:
        try:
            self._guarded(work, *given)
        finally:
            self._in_flight.end(kind)

    def _guarded(self, work: Callable[..., None], *given: object) -> None:
        """Do work in a thread. What fails unforeseen is logged; its claim ends by itself."""
        try:
            work(*given)
        except StoreError as error:
            self._warning.warn(str(error))
        except Exception as error:
            self._warning.warn(f"a request of the hub failed: {type(error).__name__}: {error}", error)
