"""Bytes to a server and back, whatever they are: no library in between that would mend them."""

import re
import socket
from contextlib import suppress

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) [A-Z][A-Za-z -]*\r\n")
# Long enough for a busy machine; a test that gets here has found a server that hangs.
PATIENCE = 30


def connect(port: int) -> socket.socket:
    """A connection to this machine."""
    made = socket.create_connection(("127.0.0.1", port), PATIENCE)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def say(port: int, data: bytes) -> bytes:
    """Everything the server answers to `data` until it closes the connection. It need not hear all of it."""
    with connect(port) as sock:
        with suppress(ConnectionError):
            sock.sendall(data)
        return hear(sock)


def hear(sock: socket.socket) -> bytes:
    """Everything until the other side closes."""
    heard = bytearray()
    with suppress(ConnectionError):
        while part := sock.recv(65536):
            heard += part
    return bytes(heard)


def request(line: str, *fields: str, body: bytes = b"") -> bytes:
    """A request that is the last one of its connection; `line` and `fields` are written as they are."""
    head = "\r\n".join([line, "Host: reader.example", "Connection: close", *fields, "", ""])
    return head.encode("latin-1") + body


def get(path: str, *fields: str, body: bytes = b"") -> bytes:
    """A GET over HTTP/1.1."""
    return request(f"GET {path} HTTP/1.1", *fields, body=body)


def statuses(answer: bytes) -> list[int]:
    """The statuses of the answers in what was heard."""
    return [int(found) for found in _STATUS.findall(answer)]
