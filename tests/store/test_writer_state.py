"""What the writer says of itself is written whole, survives anything, and tells each way in which a writer fails."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.store import writer_state
from feedsvc.store.sqlite import SqliteEngine
from feedsvc.store.sqlite.writer_file import state_path
from feedsvc.store.writer_problems import lines_of, problems_of
from feedsvc.store.writer_state import WriterState, WriterStateRecord, note_crash, read_state
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


@pytest.mark.parametrize(
    ("command", "cure"),
    [
        ("serve", "start feedsvc serve"),
        ("watch", "start feedsvc watch"),
        ("", "start feedsvc serve or feedsvc watch"),
        ("later", "start feedsvc serve or feedsvc watch"),
    ],
)
def test_the_cure_names_the_command_that_the_operator_started(command: str, cure: str) -> None:
    for state in (
        replace(WELL, command=command, ended_at=ago(days=1)),
        replace(WELL, command=command, ended_at=ago(days=1), crashed_at=ago(days=1)),
        replace(WELL, command=command, seen_at=ago(days=1)),
    ):
        (problem,) = problems_of(state, NOW)
        assert re.search(rf"{re.escape(cure)}[);]", problem.summary)
        # With a store in PostgreSQL there is no such file.
        assert "writer.json" not in problem.summary


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
    assert read_state(SqliteEngine(tmp_path / "store.sqlite3")) is None
    assert problems_of(None, NOW) == ()
    assert list(lines_of(None, NOW, detailed=True)) == [
        "writer: none has run (start feedsvc serve or feedsvc watch, or run feedsvc sync now and then)"
    ]


def _malformed() -> Iterator[str]:
    good = json.loads(json.dumps(asdict(WELL), default=str))
    for name, value in {
        "seen_at": "2026-11-28T12:00:00",
        "looked_at": "2026-11-28",
        "started_at": "0001-01-01T00:00:00+14:00",
        "ended_at": 1,
        "crash": 5,
        "error": None,
        "error_count": "3",
        "refused": True,
        "set_aside": 1.5,
        "starts": "2026-11-28T12:00:00+00:00",
        "is_blind": 0,
        "host": ["x"],
        "pid": None,
    }.items():
        yield json.dumps({**good, name: value})
    yield json.dumps({**good, "starts": ["2026-11-28T12:00:00"]})
    yield "[" * 200_000


@pytest.mark.parametrize("text", list(_malformed()))
def test_a_value_of_another_type_makes_the_file_unreadable(tmp_path: Path, text: str) -> None:
    state_path(tmp_path / "store.sqlite3").write_text(text)
    assert read_state(SqliteEngine(tmp_path / "store.sqlite3")) is None


_MOMENTS = st.datetimes(timezones=st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=14)))).map(str)
_VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | _MOMENTS | st.lists(_MOMENTS | st.none())
)


@given(st.dictionaries(st.sampled_from([each.name for each in fields(WriterState)]), _VALUES, max_size=4))
def test_whatever_is_read_can_be_shown_and_written(changes: dict[str, object]) -> None:
    with TemporaryDirectory() as folder:
        engine = SqliteEngine(Path(folder, "store.sqlite3"))
        values = {**json.loads(json.dumps(asdict(WELL), default=str)), **changes}
        state_path(Path(folder, "store.sqlite3")).write_text(json.dumps(values))
        state = read_state(engine)
        assert all(line.isprintable() for line in lines_of(state, NOW, detailed=True))
        note_crash(engine, 1, NOW, "signal 9")
        written = read_state(engine)
        assert written is not None
        assert written.crash == "signal 9"
        assert written.command == "serve"


def test_a_name_that_is_not_utf_8_is_written(tmp_path: Path) -> None:
    file = WriterStateRecord(SqliteEngine(tmp_path / "store.sqlite3"))
    file.failed("content/articles/\udcff.md")
    assert read_state(SqliteEngine(tmp_path / "store.sqlite3")) == file.state


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": 1}', '{"seen_at": 3}', "\xff"])
def test_a_file_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    state_path(tmp_path / "store.sqlite3").write_bytes(text.encode("latin-1"))
    assert read_state(SqliteEngine(tmp_path / "store.sqlite3")) is None


def test_what_is_written_is_read_and_fields_of_other_versions_are_passed_by(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    file = WriterStateRecord(SqliteEngine(store))
    file.failed("content/site.toml:1: 錯", is_site_toml=True)
    file.note(watch_mode="polling")
    file.succeeded(set_aside=2, refused=0)
    assert read_state(SqliteEngine(store)) == file.state
    path = state_path(store)
    path.write_text(json.dumps({**json.loads(path.read_text()), "of_a_later_version": 1}))
    assert read_state(SqliteEngine(store)) == file.state


def test_starts_are_counted_over_restarts_for_an_hour(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    for number in range(6):
        WriterStateRecord(SqliteEngine(store), NOW + timedelta(minutes=20 * number)).write()
    state = read_state(SqliteEngine(store))
    assert state is not None
    assert state.starts == tuple(NOW + timedelta(minutes=20 * number) for number in (3, 4, 5))


def test_it_beats_in_the_middle_of_a_sync_and_says_that_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_state, "HEARTBEAT_SECONDS", 0.01)
    store = tmp_path / "store.sqlite3"
    file = WriterStateRecord(SqliteEngine(store))
    with file.heartbeat():
        first = read_state(SqliteEngine(store))
        assert first is not None
        assert first.ended_at is None
        wait_for(lambda: (found := read_state(SqliteEngine(store))) and found.seen_at > first.seen_at, "a beat", 60)
    last = read_state(SqliteEngine(store))
    assert last is not None
    assert [each.name for each in problems_of(last, last.seen_at)] == ["stopped"]


def test_a_folder_that_cannot_be_written_stops_nothing_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = WriterStateRecord(SqliteEngine(tmp_path / "gone" / "store.sqlite3"))
    for _ in range(3):
        file.succeeded(set_aside=0, refused=0)
    assert len(caplog.messages) == 1
    (tmp_path / "gone").mkdir()
    file.write()
    assert read_state(SqliteEngine(tmp_path / "gone" / "store.sqlite3")) == file.state


def test_a_change_waits_from_when_it_was_first_noticed(tmp_path: Path) -> None:
    file = WriterStateRecord(SqliteEngine(tmp_path / "store.sqlite3"))
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
        note_crash(SqliteEngine(store), 100 + number, now, f"status 1: ImportError: {number}")
    state = read_state(SqliteEngine(store))
    assert state is not None
    assert (state.pid, state.crash, len(state.starts)) == (104, "status 1: ImportError: 4", 5)
    problems = problems_of(state, datetime.now(UTC))
    assert [each.name for each in problems] == ["crashed", "restarting"]
    assert {each.detail for each in problems} == {"status 1: ImportError: 4"}
    assert "ImportError" not in "".join(each.summary for each in problems)


def test_a_writer_that_starts_after_one_that_crashed_keeps_the_reason_for_an_hour(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite3"
    file = WriterStateRecord(SqliteEngine(store))
    file.write()
    note_crash(SqliteEngine(store), file.state.pid, file.state.started_at, "signal 9")
    state = read_state(SqliteEngine(store))
    assert state is not None
    assert (len(state.starts), state.ended_at, state.crash) == (1, state.crashed_at, "signal 9")
    again = WriterStateRecord(SqliteEngine(store)).state
    assert (again.ended_at, again.crash, len(again.starts)) == (None, "signal 9", 2)
    assert problems_of(again, datetime.now(UTC)) == ()
    assert WriterStateRecord(SqliteEngine(store), datetime.now(UTC) + timedelta(hours=2)).state.crash == ""


def test_a_crash_that_cannot_be_noted_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    note_crash(SqliteEngine(tmp_path / "file" / "store.sqlite3"), 1, NOW, "signal 9")
    assert len(caplog.messages) == 1
