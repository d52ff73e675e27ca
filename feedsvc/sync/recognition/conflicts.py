"""Resolve conflicts between files that claim the same id or slug. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedsvc.articles.identity import last_segment
from feedsvc.errors import Finding, printable
from feedsvc.sync.reading import Outcome
from feedsvc.text import nfc

CLAIM = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The state before the sync: the id that each path published, and the id that claimed each slug or alias.

    `successors` has the id of the existing article that each path continues to publish, also after the file was
    renamed.
    """

    ids: Mapping[str, str | None]
    slugs: Mapping[str, str]
    successors: Mapping[str, str] = field(default_factory=dict)


def claims_of(outcome: Outcome) -> list[CLAIM]:
    """Return (field, value) for each value that must be unique: the id, the slug and the aliases."""
    if outcome.public is None:
        return []
    article = outcome.public.article
    return [("slug", article.slug), *(("aliases", alias) for alias in article.aliases), ("id", article.id)]


def resolve_conflicts(outcomes: Sequence[Outcome], held: Mapping[CLAIM, str], before: Before) -> list[Outcome]:
    """Return the outcomes, with those set aside that claim an id, slug or alias of another file.

    `held` has the path of the file outside of `outcomes` that holds each claim. A file keeps what it published before;
    of several new files, the earliest published one gets the claim, then the first by name. A new alias yields to an
    article that has it as its slug.
    """
    order = sorted(outcomes, key=lambda each: _rank(each, before))
    claims = _Claims(order, held, before)
    settled: dict[str, Outcome] = {}
    for outcome in order:
        conflict = claims.conflict(outcome)
        if conflict is None:
            claims.take(outcome)
            settled[outcome.record.path] = outcome
        else:
            claims.give_up(outcome)
            (name, value), holder = conflict
            path = outcome.record.path
            cure = "give one of the two files another"
            if holder != path and nfc(holder) == nfc(path):
                cure = "their names differ only in Unicode normalization: delete one"
            message = f"{value!r} is already used by {printable(holder)} ({cure})"
            line = outcome.parsed.lines.get(name, 0) if outcome.parsed else 0
            # The article stays published as it was, even if the file was moved to an address that another article has.
            id_ = before.successors.get(path, before.ids.get(path))
            settled[path] = outcome.set_aside(Finding(line=line, field=name, message=message), id_)
    return [settled[outcome.record.path] for outcome in outcomes]


class _Claims:
    """The claims of the files so far, and which file would own each slug if there were no aliases."""

    def __init__(self, order: Sequence[Outcome], held: Mapping[CLAIM, str], before: Before) -> None:
        self._taken = {claim_key(claim): path for claim, path in held.items()}
        self._owners = _owners(order, self._taken)
        self._slugs = before.slugs

    def conflict(self, outcome: Outcome) -> tuple[CLAIM, str] | None:
        """Return the first claim of the outcome that another file holds, and the path of that file; None if none."""
        for claim in claims_of(outcome):
            # A new alias, or an id made of one, yields to the file with that slug, even if that file comes later.
            alias = _alias_of(outcome, claim)
            is_new = alias is not None and self._slugs.get(alias) != outcome.record.id
            owner = self._owners.get(claim_key(claim)) if is_new else None
            for holder in (self._taken.get(claim_key(claim)), owner):
                if holder not in (None, outcome.record.path):
                    return claim, str(holder)
        return None

    def take(self, outcome: Outcome) -> None:
        self._taken.update({claim_key(claim): outcome.record.path for claim in claims_of(outcome)})

    def give_up(self, outcome: Outcome) -> None:
        for claim in claims_of(outcome):
            if self._owners.get(claim_key(claim)) == outcome.record.path:
                del self._owners[claim_key(claim)]


def _owners(order: Sequence[Outcome], held: Mapping[CLAIM, str]) -> dict[CLAIM, str]:
    taken, owners = dict(held), dict[CLAIM, str]()
    for outcome in order:
        own = {claim_key(claim): outcome.record.path for claim in claims_of(outcome) if not _alias_of(outcome, claim)}
        if all(taken.get(key, path) == path for key, path in own.items()):
            taken.update(own)
            owners.update(own)
    return owners


def _alias_of(outcome: Outcome, claim: CLAIM) -> str | None:
    """Return the alias that a claim is, or that an id is made of (guarantee 4); None if there is none."""
    name, value = claim
    if name == "aliases":
        return value
    if name == "slug" or outcome.parsed is None or outcome.parsed.identity.written is not None:
        return None
    article = outcome.parsed.article
    if value != outcome.parsed.identity.default:
        return None
    return next((each for each in article.aliases if last_segment(each) not in (None, article.slug)), None)


def claim_key(claim: CLAIM) -> CLAIM:
    """Return the claim with one field name for slugs and aliases, since both are addresses."""
    return (claim[0] if claim[0] == "id" else "address", claim[1])


def _rank(outcome: Outcome, before: Before) -> tuple[bool, str, str]:
    path = outcome.record.path
    if outcome.parsed is None:
        return True, "", path
    return path not in before.successors, outcome.parsed.article.published.isoformat(), path
