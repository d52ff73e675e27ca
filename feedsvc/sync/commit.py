"""The one transaction of a sync: who publishes what, what goes, and what the notebook says afterwards.

Everything is asked of the store by what changed; nothing here walks through what exists.
"""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from feedsvc.errors import Problem, StoreUnavailable
from feedsvc.model import Article
from feedsvc.store import Writer, notebook
from feedsvc.store.claims import claims, count, count_scheduled, existing, orphans
from feedsvc.store.notebook import FileRecord
from feedsvc.store.publishing import Done
from feedsvc.store.search import Terms
from feedsvc.sync.assets import AssetUnsettled, copy, sweep
from feedsvc.sync.conflicts import CLAIM, Before, claims_of, settle
from feedsvc.sync.parallel import Read
from feedsvc.sync.reading import Outcome, distrusted
from feedsvc.sync.report import Report
from feedsvc.sync.scope import Scope
from feedsvc.sync.sources import same_sources

# A sync that would remove more than both of these removes nothing (promise 9).
MAX_REMOVED_SHARE: Final = 0.2
MAX_REMOVED: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is to happen to the articles: `dropped` are ids that go; `refused` counts those that were too many to go."""

    settled: list[Outcome]
    dropped: list[str]
    refused: int
    held: Mapping[CLAIM, str]

    @property
    def articles(self) -> list[Article]:
        return [each.parsed.article for each in self.settled if each.parsed and not each.parsed.draft]

    @property
    def terms(self) -> dict[str, Terms]:
        """What the articles are found by, by id."""
        return {each.parsed.article.id: each.terms for each in self.settled if each.parsed and each.terms}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """How things stand before, as far as this sync touches them.

    `publishers` are the files that publish an id until now, `doomed` the ids that lose one of them. `by_slug` says
    which article claims a slug.
    """

    publishers: Mapping[str, set[str]]
    doomed: set[str]
    by_slug: Mapping[str, str]


class Commit:
    """One sync's writing. Missing files that are not in `gone` are not given up yet."""

    def __init__(
        self, writer: Writer, connection: Connection, scope: Scope, gone: frozenset[str], *, allow_removals: bool
    ) -> None:
        self.writer, self.connection = writer, connection
        self.scope, self.gone, self.allow_removals = scope, gone, allow_removals
        self.unused_media: list[str] = []

    def save(self, read: Read, media: Path) -> Report:
        """Write everything; what is not written is not done."""
        plan = self._plan_with_media(read, media)
        done = (
            self.writer.remove(plan.dropped)
            + self.writer.put_articles(plan.articles, plan.terms, same_sources(plan.settled, self.scope.known))
            + self.writer.release()
        )
        self.writer.expire(self.writer.site().tombstone_days)
        self.writer.close_period()
        if plan.dropped:
            self.unused_media = self.writer.drop_unused_media()
        notebook.save(self.connection, [*read.fresh, *(each.record for each in plan.settled)])
        if not plan.refused:
            notebook.forget(self.connection, self.gone)
        return self._report(done, plan)

    def sweep(self, media: Path) -> None:
        """Delete what earlier syncs left in the media folder. Done first: what this one drops may yet be kept."""
        try:
            sweep(media, self.writer.media_names())
        except OSError as error:
            raise StoreUnavailable(f"{media}: {error.strerror} (make it writable)") from error

    def _plan_with_media(self, read: Read, media: Path) -> _Plan:
        """Settle who claims what, with all files beside articles copied.

        An article whose files changed meanwhile is set aside: what it claimed may then be another's.
        """
        outcomes: Sequence[Outcome] = read.outcomes
        while True:
            plan = self._plan(outcomes)
            lost = self._put_media(plan, read.sources, media)
            if not lost:
                return plan
            outcomes = [self._without(lost, each) for each in outcomes]

    def _without(self, lost: Mapping[str, str], outcome: Outcome) -> Outcome:
        """An outcome, set aside when it uses one of the media that are `lost`, for the reason given."""
        asked = outcome.record.asked.items() if outcome.parsed else ()
        for path, name in ((path, each[1]) for path, each in asked if each):
            if name in lost:
                (finding,) = AssetUnsettled(path, lost[name]).findings
                known = self.scope.known.get(outcome.record.path)
                aside = outcome.set_aside(finding, known.id if known else None)
                return replace(aside, record=distrusted(aside.record), unsettled=True)
        return outcome

    def _plan(self, outcomes: Sequence[Outcome]) -> _Plan:
        """Settle who claims what. What stays up as it is keeps its claims, which may set aside others in turn."""
        ids = {path: record.id for path, record in self.scope.known.items()}
        standing = self._standing(outcomes, ids)
        before = Before(ids=ids, slugs=standing.by_slug)
        moving = {each.record.path for each in outcomes if each.parsed} | self.scope.missing
        held: dict[CLAIM, str] = {
            ("id", id_): path for id_, paths in standing.publishers.items() for path in sorted(paths - moving)
        }
        refused = 0
        while True:
            plan = self._attempt(settle(outcomes, held, before), standing, refused)
            if plan.held.keys() <= held.keys():
                return plan
            held = {**plan.held, **held}
            refused = plan.refused

    def _standing(self, outcomes: Sequence[Outcome], before: Mapping[str, str | None]) -> _Standing:
        claimed = [claim for each in outcomes for claim in claims_of(each)]
        by_slug = claims(self.connection, {value for _, value in claimed})
        touched = {each.record.path for each in outcomes} | self.gone
        doomed = existing(self.connection, {id_ for path in touched if (id_ := before.get(path))})
        if self.scope.whole:
            doomed |= orphans(self.connection)
        ids = {*doomed, *by_slug.values(), *(value for field, value in claimed if field == "id")}
        return _Standing(publishers=notebook.publishers(self.connection, ids), doomed=doomed, by_slug=by_slug)

    def _attempt(self, settled: list[Outcome], standing: _Standing, refused: int) -> _Plan:
        """What would happen if `settled` were saved, and what is held by articles that would stay as they are.

        `refused` removals stay refused.
        """
        paths = self._paths_after(settled, standing)
        published = {each.parsed.article.id for each in settled if each.parsed and not each.parsed.draft}
        dropped = sorted(standing.doomed - paths.keys() - published)
        withdrawn = self._withdrawn(settled)
        others = [id_ for id_ in dropped if id_ not in withdrawn]
        if self._are_too_many(others) and not self.allow_removals:
            refused = max(refused, len(others))
        if refused:
            dropped = [id_ for id_ in dropped if id_ in withdrawn]
        leaving = published | set(dropped)
        held: dict[CLAIM, str] = {
            ("id", each.record.id): each.record.path for each in settled if each.parsed is None and each.record.id
        }
        held.update(
            {("slug", slug): paths.get(id_, id_) for slug, id_ in standing.by_slug.items() if id_ not in leaving}
        )
        return _Plan(settled=settled, dropped=dropped, refused=refused, held=held)

    def _withdrawn(self, settled: Sequence[Outcome]) -> set[str]:
        """The ids whose own files say that they are not for the public: no mishap, however many they are."""
        known = (self.scope.known.get(each.record.path) for each in settled if each.is_withdrawn)
        return {record.id for record in known if record and record.id}

    def _are_too_many(self, dropped: Sequence[str]) -> bool:
        return len(dropped) > MAX_REMOVED and len(dropped) > count(self.connection) * MAX_REMOVED_SHARE

    def _paths_after(self, settled: Sequence[Outcome], standing: _Standing) -> dict[str, str]:
        """By id: a file that will publish it."""
        rewritten = {each.record.path for each in settled} | self.gone
        staying = {id_: min(left) for id_, paths in standing.publishers.items() if (left := paths - rewritten)}
        return staying | {each.record.id: each.record.path for each in settled if each.record.id}

    def _put_media(self, plan: _Plan, sources: Mapping[str, Path], media: Path) -> Mapping[str, str]:
        """Copy and note what the articles use, if all can be had; else say which cannot, and why."""
        parsed = [each.parsed for each in plan.settled if each.parsed and not each.parsed.draft]
        used = {asset.name: asset for each in parsed for asset in each.assets}
        try:
            lost = copy(used.values(), sources, media)
        except OSError as error:
            raise StoreUnavailable(f"{media}: {error.strerror} (make room there, and make it writable)") from error
        for asset in used.values() if not lost else ():
            self.writer.put_media(asset.name, asset.type, asset.length, bytes.fromhex(asset.name.partition(".")[0]))
        return lost

    def _report(self, done: Sequence[Done], plan: _Plan) -> Report:
        wrong = [record for record in notebook.load_wrong(self.connection) if record.path not in self.gone]
        missing = self.scope.missing - self.gone
        next_release = self.writer.next_release()
        return Report(
            added=tuple(article.title for kind, article in done if kind == "added"),
            changed=tuple(article.title for kind, article in done if kind == "changed"),
            removed=tuple(article.title for kind, article in done if kind == "removed"),
            rerendered=sum(kind == "rerendered" for kind, _ in done),
            problems=tuple(problem for record in wrong for problem in problems_of(record)),
            missing=tuple(sorted(missing)),
            leaving=tuple(sorted(self._leaving(missing))),
            refused=plan.refused,
            pending=tuple(each.record.path for each in plan.settled if each.unsettled),
            scheduled=count_scheduled(self.connection),
            next_release=next_release and next_release.astimezone(ZoneInfo(self.writer.site().timezone)),
            drafts=notebook.count_drafts(self.connection),
        )

    def _leaving(self, missing: Set[str]) -> Iterator[str]:
        """Those of the missing files whose articles no other file publishes."""
        ids = {id_ for path in missing if (id_ := self.scope.known[path].id)}
        for paths in notebook.publishers(self.connection, ids).values():
            yield from paths if paths <= missing else ()


def problems_of(record: FileRecord) -> list[Problem]:
    """What the notebook holds against a file."""
    return [Problem(path=record.path, finding=finding) for finding in record.problems]
