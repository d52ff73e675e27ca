"""The report of a sync, as text and as JSON."""

import json
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from feedsvc.errors import Problem, printable
from feedsvc.sync.recognition.lookalikes import LooksRenamed
from feedsvc.sync.recognition.signs import Renamed

# The titles that a report for people shows; the others are counted.
MAX_TITLES: Final = 20
# A file must be missing in two scans at least this many seconds apart before its article is removed (guarantee 9).
GRACE_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The titles of articles that were added, changed and removed; `problems` of all files, changed or not.

    `renamed` has the files that were recognised by their title, dates and text; `lookalikes` has the new files that are
    only like missing ones. `missing` has the files that do not count as deleted yet, `to_be_removed` those of them
    whose articles will be removed, and `pending` the files that are being written or have such a file beside them.
    `refused` is the number of removals that were refused. `rerendered` is the number of articles that unchanged files
    make differently. `scheduled` is the number of articles that are published later, the next one at `next_release`;
    `drafts` is the number of drafts. `expired` is the number of files whose articles have expired; the next one expires
    at `next_expiry`. Both times are in the time zone of the site.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rerendered: int = 0
    renamed: tuple[Renamed, ...] = ()
    lookalikes: tuple[LooksRenamed, ...] = ()
    problems: tuple[Problem, ...] = ()
    missing: tuple[str, ...] = ()
    refused: int = 0
    pending: tuple[str, ...] = ()
    to_be_removed: tuple[str, ...] = ()
    scheduled: int = 0
    next_release: datetime | None = None
    drafts: int = 0
    next_expiry: datetime | None = None
    expired: int = 0

    @property
    def set_aside(self) -> list[str]:
        """The paths of the files that are set aside."""
        return sorted({each.path for each in self.problems if each.finding.severity == "error"})

    @property
    def failed(self) -> bool:
        """Whether the command exits with status 1."""
        return bool(self.set_aside or self.refused)

    @property
    def is_unchanged(self) -> bool:
        """Whether nothing happened that `lines` reports."""
        return not (self.added or self.changed or self.removed or self.refused or self.rerendered)

    def title_lines(self, most: int | None = MAX_TITLES) -> Iterator[tuple[str, str]]:
        """Yield a sign and a text for each title, and for the number of the titles over `most` of one sign.

        Each kind of change has its share of `most`, so that many new titles do not hide a removal.
        """
        kinds = {"+": self.added, "~": self.changed, "-": self.removed}
        shares: dict[str, int] = {}
        for sign in sorted(kinds, key=lambda sign: len(kinds[sign])):
            left = len(kinds[sign]) if most is None else (most - sum(shares.values())) // (len(kinds) - len(shares))
            shares[sign] = min(left, len(kinds[sign]))
        for sign, titles in kinds.items():
            yield from ((sign, title) for title in titles[: shares[sign]])
            if more := len(titles) - shares[sign]:
                yield sign, f"… and {more} more"

    def lines(self, known: Container[str] = ()) -> Iterator[str]:
        """Yield the lines of the report for people, without the problems and missing files that are `known` already."""
        yield from (f"{sign} {text}" for sign, text in self.title_lines())
        yield from self.other_lines(known)

    def other_lines(self, known: Container[str] = ()) -> Iterator[str]:
        """Yield the lines of the report below the titles, without what is `known`."""
        yield from (each.line() for each in self.renamed)
        yield from (each.line() for each in self.lookalikes)
        yield from (line for line in problem_lines(self.problems) if line not in known)
        if self.rerendered:
            plural = "s" if self.rerendered > 1 else ""
            yield (
                f"{self.rerendered} article{plural} rendered again from unchanged files, by another version of "
                "feedsvc or with other settings (no corrections: feeds and scripts do not report them)"
            )
        if self.refused:
            yield (
                f"removed nothing: {self.refused} articles would be removed, over 20% of all "
                "(to remove them: feedsvc sync --allow-removals; if the files are of another publication now: "
                "feedsvc sync --new-publication)"
            )
        for path in (each for each in self.to_be_removed if each not in known):
            yield (
                f"{printable(path)} is missing; its article will be removed in {GRACE_SECONDS:.0f} s unless it returns"
            )
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
    """Yield one line per problem, sorted by file and line."""
    yield from map(str, sorted_problems(problems))


def sorted_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems sorted by file and line."""
    return sorted(problems, key=lambda each: (each.path, each.finding.line))


def count_line(problems: Sequence[Problem], files: int) -> str:
    """Return the numbers of files, of files set aside, of errors in site.toml if there are any, and of warnings."""
    errors = [each.path for each in problems if each.finding.severity == "error"]
    # site.toml is no article: its last good state is served.
    of_site = errors.count("site.toml")
    aside = len({*errors} - {"site.toml"})
    warnings = sum(each.finding.severity == "warning" for each in problems)
    read, wrong, warned = (
        f"{count} {word}{'' if count == 1 else 's'}"
        for count, word in ((files, "file"), (of_site, "error"), (warnings, "warning"))
    )
    return ", ".join([read, f"{aside} to be set aside", *([f"{wrong} in site.toml"] if of_site else []), warned])


def problems_json(problems: Sequence[Problem]) -> str:
    """Return the problems as a JSON array of objects with path, line, field, message and severity."""
    return json.dumps([_row(each) for each in problems], ensure_ascii=False, indent=2)


def _row(problem: Problem) -> dict[str, object]:
    found = problem.finding
    return {
        "path": problem.path,
        "line": found.line,
        "field": found.field,
        "message": found.message,
        "severity": found.severity,
    }


def report_json(report: Report) -> str:
    """Return a report as a JSON object with all titles, problems and counts. Times have the offset of the site."""
    found = {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "rerendered": report.rerendered,
        "renamed": [{"path": each.path, "before": each.before} for each in report.renamed],
        "looks_renamed": [{"path": each.path, "before": each.before} for each in report.lookalikes],
        "set_aside": report.set_aside,
        "problems": [_row(each) for each in report.problems],
        "missing": report.missing,
        "refused": report.refused,
        "scheduled": report.scheduled,
        "next_release": report.next_release and report.next_release.isoformat(),
        "next_expiry": report.next_expiry and report.next_expiry.isoformat(),
        "expired": report.expired,
        "drafts": report.drafts,
    }
    return json.dumps(found, ensure_ascii=False, indent=2)
