"""The hub tests 100 to 106 of websub.rocks, for a hub that is integrated with its publisher."""

from urllib.parse import urlsplit

import pytest
from werkzeug.http import parse_options_header

from tests.hub.harness import FEED, Hub
from tests.hub.subscribers import Callback
from tests.hub.test_specification import signature
from tests.live import wait_for


def discovered(hub: Hub, feed: str = FEED) -> tuple[str, str]:
    """The hub and self URLs by which their subscriber begins."""
    found = {}
    for each in hub.client.get(urlsplit(feed).path).headers["Link"].split(", "):
        target, parameters = parse_options_header(each)
        found[parameters["rel"]] = target.strip("<>")
    return found["hub"], found["self"]


def notified(hub: Hub, callback: Callback, feed: str = FEED, secret: str | None = None) -> None:
    """Publish, and check the delivery as their subscriber does."""
    hub_url, self_url = discovered(hub, feed)
    hub.publish("a-new-post")
    wait_for(lambda: callback.deliveries, "a notification", 120)
    delivery, topic = callback.deliveries[-1], hub.client.get(urlsplit(feed).path)
    assert delivery.body.strip(), "fat ping"
    assert delivery.body == topic.data
    assert delivery.headers["Content-Type"] == topic.headers["Content-Type"]
    assert f'<{hub_url}>; rel="hub"' in delivery.headers["Link"]
    assert f'<{self_url}>; rel="self"' in delivery.headers["Link"]
    expected = signature(secret.encode(), delivery.body) if secret else None
    assert delivery.headers.get("X-Hub-Signature") == expected


def test_100_typical_subscriber_request(hub: Hub) -> None:
    """Only hub.mode, hub.topic and hub.callback; notifications without a signature."""
    callback = hub.subscribers.callback("rocks")
    hub.subscribe("rocks", discovered(hub)[1])
    notified(hub, callback)


def test_101_subscription_with_secret(hub: Hub) -> None:
    """Notifications with a signature computed using the secret."""
    callback = hub.subscribers.callback("rocks")
    hub.subscribe("rocks", secret="a20CharacterSecret00")
    notified(hub, callback, secret="a20CharacterSecret00")


def test_102_subscriber_sends_additional_parameters(hub: Hub) -> None:
    """Parameters that the hub does not know are ignored."""
    callback = hub.subscribers.callback("rocks")
    form = {"hub.mode": "subscribe", "hub.topic": FEED, "hub.callback": hub.subscribers.url("rocks")}
    assert hub.client.post("/hub", data=form | {"foo": "bar", "hub.foo": "hub.bar"}).status_code == 202
    wait_for(lambda: hub.total("verified") == 1, "the subscription", 120)
    notified(hub, callback)


def test_103_re_subscribes_before_expiration(hub: Hub) -> None:
    """The subscription of that topic and callback is updated; there is no second one."""
    callback = hub.subscribers.callback("rocks")
    hub.subscribe("rocks")
    hub.subscribe("rocks")
    assert len(callback.verifications) == 2
    assert len(hub.subscriptions()) == 1
    notified(hub, callback)
    assert len(callback.deliveries) == 1


def test_104_unsubscription(hub: Hub) -> None:
    """No notification after the unsubscription was confirmed."""
    callback, other = hub.subscribers.callback("rocks"), hub.subscribers.callback("other")
    hub.subscribe("rocks")
    hub.subscribe("other")
    hub.post(hub.subscribers.url("rocks"), mode="unsubscribe")
    wait_for(lambda: hub.total("unsubscribed") == 1, "the unsubscription", 120)
    assert callback.verifications[-1]["hub.mode"] == "unsubscribe"
    notified(hub, other)
    assert callback.deliveries == []


@pytest.mark.parametrize("suffix", ["rss", "json"], ids=["105_plaintext_topic", "106_json_topic"])
def test_topics_of_other_types(hub: Hub, suffix: str) -> None:
    """Content that is not HTML or XML; this publication has no plain text, so RSS takes its place."""
    callback = hub.subscribers.callback("rocks")
    feed = f"https://example.org/feeds/chips.{suffix}"
    hub.subscribe("rocks", feed)
    notified(hub, callback, feed)
