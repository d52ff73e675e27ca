"""What `POST /hub` takes (WebSub §5.1): a form is read, checked, and kept until its sender is verified."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from feedsvc.errors import BadParameter, HubRefusal, UnknownFacet
from feedsvc.hub.destination import Refused, check_literal
from feedsvc.hub.feed_urls import feed_of_url
from feedsvc.store import Store
from feedsvc.store.subscriptions import Verification

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 100
# §5.1: 'This parameter MUST be less than 200 bytes in length.'
MAX_SECRET_BYTES: Final = 199
MIN_LEASE_SECONDS: Final = 300
MAX_LEASE_SECONDS: Final = 30 * 86400
# §8.2: '10 days is a good default'.
DEFAULT_LEASE_SECONDS: Final = 10 * 86400
MODES: Final = ("subscribe", "unsubscribe")
# Parameters that may be given once. 'Hubs MUST ignore additional request parameters they do not understand.'
_KNOWN: Final = ("hub.callback", "hub.mode", "hub.topic", "hub.lease_seconds", "hub.secret")


def form_of(content_type: str, body: bytes) -> dict[str, str]:
    """Return the parameters of a form, by name. Raises HubRefusal with what is wrong, and what to do."""
    media_type, _, parameters = content_type.partition(";")
    if media_type.strip().lower() != FORM:
        raise HubRefusal(f"the Content-Type is {media_type.strip()[:80]!r} (send a form: {FORM})", 415)
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if parameters.strip().lower().startswith("charset=") and charset not in ("utf-8", "utf8"):
        raise HubRefusal(f"the charset is {charset[:40]!r} (send UTF-8)", 415)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError as error:
        cure = f"send at most {MAX_FIELDS} parameters in UTF-8, percent-encoded"
        raise BadParameter(f"the form cannot be read ({cure})") from error
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in _KNOWN and name in found:
            raise BadParameter(f"{name} is given twice (send it once)")
        found[name] = value
    return found


def request_of(form: Mapping[str, str], store: Store, now: float, *, allow_loopback: bool) -> Verification:
    """Return the request of a subscriber in a form, at `now` in seconds since 1970 (UTC).

    Raises BadParameter and what `feed_of_url` raises, with the parameter and what to send instead.
    """
    for name in ("hub.mode", "hub.callback", "hub.topic"):
        if not form.get(name):
            raise BadParameter(f"{name} is missing (send hub.mode, hub.callback and hub.topic)")
    mode = form["hub.mode"]
    if mode not in MODES:
        raise BadParameter(f"hub.mode: unknown {mode[:40]!r} (send subscribe or unsubscribe)")
    callback, topic = form["hub.callback"], form["hub.topic"]
    try:
        check_literal(callback, allow_loopback=allow_loopback)
    except Refused as error:
        raise BadParameter(f"hub.callback: {error} (send the public address of your subscriber)") from error
    secret = form.get("hub.secret")
    if secret is not None and not 1 <= len(secret.encode()) <= MAX_SECRET_BYTES:
        raise BadParameter("hub.secret: must be of 1 to 199 bytes (send 32 random letters and digits, for example)")
    with store.read() as snapshot:
        try:
            feed = feed_of_url(topic, snapshot).path
        except UnknownFacet as error:
            raise BadParameter(f"hub.topic: {error}") from error
    return Verification(
        feed=feed,
        callback=callback,
        topic=topic,
        host=urlsplit(callback).hostname or "",
        mode="subscribe" if mode == "subscribe" else "unsubscribe",
        secret=secret,
        lease_seconds=_lease_of(form.get("hub.lease_seconds")) if mode == "subscribe" else 0,
        requested_at=now,
    )


def _lease_of(written: str | None) -> int:
    """Return the seconds of a lease: what is asked for, within the limits of this hub."""
    if not written:
        return DEFAULT_LEASE_SECONDS
    if not (written.isascii() and written.isdigit() and int(written[:12]) > 0):
        raise BadParameter(
            f"hub.lease_seconds: {written[:40]!r} is not a positive number (send 864000, or leave it away)"
        )
    return min(max(int(written[:12]), MIN_LEASE_SECONDS), MAX_LEASE_SECONDS)
