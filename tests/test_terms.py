"""Which words find which texts, in every script, through FTS5 itself."""

import sqlite3
import unicodedata
from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.slices import search_terms
from feedsvc.store.sqlite.search import expression


def finds(query: str, *texts: str) -> bool:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE t USING fts5 (words, pairs, content='', columnsize=0, tokenize='ascii')"
        )
        connection.execute("INSERT INTO t (rowid, words, pairs) VALUES (1, ?, ?)", search_terms.indexed(*texts))
        wanted = expression(search_terms.parsed(query))
        return connection.execute("SELECT 1 FROM t WHERE t MATCH ?", (wanted,)).fetchone() is not None


FOUND = [
    ("推論", "低延遲推論的價格"),
    ("推", "低延遲推論的價格"),
    ("延遲推論", "低延遲推論的價格"),
    ("推論 價格", "低延遲推論的價格"),
    ("AI", "生成式AI的帳本"),
    ("ชิป", "ปัญญาประดิษฐ์และชิป 7"),
    ("ปัญญาประดิษฐ์", "ปัญญาประดิษฐ์และชิป 7"),
    ("ຊິບ", "ລາຄາຊິບຂຶ້ນ"),
    ("បន្ទះឈីប", "តម្លៃបន្ទះឈីបឡើង"),
    ("ချစ်ပ်", "ချစ်ပ်ဈေးနှုန်း"),
    ("ai推論", "推論と AI"),
    ("エヌビディア", "米エヌビディアは"),
    ("ｴﾇﾋﾞﾃﾞｨｱ", "米エヌビディアは"),
    ("삼성", "삼성전자는"),
    ("رقائق", "صناعة رقائق الحاسوب"),
    ("رقائق", "رَقائِق"),
    ("नमस्ते", "नमस्ते दुनिया"),
    ("שלום", "שָׁלוֹם עולם"),
    ("cafe", "Café"),
    ("CAFÉ", "cafe"),
    ("nvid*", "NVIDIA GB300"),
    ("wafer-scale", "the Wafer-Scale engine"),
    ('"open ai"', "the Open AI case"),
    ("「晶片 法案」", "晶片 法案"),
    ("𠮷野家", "「𠮷野家」の話"),
    ("🤖", "robots 🤖!"),
    ("don't", "They don't."),
    ("ẞ", "Straße: ss"),
]
NOT_FOUND = [
    ("推論", "推論文字以外的論推"[4:]),
    ("AI", "AID for Taiwan"),
    ("nvid", "NVIDIA"),
    ("推論 價格", "低延遲推論"),
    ("推論延", "推論。論延"),
    ('"open ai"', "AI is open"),
    ("三星", "星三"),
]


@pytest.mark.parametrize(("query", "text"), FOUND)
def test_is_found(query: str, text: str) -> None:
    assert finds(query, "Title", text)


@pytest.mark.parametrize(("query", "text"), NOT_FOUND)
def test_is_not_found(query: str, text: str) -> None:
    assert not finds(query, "Title", text)


def test_a_phrase_ends_where_a_text_does() -> None:
    assert not finds('"one two"', "one", "two")


# Pieces of every kind, and what NFKC and casefold make several characters of.
PIECES = st.lists(
    st.sampled_from(
        "推 論 か\u3099 ｶﾞ 가 \u1100\u1161 𠮷 々 ก ำ word É e\u0301 ß ﬁ İ 7 ² א\u05b8 ， 。 （ ％ ＋ \u3000 · 🚀 "
        "→ - _ \n \u0338 \u200d न मस्ते ".split(" ")
    )
).map("".join)


@given(st.lists(st.one_of(PIECES, st.text()), max_size=3))
def test_terms_are_made_piece_by_piece(texts: list[str]) -> None:
    """Words, single characters and pairs, as a loop over the pieces makes them."""
    words: list[str] = []
    pairs: list[str] = []
    for text in texts:
        for piece in search_terms.PIECE.finditer(search_terms.folded(text)):
            words += piece[0] if piece["cjk"] else [piece[0]]
            if run := piece["cjk"]:
                pairs += [*map("".join, pairwise(run)), search_terms.BREAK]
        words.append(search_terms.BREAK)
    assert search_terms.indexed(*texts) == (" ".join(words), " ".join(pairs))


def test_wide_characters_are_what_nfkc_makes_of_them() -> None:
    assert {each: unicodedata.normalize("NFKC", each) for each in search_terms._WIDE} == search_terms._WIDE


@given(st.one_of(PIECES, st.text()))
def test_text_is_folded_as_unicode_folds_it(text: str) -> None:
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    apart = unicodedata.normalize("NFD", plain)
    kept = search_terms._VOWELS.sub("", search_terms._ACCENTS.sub("", apart))
    assert search_terms.folded(text) == (plain if kept == apart else unicodedata.normalize("NFC", kept))


@given(st.text())
def test_terms_are_their_own_query(text: str) -> None:
    once = search_terms.parsed(text)
    assert search_terms.parsed(" ".join(once)) == once


@given(st.text(min_size=1))
def test_any_text_is_found_by_itself(text: str) -> None:
    if search_terms.parsed(text.replace("*", " ")):
        assert finds(text.replace("*", " "), text)
