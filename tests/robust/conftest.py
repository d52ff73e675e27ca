"""Fixtures: one server for all attacks of this folder, so that each attack meets the consequences of earlier ones."""

import resource
from collections.abc import Iterator

import pytest

from tests.live import Server, wait_for
from tests.robust.wire import get, say

# The earlier and the present address of an article; both stay for the whole run.
OLD, NEW = "/articles/before", "/articles/after"
_MOVED = "---\ntitle: Moved\npublished: 2026-10-05\ntopics: [chips]\naliases: [before]\n---\n![x](p.svg)\n"


@pytest.fixture(scope="package")
def open_files() -> Iterator[int]:
    """Raise the limit of open files as far as possible, and return it; servers that start later inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised = max(soft, min(hard, 16_384))
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    yield raised
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="package")
def server(open_files: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Yield a running server with an article that has moved."""
    running = Server(tmp_path_factory.mktemp("robust"))
    try:
        (running.content / "articles" / "p.svg").write_text("<svg/>")
        running.write("after.md", _MOVED)
        wait_for(lambda: say(running.port, get(OLD)).startswith(b"HTTP/1.1 301 "), "the moved article")
        yield running
    finally:
        running.end()
