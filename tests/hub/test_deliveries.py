"""Rows, claims, retries, limits, pings and the self-test."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from feedsvc.errors import HubRefusal
from feedsvc.hub.outgoing import Busy, Failed, Reply
from feedsvc.hub.schedule import JITTER, RETRY_SECONDS, next_attempt, retry_after
from feedsvc.hub.self_test import SelfTester
from feedsvc.hub.sending import Postponed, deliver
from feedsvc.hub.versions import CurrentDocument, Documents, Outdated
from feedsvc.store import Version
from feedsvc.store.subscriptions import FILE, Delivered, Delivery, Subscriptions, Verification
from feedsvc.store.subscriptions.values import NEVER
from tests.conftest import Publication
from tests.hub.harness import Hub
from tests.live import ROOT, wait_for
from tests.postgresql_server import Server

NOW = 1_800_000_000.0
FEED = "/feeds/chips.atom"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a store is, in each database."""
    return tmp_path / "store.sqlite3" if request.param == "sqlite" else str(request.getfixturevalue("database"))


@pytest.fixture
def rows(place: Path | str, tmp_path: Path) -> Iterator[Subscriptions]:
    """The rows beside a store."""
    with closing(Subscriptions(place, tmp_path)) as found:
        yield found


def request(callback: str, feed: str = FEED, **more: Any) -> Verification:
    given = {"topic": f"https://example.org{feed}", "host": "reader.example", "mode": "subscribe"}
    return Verification(feed=feed, callback=callback, requested_at=NOW, lease_seconds=300, **{**given, **more})


def subscribed(rows: Subscriptions, *callbacks: str) -> None:
    """Subscribe callbacks, which have version "a"."""
    rows.deliveries.put_version(FEED, "a", Version("e", 1, 1), NOW, NOW - 9)
    for callback in callbacks:
        rows.verifications.add(request(callback), 9)
    for each in rows.verifications.claim(NOW, NOW + 30, 99):
        assert rows.verifications.confirm(each, NOW + 300, NOW)


def test_two_workers_never_claim_the_same_row(rows: Subscriptions, place: Path | str, tmp_path: Path) -> None:
    subscribed(rows, *(f"https://reader.example/{number}" for number in range(10)))
    assert rows.deliveries.claim(NOW, NOW + 30, 99, again=False) == []
    assert rows.deliveries.put_version(FEED, "b", Version("e", 2, 2), NOW, NOW)
    with closing(Subscriptions(place, tmp_path)) as other:
        first, second = (
            rows.deliveries.claim(NOW, NOW + 30, 6, again=False),
            other.deliveries.claim(NOW, NOW + 30, 99, again=False),
        )
        assert (len(first), len(second)) == (6, 4)
        assert not {each.id for each in first} & {each.id for each in second}
        # The claims of a worker that was killed end.
        assert len(other.deliveries.claim(NOW + 31, NOW + 61, 99, again=False)) == 10
        # What the first one then says of its old claims counts no more.
        rows.deliveries.record([Delivered(delivery=each, tag="b", succeeded=True) for each in first], NOW + 32)
        assert rows.numbers(NOW + 32).due == 10


def test_an_older_version_never_replaces_a_newer_one(rows: Subscriptions) -> None:
    put = rows.deliveries.put_version
    assert put(FEED, "b", Version("e", 5, 5), NOW, NOW)
    assert not put(FEED, "a", Version("e", 4, 4), NOW, NOW)
    assert put(FEED, "b", Version("e", 6, 6), NOW, NOW)
    # A restored store has another epoch.
    assert put(FEED, "a", Version("f", 2, 2), NOW, NOW)


def test_a_newer_version_is_tried_at_once_and_retry_after_is_obeyed(rows: Subscriptions) -> None:
    subscribed(rows, "https://reader.example/1")
    rows.deliveries.put_version(FEED, "b", Version("e", 2, 2), NOW, NOW)
    (claimed,) = rows.deliveries.claim(NOW, NOW + 30, 9, again=False)
    failure = Delivered(delivery=claimed, tag="b", succeeded=False, next_attempt_at=NOW + 300, attempts=2)
    rows.deliveries.record([failure], NOW)
    assert rows.deliveries.claim(NOW + 299, NOW + 330, 9, again=True) == []
    assert rows.numbers(NOW).failing == 1
    rows.deliveries.put_version(FEED, "c", Version("e", 3, 3), NOW, NOW)
    (claimed,) = rows.deliveries.claim(NOW + 1, NOW + 31, 9, again=True)
    assert (claimed.tag, claimed.tried_tag) == ("c", "b")
    rows.deliveries.record([replace(failure, delivery=claimed, tag="c", retry_after_at=NOW + 200)], NOW)
    rows.deliveries.put_version(FEED, "d", Version("e", 4, 4), NOW, NOW)
    assert rows.deliveries.claim(NOW + 199, NOW + 229, 9, again=True) == []
    assert len(rows.deliveries.claim(NOW + 201, NOW + 231, 9, again=True)) == 1


def test_a_version_that_came_after_the_request_is_delivered(rows: Subscriptions) -> None:
    rows.deliveries.put_version(FEED, "a", Version("e", 1, 1), NOW, NOW + 1)
    rows.verifications.add(request("https://reader.example/1"), 9)
    (claimed,) = rows.verifications.claim(NOW + 2, NOW + 30, 9)
    rows.verifications.confirm(claimed, NOW + 300, NOW + 2)
    assert len(rows.deliveries.claim(NOW + 3, NOW + 33, 9, again=False)) == 1


def test_a_newer_request_replaces_one_that_is_being_verified(rows: Subscriptions) -> None:
    rows.verifications.add(request("https://reader.example/1", secret="old"), 9)
    (old,) = rows.verifications.claim(NOW, NOW + 30, 9)
    rows.verifications.add(request("https://reader.example/1", secret="new"), 9)
    assert not rows.verifications.confirm(old, NOW + 300, NOW)
    (new,) = rows.verifications.claim(NOW, NOW + 30, 9)
    assert new.secret == "new"


def test_limits_of_feeds_and_of_requests_that_wait(rows: Subscriptions, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.verifications.add(request("https://reader.example/1", "/feeds/all.atom?limit=5"), 2)
    rows.verifications.add(request("https://reader.example/1", "/feeds/all.rss?limit=5"), 2)
    rows.verifications.add(request("https://reader.example/2", "/feeds/all.rss?limit=5"), 2)
    with pytest.raises(HubRefusal, match="FEEDSVC_HUB_FEEDS") as refusal:
        rows.verifications.add(request("https://reader.example/1", "/feeds/all.json?limit=5"), 2)
    assert refusal.value.status == 403
    # Slices never keep anybody from the feeds of a topic and of all articles.
    rows.verifications.add(request("https://reader.example/1", "/feeds/all.json"), 2)
    monkeypatch.setattr("feedsvc.store.subscriptions.verifications.MAX_PENDING_OF_HOST", 4)
    with pytest.raises(HubRefusal, match="wait to be verified") as refusal:
        rows.verifications.add(request("https://reader.example/3", "/feeds/all.rss"), 2)
    assert refusal.value.status == 429
    rows.verifications.add(request("https://other.example/3", "/feeds/all.rss", host="other.example"), 2)


def test_subscriptions_whose_file_was_deleted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next request begins another file, and the log says what was lost, once."""
    with closing(Subscriptions(tmp_path / "store.sqlite3", tmp_path)) as rows:
        rows.verifications.add(request("https://reader.example/1"), 9)
        for file in tmp_path.glob(f"{FILE}*"):
            file.unlink()
        with caplog.at_level("WARNING", "feedsvc.hub"):
            for number in range(2):
                rows.verifications.add(request(f"https://reader.example/{number}"), 9)
        assert rows.numbers(NOW).pending == 2
    (said,) = caplog.messages
    assert "was deleted, with the subscriptions of the hub (feedsvc restore" in said


def test_feeds_of_topics_are_rendered_before_slices() -> None:
    outdated = Outdated()
    outdated.know(["/feeds/all.atom?limit=1", "/feeds/all.atom?limit=2", "/feeds/chips.rss", "/feeds/all.json"])
    taken = [outdated.take() for _ in range(5)]
    assert taken == [*taken[:2], "/feeds/all.atom?limit=1", "/feeds/all.atom?limit=2", None]
    assert taken[:2] == ["/feeds/chips.rss", "/feeds/all.json"]


def test_the_schedule() -> None:
    for failures, seconds in enumerate(RETRY_SECONDS, 1):
        assert seconds <= next_attempt(failures, NOW) - NOW <= seconds * (1 + JITTER)
    assert [round(each) for each in RETRY_SECONDS] == [5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400]
    assert next_attempt(len(RETRY_SECONDS) + 1, NOW) == NEVER


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120),
        ("999999999999", 86400),
        ("soon", None),
        ("-5", None),
        ("Fri, 15 Jan 2027 08:01:00 GMT", 60),
        ("Fri, 15 Jan 9999 08:01:00 GMT", 86400),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOW) == (NOW + seconds if seconds is not None else 0.0)


def document() -> CurrentDocument:
    return CurrentDocument(
        tag="b",
        body=b"<feed/>",
        media_type="application/atom+xml; charset=utf-8",
        hubs=("https://example.org/hub",),
        self_url=f"https://example.org{FEED}",
        base_url="https://example.org",
        version=Version("e", 2, 2),
        changed_at=NOW,
        made_of=None,
    )


def sent(answer: Callable[[], Reply], **more: Any) -> Delivered | Postponed:
    """The outcome of a delivery that is answered so."""
    given = {"tried_tag": "", "attempts": 0, "claim": "x", "claimed_until": NOW + 30, "tag": "b"}
    delivery = Delivery(id=1, feed=FEED, callback="https://reader.example/1", **{**given, **more})
    return deliver(lambda *_given, **_more: answer(), delivery, document())


def raising(error: Exception) -> Callable[[], Reply]:
    def answer() -> Reply:
        raise error

    return answer


def test_outcomes_of_deliveries() -> None:
    slow = sent(lambda: Reply(204, {}, b"", 3.0))
    assert isinstance(slow, Delivered)
    assert (slow.succeeded, slow.is_slow) == (True, True)
    failed = sent(raising(Failed("no response")), attempts=3, tried_tag="b")
    assert isinstance(failed, Delivered)
    assert (failed.succeeded, failed.attempts) == (False, 4)
    # The attempts at an earlier version do not count.
    failed = sent(lambda: Reply(503, {"Retry-After": "60"}, b"", 0.1), attempts=9, tried_tag="a")
    assert isinstance(failed, Delivered)
    assert failed.attempts == 1
    assert 50 < failed.retry_after_at - time.time() <= 60
    assert isinstance(sent(raising(Busy("reader.example", 2.0))), Postponed)


def test_only_feeds_that_a_commit_touched_are_rendered(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.subscribers.callback("one")
    hub.subscribers.callback("two")
    hub.publish("cold", topics="[cloud]")
    hub.subscribe("one", "https://example.org/feeds/chips.atom")
    hub.subscribe("two", "https://example.org/feeds/cloud.atom")
    hub.subscribe("two", "https://example.org/feeds/chips.atom")
    rendered: list[str] = []
    real = Documents.render

    def render(self: Documents, feed: str) -> CurrentDocument:
        rendered.append(feed)
        return real(self, feed)

    monkeypatch.setattr(Documents, "render", render)
    hub.publish("second")
    hub.delivered(2)
    assert rendered == ["/feeds/chips.atom"]


def test_a_renamed_topic_is_delivered_under_its_new_name(hub: Hub) -> None:
    mine = hub.subscribers.callback("mine")
    hub.subscribe("mine", "https://example.org/feeds/cloud.atom?topic=chips")
    publication = hub.publication
    site = publication.settings.content / "site.toml"
    site.write_text(site.read_text().replace("[topics.chips]", '[topics.silicon]\naliases = ["chips"]'))
    publication.article("second", topics="[silicon, cloud]")
    publication.sync()
    wait_for(lambda: mine.deliveries and b"second" in mine.deliveries[-1].body, "the delivery", 120)
    assert "/feeds/cloud.atom?topic=silicon>" in mine.deliveries[-1].headers["Link"]


def test_hubs_of_others_are_advertised_and_get_a_ping(idle_hub: Hub) -> None:
    """§6: 'The publisher MUST inform the hubs it previously designated when a topic has been updated.'"""
    outside = idle_hub.subscribers.callback("outside")
    publication, url = idle_hub.publication, idle_hub.subscribers.url("outside")
    site = publication.settings.content / "site.toml"
    site.write_text(f'{site.read_text()}\n[hub]\nenabled = false\nalso = ["{url}"]\n')
    publication.sync()
    assert f'<{url}>; rel="hub"' in idle_hub.client.get(FEED).headers["Link"]
    assert idle_hub.post("https://reader.example/1").status_code == 404
    idle_hub.work()
    wait_for(lambda: idle_hub.numbers() and (publication.settings.state / FILE).exists(), "the worker began", 120)
    wait_for(lambda: _knows(idle_hub), "the worker knows the hub", 120)
    idle_hub.publish("second")
    wait_for(lambda: idle_hub.total("pings") == 6, "the pings", 120)
    topics = sorted(dict(each_pair)["hub.url"] for each_pair in map(_form, outside.deliveries))
    names = [
        f"https://example.org/feeds/{name}.{suffix}" for name in ("all", "chips") for suffix in ("atom", "json", "rss")
    ]
    assert topics == names
    assert all(_form(each)[0] == ("hub.mode", "publish") for each in outside.deliveries)


def _form(request: Any) -> list[tuple[str, str]]:
    return parse_qsl(request.body.decode())


def _knows(hub: Hub) -> bool:
    with hub.rows._begin() as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM hub_outside_hubs").scalar())


def test_the_self_test_without_a_way_to_the_own_address(idle_hub: Hub) -> None:
    tester = SelfTester(idle_hub.rows, lambda *_given, **_more: Reply(502, {}, b"Bad Gateway", 0.1))
    tester.run_if_due(idle_hub.publication.site)
    found = idle_hub.numbers().self_test
    assert found is not None
    assert found.problem == "not possible: https://example.org/hub answers 502: Bad Gateway"


def test_a_self_test_that_failed_is_repeated_soon(idle_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker may be up before the server is. Later, once an hour suffices."""
    clock, sent = [1000.0], list[str]()

    def send(_method: str, url: str, **_more: Any) -> Reply:
        sent.append(url)
        return Reply(502, {}, b"", 0.1)

    monkeypatch.setattr("feedsvc.hub.self_test.time.monotonic", lambda: clock[0])
    tester = SelfTester(idle_hub.rows, send)
    steps = ((0, 1), (9, 1), (1, 2), (59, 2), (1, 3), (599, 3), (1, 4), (3599, 4), (1, 5))
    for seconds, number in steps:
        clock[0] += seconds
        tester.run_if_due(idle_hub.publication.site)
        assert len(sent) == number


def test_a_backup_has_the_subscriptions(publication: Publication, hub: Hub, tmp_path: Path) -> None:
    hub.subscribers.callback("mine")
    hub.subscribe("mine", secret="s")
    copy = tmp_path / "copy.sqlite3"
    publication.store.back_up(copy)
    assert hub.rows.back_up(copy) == 1
    assert hub.rows.restore(copy) is None
    with closing(Subscriptions(tmp_path / "other.sqlite3", tmp_path / "elsewhere")) as other:
        assert other.restore(copy) == 1
        assert other.numbers(time.time()).subscribers == {FEED: 1}
    publication.store.restore(copy)
    with publication.store.write(publication.now) as writer:
        tables = writer.snapshot._session.connection.exec_driver_sql("SELECT name FROM sqlite_master").scalars().all()
    assert not [name for name in tables if name.startswith("hub_")]
    assert b"reader" not in publication.settings.store_file.read_bytes()


def test_a_web_node_needs_the_rights_of_the_docs_alone(publication: Publication, postgresql: Server) -> None:
    """It takes the requests of subscribers, and reads; a role that may make tables has made them."""
    database = postgresql.new_database()
    with closing(Subscriptions(postgresql.url(database), publication.settings.state)) as owners:
        owners.deliveries.feeds()
    docs = (ROOT / "docs/reference/postgresql.md").read_text("utf-8")
    statements = re.findall(r"^(?:GRANT|ALTER DEFAULT PRIVILEGES) .*;$", docs, re.MULTILINE)
    assert len(statements) == 4
    role = f"web_{database}"
    postgresql.run(f"CREATE ROLE {role} LOGIN")
    postgresql.run(*(each.replace("feedsvc_web", role) for each in statements), database=database)
    try:
        with closing(Subscriptions(postgresql.url(database, role), publication.settings.state)) as rows:
            rows.verifications.add(request("https://reader.example/1"), 9)
            assert rows.numbers(NOW).pending == 1
            assert not rows.self_tests.verified("no such token", NOW)
    finally:
        postgresql.run(f"DROP OWNED BY {role}", database=database)
        postgresql.drop(database)
        postgresql.run(f"DROP ROLE {role}")
