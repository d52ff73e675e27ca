"""A publication behind a socket of this machine, with a record of what was answered."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.conftest import SITE_TOML, Publication


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nobody reads it."""


class Record:
    """The (path, status) of every answer, in their order."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self.app = app
        self.answers: list[tuple[str, int]] = []

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        def noting(status: str, headers: Any, exc_info: Any = None) -> Any:
            self.answers.append((environ["PATH_INFO"], int(status[:3])))
            return start_response(status, headers, exc_info)

        return self.app(environ, noting)


@contextmanager
def served(publication: Publication) -> Iterator[tuple[str, Record]]:
    """(base address, record); the publication says that address of itself, and is synced once more."""
    record = Record(publication.client().application)
    server = make_server("127.0.0.1", 0, record, threaded=True, request_handler=_Quiet)
    base = f"http://127.0.0.1:{server.server_port}"
    publication.write("site.toml", SITE_TOML.replace("https://example.org", base))
    publication.sync()
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield base, record
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
