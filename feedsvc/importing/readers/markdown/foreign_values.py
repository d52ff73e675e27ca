"""Values of front matter in the forms that other systems have for them. Pure."""

from collections.abc import Mapping
from typing import Final

from feedsvc.articles.assets import guess_media_type
from feedsvc.articles.metadata import fields, systems
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.articles.metadata.systems import System
from feedsvc.model import Enclosure

# The keys of tables, in the order in which one of them counts.
_PICTURE: Final = ("src", "url", "image", "file", "path", "relative", "teaser", "overlay_image")
_PERSON: Final = {
    "name": ("name", "title", "literal"),
    "uri": ("uri", "url", "link", "website"),
    "email": ("email", "mail"),
}


def flattened(front: Mapping[str, Value]) -> dict[str, Value]:
    """Return the fields, and those in tables of other systems as `table.field`."""
    found: dict[str, Value] = {}
    for name, value in front.items():
        if squash(name) in systems.TABLES and isinstance(value, dict):
            found |= {f"{name}.{key}": each for key, each in value.items()}
        else:
            found[name] = value
    return found


def prepared(name: str, value: Value, system: System) -> Value:
    """Return the value of one of our fields in a form that its reader knows; what it does not know stays."""
    if name in ("topics", "tags") and isinstance(value, str):
        return list(value.split()) if system.splits_at_spaces and "," not in value else value
    if name in ("topics", "tags"):
        return [each.removeprefix("#") if isinstance(each, str) else each for each in leaves(value)]
    if name == "authors" and not isinstance(value, str):
        return [_person(each) if isinstance(each, dict) else each for each in leaves(value)]
    if name == "language" and isinstance(value, str):
        return value.replace("_", "-")
    if name == "summary" and isinstance(value, list):
        return " ".join(each for each in value if isinstance(each, str))
    return value


def leaves(value: Value) -> list[Value]:
    """Return the values in a list of lists, each behind those above it (Hexo: [[chips, fabs], water])."""
    return [leaf for each in value for leaf in leaves(each)] if isinstance(value, list) else [value]


def picture(value: Value) -> tuple[Value, Value, Value]:
    """Return the address, the description and the caption of a picture: of the first one, if there are several."""
    first = next(iter(leaves(value)), "")
    if not isinstance(first, dict):
        return first, "", ""
    source = next((first[key] for key in _PICTURE if first.get(key)), "")
    address = picture(source)[0] if isinstance(source, dict | list) else source
    return address, first.get("alt") or "", first.get("caption") or ""


def enclosure(value: Value) -> Enclosure:
    """Return the enclosure in a table. Raises ValueError."""
    keys = {"url": fields.url, "type": fields.media_type, "length": fields.length, "title": fields.text}
    table = fields.table_of(value, keys)
    type_ = table.get("type") or guess_media_type(table.get("url", ""))
    if "url" not in table or type_ is None:
        raise ValueError("an enclosure needs url and type")
    length, title = int(table.get("length", "0")), table.get("title", "")
    return Enclosure(url=table["url"], type=type_, length=length, title=title)


def _person(table: Mapping[str, Value]) -> Value:
    given = {ours: next((table[key] for key in keys if table.get(key)), "") for ours, keys in _PERSON.items()}
    return {key: value for key, value in given.items() if value and isinstance(value, str)}
