"""Stretches of text between paired marks: which are found, and what stays when nothing closes them."""

import re

from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.source_text.code_ranges import Pairs

PRE = Pairs({"pre": ("<pre>", "</pre>"), "b": ("<b>", "</b>")})


@given(st.lists(st.sampled_from(["<pre>", "</pre>", "<b>", "</b>", "x"]), max_size=30).map("".join))
def test_spans_are_those_that_the_expression_finds(text: str) -> None:
    expected = [match.span() for match in re.finditer(r"<(pre|b)>.*?</\1>", text, re.DOTALL)]
    found = [(each.start, each.end) for each in PRE.find(text) if each.end is not None]
    assert found == expected


def test_what_nothing_closes_stays() -> None:
    assert [each for each in PRE.find("<pre>" * 100) if each.end is not None] == []
    assert PRE.replaced("a<b>c</B>d<pre>", str.upper) == "a<B>C</B>d<pre>"
