"""An error of the operator is one line and ends with 2; settings come from the environment."""

import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc import cli
from tests.cli.conftest import Run, process
from tests.conftest import Publication


def _no_site(publication: Publication) -> None:
    (publication.settings.content / "site.toml").unlink()


def _broken_site(publication: Publication) -> None:
    publication.write("site.toml", "title = ")


def _no_articles(publication: Publication) -> None:
    (publication.settings.content / "articles").rmdir()


def _broken_store(publication: Publication) -> None:
    publication.settings.store_file.parent.mkdir(parents=True)
    publication.settings.store_file.write_bytes(b"this is no database" * 200)


def _newer_store(publication: Publication) -> None:
    publication.sync()
    with publication.store.write(publication.now) as commit:
        commit.log.put_meta("schema", "99")


@pytest.mark.parametrize(
    ("commands", "damage", "message"),
    [
        (
            "check sync serve new",
            _no_site,
            "site.toml: not found, so this is not the folder of a publication (change to its folder",
        ),
        ("check sync serve new", _broken_site, "site.toml:1: "),
        ("check sync serve", _no_articles, "articles: not a folder (create it"),
        ("sync serve", _broken_store, "file is not a database (restore it, or delete it and sync again)"),
        ("sync serve", _newer_store, "the store has schema 99"),
    ],
)
def test_an_error_is_one_line_and_ends_with_2(
    publication: Publication, run: Run, commands: str, damage: Callable[[Publication], None], message: str
) -> None:
    damage(publication)
    for command in commands.split():
        result = run(command, *(["Title", "--topic", "chips"] if command == "new" else []))
        assert result.exit_code == 2
        assert result.stderr.startswith("feedsvc: ")
        assert message in result.stderr
        assert result.stderr.count("\n") == 1
        assert result.stdout == ""


@pytest.mark.parametrize(
    "command",
    [
        "status",
        "list",
        "backup copy",
        "restore copy",
        "forget x",
        "reidentify x y",
        "check",
        "sync",
        "new Title",
        "rename a b",
        "ids",
        "import x",
    ],
)
def test_in_a_folder_of_no_publication_all_commands_say_so(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And make nothing there."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, command.split())
    assert done.exit_code == 2
    assert done.stderr.startswith("feedsvc: content/site.toml: not found, so this is not the folder of a publication (")
    assert "feedsvc init DIR" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_named_needs_no_folder_of_a_publication(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli.main, ["status", "--store", "other.sqlite3"])
    assert "other.sqlite3: there is no store yet" in done.stderr


def test_an_error_of_a_process_is_one_line_too(publication: Publication) -> None:
    _no_site(publication)
    content = str(publication.settings.content)
    done = process("sync", FEEDSVC_CONTENT=content)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    done = process("check", "--content", content, FEEDSVC_PORT="http")
    assert (done.returncode, done.stderr) == (2, "feedsvc: FEEDSVC_PORT: 'http' is not a whole number\n")


def test_a_watcher_that_cannot_write_says_so(publication: Publication) -> None:
    content = publication.settings.content
    done = process("watch", "--content", str(content), "--store", str(content / "site.toml" / "store"))
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert done.stderr.startswith(f"feedsvc: {content}/site.toml: ")


def test_settings_come_from_the_environment_and_options_win(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    publication.article("one")
    elsewhere = tmp_path / "elsewhere.sqlite3"
    monkeypatch.setenv("FEEDSVC_CONTENT", str(publication.settings.content))
    monkeypatch.setenv("FEEDSVC_STORE", str(elsewhere))
    done = CliRunner().invoke(cli.main, ["sync"])
    assert (done.exit_code, elsewhere.exists()) == (0, True)
    done = CliRunner().invoke(cli.main, ["sync", "--store", str(publication.settings.store_file)])
    assert done.stdout.startswith("+ one\n")


def test_the_version_is_the_projects() -> None:
    assert process("--version").stdout.split()[-1] == version("feedsvc")


def test_an_error_that_names_a_command_says_how_it_is_called_in_a_clone(
    publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell in a clone does not find `feedsvc`. Errors that name no command stay as they are."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.argv", [".venv/bin/feedsvc", "list"])
    said = run("list").stderr
    assert said.endswith("there is no store yet (run feedsvc sync) (here the command is .venv/bin/feedsvc)\n")
    publication.write("site.toml", "title = ")
    assert "here the command is" not in run("sync").stderr
    monkeypatch.setattr("sys.argv", ["feedsvc", "list"])
    assert run("list").stderr.endswith("there is no store yet (run feedsvc sync)\n")
