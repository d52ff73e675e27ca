"""One request of a delivery worker, in a thread of its own: sent, and turned into what the worker has to remember."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from feedsvc.hub.messages import SLOW_SECONDS, delivery_fields, user_agent, verification_url
from feedsvc.hub.outgoing import Busy, Failed, Refused, Reply
from feedsvc.hub.schedule import RETRY_SECONDS, VERIFICATION_SECONDS, next_attempt, retry_after
from feedsvc.hub.versions import CurrentDocument
from feedsvc.store.subscriptions import Delivered, Delivery, Subscriptions, Verification
from feedsvc.terminal import logger

log = logger("feedsvc.hub")

# As `outgoing.send`: method, URL, body, header fields.
Send = Callable[..., Reply]
# Of a whole request, with its connection.
DEADLINE_SECONDS: Final = 10.0
GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Postponed:
    """A delivery that was not sent, since a limit for its host is reached; due again at `at`."""

    delivery: Delivery
    at: float


def deliver(send: Send, delivery: Delivery, document: CurrentDocument) -> Delivered | Postponed:
    """Send a document to a subscriber, and return the outcome. WebSub §7: the body of the response is ignored."""
    fields = delivery_fields(document, delivery.secret)
    asked_for, is_slow = 0.0, False
    try:
        reply = send("POST", delivery.callback, body=document.body, headers=fields, deadline_seconds=DEADLINE_SECONDS)
    except Busy as error:
        return Postponed(delivery, time.time() + max(error.seconds, 0.1))
    except (Failed, Refused) as error:
        reason = str(error)
    else:
        is_slow = reply.seconds > SLOW_SECONDS
        if 200 <= reply.status < 300:
            return Delivered(delivery=delivery, tag=document.tag, succeeded=True, is_slow=is_slow)
        if reply.status == GONE:
            log.info("%s: the subscription to %s is ended by 410", _shown(delivery.callback), delivery.feed)
            return Delivered(delivery=delivery, tag=document.tag, succeeded=False, gone=True)
        reason = f"it answers {reply.status}"
        asked_for = retry_after(reply.headers.get("Retry-After"), time.time())
    # The attempts at an earlier version are over.
    attempts = delivery.attempts + 1 if delivery.tried_tag in ("", document.tag) else 1
    at = next_attempt(attempts, time.time())
    log.debug("%s: %s of %s failed: %s", _shown(delivery.callback), document.tag, delivery.feed, reason)
    return Delivered(
        delivery=delivery,
        tag=document.tag,
        succeeded=False,
        next_attempt_at=at,
        retry_after_at=asked_for,
        attempts=min(attempts, len(RETRY_SECONDS) + 1),
    )


def verify(send: Send, request: Verification, base_url: str, subscriptions: Subscriptions) -> None:
    """Ask a subscriber whether it sent a request (WebSub §5.3), or tell it a denial (§5.2); save the outcome.

    'The hub MUST consider other server response codes (3xx, 4xx, 5xx) to mean that the verification request has
    failed.' Without any response it is tried again, a few times.
    """
    # §8.2: 'a random, single-use hub.challenge'.
    challenge, asked_at = secrets.token_urlsafe(32), time.time()
    url, kept = verification_url(request, challenge), subscriptions.verifications
    fields = {"User-Agent": user_agent(base_url)}
    try:
        reply = send("GET", url, headers=fields, deadline_seconds=DEADLINE_SECONDS)
    except Busy as error:
        kept.retry(request, time.time() + max(error.seconds, 0.1), is_attempt=False)
        return
    except Refused as error:
        log.info("%s: not asked: %s", _shown(request.callback), error)
        kept.drop(request, "refused")
        return
    except Failed as error:
        if request.attempts < len(VERIFICATION_SECONDS):
            kept.retry(request, next_attempt(request.attempts + 1, time.time(), VERIFICATION_SECONDS))
        else:
            log.info("%s: does not answer: %s", _shown(request.callback), error)
            kept.drop(request, "refused")
        return
    if request.mode == "denied":
        kept.drop(request, "denied")
    elif 200 <= reply.status < 300 and reply.body == challenge.encode():
        # §5.3: 'measured from the time the verification request was made'.
        kept.confirm(request, asked_at + request.lease_seconds, time.time())
    else:
        log.info("%s: the %s is not confirmed: %s", _shown(request.callback), request.mode, reply.status)
        kept.drop(request, "refused")


def _shown(callback: str) -> str:
    """Return a callback without its path and query, which are secrets of the subscriber."""
    scheme, separator, rest = callback.partition("://")
    return f"{scheme}{separator}{rest.partition('/')[0].partition('?')[0]}"
