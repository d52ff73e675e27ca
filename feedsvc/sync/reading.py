"""A file on disk → an outcome: an article, a draft, or what is wrong. What did not change is not read again."""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.read import PIPELINE_VERSION, Parsed, read_article
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Site
from feedsvc.store.notebook import FileRecord, Stamp
from feedsvc.store.rows import dumps
from feedsvc.sync.assets import AssetFinder
from feedsvc.sync.walk import Found

# A file written this lately may be written again within the same tick of its clock, so its stamp proves nothing.
RACY_NS: Final = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one file: `parsed`, or the `findings` that set it aside. `record` is what the notebook will say."""

    record: FileRecord
    parsed: Parsed | None = None
    findings: tuple[Finding, ...] = ()


class FileReader:
    """Reads the files of one sync."""

    def __init__(self, content: Path, site: Site) -> None:
        self.assets = AssetFinder(content)
        self._site = site
        self._context = context_of(site)

    def is_current(self, found: Found, known: FileRecord | None, whole: bool) -> bool:
        """Whether the notebook's record still holds, judged without opening the file. Never, at a `whole` rescan."""
        if known is None or whole or known.retry or found.finding is not None:
            return False
        same_assets = all(self.assets.unchanged(path, each) for path, each in known.asked.items())
        return known.stamp == found.stamp and known.fingerprint.startswith(self._context) and same_assets

    def read(self, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        """The file's outcome, or its record with a fresh stamp when its fingerprint is what it was."""
        if found.finding is not None:
            return self._set_aside(found, known, "", [found.finding])
        stamp = found.stamp if time.time_ns() - found.stamp.mtime_ns > RACY_NS else replace(found.stamp, mtime_ns=0)
        try:
            with found.file.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            problem = Finding(message=f"cannot be read: {error.strerror} (check its permissions)")
            return self._set_aside(found, known, "", [problem])
        digest = hashlib.sha256(data).hexdigest()
        if known is not None and not known.retry and self._same(known, digest):
            return replace(known, stamp=stamp)
        return self._parse(replace(found, stamp=stamp), known, data, digest)

    def _same(self, known: FileRecord, digest: str) -> bool:
        asked = {path: self.assets.stamp(path) for path in known.asked}
        return known.fingerprint == self._fingerprint(digest, asked)

    def _parse(self, found: Found, known: FileRecord | None, data: bytes, digest: str) -> Outcome:
        try:
            parsed = read_article(found.path, data, self._site, self.assets.find)
        except ArticleError as error:
            return self._set_aside(found, known, self._fingerprint(digest, {}), list(error.findings))
        asked = {path: self.assets.stamp(path) for path in parsed.asked}
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint=self._fingerprint(digest, asked),
            id=None if parsed.draft else parsed.article.id,
            asked=asked,
            problems=parsed.warnings,
        )
        return Outcome(record=record, parsed=parsed)

    def _set_aside(self, found: Found, known: FileRecord | None, fingerprint: str, findings: list[Finding]) -> Outcome:
        """Its last good version stays up: the record keeps the id it had."""
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint=fingerprint,
            id=known.id if known else None,
            asked={},
            problems=tuple(findings),
            retry=not fingerprint,
        )
        return Outcome(record=record, findings=tuple(findings))

    def _fingerprint(self, digest: str, asked: Mapping[str, tuple[Stamp, str] | None]) -> str:
        """Everything the article is made of. It begins with what all articles of a sync share."""
        names = {path: each[1] if each else None for path, each in asked.items()}
        return f"{self._context}:{hashlib.sha256(f'{digest}{dumps(names)}'.encode()).hexdigest()[:32]}"


def context_of(site: Site) -> str:
    """What an article is made of beside its own files: the site as far as it shapes articles, and the pipeline."""
    parts = [
        PIPELINE_VERSION,
        site.base_url,
        site.timezone,
        site.language,
        site.tag_authority,
        [topic.name for topic in site.topics],
        [[a.name, a.uri, a.email] for a in site.authors],
    ]
    return hashlib.sha256(dumps(parts).encode()).hexdigest()[:16]
