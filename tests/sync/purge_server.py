"""A CDN's API for tests: takes purges as Fastly or as Cloudflare does."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class PurgeServer:
    """What it was asked, and what it answers: by default that all is well."""

    port: int = 0
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    status: int = 200
    answer: bytes = b'{"success": true, "status": "ok"}'
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/purge"

    @property
    def keys(self) -> list[list[str]]:
        """Return the keys of each request."""
        return [
            json.loads(body)["tags"] if body else fields["Surrogate-Key"].split(" ")
            for _, fields, body in list(self.requests)
        ]


@contextmanager
def purge_server() -> Iterator[PurgeServer]:
    """Yield a running one."""
    made = PurgeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.requests.append((self.path, dict(self.headers), body))
            self.send_response(made.status)
            for name, value in {"Content-Length": str(len(made.answer)), **made.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(made.answer)

        do_GET = do_POST

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        made.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield made
        finally:
            server.shutdown()
            thread.join()
