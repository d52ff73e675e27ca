"""A standby with a git checkout follows the last writer only with its revision or a later one."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.sync.revision import (
    Revision,
    note_revision,
    parsed,
    revision_of,
    revision_to_note,
    why_not_follow,
)
from feedsvc.sync.watch import Watcher
from tests.conftest import START, Publication

Git = Callable[..., str]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, independent of the user's settings, and return what it prints."""
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main")
    alone = {"PATH": "/usr/bin:/bin", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/nonexistent"}
    command = ["git", *identity, "-C", str(folder), *arguments]
    return subprocess.run(command, env=alone, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, text: str) -> str:
    """Commit another text of an article, and return the revision."""
    (folder / "articles").mkdir(exist_ok=True)
    (folder / "articles" / "one.md").write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", text)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def writer(tmp_path: Path) -> Path:
    """A checkout with two commits."""
    folder = tmp_path / "writer"
    folder.mkdir()
    git(folder, "init", "--quiet")
    (folder / "site.toml").write_text("title = 'x'\n")
    commit(folder, "first")
    commit(folder, "second")
    return folder


@pytest.fixture
def standby(writer: Path, tmp_path: Path) -> Path:
    """A clone of it, at its last commit."""
    git(tmp_path, "clone", "--quiet", str(writer), "standby")
    return tmp_path / "standby"


def test_a_standby_follows_with_the_same_or_a_later_revision(writer: Path, standby: Path) -> None:
    last = revision_of(writer)
    assert last.commit == git(writer, "rev-parse", "HEAD")
    assert parsed(last.text()) == last
    assert why_not_follow(standby, last) == ""
    commit(standby, "third")
    assert why_not_follow(standby, last) == ""


def test_a_standby_with_an_older_or_another_revision_waits_until_it_is_pulled(writer: Path, standby: Path) -> None:
    git(standby, "reset", "--quiet", "--hard", "HEAD~1")
    assert "(run git pull here; to publish" in why_not_follow(standby, revision_of(writer))
    # On a branch of its own.
    commit(standby, "other")
    assert "git pull" in why_not_follow(standby, revision_of(writer))
    # What the writer has committed since is not even known here.
    git(standby, "reset", "--quiet", "--hard", "origin/main")
    commit(writer, "third")
    assert "is not known to follow" in why_not_follow(standby, revision_of(writer))
    git(standby, "pull", "--quiet")
    assert why_not_follow(standby, revision_of(writer)) == ""


def test_a_shallow_clone_says_how_to_become_a_whole_one(writer: Path, tmp_path: Path) -> None:
    last = revision_of(writer)
    commit(writer, "third")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{writer}", "standby")
    assert "git pull --unshallow" in why_not_follow(tmp_path / "standby", last)
    git(tmp_path / "standby", "pull", "--quiet", "--unshallow")
    assert why_not_follow(tmp_path / "standby", last) == ""


@pytest.mark.parametrize("name", ["site.toml", "articles/new.md"])
def test_edits_without_a_commit_are_followed_by_nobody_and_follow_nobody(
    writer: Path, standby: Path, name: str
) -> None:
    (standby / name).write_text("title = 'y'\n")
    assert "git status lists them" in why_not_follow(standby, revision_of(writer))
    assert why_not_follow(writer, revision_of(standby)).startswith("the last writer")


def test_the_same_checkout_always_goes_on(writer: Path) -> None:
    """Restarted with edits, or at an older revision: what is checked out there is the editor's decision."""
    (writer / "articles" / "two.md").write_text("edit")
    last = revision_of(writer)
    assert last.has_edits
    git(writer, "reset", "--quiet", "--hard", "HEAD~1")
    assert why_not_follow(writer, last) == ""


def test_a_folder_without_git_is_taken_for_the_shared_one(writer: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()
    assert "no site.toml" in why_not_follow(plain, None)
    (plain / "site.toml").write_text("title = 'x'\n")
    shared = Revision(commit=None, place="elsewhere:/content")
    assert why_not_follow(plain, shared) == why_not_follow(plain, None) == why_not_follow(writer, None) == ""
    assert "is none (to publish" in why_not_follow(plain, revision_of(writer))
    assert "not kept in git" in why_not_follow(writer, shared)


def test_a_folder_inside_the_checkout_of_something_else_is_not_kept_in_git(writer: Path) -> None:
    content = writer / "content"
    content.mkdir()
    (content / "site.toml").write_text("title = 'x'\n")
    assert revision_of(content).commit is None
    git(writer, "add", "--all")
    git(writer, "commit", "--quiet", "--message", "content")
    found = revision_of(content)
    assert (found.commit, found.has_edits) == (git(writer, "rev-parse", "HEAD"), False)
    # What changes outside of the content is no edit of it.
    (writer / "README").write_text("x")
    assert not revision_of(content).has_edits


def test_a_repository_that_git_refuses_is_followed_by_nobody(writer: Path, standby: Path) -> None:
    (writer / ".git" / "HEAD").write_text("damaged")
    assert revision_of(writer).commit == ""
    assert "run git status there" in why_not_follow(writer, revision_of(standby))
    assert "in no commit" in why_not_follow(standby, revision_of(writer))


def test_a_hook_of_another_repository_does_not_mislead(
    writer: Path, standby: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = revision_of(writer)
    git(standby, "reset", "--quiet", "--hard", "HEAD~1")
    monkeypatch.setenv("GIT_DIR", str(standby / ".git"))
    assert revision_of(writer) == expected


def test_text_that_nobody_understands_is_no_revision() -> None:
    assert [parsed(each) for each in (None, "", "{}", "[1]", '{"commit": null, "later": 1}')] == [None] * 5


def test_a_writer_that_goes_back_publishes_and_says_so(
    publication: Publication, caplog: pytest.LogCaptureFixture
) -> None:
    content = publication.settings.content
    shared = replace(publication.settings, store="postgresql://host/db")
    git(content, "init", "--quiet")
    commit(content, "first")
    commit(content, "second")
    for _ in range(2):
        with publication.store.write(START) as writer:
            note_revision(writer, content, revision_to_note(shared))
    assert caplog.messages == []
    git(content, "reset", "--quiet", "--hard", "HEAD~1")
    with publication.store.write(START) as writer:
        note_revision(writer, content, revision_to_note(shared))
    assert len(caplog.messages) == 1
    assert "git revert" in caplog.text
    with publication.store.read() as snapshot:
        assert parsed(snapshot.writer_revision()) == revision_of(content)


def test_a_store_in_a_file_notes_no_revision(publication: Publication) -> None:
    git(publication.settings.content, "init", "--quiet")
    publication.sync()
    with publication.store.read() as snapshot:
        assert snapshot.writer_revision() is None


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_writer_saves_the_revision_that_a_pull_ends_with(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of a pull are there before its revision, and a standby that has pulled must be able to take over."""
    monkeypatch.setattr("feedsvc.sync.watch.REVISION_SECONDS", 3600.0)
    monkeypatch.setattr("feedsvc.sync.watch.EDITED_SECONDS", 0.0)
    repository, watcher = publication.root, Watcher(publication.settings, publication.store)
    git(repository, "init", "--quiet")

    def commit_all() -> None:
        git(repository, "add", "content")
        git(repository, "commit", "--quiet", "--message", "x")

    commit_all()
    for name in ("one", "two"):
        publication.article(name)
        watcher._sync()
        assert not watcher._has_other_revision()
        commit_all()
        assert watcher._has_other_revision()
        watcher._sync()
        assert not watcher._has_other_revision()
