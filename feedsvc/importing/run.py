"""One import: read every input, complete its drafts, write the articles, and report."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import ClassVar, Final, Protocol

from feedsvc.articles.metadata.visibility import unread_folder
from feedsvc.errors import ArticleError, Finding, Problem
from feedsvc.importing.analysis.boilerplate import FEED
from feedsvc.importing.complete import Completed, Overrides, complete
from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.inputs import Input
from feedsvc.importing.output.article_file import ArticleFile, article_file_of
from feedsvc.importing.output.content_folder import Outcome, Placed
from feedsvc.importing.readers.detect import items
from feedsvc.importing.settings import ImportSettings

# The kinds of skipped entries, in the singular and the plural.
_SKIPPED: Final = {
    "attachment": ("attachment", "attachments"),
    "trash": ("in the trash", "in the trash"),
    "auto-draft": ("unsaved draft", "unsaved drafts"),
    "nav_menu_item": ("menu item", "menu items"),
    "revision": ("revision", "revisions"),
    "comment": ("comment", "comments"),
    "settings": ("setting of the blog", "settings of the blog"),
    "template": ("template", "templates"),
}


class Destination(Protocol):
    """Where articles are put: into files, or a preview. `counted` are the outcomes that it can have."""

    counted: ClassVar[tuple[Outcome, ...]]

    def put(self, article_file: ArticleFile) -> Placed:
        """Put an article there. Return its place and outcome. Raises ArticleError."""

    def refuse(self, completed: Completed) -> None:
        """Note a draft that cannot become an article."""


class Progress(Protocol):
    """Receives the progress of an import."""

    def one_input(self) -> None:
        """Called when an input is done, or skipped."""

    def one_article(self) -> None:
        """Called when an article is done, with any outcome."""

    def written(self, path: Path) -> None:
        """Called when a file is written."""


@dataclass(slots=True)
class ImportReport:
    """The result of an import. `counted` are the outcomes in the summary, also those with a count of 0."""

    counted: tuple[Outcome, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    kept: list[Placed] = field(default_factory=list)
    skipped: list[Input] = field(default_factory=list)
    skipped_entries: Counter[str] = field(default_factory=Counter)
    lines_of_feeds: int = 0

    def note(self, draft: Draft, placed: Placed) -> None:
        """Count one article."""
        self.outcomes[placed.outcome] += 1
        if placed.kept:
            self.kept.append(placed)
        if placed.outcome is Outcome.KEPT:
            self.set_aside(draft.source, [Finding(message=_kept(placed))])

    def warn(self, draft: Draft) -> None:
        """Add the notes of a reader, and count the cuts that every entry of a feed may have."""
        self.lines_of_feeds += sum(cut.kind == FEED for cut in draft.cuts)
        notes = [Finding(message=note, severity="warning") for note in draft.notes]
        self.set_aside(draft.source, notes)

    def set_aside(self, source: str, findings: Iterable[Finding]) -> None:
        """Add the findings of one input, or of one entry in it."""
        self.problems += [Problem(path=source, finding=finding) for finding in findings]

    @property
    def failed(self) -> int:
        """Return how many articles or files were set aside."""
        return len({each.path for each in self.problems if each.finding.severity == "error"})

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        for problem in self.problems:
            yield str(problem)
        yield from self._skipped()
        for placed in self.kept:
            yield f"{placed.path}: the former file is kept as {placed.kept.name if placed.kept else ''}"
        if self.lines_of_feeds:
            yield f"cut: {self.lines_of_feeds:,} × lines that feeds add to a text, such as “Read more” (see --dry-run)"
        if self.skipped_entries:
            yield f"skipped: {', '.join(_count(*each) for each in self.skipped_entries.most_common())}"
        counts = ", ".join(f"{self.outcomes[each]} {each.value}" for each in self.counted)
        yield f"{counts}, {self.failed} set aside"

    def _skipped(self) -> Iterator[str]:
        suffixes = Counter(
            PurePath(each.name).suffix or "without a suffix" for each in self.skipped if each.is_of_other_kind
        )
        for suffix, count in sorted(suffixes.items()):
            yield f"skipped {count} {'file' if count == 1 else 'files'} {suffix}: not a kind that is read"
        for each in self.skipped:
            if not each.is_of_other_kind:
                yield f"skipped {each.name}: {each.skipped}"


def _count(kind: str, count: int) -> str:
    one, several = _SKIPPED.get(kind, (f"of type {kind}", f"of type {kind}"))
    return f"{count} {one if count == 1 else several}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports inputs one by one. A failure of one input does not affect the others."""

    settings: ImportSettings
    overrides: Overrides
    front_matter: str
    encoding: str | None
    destination: Destination
    progress: Progress

    def run(self, inputs: Iterable[Input]) -> ImportReport:
        """Import all inputs and return the report."""
        report = ImportReport(self.destination.counted)
        for each in inputs:
            if each.skipped:
                report.skipped.append(each)
            else:
                self._import(each, report)
            self.progress.one_input()
        return report

    def _import(self, each: Input, report: ImportReport) -> None:
        try:
            is_empty, drafts = True, 0
            for item in self._items(each):
                is_empty = False
                drafts += isinstance(item, Draft)
                if drafts > 1 and self.overrides.slug:
                    message = "holds more than one article, and --slug names one (leave the option out)"
                    raise ArticleError([Finding(message=message)])
                self._take(item, report)
            if is_empty:
                report.set_aside(each.name, [Finding(message="holds no articles (leave it out)")])
        except ArticleError as error:
            report.set_aside(each.name, error.findings)

    def _items(self, each: Input) -> Iterator[Item]:
        """Yield the items of an input. In a folder that is not published, every article is a draft."""
        folder = unread_folder(each.inside)
        for item in items(each.name, each.read(), self.settings, self.encoding):
            if folder and isinstance(item, Draft):
                note = f"from {folder}, which is not published: made a draft (remove draft: true to publish it)"
                yield replace(item, is_draft=True, notes=(*item.notes, note))
            else:
                yield item

    def _take(self, item: Item, report: ImportReport) -> None:
        if isinstance(item, Draft):
            self._put(item, report)
            self.progress.one_article()
        else:
            report.skipped_entries[item.kind] += 1

    def _put(self, draft: Draft, report: ImportReport) -> None:
        completed = complete(draft, self.settings, self.overrides)
        report.warn(draft)
        try:
            if completed.missing:
                raise ArticleError(completed.missing)
            article_file = article_file_of(completed, self.settings.site, self.front_matter)
        except ArticleError as error:
            self.destination.refuse(completed)
            report.set_aside(draft.source, error.findings)
            return
        try:
            placed = self.destination.put(article_file)
            report.note(draft, placed)
            if placed.outcome in (Outcome.WRITTEN, Outcome.REPLACED):
                self.progress.written(placed.path)
        except ArticleError as error:
            report.set_aside(draft.source, error.findings)


def _kept(placed: Placed) -> str:
    return (
        f"{placed.path} differs in {', '.join(placed.differs)}, so it was left unchanged "
        "(--force overwrites these fields, and keeps the former file beside it)"
    )
