"""The transaction of a sync: write the articles and media files of a plan, and the file records."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import replace
from functools import cache, partial
from zoneinfo import ZoneInfo

from feedsvc.articles.assets import Asset
from feedsvc.articles.html.links import ids_of
from feedsvc.errors import Problem
from feedsvc.media.storage import MediaStorage
from feedsvc.model import Article
from feedsvc.slices.search_terms import Terms
from feedsvc.store import Commit
from feedsvc.store.commit.publishing import Done, Event
from feedsvc.store.facets import facets_of
from feedsvc.store.file_records import FileRecord
from feedsvc.store.portions import PORTION, portions
from feedsvc.sync.assets import AssetUnsettled, copy, copy_again
from feedsvc.sync.first_sync import SpooledOutcomes
from feedsvc.sync.folder.scope import Scope
from feedsvc.sync.links.dead_links import DeadLinks, resolve_dead_links
from feedsvc.sync.links.old_addresses import MAX_NEAREST, known_addresses
from feedsvc.sync.lost_media import LostMedia
from feedsvc.sync.parallel import Read
from feedsvc.sync.plan import Plan, Planner
from feedsvc.sync.reading import Outcome, without_trusted_stamps
from feedsvc.sync.recognition.lookalikes import find_lookalikes
from feedsvc.sync.recognition.sources import same_sources
from feedsvc.sync.recognition.traces import followed, traces_of
from feedsvc.sync.report import Report
from feedsvc.sync.spool import complete_article, spooled_terms, terms_of_outcome
from feedsvc.terminal import logger

log = logger("feedsvc.sync")

# What happened to an article, and its title.
_Change = tuple[Event, str]


class SyncWriter:
    """Writes one sync. The missing files in `gone` count as deleted; the others may come back."""

    def __init__(
        self, commit: Commit, scope: Scope, gone: frozenset[str], planner: Planner, *, is_site_changed: bool = False
    ) -> None:
        self.commit, self._is_site_changed = commit, is_site_changed
        # In a first sync, each link is checked when all articles are saved, so none is resolved afterwards.
        self._is_first = scope.whole and not scope.known
        # The slugs, aliases, media and facets of the articles that this sync saves; of a first sync none.
        self._published: set[str] = set()
        self.scope, self.gone, self.planner = scope, gone, planner
        self.unused_media: list[str] = []

    def save(self, read: Read, media: MediaStorage) -> Report:
        """Write all changes of the sync, and return its report."""
        plan = self._plan_with_media(read, media)
        # An article with a new slug counts as changed, though the bytes of its file are the same.
        unchanged = same_sources(plan.settled, self.scope.known) - plan.readdressed
        # The traces of the articles that are removed now, and of withdrawn ones whose files were renamed.
        before = self.commit.snapshot.identities.traces_from(self.scope.missing).values()
        found = [*traces_of(self.commit.snapshot, plan.dropped), *before]
        traces = list(followed(found, plan.settled, self.planner.is_there))
        lookalikes = find_lookalikes(self.commit.snapshot, self.scope, plan.settled, plan.moved)
        done = self._changes_of(self.commit.articles.remove(plan.dropped))
        spooled = plan.settled if isinstance(plan.settled, SpooledOutcomes) else None
        # Nothing in the block but `_put_articles` changes what is found: a first sync removes and releases nothing.
        with self.commit.articles.indexed(partial(_with_terms, spooled)) if spooled else nullcontext():
            done += self._put_articles(plan, unchanged)
            # After the articles are saved, since a file may have a later time of expiry now.
            expired = self.commit.schedule.expired()
            traces += traces_of(self.commit.snapshot, expired)
            done += self._changes_of(self.commit.articles.remove(expired))
            self.commit.note_traces(traces)
            done += self._changes_of(self.commit.schedule.release())
            self.commit.expire_tombstones(self.commit.snapshot.site().tombstone_days)
            self.commit.periods.close()
            self.unused_media = self.commit.media.drop_unused()
            links, unsettled = self._dead_links(plan), list[str]()
            self.commit.files.save(read.fresh)
            for some in portions(plan.settled):
                self.commit.files.save([links.checked(each).record for each in some])
                unsettled += (each.record.path for each in some if each.unsettled)
            self.commit.files.clear_ids(expired)
            if not self._is_first:
                unsettled += resolve_dead_links(self.commit, self._published, is_site_changed=self._is_site_changed)
            # If removals are refused, records of missing files stay; another file publishes the article of a moved one.
            self.commit.files.forget(plan.moved if plan.refused else self.gone | plan.moved)
            report = self._report(done, plan)
        return replace(report, lookalikes=lookalikes, pending=tuple(unsettled))

    def _changes_of(self, done: Iterable[Done]) -> list[_Change]:
        """Return what happened, without the articles, and note the names of what is published."""
        for kind, article in done:
            if kind != "removed" and not self._is_first:
                names = (article.slug, *article.aliases, *article.media, *(value for _, value in facets_of(article)))
                self._published.update(names)
        return [(kind, article.title) for kind, article in done]

    def _put_articles(self, plan: Plan, unchanged: Set[str]) -> list[_Change]:
        """Save the articles in batches: first all that give up a slug, which another article may take."""
        changes: list[_Change] = []
        if isinstance(plan.settled, SpooledOutcomes):
            for few in portions(plan.settled.public_articles()):
                changes += self._changes_of(self.commit.articles.put(list(map(complete_article, few)), terms=None))
            return changes
        public = [each for each in plan.settled if each.public]
        batches: Iterable[Sequence[Outcome]] = portions(public)
        if plan.readdressed:
            moving = [each for each in public if each.record.id in plan.readdressed]
            staying = [each for each in public if each.record.id not in plan.readdressed]
            batches = [public] if len(public) <= PORTION else [moving, *portions(staying)]
        for some in batches:
            wholes = [(complete_article(each.public.article), terms_of_outcome(each)) for each in some if each.public]
            terms = {article.id: each for article, each in wholes if each}
            changes += self._changes_of(self.commit.articles.put([article for article, _ in wholes], terms, unchanged))
        return changes

    def _dead_links(self, plan: Plan) -> DeadLinks:
        """Return the checker of links to addresses of this publication, as the store has them now."""
        snapshot = self.commit.snapshot

        @cache
        def publishers() -> dict[str, str]:
            """Return the path of the file that publishes each article of this sync, by id. Few syncs need it."""
            return {each.record.id: each.record.path for each in plan.settled if each.record.id}

        def ids_at(slug: str) -> Collection[str] | None:
            article = snapshot.slugs.at(slug)
            return ids_of(article.content) if isinstance(article, Article) else None

        def file_of(slug: str) -> str | None:
            id_ = snapshot.claims.of([slug]).get(slug)
            if id_ is None or id_ in publishers():
                return publishers().get(id_ or "")
            return min(snapshot.files.publishers([id_]).get(id_, set()) - self.gone, default=None)

        def known() -> Iterator[str]:
            return known_addresses(snapshot.site(), (slug for slug, _ in snapshot.slugs.page(MAX_NEAREST, 0)))

        return DeadLinks(snapshot.site(), self.commit, ids_at, file_of, known)

    def restore_media(self, media: MediaStorage, lost: LostMedia, *, whole: bool) -> None:
        """Copy the `lost` files again, and forget smaller sizes that are lost.

        At a `whole` sync, delete what earlier syncs left first. This runs before articles are saved, since the commit
        may still fail and keep the files that this sync drops.
        """
        if whole:
            media.delete_others(self.commit.media.names())
        self.commit.media.drop_sizes(lost.sizes)
        if copied := copy_again(lost.sources, media):
            log.warning("%s: missing or damaged files were copied again: %d", media, copied)

    def _plan_with_media(self, read: Read, media: MediaStorage) -> Plan:
        """Make the plan, and copy all files beside its articles.

        An article whose files changed meanwhile is set aside. The plan is then made again, since another file may get
        the id or slug that it claimed.
        """
        outcomes, spooled = read.outcomes, read.spooled
        while True:
            plan = self.planner.plan(outcomes) if spooled is None else self.planner.plan_first(spooled)
            used: dict[str, Asset] = {}
            lost: dict[str, str] = {}
            for some in portions(plan.settled if spooled is None else spooled.with_assets()):
                parsed = [each.public for each in some if each.public]
                new = {asset.name: asset for each in parsed for asset in each.assets if asset.name not in used}
                lost |= copy(new.values(), read.sources, media)
                used |= {name: replace(asset, data=None) for name, asset in new.items()}
            if not lost:
                for name, asset in used.items():
                    self.commit.media.put(name, asset.type, asset.length, asset.filename)
                return plan
            if spooled is None:
                outcomes = [self._without(lost, each) for each in outcomes]
            else:
                spooled.change(partial(self._without, lost))

    def _without(self, lost: Mapping[str, str], outcome: Outcome) -> Outcome:
        """Return the outcome, set aside if it uses a media file in `lost`, which has the reason for each name."""
        asked = outcome.record.asked.items() if outcome.parsed else ()
        for path, name in ((path, each[1]) for path, each in asked if each):
            if name in lost:
                (finding,) = AssetUnsettled(path, lost[name]).findings
                known = self.scope.known.get(outcome.record.path)
                aside = outcome.set_aside(finding, known.id if known else None)
                return replace(aside, record=without_trusted_stamps(aside.record), unsettled=True)
        return outcome

    def _report(self, done: Sequence[_Change], plan: Plan) -> Report:
        missing = self.scope.missing - self.gone - plan.moved
        # The missing files whose articles no other file publishes.
        ids = {id_ for path in missing if (id_ := self.scope.known[path].id)}
        to_be_removed = {
            each for paths in self.commit.files.publishers(ids).values() if paths <= missing for each in paths
        }
        waiting = self.commit.snapshot.schedule.waiting()
        drafts, expired = self.commit.files.count_unpublished()
        zone = ZoneInfo(self.commit.snapshot.site().timezone)
        return Report(
            added=tuple(title for kind, title in done if kind == "added"),
            changed=tuple(title for kind, title in done if kind == "changed"),
            removed=tuple(title for kind, title in done if kind == "removed"),
            rerendered=sum(kind == "rerendered" for kind, _ in done),
            renamed=plan.renamed,
            problems=tuple(each for each in self.commit.files.problems() if each.path not in self.gone),
            missing=tuple(sorted(missing)),
            to_be_removed=tuple(sorted(to_be_removed)),
            refused=plan.refused,
            scheduled=waiting.scheduled,
            next_release=waiting.next_release and waiting.next_release.astimezone(zone),
            next_expiry=waiting.next_expiry and waiting.next_expiry.astimezone(zone),
            expired=expired,
            drafts=drafts,
        )


def _with_terms(spooled: SpooledOutcomes) -> Iterator[tuple[Article, Terms | None]]:
    """Yield public articles without their texts, with their search terms."""
    return ((each, spooled_terms(each)) for each in spooled.public_articles())


def problems_of(record: FileRecord) -> list[Problem]:
    """Return the problems in the record of a file."""
    return [Problem(path=record.path, finding=finding) for finding in record.problems]
