"""Send raw bytes to a server and receive its response, without a library that would correct them."""

import re
import socket
from contextlib import suppress

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) [A-Z][A-Za-z -]*\r\n")
# Enough for a busy machine; a test that waits longer has found a server that hangs.
PATIENCE = 30


def connect(port: int) -> socket.socket:
    """Return a connection to this machine."""
    made = socket.create_connection(("127.0.0.1", port), PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def say(port: int, data: bytes) -> bytes:
    """Return the server's response to `data` until it closes the connection, also if it does not read all data."""
    with connect(port) as sock:
        with suppress(ConnectionError):
            sock.sendall(data)
        return hear(sock)


def hear(sock: socket.socket) -> bytes:
    """Return all bytes until the other side closes the connection."""
    heard = bytearray()
    with suppress(ConnectionError):
        while part := sock.recv(65536):
            heard += part
    return bytes(heard)


def request(line: str, *fields: str, body: bytes = b"") -> bytes:
    """Return the last request of a connection; `line` and `fields` are sent unchanged."""
    head = "\r\n".join([line, "Host: reader.example", "Connection: close", *fields, "", ""])
    return head.encode("latin-1") + body


def get(path: str, *fields: str, body: bytes = b"") -> bytes:
    """Return a GET request of HTTP/1.1."""
    return request(f"GET {path} HTTP/1.1", *fields, body=body)


def statuses(answer: bytes) -> list[int]:
    """Return the statuses of the responses in these bytes."""
    return [int(found) for found in _STATUS.findall(answer)]
