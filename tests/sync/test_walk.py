"""Everything a folder can hold that is not a plain article."""

import os
import shutil
import stat
import unicodedata
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path

import pytest

from feedsvc.files import open_regular
from feedsvc.sync import check, reading
from feedsvc.sync.folder.files import stamp_of
from feedsvc.sync.folder.walk import walk
from feedsvc.sync.reading import FileReader, Outcome
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
    assert "leads to articles, where its files are read (remove the symlink)" in str(report.problems[0])


def test_a_tree_of_symlinks_is_walked_once(publication: Publication) -> None:
    """Thirty folders with two ways to the next: a billion paths, were each followed."""
    articles = _articles(publication)
    publication.article("d30/good")
    for number in range(30):
        (articles / f"d{number:02}").mkdir()
        for way in "xy":
            (articles / f"d{number:02}" / way).symlink_to(f"../d{number + 1:02}")
    report = publication.sync()
    assert report.added == ("d30/good",)
    assert len(report.set_aside) == 60
    assert "leads to articles/d01, where its files are read" in str(report.problems[0])


def test_a_folder_outside_of_articles_is_read_by_its_first_symlink(publication: Publication) -> None:
    articles = _articles(publication)
    publication.write("kept/one.md", publication.article("x").read_bytes())
    (articles / "x.md").unlink()
    for name in ("a", "b"):
        (articles / name).symlink_to("../kept")
    for changed in (None, [articles / "a"], [articles / "b"], []):
        report = publication.sync(changed=changed)
        assert report.set_aside == ["articles/b"]
        assert "leads to articles/a, where" in str(report.problems[0])
    assert titles(publication) == ["x"]
    (articles / "a").unlink()
    report = publication.sync(changed=[articles / "a"])
    assert (report.set_aside, titles(publication)) == ([], ["x"])


def test_folders_deeper_than_the_limit(publication: Publication) -> None:
    deepest = publication.article("/".join(["d"] * 50) + "/deep").parent
    nested = deepest
    for _ in range(550):
        nested /= "d"
        nested.mkdir()
    (nested / "lost.md").write_bytes((deepest / "deep.md").read_bytes())
    for changed in (None, [nested / "lost.md"], [nested.parent], [deepest / "d"]):
        report = publication.sync(changed=changed, whole=True)
        assert report.set_aside == ["articles/" + "/".join(["d"] * 51)]
        assert "more than 50 folders deep" in str(report.problems[0])
    assert len(titles(publication)) == 1
    shutil.rmtree(deepest / "d")


def test_a_date_beyond_what_the_store_can_keep(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    file = publication.article("one")
    publication.article("good")
    os.utime(file, (13_569_465_600, 13_569_465_600))  # in the year 2400

    def refuse(path: Path) -> BufferedReader:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_regular", refuse)
        assert publication.sync().set_aside == ["articles/good.md", "articles/one.md"]
    assert sorted(publication.sync().added) == ["good", "one"]


@pytest.mark.parametrize("inode", [2**63, 2**64 - 1])
def test_an_inode_beyond_what_the_store_can_keep(inode: int) -> None:
    status = os.stat_result((stat.S_IFREG, inode, 1, 1, 0, 0, 5, 0, 0, 0), {"st_mtime_ns": 0, "st_ctime_ns": 0})
    assert 0 <= stamp_of(status).inode < 2**63


def test_a_fifo_is_not_waited_for(publication: Publication) -> None:
    publication.article("good")
    os.mkfifo(_articles(publication) / "pipe.md")
    report = publication.sync()
    assert (report.added, report.set_aside) == (("good",), ["articles/pipe.md"])
    assert "not a regular file" in str(report.problems[0])


def test_a_fifo_that_takes_a_files_place_is_not_waited_for(publication: Publication) -> None:
    file = publication.article("one")
    (found,) = walk(publication.settings.content)
    file.unlink()
    os.mkfifo(file)
    outcome = FileReader(publication.settings.content, publication.site, publication.now).read(found, None)
    assert isinstance(outcome, Outcome)
    assert [each.message for each in outcome.findings] == ["not a regular file (replace it by one)"]


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


@pytest.mark.parametrize("mode", [0, 0o444, 0o111])
@pytest.mark.parametrize("changed", [False, True])
def test_a_folder_that_may_not_be_listed_or_entered(theirs: Publication, mode: int, changed: bool) -> None:
    """What is in it cannot be read, nor is it gone."""
    folder = _articles(theirs) / "folder"
    with unprivileged():
        theirs.sync()
    folder.chmod(mode)
    try:
        with unprivileged():
            report = theirs.sync(changed=[folder] if changed else None)
    finally:
        folder.chmod(0o755)
    assert (report.set_aside, report.removed) == (["articles/folder"], ())
    assert "cannot be read: Permission denied (check its permissions)" in str(report.problems[0])
    assert sorted(titles(theirs)) == ["folder/one", "good"]
    with unprivileged():
        assert theirs.sync(changed=[folder]).problems == ()


def test_a_file_in_a_folder_that_may_not_be_entered(theirs: Publication) -> None:
    file = _articles(theirs) / "folder" / "one.md"
    with unprivileged():
        theirs.sync()
    file.parent.chmod(0o444)
    try:
        with unprivileged():
            report = theirs.sync(changed=[file])
    finally:
        file.parent.chmod(0o755)
    assert (report.set_aside, report.removed) == (["articles/folder"], ())


def test_a_file_that_cannot_be_opened_keeps_its_article(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = publication.article("one")
    publication.article("two")
    publication.sync()

    def refuse(path: str | Path) -> BufferedReader:
        if Path(path) == file:
            raise OSError(5, "Input/output error")
        return open_regular(path)

    with monkeypatch.context() as patch:
        patch.setattr(reading, "open_regular", refuse)
        report = publication.sync(whole=True)
    assert list(map(str, report.problems)) == [
        "articles/one.md: cannot be read: Input/output error (check the disk, or copy it again)"
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
    text = publication.article("good").read_bytes().replace(b"title: good", b"title: other")
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


def test_a_name_that_only_looks_like_another(publication: Publication) -> None:
    r"""A byte 0xff is shown as \xff; so is not a file whose name is written like that."""
    text = publication.article("good").read_bytes()
    for name in (b"\xff.md", rb"\xff.md"):
        try:
            own = text.replace(b"title: good", b"title: byte" if name == b"\xff.md" else b"title: letters")
            Path(os.fsdecode(os.fsencode(_articles(publication)) + b"/" + name)).write_bytes(own)
        except OSError:
            pytest.skip("this file system takes UTF-8 alone")
    report = publication.sync()
    assert (len(report.added), report.set_aside) == (2, [r"articles/\xff.md"])
    assert r"'xff' is already used by articles/\\xff.md" in str(report.problems[0])


def test_names_that_differ_in_their_normal_form_alone(publication: Publication) -> None:
    for form in ("NFC", "NFD"):
        publication.article(unicodedata.normalize(form, "é"), title=form, published="2026-10-01")
    if len(os.listdir(_articles(publication))) == 1:
        pytest.skip("this file system takes them for one name")
    report = publication.sync()
    nfc, nfd = (f"articles/{unicodedata.normalize(form, 'é')}.md" for form in ("NFC", "NFD"))
    assert (report.added, report.set_aside) == (("NFD",), [nfc])
    assert f"slug: 'é' is already used by {nfd} (" in str(report.problems[0])


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


def test_a_file_cannot_forge_lines_of_the_report(publication: Publication) -> None:
    r"""YAML knows \e and \a, and a file's name may hold a line."""
    publication.article("a\nb.md: all is well", title="T", **{r'"\e]0;pwned\a\n1 added"': "x"})
    report = publication.sync()
    assert len(report.problems) == 1
    assert all(line.isprintable() for line in report.lines())
    assert r"\x1b]0;pwned\x07\n1 added: unknown field (" in str(report.problems[0])


@pytest.mark.parametrize("placeholder", [".圖文.md.icloud", "圖文.md.nextcloud", "圖文.md.owncloud"])
@pytest.mark.parametrize("changed", [False, True])
def test_a_file_that_a_cloud_program_moved_away_stays_published(
    publication: Publication, placeholder: str, changed: bool
) -> None:
    """To save space it deletes the local copy and leaves a placeholder."""
    file = publication.article("圖文")
    publication.article("good")
    publication.sync()
    beside = file.with_name(placeholder)
    file.rename(publication.root / "in-cloud.md")
    beside.write_bytes(b"placeholder")
    report = publication.sync(changed=[file, beside] if changed else None)
    assert (report.removed, report.set_aside) == ((), ["articles/圖文.md"])
    assert f"is stored in the cloud only: {placeholder} is in its place (let the sync program keep" in str(
        report.problems[0]
    )
    assert sorted(titles(publication)) == ["good", "圖文"]
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    assert [each.path for each in checked.problems] == ["articles/圖文.md"]
    beside.unlink()
    (publication.root / "in-cloud.md").rename(file)
    back = publication.sync(changed=[file, beside] if changed else None)
    assert (back.added, back.changed, back.removed, back.problems) == ((), (), (), ())
    file.unlink()
    assert publication.sync(changed=[file] if changed else None).removed == ("圖文",)
