"""A site of another system, as far as its files say: who may read each file, and the address that it had. Pure."""

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from feedsvc import languages
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.importing.source_files import SourceFiles

_WRITTEN: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_DATED: Final = re.compile(r"(\d{4}-\d{1,2}-\d{1,2})-")
# Hosts in settings that nobody has changed yet.
_NO_SITE: Final = re.compile(
    r"https?://(?:(?:www\.)?example\.(?:com|org|net)|(?:www\.)?your-?(?:site|domain)[\w.-]*|localhost)(?=[:/]|$)|"
    r"https?://(?:127\.|0\.0\.0\.0)"
)

_DATA_FILES: Final = frozenset(("package.json", "package-lock.json", "tsconfig.json", "hugo.json", "config.json"))


@dataclass(frozen=True, slots=True)
class Inherited:
    """Fields that a file has from another one at `path`, unless it has them itself."""

    path: str
    fields: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Translation:
    """The language of a file by its place, and the path of the file that it is a translation of; "" for none.

    `plain` is the path without the language in its name, or "".
    """

    language: str | None
    original: str = ""
    plain: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A file of a site, with the fields that it has. `date` is its date as written."""

    path: str
    fields: Mapping[str, Value]
    title: str
    slug: str = ""
    date: str = ""
    categories: tuple[str, ...] = ()
    language: str = ""

    @property
    def stem(self) -> str:
        """Return the name of the file without its suffix; that of its folder for an `index`."""
        folder, name = posixpath.split(self.path)
        stem = posixpath.splitext(name)[0]
        return posixpath.basename(folder) if stem == "index" else stem

    @property
    def local_time(self) -> datetime | None:
        """Return the date and time on the clock of the site, as written; else the date in the file's name."""
        dated = _DATED.match(posixpath.basename(self.path))
        found = _WRITTEN.match(self.date) or (_WRITTEN.match(dated[1]) if dated else None)
        try:
            # The clock of the site, as addresses are made of it: no zone changes it.
            numbers = [int(each or 0) for each in found.groups()] if found else []
            return datetime(*numbers) if numbers else None  # type: ignore[arg-type]  # noqa: DTZ001
        except ValueError:
            return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSite:
    """A site in the folder `root` among `files`. What it does not say has the answer of this class.

    `base_url` is the public address that it had, without a slash at the end; "" if it does not say. `base_path` is the
    path in it, which is known of more sites. `problem` says why
    its settings cannot be read, or "". `language` is the language of files that say nothing.
    """

    system: str
    root: str
    files: SourceFiles
    base_url: str = ""
    base_path: str = ""
    problem: str = ""
    language: str = ""
    # The fields that a text and its translations have in common.
    group_fields: tuple[str, ...] = field(default=())
    # No file is public unless it says so itself.
    is_private: bool = False

    def below(self, path: str) -> str:
        """Return the path of a file from the folder of the site."""
        return path.removeprefix(f"{self.root}/") if self.root else path

    def at(self, below: str) -> str:
        """Return the path among all files of a path from the folder of the site."""
        return posixpath.join(self.root, below)

    def inherited(self, _path: str, /) -> Iterable[Inherited]:
        """Return the fields that a file has from others. Later ones replace earlier ones."""
        return ()

    def why_not_public(self, _path: str, /) -> str:
        """Return why the site shows a file to nobody, by its place; "" if it shows it."""
        return ""

    def is_resource(self, _path: str, /) -> bool:
        """Return whether a file is a part of another page, and no page itself."""
        return False

    def is_page(self, _path: str, /) -> bool:
        """Return whether a file is a page such as an imprint by its place, and no article."""
        return False

    def is_data(self, path: str, /) -> bool:
        """Return whether a file has settings or data for the programs of the site, and no article."""
        return posixpath.basename(path) in _DATA_FILES

    def translation(self, _path: str, /) -> Translation:
        """Return the language of a file by its place."""
        return Translation(None)

    def address(self, _page: Page, /) -> str:
        """Return the path of the address that a page had, from the root of its host; "" if it is not known."""
        return ""

    def feed_id(self, _page: Page, address: str, /) -> str:
        """Return the id that the site's own feed gave a page; "" if it is not known."""
        return f"{origin(self.base_url)}{address}" if self.base_url else ""


def origin(url: str) -> str:
    """Return the scheme and host of a URL."""
    return "/".join(url.split("/")[:3])


def public_url(written: Value) -> str:
    """Return a public address of a site, without a slash at its end; "" for none, or for one in an example."""
    text = written.strip().rstrip("/") if isinstance(written, str) else ""
    return text if re.match(r"https?://[^/\s]+", text) and not _NO_SITE.match(text) else ""


def path_in(written: Value) -> str:
    """Return the path of a URL, without a slash at its end."""
    return re.sub(r"^[a-z]+://[^/]*", "", written.strip()).rstrip("/") if isinstance(written, str) else ""


def value_in(table: Mapping[str, Value], *names: str) -> Value:
    """Return the first value that is not empty under one of the names, which are compared by `squash`; "" for none."""
    wanted = {squash(name): at for at, name in enumerate(names)}
    found = sorted((wanted[squash(key)], key) for key in table if squash(key) in wanted)
    return next((table[key] for _, key in found if table[key]), "")


def table_in(table: Mapping[str, Value], *names: str) -> Mapping[str, Value]:
    """Return the table under one of the names; an empty one if there is none."""
    found = value_in(table, *names)
    return found if isinstance(found, dict) else {}


def text_in(table: Mapping[str, Value], *names: str) -> str:
    """Return the text under one of the names; "" if there is none."""
    found = value_in(table, *names)
    return found if isinstance(found, str) else ""


def list_in(table: Mapping[str, Value], *names: str) -> list[Value]:
    """Return the list under one of the names, a text as a list of one."""
    found = value_in(table, *names)
    return found if isinstance(found, list) else [found] if found else []


def is_yes(value: Value) -> bool:
    """Return whether a setting says yes."""
    return isinstance(value, str) and value.lower() in ("true", "yes", "on")


def tag_of(*written: str) -> str | None:
    """Return the first of the texts that is a language tag, in its usual case; None if none is."""
    for each in filter(None, written):
        try:
            return languages.canonical(each.replace("_", "-"))
        except ValueError:
            continue
    return None
