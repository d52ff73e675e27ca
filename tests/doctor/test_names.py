"""Checks of names and redirects, with a DNS of the test: the name, its counterpart with www, and port 80."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from feedsvc.doctor.checks import examine
from feedsvc.doctor.visit import Visit
from tests.doctor.proxies import Answer, Fault, Proxy, proxied
from tests.doctor.test_client import OK, answering, once
from tests.web.test_nginx import make_certificate

NAME = "news.example"
BASE = f"https://{NAME}"
FEED = f"{BASE}/feeds/all.atom"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    folder = tmp_path_factory.mktemp("names")
    files = make_certificate(folder, f"DNS:{NAME},DNS:www.{NAME}")
    with proxied(folder / "publication", files, BASE) as proxy:
        yield proxy


class Names:
    """The addresses of names; `ports` has the port of this machine for each name and port."""

    def __init__(self, proxy: Proxy) -> None:
        self.proxy = proxy
        self.ports = {(NAME, 443): proxy.port}

    def look_up(self, host: str, port: int | None, **_options: Any) -> list[Any]:
        """Stand in for socket.getaddrinfo."""
        if port is None and host == NAME:
            port = 443
        if (host, port) not in self.ports:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", self.ports[host, port or 0]))]


@pytest.fixture
def names(running: Proxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    made = Names(running)
    monkeypatch.setattr(socket, "getaddrinfo", made.look_up)
    monkeypatch.setenv("SSL_CERT_FILE", str(running.publication.root.parent / "fullchain.pem"))
    yield made
    running.fault = Fault()


def wrong(url: str = BASE) -> dict[str, tuple[str, str]]:
    """Return status and text of each fault but the certificate's end, which is near in tests."""
    results = examine(Visit(url, why_elsewhere="another machine"))
    found: dict[str, tuple[str, str]]
    found = {check.name: (each.status, each.seen) for check, each in results if each.status in ("warning", "error")}
    assert found.pop("certificate")[1].startswith("the certificate ends in")
    return found


def moved(status: str, target: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()


def test_http_redirects_to_https_for_good(names: Names) -> None:
    answers = {
        moved("301 Moved Permanently", FEED): {},
        moved("302 Found", FEED): {"https": "warning"},
        moved("301 Moved Permanently", f"{BASE}/"): {"https": "error"},
        OK + b"Content-Length: 2\r\n\r\nhi": {"https": "error"},
        b"": {"https": "warning"},
    }
    for answer, expected in answers.items():
        with answering(once(answer)) as url:
            names.ports[NAME, 80] = int(url.rpartition(":")[2])
            assert {name: status for name, (status, _) in wrong().items()} == expected, answer


def from_www(answer: Answer) -> None:
    """Redirect the name with www."""
    if answer.asked["HTTP_HOST"] == f"www.{NAME}":
        answer.status, answer.body = "301 Moved Permanently", b""
        answer.headers.update({"Location": f"{BASE}{answer.path}", "Content-Length": "0"})


def test_the_other_name_leads_to_the_address(names: Names) -> None:
    names.ports[f"www.{NAME}", 443] = names.proxy.port
    with answering(once(moved("308 Permanent Redirect", FEED))) as url:
        names.ports[NAME, 80] = int(url.rpartition(":")[2])
        assert list(wrong()) == ["other-name"]
        names.proxy.fault = Fault(after=from_www)
        assert wrong() == {}


def test_an_address_that_redirects_is_followed_and_named(names: Names) -> None:
    names.ports[f"www.{NAME}", 443] = names.proxy.port
    names.proxy.fault = Fault(after=from_www)
    with answering(once(moved("301 Moved Permanently", FEED))) as url:
        names.ports[NAME, 80] = int(url.rpartition(":")[2])
        found = wrong(f"https://www.{NAME}")
    assert {name: status for name, (status, _) in found.items()} == {"address": "warning"}
    assert f"the other checks are of {BASE}" in found["address"][1]
