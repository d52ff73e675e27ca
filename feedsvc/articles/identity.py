"""The id that a file writes, the id that it has by default, and writing an id into a file. Pure.

`sync.recognition.identity` decides which id an article has, and keeps published ids.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from feedsvc.articles.metadata import fields, frontmatter
from feedsvc.errors import ArticleError, Finding
from feedsvc.urls import segment

# A YAML scalar of these characters is the text itself, in every YAML reader.
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9:/.,;?=&%~+@$_()-]*[A-Za-z0-9/_~=-]")
# Words of YAML 1.1 that other readers take for something else than text.
_WORDS: Final = ("true", "false", "yes", "no", "on", "off", "null")
# The page of a folder: the name does not tell /2026/a/index.html from /2026/b/index.html.
_INDEX: Final = re.compile(r"index\.(?:x?html?|php)", re.IGNORECASE)
_EMPTY_FIELD: Final = re.compile(rb"""[ \t]*id[ \t]*[:=][ \t]*(?:""|'')?[ \t]*""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """The id a file writes, if any, and the one it has by default.

    `line` is where the field stands; 2 where there is none, the first line of the front matter.
    """

    default: str
    written: str | None = None
    line: int = 2
    is_toml: bool = False

    @property
    def id(self) -> str:
        """Return the id of an article that was never published."""
        return self.written or self.default

    def field(self, id_: str) -> str:
        """Return the line of front matter that writes `id_`."""
        return field_line(id_, is_toml=self.is_toml)


def default_id(authority: str, slug: str, aliases: Sequence[str]) -> str:
    """Return the id of version 0.1, made of the first alias, else of the slug. It is never made of base_url.

    An alias that is an address counts as its last segment, decoded. One that ends in the slug itself, in no possible
    slug or in the page of a folder (/2026/fab/index.html) is passed by.
    """
    found = filter(None, map(last_segment, aliases))
    names = (name for name in found if name != slug and not _INDEX.fullmatch(name))
    return f"tag:{authority}:{segment(next(names, slug))}"


def last_segment(alias: str) -> str | None:
    """Return the slug at the end of an alias, which may be an address; None if there is none."""
    name = unquote(alias.rstrip("/").rpartition("/")[2]) if "/" in alias else alias
    try:
        return name if fields.slug_from(name) == name else None
    except ValueError:
        return None


def field_line(id_: str, *, is_toml: bool) -> str:
    """Return the line of front matter that writes `id_`, in quotes if it needs them."""
    written = written_text(id_, is_toml=is_toml)
    return f"id = {written}" if is_toml else f"id: {written}"


def written_text(text: str, *, is_toml: bool) -> str:
    """Return a text without control characters as YAML or TOML writes it, in quotes if it needs them."""
    is_plain = not is_toml and _PLAIN.fullmatch(text) and text.lower() not in _WORDS
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def with_id(data: bytes, id_: str) -> bytes:
    """Return the bytes of a file with `id_` written into its front matter; every other byte stays as it is.

    The file must not write another id. Raises ArticleError where no line can be added, as in `{title: …}`.
    """
    front = frontmatter.parse(data)
    ends = re.compile(rb"\r\n|\n|\r")
    lines = ends.split(data)
    first = ends.search(data)
    assert first is not None, "a front matter that is closed has more than one line"
    is_toml = lines[0].removeprefix(b"\xef\xbb\xbf").startswith(b"+++")
    written = field_line(id_, is_toml=is_toml).encode()
    if "id" in front.fields:
        number = front.lines["id"]
        marks = list(ends.finditer(data))
        start, end = marks[number - 2].end(), marks[number - 1].start()
        changed = data[:start] + _indent(lines[number - 1]) + written + data[end:]
        is_writable = _EMPTY_FIELD.fullmatch(data[start:end]) is not None
    else:
        indent = _indent(lines[min(front.lines.values()) - 1]) if front.lines and not is_toml else b""
        changed = data[: first.end()] + indent + written + first[0] + data[first.end() :]
        is_writable = True
    if not is_writable or not _has_id(changed, id_, front):
        line = front.lines.get("id", 2)
        message = f"cannot be added without a change of other lines (write {written.decode()} yourself)"
        raise ArticleError([Finding(line=line, field="id", message=message)])
    return changed


def _indent(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" "))]


def _has_id(changed: bytes, id_: str, before: frontmatter.FrontMatter) -> bool:
    """Return whether a changed file has the same fields as before, and the id."""
    try:
        after = frontmatter.parse(changed)
    except ArticleError:
        return False
    return after.fields == {**before.fields, "id": id_} and after.body == before.body
