"""What goes in: any Unicode in every place, and files of the corpora with pieces of them changed."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import strategies as st

from feedsvc.articles.html import policy
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.site.values import KEYS
from tests.broken.corpus import all_broken
from tests.conftest import SITE_TOML
from tests.hostile.corpus import files

SUFFIXES: Final = (".md", ".html", ".txt")
# Characters of a file; larger ones are the matter of tests/articles/test_limits.py.
MOST: Final = 20_000
_TRICKS: Final = (
    "\0 \x01 \x0b \x1b \x7f \x85 \xa0 \xad \u0300 \u0338 \u034f \u061c \u115f \u1160 \u180e \u200b \u200d "
    "\u200e \u2028 \u202e \u202c \u2066 \u2069 \u2800 \u3164 \ud800 \udfff \ufdd0 \ufe0f \ufeff \ufffe \uffff "
    "\U0001f1f9 \U0001f3fd \U000e0001 \U0001ffff \U0010ffff \r \n \t < > & \" ' < <! <!-- --> <![CDATA[ ]]> <? "
    "?> </ /> &lt; &amp; &#1; &#x0; &#xD800; &#x110000; &copy &nbsp; --- +++ ... --- : - # [ ] { } | > * &a ! "
    "% @ ` = , \\ \\ud800 \\x00 \\U00110000 2026-03-01 26-03-01 9999999999 1e999 0xffffffff nan true ~ null "
    "!!binary javascript: data: https:// https://[ // mailto: <p> <b> </b> <script> <style> <svg> <math> "
    "<table> <pre> <a> <template> <noscript> <select> <textarea> <iframe> <video> <img> <base> <br> <div> "
    "<ruby> </p> </table> </body> | |-| ``` [^1] ![]() ~~ ** <https://x>"
).split(" ")
# Lone surrogates are among the tricks: a file with one is not UTF-8, and refused for that alone.
ANY: Final = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
PIECES: Final = st.one_of(st.sampled_from(_TRICKS), ANY)
TEXTS: Final = st.one_of(
    st.lists(PIECES, max_size=6).map("".join),
    st.lists(PIECES, max_size=6).map("".join),
    st.tuples(PIECES, st.sampled_from((50, 300, 2_000))).map(lambda pair: (pair[0] * pair[1])[:MOST]),
)
NUMBERS: Final = st.tuples(
    st.sampled_from(("", "-", "0x", "0o", "0b", "1e", "1.", "2026-")),
    st.sampled_from("017f"),
    st.sampled_from((1, 2, 20, 400, 5_000)),
).map(lambda parts: parts[0] + parts[1] * parts[2])
# Those that parsers treat in a way of their own come oftener.
_NAMES: Final = (
    *sorted(policy.ELEMENTS | policy.CONTENT_GOES_TOO),
    *"pre table svg math select noscript template style".split() * 8,
)
_RUNS: Final = st.tuples(
    st.sampled_from(
        (
            *("\n",) * 8,
            " ",
            "\t",
            "&#10;",
            "&nbsp;",
            "&#x338;",
            "\u0327\u0338",
            "\u0301",
            "<",
            ">",
            "&",
            "|",
            "[",
            "*",
            "`",
            "<b>",
            "</p>",
        )
    ),
    st.integers(2, 12),
).map(lambda pair: pair[0] * pair[1])
# A soup of elements, runs of one thing, and all the rest.
HTML: Final = st.lists(
    st.one_of(st.sampled_from(_NAMES).map("<{}>".format), st.sampled_from(_NAMES).map("</{}>".format), _RUNS, PIECES),
    max_size=10,
).map("".join)
_FILES: Final = tuple(
    (suffix, re.sub("chunk-\\d+", "chips", data.decode("utf-8", "surrogateescape")))
    for suffix, data in (
        *((each.suffix, each.data) for each in all_broken()),
        *((each.suffix, each.data) for each in files()),
    )
    if suffix in SUFFIXES and len(data) <= MOST
)
_BODIES: Final = tuple(text.rpartition("\n---\n")[2] for _, text in _FILES)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _escaped(text: str) -> str:
    return json.dumps(text)


YAML: Final[tuple[Callable[[str], str], ...]] = (
    *[_quoted] * 6,
    str,
    _escaped,
    lambda text: "'" + text.replace("'", "''") + "'",
    lambda text: "|\n  " + text.replace("\n", "\n  "),
    lambda text: f"[{_quoted(text)}, {text}]",
    lambda text: f"{{name: {_quoted(text)}, src: {_quoted(text)}, url: {text}}}",
)
TOML: Final[tuple[Callable[[str], str], ...]] = (
    *[_quoted] * 6,
    str,
    _escaped,
    lambda text: f"'{text}'",
    lambda text: f"'''{text}'''",
    lambda text: f"[{_quoted(text)}, {text}]",
    lambda text: f"{{ name = {_quoted(text)}, en = {_quoted(text)}, src = {_quoted(text)} }}",
)
# Those that take any text come oftener.
_FIELDS: Final = (*FIELDS, *"title summary authors tags disclosure".split() * 3)
_KEYS: Final = (*KEYS, *"title subtitle rights authors".split() * 3)
_GOOD: Final = {"title": "T", "published": "2026-10-01", "topics": "chips"}


def _written(ways: Sequence[Callable[[str], str]]) -> st.SearchStrategy[str]:
    """A value as it stands in a file: a text written in one of `ways`, or a number."""
    texts = st.tuples(st.sampled_from(ways), TEXTS).map(lambda pair: pair[0](pair[1]))
    return st.one_of(texts, texts, texts, texts, NUMBERS)


@st.composite
def articles(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and a file: good front matter with any text in one or two of its fields, and any body."""
    toml = draw(st.booleans())
    fence, equals, ways = ("+++", " = ", TOML) if toml else ("---", ": ", YAML)
    fields = {key: _quoted(value) for key, value in _GOOD.items()}
    for name in draw(st.lists(st.sampled_from(_FIELDS), min_size=1, max_size=2)):
        fields[name] = draw(_written(ways))
    head = "".join(f"{name}{equals}{value}\n" for name, value in fields.items())
    body = draw(st.one_of(HTML, TEXTS, st.lists(st.one_of(st.sampled_from(_BODIES), PIECES), max_size=3).map("".join)))
    name = draw(st.one_of(st.just("a"), ANY)).replace("/", "").lstrip(".") or "a"  # the walk knows no other names
    return f"{name}{draw(st.sampled_from(SUFFIXES))}", _bytes(f"{fence}\n{head}{fence}\n{body}")


@st.composite
def mutants(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and a file of the corpora, changed in up to five places: anywhere, or in its body."""
    suffix, text = draw(st.sampled_from(_FILES))
    body = draw(st.sampled_from((0, text.find("\n---\n") + 5)))
    return f"a{suffix}", _bytes(text[:body] + _changed(draw, text[body:]))


@st.composite
def sites(draw: st.DrawFn) -> bytes:
    """A site.toml with any text for some keys, or changed anywhere."""
    if draw(st.sampled_from((False, False, True))):
        return _bytes(_changed(draw, SITE_TOML))
    head, _, topics = SITE_TOML.partition("\n[topics")
    lines = {line.partition(" = ")[0]: line for line in head.split("\n")}
    for key in draw(st.lists(st.sampled_from(_KEYS), min_size=1, max_size=2)):
        lines[key] = f"{key} = {draw(_written(TOML))}"
    topics = topics.replace('"Made of sand"', draw(_written(TOML)))
    return _bytes("\n".join(lines.values()) + "\n[topics" + topics)


def _changed(draw: st.DrawFn, text: str) -> str:
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(text)))
        end = start + draw(st.sampled_from((0, 0, 1, 2, 10, 100)))
        text = text[:start] + draw(st.one_of(TEXTS, HTML)) + text[end:]
    return text[:MOST]


def _bytes(text: str) -> bytes:
    """`text` in UTF-8; U+DC80–U+DCFF are the bytes 80–FF, other surrogates are written as UTF-8 must not."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
