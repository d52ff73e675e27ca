"""`make fuzz` tries FUZZ_INPUTS of them, an ordinary run a few; what once broke something is tried in every run."""

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.inputs import articles, mutants, sites
from tests.fuzz.judge import judge_article, judge_site

INPUTS: Final = int(os.environ.get("FUZZ_INPUTS", "200"))
CORPUS: Final = Path(__file__).parent / "corpus"
# What each file of the corpus is refused for, or a part of what is published; nothing for a good site.toml.
SAID: Final = {
    "byte-order-marks.html": "<p>x</p>",
    "control-character-by-number.html": "\ufffdx</p>",
    "hangul-fillers.md": "is empty (write something)",
    "huge-hex-integer.md": "a number of thousands of digits",
    "huge-hex-integer.toml": "title: must be a text",
    "invisible-in-front-of-a-mark.md": "<p>e\u200b\u0301 y</p>",
    "joiner-behind-a-stray-closer.toml": "",
    "key-of-16-000-quoted-parts.toml": "nested too deeply",
    "line-end-of-yaml-begins-a-field.md": "mapping values are not allowed",
    "line-ends-of-yaml.md": "<p>Text.</p>",
    "pre-that-begins-with-blank-lines.html": "<pre>x</pre>",
    "second-yaml-document.md": "further documents are not allowed",
    "stroke-behind-a-tag.html": "<p>x</p><b></b><p>y</p>",
    "strokes-among-marks-behind-tags.html": "<p>keep</p><p>\u0327all</p><p><img ",
    "time-zone-of-a-thousand-parts.toml": "is not a time zone",
    "year-of-two-digits.md": "names no year of four digits",
}

settings.register_profile("fuzz", deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
FUZZ: Final = settings.get_profile("fuzz")


@pytest.mark.parametrize("path", sorted(CORPUS.iterdir()), ids=lambda path: path.name)
def test_what_once_broke_something(path: Path, tmp_path: Path) -> None:
    data, said = path.read_bytes(), SAID[path.name]
    found = judge_site(tmp_path, data) if path.suffix == ".toml" else judge_article(path.name, data)
    assert said in found if said else not found


@settings(FUZZ, max_examples=INPUTS * 2 // 5)
@given(articles())
def test_any_text_in_any_field(file: tuple[str, bytes]) -> None:
    judge_article(*file)


@settings(FUZZ, max_examples=INPUTS * 2 // 5)
@given(mutants())
def test_any_change_to_a_file_of_the_corpora(file: tuple[str, bytes]) -> None:
    judge_article(*file)


@settings(FUZZ, max_examples=INPUTS // 5)
@given(sites())
def test_any_text_in_site_toml(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    judge_site(tmp_path_factory.getbasetemp(), data)
