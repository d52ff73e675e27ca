"""A temporary file for the texts that a large sync has read and not yet saved, so that they do not fill the memory.

The fields that a plan uses stay in memory, about 2 kB per article; text and search terms, about 30 kB, do not. The
process that reads an article pickles them and writes them to the file.
"""

import os
import pickle
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from multiprocessing.context import BaseContext
from multiprocessing.reduction import DupFd
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, TypeVar

from feedsvc.errors import StoreUnavailable
from feedsvc.model import PREVIEW_MARK, Article, SafeHTML
from feedsvc.slices.search_terms import Terms
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.pickles import dumps
from feedsvc.sync.reading import Outcome

T = TypeVar("T")
R = TypeVar("R", Outcome, Outcome | FileRecord)
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


class Packer:
    """Moves what plans do not use of results to `spool`, in the process that reads."""

    def __init__(self, spool: "Spool") -> None:
        self._spool = spool
        # Most articles have the same topics, and the same fields in the same lines. Equal values are shared.
        self._shared: dict[object, Any] = {}

    def pack(self, results: Iterable[Outcome | FileRecord]) -> list[Outcome | FileRecord]:
        """Return the results without what plans do not use. Raises StoreUnavailable if it cannot be written."""
        kept: list[Outcome | FileRecord] = []
        places: list[SpooledHTML] = []
        data = bytearray()
        for each in results:
            if not isinstance(each, Outcome) or each.public is None:
                kept.append(each)
                continue
            whole, place = each.public.article, SpooledHTML()
            places.append(place)
            place.at = len(data)
            data += dumps(whole)
            place.length = len(data) - place.at
            data += dumps(each.terms)
            place.terms_length = len(data) - place.at - place.length
            article = replace(
                whole,
                content=place,
                summary="",
                authors=(),
                tags=(),
                image=None,
                disclosure=None,
                # Articles with a mark are live before their time.
                extra={PREVIEW_MARK: whole.extra[PREVIEW_MARK]} if PREVIEW_MARK in whole.extra else _NO_TEXTS,
                topics=self._once(whole.topics, whole.topics),
                language=self._once(whole.language, whole.language),
            )
            lines = self._once(tuple(each.public.lines.items()), each.public.lines)
            parsed = replace(each.public, article=article, lines=lines, asked=_NOTHING)
            kept.append(replace(each, parsed=parsed, terms=None))
        start = self._spool.write(data)
        for place in places:
            place.at += start
        return kept

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
        # The end of a file that several processes write.
        self._shared_end: Synchronized[int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            # The data is not needed any more, so an error of a late write does not matter.
            with suppress(OSError):
                self._file.close()

    def __getstate__(self) -> tuple[Any, ...]:
        assert self._file is not None, "only a spool that is shared is passed to processes"
        return self._folder, self.first_at, DupFd(self._file.fileno()), self._shared_end

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self._folder, self.first_at, file, self._shared_end = state
        self._file = os.fdopen(file.detach(), "r+b", buffering=0)

    def share(self, context: BaseContext) -> None:
        """Let the processes of `context` that are started with this spool write to it, too.

        Raises StoreUnavailable if the file cannot be made, and OSError if there is no lock for its end.
        """
        self._shared_end = context.Value("Q", self._end)
        self.write(b"")

    def write(self, data: bytes | bytearray) -> int:
        """Write data to the end of the file, and return its position. Raises StoreUnavailable."""
        if self._shared_end is None:
            start = self._end
            self._end += len(data)
        else:
            with self._shared_end.get_lock():
                start = self._shared_end.value
                self._shared_end.value += len(data)
        try:
            if self._file is None:
                # A store in a file has made its folder. One on a server has not.
                self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
                self._file = tempfile.TemporaryFile(dir=self._folder, prefix="sync-", buffering=0)  # noqa: SIM115  # closed by __exit__
            rest, at = memoryview(data), start
            while rest:
                written = os.pwrite(self._file.fileno(), rest, at)
                rest, at = rest[written:], at + written
        except OSError as error:
            raise StoreUnavailable(
                f"{self._folder}: {error.strerror} (a sync needs disk space there; free some, or make it writable)"
            ) from error
        return start

    def placed(self, results: list[R]) -> list[R]:
        """Return results of a `Packer` of this spool, which know from here on where their articles are."""
        for each in results:
            if isinstance(each, Outcome) and each.parsed:
                self.placed_article(each.parsed.article)
        return results

    def placed_article(self, article: Article) -> Article:
        """Return an article of a `Packer` of this spool, which knows from here on where it is."""
        if isinstance(article.content, SpooledHTML):
            article.content.spool = self
        return article

    def load(self, at: int, length: int) -> Any:
        """Return what was pickled at a position. Processes that share the file may call it at the same time."""
        assert self._file is not None
        return pickle.loads(os.pread(self._file.fileno(), length, at))  # noqa: S301  # no other process can write to a file without a name


def complete_article(article: Article) -> Article:
    """Return the complete article, from memory or from the spool, with the id of `article`."""
    place = article.content
    if not isinstance(place, SpooledHTML):
        return article
    found: Article = place.spool.load(place.at, place.length)
    return found if found.id == article.id else replace(found, id=article.id)


def terms_of_outcome(outcome: Outcome) -> Terms | None:
    """Return the search terms of the article of an outcome, from memory or from the spool; None if it has none."""
    assert outcome.parsed is not None
    article = outcome.parsed.article
    return spooled_terms(article) if isinstance(article.content, SpooledHTML) else outcome.terms


def spooled_terms(article: Article) -> Terms | None:
    """Return the search terms of an article whose content is in the spool; None if it has none."""
    place = article.content
    assert isinstance(place, SpooledHTML)
    found: Terms | None = place.spool.load(place.at + place.length, place.terms_length)
    return found


def content_of(article: Article) -> SafeHTML:
    """Return the content of an article that a sync has read, from memory or from the spool."""
    place = article.content
    if not isinstance(place, SpooledHTML):
        return place
    found: Article = place.spool.load(place.at, place.length)
    return found.content
