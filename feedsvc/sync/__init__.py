"""content/ → store: walk, compare, read, settle, save in one commit, report."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from feedsvc.config import Settings
from feedsvc.errors import Finding, Problem
from feedsvc.feeds.formats import RENDERER_VERSION
from feedsvc.model import Site
from feedsvc.store import Store, notebook
from feedsvc.store.notebook import FileRecord
from feedsvc.sync.commit import Commit, problems_of
from feedsvc.sync.conflicts import claims_of, settle
from feedsvc.sync.reading import FileReader, Outcome
from feedsvc.sync.report import Report
from feedsvc.sync.walk import Found, walk

log = logging.getLogger("feedsvc.sync")

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
        missing = known.keys() - {each.path for each in found}
        gone = frozenset(path for path in missing if options.may_go(path))
        allow = options.allow_removals
        commit = Commit(writer, connection, known, gone, frozenset(missing - gone), allow_removals=allow)
        report = commit.save(outcomes, fresh, reader.assets, settings.media)
        writer.note_sync()
    _delete_media(settings.media, commit.unused_media)
    return replace(report, pending=len(found) - len(still))


def check(content: Path, site: Site, before: Mapping[str, str | None]) -> list[Problem]:
    """Everything wrong in `content`, as a sync would find it; nothing is written.

    `before` says which id each path publishes until now: a file keeps what it published.
    """
    reader = FileReader(content, site)
    outcomes = [each for found in walk(content) if isinstance(each := reader.read(found, None), Outcome)]
    settled = settle(outcomes, {}, before)
    slugs = {value for outcome in settled for field, value in claims_of(outcome) if field != "id"}
    return [problem for each in settled for problem in (*problems_of(each.record), *_lost_original(each, slugs))]


def _lost_original(outcome: Outcome, slugs: Collection[str]) -> Iterator[Problem]:
    original = outcome.parsed.article.translation_of if outcome.parsed else None
    if original is not None and original not in slugs:
        message = f"no article has the slug {original!r} (name the original's slug)"
        finding = Finding(field="translation_of", severity="warning", message=message)
        yield Problem(path=outcome.record.path, finding=finding)


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


def _delete_media(media: Path, names: Sequence[str]) -> None:
    for name in names:
        try:
            (media / name).unlink(missing_ok=True)
        except OSError as error:
            log.warning("%s: %s (no article uses it; delete it by hand)", media / name, error.strerror)


__all__ = ["Options", "Report", "check", "sync"]
