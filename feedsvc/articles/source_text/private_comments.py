"""Comments that other systems keep from the public: they are left out of what is published. Pure.

Guarantee 13: nothing that was not meant for the public is published. No marks in code are comments.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.source_text.code_ranges import Pairs, Stretch
from feedsvc.articles.source_text.hidden_divs import hidden_divs
from feedsvc.text import has_any

# Obsidian: exactly two. A letter or digit of ASCII before the first (`100%%`) or behind the last (`%%i`) makes none.
# Letters of other scripts do not count: 「晶片%%私密%%」. A backslash of Markdown makes every mark literal.
_PERCENTS: Final = (r"(?<![0-9A-Za-z%])%%(?!%)", r"(?<![%\\])%%(?![0-9A-Za-z%])")
# Markdown's own: the definition of a link without a target, whose title is the comment. CommonMark §4.7 reads it only
# where its quotes close and a paragraph does not go on. The label says that it is meant as one.
_DEFINITION: Final = (
    r"(?<!\S)\[(?:[^\w\[\]\s]{1,10}|\^_\^|_{1,3}|comments?|hidden|private)\]:[ \t]*+(?:<#?>|#)(?=[ \t(\n]|\Z)"
)
_TITLE: Final = r"[ \t]*+(?:\n[ \t]*+)?"
_ENDS_A_PARAGRAPH: Final = r"[ \t]*(?=\n|\Z)|(?=\n[ \t]*+(?:\n|\Z))|\Z"
# Each opening and closing mark; of two that begin alike, the longer one first.
_MARKS: Final[Mapping[str, tuple[str, str]]] = {
    "percents": _PERCENTS,
    # Liquid (Jekyll, Eleventy): https://shopify.github.io/liquid/tags/template/; Django lets a comment have a note.
    "liquid": (r"\{%-?\s*+comment\b[^{}%]*+%\}", r"\{%-?\s*+endcomment\s*+-?%\}"),
    "liquid_doc": (r"\{%-?\s*+doc\s*+-?%\}", r"\{%-?\s*+enddoc\s*+-?%\}"),
    "liquid_line": (r"\{%-?\s*+#", r"%\}"),
    # Jinja, Nunjucks, Twig. `{#id}` and `{#id .class}` of a heading are none, nor is Handlebars's `{{#if}}`.
    "jinja": (r"(?<!\{)\{#(?![^\s{}#][^{}#]*+\})", r"#\}"),
    # Hugo: https://gohugo.io/shortcodes/comment/
    "hugo": (r"\{\{[<%]\s*+comment\s*+[>%]\}\}", r"\{\{[<%]\s*+/\s*+comment\s*+[>%]\}\}"),
    "hugo_template": (r"\{\{-?\s*+/\*", r"\*/\s*+-?\}\}"),
    # https://handlebarsjs.com/guide/#template-comments; Blade's have no "!".
    "handlebars_long": (r"\{\{~?!--", r"--~?\}\}"),
    "handlebars": (r"\{\{~?!", r"~?\}\}"),
    "blade": (r"\{\{--", r"--\}\}"),
    # MDX, JSX; Smarty, Razor: with spaces, since {*a*} is emphasis in braces.
    "mdx": (r"(?<!\{)\{\s*+/\*", r"\*/\s*+\}"),
    "smarty": (r"\{\*(?=\s)", r"(?<=\s)\*\}"),
    "razor": (r"(?<!\w)@\*(?=\s)", r"(?<=\s)\*@"),
    # CriticMarkup: a comment, and what an editor struck out. https://github.com/CriticMarkup/CriticMarkup-toolkit
    "critic_comment": (r"\{>>", r"<<\}"),
    "critic_deletion": (r"(?<!\{)\{--", r"--\}"),
    # JSP, ERB, classic ASP, FreeMarker.
    "jsp": (r"<%--", r"--%>"),
    "erb": (r"<%-?\s*+[#']", r"%>"),
    "freemarker": (r"<#--", r"-->"),
    # What HTML's parser takes for a comment up to the next ">", and would show from there on.
    "program": (r"<\?(?=[\s=A-Za-z])", r"\?>"),
    "cdata": (r"<!\[CDATA\[", r"\]\]>"),
    "org": (r"(?<!\S)#\+BEGIN_COMMENT\b", r"(?<!\S)#\+END_COMMENT\b"),
    "org_line": (r"(?<!\S)#\+COMMENT:", r"(?=\n|\Z)"),
    # https://orgmode.org/manual/Drawers.html
    "org_drawer": (r"(?<![^\n]):(?:PROPERTIES|LOGBOOK):[ \t]*+(?=\n)", r"(?<![^\n]):END:[ \t]*+(?=\n|\Z)"),
    # https://kramdown.gettalong.org/syntax.html#extensions
    "kramdown": (r"\{::comment\b[^{}/]*+\}", r"\{:/(?:comment)?+[ \t]*+\}"),
    # https://docs.asciidoctor.org/asciidoc/latest/comments/
    "asciidoc": (r"(?<![^\n])/{4,}+[ \t]*+(?=\n)", r"(?<![^\n])/{4,}+[ \t]*+(?=\n|\Z)"),
    "latex": (r"\\begin\{comment\}", r"\\end\{comment\}"),
    "definition_in_parentheses": (rf"{_DEFINITION}{_TITLE}\(", rf"\){_ENDS_A_PARAGRAPH}"),
    "definition_in_quotes": (rf'{_DEFINITION}{_TITLE}"', rf'"{_ENDS_A_PARAGRAPH}'),
    "definition_in_apostrophes": (rf"{_DEFINITION}{_TITLE}'", rf"'{_ENDS_A_PARAGRAPH}"),
    "definition": (_DEFINITION, r"(?=\n|\Z)"),
}
# In front matter, which no parser of HTML reads.
_HTML: Final[Mapping[str, tuple[str, str]]] = {"html": (r"<!--", r"-->")}
_SHOWN: Final[Mapping[str, str]] = {
    "percents": "the private comment %%…%%",
    "liquid": "the private comment {% comment %}",
    "liquid_doc": "the private comment {% doc %}",
    "liquid_line": "the private comment {% # … %}",
    "jinja": "the private comment {#…#}",
    "hugo": "the private comment {{< comment >}}",
    "hugo_template": "the private comment {{/*…*/}}",
    "handlebars_long": "the private comment {{!--…--}}",
    "handlebars": "the private comment {{!…}}",
    "blade": "the private comment {{--…--}}",
    "mdx": "the private comment {/*…*/}",
    "smarty": "the private comment {*…*}",
    "razor": "the private comment @*…*@",
    "critic_comment": "the private comment {>>…<<}",
    "critic_deletion": "the deleted text {--…--}",
    "jsp": "the private comment <%--…--%>",
    "erb": "the private comment <%#…%>",
    "freemarker": "the private comment <#--…-->",
    "program": "the program <?…?>",
    "cdata": "the section <![CDATA[…]]>",
    "org": "the private comment #+BEGIN_COMMENT",
    "org_line": "the private comment #+COMMENT:",
    "org_drawer": "the drawer :PROPERTIES: … :END:",
    "kramdown": "the private comment {::comment}",
    "asciidoc": "the private comment ////…////",
    "latex": "the private comment \\begin{comment}",
    "div": "the hidden part ::: {.hidden}",
    **dict.fromkeys(
        ("definition_in_parentheses", "definition_in_quotes", "definition_in_apostrophes", "definition"),
        "the private comment [//]: # (…)",
    ),
    "html": "the private comment <!--…-->",
}
# Without the text of the comment: what is said of a file turns up in logs.
COMMENT_ADVICE: Final = "is left out of what is published (delete it; to show it, write it in other marks)"


# A backslash of Markdown makes a mark literal. Most characters begin none, which is found out at once.
_BEGINS: Final = r"(?=[%{@<#\[:/\\])(?<!\\)"
_PAIRS: Final = Pairs(_MARKS, begins=_BEGINS)
_PAIRS_AND_HTML: Final = Pairs({**_MARKS, **_HTML}, begins=_BEGINS)
_MAY_BE: Final = re.compile(
    r"%%|\{[%#{>\-*/\s]|<[%?#]|<!|\]:[ \t]*+[<#]|@\*|#\+|\{::c|\\begin\{c|^[ \t>]*+:{3}|^/{4}|^:[PL]",
    re.IGNORECASE | re.MULTILINE,
)
# One of these is in each text in which _MAY_BE finds anything ("^:" is a colon at the beginning of a line).
_PARTS: Final = ("%%", "{", "<%", "<?", "<#", "<!", "]:", "@*", "#+", ":::", "////", "\n:")
_SHORT: Final = 100
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


def without_private_comments(body: str, without_markup: Callable[[str], str] | None = None) -> Removed:
    """Return what of `body` is for the public; its line breaks all stay, so that lines keep their numbers.

    `without_markup` gives a text of the same length in which all that is not text is masked. Without it, `body` is
    plain text, in which HTML comments are private, too. Time is linear in the length.
    """
    if not _may_hold_comments(body):
        return Removed(body)
    text = without_markup(body) if without_markup else body
    parts: list[str] = []
    comments: list[tuple[int, str]] = []
    position, unclosed = 0, list[int]()
    found = [*(_PAIRS if without_markup else _PAIRS_AND_HTML).find(text)]
    if without_markup:
        found += [Stretch("div", start, end) for start, end in hidden_divs(text)]
    for each in sorted(found, key=lambda each: each.start):
        if each.end is None:
            unclosed += [each.start] if each.kind == "percents" else []
            continue
        if each.end <= position:
            continue
        start = max(each.start, position)
        parts += [body[position:start], "\n" * body.count("\n", start, each.end)]
        comments.append((each.start, _SHOWN[each.kind]))
        position = each.end
        if parts[-1] or not body[max(each.start - 1, 0) : each.start].strip():
            # Spaces at the beginning of a line would make code of it, and two of them are one.
            position = _SPACES.match(body, position).end()  # type: ignore[union-attr]
    alone = {each.end() - 2 for each in _ALONE.finditer(text)} if unclosed else set[int]()
    return Removed(
        "".join((*parts, body[position:])), tuple(comments), next((each for each in unclosed if each in alone), None)
    )


def _may_hold_comments(text: str) -> bool:
    # For a short text, such as a value of front matter, the pattern alone takes less time.
    if len(text) > _SHORT and not has_any(text, _PARTS) and not text.startswith(":"):
        return False
    return _MAY_BE.search(text) is not None


def open_marks(text: str) -> Iterator[tuple[int, str]]:
    """Yield the offset of each mark of a private comment in what is published, and what the comment is called.

    Of `%%` alone there are more: one that opens nothing.
    """
    if _may_hold_comments(text):
        for each in _PAIRS.find(text):
            if each.kind != "percents":
                yield each.start, _SHOWN[each.kind]


def public_value(value: Value) -> Value:
    """Return a value of front matter without the private comments in it; in tables, only what people read."""
    if isinstance(value, str):
        found = without_private_comments(value)
        return found.body.strip() if found.comments else value
    if isinstance(value, list):
        return [public_value(each) for each in value]
    return {key: public_value(each) if key in _READ else each for key, each in value.items()}
