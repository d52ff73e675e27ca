"""Resolve names with a deadline, which `socket.getaddrinfo` does not have."""

import socket
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from threading import Condition, Event, Thread
from typing import Any, Final

from feedsvc.hub.destination import Address, Refused
from feedsvc.hub.limits import Busy
from feedsvc.network.sockets import remaining

# A look-up that hangs keeps its thread until the system gives up, which is 10 to 30 s.
LOOKUPS_AT_ONCE: Final = 32
# A stranger has any number of names below one domain, and its name server may answer none of them.
LOOKUPS_OF_DOMAIN: Final = 8
WAIT_SECONDS: Final = 2.0
MAX_ANSWERS: Final = 64

# (host, port) to what `socket.getaddrinfo` returns.
Lookup = Callable[[str, int], Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]]


def system_lookup(host: str, port: int) -> Sequence[tuple[Any, Any, Any, Any, tuple[Any, ...]]]:
    """Ask the resolver of the system, in the order of RFC 6724."""
    # As bytes, the name is not encoded once more.
    return socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)


class Resolver:
    """Resolves a name once for each call. Any number of threads may use it."""

    def __init__(
        self, lookup: Lookup = system_lookup, at_once: int = LOOKUPS_AT_ONCE, of_domain: int = LOOKUPS_OF_DOMAIN
    ) -> None:
        self._lookup, self._at_once, self._of_domain = lookup, at_once, of_domain
        self._changed = Condition()
        self._running: Counter[str] = Counter()

    def addresses(self, host: str, port: int, deadline: float) -> list[Address]:
        """Return all addresses of a name, each once.

        Raises TimeoutError after the deadline, OSError for a name without an address, Refused for an answer that
        is no address, and Busy if too many look-ups have not ended: in all, or of names below the same domain.
        """
        domain = ".".join(host.rsplit(".", 2)[-2:])
        with self._changed:
            wait = min(WAIT_SECONDS, remaining(deadline))
            running = self._running
            if not self._changed.wait_for(
                lambda: running.total() < self._at_once and running[domain] < self._of_domain, wait
            ):
                raise Busy(f"look-ups of names below {domain}", WAIT_SECONDS)
            self._running[domain] += 1
        found: list[Any] = []
        is_done = Event()

        def look_up() -> None:
            try:
                found.append(self._lookup(host, port))
            except (OSError, UnicodeError) as error:
                found.append(error)
            finally:
                is_done.set()
                with self._changed:
                    self._running[domain] -= 1
                    # A counter keeps keys whose value is 0.
                    self._running += Counter()
                    self._changed.notify_all()

        # A daemon, so that the end of the process does not wait for a look-up that hangs.
        Thread(target=look_up, name="hub-resolver", daemon=True).start()
        if not is_done.wait(remaining(deadline)):
            raise TimeoutError("the name was not resolved in time")
        if isinstance(found[0], Exception):
            raise OSError(f"the name has no address ({found[0]})")
        try:
            answers = dict.fromkeys(ip_address(address) for *_, (address, *_) in found[0])
        except ValueError:
            raise Refused(f"{host} resolves to what is no address") from None
        if not answers or len(answers) > MAX_ANSWERS:
            raise OSError(f"the name has {len(answers)} addresses")
        return list(answers)
