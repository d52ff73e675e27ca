"""`feedsvc check`: one line per problem, nothing written."""

import json
import re

from tests.cli.conftest import Run
from tests.conftest import SITE_TOML, Publication


def test_check_writes_nothing(publication: Publication, run: Run) -> None:
    publication.article("one")
    result = run("check")
    assert (result.exit_code, result.output) == (0, "")
    assert not publication.settings.store.parent.exists()


def test_check_says_each_problem_in_a_line(publication: Publication, run: Run) -> None:
    publication.article("a", topics="[chip]")
    publication.article("b", published="2026-02-30", colour="red")
    publication.write("articles/c\nd.md", "no front matter")
    publication.article("e", translation_of="nowhere")
    result = run("check")
    assert result.exit_code == 1
    lines = result.stdout.splitlines()
    assert all(re.fullmatch(r"articles/[^:\s]+(:\d+)?:( warning:)?( \w+:)? .+ \(.+\)", line) for line in lines), lines
    assert lines[0] == "articles/a.md:4: topics: unknown topic 'chip' (did you mean 'chips'?)"
    assert [line.split(":")[0] for line in lines] == [
        "articles/a.md",
        "articles/b.md",
        "articles/b.md",
        "articles/c\\nd.md",
        "articles/e.md",
    ]
    assert lines[-1].startswith("articles/e.md: warning: translation_of: no article has the slug 'nowhere'")


def test_check_of_warnings_alone_ends_with_0(publication: Publication, run: Run) -> None:
    publication.article("one", colour="red")
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("articles/one.md:5: warning: colour: unknown field (")


def test_check_names_both_files_of_a_clash(publication: Publication, run: Run) -> None:
    publication.article("a", slug="same")
    publication.article("b", slug="same")
    result = run("check")
    assert result.exit_code == 1
    assert result.stdout.startswith("articles/b.md: slug: 'same' is already used by articles/a.md (")


def test_check_as_json(publication: Publication, run: Run) -> None:
    publication.article("a", topics="[chip]", title="-")
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout) == [
        {
            "path": "articles/a.md",
            "line": 0,
            "field": "title",
            "message": "is missing (add 'title: …' to the front matter)",
            "severity": "error",
        },
        {
            "path": "articles/a.md",
            "line": 3,
            "field": "topics",
            "message": "unknown topic 'chip' (did you mean 'chips'?)",
            "severity": "error",
        },
    ]
    (publication.settings.content / "articles" / "a.md").unlink()
    assert json.loads(run("check", "--format", "json").stdout) == []


def test_check_says_that_base_url_is_unset(publication: Publication, run: Run) -> None:
    publication.write("site.toml", SITE_TOML.replace('base_url = "https://example.org"\n', ""))
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.startswith("site.toml: warning: base_url: is not set")
    assert run("check", "--base-url", "https://example.org").stdout == ""


def test_check_finds_what_sync_finds(publication: Publication, run: Run) -> None:
    publication.article("a", topics="[chip]")
    publication.article("b", "![x](../../../x.svg)")
    publication.article("c", colour="red")
    checked = run("check").stdout.splitlines()
    assert ["+ c", *checked] == run("sync").stdout.splitlines()[:-1]
