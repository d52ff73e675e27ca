"""Read the lines above and below a text that name its date and authors. Pure.

Such a line contains nothing else: a date within a sentence is the date of an event.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from feedsvc.importing.analysis.boilerplate import KINDS, normalized
from feedsvc.importing.analysis.datelines import dates_in, names_event
from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.draft import Cut, SourceDate
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Person
from feedsvc.text import plain

Line = tuple[int, str]
_PARTS: Final = re.compile(r"[|｜·•\u3000]|\s{2,}|\s[-–—]\s")
_EDGES: Final = " \t,，、،؛;；()（）[]【】《》-–—·:："
_LABEL: Final = re.compile(r"(?P<label>[^:：/／=＝\d]{1,20}?)\s*[:：/／=＝]\s*(?P<rest>.+)")
_BY: Final = re.compile(
    r"(?:by|بقلم|به قلم|מאת)\s+(?P<name>[^\d.,،;:!?]{2,60}(?:[,،]\s*[^\d.,،;:!?]{2,30}){0,3})", re.IGNORECASE
)
_REPORTER: Final = re.compile(
    r"(?P<ko>[가-힣]{2,4})\s*(?:선임)?(?:기자|특파원)(?:\s*\S+@\S+)?|"
    r"(?:本報|本报|特約|特约|實習|实习)?[記记]者\s*(?P<zh>[^\s／/()（）]{2,16})\s*[／/]\s*[^\s／/]{1,12}?(?:報導|报道|報道|電|电|專訪)"
)
# It contains a letter that is not lower-case, and nothing that ends a sentence.
_LIKE_A_NAME: Final = re.compile(r"^(?=.*[^\W\d_a-z])[^。！？!?\d]+$")
# Alone on a line. 記者會 is a press conference, 記者們 is the plural.
_REPORTER_ALONE: Final = re.compile(
    r"(?:文字|特約|特约|實習|实习)?[記记]者\s*[：:／/]?\s*(?P<zh>(?![會会們们協协節节證证])[\u4e00-\u9fff]{2,4})|"
    r"(?P<ja>[\u3040-\u30ff\u4e00-\u9fff]{2,6})[\s・]+記者"
)
_NAME_SEPARATOR: Final = re.compile(r"\s*(?:[、,，،;；&＆]|\band\b)\s*")
_MAX_COLUMNS: Final = 120
_MAX_NAME: Final = 40
# The longest name of a newspaper beside a date and an author, in columns.
_MAX_OUTLET: Final = 24
_MAX_LINES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """The date, the authors, and the lines that name them."""

    published: SourceDate | None = None
    updated: datetime | None = None
    authors: tuple[Person, ...] = ()
    cuts: tuple[Cut, ...] = ()


def split_bylines(
    lines: Sequence[Line], settings: ImportSettings, known: Sequence[Person] = ()
) -> tuple[Byline, list[Line]]:
    """Return the date and authors in the first five lines below a title and the last two lines, and the other lines.

    The names of `known` authors count without a word such as "by".
    """
    candidates = [*range(min(_MAX_LINES, len(lines))), *range(max(_MAX_LINES, len(lines) - 2), len(lines))]
    found = {
        at: meta
        for at in candidates
        if not (at and names_event(lines[at - 1][1])) and (meta := read_byline(lines[at], settings, known)) is not None
    }
    metas = [found[at] for at in sorted(found)]
    whole = Byline(
        published=next((meta.published for meta in metas if meta.published), None),
        updated=next((meta.updated for meta in metas if meta.updated), None),
        authors=tuple(dict.fromkeys(person for meta in metas for person in meta.authors)),
        cuts=tuple(cut for meta in metas for cut in meta.cuts),
    )
    return whole, [line for at, line in enumerate(lines) if at not in found]


def is_labelled_date(text: str, settings: ImportSettings) -> bool:
    """Return whether a line has the label of a date, readable or not ("تاریخ انتشار: ۱۴۰۴/۱۲/۲۱")."""
    labelled = _LABEL.fullmatch(text)
    if labelled is None or not any(map(str.isdigit, labelled["rest"])):
        return False
    return normalized(labelled["label"]) in settings.rules.labels("date") | settings.rules.labels("updated")


def read_byline(line: Line, settings: ImportSettings, known: Sequence[Person] = ()) -> Byline | None:
    """Return the date and authors of a line that consists of dates, names and labels; None for other lines."""
    number, text = line
    if width(text) > _MAX_COLUMNS:
        return None
    parser = _LineParser(settings, known)
    parser.parse(text, number)
    if not parser.is_byline:
        return None
    when, whom = parser.published or parser.updated, parser.authors
    why = "the date" if when and not whom else "the authors" if not when else "date and authors"
    return Byline(
        published=parser.published,
        updated=parser.updated,
        authors=tuple(whom),
        cuts=(Cut(kind="meta", text=text, reason=why, line=number),),
    )


@dataclass(slots=True)
class _LineParser:
    """Parses a line: first the dates, then the text between them. `remaining` are the parts that are neither."""

    settings: ImportSettings
    known: Sequence[Person]
    published: SourceDate | None = None
    updated: datetime | None = None
    authors: list[Person] = field(default_factory=list)
    has_clock: bool = False
    is_by_reporter: bool = False
    remaining: list[str] = field(default_factory=list)

    @property
    def is_byline(self) -> bool:
        """Return whether the line has only a date or names. With both, or a time of day, it may name the newspaper."""
        if self.published is None and self.updated is None and not self.authors:
            return False
        has_both = bool(self.authors) and (self.published or self.updated) is not None
        if not self.remaining or not (self.has_clock or self.is_by_reporter or has_both):
            return not self.remaining
        text = self.remaining[0]
        return len(self.remaining) == 1 and width(text) <= _MAX_OUTLET and not re.search(r"[。！？!?，,；;\d]", text)

    def parse(self, text: str, number: int) -> None:
        """Parse the line with this number in the source."""
        position = 0
        for found in dates_in(text, ZoneInfo(self.settings.site.timezone)):
            if names_event(text[position : found.start]):
                self.remaining.append(text)
            label = self._parse_between(text[position : found.start])
            if label in self.settings.rules.labels("updated"):
                self.updated = self.updated or found.at
            else:
                self.published = self.published or SourceDate(at=found.at, found_in=f"line {number}")
            self.has_clock = self.has_clock or found.has_clock
            position = found.end
        self._parse_between(text[position:])

    def _parse_between(self, text: str) -> str:
        """Parse the text beside a date. Return the label of the date that follows, or ""."""
        rules = self.settings.rules
        labels = rules.labels("date") | rules.labels("updated")
        label = ""
        for part in filter(None, (each.strip(_EDGES) for each in _PARTS.split(text))):
            label = normalized(part) if normalized(part) in labels else ""
            if label:
                continue
            names = [person for person in self.known if person.name == part] or _names(part, self.settings)
            if names:
                self.authors += names
            elif rules.kind_of(part) not in KINDS:
                match = _REPORTER.search(part)
                if match is None:
                    self.remaining.append(part)
                    continue
                self.is_by_reporter = True
                self.authors += _people(next(filter(None, match.groups())))
                around = (part[: match.start()].strip(_EDGES), part[match.end() :].strip(_EDGES))
                self.remaining += filter(None, around)
        return label


def _names(part: str, settings: ImportSettings) -> list[Person]:
    match = _REPORTER.fullmatch(part) or _REPORTER_ALONE.fullmatch(part) or _BY.fullmatch(part)
    if match is not None:
        return _people(next(filter(None, match.groups())))
    labelled = _LABEL.fullmatch(part)
    labels = settings.rules.labels("byline")
    if labelled is None or not all(normalized(each) in labels for each in re.split("[・、]", labelled["label"])):
        return []
    return _people(labelled["rest"])


def _people(names: str) -> list[Person]:
    found = [plain(name) for name in _NAME_SEPARATOR.split(names)]
    short = [name for name in found if width(name) <= _MAX_NAME and _LIKE_A_NAME.search(name)]
    return [Person(name=name) for name in short] if len(short) == len([name for name in found if name]) else []
