"""docs/tutorial/first-publication.md and the README, step by step: what a first publication is made of."""

import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc.cli import main
from feedsvc.config import load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.site.values import KEYS
from feedsvc.web import create_app
from tests.doc_pages import ROOT, blocks, page
from tests.pictures import png, svg


def run(command: str, content: Path) -> str:
    """Return the output of a command over a content folder."""
    return CliRunner().invoke(main, [command, "--content", str(content)]).output


def test_the_tutorial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkout = tmp_path / "feedsvc"
    checkout.mkdir()
    monkeypatch.chdir(checkout)
    made, served, article, checked = (block for _, block in blocks(page("tutorial/first-publication.md")))
    command = shlex.split(made.removeprefix("$ "))
    assert command[:2] == [".venv/bin/feedsvc", "init"]
    assert CliRunner().invoke(main, command[1:]).exit_code == 0
    assert served == "$ make serve CONTENT=../my-news/content\n"
    content = tmp_path / "my-news" / "content"
    file = content / "articles" / "second.md"
    file.write_text(article, "utf-8")
    assert "2 added, 0 changed, 0 removed, 0 set aside" in run("sync", content)
    client = create_app(load_settings({}, content=content)).test_client()
    assert client.get("/articles/second").status_code == 200
    assert b"The second article" in client.get("/feeds/energy.atom").data

    file.write_text(article.replace("[energy]", "[enrgy]"), "utf-8")
    assert checked == "$ .venv/bin/feedsvc check --content ../my-news/content\n"
    assert "articles/second.md:4: topics: unknown topic 'enrgy' (did you mean 'energy'?)" in run("check", content)
    run("sync", content)
    assert client.get("/articles/second").status_code == 200


def test_the_publication_of_the_readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands begin a publication, and its first article is the one in Markdown."""
    found = list(blocks((ROOT / "README.md").read_text("utf-8")))
    (made, served) = next(text for _, text in found if "feedsvc init" in text).splitlines()
    checkout = tmp_path / "feedsvc"
    checkout.mkdir()
    monkeypatch.chdir(checkout)
    assert CliRunner().invoke(main, [*shlex.split(made)[2:], "--yes"]).exit_code == 0
    assert served == "$ make serve CONTENT=../my-news/content"
    content = tmp_path / "my-news" / "content"
    (content / "articles" / "wafer.md").write_text(dict(found)["markdown"], "utf-8")
    assert "2 added, 0 changed, 0 removed, 0 set aside" in run("sync", content)


def test_the_example_with_every_setting(tmp_path: Path) -> None:
    """Each key is in it, and each value is valid."""
    (text,) = (block for language, block in blocks(page("reference/site-toml.md")) if language == "toml")
    assert set(tomllib.loads(text)) == set(KEYS)
    (tmp_path / "site.toml").write_text(text, "utf-8")
    (tmp_path / "articles").mkdir()
    (tmp_path / "icon.png").write_bytes(png(512, 512))
    (tmp_path / "logo.svg").write_bytes(svg())
    assert "0 to be set aside" in run("check", tmp_path)
    site = load_site(tmp_path, None, "http://127.0.0.1:8000")
    assert [topic.name for topic in site.topics] == ["grid", "battery"]
