"""Files are written whole or not at all, and a file that is replaced keeps its owner, mode, attributes and ACL."""

import errno
import os
import struct
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.errors import ConfigError
from feedsvc.storage import atomic_write
from feedsvc.storage.atomic_write import NotReplaced, replace_unchanged
from tests.cli.conftest import Run, run
from tests.conftest import Publication
from tests.unprivileged import NOBODY, open_folder, unprivileged

__all__ = ["run"]
ONLY_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
# linux/posix_acl_xattr.h: version 2, then tag, permissions and id of each entry. The user 1234 may read.
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHI", *each)
    for each in ((1, 6, 2**32 - 1), (2, 4, 1234), (4, 4, 2**32 - 1), (16, 4, 2**32 - 1), (32, 0, 2**32 - 1))
)


def _set(path: Path, name: str, value: bytes) -> None:
    try:
        os.setxattr(path, name, value)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise
        pytest.skip("a file system without extended attributes")


def _fill(disk: Path) -> None:
    with (disk / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "folder" / "a.md"
    file.parent.mkdir()
    file.write_bytes(b"old")
    file.chmod(0o640)
    return file


@ONLY_ROOT
def test_the_owner_stays(file: Path) -> None:
    os.chown(file, 1234, 2345)
    replace_unchanged(file, b"old", b"new")
    status = file.stat()
    assert (file.read_bytes(), status.st_uid, status.st_gid, status.st_mode & 0o7777) == (b"new", 1234, 2345, 0o640)


def test_attributes_and_the_acl_stay(file: Path) -> None:
    _set(file, "user.author", b"somebody")
    _set(file, "system.posix_acl_access", ACL)
    before = {name: os.getxattr(file, name) for name in os.listxattr(file)}
    mode = file.stat().st_mode
    replace_unchanged(file, b"old", b"new")
    assert {name: os.getxattr(file, name) for name in os.listxattr(file)} == before
    assert (file.read_bytes(), file.stat().st_mode) == (b"new", mode)


def test_the_default_acl_of_the_folder_gives_nobody_more(file: Path) -> None:
    _set(file.parent, "system.posix_acl_default", ACL)
    replace_unchanged(file, b"old", b"new")
    assert [name for name in os.listxattr(file) if name.startswith("system.")] == []
    assert (file.read_bytes(), file.stat().st_mode & 0o7777) == (b"new", 0o640)


def test_a_file_with_two_names_is_not_replaced(file: Path) -> None:
    """Its other name, possibly in a backup of hard links, would keep the old text, or get the new one."""
    other = file.with_name("b.md")
    other.hardlink_to(file)
    with pytest.raises(NotReplaced, match="it has 2 names"):
        replace_unchanged(file, b"old", b"new")
    assert (file.read_bytes(), file.samefile(other)) == (b"old", True)
    assert sorted(each.name for each in file.parent.iterdir()) == ["a.md", "b.md"]


@ONLY_ROOT
def test_a_file_whose_owner_cannot_be_kept_is_not_replaced() -> None:
    with open_folder() as folder:
        file = folder / "a.md"
        file.write_bytes(b"old")
        os.chown(folder, NOBODY, NOBODY)
        with unprivileged(), pytest.raises(NotReplaced, match=r"its owner \(user 0, group 0\) cannot be kept"):
            replace_unchanged(file, b"old", b"new")
        assert (file.read_bytes(), file.stat().st_uid) == (b"old", 0)
        assert [each.name for each in folder.iterdir()] == ["a.md"]


def test_what_another_program_wrote_stays(file: Path) -> None:
    with pytest.raises(BlockingIOError):
        replace_unchanged(file, b"older", b"new")
    assert file.read_bytes() == b"old"
    assert [each.name for each in file.parent.iterdir()] == ["a.md"]


@pytest.mark.parametrize("name", ["x.md", "晶" * 84 + ".md"])
def test_a_new_file_has_the_usual_mode(tmp_path: Path, name: str) -> None:
    mask = os.umask(0o027)
    try:
        assert atomic_write.create(tmp_path / "new" / name, b"x")
    finally:
        os.umask(mask)
    file = tmp_path / "new" / name
    assert (file.read_bytes(), file.stat().st_mode & 0o7777, file.stat().st_nlink) == (b"x", 0o640, 1)
    assert not atomic_write.create(file, b"y")
    assert (file.read_bytes(), [each.name for each in file.parent.iterdir()]) == (b"x", [name])


def test_a_file_system_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_source: Path, _target: Path) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr("os.link", refuse)
    file = tmp_path / "new" / "x.md"
    assert [atomic_write.create(file, data) for data in (b"x", b"y")] == [True, False]
    assert (file.read_bytes(), [each.name for each in file.parent.iterdir()]) == (b"x", ["x.md"])


@pytest.mark.parametrize(
    ("number", "cure"),
    [
        (errno.ENOSPC, "free disk space there"),
        (errno.EDQUOT, "free disk space there, or raise the quota"),
        (errno.EACCES, "make it and its folder writable"),
        (errno.EIO, "check the folder"),
    ],
)
def test_the_cure_is_that_of_the_cause(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, cure: str) -> None:
    def fail(_file: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(ConfigError) as raised:
        atomic_write.create(tmp_path / "x.md", b"x")
    assert str(raised.value) == f"{tmp_path}/x.md: cannot be written: {os.strerror(number)} ({cure})"
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_leaves_no_draft(publication: Publication, run: Run, small_disk: Path) -> None:
    content = small_disk / "content"
    (content / "articles").mkdir(parents=True)
    (content / "site.toml").write_bytes((publication.settings.content / "site.toml").read_bytes())
    words = ("new", "Title", "--topic", "chips", "--content", str(content))
    _fill(small_disk)
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr.endswith("title.md: cannot be written: No space left on device (free disk space there)\n")
    assert [each for each in (content / "articles").rglob("*") if each.is_file()] == []
    (small_disk / "fill").unlink()
    assert run(*words).exit_code == 0


def test_a_full_disk_leaves_no_part_of_a_publication(small_disk: Path) -> None:
    folder = small_disk / "news"
    words = ("init", str(folder), "--yes", "--title", "T", "--language", "en", "--timezone", "UTC")
    _fill(small_disk)
    os.truncate(small_disk / "fill", (small_disk / "fill").stat().st_size - 4096)
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2, result.output
    assert "cannot be written: No space left on device (free disk space there)" in result.stderr
    assert [each for each in folder.rglob("*") if each.is_file()] == []
    (small_disk / "fill").unlink()
    assert CliRunner().invoke(main, words).exit_code == 0


def test_what_another_wrote_meanwhile_stays_when_a_publication_cannot_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    create, theirs = atomic_write.create, tmp_path / "news" / ".gitignore"

    def meanwhile(path: Path, data: bytes) -> bool:
        if path == theirs:
            theirs.write_text("theirs")
        return create(path, data)

    monkeypatch.setattr("feedsvc.storage.atomic_write.create", meanwhile)
    words = ["init", str(tmp_path / "news"), "--yes", "--language", "en", "--timezone", "UTC"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 2
    assert f"{theirs} exists already" in result.stderr
    assert [each for each in (tmp_path / "news").rglob("*") if each.is_file()] == [theirs]
    assert theirs.read_text() == "theirs"


def test_a_full_disk_stops_a_rename(publication: Publication, run: Run, small_disk: Path) -> None:
    content = small_disk / "content"
    (content / "articles").mkdir(parents=True)
    (content / "site.toml").write_bytes((publication.settings.content / "site.toml").read_bytes())
    file = content / "articles" / "old.md"
    file.write_bytes(publication.article("old").read_bytes())
    before = file.read_bytes()
    _fill(small_disk)
    result = run("rename", "old", "new", "--content", str(content))
    assert result.exit_code == 2
    assert "articles/old.md: not renamed: No space left on device (free disk space there)" in result.stderr
    assert [(each.name, each.read_bytes()) for each in file.parent.iterdir()] == [("old.md", before)]


def test_a_file_with_two_names_is_not_renamed_with_an_alias(publication: Publication, run: Run, tmp_path: Path) -> None:
    file, other = publication.article("old"), tmp_path / "backup.md"
    publication.sync()
    other.hardlink_to(file)
    before = file.read_bytes()
    result = run("rename", "old", "new")
    assert result.exit_code == 2
    assert "articles/old.md: not renamed: it has 2 names (hard links) (edit it yourself, or give" in result.stderr
    assert (file.read_bytes(), file.samefile(other)) == (before, True)


def test_an_id_is_not_written_into_a_file_with_two_names(publication: Publication, run: Run, tmp_path: Path) -> None:
    publication.article("a", id="urn:x:1")
    publication.sync()
    file, other = publication.article("a"), tmp_path / "backup.md"
    publication.sync()
    other.hardlink_to(file)
    before = file.read_bytes()
    result = run("ids", "--write")
    assert result.exit_code == 1
    assert "cannot be written: it has 2 names (hard links) (edit it yourself, or give" in result.stdout
    assert (file.read_bytes(), file.samefile(other)) == (before, True)


def test_an_id_is_written_through_a_symlink(publication: Publication, run: Run) -> None:
    publication.article("a", id="urn:x:1")
    publication.sync()
    link = publication.article("a")
    file = publication.settings.content / "elsewhere.md"
    link.rename(file)
    link.symlink_to(file)
    publication.sync()
    assert run("ids", "--write").exit_code == 0
    assert link.is_symlink()
    assert b"id: urn:x:1\n" in file.read_bytes()
