"""The language of a page's own words: `?ui=`, else what the browser asks for, else the site's. Catalogues by Babel."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from flask import Request, g

from feedsvc import languages
from feedsvc.errors import BadParameter, nearest
from feedsvc.model import Site
from feedsvc.web.negotiation import choose_language

TRANSLATIONS: Final = Path(__file__).parent / "translations"
SOURCE_LANGUAGE: Final = "en"


@lru_cache(maxsize=1)
def catalogues() -> tuple[str, ...]:
    """The languages the interface speaks: English, and every catalogue in the folder."""
    found = sorted(path.parent.parent.name.replace("_", "-") for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo"))
    return (SOURCE_LANGUAGE, *found)


def wanted(request: Request) -> str | None:
    """The language the request asks for, None when it leaves that to the site.

    Raises BadParameter when `ui` names no catalogue.
    """
    asked = request.args.get("ui")
    if asked is None:
        return accepted(request)
    if asked not in catalogues():
        raise BadParameter(f"parameter 'ui': no interface in {asked[:80]!r} ({nearest(asked, catalogues())})")
    return asked


def accepted(request: Request) -> str | None:
    """The language that suits Accept-Language best, if any does."""
    return choose_language([tag for tag, quality in request.accept_languages if quality > 0], catalogues())


def wanted_or_any(request: Request) -> str:
    """The language of a page that knows no site: an error's."""
    asked = request.args.get("ui", "")
    return asked if asked in catalogues() else accepted(request) or SOURCE_LANGUAGE


def language_of(site: Site) -> str:
    """The interface's language for readers who ask for none we have."""
    return choose_language([site.language], catalogues()) or SOURCE_LANGUAGE


def locale_selector() -> str:
    """For Flask-Babel: the language chosen for the page that is being rendered."""
    return str(g.get("ui", SOURCE_LANGUAGE)).replace("-", "_")


def long_date(moment: datetime, site: Site, ui: str) -> str:
    """A date for people, in the site's time zone."""
    return str(format_date(moment.astimezone(ZoneInfo(site.timezone)), "long", locale=ui.replace("-", "_")))


def exact_time(moment: datetime, site: Site, ui: str) -> str:
    """A date and time with its zone, for a tooltip."""
    zone = ZoneInfo(site.timezone)
    return str(format_datetime(moment.astimezone(zone), "full", tzinfo=zone, locale=ui.replace("-", "_")))


def language_name(tag: str) -> str:
    """A language's name in itself."""
    return languages.endonym(tag)
