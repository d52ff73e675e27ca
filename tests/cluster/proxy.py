"""A TCP proxy in front of a database, whose network can be cut: then it passes nothing on, and no connection ends."""

import contextlib
import socket
import threading
from typing import Final

PIECE: Final = 65536


class Proxy:
    """Passes connections to its own `port` on to `target`, until `cut`; `mend` ends the connections of before."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._passes = threading.Event()
        self._passes.set()
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Pass nothing on any more."""
        self._passes.clear()

    def mend(self) -> None:
        """Pass on again; what was open meanwhile is closed, as its peers would find after a cut."""
        self._end_all()
        self._passes.set()

    def resume(self) -> None:
        """Pass on again, also what came meanwhile: the peers of the connections only hung."""
        self._passes.set()

    def close(self) -> None:
        """End the proxy and its connections."""
        self._listener.close()
        self._passes.set()
        self._end_all()

    def _end_all(self) -> None:
        with self._lock:
            ended, self._open = self._open, []
        for each in ended:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(client,), daemon=True).start()

    def _connect(self, client: socket.socket) -> None:
        with self._lock:
            self._open.append(client)
        self._passes.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self._target), 5)
            server.settimeout(None)
        except OSError:
            client.close()
            return
        with self._lock:
            self._open.append(server)
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=self._copy, args=(source, sink), daemon=True).start()

    def _copy(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(PIECE):
                self._passes.wait()
                sink.sendall(piece)
        for each in (source, sink):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
