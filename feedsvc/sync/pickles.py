"""Pickle the results of reading files. Python's own way for frozen dataclasses takes four times as long to read."""

import io
import pickle
from collections.abc import Callable
from dataclasses import fields
from operator import attrgetter
from typing import Any, Final

from feedsvc.articles.assets import Asset
from feedsvc.articles.html.links import MissingFile, OwnLink
from feedsvc.articles.identity import Identity
from feedsvc.articles.read import Parsed
from feedsvc.errors import Finding
from feedsvc.model import Article, Enclosure, Image, Person
from feedsvc.store.file_records import FileRecord, Stamp
from feedsvc.sync.reading import Outcome

# The classes with most instances. All others are pickled as usual.
_CLASSES: Final[tuple[type[Any], ...]] = (
    Article,
    Asset,
    Enclosure,
    FileRecord,
    Finding,
    Identity,
    Image,
    MissingFile,
    Outcome,
    OwnLink,
    Parsed,
    Person,
    Stamp,
)
_NAMES: Final = {each: tuple(field.name for field in fields(each)) for each in _CLASSES}
# A frozen dataclass refuses `setattr`, but not its slots.
_SETTERS: Final = {each: [getattr(each, name).__set__ for name in names] for each, names in _NAMES.items()}


def _restored(kind: type[Any], *values: Any) -> Any:
    """Return an instance of `kind` with these values of its fields."""
    restored = object.__new__(kind)
    for set_field, value in zip(_SETTERS[kind], values, strict=True):
        set_field(restored, value)
    return restored


def _reducer(kind: type[Any], names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    values_of = attrgetter(*names)
    return lambda instance: (_restored, (kind, *values_of(instance)))


_REDUCERS: Final = {kind: _reducer(kind, names) for kind, names in _NAMES.items()}


def dumps(value: Any) -> bytes:
    """Return `value` as bytes for `pickle.loads`."""
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCERS
    pickler.dump(value)
    return stream.getvalue()
