"""The network of the tests of outgoing requests: a resolver with prepared answers, listeners that count, a spy."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Event, Thread
from typing import Any

LOOPBACK = ("127.0.0.1", "127.0.0.2", "::1")


@dataclass
class Names:
    """A look-up with prepared answers; each look-up takes the next answer, and the last one is repeated."""

    answers: Mapping[str, Sequence[Sequence[str]]]
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> list[tuple[Any, Any, Any, Any, tuple[Any, ...]]]:
        known = self.answers.get(host)
        if known is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        answer = known[min(self.asked.count(host), len(known) - 1)]
        self.asked.append(host)
        return [(0, 0, 0, "", (each, port)) for each in answer]


@dataclass
class Listeners:
    """Servers at all addresses of loopback with one port. `accepted` has the address of each that was connected to."""

    port: int
    accepted: list[str]


@contextmanager
def listeners() -> Iterator[Listeners]:
    """Listen at LOOPBACK with one port, and close each connection."""
    stop, accepted = Event(), list[str]()

    def accept(server: socket.socket, address: str) -> None:
        while not stop.is_set():
            try:
                connection, _ = server.accept()
            except TimeoutError:
                continue
            accepted.append(address)
            connection.close()

    with ExitStack() as stack:
        first = stack.enter_context(socket.create_server((LOOPBACK[0], 0)))
        port = first.getsockname()[1]
        servers = {LOOPBACK[0]: first}
        for address in LOOPBACK[1:]:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            servers[address] = stack.enter_context(socket.create_server((address, port), family=family))
        threads = []
        for address, server in servers.items():
            server.settimeout(0.02)
            threads.append(Thread(target=accept, args=(server, address)))
            threads[-1].start()
        try:
            yield Listeners(port, accepted)
        finally:
            stop.set()
            for thread in threads:
                thread.join()


class Connects(list[str]):
    """The addresses of all calls of `socket.connect`. One that is not loopback is refused, so nothing leaves a test."""

    def install(self, monkeypatch: Any) -> None:
        connect = socket.socket.connect

        def spy(sock: socket.socket, address: Any) -> None:
            self.append(address[0])
            if not ip_address(address[0]).is_loopback:
                raise ConnectionRefusedError(111, "Connection refused by the test")
            connect(sock, address)

        monkeypatch.setattr(socket.socket, "connect", spy)
