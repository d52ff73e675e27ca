"""The self-test: the hub subscribes to one of its feeds at its public address, and waits for the delivery."""

import secrets
import time
from typing import Final
from urllib.parse import urlencode

from feedsvc.hub.feed_urls import HubFeed
from feedsvc.hub.messages import user_agent
from feedsvc.hub.outgoing import Busy, Failed, Refused
from feedsvc.hub.schedule import HOUR
from feedsvc.hub.sending import DEADLINE_SECONDS, Send
from feedsvc.hub.subscriptions import FORM, MIN_LEASE_SECONDS
from feedsvc.model import Site
from feedsvc.slices.slice import Slice
from feedsvc.store.subscriptions import SelfTest, Subscriptions
from feedsvc.store.subscriptions.values import key_of
from feedsvc.terminal import logger

log = logger("feedsvc.hub")

INTERVAL_SECONDS: Final = HOUR
# After the first failures in a row: the worker may be up before the server or the proxy is.
_AGAIN_SECONDS: Final = (10.0, 60.0, 600.0)
# For all of it: the subscription, its verification and the delivery.
MAX_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.1
# Readers subscribe to this one most.
FEED: Final = HubFeed(Slice(), "atom")


class SelfTester:
    """Tests the hub at its start and hourly. The results are rows; changes are logged."""

    def __init__(self, subscriptions: Subscriptions, send: Send) -> None:
        self._subscriptions, self._send = subscriptions, send
        self._due, self._failures = 0.0, 0
        self._problem: str | None = None

    def run_if_due(self, site: Site) -> None:
        """Run a self-test if the last one is an hour ago; sooner after failures. Raises StoreUnavailable."""
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + INTERVAL_SECONDS
        found = self._run(site)
        self._failures = self._failures + 1 if found.problem else 0
        if 1 <= self._failures <= len(_AGAIN_SECONDS):
            self._due = time.monotonic() + _AGAIN_SECONDS[self._failures - 1]
        if found.problem != self._problem and found.problem:
            log.warning("the hub could not test itself: %s", found.problem)
        elif found.problem != self._problem and found.seconds is not None:
            log.info("the hub delivered to itself within %.1f s of a subscription", found.seconds)
        self._problem = found.problem

    def _run(self, site: Site) -> SelfTest:
        token, secret, tests = secrets.token_urlsafe(16), secrets.token_urlsafe(32), self._subscriptions.self_tests
        callback = site.addresses.hub_self_test(token)
        key = key_of(FEED.path, callback)
        tests.begin(token, secret, time.time())
        problem = self._subscribe(site, callback, secret)
        if problem:
            tests.fail(token, problem)
        end, is_marked = time.monotonic() + MAX_SECONDS, False
        try:
            while (found := tests.find(token)) is not None and found.problem is None:
                if time.monotonic() > end:
                    where = "the delivery" if found.verified_at else "the verification of the subscription"
                    tests.fail(token, f"{where} did not arrive within {MAX_SECONDS:g} s at {site.addresses.hub}")
                elif found.verified_at and not is_marked:
                    is_marked = self._subscriptions.deliveries.redeliver(key)
                time.sleep(_LOOK_SECONDS)
        finally:
            self._subscriptions.deliveries.end(key)
        assert found is not None
        return found

    def _subscribe(self, site: Site, callback: str, secret: str) -> str:
        """Send the subscription. Return why it is not possible, or ""."""
        hub = site.addresses.hub
        pairs = {
            "hub.mode": "subscribe",
            "hub.topic": site.addresses.absolute(FEED.path),
            "hub.callback": callback,
            "hub.secret": secret,
            "hub.lease_seconds": str(MIN_LEASE_SECONDS),
        }
        fields = {"Content-Type": FORM, "User-Agent": user_agent(site.base_url)}
        try:
            reply = self._send(
                "POST", hub, body=urlencode(pairs).encode(), headers=fields, deadline_seconds=DEADLINE_SECONDS
            )
        except (Busy, Failed, Refused) as error:
            return f"not possible: {hub} cannot be reached from this machine: {error}"
        if reply.status == 202:
            return ""
        said = " ".join(reply.body[:200].decode("utf-8", "replace").split())
        return f"not possible: {hub} answers {reply.status}: {said}"
