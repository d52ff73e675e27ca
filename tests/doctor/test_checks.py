"""`feedsvc doctor` finds nothing wrong with a healthy server, and each fault of a proxy by the check for it."""

import hmac
import json
import os
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc import cli
from feedsvc.doctor import machine_checks
from feedsvc.doctor.checks import CHECKS, examine
from feedsvc.doctor.visit import Visit
from feedsvc.store import writer_problems
from feedsvc.store.subscriptions import Subscriptions
from tests.doctor.proxies import FAULTS, Answer, Fault, Proxy, forget, proxied
from tests.web.test_nginx import make_certificate

# Checks that need more than a server at 127.0.0.1.
NOT_HERE = {"https", "certificate", "other-name", "protocols", "hub", "deliveries"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with proxied(tmp_path_factory.mktemp("doctor")) as proxy:
        yield proxy


@pytest.fixture
def proxy(running: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A proxy without a fault, on a machine with space and files enough."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    for name in ("FULL_BYTES", "LOW_BYTES", "LOW_FILES", "MAX_CONNECTIONS", "OTHER_FILES", "LOW_INSTANCES"):
        monkeypatch.setattr(machine_checks, name, 0)
    # All these tests together may take longer.
    monkeypatch.setattr(writer_problems, "SILENT_SECONDS", 1e9)
    yield running
    running.fault = Fault()


def run(proxy: Proxy, *arguments: str) -> Result:
    """Run the command over the proxy's publication."""
    places = ["--content", str(proxy.publication.settings.content)]
    result = CliRunner().invoke(cli.main, ["doctor", *places, *arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def found(proxy: Proxy, *arguments: str) -> list[dict[str, str]]:
    """Return the results of the command."""
    results: list[dict[str, str]] = json.loads(run(proxy, "--json", *arguments).output)["results"]
    return results


def wrong(results: list[dict[str, str]]) -> list[dict[str, str]]:
    return [each for each in results if each["status"] in ("warning", "error")]


def test_a_healthy_server_has_no_fault(proxy: Proxy) -> None:
    result = run(proxy)
    assert result.exit_code == 0, result.output
    assert " warning" not in result.output.rpartition("\n  ")[0]
    assert " error" not in result.output.rpartition("\n  ")[0]
    results = found(proxy)
    assert wrong(results) == []
    assert {each["check"] for each in results if each["status"] == "skipped"} <= NOT_HERE
    assert list(dict.fromkeys(each["check"] for each in results)) == [each.name for each in CHECKS]
    assert result.output.startswith("address\n  ok       address: ")
    assert "\x1b" not in result.output


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_found_by_its_check(proxy: Proxy, name: str) -> None:
    proxy.fault, check, status, remedy = FAULTS[name]
    results = wrong(found(proxy))
    assert {each["check"] for each in results} == {check}, results
    assert {each["status"] for each in results} == {status}, results
    assert all(remedy in each["remedy"] and each["page"].startswith("docs/") for each in results), results
    assert run(proxy).exit_code == (1 if status == "error" else 0)


def test_an_address_alone_suffices(proxy: Proxy, tmp_path: Path) -> None:
    results = found(proxy, proxy.base_url + "/", "--content", str(tmp_path / "none"))
    assert wrong(results) == []
    skipped = {each["check"] for each in results if each["group"] == "machine"}
    assert skipped == {"store", "writer", "deliveries", "disks", "inotify", "open-files"}
    assert all("no publication" in each["seen"] for each in results if each["group"] == "machine")


def test_the_hub_and_its_deliveries(proxy: Proxy) -> None:
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()

    def seen() -> list[tuple[str, str]]:
        """The status and what was seen of the two checks, the former of which sends a request to the hub."""
        results = [each for each in found(proxy) if each["check"] in ("hub", "deliveries")]
        return [(each["status"], each["seen"]) for each in results]

    try:
        site_toml.write_text(written + "\n[hub]\nenabled = true\n")
        proxy.publication.sync()
        takes = ("ok", f"the hub {proxy.base_url}/hub takes requests of subscribers")
        assert seen() == [takes, ("warning", "no delivery worker has tested the hub within two hours")]
        with closing(Subscriptions(proxy.publication.settings.store, proxy.publication.settings.state)) as rows:
            rows.self_tests.begin("one", "secret", time.time())
            rows.self_tests.fail("one", "not possible: it answers 502")
            assert seen() == [takes, ("warning", "the hub's test of itself: not possible: it answers 502")]
            rows.self_tests.begin("two", "secret", time.time())
            signature = hmac.new(b"secret", b"feed", "sha256").hexdigest()
            rows.self_tests.delivered("two", b"feed", f"sha256={signature}", time.time())
        proxy.fault = Fault(after=lambda answer: setattr(answer, "body", b"no") if answer.path == "/hub" else None)
        hub, deliveries = seen()
        assert hub == ("error", f"{proxy.base_url}/hub answers 400 to a subscriber, not what is missing")
        assert deliveries[0] == "ok"
    finally:
        site_toml.write_text(written)
        proxy.publication.sync()


def test_another_publication_is_named(proxy: Proxy) -> None:
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()
    site_toml.write_text(written.replace("example.org,2026", "example.net,2026"))
    try:
        results = wrong(found(proxy))
    finally:
        site_toml.write_text(written)
    assert [each["check"] for each in results] == ["publication"]
    assert "tag:example.net,2026:feeds/all" in results[0]["seen"]


def test_another_base_url_is_named(proxy: Proxy, tmp_path: Path) -> None:
    """The publication has another base_url than the address at which readers reach it."""
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()
    site_toml.write_text(written.replace(proxy.base_url, "https://other.example"))
    try:
        proxy.publication.sync()
        results = wrong(found(proxy, proxy.base_url, "--content", str(tmp_path / "none")))
    finally:
        site_toml.write_text(written)
        proxy.publication.sync()
    assert {each["check"] for each in results} == {"links", "robots", "sitemap"}
    assert all("https://other.example" in each["seen"] for each in results if each["check"] != "robots")


def test_a_server_that_does_not_run_is_one_error(proxy: Proxy) -> None:
    # Port 1 is tcpmux, on which nothing listens.
    results = found(proxy, "http://127.0.0.1:1", "--content", "none")
    assert [each["check"] for each in wrong(results)] == ["address"]
    assert {each["status"] for each in results if each["check"] != "address"} == {"skipped"}
    assert run(proxy, "http://127.0.0.1:1", "--content", "none").exit_code == 1


@pytest.mark.parametrize(
    "url", ["ftp://example.org", "example.org", "https://a@example.org", "http://x/?q", "file:///"]
)
def test_what_is_no_address_ends_with_2(proxy: Proxy, url: str) -> None:
    result = run(proxy, url)
    assert result.exit_code == 2
    assert "not the address of a publication" in result.output


def test_without_an_address_and_a_publication_it_ends_with_2(proxy: Proxy, tmp_path: Path) -> None:
    assert run(proxy, "--content", str(tmp_path)).exit_code == 2


def test_the_own_address_is_checked_while_base_url_is_not_set(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()
    site_toml.write_text("".join(line for line in written.splitlines(True) if not line.startswith("base_url")))
    monkeypatch.setenv("FEEDSVC_PORT", str(proxy.port))
    try:
        results = wrong(found(proxy))
    finally:
        site_toml.write_text(written)
    assert [(each["check"], each["status"]) for each in results] == [("address", "warning")]
    assert "base_url is not set" in results[0]["seen"]


def test_the_address_of_the_last_server_is_checked_while_none_is_set(proxy: Proxy) -> None:
    """Its port was an option of `serve`, which no other command knows; the store has the address."""
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()
    site_toml.write_text("".join(line for line in written.splitlines(True) if not line.startswith("base_url")))
    try:
        results = wrong(found(proxy))
    finally:
        site_toml.write_text(written)
    assert [(each["check"], each["status"]) for each in results] == [("address", "warning")]
    assert f"base_url is not set in site.toml, so {proxy.base_url} is checked" in results[0]["seen"]


def test_a_picture_in_the_text_is_a_file_of_the_publication(proxy: Proxy) -> None:
    path = proxy.publication.settings.content / "articles" / "hello" / "index.md"
    written = path.read_text()
    path.write_text(written.replace("image: pic.svg\n", "").replace("Hello.", "![A picture](pic.svg)"))
    try:
        proxy.publication.sync()
        assert "media are sent, also in parts" in [each["seen"] for each in found(proxy)]
        proxy.fault = Fault(before=forget("HTTP_RANGE"))
        assert [each["check"] for each in wrong(found(proxy))] == ["media"]
    finally:
        path.write_text(written)
        proxy.publication.sync()


def test_a_store_of_another_user_leaves_the_checks_from_outside(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    results = found(proxy, "--store", str(tmp_path / "hidden" / "store.sqlite3"))
    assert wrong(results) == []
    assert {each["status"] for each in results if each["group"] == "machine"} == {"skipped"}
    assert all("another user" in each["seen"] for each in results if each["group"] == "machine")


BODIES = {
    "/feeds/all.json": rb'{"items": [7, {"id": "\ud800", "image": 5, "attachments": 5}, {"attachments": [3]}]}',
    "/feeds.opml": b'<opml><outline xmlUrl="http://["/><outline xmlUrl="/feeds/%FF.atom"/><outline/></opml>',
    "/robots.txt": b"User-agent: *\nDisallow: //[\nCrawl-delay: x\nRequest-rate: a/b\n",
    "/feeds/all.rss": b"<rss><channel><item><link/></item><item/></channel></rss>",
}
FIELDS = {
    "ETag": 'W/"\u00ff',
    "Date": "Fri, 31 Dec 9999 23:59:59 -2359",
    "Last-Modified": "Sat, 01 Jan 0001 00:00:00 +2359",
    "Age": "9" * 99,
    "Cache-Control": f"public, max-age={'9' * 99}",
    "Content-Encoding": "zstd",
    "Vary": "*, ,=",
    "Content-Type": ";;",
}


@pytest.mark.parametrize("name", [*BODIES, *FIELDS])
def test_what_a_hostile_server_sends_is_a_finding(proxy: Proxy, name: str) -> None:
    def hostile(answer: Answer) -> None:
        answer.body = BODIES.get(answer.path, answer.body) if name == answer.path else answer.body
        if name in FIELDS and answer.is_feed:
            answer.headers[name] = FIELDS[name]

    proxy.fault = Fault(after=hostile)
    assert wrong(found(proxy)) != []
    assert wrong(found(proxy, proxy.base_url, "--content", "none")) != []


def test_a_publication_below_a_path_has_no_fault(proxy: Proxy) -> None:
    """The proxy removes the path; robots.txt of the host names its sitemap."""
    site_toml = proxy.publication.settings.content / "site.toml"
    written = site_toml.read_text()
    site_toml.write_text(written.replace(proxy.base_url, f"{proxy.base_url}/news"))

    def shorten(environ: dict[str, object]) -> None:
        environ["PATH_INFO"] = str(environ["PATH_INFO"]).removeprefix("/news")

    proxy.fault = Fault(before=shorten)
    try:
        proxy.publication.sync()
        assert wrong(found(proxy)) == []
        assert wrong(found(proxy, f"{proxy.base_url}/news", "--content", "none")) == []
    finally:
        site_toml.write_text(written)
        proxy.publication.sync()


def test_the_writer_that_stopped_is_named(proxy: Proxy) -> None:
    state = proxy.publication.settings.store_file.parent / "writer.json"
    written = state.read_text()
    state.write_text(json.dumps(json.loads(written) | {"ended_at": "2026-11-01T00:00:00+00:00"}))
    try:
        results = wrong(found(proxy))
    finally:
        state.write_text(written)
    assert [(each["check"], each["status"]) for each in results] == [("writer", "error")]


def test_limits_of_the_machine_are_named(proxy: Proxy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "max_user_watches").write_text("1\n")
    (tmp_path / "max_user_instances").write_text("128\n")
    monkeypatch.setattr(machine_checks, "INOTIFY", tmp_path)
    monkeypatch.setattr(machine_checks, "FULL_BYTES", 10**18)
    monkeypatch.setattr(machine_checks, "MAX_CONNECTIONS", 10**12)
    found_here = [(each["check"], each["status"]) for each in wrong(found(proxy))]
    assert set(found_here) == {("disks", "error"), ("inotify", "error"), ("open-files", "warning")}


def test_a_certificate_that_is_not_trusted_is_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = make_certificate(tmp_path)
    with proxied(tmp_path / "publication", (certificate, key)) as proxy:
        results = [(check.name, each) for check, each in examine(Visit(proxy.base_url))]
        bad = [(name, each) for name, each in results if each.status in ("warning", "error")]
        assert [name for name, _ in bad] == ["certificate"]
        assert "self-signed" in bad[0][1].seen
        assert "renew" in bad[0][1].remedy
        # It ends in two days.
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        results = [(check.name, each) for check, each in examine(Visit(proxy.base_url))]
        bad = [(name, each) for name, each in results if each.status in ("warning", "error")]
        assert [(name, each.status) for name, each in bad] == [("certificate", "warning")]
        assert "ends in" in bad[0][1].seen
