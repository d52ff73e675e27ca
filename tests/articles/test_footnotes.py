"""Footnotes lead to their text and back, and none is lost without a word."""

import re
from html import unescape
from urllib.parse import unquote

import pytest

from tests.articles.test_lost_elements import read


@pytest.mark.parametrize("label", ["1", "註", "日本-語", "각주", "حاشية", "é", "a&b"])
def test_a_footnote_leads_there_and_back_whatever_its_label(label: str) -> None:
    parsed = read(f"Text[^{label}]\n\n[^{label}]: Note", ".md")
    assert parsed.warnings == ()
    ids = set(re.findall(r' id="([^"]*)"', parsed.article.content))
    targets = [unquote(each) for each in re.findall(r'href="[^"#]*#([^"]*)"', parsed.article.content)]
    assert len(targets) == 2
    assert {unescape(each) for each in targets} <= {unescape(each) for each in ids}


def test_a_footnote_that_nobody_gets_is_named_with_its_line() -> None:
    parsed = read("甲[^1]，`[^3]`\n\n[^1]: 一\n[^註]: 沒有參照\n\n~~~\n[^4]: code\n~~~\n[^3]: 三\n\n[^1]: 又", ".md")
    assert [(each.line, each.message.partition(" (")[0]) for each in parsed.warnings] == [
        (9, "the footnote [^註] is left out, since nothing refers to it"),
        (14, "the footnote [^3] is left out, since nothing refers to it"),
        (16, "the footnote [^1] has a name that another one has"),
    ]
