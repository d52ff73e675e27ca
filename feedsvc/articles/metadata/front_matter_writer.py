"""Write front matter in YAML or TOML, for imported articles and for new ones. Pure: equal values give equal bytes."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import yaml

from feedsvc.articles.metadata.dates import read_date
from feedsvc.articles.metadata.registry import FIELDS


def new_file(values: Mapping[str, Any], zone: ZoneInfo) -> bytes:
    """Return a file to write an article in, with these values of fields by name; times are in UTC.

    Its YAML has also the empty fields that the registry asks for (`is_in_new_files`), and the comments of fields.
    """
    empty = {name: [] if each.default == () else "" for name, each in FIELDS.items() if each.is_in_new_files}
    fields = empty | fields_with(values, zone)
    text = _yaml({name: fields[name] for name in FIELDS if name in fields})
    for name, each in FIELDS.items():
        if each.comment:
            text = text.replace(f"\n{name}:", f"\n# {each.comment}\n{name}:", 1)
    return f"{text}\n".encode()


def fields_with(values: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Return front matter with the values of fields by name, in the order of the registry, without empty ones."""
    return {
        name: written_date(value, zone) if isinstance(value, datetime) else each.write(value)
        for name, each in FIELDS.items()
        if not each.is_absent(value := values.get(name))
    }


def file_of(fields: Mapping[str, Any], body: str, front_matter: str) -> bytes:
    """Return front matter fields and the text after them as a file, in UTF-8. `front_matter` is a key of FORMATS."""
    return f"{FORMATS[front_matter](fields)}{body}".encode()


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


FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {"yaml": _yaml, "toml": _toml}
