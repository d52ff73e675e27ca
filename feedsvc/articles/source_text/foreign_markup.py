"""Markup of other systems that readers would see as text: shortcodes, template tags, marks of comments. Pure."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from feedsvc.articles.source_text.private_comments import open_marks

# All of them run in linear time: what stands between the marks holds no opening one, and nothing is tried twice.
_HUGO: Final = re.compile(r"\{\{[<%]\s*+/?\s*+([\w./-]*+)")
_TAG: Final = re.compile(r"\{%-?\s*+([^{}]*+)\}")
# Braces of TeX follow a letter, "^", "_" or another brace: \frac{{a}}{{b}}.
_OUTPUT: Final = re.compile(r"(?<![\w\\^{}])\{\{(?![<%])([^{}A-Za-z]*+[A-Za-z][^{}]*+)\}\}")
# ERB, EJS, ASP, JSP.
_ASP: Final = re.compile(r"<%[-=!@]?\s*+([^%<>]*+)-?%>")
_ADDED: Final = re.compile(r"\{(\+\+|==)(?=[^{}]*+(?<=\1)\})")
_EMBED: Final = re.compile(r"!\[\[([^\[\]\n]++)\]\]")
# Not after a backslash or "[" (WordPress shows [[caption]] as it is), and no link of Markdown.
# The bracket is first in the pattern, since a search for one character is fast.
_SHORTCODE: Final = re.compile(r"\[(?<![\\\[]\[)(/?)([A-Za-z][\w-]*+)(\s[^\[\]]*+)?\](?![(:])")
_DEFINITION: Final = re.compile(r"^ {0,3}\[([^\[\]\n]++)\]:", re.MULTILINE)
# As it begins, and is not empty.
_COMMENT: Final = re.compile(r"(?<!\\)<!--(?!-?>)")
_PERCENTS: Final = re.compile(r"(?<!%)%%(?!%)")
# With any attribute; those of other names only with one in quotes or a web address: `[see x = 5]` is prose.
_WORDPRESS: Final = frozenset(
    "audio caption code embed gallery playlist sourcecode video wp_caption youtube vimeo gist tweet".split()
)
_ATTRIBUTE: Final = re.compile(r"\s[\w-]+=|\shttps?://")
_QUOTED: Final = re.compile(r"\s[\w-]+=[\"'\u201c\u201d\u2033]|\shttps?://")
_NAME: Final = re.compile(r"[\w./-]+")
_MAX_NAME: Final = 40

_SHORTCODE_ADVICE: Final = "is a shortcode, which is shown as it is (write what it showed, or put it in `code`)"
_TEMPLATE_ADVICE: Final = "belongs to a template, and is shown as it is (write what it stood for, or put it in `code`)"
_ADDED_ADVICE: Final = "is a change that nobody accepted, and is shown as it is (delete the marks, or the text)"
_OPEN_ADVICE: Final = "begins here and is published, since nothing closes it (close it, or put the mark in `code`)"
_EMBED_ADVICE: Final = "is shown as it is (write ![…](file) for a picture, [[…]] or […](file.md) for a link)"
_PERCENTS_ADVICE: Final = (
    "begins or ends no private comment here, so what stands beside it is published (put a space on its outer side, "
    "or put it in `code`)"
)


def foreign_markup(
    body: str, without_code: Callable[[str], str], without_markup: Callable[[str], str]
) -> Sequence[tuple[int, str]]:
    """Return the offset of each piece of foreign markup in `body`, in order, and what is said of it.

    `without_code` gives a text of the same length in which code is masked, `without_markup` one in which tags and the
    targets of links are, too; both are called only where anything is found.
    """
    found: list[tuple[int, str]] = []
    if any(_found(body)):
        found += _found(without_code(body))
    if any(_open_comments(body)):
        found += _open_comments(without_markup(body))
    return sorted(found)


def _found(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset of each piece of markup, and the message about it."""
    if "{" in text:
        yield from _in_braces(text)
    for match in _EMBED.finditer(text):
        yield match.start(), f"![[{match[1][:_MAX_NAME]}]] {_EMBED_ADVICE}"
    for match in _ASP.finditer(text):
        yield match.start(), f"<% {_name(match[1])} … %> {_TEMPLATE_ADVICE}"
    yield from _shortcodes(text)


def _in_braces(text: str) -> Iterator[tuple[int, str]]:
    for match in _HUGO.finditer(text):
        mark = match[0][2]
        yield match.start(), f"{{{{{mark} {_name(match[1])} … {'>' if mark == '<' else mark}}}}} {_SHORTCODE_ADVICE}"
    for match in _TAG.finditer(text):
        if match[1].endswith("%"):
            yield match.start(), f"{{% {_name(match[1])} … %}} {_TEMPLATE_ADVICE}"
    for match in _OUTPUT.finditer(text):
        yield match.start(), f"{{{{ {_name(match[1])} … }}}} {_TEMPLATE_ADVICE}"
    for match in _ADDED.finditer(text):
        yield match.start(), f"{{{match[1]}…{match[1]}}} {_ADDED_ADVICE}"


def _open_comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield marks of private comments that do not count: nothing closes them, or plain text has no such comments."""
    for match in _PERCENTS.finditer(text) if "%%" in text else ():
        yield match.start(), f"%% {_PERCENTS_ADVICE}"
    for match in _COMMENT.finditer(text) if "<!--" in text else ():
        yield match.start(), f"<!-- {_OPEN_ADVICE}"
    for offset, name in open_marks(text):
        yield offset, f"{name} {_OPEN_ADVICE}"


def _shortcodes(text: str) -> Iterator[tuple[int, str]]:
    """Yield the shortcodes of WordPress: names in brackets with attributes or an end tag. `[word]` alone is a word."""
    if "]" not in text:
        return
    found = list(_SHORTCODE.finditer(text))
    ended = {match[2].lower() for match in found if match[1]}
    defined = {match[1].lower() for match in _DEFINITION.finditer(text)} if found else set()
    for match in found:
        name, attributes = match[2].lower(), match[3] or ""
        has_attribute = (_ATTRIBUTE if name in _WORDPRESS else _QUOTED).search(attributes)
        if not match[1] and (has_attribute or name in ended) and f"{name}{attributes}".lower() not in defined:
            yield match.start(), f"[{match[2]}] {_SHORTCODE_ADVICE}"


def _name(written: str) -> str:
    name = _NAME.search(written)
    return name[0][:_MAX_NAME] if name else ""
