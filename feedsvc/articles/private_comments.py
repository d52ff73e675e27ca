"""Comments that other systems keep from the public: they are left out of what is published. Pure.

Guarantee 13: nothing that was not meant for the public is published. No marks in code are comments.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.code_ranges import Pairs, masked
from feedsvc.articles.frontmatter import Value

# Obsidian: exactly two. A letter or digit of ASCII before the first (`100%%`) or behind the last (`%%i`) makes none.
# Letters of other scripts do not count: 「晶片%%私密%%」. A backslash of Markdown makes the mark literal.
_PERCENTS: Final = (r"(?<![0-9A-Za-z%\\])%%(?!%)", r"(?<![%\\])%%(?![0-9A-Za-z%])")
_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "percents": _PERCENTS,
    # Liquid (Jekyll, Eleventy): https://shopify.github.io/liquid/tags/template/
    "liquid": (r"\{%-?\s*+comment\s*+-?%\}", r"\{%-?\s*+endcomment\s*+-?%\}"),
    # Jinja, Nunjucks, Twig. `{#id}` of a heading is none.
    "jinja": (r"\{#(?=[^{}]*+(?<=#)\})", r"#\}"),
    # Hugo: https://gohugo.io/shortcodes/comment/
    "hugo": (r"\{\{[<%]\s*+comment\s*+[>%]\}\}", r"\{\{[<%]\s*+/\s*+comment\s*+[>%]\}\}"),
    "hugo_template": (r"\{\{-?\s*+/\*", r"\*/\s*+-?\}\}"),
}
_SHOWN: Final[Mapping[str, str]] = {
    "percents": "%%…%%",
    "liquid": "{% comment %}",
    "jinja": "{#…#}",
    "hugo": "{{< comment >}}",
    "hugo_template": "{{/*…*/}}",
}
# Without the text of the comment: what is said of a file turns up in logs.
COMMENT_ADVICE: Final = "is left out of what is published (delete it; to show it, write it in other marks)"
_PAIRS: Final = Pairs(_MARKS)
_MAY_BE: Final = re.compile(r"%%|\{[%#{]")
# What is no text of the article: a mark in an address or an attribute is none.
_NO_TEXT: Final = re.compile(r"<[A-Za-z/][^<>]*+>|(?<=\]\()[^\s()]++")
_ALONE: Final = re.compile(r"^[ \t]*+%%(?=[ \t]*+$)", re.MULTILINE)
_SPACES: Final = re.compile(r"[ \t]*+")
# The keys of tables in front matter that people read.
_READ: Final = frozenset({"alt", "name", "title"})


@dataclass(frozen=True, slots=True)
class Removed:
    """A body without its private comments, the offset of each in the body as written, with its marks.

    `unclosed` is the offset of a `%%` that stands alone on its line and is not closed; None where there is none.
    """

    body: str
    comments: tuple[tuple[int, str], ...] = ()
    unclosed: int | None = None


def without_private_comments(body: str, without_code: Callable[[str], str]) -> Removed:
    """Return what of `body` is for the public; its line breaks all stay, so that lines keep their numbers.

    `without_code` gives a text of the same length in which code is masked. Time is linear in the length.
    """
    if not _MAY_BE.search(body):
        return Removed(body)
    text = without_addresses(without_code(body))
    parts: list[str] = []
    comments: list[tuple[int, str]] = []
    position, unclosed = 0, list[int]()
    for each in _PAIRS.find(text):
        if each.end is None:
            unclosed += [each.start] if each.kind == "percents" else []
            continue
        parts += [body[position : each.start], "\n" * body.count("\n", each.start, each.end)]
        comments.append((each.start, _SHOWN[each.kind]))
        position = each.end
        if parts[-1] or not body[max(each.start - 1, 0) : each.start].strip():
            # Spaces at the beginning of a line would make code of it, and two of them are one.
            position = _SPACES.match(body, position).end()  # type: ignore[union-attr]
    alone = {each.end() - 2 for each in _ALONE.finditer(text)} if unclosed else set[int]()
    return Removed(
        "".join((*parts, body[position:])), tuple(comments), next((each for each in unclosed if each in alone), None)
    )


def without_addresses(text: str) -> str:
    """Return `text` with U+0000 for each character of tags and of the targets of Markdown's links."""
    return masked(text, (each.span() for each in _NO_TEXT.finditer(text)))


def public_value(value: Value) -> Value:
    """Return a value of front matter without the private comments in it; in tables, only what people read."""
    if isinstance(value, str):
        found = without_private_comments(value, lambda text: text)
        return found.body.strip() if found.comments else value
    if isinstance(value, list):
        return [public_value(each) for each in value]
    return {key: public_value(each) if key in _READ else each for key, each in value.items()}
