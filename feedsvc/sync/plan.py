"""What a sync would do: which file publishes which article, who is set aside, what goes. Nothing is written.

`feedsvc check` asks the same plan as a sync, so that both say the same. Everything is asked of the store by what
changed; nothing here walks through what exists.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from feedsvc.store import Snapshot
from feedsvc.store.file_records import CopyOf
from feedsvc.sync.folder.scope import Scope
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.conflicts import CLAIM, Before, claims_of, settle
from feedsvc.sync.recognition.copies import Copies, copy_by_name, set_aside
from feedsvc.sync.recognition.copy_names import why_unread
from feedsvc.sync.recognition.identity import Identified, Identifier
from feedsvc.sync.recognition.signs import Renamed

# A sync that would remove more than both of these removes nothing (guarantee 9).
MAX_REMOVED_SHARE: Final = 0.2
MAX_REMOVED: Final = 10


def are_too_many(removals: int, snapshot: Snapshot) -> bool:
    """Return whether a sync must not remove so many of the articles, unless it is told to."""
    return removals > MAX_REMOVED and removals > snapshot.claims.count() * MAX_REMOVED_SHARE


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to happen to the articles: `dropped` are ids that go; `refused` counts those that were too many to go.

    `held` are the claims of what stays as it is. `moved` are missing files whose articles other files go on
    publishing, `renamed` the files that were recognised by their text alone, `readdressed` the ids of articles that
    get another slug.
    """

    settled: list[Outcome]
    dropped: list[str]
    refused: int
    held: Mapping[CLAIM, str] = field(default_factory=dict)
    moved: frozenset[str] = frozenset()
    renamed: tuple[Renamed, ...] = ()
    readdressed: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """How things stand before, as far as this sync touches them.

    `publishers` are the files that publish an id until now, `doomed` the ids that lose one of them. `by_slug` says
    which article claims a slug.
    """

    publishers: Mapping[str, set[str]]
    doomed: set[str]
    by_slug: Mapping[str, str]


class Planner:
    """Plans one sync. Missing files that are not in `gone` are not given up yet."""

    def __init__(
        self, snapshot: Snapshot, content: Path, scope: Scope, gone: frozenset[str], *, allow_removals: bool
    ) -> None:
        self.snapshot, self.content = snapshot, content
        self.scope, self.gone, self.allow_removals = scope, gone, allow_removals
        self.copies = Copies(snapshot, content, scope.known, missing=scope.missing, gone=gone, is_there=self.is_there)

    def plan(self, outcomes: Sequence[Outcome]) -> Plan:
        """Settle who claims what. What stays up as it is keeps its claims, which may set aside others in turn."""
        identified = self._identified(outcomes)
        outcomes = identified.outcomes
        ids = {path: record.id for path, record in self.scope.known.items()}
        claimed = [claim for each in outcomes for claim in claims_of(each)]
        by_slug = self.snapshot.claims.of({value for _, value in claimed})
        touched = {each.record.path for each in outcomes} | self.gone
        doomed = self.snapshot.claims.existing({id_ for path in touched if (id_ := ids.get(path))})
        if self.scope.whole:
            doomed |= self.snapshot.claims.orphans()
        wanted = {*doomed, *by_slug.values(), *(value for name, value in claimed if name == "id")}
        standing = _Before(publishers=self.snapshot.files.publishers(wanted), doomed=doomed, by_slug=by_slug)
        before = Before(ids=ids, slugs=by_slug, heirs=identified.heirs)
        moving = {each.record.path for each in outcomes if each.parsed} | self.gone
        moving |= {path for paths in identified.left.values() for path in paths}
        held: dict[CLAIM, str] = {
            ("id", id_): path for id_, paths in standing.publishers.items() for path in sorted(paths - moving)
        }
        refused = 0
        while True:
            plan = self._attempt(settle(outcomes, held, before), standing, identified, refused)
            if plan.held.keys() <= held.keys():
                return plan
            held = {**plan.held, **held}
            refused = plan.refused

    def _identified(self, outcomes: Sequence[Outcome]) -> Identified:
        """Settle the ids of outcomes, and set copies aside.

        A copy that an earlier sync set aside claims nothing, unless its original is gone: then it is as good as that.
        """
        before = self.copies.remembered(outcomes)
        identified = self._identify(self._without(outcomes, before))
        heirs = {id_: path for path, id_ in identified.heirs.items()}
        there = {path: original for path, copy in before.items() if (original := self.copies.original_of(copy, heirs))}
        if there != before:
            identified = self._identify(self._without(outcomes, there))
        # Without what its name or folder keeps from being published, unless it is already.
        named: list[Outcome] = []
        for each in identified.outcomes:
            path, known = each.record.path, self.scope.known.get(each.record.path)
            if path in identified.heirs or (known and known.id):
                named.append(each)
            elif each.original:
                named.append(copy_by_name(each))
            elif each.parsed is None or not why_unread(path):
                named.append(each)
        identified = replace(identified, outcomes=named)
        settled = self._without(named, self.copies.new(identified))
        for at, each in enumerate(settled):
            known, is_public = self.scope.known.get(each.record.path), each.parsed and not each.parsed.draft
            if known and known.copy_of and not each.record.copy_of and not is_public:
                # A file that cannot be read, or is a draft, is the copy that it was when it can be read, or is none.
                settled[at] = replace(each, record=replace(each.record, copy_of=known.copy_of))
        return replace(identified, outcomes=settled)

    def _without(self, outcomes: Sequence[Outcome], copies: Mapping[str, CopyOf]) -> list[Outcome]:
        """The outcomes, with the copies set aside."""
        return [
            set_aside(each, copy, is_removed=self.snapshot.articles.was_removed(copy.id))
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
        """Whether a file below the content folder is there."""
        # A name that is not UTF-8 is written with a backslash (see `walk.shown`), and cannot be looked up by it.
        return "\\" in path or os.path.lexists(self.content / path)

    def _attempt(self, settled: list[Outcome], before: _Before, identified: Identified, refused: int) -> Plan:
        """What would happen if `settled` were saved, and what is held by articles that would stay as they are.

        `refused` removals stay refused.
        """
        heirs = [each.record.path for each in settled if each.parsed and each.record.path in identified.heirs]
        moved = frozenset(path for heir in heirs for path in identified.left[heir])
        # By id: a file that will publish it.
        rewritten = {each.record.path for each in settled} | self.gone | moved
        paths = {id_: min(left) for id_, files in before.publishers.items() if (left := files - rewritten)}
        paths |= {each.record.id: each.record.path for each in settled if each.record.id}
        published = {each.parsed.article.id for each in settled if each.parsed and not each.parsed.draft}
        dropped = sorted(before.doomed - paths.keys() - published)
        # Their own files say that they are not for the public: no mishap, however many they are.
        known = (self.scope.known.get(each.record.path) for each in settled if each.is_withdrawn)
        withdrawn = {record.id for record in known if record and record.id}
        others = len([id_ for id_ in dropped if id_ not in withdrawn])
        if are_too_many(others, self.snapshot) and not self.allow_removals:
            refused = max(refused, others)
        if refused:
            dropped = [id_ for id_ in dropped if id_ in withdrawn]
        leaving = published | set(dropped)
        held: dict[CLAIM, str] = {("id", id_): path for id_, path in paths.items() if id_ not in published}
        held.update({("slug", slug): paths.get(id_, id_) for slug, id_ in before.by_slug.items() if id_ not in leaving})
        return Plan(
            settled=settled,
            dropped=dropped,
            refused=refused,
            held=held,
            moved=moved,
            renamed=tuple(identified.renamed[heir] for heir in heirs if heir in identified.renamed),
            readdressed=identified.readdressed,
        )
