"""A server with pollers, which meets faults.

A poller polls cached feeds as readers do: with the last
validators, on a connection of its own each time. It repeats once a request whose connection was reset, as every HTTP
client does: that of a worker that was killed just then. Any other failure counts.
"""

import fcntl
import http.client
import os
import random
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final

from tests.live import Server, wait_for

FEEDS: Final = ("/feeds/all.atom", "/feeds/chips.rss", "/feeds/cloud.json", "/feeds/chips.atom")
TOKEN: Final = "0123456789abcdef"
BLIND: Final = "the folder is scanned, since events fail"
# In a user namespace of its own, the server has limits of inotify of its own.
PROGRAM: Final = ("unshare", "--user", "--map-root-user", sys.executable, "-m", "tests.robust.faulty", "serve")


@dataclass
class Polls:
    """What the pollers met: how long each poll took in seconds, what failed, how many were repeated."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    repeated: int = 0

    def percentile(self, percent: float) -> float:
        """Return the time that so many percent of the polls took at the most, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class LogReader:
    """Reads the log of a server from a named pipe at `pipe`, and appends it to the file at `log`."""

    def __init__(self, pipe: Path, log: Path) -> None:
        self.pipe, self._log = pipe, log
        os.mkfifo(pipe)
        self._may_read = Event()
        self._end: int | None = None
        self.open()
        self.resume()
        Thread(target=self._read, daemon=True).start()

    def open(self) -> None:
        """Open the end to read from; the pipe holds as little as possible."""
        self._end = os.open(self.pipe, os.O_RDONLY | os.O_NONBLOCK)
        fcntl.fcntl(self._end, fcntl.F_SETPIPE_SZ, 4096)

    def close(self) -> None:
        """Close that end: whoever writes gets an error."""
        assert self._end is not None
        end, self._end = self._end, None
        os.close(end)

    def pause(self) -> None:
        """Read nothing until `resume`."""
        self._may_read.clear()

    def resume(self) -> None:
        """Go on reading."""
        self._may_read.set()

    def _read(self) -> None:
        with self._log.open("ab", buffering=0) as log:
            while True:
                self._may_read.wait()
                try:
                    if self._end is not None and select.select([self._end], [], [], 0.05)[0]:
                        log.write(os.read(self._end, 65536))
                    time.sleep(0.01)
                except (OSError, ValueError, TypeError):
                    # It was closed just now.
                    time.sleep(0.01)


class Arena:
    """A server of two workers, whose content is reached by a symlink and whose store is on a disk of its own."""

    def __init__(self, root: Path, disk: Path) -> None:
        self.root, self.disk = root, disk
        self.switch = root / "fault"
        self.store = disk / "state" / "store.sqlite3"
        self.polls = Polls()
        settings = {
            "FEEDSVC_WORKERS": "2",
            "FEEDSVC_STORE": str(self.store),
            "FEEDSVC_STATUS_TOKEN": TOKEN,
            "FEEDSVC_WRITE_SECONDS": "5",
            "FEEDSVC_POLL_SECONDS": "1",
            "CHAOS_SWITCH": str(self.switch),
        }
        (root / "trees").mkdir()
        self.log = LogReader(root / "log.fifo", root / "log")
        self.server = Server(root, settings=settings, serve=PROGRAM, tree=root / "trees" / "0", output=self.log.pipe)
        self._edits = 0

    @property
    def tree(self) -> Path:
        """The folder that the symlink leads to."""
        return self.server.content.resolve()

    def edit(self, name: str) -> str:
        """Publish an article in all feeds that are polled; return its title."""
        self._edits += 1
        title = f"{name} {self._edits}"
        moment = f"2026-11-01T{self._edits // 60:02}:{self._edits % 60:02}:00Z"
        front = f"---\ntitle: {title}\npublished: {moment}\ntopics: [chips, cloud]\n---\n"
        (self.tree / "articles" / f"edit-{self._edits}.md").write_text(f"{front}Text.\n")
        return title

    def is_seen(self, titles: list[str]) -> bool:
        """Whether each of many fresh connections, which reach both workers, gets feeds with all of these titles."""
        try:
            bodies = [self.server.read(path) for path in FEEDS * 5]
        except OSError:
            return False
        return all(title.encode() in body for body in bodies for title in titles)

    def shows(self, words: tuple[str, ...], before: int) -> bool:
        """Whether an operator sees all of these words; in the log not among the first `before` characters."""
        seen = self.health(before)
        return all(word in seen for word in words)

    def tells(self, wanted: tuple[int, str], seen: list[tuple[int, str]]) -> bool:
        """Whether `feedsvc status` ends with the status that is wanted and prints the words; note what it does.

        Where nothing should be wrong, it may still say that an earlier fault keeps events off.
        """
        code, text = self.server.status("--store", str(self.store))
        seen[:] = [(code, text)]
        (warnings, blind) = (text.count("warning: "), text.count(f"warning: {BLIND}"))
        return wanted[1] in text and (code == wanted[0] or (wanted[0], code, warnings) == (0, 1, blind))

    def health(self, before: int) -> str:
        """What an operator sees: the log from there on, /readyz?verbose and /metrics with the token."""
        texts = [self.server.log[before:]]
        for path in ("/readyz?verbose", "/metrics"):
            connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
            try:
                connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
                texts.append(connection.getresponse().read().decode())
            except (OSError, http.client.HTTPException):
                texts.append("")
            finally:
                connection.close()
        return "\n".join(texts)

    @contextmanager
    def polled(self, number: int, pause: float) -> Iterator[None]:
        """Poll with `number` pollers in the block, each about once in `pause` seconds."""
        self.polls = Polls()
        stop = Event()
        pollers = [Thread(target=self._poll, args=(stop, pause), daemon=True) for _ in range(number)]
        for poller in pollers:
            poller.start()
        try:
            yield
        finally:
            stop.set()
            for poller in pollers:
                poller.join()

    def _poll(self, stop: Event, pause: float) -> None:
        tags: dict[str, str] = {}
        while not stop.wait(pause * random.uniform(0.5, 1.5)):
            path = random.choice(FEEDS)
            begun = time.monotonic()
            try:
                status, tag = self._ask_until_answered(path, tags.get(path))
            except (OSError, http.client.HTTPException) as error:
                self.polls.failed.append(f"{path}: {type(error).__name__}: {error}")
                continue
            self.polls.seconds.append(time.monotonic() - begun)
            tags[path] = tag
            if status not in (200, 304):
                self.polls.failed.append(f"{path}: {status}")

    def _ask_until_answered(self, path: str, tag: str | None) -> tuple[int, str]:
        """As `_ask`, once more for each of the two times that a fault kills the workers."""
        for _ in range(2):
            try:
                return self._ask(path, tag)
            except (ConnectionError, http.client.IncompleteRead):
                self.polls.repeated += 1
        return self._ask(path, tag)

    def _ask(self, path: str, tag: str | None) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=60)
        try:
            connection.request("GET", path, headers={"If-None-Match": tag} if tag else {})
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers.get("ETag", "")
        finally:
            connection.close()

    def warm_up(self) -> None:
        """Wait until both workers have all polled feeds in their caches."""
        wait_for(lambda: all(self.server.get(path) == 200 for path in FEEDS * 10), "cached feeds")


@dataclass(frozen=True)
class Result:
    """How one fault went. `recovery` are the seconds from its end until all workers showed every edit."""

    polls: Polls
    recovery: float


@dataclass(frozen=True)
class Fault:
    """One row. `happen` is the fault as a context.

    `alarm` are the words that an operator sees while it lasts, in the log, /readyz?verbose or /metrics; none where
    nothing is wrong with the service, or where the log itself is what fails. `status` are the exit status of
    `feedsvc status` meanwhile, and words that it prints. `afterwards` are words in the log after the end of the fault.
    `may_reset` is set where workers are killed: connections to them are reset.
    """

    name: str
    happen: Callable[[Arena], Iterator[None]]
    alarm: tuple[str, ...] = ()
    status: tuple[int, str] = (0, " articles, ")
    afterwards: tuple[str, ...] = ()
    may_reset: bool = False


def meet(arena: Arena, fault: Fault, pollers: int, pause: float, seconds: float) -> Result:
    """Let `fault` happen for about `seconds`, with edits before, in the middle and at its end."""
    arena.warm_up()
    before = len(arena.server.log)
    with arena.polled(pollers, pause):
        titles = [arena.edit(fault.name)]
        wait_for(lambda: arena.is_seen(titles), "a writer")
        with contextmanager(fault.happen)(arena):
            begun = time.monotonic()
            wait_for(lambda: _alarm(arena, fault, titles, before), f"the alarm {fault.alarm}")
            seen: list[tuple[int, str]] = []
            wait_for(lambda: arena.tells(fault.status, seen), f"{fault.status} of {seen}")
            wait_for(lambda: time.monotonic() - begun >= seconds, "the end of the fault")
        over = time.monotonic()
        titles.append(arena.edit(fault.name))
        wait_for(lambda: arena.is_seen(titles), f"the edits {titles}")
        recovery = time.monotonic() - over
        wait_for(lambda: arena.shows(fault.afterwards, before), f"{fault.afterwards} afterwards")
    return Result(arena.polls, recovery)


def _alarm(arena: Arena, fault: Fault, titles: list[str], before: int) -> bool:
    """Edit, unless `content/` is gone, and wait up to 5 s for the alarm.

    Called until it is true: on a full disk one edit may still fit into the WAL; the writes of many do not.
    """
    if (arena.server.content / "articles").is_dir():
        titles.append(arena.edit(fault.name))
    deadline = time.monotonic() + 5
    while not (seen := arena.shows(fault.alarm, before)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return seen
