"""The settings of imports in site.toml: keywords of topics, names, rules, and the site itself. Reads only that file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from math import inf
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from feedsvc import toml
from feedsvc.articles.metadata.dates import read_date
from feedsvc.errors import ConfigError, Finding, Problem
from feedsvc.importing.analysis.boilerplate import Rules, load_rules
from feedsvc.importing.analysis.names import Names, load_names
from feedsvc.importing.analysis.topics import Keywords, load_keywords
from feedsvc.model import Site
from feedsvc.site.site_toml import load_site, read_both, read_table
from feedsvc.site.values import unknown_key
from feedsvc.suggestions import closest

# Two keywords of weight 2 or 3, or one in the title and once more in the text.
DEFAULT_THRESHOLD: Final = 5.0
_KEYS: Final = ("threshold", "boilerplate")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportSettings:
    """The settings that readers and proposals need. `threshold` is the score that a topic of a short text needs.

    `system` is the name of the system that the files are of (`articles.metadata.systems.SYSTEMS`); "" to find it out.
    `publishes_unmarked` says that notes which nobody sees but their author are public if they do not say who may read
    them. `post_types` are types of WordPress's entries that become articles besides posts and pages. `now` is the time
    of the import (UTC): what was taken down before it is a draft.
    """

    site: Site
    rules: Rules
    keywords: Keywords
    names: Names
    threshold: float
    system: str = ""
    publishes_unmarked: bool = False
    post_types: tuple[str, ...] = ()
    now: datetime | None = None

    def date(self, text: str) -> datetime:
        """Return the time (UTC) of a written date, in the site's time zone unless it names one. Raises ValueError."""
        return read_date(text, ZoneInfo(self.site.timezone))

    def topic_called(self, label: str) -> str | None:
        """Return the name of the topic whose name or title, in any language, is `label`."""
        found = self.site.topic_called(label)
        return found.name if found else None


def load_settings(content: Path, base_url: str | None, own_url: str) -> ImportSettings:
    """Return the import settings of a content folder. Raises ConfigError that names the file and the key."""
    table = read_table(content)
    site = load_site(content, base_url, own_url)
    try:
        parts = {key: _part(key, table) for key in _PARTS}
    except ValueError as error:
        raise ConfigError(f"{content / 'site.toml'}: {error}") from error
    return ImportSettings(
        site=site,
        rules=parts["import.boilerplate"],
        keywords=parts["topics"],
        names=parts["names"],
        threshold=parts["import.threshold"],
    )


def settings_problems(content: Path) -> Iterator[Problem]:
    """Yield a problem for each wrong part of the import settings. Raises ConfigError if the file cannot be read."""
    table, text = read_both(content)
    for key in _PARTS:
        try:
            _part(key, table)
        except ValueError as error:
            # The message begins with the key: `topics: more.keywords: …`, or `import.threshold: …`.
            parts = [part for dotted in str(error).split(": ")[:2] for part in dotted.split(".")]
            lines = (toml.line_of(text, parts[:number]) for number in range(len(parts), 0, -1))
            yield Problem(path="site.toml", finding=Finding(line=next(filter(None, lines), 0), message=str(error)))
    # [topics.chpis.keywords] makes a topic, which is published.
    topics: Any = table.get("topics")
    for name, topic in topics.items() if isinstance(topics, dict) else ():
        if isinstance(topic, dict) and topic.keys() == {"keywords"}:
            close = closest(name, [each for each in topics if each != name])
            meant = f"did you mean [topics.{close}.keywords]? If not, " if close else ""
            message = f"has keywords but no title, and is a topic of its own ({meant}give it a title)"
            finding = Finding(field=f"topics.{name}", message=message, severity="warning")
            yield Problem(path="site.toml", finding=finding)


def _part(key: str, table: Mapping[str, Any]) -> Any:
    """Return a part of site.toml. Raises ValueError that begins with the part's key."""
    whole = table.get("import", {})
    settings = whole if isinstance(whole, dict) else {}
    values = {
        "import": whole,
        "import.boilerplate": settings.get("boilerplate", {}),
        "import.threshold": settings.get("threshold", DEFAULT_THRESHOLD),
        "topics": table.get("topics", {}),
        "names": table.get("names", {}),
    }
    try:
        return _PARTS[key](values[key])
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from error


def _check_import_table(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValueError("must be a table (write [import])")
    for key in value:
        if key in _KEYS_OF_OTHER_TABLES:
            raise ValueError(f"unknown key {key!r} (write {_KEYS_OF_OTHER_TABLES[key]})")
        if key not in _KEYS:
            raise ValueError(unknown_key(key, _KEYS))


_KEYS_OF_OTHER_TABLES: Final = {
    "keywords": "[topics.NAME.keywords]",
    "topics": "[topics.NAME]",
    "names": "[names]",
    "rules": "[import.boilerplate.LANGUAGE]",
}


def _threshold(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < inf:
        raise ValueError(f"{value!r} is not a number above 0 (write threshold = {DEFAULT_THRESHOLD:g})")
    return float(value)


_PARTS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "import": _check_import_table,
    "import.boilerplate": load_rules,
    "import.threshold": _threshold,
    "topics": load_keywords,
    "names": load_names,
}
