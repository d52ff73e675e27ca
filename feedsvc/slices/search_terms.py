"""Make search terms of texts and queries. Pure.

Words are runs of letters and digits. Chinese, Japanese, Thai, Lao, Khmer and Burmese have no spaces between words, and
in Korean endings stick to a word. There every character and every pair of neighbours is a term: a search for 推論 or
for 推 finds both in any sentence.
"""

import re
import sys
import unicodedata
from array import array
from collections.abc import Iterator
from html import unescape
from operator import add
from typing import Final

from feedsvc.model import Article
from feedsvc.text import HAN, plain

_CJK: Final = (
    "\u3005-\u3007\u3021-\u3029\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff"
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u1780-\u17d3"
    f"{HAN}\uac00-\ud7a3\U0001b000-\U0001b16f\U00020000-\U000323af"
)
# Vowel signs and similar marks, which \w does not match, belong to their word.
_MARKS: Final = "".join(c for c in map(chr, range(0x300, 0xFE00)) if unicodedata.category(c) in ("Mn", "Mc"))
_SYMBOLS: Final = "\u2190-\u2bff\U0001f000-\U0001faff"
_LETTER: Final = f"[^\\W_{_CJK}]"
# Letters and marks are taken in runs: a choice for each character takes twice as long.
PIECE: Final = re.compile(
    f"(?P<cjk>[{_CJK}]++)|(?P<word>{_LETTER}++(?:[{_MARKS}]++{_LETTER}*+)*+)|(?P<symbol>[{_SYMBOLS}])"
)
# Marks that people leave out when they type: accents on Latin and Greek letters, Arabic and Hebrew vowels, tatweel.
_ACCENT: Final = "\u0300-\u036f"
_VOWEL: Final = "\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670"
_ACCENTS: Final = re.compile(f"(?<=[a-z\u03b1-\u03c9])[{_ACCENT}]+")
_VOWELS: Final = re.compile(f"[{_VOWEL}]+")
_MARKED: Final = re.compile(f"[{_ACCENT}{_VOWEL}]")
_QUOTED: Final = re.compile('["“”「」『』]([^"“”「」『』]*)["“”「」『』]|([^\\s"“”「」『』]+)')
_TAG: Final = re.compile(r'(<[^"<>]*+(?:"[^"]*"[^"<>]*+)*+>)')
# What does not end a word: <b>AI</b>PC is AIPC.
_INLINE: Final = ("<b>", "</b>", "<i>", "</i>", "<em", "</em", "<strong", "</strong", "<a ", "</a", "<span", "</span")
# NFKC writes these so by themselves. Most Chinese texts have no other character that it changes: after this it finds
# nothing to do, which takes a fiftieth of the time.
_WIDE: Final = dict(zip("，：；？！（）～％＋\u3000", ",:;?!()~%+ ", strict=True))
# In the order of bytes that this machine has in an array.
_UTF_32: Final = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"
# Separates the end of one text from the beginning of the next.
BREAK: Final = "·"


# The words of an article, with single CJK characters among them, and the pairs of these.
Terms = tuple[str, str]


def terms_of(article: Article) -> Terms:
    """Return what an article is found by. It is much of what an article costs."""
    return indexed(*_texts(article))


def is_same(before: Article, after: Article) -> bool:
    """Return whether both are found by the same terms."""
    return _texts(before) == _texts(after)


def _texts(article: Article) -> tuple[str, ...]:
    return (article.title, article.summary, *article.tags, body_text(article.content))


def body_text(content: str) -> str:
    """Return the text of an article's HTML, without its tags."""
    # Texts and tags in turn.
    parts = _TAG.split(content)
    parts[1::2] = ["" if tag.startswith(_INLINE) else " " for tag in parts[1::2]]
    return unescape("".join(parts))


def folded(text: str) -> str:
    """Return `text` without what a search ignores: width, case, accents on Latin and Greek, Semitic vowels."""
    for wide, narrow in _WIDE.items():
        text = text.replace(wide, narrow)
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    apart = plain if plain.isascii() else unicodedata.normalize("NFD", plain)
    if _MARKED.search(apart) is None:
        return plain
    return unicodedata.normalize("NFC", _VOWELS.sub("", _ACCENTS.sub("", apart)))


def indexed(*texts: str) -> Terms:
    """Return the (words, pairs) of texts for an index: words and CJK characters in order, and pairs of the latter."""
    words: list[str] = []
    pairs: list[str] = []
    for text in texts:
        pieces = PIECE.findall(folded(text))
        # All at once: "a b c " and "ab bc c", in which each character has two and three places.
        characters = array("I", "".join([run for run, _, _ in pieces]).encode(_UTF_32))
        singles, doubles = _spaced(characters), _spaced(characters, characters[1:])
        end = 0
        for run, word, symbol in pieces:
            if run:
                start, end = end, end + len(run)
                words.append(singles[2 * start : 2 * end - 1])
                if end - start > 1:
                    pairs.append(doubles[3 * start : 3 * end - 4])
                pairs.append(BREAK)
            else:
                words.append(word or symbol)
        words.append(BREAK)
    return " ".join(words), " ".join(pairs)


def _spaced(*columns: "array[int]") -> str:
    """Return the characters of each row of the columns, and a space behind each row. The last column may be shorter."""
    width = len(columns) + 1
    rows = array("I", [ord(" ")]) * (width * len(columns[0]))
    for number, column in enumerate(columns):
        rows[number : number + width * len(column) : width] = column
    return rows.tobytes().decode(_UTF_32)


def parsed(query: str) -> tuple[str, ...]:
    """Return the terms of a query, sorted, each once. An article must have all of them.

    A term is a word, the beginning of one (`nvid*`), a run of CJK characters, a symbol, or a phrase in quotes. Words
    that are written together (wafer-scale) are a phrase.
    """
    terms: set[str] = set()
    for quoted, bare in (match.groups() for match in _QUOTED.finditer(folded(query))):
        if bare is None:
            terms.update(_phrase([piece[0] for piece in PIECE.finditer(quoted)]))
            continue
        together: list[str] = []
        for piece in PIECE.finditer(bare):
            if piece["word"] and bare[piece.end() : piece.end() + 1] != "*":
                together.append(piece[0])
                continue
            terms.update(_phrase(together))
            together = []
            terms.add(f"{piece[0]}*" if piece["word"] else piece[0])
        terms.update(_phrase(together))
    # Hangul fillers are letters that nobody sees: an address of a query of these alone would be that of none.
    return tuple(sorted(filter(plain, terms)))


def _phrase(pieces: list[str]) -> Iterator[str]:
    if pieces:
        yield pieces[0] if len(pieces) == 1 else f'"{" ".join(pieces)}"'


def index_lookup(term: str) -> tuple[str, list[str], bool]:
    """Return how an index finds a term of `parsed`: (part, entries, is_beginning).

    `part` of `Terms` is "words" or "pairs"; an article with the term has the `entries` there, one after the other.
    `is_beginning` says that the last entry is the beginning of a word.
    """
    pieces = list(PIECE.finditer(term))
    if len(pieces) == 1 and pieces[0]["cjk"] and len(pieces[0][0]) > 1:
        run = pieces[0][0]
        return "pairs", list(map(add, run, run[1:])), False
    return (
        "words",
        [word for piece in pieces for word in (piece[0] if piece["cjk"] else [piece[0]])],
        term.endswith("*"),
    )


def contains(found_by: Terms, term: str) -> bool:
    """Return whether an article that is found by `found_by` has a term, as the index of an unlimited text would."""
    part, wanted, is_beginning = index_lookup(term)
    text = f" {found_by[0 if part == 'words' else 1]} "
    return f" {' '.join(wanted)}{'' if is_beginning else ' '}" in text
