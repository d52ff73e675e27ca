"""TOML is read as tomllib reads it, except for documents that would take more than linear time."""

import json
import tomllib

import pytest

from feedsvc import toml
from feedsvc.syntax.nesting import MAX_NESTING, TooDeep, check_json, load_json


@pytest.mark.parametrize(
    "part",
    ["a", "a-1_b", '"+"', '""', "'+'", "''", '"\\""', '"\\\\"', "文"],
)
@pytest.mark.parametrize("dot", [".", " . ", "\t.\t"])
@pytest.mark.parametrize("form", ["{} = 1", "[{}]", "[[{}]]", "x = {{ {} = 1 }}"])
def test_a_key_has_64_parts_at_most(form: str, dot: str, part: str) -> None:
    for parts in (65, 16_000):
        with pytest.raises(TooDeep, match=r"^nested too deeply \(flatten it\)$"):
            toml.loads(form.format(dot.join([part] * parts)))
    if part != "文":
        text = form.format(dot.join([part] * 64))
        assert toml.loads(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = '" + "Yes. " * 100 + "'", id="sentences of one word"),
        pytest.param("# " + ". a\n#" * 100, id="comments"),
        pytest.param("a = [" + "0.1, " * 100 + "]", id="numbers"),
        pytest.param("".join(f"a.b{number} = 1\n" for number in range(100)), id="many keys"),
        pytest.param('a = "' + '.\\"' * 100 + '"', id="escaped quotes"),
    ],
)
def test_what_only_looks_a_little_like_a_long_key_is_read(text: str) -> None:
    assert toml.loads(text) == tomllib.loads(text)


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(TooDeep):
        toml.loads("a = " + "[" * (MAX_NESTING + 1))


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * MAX_NESTING + "]" * MAX_NESTING,
        "a = [" + "{}, " * 2 * MAX_NESTING + "]",
        *(f"a = {quote}{'[' * 2 * MAX_NESTING}{quote}" for quote in ('"', "'", '"""', "'''")),
        'a = """""' + '[\\"""{' * 2 * MAX_NESTING + '"""',
        "# it's " + "[" * 2 * MAX_NESTING,
    ],
)
def test_lists_beside_one_another_and_brackets_in_text_are_read(text: str) -> None:
    assert toml.loads(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "opened", ["a = ''''x'''\nb = ", 'a = "\\""\nb = ', 'a = """\\""""\nb = ', "# '\nb = ", "b = '"]
)
def test_brackets_are_found_behind_text(opened: str) -> None:
    deep = opened + "[" * (MAX_NESTING + 1)
    if opened.endswith("'"):
        with pytest.raises(tomllib.TOMLDecodeError):
            toml.loads(deep)
    else:
        with pytest.raises(TooDeep):
            toml.loads(deep)


@pytest.mark.parametrize("bracket", ["[", '{"a":'])
def test_json_that_is_nested_too_deeply_is_refused(bracket: str) -> None:
    for text in (
        '["a[\\"[", ' + bracket * MAX_NESTING,
        '["' + bracket.replace('"', "") * 9_000 + '",' + bracket * 9_000,
    ):
        for written in (text, text.encode(), text.encode("utf-16")):
            with pytest.raises(TooDeep):
                load_json(written)


@pytest.mark.parametrize(
    "text", ["[" * MAX_NESTING + "]" * MAX_NESTING, "[[" + "[]," * 9_000 + "[]]]", f'["{"[" * 9_000}"]']
)
def test_json_is_read_as_the_json_module_reads_it(text: str) -> None:
    assert load_json(text) == json.loads(text)


def test_a_number_that_python_does_not_convert_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^a number of thousands of digits \(quote it\)$"):
        toml.loads("a = " + "1" * 5_000)


def test_floats_may_stay_text() -> None:
    assert toml.loads("a = 1.50", parse_float=str) == {"a": "1.50"}


TEXT = """\
title = "T"
"base url" = 1
[topics.a]
title = { en = "x" }
[topics.b.title]
en = "x"
[[authors]]
name = "A"
[cache]
max_age.x = 1
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("title", 1),
        ("base url", 2),
        ("topics", 3),
        ("topics.a", 3),
        ("topics.a.title", 4),
        ("topics.a.title.en", 4),
        ("topics.b", 5),
        ("topics.b.title.en", 6),
        ("topics.c", 0),
        ("authors", 7),
        ("cache.max_age", 10),
        ("nothing", 0),
    ],
)
def test_the_line_of_a_key(key: str, line: int) -> None:
    assert toml.line_of(TEXT, key.split(".")) == line


def test_what_follows_a_value_of_json_does_not_count() -> None:
    for value in ("{}", '"[{"', '{"a": [1]}'):
        check_json("; " + value + "[" * 9_000, 2)
    with pytest.raises(TooDeep):
        check_json("; " + "[" * 9_000, 2)
