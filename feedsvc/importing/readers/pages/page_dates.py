"""Find the publication date of a saved page in what it shows: beside its heading, with a label, or in its address.

The statements that a page makes for machines come before these: `page_metadata`. Pure.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.importing.analysis.boilerplate import normalized
from feedsvc.importing.analysis.datelines import dates_in, names_event
from feedsvc.importing.analysis.line_shapes import width
from feedsvc.importing.draft import SourceDate
from feedsvc.importing.output.html_to_markdown import children
from feedsvc.importing.settings import ImportSettings
from feedsvc.text import plain

_BLOCKS: Final = frozenset(
    "address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr html li main nav ol p pre section table tbody td th thead tr ul".split()
)
_NO_TEXT: Final = frozenset("head script style template noscript select textarea button".split())
# The lines that may be between the heading and the date, and between a date and the heading below it.
_BELOW: Final = 8
_ABOVE: Final = 2
# In columns. A longer line is prose, and one with the end of a sentence earlier.
_MAX_LINE: Final = 160
_MAX_META: Final = 60
# A date within a longer text that ends a sentence is that of an event.
_SENTENCE: Final = re.compile(r"[。！？!?]")
_UPDATED: Final = re.compile(r"(?:更新|修改|수정|updated|modified|最終更新)[^\d]{0,12}$", re.IGNORECASE)
_LABEL: Final = re.compile(
    r"(?:[发發][布佈表]|刊[登載载]|公開|公告|投稿|掲載|配信|日期|时间|時間|입력|등록|게시|published|posted)[^\d。！？]{0,8}$",
    re.IGNORECASE,
)
_CLASS: Final = re.compile(
    r"(?:^|[\s_-])(?:a_?)?(?:pub|post|publish|news|article)?[_-]?(?:time|date|pubtime)(?:$|[\s_-])"
)
_OF_EVENT: Final = re.compile(r"birth|born|bday|death|died|founded|event", re.IGNORECASE)
_MAY_BE_DATE: Final = ", ".join(
    f"{tag}[class*={word} i]" for tag in ("span", "p", "div", "em", "i") for word in ("time", "date")
)
_IN_ADDRESS: Final = re.compile(
    r"/(?P<year>(?:19|20)\d\d)(?:[/-](?P<month>\d\d?)[/-](?P<day>\d\d?)(?=[/.]|$)|(?P<m>\d\d)(?P<d>\d\d)(?=/|\d{4}\.)|"
    r"-(?P<m2>\d\d)/(?P<d2>\d\d)(?=/))"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    is_heading: bool
    # The characters within links.
    linked: int


def shown_date(tree: LexborHTMLParser, title: str, settings: ImportSettings) -> SourceDate | None:
    """Return the date (UTC) beside the heading of a page, or else the only one with a label or the class of a date."""
    found_lines = list(_lines(tree.body))
    # A date below the label of an event is of that event.
    lines = [
        line
        for before, line in zip([None, *found_lines], found_lines, strict=False)
        if before is None or not (len(before.text) <= _MAX_META and names_event(before.text))
    ]
    for found, place in (
        (_beside_heading(lines, title, settings), "the line beside the heading"),
        (_labelled(lines, settings), "the line with a label"),
        (_with_class(tree, settings), "the element of class date"),
    ):
        if found:
            return SourceDate(at=found, found_in=place)
    return None


def date_in_address(address: str | None, settings: ImportSettings) -> SourceDate | None:
    """Return the day in an address such as /2026/03/12/ (its beginning in the publication's zone, in UTC), or None."""
    for match in _IN_ADDRESS.finditer(address or ""):
        month, day = match["month"] or match["m"] or match["m2"], match["day"] or match["d"] or match["d2"]
        with suppress(ValueError):
            return SourceDate(
                at=settings.date(f"{match['year']}-{int(month):02}-{int(day):02}"), found_in="the address"
            )
    return None


def _lines(parent: LexborNode | None) -> Iterator[_Line]:
    """Yield the lines of text below a node, in the order of the page."""
    parts: list[str] = []
    linked = 0
    heading = False
    # A stack instead of recursion: pages may be nested deeply. None ends a line.
    stack: list[tuple[LexborNode | None, bool]] = [(parent, False)] if parent is not None else []
    while stack:
        node, in_link = stack.pop()
        if node is not None and not node.is_element_node:
            text = plain(node.text(deep=False) or "") if node.is_text_node else ""
            parts.append(text)
            linked += len(text) if in_link else 0
            continue
        # A row with a heading of its own is of a box of facts: 成立 1998年2月28日.
        if node is not None and (node.tag in _NO_TEXT or (node.tag == "tr" and node.css_first("th") is not None)):
            continue
        is_block = node is None or node.tag in _BLOCKS
        if is_block:
            text = "  ".join(filter(None, parts))
            if text:
                yield _Line(text=text, is_heading=heading, linked=linked)
            parts, linked, heading = [], 0, node is not None and node.tag in ("h1", "h2", "h3", "h4", "h5")
        if node is None:
            continue
        if is_block:
            stack.append((None, False))
        stack.extend((child, in_link or node.tag == "a") for child in reversed(list(children(node))))


def _beside_heading(lines: list[_Line], title: str, settings: ImportSettings) -> datetime | None:
    """Return the date in a line beside that with the title, of which a heading is preferred."""
    wanted = normalized(title)

    def is_title(text: str) -> bool:
        long = len(text) >= 8 and wanted.startswith(text)
        return text == wanted or long or (len(wanted) >= 8 and text.startswith(wanted))

    equal = [at for at, line in enumerate(lines) if wanted and is_title(normalized(line.text))]
    if not equal:
        return None
    at = next((at for at in equal if lines[at].is_heading), equal[0])
    for line in lines[at : at + 1 + _BELOW]:
        is_long = width(line.text) > _MAX_LINE or (width(line.text) > _MAX_META and _SENTENCE.search(line.text))
        if is_long and line is not lines[at]:
            # Prose. A date below it is not in the line of the article's own date.
            break
        found = _date_of(line, settings)
        if found:
            return found
    # The header of a site may show the date of today, but seldom with the time of day.
    for line in reversed(lines[max(0, at - _ABOVE) : at]):
        found = _date_of(line, settings, needs_clock=True)
        if found:
            return found
    return None


def _date_of(line: _Line, settings: ImportSettings, *, needs_clock: bool = False) -> datetime | None:
    """Return the first date of a line that is about the article. Links and sentences with dates are not."""
    for found in dates_in(line.text, ZoneInfo(settings.site.timezone)):
        rest = line.text[: found.start] + line.text[found.end :]
        before = line.text[: found.start]
        if _UPDATED.search(before) or names_event(before) or (needs_clock and not found.has_clock):
            continue
        if _SENTENCE.search(rest) or line.linked > 40 or (line.linked > 12 and line.linked * 2 > len(rest)):
            return None
        return found.at
    return None


def _labelled(lines: list[_Line], settings: ImportSettings) -> datetime | None:
    """Return the date behind a word such as 發布日期, if all such dates of the page are of one day."""
    dates = [
        found.at
        for line in lines
        if width(line.text) <= _MAX_LINE
        for found in dates_in(line.text, ZoneInfo(settings.site.timezone))
        if _LABEL.search(before := line.text[: found.start]) and not (_UPDATED.search(before) or names_event(before))
    ]
    return dates[0] if len({each.date() for each in dates}) == 1 else None


def _with_class(tree: LexborHTMLParser, settings: ImportSettings) -> datetime | None:
    """Return the date in an element that is named a date and contains nothing else, if the page has only one."""
    dates: set[datetime] = set()
    for node in tree.css(_MAY_BE_DATE):
        text = plain(node.text(deep=True))
        name = node.attributes.get("class") or ""
        if width(text) <= _MAX_LINE and _CLASS.search(name) and not _OF_EVENT.search(name):
            dates.update(found.at for found in dates_in(text, ZoneInfo(settings.site.timezone)))
    return dates.pop() if len(dates) == 1 else None
