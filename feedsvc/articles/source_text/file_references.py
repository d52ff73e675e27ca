"""Names of files as other editors write them in Markdown: `![a](my photo.png "b")`, `![](a (1).png)`. Pure.

CommonMark knows no link there (§6.3: a destination without angle brackets includes no space), and shows all of it as
text. Other editors do know one, and write it themselves. So does the size that some put behind it: `=100x20`.
"""

import posixpath
import re
from html import escape
from typing import Final
from urllib.parse import quote

from feedsvc.articles.assets import is_article_path, media_type_of
from feedsvc.articles.source_text.code_ranges import without_code

_LINK: Final = re.compile(
    r"(?<!\\)(?<!\\!)(?P<image>!?)\[(?P<text>[^\[\]\n]*+)\]\((?P<inside>(?:[^()\n]++|\([^()\n]*+\))++)\)"
)
# Only a link with white space inside is rewritten. What has parentheses inside is not judged here.
_MAY_BE_REWRITTEN: Final = re.compile(r"\]\([^()\n]*?(?:\(|[^\s()][^\S\n]+[^\s()])")
_SIZE: Final = re.compile(r"=(\d{0,5})(?:px)?[x*\u00d7](\d{0,5})(?:px)?")
_SPACE: Final = re.compile(r"\s")
_SUFFIX: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,9}")


def with_encoded_references(body: str) -> str:
    """Return Markdown with each file that is named with spaces percent-encoded, and pictures of a given size as HTML.

    Only names with a suffix that files or articles have, of pictures any suffix; outside of code, and not what a
    backslash escapes. Raises ArticleError when Markdown is past its limits.
    """
    if _MAY_BE_REWRITTEN.search(body) is None or not any(_rewritten(found) for found in _LINK.finditer(body)):
        return body
    parts: list[str] = []
    position = 0
    for found in _LINK.finditer(without_code(body, is_markdown=True)):
        if made := _rewritten(found):
            parts += [body[position : found.start()], made]
            position = found.end()
    return "".join((*parts, body[position:]))


def _rewritten(found: re.Match[str]) -> str:
    """Return the link or picture as CommonMark or HTML know it; "" where it shall stay as it is."""
    # Names with spaces are what this is about, and a size has one in front of it, unless there is no name.
    if not _SPACE.search(found["inside"].strip()):
        return ""
    is_image = bool(found["image"])
    file, title, size = _parts(found["inside"].strip(), is_image=is_image)
    # In angle brackets a name may have spaces.
    file = file[1:-1] if size and file.startswith("<") and file.endswith(">") else file
    path = re.split("[?#]", file, maxsplit=1)[0]
    suffix = posixpath.splitext(path)[1]
    is_file = media_type_of(path) or is_article_path(path) or (is_image and _SUFFIX.fullmatch(suffix))
    if not is_file or not (_SPACE.search(file) or size) or file.startswith(("<", "/ ")) or "\\" in file:
        return ""
    reference = quote(file, safe="/#%:?&=+,;@~!$'*")
    if not size:
        return f"{found['image']}[{found['text']}]({reference}{f' {title}' if title else ''})"
    sides = "".join(f' {name}="{side}"' for name, side in zip(("width", "height"), size.groups(), strict=True) if side)
    title = f' title="{escape(title[1:-1])}"' if title else ""
    return f'<img src="{escape(reference)}" alt="{escape(found["text"])}"{sides}{title}>'


def _parts(inside: str, *, is_image: bool) -> tuple[str, str, re.Match[str] | None]:
    """Return the file, the title in its quotes ("" without one) and the size of a picture. Their order may vary."""
    title, size = "", None
    for _ in range(2):
        rest, _, last = inside.rpartition(" ")
        if not size and is_image and (found := _SIZE.fullmatch(last)):
            inside, size = rest.rstrip(), found
        elif not title and inside[-1:] in ("'", '"'):
            start = inside.rfind(f" {inside[-1]}", 0, -1)
            if start > 0:
                inside, title = inside[:start].rstrip(), inside[start + 1 :]
    return inside, title, size
