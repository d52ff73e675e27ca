"""content/ → store: walk, compare, read, settle, save in one commit, report."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from feedsvc.config import Settings
from feedsvc.errors import Finding, Problem
from feedsvc.feeds.formats import RENDERER_VERSION
from feedsvc.model import Article, Site, Slice
from feedsvc.store import Store, Writer, notebook
from feedsvc.store.notebook import FileRecord
from feedsvc.sync.conflicts import CLAIM, claims_of, settle
from feedsvc.sync.reading import FileReader, Outcome
from feedsvc.sync.report import Report
from feedsvc.sync.walk import Found, walk

# A sync that would remove more than both of these removes nothing (promise 9).
MAX_REMOVED_SHARE: Final = 0.2
MAX_REMOVED: Final = 10

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one sync is done.

    `may_go` says which missing files are believed to be gone, `still` which files nobody is writing just now.
    """

    whole: bool = False
    allow_removals: bool = False
    may_go: Callable[[str], bool] = lambda _path: True
    still: Callable[[Found], bool] = lambda _found: True
    progress: Progress = lambda _done, _total: None


def sync(settings: Settings, site: Site, store: Store, now: datetime, options: Options = Options()) -> Report:
    """Make the store say what the content folder says, in one commit at `now` (UTC).

    Raises ConfigError when there is no articles folder, StoreUnavailable when the store cannot be written.
    """
    found = list(walk(settings.content))
    reader = FileReader(settings.content, site)
    still = [each for each in found if options.still(each)]
    with store.write(now) as (writer, connection):
        known = notebook.load(connection)
        outcomes, fresh = _read_all(still, known, reader, options)
        writer.put_site(site)
        writer.put_renderer_version(str(RENDERER_VERSION))
        commit = _Commit(writer, connection, known, {each.path for each in found}, options)
        report = commit.save(outcomes, fresh, reader, settings.media)
    _delete_media(settings.media, commit.unused_media)
    return replace(report, pending=len(found) - len(still))


def check(content: Path, site: Site) -> list[Problem]:
    """Everything wrong in `content`, as a sync into an empty store would find it; nothing is written."""
    reader = FileReader(content, site)
    outcomes = [each for found in walk(content) if isinstance(each := reader.read(found, None), Outcome)]
    settled = settle(outcomes, {}, {})
    slugs = {value for outcome in settled for field, value in claims_of(outcome) if field != "id"}
    return [problem for outcome in settled for problem in _problems(outcome.record, _lost_original(outcome, slugs))]


def _lost_original(outcome: Outcome, slugs: Collection[str]) -> tuple[Finding, ...]:
    original = outcome.parsed.article.translation_of if outcome.parsed else None
    if original is None or original in slugs:
        return ()
    return (
        Finding(
            field="translation_of",
            severity="warning",
            message=f"no article has the slug {original!r} (name the original's slug)",
        ),
    )


def _problems(record: FileRecord, more: Sequence[Finding] = ()) -> list[Problem]:
    return [Problem(path=record.path, finding=finding) for finding in (*record.problems, *more)]


def _read_all(
    found: Sequence[Found], known: dict[str, FileRecord], reader: FileReader, options: Options
) -> tuple[list[Outcome], list[FileRecord]]:
    """The outcomes of files that say something new, and fresh records of files that only look different."""
    due = [each for each in found if not reader.is_current(each, known.get(each.path), options.whole)]
    outcomes: list[Outcome] = []
    fresh: list[FileRecord] = []
    for number, each in enumerate(due, 1):
        result = reader.read(each, known.get(each.path))
        outcomes.append(result) if isinstance(result, Outcome) else fresh.append(result)
        options.progress(number, len(due))
    return outcomes, fresh


class _Commit:
    """The one transaction of a sync."""

    def __init__(
        self, writer: Writer, connection: Connection, known: dict[str, FileRecord], present: set[str], options: Options
    ) -> None:
        self.writer, self.connection, self.known, self.options = writer, connection, known, options
        missing = sorted(path for path in known if path not in present)
        self.gone = [path for path in missing if options.may_go(path)]
        self.missing = tuple(path for path in missing if path not in set(self.gone))
        self.unused_media: list[str] = []

    def save(self, outcomes: list[Outcome], fresh: list[FileRecord], reader: FileReader, media: Path) -> Report:
        """Write everything; what is not written is not done."""
        before = {path: record.id for path, record in self.known.items()}
        settled = settle(outcomes, self._held(outcomes), before)
        records = {record.path: record for record in (*fresh, *(outcome.record for outcome in settled))}
        articles = [each.parsed.article for each in settled if each.parsed and not each.parsed.draft]
        dropped, refused = self._removals(records, articles)
        self._put_media(settled, reader, media)
        done = self.writer.remove(dropped) + self.writer.put_articles(articles) + self.writer.release()
        self.writer.expire_tombstones(self.writer.site().tombstone_days)
        if dropped:
            self.unused_media = self.writer.drop_unused_media()
        notebook.save(self.connection, records.values())
        if not refused:
            notebook.forget(self.connection, self.gone)
        return self._report(records, done, refused)

    def _held(self, outcomes: Sequence[Outcome]) -> dict[CLAIM, str]:
        """What files outside this sync hold of what its articles claim."""
        claimed = [claim for outcome in outcomes for claim in claims_of(outcome)]
        moving = {outcome.record.path for outcome in outcomes if outcome.parsed} | set(self.gone) | set(self.missing)
        by_slug = notebook.claims(self.connection, {value for field, value in claimed if field != "id"})
        ids = {value for field, value in claimed if field == "id"}
        holders = notebook.holders(self.connection, ids | set(by_slug.values()))
        staying = {id_: sorted(paths - moving)[0] for id_, paths in holders.items() if paths - moving}
        own = {
            outcome.record.path: self.known[outcome.record.path].id
            for outcome in outcomes
            if outcome.record.path in self.known
        }
        held: dict[CLAIM, str] = {("id", id_): path for id_, path in staying.items() if id_ in ids}
        held.update(
            {
                ("slug", slug): staying[id_]
                for slug, id_ in by_slug.items()
                if id_ in staying and id_ not in own.values()
            }
        )
        return held

    def _removals(self, records: dict[str, FileRecord], articles: Sequence[Article]) -> tuple[list[str], int]:
        """Ids that no file holds any longer, and how many of them are too many to believe."""
        after = {**self.known, **records}
        kept = {record.id for path, record in after.items() if path not in set(self.gone)} | {a.id for a in articles}
        dropped = sorted({record.id for record in self.known.values() if record.id and record.id not in kept})
        live = self.writer.count(Slice())
        too_many = len(dropped) > MAX_REMOVED and len(dropped) > live * MAX_REMOVED_SHARE
        return ([], len(dropped)) if too_many and not self.options.allow_removals else (dropped, 0)

    def _put_media(self, settled: Sequence[Outcome], reader: FileReader, media: Path) -> None:
        assets = {
            asset.name: asset
            for each in settled
            if each.parsed and not each.parsed.draft
            for asset in each.parsed.assets
        }
        reader.assets.copy(assets, media)
        for asset in assets.values():
            self.writer.put_media(asset.name, asset.type, asset.length, bytes.fromhex(asset.name.partition(".")[0]))

    def _report(self, records: dict[str, FileRecord], done: list[tuple[str, Article]], refused: int) -> Report:
        now = {path: record for path, record in {**self.known, **records}.items() if path not in set(self.gone)}
        return Report(
            added=tuple(article.title for kind, article in done if kind == "added"),
            changed=tuple(article.title for kind, article in done if kind == "changed"),
            removed=tuple(article.title for kind, article in done if kind == "removed"),
            problems=tuple(problem for record in now.values() for problem in _problems(record)),
            missing=self.missing,
            refused=refused,
        )


def _delete_media(media: Path, names: Sequence[str]) -> None:
    for name in names:
        (media / name).unlink(missing_ok=True)


__all__ = ["Options", "Report", "check", "sync"]
