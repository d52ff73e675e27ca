"""One server for all attacks of this folder, so that an attack meets the consequences of those before."""

import resource
from collections.abc import Iterator

import pytest

from tests.live import Server, wait_for
from tests.robust.wire import get, say

# Where an article was before, and where it is; both stay for the whole run.
OLD, NEW = "/articles/before", "/articles/after"
_MOVED = "---\ntitle: Moved\npublished: 2026-10-05\ntopics: [chips]\naliases: [before]\n---\n![x](p.svg)\n"


@pytest.fixture(scope="package")
def open_files() -> Iterator[int]:
    """How many files a process may have open, raised as far as it goes; servers started later inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    raised = max(soft, min(hard, 16_384))
    resource.setrlimit(resource.RLIMIT_NOFILE, (raised, hard))
    yield raised
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="package")
def server(open_files: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server with an article that has moved."""
    running = Server(tmp_path_factory.mktemp("robust"))
    try:
        (running.content / "articles" / "p.svg").write_text("<svg/>")
        running.write("after.md", _MOVED)
        wait_for(lambda: say(running.port, get(OLD)).startswith(b"HTTP/1.1 301 "), "the moved article")
        yield running
    finally:
        running.end()
