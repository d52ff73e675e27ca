"""What an export never does to a folder: write outside it, replace the publication, delete files of others."""

import errno
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.export.folder import Folder
from feedsvc.export.rendering import Content
from feedsvc.export.run import open_export
from feedsvc.export.target import target_at
from tests.conftest import SITE_TOML, Publication
from tests.export.links import BASE, dangling, reachable
from tests.export.publications import LONG, exported, exported_to, files, fill, fresh
from tests.export.test_interruption import ENTRIES
from tests.unprivileged import unprivileged


def test_a_link_to_another_folder_is_not_followed(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 2)
    out, other = tmp_path / "out", tmp_path / "other"
    exported(publication, out)
    (out / "topics").rename(other)
    (out / "topics").symlink_to(other)
    before = files(other)
    publication.article("n1", "Another text.", topics="[cloud]")
    publication.sync()
    with pytest.raises(
        StoreUnavailable, match=r"topics/.*: a symbolic link leads out of the export \(remove the link\)"
    ):
        exported(publication, out)
    assert files(other) == before
    (out / "topics").unlink()
    exported(publication, out)
    assert files(out) == fresh(publication, tmp_path / "fresh")
    assert files(other) == before


def test_a_link_to_a_file_is_replaced(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 2)
    out, other = tmp_path / "out", tmp_path / "mine.html"
    exported(publication, out)
    wanted = (out / "index.html").read_bytes()
    (out / "index.html").rename(other)
    (out / "index.html").symlink_to(other)
    exported(publication, out)
    assert other.read_bytes() == wanted
    assert not (out / "index.html").is_symlink()
    assert (out / "index.html").read_bytes() == wanted


def test_files_of_others_stay(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 3)
    out = tmp_path / "out"
    exported(publication, out)
    theirs = [out / name for name in (".export-notes", "ads.txt", "articles/mine.html", "tags/.export-of-tags")]
    for each in theirs:
        each.write_text("mine")
    for path in (publication.settings.content / "articles").glob("n*.md"):
        path.unlink()
    publication.sync(allow_removals=True)
    assert exported(publication, out).deleted > 10
    assert [each.read_text() for each in theirs] == ["mine"] * 4


def test_the_publication_is_never_a_target(publication: Publication, tmp_path: Path) -> None:
    """Nor is a folder with the store in it, which a server would hand to everybody."""
    fill(publication, 2)
    settings = publication.settings
    assert isinstance(settings.store, Path)
    link = tmp_path / "link"
    link.symlink_to(settings.content)
    for place in (
        settings.media,
        settings.media_folder / "out",
        settings.state,
        settings.state / "out",
        settings.content,
    ):
        with pytest.raises(ConfigError, match="the publication itself is in"):
            exported(publication, str(place))
    for place in (settings.content.parent, settings.store.parent, link, link / "x"):
        with pytest.raises(ConfigError, match="the publication itself is in"):
            exported(publication, place)


@pytest.mark.parametrize("name", ["out", "out/below"])
def test_a_target_that_is_a_file_is_refused(publication: Publication, tmp_path: Path, name: str) -> None:
    fill(publication, 2)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ConfigError) as caught:
        exported(publication, tmp_path / name)
    assert str(caught.value) == f"{tmp_path}/out: is no folder (name another folder, or remove the file)"
    assert (tmp_path / "out").read_text() == "mine"


def test_a_target_that_is_refused_leaves_nothing_in_the_state_folder(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 2)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "used").mkdir()
    (tmp_path / "used/thesis.txt").write_text("mine")
    for place in (tmp_path / "file", tmp_path / "used", publication.settings.content):
        with pytest.raises(ConfigError):
            exported(publication, place)
    assert list(publication.settings.state.glob("export-*")) == []


@pytest.mark.parametrize("place", ["s3://", "ftp://example.org/x"])
def test_a_url_that_is_no_place_is_refused(publication: Publication, place: str) -> None:
    with pytest.raises(ConfigError, match=r"TARGET: .*\(write s3://"):
        target_at(place, publication.settings)


def test_two_exports_to_one_folder_meet_at_its_marker(publication: Publication, tmp_path: Path) -> None:
    """By another name of the folder, or with another state folder."""
    fill(publication, 2)
    out, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(out)
    others = replace(publication.settings, state=tmp_path / "state")
    with open_export(target_at(str(out), publication.settings), publication.settings):
        for place, settings in ((link, publication.settings), (out, others)):
            with (
                pytest.raises(ConfigError, match="another export writes to it"),
                open_export(target_at(str(place), settings), settings),
            ):
                pass
    exported(publication, link)
    assert exported(publication, out).written == 0


class FullDisk:
    """Lets `left` more files be written completely."""

    def __init__(self, left: int) -> None:
        self.left = left
        self._finish = os.fchmod

    def __call__(self, handle: int, mode: int) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._finish(handle, mode)


@pytest.mark.parametrize("left", [0, 40, 100])
def test_a_full_disk_leaves_what_there_was(
    publication: Publication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    fill(publication, 3)
    out = tmp_path / "out"
    exported(publication, out)
    before = reachable(files(out), ENTRIES)
    fill(publication, 9)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchmod", FullDisk(left))
        with pytest.raises(StoreUnavailable, match=f"{out}.*cannot be written: No space left.*free"):
            exported(publication, out)
    found = files(out)
    seen = reachable(found, [*ENTRIES, *(before & found.keys())])
    assert dangling({key: found[key] for key in seen}, found) == {}
    assert not list(out.rglob(".feedsvc-export-*"))
    exported(publication, out)
    assert files(out) == fresh(publication, tmp_path / "fresh")


def test_a_folder_that_cannot_be_written_is_named(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 2)
    (tmp_path / "out").mkdir(mode=0o555)
    target = target_at(str(tmp_path / "out"), publication.settings)
    with unprivileged(), pytest.raises(StoreUnavailable, match=r"out: it cannot be written: .*\("), target.reserved():
        pass


class IgnoresCase(Folder):
    """A folder on a file system where the case of names does not count: all are in lower case."""

    ignores_case = True

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        return super().put(key.lower(), content, former)

    def delete(self, keys: object) -> None:
        assert isinstance(keys, list)
        super().delete([key.lower() for key in keys])

    def changed(self, stamps: Mapping[str, str]) -> set[str]:
        found = super().changed({key.lower(): stamp for key, stamp in stamps.items()})
        return {key for key in stamps if key.lower() in found}


def test_names_that_differ_in_case_alone(publication: Publication, tmp_path: Path) -> None:
    """One is left out, where it would replace the other, and the command says so. One that is renamed stays."""
    publication.article("one", tags="[AI]", slug="First")
    publication.article("two", tags="[ai]", slug="second")
    publication.sync()
    target = IgnoresCase(tmp_path / "out", [])
    report = exported_to(publication, target)
    assert [line.partition(" (")[0] for line in report.left_out if "zh-Hant" not in line] == [
        f"tags/ai.html is the same file as tags/AI.html in {target}"
    ]
    assert b"First" in (tmp_path / "out/tags/ai.html").read_bytes()
    assert exported_to(publication, target).written == 0
    publication.article("one", tags="[AI]", slug="first")
    publication.sync()
    assert len(exported_to(publication, target, is_checked=False).left_out) <= len(report.left_out)
    assert b"articles/first" in (tmp_path / "out/articles/first.html").read_bytes()
    assert exported_to(publication, target).written == 0


def test_the_longest_name_has_a_page(publication: Publication, tmp_path: Path) -> None:
    publication.article("long", "Of the longest name.", slug=LONG)
    publication.article("next", "Text.", tags=f"[{'長' * 80}]")
    publication.sync()
    report = exported(publication, tmp_path / "out")
    assert report.left_out == []
    found = files(tmp_path / "out")
    assert b"Of the longest name." in found[f"articles/{LONG}/index.html"]
    assert dangling(found) == {}


NO_FILES = ("a//b", "a/../b", "x.html/y", "x.HTML.gz/y", "x/", "/x", "/", "長" * 90)


@pytest.mark.parametrize("api_url", ["", "https://api.example.org"])
def test_a_name_that_cannot_be_a_file_is_told(publication: Publication, tmp_path: Path, api_url: str) -> None:
    """Pages name it without a link, or link to the service."""
    publication.write("site.toml", f'{SITE_TOML}\n[export]\napi_url = "{api_url}"\n' if api_url else SITE_TOML)
    tags, names = ", ".join(map(repr, NO_FILES)), ", ".join(f"{{name: {each!r}}}" for each in NO_FILES)
    publication.article("one", tags=f"[{tags}, fine]", authors=f"[{names}]")
    publication.sync()
    left_out = exported(publication, tmp_path / "out").left_out
    cure = "give the tag or author a shorter name, without //, .., a slash at its end, and .html before a slash"
    assert f"/tags/a//b cannot be the name of a file ({cure})" in left_out
    assert len([line for line in left_out if line.startswith("/tags/")]) == len(NO_FILES)
    assert len([line for line in left_out if line.startswith("/authors/")]) == len(NO_FILES)
    assert [line for line in left_out if "/tags/" not in line and "/authors/" not in line] == []
    found = files(tmp_path / "out")
    assert "b.html" not in found
    assert dangling(found) == {}
    page = found["articles/one.html"].decode()
    assert f'href="{BASE}/tags/fine"' in page
    assert ('href="https://api.example.org/tags/a%2F%2Fb?ui=en"' in page) == bool(api_url)
    assert ('<span class="p-category"><bdi>a//b</bdi></span>' in page) != bool(api_url)
    assert ('<span class="p-author h-card"><bdi>/x</bdi></span>' in page) != bool(api_url)
