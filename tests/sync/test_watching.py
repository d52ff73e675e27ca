"""The watcher sees every edit, whatever the content folder is exchanged for, and scans where it cannot watch."""

import logging
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
import watchfiles

from feedsvc.config import load_settings
from feedsvc.errors import ConfigError
from feedsvc.store.writer_problems import problems_of
from feedsvc.store.writer_state import WriterState
from feedsvc.sync import Report, sync, watch
from feedsvc.sync.folder import folder_changes
from feedsvc.sync.folder.file_systems import Mounts, mounts_of
from feedsvc.sync.folder.folder_changes import FolderChanges
from feedsvc.sync.folder.folder_scan import FolderScan
from feedsvc.sync.watch import SyncFailure, Watcher
from tests.conftest import SITE_TOML, Publication
from tests.live import wait_for
from tests.sync.watchers import until, watching

linux = pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")


@pytest.fixture(autouse=True)
def short_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Removals wait, but not for five seconds each."""
    monkeypatch.setattr("feedsvc.sync.watch.GRACE_SECONDS", 0.5)


def tree(folder: Path, *names: str) -> Path:
    """A content folder with articles of these titles."""
    (folder / "articles").mkdir(parents=True)
    (folder / "site.toml").write_text(SITE_TOML)
    for name in names:
        write(folder, name)
    return folder


def write(folder: Path, name: str, title: str = "") -> None:
    text = f"---\ntitle: {title or name}\npublished: 2026-10-01 10:00\ntopics: [chips]\n---\nText.\n"
    (folder / "articles" / f"{name}.md").write_text(text)


@pytest.fixture(params=["auto", "poll"])
def watched(request: pytest.FixtureRequest, publication: Publication) -> Publication:
    """A publication that is watched by events, and by scans."""
    publication.settings = replace(publication.settings, watch=request.param, poll_seconds=1)
    return publication


def _no_instance(*_args: Any, **_options: Any) -> Iterator[Any]:
    raise RuntimeError("Error creating recommended watcher: Too many open files (os error 24)")


def _no_watch_left(*_args: Any, **_options: Any) -> Iterator[Any]:
    raise OSError('OS file watch limit reached. about ["/srv/content/articles"]')


@pytest.mark.parametrize("failing", [_no_instance, _no_watch_left])
def test_without_inotify_it_scans(
    publication: Publication,
    failing: Callable[..., Iterator[Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Exhausted inotify watches or instances: an edit is seen within FEEDSVC_POLL_SECONDS, and the log says why."""
    monkeypatch.setattr(folder_changes, "watch", failing)
    publication.article("one")
    with watching(replace(publication.settings, poll_seconds=1)) as watcher:
        until(publication, "one")
        publication.article("two")
        until(publication, "one", "two")
        publication.article("one", title="changed")
        until(publication, "changed", "two")
        (publication.settings.content / "articles/two.md").unlink()
        until(publication, "changed")
        assert watcher.source.mode.name == "polling"
        assert "watching failed" in watcher.source.mode.reason
    said = [each.getMessage() for each in caplog.records if "is scanned for changes every 1 s" in each.getMessage()]
    assert len(said) == 1


def test_it_watches_again_when_it_can(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real, calls = watchfiles.watch, list[int]()

    def failing_twice(*args: Any, **options: Any) -> Iterator[Any]:
        calls.append(1)
        if len(calls) < 3:
            raise OSError("OS file watch limit reached")
        return real(*args, **options)

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(folder_changes, "watch", failing_twice)
    monkeypatch.setattr(folder_changes, "EVENTS_AGAIN_SECONDS", 0.5)
    publication.article("one")
    with watching(replace(publication.settings, poll_seconds=1)) as watcher:
        wait_for(lambda: len(calls) == 3 and watcher.source.mode.name == "events", "events again")
        publication.article("two")
        until(publication, "one", "two")
    assert sum("is scanned" in each.getMessage() for each in caplog.records) == 1
    assert sum("is watched by events again" in each.getMessage() for each in caplog.records) == 1


@linux
@pytest.mark.parametrize("limit", ["max_inotify_instances", "max_inotify_watches"])
def test_with_the_kernel_s_limits_at_their_end(publication: Publication, limit: str, tmp_path: Path) -> None:
    """In a user namespace of its own, whose limits are nobody else's."""
    limited = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        f'echo 0 > /proc/sys/user/{limit} && exec "$@"',
        "sh",
    ]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*limited, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no user namespaces here")
    publication.article("one")
    settings = publication.settings
    command = [sys.executable, "-m", "feedsvc", "watch", "--content", str(settings.content)]
    with (tmp_path / "log").open("wb") as log:
        environment = {**os.environ, "FEEDSVC_POLL_SECONDS": "1"}
        process = subprocess.Popen([*limited, *command], env=environment, stdout=log, stderr=log)
    try:
        until(publication, "one")
        publication.article("two")
        until(publication, "one", "two")
        assert "is scanned for changes every 1 s" in (tmp_path / "log").read_text()
        assert process.poll() is None
    finally:
        process.terminate()
        process.wait(300)


@linux
def test_names_that_are_not_utf_8_stop_nothing(watched: Publication) -> None:
    watched.article("one")
    with watching(watched.settings):
        until(watched, "one")
        folder = os.fsencode(watched.settings.content / "articles")
        for number in range(3):
            Path(os.fsdecode(folder + b"/\xff%d.txt" % number)).write_bytes(b"x")
            watched.article(f"n{number}")
            until(watched, "one", *(f"n{each}" for each in range(number + 1)))


def _flip(link: Path, target: Path) -> None:
    """As git-sync and Capistrano do: the link is replaced in one step."""
    other = link.with_name("other-link")
    other.symlink_to(target)
    other.rename(link)


@pytest.mark.parametrize("higher", [False, True])
def test_a_symlink_is_switched(watched: Publication, tmp_path: Path, higher: bool) -> None:
    """The new tree within seconds, and every later edit: for `content` as a link, and for one above it."""
    inner = Path("content") if higher else Path()
    first, second = tmp_path / "rev1", tmp_path / "rev2"
    tree(first / inner, "one", "both")
    tree(second / inner, "both", "two")
    link = tmp_path / "current"
    link.symlink_to(first)
    settings = replace(watched.settings, content=link / inner)
    with watching(settings):
        until(watched, "one", "both")
        _flip(link, second)
        until(watched, "both", "two")
        write(second / inner, "three")
        until(watched, "both", "two", "three")
        _flip(link, first)
        until(watched, "both", "one")
        write(first / inner, "one", "later")
        until(watched, "both", "later")


def test_a_switch_that_would_remove_too_much_is_refused(watched: Publication, tmp_path: Path) -> None:
    """Guarantee 9 holds for another tree, too; what is new in it is published."""
    names = [f"n{number:02}" for number in range(20)]
    first, second = tree(tmp_path / "rev1", *names), tree(tmp_path / "rev2", "n00", "new")
    link = tmp_path / "current"
    link.symlink_to(first)
    with watching(replace(watched.settings, content=link)) as watcher:
        until(watched, *names)
        _flip(link, second)
        until(watched, *names, "new")
        wait_for(lambda: len(watcher._missing_since) == 19, "the missing files are known")
        write(second, "newer")
        until(watched, *names, "new", "newer")
        _flip(link, first)
        until(watched, *names)


@pytest.mark.parametrize("part", ["content", "content/articles"])
def test_a_folder_is_moved_away_and_another_put_in_its_place(watched: Publication, tmp_path: Path, part: str) -> None:
    watched.article("one")
    watched.article("both")
    other = tree(tmp_path / "other", "both", "two")
    folder, source = tmp_path / part, other if part == "content" else other / "articles"
    with watching(watched.settings):
        until(watched, "one", "both")
        folder.rename(tmp_path / "away")
        source.rename(folder)
        until(watched, "both", "two")
        watched.article("three")
        until(watched, "both", "two", "three")


def test_a_folder_that_comes_back_is_watched(watched: Publication, tmp_path: Path) -> None:
    watched.article("one")
    folder = watched.settings.content
    with watching(watched.settings) as watcher:
        until(watched, "one")
        folder.rename(tmp_path / "away")
        wait_for(lambda: watcher._failure, "it says that the folder is gone")
        (tmp_path / "away").rename(folder)
        watched.article("two")
        until(watched, "one", "two")


def test_a_folder_whose_path_has_names_that_tools_ignore_is_watched(publication: Publication, tmp_path: Path) -> None:
    """`.git` above the content folder, and a file's name such as flycheck_x.md, hide no edit."""
    content = tree(tmp_path / ".git" / "worktrees" / "content", "one")
    with watching(replace(publication.settings, content=content)):
        until(publication, "one")
        write(content, "flycheck_x", "two")
        until(publication, "one", "two")


def test_an_unforeseen_error_in_a_sync_is_not_the_last_sync(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = list[int]()

    def failing(*args: Any) -> Any:
        calls.append(1)
        if len(calls) < 3:
            raise ZeroDivisionError("by zero")
        return sync(*args)

    monkeypatch.setattr("feedsvc.sync.watch.sync", failing)
    monkeypatch.setattr("feedsvc.sync.watch.RETRY_SECONDS", 0.1)
    caplog.set_level(logging.INFO, "feedsvc.watch")
    publication.article("one")
    with watching(publication.settings):
        until(publication, "one")
        publication.article("two")
        until(publication, "one", "two")
    said = [each for each in caplog.records if "an error in feedsvc (ZeroDivisionError: by zero" in each.getMessage()]
    assert len(said) == 1
    assert caplog.messages.count("syncs succeed again") == 1


def test_many_changes_at_once_are_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's queue may have overflowed, which nobody says: everything is looked at."""
    monkeypatch.setattr(folder_changes, "MAX_BURST", 5)
    source, stop = FolderChanges(tree(tmp_path / "content"), "poll", 1), threading.Event()
    changes = source.until(stop)
    assert next(changes) is None
    for number in range(6):
        write(tmp_path / "content", f"n{number}")
    assert next(each for each in changes if each is None or each) is None
    stop.set()


@pytest.mark.usefixtures("old_files")
def test_a_scan_finds_what_changed(tmp_path: Path) -> None:
    content = tree(tmp_path / "content", "one", "two")
    articles = content / "articles"
    for file in (*articles.iterdir(), content / "site.toml"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
    scan = FolderScan(content)
    assert scan.changed() == set()
    os.utime(articles / "one.md", (1_000_000_001, 1_000_000_001))
    (articles / "two.md").unlink()
    (articles / "sub").mkdir()
    (articles / ".hidden").write_text("x")
    (articles / "link.md").symlink_to("one.md")
    assert scan.changed() == {articles / name for name in ("one.md", "two.md", "sub", "link.md")}
    write(content, "young")
    os.utime(articles / "young.md", (tomorrow := time.time() + 86_400, tomorrow))
    # What is as young as this moment may be written again within the same tick of the clock.
    assert [articles / "young.md" in scan.changed() for _ in range(2)] == [True, True]


def mounts(tmp_path: Path, *lines: tuple[str, str]) -> Path:
    table = tmp_path / "mountinfo"
    table.write_text("".join(f"36 35 98:0 / {point} rw shared:1 - {kind} source rw\n" for point, kind in lines))
    return table


@pytest.mark.parametrize(
    ("kind", "remote"),
    [
        ("ext4", ""),
        ("overlay", ""),
        ("tmpfs", ""),
        ("nfs4", "nfs4"),
        ("cifs", "cifs"),
        ("9p", "9p"),
        ("virtiofs", "virtiofs"),
        ("fuse.sshfs", "fuse.sshfs"),
        ("fuseblk", ""),
    ],
)
def test_a_file_system_without_events_is_known_by_its_type(tmp_path: Path, kind: str, remote: str) -> None:
    table = mounts(tmp_path, ("/", "ext4"), ("/srv/my\\040content", kind), ("/srv/other", "nfs"))
    assert mounts_of("/srv/my content", table) == Mounts(remote=remote)
    assert mounts_of("/srv/my content/inside", table) == Mounts(remote=remote)


def test_mounts_over_each_other_and_below(tmp_path: Path) -> None:
    """The later mount at a place hides the earlier one; one below makes all of the folder scanned."""
    table = mounts(tmp_path, ("/", "ext4"), ("/c", "nfs"), ("/c", "xfs"), ("/c/articles/x", "ext4"))
    assert mounts_of("/c", table) == Mounts(below=frozenset({("/c/articles/x", "ext4")}))
    table = mounts(tmp_path, ("/", "ext4"), ("/c/articles/x", "cifs"))
    assert mounts_of("/c", table).remote == "cifs"
    assert mounts_of("/", table).remote == "cifs"
    assert mounts_of("/c", tmp_path / "no table") == Mounts()


@pytest.mark.parametrize(("wanted", "name"), [("auto", "polling"), ("events", "events"), ("poll", "polling")])
def test_the_setting_decides_over_the_type(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, name: str
) -> None:
    monkeypatch.setattr(folder_changes, "mounts_of", lambda _root: Mounts(remote="nfs4"))
    source = FolderChanges(tree(tmp_path / "content"), wanted, 1)
    assert next(source.until(threading.Event())) is None
    assert source.mode.name == name


@pytest.mark.parametrize(
    ("variable", "value", "cure"),
    [("FEEDSVC_WATCH", "inotify", "write auto, events or poll"), ("FEEDSVC_POLL_SECONDS", "0", "write 1 or more")],
)
def test_settings_that_cannot_be(variable: str, value: str, cure: str) -> None:
    with pytest.raises(ConfigError, match=cure):
        load_settings({variable: value})


def test_a_reader_that_keeps_a_large_wal_is_told_of_once(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("feedsvc.sync.watch.LARGE_WAL", 10)
    monkeypatch.setattr("feedsvc.sync.watch.TRIM_SECONDS", 0.0)
    publication.article("one")
    publication.sync()
    with watching(publication.settings):
        for number in range(3):
            publication.article(f"n{number}")
            until(publication, "one", *(f"n{each}" for each in range(number + 1)))
    assert sum("-wal grows, since a reader keeps an old state" in each.getMessage() for each in caplog.records) == 1


def test_the_writer_says_how_it_is(watched: Publication) -> None:
    """A broken site.toml, its repair, and the end of the watcher are each to be seen in its state."""

    def state() -> WriterState | None:
        return watched.store.writer_state()

    watched.article("one")
    with watching(watched.settings):
        wait_for(lambda: (found := state()) and found.succeeded_at and not found.syncing_since, "a sync", 300)
        written = (watched.settings.content / "site.toml").read_text()
        watched.write("site.toml", "title = \n")
        wait_for(lambda: (found := state()) and found.site_toml_error, "it is said", 300)
        found = state()
        assert found is not None
        assert [each.name for each in problems_of(found, found.seen_at)] == ["site-toml"]
        assert found.lag_seconds(found.seen_at + timedelta(seconds=1)) >= 1
        watched.write("site.toml", written)
        wait_for(lambda: (found := state()) and not found.error and not found.waiting_since, "it is over", 300)
    found = state()
    assert found is not None
    assert [each.name for each in problems_of(found, found.seen_at)] == ["stopped"]


@pytest.mark.in_a_file
def test_a_store_that_is_deleted_while_a_file_changes_has_all_articles_again(watched: Publication) -> None:
    """Not only the one that changed."""
    watched.article("one")
    with watching(watched.settings):
        until(watched, "one")
        for number in range(3):
            watched.store.close()
            shutil.rmtree(watched.settings.store_file.parent, ignore_errors=True)
            watched.article("two", body=str(number))
            until(watched, "one", "two")


@pytest.mark.in_a_file
def test_a_store_that_is_replaced_during_a_sync_of_all_files_is_synced_again(
    watched: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit went to the file that was replaced."""
    watched.article("one")
    watched.sync()
    watched.store.close()
    former = watched.settings.store_file.with_name("former")
    shutil.copy(watched.settings.store_file, former)
    original, syncs = sync, 0

    def replaced_after_the_first(*arguments: Any) -> Report:
        nonlocal syncs
        report = original(*arguments)
        syncs += 1
        if syncs == 1:
            former.replace(watched.settings.store_file)
        return report

    watched.article("two")
    monkeypatch.setattr(watch, "sync", replaced_after_the_first)
    with watching(watched.settings):
        wait_for(lambda: syncs > 1, "another sync")
        until(watched, "one", "two")


def test_an_article_is_due_by_the_wall_clock(watched: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock may be set forward, as after the start of a machine without a clock of its own."""

    class Forward(datetime):
        ahead = timedelta()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> "Forward":
            moved = datetime.now(tz) + cls.ahead
            return cls.combine(moved.date(), moved.timetz())

    monkeypatch.setattr("feedsvc.sync.watch.datetime", Forward)
    watched.article("now")
    watched.article("later", published=f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%d %H:%M}Z")
    with watching(watched.settings):
        until(watched, "now")
        monkeypatch.setattr(Forward, "ahead", timedelta(hours=2))
        until(watched, "now", "later")


@pytest.mark.in_a_file
def test_what_was_committed_to_a_lost_wal_is_committed_again(watched: Publication) -> None:
    """Deleted, as by a clean-up of files that nobody knows: the next sync of the whole folder is not waited for."""
    watched.article("one")
    with watching(watched.settings):
        until(watched, "one")
        with closing(sqlite3.connect(watched.settings.store_file)) as connection:
            # What is written until here stays.
            connection.execute("PRAGMA wal_checkpoint(FULL)")
        watched.article("two")
        until(watched, "one", "two")
        for suffix in ("-wal", "-shm"):
            Path(f"{watched.settings.store_file}{suffix}").unlink()
        until(watched, "one", "two")
        watched.article("three")
        until(watched, "one", "two", "three")


def test_what_persists_is_said_again_each_hour_with_its_count() -> None:
    failure = SyncFailure("full")
    assert [failure.count(moment) for moment in (0.0, 5.0, 3599.0)] == ["", None, None]
    assert failure.count(3600.0) == " (again; 3 failures since the last message)"
    assert failure.count(3605.0) is None


def test_problems_that_stay_are_said_again_after_an_hour(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    publication.article("wrong", topics="[none]")
    report = publication.sync()
    watcher = Watcher(publication.settings, publication.store)
    said = []
    with caplog.at_level(logging.INFO, "feedsvc.watch"):
        for now in (10_000.0, 13_599.0, 13_600.0):
            monkeypatch.setattr("feedsvc.sync.watch.time.monotonic", lambda now=now: now)
            watcher._log_report(replace(report, changed=()))
            said.append(sum("unknown topic" in each for each in caplog.messages))
    assert said == [1, 1, 2]
