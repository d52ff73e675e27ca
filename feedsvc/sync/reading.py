"""A file on disk → an outcome: an article, a draft, or what is wrong. What did not change is not read again."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Final

from feedsvc.articles.assets import Asset
from feedsvc.articles.limits import MAX_BYTES
from feedsvc.articles.read import PIPELINE_VERSION, Parsed, read_article
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Site
from feedsvc.store.notebook import FileRecord, Stamp
from feedsvc.store.rows import dumps
from feedsvc.sync.assets import AssetFinder
from feedsvc.sync.files import open_regular, trusted, unreadable
from feedsvc.sync.walk import Found

# Other versions of what cleans HTML make other articles of the same files.
_CLEANERS: Final = [version(each) for each in ("ada-url", "bleach", "comrak", "nh3", "selectolax")]


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
        if known.stamp != found.stamp or not known.fingerprint.startswith(self._context):
            return False
        return all(self.assets.unchanged(path, each) for path, each in known.asked.items())

    def read(self, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        """The file's outcome, or its record with a fresh stamp when its fingerprint is what it was."""
        if found.finding is not None:
            return self._set_aside(found, known, [found.finding])
        stamp = trusted(found.stamp)
        try:
            with open_regular(found.file) as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            return self._set_aside(found, known, [unreadable(error)])
        digest = hashlib.sha256(data).hexdigest()
        if known is not None and not known.retry:
            asked = {path: self.assets.stamp(path) for path in known.asked}
            if known.fingerprint == self._fingerprint(digest, asked):
                return replace(known, stamp=stamp, asked=asked)
        return self._parse(replace(found, stamp=stamp), known, data, digest)

    def _parse(self, found: Found, known: FileRecord | None, data: bytes, digest: str) -> Outcome:
        asked: dict[str, tuple[Stamp, str] | None] = {}

        def find(path: str) -> Asset | None:
            asked[path] = self.assets.stamp(path)
            return self.assets.find(path)

        try:
            parsed = read_article(found.path, data, self._site, find, self.assets.names)
        except ArticleError as error:
            outcome = self._set_aside(found, known, list(error.findings))
            record = replace(outcome.record, fingerprint=self._fingerprint(digest, asked), asked=asked, retry=False)
            return replace(outcome, record=record)
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint=self._fingerprint(digest, asked),
            id=None if parsed.draft else parsed.article.id,
            asked=asked,
            problems=parsed.warnings,
        )
        return Outcome(record=record, parsed=parsed)

    def _set_aside(self, found: Found, known: FileRecord | None, findings: list[Finding]) -> Outcome:
        """Its last good version stays up: the record keeps the id it had. It is tried again by the next sync."""
        record = FileRecord(
            path=found.path,
            stamp=found.stamp,
            fingerprint="",
            id=known.id if known else None,
            asked={},
            problems=tuple(findings),
            retry=True,
        )
        return Outcome(record=record, findings=tuple(findings))

    def _fingerprint(self, digest: str, asked: Mapping[str, tuple[Stamp, str] | None]) -> str:
        """Everything the article is made of. It begins with what all articles of a sync share."""
        names = {path: each[1] if each else None for path, each in asked.items()}
        return f"{self._context}:{hashlib.sha256(f'{digest}{dumps(names)}'.encode()).hexdigest()[:32]}"


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
        _CLEANERS,
        [topic.name for topic in site.topics],
        [[a.name, a.uri, a.email] for a in site.authors],
    ]
    return hashlib.sha256(dumps(parts).encode()).hexdigest()[:16]
