"""Servers on loopback for the tests of outgoing requests, which answer with prepared bytes."""

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from select import select
from threading import Event, Thread

OK = b"HTTP/1.1 200 OK\r\n"
EMPTY = OK + b"Content-Length: 0\r\n\r\n"
# The bytes for one connection, in pieces; the event is set when the server ends.
Pieces = Callable[[Event], Iterator[bytes]]


@dataclass
class Peer:
    """A server that runs. `requests` has the bytes of each request."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)


@contextmanager
def serving(
    serve: Callable[[socket.socket, Peer, Event], None], host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
) -> Iterator[Peer]:
    """Call `serve` in a thread for each connection."""
    stop, threads = Event(), list[Thread]()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, 0), family=family) as server:
        server.settimeout(0.01)
        peer = Peer(server.getsockname()[1])

        def each(connection: socket.socket) -> None:
            with connection, suppress(OSError):
                connection.settimeout(30)
                with tls.wrap_socket(connection, server_side=True) if tls else connection as stream:
                    serve(stream, peer, stop)

        def accept() -> None:
            while not stop.is_set():
                with suppress(TimeoutError):
                    connection, _ = server.accept()
                    peer.connections += 1
                    threads.append(Thread(target=each, args=(connection,)))
                    threads[-1].start()

        acceptor = Thread(target=accept)
        acceptor.start()
        try:
            yield peer
        finally:
            stop.set()
            acceptor.join()
            for thread in threads:
                thread.join()


def request_of(stream: socket.socket) -> bytes:
    """Read one request; b"" if the connection ended."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65536)
        if not piece:
            return b""
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    while lengths and len(body) < lengths[0]:
        piece = stream.recv(65536)
        if not piece:
            return b""
        body += piece
    return head + b"\r\n\r\n" + body


def answering(pieces: Pieces) -> Callable[[socket.socket, Peer, Event], None]:
    """Answer the first request of each connection with these pieces, then close."""

    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        peer.requests.append(request_of(stream))
        for piece in pieces(stop):
            if stop.is_set():
                break
            stream.sendall(piece)

    return serve


def keeping(answer: bytes, *, at_most: int = 1000) -> Callable[[socket.socket, Peer, Event], None]:
    """Answer each request of a connection with `answer`, and close after `at_most`."""

    def serve(stream: socket.socket, peer: Peer, stop: Event) -> None:
        for _ in range(at_most):
            # A timeout within a request would lose its first part. TLS may have received more than one record.
            while not (select([stream], [], [], 0.02)[0] or (isinstance(stream, ssl.SSLSocket) and stream.pending())):
                if stop.is_set():
                    return
            request = request_of(stream)
            if not request:
                return
            peer.requests.append(request)
            stream.sendall(answer)

    return serve
