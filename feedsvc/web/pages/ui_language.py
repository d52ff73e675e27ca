"""The language of the interface: that of `?ui=`, else of the article or the site. Babel compiles the catalogues."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_datetime_format
from babel.units import format_unit
from flask import Request
from flask_babel import force_locale, get_locale, get_translations, gettext, ngettext
from markupsafe import Markup, escape

from feedsvc import languages
from feedsvc.model import Article, Site
from feedsvc.offsets import offset_at, with_offset
from feedsvc.text import Message
from feedsvc.web.negotiation import choose_language

TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"
SOURCE_LANGUAGE: Final = "en"
# By the power of 1,000, from the first.
_UNITS: Final = ("kilobyte", "megabyte", "gigabyte", "terabyte")


@lru_cache(maxsize=1)
def catalogues() -> tuple[str, ...]:
    """Return the languages of the interface: English, and that of each catalogue in the folder."""
    found = sorted(path.parent.parent.name.replace("_", "-") for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))
    return (SOURCE_LANGUAGE, *found)


def wanted(request: Request) -> str | None:
    """Return the catalogue for the language of the request's `ui`: zh-Hant for zh-TW, zh and ZH-hant.

    None where the request has no `ui`, or where no catalogue fits it; then the page's own language applies.
    """
    return choose_language([request.args.get("ui", "")], catalogues())


def catalogue_for(language: str) -> str | None:
    """Return the language of the interface that fits a text in `language`; None if no catalogue does."""
    return choose_language([language], catalogues())


def language_of(site: Site) -> str:
    """Return the language of lists for requests that name no language with a catalogue."""
    return catalogue_for(site.language) or SOURCE_LANGUAGE


def language_of_article(article: Article, site: Site) -> str:
    """Return the same for an article's page: that of the article, or of the site if no catalogue fits the article."""
    return catalogue_for(article.language) or language_of(site)


@contextmanager
def ui_locale(ui: str) -> Iterator[None]:
    """Let Flask-Babel translate into `ui` in the block. Needs an application context."""
    with force_locale(ui.replace("-", "_")):
        yield


def translated(line: Message) -> Markup:
    """Return a message in the language of the page. A detail, which a library wrote, is marked as English."""

    def shown(name: str, value: object) -> object:
        if isinstance(value, Message):
            return translated(value)
        if name == "detail":
            return Markup('<span lang="en" dir="ltr">{}</span>').format(value)
        return value

    return escape(gettext(line.template)) % {name: shown(name, value) for name, value in line.values.items()}


@lru_cache(maxsize=16)
def translator(ui: str) -> Callable[..., Markup]:
    """Return the function `_` of templates for `ui`, which need not find the language of each text again.

    Needs an application context.
    """
    with ui_locale(ui):
        translations = get_translations()

    def translated(text: str, **values: Any) -> Markup:
        # As the extension of Jinja: our own texts are HTML, values are escaped, and "%%" is "%" without values too.
        return Markup(translations.ugettext(text)) % values  # noqa: S704

    return translated


@lru_cache(maxsize=4096)
def _in_words(day: date, length: Literal["long", "full"], locale: str) -> str:
    """Return a day in words. An article is in many lists, and each shows its day."""
    return str(format_date(day, length, locale=locale))


@lru_cache(maxsize=4096)
def _hour_in_words(hour: time, locale: str) -> str:
    return str(format_time(hour, "HH:mm", locale=locale))


@lru_cache(maxsize=256)
def _zone_in_words(offset: timedelta, locale: str) -> str:
    """Return a UTC offset as GMT+08:00."""
    return str(
        format_datetime(datetime(2000, 1, 1, tzinfo=timezone(offset)), "ZZZZ", tzinfo=timezone(offset), locale=locale)
    )


@lru_cache(maxsize=16)
def _between(locale: str) -> str:
    return str(get_datetime_format("medium", locale=locale)).replace("{1}", "").replace("{0}", "")


@dataclass(frozen=True, slots=True)
class Clock:
    """Formats dates in the site's time zone (`zone`, an IANA name) and in the language `ui`.

    `offset` is the UTC offset in minutes of an article's date without a time; the date is formatted in that offset.
    """

    zone: str
    ui: str

    def here(self, moment: datetime, offset: int | None = None) -> datetime:
        """Return the moment in the site's time zone, or in `offset`."""
        return moment.astimezone(ZoneInfo(self.zone)) if offset is None else with_offset(moment, offset)

    def machine(self, moment: datetime, offset: int | None = None) -> str:
        """Return the value of <time datetime> (HTML §2.3.5.7): it has the UTC offset in whole minutes."""
        minutes = offset_at(moment, ZoneInfo(self.zone)) if offset is None else offset
        return with_offset(moment, minutes).isoformat(timespec="seconds")

    def date(self, moment: datetime, offset: int | None = None) -> str:
        """Return the day in words."""
        return _in_words(self.here(moment, offset).date(), "long", self._locale)

    def month(self, moment: datetime) -> str:
        """Return the month and its year in words."""
        return str(format_skeleton("yMMMM", self.here(moment), tzinfo=ZoneInfo(self.zone), locale=self._locale))

    def year(self, moment: datetime) -> str:
        """Return the year in words."""
        return str(format_skeleton("y", self.here(moment), tzinfo=ZoneInfo(self.zone), locale=self._locale))

    def month_of_year(self, moment: datetime) -> str:
        """Return the month in words, for a list below its year."""
        return str(format_date(self.here(moment), "LLLL", locale=self._locale))

    def time(self, moment: datetime, offset: int | None = None) -> str:
        """Return the time of day, without its zone; an empty string for a date without a time, and at midnight.

        The text is for people; `machine` and `exact`, which are in the attributes of the same element, have the zone.
        Articles that version 0.1 stored do not tell midnight from a date without a time.
        """
        here = self.here(moment)
        if offset is not None or (here.hour, here.minute) == (0, 0):
            return ""
        return _hour_in_words(time(here.hour, here.minute), self._locale)

    @property
    def between(self) -> str:
        """The separator of a date and its time: ", " in English, a space in Chinese."""
        return _between(self._locale)

    def exact(self, moment: datetime, offset: int | None = None) -> str:
        """Return the weekday, the day and, where there is one, the time of day with its zone: the text of a tooltip."""
        day = _in_words(self.here(moment, offset).date(), "full", self._locale)
        hour = self.time(moment, offset)
        return f"{day} {hour} {_zone_in_words(self.here(moment).utcoffset(), self._locale)}" if hour else day

    @property
    def _locale(self) -> str:
        return self.ui.replace("-", "_")


def file_size(length: int) -> str:
    """Return a number of bytes in words of the interface, such as 24 kB. Needs `ui_locale`."""
    if length < 1000:
        return str(ngettext("%(num)s byte", "%(num)s bytes", length))
    power = min((len(str(length)) - 1) // 3, len(_UNITS))
    unit = f"digital-{_UNITS[power - 1]}"
    return str(format_unit(length / 1000**power, unit, "short", format="#,##0.#", locale=get_locale()))


def language_name(tag: str) -> str:
    """Return the name of a language in that language."""
    return languages.endonym(tag)
