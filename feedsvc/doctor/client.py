"""An HTTP/1.1 client (RFC 9112) for foreign servers: every wait, every size and the number of requests are bounded.

It follows no redirect by itself, sends no credentials, and opens a connection for each request. A server at a public
address leads it to no private one, by redirects, links or DNS.
"""

import http.client
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from ipaddress import ip_address
from typing import Any, Final, cast
from urllib.parse import SplitResult, urlsplit

from feedsvc import __version__
from feedsvc.errors import FeedsvcError
from feedsvc.network.ip_ranges import special_range
from feedsvc.network.sockets import BoundedSocket, remaining
from feedsvc.urls import FETCH_SCHEMES, resolve

# For one request, and for the whole run.
REQUEST_SECONDS: Final = 20.0
RUN_SECONDS: Final = 240.0
MAX_REQUESTS: Final = 150
MAXREDIRECTS: Final = 10
MAX_BODY_BYTES: Final = 16 * 1024 * 1024
# `http.client` accepts 100 header fields of 64 KiB each.
MAX_HEAD_BYTES: Final = 256 * 1024
MAX_RUN_BYTES: Final = 256 * 1024 * 1024
MAX_ADDRESSES: Final = 4
_PIECE: Final = 64 * 1024
REDIRECTS: Final = (301, 302, 303, 307, 308)
PORTS: Final[Mapping[str, int]] = {"http": 80, "https": 443}
NO_FIELDS: Final[Mapping[str, str]] = {}
USER_AGENT: Final = f"feedsvc-doctor/{__version__}"


class NoResponse(FeedsvcError):
    """The server sent no response, or one that breaks HTTP or a bound of this client."""


class BadRedirect(FeedsvcError):
    """A redirect without a target: in a circle, through too many addresses, or to another scheme than HTTP."""


class LimitReached(FeedsvcError):
    """The run has used up its requests, its time or its bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A response. `body` is as it was received, with its content coding. `at` is when it was received, in UTC."""

    url: str
    status: int
    headers: Message
    body: bytes
    at: datetime

    @property
    def media_type(self) -> str:
        """The media type in lower case, without parameters."""
        return self.field("Content-Type").partition(";")[0].strip().lower()

    def field(self, name: str) -> str:
        """Return the values of a header field in one line, joined with commas; "" if it is missing."""
        return ", ".join(" ".join(str(each).split()) for each in self.headers.get_all(name, []))

    def tokens(self, name: str) -> dict[str, str]:
        """Return the members of a list in lower case, with the value after `=` of each: Vary, Cache-Control."""
        members = (each.strip().lower().partition("=") for each in self.field(name).split(","))
        return {member: value.strip('"') for member, _, value in members if member}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a TLS handshake with a host gave: why the certificate is not valid ("" if it is), and its end in UTC."""

    fault: str
    ends: datetime | None = None


@dataclass
class Client:
    """Sends requests. `responses` are all that were received, `certificates` those of the hosts."""

    responses: list[Response] = field(default_factory=list)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Response] = field(default_factory=dict)
    _requests: int = 0
    _bytes: int = 0
    _end: float = field(default_factory=lambda: time.monotonic() + RUN_SECONDS)
    # Whether the first host has public addresses only, so that all others must have them, too; None before it.
    _is_public: bool | None = None

    def get(
        self, url: str, fields: Mapping[str, str] = NO_FIELDS, *, again: bool = False, method: str = "GET"
    ) -> Response:
        """Return the response to a request with these header fields.

        The same request is sent once, unless `again`. Raises NoResponse and LimitReached.
        """
        headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"}
        headers |= {name: " ".join(value.split()) for name, value in fields.items()}
        # The address may be one that a foreign server wrote.
        normal = resolve(url, url, FETCH_SCHEMES)
        if normal is None:
            raise NoResponse(f"{url[:200]}: not an HTTP address")
        url = normal.partition("#")[0]
        key = (method, url, *sorted(headers.items()))
        if again or key not in self._known:
            self._known[key] = self._request(url, method, headers)
            self.responses.append(self._known[key])
        return self._known[key]

    def follow(self, url: str) -> list[Response]:
        """Return the response to GET and those of all redirects, in order. Raises BadRedirect, and what `get` does."""
        found = [self.get(url)]
        while found[-1].status in REDIRECTS and (location := found[-1].field("Location")):
            target = resolve(location, found[-1].url, FETCH_SCHEMES)
            passed = [each.url for each in found]
            if target is None:
                raise BadRedirect(f"{found[-1].url} redirects to {location[:200]}, which is no HTTP address")
            target = target.partition("#")[0]
            if target in passed:
                raise BadRedirect(f"{url} redirects in a circle: {' -> '.join([*passed, target])}")
            if len(found) > MAXREDIRECTS:
                raise BadRedirect(f"{url} redirects more than {MAXREDIRECTS} times, last to {target}")
            found.append(self.get(target))
        return found

    def application_protocol(self, url: str) -> str:
        """Return the protocol that the server of an https address chooses by ALPN: "h2", "http/1.1" or ""."""
        with self._connected(urlsplit(url), ["h2", "http/1.1"])[0] as connection:
            return (connection.selected_alpn_protocol() if isinstance(connection, ssl.SSLSocket) else None) or ""

    def _request(self, url: str, method: str, headers: Mapping[str, str]) -> Response:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", *(f"{name}: {text}" for name, text in headers.items())]
        request = "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1", "replace")
        connection, deadline = self._connected(parts, ["http/1.1"])
        with connection, _as_no_response(url):
            connection.settimeout(remaining(deadline))
            connection.sendall(request)
            reader = BoundedSocket(connection, deadline, MAX_HEAD_BYTES + MAX_BODY_BYTES)
            response = http.client.HTTPResponse(cast("socket.socket", reader), method=method)
            response.begin()
            body = self._body(response)
            return Response(url=url, status=response.status, headers=response.headers, body=body, at=datetime.now(UTC))

    def _body(self, response: http.client.HTTPResponse) -> bytes:
        pieces, size = [], 0
        while piece := response.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > MAX_BODY_BYTES:
                raise NoResponse(f"the body is larger than {MAX_BODY_BYTES:,} bytes")
        if response.length:
            raise NoResponse(f"the connection ended {response.length:,} bytes before the body did")
        self._bytes += size
        return b"".join(pieces)

    def _connected(self, parts: SplitResult, protocols: list[str]) -> tuple[socket.socket, float]:
        """Return a connection for one request, with TLS where the scheme has it, and the deadline of the request.

        A certificate that is not valid is noted. The connection is then made without checks: nothing secret is sent,
        and the other checks name what else is wrong.
        """
        now = time.monotonic()
        if self._requests >= MAX_REQUESTS or now >= self._end or self._bytes > MAX_RUN_BYTES:
            raise LimitReached(f"not checked: the limit of {MAX_REQUESTS} requests or {RUN_SECONDS:.0f} s is reached")
        self._requests += 1
        deadline = min(self._end, now + REQUEST_SECONDS)
        host = parts.hostname or ""
        with _as_no_response(parts.geturl()):
            plain = self._connection(host, parts.port or PORTS[parts.scheme], deadline)
            if parts.scheme != "https":
                return plain, deadline
            context = ssl.create_default_context()
            context.set_alpn_protocols(protocols)
            known = self.certificates.get(host)
            if known is None or not known.fault:
                try:
                    secure = context.wrap_socket(plain, server_hostname=host)
                except ssl.SSLCertVerificationError as error:
                    self.certificates[host] = Certificate(error.verify_message or str(error))
                    plain = self._connection(host, parts.port or PORTS[parts.scheme], deadline)
                else:
                    self.certificates[host] = Certificate("", _end_of(secure))
                    return secure, deadline
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            return context.wrap_socket(plain, server_hostname=host), deadline

    def _connection(self, host: str, port: int, deadline: float) -> socket.socket:
        """Return a connection to the first address of a host that accepts one. Raises OSError, NoResponse."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[:MAX_ADDRESSES]
        private = [text for *_, (text, *_) in found if special_range(ip_address(text))]
        if self._is_public is None:
            self._is_public = not private
        if self._is_public and private:
            raise NoResponse(f"{host} is {private[0]}, an address of a private network, to which a public server led")
        failure: OSError = OSError(f"no address for {host}")
        for number, (family, kind, protocol, _, address) in enumerate(found):
            connection = socket.socket(family, kind, protocol)
            try:
                # An address that answers nothing leaves time for the others.
                connection.settimeout(remaining(deadline) / (len(found) - number))
                connection.connect(address)
                connection.settimeout(remaining(deadline))
            except OSError as error:
                connection.close()
                failure = error
            else:
                return connection
        raise failure


def _end_of(connection: ssl.SSLSocket) -> datetime | None:
    with suppress(KeyError, ValueError, TypeError):
        certificate: Any = connection.getpeercert()
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    return None


@contextmanager
def _as_no_response(url: str) -> Iterator[None]:
    """Turn the errors of sockets, TLS and `http.client` into NoResponse."""
    try:
        yield
    except NoResponse as error:
        raise NoResponse(f"{url}: {error}") from error
    except TimeoutError as error:
        raise NoResponse(f"{url}: no complete response within {REQUEST_SECONDS:.0f} s") from error
    except socket.gaierror as error:
        raise NoResponse(f"{url}: the name has no address ({error.strerror})") from error
    except http.client.HTTPException as error:
        raise NoResponse(f"{url}: no valid HTTP response ({type(error).__name__}: {str(error)[:200]})") from error
    except (OSError, ValueError) as error:
        # ValueError: a host name that IDNA cannot encode.
        raise NoResponse(f"{url}: {getattr(error, 'strerror', None) or error}") from error
