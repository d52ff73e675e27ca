"""`feedsvc sync` and `serve`: exit codes 0 and 1, the report, the progress bar."""

import json
import os
import pty
import re
import select
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.config import Settings
from feedsvc.site.site_toml import load_site
from feedsvc.store.file_records import Stamp
from feedsvc.sync import sync
from tests.cli.conftest import Run, process
from tests.conftest import SITE_TOML, Publication
from tests.sync.looks import rows, titles


def test_sync_says_what_it_did(publication: Publication, run: Run) -> None:
    publication.article("one")
    result = run("sync")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "+ one\n1 added, 0 changed, 0 removed, 0 set aside\n",
        "",
    )
    assert titles(publication) == ["one"]
    assert run("sync").stdout == "0 added, 0 changed, 0 removed, 0 set aside\n"


def test_sync_ends_with_1_when_something_is_set_aside(publication: Publication, run: Run) -> None:
    publication.article("good")
    publication.article("bad", topics="[chip]")
    for _ in range(2):
        result = run("sync")
        assert result.exit_code == 1
        assert "articles/bad.md:4: topics: unknown topic 'chip' (did you mean 'chips'?)\n" in result.stdout
        assert result.stdout.endswith("1 set aside\n")


def test_sync_prints_some_titles_and_counts_the_rest(publication: Publication, run: Run) -> None:
    for number in range(24):
        publication.article(f"n{number:02}")
    lines = run("sync").stdout.splitlines()
    assert lines[:20] == [f"+ n{number:02}" for number in range(20)]
    assert lines[20:] == ["+ … and 4 more", "24 added, 0 changed, 0 removed, 0 set aside"]
    for number in range(24):
        publication.article(f"n{number:02}", "Other.")
    (publication.settings.content / "articles/n03.md").unlink()
    lines = run("sync").stdout.splitlines()
    assert (lines[19:22], len(lines)) == (
        ["~ … and 4 more", "- n03", "0 added, 23 changed, 1 removed, 0 set aside"],
        22,
    )
    for number in range(23):
        publication.article(f"m{number:02}")
    assert len(run("sync", "--all").stdout.splitlines()) == 24


def test_sync_as_json(publication: Publication, run: Run) -> None:
    publication.article("good")
    publication.article("bad", topics="[chip]")
    publication.article("late", published="2091-01-01")
    result = run("sync", "--json")
    found = json.loads(result.stdout)
    assert result.exit_code == 1
    assert (found["added"], found["set_aside"], found["scheduled"]) == (["good"], ["articles/bad.md"], 1)
    assert found["next_release"] == "2091-01-01T00:00:00+08:00"
    assert (found["problems"][0]["path"], found["problems"][0]["line"]) == ("articles/bad.md", 4)


def test_sync_says_what_is_not_published_yet(publication: Publication, run: Run) -> None:
    publication.article("soon", published="2090-01-02 08:00")
    publication.article("late", published="2091-01-01")
    publication.article("draft", draft="true")
    publication.article("bad", topics="[chip]")
    for _ in range(2):
        assert run("sync").stdout.splitlines()[-1] == (
            "0 added, 0 changed, 0 removed, 1 set aside, 2 scheduled (the next is due 2090-01-02 08:00+08:00), 1 draft"
        )


@pytest.mark.usefixtures("old_files")
def test_sync_full_reads_what_no_stamp_shows(
    publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a network file system that tells no times."""
    same = Stamp(size=1, mtime_ns=1, inode=1)
    for module in ("folder.walk", "folder.files", "assets", "links.targets"):
        monkeypatch.setattr(sys.modules[f"feedsvc.sync.{module}"], "stamp_of", lambda _: same)
    file = publication.article("one", "Aaaa")
    run("sync")
    file.write_bytes(file.read_bytes().replace(b"Aaaa", b"Bbbb"))
    assert "0 changed" in run("sync").stdout
    assert "~ one" in run("sync", "--full").stdout


def test_sync_refuses_many_removals_until_allowed(publication: Publication, run: Run) -> None:
    files = [publication.article(f"n{number}") for number in range(11)]
    run("sync")
    for file in files:
        file.unlink()
    result = run("sync")
    assert result.exit_code == 1
    assert "11 articles would be removed" in result.stdout
    assert "feedsvc sync --allow-removals" in result.stdout
    result = run("sync", "--allow-removals")
    assert (result.exit_code, result.stdout.count("\n- ")) == (0, 10)


def test_sync_keeps_the_address_the_store_was_made_for(publication: Publication, run: Run) -> None:
    publication.write("site.toml", SITE_TOML.replace('base_url = "https://example.org"\n', ""))
    publication.article("one")
    assert run("sync", "--base-url", "https://first.example").exit_code == 0
    assert "0 changed" in run("sync").stdout
    with publication.store.read() as snapshot:
        assert snapshot.site().base_url == "https://first.example"


def test_the_store_may_be_elsewhere(publication: Publication, run: Run, tmp_path: Path) -> None:
    publication.article("one")
    assert run("sync", "--store", str(tmp_path / "else" / "where.sqlite3")).exit_code == 0
    assert (tmp_path / "else" / "where.sqlite3").exists()
    assert not publication.settings.store_file.exists()


def test_a_pipe_gets_no_progress_bar(publication: Publication) -> None:
    _many(publication)
    done = process("sync", "--all", "--content", str(publication.settings.content))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 301
    assert "\r" not in done.stdout


def test_a_terminal_gets_a_progress_bar(publication: Publication) -> None:
    _many(publication)
    outside, inside = pty.openpty()
    command = [sys.executable, "-m", "feedsvc", "sync", "--content", str(publication.settings.content)]
    env = os.environ | {"TERM": "xterm", "COLUMNS": "80"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=inside, env=env) as process:
        os.close(inside)
        shown = _read_terminal(outside)
    assert process.returncode == 0
    assert re.search(r"reading articles +\[[#-]+\] +\d+%", shown)
    assert re.search(r"\[#+\] +100%", shown)


def _many(publication: Publication) -> None:
    for number in range(300):
        publication.article(f"n{number}")


def _read_terminal(descriptor: int) -> str:
    """All that is written to a terminal until it is closed at the other end."""
    parts: list[bytes] = []
    with os.fdopen(descriptor, "rb", buffering=0) as terminal:
        while select.select([terminal], [], [], 60)[0]:
            try:
                part = terminal.read(4096)
            except OSError:  # Linux: nobody is at the other end
                break
            if not part:
                break
            parts.append(part)
    return b"".join(parts).decode()


def test_serve_syncs_first_and_says_where(publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    served: list[Settings] = []
    monkeypatch.setattr("feedsvc.serve.serve", served.append)
    publication.write("site.toml", SITE_TOML.replace('base_url = "https://example.org"\n', ""))
    publication.article("one")
    result = run("serve", "--port", "18231")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "+ one"
    assert result.stdout.endswith("serving http://127.0.0.1:18231/ (Ctrl-C ends it)\n")
    assert rows(publication)["articles"]
    with publication.store.read() as snapshot:
        assert snapshot.site().base_url == "http://127.0.0.1:18231"
    publication.article("two")
    result = run("serve", "--port", "18231")
    assert result.stdout == "serving http://127.0.0.1:18231/ (Ctrl-C ends it)\n"
    assert [each.port for each in served] == [18231, 18231]


def test_the_first_start_says_how_many_are_live_where_and_what_to_try(
    publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedsvc.serve.serve", lambda _settings: None)
    monkeypatch.setattr("sys.argv", [".venv/bin/feedsvc", "serve"])
    for name in ("one", "two"):
        publication.article(name)
    publication.write("site.toml", f"sample = true\n{SITE_TOML}")
    articles = publication.settings.content / "articles"
    start = run("serve", "--port", "18231").stdout.splitlines()
    assert start[-8:-1] == [
        "2 articles are live",
        "  front page: http://127.0.0.1:18231/",
        "  a feed for your reader: http://127.0.0.1:18231/feeds/all.atom",
        "  all addresses, for scripts: http://127.0.0.1:18231/docs",
        "try next:",
        f"  change a file in {articles} and save it: it is published at once",
        "  .venv/bin/feedsvc init ../my-news: a publication of your own, since this is a sample",
    ]
    assert len(run("serve", "--port", "18231").stdout.splitlines()) <= 2
    publication.settings.store_file.unlink()
    for file in articles.iterdir():
        file.unlink()
    publication.write("site.toml", SITE_TOML)
    start = run("serve", "--port", "18231").stdout.splitlines()
    assert start[-7] == "no articles are live"
    assert start[-2:] == [
        f"  .venv/bin/feedsvc new TITLE --topic chips: a draft in {articles}",
        "serving http://127.0.0.1:18231/ (Ctrl-C ends it)",
    ]


def test_serve_at_another_port_answers_before_it_reads(
    publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The feeds have the new address at once; what stands inside articles follows, and is no correction."""
    monkeypatch.setattr("feedsvc.serve.serve", lambda _settings: None)
    publication.write("site.toml", SITE_TOML.replace('base_url = "https://example.org"\n', ""))
    publication.article("one", "[two](two.md)")
    publication.article("two")
    assert run("serve", "--port", "18231").exit_code == 0
    monkeypatch.setattr("feedsvc.cli.sync_commands.sync", None)  # it may not be called
    result = run("serve", "--port", "18232")
    assert result.stdout.splitlines() == [
        (
            "the address is http://127.0.0.1:18232 instead of http://127.0.0.1:18231: feeds and pages have it now, "
            "links inside articles follow when their files have been read again"
        ),
        "serving http://127.0.0.1:18232/ (Ctrl-C ends it)",
    ]
    feed = json.loads(publication.client().get("/feeds/all.json").data)
    assert feed["feed_url"] == "http://127.0.0.1:18232/feeds/all.json"
    assert {each["url"] for each in feed["items"]} == {
        "http://127.0.0.1:18232/articles/one",
        "http://127.0.0.1:18232/articles/two",
    }
    site = load_site(publication.settings.content, None, "http://127.0.0.1:18232")
    report = sync(publication.settings, site, publication.store, datetime.now(UTC))
    assert (report.changed, report.rerendered) == ((), 1)
    after = json.loads(publication.client().get("/feeds/all.json").data)
    assert "127.0.0.1:18231" not in str(after)
    assert [each["id"] for each in after["items"]] == [each["id"] for each in feed["items"]]
    assert [each["date_modified"] for each in after["items"]] == [each["date_modified"] for each in feed["items"]]


def test_serve_without_a_watcher_needs_no_content(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The nodes of a publication have neither its files nor, at their start, always a store."""
    served: list[tuple[Settings, bool]] = []
    monkeypatch.setattr("feedsvc.serve.serve", lambda settings, watch: served.append((settings, watch)))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FEEDSVC_STORE", "postgresql://u:secret@host/db")
    result = CliRunner().invoke(main, ["serve", "--no-watch", "--port", "18233"])
    assert result.exit_code == 0, result.output
    assert [(each.store, watch) for each, watch in served] == [("postgresql://u:secret@host/db", False)]
    assert "serving postgresql://u@host/db at http://127.0.0.1:18233/" in result.output
    assert not list(tmp_path.iterdir())
    result = CliRunner().invoke(main, ["serve", "--no-watch", "--drafts"])
    assert (result.exit_code, "a preview needs the content folder" in result.output) == (2, True)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["restore", "copy"], "feedsvc restore is for SQLite stores (restore the database with pg_restore"),
    ],
)
def test_what_makes_no_sense_with_a_url_says_what_to_do(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, command: list[str], said: str
) -> None:
    monkeypatch.setattr("feedsvc.cli.sync_commands.at_known_url", lambda settings: settings)
    given = ["--content", str(publication.settings.content), "--store", "postgresql://u:secret@127.0.0.1:1/db"]
    result = CliRunner().invoke(main, [*command, *given])
    assert result.exit_code == 2
    assert said in result.output
    assert "secret" not in result.output
