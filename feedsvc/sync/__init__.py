"""Synchronize the store with the content folder: find files, read changed ones, resolve conflicts, commit, report."""

from collections.abc import Callable, Collection, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from feedsvc.articles.html.links import ids_of
from feedsvc.articles.markup import READERS
from feedsvc.articles.preview import Preview
from feedsvc.config import Settings
from feedsvc.errors import Finding, Problem, printable
from feedsvc.feeds.formats import RENDERER_VERSION
from feedsvc.media import media_storage
from feedsvc.media.storage import MediaStorage
from feedsvc.model import Site
from feedsvc.processes import existing_objects_stay
from feedsvc.site.pictures import site_pictures
from feedsvc.site.site_toml import line_of_key
from feedsvc.store import Commit, Snapshot, Store
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.assets import copy_pictures
from feedsvc.sync.commit import SyncWriter, problems_of
from feedsvc.sync.feed_sizes import current_of, large_feeds
from feedsvc.sync.folder.scope import Scope, find_scope, readable
from feedsvc.sync.folder.walk import Found, ignored_files, walk
from feedsvc.sync.links.dead_links import DeadLinks
from feedsvc.sync.links.old_addresses import (
    footer_problems,
    known_addresses,
    places_of,
    redirect_problems,
    served_aliases,
)
from feedsvc.sync.lost_media import LostMedia, find_lost, missing_problems
from feedsvc.sync.parallel import Progress, Task, read_all
from feedsvc.sync.plan import Planner, are_too_many
from feedsvc.sync.publication.other_publication import other_publication, refuse_other
from feedsvc.sync.publication.preview_store import settle_kind
from feedsvc.sync.reading import FileReader, Outcome, without_trusted_stamps
from feedsvc.sync.recognition.conflicts import claims_of
from feedsvc.sync.recognition.copies import published_copies
from feedsvc.sync.recognition.copy_names import originals
from feedsvc.sync.recognition.ids import Unwritten, unwritten_ids
from feedsvc.sync.report import Report
from feedsvc.sync.revision import Revision, note_revision, revision_to_note
from feedsvc.sync.spool import Spool
from feedsvc.sync.timing import at_time, expired
from feedsvc.terminal import logger

log = logger("feedsvc.sync")
_OTHER_KIND: Final = f"save it as {', '.join(READERS)}, or move it out of articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of one sync.

    `changed` has the paths that changed since the last sync; None means that any path may have changed. `whole` also
    checks files whose stamps are unchanged. `counts_as_deleted` returns whether a missing file counts as deleted;
    `is_complete` returns whether no program is writing a file. `same_publication` accepts another `tag_authority` than
    that of the store.
    """

    changed: Collection[Path] | None = None
    whole: bool = False
    allow_removals: bool = False
    same_publication: bool = False
    counts_as_deleted: Callable[[str], bool] = lambda _path: True
    is_complete: Callable[[Found], bool] = lambda _found: True
    progress: Progress = lambda _done, _total: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """What a sync has to read.

    `page` is the state of the store that this was decided by. `gone` has the missing files that count as deleted.
    `is_first` says that the store has no articles and no records yet.
    """

    page: tuple[str, int]
    scope: Scope
    gone: frozenset[str]
    reader: FileReader
    lost: LostMedia
    is_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of a check: the number of article files, and all problems."""

    files: int
    problems: list[Problem]


def sync(settings: Settings, site: Site, store: Store, now: datetime, options: Options = Options()) -> Report:
    """Update the store to the content folder in one commit at `now` (UTC), and return the report.

    The files are read before the store is locked. If another sync commits meanwhile, this one starts again.
    With `settings.drafts`, drafts and scheduled articles become articles with a mark. Raises ConfigError if there is no
    articles folder or the store is of another kind (`preview_store`), OtherPublication, and StoreUnavailable.
    """
    media = media_storage(settings)
    while True:
        with store.write(now) as commit:
            begun = begin(commit, settings, site, now, options)
        scope, gone, lost = begun.scope, begun.gone, begun.lost
        complete = [each for each in scope.found if options.is_complete(each)]
        pending = {each.path for each in scope.found} - {each.path for each in complete}
        with Spool(settings.state, now if begun.is_first else None) as spool:
            due = _due(begun.reader, complete, scope, whole=options.whole, gone=gone, holders=lost.holders)
            read = read_all(begun.reader, due, options.progress, spool)
            # The plan needs the records alone, and those of a first sync are none.
            del complete, due
            scope.found.clear()
            revision = revision_to_note(settings)
            with existing_objects_stay(), store.write(now) as commit:
                if commit.files.page() != begun.page:
                    continue
                is_site_changed = _save_site(commit, site, settings.content, revision)
                if is_site_changed:
                    copy_pictures(settings.content, site, media)
                    commit.media.put_pictures(site)
                planner = Planner(commit.snapshot, settings.content, scope, gone, allow_removals=options.allow_removals)
                writer = SyncWriter(commit, scope, gone, planner, is_site_changed=is_site_changed)
                writer.restore_media(media, lost, whole=options.whole)
                read.outcomes = at_time(read.outcomes, scope.known, now)
                report = writer.save(read, media)
                redirects = tuple(redirect_problems(settings.content, site, commit))
                footer = tuple(footer_problems(settings.content, site, commit))
        media.delete(writer.unused_media)
        # After the commit, so that readers do not wait for it.
        with store.read() as snapshot:
            large = [*large_feeds(site, snapshot.archives.current)]
        problems = (*report.problems, *redirects, *footer, *large)
        return replace(report, problems=problems, pending=(*report.pending, *sorted(pending)))


def begin(commit: Commit, settings: Settings, site: Site, now: datetime, options: Options) -> Begun:
    """Return what a sync of this store has to read. Raises ConfigError and OtherPublication.

    The transaction migrates the store to the schema of this version.
    """
    settle_kind(commit, settings)
    if not options.same_publication:
        refuse_other(commit.snapshot, site, settings.content)
    scope = find_scope(settings.content, commit.snapshot, options.changed)
    # Decided once: a file that is read as a copy of a missing file must not be planned as if that file were deleted.
    gone = frozenset(path for path in scope.missing if options.counts_as_deleted(path))
    waiting = _waiting(scope, gone, commit.snapshot, options)
    preview = Preview(now=now) if settings.drafts else None
    reader = FileReader(settings.content, site, now, waiting, may_have_moved=bool(scope.missing), preview=preview)
    pictures = partial(site_pictures, settings.content, site)
    return Begun(
        page=commit.files.page(),
        scope=scope,
        gone=gone,
        reader=reader,
        lost=find_lost(commit.snapshot, scope, reader.assets, media_storage(settings), pictures),
        is_first=scope.whole and not scope.known and not commit.snapshot.has_articles(),
    )


def _save_site(commit: Commit, site: Site, content: Path, revision: Revision | None) -> bool:
    """Save the site, and what this sync is of: the renderer, the revision of the content, the time.

    Return whether the site has changed.
    """
    is_changed = commit.site.put(site)
    commit.site.put_renderer_version(str(RENDERER_VERSION))
    note_revision(commit, content, revision)
    commit.site.note_sync()
    return is_changed


def _waiting(scope: Scope, gone: Set[str], snapshot: Snapshot, options: Options) -> set[str]:
    """Return the missing files whose articles stay published, so that links may lead to them.

    A file that does not count as deleted may come back. If there are too many to be removed, none is.
    """
    is_refused = are_too_many(len(gone), snapshot) and not options.allow_removals
    return scope.missing if is_refused else scope.missing - gone


def check(content: Path, site: Site, store: Store, now: datetime, media: MediaStorage | None = None) -> Checked:
    """Return all problems in `content` that a sync at `now` (UTC) would find, and the files that no sync reads.

    If `media` is given, files that are missing from it are included. This writes nothing. It makes the same
    plan as a sync, from the articles in the store if the store can be read. Raises ConfigError if there is no articles
    folder.
    """
    with store.known() as snapshot:
        known = snapshot.files.load()
        settled = _outcomes(FileReader(content, site, now), content, snapshot, known, now)
        places = places_of(settled, snapshot.claims.by_slug())
        missing = missing_problems(snapshot, media) if media else []
        of_other = other_publication(snapshot, site)
    slugs = {value for outcome in settled for field, value in claims_of(outcome) if field != "id"}
    contents = {each.parsed.article.slug: each.parsed.article.content for each in settled if each.parsed}
    links = DeadLinks(
        site,
        places,
        lambda slug: ids_of(contents[slug]) if slug in contents else None,
        places.owner,
        lambda: known_addresses(site, sorted(slugs)),
    )
    problems = [
        problem
        for each in map(links.checked, settled)
        for problem in (*_problems(each, slugs), *served_aliases(content, each, site), *expired(each, now))
    ]
    problems += redirect_problems(content, site, places, sorted(slugs))
    problems += footer_problems(content, site, places)
    articles = [each.public.article for each in settled if each.public]
    problems += large_feeds(site, current_of(articles, site, now))
    published = {path: record.id for path, record in known.items()}
    published |= {each.record.path: each.record.id for each in settled}
    problems += [*_duplicate_translations(settled), *published_copies(settled), *missing]
    for path, why in ignored_files(content, published):
        cure = "delete it, or to publish it give it a name and folder of its own in articles" if why else _OTHER_KIND
        message = f"{why}, so it is not read ({cure})" if why else f"is not read ({cure})"
        problems.append(Problem(path=path, finding=Finding(severity="warning", message=message)))
    if of_other:
        line = line_of_key(content, "tag_authority")
        problems.append(Problem(path="site.toml", finding=Finding(line=line, message=of_other)))
    return Checked(files=len(settled), problems=problems)


def unwritten(content: Path, site: Site, store: Store) -> list[Unwritten]:
    """Return the files whose published id would differ in a new store.

    Raises ConfigError if there is no articles folder.
    """
    with store.known() as snapshot:
        # Ids do not depend on the time, which only decides where links lead.
        reader = FileReader(content, site, site.established)
        return unwritten_ids(_outcomes(reader, content, snapshot, snapshot.files.load()))


def _outcomes(
    reader: FileReader, content: Path, snapshot: Snapshot, known: dict[str, FileRecord], now: datetime | None = None
) -> list[Outcome]:
    """Return the outcome of every file as a full sync would settle it at `now` (UTC); without `now`, ignoring times."""
    found = readable(walk(content), known)
    scope = Scope(found, known, whole=True)
    unread = {path: replace(record, fingerprint="", retry=True) for path, record in known.items()}
    outcomes = read_all(reader, [(each, unread.get(each.path)) for each in found]).outcomes
    planner = Planner(snapshot, content, scope, frozenset(scope.missing), allow_removals=False)
    return list(planner.plan(at_time(outcomes, known, now) if now else outcomes).settled)


def _problems(outcome: Outcome, slugs: Collection[str]) -> Iterator[Problem]:
    """Yield the problems of a file itself, of the original that it names, and of its id."""
    yield from problems_of(outcome.record)
    original = outcome.parsed.article.translation_of if outcome.parsed else None
    if original is not None and original not in slugs:
        message = f"no article has the slug {original!r} (name the original's slug)"
        finding = Finding(field="translation_of", severity="warning", message=message)
        yield Problem(path=outcome.record.path, finding=finding)
    for each in unwritten_ids([outcome]):
        if each.other_id is None:
            message = (
                f"only the store has the id {each.id!r} under which readers know this article "
                f"(write {each.field}, or run feedsvc ids --write)"
            )
            finding = Finding(line=each.line, field="id", severity="warning", message=message)
            yield Problem(path=each.path, finding=finding)


def _duplicate_translations(settled: Sequence[Outcome]) -> Iterator[Problem]:
    """Yield a warning for each second translation of one original into one language: readers cannot choose."""
    articles = [(each.record.path, each.parsed.article) for each in settled if each.parsed]
    originals = {slug: article.id for _, article in articles for slug in (article.slug, *article.aliases)}
    first: dict[tuple[str, str], str] = {}
    for path, article in sorted(articles, key=lambda each: (each[1].translation_of is not None, each[0])):
        original = article.translation_of and originals.get(article.translation_of, article.translation_of)
        other = first.setdefault((original or article.id, article.language), path)
        if other != path:
            message = (
                f"{printable(other)} is a version of the same article in {article.language} "
                "(correct language or translation_of in one of them)"
            )
            yield Problem(path=path, finding=Finding(field="translation_of", severity="warning", message=message))


def _due(
    reader: FileReader, found: Sequence[Found], scope: Scope, *, whole: bool, gone: Set[str], holders: Set[str]
) -> list[Task]:
    """Return the files whose stamps differ from their records, and in a `whole` sync all files, with their records.

    `gone` has the missing files that count as deleted. The files in `holders` are read again, since they use media
    files that are lost.
    """
    known = scope.known
    if whole:
        known = {path: without_trusted_stamps(record) for path, record in known.items()}
    known = {**known, **{path: replace(known[path], retry=True) for path in holders}}
    if waiting := scope.missing - gone:
        # A file that may be a copy of a missing file stays a copy until that file counts as deleted.
        found = [
            replace(each, copy_of=each.copy_of or next((one for one in originals(each.path) if one in waiting), ""))
            for each in found
        ]
    tasks = [(each, known.get(each.path)) for each in found]
    return [(each, record) for each, record in tasks if not reader.is_current(each, record, whole)]


__all__ = ["Checked", "Options", "Report", "check", "sync", "unwritten"]
