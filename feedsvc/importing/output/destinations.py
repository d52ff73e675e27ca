"""Where an import puts its articles: into content/, or before the eyes of whoever asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar

from feedsvc.importing.complete import Edited
from feedsvc.importing.output.article_file import Finished, unfinished
from feedsvc.importing.output.content_folder import ContentFolder, Outcome, Placed
from feedsvc.importing.preview import preview
from feedsvc.importing.settings import ImportSettings


@dataclass(frozen=True, slots=True)
class IntoContent:
    """Articles become files."""

    shelf: ContentFolder
    counted: ClassVar[tuple[Outcome, ...]] = (Outcome.WRITTEN, Outcome.REPLACED, Outcome.UNCHANGED)

    def put(self, finished: Finished) -> Placed:
        """Write it. Raises ArticleError and ConfigError."""
        return self.shelf.put(finished)

    def refuse(self, edited: Edited) -> None:
        """The account says why there is no file of it."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Articles are shown: each file by `echo_file`, what was made of its source by `echo`, on stderr."""

    desk: ImportSettings
    shelf: ContentFolder
    echo: Callable[..., None]
    echo_file: Callable[[str], None]
    counted: ClassVar[tuple[Outcome, ...]] = (Outcome.SHOWN,)

    def put(self, finished: Finished) -> Placed:
        """Show it, and what would come of it. Raises ConfigError."""
        placed = self.shelf.look(finished)
        for line in preview(finished.edited, self.desk, placed):
            self.echo(line, err=True)
        self.echo_file(finished.data.decode())
        return replace(placed, outcome=Outcome.SHOWN)

    def refuse(self, edited: Edited) -> None:
        """Show what was found, and what is wanted; and the file, where nothing but its date is."""
        for line in preview(edited, self.desk):
            self.echo(line, err=True)
        if {finding.field for finding in edited.lacks} == {"published"}:
            self.echo_file(unfinished(edited, self.desk.site, self.shelf.front_matter))
