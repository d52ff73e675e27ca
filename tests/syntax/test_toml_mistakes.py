"""Each common mistake in TOML gets its line, its column, the text of the line and what to write instead."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.metadata import frontmatter
from feedsvc.errors import ArticleError, ConfigError
from feedsvc.site.site_toml import read_table
from feedsvc.syntax.toml_mistakes import mistake_of


@pytest.mark.parametrize(
    ("document", "line", "remedy"),
    [
        ("title = 晶片", 1, 'write quotes around a text: title = "晶片"'),
        ("title = “晶片”", 1, 'write " instead of “, the left double quotation mark U+201C: title = "晶片"'),
        ('title = "晶片', 1, 'write the quote at the end of the text: title = "晶片"'),
        ('title = "晶片\nb = 1', 1, 'write the quote at the end of the text: title = "晶片"'),
        ('topics = ["a", "b"', 1, "write ] at the end of the list, and a comma between its parts"),
        ('topics = ["a", "b"\nx = 1', 1, "write ] at the end of the list, and a comma between its parts"),
        ('x = [\n "a"\n "b"\n]', 3, "write ] at the end of the list, and a comma between its parts"),
        ("a = 1\na = 2", 2, "line 1 has a already: remove one of the two"),
        ("[x]\n[x]", 2, "line 1 has x already: remove one of the two"),
        ("[a]\nx = 1\ny = 2\nx = 3\nz = 1", 4, "line 2 has x already: remove one of the two"),
        ('title: "x"', 1, 'write = instead of the colon: title = "x"'),
        ("title: x", 1, 'write = instead of the colon: title = "x"'),
        ("title: 晶片", 1, 'write = instead of the colon: title = "晶片"'),
        ("x = {a = 1,}", 1, "remove the comma in front of the }"),
        ('title ＝ "x"', 1, 'write = instead of ＝, the fullwidth equals sign U+FF1D: title = "x"'),
        ("title = ＂x＂", 1, 'write " instead of ＂, the fullwidth quotation mark U+FF02: title = "x"'),
        ('topics = ［"a"］', 1, 'write [ instead of ［, the fullwidth left square bracket U+FF3B: topics = ["a"]'),
        ('topics = ["a"，"b"]', 1, 'write , instead of ，, the fullwidth comma U+FF0C: topics = ["a","b"]'),
        ('title\u3000=\u3000"x"', 1, 'write an ordinary space instead of the ideographic space U+3000: title = "x"'),
        ('title =\xa0"x"', 1, 'write an ordinary space instead of the no-break space U+00A0: title = "x"'),
        (
            "published = 2026-1-2",
            1,
            'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: published = "2026-1-2"',
        ),
        (
            "published = 2026/01/02",
            1,
            'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: published = "2026/01/02"',
        ),
        (
            "published = 2026-01-02 9:00",
            1,
            'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: published = "2026-01-02 9:00"',
        ),
        ("draft = True", 1, "write draft = true"),
        ("draft = yes", 1, "write draft = true"),
        ("title = 'it's'", 1, "the text ends at its second '; write \\ in front of a quote inside: title = \"it's\""),
        (
            'title = "a "b" c"',
            1,
            'the text ends at its second "; write \\ in front of a quote inside: title = "a \\"b\\" c"',
        ),
        ("x = 012", 1, 'write the number without zeros at its beginning, or quotes: x = "012"'),
        ("title = 'a", 1, 'write the quote at the end of the text: title = "a"'),
        ("title = 「x」", 1, 'write " instead of 「, the left corner bracket U+300C: title = "x"'),
        ('a = "x" b = 2', 1, "write each setting on a line of its own"),
        ("＃ x", 1, "write # instead of ＃, the fullwidth number sign U+FF03: # x"),
        ('[topics.晶片]\ntitle="x"', 1, "a name has the letters a to z, digits, - and _; write any other in quotes"),
        ("[topics.chips", 1, "write ] at the end: [topics.chips]"),
        ('[topics.chips\ntitle = "x"', 1, "write ] at the end: [topics.chips]"),
        ("topics.chips]", 1, "write NAME = VALUE in each line, and # in front of a comment"),
        ('a = "c:\\dir"', 1, "write \\\\ for each \\"),
        ('"a" "b"', 1, "write NAME = VALUE in each line, and # in front of a comment"),
        ("a", 1, "write NAME = VALUE in each line, and # in front of a comment"),
        ("x = [1,,2]", 1, "remove one of the two commas"),
        ("x = ['a' 'b']", 1, "write ] at the end of the list, and a comma between its parts"),
        ('a = """x', 1, 'write """ at the end of the text'),
        ('a = """x\nb = 1\n', 1, 'write """ at the end of the text'),
        ("a.b = 1\na = 2", 2, "a is there already: remove one of the two"),
        ("\ufeffa = 1", 1, "delete the zero width no-break space U+FEFF, which is invisible: a = 1"),
        (
            "published = 10/01/2026",
            1,
            'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: published = "10/01/2026"',
        ),
        (
            "published = 2026-10-01T9:30",
            1,
            'write a date as 2026-03-01 or "2026-03-01 09:30", or in quotes: published = "2026-10-01T9:30"',
        ),
        ("a = None", 1, "remove the line: TOML has no word for nothing"),
        ("x = {a: 1}", 1, "write = instead of the colon"),
        ('x = {"a": 1}', 1, "write = instead of the colon"),
        ('a = "x"; b = 1', 1, "remove the ;: each setting is a line of its own"),
        ('a = "x",', 1, "remove the ,: each setting is a line of its own"),
        ("[[topics]]\n[topics]", 2, "line 1 has topics already: remove one of the two"),
        ("a = {b = 1, b = 2}", 1, "remove one of the two keys in { }"),
        ("x = {a = 1,\nb = 2}", 1, "write a table in { } on one line"),
        ("x = {a = 1", 1, "write } at the end of the table, and a comma between its parts"),
        ("published = 2026-02-30", 1, "there is no such day or time; write a date as 2026-03-01"),
        ("=", 1, "a name has the letters a to z, digits, - and _; write any other in quotes"),
        ("[", 1, "write a table in { } on one line"),
        ("a = hello world", 1, 'write quotes around a text: a = "hello world"'),
        ("a =", 1, 'write a value behind the =, or "" for an empty text: a = ""'),
        ("a = [x, y]", 1, "write quotes around each text of the list"),
        ("a = [晶片, 雲端]", 1, "write quotes around each text of the list"),
        ("a = '''x\nb = 1", 1, "write ''' at the end of the text"),
        ('a = "x\\q"', 1, "write \\\\ for each \\"),
    ],
)
def test_each_mistake_has_its_line_and_remedy(document: str, line: int, remedy: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError) as caught:
        tomllib.loads(document)
    found = mistake_of(document, str(caught.value))
    assert (found.line, found.remedy) == (line, remedy)


def test_what_is_offered_is_right() -> None:
    """A whole line that a remedy ends with is TOML."""
    for document in (
        "title = 晶片",
        "title = “晶片”",
        'title = "晶片',
        "title: x",
        "draft = yes",
        'a = ["x"，"y"]',
        "x = 012",
    ):
        with pytest.raises(tomllib.TOMLDecodeError) as caught:
            tomllib.loads(document)
        remedy = mistake_of(document, str(caught.value)).remedy
        key = document.replace(":", " ").split()[0]
        assert tomllib.loads(f"{key} = {remedy.rpartition(f'{key} = ')[2]}")


@given(st.text("ab=[]{}\"'#,:.\n 1-晶，“\u3000\\", max_size=40))
def test_every_document_that_is_refused_has_a_remedy(document: str) -> None:
    try:
        tomllib.loads(document)
    except tomllib.TOMLDecodeError as error:
        found = mistake_of(document, str(error))
        assert found.remedy
        assert 1 <= found.line <= document.count("\n") + 1


def test_settings_and_front_matter_say_it_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "site.toml").write_text('language = "zh-Hant"\ntitle = 晶片週報\n', "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}/site.toml:2: Invalid value at column 9 of 'title = 晶片週報' "
        '(write quotes around a text: title = "晶片週報"; the last good state is served)'
    )
    with pytest.raises(ArticleError) as broken:
        frontmatter.parse("+++\ndraft = true\ntitle = 晶片\n+++\n".encode())
    (finding,) = broken.value.findings
    assert (finding.line, finding.message) == (
        3,
        "broken TOML: Invalid value at column 9 of 'title = 晶片' (write quotes around a text: title = \"晶片\")",
    )
