"""Read the fields above a text, in all the forms that systems write them. Pure.

YAML and TOML between fences, JSON (Hugo, Eleventy, Hexo), lines `Title: …` (Pelican, MultiMarkdown), the title block of
pandoc, and the properties below a title (Notion).
"""

import json
import re
from contextlib import suppress
from dataclasses import replace
from itertools import takewhile
from pathlib import PurePath
from typing import Any, Final

from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.field_names import own_name
from feedsvc.articles.metadata.frontmatter import FrontMatter
from feedsvc.articles.metadata.visibility import is_marker
from feedsvc.errors import ArticleError, Finding
from feedsvc.syntax.nesting import TooDeep, check_json

# A field on a line, and the lines that continue it. No sentence begins so: names are short, and have no comma.
_FIELD: Final = re.compile(r"(\w[\w .\-/()]{0,60}?)[ \t]*:(?:[ \t]+(.*))?")
# The names of properties in Notion are free: "✅ Published", "Publish?".
_PROPERTY: Final = re.compile(r"([^\s:][^:\n]{0,60}?)[ \t]*+:(?:[ \t]+(.*))?")
_CONTINUED: Final = re.compile(r"[ \t]{2,}+(\S.*)")
# https://pandoc.org/MANUAL.html#extension-pandoc_title_block
_BLOCK: Final = re.compile(r"%[ \t]?(.*(?:\n[ \t]+.*)*)\n?")
_JSON_FENCE: Final = re.compile(r"(?:---|;;;)[ \t]*json[ \t]*\n", re.IGNORECASE)
_PROGRAM_FENCE: Final = re.compile(r"---[ \t]*(js|javascript|coffee|cson)[ \t]*\n", re.IGNORECASE)
# A field whose text has a colon, without quotes, a list, a table or a comment.
_COLON: Final = re.compile(
    r"^([A-Za-z_][\w-]*:[ \t]+)(?![\"'\[{|>&*!#])([^\n#]{0,500}?:[ \t][^\n#]{0,500})$", re.MULTILINE
)
_TABS: Final = re.compile(r"^\t+")
# Notion: a space and 32 hexadecimal digits behind the title.
HASH: Final = re.compile(r"[ _-]?[0-9a-f]{32}$")


def read_head(source: str, text: str, system: str) -> FrontMatter | None:
    """Return the fields above a text and the text; None if there are none. Raises ArticleError if they are broken.

    `system` is the name of the one that the person who imports has named, or "".
    """
    first = text.split("\n", 1)[0].rstrip()
    if first in ("---", "+++"):
        return of_fences(text)
    if program := _PROGRAM_FENCE.match(text):
        message = f"its fields are a program ({program[1]}), which import does not run (write them as YAML)"
        raise ArticleError([Finding(line=1, message=message)])
    if first.startswith("{") or _JSON_FENCE.match(text):
        return of_json(text)
    if first.startswith('"') and "\n;;;\n" in text:  # Hexo: https://hexo.io/docs/front-matter#JSON-Front-matter
        head, _, body = text.partition("\n;;;\n")
        return of_json(f"{{{head.rstrip().rstrip(',')}}}\n{body}")
    if first.startswith("%") and not first.startswith("%%"):
        return of_title_block(text)
    if system == "notion" or HASH.search(PurePath(source).stem):
        return of_notion(text)
    return of_lines(text)


def of_fences(text: str) -> FrontMatter:
    """Return the fields between fences, also those that other parsers accept: `title: Fabs: a list`, lists behind tabs.

    Raises ArticleError.
    """
    try:
        return frontmatter.parse(text.encode("utf-8", "surrogatepass"))
    except ArticleError:
        fence, _, rest = text.partition("\n")
        head, end, body = rest.partition("\n---")
        quoted = _COLON.sub(lambda found: f"{found[1]}{json.dumps(found[2].rstrip(), ensure_ascii=False)}", head)
        repaired = "\n".join(_TABS.sub(lambda found: "  " * len(found[0]), each) for each in quoted.split("\n"))
        if fence.rstrip() == "---" and repaired != head:
            with suppress(ArticleError):
                return frontmatter.parse(f"{fence}\n{repaired}{end}{body}".encode("utf-8", "surrogatepass"))
        # The message is about what was written.
        raise


def of_json(text: str) -> FrontMatter | None:
    """Return the fields of an object above a text; None if there is none. Raises ArticleError."""
    fence = _JSON_FENCE.match(text)
    start = fence.end() if fence else 0
    try:
        check_json(text, start)
        fields, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except TooDeep as error:
        raise ArticleError([Finding(line=1, message=f"the front matter is {error}")]) from error
    except ValueError as error:
        line = text.count("\n", 0, error.pos) + 1 if isinstance(error, json.JSONDecodeError) else 1
        if fence is None and not re.match(r'\{\s*"', text):
            return None
        raise ArticleError([Finding(line=line, message=f"broken JSON: {error} (correct it)")]) from error
    if not isinstance(fields, dict):
        return None
    body = re.sub(r"\A[ \t]*\n?(?:---|;;;)[ \t]*(?=\n|\Z)", "", text[end:]) if fence else text[end:]
    return _front_matter(fields, body.removeprefix("\n"), text)


def of_title_block(text: str) -> FrontMatter:
    """Return the title, authors and date of up to three lines of pandoc."""
    parts: list[str] = []
    position = 0
    while len(parts) < 3 and (found := _BLOCK.match(text, position)):
        parts.append(found[1])
        position = found.end()
    title, authors, date = [*parts, "", "", ""][:3]
    names = [" ".join(each.split()) for each in re.split(r";|\n", authors)]
    fields = {"title": " ".join(title.split()), "authors": [each for each in names if each], "date": date.strip()}
    return _front_matter(fields, text[position:], text)


def of_notion(text: str) -> FrontMatter:
    """Return the fields of Notion: the title is a heading, and the properties are the lines below it.

    A paragraph there is text, unless one of its lines is a property that has a meaning.
    """
    title, _, rest = text.lstrip("\n").partition("\n")
    if not title.startswith("# "):
        return _front_matter({}, text, text)
    block, _, body = rest.lstrip("\n").partition("\n\n")
    lines = block.split("\n")
    found = [each for each in takewhile(bool, map(_PROPERTY.fullmatch, lines)) if each]
    fields = {each[1]: each[2] or "" for each in found}
    if any(own_name(name) or is_marker(name, value) for name, value in fields.items()):
        left = "\n".join(lines[len(found) :])
        rest = f"{left}\n\n{body}" if left else body
    else:
        fields = {}
    return _front_matter({"title": title.removeprefix("# ").strip(), **fields}, rest, text)


def of_lines(text: str) -> FrontMatter | None:
    """Return the fields in lines up to an empty one, of which one is the title; or up to `---`, as YAML (Hexo)."""
    block, _, body = text.lstrip("\n").partition("\n\n")
    lines = block.split("\n")
    if any(each.rstrip() == "---" for each in lines) and _FIELD.fullmatch(lines[0]):
        return of_fences(f"---\n{text.lstrip()}")
    fields: dict[str, str] = {}
    name = ""
    for line in lines:
        if name and (more := _CONTINUED.fullmatch(line)):
            fields[name] += f" {more[1]}"
        elif (found := _FIELD.fullmatch(line)) and found[1] not in fields:
            name = found[1]
            fields[name] = (found[2] or "").strip()
        else:
            return None
    return _front_matter(fields, body, text) if "title" in map(str.lower, fields) else None


def _front_matter(fields: dict[str, Any], body: str, text: str) -> FrontMatter:
    """Return fields as YAML would have them, within the limits of front matter, with the lines of the text."""
    # JSON is YAML.
    yaml = json.dumps(fields, ensure_ascii=False)
    front = frontmatter.parse(f"---\n{yaml}\n---\n{body}".encode("utf-8", "surrogatepass"))
    return replace(front, lines={}, body_line=text.count("\n") - body.count("\n") + 1)
