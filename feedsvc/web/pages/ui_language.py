"""The language of a page's own words: `?ui=`, else the site's. Catalogues by Babel."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_skeleton, get_datetime_format
from flask import Request
from flask_babel import force_locale

from feedsvc import languages
from feedsvc.model import Site
from feedsvc.offsets import offset_at, with_offset
from feedsvc.web.negotiation import choose_language

TRANSLATIONS: Final = Path(__file__).parent.parent / "translations"
SOURCE_LANGUAGE: Final = "en"


@lru_cache(maxsize=1)
def catalogues() -> tuple[str, ...]:
    """The languages the interface speaks: English, and every catalogue in the folder."""
    found = sorted(path.parent.parent.name.replace("_", "-") for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))
    return (SOURCE_LANGUAGE, *found)


def wanted(request: Request) -> str | None:
    """The catalogue that serves the language the request asks for: zh-TW, zh and ZH-hant are all served by zh-Hant.

    None when it asks for none, or for one that no catalogue serves: the site chooses then.
    """
    return choose_language([request.args.get("ui", "")], catalogues())


def language_of(site: Site) -> str:
    """The interface's language for readers who ask for none we have."""
    return choose_language([site.language], catalogues()) or SOURCE_LANGUAGE


@contextmanager
def speaking(ui: str) -> Iterator[None]:
    """Let Flask-Babel translate into `ui` in the block. Needs an application context."""
    with force_locale(ui.replace("-", "_")):
        yield


@dataclass(frozen=True, slots=True)
class Clock:
    """Dates in words: in the site's time zone (`zone`, an IANA name), in the language `ui`."""

    zone: str
    ui: str

    def here(self, moment: datetime, offset: int | None = None) -> datetime:
        """The moment as clocks of the zone show it; that of a date without a time on the clock it was read by."""
        return moment.astimezone(ZoneInfo(self.zone)) if offset is None else with_offset(moment, offset)

    def machine(self, moment: datetime, offset: int | None = None) -> str:
        """For <time datetime> (HTML §2.3.5.7): with the zone's offset, in whole minutes as HTML wants it."""
        minutes = offset_at(moment, ZoneInfo(self.zone)) if offset is None else offset
        return with_offset(moment, minutes).isoformat(timespec="seconds")

    def date(self, moment: datetime, offset: int | None = None) -> str:
        """The day."""
        return str(format_date(self.here(moment, offset), "long", locale=self._locale))

    def month(self, moment: datetime) -> str:
        """The month and its year."""
        return str(format_skeleton("yMMMM", self.here(moment), tzinfo=ZoneInfo(self.zone), locale=self._locale))

    def time(self, moment: datetime, offset: int | None = None) -> str:
        """The time of day with its zone; empty for a date without a time, and at midnight.

        Articles that 0.1 stored do not say which of the two midnight is.
        """
        here = self.here(moment)
        if offset is not None or (here.hour, here.minute) == (0, 0):
            return ""
        return str(format_datetime(here, "HH:mm ZZZZ", tzinfo=ZoneInfo(self.zone), locale=self._locale))

    @property
    def between(self) -> str:
        """What stands between a date and its time: ", " in English, a space in Chinese."""
        return str(get_datetime_format("medium", locale=self._locale)).replace("{1}", "").replace("{0}", "")

    def exact(self, moment: datetime, offset: int | None = None) -> str:
        """The day with its name, and the time of day if there is one: for a tooltip."""
        day = format_date(self.here(moment, offset), "full", locale=self._locale)
        return " ".join(filter(None, (day, self.time(moment, offset))))

    @property
    def _locale(self) -> str:
        return self.ui.replace("-", "_")


def language_name(tag: str) -> str:
    """A language's name in itself."""
    return languages.endonym(tag)
