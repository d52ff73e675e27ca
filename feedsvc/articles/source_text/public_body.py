"""Remove the private parts of the body of a file, and note findings about them. Pure."""

from collections.abc import Callable
from functools import partial
from typing import Final

from feedsvc.articles.findings import Findings, by_message
from feedsvc.articles.html.footnotes import footnote_problems
from feedsvc.articles.markup import read_markdown, read_text
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.source_text.code_ranges import without_code, without_markup
from feedsvc.articles.source_text.foreign_markup import foreign_markup
from feedsvc.articles.source_text.html_comments import unclosed_comments, with_short_comments
from feedsvc.articles.source_text.leftovers import LFS_POINTER, line_of_change, line_of_conflict
from feedsvc.articles.source_text.lost_text import lost_text
from feedsvc.articles.source_text.members_only import public_part
from feedsvc.articles.source_text.private_comments import COMMENT_ADVICE, without_private_comments
from feedsvc.errors import ArticleError, Finding
from feedsvc.text import without_forbidden

CONFLICT: Final = (
    "an unresolved conflict of a merge begins here (keep one side, and delete the lines of <, |, =, >, % and +)"
)
_UNCLOSED: Final = (
    "%% begins a private comment that nothing closes, so nobody knows what is private (close it with %%, or delete it)"
)
_UNCLOSED_HTML: Final = (
    "<!-- begins a comment that nothing closes, so all that follows would be lost (close it with -->, or write &lt;!--)"
)
_UNDECIDED: Final = "a change that nobody accepted or rejected begins here (write the text that shall be published)"


def public_body(front: FrontMatter, reader: Callable[[str], str], findings: Findings) -> str:
    """Return the body without private comments; its lines keep their numbers. Notes what is wrong with it.

    `reader` is the one that makes HTML of the body. Plain text has no code in which such marks could be shown, and no
    program that writes it has such comments: there they are only warned of. Raises ArticleError past a limit.
    """
    body, first = front.body, front.body_line
    is_markdown = reader is read_markdown
    code_of = partial(without_code, is_markdown=is_markdown) if reader is not read_text else str
    markup_of = partial(without_markup, is_markdown=is_markdown) if reader is not read_text else str
    conflict = line_of_conflict(body, code_of)
    if conflict:
        findings.error_at(first + conflict - 1, CONFLICT)
    change = line_of_change(body, code_of)
    if change:
        findings.error_at(first + change - 1, _UNDECIDED)
    unclosed: tuple[int, ...] = ()
    if reader is not read_text:
        public = public_part(body, code_of)
        for line, message in by_message(public.left_out, body, first):
            findings.warn_at(line, message)
        body = public.body
        body, unclosed = with_short_comments(body) if is_markdown else (body, tuple(unclosed_comments(body)))
        for offset in unclosed:
            findings.error_at(first + public.body.count("\n", 0, offset), _UNCLOSED_HTML)
        found = without_private_comments(body, markup_of)
        if found.unclosed is not None:
            findings.error_at(first + body.count("\n", 0, found.unclosed), _UNCLOSED)
            return body
        said = ((offset, f"{marks} {COMMENT_ADVICE}") for offset, marks in found.comments)
        for line, message in by_message(said, body, first):
            findings.warn_at(line, message)
        body = found.body
    noted = [*foreign_markup(body, code_of, markup_of)]
    if is_markdown:
        noted += [*footnote_problems(body, code_of), *lost_text(body, code_of)]
    for line, message in by_message(sorted(noted), body, first):
        if unclosed and message.startswith("<!--"):
            continue  # reported above
        findings.warn_at(line, message)
    return body


def check_leftovers(data: bytes) -> None:
    """Raise ArticleError where git's own text stands in the place of an article's."""
    if data.startswith(LFS_POINTER):
        message = "is a pointer of Git LFS instead of the article (run git lfs pull, or keep articles out of LFS)"
        raise ArticleError([Finding(line=1, message=message)])
    text = without_forbidden(data.decode("utf-8", "replace").replace("\r\n", "\n"))
    line = line_of_conflict(text, partial(without_code, is_markdown=True))
    if line:
        raise ArticleError([Finding(line=line, message=CONFLICT)])
