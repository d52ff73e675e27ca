"""Header tricks over raw sockets: no foreign host in any byte of any answer, no other method or path by a header.

docs/http.md, rule 15: nothing in a body or a Location comes from Host, X-Forwarded-* or any other header.
"""

import re
import sys
from functools import cache
from itertools import combinations

import pytest

from tests.live import Server
from tests.robust.conftest import NEW, OLD
from tests.robust.wire import say, statuses

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

EVIL = "evil.example"
SINGLE = {
    "Host": [f"Host: {EVIL}"],
    "Host with a port": [f"Host: {EVIL}:8443"],
    "Host with a user": [f"Host: reader.example@{EVIL}"],
    "Host with a path": [f"Host: {EVIL}/feeds/chips.atom"],
    "Host that closes a tag": [f'Host: "><script src=//{EVIL}></script>'],
    "no Host": [],
    "an empty Host": ["Host:"],
    "two Hosts": ["Host: reader.example", f"Host: {EVIL}"],
    "two Hosts the other way": [f"Host: {EVIL}", "Host: reader.example"],
    "three Hosts": [f"Host: {EVIL}", f"Host: {EVIL}", f"Host: {EVIL}"],
    "X-Forwarded-Host": [f"X-Forwarded-Host: {EVIL}"],
    "X-Forwarded-Host twice": [f"X-Forwarded-Host: reader.example, {EVIL}", f"X-Forwarded-Host: {EVIL}"],
    "X-Forwarded-Proto": [f"X-Forwarded-Proto: gopher://{EVIL}"],
    "X-Forwarded-Port": ["X-Forwarded-Port: 666", f"X-Forwarded-Server: {EVIL}"],
    "X-Forwarded-Prefix": [f"X-Forwarded-Prefix: //{EVIL}"],
    "X-Script-Name": [f"X-Script-Name: //{EVIL}", f"Script-Name: //{EVIL}"],
    "Forwarded": [f"Forwarded: for={EVIL};host={EVIL};proto=gopher"],
    "X-Original-URL": ["X-Original-URL: /articles/nothing", f"X-Original-Host: {EVIL}"],
    "X-Original-URL of another host": [f"X-Original-URL: http://{EVIL}/"],
    "X-Rewrite-URL": ["X-Rewrite-URL: /articles/nothing"],
    "X-Rewrite-URL of another host": [f"X-Rewrite-URL: //{EVIL}/"],
    "X-HTTP-Method-Override": ["X-HTTP-Method-Override: DELETE", "X-HTTP-Method: PUT", "X-Method-Override: POST"],
    "X-Host": [f"X-Host: {EVIL}", f"X-HTTP-Host-Override: {EVIL}"],
    "X-Wap-Profile": [f"X-Wap-Profile: http://{EVIL}/wap.xml", f"Profile: http://{EVIL}/"],
    "X-Forwarded-For": [f"X-Forwarded-For: {EVIL}", f"X-Real-IP: {EVIL}", f"Client-IP: {EVIL}", f"Via: 1.1 {EVIL}"],
    "Referer": [f"Referer: https://{EVIL}/", f"From: a@{EVIL}", f"User-Agent: {EVIL}"],
    "Origin": [f"Origin: https://{EVIL}"],
    "Cookie": [f"Cookie: session={EVIL}; host={EVIL}; SERVER_NAME={EVIL}", f"Authorization: Bearer {EVIL}"],
    "CGI": [f"Server-Name: {EVIL}", f"Path-Info: //{EVIL}", f"Server_Name: {EVIL}", f"Proxy: http://{EVIL}"],
    "Destination": [f"Destination: http://{EVIL}/", f"Content-Location: http://{EVIL}/", "Overwrite: T"],
    "hop by hop": ["Connection: close, Host, X-Forwarded-Host", f"X-Forwarded-Host: {EVIL}"],
}
# What a proxy could be fooled by is often two of them at once.
_PAIRED = ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "Forwarded", "X-Original-URL"]
_PAIRED += ["X-Rewrite-URL", "X-HTTP-Method-Override", "two Hosts"]
TRICKS = SINGLE | {f"{one} and {other}": SINGLE[one] + SINGLE[other] for one, other in combinations(_PAIRED, 2)}
# The form of the request line is a trick of its own (RFC 9112 §3.2.2: a Host is overruled by it).
LINES = ["{path}", f"http://{EVIL}{{path}}", f"https://{EVIL}:8443{{path}}", f"ftp://{EVIL}{{path}}"]
PATHS = [
    "/",
    "/feeds/all.atom",
    "/feeds/all.rss",
    "/feeds/all.json",
    "/feeds.opml",
    "/topics/chips",
    NEW,
    OLD,
    "/articles/nothing",
    "/nothing",
    "/feeds/nothing.atom",
    "/feeds/all.atom?limit=3",
    "/topics/chips/",
    "/feeds/all.atom/",
    "//feeds/all.atom",
    f"{OLD}/",
    "/sitemap.xml",
    "/robots.txt",
    "/healthz",
    "/readyz",
]


def test_there_are_enough_of_them() -> None:
    assert len(TRICKS) * len(LINES) >= 60


@cache
def _ask(port: int, method: str, target: str, fields: tuple[str, ...]) -> bytes:
    head = [f"{method} {target} HTTP/1.1", *fields, "Connection: close", "Accept: text/html", "", ""]
    answer = say(port, "\r\n".join(head).encode())
    return re.sub(rb"\r\ndate: [^\r]+", b"", answer)


def _plain(server: Server, path: str, method: str = "GET") -> bytes:
    return _ask(server.port, method, path, (f"Host: 127.0.0.1:{server.port}",))


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("trick", TRICKS)
def test_no_header_changes_an_answer(server: Server, trick: str, line: str) -> None:
    """Byte for byte the answer that was given without the trick; or, to what is no HTTP, a bare refusal."""
    for path in PATHS:
        answer = _ask(server.port, "GET", line.format(path=path), tuple(TRICKS[trick]))
        assert EVIL.encode() not in answer
        assert b"gopher" not in answer
        assert answer == _plain(server, path) or statuses(answer) == [400]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "POST", "DELETE"])
@pytest.mark.parametrize("trick", ["Host", "two Hosts", "X-HTTP-Method-Override", "X-Original-URL", "X-Rewrite-URL"])
def test_a_method_is_what_the_request_line_says(server: Server, trick: str, method: str) -> None:
    for path in PATHS:
        answer = _ask(server.port, method, path, tuple(TRICKS[trick]))
        assert EVIL.encode() not in answer
        assert answer == _plain(server, path, method)


def test_the_redirect_is_one(server: Server) -> None:
    """What the tests above compare is what it should be."""
    answer = _plain(server, OLD)
    assert statuses(answer) == [301]
    assert f"\r\nlocation: {server.url(NEW)}\r\n".encode() in answer


@pytest.mark.parametrize("path", [f"//{EVIL}", f"///{EVIL}/", f"/\\{EVIL}", f"/{EVIL}/..", f"//{EVIL}/%2e%2e"])
def test_a_host_in_a_path_leads_nowhere(server: Server, path: str) -> None:
    answer = _plain(server, path)
    assert statuses(answer) in ([400], [404])
    assert EVIL.encode() not in answer
