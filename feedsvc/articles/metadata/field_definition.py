"""What an entry of the registry of front matter fields says about its field. Pure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.model import Enclosure, Image, Localized, Site


class Context(Protocol):
    """What a field is read with. A sync and an import have one each; their methods raise ValueError as readers do."""

    @property
    def site(self) -> Site:
        """Return the publication."""
        ...

    def published(self, value: Value) -> Any:
        """Return the date of publication."""
        ...

    def date(self, value: Value) -> Any:
        """Return another date."""
        ...

    def time(self, value: Value) -> datetime:
        """Return the moment of another date, in UTC."""
        ...

    def topics(self, value: Value) -> tuple[str, ...]:
        """Return names of topics."""
        ...

    def image(self, value: Value) -> Image | None:
        """Return the picture, whose file a sync looks for."""
        ...

    def enclosures(self, value: Value) -> tuple[Enclosure, ...]:
        """Return the files, which a sync looks for."""
        ...


Read = Callable[[Value, Context], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Where formats and the page show a field; "" where they do not.

    `atom` and `rss` are names of elements in an entry, with the prefix of a module ("dc:rights") or without one. `json`
    is a member of an item; one that JSON Feed does not define is in our own object ("_feedsvc.topics"). `page` is a
    class of the element.
    """

    atom: str = ""
    rss: str = ""
    json: str = ""
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A front matter field.

    `read` returns its value, or raises ValueError with the fault and the remedy. It is None for the fields that are
    read together with those of other systems, which say who may read a file (`visibility`).

    `attribute` is the attribute of `Article` and of an import's `Draft` that holds the value, and the name under which
    the store keeps it. The value of a field without one is a `model.ExtraValue`: a text, a tuple of texts, a time, a
    bool or a number. `Article.extra` and `Draft.extra` hold it under its name, the store keeps it with them, and each
    format and the page show it as `shown` says, without any other code.

    `label` stands before such a value on the page; without one it is the name. `is_note` shows the value as a text
    below the article's content instead, in every format and on the page. `is_prose` says that people
    write the value without quotes, so that a "#" may be meant as text; `is_for_readers` that it is published, so that
    private comments are removed from it. `is_after_body` delays reading until the files in the body are known.
    `other_names` are names that other systems (`systems`) have for the field, compared by `squash`: `check` suggests
    ours for them, and an import reads them. `write` makes the value in front matter that an import writes; times are
    written without it. `is_written` is False for a field that an import expresses otherwise. `is_in_new_files` says
    that `feedsvc new` writes the field also if it has no value for it; `comment` stands above the field in its files.
    """

    name: str
    read: Read | None
    attribute: str = ""
    default: Any = None
    is_required: bool = False
    is_prose: bool = False
    is_for_readers: bool = False
    is_after_body: bool = False
    label: Localized | None = None
    is_note: bool = False
    is_written: bool = True
    is_in_new_files: bool = False
    comment: str = ""
    shown: Shown = Shown()
    other_names: tuple[str, ...] = ()
    write: Callable[[Any], Any] = lambda value: list(value) if isinstance(value, tuple) else value
    squashed: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "squashed", frozenset(map(squash, self.other_names)))

    def value_in(self, holder: Any) -> Any:
        """Return the value that an `Article` or a `Draft` has in this field."""
        return getattr(holder, self.attribute) if self.attribute else holder.extra.get(self.name)

    def is_absent(self, value: Any) -> bool:
        """Return whether an article with this value has no value in this field. False and 0 are values."""
        return value in (None, "", (), self.default)
