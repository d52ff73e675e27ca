"""A temporary file for the texts that a large sync has read and not yet saved, so that they do not fill the memory.

The fields that a plan uses stay in memory, about 2 kB per article; text and search terms, about 30 kB, do not. The
process that reads an article pickles them, and the one that writes the store copies the bytes.
"""

import os
import pickle
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, TypeVar

from feedsvc.errors import StoreUnavailable
from feedsvc.model import Article, SafeHTML
from feedsvc.slices.search_terms import Terms
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.pickles import dumps
from feedsvc.sync.reading import Outcome

T = TypeVar("T")
# The record of an article also has the files that it depends on.
_NOTHING: Final[dict[str, str | None]] = {}
_NO_TEXTS: Final[dict[str, str]] = {}


class SpooledHTML(SafeHTML):
    """The position of an article in a spool. It is not the content of the article, and the store refuses it.

    The article has `length` bytes; its search terms follow, with `terms_length` bytes.
    """

    __slots__ = ("at", "length", "spool", "terms_length")
    at: int
    length: int
    terms_length: int
    spool: "Spool"


@dataclass(frozen=True, slots=True)
class Packed:
    """Results of reading files, and in `data` what plans do not use of them, for `Spool.put`."""

    results: list[Outcome | FileRecord]
    data: bytes = b""


class Packer:
    """Takes what plans do not use out of results, in the process that reads."""

    def __init__(self) -> None:
        # Most articles have the same topics, and the same fields in the same lines. Equal values are shared.
        self._shared: dict[object, Any] = {}

    def pack(self, results: Iterable[Outcome | FileRecord]) -> Packed:
        """Return the results without what plans do not use, and that as bytes."""
        kept: list[Outcome | FileRecord] = []
        data = bytearray()
        for each in results:
            if not isinstance(each, Outcome) or each.parsed is None or each.parsed.draft:
                kept.append(each)
                continue
            place = SpooledHTML()
            place.at = len(data)
            data += dumps(each.parsed.article)
            place.length = len(data) - place.at
            data += dumps(each.terms)
            place.terms_length = len(data) - place.at - place.length
            article = replace(
                each.parsed.article,
                content=place,
                summary="",
                authors=(),
                tags=(),
                image=None,
                disclosure=None,
                extra=_NO_TEXTS,
                topics=self._once(each.parsed.article.topics, each.parsed.article.topics),
                language=self._once(each.parsed.article.language, each.parsed.article.language),
            )
            lines = self._once(tuple(each.parsed.lines.items()), each.parsed.lines)
            parsed = replace(each.parsed, article=article, lines=lines, asked=_NOTHING)
            kept.append(replace(each, parsed=parsed, terms=None))
        return Packed(kept, bytes(data))

    def _once(self, key: object, value: T) -> T:
        """Return the first value that was passed with this key."""
        found: T = self._shared.setdefault((type(value), key), value)
        return found


class Spool:
    """A file without a name in `folder`, which is made. Raises StoreUnavailable if the file cannot be written.

    `first_at` is the time of a first sync (UTC), whose outcomes stay in the file, too (`first_sync`).
    """

    def __init__(self, folder: Path, first_at: datetime | None = None) -> None:
        self._folder, self.first_at = folder, first_at
        self._file: IO[bytes] | None = None
        self._end = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            # Unwritten data is not needed any more, so an error on writing it does not matter.
            with suppress(OSError):
                self._file.close()

    def put(self, packed: Packed) -> list[Outcome | FileRecord]:
        """Write the data to the file, and return the results; `whole` restores what was taken out of them."""
        self._place(packed.results, self.write(packed.data))
        return packed.results

    def write(self, data: bytes) -> int:
        """Write data to the end of the file, and return its position. Raises StoreUnavailable."""
        start = self._end
        try:
            if self._file is None:
                # A store in a file has made its folder. One on a server has not.
                self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder, prefix="sync-")  # noqa: SIM115  # closed by __exit__
            self._file.seek(self._end)
            self._file.write(data)
        except OSError as error:
            raise StoreUnavailable(
                f"{self._folder}: {error.strerror} (a sync needs disk space there; free some, or make it writable)"
            ) from error
        self._end += len(data)
        return start

    def _place(self, results: Iterable[Outcome | FileRecord], start: int) -> None:
        """Note in results whose data begins at `start` where their articles are."""
        for each in results:
            place = each.parsed.article.content if isinstance(each, Outcome) and each.parsed else None
            if isinstance(place, SpooledHTML):
                place.at, place.spool = start + place.at, self

    def outcomes(self, start: int, at: int, end: int) -> list[Outcome]:
        """Return the outcomes that were pickled at a position; the data of their articles begins at `start`."""
        found: list[Outcome] = self.load(at, end - at)
        self._place(found, start)
        return found

    def load(self, at: int, length: int) -> Any:
        """Return what was pickled at a position. Processes that share the file may call it at the same time."""
        assert self._file is not None
        self._file.flush()
        return pickle.loads(os.pread(self._file.fileno(), length, at))  # noqa: S301  # no other process can write to a file without a name


def article_of(outcome: Outcome) -> Article:
    """Return the complete article of an outcome, from memory or from the spool, with the id of the outcome."""
    assert outcome.parsed is not None
    article = outcome.parsed.article
    place = article.content
    if not isinstance(place, SpooledHTML):
        return article
    found: Article = place.spool.load(place.at, place.length)
    return found if found.id == article.id else replace(found, id=article.id)


def terms_of_outcome(outcome: Outcome) -> Terms | None:
    """Return the search terms of the article of an outcome, from memory or from the spool; None if it has none."""
    assert outcome.parsed is not None
    place = outcome.parsed.article.content
    if not isinstance(place, SpooledHTML):
        return outcome.terms
    found: Terms | None = place.spool.load(place.at + place.length, place.terms_length)
    return found


def content_of(article: Article) -> SafeHTML:
    """Return the content of an article that a sync has read, from memory or from the spool."""
    place = article.content
    if not isinstance(place, SpooledHTML):
        return place
    found: Article = place.spool.load(place.at, place.length)
    return found.content
