"""What a sync did, for people and for scripts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from feedsvc.errors import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Titles of what was added, changed and removed; `problems` of every file that has one, changed or not.

    `missing` are files the watcher does not believe to be gone yet, `pending` those still being written, or with
    such a file beside them; `refused` counts removals that were too many.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    refused: int = 0
    pending: tuple[str, ...] = ()

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
        return not (self.added or self.changed or self.removed or self.refused)

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        for sign, titles in (("+", self.added), ("~", self.changed), ("-", self.removed)):
            yield from (f"{sign} {title}" for title in titles)
        yield from problem_lines(self.problems)
        if self.refused:
            yield (
                f"removed nothing: {self.refused} articles would go, over 20% of all "
                "(if that is meant: feedsvc sync --allow-removals)"
            )
        yield (
            f"{len(self.added)} added, {len(self.changed)} changed, {len(self.removed)} removed, "
            f"{len(self.set_aside)} set aside"
        )


def problem_lines(problems: Sequence[Problem]) -> Iterator[str]:
    """One line per problem, by file and line."""
    yield from map(str, sorted(problems, key=lambda each: (each.path, each.finding.line)))


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
