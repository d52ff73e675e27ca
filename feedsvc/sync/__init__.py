"""content/ → store: walk, compare, read, settle, save in one commit, report."""

from collections.abc import Callable, Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from feedsvc.articles.html.links import ids_of
from feedsvc.articles.markup import READERS
from feedsvc.config import Settings
from feedsvc.errors import Finding, Problem, printable
from feedsvc.feeds.formats import RENDERER_VERSION
from feedsvc.model import Site
from feedsvc.store import Snapshot, Store
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.assets import not_copied
from feedsvc.sync.commit import SyncWriter, problems_of
from feedsvc.sync.dead_links import DeadLinks
from feedsvc.sync.feed_sizes import current_of, large_feeds
from feedsvc.sync.folder.scope import Scope, look, readable
from feedsvc.sync.folder.walk import Found, passed_by, walk
from feedsvc.sync.old_addresses import known_addresses, places_of, redirect_problems, served_aliases
from feedsvc.sync.parallel import Progress, Read, read_all
from feedsvc.sync.plan import Planner, are_too_many
from feedsvc.sync.reading import FileReader, Outcome, distrusted
from feedsvc.sync.recognition.conflicts import claims_of
from feedsvc.sync.recognition.copies import published_copies
from feedsvc.sync.recognition.copy_names import originals
from feedsvc.sync.recognition.ids import Unwritten, unwritten_ids
from feedsvc.sync.report import Report
from feedsvc.sync.spool import Spool
from feedsvc.sync.timing import at_time, expired
from feedsvc.terminal import logger

log = logger("feedsvc.sync")
_OTHER_KIND: Final = f"save it as {', '.join(READERS)}, or move it out of articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one sync is done.

    `changed` are the paths that changed since the last one; None stands for any. `whole` reads even what looks as it
    did. `may_go` says which missing files are believed to be gone, `still` which files nobody is writing just now.
    """

    changed: Collection[Path] | None = None
    whole: bool = False
    allow_removals: bool = False
    may_go: Callable[[str], bool] = lambda _path: True
    still: Callable[[Found], bool] = lambda _found: True
    progress: Progress = lambda _done, _total: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How many article files there are, and everything that is wrong."""

    files: int
    problems: list[Problem]


def sync(settings: Settings, site: Site, store: Store, now: datetime, options: Options = Options()) -> Report:
    """Make the store say what the content folder says, in one commit at `now` (UTC).

    Files are read before the store is locked; where another sync came in between, what it wrote is looked at again.
    Raises ConfigError when there is no articles folder, StoreUnavailable when the store cannot be written.
    """
    while True:
        with store.write(now) as commit:
            # The same transaction brings the store to this version's schema.
            page, scope = commit.files.page(), look(settings.content, commit.snapshot, options.changed)
            # Decided once: what is read as a copy of a missing file must not be planned as if that file were gone.
            gone = frozenset(path for path in scope.missing if options.may_go(path))
            is_refused = are_too_many(len(gone), commit.snapshot) and not options.allow_removals
            # The missing files that links may still lead to: they may come back, or are too many to be removed.
            waiting = scope.missing if is_refused else scope.missing - gone
            lost = not_copied(settings.media, commit.media.names()) if options.whole else frozenset[str]()
        still = [each for each in scope.found if options.still(each)]
        pending = {each.path for each in scope.found} - {each.path for each in still}
        with Spool(settings.store.parent) as spool:
            reader = FileReader(settings.content, site, now, waiting, may_have_moved=bool(scope.missing))
            read = _read_due(reader, still, scope, options, gone=gone, spool=spool, lost=lost)
            with store.write(now) as commit:
                if commit.files.page() != page:
                    continue
                commit.site.put(site)
                commit.site.put_renderer_version(str(RENDERER_VERSION))
                planner = Planner(commit.snapshot, settings.content, scope, gone, allow_removals=options.allow_removals)
                writer = SyncWriter(commit, scope, gone, planner)
                if options.whole:
                    writer.sweep(settings.media)
                read.outcomes = at_time(read.outcomes, scope.known, now)
                report = writer.save(read, settings.media)
                commit.site.note_sync()
                # Articles come and go, so a redirect to nothing keeps no sync from being done.
                redirects = tuple(redirect_problems(settings.content, site, commit, "warning"))
        delete_media(settings.media, writer.unused_media)
        # Behind the commit: readers do not wait for it.
        with store.read() as snapshot:
            large = tuple(large_feeds(site, snapshot.archives.current))
        problems = (*report.problems, *redirects, *large)
        return replace(report, problems=problems, pending=(*report.pending, *sorted(pending)))


def check(content: Path, site: Site, store: Store, now: datetime) -> Checked:
    """Everything wrong in `content`, as a sync at `now` (UTC) would find it, and files that no sync reads.

    Nothing is written. It makes the same plan as a sync, over what the store publishes, if there is one that can be
    read.
    """
    with store.known() as snapshot:
        known = snapshot.files.load()
        settled = _settled(FileReader(content, site, now), content, snapshot, known, now)
        places = places_of(settled, snapshot.claims.by_slug())
    slugs = {value for outcome in settled for field, value in claims_of(outcome) if field != "id"}
    contents = {each.parsed.article.slug: each.parsed.article.content for each in settled if each.parsed}
    links = DeadLinks(
        site,
        places,
        lambda slug: ids_of(contents[slug]) if slug in contents else None,
        lambda: known_addresses(site, sorted(slugs)),
    )
    problems = [
        problem
        for each in map(links.judged, settled)
        for problem in (*_problems(each, slugs), *served_aliases(content, each, site), *expired(each, now))
    ]
    problems += redirect_problems(content, site, places, "error", sorted(slugs))
    articles = [each.parsed.article for each in settled if each.parsed and not each.parsed.draft]
    problems += large_feeds(site, current_of(articles, site, now))
    published = {path: record.id for path, record in known.items()}
    published |= {each.record.path: each.record.id for each in settled}
    problems += [*_twins(settled), *published_copies(settled)]
    for path, why in passed_by(content, published):
        cure = "delete it, or to publish it give it a name and folder of its own in articles" if why else _OTHER_KIND
        message = f"{why}, so it is not read ({cure})" if why else f"is not read ({cure})"
        problems.append(Problem(path=path, finding=Finding(severity="warning", message=message)))
    return Checked(files=len(settled), problems=problems)


def unwritten(content: Path, site: Site, store: Store) -> list[Unwritten]:
    """The files whose published id a new store would not give them. Raises ConfigError when there is no folder."""
    with store.known() as snapshot:
        # Ids do not depend on what the time decides, where links lead.
        reader = FileReader(content, site, site.established)
        return unwritten_ids(_settled(reader, content, snapshot, snapshot.files.load()))


def _settled(
    reader: FileReader, content: Path, snapshot: Snapshot, known: dict[str, FileRecord], now: datetime | None = None
) -> list[Outcome]:
    """The outcome of every file, as a sync of everything would settle it at `now`; at any time for None."""
    found = readable(walk(content), known)
    scope = Scope(found, known, whole=True)
    unread = {path: replace(record, fingerprint="", retry=True) for path, record in known.items()}
    outcomes = read_all(reader, [(each, unread.get(each.path)) for each in found]).outcomes
    planner = Planner(snapshot, content, scope, frozenset(scope.missing), allow_removals=False)
    return planner.plan(at_time(outcomes, known, now) if now else outcomes).settled


def _problems(outcome: Outcome, slugs: Collection[str]) -> Iterator[Problem]:
    """Yield what is wrong with a file itself, with the original that it names, and with its id."""
    yield from problems_of(outcome.record)
    original = outcome.parsed.article.translation_of if outcome.parsed else None
    if original is not None and original not in slugs:
        message = f"no article has the slug {original!r} (name the original's slug)"
        finding = Finding(field="translation_of", severity="warning", message=message)
        yield Problem(path=outcome.record.path, finding=finding)
    for each in unwritten_ids([outcome]):
        if each.says is None:
            message = (
                f"the store alone knows that readers know this article as {each.id!r} "
                f"(write {each.field}, or run feedsvc ids --write)"
            )
            finding = Finding(line=each.line, field="id", severity="warning", message=message)
            yield Problem(path=each.path, finding=finding)


def _twins(settled: Sequence[Outcome]) -> Iterator[Problem]:
    """Articles in one language among the translations of one original: readers cannot tell which is meant."""
    articles = [(each.record.path, each.parsed.article) for each in settled if each.parsed]
    originals = {slug: article.id for _, article in articles for slug in (article.slug, *article.aliases)}
    first: dict[tuple[str, str], str] = {}
    for path, article in sorted(articles, key=lambda each: (each[1].translation_of is not None, each[0])):
        original = article.translation_of and originals.get(article.translation_of, article.translation_of)
        other = first.setdefault((original or article.id, article.language), path)
        if other != path:
            message = (
                f"{printable(other)} says the same in {article.language} (mend the language of one, or its original)"
            )
            yield Problem(path=path, finding=Finding(field="translation_of", severity="warning", message=message))


def _read_due(
    reader: FileReader,
    found: Sequence[Found],
    scope: Scope,
    options: Options,
    *,
    gone: Set[str],
    spool: Spool,
    lost: Set[str],
) -> Read:
    """Read the files that look different from their records, and at a `whole` sync all.

    `gone` are the missing files that are believed to be gone; `lost` are missing media.
    """
    known = scope.known
    if options.whole:
        uses = {path: {each[1] for each in record.asked.values() if each} for path, record in known.items()}
        # A picture in a data: URL is in no record: then every article is made again, and copies what it holds.
        is_any = not lost <= set().union(*uses.values())
        known = {
            path: replace(distrusted(record), retry=record.retry or is_any or not lost.isdisjoint(uses[path]))
            for path, record in known.items()
        }
    if waiting := scope.missing - gone:
        # A file that may be a copy of one that is missing stays a copy until that one is believed to be gone.
        found = [
            replace(each, copy_of=each.copy_of or next((one for one in originals(each.path) if one in waiting), ""))
            for each in found
        ]
    due = [each for each in found if not reader.is_current(each, known.get(each.path), options.whole)]
    return read_all(reader, [(each, known.get(each.path)) for each in due], options.progress, spool)


def delete_media(media: Path, names: Sequence[str]) -> None:
    """Delete files of these names from the media folder; log each that cannot be deleted."""
    for name in names:
        try:
            (media / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: %s (no article uses it; delete it by hand)", media / name, error.strerror)


__all__ = ["Checked", "Options", "Report", "check", "delete_media", "sync", "unwritten"]
