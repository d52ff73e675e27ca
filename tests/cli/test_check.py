"""`feedsvc check`: one line per problem, nothing written."""

import json
import re

import pytest

from tests.cli.conftest import Run
from tests.conftest import SITE_TOML, Publication


def test_check_writes_nothing(publication: Publication, run: Run) -> None:
    publication.article("one")
    result = run("check")
    assert (result.exit_code, result.output) == (0, "1 file, 0 to be set aside, 0 warnings\n")
    assert not publication.settings.store_file.parent.exists()


def test_check_says_each_problem_in_a_line(publication: Publication, run: Run) -> None:
    publication.article("a", topics="[chip]")
    publication.article("b", published="2026-02-30", colour="red")
    publication.write("articles/c\nd.md", "no front matter")
    publication.article("e", translation_of="nowhere")
    result = run("check")
    assert result.exit_code == 1
    *lines, last = result.stdout.splitlines()
    assert last == "4 files, 3 to be set aside, 2 warnings"
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
    assert result.stdout.startswith("articles/b.md:5: slug: 'same' is already used by articles/a.md (")


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
    assert run("check", "--base-url", "https://example.org").stdout == "0 files, 0 to be set aside, 0 warnings\n"


def test_check_finds_what_sync_finds(publication: Publication, run: Run) -> None:
    publication.article("a", topics="[chip]")
    publication.article("b", "![x](../../../x.svg)")
    publication.article("c", colour="red")
    checked = run("check").stdout.splitlines()[:-1]
    assert ["+ c", *checked] == run("sync").stdout.splitlines()[:-1]


LOST = "unknown key 'base_url' (it belongs to the whole file: put it above the first [table])"


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ("[import]\nthreshhold = 3", "import: unknown key 'threshhold' (did you mean 'threshold'?)"),
        ("[import]\nkeywords = {}", "import: unknown key 'keywords' (write [topics.NAME.keywords])"),
        ("[import]\nbase_url = 'https://e.org'", f"import: {LOST}"),
        ("import = 3", "import: must be a table (write [import])"),
        ("[import]\nthreshold = '5'", "import.threshold: '5' is not a number above 0 (write threshold = 5)"),
        ("[import]\nthreshold = nan", "import.threshold: nan is not a number above 0 (write threshold = 5)"),
        (
            "[import]\nboilerplate = []",
            "import.boilerplate: must be a table per language (write [import.boilerplate.zh-H",
        ),
        (
            "[import.boilerplate]\nshare = ['x']",
            "import.boilerplate: share: is not in the table of a language (write rules in",
        ),
        (
            "[import.boilerplate.klingon]\nshare = ['x']",
            "import.boilerplate: 'klingon' is not a language tag (write en, ",
        ),
        (
            "[import.boilerplate.en]\nshares = ['x']",
            "import.boilerplate: en: unknown key 'shares' (did you mean 'share'?)",
        ),
        (
            "[import.boilerplate.en]\nshare = 'x'",
            'import.boilerplate: en.share: must be a list of texts (write share = ["',
        ),
        ("[import.boilerplate.en]\nshare = ['/(/']", "import.boilerplate: share: not a regular expression: missing )"),
        ("[import.boilerplate.en]\nbase_url = 'https://e.org'", f"import.boilerplate: en: {LOST}"),
        ("[names]\nx = ['X']\nbase_url = 'https://e.org'", f"names: {LOST}"),
        (
            "[topics.more]\ntitle = 'M'\nkeywords.en.chip = 'x'",
            "topics: more.keywords.en: the weight of 'chip' is not a",
        ),
        (
            "[topics.more]\ntitle = 'M'\n[topics.more.keywords]\nbase_url = 'https://e.org'",
            f"topics: more.keywords: {LOST}",
        ),
        ("[topics.more.keywords.en]\nbase_url = 'https://e.org'", f"topics: more.keywords.en: {LOST}"),
        ("[topics.chip.keywords.en]\nx = 1", "warning: topics.chip: has keywords but no title, and is a topic"),
    ],
)
def test_check_looks_at_what_importing_goes_by(table: str, line: str, publication: Publication, run: Run) -> None:
    publication.write("site.toml", f"{table}\n{SITE_TOML}" if table[0] != "[" else f"{SITE_TOML}\n{table}\n")
    publication.article("a", topics="[chip]" if "topics.chip." not in table else "[chips]", colour="red")
    result = run("check")
    assert result.exit_code == (0 if line.startswith("warning") else 2)
    number = "" if line.startswith("warning") else r"\d+:"
    assert re.search(rf"^site\.toml:{number} {re.escape(line)}", result.stdout, re.MULTILINE)
    assert "articles/a.md:" in result.stdout


def test_a_topic_made_by_mistake_is_called_by_the_one_that_was_meant(publication: Publication, run: Run) -> None:
    publication.write("site.toml", f"{SITE_TOML}\n[topics.chip.keywords.en]\nx = 1\n")
    assert "(did you mean [topics.chips.keywords]? If not, give it a title)" in run("check").stdout


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("[cache]", "cache"),
        ("[[authors]]\nname = 'A'", "authors"),
        ("[topics.more]", "topics.more"),
        ("[topics.more.title]\nen = 'M'", "topics.more.title"),
    ],
)
def test_a_base_url_below_a_table_is_said_to_be(table: str, key: str, publication: Publication, run: Run) -> None:
    site = "\n".join(line for line in SITE_TOML.splitlines() if not line.startswith("authors"))
    publication.write("site.toml", f"{site}\n{table}\nbase_url = 'https://e.org'\n")
    result = run("check")
    assert result.exit_code == 2
    assert re.search(rf"site\.toml:\d+: {re.escape(f'{key}: {LOST}')}", result.stdout)


def test_several_faults_of_site_toml_are_said_at_once(publication: Publication, run: Run) -> None:
    publication.write("site.toml", f"{SITE_TOML}\n[import]\nx = 1\nthreshold = 0\n[names]\ny = 2\n")
    assert [line.split(":")[2].strip() for line in run("check").stdout.splitlines()[:-1]] == [
        "import",
        "import.threshold",
        "names",
    ]


def test_check_names_files_that_nobody_reads(publication: Publication, run: Run) -> None:
    publication.article("one", "![a table](table.csv)")
    for name in ("notes.docx", "folder/README", "table.csv", "one.md~", ".hidden", "Thumbs.db"):
        publication.write(f"articles/{name}", "x")
    result = run("check")
    message = "is not read (save it as .md, .markdown, .html, .htm, .txt, or move it out of articles)"
    cure = "(delete it, or to publish it give it a name and folder of its own in articles)"
    spare = f"is a backup copy of an editor or a merge, so it is not read {cure}"
    assert result.stdout.splitlines() == [
        f"articles/folder/README: warning: {message}",
        f"articles/notes.docx: warning: {message}",
        f"articles/one.md~: warning: {spare}",
        "1 file, 0 to be set aside, 3 warnings",
    ]
    assert result.exit_code == 0


def test_check_as_json_of_a_broken_site(publication: Publication, run: Run) -> None:
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", "Asia/Nowhere"))
    result = run("check", "--format", "json")
    assert result.exit_code == 2
    (problem,) = json.loads(result.stdout)
    assert problem.keys() == {"path", "line", "field", "message", "severity"}
    assert (problem["path"], problem["severity"]) == ("site.toml", "error")
    assert (problem["field"], problem["line"]) == ("timezone", 6)
    assert result.stderr == ""


@pytest.mark.parametrize("is_published", [False, True])
@pytest.mark.parametrize("output", ["text", "json"])
def test_a_broken_site_toml_hides_no_article(
    publication: Publication, run: Run, output: str, is_published: bool
) -> None:
    """All errors at once, those of site.toml with their lines; ends with 2, since no sync can be done."""
    publication.article("fine")
    if is_published:
        publication.sync()
    publication.article("wrong", topics="[chip]")
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", "Asia/Nowhere") + "\n[topics.'']\ntitle = 1\n")
    result = run("check", "--format", output)
    assert result.exit_code == 2
    for said in ("Asia/Nowhere", "cannot be a topic", "unknown topic 'chip'"):
        assert said in result.stdout
    assert result.stderr == ""


def test_a_site_toml_that_is_no_toml_hides_no_published_article(publication: Publication, run: Run) -> None:
    publication.article("fine")
    publication.sync()
    publication.article("wrong", topics="[chip]")
    publication.write("site.toml", f"{SITE_TOML}\n[topics.new\n")
    result = run("check")
    assert result.exit_code == 2
    assert re.search(r"^site\.toml:17: Expected ", result.stdout, re.MULTILINE)
    assert "unknown topic 'chip'" in result.stdout


def test_site_toml_is_not_counted_among_files_set_aside(publication: Publication, run: Run) -> None:
    publication.article("fine")
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", "Asia/Nowhere"))
    assert run("check").stdout.splitlines()[-1] == "1 file, 0 to be set aside, 1 error in site.toml, 0 warnings"
    publication.article("wrong", topics="[chip]")
    result = run("check")
    assert result.stdout.splitlines()[-1] == "2 files, 1 to be set aside, 1 error in site.toml, 0 warnings"
    assert result.exit_code == 2


def test_what_was_found_is_said_where_articles_cannot_be_read(publication: Publication, run: Run) -> None:
    publication.write("site.toml", SITE_TOML.replace("Asia/Taipei", "Asia/Nowhere"))
    (publication.settings.content / "articles").rmdir()
    result = run("check")
    assert result.exit_code == 2
    assert "site.toml:6: timezone: " in result.stdout
    assert "articles: not a folder" in result.stderr


def test_check_names_two_translations_into_one_language(publication: Publication, run: Run) -> None:
    publication.article("original", aliases="[before]")
    publication.article("a", language="zh-Hant", translation_of="original")
    publication.article("b", language="zh-Hant", translation_of="before")
    publication.article("c", language="ja", translation_of="original")
    publication.article("d", translation_of="original")
    cure = "(correct language or translation_of in one of them)"
    assert run("check").stdout.splitlines()[:-1] == [
        f"articles/b.md: warning: translation_of: articles/a.md is a version of the same article in zh-Hant {cure}",
        f"articles/d.md: warning: translation_of: articles/original.md is a version of the same article in en {cure}",
    ]


def test_check_names_redirects_that_lead_nowhere(publication: Publication, run: Run) -> None:
    """A loop, or a target that does not exist, has a warning with its line of site.toml, as a sync has it."""
    redirects = """
[redirects]
"/fine" = "/articles/kept"
"/tagged" = "/tags/gpu"
"/a" = "/b"
"/b" = "/a"
"/c/*" = "/c/index"
"/feed" = "/feeds/chip.rss"
"/read" = "/articles/keept"
"/topics/chips" = "/topics/cloud"
"/chain" = "/fine"
"/articles/kept" = "/topics/chips"
"/2026/old.html" = "/topics/chips"
"/articles/*" = "/"
"/*" = "/"
"/mistyped" = "/articles/kepf"
"""
    publication.write("site.toml", f"{SITE_TOML}{redirects}")
    publication.article("kept", tags="[gpu]", aliases="[/topics/cloud, /2026/old.html]")
    publication.article("unpublished", draft="true")
    result = run("check")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        (
            "articles/kept.md:6: warning: aliases: /topics/cloud is an address of this publication and never leads to "
            "the article (remove it)"
        ),
        "site.toml:20: warning: redirects./a: leads in a circle (name an address that exists)",
        "site.toml:21: warning: redirects./b: leads in a circle (name an address that exists)",
        "site.toml:22: warning: redirects./c/*: leads in a circle (name an address that exists)",
        (
            "site.toml:23: warning: redirects./feed: leads to /feeds/chip.rss, which does not exist "
            "(did you mean '/feeds/chips.rss'?)"
        ),
        (
            "site.toml:24: warning: redirects./read: leads to /articles/keept, which does not exist "
            "(did you mean '/articles/kept'?)"
        ),
        (
            "site.toml:25: warning: redirects./topics/chips: is an address of this publication, so the redirect never "
            "applies (remove it)"
        ),
        (
            "site.toml:27: warning: redirects./articles/kept: never applies: this is an address of articles/kept.md "
            "(remove it there, or remove the redirect)"
        ),
        (
            "site.toml:28: warning: redirects./2026/old.html: never applies: this is an address of articles/kept.md "
            "(remove it there, or remove the redirect)"
        ),
        (
            "site.toml:29: warning: redirects./articles/*: never applies: a * finds no address of this publication "
            "(name each old address, without *)"
        ),
        (
            "site.toml:31: warning: redirects./mistyped: leads to /articles/kepf, which does not exist "
            "(did you mean '/articles/kept'?)"
        ),
        "2 files, 0 to be set aside, 11 warnings",
    ]


def test_a_draft_needs_no_field_but_its_marker(publication: Publication, run: Run) -> None:
    publication.write("articles/bare.md", "---\ntitle: Bare\ndraft: true\n---\nA first thought.\n")
    publication.write("articles/empty.md", "---\ntitle:\ntopics: []\npublished: 2026-10-01\ndraft: true\n---\n")
    result = run("check")
    assert result.exit_code == 0, result.stdout
    assert result.stdout.splitlines()[:4] == [
        "articles/bare.md: warning: published: is missing (add 'published: …' to the front matter)",
        "articles/bare.md: warning: topics: is missing (add 'topics: …' to the front matter)",
        "articles/empty.md:2: warning: title: is missing (add 'title: …' to the front matter)",
        "articles/empty.md:3: warning: topics: is missing (add 'topics: …' to the front matter)",
    ]
    publication.sync()
    assert run("list").stdout.endswith("\n2 draft\n")


def test_a_published_article_that_becomes_an_incomplete_draft_is_withdrawn(publication: Publication, run: Run) -> None:
    publication.article("one")
    publication.sync()
    publication.write("articles/one.md", "---\ndraft: true\n---\nText.\n")
    report = publication.sync()
    assert (report.removed, report.drafts, report.set_aside) == (("one",), 1, [])
    publication.write("articles/one.md", "---\n---\nText.\n")
    assert publication.sync().set_aside == ["articles/one.md"]


def test_other_errors_set_a_draft_aside(publication: Publication, run: Run) -> None:
    publication.article("one", topics="[chip]", draft="true")
    publication.write("articles/members.md", "---\ndraft: true\npassword: x\n---\nText.\n")
    assert run("check").exit_code == 1
    assert publication.sync().set_aside == ["articles/members.md", "articles/one.md"]
