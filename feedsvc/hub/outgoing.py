"""Requests to addresses that strangers gave. It is the one module that sends them, and the one that imports urllib3.

A name is resolved once for a request. If one of its addresses is not of the open Internet, the request is refused
(docs/decisions/0295-outgoing-requests-of-the-hub.md). The connection goes to a resolved address, with the name in SNI,
Host and the check of the certificate. No proxy, no redirect, no cookie and no content coding is used.
"""

import http.client
import re
import socket
import ssl
import time
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from ipaddress import IPv6Address
from threading import Lock
from typing import Final, cast

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse

from feedsvc import __version__
from feedsvc.errors import FeedsvcError
from feedsvc.hub.destination import (
    MAX_SENT_URL_LENGTH,
    Address,
    Destination,
    Refused,
    check_literal,
    destination_of,
    refusal,
)
from feedsvc.hub.limits import Busy, HostLimits
from feedsvc.hub.resolver import Resolver
from feedsvc.network.sockets import BoundedSocket, SecureSocket, remaining

__all__ = ["Busy", "Failed", "HostLimits", "Refused", "Reply", "Sender", "check_literal", "send"]

MAX_BODY_BYTES: Final = 64 * 1024
# Of the status line and all header fields; `http.client` alone accepts 100 fields of 64 KiB each.
MAX_HEAD_BYTES: Final = 32 * 1024
# The certificates of a server, mostly; OpenSSL accepts 100 KiB of them.
MAX_HANDSHAKE_BYTES: Final = 128 * 1024
# What chunks of a body take besides its bytes.
_FRAMING_BYTES: Final = 8 * 1024
_PIECE: Final = 16 * 1024
# How many addresses of a name are tried, one after the other.
MAX_ADDRESSES: Final = 4
USER_AGENT: Final = f"feedsvc-hub/{__version__}"
_METHODS: Final = ("GET", "POST")
_NONE: Final[Mapping[str, str]] = {}
_FIELD_NAME: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_FIELD_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
# The client sets these itself; two framings of one message would be request smuggling (RFC 9112 §11.2).
_OWN_FIELDS: Final = ("host", "content-length", "transfer-encoding", "connection", "accept-encoding")


class Failed(FeedsvcError):
    """No response: DNS, connection, TLS, time, or a response that breaks HTTP or a limit. The message says what."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response. The names of `headers` are compared without case. `seconds` is how long the request took.

    `body` is at most 64 KiB, with the content coding of the server. `is_whole` is False if the body was larger, or if
    it was cut short; the status is the server's answer all the same.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float
    is_whole: bool = True


class _Response(http.client.HTTPResponse):
    """A response after any interim ones, which 'a client MUST be able to parse' (RFC 9110 §15.2): 103 Early Hints."""

    def _read_status(self) -> tuple[str, int, str]:
        while True:
            version, status, reason = super()._read_status()  # type: ignore[misc]
            # 100 is skipped by `http.client`. 101 would be another protocol.
            if not HTTPStatus.PROCESSING <= status < HTTPStatus.OK:
                return version, status, reason
            while self.fp.readline(MAX_HEAD_BYTES) not in (b"\r\n", b"\n", b""):
                pass


class _Connection(HTTPConnection):
    """A connection to an address that was resolved and checked before, with TLS if there is a context."""

    response_class = _Response
    bounded: BoundedSocket | None = None

    def connect_to(self, address: Address, tls: ssl.SSLContext | None, deadline: float, until: float) -> None:
        """Connect before `until`; the handshake of TLS must end before `deadline` (both of the monotonic clock)."""
        family = socket.AF_INET6 if isinstance(address, IPv6Address) else socket.AF_INET
        source = socket.socket(family, socket.SOCK_STREAM)
        try:
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            source.settimeout(remaining(until))
            source.connect((str(address), self.port))
            if tls is None:
                self.bounded = BoundedSocket(source, deadline, 0)
            else:
                self.bounded = SecureSocket(source, deadline, MAX_HANDSHAKE_BYTES, tls, self.host)
        except BaseException:
            source.close()
            raise
        self.sock = cast("socket.socket", self.bounded)

    def connect(self) -> None:
        """Refuse what urllib3 would do: resolve the name and connect."""
        raise http.client.NotConnected

    def release(self) -> None:
        """Close the connection."""
        self.close()
        if self.bounded is not None:
            self.bounded.release()


_Key = tuple[str, str, int, Address]


class _Pool:
    """Idle connections by scheme, host, port and address, for a short time; the longest idle is closed first."""

    MAX_IDLE = 256
    MAX_IDLE_OF_KEY = 8
    # Less than the servers' own limits (5 s in Node), since a request on a connection that ends is sent twice.
    IDLE_SECONDS = 4.0

    def __init__(self) -> None:
        self._idle: OrderedDict[_Connection, tuple[_Key, float]] = OrderedDict()
        self._by_key: dict[_Key, list[_Connection]] = {}
        self._lock = Lock()

    def take(self, key: _Key) -> _Connection | None:
        """Return an idle connection on which nothing has arrived, or None."""
        while True:
            with self._lock:
                expired = self._removed_since(time.monotonic() - self.IDLE_SECONDS)
                connection = self._remove(self._by_key[key][-1]) if key in self._by_key else None
            for each in expired:
                each.release()
            if connection is None or connection.is_connected:
                return connection
            connection.release()

    def give(self, key: _Key, connection: _Connection) -> None:
        """Add a connection whose response was read to its end."""
        with self._lock:
            self._idle[connection] = key, time.monotonic()
            self._by_key.setdefault(key, []).append(connection)
            surplus = [self._remove(next(iter(self._idle)))] if len(self._idle) > self.MAX_IDLE else []
            if len(self._by_key.get(key, ())) > self.MAX_IDLE_OF_KEY:
                surplus.append(self._remove(self._by_key[key][0]))
        for each in surplus:
            each.release()

    def close(self) -> None:
        """Close all idle connections."""
        with self._lock:
            closed = self._removed_since(float("inf"))
        for each in closed:
            each.release()

    def _removed_since(self, moment: float) -> list[_Connection]:
        old = []
        while self._idle and next(iter(self._idle.values()))[1] <= moment:
            old.append(self._remove(next(iter(self._idle))))
        return old

    def _remove(self, connection: _Connection) -> _Connection:
        key, _ = self._idle.pop(connection)
        self._by_key[key].remove(connection)
        if not self._by_key[key]:
            del self._by_key[key]
        return connection


@dataclass(frozen=True, slots=True)
class _Request:
    """A request that was checked. `begun` and `deadline` are of the monotonic clock."""

    method: str
    destination: Destination
    body: bytes
    fields: Mapping[str, str]
    begun: float
    deadline: float


@dataclass
class Sender:
    """Sends requests, in any number of threads. `tls` None means the certificate authorities of the system."""

    resolver: Resolver = field(default_factory=Resolver)
    limits: HostLimits = field(default_factory=HostLimits)
    tls: ssl.SSLContext | None = None
    _pool: _Pool = field(default_factory=_Pool, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def send(
        self,
        method: str,
        url: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] = _NONE,
        allow_loopback: bool = False,
        deadline_seconds: float = 10.0,
    ) -> Reply:
        """Return the response to one request, with any status.

        Raises Refused for a URL, an address or a header field that is not allowed, Busy if a limit of the host is
        reached (nothing was sent in both cases), and Failed without a response.
        """
        begun = time.monotonic()
        destination = destination_of(url, allow_loopback=allow_loopback, max_length=MAX_SENT_URL_LENGTH)
        if method not in _METHODS:
            raise Refused(f"the method {method[:20]!r} is refused")
        for name, value in headers.items():
            if not _FIELD_NAME.fullmatch(name) or not _FIELD_VALUE.fullmatch(value) or name.lower() in _OWN_FIELDS:
                raise Refused(f"the header field {name[:40]!r} is refused")
        fields = {"User-Agent": USER_AGENT, "Accept": "*/*", **headers}
        fields |= {"Host": destination.authority, "Accept-Encoding": "identity"}
        request = _Request(method, destination, body, fields, begun, begun + deadline_seconds)
        try:
            with self.limits.of_host(destination):
                addresses = self._resolved(request, allow_loopback=allow_loopback)
                return self._reply_of_first(request, addresses)
        except TimeoutError as error:
            raise Failed(f"no response within {deadline_seconds:g} s ({error})") from error
        except (OSError, ValueError, HTTPError, http.client.HTTPException) as error:
            raise Failed(_described(error)) from error

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _resolved(self, request: _Request, *, allow_loopback: bool) -> list[Address]:
        """Return the addresses of the host. Raises Refused if one of them is not allowed."""
        destination = request.destination
        if destination.address is not None:
            return [destination.address]
        found = self.resolver.addresses(destination.host, destination.port, request.deadline)
        for address in found:
            if rule := refusal(address, allow_loopback=allow_loopback):
                raise Refused(f"{destination.host} resolves to {rule}")
        return found[:MAX_ADDRESSES]

    def _reply_of_first(self, request: _Request, addresses: list[Address]) -> Reply:
        """Send the request to the first address that accepts a connection."""
        destination, failure = request.destination, OSError("no address")
        for number, address in enumerate(addresses):
            with self.limits.of_address(address):
                key = (destination.scheme, destination.host, destination.port, address)
                idle = self._pool.take(key)
                if idle is not None:
                    # A server may close an idle connection at any time: then the request is sent once more.
                    with suppress(_Closed):
                        return self._exchange(request, idle, key, is_reused=True)
                connection = _Connection(destination.host, destination.port)
                try:
                    # An address that answers nothing leaves time for the others.
                    left = remaining(request.deadline) / (len(addresses) - number)
                    connection.connect_to(address, self._tls_of(destination), request.deadline, time.monotonic() + left)
                except ssl.SSLError:
                    raise
                except OSError as error:
                    failure = error
                    continue
                return self._exchange(request, connection, key, is_reused=False)
        raise failure

    def _tls_of(self, destination: Destination) -> ssl.SSLContext | None:
        if destination.scheme == "http":
            return None
        with self._lock:
            if self.tls is None:
                self.tls = ssl.create_default_context()
                self.tls.set_alpn_protocols(["http/1.1"])
        return self.tls

    def _exchange(self, request: _Request, connection: _Connection, key: _Key, *, is_reused: bool) -> Reply:
        """Send the request on a connection and read the response. Raises _Closed if the server had closed it."""
        bounded = connection.bounded
        assert bounded is not None
        bounded.deadline, bounded.limit = request.deadline, MAX_HEAD_BYTES
        is_reusable = False
        try:
            try:
                target, body = request.destination.target, request.body or None
                connection.request(
                    request.method, target, body, request.fields, preload_content=False, decode_content=False
                )
                response = connection.getresponse()
            except (ConnectionError, http.client.RemoteDisconnected) as error:
                if is_reused and bounded.limit == MAX_HEAD_BYTES:
                    raise _Closed from error
                raise
            if response.status < HTTPStatus.OK:
                raise http.client.BadStatusLine(f"{response.status}, an interim response that was not asked for")
            bounded.limit += MAX_BODY_BYTES + _FRAMING_BYTES
            received, is_whole = _body_of(response)
            is_reusable = is_whole and connection.sock is not None and not bounded.has_unread
            seconds = time.monotonic() - request.begun
            return Reply(response.status, response.headers, received, seconds, is_whole)
        finally:
            if is_reusable:
                self._pool.give(key, connection)
            else:
                connection.release()


class _Closed(Exception):
    """The server closed an idle connection before it received the request."""


def _body_of(response: HTTPResponse) -> tuple[bytes, bool]:
    """Return the body, or its first 64 KiB, and whether it is whole. A body that is cut short does not raise."""
    pieces, size = [], 0
    try:
        while size < MAX_BODY_BYTES and (piece := response.read(min(_PIECE, MAX_BODY_BYTES - size))):
            pieces.append(piece)
            size += len(piece)
        is_whole = size < MAX_BODY_BYTES
    except (OSError, ValueError, HTTPError, http.client.HTTPException):
        is_whole = False
    return b"".join(pieces), is_whole


def _described(error: Exception) -> str:
    """Return what went wrong, in one line without what the server wrote beyond 200 characters."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not valid ({error.verify_message})"
    if isinstance(error, http.client.HTTPException | HTTPError | ValueError):
        return f"no valid HTTP response ({type(error).__name__}: {str(error)[:200]!r})"
    return str(getattr(error, "strerror", None) or error)[:200]


_default: Final = Sender()


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] = _NONE,
    allow_loopback: bool = False,
    deadline_seconds: float = 10.0,
) -> Reply:
    """Send a request with the limits and connections of this process. `Sender.send` says what is raised."""
    return _default.send(
        method, url, body=body, headers=headers, allow_loopback=allow_loopback, deadline_seconds=deadline_seconds
    )
