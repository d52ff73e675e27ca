"""/hub: requests for subscriptions (WebSub §5.1), and the callback of the hub's self-test."""

import time
from ipaddress import ip_network
from typing import Final

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.errors import BadParameter, HubRefusal, UnknownResource
from feedsvc.hub.limits import SubscriptionLimits, source_of
from feedsvc.hub.subscriptions import MAX_FORM_BYTES, form_of, request_of
from feedsvc.model import Site
from feedsvc.web.context import context

blueprint = Blueprint("hub", __name__)
TEXT: Final = "text/plain; charset=utf-8"
_NOT_STORED: Final = {"Cache-Control": "no-store"}
# A proxy on this machine or in its network says who the client is. Other clients there are known to the operator,
# and can only evade the limit by source: those of callback hosts stay.
_TRUSTED: Final = tuple(
    map(
        ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"),
    )
)
# A challenge of ours is shorter.
_MAX_CHALLENGE: Final = 200
# In bytes; the feed of all articles with its site's settings is smaller.
_MAX_DOCUMENT: Final = 8 * 1024 * 1024
_LIMITS: Final = SubscriptionLimits()


@blueprint.route(routes.HUB.rule, methods=["GET", "POST"])
def hub() -> Response:
    """Accept a request of a subscriber (POST), or say what this address is to people who open it (GET)."""
    if request.method == "POST":
        return _subscribe()
    site = _site()
    says = (
        f"the WebSub hub of {site.base_url}/: subscribe by POST with hub.mode, hub.topic and hub.callback "
        f"(https://www.w3.org/TR/websub/); its feeds are listed at {site.addresses.opml}\n"
    )
    return Response(says, content_type=TEXT, headers=_NOT_STORED)


def _subscribe() -> Response:
    """Accept a request (202), which a delivery worker verifies; otherwise say what is wrong, and what to do."""
    _site()
    settings = context().settings
    # Without a Content-Length, it shows while it is read.
    is_larger = (request.content_length or 0) > MAX_FORM_BYTES
    body = b"" if is_larger else request.stream.read(MAX_FORM_BYTES + 1)
    if is_larger or len(body) > MAX_FORM_BYTES:
        raise HubRefusal(f"the form has more than {MAX_FORM_BYTES:,} bytes (send the parameters of WebSub alone)", 413)
    form = form_of(request.content_type or "", body)
    asked = request_of(form, context().store, time.time(), allow_loopback=bool(settings.hub_allow_loopback))
    source = source_of(request.remote_addr or "", request.headers.get("X-Forwarded-For", ""), _TRUSTED)
    seconds = _LIMITS.admit(source, asked.host)
    if seconds:
        says = "too many requests for subscriptions from your address or for this host (wait, and send it again)\n"
        headers = {**_NOT_STORED, "Retry-After": str(int(seconds) + 1)}
        return Response(says, 429, content_type=TEXT, headers=headers)
    try:
        context().subscriptions.verifications.add(asked, settings.hub_feeds)
    finally:
        _LIMITS.done(source, asked.host)
    says = f"accepted: it will be verified at {asked.host}, and then counts\n"
    return Response(says, 202, content_type=TEXT, headers=_NOT_STORED)


@blueprint.route(routes.HUB_SELF_TEST.rule, methods=["GET", "POST"])
def self_test(token: str) -> Response:
    """Take part in a self-test of the hub, as a subscriber would: a verification (GET), then a delivery (POST)."""
    return _receive(token) if request.method == "POST" else _verify(token)


def _verify(token: str) -> Response:
    """Confirm the subscription of a self-test that runs, as WebSub §5.3 wants it."""
    challenge = request.args.get("hub.challenge", "")
    if not challenge or len(challenge) > _MAX_CHALLENGE or not challenge.isascii():
        raise BadParameter("hub.challenge is missing (only the hub's self-test uses this address)")
    if not context().subscriptions.self_tests.verified(token, time.time()):
        raise UnknownResource("no such self-test runs")
    # §5.3: 'a safe Media Type', against reflected scripts; nosniff is in every response.
    return Response(challenge, content_type="application/octet-stream", headers=_NOT_STORED)


def _receive(token: str) -> Response:
    """Take the delivery of a self-test."""
    tests = context().subscriptions.self_tests
    running = tests.find(token)
    # Before the body is read, which strangers could make large.
    if running is None or running.problem is not None:
        raise UnknownResource("no such self-test runs")
    tests.delivered(token, request.stream.read(_MAX_DOCUMENT), request.headers.get("X-Hub-Signature", ""), time.time())
    return Response(status=204, headers=_NOT_STORED)


def _site() -> Site:
    """Return the publication. Raises UnknownResource if it has no hub of its own, StoreError."""
    with context().store.read() as snapshot:
        site = snapshot.site()
    if not site.hub.enabled or context().settings.drafts:
        raise UnknownResource("this publication has no hub of its own (its feeds name others, if there are any)")
    return site
