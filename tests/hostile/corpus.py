"""The hostile corpus: vectors of our own making, one JSON file a family, and the article files they become.

What a vector wants to happen is seen from outside: a script of it calls `hit(/its-name/)` (or alert, confirm, prompt,
eval), and a request of it goes to `hostile.invalid`, with its name in the path. In the JSON files, U+DC80–U+DCFF stand
for the bytes 80–FF that are not UTF-8 (Python's surrogateescape). A vector's `title` and `summary` go into the front
matter; without a title of its own its markup is tried there too. `suffix` names one more kind of file to try beside
`.html` and `.md`, or says that it was written for one of them.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from feedsvc.text import plain
from tests.conftest import SITE_TOML

FOLDER: Final = Path(__file__).parent / "vectors"
HOST: Final = "hostile.invalid"
AT_LEAST: Final = 600
# A feed has at most 500 articles, so each chunk of the files is a topic.
CHUNK: Final = 400
_ALWAYS: Final = (".html", ".md")
_LONGEST_TITLE: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Vector:
    """One hostile piece of HTML or Markdown, and where it wants more, a title and a summary."""

    family: str
    name: str
    html: str
    title: str | None = None
    summary: str | None = None
    suffix: str = ".html"

    @property
    def essence(self) -> tuple[str, ...]:
        """What it tries, whatever its name is."""
        return tuple((text or "").replace(self.name, "") for text in (self.html, self.title, self.summary))

    @property
    def suffixes(self) -> tuple[str, ...]:
        """The kinds of file it is tried in."""
        return tuple(dict.fromkeys((*_ALWAYS, self.suffix)))


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """An article file with a vector in it. `slug` is ASCII and unlike all others."""

    vector: Vector
    slug: str
    suffix: str
    data: bytes

    @property
    def path(self) -> str:
        """Relative to content/."""
        return f"articles/{self.slug}{self.suffix}"


@cache
def vectors() -> tuple[Vector, ...]:
    """All of them. Raises ValueError unless they are enough, each with a name and an aim of its own."""
    found = tuple(vector for path in sorted(FOLDER.glob("*.json")) for vector in _family(path))
    for what, values in (("name", [each.name for each in found]), ("aim", [each.essence for each in found])):
        twice = [str(value) for value, count in Counter(values).items() if count > 1]
        if twice:
            raise ValueError(f"vectors with the same {what}: {', '.join(twice)}")
    if len(found) < AT_LEAST:
        raise ValueError(f"{len(found)} vectors are fewer than {AT_LEAST}")
    return found


def _family(path: Path) -> Iterator[Vector]:
    document = json.loads(path.read_text())
    if not (document["source"] and document["licence"]):
        raise ValueError(f"{path}: name its source and licence")
    for each in document["vectors"]:
        if not re.fullmatch(r"[a-z0-9-]+", each["name"]):
            raise ValueError(f"{path}: {each['name']!r} cannot be called in a script without quotes")
        yield Vector(family=path.stem, **each)


@cache
def files() -> tuple[File, ...]:
    """Every vector as .html and inside .md."""
    tried = [(vector, suffix) for vector in vectors() for suffix in vector.suffixes]
    return tuple(_file(vector, suffix, _topic(number)) for number, (vector, suffix) in enumerate(tried))


def topics() -> tuple[str, ...]:
    """The topics that `files` name."""
    return tuple(_topic(number) for number in range(0, len(files()), CHUNK))


def site_toml() -> str:
    """The site that publishes `files`."""
    head = SITE_TOML.partition("[topics")[0]
    tables = "".join(f'[topics.{name}]\ntitle = "{name}"\n' for name in topics())
    return f"{head}feed_size = {CHUNK}\n{tables}"


def _topic(number: int) -> str:
    return f"chunk-{number // CHUNK}"


def _file(vector: Vector, suffix: str, topic: str) -> File:
    # Of the same minute, the same vector in a second kind of Markdown file would be set aside as a copy.
    minute = vector.suffixes.index(suffix)
    front = {"title": _title(vector), "published": f"2026-10-01 10:{minute:02}", "topics": topic}
    if vector.summary is not None:
        front["summary"] = vector.summary
    head = "".join(f"{key}: {_quoted(value)}\n" for key, value in front.items())
    inside_other_text = suffix == ".md" and vector.suffix != suffix
    body = f"Text before.\n\n{vector.html}\n\n*Text* behind.\n" if inside_other_text else vector.html
    data = _bytes(f"---\n{head}---\n{body}")
    return File(vector=vector, slug=f"{vector.name}-{suffix[1:]}", suffix=suffix, data=data)


def _title(vector: Vector) -> str:
    wanted = vector.title or vector.html
    return wanted if plain(wanted) and len(wanted) <= _LONGEST_TITLE else vector.name


def _quoted(text: str) -> str:
    """`text` in YAML's double quotes; bytes that are not UTF-8 stay raw."""
    return '"' + "".join(c if c not in '"\\' and (c.isprintable() or _raw(c)) else _escaped(c) for c in text) + '"'


def _raw(char: str) -> bool:
    return "\ud800" <= char <= "\udfff"


def _escaped(char: str) -> str:
    return f"\\{char}" if char in '"\\' else f"\\U{ord(char):08x}"


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")
