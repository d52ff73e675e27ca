"""What the writer says of itself is written whole, survives anything, and tells each way in which a writer fails."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.store import writer_state
from feedsvc.store.writer_problems import lines_of, problems_of
from feedsvc.store.writer_state import WriterState, WriterStateFile, note_crash, read_state, state_path
from tests.live import wait_for

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)
WELL = WriterState(pid=1, started_at=NOW, seen_at=NOW, looked_at=NOW, succeeded_at=NOW, starts=(NOW,))


def ago(**given: float) -> datetime:
    return NOW - timedelta(**given)


@pytest.mark.parametrize(
    ("state", "names"),
    [
        (WELL, []),
        (replace(WELL, seen_at=ago(seconds=59), looked_at=ago(seconds=59)), []),
        (replace(WELL, seen_at=ago(seconds=61), looked_at=ago(seconds=61)), ["silent"]),
        (replace(WELL, looked_at=ago(seconds=61)), ["hung"]),
        (replace(WELL, looked_at=ago(seconds=900), syncing_since=ago(seconds=900)), []),
        (replace(WELL, looked_at=ago(hours=1), syncing_since=ago(hours=1)), ["slow"]),
        (replace(WELL, seen_at=ago(days=1), ended_at=ago(days=1)), ["stopped"]),
        (replace(WELL, ended_at=ago(days=1), crashed_at=ago(days=1), crash="status 1: ImportError: no"), ["crashed"]),
        (replace(WELL, ended_at=ago(minutes=1), crashed_at=ago(minutes=9), crash="status 1: x"), ["stopped"]),
        (replace(WELL, crashed_at=ago(minutes=9), crash="status 1: x"), []),
        (replace(WELL, starts=tuple(ago(minutes=each) for each in range(5))), ["restarting"]),
        (replace(WELL, starts=tuple(ago(hours=each) for each in range(5))), []),
        (replace(WELL, error="No space left on device", error_count=3), ["failing"]),
        (replace(WELL, error="content/site.toml:3: x", error_count=3, site_toml_error="y"), ["site-toml"]),
        (replace(WELL, refused=30), ["refused"]),
        (replace(WELL, watch_mode="polling", watch_reason="FEEDSVC_WATCH is poll"), []),
        (replace(WELL, watch_mode="polling", watch_reason="watching failed: /x", is_blind=True), ["blind"]),
    ],
)
def test_each_way_to_fail_has_a_name_and_a_cure(state: WriterState, names: list[str]) -> None:
    found = problems_of(state, NOW)
    assert [each.name for each in found] == names
    assert all("(" in each.summary or each.detail for each in found), "each says what to do"


def test_only_details_name_files() -> None:
    state = replace(WELL, error="content/articles/geheim.md", error_count=1, is_blind=True, watch_reason="/home/x")
    public, detailed = ("\n".join(lines_of(state, NOW, detailed=detailed)) for detailed in (False, True))
    assert "geheim" not in public
    assert "/home" not in public
    assert "geheim" in detailed
    assert "/home" in detailed


def test_foreign_text_cannot_forge_a_line() -> None:
    state = replace(WELL, error="a\nwarning: \x1b[31mb\u202e", error_count=1)
    lines = list(lines_of(state, NOW, detailed=True))
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_no_writer_is_no_problem(tmp_path: Path) -> None:
    assert read_state(tmp_path / "store.sqlite3") is None
    assert problems_of(None, NOW) == ()
    assert list(lines_of(None, NOW, detailed=True)) == [
        "writer: none has run (start feedsvc watch, or run feedsvc sync now and then)"
    ]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}', '{"seen_at": 3}', "\xff"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    state_path(tmp_path / "store.sqlite3").write_bytes(text.encode("latin-1"))
    assert read_state(tmp_path / "store.sqlite3") is None


def test_what_is_written_is_read_and_fields_of_other_versions_are_passed_by(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    file = WriterStateFile(store)
    file.failed("content/site.toml:1: 錯", is_site_toml=True)
    file.note(watch_mode="polling")
    file.succeeded(set_aside=2, refused=0)
    assert read_state(store) == file.state
    path = state_path(store)
    path.write_text(json.dumps({**json.loads(path.read_text()), "of_a_later_version": 1}))
    assert read_state(store) == file.state


def test_starts_are_counted_over_restarts_for_an_hour(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    for number in range(6):
        WriterStateFile(store, NOW + timedelta(minutes=20 * number)).write()
    state = read_state(store)
    assert state is not None
    assert state.starts == tuple(NOW + timedelta(minutes=20 * number) for number in (3, 4, 5))


def test_it_beats_in_the_middle_of_a_sync_and_says_that_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_state, "BEAT_SECONDS", 0.01)
    store = tmp_path / "store.sqlite3"
    file = WriterStateFile(store)
    with file.beating():
        first = read_state(store)
        assert first is not None
        assert first.ended_at is None
        wait_for(lambda: (found := read_state(store)) and found.seen_at > first.seen_at, "a beat", 60)
    last = read_state(store)
    assert last is not None
    assert [each.name for each in problems_of(last, last.seen_at)] == ["stopped"]


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = WriterStateFile(tmp_path / "gone" / "store.sqlite3")
    for _ in range(3):
        file.succeeded(set_aside=0, refused=0)
    assert len(caplog.messages) == 1
    (tmp_path / "gone").mkdir()
    file.write()
    assert read_state(tmp_path / "gone" / "store.sqlite3") == file.state


def test_a_change_waits_from_when_it_was_first_noticed(tmp_path: Path) -> None:
    file = WriterStateFile(tmp_path / "store.sqlite3")
    file.changed()
    since = file.state.waiting_since
    assert since is not None
    file.failed("no")
    file.changed()
    assert file.state.waiting_since == since
    assert file.state.lag_seconds(since + timedelta(seconds=7)) == 7
    file.succeeded(set_aside=0, refused=0)
    assert file.state.lag_seconds(since) == 0


def test_a_writer_that_could_not_start_is_noted_by_who_started_it(tmp_path: Path) -> None:
    store = tmp_path / "new" / "store.sqlite3"
    now = datetime.now(UTC)
    for number in range(5):
        note_crash(store, 100 + number, now, f"status 1: ImportError: {number}")
    state = read_state(store)
    assert state is not None
    assert (state.pid, state.crash, len(state.starts)) == (104, "status 1: ImportError: 4", 5)
    problems = problems_of(state, datetime.now(UTC))
    assert [each.name for each in problems] == ["crashed", "restarting"]
    assert {each.detail for each in problems} == {"status 1: ImportError: 4"}
    assert "ImportError" not in "".join(each.summary for each in problems)


def test_a_writer_that_starts_after_one_that_crashed_keeps_the_reason_for_an_hour(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    file = WriterStateFile(store)
    file.write()
    note_crash(store, file.state.pid, file.state.started_at, "signal 9")
    state = read_state(store)
    assert state is not None
    assert (len(state.starts), state.ended_at, state.crash) == (1, state.crashed_at, "signal 9")
    again = WriterStateFile(store).state
    assert (again.ended_at, again.crash, len(again.starts)) == (None, "signal 9", 2)
    assert problems_of(again, datetime.now(UTC)) == ()
    assert WriterStateFile(store, datetime.now(UTC) + timedelta(hours=2)).state.crash == ""


def test_a_crash_that_cannot_be_noted_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    note_crash(tmp_path / "file" / "store.sqlite3", 1, NOW, "signal 9")
    assert len(caplog.messages) == 1
