"""The dates people write → aware UTC. Pure: a date that leaves out its year, month or day is refused, not guessed."""

import re
import unicodedata
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from dateutil import parser, tz

from feedsvc.offsets import YEARS, offset_at

_DIGIT = re.compile(r"\d")
_HAN = re.compile(r"(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*日")
_HANGUL = re.compile(r"(\d{4})\s*년\s*(\d{1,2})\s*월\s*(\d{1,2})\s*일")
_YEAR_FIRST = re.compile(r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_COMPACT = re.compile(r"(?<!\d)(\d{4})(\d\d)(\d\d)(?=[T\s]|$)")
_HALF = r"(?:(上午|下午|早上|晚上|午前|午後|오전|오후)\s*)?"
_HOUR = re.compile(_HALF + r"(\d{1,2})\s*[时時點点시]\s*(?:(\d{1,2})\s*[分분])?")
_HALF_HOUR = re.compile(_HALF.removesuffix("?") + r"(\d{1,2}):(\d\d)")
_AFTERNOON = frozenset({"下午", "晚上", "午後", "오후"})
# People mean the offset that they write; dateutil would read "UTC+8" as POSIX does, eight hours behind.
_UTC_OFFSET = re.compile(r"(?:UTC|GMT)\s*([+-])(\d{1,2})(?::?(\d\d))?$")
_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ]\s*(\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?)\s*(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?"
)
# What dateutil fills in for what is not written; a text that reads differently under the two is no whole date.
_FIRST_DEFAULT = datetime(2000, 1, 1)  # noqa: DTZ001
_OTHER_DEFAULT = datetime(2004, 2, 2)  # noqa: DTZ001
# A text that reads differently under this one has no time of day.
_LATER_DEFAULT = datetime(2000, 1, 1, 1)  # noqa: DTZ001
_EXAMPLE = "write 2026-03-01 or 2026-03-01 09:30"


@dataclass(frozen=True, slots=True)
class WrittenDate:
    """A date as it was written.

    `at` is in UTC, to the second. `offset` is None where a time of day was written. Of a date without one, `at` is the
    beginning of the day and `offset` the minutes east of UTC of the clock that shows it.
    """

    at: datetime
    offset: int | None


def read_date(text: str, zone: tzinfo) -> datetime:
    """Return the moment of `read_written_date`, in UTC. Raises ValueError."""
    return read_written_date(text, zone).at


def read_written_date(text: str, zone: tzinfo) -> WrittenDate:
    """Return the moment `text` names, and whether it is a date without a time; without an offset it is read in `zone`.

    A bare date is its first moment there, a time that the clocks show twice is the first of the two. Raises ValueError
    with what to write instead when it does not parse, is incomplete or ambiguous (01/02/2026, 26-03-01, 晚上12時), or
    does not exist in the zone (a time in a DST gap, a day that the zone left out).
    """
    digits = _DIGIT.sub(lambda match: str(int(match[0])), unicodedata.normalize("NFKC", text))
    moment, is_date = _parse(_western(digits.strip(), text), text)
    if moment.year not in YEARS:
        raise ValueError(f"{text!r} is out of range: the year must be from {YEARS[0]} to {YEARS[-1]} ({_EXAMPLE})")
    if moment.tzinfo is None:
        local = moment.replace(tzinfo=zone)
        if is_date:
            # Where the clocks skip midnight (America/Sao_Paulo did each spring), the day begins at what they show next.
            exists = local.astimezone(UTC).astimezone(zone).date() == moment.date()
        else:
            exists = tz.datetime_exists(local)
        if not exists:
            raise ValueError(f"{text!r} does not exist in {zone}: the clocks went forward (write a later time)")
        moment = local
    at = moment.astimezone(UTC).replace(microsecond=0)
    return WrittenDate(at, offset_at(at, moment.tzinfo or UTC) if is_date else None)


def _western(text: str, original: str) -> str:
    """Chinese, Japanese and Korean ways of writing a date, and year-first dates with any mark, in ISO order."""
    for pattern in (_HAN, _HANGUL, _YEAR_FIRST, _COMPACT):
        text = pattern.sub(lambda m: f"{m[1]}-{int(m[2]):02}-{int(m[3]):02}", text, count=1)
    text = _UTC_OFFSET.sub(lambda m: f"{m[1]}{int(m[2]):02}:{m[3] or '00'}", text)
    for pattern in (_HOUR, _HALF_HOUR):
        text = pattern.sub(lambda m: _clock(m[1], int(m[2]), int(m[3] or 0), original), text, count=1)
    return text


def _clock(half: str | None, hour: int, minute: int, original: str) -> str:
    if half and hour == 12:
        raise ValueError(f"{original!r} could be noon or midnight (write 12:{minute:02} or 00:{minute:02})")
    if half in _AFTERNOON and hour < 12:
        hour += 12
    return f" {hour:02}:{minute:02}"


def _parse(written: str, original: str) -> tuple[datetime, bool]:
    """Return what is written, and whether it has no time of day."""
    iso = _ISO.fullmatch(written)
    if iso is not None:
        day, clock, offset = iso[1], iso[2] or "0:00", iso[3] or ""
        try:
            return datetime.fromisoformat(f"{day}T{clock if clock[1] != ':' else '0' + clock}{offset}"), iso[2] is None
        except ValueError as error:
            raise ValueError(f"{original!r} is not a date: {error} ({_EXAMPLE})") from error
    # What dateutil reads counts if nothing in it depends on defaults, on today or on the order of day and month.
    if not re.search(r"(?<!\d)\d{4}(?!\d)", written):
        raise ValueError(f"{original!r} names no year of four digits ({_EXAMPLE})")
    plain = _dateutil(written, original, default=_FIRST_DEFAULT)
    if plain != _dateutil(written, original, default=_OTHER_DEFAULT):
        raise ValueError(f"{original!r} is not a whole date ({_EXAMPLE})")
    year_first = re.match(r"\d{4}-", written) is not None
    if not year_first and plain != _dateutil(written, original, default=_FIRST_DEFAULT, dayfirst=True):
        raise ValueError(f"{original!r} could be two dates ({_EXAMPLE})")
    return plain, plain != _dateutil(written, original, default=_LATER_DEFAULT)


def _dateutil(written: str, original: str, *, default: datetime, dayfirst: bool = False) -> datetime:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return parser.parse(written, default=default, dayfirst=dayfirst, tzinfos=_offset)
    except (ValueError, OverflowError, TypeError, Warning) as error:
        raise ValueError(f"{original!r} is not a date ({_EXAMPLE})") from error


def _offset(name: str | None, seconds: int | None) -> int | None:
    """Return the written offset. A zone's name alone (CST) is refused: it would mean the machine's own zone."""
    if (name and seconds is None) or abs(seconds or 0) > 14 * 3600:
        raise ValueError("not an offset")
    return seconds
