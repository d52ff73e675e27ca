"""Two files that claim one id or one slug: who keeps it. Pure."""

from collections.abc import Mapping, Sequence

from feedsvc.errors import Finding
from feedsvc.sync.reading import Outcome

CLAIM = tuple[str, str]


def claims_of(outcome: Outcome) -> list[CLAIM]:
    """(field, value) of everything an article may not share: its id, its slug, its aliases."""
    if outcome.parsed is None or outcome.parsed.draft:
        return []
    article = outcome.parsed.article
    return [("slug", article.slug), *(("aliases", alias) for alias in article.aliases), ("id", article.id)]


def settle(outcomes: Sequence[Outcome], held: Mapping[CLAIM, str], before: Mapping[str, str | None]) -> list[Outcome]:
    """The outcomes, with those set aside that claim what another file holds.

    `held` says which file outside `outcomes` holds a claim; `before` which id each path published until now. A file
    keeps what it already published; between newcomers the one published first does, then the first by name.
    """
    taken = {_key(claim): path for claim, path in held.items()}
    settled: dict[str, Outcome] = {}
    for outcome in sorted(outcomes, key=lambda each: _rank(each, before)):
        path = outcome.record.path
        holders = ((claim, taken.get(_key(claim), path)) for claim in claims_of(outcome))
        clash = next(((claim, holder) for claim, holder in holders if holder != path), None)
        if clash is None:
            taken.update({_key(claim): path for claim in claims_of(outcome)})
            settled[path] = outcome
        else:
            settled[path] = _set_aside(outcome, *clash, before)
    return [settled[outcome.record.path] for outcome in outcomes]


def _key(claim: CLAIM) -> CLAIM:
    """A slug and an alias are both addresses."""
    return (claim[0] if claim[0] == "id" else "address", claim[1])


def _rank(outcome: Outcome, before: Mapping[str, str | None]) -> tuple[bool, str, str]:
    path = outcome.record.path
    if outcome.parsed is None:
        return True, "", path
    return before.get(path) != outcome.parsed.article.id, outcome.parsed.article.published.isoformat(), path


def _set_aside(outcome: Outcome, claim: CLAIM, holder: str, before: Mapping[str, str | None]) -> Outcome:
    field, value = claim
    finding = Finding(field=field, message=f"{value!r} is already used by {holder} (give one of the two files another)")
    return outcome.set_aside(finding, before.get(outcome.record.path))
