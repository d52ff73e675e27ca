"""Mark where a line may break, and where it may not; which titles are long. Pure."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Final

import budoux
from markupsafe import Markup, escape

from feedsvc import languages

# Text up to full-width punctuation and the closing brackets after it.
_PHRASE: Final = re.compile(r".+?(?:[，、。；：！？]+[」』）》〉】”’]*|$)", re.DOTALL)
# A date with the comma after it: a line may break before a comma outside of the span.
_DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d[,，、]?)")

# A part of a URL, and the marks that end it.
_URL_PART: Final = re.compile("[^/?&]+[/?&]*")

# In columns, of which a letter has one and a Chinese character two: beyond the first a title is smaller, beyond the
# second smaller still, so that the text begins on the first screen of a phone.
_LONG: Final = (("longest", 130), ("long", 70))

# The models that divide a text, by language and script. Each is read when it is needed first (2 ms).
_MODELS: Final[Mapping[tuple[str, str], Callable[[], budoux.Parser]]] = {
    ("zh", "Hant"): lru_cache(budoux.load_default_traditional_chinese_parser),
    ("zh", "Hans"): lru_cache(budoux.load_default_simplified_chinese_parser),
    ("ja", "Jpan"): lru_cache(budoux.load_default_japanese_parser),
}
# Chinese words of one character that end a phrase, or begin one. Another single character is mostly a piece of a word.
_ENDING: Final = frozenset("的了嗎吗呢地得著着")
_BEGINNING: Final = frozenset("從从看在把與与和及或是到對对被讓让給给向以當当誰谁才就都也")
# Chinese numerals of one character. The measure word after one belongs to it.
_NUMERALS: Final = frozenset("一二兩两三四五六七八九十百千萬万幾几每半")
# Full-width punctuation and closing brackets, which end a part.
_CLOSING: Final = "，、。；：！？」』）》〉】”’"
_GAP: Final = Markup('<span class="gap"></span><wbr>')
# In characters. What is joined to a longer phrase would leave a line half empty.
_MAX_JOINED: Final = 8


def size_class(title: str) -> str:
    """Return the class of a title's size, with a space before it; "" for a title of usual length."""
    columns = sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in title)
    return next((f" {name}" for name, most in _LONG if columns > most), "")


@lru_cache(4096)
def phrases(text: str, language: str) -> Markup:
    """Return a title with each clause in its own span, and in it a <wbr> where a line of Chinese or Japanese may break.

    The style sheet keeps a span on one line where it fits, and breaks lines at a <wbr> alone (`keep-all`). Without
    them, a browser breaks such a line at any character, also inside a word.
    """
    return marked_phrases([(text, False)], language)


def marked_phrases(parts: Sequence[tuple[str, bool]], language: str) -> Markup:
    """Return `phrases` of a title in parts, each with whether it is marked: these are <mark> elements.

    A mark ends with its clause, and goes on over a <wbr>.
    """
    text = "".join(part for part, _ in parts)
    pieces = _pieces(text, language)
    breaks = set(accumulate(map(len, pieces)))
    bounds = list(accumulate((len(part) for part, _ in parts), initial=0))
    clauses, at = [], 0
    for clause in _PHRASE.findall(text):
        first, end = at, at + len(clause)
        written = Markup()
        for (start, stop), (_, is_marked) in zip(pairwise(bounds), parts, strict=True):
            since, until = max(start, first), min(stop, end)
            if since < until:
                cuts = [since, *sorted(each for each in breaks if since < each < until), until]
                part = escape(text[since : cuts[1]])
                for each, following in pairwise(cuts[1:]):
                    part += _break(text, each) + escape(text[each:following])
                written += _break(text, since) if since > first and since in breaks else ""
                written += Markup("<mark>{}</mark>").format(part) if is_marked else part
        clauses.append(written)
        at = end
    span = Markup("<span>{}</span>") if len(clauses) > 1 else Markup("{}")
    return Markup().join(map(span.format, clauses))


def _break(text: str, at: int) -> Markup:
    """Return a <wbr> for the place `at`.

    A browser leaves out its own space between a Chinese character and a Latin letter or number where a <wbr> is between
    them (`text-autospace`). An empty element has that space as its margin, at the end of the line before the <wbr>.
    """
    before, after = text[at - 1], text[at]
    is_mixed = (unicodedata.east_asian_width(before) == "W") != (unicodedata.east_asian_width(after) == "W")
    return _GAP if is_mixed and before.isalnum() and after.isalnum() else Markup("<wbr>")


def breakable_url(url: str) -> Markup:
    """Return a URL with a <wbr> after each mark that ends one of its parts. A copy of the text does not have it."""
    return Markup("<wbr>").join(_URL_PART.findall(url))


def spaced(text: str) -> str:
    """Return a text with a space after it for the next one. Full-width punctuation brings its own space."""
    return text if unicodedata.east_asian_width(text[-1:] or " ") in "WF" else text + " "


def _pieces(text: str, language: str) -> Iterable[str]:
    """Return the parts of a text between which a line may break: all of it in a language without a model."""
    model = _MODELS.get(languages.language_and_script(language))
    return _joined(model().parse(text), is_chinese=language.startswith("zh")) if model and text else [text]


def _joined(parts: list[str], *, is_chinese: bool) -> Iterator[str]:
    """Yield the parts of a title, joined where a line must not break, or where the model is mostly wrong.

    The models of Chinese cut rare words into single characters (decision 0341).
    """
    held = ""
    is_open = False
    for part in parts:
        is_single = is_chinese and len(part.rstrip(_CLOSING)) == 1 and part[0] not in _BEGINNING
        is_counted = is_chinese and held[-1:] in _NUMERALS
        fits = len(held) + len(part) <= _MAX_JOINED and unicodedata.category(held[-1:] or ".") != "Po"
        if held and (_is_inseparable(held[-1], part[0]) or (fits and (is_open or is_single or is_counted))):
            held += part
        else:
            if held:
                yield held
            held = part
        is_open = is_chinese and len(part) == 1 and part not in _ENDING
    yield held


def _is_inseparable(before: str, after: str) -> bool:
    """Return whether no line may break between two characters: in a Latin word or number, or a composed character."""
    if before.isascii() and after.isascii():
        return True
    # Marks, selectors and joiners (Unicode, categories M, Cf, Sk) belong to the character before them.
    return (
        unicodedata.category(after)[0] == "M"
        or "Cf" in map(unicodedata.category, (before, after))
        or after in "🏻🏼🏽🏾🏿"
    )


def unbroken(text: str) -> Markup:
    """Return a text with each date (2026-03-01) in its own span, since a browser breaks lines after hyphens.

    A no-break space keeps a dash on the line of the word before it.
    """
    parts = _DATE.split(text.replace(" – ", "\u00a0– "))
    return Markup().join(
        Markup('<span class="whole">{}</span>').format(each) if number % 2 else escape(each)
        for number, each in enumerate(parts)
    )
