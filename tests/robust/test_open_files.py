"""Where few files may be open, idle connections take none of those that answers need; and a server on IPv6."""

import http.client
import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from feedsvc import serve
from tests.live import COMMAND, Server, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

LIMIT = 300
IDLE = 700


@pytest.fixture
def many_files() -> Iterator[None]:
    """This process may open as many files as the test has connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.usefixtures("many_files")
def test_idle_connections_leave_files_for_answers(tmp_path: Path) -> None:
    limited = ("sh", "-c", f'ulimit -n {LIMIT}; exec "$@"', "sh", *COMMAND)
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1"}, serve=limited)
    with ExitStack() as stack:
        stack.callback(server.end)
        assert f"takes {LIMIT - serve.OTHER_FILES} connections" in server.log
        reader = http.client.HTTPConnection("127.0.0.1", server.port, timeout=300)
        stack.callback(reader.close)
        assert _status(reader, "/feeds/all.atom") == 200
        for _ in range(IDLE):
            stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 300))
        # Pages that were not made before: templates and the store are opened for them.
        for path in ("/", "/topics/chips", "/feeds/chips.rss?limit=3", "/feeds.opml", "/healthz", "/readyz"):
            assert _status(reader, path) == 200
        server.write("seen.md", "---\ntitle: Seen\npublished: 2026-10-01\nlanguage: en\ntopics: chips\n---\nText.\n")
        wait_for(lambda: _status(reader, "/articles/seen") == 200, "the edit")


def _status(reader: http.client.HTTPConnection, path: str) -> int:
    reader.request("GET", path)
    answer = reader.getresponse()
    answer.read()
    return answer.status


def test_the_limit_is_raised_before_connections_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "setrlimit", lambda _what, limits: raised.append(limits))
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (1024, 1_000_000))
    assert serve.allow_connections() == serve.MAX_CONNECTIONS
    assert raised == [(serve.MAX_CONNECTIONS + 1024, 1_000_000)]
    monkeypatch.setattr(resource, "getrlimit", lambda _what: (64, 64))
    assert serve.allow_connections() == 1


def test_a_server_on_ipv6(tmp_path: Path) -> None:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        pytest.skip("has no IPv6")
    server = Server(tmp_path, settings={"FEEDSVC_HOST": "::", "FEEDSVC_WORKERS": "1"})
    try:
        reader = http.client.HTTPConnection("::1", server.port, timeout=300)
        reader.request("GET", "/feeds/all.atom")
        body = reader.getresponse().read().decode()
        reader.close()
        assert f'href="http://[::1]:{server.port}/feeds/all.atom"' in body
    finally:
        server.end()
