"""The requests that a hub sends: their URLs, header fields and signatures. Pure."""

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Final
from urllib.parse import quote, urlencode

from feedsvc import __version__
from feedsvc.hub.versions import CurrentDocument
from feedsvc.store.subscriptions import Verification

# Deliveries are slow from here on; those to the same subscriber no longer make others wait.
SLOW_SECONDS: Final = 2.0


def with_parameters(callback: str, pairs: Sequence[tuple[str, str]]) -> str:
    """Return a callback with parameters added to its query.

    WebSub §5.1.1: 'Hubs MUST preserve the query string during subscription verification by appending new parameters to
    the end of the list using the & (ampersand) character to join.'
    """
    url = callback.partition("#")[0]
    added = urlencode(pairs, quote_via=quote, safe="")
    if "?" not in url:
        return f"{url}?{added}"
    return f"{url}{added}" if url.endswith(("?", "&")) else f"{url}&{added}"


def verification_url(request: Verification, challenge: str) -> str:
    """Return the URL that verifies a request (WebSub §5.3), or that tells a denial (§5.2)."""
    pairs = [("hub.mode", request.mode), ("hub.topic", request.topic)]
    if request.mode == "denied":
        return with_parameters(request.callback, [*pairs, ("hub.reason", request.reason)])
    pairs.append(("hub.challenge", challenge))
    # 'Hubs MUST supply this parameter when hub.mode is set to "subscribe".'
    if request.mode == "subscribe":
        pairs.append(("hub.lease_seconds", str(request.lease_seconds)))
    return with_parameters(request.callback, pairs)


def user_agent(base_url: str) -> str:
    """Return who sends the requests: subscribers allow and count hubs by it."""
    return f"feedsvc/{__version__} (WebSub hub; +{base_url}/)"


def link_field(hubs: Sequence[str], self_url: str) -> str:
    """Return the Link of a delivery (WebSub §7): 'The Hub SHOULD combine these headers into a single Link Header.'"""
    return ", ".join([*(f'<{hub}>; rel="hub"' for hub in hubs), f'<{self_url}>; rel="self"'])


def delivery_fields(document: CurrentDocument, secret: str | None) -> Mapping[str, str]:
    """Return the header fields of a delivery of a document, with a signature if the subscription has a secret."""
    fields = {
        "Content-Type": document.media_type,
        "Link": link_field(document.hubs, document.self_url),
        "User-Agent": user_agent(document.base_url),
    }
    if secret is not None:
        # §7.1: 'the HMAC algorithm with the request body as the data and the hub.secret as the key'.
        signature = hmac.new(secret.encode(), document.body, sha256).hexdigest()
        fields["X-Hub-Signature"] = f"sha256={signature}"
    return fields
