"""The counts of workers are in small files: sums of workers that ended stay, and a disk that fails ends nothing."""

import os
import shutil
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import pytest

from feedsvc.web import create_app
from feedsvc.web.stats import poll_counters
from feedsvc.web.stats.counter_files import ENDED, PATTERN, CounterFiles, Counts, fold
from feedsvc.web.stats.poll_buffer import FeedKey, polled
from feedsvc.web.stats.poll_counters import FOLDER, Figures, PollCounters, prepare
from tests.conftest import Publication
from tests.web.resources import ask

CHIPS: FeedKey = ("chips", "atom")
FEED = "/feeds/chips.atom"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a server counts."""
    monkeypatch.setenv(FOLDER, "")
    prepare(tmp_path / "polls-1")
    return tmp_path / "polls-1"


def _count(folder: str, feed: str) -> None:
    os.environ[FOLDER] = folder
    polls = PollCounters()
    polls.note(polled((feed, "atom"), "full", 3, 10), "")
    polls.write()


def _ended_worker(folder: Path, feed: str) -> None:
    worker = get_context("spawn").Process(target=_count, args=(str(folder), feed))
    worker.start()
    worker.join()
    assert worker.exitcode == 0


def test_files_of_ended_workers_become_one(folder: Path) -> None:
    """Each new worker tidies up: sums stay, files do not pile up."""
    for feed in ("chips", "cloud", "chips", "chips"):
        _ended_worker(folder, feed)
        assert len(list(folder.glob(PATTERN))) <= 2
    fold(folder)
    fold(folder)
    assert [each.name for each in folder.glob(PATTERN)] == [ENDED]
    figures = PollCounters().figures()
    assert figures == {CHIPS: Figures(full=3, sent=9, saved=21), ("cloud", "atom"): Figures(full=1, sent=3, saved=7)}


def test_a_process_with_the_number_of_an_ended_one_overwrites_nothing(tmp_path: Path) -> None:
    first, second = CounterFiles(tmp_path), CounterFiles(tmp_path)
    first.write(Counts({("full", *CHIPS): 3}))
    second.write(Counts({("full", *CHIPS): 4}))
    assert CounterFiles(tmp_path).total(Counts({("full", *CHIPS): 1})) == {("full", *CHIPS): 8}


def _polled(polls: PollCounters) -> int:
    polls.note(polled(CHIPS, "full", 3, 10), "Feedly/1.0 (5 subscribers)")
    return polls.figures()[CHIPS].full


def _gone(folder: Path) -> None:
    shutil.rmtree(folder)


def _gone_with_its_parent(folder: Path) -> None:
    os.rename(folder.parent, folder.parent.with_name("away"))


def _a_file(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("")


def _cut_short(folder: Path) -> None:
    (folder / "counts-1-0.json").write_text('[["full"')


@pytest.mark.parametrize("damage", [_gone, _gone_with_its_parent, _a_file, _cut_short])
def test_what_a_worker_counts_itself_goes_on(folder: Path, damage: object, caplog: pytest.LogCaptureFixture) -> None:
    """No counter may end a worker, and its trouble is told once."""
    polls = PollCounters()
    assert _polled(polls) == 1
    damage(folder)  # type: ignore[operator]
    assert [_polled(polls) for _ in range(3)] == [2, 3, 4]
    assert polls.counted()
    assert caplog.text.count("(make the folder writable: until then each worker tells its own counts)") <= 2


def test_the_folder_comes_back(folder: Path) -> None:
    """What a worker has counted since it began is written again, whole."""
    polls = PollCounters()
    assert _polled(polls) == 1
    shutil.rmtree(folder)
    assert _polled(polls) == 2
    assert CounterFiles(folder).total(Counts())["full", *CHIPS] == 2


@pytest.fixture
def full_disk(small_disk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for counts on a disk without a free byte."""
    monkeypatch.setenv(FOLDER, "")
    prepare(small_disk / "polls-1")
    with (small_disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
        while filler.write(b"x" * 4096):
            pass
    return small_disk / "polls-1"


def test_the_disk_is_full(full_disk: Path, caplog: pytest.LogCaptureFixture) -> None:
    """With prometheus-client's own files a write to a full disk was SIGBUS, and with it the end of the server."""
    polls = PollCounters()
    assert [_polled(polls) for _ in range(3)] == [1, 2, 3]
    assert "No space left on device" in caplog.text
    assert not list(full_disk.glob("*.new"))
    (full_disk.parent / "filler").unlink()
    assert _polled(polls) == 4
    assert CounterFiles(full_disk).total(Counts())["full", *CHIPS] == 4


def test_a_thread_that_cannot_be_started_costs_no_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoThread:
        daemon = False

        def __init__(self, *_: object) -> None: ...

        def start(self) -> None:
            raise RuntimeError("can't start new thread")

    polls = PollCounters()
    with monkeypatch.context() as patched:
        patched.setattr(poll_counters, "Timer", NoThread)
        polls.note(polled(CHIPS, "full", 3, 10), "")
        polls.note(polled(CHIPS, "full", 3, 10), "")
    assert polls.figures()[CHIPS].full == 2


def test_status_and_metrics_without_the_folder(publication: Publication, folder: Path) -> None:
    """`rm -rf` of the counters' folder made both 500."""
    token = "0123456789abcdef"
    publication.article("first", topics="[chips]")
    publication.sync()
    client = create_app(replace(publication.settings, status_token=token)).test_client()
    assert ask(client, FEED).status_code == 200
    shutil.rmtree(folder)
    for path in ("/status", "/metrics"):
        assert ask(client, path, Authorization=f"Bearer {token}").status_code == 200
    assert (
        'feedsvc_polls_total{feed="chips",format="atom",result="full"} 1.0'
        in ask(client, "/metrics", Authorization=f"Bearer {token}").text
    )


@pytest.mark.parametrize("text", ["[[1]]", "5", "{}", '[["full", "chips", "atom", "x"]]', "[null]", "", "\udcff"])
def test_a_file_of_another_shape_is_no_error(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "counts-99999-ab.json").write_text(text, errors="surrogateescape")
    assert PollCounters().figures() == {}
