"""Run an import: read every input, complete its drafts, write the articles, and report."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import ClassVar, Final, Protocol

from feedsvc.articles.metadata.visibility import unread_folder
from feedsvc.errors import ArticleError, ConfigError, Finding, Problem
from feedsvc.importing.analysis.boilerplate import FEED
from feedsvc.importing.complete import CompletedDraft, Overrides, complete
from feedsvc.importing.draft import Draft, FailedEntry, FileNote, SkippedEntry, unforeseen
from feedsvc.importing.inputs import Input
from feedsvc.importing.output.article_file import ArticleFile, article_file_of
from feedsvc.importing.output.content_folder import Outcome, Placement
from feedsvc.importing.readers.detect import read_items
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

# A full disk, or a wrong setting, concerns every article.
_OF_THE_WHOLE_RUN: Final = (OSError, ConfigError)


class Destination(Protocol):
    """The destination of articles: files, or a preview. `reported` are the outcomes that the report counts."""

    reported: ClassVar[tuple[Outcome, ...]]

    def put(self, article_file: ArticleFile) -> Placement:
        """Write or show an article, and return its path and outcome. Raises ArticleError and ConfigError."""

    def reject(self, completed: CompletedDraft) -> None:
        """Show a draft that cannot become an article. The report has the reason."""


class Progress(Protocol):
    """Receives the progress of an import."""

    def input_done(self) -> None:
        """Count an input that is done or skipped."""

    def article_done(self) -> None:
        """Count an article that is done, with any outcome."""

    def file_written(self, path: Path) -> None:
        """Show the path of a file that was written."""


@dataclass(slots=True)
class ImportReport:
    """The result of an import. `reported` are the outcomes in the summary, also those with a count of 0."""

    reported: tuple[Outcome, ...]
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    backups: list[Placement] = field(default_factory=list)
    skipped: list[Input] = field(default_factory=list)
    skipped_entries: Counter[str] = field(default_factory=Counter)
    cut_feed_lines: int = 0

    def note(self, draft: Draft, placed: Placement) -> None:
        """Count the outcome of an article."""
        self.outcomes[placed.outcome] += 1
        if placed.backup:
            self.backups.append(placed)
        if placed.outcome is Outcome.CONFLICT:
            message = (
                f"{placed.path} differs in {', '.join(placed.differs)}, so it was left unchanged "
                "(--force overwrites these fields, and keeps the former file beside it)"
            )
            self.set_aside(draft.source, [Finding(message=message)])

    def warn(self, draft: Draft) -> None:
        """Add the notes of a reader, and count the cuts that every entry of a feed may have."""
        self.cut_feed_lines += sum(cut.kind == FEED for cut in draft.cuts)
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
        suffixes = Counter(
            PurePath(each.name).suffix or "without a suffix" for each in self.skipped if each.is_of_other_kind
        )
        for suffix, count in sorted(suffixes.items()):
            yield f"skipped {count} {'file' if count == 1 else 'files'} {suffix}: not a kind that is read"
        for each in self.skipped:
            if not each.is_of_other_kind:
                yield f"skipped {each.name}: {each.skipped}"
        for placed in self.backups:
            yield f"{placed.path}: the former file is kept as {placed.backup.name if placed.backup else ''}"
        if self.cut_feed_lines:
            yield f"cut: {self.cut_feed_lines:,} × lines that feeds add to a text, such as “Read more” (see --dry-run)"
        if self.skipped_entries:
            kinds = []
            for kind, count in self.skipped_entries.most_common():
                one, several = _SKIPPED.get(kind, (f"of type {kind}", f"of type {kind}"))
                kinds.append(f"{count} {one if count == 1 else several}")
            yield f"skipped: {', '.join(kinds)}"
        counts = ", ".join(f"{self.outcomes[each]} {each.value}" for each in self.reported)
        yield f"{counts}, {self.failed} set aside"


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
        report = ImportReport(self.destination.reported)
        for each in inputs:
            if each.skipped:
                report.skipped.append(each)
            else:
                try:
                    self._import(each, report)
                except ArticleError as error:
                    report.set_aside(each.name, error.findings)
                except _OF_THE_WHOLE_RUN:
                    raise
                except Exception as error:
                    report.set_aside(each.name, [unforeseen(error)])
            self.progress.input_done()
        return report

    def _import(self, each: Input, report: ImportReport) -> None:
        # In a folder that is not published, every article is a draft.
        folder = unread_folder(each.path_in_folder)
        is_empty, drafts = True, 0
        for item in read_items(each.name, each.read(), self.settings, self.encoding):
            if isinstance(item, FileNote):
                report.set_aside(item.source, [Finding(message=item.message, severity="warning")])
                continue
            is_empty = False
            if isinstance(item, SkippedEntry):
                report.skipped_entries[item.kind] += 1
                continue
            if isinstance(item, FailedEntry):
                report.set_aside(item.source, item.findings)
                continue
            drafts += 1
            if drafts > 1 and self.overrides.slug:
                message = "holds more than one article, and --slug names one (leave the option out)"
                raise ArticleError([Finding(message=message)])
            draft = item
            if folder:
                note = f"from {folder}, which is not published: made a draft (remove draft: true to publish it)"
                draft = replace(draft, is_draft=True, notes=(*draft.notes, note))
            try:
                self._put(draft, report)
            except _OF_THE_WHOLE_RUN:
                raise
            except Exception as error:
                report.set_aside(draft.source, [unforeseen(error)])
            self.progress.article_done()
        if is_empty:
            report.set_aside(each.name, [Finding(message="holds no articles (leave it out)")])

    def _put(self, draft: Draft, report: ImportReport) -> None:
        completed = complete(draft, self.settings, self.overrides)
        report.warn(draft)
        try:
            if completed.missing:
                raise ArticleError(completed.missing)
            article_file = article_file_of(completed, self.settings.site, self.front_matter)
        except ArticleError as error:
            self.destination.reject(completed)
            report.set_aside(draft.source, error.findings)
            return
        try:
            placed = self.destination.put(article_file)
            report.note(draft, placed)
            if placed.outcome in (Outcome.WRITTEN, Outcome.REPLACED):
                self.progress.file_written(placed.path)
        except ArticleError as error:
            report.set_aside(draft.source, error.findings)
