"""Markdown of other systems: fields above the text in every form, their names, and markup in the text."""

from pathlib import Path

import pytest

from feedsvc.articles.metadata.systems import SYSTEMS
from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.readers.markdown.bodies import own_markdown
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Image
from tests.importing.conftest import Run, articles, only

BODY = "The plant opened on Tuesday.\n"
HASHED = "Plant 0123456789abcdef0123456789abcdef.md"
# A title, a date and a further field in each form of a head.
HEADS = {
    "yaml": ("x.md", "---\ntitle: 工廠\ndate: 2026-02-10\n{name}: {value}\n---\n"),
    "yaml with dots": ("x.md", "---\ntitle: 工廠\ndate: 2026-02-10\n{name}: {value}\n...\n"),
    "yaml without a fence": ("x.md", "title: 工廠\ndate: 2026-02-10\n{name}: {value}\n---\n"),
    "toml": ("x.md", '+++\ntitle = "工廠"\ndate = 2026-02-10\n{name} = "{value}"\n+++\n'),
    "json": ("x.md", '{{"title": "工廠", "date": "2026-02-10", "{name}": "{value}"}}\n'),
    "json over lines": ("x.md", '{{\n\t"title": "工廠",\n\t"date": "2026-02-10",\n\t"{name}": "{value}"\n}}\n'),
    "json in fences": ("x.md", '---json\n{{"title": "工廠", "date": "2026-02-10", "{name}": "{value}"}}\n---\n'),
    "json without braces": ("x.md", '"title": "工廠",\n"date": "2026-02-10",\n"{name}": "{value}"\n;;;\n'),
    "lines": ("x.md", "Title: 工廠\nDate: 2026-02-10\n{name}: {value}\n\n"),
    "properties": (HASHED, "# 工廠\n\nDate: 2026-02-10\n{name}: {value}\n\n"),
}


def _read(head: str, name: str, value: str, settings: ImportSettings) -> Draft:
    file, written = HEADS[head]
    return only(file, written.format(name=name, value=value) + BODY, settings)


def _file(fields: str, body: str = BODY) -> str:
    return f"---\ntitle: 工廠\ndate: 2026-02-10\n{fields}---\n\n{body}"


@pytest.mark.parametrize("head", HEADS)
def test_each_form_of_a_head_is_read(head: str, settings: ImportSettings) -> None:
    draft = _read(head, "description", "Of 晶片", settings)
    assert draft.published is not None
    assert (draft.title, draft.summary, f"{draft.published.at:%Y-%m-%d}") == ("工廠", "Of 晶片", "2026-02-09")
    assert (draft.body, draft.is_draft, draft.notes) == (BODY.strip(), False, ())


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("draft", "true"),
        ("published", "false"),
        ("publish", "No"),
        ("status", "draft"),
        ("state", "In review"),
        ("visibility", "circle"),
        ("password", "x1"),
        ("eleventyExcludeFromCollections", "true"),
        ("permalink", "false"),
    ],
)
def test_a_marker_in_each_form_of_a_head_makes_a_draft(
    head: str, name: str, value: str, settings: ImportSettings
) -> None:
    draft = _read(head, name, value, settings)
    assert draft.is_draft
    assert "x1" not in str(draft.notes)


@pytest.mark.parametrize("marker", ["Published: No", "Status: Not ready", "Visibility: me"])
def test_a_marker_above_a_paragraph_of_notion_makes_a_draft(marker: str, settings: ImportSettings) -> None:
    draft = only(HASHED, f"# 工廠\n\n{marker}\nA line that is no property\n\n{BODY}", settings)
    assert draft.is_draft
    assert draft.body == f"A line that is no property\n\n{BODY.strip()}"


def test_a_paragraph_below_a_title_of_notion_is_text(settings: ImportSettings) -> None:
    draft = only(HASHED, f"# 工廠\n\nNote: this is text.\n\n{BODY}", settings)
    assert draft.body == f"Note: this is text.\n\n{BODY.strip()}"


@pytest.mark.parametrize("text", ["Note: a list: of words\nand a line\n\nText.\n", "Name: x\nOther: y\n\nText.\n"])
def test_lines_without_a_title_are_no_head(text: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="no title: begin the file with"):
        only("x.md", text, settings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"title": "x",}\n\nText.', "broken JSON: "),
        ("---js\n{title: 'x'}\n---\nText.", "its fields are a program (js), which import does not run"),
        (f'{{"title": {"[" * 100_000}\n', "nested too deeply"),
        ("---\ntitle: [x\n---\nText.", "broken YAML: "),
    ],
)
def test_a_broken_head_is_named(text: str, message: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError) as raised:
        only("x.md", text, settings)
    assert message in str(raised.value)


@pytest.mark.parametrize(
    ("fields", "title", "tags"),
    [
        ("title: Plant: the first chips\n", "Plant: the first chips", ()),
        ('title: Plant: the "first"  \ntags:\n\t- fabs\n\t- 水\n', 'Plant: the "first"', ("fabs", "水")),
    ],
)
def test_yaml_that_other_parsers_accept_is_read(
    fields: str, title: str, tags: tuple[str, ...], settings: ImportSettings
) -> None:
    draft = only("x.md", f"---\n{fields}---\n\n{BODY}", settings)
    assert (draft.title, draft.tags) == (title, tags)


def test_of_two_values_of_one_field_the_other_is_named(settings: ImportSettings) -> None:
    draft = only("x.md", _file("excerpt: One\ndescription: Two\nsummary: Ours\n"), settings)
    assert draft.summary == "Ours"
    assert draft.notes == (
        "excerpt: 'One' was left out, since summary is there too (keep one)",
        "description: 'Two' was left out, since summary is there too (keep one)",
    )
    same = only("x.md", _file("excerpt: One\ndescription: One\n"), settings)
    assert (same.summary, same.notes) == ("One", ())


def test_lists_under_several_names_are_one(settings: ImportSettings) -> None:
    fields = "categories: [晶圓廠]\ncategory: Fabs\ntags: [a, b]\nkeywords: b, c\nauthor: Kim\nauthors: [Lee, Kim]\n"
    draft = only("x.md", _file(fields), settings)
    assert draft.tags == ("a", "b", "c", "晶圓廠", "Fabs")
    assert [each.name for each in draft.authors] == ["Lee", "Kim"]
    assert draft.notes == ()


def test_only_jekyll_separates_categories_with_spaces(settings: ImportSettings) -> None:
    assert only("2026-02-10-x.md", _file("layout: post\ncategories: news fabs\n"), settings).tags == ("news", "fabs")
    assert only("2026-02-10-x.md", _file("layout: post\ncategories: a b, c\n"), settings).tags == ("a b", "c")
    assert only("x.md", _file("categories: news fabs\n"), settings).tags == ("news fabs",)


def test_a_table_of_another_system_counts_as_its_fields(settings: ImportSettings) -> None:
    fields = "extra:\n  authors: [{name: Kim, url: 'https://k.example/', role: x}]\n  toc: true\n  fabs: 3\n"
    draft = only("x.md", _file(fields), settings)
    assert [(each.name, each.uri) for each in draft.authors] == [("Kim", "https://k.example/")]
    assert [note.partition(" (")[0] for note in draft.notes] == ["extra.fabs: unknown field, left out"]


@pytest.mark.parametrize("name", ["layout", "toc", "weight", "cssclasses", "Save_as", "eleventyNavigation", "abbrlink"])
def test_settings_of_a_page_are_left_out_without_a_word(name: str, settings: ImportSettings) -> None:
    assert only("x.md", _file(f"{name}: x\n"), settings).notes == ()


def test_the_day_on_which_a_file_was_made_is_its_date_without_another(settings: ImportSettings) -> None:
    draft = only("x.md", _file("created: 2026-03-01\n"), settings)
    assert draft.published is not None
    assert (draft.published.found_in, f"{draft.published.at:%Y-%m-%d}") == ("date", "2026-02-09")
    alone = only("x.md", f"---\ntitle: T\ncreated: 2026-03-01\n---\n\n{BODY}", settings)
    assert alone.published is not None
    assert alone.published.found_in == "created"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ("url: https://other.example/a\n", "url: 'https://other.example/a' is an address of another site"),
        ("aliases: [Our Plant]\n", "aliases: 'Our Plant' was left out: "),
        ("canonical_url: /plant\n", "canonical_url: left out: '/plant' is not a web address"),
        ("locale: English\n", "locale: left out: "),
        ("cover: cover.png\n", "image: a file, left out"),
    ],
)
def test_a_value_that_cannot_be_used_costs_no_article(fields: str, message: str, settings: ImportSettings) -> None:
    (note,) = only("x.md", _file(fields), settings).notes
    assert note.startswith(message)


def test_a_table_of_a_cover_has_its_caption(settings: ImportSettings) -> None:
    """Themes of Hugo."""
    cover = "cover: {image: 'https://a.example/a.png', alt: 廠, caption: 夜裡的廠, relative: false}\n"
    assert only("x.md", _file(cover), settings).image == Image(
        url="https://a.example/a.png", alt="廠", caption="夜裡的廠"
    )


def test_a_long_summary_and_many_tags_are_shortened_not_refused(settings: ImportSettings) -> None:
    tags = ", ".join(f"t{number}" for number in range(101))
    draft = only("x.md", _file(f"description: {'x' * 2001}\ntags: [{tags}]\n"), settings)
    assert (len(draft.summary), len(draft.tags)) == (2001, 101)


def test_the_page_of_a_section_is_no_article(settings: ImportSettings) -> None:
    (item,) = read_items("posts/_index.md", b"---\ntitle: Posts\n---\n", settings)
    assert item == SkippedEntry("posts/_index.md", "section")


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ('{{< figure src="a b.png" alt="晶圓" >}}', "![晶圓](a%20b.png)"),
        ('{{< youtube id="abc" >}}', "<https://www.youtube.com/watch?v=abc>"),
        ("{{< youtube >}}", "{{< youtube >}}"),
        ("{{< vimeo 12 >}} {{< gist kim 34 >}}", "<https://vimeo.com/12> <https://gist.github.com/kim/34>"),
        ('{{< x user="kim" id="5" >}}', "<https://x.com/kim/status/5>"),
        ('[a]({{< relref "../2026-01-05-fab.md#water" >}})', "[a](fab#water)"),
        ('[a]({{% ref "/posts/工廠/index.md" %}})', "[a](%E5%B7%A5%E5%BB%A0)"),
        ("{{< highlight go >}}\na ``` b\n{{< /highlight >}}", "````go\na ``` b\n````"),
        ("{% raw %}x{% endraw %}", "x"),
        ("{% img left /a.png 300 200 A hall %}", "![A hall](/a.png)"),
        ("{% youtube abc %}", "<https://www.youtube.com/watch?v=abc>"),
        ("[a]({{ site.baseurl }}{% link _posts/2026-01-05-fab.md %})", "[a](fab)"),
        ("[a]({{ '/a.pdf' | relative_url }})", "[a](/a.pdf)"),
        ("{% include x.html %}", "{% include x.html %}"),
        ("[a](../fab.md#part) [b](<my fab.md>) [c](https://e.example/x.md)", None),
        ('[a](fab.md "Title")', '[a](fab "Title")'),
        ("`{{< youtube abc >}}` and\n\n    {% raw %}\n\n```\n[a](b.md)\n```", None),
    ],
)
def test_shortcodes_become_markdown(written: str, made: str | None) -> None:
    if made is None:
        made = written.replace("../fab.md#part", "fab#part")
    assert own_markdown(written, SYSTEMS["hugo"]) == made


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("[[工廠]]", "[工廠](%E5%B7%A5%E5%BB%A0)"),
        ("[[notes/Fab 1|the fab]]", "[the fab](Fab-1)"),
        ("[[Fab#^abc]]", "[Fab › ^abc](Fab)"),
        ("[[#Its halls]]", "[Its halls](#its-halls)"),
        ("![[a b.png]] ![[a.png|300]] ![[a.png|A hall]]", "![](a%20b.png) ![](a.png) ![A hall](a.png)"),
        ("![[Fab]]", "[Fab](Fab)"),
        ("> [!tip]+ 注意\n> Text", "> **注意**\n>\n> Text"),
        (">> [!to-do]\n>> Text", ">> **To do**\n>>\n>> Text"),
        ("a == b and c == d, ==x y==", "a == b and c == d, <mark>x y</mark>"),
        ("Text. ^block-1\n\nx^2 and y ^ z", "Text.\n\nx^2 and y ^ z"),
        ("[[a%%|b]] secret %%", "[[a%%|b]] secret %%"),
        ("`[[a]]`\n\n```\n> [!note]\n==a==\n```", "`[[a]]`\n\n```\n> [!note]\n==a==\n```"),
    ],
)
def test_markup_of_obsidian_becomes_markdown(written: str, made: str) -> None:
    assert own_markdown(written, SYSTEMS["obsidian"]) == made


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("import A from '../a.astro';\nimport \"../b.css\"\nexport const x = {a: 1};\n\nText.", "\nText."),
        ("import duties from Taiwan rose.\nexport = growth from chips", None),
    ],
)
def test_only_programs_above_a_text_are_left_out(text: str, left: str | None) -> None:
    assert own_markdown(text, SYSTEMS["astro"]) == (text if left is None else left)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("#fabs and (#水) and #a/b, #2026 #2026w1", ("fabs", "水", "a/b", "2026w1")),
        ("# heading\n\n`#no` https://x.example/#no a#no", ()),
    ],
)
def test_tags_in_a_note_are_tags(text: str, tags: tuple[str, ...], settings: ImportSettings) -> None:
    draft = only("x.md", f"---\ncssclasses: wide\n---\n{text}\n", settings)
    assert draft.tags == tags


def test_from_names_the_system(run: Run, content: Path, tmp_path: Path) -> None:
    note = tmp_path / "A note 註.md"
    note.write_text("The plant opened.\n", "utf-8")
    words = (note, "--published", "2026-03-01", "--topic", "chips")
    assert "no title: begin the file" in run(*words).stderr
    assert run(*words, "--from", "obsidian").exit_code == 0
    (written,) = articles(content)
    assert (written.name, "title: A note 註" in written.read_text("utf-8")) == ("A-note-註.md", True)


def test_from_reads_text_as_the_markdown_of_a_system(run: Run, content: Path, tmp_path: Path) -> None:
    file = tmp_path / "plant.txt"
    file.write_text("Title: Plant\nDate: 2026-03-01\n\nThe plant *opened*.\n", "utf-8")
    assert run(file, "--from", "pelican", "--topic", "chips").exit_code == 0
    (written,) = articles(content)
    assert written.read_text("utf-8").endswith("---\n\nThe plant *opened*.\n")


def test_an_unknown_system_is_refused_with_the_known_ones(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text(_file(""), "utf-8")
    result = run(tmp_path / "x.md", "--from", "joomla")
    assert result.exit_code == 2
    assert all(f"'{name}'" in result.stderr for name in SYSTEMS)


@pytest.mark.parametrize(
    ("line", "is_draft"),
    [
        ("✅ Published: No", True),
        ("Publish?: No", True),
        ("Status: 📝 Draft", True),
        ("Type: Draft", True),
        ("✅ Published: Yes", False),
        ("🏷 Tags: draft", False),
        # Without a property that says anything, a Notion page is as public as the export that has it.
        ("Note: read this first", False),
    ],
)
def test_properties_of_notion_have_any_name(line: str, is_draft: bool, settings: ImportSettings) -> None:
    name = "Plan 0123456789abcdef0123456789abcdef.md"
    draft = only(name, f"# Plan\n\n{line}\n\nThe plant opened.\n", settings)
    assert draft.is_draft is is_draft
