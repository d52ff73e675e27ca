"""What a sync did, for people and for scripts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.errors import Problem, printable
from feedsvc.sync.recognition.signs import Renamed

# A file must be missing in two scans this far apart before its article goes (promise 9).
GRACE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Titles of what was added, changed and removed; `problems` of every file that has one, changed or not.

    `renamed` are files that were recognised by their title, dates and text.

    `missing` are files the watcher does not believe to be gone yet, `leaving` those of them whose articles go with
    them; `pending` are files still being written, or with such a file beside them; `refused` counts removals that
    were too many. `rerendered` counts articles that are made otherwise of unchanged files. `scheduled` counts articles
    that are due later, the next at `next_release` (in the site's time zone), `drafts` files that are kept unpublished.
    `expired` counts files whose articles were taken down at their time; the next goes at `next_expiry`, in that zone.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rerendered: int = 0
    renamed: tuple[Renamed, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    refused: int = 0
    pending: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()
    scheduled: int = 0
    next_release: datetime | None = None
    drafts: int = 0
    next_expiry: datetime | None = None
    expired: int = 0

    @property
    def set_aside(self) -> list[str]:
        """The paths that are set aside."""
        return sorted({each.path for each in self.problems if each.finding.severity == "error"})

    @property
    def failed(self) -> bool:
        """Whether the command should end with 1."""
        return bool(self.set_aside or self.refused)

    @property
    def quiet(self) -> bool:
        """Whether nothing happened that is worth a line."""
        return not (self.added or self.changed or self.removed or self.refused or self.rerendered)

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        for sign, titles in (("+", self.added), ("~", self.changed), ("-", self.removed)):
            yield from (f"{sign} {title}" for title in titles)
        yield from (each.line() for each in self.renamed)
        yield from problem_lines(self.problems)
        if self.rerendered:
            plural = "s" if self.rerendered > 1 else ""
            yield (
                f"{self.rerendered} article{plural} rendered again from unchanged files, by another version of "
                "feedsvc or with other settings (no corrections: feeds and scripts do not report them)"
            )
        if self.refused:
            yield (
                f"removed nothing: {self.refused} articles would go, over 20% of all "
                "(if that is meant: feedsvc sync --allow-removals)"
            )
        for path in self.leaving:
            yield f"{printable(path)} is missing; its article goes in {GRACE_SECONDS:.0f} s unless it comes back"
        counts = [
            f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed",
            f"{len(self.set_aside)} set aside",
        ]
        if self.next_release is not None:
            when = self.next_release.isoformat(" ", "minutes")
            counts.append(f"{self.scheduled} scheduled (the next is due {when})")
        if self.next_expiry is not None:
            counts.append(f"the next is taken down {self.next_expiry.isoformat(' ', 'minutes')}")
        if self.expired:
            counts.append(f"{self.expired} expired")
        if self.drafts:
            counts.append(f"{self.drafts} draft{'s' if self.drafts > 1 else ''}")
        yield ", ".join(counts)


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """One line per problem, by file and line."""
    yield from map(str, sorted(problems, key=lambda each: (each.path, each.finding.line)))


def count_line(problems: Sequence[Problem], files: int) -> str:
    """How many files there are, and what is to be said of them, in words."""
    aside = len({each.path for each in problems if each.finding.severity == "error"})
    warnings = sum(each.finding.severity == "warning" for each in problems)
    words = [(files, "file"), (warnings, "warning")]
    read, warned = (f"{count} {word}{'' if count == 1 else 's'}" for count, word in words)
    return f"{read}, {aside} to be set aside, {warned}"


def problems_json(problems: Sequence[Problem]) -> str:
    """The problems as a JSON array of objects with path, line, field, message and severity."""
    rows = [
        {
            "path": each.path,
            "line": each.finding.line,
            "field": each.finding.field,
            "message": each.finding.message,
            "severity": each.finding.severity,
        }
        for each in problems
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)
