"""The outcomes of a first sync of very many files, which stay in the spool, so that its memory hardly grows with them.

A new store publishes nothing, so a file affects another one only by what both claim: an id, an address, or the head of
a copy (language, date and title). An outcome that shares none of these is settled as it is. The planner gets the other
ones.
"""

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from feedsvc.model import Article
from feedsvc.store.file_records import FileRecord
from feedsvc.sync.pickles import dumps
from feedsvc.sync.reading import Outcome
from feedsvc.sync.recognition.conflicts import claim_key, claims_of
from feedsvc.sync.recognition.copy_names import why_unread
from feedsvc.sync.recognition.versions import head_of
from feedsvc.sync.spool import Packer, Spool
from feedsvc.sync.timing import at_time

# The bytes of the digest of a claim. Two claims with one digest only let the planner see two outcomes more.
_DIGEST_BYTES: Final = 8
# Whole numbers of 64 bits in an array.
_NUMBERS: Final = "Q"


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedOutcomes:
    """The outcomes of one portion of files, `count` of them: where they are in the spool.

    Their public articles are there first, up to `middle`: most of what a sync saves needs no more of the outcomes.
    `claims` are digests of what each outcome claims, and `claimants` the places of these outcomes in the portion.
    `apart` are the places of those that the planner must see in any case.
    """

    start: int
    middle: int
    end: int
    count: int
    claims: "array[int]"
    claimants: "array[int]"
    apart: tuple[int, ...]
    has_assets: bool


class OutcomePacker:
    """Writes outcomes as they are at `now` (UTC) to `spool`, in the process that reads."""

    def __init__(self, spool: Spool, now: datetime) -> None:
        self._spool, self._now = spool, now
        self._packer = Packer(spool)

    def pack(self, results: Iterable[Outcome | FileRecord]) -> PackedOutcomes:
        """Write the outcomes of one portion. A new store has no records, so there are no other results.

        Raises StoreUnavailable if they cannot be written.
        """
        outcomes = at_time((each for each in results if isinstance(each, Outcome)), {}, self._now)
        claims, claimants, apart = array(_NUMBERS), array(_NUMBERS), []
        for place, each in enumerate(outcomes):
            digests = _digests(each)
            claims.extend(digests)
            claimants.extend([place] * len(digests))
            if each.original or (each.parsed and why_unread(each.record.path)):
                apart.append(place)
        packed = [each for each in self._packer.pack(outcomes) if isinstance(each, Outcome)]
        articles, data = dumps(list(map(_public_article, packed))), dumps(packed)
        start = self._spool.write(articles + data)
        return PackedOutcomes(
            start=start,
            middle=start + len(articles),
            end=start + len(articles) + len(data),
            count=len(outcomes),
            claims=claims,
            claimants=claimants,
            apart=tuple(apart),
            has_assets=any(each.parsed and each.parsed.assets for each in outcomes),
        )


def _public_article(outcome: Outcome) -> Article | None:
    return outcome.public.article if outcome.public else None


def _digests(outcome: Outcome) -> set[int]:
    """Return digests of what no two public outcomes may share without being compared."""
    claims: set[tuple[str, ...]] = {claim_key(claim) for claim in claims_of(outcome)}
    if claims and outcome.parsed:
        claims.add(("head", *head_of(outcome.parsed.article)))
    texts = ("\0".join(claim).encode("utf-8", "surrogatepass") for claim in claims)
    return {int.from_bytes(blake2b(text, digest_size=_DIGEST_BYTES).digest()) for text in texts}


class SpooledOutcomes:
    """The outcomes of a first sync in their order. They are read from the spool each time when they are iterated.

    `settle` replaces those that the planner has seen, which are in memory.
    """

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._count = 0
        # Of each portion: the number of its first outcome, and where its articles and outcomes begin and end.
        self._firsts, self._starts, self._ends = array(_NUMBERS), array(_NUMBERS), array(_NUMBERS)
        self._middles = array(_NUMBERS)
        self._claims, self._claimants = array(_NUMBERS), array(_NUMBERS)
        self._with_assets: list[int] = []
        # By number: what the planner has to see, and what it made of them; None for those that are not read.
        self._apart: dict[int, Outcome | None] = {}
        self._settled: Mapping[int, Outcome | None] = {}

    def add(self, packed: PackedOutcomes) -> None:
        """Add the outcomes of the next portion."""
        if packed.has_assets:
            self._with_assets.append(len(self._firsts))
        self._firsts.append(self._count)
        self._starts.append(packed.start)
        self._middles.append(packed.middle)
        self._ends.append(packed.end)
        self._claims.extend(packed.claims)
        self._claimants.extend(self._count + place for place in packed.claimants)
        self._apart.update(dict.fromkeys(self._count + place for place in packed.apart))
        self._count += packed.count

    def __iter__(self) -> Iterator[Outcome]:
        """Yield the settled outcomes."""
        return self._iterated(range(len(self._firsts)))

    def with_assets(self) -> Iterator[Outcome]:
        """Yield the settled outcomes of the portions in which an article uses files."""
        return self._iterated(self._with_assets)

    def _iterated(self, portions: Iterable[int]) -> Iterator[Outcome]:
        for portion in portions:
            for number, outcome in self._read(portion):
                settled = self._settled.get(number, outcome)
                if settled is not None:
                    yield settled

    def public_articles(self) -> Iterator[Article]:
        """Yield the articles of the settled outcomes that are public, without their texts."""
        for first, start, middle in zip(self._firsts, self._starts, self._middles, strict=True):
            found: list[Article | None] = self._spool.load(start, middle - start)
            for number, article in enumerate(found, first):
                if number in self._settled:
                    settled = self._settled[number]
                    article = _public_article(settled) if settled else None  # noqa: PLW2901
                if article is not None:
                    yield self._spool.placed_article(article)

    def _read(self, portion: int) -> Iterator[tuple[int, Outcome]]:
        start, end = self._middles[portion], self._ends[portion]
        outcomes: list[Outcome] = self._spool.load(start, end - start)
        return enumerate(self._spool.placed(outcomes), self._firsts[portion])

    def related(self) -> list[Outcome]:
        """Return the outcomes that share a claim with another one, and the others that the planner has to see."""
        if self._claims:
            # Sorted numbers take a fifth of the memory of a set.
            shared = {claim for claim, other in pairwise(sorted(self._claims)) if claim == other}
            claimants = zip(self._claims, self._claimants, strict=True) if shared else ()
            self._apart.update(dict.fromkeys(number for claim, number in claimants if claim in shared))
            self._claims, self._claimants = array(_NUMBERS), array(_NUMBERS)
        unread = sorted(number for number, outcome in self._apart.items() if outcome is None)
        for portion in sorted({bisect_right(self._firsts, number) - 1 for number in unread}):
            self._apart.update({number: each for number, each in self._read(portion) if number in self._apart})
        return [outcome for _, outcome in sorted(self._apart.items()) if outcome]

    def settle(self, settled: Iterable[Outcome]) -> None:
        """Replace the `related` outcomes by what the planner made of them. Those that it left out are not read."""
        by_path = {each.record.path: each for each in settled}
        related = ((number, each) for number, each in self._apart.items() if each)
        self._settled = {number: by_path.get(each.record.path) for number, each in related}

    def change(self, change: Callable[[Outcome], Outcome]) -> None:
        """Replace outcomes, and let the planner see those that differ."""
        related = self._apart
        self._settled = {}
        changed = {}
        for portion in range(len(self._firsts)):
            for number, read in self._read(portion):
                before = related.get(number) or read
                after = change(before)
                if after is not before or number in related:
                    changed[number] = after
        self._apart = dict(changed)
