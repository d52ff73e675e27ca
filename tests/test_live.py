"""`feedsvc serve` as a process: polls while the content folder is edited."""

import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest

from tests.live import COMMAND, ROOT, Poller, Server, environment, is_alive, wait_for
from tests.tools import program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


def _article(title: str, body: str = "Text.", published: str = "2026-10-05 10:00", **fields: str) -> str:
    more = "".join(f"{name}: {value}\n" for name, value in fields.items())
    return f"---\ntitle: {title}\npublished: {published}\ntopics: [chips]\n{more}---\n{body}\n"


@contextmanager
def _serving(folder: Path, command: tuple[str, ...] | None = None) -> Iterator[Server]:
    server = Server(folder, command)
    try:
        yield server
    finally:
        server.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for the tests that leave it running."""
    with _serving(tmp_path_factory.mktemp("live")) as running:
        yield running


@pytest.fixture
def poller(server: Server) -> Poller:
    """A reader that has the feed of chips as it is now."""
    made = Poller(server.url("/feeds/chips.atom"))
    assert made.poll()
    return made


def test_it_starts_quietly(server: Server) -> None:
    assert f"serving http://127.0.0.1:{server.port}/" in server.log
    assert "WARNING" not in server.log
    assert "0 set aside" in server.log


def test_an_article_is_added_changed_broken_mended_and_removed(server: Server, poller: Poller) -> None:
    file = server.write("life.md", _article("Life", "First."))
    poller.until(lambda feed: poller.titles().count("Life") == 1, "added")
    file.write_text(_article("Life", "Second."))
    poller.until(lambda feed: "Second." in str(feed.entries), "changed")
    file.write_text("broken")
    wait_for(lambda: "articles/life.md:1: no front matter" in server.log, "said to be broken")
    assert not poller.poll()
    file.write_text(_article("Life", "Third."))
    poller.until(lambda feed: "Third." in str(feed.entries), "mended")
    assert server.get("/articles/life") == 200
    file.unlink()
    poller.until(lambda feed: "Life" not in poller.titles(), "removed")
    assert server.get("/articles/life") == 410


def test_nothing_new_is_304(poller: Poller) -> None:
    assert not poller.poll()


def test_curl_keeps_the_etag(server: Server, tmp_path: Path) -> None:
    program("curl")

    def ask() -> tuple[str, bytes]:
        body = tmp_path / "body"
        body.write_bytes(b"")
        command = ["curl", "-s", "--compressed", "-o", str(body), "-w", "%{http_code}"]
        etag = ["--etag-save", str(tmp_path / "etag"), "--etag-compare", str(tmp_path / "etag")]
        url = server.url("/feeds/cloud.json")
        asked = subprocess.run([*command, *etag, url], capture_output=True, text=True, timeout=600, check=True)
        return asked.stdout, body.read_bytes()

    assert ask()[0] == "200"
    assert ask() == ("304", b"")
    server.write("curl.md", _article("Curl").replace("[chips]", "[cloud]"))
    status, body = wait_for(lambda: (found := ask())[0] == "200" and found, "a new document")
    assert (status, b'"Curl"' in body) == ("200", True)
    assert ask() == ("304", b"")


def test_a_scheduled_article_is_released_on_time(server: Server, poller: Poller) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    server.write("due.md", _article("Due", published=due.isoformat()))
    server.write("now.md", _article("Now"))
    poller.until(lambda feed: "Now" in poller.titles(), "the other one")
    if datetime.now(UTC) < due:
        assert "Due" not in poller.titles()
    poller.until(lambda feed: "Due" in poller.titles(), "released")
    assert datetime.now(UTC) >= due
    assert parsedate_to_datetime(poller.last.modified) >= due


def test_an_article_is_taken_down_on_time(server: Server, poller: Poller) -> None:
    """`expires`: a commit of the watcher, with a tombstone, though no file changes."""
    for seconds in (5, 20, 80):  # a busy machine may need longer to publish it than it is to stay
        due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
        server.write("brief.md", _article("Brief", expires=due.isoformat()))
        while "Brief" not in poller.titles() and datetime.now(UTC) < due:
            poller.poll()
        if "Brief" in poller.titles():
            break
    assert "Brief" in poller.titles()
    poller.until(lambda feed: "Brief" not in poller.titles(), "taken down")
    assert datetime.now(UTC) >= due
    assert server.get("/articles/brief") == 410
    assert b"<at:deleted-entry" in server.read("/feeds/chips.atom")


def test_a_file_that_is_missing_for_a_moment_keeps_its_id_and_address(server: Server, poller: Poller) -> None:
    """A file that was set aside for the same slug waits as long as a removal does."""
    file = server.write("mine.md", _article("Mine", "First."))
    poller.until(lambda feed: "Mine" in poller.titles(), "published")
    id_ = _ids(poller)["Mine"]
    server.write("rival.md", _article("Rival", "Another text.", slug="mine"))
    wait_for(lambda: "articles/rival.md:5: slug: 'mine' is already used" in server.log, "set aside")
    file.unlink()
    wait_for(lambda: "articles/mine.md is missing; its article will be removed" in server.log, "missed")
    file.write_text(_article("Mine", "Second."))
    poller.until(lambda feed: "Second." in str(feed.entries), "back")
    assert (_ids(poller)["Mine"], "Rival" in poller.titles()) == (id_, False)
    assert f'ref="{id_}"'.encode() not in server.read("/feeds/chips.atom")
    assert b"Second." in server.read("/articles/mine")
    # Now it goes for good, and the other one takes its place.
    file.unlink()
    poller.until(lambda feed: "Rival" in poller.titles(), "taken over")
    assert b"Another text." in server.read("/articles/mine")


def test_an_id_is_changed_while_the_watcher_runs(server: Server, poller: Poller) -> None:
    file = server.write("known.md", _article("Known", "First."))
    poller.until(lambda feed: "Known" in poller.titles(), "published")
    old = _ids(poller)["Known"]
    command = [sys.executable, "-m", "feedsvc", "reidentify", old, "urn:x:known", "--content", str(server.content)]
    subprocess.run(command, capture_output=True, env=environment(), timeout=600, check=True)
    poller.until(lambda feed: _ids(poller).get("Known") == "urn:x:known", "the new id")
    assert f'ref="{old}"'.encode() in server.read("/feeds/chips.atom")
    file.write_text(_article("Known", "Second."))
    poller.until(lambda feed: "Second." in str(feed.entries), "edited")
    assert _ids(poller)["Known"] == "urn:x:known"
    assert server.get("/articles/known") == 200


def test_a_copy_does_not_come_out_when_its_original_becomes_a_draft(server: Server, poller: Poller) -> None:
    file = server.write("plan.md", _article("Plan", "The plan. " * 20))
    poller.until(lambda feed: "Plan" in poller.titles(), "published")
    copy = server.write("plan-2.md", _article("Plan", "The plan. " * 20))
    wait_for(lambda: "articles/plan-2.md:2: is a copy of articles/plan.md" in server.log, "set aside")
    file.write_text(_article("Plan", "The plan. " * 20, draft="true"))
    poller.until(lambda feed: "Plan" not in poller.titles(), "withdrawn")
    os.utime(copy)
    server.write("after.md", _article("After the plan"))
    poller.until(lambda feed: "After the plan" in poller.titles(), "the next sync")
    assert ("Plan" in poller.titles(), server.get("/articles/plan"), server.get("/articles/plan-2")) == (
        False,
        410,
        404,
    )


def _ids(poller: Poller) -> dict[str, str]:
    return {entry.title: entry.id for entry in poller.last.entries}


def test_many_files_replaced_at_once(server: Server, poller: Poller) -> None:
    """As `git checkout` does: some go, some come, one is renamed, each under a new inode."""
    folder = server.content / "articles" / "branch"
    folder.mkdir()
    for number in range(30):
        (folder / f"b{number}.md").write_text(_article(f"B{number}", id=f"urn:x:{number}"))
    poller.until(lambda feed: "B29" in poller.titles() and "B0" in poller.titles(), "30 articles")
    for number in range(30):
        (folder / f"b{number}.md").unlink()
        (folder / f"renamed{number}.md").write_text(_article(f"C{number}", id=f"urn:x:{number}"))
    poller.until(lambda feed: {f"C{number}" for number in range(30)} <= set(poller.titles()), "30 other titles")
    assert not any(title.startswith("B") and title[1:].isdigit() for title in poller.titles())
    assert b'ref="urn:x:' not in server.read("/feeds/all.atom")
    assert server.get("/articles/b7") == 200


def test_a_broken_site_toml_keeps_the_last_good_state(server: Server, poller: Poller) -> None:
    file = server.content / "site.toml"
    good = file.read_text()
    file.write_text("title = ")
    wait_for(lambda: "site.toml" in server.log and "the last good state is served" in server.log, "complains")
    assert not poller.poll()
    file.write_text(good.replace('en = "Chips"', 'en = "Silicon"').replace('"晶片"', '"矽"'))
    poller.until(lambda feed: feed.feed.title.startswith("矽"), "the new title")


def test_a_watcher_that_is_killed_is_started_again(server: Server, poller: Poller) -> None:
    first = wait_for(server.watcher, "a watcher")
    os.kill(first, signal.SIGKILL)
    server.write("again.md", _article("Again"))
    poller.until(lambda feed: "Again" in poller.titles(), "seen by another watcher")
    assert server.watcher() not in (None, first)


@pytest.mark.parametrize("name", ["feedsvc/__init__.py", "queue.py"])
def test_modules_in_the_current_folder_take_the_place_of_none(tmp_path: Path, name: str) -> None:
    """Neither in the watcher, nor in processes that it starts, nor in workers, which import some modules late."""
    cwd = tmp_path / "cwd"
    names = ("site.py", "content.py", "platform.py", "signal.py", "sqlite3/__init__.py", "uuid.py", "watchfiles.py")
    for each in (name, *names):
        file = cwd / each
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"raise ImportError('{each} of the current folder')\n")
    server = Server(tmp_path, serve=(str(Path(sys.executable).with_name("feedsvc")), "serve"), cwd=cwd)
    try:
        wait_for(lambda: "last success" in server.read("/readyz?verbose").decode(), "the watcher has synced")
        server.write("here.md", _article("Here"))
        wait_for(lambda: server.get("/articles/here") == 200, "an edit is seen")
        assert server.get("/feeds/chips.rss?q=here") == 200
        assert "of the current folder" not in server.log
    finally:
        server.end()


def test_a_watcher_that_cannot_start_is_shown_with_its_reason(tmp_path: Path) -> None:
    """By /readyz?verbose, `feedsvc status` and metrics, though it ended before it could say anything itself."""
    content = tmp_path / "content"
    lock = tmp_path / "writer.lock"
    lock.mkdir()
    store = {"FEEDSVC_STORE": str(tmp_path / "store.sqlite3"), "FEEDSVC_STATUS_TOKEN": "0123456789abcdef"}
    server = Server(tmp_path, settings=store)
    try:
        wait_for(lambda: "warning: the writer failed at" in server.read("/readyz?verbose").decode(), "it is shown")
        wait_for(lambda: "times in the last hour" in server.read("/readyz?verbose").decode(), "so are its starts")
        assert str(tmp_path) not in server.read("/readyz?verbose").decode()
        asked = [*COMMAND[:-1], "status", "--content", str(content), "--store", str(tmp_path / "store.sqlite3")]
        ended = subprocess.run(asked, capture_output=True, text=True, env=environment(), timeout=600, check=False)
        assert ended.returncode == 1
        assert f"status 2: feedsvc: {tmp_path}: Is a directory (make it writable" in ended.stdout
        request = urllib.request.Request(server.url("/metrics"), headers={"Authorization": "Bearer 0123456789abcdef"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            assert 'feedsvc_writer_problem{problem="' in answer.read().decode()
        lock.rmdir()
        wait_for(lambda: "failed at" not in server.read("/readyz?verbose").decode(), "it has started")
    finally:
        server.end()


def test_a_port_in_use_is_said_in_one_line(server: Server) -> None:
    command = [*COMMAND, "--port", str(server.port), "--content", str(server.content)]
    ended = subprocess.run(command, capture_output=True, text=True, env=environment(), timeout=600, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert f"cannot listen on 127.0.0.1:{server.port}: Address already in use" in ended.stderr


def _all_gone(pids: set[int]) -> None:
    wait_for(lambda: not any(map(is_alive, pids)), f"none of {pids} is left")


@pytest.mark.parametrize("how", ["once", "the whole terminal, thrice"])
def test_ctrl_c_ends_it_cleanly(tmp_path: Path, how: str) -> None:
    with _serving(tmp_path) as server:
        everyone = server.everyone()
        assert len(everyone) >= 3
        before = server.log
        if how == "once":
            server.process.send_signal(signal.SIGINT)
        else:
            for _ in range(3):
                os.killpg(server.process.pid, signal.SIGINT)
        assert server.process.wait(300) == 0
        _all_gone(everyone)
        assert server.log == before


def test_kill_9_of_the_server_leaves_nothing_behind(tmp_path: Path) -> None:
    with _serving(tmp_path) as server:
        wait_for(server.watcher, "a watcher")
        everyone = server.everyone()
        server.process.kill()
        server.process.wait(300)
        _all_gone(everyone)


def _is_installed() -> bool:
    """Whether make has nothing left to install: a test does not change the virtual environment it runs in."""
    if shutil.which("make") is None or not (ROOT / ".venv" / ".serve").exists():
        return False
    asked = subprocess.run(
        ["make", "-q", ".venv/.serve"], cwd=ROOT, env=environment(), capture_output=True, check=False
    )
    return asked.returncode == 0


@pytest.mark.skipif(not _is_installed(), reason="run by make test, which installs")
def test_make_serve_is_this_server(tmp_path: Path) -> None:
    with _serving(tmp_path, ("make", "serve")) as server:
        everyone = server.everyone()
        poller = Poller(server.url("/feeds/all.atom"))
        assert poller.poll()
        assert len(poller.last.entries) >= 14
        server.write("made.md", _article("Made"))
        poller.until(lambda feed: "Made" in poller.titles(), "added")
        os.killpg(server.process.pid, signal.SIGINT)
        server.process.wait(300)
        _all_gone(everyone)
        assert "Traceback" not in server.log
