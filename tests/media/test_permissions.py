"""A media folder that may not be read is not an empty one, and a file that may not be read is not a missing one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.errors import StorageUnavailable
from feedsvc.media.folder import MediaFolder
from feedsvc.store import Snapshot
from feedsvc.store.writer_problems import WriterProblem, media_problems
from feedsvc.sync.lost_media import missing_problems
from tests.conftest import Publication
from tests.unprivileged import open_folder, unprivileged

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
READABLE = "(let its user, or its group, read the folder and its files)"


@pytest.fixture
def folder(publication: Publication) -> Iterator[Path]:
    """Yield a media folder that every user may read, with the file of an article. Its names are not of ASCII alone."""
    with open_folder() as made:
        media = made / "媒體"
        publication.settings = replace(publication.settings, media=media)
        publication.write("articles/one/圖.svg", SVG)
        publication.article("one/index", "![a picture](圖.svg)", title="one")
        assert not publication.sync().problems
        media.chmod(0o755)
        for each in media.iterdir():
            each.chmod(0o644)
        yield media
        media.chmod(0o755)


@contextmanager
def as_a_stranger(publication: Publication) -> Iterator[Snapshot]:
    """Yield a snapshot, and run the block as a user who has no other rights."""
    with publication.store.read() as snapshot:
        # The connection is open, so that the block reads the media folder alone by its own rights.
        snapshot.site()
        with unprivileged():
            yield snapshot


def problems(publication: Publication, folder: Path) -> tuple[WriterProblem, ...]:
    with as_a_stranger(publication) as snapshot:
        return media_problems(snapshot.media, MediaFolder(folder))


@pytest.fixture(params=[64, 0], ids=["each file is looked at", "the folder is read"])
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedsvc.media.folder._FEW", request.param)


@pytest.mark.usefixtures("_ways")
def test_a_folder_that_may_be_read_has_no_problem(publication: Publication, folder: Path) -> None:
    assert problems(publication, folder) == ()


@pytest.mark.usefixtures("_ways")
@pytest.mark.parametrize("mode", [0o000, 0o600, 0o644])
def test_a_folder_that_may_not_be_read(publication: Publication, folder: Path, mode: int) -> None:
    folder.chmod(mode)
    (problem,) = problems(publication, folder)
    assert problem.name == "media-unreadable"
    assert problem.summary == f"the media folder cannot be read by this process {READABLE}"
    assert problem.detail.startswith(f"{folder} cannot be read: Permission denied (let the user of this process, or")
    with as_a_stranger(publication) as snapshot:
        (warning,) = missing_problems(snapshot, MediaFolder(folder))
    assert "cannot be read: Permission denied" in str(warning)
    assert "lacks" not in str(warning)


@pytest.mark.usefixtures("_ways")
def test_a_file_that_may_not_be_read(publication: Publication, folder: Path) -> None:
    (file,) = folder.iterdir()
    file.chmod(0o000)
    (problem,) = problems(publication, folder)
    said = f"files of articles in the media folder may not be read by this process: 1 {READABLE}"
    assert (problem.name, problem.summary, problem.detail) == ("media-unreadable", said, file.name)


@pytest.mark.usefixtures("_ways")
@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_bytes(b"x")], ids=["deleted", "damaged"])
def test_a_file_that_is_missing(publication: Publication, folder: Path, lose: Callable[[Path], object]) -> None:
    (file,) = folder.iterdir()
    lose(file)
    (problem,) = problems(publication, folder)
    assert (problem.name, problem.detail) == ("media", file.name)


@pytest.mark.usefixtures("_ways")
def test_a_folder_that_is_gone_is_missing(publication: Publication, folder: Path) -> None:
    assert [each.name for each in problems(publication, folder / "never")] == ["media"]


def test_a_writer_does_not_put_all_files_again_where_it_may_not_look(folder: Path) -> None:
    (file,) = folder.iterdir()
    folder.chmod(0o000)
    with unprivileged(), pytest.raises(StorageUnavailable, match="let the user of this process, or its group, read"):
        MediaFolder(folder).missing({file.name: len(SVG)})
