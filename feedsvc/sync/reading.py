"""A file on disk → an outcome: an article, a draft, or what is wrong. What did not change is not read again."""

import hashlib
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

from feedsvc.articles.assets import Asset
from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.metadata.visibility import NotPublic
from feedsvc.articles.partial_article import PartialArticle, PartialArticleError
from feedsvc.articles.read import PIPELINE_VERSION, Parsed, read_article
from feedsvc.errors import ArticleError, Finding, printable
from feedsvc.files import open_regular
from feedsvc.model import Site
from feedsvc.slices.search_terms import Terms, terms_of
from feedsvc.store.file_records import FileRecord, Stamp
from feedsvc.store.rows import dumps
from feedsvc.sync.assets import AssetFinder, AssetUnsettled
from feedsvc.sync.folder.files import trusted, unreadable
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.recognition.copy_names import why_unread
from feedsvc.sync.targets import TargetFinder, is_target
from feedsvc.terminal import logger

log = logger("feedsvc.sync")

# Other versions of what cleans HTML make other articles of the same files.
_CLEANERS: Final = [version(each) for each in ("ada-url", "bleach", "comrak", "nh3", "selectolax")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one file: `parsed`, or the `findings` that set it aside. `record` is the file record to store.

    `terms` are what an article will be found by: made here, where the other cores can help. `unsettled` says that a
    file beside it is being written: it is worth another look soon. `is_withdrawn` says that a marker in the file
    keeps it from the public, also beside other problems. `digest` is the SHA-256 of the bytes of the file.
    `original` is the path of the file whose copy it is by its name, where it published nothing before, or "". `partial`
    is what is readable in a file that is set aside.
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

    def set_aside(self, finding: Finding, id_: str | None) -> "Outcome":
        """The same file set aside all the same, until the next sync; `id_` is what it published until now."""
        record = replace(self.record, id=id_, problems=(finding,), retry=True)
        return Outcome(record=record, findings=(finding,))


class FileReader:
    """Reads the files of one sync at `now` (UTC). `waiting` are files that are missing but not given up.

    Where no file is missing (`may_have_moved` is false), none has moved, and a copy by its name is not opened.
    """

    def __init__(
        self,
        content: Path,
        site: Site,
        now: datetime,
        waiting: Set[str] = frozenset(),
        *,
        may_have_moved: bool = True,
    ) -> None:
        self._may_have_moved = may_have_moved
        self.assets = AssetFinder(content)
        self._targets = TargetFinder(content, site, now, self.assets, waiting)
        self._site = site
        self._context = context_of(site)

    def is_current(self, found: Found, known: FileRecord | None, whole: bool) -> bool:
        """Whether the stored record still holds, judged without opening the file. Never, at a `whole` rescan."""
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
        """The file's outcome, or its record with a fresh stamp when its fingerprint is what it was."""
        if found.finding is not None:
            return self._set_aside(found, known, (found.finding,))
        if found.copy_of and (known is None or known.id is None):
            if not self._may_have_moved:
                return self._set_aside(found, known, (copy_finding(found.copy_of),))
            # Whether it is a published article that was moved is for the plan to say: a name unpublishes nothing.
            outcome = self._read(found, replace(known, retry=True) if known else None)
            assert isinstance(outcome, Outcome), "what is tried again is read"
            return replace(outcome, original=found.copy_of)
        return self._read(found, known)

    def _read(self, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        stamp = trusted(found.stamp)
        try:
            with open_regular(found.file) as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            return self._set_aside(found, known, (unreadable(error),))
        digest = hashlib.sha256(data).hexdigest()
        self.assets.remember(known.asked if known else {})
        self._targets.remember(known.asked if known else {})
        try:
            if known is not None and not known.retry:
                asked = {path: self._finder(path).stamp(path) for path in known.asked}
                if known.fingerprint == self._fingerprint(digest, asked):
                    # The file is as it was; what is beside it need not be.
                    told = [] if _is_wrong(known) else _doubts(found, known.id)
                    problems = (*(each for each in known.problems if not _is_doubt(each)), *told)
                    return replace(known, stamp=stamp, asked=asked, problems=problems)
            return self._parse(replace(found, stamp=stamp), known, data, digest)
        except AssetUnsettled as error:
            return replace(self._set_aside(found, known, error.findings), unsettled=True)

    def _parse(self, found: Found, known: FileRecord | None, data: bytes, digest: str) -> Outcome:
        asked: dict[str, tuple[Stamp, str] | None] = {}

        def find(path: str) -> Asset | None:
            asked[path] = self.assets.stamp(path)
            return self.assets.find(path)

        def article(key: str) -> str | None:
            asked[key] = target = self._targets.stamp(key)
            return target[1] if target else None

        try:
            parsed = read_article(found.path, data, self._site, find, self.assets.names, article=article)
        except AssetUnsettled:
            raise
        except ArticleError as error:
            outcome = replace(self._set_aside(found, known, error.findings), partial=_partial(error))
            record = replace(outcome.record, fingerprint=self._fingerprint(digest, asked), asked=asked, retry=False)
            if isinstance(error, NotPublic):  # its last good version may not stay up either
                return replace(outcome, record=replace(record, id=None), is_withdrawn=error.is_marked)
            return replace(outcome, record=record)
        except Exception as error:  # an unforeseen error costs this article only
            what = printable(f"{type(error).__name__}: {error}"[:300])
            bug = Finding(message=f"cannot be read because of an error in feedsvc ({what}; please report it)")
            if known is None or bug not in known.problems:  # its traceback is logged once
                log.error("%s: an error in feedsvc", printable(found.path), exc_info=error)
            return self._set_aside(found, known, (bug,))
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint=self._fingerprint(digest, asked),
            id=None if parsed.draft else parsed.article.id,
            asked=asked,
            problems=(*parsed.warnings, *_doubts(found, None if parsed.draft else parsed.article.id)),
            retry=not parsed.draft and any(map(self._targets.is_pending, asked)),
            expires=None if parsed.draft else parsed.article.expires,
        )
        terms = None if parsed.draft else terms_of(parsed.article)
        return Outcome(record=record, parsed=parsed, terms=terms, is_withdrawn=parsed.draft, digest=digest)

    def _set_aside(self, found: Found, known: FileRecord | None, findings: tuple[Finding, ...]) -> Outcome:
        """Its last good version stays up: the record keeps the id it had. It is tried again by the next sync."""
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
        """Everything the article is made of. It begins with what all articles of a sync share."""
        return f"{self._context}:{source_hash(digest, asked)}"


def source_hash(digest: str, asked: Mapping[str, tuple[Stamp, str] | None]) -> str:
    """What the bytes of a file (`digest`) and the contents of the files that it asked for are told apart by."""
    names = {path: each[1] if each else None for path, each in asked.items()}
    return hashlib.sha256(f"{digest}{dumps(names)}".encode()).hexdigest()[:32]


def _partial(error: ArticleError) -> PartialArticle | None:
    """Return what is readable in a file with an error. A file that is not for the public has links only."""
    if isinstance(error, NotPublic):
        cause = error.__cause__
        return PartialArticle(links=cause.partial.links) if isinstance(cause, PartialArticleError) else None
    return error.partial if isinstance(error, PartialArticleError) else None


def copy_finding(original: str) -> Finding:
    """What is said of a file that is a copy of `original` by its name."""
    return Finding(message=f"is a copy of {printable(original)} by its name (delete it, or rename it if it is no copy)")


def _doubts(found: Found, id_: str | None) -> list[Finding]:
    """What is said of a file that publishes `id_` already, though its name or place would keep a new one from it."""
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
    """Whether a finding is one of `_doubts`."""
    return finding.line == 0 and not finding.field and _PUBLISHED in finding.message


def _is_wrong(record: FileRecord) -> bool:
    return any(each.severity == "error" for each in record.problems)


def distrusted(record: FileRecord) -> FileRecord:
    """A record that makes the files beside the article be hashed again."""
    asked = {path: each and (replace(each[0], mtime_ns=0), each[1]) for path, each in record.asked.items()}
    return replace(record, asked=asked)


def context_of(site: Site) -> str:
    """What an article is made of beside its own files: the site as far as it shapes them, and the pipeline.

    Other versions of what cleans HTML count too: a fix of theirs reaches old articles.
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
        [[topic.name, *topic.aliases] for topic in site.topics],
        site.gone_topics,
        [[a.name, a.uri, a.email] for a in site.authors],
    ]
    return hashlib.sha256(dumps(parts).encode()).hexdigest()[:16]
