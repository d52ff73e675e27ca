"""What a large sync reads, in a temporary file until it is written: memory grows with the number of articles otherwise.

What a plan looks at stays in memory, some 2 kB an article; the text, its search terms and the like do not, some 30 kB.
"""

import pickle
import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, TypeVar

from feedsvc.errors import StoreUnavailable
from feedsvc.model import Article, SafeHTML
from feedsvc.slices.search_terms import Terms
from feedsvc.sync.reading import Outcome

T = TypeVar("T")
# What an article asked for is in its record, too.
_NOTHING: Final[dict[str, str | None]] = {}
_NO_TEXTS: Final[dict[str, str]] = {}


class SpooledHTML(SafeHTML):
    """The place of an article's content in a spool, which is not the content: the store refuses it."""

    __slots__ = ("at", "spool")
    at: int
    spool: "Spool"


@dataclass(frozen=True, slots=True)
class Whole:
    """An article with all that is published of it."""

    article: Article
    terms: Terms | None


class Spool:
    """A nameless file in `folder`, which must exist. Raises StoreUnavailable where there is no room in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None
        self._end = 0
        # Most articles have the same topics, and the same fields in the same lines: each once.
        self._shared: dict[object, Any] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            # What is not written yet is not wanted any more, even if there is no room for it.
            with suppress(OSError):
                self._file.close()

    def put(self, outcome: Outcome) -> Outcome:
        """The outcome without what plans do not look at; `whole` gives that back."""
        parsed = outcome.parsed
        if parsed is None or parsed.draft:
            return outcome
        data = pickle.dumps(Whole(parsed.article, outcome.terms), pickle.HIGHEST_PROTOCOL)
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile(dir=self._folder, prefix="sync-")  # noqa: SIM115  # closed by __exit__
            self._file.seek(self._end)
            self._file.write(data)
        except OSError as error:
            raise StoreUnavailable(
                f"{self._folder}: {error.strerror} (make room there for what a sync reads, and make it writable)"
            ) from error
        place = SpooledHTML()
        place.at, place.spool = self._end, self
        self._end += len(data)
        article = replace(
            parsed.article,
            content=place,
            summary="",
            authors=(),
            tags=(),
            image=None,
            disclosure=None,
            extra=_NO_TEXTS,
            topics=self._once(parsed.article.topics, parsed.article.topics),
            language=self._once(parsed.article.language, parsed.article.language),
        )
        lines = self._once(tuple(parsed.lines.items()), parsed.lines)
        return replace(outcome, parsed=replace(parsed, article=article, lines=lines, asked=_NOTHING), terms=None)

    def _once(self, key: object, value: T) -> T:
        """The first value that was equal to this one, by what it is told apart by."""
        found: T = self._shared.setdefault((type(value), key), value)
        return found

    def get(self, at: int) -> Whole:
        """What was put there."""
        assert self._file is not None
        self._file.seek(at)
        found = pickle.load(self._file)  # noqa: S301  # nobody else can write to a file without a name
        assert isinstance(found, Whole)
        return found


def whole(outcome: Outcome) -> Whole:
    """The article of an outcome as it is to be published, wherever the rest of it is. It has the id of the outcome."""
    assert outcome.parsed is not None
    article = outcome.parsed.article
    place = article.content
    if not isinstance(place, SpooledHTML):
        return Whole(article, outcome.terms)
    found = place.spool.get(place.at)
    return Whole(replace(found.article, id=article.id), found.terms)


def content_of(article: Article) -> SafeHTML:
    """The content of an article that a sync has read."""
    place = article.content
    return place.spool.get(place.at).article.content if isinstance(place, SpooledHTML) else place
