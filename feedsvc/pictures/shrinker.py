"""Runs the program that makes smaller sizes of pictures (`pictures.shrink`), one picture at a time."""

import json
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final, Protocol

from feedsvc.pictures import READY
from feedsvc.processes.priority import lower_priority

# After so many pictures the program is started anew: what a decoder leaks goes with it.
_PICTURES: Final = 50
_NICENESS: Final = 10
_PIECE: Final = 64 * 1024
# -P: a folder `feedsvc` where this process was started is not our package.
_COMMAND: Final = (sys.executable, "-P", "-m", "feedsvc.pictures.shrink")


class Readable(Protocol):
    """A file that is open for reading bytes."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, and none at the end."""


class ShrinkerUnavailable(Exception):
    """The program cannot be started, or was told to end."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The width in pixels and the bytes of each smaller size of a picture, the smallest first.

    `why` says why there are none; it is empty for a picture that is small already.
    """

    sizes: tuple[tuple[int, bytes], ...] = ()
    why: str = ""


class Shrinker:
    """The program, which is started for the first picture and at the end of a block ended. `stop` is for any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._is_stopped = False
        self._done = 0

    def __enter__(self) -> "Shrinker":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.end()

    def stop(self) -> None:
        """End the program now, and start none any more: `shrink` raises ShrinkerUnavailable."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> None:
        """End the program until the next picture."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.kill()
            # What was not written to it yet has no reader.
            with process, suppress(BrokenPipeError):
                assert process.stdin
                process.stdin.close()

    def shrink(self, picture: Readable, length: int) -> Shrunk:
        """Return the smaller sizes of a picture of `length` bytes.

        A picture that ends the program has none. Raises ShrinkerUnavailable, EOFError for a shorter file, and what
        reading it raises.
        """
        process = self._started()
        assert process.stdin
        assert process.stdout
        try:
            with suppress(BrokenPipeError):
                process.stdin.write(b"%d\n" % length)
                while length:
                    piece = picture.read(min(length, _PIECE))
                    if not piece:
                        raise EOFError
                    process.stdin.write(piece)
                    length -= len(piece)
                process.stdin.flush()
            line = process.stdout.readline()
            if not line.endswith(b"\n"):
                return Shrunk(why=self._how_it_ended(process))
            head: dict[str, Any] = json.loads(line)
            sizes = tuple((width, process.stdout.read(size)) for width, size in head["sizes"])
            if any(len(data) != size for (_, data), (_, size) in zip(sizes, head["sizes"], strict=True)):
                return Shrunk(why=self._how_it_ended(process))
        except BaseException:
            # What it reads next would be the rest of this picture.
            self.end()
            raise
        self._done += 1
        if self._done % _PICTURES == 0:
            self.end()
        return Shrunk(sizes, head["why"])

    def _started(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._is_stopped:
                raise ShrinkerUnavailable("it was told to end")
            if self._process is not None:
                return self._process
            try:
                # Ctrl-C in a terminal is for the process that decides what is done about it.
                self._process = process = subprocess.Popen(
                    _COMMAND,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            except OSError as error:
                raise ShrinkerUnavailable(f"{sys.executable} cannot be started: {error.strerror}") from error
        with suppress(OSError):
            lower_priority(process.pid, _NICENESS)
        assert process.stdout
        if process.stdout.readline() != READY:
            self.end()
            raise ShrinkerUnavailable(f"{' '.join(_COMMAND)} does not start (run it to see why)")
        return process

    def _how_it_ended(self, process: subprocess.Popen[bytes]) -> str:
        """Return why a picture that ended the program has no sizes. Raises ShrinkerUnavailable after `stop`."""
        status = process.wait()
        self.end()
        if self._is_stopped:
            raise ShrinkerUnavailable("it was told to end")
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        return f"the program that makes them ended with {how} (save the picture again, or with fewer pixels)"
