"""One import: every input read, edited and put on its place, and the account of it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, TypeAlias

from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError, Finding, Problem
from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Draft
from feedsvc.importing.editing import Edited, Wishes, edit
from feedsvc.importing.files import Input, Outcome
from feedsvc.importing.rendering import render
from feedsvc.importing.sources import read

# More paths than this are a number.
_LISTED: Final = 20


# Where finished articles go (files, or a preview): takes one with its file, says where it is and what came of it.
Place: TypeAlias = Callable[[Edited, bytes], tuple[Path | None, Outcome]]


@dataclass(slots=True)
class Account:
    """What came of an import."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    paths: list[Path] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def note(self, edited: Edited, path: Path | None, outcome: Outcome) -> None:
        """Count one article."""
        self.outcomes[outcome] += 1
        if path is not None and outcome in (Outcome.WRITTEN, Outcome.REPLACED):
            self.paths.append(path)
        if outcome is Outcome.KEPT:
            message = f"{path} says something else by now, so it was left as it is (--force overwrites it)"
            self.problems.append(Problem(path=edited.draft.source, finding=Finding(message=message)))
        for note in edited.draft.notes:
            finding = Finding(message=note, severity="warning")
            self.problems.append(Problem(path=edited.draft.source, finding=finding))

    def set_aside(self, source: str, error: ArticleError) -> None:
        """Note what is wrong with one input, or one entry of it."""
        self.problems += [Problem(path=source, finding=finding) for finding in error.findings]

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
        yield from (str(path) for path in self.paths[:_LISTED])
        if len(self.paths) > _LISTED:
            yield f"… and {len(self.paths) - _LISTED} more"
        said = (
            [Outcome.SHOWN] if self.outcomes[Outcome.SHOWN] else [Outcome.WRITTEN, Outcome.REPLACED, Outcome.UNCHANGED]
        )
        counts = ", ".join(f"{self.outcomes[each]} {each.value}" for each in said)
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
        account = Account()
        for each in inputs:
            if each.known:
                self._import(each, account)
            else:
                account.skipped[PurePath(each.name).suffix or "without a suffix"] += 1
            tick()
        return account

    def _import(self, each: Input, account: Account) -> None:
        try:
            for draft in read(each.name, each.read(), self.desk, self.encoding):
                self._take(draft, account)
        except ArticleError as error:
            account.set_aside(each.name, error)

    def _take(self, draft: Draft, account: Account) -> None:
        try:
            edited = edit(draft, self.desk, self.wishes)
            data = self._checked(edited)
        except ArticleError as error:
            account.set_aside(draft.source, error)
            return
        account.note(edited, *self.place(edited, data))

    def _checked(self, edited: Edited) -> bytes:
        """The article's file, read once as sync will: what sync would set aside is set aside here."""
        data = render(edited, self.desk.site.timezone, self.front_matter)
        read_article(f"articles/{edited.slug}.md", data, self.desk.site, lambda _path: None)
        return data
