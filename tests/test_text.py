"""Plain text: which characters it may have, and how it is cut."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.text import (
    close_bidi,
    first_sentences,
    line_of_forbidden,
    plain,
    shorten,
    with_whole_tags,
    without_forbidden,
    xml_legal,
)

FAMILY, FLAG, THUMB = "👨\u200d👩\u200d👧", "🇹🇼", "👍🏽"


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("a\t\n\rb", "a\t\n\rb"),
        ("a\x00\x08\x0b\x0c\x1f\x7f\x84\x9fb", "ab"),
        ("a\x85b", "a\x85b"),
        ("a\ud800\udfffb", "ab"),
        ("a\ufffe\uffff\U0001fffe\U0010ffff\ufdd0b", "ab"),
        ("a\ufffdb", "a\ufffdb"),
        ("e\u0301", "é"),
        ("\u1112\u1161\u11ab", "한"),
        ("ﬁ①Å", "ﬁ①Å"),
        (FAMILY, FAMILY),
    ],
)
def test_xml_legal_drops_what_xml_forbids_and_normalises(text: str, legal: str) -> None:
    assert xml_legal(text) == legal


@pytest.mark.parametrize(
    ("html", "whole"),
    [
        ("<p>a</p>", "<p>a</p>"),
        ("<p>\u0338a", "<p>|a"),
        ("<p>\u0327\u0338\u0301\u0338a", "<p>\u0327|\u0301|a"),
        ("\u0327\u0338a", "\u0327|a"),
        ("<p>\u0327a\u0338", "<p>\u0327a\u0338"),
        ("<p>\u034f\u0338a", "<p>\u034f\u0338a"),
        ("a =\u0338 b", "a =\u0338 b"),
    ],
)
def test_a_stroke_behind_a_tag_is_replaced(html: str, whole: str) -> None:
    assert with_whole_tags(html, "|") == whole


def test_nothing_but_a_stroke_joins_the_marks_of_html() -> None:
    everything = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]
    for mark in "<>\"'&;/!":
        joined = {char for char in everything if not unicodedata.normalize("NFC", mark + char).startswith(mark)}
        assert joined == ({"\u0338"} if mark in "<>" else set())


def test_without_forbidden_normalises_nothing() -> None:
    assert without_forbidden("e\u0301\x00") == "e\u0301"


@pytest.mark.parametrize(
    ("text", "line"), [("", 0), ("a\nb", 0), ("\x00", 1), ("a\nb\x07\n\x07", 2), ("a\n\n\ufffe", 3)]
)
def test_the_first_forbidden_character_has_a_line(text: str, line: int) -> None:
    assert line_of_forbidden(text) == line


@pytest.mark.parametrize(
    ("text", "made"),
    [
        pytest.param(" a\n\t b\u00a0c\u3000d\x85e\u1680f ", "a b c d e f", id="single spaces"),
        pytest.param("a\u2028b\u2029c", "a b c", id="line and paragraph separators are spaces"),
        pytest.param("a\u200bb\u2060c\ufeffd\u00ade\u180ef", "abcdef", id="invisible ones go"),
        pytest.param("\u200d a\u200d \u200cb\u200c", "a b", id="joiners that join nothing go"),
        pytest.param(FAMILY, FAMILY, id="joiners in emoji stay"),
        pytest.param("می\u200cخواهم", "می\u200cخواهم", id="joiners in Persian stay"),
        pytest.param("क\u094d\u200dष", "क\u094d\u200dष", id="joiners in Hindi stay"),
        pytest.param("🏴\U000e0067\U000e0062\U000e007f", "🏴\U000e0067\U000e0062\U000e007f", id="tags in flags stay"),
        pytest.param("❤\ufe0f", "❤\ufe0f", id="variation selectors stay"),
        pytest.param("שלום\u200f!", "שלום\u200f!", id="directional marks stay"),
        pytest.param("a\u202eb", "a\u202eb\u202c", id="an override is closed"),
        pytest.param("\u202e \u202c", "", id="nothing to see between controls"),
        pytest.param("\u200b\u2060\ufeff", "", id="only zero-width characters"),
        pytest.param("\u200e\u061c", "", id="only directional marks"),
        pytest.param("\u3164\u115f\uffa0", "", id="only Hangul fillers"),
        pytest.param("\u2800", "", id="only blank Braille"),
        pytest.param("\ufe0f\u034f", "", id="only selectors and joiners of graphemes"),
        pytest.param("\U000e0041", "", id="only tags"),
        pytest.param("\u0301", "\u0301", id="a combining mark alone can be seen"),
        pytest.param("\u0338 \u200d\u0338\u0327a", "\u0327a", id="no stroke for the tag in front of the text"),
        pytest.param("a >\u0327\u0338 b", "a ≯\u0327 b", id="a stroke in text"),
        pytest.param("e\u200b\u0301 x", "é x", id="NFC across what went"),
        pytest.param("e\u202c\u0301", "é", id="NFC across a closer without an opener"),
        pytest.param("\u1100\u200b\u1161", "가", id="jamo across what went"),
        pytest.param("a \u202c\u200db", "a b", id="a joiner behind a closer that went joins nothing"),
        pytest.param("a\u200d\u202c b", "a b", id="a joiner in front of a closer that went joins nothing"),
        pytest.param("a \u202c b", "a b", id="single spaces across what went"),
    ],
)
def test_plain_is_one_line_of_what_can_be_seen(text: str, made: str) -> None:
    assert plain(text) == made


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("abc", "abc"),
        ("\u202eabc\u202c", "\u202eabc\u202c"),
        ("\u202eabc", "\u202eabc\u202c"),
        ("\u2066abc", "\u2066abc\u2069"),
        ("\u202aa\u2067b", "\u202aa\u2067b\u2069\u202c"),
        ("a\u202cb\u2069c", "abc"),
        pytest.param("\u202aa\u2067b\u202cc", "\u202aa\u2067bc\u2069\u202c", id="an isolate guards what is outside"),
        pytest.param("\u2067a\u202ab\u2069c", "\u2067a\u202ab\u202c\u2069c", id="its end closes what is inside"),
        pytest.param("\u202a\u2069a", "\u202aa\u202c", id="the end of no isolate goes"),
        pytest.param("\u202a" * 130 + "a", "\u202a" * 125 + "a" + "\u202c" * 125, id="125 deep and no deeper"),
    ],
)
def test_bidi_controls_are_balanced(text: str, closed: str) -> None:
    assert close_bidi(text) == closed
    assert close_bidi(closed) == closed


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("字" * 200, "字" * 200, id="just fits"),
        pytest.param("字" * 201, "字" * 200 + "…", id="Chinese: at a character"),
        pytest.param("カナ" * 150, "カナ" * 100 + "…", id="Japanese: at a character"),
        pytest.param("한" * 201, "한" * 200 + "…", id="Korean: at a character"),
        pytest.param("word " * 60, ("word " * 40).strip() + "…", id="English: at a word"),
        pytest.param("مرحبا " * 50, ("مرحبا " * 33).strip() + "…", id="Arabic: at a word"),
        pytest.param("a" * 195 + " " + "b" * 100, "a" * 195 + "…", id="not in a word"),
        pytest.param("a " + "b" * 300, "a " + "b" * 198 + "…", id="a word too long is cut"),
        pytest.param("a" * 300, "a" * 200 + "…", id="one long word"),
        pytest.param("ก" * 300, "ก" * 200 + "…", id="Thai, which writes no spaces"),
        pytest.param("字" * 195 + "abcdefghij", "字" * 195 + "…", id="a word among characters"),
        pytest.param("字" * 199 + "，字字", "字" * 199 + "…", id="without a pause at the end"),
        pytest.param("字" * 199 + "（字）", "字" * 199 + "…", id="without an opening bracket"),
        pytest.param("，" * 201, "，" * 200 + "…", id="nothing but pauses"),
        pytest.param("字" * 199 + "e\u0323\u0307字", "字" * 199 + "…", id="not before a combining mark"),
        pytest.param("字" * 197 + FAMILY + "字", "字" * 197 + "…", id="not in a joined emoji"),
        pytest.param("字" * 199 + THUMB + "字", "字" * 199 + "…", id="not before a skin tone"),
        pytest.param("字" * 199 + FLAG + "字", "字" * 199 + "…", id="not in a flag"),
        pytest.param("字" * 197 + FLAG * 3, "字" * 197 + "…", id="not among flags"),
        pytest.param(FLAG * 150, FLAG * 100 + "…", id="nothing but flags"),
        pytest.param(FAMILY * 60, FAMILY * 40 + "…", id="nothing but families"),
        pytest.param("a" + "\u0301" * 300, "a" + "\u0301" * 199 + "…", id="more marks than anyone needs"),
        pytest.param("\u202e" + "字" * 300 + "\u202c", "\u202e" + "字" * 199 + "\u202c…", id="controls are closed"),
    ],
)
def test_a_text_is_cut_where_a_reader_would(text: str, cut: str) -> None:
    assert shorten(text) == cut


# What drops, moves or joins its neighbours.
TRICKS = st.sampled_from(
    "a \u200b\u200c\u200d\u0301\u0338\u0327\u202c\u2069\u2067\u202e\u2000\u2028\u1100\u1161\u00ad\ufe0f\u034f\u3164"
    "<>=e文\n\x07\ufeff,(한👨🇹"
)


@given(st.text(TRICKS, max_size=400), st.integers(1, 50))
def test_what_is_plain_stays_plain_even_when_cut(text: str, limit: int) -> None:
    made = plain(text)
    assert plain(made) == made
    assert unicodedata.normalize("NFC", f"<b>{made}") == f"<b>{made}"
    cut = shorten(made, limit)
    assert plain(cut) == cut


@pytest.mark.parametrize("around", ["{}", "a{}b"])
def test_what_is_known_to_be_plain_at_a_glance_is_what_is_plain(around: str) -> None:
    """A zero-width space is dropped before anything else is looked at, and has every character looked at."""
    texts = [around.format(char) for char in map(chr, range(sys.maxunicode + 1)) if char.isprintable()]
    assert [text for text in texts if plain(text) != plain(f"{text}\u200b")] == []


@given(st.text(TRICKS, max_size=40))
def test_a_glance_at_a_text_is_enough_whatever_is_in_it(text: str) -> None:
    assert plain(text) == plain(f"{text}\u200b")


@given(st.text(st.characters(), max_size=80))
def test_plain_is_stable_legal_and_in_nfc(text: str) -> None:
    made = plain(text)
    assert plain(made) == made
    assert unicodedata.is_normalized("NFC", made)
    element = etree.Element("x", a=made)
    assert etree.fromstring(etree.tostring(element)).get("a") == made


@given(st.text(st.sampled_from("ab ，字\u0301\u200d👨🇹🏽\u202e\u202c\u2067\u2069"), max_size=300), st.integers(1, 50))
def test_a_cut_text_is_no_longer_than_its_limit_and_its_ends(text: str, limit: int) -> None:
    cut = shorten(plain(text), limit)
    assert len(cut) <= limit * 2 + 1
    assert close_bidi(cut) == cut


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is short. It stays.", "It is short. It stays."),
        ("This is the first one. The second sentence is too long.", "This is the first one."),
        ('He said "This is the end." The second sentence is too long.', 'He said "This is the end."'),
        (
            "這是第一句，說的是一件事而且說得不短。「第二句話也還放得進去！」第三句話就實在太長了。",
            "這是第一句，說的是一件事而且說得不短。「第二句話也還放得進去！」",
        ),
        # An abbreviation, a number, and a sentence that is less than half.
        ("It was Mr. X. Y. who wrote 1.5 lines more than we could", "It was Mr. X. Y. who wrote 1.5 lines…"),
        ("Short one. And now a sentence of many more words follows", "Short one. And now a sentence of many…"),
        ("هذه هي الجملة الأولى كلها فهل؟ والجملة الثانية أطول من أن تبقى", "هذه هي الجملة الأولى كلها فهل؟"),
    ],
)
def test_sentences_stay_whole_where_they_are_long_enough(text: str, expected: str) -> None:
    assert first_sentences(text, 40) == expected
