"""The one transaction of a sync: who publishes what, what goes, and what the notebook says afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from feedsvc.errors import Problem, StoreUnavailable
from feedsvc.model import Article
from feedsvc.store import Writer, notebook
from feedsvc.store.claims import all_ids, claims
from feedsvc.store.notebook import FileRecord
from feedsvc.sync.assets import AssetFinder
from feedsvc.sync.conflicts import CLAIM, claims_of, settle
from feedsvc.sync.reading import Outcome
from feedsvc.sync.report import Report

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


class Commit:
    """One sync's writing. `gone` files are believed to be gone, `missing` ones are not there but not given up yet."""

    def __init__(
        self,
        writer: Writer,
        connection: Connection,
        known: Mapping[str, FileRecord],
        gone: frozenset[str],
        missing: frozenset[str],
        *,
        allow_removals: bool,
    ) -> None:
        self.writer, self.connection, self.known = writer, connection, known
        self.gone, self.missing, self.allow_removals = gone, missing, allow_removals
        self.unused_media: list[str] = []

    def save(self, outcomes: list[Outcome], fresh: list[FileRecord], assets: AssetFinder, media: Path) -> Report:
        """Write everything; what is not written is not done."""
        plan = self._plan(outcomes)
        self._put_media(plan, assets, media)
        done = self.writer.remove(plan.dropped) + self.writer.put_articles(plan.articles) + self.writer.release()
        self.writer.expire_tombstones(self.writer.site().tombstone_days)
        if plan.dropped:
            self.unused_media = self.writer.drop_unused_media()
        records = [*fresh, *(each.record for each in plan.settled)]
        notebook.save(self.connection, records)
        if not plan.refused:
            notebook.forget(self.connection, self.gone)
        return self._report(records, done, plan.refused)

    def _plan(self, outcomes: Sequence[Outcome]) -> _Plan:
        """Settle who claims what. What stays up as it is keeps its claims, which may set aside others in turn."""
        before = {path: record.id for path, record in self.known.items()}
        ids = all_ids(self.connection)
        by_slug = claims(self.connection, {value for each in outcomes for _, value in claims_of(each)})
        held = self._held_ids(outcomes)
        refused = 0
        while True:
            plan = self._attempt(settle(outcomes, held, before), ids, by_slug, refused)
            if plan.held.keys() <= held.keys():
                return plan
            held = {**plan.held, **held}
            refused = plan.refused

    def _held_ids(self, outcomes: Sequence[Outcome]) -> dict[CLAIM, str]:
        """The ids of files that are there and say nothing new."""
        moving = {each.record.path for each in outcomes if each.parsed} | self.gone | self.missing
        return {("id", record.id): path for path, record in self.known.items() if record.id and path not in moving}

    def _attempt(self, settled: list[Outcome], ids: set[str], by_slug: Mapping[str, str], refused: int) -> _Plan:
        """What would happen if `settled` were saved, and what is held by articles that would stay as they are.

        `refused` removals stay refused.
        """
        records = self._after([each.record for each in settled])
        paths = {record.id: path for path, record in records.items() if record.id}
        published = {each.parsed.article.id for each in settled if each.parsed and not each.parsed.draft}
        dropped = sorted(ids - paths.keys() - published)
        too_many = len(dropped) > MAX_REMOVED and len(dropped) > len(ids) * MAX_REMOVED_SHARE
        if too_many and not self.allow_removals:
            refused = max(refused, len(dropped))
        staying = ids - published - (set() if refused else set(dropped))
        held: dict[CLAIM, str] = {
            ("id", each.record.id): each.record.path for each in settled if each.parsed is None and each.record.id
        }
        held.update({("slug", slug): paths.get(id_, id_) for slug, id_ in by_slug.items() if id_ in staying})
        return _Plan(settled=settled, dropped=[] if refused else dropped, refused=refused, held=held)

    def _after(self, records: Sequence[FileRecord]) -> dict[str, FileRecord]:
        """The notebook as it will be, without what is gone."""
        after = {**self.known, **{record.path: record for record in records}}
        return {path: record for path, record in after.items() if path not in self.gone}

    def _put_media(self, plan: _Plan, assets: AssetFinder, media: Path) -> None:
        parsed = [each.parsed for each in plan.settled if each.parsed and not each.parsed.draft]
        used = {asset.name: asset for each in parsed for asset in each.assets}
        try:
            assets.copy(used, media)
        except OSError as error:
            raise StoreUnavailable(f"{media}: {error.strerror} (make room there, and make it writable)") from error
        for asset in used.values():
            self.writer.put_media(asset.name, asset.type, asset.length, bytes.fromhex(asset.name.partition(".")[0]))

    def _report(self, records: Sequence[FileRecord], done: list[tuple[str, Article]], refused: int) -> Report:
        return Report(
            added=tuple(article.title for kind, article in done if kind == "added"),
            changed=tuple(article.title for kind, article in done if kind == "changed"),
            removed=tuple(article.title for kind, article in done if kind == "removed"),
            problems=tuple(problem for record in self._after(records).values() for problem in problems_of(record)),
            missing=tuple(sorted(self.missing)),
            refused=refused,
        )


def problems_of(record: FileRecord) -> list[Problem]:
    """What the notebook holds against a file."""
    return [Problem(path=record.path, finding=finding) for finding in record.problems]
