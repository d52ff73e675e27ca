"""docs/tutorial/first-publication.md and the README, step by step: what a first publication is made of."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.config import load_settings
from feedsvc.web import create_app
from tests.doc_pages import ROOT, blocks, page


def run(command: str, content: Path) -> str:
    """Return the output of a command over a content folder."""
    return CliRunner().invoke(main, [command, "--content", str(content)]).output


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made, served, article, checked = (block for _, block in blocks(page("tutorial/first-publication.md")))
    script = "".join(f"{line.removeprefix('$ ')}\n" for line in made.splitlines())
    subprocess.run(["bash", "-e", "-c", script], check=True)
    assert served == "$ make serve CONTENT=my-content\n"
    content = tmp_path / "my-content"
    file = content / "articles" / "first.md"
    file.write_text(article, "utf-8")
    assert "1 added, 0 changed, 0 removed, 0 set aside" in run("sync", content)
    client = create_app(load_settings({}, content=content)).test_client()
    assert client.get("/articles/first").status_code == 200
    assert b"The first article" in client.get("/feeds/energy.atom").data

    file.write_text(article.replace("[energy]", "[enrgy]"), "utf-8")
    assert checked == "$ .venv/bin/feedsvc check --content my-content\n"
    assert "articles/first.md:4: topics: unknown topic 'enrgy' (did you mean 'energy'?)" in run("check", content)
    run("sync", content)
    assert client.get("/articles/first").status_code == 200


def test_the_publication_of_the_readme(tmp_path: Path) -> None:
    """Of the blocks, site.toml has a language of its own, and the article is the one in Markdown."""
    found = dict(blocks((ROOT / "README.md").read_text("utf-8")))
    (tmp_path / "articles").mkdir()
    (tmp_path / "site.toml").write_text(found["toml"], "utf-8")
    (tmp_path / "articles" / "first.md").write_text(found["markdown"], "utf-8")
    assert "1 added, 0 changed, 0 removed, 0 set aside" in run("sync", tmp_path)
