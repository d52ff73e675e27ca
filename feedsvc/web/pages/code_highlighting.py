"""Highlight the code of an article on its page. Pygments tells the parts of the code, and the style sheet has colours.

A block that is long, or in a language that Pygments does not know, stays plain. The limits are sizes: with a limit of
time, the same store would give other bytes on a slower machine.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from html import unescape
from itertools import groupby
from typing import Final

from markupsafe import Markup, escape
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, Generic, Keyword, Name, Number, Operator, String
from pygments.util import ClassNotFound

from feedsvc.articles.html.code_languages import key_of

# In characters. Pygments reads about a million of them in a second.
MAX_BLOCK: Final = 20_000
MAX_PAGE: Final = 100_000
_BLOCK: Final = re.compile(r"(<pre [^<>]*><code>)([^<>]*)(</code></pre>)")
# The class of a kind of token and of all kinds below it; the first one that fits counts.
_CLASSES: Final = (
    (Comment, "c"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Name.Tag, "k"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Attribute, "f"),
    (Name.Decorator, "f"),
    (String, "s"),
    (Generic.Inserted, "s"),
    (Number, "n"),
    (Generic.Deleted, "n"),
)


def highlighted(html: str, languages: Sequence[str]) -> Markup:
    """Return the HTML of a page with highlighted code; `languages` are those of `code_languages`."""
    known = dict(each.split(" ", 1) for each in languages)
    left = MAX_PAGE

    def block(found: re.Match[str]) -> str:
        nonlocal left
        code = unescape(found[2])
        language = known.get(key_of(code))
        if language is None or len(code) > min(MAX_BLOCK, left):
            return found[0]
        left -= len(code)
        return f"{found[1]}{_spans(code, language) or found[2]}{found[3]}"

    return Markup(_BLOCK.sub(block, html) if known else html)  # noqa: S704


def _spans(code: str, language: str) -> str:
    """Return code as HTML; "" if the language is not known, or if Pygments would show another text."""
    lexer = _lexer(language)
    tokens = list(lexer.get_tokens(code)) if lexer is not None else []
    if "".join(text for _, text in tokens) != code:
        return ""
    parts = ((next((name for kind, name in _CLASSES if token in kind), ""), text) for token, text in tokens)
    return "".join(
        f'<span class="{name}">{text}</span>' if name else text
        for name, some in groupby(parts, key=lambda part: part[0])
        for text in [escape("".join(text for _, text in some))]
    )


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    try:
        # The options keep every character of the code.
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None
