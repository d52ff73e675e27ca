"""Subscribers on this machine: a server whose callbacks answer as a test wants, and remember what they were sent."""

import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl


@dataclass(frozen=True)
class Received:
    """A request to a callback. `query` has all parameters in their order."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def query(self) -> list[tuple[str, str]]:
        """Return the parameters."""
        return parse_qsl(self.path.partition("?")[2], keep_blank_values=True)

    def __getitem__(self, name: str) -> str:
        return dict(self.query)[name]


# Status, header fields and body.
Answer = tuple[int, Mapping[str, str], bytes]


def confirm(request: Received) -> Answer:
    """Echo the challenge, and take every delivery."""
    challenge = dict(request.query).get("hub.challenge", "")
    return (200, {}, challenge.encode()) if request.method == "GET" else (204, {}, b"")


@dataclass
class Callback:
    """One callback: its answers, and what it received."""

    answer: Callable[[Received], Answer] = confirm
    received: list[Received] = field(default_factory=list)

    @property
    def verifications(self) -> list[Received]:
        """Return the GET requests."""
        return [each for each in self.received if each.method == "GET"]

    @property
    def deliveries(self) -> list[Received]:
        """Return the POST requests."""
        return [each for each in self.received if each.method == "POST"]


class Subscribers:
    """The server. `callbacks` are by the first part of the path."""

    def __init__(self) -> None:
        self.callbacks: dict[str, Callback] = {}
        callbacks = self.callbacks

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_GET(self) -> None:
                size = int(self.headers.get("Content-Length", "0"))
                request = Received(self.command, self.path, dict(self.headers.items()), self.rfile.read(size))
                callback = callbacks[self.path.partition("?")[0].strip("/").partition("/")[0]]
                callback.received.append(request)
                status, fields, body = callback.answer(request)
                with suppress(OSError):
                    self.send_response(status)
                    for name, value in {**fields, "Content-Length": str(len(body))}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request: Any, client_address: Any) -> None:
                """Print nothing of a worker that was killed."""
                if not isinstance(sys.exception(), ConnectionError):
                    super().handle_error(request, client_address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def callback(self, name: str, answer: Callable[[Received], Answer] = confirm) -> Callback:
        """Make a callback."""
        self.callbacks[name] = Callback(answer)
        return self.callbacks[name]

    def url(self, name: str) -> str:
        """Return the URL of a callback."""
        return f"http://127.0.0.1:{self._server.server_port}/{name}"

    def close(self) -> None:
        """End the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
