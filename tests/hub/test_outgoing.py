"""Outgoing requests of the hub: what is sent, what hostile servers do, connections that are used again, and TLS."""

import gzip
import itertools
import socket
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from feedsvc.hub import outgoing
from feedsvc.hub.limits import HostLimits, RateLimit
from feedsvc.hub.outgoing import MAX_BODY_BYTES, Busy, Failed, Refused, Reply, Sender
from feedsvc.hub.resolver import Resolver
from tests.hub.certificates import Authority
from tests.hub.network import Names
from tests.hub.servers import EMPTY, OK, Peer, Pieces, answering, keeping, serving
from tests.live import wait_for

# A deadline that a test reaches soon, and one that it never reaches.
SOON, NEVER = 1.0, 300.0


def send(
    url: str, sender: Sender | None = None, method: str = "GET", body: bytes = b"", seconds: float = NEVER
) -> Reply:
    """Send a request, with a sender of its own if none is given."""
    used = sender or Sender()
    try:
        return used.send(method, url, body=body, allow_loopback=True, deadline_seconds=seconds)
    finally:
        if sender is None:
            used.close()


def once(*pieces: bytes) -> Pieces:
    return lambda _stop: iter(pieces)


def forever(first: bytes, piece: bytes) -> Pieces:
    return lambda _stop: itertools.chain([first], itertools.repeat(piece))


def slowly(first: bytes, piece: bytes) -> Pieces:
    """A byte now and then, for ever."""

    def pieces(stop: Event) -> Iterator[bytes]:
        yield first
        while not stop.wait(0.02):
            yield piece

    return pieces


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
# The server sends no status, or header fields that break HTTP or a limit.
NO_REPLY: dict[str, Pieces] = {
    "nothing": once(),
    "silence": slowly(b"", b""),
    "half a status": once(b"HTTP/1.1 20"),
    "a slow status": slowly(b"", b"H"),
    "a slow field": slowly(OK + b"X: ", b"y"),
    "slow fields": slowly(OK, b"X: y\r\n"),
    "an endless status": forever(b"HTTP/1.1 200 ", b"x" * 65536),
    "an endless field": forever(OK + b"X: ", b"x" * 65536),
    "endless fields": forever(OK, b"X: y\r\n" * 1000),
    "a hundred and one fields": once(OK, b"X: y\r\n" * 101, b"\r\n"),
    "33 KiB of fields": once(OK, (b"X: " + b"y" * 1000 + b"\r\n") * 33, b"\r\n"),
    "endless 100 Continue": forever(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "endless 103 Early Hints": forever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000),
    "slow 100 Continue": slowly(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "an interim response alone": once(b"HTTP/1.1 102 Processing\r\n\r\n"),
    "101 Switching Protocols": once(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
    "another protocol": once(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "HTTP/2": once(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00" + b"\x00" * 18),
    "no number": once(b"HTTP/1.1 abc OK\r\n\r\n"),
    "a huge number": once(b"HTTP/1.1 99999999999999999999 OK\r\n\r\n"),
    "a negative number": once(b"HTTP/1.1 -200 OK\r\n\r\n"),
    "a number of one digit": once(b"HTTP/1.1 2 OK\r\n\r\n"),
    "binary": once(bytes(range(256)) * 10),
    "line feeds": forever(b"", b"\n" * 65536),
    "zeros": forever(b"", b"\x00" * 65536),
}


@pytest.mark.parametrize("name", NO_REPLY)
def test_a_server_that_sends_no_response(name: str) -> None:
    with serving(answering(NO_REPLY[name])) as peer, pytest.raises(Failed):
        send(f"http://127.0.0.1:{peer.port}/", seconds=SOON)


# The status is valid, and the body breaks HTTP or a limit.
CUT_SHORT: dict[str, Pieces] = {
    "endless": forever(OK + b"\r\n", b"x" * 65536),
    "endless, with a length": forever(OK + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
    "more than 64 KiB": once(OK + b"Content-Length: 70000\r\n\r\n", b"x" * 70000),
    "endless chunks": forever(CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "endless small chunks": forever(CHUNKED, b"1\r\nx\r\n" * 1000),
    "an endless size of a chunk": forever(CHUNKED, b"0" * 65536),
    "an endless extension of a chunk": forever(CHUNKED + b"1;", b"x" * 65536),
    "endless trailers": forever(CHUNKED + b"0\r\n", b"X: y\r\n" * 1000),
    "a size that is no number": once(CHUNKED + b"zz\r\n"),
    "a negative size": once(CHUNKED + b"-5\r\nabc\r\n"),
    "a huge size": once(CHUNKED + b"ffffffffffffffffffff\r\nabc"),
    "no end of chunks": once(CHUNKED + b"3\r\nabc\r\n"),
    "cut short": once(OK + b"Content-Length: 100\r\n\r\nshort"),
    "slow": slowly(OK + b"Content-Length: 1000\r\n\r\n", b"x"),
    "slow, without a length": slowly(OK + b"\r\n", b"x"),
    "slow chunks": slowly(CHUNKED, b"1\r\nx\r\n"),
    "silent": slowly(OK + b"Content-Length: 1000\r\n\r\n", b""),
}


@pytest.mark.parametrize("name", CUT_SHORT)
def test_the_status_counts_though_the_body_is_not_whole(name: str) -> None:
    sender = Sender()
    with serving(answering(CUT_SHORT[name])) as peer:
        # Long enough that the status arrives on a slow machine.
        reply = send(f"http://127.0.0.1:{peer.port}/", sender, "POST", b"x", seconds=3.0 if "s" in name[0] else NEVER)
        assert (reply.status, reply.is_whole) == (200, False)
        assert len(reply.body) <= MAX_BODY_BYTES
    assert not sender._pool._idle


def test_a_server_that_does_not_read() -> None:
    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        stop.wait()

    with serving(serve) as peer, pytest.raises(Failed, match="within 1 s"):
        send(f"http://127.0.0.1:{peer.port}/", method="POST", body=b"x" * 20_000_000, seconds=SOON)


def test_no_content_coding_is_decoded() -> None:
    bomb = gzip.compress(b"0" * 10_000_000)
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with serving(answering(once(head, bomb))) as peer:
        reply = send(f"http://127.0.0.1:{peer.port}/")
    assert (reply.body, reply.is_whole) == (bomb, True)
    assert b"Accept-Encoding: identity\r\n" in peer.requests[0]


def test_no_redirect_is_followed() -> None:
    with serving(keeping(EMPTY)) as other:
        location = b"http://127.0.0.1:%d/" % other.port
        for status in (301, 302, 303, 307, 308):
            head = b"HTTP/1.1 %d Moved\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % (status, location)
            with serving(keeping(head)) as peer:
                assert send(f"http://127.0.0.1:{peer.port}/").status == status
        assert other.connections == 0


def test_what_is_sent() -> None:
    sender = Sender(Resolver(Names({"xn--r8jz45g.example": [["127.0.0.1"]]})))
    with serving(keeping(EMPTY)) as peer:
        url = f"http://例え.example:{peer.port}/a/../b?c[]=d&é=%2f#fragment"
        fields = {"Content-Type": "application/atom+xml", "Link": '<https://a.example/>; rel="hub"'}
        reply = sender.send("POST", url, body=b"<feed/>", headers=fields, allow_loopback=True)
        sender.close()
    assert (reply.status, reply.body, reply.is_whole) == (200, b"", True)
    assert peer.requests[0].split(b"\r\n") == [
        b"POST /a/../b?c[]=d&%C3%A9=%2f HTTP/1.1",
        b"Content-Length: 7",
        f"User-Agent: {outgoing.USER_AGENT}".encode(),
        b"Accept: */*",
        b"Content-Type: application/atom+xml",
        b'Link: <https://a.example/>; rel="hub"',
        b"Host: xn--r8jz45g.example:%d" % peer.port,
        b"Accept-Encoding: identity",
        b"",
        b"<feed/>",
    ]


def test_a_response() -> None:
    head = b"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\nX: a\r\nx: b\r\nContent-Length: 3\r\n\r\nabc"
    with serving(answering(once(head))) as peer:
        reply = send(f"http://127.0.0.1:{peer.port}/")
    assert (reply.status, reply.body, reply.headers["retry-after"], reply.headers["X"]) == (429, b"abc", "7", "a, b")
    assert 0.0 < reply.seconds < NEVER


def test_ipv6() -> None:
    with serving(keeping(EMPTY), "::1") as peer:
        assert send(f"http://[::1]:{peer.port}/").status == 200
    assert b"Host: [::1]:%d\r\n" % peer.port in peer.requests[0]


def test_the_next_address_is_tried() -> None:
    """::1 of this port refuses connections."""
    sender = Sender(Resolver(Names({"two.example": [["::1", "127.0.0.1"]]})))
    with serving(keeping(EMPTY)) as peer:
        assert send(f"http://two.example:{peer.port}/", sender).status == 200
        sender.close()


def test_a_closed_port_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(Failed, match="refused"):
        send(f"http://127.0.0.1:{port}/")


def test_a_name_that_does_not_exist_fails() -> None:
    with pytest.raises(Failed, match="the name has no address"):
        send("http://nowhere.example/", Sender(Resolver(Names({}))))


def test_a_resolver_that_hangs_ends_at_the_deadline() -> None:
    release = Event()

    def hang(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
        release.wait()
        return []

    sender = Sender(Resolver(hang, at_once=1))
    try:
        with pytest.raises(Failed, match="not resolved in time"):
            send("http://a.example/", sender, seconds=0.2)
        with pytest.raises(Busy, match=r"look-ups of names below b\.example"):
            send("http://a.b.example/", sender, seconds=0.2)
    finally:
        release.set()


def test_names_of_one_domain_that_hang_leave_places_for_others() -> None:
    """Any number of names below a domain has a name server that answers nothing."""
    release = Event()

    def look_up(host: str, port: int) -> list[tuple[object, object, object, object, tuple[object, ...]]]:
        if host.endswith(".evil.example"):
            release.wait()
        return [(None, None, None, None, ("127.0.0.1", port))]

    resolver = Resolver(look_up, at_once=4, of_domain=3)
    sender = Sender(resolver)
    try:
        for number in range(3):
            with pytest.raises(Failed, match="not resolved in time"):
                send(f"http://{number}.evil.example/", sender, seconds=0.1)
        with pytest.raises(Busy, match=r"names below evil\.example"):
            send("http://x.y.evil.example/", sender, seconds=0.1)
        with serving(keeping(OK + b"Content-Length: 2\r\n\r\nok")) as peer:
            assert send(f"http://good.test:{peer.port}/", sender).body == b"ok"
            sender.close()
    finally:
        release.set()
    wait_for(lambda: not resolver._running, "the ends of the look-ups")


@pytest.mark.parametrize("number", [1, 3])
def test_interim_responses_are_skipped(number: int) -> None:
    """RFC 9110 §15.2: 'A client MUST be able to parse one or more 1xx responses received prior to a final response'."""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * number
    sender = Sender()
    with serving(keeping(early + OK + b"Content-Length: 2\r\n\r\nok")) as peer:
        reply = send(f"http://127.0.0.1:{peer.port}/", sender)
        sender.close()
    assert (reply.status, reply.body, reply.headers.get("Link")) == (200, b"ok", None)


# Connections that are used again.


def test_a_connection_is_used_again() -> None:
    sender = Sender()
    with serving(keeping(OK + b"Content-Length: 3\r\n\r\nabc")) as peer:
        for number in range(20):
            assert send(f"http://127.0.0.1:{peer.port}/{number}", sender, "POST", b"x").body == b"abc"
        sender.close()
    assert (peer.connections, len(peer.requests)) == (1, 20)


def test_a_connection_is_used_for_its_name_only() -> None:
    sender = Sender(Resolver(Names({"a.example": [["127.0.0.1"]], "b.example": [["127.0.0.1"]]})))
    with serving(keeping(EMPTY)) as peer:
        for name in ("a", "b", "a", "b"):
            send(f"http://{name}.example:{peer.port}/", sender)
        sender.close()
    assert peer.connections == 2


def test_a_connection_is_used_only_while_the_name_has_its_address() -> None:
    sender = Sender(Resolver(Names({"a.example": [["127.0.0.1"], ["127.0.0.1"], ["10.0.0.1"]]})))
    with serving(keeping(EMPTY)) as peer:
        send(f"http://a.example:{peer.port}/", sender)
        send(f"http://a.example:{peer.port}/", sender)
        with pytest.raises(Refused):
            send(f"http://a.example:{peer.port}/", sender)
        sender.close()
    assert (peer.connections, len(peer.requests)) == (1, 2)


def test_a_request_is_sent_again_if_the_server_has_closed() -> None:
    sender = Sender()
    with serving(keeping(EMPTY, at_most=1)) as peer:
        for _ in range(10):
            assert send(f"http://127.0.0.1:{peer.port}/", sender, "POST", b"x" * 100_000).status == 200
        sender.close()
    assert len(peer.requests) == 10


def test_a_request_is_sent_again_once() -> None:
    """The second connection is new, and its failure is the result."""
    sender = Sender()

    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        keeping(EMPTY, at_most=1)(stream, peer, stop)
        peer.requests.append(b"closed")
        if peer.connections == 1:
            keeping(b"", at_most=1)(stream, peer, stop)

    with serving(serve) as peer:
        send(f"http://127.0.0.1:{peer.port}/", sender)
        assert send(f"http://127.0.0.1:{peer.port}/", sender).status == 200
        sender.close()
    assert peer.connections == 2


def test_a_response_that_nobody_asked_for_is_not_read() -> None:
    sender = Sender()
    with serving(keeping(EMPTY + b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")) as peer:
        statuses = [send(f"http://127.0.0.1:{peer.port}/", sender).status for _ in range(5)]
        sender.close()
    assert statuses == [200] * 5


def test_a_server_that_asks_for_it_gets_a_new_connection() -> None:
    sender = Sender()
    with serving(keeping(OK + b"Connection: close\r\nContent-Length: 0\r\n\r\n")) as peer:
        for _ in range(3):
            send(f"http://127.0.0.1:{peer.port}/", sender)
    assert peer.connections == 3


def test_idle_connections_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing._Pool, "MAX_IDLE", 3)
    names = Names({f"n{number}.example": [["127.0.0.1"]] for number in range(10)})
    sender = Sender(Resolver(names))
    with serving(keeping(EMPTY)) as peer:
        for name in names.answers:
            send(f"http://{name}:{peer.port}/", sender)
        assert len(sender._pool._idle) == 3
        monkeypatch.setattr(outgoing._Pool, "IDLE_SECONDS", 0.0)
        send(f"http://n9.example:{peer.port}/", sender)
        assert (len(sender._pool._idle), len(sender._pool._by_key)) == (1, 1)
        sender.close()
        assert (len(sender._pool._idle), len(sender._pool._by_key)) == (0, 0)
    assert peer.connections == 11


def test_many_threads() -> None:
    sender = Sender()
    with serving(keeping(EMPTY)) as peer, ThreadPoolExecutor(16) as threads:
        urls = [f"http://127.0.0.1:{peer.port}/{number}" for number in range(400)]
        assert {reply.status for reply in threads.map(lambda url: send(url, sender, "POST", b"x"), urls)} == {200}
        assert len(sender._pool._idle) <= outgoing._Pool.MAX_IDLE_OF_KEY
        sender.close()
    assert sorted(request.split(b" ")[1] for request in peer.requests) == sorted(b"/%d" % n for n in range(400))


# TLS.


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.new(tmp_path_factory.mktemp("tls"))


def tls_sender(authority: Authority) -> Sender:
    names = {"reader.example": [["127.0.0.1"]], "xn--r8jz45g.example": [["127.0.0.1"]]}
    return Sender(Resolver(Names(names)), tls=authority.client())


@pytest.mark.parametrize("name", ["reader.example", "xn--r8jz45g.example", "127.0.0.1"])
def test_the_certificate_is_checked_for_the_name(authority: Authority, name: str) -> None:
    asked: list[str | None] = []
    context = authority.server(name)
    context.sni_callback = lambda _socket, server_name, _context: asked.append(server_name)
    sender = tls_sender(authority)
    with serving(keeping(EMPTY), tls=context) as peer:
        for _ in range(3):
            assert send(f"https://{name}:{peer.port}/x", sender, "POST", b"x" * 300_000).status == 200
        sender.close()
    assert peer.connections == 1
    assert asked == [None if name == "127.0.0.1" else name]
    assert f"Host: {name}:{peer.port}\r\n".encode() in peer.requests[0]


WRONG = {
    "another name": ("other.example", 1, False),
    "a wildcard that is too wide": ("*.example.", 1, False),
    "an address": ("127.0.0.1", 1, False),
    "expired": ("reader.example", -1, False),
    "self-signed": ("reader.example", 1, True),
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_certificate_that_is_not_valid(authority: Authority, fault: str) -> None:
    name, days, is_self_signed = WRONG[fault]
    context = authority.server(name, days=days, is_self_signed=is_self_signed)
    with (
        serving(keeping(EMPTY), tls=context) as peer,
        pytest.raises(Failed, match="the certificate is not valid"),
    ):
        send(f"https://reader.example:{peer.port}/", tls_sender(authority), "POST", b"secret")
    assert peer.requests == []


def test_an_authority_of_a_stranger(authority: Authority) -> None:
    """By default, the authorities of the system count."""
    sender = Sender(Resolver(Names({"reader.example": [["127.0.0.1"]]})))
    with serving(keeping(EMPTY), tls=authority.server("reader.example")) as peer, pytest.raises(Failed, match="cert"):
        send(f"https://reader.example:{peer.port}/", sender)
    assert peer.requests == []


def test_an_old_version_of_tls(authority: Authority) -> None:
    context = authority.server("reader.example")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving(keeping(EMPTY), tls=context) as peer, pytest.raises(Failed):
        send(f"https://reader.example:{peer.port}/", tls_sender(authority))
    assert peer.requests == []


HANDSHAKES: dict[str, Pieces] = {
    "HTTP without TLS": once(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "silence": slowly(b"", b""),
    "a slow record": slowly(b"\x16\x03\x03\x40\x00\x02", b"\x00"),
    "endless records": forever(b"", b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 1000),
    "endless warnings": forever(b"", b"\x15\x03\x03\x00\x02\x01\x00" * 1000),
    "closed": once(),
    "random bytes": once(bytes(range(256))),
}


@pytest.mark.parametrize("name", HANDSHAKES)
def test_a_handshake_that_does_not_end(authority: Authority, name: str) -> None:
    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        for piece in HANDSHAKES[name](stop):
            if stop.is_set():
                return
            stream.sendall(piece)

    with serving(serve) as peer, pytest.raises(Failed):
        send(f"https://reader.example:{peer.port}/", tls_sender(authority), seconds=SOON)


def test_a_slow_response_within_tls(authority: Authority) -> None:
    context = authority.server("reader.example")
    with (
        serving(answering(slowly(OK, b"X: y\r\n")), tls=context) as peer,
        pytest.raises(Failed, match="within 1 s"),
    ):
        send(f"https://reader.example:{peer.port}/", tls_sender(authority), seconds=SOON)


# Limits.


def limited(**limits: RateLimit) -> Sender:
    names = {f"n{number}.example": [["127.0.0.1"]] for number in range(10)}
    wide = RateLimit(at_once=1000, per_second=1000.0, burst=1000)
    return Sender(
        Resolver(Names(names)), HostLimits(**{"hosts": wide, "addresses": wide, **limits}, spares_loopback=False)
    )


def test_the_rate_of_a_host() -> None:
    sender = limited(hosts=RateLimit(at_once=5, per_second=0.001, burst=3))
    with serving(keeping(EMPTY)) as peer:
        for name in ("n1", "n2"):
            for _ in range(3):
                send(f"http://{name}.example:{peer.port}/", sender)
            with pytest.raises(Busy, match=f"{name}.example") as raised:
                send(f"http://{name}.example:{peer.port}/", sender)
            assert 900 < raised.value.seconds <= 1000
        sender.close()
    assert len(peer.requests) == 6


def test_the_rate_of_an_address_with_many_names() -> None:
    sender = limited(addresses=RateLimit(at_once=5, per_second=0.001, burst=4))
    with serving(keeping(EMPTY)) as peer:
        for number in range(10):
            if number < 4:
                send(f"http://n{number}.example:{peer.port}/", sender)
            else:
                with pytest.raises(Busy, match=r"127\.0\.0\.1"):
                    send(f"http://n{number}.example:{peer.port}/", sender)
        sender.close()
    assert len(peer.requests) == 4


def test_requests_at_once_to_a_host() -> None:
    sender = limited(hosts=RateLimit(at_once=2, per_second=1000.0, burst=1000))
    answer, arrived = Event(), Event()

    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        if peer.connections == 2:
            arrived.set()
        answer.wait()
        keeping(EMPTY)(stream, peer, stop)

    with serving(serve) as peer, ThreadPoolExecutor(2) as threads:
        url = f"http://n1.example:{peer.port}/"
        both = [threads.submit(lambda: sender.send("GET", url, allow_loopback=True)) for _ in range(2)]
        arrived.wait()
        with pytest.raises(Busy):
            send(url, sender)
        answer.set()
        assert [each.result().status for each in both] == [200, 200]
        assert send(url, sender).status == 200
        sender.close()


def test_a_failure_ends_its_use() -> None:
    sender = limited(hosts=RateLimit(at_once=1, per_second=1000.0, burst=1000))
    with serving(answering(once(b"x\r\n\r\n"))) as peer:
        for _ in range(5):
            with pytest.raises(Failed):
                send(f"http://n1.example:{peer.port}/", sender)
