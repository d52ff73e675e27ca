"""Sockets for requests to foreign servers: one deadline for all waits, and a limit on the bytes that are read."""

import io
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

_BUFFER_BYTES: Final = 8 * 1024
# The largest record of TLS (RFC 8446 §5.1) and its head fit.
_RECORD_BYTES: Final = 17 * 1024
_PLAIN_BYTES: Final = 64 * 1024

T = TypeVar("T")


class TooLarge(OSError):
    """The peer has sent more bytes than the limit."""


def remaining(deadline: float) -> float:
    """Return the seconds until `deadline` (of the monotonic clock). Raises TimeoutError after it."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError("timed out")
    return left


class _Source(Protocol):
    def recv_into(self, buffer: memoryview) -> int: ...


class _Stream(io.RawIOBase):
    """The bytes that a socket receives."""

    def __init__(self, source: _Source) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._source.recv_into(memoryview(buffer))


class BoundedSocket:
    """What `http.client` uses of a socket, with one deadline (of the monotonic clock) and one limit in bytes.

    Its methods raise TimeoutError after the deadline, and TooLarge if more bytes than the limit are read. `http.client`
    closes a connection before it reads a body that ends with the connection, and relies on the reference count of
    `socket.socket`. Here `close` does nothing and `release` closes.
    """

    def __init__(self, source: socket.socket, deadline: float, limit: int) -> None:
        self.source, self.deadline, self.limit = source, deadline, limit

    def recv_into(self, buffer: memoryview) -> int:
        """Read into the buffer, and return how many bytes were read; 0 at the end."""
        if self.limit <= 0:
            raise TooLarge("the response is larger than this client reads")
        # A timeout of the socket alone would begin again with each byte of a slow server.
        self.source.settimeout(remaining(self.deadline))
        count = self.source.recv_into(buffer[: self.limit])
        self.limit -= count
        return count

    def sendall(self, data: bytes) -> None:
        """Send all bytes, however slowly the peer reads."""
        left = memoryview(data)
        while left:
            self.source.settimeout(remaining(self.deadline))
            left = left[self.source.send(left) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the stream that `http.client.HTTPResponse` reads."""
        return io.BufferedReader(_Stream(self), _BUFFER_BYTES)

    def fileno(self) -> int:
        return self.source.fileno()

    def settimeout(self, seconds: float | None) -> None:
        """Do nothing: the deadline decides."""

    def close(self) -> None:
        """Do nothing: `release` closes."""

    def release(self) -> None:
        """Close the connection."""
        self.source.close()

    @property
    def has_unread(self) -> bool:
        """Whether bytes were received and not read."""
        return False


class SecureSocket(BoundedSocket):
    """The same with TLS. `limit` counts the bytes of TLS, and deadline and limit hold within each step of it.

    A timeout of `ssl.SSLSocket` does not: OpenSSL does not return while a peer sends messages that it ignores, such as
    HelloRequest. Here it reads from memory, and returns when it has used what was received.
    """

    def __init__(
        self, source: socket.socket, deadline: float, limit: int, context: ssl.SSLContext, server_name: str
    ) -> None:
        """Make the handshake. Raises ssl.SSLError, also for a certificate that is not valid for `server_name`."""
        super().__init__(source, deadline, limit)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self._run(self._tls.do_handshake)

    def recv_into(self, buffer: memoryview) -> int:
        """Read into the buffer, and return how many bytes were read; 0 at the end."""
        try:
            # With a buffer, `read` returns a number.
            return int(self._run(lambda: self._tls.read(len(buffer), buffer)))
        except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
            return 0

    def sendall(self, data: bytes) -> None:
        """Send all bytes, however slowly the peer reads."""
        left = memoryview(data)
        while left:
            left = left[self._run(lambda piece=left[:_PLAIN_BYTES]: self._tls.write(piece)) :]  # type: ignore[misc]

    @property
    def has_unread(self) -> bool:
        """Whether bytes were received and not read."""
        return bool(self._incoming.pending or self._tls.pending())

    def _run(self, step: Callable[[], T]) -> T:
        """Return what a step of TLS returns, and send and receive what it asks for."""
        received = bytearray(_RECORD_BYTES)
        while True:
            try:
                result, is_done = step(), True
            except ssl.SSLWantReadError:
                is_done = False
            finally:
                # Also the alert that a failed step leaves.
                super().sendall(self._outgoing.read())
            if is_done:
                return result
            count = super().recv_into(memoryview(received))
            if count:
                self._incoming.write(memoryview(received)[:count])
            else:
                self._incoming.write_eof()
