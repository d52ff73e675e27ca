"""The report of an import: what became of each input and article, and every problem, for people and as JSON. Pure."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import PurePath
from typing import Any, Final

from feedsvc.errors import Finding, Problem
from feedsvc.importing.analysis.boilerplate import FEED
from feedsvc.importing.complete import CompletedDraft
from feedsvc.importing.draft import Draft, SkippedEntry
from feedsvc.importing.inputs import Input
from feedsvc.importing.output.content_folder import Outcome, Placement

# The version of the JSON report. It rises if a key changes its meaning or goes.
VERSION: Final = 1

# The kinds of skipped entries, in the singular and the plural.
_SKIPPED: Final = {
    "attachment": ("attachment", "attachments"),
    "trash": ("in the trash", "in the trash"),
    "auto-draft": ("unsaved draft", "unsaved drafts"),
    "nav_menu_item": ("menu item", "menu items"),
    "revision": ("revision", "revisions"),
    "comment": ("comment", "comments"),
    "list": ("list of an export", "lists of an export"),
    "response": ("response to another story", "responses to other stories"),
    "page": ("page of the site", "pages of the site"),
    "data": ("data file of a site", "data files of a site"),
    "resource": ("file that belongs to the page of its folder", "files that belong to the pages of their folders"),
    "section": ("page of a section", "pages of sections"),
    "settings": ("setting of the blog", "settings of the blog"),
    "template": ("template", "templates"),
}


class ProblemKind(Enum):
    """The kind of a problem. Values are words of the JSON report."""

    UNREADABLE = "unreadable"
    NO_TITLE = "no-title"
    NO_TEXT = "no-text"
    NO_DATE = "no-date"
    NO_TOPICS = "no-topics"
    NO_SLUG = "no-slug"
    INVALID = "invalid"
    CONFLICT = "conflict"
    UNFORESEEN = "unforeseen"
    WARNING = "warning"


_SHOWN: Final = {
    ProblemKind.UNREADABLE: "that cannot be read",
    ProblemKind.NO_TITLE: "without a title",
    ProblemKind.NO_TEXT: "without text",
    ProblemKind.NO_DATE: "without a date",
    ProblemKind.NO_TOPICS: "without a topic",
    ProblemKind.NO_SLUG: "without an address",
    ProblemKind.INVALID: "with an error that check would name",
    ProblemKind.CONFLICT: "with another text or fields than the existing article",
    ProblemKind.UNFORESEEN: "with an unforeseen error",
}
# The kind of the finding about a missing field. The text has no field.
_OF_FIELD: Final = {
    "": ProblemKind.NO_TEXT,
    "title": ProblemKind.NO_TITLE,
    "published": ProblemKind.NO_DATE,
    "topics": ProblemKind.NO_TOPICS,
    "slug": ProblemKind.NO_SLUG,
}


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """A problem of one entry of an input, or of the whole input if `entry` is ""."""

    file: str
    entry: str
    kind: ProblemKind
    problem: Problem

    def table(self) -> dict[str, Any]:
        """Return the problem as an object of the JSON report."""
        finding = self.problem.finding
        return {
            "file": self.file,
            "entry": self.entry,
            "kind": self.kind.value,
            "severity": finding.severity,
            "line": finding.line or None,
            "field": finding.field or None,
            "message": finding.message,
        }


@dataclass(frozen=True, slots=True)
class ReportedArticle:
    """What became of the article in one entry of an input. `published` is its date (UTC)."""

    file: str
    entry: str
    placed: Placement
    is_draft: bool
    published: datetime
    is_unmarked: bool = False

    def table(self) -> dict[str, Any]:
        """Return the article as an object of the JSON report."""
        placed = self.placed
        table: dict[str, Any] = {"file": self.file, "entry": self.entry, "outcome": placed.outcome.name.lower()}
        table |= {"path": str(placed.path), "draft": self.is_draft}
        table |= {"published": self.published.isoformat()}
        table |= {"differs": placed.differs} if placed.differs else {}
        table |= {"stays_draft": True} if placed.stays_draft else {}
        return table | ({"backup": str(placed.backup)} if placed.backup else {})


@dataclass(slots=True)
class ImportReport:
    """The result of an import. `reported` are the outcomes in the summary, also those with a count of 0.

    `inputs` are all inputs; the first `done` of them are read or skipped. `members` are the inputs in archives, as far
    as they are read or skipped. `started_at` is the time of the import (UTC). `is_finished` stays false if the import
    was interrupted. `set_aside` counts the articles and files that were not imported. `downloads` are uploaded files of
    the former site, as objects of the JSON report.
    """

    reported: tuple[Outcome, ...]
    inputs: list[Input] = field(default_factory=list)
    done: int = 0
    members: list[Input] = field(default_factory=list)
    is_finished: bool = False
    set_aside: int = 0
    articles: list[ReportedArticle] = field(default_factory=list)
    problems: dict[ReportedProblem, None] = field(default_factory=dict)
    skipped_entries: Counter[str] = field(default_factory=Counter)
    downloads: list[Mapping[str, str]] = field(default_factory=list)
    cut_feed_lines: int = 0
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    def note(self, file: str, completed: CompletedDraft, placed: Placement) -> None:
        """Add the outcome of an article that has a date."""
        draft, date = completed.draft, completed.published
        assert date is not None, "no article is made without one"
        entry = entry_of(file, draft.source)
        self.articles.append(ReportedArticle(file, entry, placed, draft.is_draft, date.at, draft.is_unmarked))
        if placed.stays_draft:
            message = (
                f"{placed.path} is a draft, and public in the source: it stays a draft (publish it there yourself)"
            )
            self.warn_of(file, draft.source, message)
        if placed.outcome is Outcome.CONFLICT:
            is_public = ", and stays public although it is a draft in the source" if "draft" in placed.differs else ""
            message = (
                f"{placed.path} differs in {', '.join(placed.differs)}, so it was left unchanged{is_public} "
                "(--force overwrites these fields, and keeps the former file beside it)"
            )
            self.fail(file, draft.source, ProblemKind.CONFLICT, [Finding(message=message)])

    def warn(self, file: str, draft: Draft, errors: Iterable[Finding] = ()) -> None:
        """Add the notes of a reader, without those that `errors` repeat. Count the cuts that entries of feeds have."""
        self.cut_feed_lines += sum(cut.kind == FEED for cut in draft.cuts)
        said = [error.message for error in errors]
        for note in draft.notes:
            if not any(note in message for message in said):
                self.warn_of(file, draft.source, note)

    def warn_of(self, file: str, source: str, message: str) -> None:
        """Add a warning about an input, or an entry in it."""
        self._add(file, source, ProblemKind.WARNING, Finding(message=message, severity="warning"))

    def skip(self, file: str, entry: SkippedEntry) -> None:
        """Count an entry that is not an article, and add the address of the file that it is about."""
        self.skipped_entries[entry.kind] += 1
        if entry.url:
            self.downloads.append({"file": file, "entry": entry_of(file, entry.source), "url": entry.url})

    def fail(self, file: str, source: str, kind: ProblemKind, findings: Iterable[Finding]) -> None:
        """Set aside an input, or one entry in it. Its findings are of one kind."""
        self.set_aside += 1
        for finding in findings:
            self._add(file, source, kind, finding)

    def fail_incomplete(self, file: str, source: str, missing: Iterable[Finding]) -> None:
        """Set aside an entry in which fields are missing."""
        self.set_aside += 1
        for finding in missing:
            self._add(file, source, _OF_FIELD.get(finding.field, ProblemKind.INVALID), finding)

    def _add(self, file: str, source: str, kind: ProblemKind, finding: Finding) -> None:
        # Two readers may find the same; the report has one line for each problem.
        added = ReportedProblem(file, entry_of(file, source), kind, Problem(path=source, finding=finding))
        self.problems.setdefault(added)

    @property
    def drafts(self) -> int:
        """Return how many of the written articles are drafts."""
        return sum(each.is_draft for each in self.articles if each.placed.outcome in _WRITTEN)

    @property
    def unmarked(self) -> tuple[int, int]:
        """Return how many of the written articles do not say who may read them, as drafts and as public articles."""
        drafts = [each.is_draft for each in self.articles if each.is_unmarked and each.placed.outcome in _WRITTEN]
        return sum(drafts), len(drafts) - sum(drafts)

    def lines(self) -> Iterator[str]:
        """Yield the report for people: a line for each problem, then the counts."""
        for reported in self.problems:
            yield str(reported.problem)
        skipped = [each for each in (*self.inputs, *self.members) if each.skipped]
        others = (each for each in skipped if each.is_of_other_kind)
        suffixes = Counter(PurePath(each.name).suffix or "without a suffix" for each in others)
        for suffix, count in sorted(suffixes.items()):
            yield f"skipped {count} {'file' if count == 1 else 'files'} {suffix}: not a kind that is read"
        for each in skipped:
            if not each.is_of_other_kind:
                yield f"skipped {each.name}: {each.skipped}"
        for article in self.articles:
            if article.placed.backup:
                yield f"{article.placed.path}: the former file is kept as {article.placed.backup.name}"
        if self.cut_feed_lines:
            yield f"cut: {self.cut_feed_lines:,} × lines that feeds add to a text, such as “Read more” (see --dry-run)"
        if self.skipped_entries:
            kinds = []
            for kind, count in self.skipped_entries.most_common():
                one, several = _SKIPPED.get(kind, (f"of type {kind}", f"of type {kind}"))
                kinds.append(f"{count} {one if count == 1 else several}")
            yield f"skipped: {', '.join(kinds)}"
        if self.downloads:
            number = f"{len(self.downloads):,} {'file' if len(self.downloads) == 1 else 'files'}"
            yield f"not downloaded: {number} of the former site (--report FILE lists their addresses as downloads)"
        yield from self.count_lines()

    def count_lines(self) -> Iterator[str]:
        """Yield the counts: of problems by kind, of drafts, of what an interruption left, and of outcomes."""
        found = Counter(reported.kind for reported in self.problems)
        failed = [f"{found[kind]:,} {_SHOWN[kind]}" for kind in _SHOWN if found[kind]]
        if failed:
            yield f"problems: {', '.join(failed)}"
        if warnings := found[ProblemKind.WARNING]:
            yield f"warnings: {warnings:,}"
        if self.drafts:
            yield f"drafts: {self.drafts:,} of the written articles, which are not published"
        hidden, shown = self.unmarked
        if hidden:
            cure = "write publish: true into those to publish, or publish all with --publish-unmarked"
            yield f"drafts without a marker: {hidden:,}, since notes are private unless they say publish: true ({cure})"
        if shown:
            yield f"public without a marker: {shown:,} notes, which did not say publish: true"
        written = [each for each in self.articles if each.placed.outcome in _WRITTEN]
        later = sorted((each.published, each.is_draft) for each in written if each.published > self.started_at)
        for is_draft, said in ((False, "written articles are published later"), (True, "drafts have a later date")):
            if dates := [date for date, each in later if each is is_draft]:
                yield f"scheduled: {len(dates):,} of the {said}, the first one {dates[0]:%Y-%m-%d}"
        if not self.is_finished:
            left = len(self.inputs) - self.done
            yield f"not finished: {left:,} of {len(self.inputs):,} inputs left (run the same command again to continue)"
        outcomes = Counter(each.placed.outcome for each in self.articles)
        counts = ", ".join(f"{outcomes[each]} {each.value}" for each in self.reported)
        yield f"{counts}, {self.set_aside} set aside"

    def json(self) -> str:
        """Return the report as JSON (docs/how-to/import.md describes its keys)."""
        outcomes = Counter(each.placed.outcome for each in self.articles)
        counts = {"inputs": len(self.inputs), "drafts": self.drafts, "set_aside": self.set_aside}
        counts |= {"unmarked_drafts": self.unmarked[0], "unmarked_public": self.unmarked[1]}
        done = (*self.inputs[: self.done], *self.members)
        states = [(each, "skipped" if each.skipped else "done") for each in done]
        states += [(each, "skipped" if each.skipped else "not done") for each in self.inputs[self.done :]]
        document = {
            "version": VERSION,
            "finished": self.is_finished,
            "counts": counts | {each.name.lower(): outcomes[each] for each in Outcome},
            "problem_counts": Counter(reported.kind.value for reported in self.problems),
            "skipped_entries": self.skipped_entries,
            "inputs": [{"file": each.name, "state": state, "reason": each.skipped or None} for each, state in states],
            "articles": [each.table() for each in self.articles],
            "problems": [each.table() for each in self.problems],
            "downloads": self.downloads,
        }
        # Undecodable bytes of file names are surrogates, which UTF-8 cannot hold.
        return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace").decode("utf-8")


_WRITTEN: Final = (Outcome.WRITTEN, Outcome.REPLACED, Outcome.SHOWN)


def entry_of(file: str, source: str) -> str:
    """Return the name of an entry without that of its file, or "" for the file itself."""
    return source.removeprefix(file).lstrip("#") if source.startswith(file) else source
