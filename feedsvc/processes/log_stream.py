"""Standard streams of processes that must go on without a reader of their log: a write neither waits nor fails.

A terminal stopped with Ctrl-S and a pipe that nobody reads make a writer wait. A pipe whose reader has ended and a file
on a full disk make it fail. O_NONBLOCK would be no cure: all processes that share the open file share that flag. So a
thread of each process writes from a bounded queue, and counts the lines that are lost.
"""

import io
import os
import select
import sys
from collections import deque
from contextlib import suppress
from multiprocessing.util import Finalize, is_exiting
from threading import Condition, Thread
from typing import Any, Final

# Of what waits to be written, in each process and for each stream. One piece alone may be larger.
MAX_QUEUED_BYTES: Final = 256 * 1024
# For what is not written yet when a process ends.
DRAIN_SECONDS: Final = 2.0
_UNREAD: Final = "nobody read it in time"


class LogStream(io.RawIOBase):
    """A raw stream to a descriptor. Once it can be written to again, it says how many lines were lost, and why."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._begin()
        # The thread does not exist in a child, its parent's lines are not the child's, and its lock may be taken.
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._changed = Condition()
        # What is being written is the first of them until it is done.
        self._pieces: deque[bytes] = deque()
        self._size = 0
        # Lines that found no room.
        self._refused = 0
        self._is_in_line = False
        self._thread: Thread | None = None

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor."""
        return self._descriptor

    def isatty(self) -> bool:
        """Return whether the descriptor is a terminal."""
        return os.isatty(self._descriptor)

    def write(self, data: Any) -> int:
        """Queue `data`, which is bytes-like, to be written soon, or count its lines as lost. Return its length."""
        piece = bytes(data)
        if not piece:
            return 0
        if sys.is_finalizing():
            # The thread has been stopped by now, and it may hold the lock for ever.
            if self._is_ready(0):
                with suppress(OSError):
                    os.write(self._descriptor, piece[: select.PIPE_BUF])
            return len(piece)
        with self._changed:
            if self._pieces and self._size + len(piece) > MAX_QUEUED_BYTES:
                self._refused += _lines(piece)
            else:
                self._pieces.append(piece)
                self._size += len(piece)
                self._changed.notify_all()
            if self._thread is None:
                self._start()
        return len(piece)

    def _start(self) -> None:
        """Start the thread; where none can be started, the next write tries again."""
        thread = Thread(target=self._write_pieces, name="log", daemon=True)
        try:
            thread.start()
        except RuntimeError:
            return
        self._thread = thread
        # Not atexit, which processes of multiprocessing do not have. Below 0: after all that may still log.
        Finalize(None, self.drain, exitpriority=-100)

    def drain(self, seconds: float = DRAIN_SECONDS) -> bool:
        """Wait until all is written, for `seconds` at the most. Return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._pieces and not self._refused, seconds)

    def flush(self) -> None:
        """Wait as `drain` does where the process is ending. Otherwise return at once, since each line is flushed."""
        # A process of multiprocessing calls finalizers before it prints the error that it ends with.
        if is_exiting() and not sys.is_finalizing():
            self.drain()

    def _write_pieces(self) -> None:
        lost, reason = 0, ""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces or self._refused)
                piece = self._pieces[0] if self._pieces else b""
                if not self._pieces:
                    # All that was queued before them is written.
                    lost, reason, self._refused = lost + self._refused, _UNREAD, 0
            try:
                self._write_out(self._notice(lost, reason) + piece)
                lost = 0
            except OSError as error:
                lost, reason = lost + _lines(piece), error.strerror or str(error)
            with self._changed:
                if piece:
                    self._size -= len(self._pieces.popleft())
                self._changed.notify_all()

    def _is_ready(self, milliseconds: int | None) -> bool:
        """Wait until the descriptor can be written to, without end for None. Return whether it can."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(milliseconds))

    def _notice(self, lost: int, reason: str) -> bytes:
        if not lost:
            return b""
        # Half a line may have been written before a disk was full.
        before = "\n" if self._is_in_line else ""
        return f"{before}feedsvc: {lost} line{'s' if lost > 1 else ''} of this log were lost: {reason}\n".encode()

    def _write_out(self, data: bytes) -> None:
        while data:
            try:
                written = os.write(self._descriptor, data)
            except BlockingIOError:
                # Another program has made the file non-blocking.
                self._is_ready(None)
                continue
            self._is_in_line = data[written - 1 : written] != b"\n"
            data = data[written:]


def _lines(piece: bytes) -> int:
    return max(1, piece.count(b"\n")) if piece else 0


def open_standard_files() -> None:
    """Open /dev/null for each of the descriptors 0, 1 and 2 that is closed.

    The next file that a program opens has the number of one that is closed: a message would be written into the store.
    """
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def use_log_streams() -> None:
    """Let standard output and standard error of this process and its forks neither wait nor fail.

    What another program (a test) has put in the place of one of them stays.
    """
    for name, descriptor in (("stdout", 1), ("stderr", 2)):
        found = getattr(sys, name)
        if found is getattr(sys, f"__{name}__"):
            encoding = found.encoding if found else "utf-8"
            stream: Any = LogStream(descriptor)
            setattr(sys, name, io.TextIOWrapper(stream, encoding, "backslashreplace", "\n", write_through=True))
