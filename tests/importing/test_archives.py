"""`feedsvc import export.zip`: members are read one by one, within limits, and none is extracted."""

import re
import struct
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing import archive
from feedsvc.importing.archive import open_archive
from feedsvc.importing.inputs import inputs, opened
from tests.importing.archives import PNG, post, symlink, unicode_path, with_raw_names, zipped
from tests.importing.conftest import Run, articles


def _names(path: Path, encoding: str | None = None) -> list[str]:
    with open_archive(path, encoding) as found:
        return sorted(found.paths)


def test_an_archive_is_imported_as_its_folder_would_be(run: Run, content: Path, tmp_path: Path) -> None:
    files = {
        "z.md": post("last file of the first folder"),
        "blog/2026-03-02-b.md": post("second"),
        "blog/a.md": post("first"),
        "blog/_drafts/plan.md": post("plan"),
        "blog/notes.css": "p {}",
        "__MACOSX/blog/._a.md": "\0\0",
        "blog/.hidden.md": post("hidden"),
        "blog/page_files/x.html": "<p>part of a page</p>",
    }
    folder = tmp_path / "folder"
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    result = run(zipped(tmp_path / "export.zip", files))
    assert result.exit_code == 0, result.output
    assert "skipped 1 file .css: not a kind that is read" in result.stderr
    assert (
        "export.zip/blog/_drafts/plan.md: warning: from _drafts, which is not published: made a draft" in result.stderr
    )
    by_zip = {each.name: each.read_bytes() for each in articles(content)}
    assert list(by_zip) == ["b.md", "first.md", "last-file-of-the-first-folder.md", "plan.md"]
    assert b"draft: true" in by_zip["plan.md"]
    with_folder = run(folder)
    assert "0 written, 0 replaced, 4 unchanged, 0 set aside" in with_folder.stderr
    assert not list(tmp_path.glob("**/export"))


def test_members_come_in_the_order_of_a_folder(tmp_path: Path) -> None:
    names = ["b/y.md", "b.md", "a/x.md", "a.md", "a/b/c.md"]
    path = zipped(tmp_path / "a.zip", dict.fromkeys(names, "x"))
    (whole,) = inputs([str(path)])
    with opened(whole) as (members, _):
        from_zip = [each.member for each in members]
    for name in names:
        (tmp_path / "f" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "f" / name).write_text("x")
    assert from_zip == [each.path_in_folder.removeprefix("f/") for each in inputs([str(tmp_path / "f")])]


UNSAFE = {
    "../evil.md": "its name leads out of the archive",
    "a/../../evil.md": "its name leads out of the archive",
    "/etc/evil.md": "its name is a path from the root of a disk",
    "C:/evil.md": "its name is a path from the root of a disk",
    "a\\evil.md": "its name has a backslash",
    "a\nb.md": "its name has control characters",
    "a\x1b[2Jb.md": "its name has control characters",
    "a\x85b.md": "its name has control characters",
}


@pytest.mark.parametrize("name", UNSAFE)
def test_an_unsafe_name_is_refused_and_said(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    path = zipped(tmp_path / "x.zip", {name: post("evil"), "good.md": post("good")})
    result = run(path)
    assert result.exit_code == 1
    assert UNSAFE[name] in result.stderr
    assert "(rename it, or unpack it, and import the folder)" in result.stderr
    assert not re.search(r"[\x1b\x85]", result.stderr)
    assert [each.name for each in articles(content)] == ["good.md"]
    assert not list(tmp_path.rglob("evil.md"))


def test_a_symlink_in_an_archive_is_refused(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    (tmp_path / "secret.md").write_text(post("secret"))
    with ZipFile(path, "w") as made:
        made.writestr(symlink("link.md"), "secret.md")
        made.writestr(symlink("pic.png"), "/etc/passwd")
        made.writestr("good.md", post("good", "![a](pic.png)"))
    result = run(path)
    assert result.exit_code == 1
    assert "x.zip/link.md: a symlink (put the file itself into the archive)" in result.stderr
    assert [each.name for each in articles(content)] == ["good.md"]


def test_an_encrypted_member_is_reported(run: Run, content: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"secret.md": post("secret"), "good.md": post("good")})
    data = bytearray(path.read_bytes())
    # The flag in the local header and in the directory.
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    path.write_bytes(data)
    result = run(path)
    assert result.exit_code == 1
    assert "x.zip/secret.md: encrypted (unpack it, and import the folder)" in result.stderr
    assert len(articles(content)) == 1


def test_an_archive_within_an_archive_or_a_folder_is_named(run: Run, content: Path, tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"a.md": post("inner")}).read_bytes()
    folder = tmp_path / "folder"
    folder.mkdir()
    outer = zipped(folder / "outer.zip", {"inner.zip": inner, "b.md": post("outer")})
    result = run(outer)
    assert "outer.zip/inner.zip: an archive within an archive (unpack it, and import it by itself)" in result.stderr
    assert [each.name for each in articles(content)] == ["outer.md"]
    again = run(folder)
    assert "outer.zip: an archive within a folder (name it by itself)" in again.stderr
    assert "is not read by" not in again.stderr
    given = run("-", given=outer.read_bytes())
    assert "standard input: a zip archive (name its file on the command line, with the suffix .zip)" in given.stderr


def test_a_member_that_unpacks_to_far_more_than_its_size_is_refused(run: Run, content: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"bomb.md": b"\0" * 8_000_000, "good.md": post("good"), "a.md": "x" * 900_000})
    result = run(path, "--published", "2026-03-01")
    assert re.search(r"x\.zip/bomb\.md: unpacks to \d{3} times its size, the limit is 200", result.stderr) or re.search(
        r"x\.zip/bomb\.md: unpacks to 1,\d{3} times its size, the limit is 200", result.stderr
    )
    assert "good.md" in [each.name for each in articles(content)]
    assert "a.md: unpacks" not in result.stderr


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_MEMBERS", 1, "has 2 members, the limit is 1 (unpack it, and import the folder)"),
        ("MAX_TOTAL_BYTES", 10, "unpacks to 11 bytes, the limit is 10 (unpack it, and import the folder)"),
        ("_MAX_DIRECTORY_BYTES", 60, "members (unpack it, and import the folder)"),
    ],
)
def test_limits_of_a_whole_archive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, message: str
) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": "x" * 6, "b.md": "y" * 5})
    monkeypatch.setattr(archive, limit, value)
    with pytest.raises(ArticleError) as caught, open_archive(path):
        pytest.fail("opened")
    assert message in caught.value.findings[0].message


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": bytes(range(256)) * 4, "b.md": "x"}, 0)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    # The second entry of the directory points at the bytes of the first one.
    second = data.index(b"PK\x01\x02", entry + 4)
    data[second + 16 : second + 28] = data[entry + 16 : entry + 28]
    data[second + 42 : second + 46] = data[entry + 42 : entry + 46]
    path.write_bytes(data)
    with pytest.raises(ArticleError, match="overlap"), open_archive(path):
        pytest.fail("opened")


def test_a_declared_size_is_an_upper_bound(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": b"x" * 500_000})
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + 24 :][:4] = b""
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<L", 10)
    path.write_bytes(data)
    with pytest.raises(ArticleError, match=r"a\.md is damaged|damaged one"), open_archive(path) as found:
        found.read("a.md", 1_000_000)


@pytest.mark.parametrize("cut", ["half", "empty", "text", "crc"])
def test_a_damaged_archive_is_reported(run: Run, content: Path, tmp_path: Path, cut: str) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": post("a"), "b.md": post("b")}, 0)
    data = path.read_bytes()
    damaged = {
        "half": data[: len(data) // 2],
        "empty": b"",
        "text": b"This is no archive.",
        "crc": data.replace(b"wafer", b"later", 1),
    }
    path.write_bytes(damaged[cut])
    result = run(path)
    assert result.exit_code == 1
    expected = "x.zip/a.md: a.md is damaged: Bad CRC" if cut == "crc" else "x.zip: not a zip archive, or a damaged one"
    assert expected in result.stderr
    assert len(articles(content)) == (1 if cut == "crc" else 0)


@pytest.mark.parametrize("method", [ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA])
def test_a_damaged_member_of_each_method_costs_itself(run: Run, content: Path, tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": post("a"), "b.md": post("b")}, method)
    data = bytearray(path.read_bytes())
    # Behind the header and the name of the first member, and behind what LZMA says of itself.
    start = 30 + len("a.md") + 12
    data[start : start + 60] = bytes(each ^ 0xFF for each in data[start : start + 60])
    path.write_bytes(data)
    result = run(path)
    assert result.exit_code == 1
    assert "x.zip/a.md: a.md is damaged: " in result.stderr
    assert [each.stem for each in articles(content)] == ["b"]


def test_a_member_that_stands_twice_is_read_once_with_a_warning(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with ZipFile(path, "w") as made:
        made.writestr("a.md", post("old"))
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("a.md", post("new"))
    result = run(path)
    assert "x.zip: warning: holds a.md more than once: the last one is read (rename the others)" in result.stderr
    assert [each.name for each in articles(content)] == ["new.md"]


@pytest.mark.parametrize(
    ("raw", "extra", "names"),
    [
        ([name.encode("gbk") for name in ("晶圆.md", "上海/半导体.md")], {}, ["上海/半导体.md", "晶圆.md"]),
        (["晶圓廠與半導體產業的報告一.md".encode("big5")] * 1, {}, ["晶圓廠與半導體產業的報告一.md"]),
        (["café.md".encode("cp437"), "Übung.md".encode("cp437")], {}, ["café.md", "Übung.md"]),
        (["晶圆.md".encode()], {}, ["晶圆.md"]),
        ([b"\x99\x99.md"], {b"\x99\x99.md": unicode_path(b"\x99\x99.md", "晶圓.md")}, ["晶圓.md"]),
        # The name was changed by a program that does not know the field.
        (["é.md".encode("cp437")], {"é.md".encode("cp437"): unicode_path(b"other", "晶圓.md")}, ["é.md"]),
        (["e\u0301.md".encode()], {}, ["\u00e9.md"]),
    ],
)
def test_names_without_the_flag_for_utf_8(
    tmp_path: Path, raw: list[bytes], extra: dict[bytes, bytes], names: list[str]
) -> None:
    path = with_raw_names(tmp_path / "x.zip", dict.fromkeys(raw, b"x"), extra)
    assert _names(path) == sorted(names)


def test_the_encoding_of_names_can_be_named_and_a_guess_is_said(run: Run, content: Path, tmp_path: Path) -> None:
    raw = "データ.md".encode("cp932")
    path = with_raw_names(tmp_path / "x.zip", {raw: post("data").encode()})
    assert _names(path, "shift_jis") == ["データ.md"]
    gbk = with_raw_names(tmp_path / "y.zip", {"晶圆.md".encode("gbk"): post("wafer").encode()})
    result = run(gbk)
    assert (
        "y.zip: warning: 1 names are not in UTF-8, and were read as gb18030 (if they are wrong, name" in result.stderr
    )
    assert len(articles(content)) == 1


def test_a_member_without_a_name_costs_no_other(tmp_path: Path) -> None:
    path = with_raw_names(tmp_path / "x.zip", {b"": b"x", b"a.md": b"y"})
    assert _names(path) == ["a.md"]
    with open_archive(path) as found:
        assert found.refused == {"": "it has no name (unpack it, and import the folder)"}


def test_slug_is_refused_for_an_archive(run: Run, content: Path, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": post("a")})
    result = run(path, "--slug", "one")
    assert result.exit_code == 2
    assert "--slug: names one article, and an archive may hold several (unpack it, import that file)" in result.stderr


def test_classify_reads_archives(classify: Run, tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", {"a.md": post("a wafer"), "b.md": "no title", "c.png": PNG})
    result = classify(path)
    assert result.exit_code == 1
    assert "x.zip/a.md: a wafer" in result.stdout
    assert "x.zip/b.md" in result.stderr
    assert classify(tmp_path / "none.zip").exit_code == 1
