"""The report of an import: a line for each problem, counts, JSON, interruptions, and the exit status."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from feedsvc.importing.complete import CompletedDraft, Overrides, complete
from feedsvc.importing.draft import Draft
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles

TEXT = "The chip maker announced a new GPU wafer and semiconductor foundry plan with TSMC today."
DATE = "Tue, 10 Feb 2026 09:00:00 GMT"


def item(number: int, date: str = DATE, text: str = TEXT, more: str = "") -> str:
    """Return an item of RSS."""
    return (
        f"<item><title>第{number}篇 Title</title><link>https://blog.example/n{number}</link><pubDate>{date}</pubDate>"
        f"<description>{text}</description>{more}</item>"
    )


def feed(path: Path, *items: str) -> Path:
    """Write a feed of these items."""
    path.write_text(
        f"<rss version='2.0'><channel><title>B</title><language>en</language>{''.join(items)}</channel></rss>", "utf-8"
    )
    return path


def report_of(path: Path) -> dict[str, Any]:
    """Return a report that was written to a file."""
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return read


def test_each_problem_is_one_line(run: Run, tmp_path: Path) -> None:
    path = feed(tmp_path / "b.rss", item(1, date="soon"), item(2), item(3, text="About bread, which is baked."))
    lines = run(path).stderr.splitlines()
    assert [line.split(" ", 1)[0] for line in lines] == [f"{path}#1:", f"{path}#3:", "problems:", "1"]
    assert "published: no date was found (pubDate: 'soon'" in lines[0]
    assert lines[2] == "problems: 1 without a date, 1 without a topic"


def test_a_note_that_no_error_repeats_stays(run: Run, tmp_path: Path) -> None:
    text = "&lt;p&gt;" + TEXT + "&lt;img src='/a.png'&gt;&lt;/p&gt;"
    path = feed(tmp_path / "b.rss", item(1, date="soon", text=text).replace("https://blog.example/n1", ""))
    lines = run(path).stderr.splitlines()
    assert [line for line in lines if "warning: left out: relative images" in line]
    assert "warnings: 1" in lines


def test_json_is_all_of_stdout(run: Run, tmp_path: Path, content: Path) -> None:
    marked = "<draft xmlns=''>true</draft>"
    path = feed(tmp_path / "b.rss", item(1), item(2, more=marked), item(3, date=""))
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.jpg").write_bytes(b"")
    result = run(path, tmp_path / "more", "--json")
    report = json.loads(result.stdout)
    assert (result.exit_code, report["version"], report["finished"]) == (1, 1, True)
    counts = report["counts"]
    assert (counts["inputs"], counts["written"], counts["drafts"], counts["set_aside"]) == (2, 2, 1, 1)
    assert [(each["file"], each["state"]) for each in report["inputs"]] == [
        (str(path), "done"),
        (str(tmp_path / "more" / "a.jpg"), "skipped"),
    ]
    assert [(each["entry"], each["outcome"], each["draft"]) for each in report["articles"]] == [
        ("1", "written", False),
        ("2", "written", True),
    ]
    assert sorted(each["path"] for each in report["articles"]) == sorted(map(str, articles(content)))
    found = [(each["entry"], each["kind"], each["severity"], each["field"]) for each in report["problems"]]
    assert found == [("2", "warning", "warning", None), ("3", "no-date", "error", "published")]
    assert report["problem_counts"] == {"warning": 1, "no-date": 1}
    assert "drafts: 1 of the written articles, which are not published" in result.stderr.splitlines()


def test_what_is_published_later_is_counted_with_its_date(run: Run, tmp_path: Path) -> None:
    later = "Tue, 10 Feb 2099 09:00:00 GMT"
    private = "<draft xmlns=''>true</draft>"
    path = feed(
        tmp_path / "b.rss",
        item(1),
        item(2, later),
        item(3, later.replace("2099", "2098")),
        item(4, later, more=private),
    )
    lines = run(path, "--report", tmp_path / "r.json").stderr.splitlines()
    assert [each for each in lines if each.startswith("scheduled:")] == [
        "scheduled: 2 of the written articles are published later, the first one 2098-02-10",
        "scheduled: 1 of the drafts have a later date, the first one 2099-02-10",
    ]
    assert [
        each["published"][:4] for each in report_of(tmp_path / "r.json")["articles"]
    ] == "2026 2099 2098 2099".split()
    assert not [each for each in run(path).stderr.splitlines() if each.startswith("scheduled:")]


def test_a_dry_run_prints_no_file_beside_json(run: Run, tmp_path: Path, content: Path) -> None:
    result = run(feed(tmp_path / "b.rss", item(1)), "--dry-run", "--json")
    report = json.loads(result.stdout)
    assert (report["counts"]["shown"], report["counts"]["written"], articles(content)) == (1, 0, [])
    assert "(new)" in result.stderr


def test_what_was_set_aside_has_its_kind(run: Run, tmp_path: Path, content: Path) -> None:
    path = feed(tmp_path / "b.rss", item(1))
    run(path)
    (written,) = articles(content)
    written.write_bytes(written.read_bytes() + b"\nEdited.\n")
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "empty.txt").write_text("")
    result = run(path, tmp_path / "broken.json", tmp_path / "empty.txt", tmp_path / "none.txt", "--json")
    report = json.loads(result.stdout)
    kinds = {(Path(each["file"]).name, each["kind"]) for each in report["problems"]}
    assert {("b.rss", "conflict"), ("broken.json", "unreadable"), ("none.txt", "unreadable")} <= kinds
    assert report["counts"]["set_aside"] == 4
    assert report["articles"][0]["differs"] == ["text"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_import_reports_and_is_continued(
    number: signal.Signals, run: Run, tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)]
    first, second = (
        feed(tmp_path / "a.rss", *map(item, range(3))),
        feed(tmp_path / "b.rss", *map(item, range(3, 6))),
    )

    def interrupted(draft: Draft, settings: ImportSettings, overrides: Overrides) -> CompletedDraft:
        if draft.source.endswith("b.rss#2"):
            os.kill(os.getpid(), number)
        return complete(draft, settings, overrides)

    with monkeypatch.context() as patch:
        patch.setattr("feedsvc.importing.run.complete", interrupted)
        result = run(first, second, "--report", tmp_path / "report.json")
    assert result.exit_code == 128 + number
    assert "not finished: 1 of 2 inputs left (run the same command again to continue)" in result.stderr.splitlines()
    report = report_of(tmp_path / "report.json")
    assert (report["finished"], [each["state"] for each in report["inputs"]]) == (False, ["done", "not done"])
    half = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in articles(content)}
    assert sorted(map(str, half)) == sorted(each["path"] for each in report["articles"])
    assert len(half) == 4
    assert [signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)] == handlers

    result = run(first, second, "--report", tmp_path / "report.json")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        0,
        "2 written, 0 replaced, 4 unchanged, 0 set aside",
    )
    assert report_of(tmp_path / "report.json")["finished"] is True
    assert len(articles(content)) == 6
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in half} == half


def test_an_article_with_the_same_bytes_is_not_read_again(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = feed(tmp_path / "b.rss", item(1))
    run(path)

    def unexpected(*_: object) -> None:
        raise AssertionError("it compares the fields of an equal file")

    monkeypatch.setattr("feedsvc.importing.output.content_folder.differences", unexpected)
    monkeypatch.setattr("feedsvc.importing.output.content_folder.existing_file", unexpected)
    assert "1 unchanged" in run(path).stderr


def test_after_a_kill_the_report_says_that_the_import_is_not_finished(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def looked_at(*arguments: Any) -> CompletedDraft:
        seen.append(report_of(tmp_path / "report.json")["finished"])
        return complete(*arguments)

    monkeypatch.setattr("feedsvc.importing.run.complete", looked_at)
    run(feed(tmp_path / "b.rss", item(1)), "--report", tmp_path / "report.json")
    assert seen == [False]


def test_a_report_that_cannot_be_written_ends_the_command_before_it_writes_articles(
    run: Run, tmp_path: Path, content: Path
) -> None:
    (tmp_path / "file").write_text("")
    result = run(feed(tmp_path / "b.rss", item(1)), "--report", tmp_path / "file" / "report.json")
    assert (result.exit_code, articles(content)) == (2, [])
    assert "report.json: cannot be written: " in result.stderr


def test_a_full_disk_leaves_a_report_of_what_was_done(
    run: Run, tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(draft: Draft, settings: ImportSettings, overrides: Overrides) -> CompletedDraft:
        if draft.source.endswith("#2"):
            raise OSError(28, "No space left on device")
        return complete(draft, settings, overrides)

    monkeypatch.setattr("feedsvc.importing.run.complete", full)
    with pytest.raises(OSError, match="No space left"):
        run(feed(tmp_path / "b.rss", item(1), item(2)), "--report", tmp_path / "report.json")
    report = report_of(tmp_path / "report.json")
    assert (report["finished"], len(report["articles"])) == (False, 1)


def test_a_name_that_is_not_utf_8_is_in_the_report(run: Run, tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xffa.rss")
    result = run(feed(Path(name), item(1)), "--report", tmp_path / "report.json")
    assert result.exit_code == 0
    assert report_of(tmp_path / "report.json")["inputs"][0]["file"] == name
