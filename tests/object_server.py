"""A real S3 over HTTP on this machine: moto's server, which counts requests and can be made to fail or to be slow."""

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import make_server

ACCESS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
    "AWS_ALLOW_HTTP": "true",
}


class ObjectServer:
    """A server in a thread. `requests` has the method and the path of each request since `forget`.

    While `fault` is set, requests with that method get this status; those below the path `closed` get 403. While `gate`
    is cleared, requests wait for it.
    """

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.requests: list[tuple[str, str]] = []
        self.fault: tuple[str, int] | None = None
        self.closed = ""
        # Of the objects, which a request may replace while a test reads them.
        self._lock = threading.Lock()
        self.gate = threading.Event()
        self.gate.set()
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def _answer(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if "HTTP_X_TEST" not in environ:
            self.requests.append((method, path))
            self.gate.wait(60)
            fault = ("*", 403) if self.closed and path.startswith(self.closed) else self.fault
            if fault is not None and fault[0] in (method, "*"):
                start_response(f"{fault[1]} Fault", [("Content-Type", "text/plain")])
                return [b"fault"]
        with self._lock:
            found: Iterable[bytes] = self._app(environ, start_response)
        return found

    def ask(self, method: str, path: str, data: bytes | None = None) -> tuple[bytes, dict[str, str]]:
        """Make a request of the test itself, which is neither counted nor disturbed. Return the body and the fields."""
        with urlopen(
            Request(f"{self.url}{path}", data, {"X-Test": "1", "Content-Type": "text/plain"}, method=method), timeout=30
        ) as answer:
            return answer.read(), {name.lower(): value for name, value in answer.headers.items()}

    def objects(self, bucket: str) -> dict[str, tuple[bytes, str]]:
        """Return the bytes and the type of each object of a bucket, without a request for each."""
        keys = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].buckets[bucket].keys
        with self._lock:
            return {name: (each.value, each.metadata["Content-Type"]) for name, each in keys.items()}

    def clear(self) -> None:
        """Delete all buckets, and allow all credentials."""
        self.fault, self.closed = None, ""
        self.gate.set()
        self.ask("POST", "/moto-api/reset", b"")
        self.requests.clear()

    def stop(self) -> None:
        """End the server."""
        self.gate.set()
        self._server.shutdown()
        self._thread.join(30)
        self._server.server_close()


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """Yield one server for all tests of this process."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ObjectServer()
    yield server
    server.stop()


@contextmanager
def bucket(server: ObjectServer, monkeypatch: pytest.MonkeyPatch, name: str = "bucket") -> Iterator[str]:
    """Make a bucket, and let this process use the server. Yield the URL of a prefix in the bucket."""
    server.clear()
    server.ask("PUT", f"/{name}")
    for variable, value in ACCESS.items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    yield f"s3://{name}/media"
    server.clear()
