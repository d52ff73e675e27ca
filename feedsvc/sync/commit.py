"""The transaction of a sync: it writes the articles and media of a plan, and the records of the files."""

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

from feedsvc.articles.html.links import ids_of
from feedsvc.errors import Problem, StoreUnavailable
from feedsvc.model import Article
from feedsvc.store import Commit
from feedsvc.store.commit.publishing import Done, Event
from feedsvc.store.file_records import FileRecord
from feedsvc.store.portions import PORTION, portions
from feedsvc.sync.assets import AssetUnsettled, copy, sweep
from feedsvc.sync.dead_links import DeadLinks
from feedsvc.sync.folder.scope import Scope
from feedsvc.sync.old_addresses import MAX_NEAREST, known_addresses
from feedsvc.sync.parallel import Read
from feedsvc.sync.plan import Plan, Planner
from feedsvc.sync.reading import Outcome, distrusted
from feedsvc.sync.recognition.sources import same_sources
from feedsvc.sync.recognition.traces import followed, traces_of
from feedsvc.sync.report import Report
from feedsvc.sync.spool import whole

# What happened to an article, and its title.
_Told = tuple[Event, str]


def _told(done: Iterable[Done]) -> list[_Told]:
    return [(kind, article.title) for kind, article in done]


class SyncWriter:
    """One sync's writing. Missing files that are not in `gone` are not given up yet."""

    def __init__(self, commit: Commit, scope: Scope, gone: frozenset[str], planner: Planner) -> None:
        self.commit = commit
        self.scope, self.gone, self.planner = scope, gone, planner
        self.unused_media: list[str] = []

    def save(self, read: Read, media: Path) -> Report:
        """Write everything; what is not written is not done."""
        plan = self._plan_with_media(read, media)
        # An article that has another address changed, though its file has the same bytes.
        unchanged = same_sources(plan.settled, self.scope.known) - plan.readdressed
        # What is to be remembered of the articles that go now, and of withdrawn ones whose files were renamed.
        before = self.commit.snapshot.identities.traces_from(self.scope.missing).values()
        found = [*traces_of(self.commit.snapshot, plan.dropped), *before]
        traces = list(followed(found, plan.settled, self.planner.is_there))
        done = _told(self.commit.articles.remove(plan.dropped))
        done += self._put_articles(plan, unchanged)
        # After that: a file may say a later time now.
        over = self.commit.articles.over()
        traces += traces_of(self.commit.snapshot, over)
        done += _told(self.commit.articles.remove(over))
        self.commit.note_traces(traces)
        done += _told(self.commit.articles.release())
        self.commit.expiry.expire(self.commit.snapshot.site().tombstone_days)
        self.commit.expiry.close_period()
        self.unused_media = self.commit.media.drop_unused()
        links = self._dead_links()
        self.commit.files.save(read.fresh)
        for some in portions(plan.settled):
            self.commit.files.save([links.judged(each).record for each in some])
        self.commit.files.disown(over)
        # A refusal keeps what would go; what has moved is published by another file, and may be forgotten.
        self.commit.files.forget(plan.moved if plan.refused else self.gone | plan.moved)
        return self._report(done, plan)

    def _put_articles(self, plan: Plan, unchanged: Set[str]) -> list[_Told]:
        """Save the articles, some at a time. Those that leave their slugs come first, all at once: others take them."""
        public = [each for each in plan.settled if each.parsed and not each.parsed.draft]
        moving = [each for each in public if each.record.id in plan.readdressed]
        staying = [each for each in public if each.record.id not in plan.readdressed]
        told: list[_Told] = []
        for some in [public] if len(public) <= PORTION else [moving, *portions(staying)]:
            wholes = list(map(whole, some))
            terms = {each.article.id: each.terms for each in wholes if each.terms}
            told += _told(self.commit.articles.put([each.article for each in wholes], terms, unchanged))
        return told

    def _dead_links(self) -> DeadLinks:
        """Who judges links by what the store holds now."""
        snapshot = self.commit.snapshot

        def ids_at(slug: str) -> Collection[str] | None:
            article = snapshot.articles.at(slug)
            return ids_of(article.content) if isinstance(article, Article) else None

        slugs = (slug for slug, _ in snapshot.articles.slugs(MAX_NEAREST, 0))
        return DeadLinks(snapshot.site(), self.commit, ids_at, lambda: known_addresses(snapshot.site(), slugs))

    def sweep(self, media: Path) -> None:
        """Delete what earlier syncs left in the media folder. Done first: what this one drops may yet be kept."""
        try:
            sweep(media, self.commit.media.names())
        except OSError as error:
            raise StoreUnavailable(f"{media}: {error.strerror} (make it writable)") from error

    def _plan_with_media(self, read: Read, media: Path) -> Plan:
        """Settle who claims what, with all files beside articles copied.

        An article whose files changed meanwhile is set aside: what it claimed may then be another's.
        """
        outcomes: Sequence[Outcome] = read.outcomes
        while True:
            plan = self.planner.plan(outcomes)
            parsed = [each.parsed for each in plan.settled if each.parsed and not each.parsed.draft]
            used = {asset.name: asset for each in parsed for asset in each.assets}
            try:
                lost = copy(used.values(), read.sources, media)
            except OSError as error:
                raise StoreUnavailable(f"{media}: {error.strerror} (make room there, and make it writable)") from error
            if not lost:
                for name, asset in used.items():
                    digest = bytes.fromhex(name.partition(".")[0])
                    self.commit.media.put(name, asset.type, asset.length, digest, asset.filename)
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

    def _report(self, done: Sequence[_Told], plan: Plan) -> Report:
        wrong = [record for record in self.commit.files.load_wrong() if record.path not in self.gone]
        missing = self.scope.missing - self.gone - plan.moved
        # Those whose articles no other file publishes.
        ids = {id_ for path in missing if (id_ := self.scope.known[path].id)}
        leaving = {each for paths in self.commit.files.publishers(ids).values() if paths <= missing for each in paths}
        articles = self.commit.snapshot.articles
        next_release, next_expiry = articles.next_release(), articles.next_expiry()
        zone = ZoneInfo(self.commit.snapshot.site().timezone)
        return Report(
            added=tuple(title for kind, title in done if kind == "added"),
            changed=tuple(title for kind, title in done if kind == "changed"),
            removed=tuple(title for kind, title in done if kind == "removed"),
            rerendered=sum(kind == "rerendered" for kind, _ in done),
            renamed=plan.renamed,
            problems=tuple(problem for record in wrong for problem in problems_of(record)),
            missing=tuple(sorted(missing)),
            leaving=tuple(sorted(leaving)),
            refused=plan.refused,
            pending=tuple(each.record.path for each in plan.settled if each.unsettled),
            scheduled=self.commit.snapshot.claims.count_scheduled(),
            next_release=next_release and next_release.astimezone(zone),
            next_expiry=next_expiry and next_expiry.astimezone(zone),
            expired=self.commit.files.count_expired(),
            drafts=self.commit.files.count_drafts(),
        )


def problems_of(record: FileRecord) -> list[Problem]:
    """Return the problems in the record of a file."""
    return [Problem(path=record.path, finding=finding) for finding in record.problems]
