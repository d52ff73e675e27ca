"""A slice as the store looks for it, in any of the tables of facets.

One group of facets drives: its rows come in the order that is wanted from an index, and each is looked up in the other
groups by its key, so that a page costs what it shows and not what there is. The group with the fewest articles drives.

To make a statement costs more than to execute it. So statements are made of a selection's `form`, which many slices
share, kept by whoever makes them, and executed with its `values`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    and_,
    bindparam,
    exists,
    not_,
    select,
    union,
)
from sqlalchemy.sql.base import ColumnCollection

from feedsvc.model import Site
from feedsvc.slices.period import midnight
from feedsvc.slices.slice import Slice
from feedsvc.store.facets import Facet, groups_of, live_counts
from feedsvc.store.rows import to_text
from feedsvc.store.schema import article_facets, change_facets, removed_facets

Group = Sequence[Facet]
Columns = ColumnCollection[str, Any]
Condition = Callable[[Columns], ColumnElement[bool]]
# How many statements of one kind are kept: as many as there are forms that somebody asks for.
KEPT: Final = 128
# Of changes that are no article's, and of articles whose date the log did not keep.
UNDATED = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """All of `groups`, the one that drives first; nothing of `without`; published in [start, end), as text in UTC."""

    groups: tuple[Group, ...]
    without: tuple[Facet, ...] = ()
    start: str | None = None
    end: str | None = None

    @property
    def form(self) -> "Selection":
        """The same with the names of its `values` in their places."""
        return replace(
            self,
            groups=tuple(
                tuple((facet, f"any_{number}_{place}") for place, (facet, _) in enumerate(group))
                for number, group in enumerate(self.groups)
            ),
            without=tuple((facet, f"not_{number}") for number, (facet, _) in enumerate(self.without)),
            start=None if self.start is None else "start",
            end=None if self.end is None else "end",
        )

    @property
    def values(self) -> dict[str, str]:
        """What a statement that was made of its form is executed with."""
        found = {
            f"any_{number}_{place}": value
            for number, group in enumerate(self.groups)
            for place, (_, value) in enumerate(group)
        }
        found |= {f"not_{number}": value for number, (_, value) in enumerate(self.without)}
        dates = {"start": self.start, "end": self.end}
        return found | {name: date for name, date in dates.items() if date is not None}

    @property
    def is_simple(self) -> bool:
        """Whether one walk along an index answers it, without a look elsewhere."""
        return len(self.groups) == len(self.groups[0]) == 1 and not self.without

    def within(self, start: datetime, end: datetime) -> "Selection":
        """What of it was published in [start, end)."""
        first, last = to_text(start), to_text(end)
        return replace(self, start=max(first, self.start or first), end=min(last, self.end or last))

    def before(self, moment: datetime) -> "Selection":
        """What of it was published before that."""
        last = to_text(moment)
        return replace(self, end=min(last, self.end or last))

    def since(self, moment: datetime) -> "Selection":
        """What of it was published then or later."""
        first = to_text(moment)
        return replace(self, start=max(first, self.start or first))

    @property
    def undated(self) -> "Selection":
        """Changes that touch it whatever the date; a topic's title is shown beside what is left out, too."""
        return replace(self, without=(), start=UNDATED, end="0")


def selection(connection: Connection, slice_: Slice, site: Site) -> Selection:
    """What the articles of a slice have in common, but for its words."""
    groups = groups_of(slice_)
    if len(groups) > 1:
        counts = live_counts(connection, {facet for group in groups for facet in group})
        groups.sort(key=lambda group: sum(counts[facet] for facet in group))
    return Selection(
        groups=tuple(groups),
        without=slice_.without,
        start=to_text(midnight(slice_.since, site)) if slice_.since else None,
        end=to_text(midnight(slice_.until + timedelta(days=1), site)) if slice_.until else None,
    )


@dataclass(frozen=True, slots=True)
class Source:
    """A table of facets, the column that says whose they are, and in which order its rows are wanted."""

    table: Table
    key: str
    order: Callable[[Columns], Sequence[ColumnElement[Any]]]


NEWEST: Final = Source(article_facets, "id", lambda row: (row.published.desc(), row.id))
OLDEST: Final = Source(article_facets, "id", lambda row: (row.published, row.id.desc()))
LATEST: Final = Source(change_facets, "state", lambda row: (row.state.desc(),))
EARLIEST: Final = Source(change_facets, "state", lambda row: (row.state,))
REMOVED: Final = Source(removed_facets, "id", lambda row: (row.id,))


def rows(
    source: Source, form: Selection, limit: int | None = None, offset: int = 0, where: Condition | None = None
) -> Subquery:
    """`published` and the key of what has that form, in the source's order. `where` adds a condition of a row."""
    branches = [_branch(source, form, facet, where) for facet in form.groups[0]]
    if limit is not None:
        needed = limit if len(branches) == 1 else limit + offset
        branches = [_ordered(source, branch, needed) for branch in branches]
    if len(branches) == 1:
        return (branches[0].offset(offset) if offset else branches[0]).subquery("found")
    # A thing may have several facets of the group: `union` takes it once.
    merged = select(union(*(select(branch.subquery("branch")) for branch in branches)).subquery("merged"))
    if limit is not None:
        merged = _ordered(source, merged, limit)
    return (merged.offset(offset) if offset else merged).subquery("found")


def _ordered(source: Source, found: Select[Any], limit: int) -> Select[Any]:
    return found.order_by(*source.order(found.selected_columns)).limit(limit)


def _branch(source: Source, form: Selection, facet: Facet, where: Condition | None) -> Select[Any]:
    row = source.table.alias().c
    conditions = [row.facet == facet[0], row.value == bindparam(facet[1]), *_dated(row, form)]
    conditions += [_has(source, row, group) for group in form.groups[1:]]
    conditions += [not_(_has(source, row, [each])) for each in form.without]
    if where is not None:
        conditions.append(where(row))
    return select(row.published, row[source.key]).where(*conditions)


def _dated(row: Columns, form: Selection) -> list[ColumnElement[bool]]:
    found = []
    if form.start is not None:
        found.append(row.published >= bindparam(form.start))
    if form.end is not None:
        found.append(row.published < bindparam(form.end))
    return found


def _has(source: Source, row: Columns, group: Group) -> ColumnElement[bool]:
    """Whether what `row` is about has one of the group's facets as well: one facet with several values."""
    return _found(source, row[source.key], group, lambda other: [other.published == row.published])


def _found(
    source: Source, key: Any, group: Group, dated: Callable[[Columns], list[ColumnElement[bool]]]
) -> ColumnElement[bool]:
    other = source.table.alias().c
    values: list[BindParameter[str]] = [bindparam(name) for _, name in group]
    any_of = other.value == values[0] if len(values) == 1 else other.value.in_(values)
    where = (other.facet == group[0][0], any_of, other[source.key] == key, *dated(other))
    return exists(select(other.value).where(*where))


def has_all(source: Source, row: Columns, form: Selection) -> ColumnElement[bool]:
    """Whether what `row` is about, by its key and date, has that form: for things that were found by other means."""
    conditions = [_has(source, row, group) for group in form.groups]
    conditions += [not_(_has(source, row, [each])) for each in form.without]
    return and_(*conditions, *_dated(row, form))


def is_wanted(source: Source, key: Any, form: Selection) -> ColumnElement[bool]:
    """Whether what has that key has that form, where its date is not at hand."""
    conditions = [_found(source, key, group, lambda other: _dated(other, form)) for group in form.groups]
    conditions += [not_(_found(source, key, [each], lambda _: [])) for each in form.without]
    return and_(*conditions)
