"""Find out who may read a file, by our fields and those of other systems. Pure.

Guarantee 13: nothing that was not meant for the public is published. A marker whose value the table (`marker_table`)
does not have is therefore not public either. Where markers contradict each other, the least public one wins.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.articles.metadata import field_names, marker_table, registry
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import (
    NO,
    NOT_PUBLIC_WORDS,
    PUBLIC_WORDS,
    YES,
    Kind,
    Match,
    Row,
    Visibility,
    squash,
)
from feedsvc.errors import ArticleError, Finding

__all__ = [
    "UNREAD_FOLDERS",
    "Marker",
    "NotPublic",
    "Visibility",
    "expiries",
    "is_expiry_field",
    "is_marker",
    "is_yes",
    "markers",
    "of_word",
    "unread_folder",
    "visibility",
    "wanted",
]


class NotPublic(ArticleError):
    """The error about a file that is also not for the public: no version of it may be published.

    `is_marked` says that a marker we know says so; otherwise one has a value that we do not know.
    """

    def __init__(self, findings: Sequence[Finding], *, is_marked: bool) -> None:
        super().__init__(findings)
        self.is_marked = is_marked


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker of a file: the field as written (`meta.draft` for one in a table), and in words what it says.

    `like` is the name that a misspelled field is like, or "". `date` is a time as it is written, before which the file
    is not public, and `at` that time in UTC, once it is read; whether one that cannot be read matters, `is_sure` says.
    """

    field: str
    value_text: str
    visibility: Visibility
    like: str = ""
    date: str = ""
    at: datetime | None = None
    is_sure: bool = True


# Tables of fields; what stands in others is about something else, and only names that mean nothing else count there.
_TABLES: Final = frozenset(
    "meta metadata extra extras params param page post article entry data attributes frontmatter fields custom "
    "options settings config cms publishing publication hugo jekyll eleventy wordpress wp ghost obsidian cascade "
    "defaults values flags feed rss workflow schedule scheduled sys properties".split()
)
# Tables of ours whose keys are known.
_OURS: Final = frozenset(("image", "enclosure", "authors", "author", "feedsvc"))
# Hugo's build options, called _build before 0.145: https://gohugo.io/content-management/build-options/
_BUILD: Final = "build"
_BUILD_VALUES: Final[Mapping[str, Visibility]] = {
    "always": Visibility.PUBLIC,
    "true": Visibility.PUBLIC,
    "never": Visibility.NOT_PUBLIC,
    "false": Visibility.NOT_PUBLIC,
    "local": Visibility.NOT_PUBLIC,
    "link": Visibility.NOT_PUBLIC,
}
_NO_WORDS: Final = frozenset[str]()
_NOTHING: Final = frozenset(("none", "never", "nobody"))
_NEGATIVE: Final = re.compile(r"\s*[-+]\s*\d")


# Folders whose files are not for the public, and why. Compared without case.
UNREAD_FOLDERS: Final = {
    **dict.fromkeys(
        # Jekyll: https://jekyllrb.com/docs/posts/#drafts
        ("_drafts", "_draft", "drafts", "_unpublished", "_unlisted", "_private", "_hidden", "_wip", "_todo"),
        "a folder for what is not published",
    ),
    **dict.fromkeys(
        ("_archive", "_archives", "_archived", "_old", "_backup", "_backups", "_deleted", "_trash", "trash"),
        "a folder for what is no longer published",
    ),
    **dict.fromkeys(("_templates", "_includes", "_layouts"), "a folder of templates"),  # Obsidian, Jekyll, Eleventy
    "node_modules": "a folder of programs",  # npm
    **dict.fromkeys(("@eadir", "#recycle", "#snapshot"), "a folder of a network drive"),  # Synology DSM
    **dict.fromkeys(("$recycle.bin", "lost+found", "__macosx"), "a folder of an operating system"),
}


def unread_folder(path: str) -> str | None:
    """Return the first folder in a relative `path` (forward slashes) whose files are not for the public, as written."""
    return next((each for each in path.split("/")[:-1] if each.lower() in UNREAD_FOLDERS), None)


def markers(front: Mapping[str, Value]) -> Iterator[Marker]:
    """Yield the markers among the front matter's fields; an empty one says nothing, and `published` may be a date."""
    yield from _in_table(front, "", is_about_file=True)


def expiries(front: Mapping[str, Value], path: str = "") -> Iterator[tuple[str, Value]]:
    """Yield the fields that say when a file is taken down, under our name and others, and what they say."""
    for field, value in front.items():
        if is_expiry_field(field):
            said = squash(value) if isinstance(value, str) else "a list or table"
            if said not in YES | NO | _NOTHING | {""}:
                yield f"{path}{field}", value
        elif squash(field) in _TABLES:
            for each in value if isinstance(value, list) else [value]:
                yield from expiries(each, f"{path}{field}.") if isinstance(each, dict) else ()


def is_expiry_field(field: str) -> bool:
    """Return whether a field says when a file is taken down."""
    return squash(field) == "expires" or field_names.own_name(field) == "expires"


def _in_table(table: Mapping[str, Value], path: str, *, is_about_file: bool) -> Iterator[Marker]:
    for field, value in table.items():
        name, written = squash(field), f"{path}{field}"
        is_end = is_expiry_field(field)
        # The words that take the file down in a field that is no marker otherwise: expired: true, unpublish: yes;
        # Eleventy writes no page for permalink: false and permalink: {build: false}, Lume none for url: false.
        withdrawing = YES if is_end else NO if name in ("permalink", "url") else _NO_WORDS
        said = value.get("build", "") if name == "permalink" and isinstance(value, dict) else value
        found = marker_table.match(field)
        if found is not None and not is_about_file and (found.is_like or not found.row.is_strong):
            found = None
        if name in _OURS:
            continue
        if value in ([], {}) or (isinstance(value, str) and not value.strip()):
            if found is not None and found.row.empty is not None:  # publishedAt: null
                yield Marker(written, "an empty date", found.row.empty)
        elif withdrawing and isinstance(said, str) and _squash_value(said) in withdrawing:
            yield Marker(written, repr(said), Visibility.NOT_PUBLIC)
        elif is_end:
            continue
        elif name == _BUILD and isinstance(value, dict):
            yield from _of_build(written, value)
        elif found is not None and not (_tables(value) and found.row.kind in (Kind.HINT, Kind.DATE)):
            yield from _of_field(written, found, value)
        elif found is None and is_about_file and _is_unmistakable(field, value):
            yield Marker(written, repr(value)[:40], Visibility.UNKNOWN)
        else:
            for each in _tables(value):
                yield from _in_table(each, f"{written}.", is_about_file=is_about_file and name in _TABLES)


def _is_unmistakable(field: str, value: Value) -> bool:
    """Whether a field that is in no table of ours says only words that keep its file from the public."""
    # `_id` is another name of `id`, whose value may say that the document is a draft.
    if field in registry.FIELDS or field_names.own_name(field) not in (None, "id"):
        return False
    return all(
        isinstance(each, str) and marker_table.says_not_public(field, each)
        for each in (value if isinstance(value, list) else [value])
    )


def _tables(value: Value) -> list[dict[str, Value]]:
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]


def _of_field(field: str, found: Match, value: Value) -> Iterator[Marker]:
    like = found.name if found.is_like else ""
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str):
            yield Marker(field, "a table", Visibility.UNKNOWN, like)
            continue
        said, visibility = repr(item[:40]), _of_value(found.row, item)
        if found.row.is_secret:
            said = "a password"  # never itself: what is said of a file turns up in logs
        if visibility is None:
            continue
        is_date = found.row.kind is Kind.DATE or found.name == "published"
        if visibility is not Visibility.UNKNOWN or not is_date:
            yield Marker(field, said, visibility, like)
        elif field != "published":
            is_sure = found.name not in marker_table.UNSURE_DATES
            yield Marker(field, said, Visibility.PUBLIC, like, date=item, is_sure=is_sure)


def _of_value(row: Row, value: str) -> Visibility | None:
    """Return the visibility of a value in a field of the row; None if it has none."""
    said = _squash_value(value)
    if row.kind is Kind.SET:
        return Visibility.PUBLIC if said in NO | _NOTHING else Visibility.NOT_PUBLIC
    if said in YES:
        return row.true
    if said in NO or (said in _NOTHING and row.true is Visibility.NOT_PUBLIC):
        return row.false
    word = of_word(said)
    if word is Visibility.NOT_PUBLIC or (word is Visibility.PUBLIC and row.true is not Visibility.NOT_PUBLIC):
        return word
    return None if row.kind is Kind.HINT else Visibility.UNKNOWN


def _squash_value(value: str) -> str:
    """Return a value for comparing. -1 is no 1, which says yes."""
    return value if _NEGATIVE.match(value) else squash(value)


def of_word(written: str) -> Visibility:
    """Return what a word says in a field such as `status`."""
    found = squash(written)
    if found in NOT_PUBLIC_WORDS:
        return Visibility.NOT_PUBLIC
    return Visibility.PUBLIC if found in PUBLIC_WORDS else Visibility.UNKNOWN


def is_yes(written: str) -> bool:
    """Return whether a word says yes."""
    return squash(written) in YES


def _of_build(field: str, value: Mapping[str, Value]) -> Iterator[Marker]:
    for key, each in value.items():
        if squash(key) in ("list", "render"):
            said = squash(each) if isinstance(each, str) else "a table"
            yield Marker(field, f"{key}: {said}", _BUILD_VALUES.get(said, Visibility.UNKNOWN))


def is_marker(field: str, value: Value) -> bool:
    """Return whether a field of this name and value is read here, if only to find that it says nothing."""
    found = None if is_expiry_field(field) or field == "published" else marker_table.match(field)
    if found is not None and found.row.kind not in (Kind.HINT, Kind.DATE):
        return True
    return any(markers({field: value}))


def visibility(found: Iterable[Marker]) -> Visibility:
    """Return the least public of the markers; without any, a file is public."""
    return min((each.visibility for each in found), default=Visibility.PUBLIC)


def wanted(marker: Marker) -> str:
    """Return in words what a marker with an unknown value may say instead."""
    field = marker.field.rpartition(".")[2]
    if marker.date:
        return "write a time such as 2026-01-31 09:00, or remove this line, since 'published' says when"
    found = marker_table.match(field)
    if squash(field) == _BUILD:
        return "write list: always or never, render: always or never"
    if found is None:
        return "write draft: true to keep it from the public; to publish it, remove this line or write another word"
    if found.row.kind is Kind.WORD:
        return "write published or draft"
    if found.row.false is Visibility.UNKNOWN:
        return "write draft: true, or remove this line to publish it"
    return "write true or false"
