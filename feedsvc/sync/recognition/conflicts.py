"""Two files that claim one id or one slug: who keeps it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedsvc.articles.identity import last_segment
from feedsvc.errors import Finding, printable
from feedsvc.sync.reading import Outcome
from feedsvc.text import nfc

CLAIM = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """How things stood: which id each path published, and which id claimed each slug, as its own or as an alias.

    `heirs` says which existing article each path goes on publishing, also under another name than before.
    """

    ids: Mapping[str, str | None]
    slugs: Mapping[str, str]
    heirs: Mapping[str, str] = field(default_factory=dict)


def claims_of(outcome: Outcome) -> list[CLAIM]:
    """(field, value) of everything an article may not share: its id, its slug, its aliases."""
    if outcome.parsed is None or outcome.parsed.draft:
        return []
    article = outcome.parsed.article
    return [("slug", article.slug), *(("aliases", alias) for alias in article.aliases), ("id", article.id)]


def settle(outcomes: Sequence[Outcome], held: Mapping[CLAIM, str], before: Before) -> list[Outcome]:
    """The outcomes, with those set aside that claim what another file holds.

    `held` says which file outside `outcomes` holds a claim. A file keeps what it already published; between newcomers
    the one published first does, then the first by name. A new alias yields to an article that has it as a slug.
    """
    order = sorted(outcomes, key=lambda each: _rank(each, before))
    claims = _Claims(order, held, before)
    settled: dict[str, Outcome] = {}
    for outcome in order:
        clash = claims.clash(outcome)
        if clash is None:
            claims.take(outcome)
            settled[outcome.record.path] = outcome
        else:
            claims.give_up(outcome)
            (name, value), holder = clash
            path = outcome.record.path
            cure = "give one of the two files another"
            if holder != path and nfc(holder) == nfc(path):
                cure = "their names differ in Unicode normalization only: delete one"
            message = f"{value!r} is already used by {printable(holder)} ({cure})"
            line = outcome.parsed.lines.get(name, 0) if outcome.parsed else 0
            # The article goes on as it was, also where the file was moved to an address that it may not have.
            id_ = before.heirs.get(path, before.ids.get(path))
            settled[path] = outcome.set_aside(Finding(line=line, field=name, message=message), id_)
    return [settled[outcome.record.path] for outcome in outcomes]


class _Claims:
    """Who has what so far, and who would have which slug if there were no aliases."""

    def __init__(self, order: Sequence[Outcome], held: Mapping[CLAIM, str], before: Before) -> None:
        self._taken = {_key(claim): path for claim, path in held.items()}
        self._owners = _owners(order, self._taken)
        self._slugs = before.slugs

    def clash(self, outcome: Outcome) -> tuple[CLAIM, str] | None:
        """The first claim that another file has, and that file."""
        for claim in claims_of(outcome):
            # A new alias, or an id made of one, yields to the file whose slug it is, also before it is that one's turn.
            alias = _alias_behind(outcome, claim)
            is_new = alias is not None and self._slugs.get(alias) != outcome.record.id
            owner = self._owners.get(_key(claim)) if is_new else None
            for holder in (self._taken.get(_key(claim)), owner):
                if holder not in (None, outcome.record.path):
                    return claim, str(holder)
        return None

    def take(self, outcome: Outcome) -> None:
        self._taken.update({_key(claim): outcome.record.path for claim in claims_of(outcome)})

    def give_up(self, outcome: Outcome) -> None:
        for claim in claims_of(outcome):
            if self._owners.get(_key(claim)) == outcome.record.path:
                del self._owners[_key(claim)]


def _owners(order: Sequence[Outcome], held: Mapping[CLAIM, str]) -> dict[CLAIM, str]:
    taken, owners = dict(held), dict[CLAIM, str]()
    for outcome in order:
        own = {_key(claim): outcome.record.path for claim in claims_of(outcome) if not _alias_behind(outcome, claim)}
        if all(taken.get(key, path) == path for key, path in own.items()):
            taken.update(own)
            owners.update(own)
    return owners


def _alias_behind(outcome: Outcome, claim: CLAIM) -> str | None:
    """The alias that a claim is, or that an id is made of (promise 4)."""
    name, value = claim
    if name == "aliases":
        return value
    if name == "slug" or outcome.parsed is None or outcome.parsed.identity.written is not None:
        return None
    article = outcome.parsed.article
    if value != outcome.parsed.identity.default:
        return None
    return next((each for each in article.aliases if last_segment(each) not in (None, article.slug)), None)


def _key(claim: CLAIM) -> CLAIM:
    """A slug and an alias are both addresses."""
    return (claim[0] if claim[0] == "id" else "address", claim[1])


def _rank(outcome: Outcome, before: Before) -> tuple[bool, str, str]:
    path = outcome.record.path
    if outcome.parsed is None:
        return True, "", path
    return path not in before.heirs, outcome.parsed.article.published.isoformat(), path
