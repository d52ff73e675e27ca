"""Make addresses of the patterns that generators of sites have for them. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

_TOKEN: Final = re.compile(r":(\w+)")
_SLASHES: Final = re.compile(r"/{2,}")
_MONTHS: Final = "January February March April May June July August September October November December".split()
_DAYS: Final = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def filled(pattern: str, values: Mapping[str, Callable[[], str | None]]) -> str:
    """Return a pattern such as `/:year/:title/` with its values; "" if one is not known."""
    found: list[str] = []
    position = 0
    for token in _TOKEN.finditer(pattern):
        # Jekyll and Hexo end a name where another part begins: `:title_`, `:i_month`.
        name = next((token[1][:end] for end in range(len(token[1]), 0, -1) if token[1][:end] in values), None)
        value = values[name]() if name else None
        if name is None or value is None:
            return ""
        found += [pattern[position : token.start()], value]
        position = token.start() + 1 + len(name)
    return clean("".join((*found, pattern[position:])))


def substituted(pattern: str, placeholder: re.Pattern[str], value_of: Callable[[re.Match[str]], str | None]) -> str:
    """Return a pattern with the values of its placeholders; "" if one has none."""
    values = [value_of(found) for found in placeholder.finditer(pattern)]
    known = [each for each in values if each]
    rest = iter(known)
    return placeholder.sub(lambda _: next(rest), pattern) if len(known) == len(values) else ""


def clean(path: str) -> str:
    """Return a path from the root, without empty parts."""
    return _SLASHES.sub("/", f"/{path}")


def date_values(at: datetime | None) -> dict[str, Callable[[], str | None]]:
    """Return the parts of a date by the names that Hugo, Jekyll and Hexo have for them."""

    def part(made: Callable[[datetime], str]) -> Callable[[], str | None]:
        return lambda: made(at) if at else None

    return {
        "year": part(lambda t: f"{t.year:04}"),
        "short_year": part(lambda t: f"{t.year % 100:02}"),
        "y_day": part(lambda t: f"{t.timetuple().tm_yday:03}"),
        "month": part(lambda t: f"{t.month:02}"),
        "i_month": part(lambda t: str(t.month)),
        "monthname": part(lambda t: _MONTHS[t.month - 1].lower()),
        "short_month": part(lambda t: _MONTHS[t.month - 1][:3]),
        "long_month": part(lambda t: _MONTHS[t.month - 1]),
        "day": part(lambda t: f"{t.day:02}"),
        "i_day": part(lambda t: str(t.day)),
        "week": part(lambda t: f"{t.isocalendar().week:02}"),
        "w_year": part(lambda t: str(t.isocalendar().year)),
        "w_day": part(lambda t: str(t.isoweekday())),
        "short_day": part(lambda t: _DAYS[t.weekday()][:3]),
        "long_day": part(lambda t: _DAYS[t.weekday()]),
        "weekday": part(lambda t: str(t.isoweekday() % 7)),
        "weekdayname": part(lambda t: _DAYS[t.weekday()].lower()),
        "yearday": part(lambda t: str(t.timetuple().tm_yday)),
        "hour": part(lambda t: f"{t.hour:02}"),
        "minute": part(lambda t: f"{t.minute:02}"),
        "second": part(lambda t: f"{t.second:02}"),
    }


def hyphenated(text: str, kept: str) -> str:
    """Return letters, marks, digits and the characters `kept`, with one hyphen for each run of others in between."""
    parts = "".join(c if c in kept or unicodedata.category(c)[0] in "LM" or c.isdecimal() else " " for c in text)
    return "-".join(parts.split()).strip("-")


def ascii_slug(text: str) -> str | None:
    """Return the slug of systems that write all letters in ASCII; None for letters that they would transliterate."""
    plain = unicodedata.normalize("NFKD", text)
    base = "".join(c for c in plain if not unicodedata.combining(c))
    if not base.isascii():
        return None
    kept = re.sub(r"[^\w\s-]", "", base).strip().lower()
    return re.sub(r"[-\s]+", "-", kept) or None
