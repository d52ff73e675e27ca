"""Run an import: read every input, complete its drafts, write the articles, and report."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar, Final, Protocol

from feedsvc.articles.metadata.visibility import unread_folder
from feedsvc.errors import ArticleError, ConfigError, Finding
from feedsvc.importing.complete import CompletedDraft, Overrides, complete
from feedsvc.importing.draft import Draft, FailedEntry, FileNote, SkippedEntry, unforeseen
from feedsvc.importing.inputs import Input, opened
from feedsvc.importing.output.article_file import ArticleFile, article_file_of
from feedsvc.importing.output.bundle import bundled
from feedsvc.importing.output.content_folder import Outcome, Placement
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.readers.markdown.of_site import path_of_source
from feedsvc.importing.readers.sites.find import site_of
from feedsvc.importing.report import ImportReport, ProblemKind
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import UploadedFiles, WithUploads

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Importer:
    """Imports inputs one by one. A failure of one input does not affect the others.

    `uploads` is the copy of WordPress's uploads that the person who imports names.
    """

    settings: ImportSettings
    overrides: Overrides
    front_matter: str
    encoding: str | None
    destination: Destination
    progress: Progress
    uploads: UploadedFiles | None = None

    def run(self, report: ImportReport) -> None:
        """Import the inputs of the report, and add what becomes of them. An interruption leaves it as far as it is."""
        for each in report.inputs:
            with self._errors_in(report, each.name, each.name), opened(each, self.encoding) as (members, notes):
                for note in notes:
                    report.warn_of(each.name, each.name, note)
                for member in members:
                    if not member.skipped:
                        with self._errors_in(report, member.name, member.name):
                            self._import(member, report)
                    if member is not each:
                        report.members.append(member)
            report.done += 1
            self.progress.input_done()
        report.is_finished = True

    @contextmanager
    def _errors_in(self, report: ImportReport, file: str, source: str) -> Iterator[None]:
        """Put the errors of an input, or of one entry in it, into the report, except those of the whole run."""
        try:
            yield
        except ArticleError as error:
            report.fail(file, source, ProblemKind.UNREADABLE, error.findings)
        except _OF_THE_WHOLE_RUN:
            raise
        except Exception as error:
            report.fail(file, source, ProblemKind.UNFORESEEN, [unforeseen(error)])

    def _import(self, each: Input, report: ImportReport) -> None:
        if self.uploads:
            files = WithUploads(each.beside.files, self.uploads)
            each = replace(each, beside=replace(each.beside, files=files, has_uploads=True))
        # In a folder that is not published, every article is a draft, and where its site shows it to nobody.
        folder = unread_folder(each.path_in_folder)
        site = site_of(each.beside)
        path = path_of_source(each.name, each.beside)
        if site is not None and site.is_data(path):
            report.skip(each.name, SkippedEntry(each.name, "data"))
            return
        why = f"from {folder}, which is not published" if folder else ""
        if site is not None and not why:
            why = site.problem or site.why_not_public(path)
        is_empty, drafts = True, 0
        for item in read_items(each.name, each.read(), self.settings, self.encoding, each.beside):
            if isinstance(item, FileNote):
                report.warn_of(each.name, item.source, item.message)
                continue
            is_empty = False
            if isinstance(item, SkippedEntry):
                report.skip(each.name, item)
                continue
            if isinstance(item, FailedEntry):
                kind = ProblemKind.UNFORESEEN if item.is_unforeseen else ProblemKind.UNREADABLE
                report.fail(each.name, item.source, kind, item.findings)
                continue
            drafts += 1
            if drafts > 1 and self.overrides.slug:
                message = "holds more than one article, and --slug names one (leave the option out)"
                raise ArticleError([Finding(message=message)])
            draft = item
            if why:
                note = f"{why}: made a draft (remove draft: true to publish it)"
                draft = replace(draft, is_draft=True, notes=(*draft.notes, note))
            with self._errors_in(report, each.name, draft.source):
                self._put(each, draft, report)
            self.progress.article_done()
        if is_empty:
            message = "holds no articles (leave it out)"
            report.fail(each.name, each.name, ProblemKind.UNREADABLE, [Finding(message=message)])

    def _put(self, each: Input, draft: Draft, report: ImportReport) -> None:
        file = each.name
        draft, media = bundled(draft, each.beside.files)
        completed = complete(draft, self.settings, self.overrides)
        report.warn(file, completed.draft, completed.missing)
        if completed.missing:
            self.destination.reject(completed)
            report.fail_incomplete(file, draft.source, completed.missing)
            return
        try:
            article_file = article_file_of(completed, self.settings.site, self.front_matter, media)
        except ArticleError as error:
            self.destination.reject(completed)
            report.fail(file, draft.source, ProblemKind.INVALID, error.findings)
            return
        try:
            placed = self.destination.put(article_file)
            report.note(file, completed, placed)
            if placed.outcome in (Outcome.WRITTEN, Outcome.REPLACED):
                self.progress.file_written(placed.path)
        except ArticleError as error:
            report.fail(file, draft.source, ProblemKind.INVALID, error.findings)
