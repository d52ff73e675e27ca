"""Plan a sync: which file publishes which article, which files are set aside, which articles are removed.

A plan writes nothing. `feedsvc check` makes the same plan as a sync, so that both report the same problems. The
store is queried only for what changed, so the time does not depend on the number of existing articles.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from feedsvc.store import Snapshot
from feedsvc.store.file_records import CopyOf
from feedsvc.sync.first_sync import SpooledOutcomes
from feedsvc.sync.folder.scope import Scope
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.conflicts import CLAIM, Before, claims_of, resolve_conflicts
from feedsvc.sync.recognition.copies import Copies, copy_by_name, set_aside
from feedsvc.sync.recognition.copy_names import why_unread
from feedsvc.sync.recognition.identity import Identified, Identifier
from feedsvc.sync.recognition.signs import Renamed

# A sync that would remove more than both of these removes nothing (guarantee 9).
MAX_REMOVED_SHARE: Final = 0.2
MAX_REMOVED: Final = 10


def are_too_many(removals: int, snapshot: Snapshot) -> bool:
    """Return whether a sync must not remove this number of articles without `allow_removals` (guarantee 9)."""
    return removals > MAX_REMOVED and removals > snapshot.claims.count() * MAX_REMOVED_SHARE


# The outcomes of a plan. Those of a first sync of very many files are read from the disk each time.
Settled: TypeAlias = Sequence[Outcome] | SpooledOutcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes that a sync will make.

    `dropped` has the ids of articles that are removed; `refused` is the number of removals that were refused. `owners`
    has the claims of articles that stay unchanged. `moved` has the missing files whose articles other files continue to
    publish, `renamed` the files that were recognised by their text alone, `readdressed` the ids of articles that get
    another slug.
    """

    settled: Settled
    dropped: list[str]
    refused: int
    owners: Mapping[CLAIM, str] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    renamed: tuple[Renamed, ...] = ()
    readdressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _StateBefore:
    """The state before the sync, for the articles that it affects.

    `publishers` has the files that publish each id, `affected_ids` the ids that lose one of these files. `by_slug` has
    the id that claims each slug.
    """

    publishers: Mapping[str, set[str]]
    affected_ids: set[str]
    by_slug: Mapping[str, str]


class Planner:
    """Plans one sync. The missing files in `gone` count as deleted; the others may come back."""

    def __init__(
        self, snapshot: Snapshot, content: Path, scope: Scope, gone: frozenset[str], *, allow_removals: bool
    ) -> None:
        self.snapshot, self.content = snapshot, content
        self.scope, self.gone, self.allow_removals = scope, gone, allow_removals
        self.copies = Copies(snapshot, content, scope.known, missing=scope.missing, gone=gone, is_there=self.is_there)

    def plan_first(self, outcomes: SpooledOutcomes) -> Plan:
        """Return the plan of a first sync, in a store that publishes nothing and never did."""
        plan = self.plan(outcomes.related())
        outcomes.settle(plan.settled)
        return replace(plan, settled=outcomes)

    def plan(self, outcomes: Sequence[Outcome]) -> Plan:
        """Return the plan for these outcomes.

        A file that is set aside keeps the claims of its published article, which may in turn set aside other files; so
        the plan is made again until it does not change.
        """
        identified = self._identified(outcomes)
        outcomes = identified.outcomes
        ids = {path: record.id for path, record in self.scope.known.items()}
        claimed = [claim for each in outcomes for claim in claims_of(each)]
        by_slug = self.snapshot.claims.of({value for _, value in claimed})
        touched = {each.record.path for each in outcomes} | self.gone
        affected_ids = self.snapshot.claims.existing({id_ for path in touched if (id_ := ids.get(path))})
        if self.scope.whole:
            affected_ids |= self.snapshot.claims.orphans()
        wanted = {*affected_ids, *by_slug.values(), *(value for name, value in claimed if name == "id")}
        state = _StateBefore(
            publishers=self.snapshot.files.publishers(wanted), affected_ids=affected_ids, by_slug=by_slug
        )
        before = Before(ids=ids, slugs=by_slug, successors=identified.successors)
        moving = {each.record.path for each in outcomes if each.parsed} | self.gone
        moving |= {path for paths in identified.left.values() for path in paths}
        owners: dict[CLAIM, str] = {
            ("id", id_): path for id_, paths in state.publishers.items() for path in sorted(paths - moving)
        }
        refused = 0
        while True:
            plan = self._attempt(resolve_conflicts(outcomes, owners, before), state, identified, refused)
            if plan.owners.keys() <= owners.keys():
                return plan
            owners = {**plan.owners, **owners}
            refused = plan.refused

    def _identified(self, outcomes: Sequence[Outcome]) -> Identified:
        """Settle the ids of outcomes, and set copies aside.

        A copy that an earlier sync set aside claims nothing, unless its original is gone: then it may replace it.
        """
        before = self.copies.remembered(outcomes)
        identified = self._identify(self._without(outcomes, before))
        successors = {id_: path for path, id_ in identified.successors.items()}
        there = {
            path: original for path, copy in before.items() if (original := self.copies.original_of(copy, successors))
        }
        if there != before:
            identified = self._identify(self._without(outcomes, there))
        # Without the files that are not published because of their name or folder, unless they are published already.
        named: list[Outcome] = []
        for each in identified.outcomes:
            path, known = each.record.path, self.scope.known.get(each.record.path)
            if path in identified.successors or (known and known.id):
                named.append(each)
            elif each.original:
                named.append(copy_by_name(each))
            elif each.parsed is None or not why_unread(path):
                named.append(each)
        identified = replace(identified, outcomes=named)
        settled = self._without(named, self.copies.new(identified))
        for at, each in enumerate(settled):
            known = self.scope.known.get(each.record.path)
            if known and known.copy_of and not each.record.copy_of and not each.public:
                # A copy that becomes unreadable or a draft stays marked as a copy until it can be read again.
                settled[at] = replace(each, record=replace(each.record, copy_of=known.copy_of))
        return replace(identified, outcomes=settled)

    def _without(self, outcomes: Sequence[Outcome], copies: Mapping[str, CopyOf]) -> list[Outcome]:
        """Return the outcomes with the copies set aside."""
        return [
            set_aside(each, copy, is_removed=self.snapshot.slugs.was_removed(copy.id))
            if (copy := copies.get(each.record.path))
            else each
            for each in outcomes
        ]

    def _identify(self, outcomes: Sequence[Outcome]) -> Identified:
        known, missing = self.scope.known, self.scope.missing
        return Identifier(
            self.snapshot, outcomes, known, missing=missing, gone=self.gone, is_there=self.is_there
        ).identified()

    def is_there(self, path: str) -> bool:
        """Return whether a file below the content folder exists."""
        # A name that is not UTF-8 is written with a backslash (see `walk.shown`) and cannot be looked up by that text.
        return "\\" in path or os.path.lexists(self.content / path)

    def _attempt(self, settled: list[Outcome], before: _StateBefore, identified: Identified, refused: int) -> Plan:
        """Return the changes if `settled` were saved, and the claims of articles that would stay unchanged.

        Removals that were `refused` in an earlier attempt stay refused.
        """
        successors = [each.record.path for each in settled if each.parsed and each.record.path in identified.successors]
        moved = frozenset(path for successor in successors for path in identified.left[successor])
        # By id: a file that will publish the article.
        rewritten = {each.record.path for each in settled} | self.gone | moved
        paths = {id_: min(left) for id_, files in before.publishers.items() if (left := files - rewritten)}
        paths |= {each.record.id: each.record.path for each in settled if each.record.id}
        published = {each.public.article.id for each in settled if each.public}
        dropped = sorted(before.affected_ids - paths.keys() - published)
        # Withdrawn files say themselves that they are not for the public. So they do not count as removals by mistake.
        known = (self.scope.known.get(each.record.path) for each in settled if each.is_withdrawn)
        withdrawn = {record.id for record in known if record and record.id}
        others = len([id_ for id_ in dropped if id_ not in withdrawn])
        if are_too_many(others, self.snapshot) and not self.allow_removals:
            refused = max(refused, others)
        if refused:
            dropped = [id_ for id_ in dropped if id_ in withdrawn]
        leaving = published | set(dropped)
        owners: dict[CLAIM, str] = {("id", id_): path for id_, path in paths.items() if id_ not in published}
        owners.update(
            {("slug", slug): paths.get(id_, id_) for slug, id_ in before.by_slug.items() if id_ not in leaving}
        )
        return Plan(
            settled=settled,
            dropped=dropped,
            refused=refused,
            owners=owners,
            moved=moved,
            renamed=tuple(identified.renamed[successor] for successor in successors if successor in identified.renamed),
            readdressed=identified.readdressed,
        )
