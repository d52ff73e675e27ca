"""Pollers that are broken, slow or hostile: no answer is a failure of ours, and everybody else is served as before.

No 5xx but 503, over raw sockets against a real server.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.live import Server
from tests.robust.wire import connect, get, hear, request, say, statuses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

FEED = "/feeds/all.atom"
MB = 1024 * 1024
# A worker needs some 80 MB; what an attack leaves in it must not add up.
MAX_RSS = 300 * MB
IDLE = 2000


def _rss(pid: int) -> int:
    """The resident memory of a process, in bytes; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    found = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


@pytest.fixture(autouse=True)
def undisturbed(server: Server) -> Iterator[None]:
    """After each attack the same processes run, none has grown beyond reason, and an ordinary poll gets its feed."""
    before = server.everyone()
    yield
    answer = say(server.port, get(FEED))
    assert statuses(answer) == [200]
    assert answer.rstrip().endswith(b"</feed>")
    assert server.everyone() == before
    assert {pid: rss for pid in before if (rss := _rss(pid)) > MAX_RSS} == {}
    assert "Traceback" not in server.log


def _survives(answer: bytes, *allowed: int) -> None:
    found = statuses(answer)
    assert set(found) <= set(allowed), answer[:300]
    assert b"Traceback" not in answer


PATHS = {
    "up": "/..",
    "up and up": "/../../../../etc/passwd",
    "up, encoded": "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "up, encoded twice": "/%252e%252e/%252e%252e/etc/passwd",
    "up below feeds": "/feeds/%2e%2e/feeds/all.atom",
    "up below media": "/media/%2e%2e%2f%2e%2e%2fcontent%2fsite.toml",
    "up below static": "/static/..%2f..%2f__init__.py",
    "up with backslashes": "/media/..%5c..%5csite.toml",
    "dot": "/./feeds/./all.atom",
    "NUL": "/%00",
    "NUL behind a feed": "/feeds/all.atom%00",
    "NUL before a suffix": "/feeds/all%00.atom",
    "NUL in a name": "/media/%00.svg",
    "two slashes": "//",
    "two slashes and a host": "//reader.example/feeds/all.atom",
    "many slashes": "/" * 20_000,
    "semicolon": "/;",
    "parameter of a path": "/feeds/all.atom;jsessionid=1",
    "overlong dots": "/%c0%ae%c0%ae/%c0%ae%c0%ae/etc/passwd",
    "overlong slash": "/%e0%80%af",
    "surrogate": "/articles/%ed%a0%80",
    "beyond Unicode": "/articles/%f4%90%80%80",
    "noncharacter": "/articles/%ef%bf%bf",
    "not UTF-8": "/articles/%ff%fe",
    "line ends": "/articles/x%0d%0aSet-Cookie:%20a=b",
    "a long slug": f"/articles/{'a' * 30_000}",
    "a long slug in Chinese": f"/articles/{'%E4%BD%A0' * 3000}",
    "marks in the wrong order": f"/articles/a{'%CC%81' * 4000}{'%CC%A7' * 4000}",
    "a long name of a feed": f"/feeds/{'a' * 30_000}.atom",
    "a long suffix": f"/feeds/all.{'a' * 30_000}",
    "many dots": f"/feeds/{'.' * 20_000}atom",
    "a percent sign": "/%",
    "no percent-encoding": "/articles/%zz",
    "half a percent-encoding": "/articles/x%4",
    "%u": "/articles/%u0041",
    "fragment": "/feeds/all.atom#top",
    "a number too large": f"/sitemap-{'9' * 5000}.xml",
    "no number": "/sitemap--1.xml",
    "page too large": f"/?page={'9' * 5000}",
    "not a URL": "feeds/all.atom",
    "space": "/feeds/all.atom /x",
    "bytes over 127": "/articles/\xe4\xbd\xa0",
    "brackets": "/<script>alert(1)</script>",
    "braces": "/{{7*7}}",
    "format": "/articles/%25s%25n%7b0%7d",
    "star": "*",
    "10,000 parameters": f"{FEED}?{'&'.join(f'{n:x}' for n in range(10_000))}",
    "10,000 parameters that are ignored": f"{FEED}?{'&_' * 10_000}",
    "one parameter 10,000 times": f"/?{'ui=en&' * 9_000}",
    "bad parameters": f"{FEED}?%zz=%&=&&&%00",
}


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
@pytest.mark.parametrize("browser", [(), ("Sec-Fetch-Dest: document",)], ids=["reader", "browser"])
def test_paths(server: Server, path: str, browser: tuple[str, ...]) -> None:
    answer = say(server.port, get(path, *browser))
    _survives(answer, 200, 400, 404, 414, 431)
    assert answer
    assert b"root:" not in answer
    assert b"tag_authority" not in answer
    assert b"Set-Cookie: a" not in answer.partition(b"\r\n\r\n")[0]


LINES = {
    "nothing": b"\r\n\r\n\r\nX\r\n\r\n",
    "one word": b"GET\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "no method": b" / HTTP/1.1\r\n\r\n",
    "no colon": b"GET / HTTP/1.1\r\nHost\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
    "a folded field": b"GET / HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    "HTTP/0.9": b"GET / HTTP/0.9\r\n\r\n",
    "HTTP/1.9": b"GET / HTTP/1.9\r\n\r\n",
    "HTTP/3": b"GET / HTTP/3\r\n\r\n",
    "lower case": b"get / http/1.1\r\n\r\n",
    "NUL in the method": b"G\x00T / HTTP/1.1\r\n\r\n",
    "NUL in a field": b"GET / HTTP/1.1\r\nA: \x00\r\n\r\n",
    "a bare CR in a field": b"GET / HTTP/1.1\r\nA: b\rC: d\r\nConnection: close\r\n\r\n",
    "bare line feeds": b"GET / HTTP/1.1\nHost: x\nConnection: close\n\n",
    "a TLS greeting": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) + b"\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "every byte": bytes(range(256)) * 8 + b"\r\n\r\n",
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00" * 9,
    "HTTP/2 and nonsense": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 5000,
    "10 MB of fields": b"GET / HTTP/1.1\r\n" + (b"A: " + b"x" * 1000 + b"\r\n") * 10_000 + b"\r\n",
    "one field of 10 MB": b"GET / HTTP/1.1\r\nA: " + b"x" * 10_000_000 + b"\r\n\r\n",
    "one name of 10 MB": b"GET / HTTP/1.1\r\n" + b"x" * 10_000_000 + b": a\r\n\r\n",
    "a URL of 10 MB": b"GET /" + b"x" * 10_000_000 + b" HTTP/1.1\r\n\r\n",
    "a method of 10 MB": b"X" * 10_000_000 + b" / HTTP/1.1\r\n\r\n",
    "10 MB without a line": b"x" * 10_000_000,
    "500 fields": b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 500 + b"\r\n",
}


@pytest.mark.parametrize("data", LINES.values(), ids=LINES.keys())
def test_what_is_no_request(server: Server, data: bytes) -> None:
    _survives(say(server.port, data), 200, 400, 404, 414, 431, 505)


def test_unfinished_requests_of_any_length(server: Server) -> None:
    """A client that goes away in the middle of a word."""
    whole = get(FEED, "Accept-Encoding: gzip", 'If-None-Match: W/"x"')
    for length in range(len(whole)):
        with connect(server.port) as sock:
            sock.sendall(whole[:length])


METHODS = ["FOO", "PROPFIND", "TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "POST", "PRI", "M-SEARCH", "X" * 5000, "!"]


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method[:9])
def test_unknown_methods(server: Server, method: str) -> None:
    """docs/http.md, rule 9: others: 405 with Allow."""
    answer = say(server.port, request(f"{method} {FEED} HTTP/1.1", "Content-Length: 4", body=b"body"))
    _survives(answer, 405)
    assert b"\r\nallow: GET, HEAD, OPTIONS\r\n" in answer.lower().replace(b"get, head, options", b"GET, HEAD, OPTIONS")


CHUNKED = "Transfer-Encoding: chunked"
BODIES = {
    "on a GET": ["Content-Length: 5", "hello"],
    "longer than said": ["Content-Length: 2", "hello"],
    "shorter than said": ["Content-Length: 500", "hello"],
    "10 MB": ["Content-Length: 10000000", "x" * 10_000_000],
    "two lengths": ["Content-Length: 2\r\nContent-Length: 3", "abc"],
    "a negative length": ["Content-Length: -1", ""],
    "a length beyond 64 bits": [f"Content-Length: {'9' * 30}", ""],
    "a length that is none": ["Content-Length: 0x5", "hello"],
    "chunks": [CHUNKED, "5\r\nhello\r\n0\r\n\r\n"],
    "a chunk of no size": [CHUNKED, "zz\r\nhello\r\n0\r\n\r\n"],
    "a chunk beyond 64 bits": [CHUNKED, f"{'f' * 30}\r\nhello\r\n0\r\n\r\n"],
    "a chunk with 100 kB of extensions": [CHUNKED, f"5;{'a=b;' * 25_000}\r\nhello\r\n0\r\n\r\n"],
    "a trailer without end": [CHUNKED, "0\r\n" + "a: b\r\n" * 20_000],
    "another coding": ["Transfer-Encoding: gzip", ""],
    "smuggled": [f"Content-Length: 3\r\n{CHUNKED}", "0\r\n\r\nGET /articles/smuggled HTTP/1.1\r\n\r\n"],
    "expected": ["Content-Length: 5\r\nExpect: 100-continue", "hello"],
    "expected otherwise": ["Expect: a-miracle", ""],
    "an upgrade": ["Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: YQ==", ""],
    "an upgrade to HTTP/2": ["Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__", ""],
}


@pytest.mark.parametrize(("field", "body"), BODIES.values(), ids=BODIES.keys())
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_bodies_nobody_asked_for(server: Server, method: str, field: str, body: str) -> None:
    answer = say(server.port, request(f"{method} {FEED} HTTP/1.1", field, body=body.encode()))
    _survives(answer, 100, 200, 400, 405, 417)
    assert len([each for each in statuses(answer) if each != 100]) == 1


HEADERS = [
    "Accept",
    "Accept-Encoding",
    "Accept-Language",
    "Authorization",
    "Cache-Control",
    "Content-Type",
    "Cookie",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "If-Range",
    "If-Unmodified-Since",
    "Range",
    "Referer",
    "Sec-Fetch-Dest",
    "User-Agent",
]
VALUES = {
    "empty": "",
    "100 kB": "x" * 100_000,
    "commas": "a," * 25_000,
    "quotes": '"' * 50_000,
    "tags": 'W/"a",' * 8_000,
    "weights": "en;q=0.1," * 6_000,
    "bad weights": "gzip;q=1e999, br;q=nan, *;q=-1, identity;q=" + "9" * 5000,
    "cookies": "; ".join(f"a{n}=b" for n in range(5_000)),
    "not ASCII": "\xff\xfe\x80" * 1000,
    "spaces": " " * 50_000 + "x",
    "a year too large": "1 Jan 99999999999 99:99:99",
    "an offset too large": "Sun, 06 Nov 1994 08:49:37 +99999999999",
    "the first day": "Mon, 01 Jan 0001 00:00:00 +2300",
    "the last day": "Fri, 31 Dec 9999 23:59:59 -2300",
    "digits": "9" * 5_000,
    "ranges": "bytes=" + "0-0," * 12_000,
    "a range too large": "bytes=0-" + "9" * 5_000,
    "a range that ends before it begins": "bytes=5-2",
    "the last of all": "bytes=-" + "9" * 18,
    "no range": "bytes=--,a-b",
    "basic": "Basic ====\xe9",
    "digest": 'Digest username="',
    "star": "*",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("path", [FEED, "/", "picture"])
def test_headers_full_of_nonsense(server: Server, name: str, path: str) -> None:
    if path == "picture":
        found = re.search(rb"/media/\w+\.svg", server.read("/articles/after"))
        assert found
        path = found[0].decode()
    for value in VALUES.values():
        companion = ["Range: bytes=0-1"] if name == "If-Range" else []
        answer = say(server.port, get(path, f"{name}: {value}", *companion))
        _survives(answer, 200, 206, 304, 400, 406, 412, 416, 431)
        assert answer


def test_the_same_nonsense_in_small(server: Server) -> None:
    """As much as still fits into a header, so that our own code reads it and not the server's refusal."""
    for name in HEADERS:
        for value in VALUES.values():
            _survives(say(server.port, get(FEED, f"{name}: {value[:30_000]}")), 200, 206, 304, 400, 406, 412, 416)


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_no_host(server: Server, version: str) -> None:
    answer = say(server.port, f"GET {FEED} {version}\r\nConnection: close\r\n\r\n".encode())
    _survives(answer, 200, 400)


def test_pipelined_requests_are_answered_in_their_order(server: Server) -> None:
    paths = [FEED, "/articles/nothing", FEED, "/healthz"] * 25
    data = "".join(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n" for path in paths).encode()
    answer = say(server.port, data + get(FEED))
    assert statuses(answer) == [200, 404, 200, 200] * 25 + [200]


def test_one_byte_at_a_time(server: Server) -> None:
    with connect(server.port) as sock:
        for byte in get(FEED):
            sock.sendall(bytes([byte]))
        assert statuses(hear(sock)) == [200]


def _opened(stack: ExitStack, server: Server, number: int, data: bytes) -> None:
    for _ in range(number):
        stack.enter_context(connect(server.port)).sendall(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"GET", id="in the middle of a request line"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\nA: b", id="in the middle of its header"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", id="before its body"),
        pytest.param(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe", id="in a chunk"),
    ],
)
def test_clients_that_never_finish(server: Server, data: bytes) -> None:
    """More of them than there are threads; while they are there, others are served."""
    with ExitStack() as stack:
        _opened(stack, server, 100, data)
        assert statuses(say(server.port, get(FEED))) == [200]
        assert statuses(say(server.port, get("/readyz"))) == [200]


def test_clients_that_ask_and_never_listen(server: Server) -> None:
    with ExitStack() as stack:
        _opened(stack, server, 100, get(FEED) * 3)
        assert statuses(say(server.port, get(FEED))) == [200]


def test_two_thousand_idle_connections(server: Server, open_files: int) -> None:
    number = min(IDLE, open_files - 200)
    if number < IDLE and not os.environ.get("CI"):
        pytest.skip(f"only {open_files} files may be open")
    with ExitStack() as stack:
        _opened(stack, server, number, b"")
        assert statuses(say(server.port, get(FEED))) == [200]
        for pid in server.everyone():
            assert _rss(pid) <= MAX_RSS
