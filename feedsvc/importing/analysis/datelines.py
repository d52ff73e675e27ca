"""Find dates as newspapers write them above an article, in lines with other text. Pure."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import get_day_names, get_month_names

from feedsvc.articles.metadata.dates import read_date

_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|Dec(?:ember)?)\.?"
)
# The languages whose dates have the name of a month between day and year. Dates in English may also begin with it.
_LOCALES: Final = ("ar", "ar_LB", "de", "es", "fa", "fr", "he", "id", "it", "pt", "ru")
_MONTHS: Final = {
    name.casefold(): number for locale in _LOCALES for number, name in get_month_names("wide", locale=locale).items()
}
# Arabic, Persian and full-width digits.
_DIGITS: Final = {zero + value: str(value) for zero in (0x0660, 0x06F0, 0xFF10) for value in range(10)}
# An earlier year is of another calendar: 1404 of the Iranian, 1447 of the Islamic one.
_FIRST_YEAR: Final = 1600
_DAY: Final = r"(?<!\d)\d{1,2}(?:st|nd|rd|th)?"
_WESTERN: Final = rf"(?:{_MONTH}\s+{_DAY},?\s+\d{{4}}|{_DAY}\s+{_MONTH},?\s+\d{{4}})(?!\d)"
_NAMES: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAYS: Final = "|".join(
    sorted(
        {name for locale in _LOCALES for name in get_day_names("wide", locale=locale).values()}, key=len, reverse=True
    )
)
_NAMED: Final = (
    r"(?<!\d)(?P<named_day>\d{1,2})\.?\s+(?:de\s+|ב)?"
    rf"(?P<month>{_NAMES})(?:\s*/\s*(?:{_NAMES}))?,?\s+(?:de\s+)?(?P<named_year>\d{{4}})(?!\d)"
)
# Years of the Republic of China and of the Reiwa era need their name. Other years are those of our calendar.
_ERAS: Final = {"中華民國": 1911, "中华民国": 1911, "民國": 1911, "民国": 1911, "令和": 2018}
_YEAR: Final = rf"(?<!\d)(?:(?P<era>{'|'.join(_ERAS)})\s*(?P<of_era>\d{{1,3}})|\d{{4}}|(?P<taiwan>1\d\d))"
# 115年2月10日 is a year of the Republic beside such a word. Without one it may be a number of years.
_TAIWAN_LABEL: Final = re.compile(r"(?:發[布佈表]|日期|時間|刊[登載]|公告|更新|上[架稿]|張貼|建檔|修改)[^\d。，]{0,4}$")
_EASTERN: Final = rf"{_YEAR}\s*[-./年년]\s*\d{{1,2}}\s*[-./月월]\s*\d{{1,2}}(?!\d)(?:\s*[日일])?\.?"
_WEEKDAY: Final = (
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?,?\s+|(?:{_DAYS})[,،]?\s+(?:den\s+)?|"
    r"\s*[(（](?:星期|週|周)?[^()（）\d]{1,3}[)）]|"
    r"\s*(?:星期|週|周).(?=\s|$)"
)
_CLOCK: Final = (
    r"\d{1,2}(?::\d\d){0,2}\s*[ap]\.?m\b\.?|(?:(?:上午|下午|早上|晚上|午前|午後|오전|오후)\s*)?"
    r"(?:\d{1,2}:\d\d(?::\d\d)?|\d{1,2}\s*[時时點点시](?:\s*\d{1,2}\s*[分분])?)"
)
# Names of zones with one meaning. CST may be China's or Chicago's.
_ZONES: Final = {
    **dict.fromkeys(("ET", "EST", "EDT"), "America/New_York"),
    **dict.fromkeys(("PT", "PST", "PDT"), "America/Los_Angeles"),
    **dict.fromkeys(("CET", "CEST"), "Europe/Paris"),
    **dict.fromkeys(("台北時間", "臺北時間"), "Asia/Taipei"),
    **dict.fromkeys(("北京時間", "北京时间"), "Asia/Shanghai"),
    **dict.fromkeys(("JST", "日本時間"), "Asia/Tokyo"),
    "GMT": "UTC",
    "UTC": "UTC",
    "HKT": "Asia/Hong_Kong",
    "KST": "Asia/Seoul",
    "SGT": "Asia/Singapore",
}
_ZONE: Final = (
    rf"\s*[(（]?(?:(?P<offset>Z\b|(?:UTC|GMT)?\s*[+-]\d\d?(?::?\d\d)?(?![\d/.-]))|"
    rf"(?P<zone>{'|'.join(_ZONES)}|CST|CDT|CT|IST|BST)(?![A-Za-z]))[)）]?"
)
_DATE: Final = re.compile(
    rf"(?P<before>{_WEEKDAY})?(?P<day>{_WESTERN}|{_NAMED}|{_EASTERN})(?P<behind>{_WEEKDAY})?"
    rf"(?:[,，،]?\s*(?:at\s+|T|-\s+|الساعة\s+|ساعت\s+|בשעה\s+|um\s+|à\s+)?(?P<clock>{_CLOCK})(?:{_ZONE})?)?",
    re.IGNORECASE,
)
# A box of facts about a person or an organization has such a label in front of a date.
_EVENT: Final = re.compile(
    r"(?:生日|生年月日|出生(?:日期|地点|地點)?|誕生日?|逝世|去世|死亡|死没|卒年?|成立(?:日期|時間|时间)?|創立|创立|創辦|创办|創刊|创刊|創業|設立|"
    r"建校|開業|开业|開幕|開館|上市(?:日期|時間|时间)?|落成|竣工|啟用|启用|通車|通车|結婚|结婚|출생|사망|설립일?|창립일?|생년월일|"
    r"\b(?:born|birth(?:day|date)?|date of birth|died|death|founded|established|incorporated|formed|opened|launched|"
    r"inception|headquartered since|married|geboren|gestorben|gegründet|naissance|décès|nacimiento|fundación|"
    r"родился|родилась|основан[аоы]?))(?:\s?(?:date|on|in|at|於|于|日))?\Z",
    re.IGNORECASE,
)
_MAX_LABEL: Final = 60
# The fewest of a date: 令和8年3月1日.
_THREE_DIGITS: Final = re.compile(r"\d\D*\d\D*\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundDate:
    """A date: the time (UTC), its place in the line, and whether it has a time of day."""

    at: datetime
    start: int
    end: int
    has_clock: bool


def names_event(text: str) -> bool:
    """Return whether a text ends with a label of an event, such as 出生 or "Founded:": a date behind it is of that."""
    return _EVENT.search(text[-_MAX_LABEL:].rstrip(" \t:：·|–—-")) is not None


def dates_in(line: str, zone: tzinfo) -> Iterator[FoundDate]:
    """Yield the complete dates in a line, in `zone` unless they name one. Ambiguous ones are left out."""
    if not _THREE_DIGITS.search(line):
        # Most lines of a page. The pattern below takes much longer to find nothing in them.
        return
    for match in _DATE.finditer(line.translate(_DIGITS)):
        day, clock, name = match["day"], match["clock"] or "", (match["zone"] or "").upper()
        if name and name not in _ZONES:
            # The name could be that of two zones.
            continue
        if match["taiwan"]:
            if not _TAIWAN_LABEL.search(line[max(0, match.start("day") - 12) : match.start("day")]):
                continue
            day = f"{int(match['taiwan']) + 1911}{day[3:]}"
        if match["era"]:
            year = int(match["of_era"]) + _ERAS[match["era"]]
            day = re.sub(rf"{match['era']}\s*{match['of_era']}", str(year), day, count=1)
        if match["month"]:
            month = _MONTHS[match["month"].casefold()]
            day = f"{int(match['named_year'])}-{month:02}-{int(match['named_day']):02}"
        day = re.sub(r"(?<=\d)(?:st|nd|rd|th)\b", "", day, flags=re.IGNORECASE).rstrip(".")
        half_day = re.sub(r"([ap])\.?m\b\.?", r"\1m", clock, flags=re.IGNORECASE)
        written = f"{day} {half_day}{match['offset'] or ''}".strip()
        with suppress(ValueError):
            at = read_date(written, ZoneInfo(_ZONES[name]) if name else zone)
            if at.year >= _FIRST_YEAR:
                yield FoundDate(at=at, start=match.start(), end=match.end(), has_clock=bool(clock))
