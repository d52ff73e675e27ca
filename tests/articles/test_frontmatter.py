"""Bytes → front matter and body: what is written is what is read, and each refusal names its line."""

from collections.abc import Callable

import pytest

from feedsvc.articles.metadata.frontmatter import MAX_FIELDS, MAX_FRONT_MATTER, FrontMatter, Value, parse
from feedsvc.errors import ArticleError

QUOTE = "(put a text in quotes if ': ' is in it, or if it begins with one of [ ] { } * & ! % @ ` | > \" ')"
MAPPING = "broken YAML: mapping values are not allowed in this context"
JSON = (
    "no front matter that feedsvc reads: this is JSON "
    "(convert it with hugo convert toYAML --unsafe, or write the fields as YAML between lines '---')"
)
DEEP = "the front matter is nested deeper than 8 levels (flatten it)"
NO_ANCHORS = "YAML anchors and aliases are not allowed (write the value out)"
NO_DOCUMENTS = "YAML directives and further documents are not allowed (remove '%…' and '--- …')"
NOT_FIELDS = "the front matter is not a list of fields (write 'title: …', one field a line)"
PLAIN_NAME = "a field's name must be plain text (write 'name: …')"
NONE = "no front matter (begin the file with a line '---', then title, published and topics, then '---')"


def yaml(head: str) -> FrontMatter:
    return parse(f"---\n{head}\n---\nbody\n".encode())


def toml(head: str) -> FrontMatter:
    return parse(f"+++\n{head}\n+++\nbody\n".encode())


def fields(count: int) -> str:
    return "".join(f"x{number}: y\n" for number in range(count))


def refusal(data: bytes) -> tuple[int, str, str]:
    with pytest.raises(ArticleError) as caught:
        parse(data)
    (finding,) = caught.value.findings
    return finding.line, finding.field, finding.message


@pytest.mark.parametrize(
    ("data", "body"),
    [
        pytest.param(b"---\ntitle: a\n---\nb\n", "b\n", id="yaml"),
        pytest.param(b"+++\ntitle = 'a'\n+++\nb\n", "b\n", id="toml"),
        pytest.param(b"---\ntitle: a\n...\nb", "b", id="yaml may end with three dots"),
        pytest.param(b"--- \ntitle: a\n---\t\nb", "b", id="white space behind a fence"),
        pytest.param(b"\xef\xbb\xbf---\ntitle: a\n---\nb", "b", id="byte order mark"),
        pytest.param(b"---\r\ntitle: a\r\n---\r\nb\r\nc", "b\nc", id="CRLF"),
        pytest.param(b"---\rtitle: a\r---\rb", "b", id="CR"),
        pytest.param(b"---\ntitle: a\n---", "", id="no body"),
        pytest.param(b"---\ntitle: a\n---\nb\n---\nc", "b\n---\nc", id="a fence in the body is body"),
    ],
)
def test_a_file_is_split_at_its_fences(data: bytes, body: str) -> None:
    front = parse(data)
    assert (front.fields, front.lines, front.body) == ({"title": "a"}, {"title": 2}, body)


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("012", "012"),
        ("1:30", "1:30"),
        ("1e5", "1e5"),
        ("0x1F", "0x1F"),
        (".inf", ".inf"),
        ("2026-01-01", "2026-01-01"),
        ("~", ""),
        ("null", ""),
        ('"null"', "null"),
        ("", ""),
        ("''", ""),
        ("# a comment", ""),
        ("a #b", "a"),
        ("!!str 5", "5"),
        ("!!python/object/apply:os.system [ls]", ["ls"]),
        ("|\n  a\n  b", "a\nb"),
        (">\n  a\n  b", "a b"),
        ("[a, [b], {c: d}]", ["a", ["b"], {"c": "d"}]),
        ("[[[[[[[]]]]]]]", [[[[[[[]]]]]]]),
        ("你好：世界", "你好：世界"),
        ("안녕하세요", "안녕하세요"),
        ("שלום עולם", "שלום עולם"),
        ("👨‍👩‍👧 👍🏽 e\u0301", "👨‍👩‍👧 👍🏽 e\u0301"),
        pytest.param('"a\u2028b: c"', "a b: c", id="U+2028 is a space"),
        pytest.param("'a\x85b'", "a b", id="U+0085 is a space"),
    ],
)
def test_yaml_scalars_are_the_text_that_was_written(written: str, value: Value) -> None:
    assert yaml(f"x: {written}").fields == {"x": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1", "1"),
        ("1.50", "1.50"),
        ("1e400", "1e400"),
        ("1_000", "1000"),
        ("nan", "nan"),
        ("true", "true"),
        ("false", "false"),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00+00:00"),
        ("10:30:00", "10:30:00"),
        ("[1, 'a', {b = 2}]", ["1", "a", {"b": "2"}]),
        ("[[[[[[[1]]]]]]]", [[[[[[["1"]]]]]]]),
        ("{a.b.c.d.e.f.g = 1}", {"a": {"b": {"c": {"d": {"e": {"f": {"g": "1"}}}}}}}),
        ("'晶片 チップ 칩'", "晶片 チップ 칩"),
        ("'''\na\nb = 1\n'''", "a\nb = 1\n"),
    ],
)
def test_toml_values_come_in_the_shape_of_yaml(written: str, value: Value) -> None:
    assert toml(f"x = {written}").fields == {"x": value}


@pytest.mark.parametrize(
    ("read", "head", "lines"),
    [
        pytest.param(yaml, "a: 1\n\n# c\nb:\n  c: 1\nd: 2", {"a": 2, "b": 5, "b.c": 6, "d": 7}, id="yaml"),
        pytest.param(yaml, "{a: 1, b: 2}", {"a": 2, "b": 2}, id="yaml in flow style"),
        pytest.param(toml, "a = 1\n\n'b c' = 1\n\"d\" = 1", {"a": 2, "b c": 4, "d": 5}, id="toml"),
        pytest.param(toml, "[a.b]\nx = 1\n[[c]]\n[[c]]", {"a": 2, "c": 4}, id="toml tables"),
        pytest.param(toml, "a = 1\n[b]\na = 2", {"a": 2, "b": 3}, id="toml: the same name deeper counts not"),
        pytest.param(yaml, "", {}, id="empty"),
        pytest.param(yaml, "# only a comment", {}, id="only a comment"),
    ],
)
def test_each_field_knows_its_line(read: Callable[[str], FrontMatter], head: str, lines: dict[str, int]) -> None:
    front = read(head)
    assert front.lines == lines
    assert set(front.fields) == {each for each in lines if "." not in each}


def test_front_matter_may_be_as_long_as_the_limits() -> None:
    text = "x" * (MAX_FRONT_MATTER - len("a: "))
    assert yaml(f"a: {text}").fields == {"a": text}
    assert len(yaml(fields(MAX_FIELDS)).fields) == MAX_FIELDS


@pytest.mark.parametrize(
    ("data", "line"),
    [
        pytest.param(b"---\ntitle: a\n---\nb\nc", 0, id="nowhere"),
        pytest.param(b"---\ntitle: a\x00\n---\nb\n", 2, id="in a field"),
        pytest.param(b"---\ntitle: a\n---\nb\nc\x07\n\x07", 5, id="in the body"),
        pytest.param("---\ntitle: a\n---\nb\ufffe\nc".encode(), 4, id="a noncharacter"),
        pytest.param(b"+++\ntitle = 'a\x1b'\n+++\nb\nc", 2, id="toml"),
    ],
)
def test_characters_that_xml_forbids_are_left_out_and_placed(data: bytes, line: int) -> None:
    front = parse(data)
    assert (front.forbidden_line, front.fields["title"], front.body.split("\n")[0]) == (line, "a", "b")


@pytest.mark.parametrize(
    ("data", "line", "field", "message"),
    [
        pytest.param(b"", 1, "", NONE, id="empty file"),
        pytest.param(b"\n---\ntitle: a\n---", 1, "", NONE, id="not in the first line"),
        pytest.param(b"title: a\n", 1, "", NONE, id="no fence"),
        pytest.param(b'{\n  "title": "a"\n}\n\nText', 1, "", JSON, id="JSON of Hugo"),
        pytest.param(
            b"---\ntitle: a\n",
            1,
            "",
            "the front matter is not closed (add a line '---' behind its last field)",
            id="yaml not closed",
        ),
        pytest.param(
            b"+++\ntitle = 'a'\n---\n",
            1,
            "",
            "the front matter is not closed (add a line '+++' behind its last field)",
            id="toml not closed",
        ),
        pytest.param(b"---\ntitle: a\n---\n\xff", 4, "", "not UTF-8: byte 0xff (save the file as UTF-8)", id="latin-1"),
        pytest.param(
            "---\ntitle: a\n".encode("utf-16"), 1, "", "not UTF-8: byte 0xff (save the file as UTF-8)", id="UTF-16"
        ),
        pytest.param(
            "---\ntitle: 標\n---\n".encode("big5"), 2, "", "not UTF-8: byte 0xbc (save the file as UTF-8)", id="Big5"
        ),
        pytest.param(
            b"---\ntitle: \xed\xa0\x80\n---\n", 2, "", "not UTF-8: byte 0xed (save the file as UTF-8)", id="surrogate"
        ),
        pytest.param(b"\n\xff", 2, "", "not UTF-8: byte 0xff (save the file as UTF-8)", id="in the second line"),
        pytest.param(
            f"---\n{fields(MAX_FIELDS + 1)}---\n".encode(),
            1,
            "",
            "the front matter has more than 100 fields (close it with a line '---')",
            id="too many fields",
        ),
        pytest.param(
            b"---\n" + b"x" * (MAX_FRONT_MATTER + 1) + b"\n---\n",
            1,
            "",
            "the front matter is longer than 65536 characters (move text to the body)",
            id="too long",
        ),
    ],
)
def test_a_file_that_cannot_be_split_is_refused(data: bytes, line: int, field: str, message: str) -> None:
    assert refusal(data) == (line, field, message)


@pytest.mark.parametrize(
    ("head", "line", "field", "message"),
    [
        ("- a\n- b", 2, "", NOT_FIELDS),
        ("just text", 2, "", NOT_FIELDS),
        ("title：x", 2, "", "the colon behind the field's name is a full-width one (write ': ')"),
        ("title: a: b", 2, "", f'{MAPPING} (put the text in quotes: title: "a: b")'),
        pytest.param(
            "title: a\u2028b: c",
            2,
            "",
            f'{MAPPING} (put the text in quotes: title: "a b: c")',
            id="U+2028 begins no field",
        ),
        ("a: 1\ntitle: 'b\nc: 2", 3, "", f"broken YAML: found unexpected end of stream {QUOTE}"),
        ("title: [a\nb: c", 2, "", f"broken YAML: did not find expected ',' or ']' {QUOTE}"),
        ("title: a\nbad line\nx: 1", 3, "", f"broken YAML: could not find expected ':' {QUOTE}"),
        ("a: 1\n- b", 3, "", f"broken YAML: did not find expected key {QUOTE}"),
        ("\ttitle: a", 2, "", "YAML is not indented with tabs (use spaces)"),
        (
            "title: @a",
            2,
            "",
            'broken YAML: found character that cannot start any token (put the text in quotes: title: "@a")',
        ),
        ('title: "\\ud800"', 2, "", f"broken YAML: found invalid Unicode character escape code {QUOTE}"),
        ("title: *x", 2, "", NO_ANCHORS),
        ("a: &x [1]", 2, "", NO_ANCHORS),
        ("a: 1\nb: &x {c: 2}\nd: *x", 3, "", NO_ANCHORS),
        ("%YAML 1.1\n--- # x\na: 1", 2, "", NO_DOCUMENTS),
        ("a: 1\n--- # x\nb: 2", 3, "", NO_DOCUMENTS),
        ("? [a, b]\n: c", 2, "", PLAIN_NAME),
        ("'': a", 2, "", PLAIN_NAME),
        ("~: a", 2, "", PLAIN_NAME),
        ("a: 1\na: 2", 3, "a", "given twice (keep one)"),
        ("a: {b: 1, b: 2}", 2, "b", "given twice (keep one)"),
        ("a: [[[[[[[[]]]]]]]]", 2, "", DEEP),
        pytest.param("a: " + "[" * 9000, 2, "", DEEP, id="a bomb of lists"),
        pytest.param("a: " + "{x: " * 9000, 2, "", DEEP, id="a bomb of tables"),
    ],
)
def test_broken_yaml_is_refused_with_its_line(head: str, line: int, field: str, message: str) -> None:
    assert refusal(f"---\n{head}\n---\n".encode()) == (line, field, message)


@pytest.mark.parametrize(
    ("head", "line", "message"),
    [
        ("a = [[[[[[[[1]]]]]]]]", 1, DEEP),
        ("a.b.c.d.e.f.g.h.i = 1", 1, DEEP),
        pytest.param("a = " + "[" * 9000, 1, DEEP, id="a bomb of lists"),
        pytest.param(
            "a = 0x" + "f" * 9000, 1, "broken TOML: a number of thousands of digits (quote it)", id="huge hex"
        ),
        pytest.param("a = " + "1" * 9000, 1, "broken TOML: a number of thousands of digits (quote it)", id="huge int"),
    ],
)
def test_broken_toml_is_refused_with_its_line(head: str, line: int, message: str) -> None:
    assert refusal(f"+++\n{head}\n+++\n".encode()) == (line, "", message)


@pytest.mark.parametrize(
    ("head", "line", "problem", "remedy"),
    [
        (
            "title: x",
            2,
            "Expected '=' after a key in a key/value pair at column 6 of 'title: x'",
            'write = instead of the colon: title = "x"',
        ),
        (
            "a = 1\nb = ",
            3,
            "Invalid value at column 5 of 'b ='",
            'write a value behind the =, or "" for an empty text: b = ""',
        ),
        (
            "a = \nb = 1",
            2,
            "Invalid value at column 5 of 'a ='",
            'write a value behind the =, or "" for an empty text: a = ""',
        ),
        (
            "[' (at ']\n[' (at ']\n",
            3,
            "Cannot declare (' (at ',) twice at column 9 of '[' (at ']'",
            "line 1 has ' (at ' already: remove one of the two",
        ),
        (
            "a = 1\na = 2",
            3,
            "Cannot overwrite a value at column 6 of 'a = 2'",
            "line 1 has a already: remove one of the two",
        ),
        (
            "published = 2026-02-30",
            2,
            "Invalid date or datetime at column 13 of 'published = 2026-02-30'",
            "there is no such day or time; write a date as 2026-03-01",
        ),
        (
            'a = "\\ud800"',
            2,
            "Escaped character is not a Unicode scalar value at column 12 of 'a = \"\\ud800\"'",
            "quote texts; write lists in [ ]",
        ),
    ],
)
def test_broken_toml_is_refused_with_its_place(head: str, line: int, problem: str, remedy: str) -> None:
    assert refusal(f"+++\n{head}\n+++\n".encode()) == (line, "", f"broken TOML: {problem} ({remedy})")


@pytest.mark.parametrize(
    ("head", "message"),
    [
        pytest.param(
            "title： 標題\npublished: 2026-10-01",
            "the colon behind the field's name is a full-width one (write ': ')",
            id="colon",
        ),
        pytest.param(
            "title： 標題\npublished： 今天",
            "the colon behind the field's name is a full-width one (write ': ')",
            id="every colon",
        ),
        pytest.param("image:\n\tsrc: a.png", "YAML is not indented with tabs (use spaces)", id="tab"),
    ],
)
def test_the_slips_of_a_hand_are_said_in_its_own_words(head: str, message: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parse(f"---\n{head}\n---\n".encode())
    assert str(caught.value) == message


def test_a_long_chain_of_toml_keys_is_refused_before_it_is_read() -> None:
    with pytest.raises(ArticleError) as caught:
        parse(f"+++\na{'.a' * 100} = 1\n+++\n".encode())
    assert str(caught.value) == "the front matter is nested deeper than 8 levels (flatten it)"


@pytest.mark.parametrize(
    ("head", "commented"),
    [
        pytest.param("title: C # is", {"title"}, id="plain text"),
        pytest.param("title: 文字 # 註\nsummary: a", {"title"}, id="behind Chinese"),
        pytest.param("title: a\n  b # c", {"title"}, id="text of two lines"),
        pytest.param("title: # a", {"title"}, id="nothing else"),
        pytest.param("title: a\nsummary: b # c", {"summary"}, id="another field"),
        pytest.param("title: C# is#1", set(), id="no space in front"),
        pytest.param("title: 'a # b' # c", set(), id="quotes"),
        pytest.param("title: |\n  a # b", set(), id="a block"),
        pytest.param("tags: [a, b] # c", set(), id="a list"),
        pytest.param("image:\n  alt: a # b", set(), id="in a table"),
        pytest.param("title: a\n# b\nsummary: c", set(), id="a line of its own"),
    ],
)
def test_a_text_with_a_comment_behind_it_is_noted(head: str, commented: set[str]) -> None:
    assert yaml(head).commented == commented


def test_toml_texts_are_quoted_and_so_never_cut() -> None:
    assert toml("title = 'a' # b").commented == set()


def test_u_0085_in_a_body_is_a_space() -> None:
    """HTML forbids it, XML 1.1 and some programs end a line at it."""
    front = parse("---\ntitle: a\n---\n\nb\x85c\n".encode())
    assert (front.body, front.body_line) == ("\nb c\n", 4)
