"""Files beside articles: content-addressed copies that come and go with the articles that use them."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from feedsvc.articles.assets import MEDIA_TYPES
from feedsvc.articles.markup import READERS
from feedsvc.errors import StoreUnavailable
from feedsvc.media.folder import MediaFolder
from feedsvc.sync import assets, commit
from feedsvc.sync.assets import MAX_ASSET_BYTES, AssetFinder, copy
from feedsvc.sync.folder import files
from tests.conftest import Publication
from tests.sync.looks import feed, rows, titles

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
OTHER = b'<svg xmlns="http://www.w3.org/2000/svg" />'


def _name(data: bytes, suffix: str = ".svg") -> str:
    return hashlib.sha256(data).hexdigest()[:32] + suffix


def _bundle(publication: Publication, name: str = "one", data: bytes = SVG) -> Path:
    publication.article(f"{name}/index", "![a picture](picture.svg)", title=name)
    return publication.write(f"articles/{name}/picture.svg", data)


def _media(publication: Publication) -> list[str]:
    folder = publication.settings.media_folder
    return sorted(os.listdir(folder)) if folder.exists() else []


def test_a_picture_is_copied_under_a_name_that_is_its_content(publication: Publication) -> None:
    _bundle(publication)
    assert not publication.sync().problems
    name = _name(SVG)
    assert _media(publication) == [name]
    assert f"https://example.org/media/{name}".encode() in feed(publication)
    with closing(publication.client().get(f"/media/{name}")) as answer:
        assert (answer.status_code, answer.data, answer.mimetype) == (200, SVG, "image/svg+xml")


def test_a_changed_picture_changes_the_article(publication: Publication) -> None:
    _bundle(publication)
    publication.sync()
    _bundle(publication, data=OTHER)
    assert publication.sync().changed == ("one",)
    assert _name(OTHER).encode() in feed(publication)
    assert _media(publication) == sorted([_name(SVG), _name(OTHER)])


def test_a_picture_touched_but_the_same_changes_nothing(publication: Publication) -> None:
    file = _bundle(publication)
    publication.sync()
    os.utime(file, ns=(1, 1))
    assert publication.sync().is_unchanged
    before = rows(publication)
    assert publication.sync().is_unchanged
    assert rows(publication) == before


def test_a_picture_of_the_same_size_and_time_with_other_bytes_is_seen(publication: Publication) -> None:
    file = _bundle(publication)
    publication.sync()
    stamp = file.stat()
    file.write_bytes(SVG.replace(b"2000", b"2001"))
    os.utime(file, ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
    assert publication.sync().changed == ("one",)


def test_a_picture_that_appears_later(publication: Publication) -> None:
    _bundle(publication).unlink()
    report = publication.sync()
    assert [each.finding.severity for each in report.problems] == ["warning"]
    assert titles(publication) == ["one"]
    _bundle(publication)
    report = publication.sync()
    assert (report.changed, report.problems) == (("one",), ())


def test_an_enclosure_that_appears_later(publication: Publication) -> None:
    publication.article("one", image="picture.svg")
    assert publication.sync().set_aside == ["articles/one.md"]
    publication.write("articles/picture.svg", SVG)
    report = publication.sync()
    assert (report.added, report.problems) == (("one",), ())


def test_a_picture_that_goes_leaves_the_article(publication: Publication) -> None:
    file = _bundle(publication)
    publication.sync()
    file.unlink()
    report = publication.sync()
    assert report.changed == ("one",)
    assert "no file 'picture.svg'" in str(report.problems[0])
    with closing(publication.client().get(f"/media/{_name(SVG)}")) as answer:
        assert answer.status_code == 200


def test_media_go_with_the_last_article_that_uses_them(publication: Publication) -> None:
    for name in ("one", "two"):
        _bundle(publication, name)
    publication.sync()
    (publication.settings.content / "articles/one/index.md").unlink()
    publication.sync()
    assert _media(publication) == [_name(SVG)]
    (publication.settings.content / "articles/two/index.md").unlink()
    publication.sync()
    assert _media(publication) == []
    assert publication.client().get(f"/media/{_name(SVG)}").status_code == 404


def test_a_draft_publishes_no_media(publication: Publication) -> None:
    _bundle(publication)
    publication.article("one/index", "![a picture](picture.svg)", title="one", draft="true")
    publication.sync()
    assert _media(publication) == []


def test_media_that_cannot_be_deleted_cost_nothing_else(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _bundle(publication)
    publication.sync()
    (publication.settings.content / "articles/one/index.md").unlink()

    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert publication.sync().removed == ("one",)
    assert f"{_name(SVG)}: Permission denied" in caplog.text


def test_a_media_folder_that_cannot_be_written(publication: Publication) -> None:
    _bundle(publication)
    publication.settings.media_folder.parent.mkdir(parents=True)
    publication.settings.media_folder.write_text("not a folder")
    with pytest.raises(StoreUnavailable, match=r"media: File exists \("):
        publication.sync()


def test_a_file_that_changes_while_it_is_copied_gets_no_wrong_name(publication: Publication) -> None:
    file = publication.write("articles/picture.svg", SVG)
    finder = AssetFinder(publication.settings.content)
    asset = finder.find("articles/picture.svg")
    assert asset is not None
    file.write_bytes(OTHER)
    lost = copy([asset], finder.sources, MediaFolder(publication.settings.media_folder))
    assert lost == {_name(SVG): "it changed while it was copied"}
    assert _media(publication) == []


def _grow(file: Path) -> None:
    with file.open("ab") as stream:
        stream.write(b"\n")


def test_a_file_that_is_being_written_costs_its_article_only(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _bundle(publication)
    publication.article("good")
    with monkeypatch.context() as patch:
        patch.setattr(assets, "pieces", lambda path: _disturbed(path, lambda: _grow(file)))
        report = publication.sync()
    assert (report.added, report.pending) == (("good",), ("articles/one/index.md",))
    (line,) = map(str, report.problems)
    assert line == (
        "articles/one/index.md: 'articles/one/picture.svg' cannot be read yet: another program is writing it "
        "(it is tried again; move large files there when complete)"
    )
    report = publication.sync()
    assert (report.added, report.problems, report.pending) == (("one",), (), ())


@pytest.mark.parametrize(
    ("act", "why"), [(_grow, "it changed while it was copied"), (Path.unlink, "No such file or directory")]
)
def test_a_file_that_changes_before_it_is_copied_costs_its_article_only(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object], why: str
) -> None:
    """Its last good version stays up, and what it wanted to claim may be another's."""
    file = _bundle(publication)
    publication.sync()
    (old,) = _media(publication)
    file.write_bytes(OTHER)
    publication.article("one/index", "![a picture](picture.svg)", title="one", aliases="[old]")
    publication.article("two", aliases="[old]", published="2026-10-09")

    def late(*given: Any) -> dict[str, str]:
        if file.exists() and file.read_bytes() == OTHER:
            act(file)
        return copy(*given)

    with monkeypatch.context() as patch:
        patch.setattr(commit, "copy", late)
        report = publication.sync()
    assert (report.added, report.pending) == (("two",), ("articles/one/index.md",))
    assert f"'articles/one/picture.svg' cannot be read yet: {why} (" in str(report.problems[0])
    assert sorted(titles(publication)) == ["one", "two"]
    assert _media(publication) == [old]


def _disturbed(path: Path, act: Callable[[], object]) -> Iterator[bytes]:
    for piece in files.pieces(path):
        act()
        yield piece


def test_a_file_over_the_limit_is_not_hashed(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _bundle(publication)
    publication.article("good")
    os.truncate(file, MAX_ASSET_BYTES + 1)
    with monkeypatch.context() as patch:
        patch.setattr(assets, "pieces", lambda path: pytest.fail(f"{path} was read"))
        report = publication.sync()
    assert (report.added, report.set_aside) == (("good",), ["articles/one/index.md"])
    assert str(report.problems[0]) == (
        "articles/one/index.md: 'articles/one/picture.svg' has 1,073,741,825 bytes, "
        "the limit is 1,073,741,824 (link to it elsewhere)"
    )
    file.write_bytes(SVG)
    assert publication.sync().added == ("one",)


@pytest.mark.usefixtures("old_files")
def test_a_file_that_did_not_change_is_hashed_once(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _bundle(publication)
    hashed: list[Path] = []

    def note(path: Path) -> Iterator[bytes]:
        hashed.append(path)
        return files.pieces(path)

    publication.sync()
    monkeypatch.setattr(assets, "pieces", note)
    publication.article("one/index", "![a picture](picture.svg) and more", title="one")
    assert publication.sync().changed == ("one",)
    assert hashed == []
    publication.sync(whole=True)
    assert hashed == [file]


@pytest.mark.usefixtures("old_files")
def test_media_that_were_deleted_are_copied_again(publication: Publication) -> None:
    _bundle(publication)
    publication.sync()
    (publication.settings.media_folder / _name(SVG)).unlink()
    publication.article("one/index", "![a picture](picture.svg) and more", title="one")
    publication.sync()
    assert _media(publication) == [_name(SVG)]


@pytest.mark.parametrize("link", ["../../../outside.svg", "%2e%2e/../../outside.svg", "a/../../../../outside.svg"])
def test_a_link_out_of_the_tree_sets_the_article_aside(publication: Publication, link: str) -> None:
    (publication.root / "outside.svg").write_bytes(SVG)
    publication.article("one", f"![x]({link})")
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert "leads out of the content folder" in str(report.problems[0])


def test_a_picture_that_is_a_symlink_out_of_the_tree_is_not_served(publication: Publication) -> None:
    outside = publication.root / "outside.svg"
    outside.write_bytes(SVG)
    _bundle(publication).unlink()
    (publication.settings.content / "articles/one/picture.svg").symlink_to(outside)
    publication.sync()
    assert _media(publication) == []


def test_a_picture_that_is_a_fifo_is_not_waited_for(publication: Publication) -> None:
    file = _bundle(publication)
    file.unlink()
    os.mkfifo(file)
    publication.sync()
    assert _media(publication) == []


def test_what_a_killed_sync_left_is_swept_by_a_whole_one(publication: Publication) -> None:
    _bundle(publication)
    publication.sync()
    left = [_name(OTHER), ".copy-k1ll3d", "notes.txt"]
    for name in left:
        (publication.settings.media_folder / name).write_bytes(OTHER)
    publication.sync()
    assert _media(publication) == sorted([*left, _name(SVG)])
    publication.sync(whole=True)
    assert _media(publication) == sorted(["notes.txt", _name(SVG)])


def test_no_file_is_an_article_and_beside_one_too() -> None:
    assert READERS.keys().isdisjoint(MEDIA_TYPES)


PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


@pytest.mark.parametrize("text", ["![a picture](picture.svg)", f"![a pixel]({PIXEL})"])
def test_a_whole_sync_copies_what_the_media_folder_has_lost(publication: Publication, text: str) -> None:
    """`/media/…` says to run it; readers hear of no change."""
    publication.write("articles/one/picture.svg", SVG)
    publication.article("one/index", text, title="one")
    publication.article("two", "Text.", title="two")
    publication.sync()
    before, document = _media(publication), feed(publication)
    assert len(before) == 1
    shutil.rmtree(publication.settings.media_folder)
    report = publication.sync(whole=True)
    assert report.is_unchanged
    assert _media(publication) == before
    assert feed(publication) == document


def test_a_media_file_that_cannot_be_opened(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    _bundle(publication)
    publication.sync()

    def refuse(*_given: object, **_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("feedsvc.web.media.send_file", refuse)
    answer = publication.client().get(f"/media/{_name(SVG)}")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
