"""Links of Pelican to files of its site."""

from pathlib import Path

import pytest

from tests.importing.archives import PNG
from tests.importing.conftest import Run
from tests.importing.test_site_settings import Files, by_title, written

POST = "Title: {}\nDate: 2026-03-01\nCategory: chips\n{}\n\nThe wafer plant opened on Tuesday. {}\n"
FILES: Files = {
    "pelicanconf.py": "PATH = 'content'\n",
    "content/deep/second.md": POST.format("Second", "Slug: the-second", ""),
    "content/secret.md": POST.format("Secret", "Status: draft", ""),
    "content/images/a.png": PNG,
    "content/deep/b.png": PNG,
}


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("[it]({filename}/deep/second.md)", "[it](the-second)"),
        ("[it]({filename}second.md#part)", "[it](the-second#part)"),
        ("[it](|filename|second.md)", "[it](the-second)"),
        ('<a href="{filename}second.md">it</a>', '<a href="the-second">it</a>'),
        ("[it][1]\n\n[1]: {filename}second.md", "[it][1]\n\n[1]: the-second"),
        ("[it]({filename}/secret.md)", "[it](#)"),
        ("![it]({static}/images/a.png)", "![it](a.png)"),
        ("![it]({attach}b.png)", "![it](b.png)"),
        ("![it]({filename}/images/a.png)", "![it](a.png)"),
        ("[it]({index})", "[it](/)"),
        ("`[it]({filename}second.md)`", "`[it]({filename}second.md)`"),
    ],
)
def test_a_link_leads_where_it_did(run: Run, content: Path, tmp_path: Path, link: str, made: str) -> None:
    result = run(written(tmp_path / "site", {**FILES, "content/deep/first.md": POST.format("First", "", link)}))
    assert result.exit_code == 0, result.output
    assert by_title(content)["First"][1].strip().endswith(f"on Tuesday. {made}")


def test_the_picture_of_an_article_is_found(run: Run, content: Path, tmp_path: Path) -> None:
    first = POST.format("First", "Image: {static}/images/a.png", "")
    assert run(written(tmp_path / "site", {**FILES, "content/first.md": first})).exit_code == 0
    assert by_title(content)["First"][0]["image"] == "a.png"
