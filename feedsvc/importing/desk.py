"""What site.toml says about importing: keywords of topics, names, rules, and the site itself. Reads the one file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from feedsvc.articles.dates import read_date
from feedsvc.errors import ConfigError, nearest
from feedsvc.importing.boilerplate import Rules, load_rules
from feedsvc.importing.names import Names, load_names
from feedsvc.importing.topics import Keywords, load_keywords
from feedsvc.model import Site
from feedsvc.site_toml import load_site, read_table

T = TypeVar("T")
# Two words of weight 2 or 3, or one of them in the title and again in the text.
DEFAULT_THRESHOLD: Final = 5.0
_KEYS: Final = ("threshold", "boilerplate")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a reader or a proposal needs to know beside the file at hand."""

    site: Site
    rules: Rules
    keywords: Keywords
    names: Names
    threshold: float

    def date(self, text: str) -> datetime:
        """The moment (UTC) a text names, in the site's time zone. Raises ValueError with what to write instead."""
        return read_date(text, ZoneInfo(self.site.timezone))

    def topic_called(self, label: str) -> str | None:
        """The name of the topic whose name or title, in any language, is `label`."""
        found = self.site.topic_called(label)
        return found.name if found else None


def load_desk(content: Path, base_url: str | None, own_url: str) -> Desk:
    """The desk of a content folder. Raises ConfigError naming the file and the key."""
    path = content / "site.toml"
    table = read_table(content)
    site = load_site(content, base_url, own_url)
    settings = _checked(path, "import", _settings, table.get("import", {}))
    return Desk(
        site=site,
        rules=_checked(path, "import.boilerplate", load_rules, settings.get("boilerplate", {})),
        keywords=_checked(path, "topics", load_keywords, table["topics"]),
        names=_checked(path, "names", load_names, table.get("names", {})),
        threshold=_checked(path, "import.threshold", _threshold, settings.get("threshold", DEFAULT_THRESHOLD)),
    )


def _checked(path: Path, key: str, reader: Callable[[Any], T], value: Any) -> T:
    try:
        return reader(value)
    except ValueError as error:
        raise ConfigError(f"{path}: {key}: {error}") from error


def _settings(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("must be a table (write [import])")
    for key in value:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r} ({nearest(key, _KEYS)})")
    return value


def _threshold(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or value <= 0:
        raise ValueError(f"{value!r} is not a number above 0")
    return float(value)
