"""`feedsvc new`: a draft with an id of its own, never over another file."""

import re
from pathlib import Path

import pytest
from click.testing import Result

from feedsvc.articles.metadata.frontmatter import parse
from tests.cli.conftest import Run
from tests.conftest import Publication


def _written(result: Result) -> Path:
    assert result.exit_code == 0, result.output
    return Path(result.stdout.strip())


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Plain title", "plain-title.md"),
        ('Say "yes": it\'s 50% # off', "say-yes-it-s-50-off.md"),
        ("晶片：下一步", "晶片-下一步.md"),
        ("[brackets] & - {more}", "brackets---more.md"),
        ("../../etc/passwd", "etc-passwd.md"),
    ],
)
def test_new_writes_a_draft(publication: Publication, run: Run, title: str, name: str) -> None:
    file = _written(run("new", title, "--topic", "cloud", "--topic", "chips"))
    assert file.name == name
    assert file.is_relative_to(publication.settings.content / "articles")
    front = parse(file.read_bytes()).fields
    assert front["title"] == title
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", str(front["id"]))
    assert front["topics"] == ["cloud", "chips"]
    assert run("check").output == "1 file, 0 to be set aside, 0 warnings\n"
    assert run("sync").stdout == "0 added, 0 changed, 0 removed, 0 set aside, 1 draft\n"
    file.write_text(file.read_text().replace("draft: true\n", ""))
    assert run("sync").stdout.startswith(f"+ {title}\n")


def test_new_writes_the_fields_of_the_registry_in_its_order(publication: Publication, run: Run) -> None:
    text = _written(run("new", "Title", "--topic", "chips")).read_text("utf-8")
    id_ = parse(text.encode()).fields["id"]
    # At midnight it is a date, which YAML has in quotes.
    date = re.search(r"^published: (?:'[\d-]{10}'|[\d-]{10} \d\d:\d\d)$", text, re.MULTILINE)
    assert date is not None
    assert text == (
        f"---\ntitle: Title\n{date[0]}\nid: {id_}\nlanguage: en\ntopics: [chips]\ntags: []\n"
        "# To publish, delete this line and the next.\ndraft: true\n---\n\n"
    )


def test_new_gives_each_its_own_id(publication: Publication, run: Run) -> None:
    files = [_written(run("new", title, "--topic", "chips")) for title in ("One", "Two")]
    assert len({str(parse(file.read_bytes()).fields["id"]) for file in files}) == 2


def test_new_never_overwrites(publication: Publication, run: Run) -> None:
    file = _written(run("new", "Title", "--topic", "chips"))
    before = file.read_bytes()
    result = run("new", "Title", "--topic", "cloud")
    assert result.exit_code == 2
    assert result.stderr == f"feedsvc: {file} exists already (name another with --slug)\n"
    assert file.read_bytes() == before
    assert _written(run("new", "Title", "--topic", "cloud", "--slug", "other")).name == "other.md"


def test_new_takes_a_language(publication: Publication, run: Run) -> None:
    file = _written(run("new", "標題", "--topic", "chips", "--language", "zh-Hant"))
    assert parse(file.read_bytes()).fields["language"] == "zh-Hant"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("Title", "--topic", "chip"), "feedsvc: --topic: unknown topic 'chip' (did you mean 'chips'?)\n"),
        (
            ("!?", "--topic", "chips"),
            "feedsvc: TITLE: no slug can be made of '!?' (",
        ),
        (("Title", "--topic", "chips", "--language", "not: one"), "feedsvc: --language: 'not: one' is not a language"),
        (
            ("Title", "--topic", "chips", "--slug", "../x"),
            "feedsvc: --slug: '../x' cannot be an address (write 'x')\n",
        ),
        (("Title", "--topic", "chips", "--slug", "a b"), "feedsvc: --slug: 'a b' cannot be an address (write 'a-b')\n"),
        (("Title", "--topic", "chips", "--slug", ".."), "feedsvc: --slug: no slug can be made of '..' ("),
        (("Title", "--topic", "chips", "--slug", ""), "feedsvc: --slug: is empty (write something)\n"),
        (("  ", "--topic", "chips", "--slug", "x"), "feedsvc: TITLE: is empty (write something)\n"),
    ],
)
def test_new_refuses(publication: Publication, run: Run, arguments: tuple[str, ...], message: str) -> None:
    result = run("new", *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1
    assert list((publication.settings.content / "articles").iterdir()) == []


def test_new_where_nothing_can_be_written(publication: Publication, run: Run) -> None:
    (publication.settings.content / "articles").rmdir()
    publication.write("articles", "a file")
    result = run("new", "Title", "--topic", "chips")
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert "Not a directory" in result.stderr


def test_new_without_a_topic_lists_the_topics(publication: Publication, run: Run) -> None:
    result = run("new", "Title")
    assert result.exit_code == 2
    assert result.stderr.startswith("feedsvc: no topic is named (add --topic NAME; there are chips (")
    assert list((publication.settings.content / "articles").iterdir()) == []


@pytest.mark.parametrize("written", ["晶片", "Chips"])
def test_new_takes_the_title_of_a_topic(publication: Publication, run: Run, written: str) -> None:
    path = _written(run("new", "Title", "--topic", written, "--topic", "chips"))
    assert parse(path.read_bytes()).fields["topics"] == ["chips"]


def test_new_needs_no_topic_where_there_is_one(publication: Publication, run: Run) -> None:
    publication.write("site.toml", 'title = "T"\ntag_authority = "example.org,2026"\n[topics.only]\ntitle = "Only"\n')
    assert parse(_written(run("new", "Title")).read_bytes()).fields["topics"] == ["only"]


def test_edit_opens_the_editor(
    publication: Publication, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "written" >>"$1"\n')
    editor.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(editor))
    assert _written(run("new", "Title", "--topic", "chips", "--edit")).read_text().endswith("written")
    monkeypatch.setenv("VISUAL", str(tmp_path / "none"))
    result = run("new", "Other", "--topic", "chips", "--edit")
    assert result.exit_code == 2
    assert "is written, but not opened" in result.stderr
