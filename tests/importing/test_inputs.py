"""What is opened, and what is not."""

import os
import shutil
from pathlib import Path

import pytest

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.errors import ArticleError
from feedsvc.importing.inputs import Input, inputs, opened
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles
from tests.importing.test_commands import TEXT


def test_a_named_pipe_is_not_waited_for(run: Run, content: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    os.mkfifo(folder / "pipe.txt")
    (folder / "2026-03-01.txt").write_text(TEXT.format(n=1), "utf-8")
    result = run(folder)
    assert result.exit_code == 0
    assert f"skipped {folder}/pipe.txt: not a regular file (put a file in its place)" in result.stderr.splitlines()
    assert len(articles(content)) == 1
    named = run(folder / "pipe.txt")
    assert named.exit_code == 1
    assert "pipe.txt: not a regular file (name a file, or - for standard input)" in named.stderr


def test_a_link_that_leads_out_of_the_folder_is_followed_only_when_it_is_named(
    run: Run, content: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (tmp_path / "secret.txt").write_text(TEXT.format(n=1), "utf-8")
    (folder / "inside.txt").write_text(TEXT.format(n=2), "utf-8")
    (folder / "2026-03-01-out.txt").symlink_to("../secret.txt")
    (folder / "2026-03-02-in.txt").symlink_to("inside.txt")
    (folder / "loop.txt").symlink_to("loop.txt")
    result = run(folder, "--published", "2026-03-02")
    assert "2026-03-01-out.txt: a link that leads out of the folder (name the file itself" in result.stderr
    assert "loop.txt: cannot be read: Too many levels of symbolic links" in result.stderr
    assert [each.name for each in articles(content)] == ["晶圓廠第2號機台.md"]
    assert run(folder / "2026-03-01-out.txt").exit_code == 0
    assert len(articles(content)) == 2


def test_no_more_of_a_file_is_read_than_it_may_have(tmp_path: Path, settings: ImportSettings) -> None:
    path = tmp_path / "line.md"
    path.write_bytes(b"x" * (MAX_BYTES * 3))
    data = Input(str(path), path).read()
    assert len(data) == MAX_BYTES + 1
    with pytest.raises(ArticleError, match=r"larger than 2,097,152 bytes \(split it\)"):
        read_drafts(str(path), data, settings)


def test_a_text_without_a_suffix_is_limited_as_one(settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="larger than"):
        read_drafts("standard input", b"x" * (MAX_BYTES + 1), settings)


def test_what_is_of_another_kind_is_skipped_without_being_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (only,) = inputs([str(tmp_path)])
    assert only.is_of_other_kind


HUGO = ("hugo.toml", "content/posts/one.md", "content/public/two.md", "themes/a/content/posts/x.md", "public/one.html")


@pytest.mark.parametrize("top", ["", "blog/"])
@pytest.mark.parametrize("is_archive", [True, False])
def test_of_a_site_of_hugo_only_its_content_is_read(tmp_path: Path, top: str, is_archive: bool) -> None:
    """A theme has examples, and the built site has each post a second time."""
    for path in HUGO:
        file = tmp_path / "site" / top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("x")
    named = tmp_path / "site"
    if is_archive:
        named = Path(shutil.make_archive(str(tmp_path / "site"), "zip", tmp_path / "site"))
    found: list[Input] = []
    for each in inputs([str(named)]):
        with opened(each) as (members, _):
            found += members
    read = {each.path_in_folder.removeprefix("site/").removeprefix(top) for each in found if not each.skipped}
    assert read == {"content/posts/one.md", "content/public/two.md"}
    said = {each.path_in_folder.strip("/").rpartition("/")[2] for each in found if "Hugo's own" in each.skipped}
    assert said == {"themes", "public"}
