"""The client of `feedsvc doctor` against hostile servers: it always ends, within its bounds, with NoResponse."""

import gzip
import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import Message
from ipaddress import ip_address
from threading import Event, Thread

import brotli
import pytest

from feedsvc.doctor import client as module
from feedsvc.doctor.checks import examine
from feedsvc.doctor.client import MAX_BODY_BYTES, BadRedirect, Client, LimitReached, NoResponse, Response
from feedsvc.doctor.visit import BadCoding, Visit, decoded, http_date, parsed

OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = [b"x" * 65536]


@contextmanager
def answering(pieces: Callable[[Event], Iterator[bytes]], host: str = "127.0.0.1") -> Iterator[str]:
    """Yield the address of a server that sends these pieces to each client, until it is gone."""
    stop = Event()
    with socket.create_server((host, 0)) as server:
        server.settimeout(0.01)

        def serve() -> None:
            while not stop.is_set():
                try:
                    connection, _ = server.accept()
                except TimeoutError:
                    continue
                with connection:
                    try:
                        connection.settimeout(30)
                        connection.recv(65536)
                        for piece in pieces(stop):
                            if stop.is_set():
                                break
                            connection.sendall(piece)
                    except OSError:
                        pass

        thread = Thread(target=serve)
        thread.start()
        try:
            yield f"http://{host}:{server.getsockname()[1]}"
        finally:
            stop.set()
            thread.join()


def slowly(piece: bytes) -> Callable[[Event], Iterator[bytes]]:
    """A byte now and then, for ever."""

    def pieces(stop: Event) -> Iterator[bytes]:
        while not stop.wait(0.02):
            yield piece

    return pieces


def forever(first: bytes, piece: bytes) -> Callable[[Event], Iterator[bytes]]:
    return lambda _stop: itertools.chain([first], itertools.repeat(piece))


def once(*pieces: bytes) -> Callable[[Event], Iterator[bytes]]:
    return lambda _stop: iter(pieces)


HOSTILE = {
    "an endless body": forever(OK + b"\r\n", ENDLESS[0]),
    "endless chunks": forever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + ENDLESS[0] + b"\r\n"),
    "a chunk of no size": once(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "an endless header field": forever(OK + b"X: ", ENDLESS[0]),
    "endless header fields": forever(OK, b"X: y\r\n" * 1000),
    "endless interim responses": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "slow header fields": slowly(b"H"),
    "a slow body": lambda stop: itertools.chain([OK + b"\r\n"], slowly(b"x")(stop)),
    "silence": slowly(b""),
    "another protocol": once(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "nothing": once(),
    "a body that is cut short": once(OK + b"Content-Length: 100\r\n\r\nshort"),
    "no number": once(b"HTTP/1.1 abc OK\r\n\r\n"),
}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bounds that a test reaches soon."""
    monkeypatch.setattr(module, "REQUEST_SECONDS", 1.0)
    monkeypatch.setattr(module, "MAX_BODY_BYTES", 300_000)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_server_is_no_response(name: str) -> None:
    with answering(HOSTILE[name]) as url, pytest.raises(NoResponse, match="http://127"):
        Client().get(f"{url}/feeds/all.atom")


@pytest.mark.usefixtures("small")
def test_a_hostile_server_is_one_error() -> None:
    with answering(HOSTILE["another protocol"]) as url:
        results = list(examine(Visit(url, why_elsewhere="elsewhere")))
    assert [(check.name, each.status) for check, each in results if each.status != "skipped"] == [("address", "error")]


def redirect(target: str) -> Callable[[Event], Iterator[bytes]]:
    return once(f"HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode())


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://example.org/", "javascript:alert(1)", "http://["])
def test_a_redirect_to_no_http_address_is_not_followed(target: str) -> None:
    with answering(redirect(target)) as url, pytest.raises(BadRedirect, match="no HTTP address"):
        Client().follow(f"{url}/")


@pytest.mark.parametrize("first", ["public.test", "inner.test"])
def test_a_public_server_leads_to_no_private_address(monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """On loopback, of which one address counts as public. A private server may lead anywhere."""
    addresses = {"public.test": "127.0.0.1", "inner.test": "127.0.0.2"}
    resolved = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: resolved(addresses[host], *rest, **named))
    monkeypatch.setattr(module, "ip_address", lambda text: ip_address("9.9.9.9" if text == "127.0.0.1" else text))
    with answering(once(OK + b"Content-Length: 2\r\n\r\nhi"), "127.0.0.2") as inner:
        port = inner.rpartition(":")[2]
        with answering(redirect(f"http://inner.test:{port}/")) as url:
            start = f"http://public.test:{url.rpartition(':')[2]}/"
            client = Client()
            if first == "inner.test":
                assert client.get(f"http://inner.test:{port}/first").body == b"hi"
                assert client.follow(start)[-1].body == b"hi"
            else:
                with pytest.raises(NoResponse, match=r"inner\.test is 127\.0\.0\.2, an address of a private network"):
                    client.follow(start)


def test_redirects_are_followed_so_far() -> None:
    numbers = itertools.count()

    def next_one(stop: Event) -> Iterator[bytes]:
        return redirect(f"/{next(numbers)}")(stop)

    with (
        answering(next_one) as url,
        pytest.raises(BadRedirect, match="more than 10 times"),
    ):
        Client().follow(f"{url}/")
    with answering(redirect("/")) as url, pytest.raises(BadRedirect, match="in a circle"):
        Client().follow(f"{url}/")


def test_the_requests_of_a_run_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_REQUESTS", 2)
    with answering(once(OK + b"Content-Length: 2\r\n\r\nhi")) as url:
        client = Client()
        assert client.get(url).body == client.get(url).body == b"hi"
        client.get(url, again=True)
        with pytest.raises(LimitReached):
            client.get(url, again=True)
    monkeypatch.setattr(module, "RUN_SECONDS", -1)
    with pytest.raises(LimitReached):
        Client().get(url)


def test_tls_to_a_server_without_it_is_no_response() -> None:
    with answering(once(OK)) as url, pytest.raises(NoResponse):
        Client().get(url.replace("http:", "https:"))


def test_what_a_server_sends_forges_no_request() -> None:
    """An ETag with a line break goes back in one line."""
    seen: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                seen.append(connection.recv(65536))
                connection.sendall(OK + b"Content-Length: 0\r\n\r\n")

        thread = Thread(target=serve)
        thread.start()
        Client().get(f"http://127.0.0.1:{server.getsockname()[1]}/", {"If-None-Match": '"a"\r\n X: y\r\n\r\n\u2028'})
        thread.join()
    assert b'\r\nIf-None-Match: "a" X: y\r\nConnection: close\r\n\r\n' in seen[0]


def response(body: bytes, coding: str) -> Response:
    headers = Message()
    headers["Content-Encoding"] = coding
    return Response(url="http://x/", status=200, headers=headers, body=body, at=datetime.now(UTC))


def test_a_bomb_is_not_unpacked() -> None:
    assert decoded(response(gzip.compress(b"x"), "gzip")) == decoded(response(brotli.compress(b"x"), "BR")) == b"x"
    bomb = b"\0" * (MAX_BODY_BYTES + 1)
    for body, coding in ((gzip.compress(bomb), "gzip"), (brotli.compress(bomb, quality=1), "br"), (b"x", "zstd")):
        with pytest.raises(BadCoding):
            decoded(response(body, coding))


def test_entities_are_not_expanded() -> None:
    laughs = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    bomb = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&a9;&f;</x>'
    root = parsed(response(bomb.encode(), ""))
    assert root is None or len("".join(map(str, root.itertext()))) < 100


@pytest.mark.parametrize("text", ["", "yesterday", "Mon, 99 Nov 2026 10:00:00 GMT", "Mon, 30 Nov 99999 10:00:00 GMT"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert http_date(text) is None
