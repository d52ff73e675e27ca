"""Read settings of other systems: YAML, TOML and JSON, with all scalars as text. No program is run. Pure."""

import ast
import posixpath
from collections.abc import Mapping
from typing import Any, Final

import yaml

from feedsvc import toml
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.errors import ArticleError
from feedsvc.importing.source_files import SourceFiles
from feedsvc.syntax.nesting import load_json

_MAX_BYTES: Final = 256 * 1024
_MAX_DEPTH: Final = 20
# An alias of YAML repeats what it names.
_MAX_VALUES: Final = 50_000
_LOADER: Final[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


class UnreadableSettings(ValueError):
    """Settings that are there and cannot be read. What they say of who may read a file is not known."""


def settings_at(files: SourceFiles, path: str) -> dict[str, Value] | None:
    """Return the settings in a file; None if there is no such file. Raises UnreadableSettings."""
    text = text_at(files, path)
    if text is None:
        return None
    suffix = posixpath.splitext(path)[1]
    try:
        if suffix == ".toml":
            found: Any = toml.loads(text, parse_float=str)
        elif suffix == ".json":
            found = load_json(text)
        else:
            found = yaml.load(text, Loader=_LOADER)  # noqa: S506 — the base loader makes texts, lists and tables alone
        made = _as_value(found, [_MAX_VALUES], _MAX_DEPTH)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        raise UnreadableSettings(f"{path} cannot be read") from error
    if made and not isinstance(made, dict):
        raise UnreadableSettings(f"{path} is not a table of settings")
    return made if isinstance(made, dict) else {}


def first_settings(files: SourceFiles, folder: str, names: tuple[str, ...]) -> tuple[str, dict[str, Value]] | None:
    """Return the path and the settings of the first of these files in a folder. Raises UnreadableSettings."""
    for name in names:
        path = posixpath.join(folder, name)
        found = settings_at(files, path)
        if found is not None:
            return path, found
    return None


def settings_or_problem(files: SourceFiles, folder: str, names: tuple[str, ...]) -> tuple[dict[str, Value] | None, str]:
    """Return the settings of the first of these files, or None, and why they cannot be read; "" if they can be."""
    try:
        found = first_settings(files, folder, names)
    except UnreadableSettings as error:
        return {}, str(error)
    return (found[1] if found else None), ""


def assigned_in(files: SourceFiles, path: str) -> "dict[str, Value | None] | None":
    """Return what a program in Python assigns to names: None for what is computed. None if there is no such file.

    The program is parsed, and never run. Raises UnreadableSettings.
    """
    text = text_at(files, path)
    if text is None:
        return None
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnreadableSettings(f"{path} cannot be read") from error
    found: dict[str, Value | None] = {}
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for target in targets:
            name = target.value if isinstance(target, ast.Subscript) else target
            if not isinstance(name, ast.Name):
                continue
            value: Value | None = None
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value and target is name:
                try:
                    value = _as_value(ast.literal_eval(node.value), [_MAX_VALUES], _MAX_DEPTH)
                except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                    value = None
            found[name.id] = value
    return found


def text_at(files: SourceFiles, path: str) -> str | None:
    """Return the text of a settings file, which may be hidden; None if it is not there. Raises UnreadableSettings."""
    try:
        data = files.settings(path, _MAX_BYTES)
    except ArticleError as error:
        raise UnreadableSettings(f"{path} cannot be read") from error
    if data is None:
        return None
    if len(data) > _MAX_BYTES:
        raise UnreadableSettings(f"{path} is larger than {_MAX_BYTES:,} bytes")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableSettings(f"{path} is not UTF-8") from error


def _as_value(found: Any, left: list[int], depth: int) -> Value:
    """Return a value as front matter has it. Raises ValueError past `left` values or `depth` levels."""
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ValueError("too many values")
    if isinstance(found, Mapping):
        return {str(key): _as_value(each, left, depth - 1) for key, each in found.items()}
    if isinstance(found, list | tuple | set):
        return [_as_value(each, left, depth - 1) for each in found]
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None or found == "~" else str(found)
