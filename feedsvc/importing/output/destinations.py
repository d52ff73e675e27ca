"""The destinations of an import: files in content/, or a preview."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from feedsvc.importing.complete import CompletedDraft
from feedsvc.importing.output.article_file import ArticleFile, file_without_date
from feedsvc.importing.output.content_folder import ContentFolder, Outcome, Placement
from feedsvc.importing.preview import preview
from feedsvc.importing.settings import ImportSettings


@dataclass(frozen=True, slots=True)
class ContentDestination:
    """Writes articles as files."""

    folder: ContentFolder
    reported: ClassVar[tuple[Outcome, ...]] = (Outcome.WRITTEN, Outcome.REPLACED, Outcome.UNCHANGED)

    def put(self, article_file: ArticleFile) -> Placement:
        """Write the file. Raises ArticleError and ConfigError."""
        return self.folder.put(article_file)

    def reject(self, completed: CompletedDraft) -> None:
        """Do nothing: the report gives the reason."""


@dataclass(frozen=True, slots=True)
class PreviewDestination:
    """Prints each file with `echo_file`, and what was found in its source with `echo`, to stderr."""

    settings: ImportSettings
    folder: ContentFolder
    echo: Callable[..., None]
    echo_file: Callable[[str], None]
    reported: ClassVar[tuple[Outcome, ...]] = (Outcome.SHOWN,)

    def put(self, article_file: ArticleFile) -> Placement:
        """Print the file and what would be done. Raises ConfigError."""
        placed = self.folder.find_place(article_file)
        for line in preview(article_file.completed, self.settings, placed):
            self.echo(line, err=True)
        self.echo_file(article_file.data.decode())
        return replace(placed, outcome=Outcome.SHOWN)

    def reject(self, completed: CompletedDraft) -> None:
        """Print what was found and what is missing, and the file if only its date is missing."""
        for line in preview(completed, self.settings):
            self.echo(line, err=True)
        if {finding.field for finding in completed.missing} == {"published"}:
            self.echo_file(file_without_date(completed, self.settings.site, self.folder.front_matter))
