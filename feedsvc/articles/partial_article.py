"""The readable parts of a file with errors, by which the article is recognised and its links are checked. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.articles.html.links import MissingFile, OwnLink
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.errors import ArticleError, Finding
from feedsvc.text import without_forbidden

_FIELD: Final = re.compile(r"""\s*["']?(title|slug|id|published)["']?\s*[:=\uff1a]\s*(.*)""", re.IGNORECASE)
_FENCES: Final = ("---", "+++", "...")


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialArticle:
    """What is readable in a file that is set aside. Each field is empty or None if the file does not have it.

    `published` is in UTC. `content` is the HTML of the body before it is sanitized, which is never published.
    """

    title: str = ""
    published: datetime | None = None
    slug: str = ""
    id: str | None = None
    content: str = ""
    links: tuple[OwnLink, ...] = ()
    missing: tuple[MissingFile, ...] = ()


class PartialArticleError(ArticleError):
    """The error about a file whose article is partly readable."""

    def __init__(self, findings: Sequence[Finding], partial: PartialArticle) -> None:
        super().__init__(findings)
        self.partial = partial


def front_matter_by_lines(data: bytes) -> FrontMatter:
    """Return the fields and the body of a file with broken front matter, as far as single lines have them."""
    text = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    lines = without_forbidden(text).split("\n")
    first = 1 if lines[0].rstrip() in _FENCES else 0
    ends = (number for number, line in enumerate(lines[first:], first) if line.rstrip() in _FENCES)
    blanks = (number for number, line in enumerate(lines) if not line.strip())
    end = next(ends, None) or next(blanks, len(lines))
    found: dict[str, str] = {}
    for line in lines[first:end]:
        match = _FIELD.match(line)
        if match:
            found.setdefault(match[1].lower(), match[2].strip().strip("\"'"))
    fields: Mapping[str, str] = found
    return FrontMatter(
        fields=fields,
        lines={},
        commented=frozenset(),
        body="\n".join(lines[end + 1 :]),
        body_line=end + 2,
        forbidden_line=0,
    )
