"""The figures are those of all workers: of `feedsvc serve` with two, one of which is killed."""

import os
import signal
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from feedsvc.web.stats.poll_counters import FOLDER, prepare
from tests.live import Server, is_alive, wait_for

TOKEN = "0123456789abcdef"


def poll(server: Server, user_agent: str) -> None:
    request = urllib.request.Request(server.url("/feeds/chips.atom"), headers={"User-Agent": user_agent})
    with urllib.request.urlopen(request, timeout=120) as answer:
        assert answer.status == 200


def is_polled(server: Server, user_agent: str) -> bool:
    """Whether a poll is answered; one that waits for a worker that is killed is not."""
    try:
        poll(server, user_agent)
    except OSError:
        return False
    return True


def metrics(server: Server) -> dict[str, float]:
    """The sum of each metric about feeds."""
    request = urllib.request.Request(server.url("/metrics"), headers={"Authorization": f"Bearer {TOKEN}"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        text = answer.read().decode()
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            found[sample.name] = found.get(sample.name, 0) + sample.value
    return found


def workers(server: Server) -> set[int]:
    """The processes that count: each has a file of its own."""
    files = (server.content.parent / ".feedsvc" / "content" / f"polls-{server.port}").glob("counts-*.json")
    return {int(file.stem.split("-")[1]) for file in files} - {0}


def is_at(server: Server, polls: int, subscribers: int) -> bool:
    """Whether the figures are those."""
    try:
        found = metrics(server)
    except OSError:  # it was waiting for the worker that was killed
        return False
    return (found["feedsvc_polls_total"], found["feedsvc_subscribers"]) == (polls, subscribers)


def test_what_a_dead_worker_counted_still_counts(tmp_path: Path) -> None:
    """Every poll is counted, by whichever worker; of what a reader says the newest counts, whoever heard it."""
    server = Server(tmp_path, settings={"FEEDSVC_STATUS_TOKEN": TOKEN, "FEEDSVC_WORKERS": "2"})
    polls = 0

    def ask(user_agent: str) -> None:
        nonlocal polls
        wait_for(lambda: is_polled(server, user_agent), "an answer")
        polls += 1

    def both_have_counted() -> bool:
        ask("Feedly/1.0 (5 subscribers)")
        return len(workers(server)) == 2

    try:
        wait_for(both_have_counted, "both workers count")
        wait_for(lambda: is_at(server, polls, 5), "everything is counted")
        ask("Feedly/1.0 (3 subscribers)")
        wait_for(lambda: is_at(server, polls, 3), "one more is counted")
        killed = min(workers(server))
        os.kill(killed, signal.SIGKILL)
        wait_for(lambda: not is_alive(killed), "the worker ends")
        wait_for(lambda: is_polled(server, "Somebody/1.0"), "the others answer")
        polls += 1
        ask("Feedly/1.0 (7 subscribers)")
        wait_for(lambda: is_at(server, polls, 7), "what it had counted is there still")

        def is_folded() -> bool:
            ask("Feedly/1.0 (7 subscribers)")
            return killed not in workers(server)

        wait_for(is_folded, "the worker in its place tidies up")
        wait_for(lambda: is_at(server, polls, 7), "and loses nothing")
    finally:
        server.end()


def test_what_an_earlier_server_counted_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters begin at zero when a server starts; files that are not its own stay."""
    monkeypatch.setenv(FOLDER, "")
    folder = tmp_path / "polls-8000"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"x")
    (folder / "counts-1-0.json").write_bytes(b"x")
    (folder / "subscribers.json").write_bytes(b"x")
    (folder / "notes.txt").write_bytes(b"x")
    prepare(folder)
    assert {each.name for each in folder.iterdir()} == {"notes.txt", "began"}
    assert os.environ[FOLDER] == str(folder)


def test_a_folder_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No counter keeps a server from starting."""
    monkeypatch.setenv(FOLDER, "")
    (tmp_path / "file").write_bytes(b"")
    prepare(tmp_path / "file" / "polls-1")
    assert "polls-1: Not a directory (make the folder writable: the workers count there)" in caplog.text
