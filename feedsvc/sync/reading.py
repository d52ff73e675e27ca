"""Read a file on disk into an outcome: an article, a draft, or findings. Unchanged files are not read again."""

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata.visibility import NotPublic
from feedsvc.articles.partial_article import PartialArticle, PartialArticleError
from feedsvc.articles.preview import Preview
from feedsvc.articles.read import PIPELINE_VERSION, Parsed, read_article
from feedsvc.errors import ArticleError, Finding, printable
from feedsvc.files import open_regular, read_at_most
from feedsvc.model import Site
from feedsvc.slices.search_terms import Terms, terms_of
from feedsvc.store.file_records import FileRecord, Stamp
from feedsvc.store.rows import dumps
from feedsvc.sync.assets import Asked, AssetFinder, AssetUnsettled
from feedsvc.sync.folder.files import trusted, unreadable
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.links.targets import TargetFinder, is_target
from feedsvc.sync.recognition.copy_names import why_unread
from feedsvc.terminal import logger

log = logger("feedsvc.sync")

# The libraries that clean HTML: other versions of them make other articles of the same files.
_CLEANERS: Final = [version(each) for each in ("ada-url", "bleach", "comrak", "nh3", "selectolax")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of reading one file: `parsed`, or findings in `record`, the file record to store.

    `terms` are the search terms of the article, made here because reading uses all cores. `unsettled` says that a file
    beside it is being written, so that it should be read again soon. `is_withdrawn` says that a marker in the file
    keeps it from the public, even if it has other problems. `digest` is the SHA-256 of the bytes of the file.
    `original` is the path of the file whose copy it is by its name, if it published nothing before, or "". `partial`
    has the readable parts of a file that is set aside.
    """

    record: FileRecord
    parsed: Parsed | None = None
    terms: Terms | None = None
    findings: tuple[Finding, ...] = ()
    unsettled: bool = False
    is_withdrawn: bool = False
    digest: str = ""
    original: str = ""
    partial: PartialArticle | None = None

    @property
    def public(self) -> Parsed | None:
        """What was read, unless it is a draft."""
        return None if self.parsed is None or self.parsed.draft else self.parsed

    def set_aside(self, finding: Finding, id_: str | None) -> "Outcome":
        """Return the outcome set aside with `finding` until the next sync; `id_` is its published id, or None."""
        record = replace(self.record, id=id_, problems=(finding,), retry=True)
        return Outcome(record=record, findings=(finding,))


class FileReader:
    """Reads the files of one sync at `now` (UTC). `waiting` has the missing files that do not count as deleted yet.

    If no file is missing (`may_have_moved` is false), no file has moved, and copies by their names are not opened.
    In a `preview`, drafts and scheduled articles are read as articles with a mark.
    """

    def __init__(
        self,
        content: Path,
        site: Site,
        now: datetime,
        waiting: Set[str] = frozenset(),
        *,
        may_have_moved: bool = True,
        preview: Preview | None = None,
    ) -> None:
        self._may_have_moved = may_have_moved
        self._preview = preview
        self.assets = AssetFinder(content, keep_location=site.keep_location)
        self._targets = TargetFinder(content, site, now, self.assets, waiting, preview=self._preview)
        self._site = site
        self._context = context_of(site)

    def is_current(self, found: Found, known: FileRecord | None, whole: bool) -> bool:
        """Return whether the stored record is still valid, without opening the file; False in a `whole` sync."""
        if known is None or whole or known.retry or found.finding is not None:
            return False
        if known.stamp != found.stamp or not known.fingerprint.startswith(self._context):
            return False
        if not _is_wrong(known) and _doubts(found, known.id) != list(filter(_is_doubt, known.problems)):
            return False
        return all(self._finder(path).unchanged(path, each) for path, each in known.asked.items())

    def _finder(self, asked: str) -> AssetFinder | TargetFinder:
        return self._targets if is_target(asked) else self.assets

    def read(self, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        """Return the outcome of the file, or its record with a new stamp if its fingerprint is unchanged."""
        if found.finding is not None:
            return self._set_aside(found, known, (found.finding,))
        if found.copy_of and (known is None or known.id is None):
            if not self._may_have_moved:
                return self._set_aside(found, known, (copy_finding(found.copy_of),))
            # The plan decides whether it is a published article that was moved: a name alone unpublishes nothing.
            outcome = self._read(found, replace(known, retry=True) if known else None)
            assert isinstance(outcome, Outcome), "a record with `retry` is always read"
            return replace(outcome, original=found.copy_of)
        return self._read(found, known)

    def _read(self, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        stamped = replace(found, stamp=trusted(found.stamp))
        try:
            with open_regular(found.file) as stream:
                data = read_at_most(stream, MAX_BYTES + 1, found.stamp.size)
        except OSError as error:
            return self._set_aside(found, known, (unreadable(error),))
        digest = hashlib.sha256(data).hexdigest()
        self.assets.remember(known.asked if known else {})
        self._targets.remember(known.asked if known else {})
        # Both finders write to it what the article asks for.
        asked: dict[str, tuple[Stamp, str] | None] = {}
        self.assets.asked = self._targets.asked = asked
        try:
            if known is not None and not known.retry:
                stamps = {path: self._finder(path).stamp(path) for path in known.asked}
                if known.fingerprint == self._fingerprint(digest, stamps):
                    # The file is unchanged; the files beside it may have changed.
                    told = [] if _is_wrong(known) else _doubts(found, known.id)
                    problems = (*(each for each in known.problems if not _is_doubt(each)), *told)
                    return replace(known, stamp=stamped.stamp, asked=stamps, problems=problems)
            find, names, slug = self.assets.find, self.assets.names, self._targets.slug
            parsed = read_article(found.path, data, self._site, find, names, article=slug, preview=self._preview)
        except AssetUnsettled as error:
            return replace(self._set_aside(found, known, error.findings), unsettled=True)
        except ArticleError as error:
            return self._refused(stamped, known, error, self._fingerprint(digest, asked), asked)
        except Exception as error:  # an unforeseen error affects this article only
            what = printable(f"{type(error).__name__}: {error}"[:300])
            bug = Finding(message=f"cannot be read because of an error in feedsvc ({what}; please report it)")
            if known is None or bug not in known.problems:  # its traceback is logged once
                log.error("%s: an error in feedsvc", printable(found.path), exc_info=error)
            return self._set_aside(stamped, known, (bug,))
        return self._article(stamped, parsed, digest, asked)

    def _refused(
        self, found: Found, known: FileRecord | None, error: ArticleError, fingerprint: str, asked: Asked
    ) -> Outcome:
        """Set aside a file with errors. It is tried again when it, or what it asked for, has changed."""
        outcome = replace(self._set_aside(found, known, error.findings), partial=_partial(error))
        record = replace(outcome.record, fingerprint=fingerprint, asked=asked, retry=False)
        # A preview keeps the last good version of a draft, at its address, until the draft can be read again.
        if (
            isinstance(error, NotPublic) and self._preview is None
        ):  # its last good version must not stay published either
            return replace(outcome, record=replace(record, id=None), is_withdrawn=error.is_marked)
        return replace(outcome, record=record)

    def _article(self, found: Found, parsed: Parsed, digest: str, asked: Asked) -> Outcome:
        id_ = None if parsed.draft else parsed.article.id
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint=self._fingerprint(digest, asked),
            id=id_,
            asked=asked,
            problems=(*parsed.warnings, *_doubts(found, id_)),
            # The mark of a scheduled article ends with time alone.
            retry=not parsed.draft
            and (any(map(self._targets.is_pending, asked)) or parsed.article.scheduled_for is not None),
            expires=None if parsed.draft else parsed.article.expires,
        )
        terms = None if parsed.draft or parsed.article.is_page else terms_of(parsed.article)
        return Outcome(record=record, parsed=parsed, terms=terms, is_withdrawn=parsed.draft, digest=digest)

    def _set_aside(self, found: Found, known: FileRecord | None, findings: tuple[Finding, ...]) -> Outcome:
        """Return the outcome of a file that is set aside. The next sync reads it again.

        Its record keeps the id of its article, whose last good version stays published.
        """
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint="",
            id=known.id if known else None,
            asked=known.asked if known else {},
            problems=findings,
            retry=True,
        )
        return Outcome(record=record, findings=findings)

    def _fingerprint(self, digest: str, asked: Mapping[str, tuple[Stamp, str] | None]) -> str:
        """Return the fingerprint of everything that determines the article. It begins with the context of the sync."""
        return f"{self._context}:{source_hash(digest, asked)}"


def source_hash(digest: str, asked: Mapping[str, tuple[Stamp, str] | None]) -> str:
    """Return a hash of the bytes of a file (`digest`) and of the contents of the files that it depends on."""
    names = {path: each[1] if each else None for path, each in asked.items()}
    return hashlib.sha256(f"{digest}{dumps(names)}".encode()).hexdigest()[:32]


def _partial(error: ArticleError) -> PartialArticle | None:
    """Return what is readable in a file with an error. A file that is not for the public has links only."""
    if isinstance(error, NotPublic):
        cause = error.__cause__
        if not isinstance(cause, PartialArticleError):
            return None
        return PartialArticle(links=cause.partial.links, missing=cause.partial.missing)
    return error.partial if isinstance(error, PartialArticleError) else None


def copy_finding(original: str) -> Finding:
    """Return the finding about a file that is a copy of `original` by its name."""
    return Finding(message=f"is a copy of {printable(original)} by its name (delete it, or rename it if it is no copy)")


def _doubts(found: Found, id_: str | None) -> list[Finding]:
    """Return the findings about a published file whose name or folder would prevent the publication of a new file."""
    if id_ is None:
        return []
    whys = []
    if found.copy_of:
        whys.append(f"is a copy of {printable(found.copy_of)} by its name{_PUBLISHED}delete or rename it)")
    if why := why_unread(found.path):
        whys.append(f"{printable(why)}{_PUBLISHED}move it elsewhere in articles, or delete it)")
    return [Finding(message=why, severity="warning") for why in whys]


_PUBLISHED: Final = ", but published already ("


def _is_doubt(finding: Finding) -> bool:
    """Return whether a finding is one of `_doubts`."""
    return finding.line == 0 and not finding.field and _PUBLISHED in finding.message


def _is_wrong(record: FileRecord) -> bool:
    return any(each.severity == "error" for each in record.problems)


def without_trusted_stamps(record: FileRecord) -> FileRecord:
    """Return the record without the stamps of the files beside the article, so that they are hashed again."""
    asked = {path: each and (replace(each[0], mtime_ns=0), each[1]) for path, each in record.asked.items()}
    return replace(record, asked=asked)


def context_of(site: Site) -> str:
    """Return a hash of what determines an article beside its own files: settings of the site, and the pipeline.

    It includes the versions of the libraries that clean HTML, so that a fix in one of them reaches old articles.
    """
    parts = [
        PIPELINE_VERSION,
        site.base_url,
        site.timezone,
        site.language,
        site.tag_authority,
        site.embed_hosts,
        site.wikilinks,
        _CLEANERS,
        [[topic.name, topic.aliases, sorted(topic.title.texts.values())] for topic in site.topics],
        site.gone_topics,
        [[a.name, a.uri, a.email] for a in site.authors],
    ]
    return hashlib.sha256(dumps(parts).encode()).hexdigest()[:16]
