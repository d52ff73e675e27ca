"""One import: every input read, edited and put on its place, and the account of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import ClassVar, Final, Protocol

from feedsvc.errors import ArticleError, Finding, Problem
from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Draft
from feedsvc.importing.editing import Edited, Wishes, edit
from feedsvc.importing.inputs import Input
from feedsvc.importing.rendering import Finished, finish
from feedsvc.importing.shelf import Outcome, Placed
from feedsvc.importing.sources import read

# More paths than this are a number.
_LISTED: Final = 20


class Place(Protocol):
    """Where articles go: files, or a preview. `counted` are the outcomes that it knows."""

    counted: ClassVar[tuple[Outcome, ...]]

    def put(self, finished: Finished) -> Placed:
        """Take an article; say where it is and what came of it. Raises ArticleError."""

    def refuse(self, edited: Edited) -> None:
        """Take note of what no article could be made of."""


@dataclass(slots=True)
class Account:
    """What came of an import. `counted` are the outcomes that are summed up, be there any or none."""

    counted: tuple[Outcome, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def note(self, draft: Draft, placed: Placed) -> None:
        """Count one article."""
        self.outcomes[placed.outcome] += 1
        if placed.outcome in (Outcome.WRITTEN, Outcome.REPLACED):
            before = f" (as it was before: {placed.kept.name})" if placed.kept else ""
            self.paths.append(f"{placed.path}{before}")
        if placed.outcome is Outcome.KEPT:
            self.set_aside(draft.source, [Finding(message=_kept(placed))])

    def warn(self, draft: Draft) -> None:
        """Say what a reader noted."""
        notes = [Finding(message=note, severity="warning") for note in draft.notes]
        self.set_aside(draft.source, notes)

    def set_aside(self, source: str, findings: Iterable[Finding]) -> None:
        """Note what is wrong with one input, or one entry of it."""
        self.problems += [Problem(path=source, finding=finding) for finding in findings]

    @property
    def failed(self) -> int:
        """How many articles or files were set aside."""
        return len({each.path for each in self.problems if each.finding.severity == "error"})

    def lines(self) -> Iterator[str]:
        """The account for people."""
        for problem in self.problems:
            yield str(problem)
        for suffix, count in sorted(self.skipped.items()):
            yield f"skipped {count} {'file' if count == 1 else 'files'} {suffix}: not a kind that is read"
        yield from self.paths[:_LISTED]
        if len(self.paths) > _LISTED:
            yield f"… and {len(self.paths) - _LISTED} more"
        counts = ", ".join(f"{self.outcomes[each]} {each.value}" for each in self.counted)
        yield f"{counts}, {self.failed} set aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports inputs one by one; what is wrong with one costs no other."""

    desk: Desk
    wishes: Wishes
    front_matter: str
    encoding: str | None
    place: Place

    def run(self, inputs: Iterable[Input], tick: Callable[[], None]) -> Account:
        """The account. `tick` is called behind every input."""
        account = Account(self.place.counted)
        for each in inputs:
            if each.known:
                self._import(each, account)
            else:
                account.skipped[PurePath(each.name).suffix or "without a suffix"] += 1
            tick()
        return account

    def _import(self, each: Input, account: Account) -> None:
        try:
            is_empty = True
            for draft in read(each.name, each.read(), self.desk, self.encoding):
                is_empty = False
                self._take(draft, account)
            if is_empty:
                account.set_aside(each.name, [Finding(message="holds no articles (leave it out)")])
        except ArticleError as error:
            account.set_aside(each.name, error.findings)

    def _take(self, draft: Draft, account: Account) -> None:
        edited = edit(draft, self.desk, self.wishes)
        account.warn(draft)
        try:
            if edited.lacks:
                raise ArticleError(edited.lacks)
            finished = finish(edited, self.desk.site, self.front_matter)
        except ArticleError as error:
            self.place.refuse(edited)
            account.set_aside(draft.source, error.findings)
            return
        try:
            account.note(draft, self.place.put(finished))
        except ArticleError as error:
            account.set_aside(draft.source, error.findings)


def _kept(placed: Placed) -> str:
    return (
        f"{placed.path} says something else by now ({', '.join(placed.differs)}), so it was left as it is "
        "(--force overwrites what differs, and keeps the file as it was beside it)"
    )
