"""Everything a folder can hold that is not a plain article."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Publication
from tests.sync.looks import titles
from tests.unprivileged import give_away, open_folder, unprivileged


def _articles(publication: Publication) -> Path:
    return publication.settings.content / "articles"


def test_a_symlink_inside_the_tree_is_followed(publication: Publication) -> None:
    file = publication.write("kept/real.md", publication.article("one").read_bytes())
    (_articles(publication) / "one.md").unlink()
    (_articles(publication) / "one.md").symlink_to(file)
    report = publication.sync()
    assert (report.added, report.problems) == (("one",), ())


@pytest.mark.parametrize("target", ["outside.md", "nowhere.md", "one.md"])
def test_a_symlink_out_of_the_tree_is_set_aside(publication: Publication, target: str) -> None:
    (publication.root / "outside.md").write_bytes(publication.article("good").read_bytes())
    (_articles(publication) / "one.md").symlink_to(
        publication.root / target if target != "one.md" else _articles(publication) / "one.md"
    )
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert "symlink that leads out of the content folder, or nowhere" in str(report.problems[0])
    assert report.added == ("good",)


def test_a_folder_that_is_a_symlink_out_of_the_tree_is_set_aside(publication: Publication) -> None:
    publication.article("good")
    (publication.root / "outside").mkdir()
    (publication.root / "outside" / "secret.md").write_bytes((_articles(publication) / "good.md").read_bytes())
    (_articles(publication) / "linked").symlink_to(publication.root / "outside")
    report = publication.sync()
    assert report.set_aside == ["articles/linked"]
    assert report.added == ("good",)


def test_a_symlink_that_makes_a_loop_is_set_aside(publication: Publication) -> None:
    publication.article("folder/good")
    (_articles(publication) / "folder" / "again").symlink_to(_articles(publication))
    report = publication.sync()
    assert report.added == ("folder/good",)
    assert report.set_aside == ["articles/folder/again"]
    assert "leads back" in str(report.problems[0])


def test_a_fifo_is_not_waited_for(publication: Publication) -> None:
    publication.article("good")
    os.mkfifo(_articles(publication) / "pipe.md")
    report = publication.sync()
    assert (report.added, report.set_aside) == (("good",), ["articles/pipe.md"])
    assert "not a regular file" in str(report.problems[0])


@pytest.fixture
def theirs() -> Iterator[Publication]:
    """A publication with two articles that belongs to somebody who is not root."""
    with open_folder() as root:
        made = Publication(root)
        made.article("good")
        made.article("folder/one")
        give_away(root)
        yield made
        made.store.close()


def test_a_file_that_may_not_be_read(theirs: Publication) -> None:
    file = _articles(theirs) / "folder" / "one.md"
    file.chmod(0)
    with unprivileged():
        report = theirs.sync()
    assert report.set_aside == ["articles/folder/one.md"]
    assert "cannot be read: Permission denied" in str(report.problems[0])
    file.chmod(0o644)
    with unprivileged():
        assert theirs.sync().added == ("folder/one",)


def test_a_folder_that_may_not_be_listed(theirs: Publication) -> None:
    folder = _articles(theirs) / "folder"
    folder.chmod(0)
    try:
        with unprivileged():
            report = theirs.sync()
    finally:
        folder.chmod(0o755)
    assert report.set_aside == ["articles/folder"]


def test_a_file_that_cannot_be_opened_keeps_its_article(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publication.article("one")
    publication.article("two")
    publication.sync()
    genuine = Path.open

    def refuse(path: Path, *given: object, **named: object) -> object:
        if path == file:
            raise OSError(5, "Input/output error")
        return genuine(path, *given, **named)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refuse)
        report = publication.sync(whole=True)
    assert list(map(str, report.problems)) == [
        "articles/one.md: cannot be read: Input/output error (check its permissions)"
    ]
    assert not report.removed
    assert not publication.sync().problems


@pytest.mark.parametrize("name", ["新聞", "smile-😀", "a\nb", "tab\there", "it's", 'say "x"', "-dash", "%41", "a b"])
def test_names_of_every_kind(publication: Publication, name: str) -> None:
    publication.article(name, title="T")
    report = publication.sync()
    assert report.added == ("T",)
    assert all("\n" not in line for line in report.lines())
    assert titles(publication) == ["T"]


def test_a_name_that_is_not_utf8(publication: Publication) -> None:
    text = publication.article("good").read_bytes()
    name = os.fsencode(_articles(publication)) + b"/caf\xe9.md"
    try:
        Path(os.fsdecode(name)).write_bytes(text)
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    report = publication.sync()
    assert len(report.added) == 2
    Path(os.fsdecode(name)).write_bytes(b"broken")
    report = publication.sync()
    assert report.set_aside == ["articles/caf\\xe9.md"]
    Path(os.fsdecode(name)).unlink()
    assert len(publication.sync().removed) == 1


def test_a_name_with_a_newline_stays_in_its_line(publication: Publication) -> None:
    publication.write("articles/a\nb.md", "broken")
    (line,) = map(str, publication.sync().problems)
    assert line.startswith("articles/a\\nb.md:1: no front matter")


@pytest.mark.parametrize("name", [".hidden", "#spare#", "~lock", ".git/x", ".#emacs"])
def test_hidden_files_and_spare_copies_are_not_read(publication: Publication, name: str) -> None:
    publication.article(name)
    report = publication.sync()
    assert (report.added, report.problems) == ((), ())


@pytest.mark.parametrize("name", ["notes.rst", "one.md~", "one.md.swp", "README", "one.json"])
def test_files_of_other_kinds_are_not_read(publication: Publication, name: str) -> None:
    publication.write(f"articles/{name}", "anything")
    report = publication.sync()
    assert (report.added, report.problems) == ((), ())


def test_a_folder_named_like_an_article_is_a_folder(publication: Publication) -> None:
    publication.article("folder.md/one")
    assert publication.sync().added == ("folder.md/one",)


def test_bad_utf8_says_the_line(publication: Publication) -> None:
    publication.write("articles/one.md", b"---\ntitle: T\nx: \xff\n---\n")
    (line,) = map(str, publication.sync().problems)
    assert line == "articles/one.md:3: not UTF-8: byte 0xff (save the file as UTF-8)"


def test_a_file_over_the_limit(publication: Publication) -> None:
    publication.article("good")
    publication.article("one", "x" * (2 * 1024 * 1024))
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert "the limit is 2,097,152" in str(report.problems[0])
    assert report.added == ("good",)
