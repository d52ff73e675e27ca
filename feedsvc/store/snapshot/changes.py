"""The changes of a slice after a cursor: each article once, at its last change, in the order of the changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from feedsvc.model import Article
from feedsvc.slices.cursor import Cursor
from feedsvc.slices.slice import Slice
from feedsvc.store.change_log import OF_ARTICLES, latest_state
from feedsvc.store.rows import article_from, to_time
from feedsvc.store.schema import Columns, addresses, articles, changes
from feedsvc.store.selection import (
    EARLIEST,
    LATEST,
    MAX_CACHED_FORMS,
    NEWEST,
    Selection,
    has_all,
    is_there,
    is_wanted,
    rows,
)
from feedsvc.store.session import Session
from feedsvc.store.snapshot.queries import SliceQueries

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The last change of an article in a slice, at `at`: `article` as it is now, or None if it left the slice."""

    seq: int
    id: str
    at: datetime
    article: Article | None


class Changes:
    """The change log is never truncated, so cursors do not expire."""

    def __init__(self, session: Session, queries: SliceQueries) -> None:
        self._connection = session.connection
        self._session, self._queries = session, queries

    def has_articles(self) -> bool:
        """Return whether an article was ever published."""
        # The slugs of removed articles stay. The condition, which each slug meets, lets the query use the index.
        return self._connection.scalar(select(addresses.c.id).where(addresses.c.slug > "").limit(1)) is not None

    def cursor(self, slice_: Slice) -> Cursor:
        """Return the cursor after the last change of an article in the slice. Nothing else changes it."""
        with self._queries.selected(slice_) as wanted:
            state = self._connection.scalar(_last_state_of(wanted.form), wanted.values) or 0
            return self.cursor_at(state // 2)

    def cursor_at(self, seq: int) -> Cursor:
        """Return the cursor after the entry number `seq` of the change log."""
        return Cursor(self._session.epoch_at(seq), seq)

    def is_known(self, cursor: Cursor) -> bool:
        """Return whether this store gave the cursor.

        A new store did not. One from a backup did not give those of what happened after the backup, and never will.
        """
        last = self._connection.scalar(select(func.max(changes.c.seq))) or 0
        return cursor.seq <= last and cursor == self.cursor_at(cursor.seq)

    def after(self, slice_: Slice, seq: int, limit: int) -> list[Change]:
        """Return the first `limit` changes.

        An article that left and came back is changed; one that came and left is gone.
        """
        found: list[Change] = []
        with self._queries.selected(slice_) as wanted:
            for portion in self._touched(wanted, seq):
                found += self._last_changes(wanted, portion)
                if len(found) >= limit:
                    break
        return found[:limit]

    def _touched(self, wanted: Selection, seq: int) -> Iterator[list[Any]]:
        """Yield the changes that touched the slice in their order, some at a time."""
        state = 2 * seq + 1
        while True:
            states = rows(EARLIEST, wanted.form, _AT_ONCE, where=partial(_is_later, state=state))
            found = self._connection.scalars(select(states.c.state), wanted.values).all()
            seqs = sorted({each // 2 for each in found})
            yield list(self._connection.execute(select(changes).where(changes.c.seq.in_(seqs)).order_by(changes.c.seq)))
            if len(found) < _AT_ONCE:
                return
            state = found[-1]

    def _last_changes(self, wanted: Selection, portion: list[Any]) -> Iterator[Change]:
        """Yield those changes of a portion that are the last one of their article in the slice."""
        ids = {row.id for row in portion}
        touches = or_(*(is_wanted(LATEST, 2 * changes.c.seq + side, wanted.form) for side in (0, 1)))
        touched = select(changes.c.id, func.max(changes.c.seq).label("seq")).where(
            changes.c.id.in_(ids), changes.c.kind.in_(OF_ARTICLES), touches
        )
        last = {row.id: row.seq for row in self._connection.execute(touched.group_by(changes.c.id), wanted.values)}
        is_inside = has_all(NEWEST, articles.c, wanted.form)
        inside = select(articles).where(articles.c.id.in_(ids), articles.c.live, is_inside)
        live = {row.id: article_from(row) for row in self._connection.execute(inside, wanted.values)}
        for row in portion:
            if last.get(row.id) == row.seq:
                yield Change(seq=row.seq, id=row.id, at=to_time(row.at), article=live.get(row.id))


@lru_cache(MAX_CACHED_FORMS)
def _last_state_of(form: Selection) -> Select[Any]:
    return latest_state(form, lambda row: _is_of_article(row.state))


def _is_later(row: Columns, state: int) -> ColumnElement[bool]:
    return and_(row.state > state, _is_of_article(row.state))


def _is_of_article(state: Any) -> ColumnElement[bool]:
    seq = changes.alias().c
    # A list of parameters (IN) would be put into the statement anew each time that it is executed.
    kinds = or_(*(seq.kind == kind for kind in OF_ARTICLES))
    return is_there(select(seq.seq).where(seq.seq == state // 2, kinds))
