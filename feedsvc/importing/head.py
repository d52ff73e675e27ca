"""The lines between a title and its text, and below the text, that say when and by whom. Pure.

A line counts only when it says nothing else: a date within a sentence is the date of some event.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from feedsvc.importing.boilerplate import KINDS, normal
from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Cut, Dated
from feedsvc.importing.shapes import width
from feedsvc.model import Person
from feedsvc.text import plain

Line = tuple[int, str]
_PARTS: Final = re.compile(r"[|｜·•\u3000]|\s{2,}")
_YEAR_FIRST: Final = re.compile(
    r"\d{4}\s*[-./年년]\s*\d{1,2}\s*[-./月월]\s*\d{1,2}(?:\s*[日일])?\.?(?:[T\s]*\d{1,2}:\d\d(?::\d\d)?)?"
    r"(?:\s*(?:Z|[+-]\d\d:?\d\d))?"
)
_WEEKDAY: Final = re.compile(r"[(（][^()（）]{1,3}[)）]")
_LABEL: Final = re.compile(r"(?P<label>[^:：/／=＝\d]{1,20}?)\s*[:：/／=＝]\s*(?P<rest>.+)")
_BY: Final = re.compile(r"by\s+(?P<name>[^\d.,;:!?]{2,60})", re.IGNORECASE)
_REPORTER: Final = re.compile(
    r"(?P<name>[가-힣]{2,4})\s*기자(?:\s*\S+@\S+)?|記者\s*(?P<zh>[^\s／/]{2,8})\s*[／/].{1,8}報導"
)
_BETWEEN_NAMES: Final = re.compile(r"\s*(?:[、,，;；&＆]|\band\b)\s*")
_LONGEST: Final = 120
_LONGEST_NAME: Final = 40
_MOST_LINES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What such lines say, and the lines."""

    published: Dated | None = None
    authors: tuple[Person, ...] = ()
    cuts: tuple[Cut, ...] = ()


def split(lines: Sequence[Line], desk: Desk, known: Sequence[Person] = ()) -> tuple[Meta, list[Line]]:
    """What the first lines below a title and the last two lines say, and the lines without them.

    The names of authors who are `known` count without a word that says they wrote it.
    """
    candidates = [*range(min(_MOST_LINES, len(lines))), *range(max(_MOST_LINES, len(lines) - 2), len(lines))]
    found = {at: meta for at in candidates if (meta := _meta(lines[at], desk, known)) is not None}
    metas = [found[at] for at in sorted(found)]
    whole = Meta(
        published=next((meta.published for meta in metas if meta.published), None),
        authors=tuple(dict.fromkeys(person for meta in metas for person in meta.authors)),
        cuts=tuple(cut for meta in metas for cut in meta.cuts),
    )
    return whole, [line for at, line in enumerate(lines) if at not in found]


def _meta(line: Line, desk: Desk, known: Sequence[Person]) -> Meta | None:
    """What a line says when all its parts are dates, names or marks of the page, and at least one is no such mark."""
    number, text = line
    parts = [part.strip() for part in _PARTS.split(text) if part.strip()]
    if width(text) > _LONGEST or not parts:
        return None
    published: Dated | None = None
    authors: list[Person] = []
    for part in parts:
        date = _date(part, number, desk)
        names = [person for person in known if person.name == part] or _names(part, desk)
        if date is None and not names and desk.rules.kind_of(part) not in KINDS:
            return None
        published = published or date
        authors += names
    if published is None and not authors:
        return None
    why = "says when" if published and not authors else "says by whom" if not published else "says when and by whom"
    return Meta(published=published, authors=tuple(authors), cuts=(Cut(kind="meta", text=text, why=why, line=number),))


def _date(part: str, number: int, desk: Desk) -> Dated | None:
    text = _WEEKDAY.sub(" ", part)
    years = list(_YEAR_FIRST.finditer(text))
    around = _YEAR_FIRST.sub("\n", text).split("\n") if years else []
    labels = desk.rules.labels("date")
    if years and all(not normal(each) or normal(each) in labels for each in around):
        with suppress(ValueError):
            return Dated(at=desk.date(years[0][0].rstrip(".")), found_in=f"line {number}")
    if not re.search(r"\d{4}", text):
        return None
    words = text.split()
    for skipped in range(min(3, len(words) - 1)):
        said = normal(" ".join(words[:skipped]))
        if not skipped or said in labels:
            with suppress(ValueError):
                return Dated(at=desk.date(" ".join(words[skipped:])), found_in=f"line {number}")
    return None


def _names(part: str, desk: Desk) -> list[Person]:
    match = _REPORTER.fullmatch(part) or _BY.fullmatch(part)
    if match is not None:
        return _people(next(filter(None, match.groups())))
    labelled = _LABEL.fullmatch(part)
    labels = desk.rules.labels("byline")
    if labelled is None or not all(normal(each) in labels for each in re.split("[・、]", labelled["label"])):
        return []
    return _people(labelled["rest"])


def _people(names: str) -> list[Person]:
    found = [plain(name) for name in _BETWEEN_NAMES.split(names)]
    short = [name for name in found if name and width(name) <= _LONGEST_NAME and not re.search(r"[。！？!?\d]", name)]
    return [Person(name=name) for name in short] if len(short) == len([name for name in found if name]) else []
