"""No regular expression of feedsvc takes more than linear time on foreign text, unless what it meets is short."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.patterns.automaton import witness

# Why a pattern that is not linear, or cannot be judged, does no harm.
_FULL_MATCH: Final = "used with fullmatch alone, through another name"
_LINE: Final = "a line of at most 120 columns (bylines._MAX_COLUMNS)"
REASONS: Final = {
    "articles/source_text/bare_urls.py _ADDRESS": "what the first way to read a host does not match, the second does",
    "articles/html/hidden.py _DECLARATION": "each alternative ends before the next quote or bracket, and none fails",
    "articles/html/hidden.py _VALUES": _FULL_MATCH,
    "articles/markup.py _ESCAPED_TWICE": "at each & the look ahead lets one of the two ways through",
    "articles/html/plain_markup.py _URL": _FULL_MATCH,
    "articles/html/plain_markup.py _VALUE": _FULL_MATCH,
    "articles/source_text/reference_lines.py _search": "a literal text and a look at each side of it, a few times",
    "feeds/preset_feeds.py _rules": "a preset's own pattern against the address of one request (at most 8 KiB)",
    "importing/analysis/boilerplate.py _COUNT": "the last 40 characters of a line",
    "importing/analysis/boilerplate.py load_rules": "the editor's own expressions in site.toml",
    "importing/analysis/datelines.py _DATE": _LINE,
    "importing/readers/sites/path_patterns.py does_match": "at most four repetitions, and 300 characters of a path",
    "importing/readers/sites/path_patterns.py may_ignore": "at most two repetitions, and 300 characters of a path",
    "importing/analysis/word_finder.py make_finder": "words without any repetition",
    "importing/readers/bylines.py _NAME_SEPARATOR": _LINE,
    "importing/readers/bylines.py _REPORTER": _LINE,
    "importing/readers/bylines.py _REPORTER_ALONE": _LINE,
    "importing/readers/decoding.py _DECLARED": "the first 4 KiB of a file (decoding._PRESCAN)",
    "importing/readers/detect.py sniff": "the first 2 KiB of a file",
    "importing/readers/feeds/entries.py _SMALL": "the text within ends before the next <small>",
    "importing/readers/hosted/medium.py _PRE": "the text within ends before the next <pre>",
    "importing/readers/markdown/bodies.py _SHARED": "the text within ends before the next block of its kind or brace",
    "importing/readers/pages/html.py _NO_PROSE": "each alternative ends at the end of the text at the latest",
    "importing/readers/line_breaks.py BREAKS": "the second break in a row is a match already",
    "syntax/nesting.py _JSON": "a match wherever it begins: text that is not closed ends with the document",
    "syntax/nesting.py _TOML": "a match wherever it begins: text that is not closed ends with the line or the document",
    "toml.py _parts": "a key that the whole pattern has matched already",
    "web/pages/feed/subscribe_targets.py SELF_HOSTED": "one address of at most 8 KiB",
}


@pytest.fixture(scope="module")
def expressions() -> list[dict[str, Any]]:
    root = Path(__file__).parents[2]
    process = subprocess.run(
        [sys.executable, "-m", "tests.patterns.collect"], cwd=root, capture_output=True, text=True, check=False
    )
    assert process.returncode == 0, process.stderr
    return [json.loads(line) for line in process.stdout.splitlines()]


def test_each_is_linear_or_meets_short_text_alone(expressions: list[dict[str, Any]]) -> None:
    found = {}
    for each in expressions:
        if each["place"] in REASONS:
            continue
        if each["pattern"] is None:
            found[each["place"]] = "cannot be read from the source (make it a constant of the module)"
        elif (text := witness(each["pattern"], each["flags"], is_search=each["is_search"])) is not None:
            found[each["place"]] = f"{each['pattern']!r} takes more than linear time on {text!r} repeated"
    assert found == {}


def test_there_is_a_pattern_for_each_reason(expressions: list[dict[str, Any]]) -> None:
    assert len(expressions) > 200
    assert set(REASONS) <= {each["place"] for each in expressions}


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s+$",
        "<a[^>]*>",
        "a+b",
        r"<!--.*?-->",
        r"\s*,\s*",
        r"\s*+,",
        "(?:ab|a|b)*c",
        "(?<!b)a+c",
        r"x|[ab]+c",
        r".+?[ ]*$",
    ],
)
def test_what_is_quadratic_in_a_search_is_found(pattern: str) -> None:
    assert witness(pattern, re.DOTALL, is_search=True)


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(?:a|b|ab)*c", r"(?:flow|flow-root|-[a-z-]+)*!", r"a*(?:b?)a*c", r"\s*-?\s*x"]
)
def test_what_is_quadratic_at_one_position_is_found(pattern: str) -> None:
    assert witness(pattern, 0, is_search=False)


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s+",
        "<a[^<>]*+>",
        "(?<!a)a+b",
        r"x{0,5}y",
        r"\bad\w*x",
        r"(?:x|(?<![ab])[ab]+c)",
        r"^\s*x",
        r"(?m)^[ ]*x",
        r"<!--.*?(?:-->|\Z)",
    ],
)
def test_what_is_linear_is_not(pattern: str) -> None:
    assert witness(pattern, re.DOTALL, is_search=True) is None


@pytest.mark.parametrize("pattern", ["a+b", r"\s*x", "<a[^>]*>", '(?:[^\\\\]|\\\\.)*"'])
def test_at_one_position_these_are_linear(pattern: str) -> None:
    assert witness(pattern, re.DOTALL, is_search=False) is None
