"""The files beside an article, in a folder or an archive, become files of its bundle."""

from pathlib import Path

import pytest

from feedsvc.importing.output import bundle
from tests.importing.archives import OTHER_PNG, PNG, post, zipped
from tests.importing.conftest import Run, articles

REFERENCES = [
    ("a.png", "![a](a.png)", "![a](a.png)"),
    ("pictures/晶圓 1.png", "![a](pictures/晶圓%201.png)", "![a](晶圓%201.png)"),
    ("pictures/晶圓 1.png", "![a](<pictures/晶圓 1.png> 'T')", "![a](晶圓%201.png 'T')"),
    ("pictures/my photo.png", "![a](pictures/my photo.png)", "![a](my%20photo.png)"),
    ("a_(1).png", "![a](a_\\(1\\).png)", "![a](a_%281%29.png)"),
    ("a_(1).png", "![a](a_(1).png)", "![a](a_%281%29.png)"),
    ("a.png", '<img src="a.png" alt="x">', '<img src="a.png" alt="x">'),
    ("deep/a&b.png", "<p><img src='deep/a&amp;b.png'></p>", "<p><img src='a%26b.png'></p>"),
    ("a.png", "![x][p]\n\n[p]: a.png 'T'", "![x][p]\n\n[p]: a.png 'T'"),
    ("talk.mp3", "![talk](talk.mp3)", "![talk](talk.mp3)"),
    ("paper.pdf", "[paper](paper.pdf)", "[paper](paper.pdf)"),
]


@pytest.mark.parametrize("case", REFERENCES, ids=str)
@pytest.mark.parametrize("kind", ["folder", "archive", "file"])
def test_a_file_beside_markdown_goes_into_the_bundle(
    run: Run, content: Path, tmp_path: Path, case: tuple[str, str, str], kind: str
) -> None:
    name, written, expected = case
    source = _source(tmp_path, {"blog/post.md": post("wafers", written), f"blog/{name}": PNG}, kind)
    result = run(source)
    assert result.exit_code == 0, result.output
    (article,) = articles(content)
    assert article.relative_to(content).as_posix() == "articles/2026/03/wafers/index.md"
    assert article.read_text("utf-8").endswith(f"{expected}\n")
    (media,) = (each for each in article.parent.iterdir() if each != article)
    assert (media.name, media.read_bytes()) == (name.rpartition("/")[2], PNG)
    again = run(source)
    assert "0 written, 0 replaced, 1 unchanged, 0 set aside" in again.stderr


def _source(tmp_path: Path, files: dict[str, str | bytes], kind: str) -> Path:
    if kind == "archive":
        return zipped(tmp_path / "x.zip", files)
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return tmp_path / "in" / "blog" / ("post.md" if kind == "file" else "")


def test_a_picture_above_the_folder_of_its_post_is_found_within_the_archive_alone(
    run: Run, content: Path, tmp_path: Path
) -> None:
    (tmp_path / "secret.png").write_bytes(PNG)
    text = post("wafers", "![a](../img/a.png) ![b](/img/b.png) ![c](../../secret.png) ![d](https://e.org/a.png)")
    files: dict[str, str | bytes] = {"posts/p.md": text, "img/a.png": PNG, "static/img/b.png": OTHER_PNG}
    assert run(zipped(tmp_path / "x.zip", files)).exit_code == 0
    (article,) = articles(content)
    assert article.read_text("utf-8").endswith(
        "![a](a.png) ![b](b.png) ![c](../../secret.png) ![d](https://e.org/a.png)\n"
    )
    assert sorted(each.name for each in article.parent.iterdir()) == ["a.png", "b.png", "index.md"]
    assert not run(_source(tmp_path / "2", {f"blog/{name}": data for name, data in files.items()}, "folder")).exit_code


def test_two_files_of_one_name_stay_two(run: Run, content: Path, tmp_path: Path) -> None:
    text = post("wafers", "![a](1/a.png) ![b](2/A.png) ![a](1/a.png)")
    assert run(zipped(tmp_path / "x.zip", {"p.md": text, "1/a.png": PNG, "2/A.png": OTHER_PNG})).exit_code == 0
    (article,) = articles(content)
    assert article.read_text("utf-8").endswith("![a](a.png) ![b](A-2.png) ![a](a.png)\n")
    assert article.with_name("a.png").read_bytes() == PNG
    assert article.with_name("A-2.png").read_bytes() == OTHER_PNG


def test_the_picture_of_front_matter(run: Run, content: Path, tmp_path: Path) -> None:
    text = post("wafers", front="cover: {src: img/a b.png, alt: A wafer}\n")
    assert run(zipped(tmp_path / "x.zip", {"p.md": text, "img/a b.png": PNG})).exit_code == 0
    (article,) = articles(content)
    assert "image: {src: a%20b.png, alt: A wafer}" in article.read_text("utf-8")
    assert article.with_name("a b.png").read_bytes() == PNG


def test_code_and_links_to_pages_are_not_files(run: Run, content: Path, tmp_path: Path) -> None:
    text = post("wafers", "`![a](a.png)` and [b](b.md)\n\n    ![a](a.png)")
    assert run(zipped(tmp_path / "x.zip", {"p.md": text, "a.png": PNG, "b.md": post("b")})).exit_code == 0
    assert [each.name for each in articles(content)] == ["b.md", "wafers.md"]


PAGE = (
    "<!DOCTYPE html><html><head><title>Wafers</title>{head}<meta name=date content=2026-03-01></head><body><article>"
    "<h1>Wafers</h1><p>The wafer plant opened on Tuesday, and the first chips of the new GPU left the semiconductor "
    "foundry in the evening, as the company had planned since spring.</p><figure><img src='{src}' alt='A wafer' "
    "srcset='big.png 2x'></figure><p>The second line of the semiconductor plant opens next year, said the company, and "
    "it makes wafers for chips of the next GPU.</p></article></body></html>"
)


@pytest.mark.parametrize("head", ["", "<link rel=canonical href=https://e.org/wafers>"])
def test_pictures_saved_beside_a_page_go_into_the_bundle(run: Run, content: Path, tmp_path: Path, head: str) -> None:
    page = PAGE.format(head=head, src="./Wafers_files/pic%20%281%29.png")
    files: dict[str, str | bytes] = {"p.html": page, "Wafers_files/pic (1).png": PNG}
    result = run(zipped(tmp_path / "x.zip", files))
    assert result.exit_code == 0, result.output
    assert "left out: images" not in result.stderr
    (article,) = articles(content)
    assert "pic%20%281%29.png" in article.read_text("utf-8")
    assert "big.png" not in article.read_text("utf-8")
    assert article.with_name("pic (1).png").read_bytes() == PNG


@pytest.mark.parametrize(
    "unusable",
    [
        (b"", "it is empty"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS"),
        (b"x" * 3000, "larger than 2,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    run: Run, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unusable: tuple[bytes, str]
) -> None:
    data, why = unusable
    monkeypatch.setattr(bundle, "MAX_BUNDLE_BYTES", 2000)
    result = run(zipped(tmp_path / "x.zip", {"p.md": post("wafers", "![a](i/a.png)"), "i/a.png": data}))
    assert result.exit_code == 0
    assert f"x.zip/p.md: warning: i/a.png was left out: {why}" in result.stderr
    assert "(put it beside the article as a.png)" in result.stderr
    (article,) = articles(content)
    assert article.name == "wafers.md"


def test_a_picture_that_differs_is_not_overwritten_without_force(run: Run, content: Path, tmp_path: Path) -> None:
    text = post("wafers", "![a](a.png)")
    assert run(zipped(tmp_path / "x.zip", {"p.md": text, "a.png": PNG})).exit_code == 0
    path = zipped(tmp_path / "x.zip", {"p.md": text, "a.png": OTHER_PNG})
    refused = run(path)
    assert refused.exit_code == 1
    assert "differs in text, so it was left unchanged" in refused.stderr
    (article,) = articles(content)
    assert article.with_name("a.png").read_bytes() == PNG
    assert run(path, "--force").exit_code == 0
    assert article.with_name("a.png").read_bytes() == OTHER_PNG
    assert article.with_name("a.png.~1~").read_bytes() == PNG


def test_an_interrupted_import_goes_on_and_a_foreign_file_is_not_overwritten(
    run: Run, content: Path, tmp_path: Path
) -> None:
    folder = content / "articles" / "2026" / "03" / "wafers"
    folder.mkdir(parents=True)
    (folder / "a.png").write_bytes(PNG)
    path = zipped(tmp_path / "x.zip", {"p.md": post("wafers", "![a](a.png)"), "a.png": PNG})
    assert run(path).exit_code == 0
    (folder / "index.md").unlink()
    (folder / "a.png").write_bytes(OTHER_PNG)
    refused = run(path)
    assert refused.exit_code == 1
    assert "a.png has other content than the picture to import (--force keeps it under another name)" in refused.stderr
    assert (folder / "a.png").read_bytes() == OTHER_PNG
    assert articles(content) == []


def test_an_article_that_is_no_bundle_is_not_given_pictures(run: Run, content: Path, tmp_path: Path) -> None:
    assert run(zipped(tmp_path / "x.zip", {"p.md": post("wafers")})).exit_code == 0
    result = run(zipped(tmp_path / "x.zip", {"p.md": post("wafers", "![a](a.png)"), "a.png": PNG}), "--force")
    assert result.exit_code == 1
    assert "wafers.md is no bundle, and its pictures need one (move it to wafers/index.md there)" in result.stderr


def test_a_hidden_file_or_a_link_out_of_the_folder_is_no_picture(run: Run, content: Path, tmp_path: Path) -> None:
    folder = tmp_path / "blog"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(PNG)
    (folder / "out.png").symlink_to("../secret.png")
    (folder / ".hidden.png").write_bytes(PNG)
    (folder / "p.md").write_text(post("wafers", "![a](out.png) ![b](.hidden.png)"))
    assert run(folder).exit_code == 0
    assert [each.name for each in articles(content)] == ["wafers.md"]


def test_a_dry_run_writes_no_picture(run: Run, content: Path, tmp_path: Path) -> None:
    result = run(zipped(tmp_path / "x.zip", {"p.md": post("wafers", "![a](a.png)"), "a.png": PNG}), "--dry-run")
    assert "articles/2026/03/wafers/index.md (new)" in result.stderr
    assert not list((content / "articles").rglob("*.*"))
