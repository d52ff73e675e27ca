"""Select the articles, changes or tombstones of a slice in a table of facets.

The group of facets with the fewest articles drives: an index gives its rows in the wanted order, and each is looked up
in the other groups by its key. So a page costs about what it shows, not what there is.

Compiling a statement takes longer than executing it. Statements are therefore made of a selection's `form`, which many
slices share, cached, and executed with its `values`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
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

from feedsvc.model import Site
from feedsvc.slices.period import midnight
from feedsvc.slices.slice import Slice
from feedsvc.store.facets import Facet, groups_of, live_counts
from feedsvc.store.rows import to_text
from feedsvc.store.schema import Columns, article_facets, change_facets, removed_facets

Group = Sequence[Facet]
Condition = Callable[[Columns], ColumnElement[bool]]
# The number of cached statements of a kind; slices have few different forms.
MAX_CACHED_FORMS: Final = 128
# The date of changes that concern no article, and of articles whose date the log does not have.
UNDATED = ""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """All of `groups`, the driving one first, and nothing of `without`, published in [start, end) (text, UTC)."""

    groups: tuple[Group, ...]
    without: tuple[Facet, ...] = ()
    start: str | None = None
    end: str | None = None

    @cached_property
    def form(self) -> "Selection":
        """Return the selection with parameter names in place of its values."""
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

    @cached_property
    def values(self) -> dict[str, str]:
        """Return the values for a statement that was made of its form."""
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
        """Return whether one walk along an index is enough."""
        return len(self.groups) == len(self.groups[0]) == 1 and not self.without

    def within(self, start: datetime, end: datetime) -> "Selection":
        """Return the part that was published in [start, end)."""
        first, last = to_text(start), to_text(end)
        return replace(self, start=max(first, self.start or first), end=min(last, self.end or last))

    def before(self, moment: datetime) -> "Selection":
        """Return the part that was published before that time."""
        last = to_text(moment)
        return replace(self, end=min(last, self.end or last))

    def since(self, moment: datetime) -> "Selection":
        """Return the part that was published at that time or later."""
        first = to_text(moment)
        return replace(self, start=max(first, self.start or first))

    @property
    def undated(self) -> "Selection":
        """Return the changes without a date. An excluded topic counts, since titles show it too."""
        return replace(self, without=(), start=UNDATED, end="0")


def selection(connection: Connection, slice_: Slice, site: Site) -> Selection:
    """Return the selection of a slice, without its words."""
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
    """A table of facets, the column with the key of its rows, and their order."""

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
    """Select `published` and the key of the rows with that form, in the source's order. `where` adds a condition."""
    branches = [_branch(source, form, facet, where) for facet in form.groups[0]]
    if limit is not None:
        needed = limit if len(branches) == 1 else limit + offset
        branches = [_ordered(source, branch, needed) for branch in branches]
    if len(branches) == 1:
        return (branches[0].offset(offset) if offset else branches[0]).subquery("found")
    # A row may have several facets of the group: `union` returns it once.
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
    """Return a condition: what `row` is about also has one of the group's facets, which differ in their values only."""
    return _found(source, row[source.key], group, lambda other: [other.published == row.published])


def _found(
    source: Source, key: Any, group: Group, dated: Callable[[Columns], list[ColumnElement[bool]]]
) -> ColumnElement[bool]:
    other = source.table.alias().c
    values: list[BindParameter[str]] = [bindparam(name) for _, name in group]
    any_of = other.value == values[0] if len(values) == 1 else other.value.in_(values)
    where = (other.facet == group[0][0], any_of, other[source.key] == key, *dated(other))
    return is_there(select(other.value).where(*where))


def is_there(found: Select[Any]) -> ColumnElement[bool]:
    """Return a condition: `found`, which depends on the row, has a row. It is looked up for each row.

    PostgreSQL would make a join of a plain EXISTS, or first all rows that it may find: their number has no limit, and
    the estimate that they are few may be wrong. It does neither with a subquery that has OFFSET.
    """
    return exists(found.suffix_with("OFFSET 0", dialect="postgresql"))


def has_all(source: Source, row: Columns, form: Selection) -> ColumnElement[bool]:
    """Return a condition: what `row` is about has that form. For rows that were found in another way."""
    conditions = [_has(source, row, group) for group in form.groups]
    conditions += [not_(_has(source, row, [each])) for each in form.without]
    return and_(*conditions, *_dated(row, form))


def is_wanted(source: Source, key: Any, form: Selection) -> ColumnElement[bool]:
    """Return a condition: the thing with that key has that form. For keys without a date."""
    conditions = [_found(source, key, group, lambda other: _dated(other, form)) for group in form.groups]
    conditions += [not_(_found(source, key, [each], lambda _: [])) for each in form.without]
    return and_(*conditions)
