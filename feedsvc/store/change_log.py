"""The change log: append entries, and find the last change."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select

from feedsvc.model import Article
from feedsvc.store.facets import PICTURES, SITE, Facet, article_facet, facets_of
from feedsvc.store.rows import dumps, to_text, to_time
from feedsvc.store.schema import CHANGE_OF_STATE, change_facets, changes
from feedsvc.store.selection import LATEST, MAX_CACHED_FORMS, UNDATED, Condition, Selection, rows
from feedsvc.store.session import Session

# related: a translation was added, changed or removed. expired: the tombstone or the correction became too old, or the
# article of the tombstone is back, without these facets. closed:
# the running period ended. rerendered: another version or setting of feedsvc made other HTML of the same file.
# pictures: pages show other sizes of an article's pictures, which no feed does.
Kind = Literal[
    "added", "changed", "removed", "related", "rerendered", "expired", "closed", "site", "topic", "renderer", "pictures"
]
# The kinds that cursors report. A rerendered article changes Last-Modified but no cursor, since it is not news.
OF_ARTICLES: Final = ("added", "changed", "removed", "related")

EPOCH_START: Final = "1970-01-01T00:00:00Z"
# From this number of changes on, and for these kinds, every document may have changed.
_MANY: Final = 1000
_EVERYWHERE: Final = ("site", "topic", "renderer")
# The kinds of changes of what one article shows, or where.
_OF_ONE: Final = (*OF_ARTICLES, "rerendered")


class Version(NamedTuple):
    """A version of a store. Everything that was computed at the same version is still valid.

    `commit` counts commits that readers can see; `seq` is the last entry of the change log.
    """

    epoch: str
    commit: int
    seq: int

    def is_before(self, other: "Version") -> bool:
        """Return whether this is an earlier version of the same store."""
        return self.epoch == other.epoch and self.commit < other.commit


@dataclass(frozen=True, slots=True)
class Touched:
    """What changed since a version.

    `is_in_place` says that every article which changed has the dates and facets that it had: no list has another order.
    `is_of_articles` says that nothing changed but articles.
    """

    everything: bool
    facets: Set[Facet] = frozenset()
    is_in_place: bool = False
    is_of_articles: bool = False

    def includes(self, made_of: Set[Facet] | None) -> bool:
        """Return whether a document made of these facets may have changed; None stands for everything."""
        return self.everything or made_of is None or not self.facets.isdisjoint(made_of)


def touched_since(connection: Connection, seq: int) -> Touched:
    """Return what the entries after `seq` touched."""
    noted = select(changes.c.kind, changes.c.id, changes.c.before, changes.c.after)
    entries = connection.execute(noted.where(changes.c.seq > seq).limit(_MANY)).all()
    if len(entries) == _MANY or any(row.kind in _EVERYWHERE for row in entries):
        return Touched(everything=True)
    found = connection.execute(select(change_facets.c.facet, change_facets.c.value).where(seq < CHANGE_OF_STATE))
    facets = {(row.facet, row.value) for row in found}
    is_in_place = all(row.before is not None and row.before == row.after for row in entries)
    return Touched(
        everything=False,
        facets=facets | {article_facet(row.id) for row in entries},
        is_in_place=is_in_place,
        is_of_articles=all(row.kind in _OF_ONE for row in entries),
    )


_LAST_SEQ: Final = select(func.max(changes.c.seq))


def last_seq(connection: Connection) -> int:
    """Return the number of the last entry; 0 if there is none."""
    return connection.scalar(_LAST_SEQ) or 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: of an article from `before` to `after`, or of `facets`.

    `facets` are touched on every date, unless `published` is given.
    """

    kind: Kind
    id: str
    before: Article | None = None
    after: Article | None = None
    facets: Iterable[Facet] = ()
    published: str = UNDATED

    def states(self) -> dict[int, dict[Facet, str]]:
        """Return the facets and the date before (0) and after (1) the change; only one of the two if they are equal."""
        dated = {0: _dated(self.before), 1: _dated(self.after) | dict.fromkeys(self.facets, self.published)}
        if dated[0] == dated[1]:
            del dated[0]
        return dated


def append(session: Session, entries: Sequence[Entry], last: int, at: datetime) -> None:
    """Append entries in their order after number `last`, at a time in UTC. The store is locked meanwhile."""
    numbered = list(enumerate(entries, last + 1))
    rows = [
        {
            "seq": seq,
            "id": each.id,
            "kind": each.kind,
            "before": _state(each.before),
            "after": _state(each.after),
            "at": to_text(at),
        }
        for seq, each in numbered
    ]
    session.insert(changes, rows)
    insert_states(session, {2 * seq + side: dated for seq, each in numbered for side, dated in each.states().items()})


def insert_states(session: Session, states: Mapping[int, Mapping[Facet, str]]) -> None:
    """Save the facets of each state, and the date of its article."""
    found = [
        {"facet": facet, "value": value, "state": state, "published": published}
        for state, facets in states.items()
        for (facet, value), published in sorted(facets.items())
    ]
    session.insert(change_facets, found)


def _dated(article: Article | None) -> dict[Facet, str]:
    return dict.fromkeys(facets_of(article), to_text(article.published)) if article else {}


def _state(article: Article | None) -> str | None:
    """Return what the log stores of an article: enough to tell which slices contain it."""
    if article is None:
        return None
    return dumps(
        {
            "topics": article.topics,
            "tags": article.tags,
            "authors": [each.name for each in article.authors],
            "language": article.language,
            "published": to_text(article.published),
        }
    )


def end_of_log(connection: Connection) -> tuple[int, datetime]:
    """Return the number and the time of the last entry; 0 and LONG_AGO if there is none."""
    last = connection.execute(_LAST).first()
    return (last.seq, to_time(last.at)) if last else (0, to_time(EPOCH_START))


_LAST: Final = select(changes.c.seq, changes.c.at).where(
    changes.c.seq == select(func.max(changes.c.seq)).scalar_subquery()
)


def last_change_of(connection: Connection, wanted: Selection) -> datetime:
    """Return the last change of the selected articles, their topics or the site; LONG_AGO if there was none."""
    is_dated = wanted.start is not None or wanted.end is not None
    found = [
        at
        for each in [wanted, *[wanted.undated] * is_dated]
        for at in connection.execute(_last_at(each.form), each.values).one()
    ]
    return max(to_time(at or EPOCH_START) for at in found)


@lru_cache(MAX_CACHED_FORMS)
def _last_at(form: Selection) -> Select[Any]:
    """Select the times of the last change of what has that form, and of the site."""
    return select(_at_of(latest_state(form)).scalar_subquery(), _LAST_AT_OF_SITE.scalar_subquery())


def latest_state(form: Selection, where: Condition | None = None) -> Select[Any]:
    """Select the last state of an article with that form, for which `where` holds."""
    if form.start is None or form.end is None:
        return select(rows(LATEST, form, 1, where=where).c.state)
    # By date, because a month has fewer articles than have changed since. `+ 0` keeps databases from using the other
    # index.
    return select(func.max(rows(LATEST, form, where=where).c.state + 0))


def _at_of(state: Select[Any]) -> Select[Any]:
    """Select the time of the change that made a state."""
    return select(changes.c.at).where(changes.c.seq == state.scalar_subquery() // 2)


def last_change_of_article(connection: Connection, id_: str) -> datetime:
    """Return the last change of this article; LONG_AGO if there was none."""
    return to_time(connection.scalar(_LAST_AT_OF_ID, {"id": id_}) or EPOCH_START)


_LAST_AT_OF_ID: Final = select(func.max(changes.c.at)).where(changes.c.id == bindparam("id"))


def last_change_of_site(connection: Connection) -> datetime:
    """Return the last change of the site or the renderer; LONG_AGO if there was none."""
    return to_time(connection.scalar(_LAST_AT_OF_SITE) or EPOCH_START)


def last_change_of_pictures(connection: Connection) -> datetime:
    """Return when pages got other sizes of pictures last; LONG_AGO if they never did."""
    return to_time(connection.scalar(_LAST_AT_OF_PICTURES) or EPOCH_START)


_LAST_AT_OF_SITE, _LAST_AT_OF_PICTURES = (
    _at_of(select(func.max(change_facets.c.state)).where(change_facets.c.facet == name, change_facets.c.value == value))
    for name, value in (SITE, PICTURES)
)
