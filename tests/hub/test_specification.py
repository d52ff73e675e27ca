"""Each MUST of WebSub (W3C Recommendation, 23 January 2018) for hubs and publishers, quoted above its test."""

import hashlib
import hmac
import time
from collections.abc import Callable
from io import BytesIO
from urllib.parse import quote

import pytest
from lxml import etree
from werkzeug.http import parse_options_header

from feedsvc.hub.destination import MAX_URL_LENGTH
from feedsvc.hub.subscriptions import MAX_FORM_BYTES
from tests.hub.harness import FEED, Hub
from tests.hub.subscribers import Answer, Callback, Received, confirm
from tests.live import wait_for

HUB = "https://example.org/hub"
ATOM = "{http://www.w3.org/2005/Atom}"


def links(field: str) -> list[tuple[str, str]]:
    """The targets and relations of a Link."""
    found = []
    for each in field.split(", "):
        target, parameters = parse_options_header(each)
        found.append((target.strip("<>"), parameters["rel"]))
    return found


def refuse(status: int, body: bytes = b"", fields: dict[str, str] | None = None) -> Callable[[Received], Answer]:
    """An answer to everything."""

    def answer(_request: Received) -> Answer:
        return status, fields or {}, body

    return answer


def pair(hub: Hub) -> tuple[Callback, Callback]:
    """Two callbacks: of the test, and of a subscriber by which one sees that a version was delivered."""
    other = hub.subscribers.callback("other")
    hub.subscribe("other")
    return hub.subscribers.callback("mine"), other


def refused(hub: Hub, number: int = 1) -> None:
    """Wait until so many requests are not confirmed."""
    wait_for(lambda: hub.total("refused") >= number, "a refused request", 120)


# §4 Discovery


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_discovery_by_header_fields(idle_hub: Hub, suffix: str) -> None:
    """'Publishers MUST implement at least one of them: Link Headers [with] at least one rel=hub as well as exactly one
    Link Header with rel=self'."""
    path = f"/feeds/chips.{suffix}"
    for method in ("get", "head"):
        found = links(getattr(idle_hub.client, method)(path).headers["Link"])
        assert [target for target, relation in found if relation == "hub"] == [HUB]
        assert [target for target, relation in found if relation == "self"] == [f"https://example.org{path}"]


def test_discovery_by_documents(idle_hub: Hub) -> None:
    """'If the topic is an XML based feed, publishers SHOULD use embedded link elements'."""
    for suffix in ("atom", "rss"):
        document = etree.fromstring(idle_hub.client.get(f"/feeds/chips.{suffix}?lang=en").data)
        found = [(each.get("rel"), each.get("href")) for each in document.iter(f"{ATOM}link")]
        assert found.count(("hub", HUB)) == 1
        own = [href for relation, href in found if relation == "self"]
        assert own == [f"https://example.org/feeds/chips.{suffix}?lang=en"]
    assert idle_hub.client.get("/feeds/chips.json").get_json()["hubs"] == [{"type": "WebSub", "url": HUB}]


# §5.1 Subscriber Sends Subscription Request


def test_the_form(idle_hub: Hub) -> None:
    """'This request MUST have a Content-Type header of application/x-www-form-urlencoded, MUST use UTF-8'."""
    form = f"hub.mode=subscribe&hub.callback={quote(idle_hub.subscribers.url('a'))}&hub.topic={quote(FEED)}"
    post = idle_hub.client.post
    assert post("/hub", data=form, content_type="application/x-www-form-urlencoded").status_code == 202
    assert post("/hub", data=form, content_type="application/x-www-form-urlencoded; charset=UTF-8").status_code == 202
    assert post("/hub", data=form, content_type="application/json").status_code == 415
    assert post("/hub", data=form, content_type="application/x-www-form-urlencoded; charset=big5").status_code == 415
    assert post("/hub", data=b"\xff", content_type="application/x-www-form-urlencoded").status_code == 400


def test_a_lease_of_an_unsubscription_is_ignored(hub: Hub) -> None:
    """'This parameter MAY be present for unsubscription requests and MUST be ignored by the hub in that case.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    assert hub.post(hub.subscribers.url("mine"), mode="unsubscribe", lease_seconds="-7").status_code == 202
    wait_for(lambda: hub.total("unsubscribed") == 1, "the unsubscription", 120)
    assert "hub.lease_seconds" not in dict(mine.verifications[-1].query)


def test_a_secret_is_shorter_than_200_bytes(idle_hub: Hub) -> None:
    """'This parameter MUST be less than 200 bytes in length.'"""
    callback = idle_hub.subscribers.url("a")
    assert idle_hub.post(callback, secret="x" * 199).status_code == 202
    answer = idle_hub.post(callback, secret="é" * 100)
    assert answer.status_code == 400
    assert answer.text.startswith("hub.secret: must be of 1 to 199 bytes")


def test_unknown_parameters(hub: Hub) -> None:
    """'Hubs MUST ignore additional request parameters they do not understand.'"""
    hub.subscribers.callback("mine")
    hub.subscribe("mine", foo="bar", verify="async", verify_token="x")
    assert len(hub.subscriptions()) == 1


def test_a_subscription_is_requested_again(hub: Hub) -> None:
    """'Hubs MUST allow subscribers to re-request subscriptions that are already activated.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine", secret="old", lease_seconds="300")
    before = hub.subscriptions()[0]
    hub.subscribe("mine", secret="new", lease_seconds="3000")
    (after,) = hub.subscriptions()
    assert after["lease_ends_at"] > before["lease_ends_at"] + 2000
    assert after["delivered_tag"] == before["delivered_tag"]
    hub.publish("second")
    hub.delivered(1)
    (delivery,) = mine.deliveries
    assert delivery.headers["X-Hub-Signature"] == signature(b"new", delivery.body)


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
def test_a_request_counts_when_it_is_verified(idle_hub: Hub, mode: str) -> None:
    """'Each subsequent request to a hub to subscribe or unsubscribe MUST override the previous subscription state for a
    specific topic URL and callback URL combination, but only once the action is verified.'"""
    idle_hub.subscribers.callback("mine")
    idle_hub.work()
    idle_hub.subscribe("mine", secret="old")
    idle_hub.stop.set()
    idle_hub.close()
    assert idle_hub.post(idle_hub.subscribers.url("mine"), mode=mode, secret="new").status_code == 202
    (row,) = idle_hub.subscriptions()
    assert row["secret"] == "old"


@pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
def test_a_failed_verification_changes_nothing(hub: Hub, mode: str) -> None:
    """'If verification fails, the subscription state MUST be left unchanged.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine", secret="old", lease_seconds="4000")
    before = hub.subscriptions()
    mine.answer = refuse(404)
    assert hub.post(hub.subscribers.url("mine"), mode=mode, secret="new", lease_seconds="300").status_code == 202
    refused(hub)
    assert hub.subscriptions() == before


@pytest.mark.parametrize(
    "spelled",
    [
        "https://example.org/feeds/%63hips.atom?%6Cang=en",
        "https://example.org/feeds/chips.atom?lang=en",
        "https://EXAMPLE.org:443/feeds/chips.atom?lang=EN&lang=en#top",
        "http://example.org/feeds/chips.atom?lang=en&utm_source=x",
        "https://example.org/feeds/all.atom?lang=en&topic=chips",
    ],
)
def test_spellings_of_one_feed(idle_hub: Hub, spelled: str) -> None:
    """'Hubs MUST always decode non-reserved characters for these URL parameters'."""
    assert idle_hub.post("http://127.0.0.1:8000/a", spelled).status_code == 202
    (request,) = idle_hub.rows.verifications.claim(time.time(), time.time() + 1, 9)
    assert (request.feed, request.topic) == ("/feeds/chips.atom?lang=en", spelled)


@pytest.mark.parametrize(("query", "joined"), [("", "?"), ("?foo=bar&red=fish", "&"), ("?hub.mode=x", "&")])
def test_queries_of_callbacks_are_kept(hub: Hub, query: str, joined: str) -> None:
    """'Hubs MUST preserve the query string during subscription verification by appending new parameters to the end of
    the list using the & (ampersand) character to join.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe(f"mine{query}")
    (verification,) = mine.verifications
    assert verification.path.startswith(f"/mine{query}{joined}hub.mode=subscribe&hub.topic=")
    hub.publish("second")
    hub.delivered(1)
    assert mine.deliveries[0].path == f"/mine{query}"


def test_the_response_to_a_request(idle_hub: Hub) -> None:
    """'If the hub URL supports WebSub and is able to handle the subscription or unsubscription request, it MUST respond
    to a subscription request with an HTTP 202 "Accepted" response.'"""
    for mode in ("subscribe", "unsubscribe"):
        answer = idle_hub.post(idle_hub.subscribers.url("a"), mode=mode)
        assert answer.status_code == 202
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"hub.mode": ""}, "hub.mode is missing"),
        ({"hub.mode": "publish"}, "hub.mode: unknown 'publish' (send subscribe or unsubscribe)"),
        ({"hub.callback": ""}, "hub.callback is missing"),
        ({"hub.callback": "ftp://example.com/"}, "hub.callback: the URL does not begin with http"),
        ({"hub.callback": "http://10.0.0.1/"}, "hub.callback: 10.0.0.1 is"),
        ({"hub.callback": "https://example.com:22/"}, "hub.callback: port 22 is refused"),
        ({"hub.topic": "https://example.com/feeds/chips.atom"}, "hub.topic: 'https://example.com/feeds/chips.atom' is"),
        ({"hub.topic": "https://example.org/feeds/chip.atom"}, "unknown topic 'chip'"),
        ({"hub.topic": "https://example.org/feeds/chips.xml"}, "unknown format 'xml'"),
        ({"hub.topic": "https://example.org/articles/first"}, "hub.topic: '/articles/first' is not the path of a"),
        ({"hub.topic": "https://example.org/feeds/all/2026-09.atom"}, "hub.topic: '/feeds/all/2026-09.atom' is not"),
        ({"hub.topic": "https://example.org/feeds/all.atom?after=1-2"}, "parameter 'after': only a current feed"),
        ({"hub.topic": "https://example.org/feeds/all.atom?q=x"}, "hub.topic: a search has no subscriptions"),
        ({"hub.topic": "https://example.org/feeds/all.atom?tag=no"}, "hub.topic: no article has the tag 'no'"),
        ({"hub.lease_seconds": "ten"}, "hub.lease_seconds: 'ten' is not a positive number"),
        ({"hub.secret": ""}, "hub.secret: must be of 1 to 199 bytes"),
    ],
)
def test_errors_in_requests(idle_hub: Hub, wrong: dict[str, str], says: str) -> None:
    """'If a hub finds any errors in the subscription request, an appropriate HTTP error response code (4xx or 5xx) MUST
    be returned. In the event of an error, hubs SHOULD return a description of the error in the response body'."""
    form = {"hub.mode": "subscribe", "hub.callback": "https://reader.example.com/x", "hub.topic": FEED, **wrong}
    answer = idle_hub.client.post("/hub", data=form)
    assert 400 <= answer.status_code < 500
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text.startswith(says)
    assert "(" in answer.text, "what to do"
    assert idle_hub.numbers().pending == 0


def test_the_response_does_not_wait_for_the_verification(idle_hub: Hub) -> None:
    """'the HTTP response MUST NOT depend on the process or outcome of verification or validation.'"""
    assert idle_hub.post("https://nobody.invalid/x").status_code == 202
    assert idle_hub.numbers().pending == 1


# §5.2 Subscription Validation


def test_an_accepted_subscription_is_verified(hub: Hub) -> None:
    """'If (and when) the subscription is accepted, the hub MUST perform the verification of intent'."""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    assert len(mine.verifications) == 1
    assert mine.deliveries == []


def test_a_denial_is_told(idle_hub: Hub) -> None:
    """'If (and when) the subscription is denied, the hub MUST inform the subscriber by sending an HTTP GET request to
    the subscriber's callback URL', with hub.mode, hub.topic and hub.reason. 'The subscription MAY be denied by the hub
    at any point'."""
    mine = idle_hub.subscribers.callback("mine")
    publication = idle_hub.publication
    publication.article("cold", topics="[cloud]")
    publication.sync()
    idle_hub.work()
    topic = "https://example.org/feeds/cloud.atom"
    idle_hub.subscribe("mine?x=1", topic)
    (publication.settings.content / "articles" / "cold.md").unlink()
    site = publication.settings.content / "site.toml"
    text = site.read_text().replace('[topics.cloud]\ntitle = "Cloud"\n', "")
    site.write_text(f'gone_topics = ["cloud"]\n{text}')
    publication.sync()
    wait_for(lambda: idle_hub.total("denied") == 1, "the denial", 120)
    denial = mine.verifications[-1]
    assert denial.query[:3] == [("x", "1"), ("hub.mode", "denied"), ("hub.topic", topic)]
    assert denial["hub.reason"].startswith("the topic cloud was closed")
    assert idle_hub.subscriptions() == []


# §5.3 Hub Verifies Intent of the Subscriber


def test_the_verification(hub: Hub) -> None:
    """'hub.challenge: A hub-generated, random string that MUST be echoed by the subscriber.' 'Hubs MUST supply
    [hub.lease_seconds] when hub.mode is set to "subscribe".' §8.2: 'a random, single-use hub.challenge'."""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    hub.subscribe("mine", lease_seconds="1")
    hub.subscribe("mine", lease_seconds="99999999")
    leases = [each["hub.lease_seconds"] for each in mine.verifications]
    assert leases == ["864000", "300", "2592000"]
    assert len({each["hub.challenge"] for each in mine.verifications}) == 3
    assert {each["hub.topic"] for each in mine.verifications} == {FEED}


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 500, 503])
def test_other_responses_fail(hub: Hub, status: int) -> None:
    """'The hub MUST consider other server response codes (3xx, 4xx, 5xx) to mean that the verification request has
    failed.'"""
    elsewhere = hub.subscribers.callback("elsewhere")

    def answer(request: Received) -> Answer:
        return status, {"Location": hub.subscribers.url("elsewhere")}, request["hub.challenge"].encode()

    hub.subscribers.callback("mine", answer)
    hub.post(hub.subscribers.url("mine"))
    refused(hub)
    assert hub.subscriptions() == []
    assert elsewhere.received == []


@pytest.mark.parametrize("body", [b"", b"yes", b"%s\n", b" %s"])
def test_another_body_fails(hub: Hub, body: bytes) -> None:
    """'If the subscriber returns an HTTP success (2xx) but the content body does not match the hub.challenge parameter,
    the hub MUST also consider verification to have failed.'"""

    def answer(request: Received) -> Answer:
        return 200, {}, body.replace(b"%s", request["hub.challenge"].encode())

    hub.subscribers.callback("mine", answer)
    hub.post(hub.subscribers.url("mine"))
    refused(hub)
    assert hub.subscriptions() == []


def test_leases_end(hub: Hub) -> None:
    """'Hubs MUST enforce lease expirations, and MUST NOT issue perpetual lease durations.'"""
    mine, other = pair(hub)
    hub.subscribe("mine")
    assert all(row["lease_ends_at"] < time.time() + 31 * 86400 for row in hub.subscriptions())
    hub.change(f"UPDATE hub_subscriptions SET lease_ends_at = {time.time() - 1} WHERE callback LIKE '%/mine'")
    hub.publish("second")
    wait_for(lambda: len(other.deliveries) == 1, "the delivery to the other", 120)
    assert mine.deliveries == []
    assert hub.rows.deliveries.end_leases(time.time()) == 1


# §7 Content Distribution


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_a_delivery_is_the_document(hub: Hub, suffix: str) -> None:
    """'Hubs MUST deliver the full contents of the topic URL'. 'The content distribution request MUST have a
    Content-Type Header corresponding to the Content-Type of the topic, and MUST contain the full contents of the topic
    URL'. 'The request MUST include at least one Link Header with rel=hub. It MUST also include one Link Header with
    rel=self set to the canonical URL of the topic being updated.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine", f"https://example.org/feeds/all.{suffix}?topic=chips")
    hub.publish("second")
    hub.delivered(1)
    (delivery,) = mine.deliveries
    document = hub.client.get(f"/feeds/chips.{suffix}")
    assert delivery.body == document.data
    assert delivery.headers["Content-Type"] == document.headers["Content-Type"]
    assert links(delivery.headers["Link"]) == [(HUB, "hub"), (f"https://example.org/feeds/chips.{suffix}", "self")]
    assert "X-Hub-Signature" not in delivery.headers


@pytest.mark.parametrize("status", [301, 307, 400, 404, 500, 503])
def test_other_responses_are_failures(hub: Hub, status: int) -> None:
    """'The hub MUST consider all other subscriber response codes as failures; that means subscribers MUST NOT use HTTP
    redirects for moving subscriptions.'"""
    elsewhere = hub.subscribers.callback("elsewhere")
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    mine.answer = refuse(status, fields={"Location": hub.subscribers.url("elsewhere")})
    hub.publish("second")
    wait_for(lambda: hub.total("failures") == 1, "a failure", 120)
    (row,) = hub.subscriptions()
    assert row["attempts"] == 1
    assert row["next_attempt_at"] > time.time()
    assert elsewhere.received == []


def test_the_body_of_the_response_is_ignored(hub: Hub) -> None:
    """'The response body from the subscriber MUST be ignored by the hub.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    mine.answer = refuse(200, b"failed" * 100_000)
    hub.publish("second")
    hub.delivered(1)
    assert hub.numbers().due == 0


def test_a_subscription_stays_whatever_fails(hub: Hub) -> None:
    """'The hub MUST keep the subscription active until the end of the lease duration, and if a new update is published
    to the topic, MUST continue to retry delivery to the previously-failing subscriber.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    mine.answer = refuse(500)
    hub.publish("second")
    wait_for(lambda: hub.total("failures") == 1, "a failure", 120)
    # As after the last attempt.
    hub.change("UPDATE hub_subscriptions SET attempts = 10, next_attempt_at = 1e12")
    mine.answer = confirm
    hub.publish("third")
    hub.delivered(1)
    assert b"third" in mine.deliveries[-1].body
    assert hub.subscriptions()[0]["attempts"] == 0


def test_410_ends_a_subscription(hub: Hub) -> None:
    """'The subscriber's callback URL MAY return an HTTP 410 code to indicate that the subscription has been deleted,
    and the hub MAY terminate the subscription'."""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine")
    mine.answer = refuse(410)
    hub.publish("second")
    wait_for(lambda: hub.subscriptions() == [], "the end of the subscription", 120)
    assert hub.total("ended") == 1


# §7.1 Authenticated Content Distribution


def signature(secret: bytes, body: bytes) -> str:
    return f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"


@pytest.mark.parametrize("secret", ["x", "密碼 with spaces & signs", "y" * 199])
def test_signatures(hub: Hub, secret: str) -> None:
    """'If the subscriber supplied a value for hub.secret, the hub MUST generate an HMAC signature of the payload and
    include that signature in the request headers. The X-Hub-Signature header's value MUST be in the form
    method=signature. The signature MUST be computed using the HMAC algorithm with the request body as the data and the
    hub.secret as the key.' §8.3: 'Hubs MUST sign their requests using the hub.secret supplied by subscribers if
    requested.'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine", secret=secret)
    hub.publish("second")
    hub.delivered(1)
    (delivery,) = mine.deliveries
    assert delivery.headers["X-Hub-Signature"] == signature(secret.encode(), delivery.body)


def test_the_exact_callback(hub: Hub) -> None:
    """§8.3: 'The Hub MUST use the exact callback used by the subscriber (including the use of HTTPS).'"""
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine/%7Ea/..%2f/b;c?d=%20e&f#g")
    hub.publish("second")
    hub.delivered(1)
    assert mine.deliveries[0].path == "/mine/%7Ea/..%2f/b;c?d=%20e&f"


def test_a_form_whose_length_is_not_said_is_refused_beyond_the_limit(idle_hub: Hub) -> None:
    """It is not cut: a secret at its end would be another one."""
    answer = idle_hub.client.post(
        "/hub",
        input_stream=BytesIO(b"hub.mode=subscribe&hub.secret=" + b"x" * MAX_FORM_BYTES),
        content_type="application/x-www-form-urlencoded",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


def test_the_longest_callback_is_asked(hub: Hub) -> None:
    """What the hub adds to it does not count."""
    name = "a" * (MAX_URL_LENGTH - len(hub.subscribers.url("")))
    hub.subscribers.callback(name)
    hub.subscribe(name)
    answer = hub.post(hub.subscribers.url(f"{name}a"))
    assert (answer.status_code, "2,048 characters" in answer.text) == (400, True)
