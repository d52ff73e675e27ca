"""Limits that prevent the hub from being used to flood others, in bounded memory.

A limit counts in one process. Requests of one client to `POST /hub` lead to at most one small GET each, and the numbers
of those that wait for their GET are limited by source, by callback host and in total.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from threading import Lock
from typing import Final

from feedsvc.errors import FeedsvcError
from feedsvc.hub.destination import Address, Destination
from feedsvc.network.ip_ranges import special_range

MAX_KEYS: Final = 20_000
# A subscriber behind IPv6 has a network of this size (RFC 6177), and may choose any address in it.
_PREFIX_OF_ONE_SUBSCRIBER: Final = 64
_EXAMINED: Final = 8

Network = IPv4Network | IPv6Network


class Busy(FeedsvcError):
    """A limit is reached; nothing was sent. `seconds` is when to try again."""

    def __init__(self, what: str, seconds: float) -> None:
        super().__init__(f"the limit for {what} is reached (try again in {seconds:.1f} s)")
        self.seconds = seconds


@dataclass(slots=True)
class _Use:
    """`tokens` at the time `at`, which grow up to the burst, and how many are in use now."""

    tokens: float
    at: float
    in_use: int = 0


class RateLimit:
    """Limits for each key (a host, an address) how many are in use at once, and how many begin in a second.

    `burst` may begin at once after a rest. A key takes about 300 bytes, and is forgotten when it is as new. If
    `max_keys` are in use, further keys are refused; none is forgotten early, which would give it a new burst.
    """

    def __init__(
        self,
        *,
        at_once: int,
        per_second: float,
        burst: int,
        max_keys: int = MAX_KEYS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once, self._per_second, self._burst = at_once, per_second, burst
        self._max_keys, self._clock = max_keys, clock
        self._uses: OrderedDict[Hashable, _Use] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many keys are remembered."""
        return len(self._uses)

    def enter(self, key: Hashable) -> float:
        """Begin one use and return 0.0; or return the seconds after which to try again. `leave` must follow a 0.0."""
        with self._lock:
            now = self._clock()
            use = self._uses.get(key)
            if use is None:
                if len(self._uses) >= self._max_keys and not self._forget(now):
                    return 1.0
                use = self._uses[key] = _Use(float(self._burst), now)
            use.tokens, use.at = self._tokens(use, now), now
            self._uses.move_to_end(key)
            if use.in_use >= self._at_once:
                return 1.0
            if use.tokens < 1.0:
                return (1.0 - use.tokens) / self._per_second
            use.tokens -= 1.0
            use.in_use += 1
            return 0.0

    def leave(self, key: Hashable) -> None:
        """End one use."""
        with self._lock:
            self._uses[key].in_use -= 1

    @contextmanager
    def using(self, key: Hashable, what: str) -> Iterator[None]:
        """Hold one use of a key. Raises Busy."""
        if seconds := self.enter(key):
            raise Busy(what, seconds)
        try:
            yield
        finally:
            self.leave(key)

    def _tokens(self, use: _Use, now: float) -> float:
        return min(float(self._burst), use.tokens + (now - use.at) * self._per_second)

    def _forget(self, now: float) -> bool:
        """Forget keys that are as new, among those whose last use is longest ago. Return whether there was one."""
        oldest = [key for key, _ in zip(self._uses, range(_EXAMINED), strict=False)]
        idle = [key for key in oldest if not (use := self._uses[key]).in_use and self._tokens(use, now) >= self._burst]
        for key in idle:
            del self._uses[key]
        return bool(idle)


@dataclass(frozen=True, slots=True)
class HostLimits:
    """The limits of outgoing requests: by the host of a URL, and by the address that its name resolves to.

    A stranger may give one address any number of names, so the limit by address is the one that protects a victim. It
    is wider, since a content delivery network answers for many subscribers at one address. Loopback is this machine,
    and allowed in tests only.
    """

    hosts: RateLimit = field(default_factory=lambda: RateLimit(at_once=8, per_second=20.0, burst=100))
    addresses: RateLimit = field(default_factory=lambda: RateLimit(at_once=16, per_second=100.0, burst=400))
    spares_loopback: bool = True

    def of_host(self, destination: Destination) -> AbstractContextManager[None]:
        """Hold one use of the host of a URL. Raises Busy."""
        if self._is_spared(destination.address) or (self.spares_loopback and destination.host == "localhost"):
            return nullcontext()
        return self.hosts.using(destination.host, destination.host)

    def of_address(self, address: Address) -> AbstractContextManager[None]:
        """Hold one use of an address, or of the network of one subscriber with IPv6. Raises Busy."""
        return nullcontext() if self._is_spared(address) else self.addresses.using(network_of(address), str(address))

    def _is_spared(self, address: Address | None) -> bool:
        return self.spares_loopback and address is not None and special_range(address) == "loopback"


class SubscriptionLimits:
    """The limits of `POST /hub`: by the source of the request, by the host of the callback, and in total.

    `at_once` counts requests whose callback has not been asked yet. A reader that subscribes to each feed of a
    publication sends up to 1,000 requests from one address to one callback host; it is told to wait (429).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, in_total: int = 1000) -> None:
        self._sources = RateLimit(at_once=100, per_second=5.0, burst=200, clock=clock)
        self._hosts = RateLimit(at_once=100, per_second=10.0, burst=200, clock=clock)
        self._all = RateLimit(at_once=in_total, per_second=100.0, burst=in_total, clock=clock)

    def admit(self, source: str, callback_host: str) -> float:
        """Admit one request and return 0.0; or return the seconds for Retry-After. `done` must follow a 0.0."""
        entered: list[tuple[RateLimit, Hashable]] = []
        for limit, key in self._keys(source, callback_host):
            if seconds := limit.enter(key):
                for each, its_key in entered:
                    each.leave(its_key)
                return seconds
            entered.append((limit, key))
        return 0.0

    def done(self, source: str, callback_host: str) -> None:
        """End an admitted request: its callback was asked, or it was refused."""
        for limit, key in self._keys(source, callback_host):
            limit.leave(key)

    def _keys(self, source: str, callback_host: str) -> tuple[tuple[RateLimit, Hashable], ...]:
        return (self._sources, network_of(source)), (self._all, None), (self._hosts, callback_host.lower())


def network_of(address: str | IPv4Address | IPv6Address) -> str:
    """Return the network that is limited as one client: an address of IPv4, the first 64 bits of one of IPv6.

    What is no address (a Unix socket, "") is a key of its own.
    """
    try:
        found = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return str(address)
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ip_network((int(found), _PREFIX_OF_ONE_SUBSCRIBER), strict=False))
    return str(found)


def source_of(connected: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """Return the address of a client: of the connection, or of X-Forwarded-For where a trusted proxy connected.

    Each proxy appends the address that connected to it, so the list is read from its end up to the first address that
    is not trusted; everything before it may be invented. "" stands for a Unix socket, which is trusted.
    """
    source = connected
    for written in reversed(forwarded_for.split(",")):
        if source and not any(ip_address(source) in network for network in trusted):
            break
        try:
            source = str(ip_address(written.strip()))
        except ValueError:
            break
    return source
