"""`make cluster`: edits, polls and faults at the same time; prints what was found, and how long each thing took.

`tests/cluster/test_cluster.py` runs the short form and asserts the counts.
"""

import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from tests.cluster.machines import NODES, ON_PROXY, Cluster
from tests.cluster.pollers import CACHED, TITLE, Findings, Pollers
from tests.live import wait_for

EDIT_SECONDS: Final = 0.2
QUIET_EDIT_SECONDS: Final = 0.5
POLLERS: Final = 200
POLL_SECONDS: Final = 1.0
WRITER_KILLED: Final = "writer killed"
# All edits are published in it, one a minute.
MONTH: Final = "2026-10"


@dataclass
class Times:
    """Seconds from an edit until the last node shows it, while nothing fails; and until one shows it after a fault."""

    few_pollers: list[float] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    after: dict[str, float] = field(default_factory=dict)


class Editor:
    """Writes an article every `seconds`, in a thread, with numbers after `last`; `written` has the time of each."""

    def __init__(self, cluster: Cluster, last: int = 0, seconds: float = EDIT_SECONDS) -> None:
        self._cluster, self._stop = cluster, threading.Event()
        self._last, self._seconds = last, seconds
        self.written: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Editor":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        number = self._last
        while not self._stop.wait(self._seconds):
            number += 1
            at = f"2026-10-{1 + number // 1440:02d} {number // 60 % 24:02d}:{number % 60:02d}"
            text = f"---\ntitle: edit {number}\npublished: {at}\ntopics: [chips]\n---\nbody {number}.\n"
            self.written[number] = time.monotonic()
            self._cluster.write(f"edit-{number}.md", text)


def few_pollers(cluster: Cluster, seconds: float) -> tuple[list[float], int]:
    """Return the times from an edit until all nodes show it while nobody else polls, sorted, and the last edit.

    Each node gets 50 polls a second. With many pollers on one machine, the time is that of the pollers.
    """
    pollers = Pollers(cluster.ports, None, 0, POLL_SECONDS)
    with pollers as found, Editor(cluster, seconds=QUIET_EDIT_SECONDS) as editor:
        wait_for(lambda: all(found.seen[node] for node in range(NODES)), "the first edit on each node", 60)
        time.sleep(seconds)
    return _delays(found, editor), max(editor.written)


def _delays(found: Findings, editor: Editor) -> list[float]:
    """Return the seconds from each edit, without the first five, until it was on all nodes, sorted."""
    seen = [number for number in editor.written if all(number in found.seen[node] for node in range(NODES))]
    return sorted(
        max(found.seen[node][number] for node in range(NODES)) - editor.written[number] for number in seen[5:]
    )


def run(
    cluster: Cluster, count: int, quiet_seconds: float, fault_seconds: float, before: int = 0
) -> tuple[Findings, Times, int]:
    """Run all faults. Return what pollers found, the times, and the number of edits, which every node shows at the end.

    `before` is the number of the edits that were already made.
    Raises AssertionError if a node does not show the last edit.
    """
    times = Times()
    cluster.write("edit-0.md", "---\ntitle: edit 0\npublished: 2026-09-30\ntopics: [chips]\n---\nbody 0.\n")
    pollers = Pollers(cluster.ports, cluster.nginx_port, count, POLL_SECONDS)
    with pollers as found, Editor(cluster, before) as editor:
        wait_for(lambda: all(found.seen[node] for node in range(NODES)), "the first edit on each node", 60)
        time.sleep(quiet_seconds)
        times.quiet = _delays(found, editor)
        for name, begin, end in _faults(cluster):
            begun = time.monotonic()
            begin()
            if name == WRITER_KILLED:
                _wait_until_shown(found, editor, begun, name)
                times.after[name] = time.monotonic() - begun
            time.sleep(fault_seconds)
            ended = time.monotonic()
            end()
            _wait_until_shown(found, editor, ended, name)
            times.after.setdefault(name, time.monotonic() - ended)
    last = max(editor.written)
    wait_for(lambda: all(last in _shown(port) for port in cluster.ports), f"edit {last} on all nodes", 120)
    return found, times, last


def _wait_until_shown(found: Findings, editor: Editor, since: float, what: str) -> None:
    """Wait until each node shows an edit that was written after `since`."""

    def is_shown(node: int) -> bool:
        newest = max(found.seen[node], default=0)
        return editor.written.get(newest, 0.0) > since

    wait_for(lambda: all(map(is_shown, range(NODES))), f"an edit on each node after: {what}", 120)


def _faults(cluster: Cluster) -> Iterator[tuple[str, Callable[[], object], Callable[[], object]]]:
    yield "web node killed", lambda: cluster.kill_node(0), lambda: cluster.restart_node(0)
    yield WRITER_KILLED, cluster.kill_writer, cluster.start_writer
    yield "standby of the database stopped", cluster.stop_standby, cluster.start_standby
    yield "primary restarted", cluster.restart_primary, lambda: None
    yield f"network of node {ON_PROXY} cut", cluster.proxy.cut, cluster.proxy.mend


def _shown(port: int, path: str = CACHED[0]) -> set[int]:
    """Return the edits that a document at a node shows."""
    with urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return {int(each[0] or each[1]) for each in TITLE.findall(answer.read())}


def lost_edits(cluster: Cluster, last: int) -> list[str]:
    """Return the edits that a node does not show in the archive of their month."""
    every = set(range(1, last + 1))
    return [
        f"node {node}: edit {number}"
        for node, port in enumerate(cluster.ports)
        for number in sorted(every - _shown(port, f"/feeds/all/{MONTH}.atom"))
    ]


def _print(found: Findings, times: Times, lost: list[str]) -> None:
    counts = {
        "failed polls of cached documents": found.failed,
        "mixed documents": found.mixed,
        "views that went back": found.went_back,
        "edits that a node does not show": Counter(lost),
    }
    print(f"{found.polls} polls")
    for name, value in counts.items():
        print(f"  {name}: {value.total()} {dict(value.most_common(9)) or ''}")
    print(f"  polls of a node that was killed: {found.unreachable.total()}")
    for what, delays in (("few pollers", times.few_pollers), ("all pollers", times.quiet)):
        half, p95 = delays[len(delays) // 2], delays[int(len(delays) * 0.95)]
        print(f"  an edit on all nodes, {what}, {len(delays)} edits: median {half:.3f} s, p95 {p95:.3f} s (aim 0.25 s)")
    for name, seconds in times.after.items():
        print(f"  {name}: an edit is on all nodes after {seconds:.1f} s{' (aim 5 s)' if name == WRITER_KILLED else ''}")


def main(count: int) -> int:
    """Run the whole form, print the result, and return the exit status."""
    with (
        tempfile.TemporaryDirectory(prefix="feedsvc-cluster-") as folder,
        closing(Cluster(Path(folder), shutil.which("nginx"))) as cluster,
    ):
        delays, before = few_pollers(cluster, 20)
        found, times, last = run(cluster, count, 20, 8, before)
        times.few_pollers = delays
        lost = lost_edits(cluster, last)
        _print(found, times, lost)
    return 1 if found.failed or found.mixed or found.went_back or lost else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else POLLERS))
