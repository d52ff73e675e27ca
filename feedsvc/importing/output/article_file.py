"""Write a completed draft as a Markdown file with front matter in YAML or TOML. Pure: equal drafts give equal bytes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from feedsvc.articles.metadata.dates import read_date
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.read import read_article
from feedsvc.importing.complete import CompletedDraft
from feedsvc.model import Article, Site


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleFile:
    """A completed draft as a file, and the article that a sync will read from it."""

    completed: CompletedDraft
    data: bytes
    article: Article


def article_file_of(completed: CompletedDraft, site: Site, front_matter: str) -> ArticleFile:
    """Return the file, read once as a sync reads it. Raises ArticleError with the reason why a sync would set it aside.

    `front_matter` is a key of FRONT_MATTERS.
    """
    data = file_of(fields_of(completed, site.timezone), f"\n{completed.draft.body}\n", front_matter)
    parsed = read_article(f"articles/{completed.slug}.md", data, site, lambda _path: None)
    return ArticleFile(completed=completed, data=data, article=parsed.article)


def file_without_date(completed: CompletedDraft, site: Site, front_matter: str) -> str:
    """Return the file with a comment in place of its missing date."""
    data = file_of(fields_of(completed, site.timezone), f"\n{completed.draft.body}\n", front_matter)
    fence, _, rest = data.decode().partition("\n")
    return f"{fence}\n# published: missing (write a date, 2026-03-01)\n{rest}"


def file_of(fields: Mapping[str, Any], body: str, front_matter: str) -> bytes:
    """Return front matter fields and the text after them as a file, in UTF-8."""
    return f"{FRONT_MATTERS[front_matter](fields)}{body}".encode()


def fields_of(completed: CompletedDraft, timezone: str) -> dict[str, Any]:
    """Return the front matter of an article, without fields that would be empty."""
    draft, zone = completed.draft, ZoneInfo(timezone)
    published = completed.published
    changed = draft.updated if draft.updated and (published is None or draft.updated > published.at) else None
    # If an old address is the article's own slug, it is not an alias.
    former = (each for each in draft.old_addresses if each != completed.slug)
    given: dict[str, Any] = {
        "published": published.at if published else None,
        "updated": changed,
        "language": completed.language,
        "aliases": tuple(dict.fromkeys((*draft.aliases, *former))),
    }
    values = {name: given.get(name, each.value_in(draft)) for name, each in FIELDS.items() if each.is_written}
    return {
        name: written_date(value, zone) if isinstance(value, datetime) else FIELDS[name].write(value)
        for name, value in values.items()
        if value
    }


def written_date(moment: datetime, zone: ZoneInfo) -> str:
    """Return a time (UTC) as people write it in the site's time zone, with an offset where only that is exact."""
    local = moment.astimezone(zone)
    for written in (f"{local:%Y-%m-%d}", f"{local:%Y-%m-%d %H:%M}", f"{local:%Y-%m-%d %H:%M:%S}"):
        try:
            if read_date(written, zone) == moment:
                return written
        except ValueError:
            continue
    return local.isoformat(sep=" ")


def _yaml(fields: Mapping[str, Any]) -> str:
    # Lists, and tables without lists, are on one line. No line is broken.
    dumped = yaml.safe_dump(
        dict(fields), allow_unicode=True, sort_keys=False, default_flow_style=None, width=float("inf")
    )
    return f"---\n{dumped}---\n"


def _toml(fields: Mapping[str, Any]) -> str:
    return "".join(["+++\n", *(f"{name} = {_toml_value(value)}\n" for name, value in fields.items()), "+++\n"])


def _toml_value(value: Any) -> str:
    """Return a TOML value. A JSON string without control characters is a TOML string, and our texts have none."""
    if isinstance(value, list):
        return f"[{', '.join(map(_toml_value, value))}]"
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{key} = {_toml_value(each)}' for key, each in value.items())} }}"
    return json.dumps(value, ensure_ascii=False)


FRONT_MATTERS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {"yaml": _yaml, "toml": _toml}
