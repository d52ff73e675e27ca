"""The preview of an import: what was found, kept and cut, and why. Pure; colours are ANSI escape sequences."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from feedsvc.errors import printable
from feedsvc.importing.analysis.topics import Verdict
from feedsvc.importing.complete import Completed
from feedsvc.importing.draft import Block, Cut, Draft
from feedsvc.importing.output.article_file import written_date
from feedsvc.importing.output.content_folder import Outcome, Placed
from feedsvc.importing.settings import ImportSettings
from feedsvc.terminal import styled
from feedsvc.text import shorten

_COLUMNS = 72
_WORDS = 6


def preview(completed: Completed, settings: ImportSettings, placed: Placed | None = None) -> Iterator[str]:
    """Yield the lines of a preview. `placed` is where the article would be written; None if there is none."""
    draft = completed.draft
    missing = {finding.field: finding.message for finding in completed.missing}
    yield styled(draft.source, bold=True)
    yield from _named("title", draft.title) if draft.title else _wanted("title", missing)
    yield from _named("summary", shorten(draft.summary, _COLUMNS))
    if completed.published:
        date = written_date(completed.published.at, ZoneInfo(settings.site.timezone))
        yield from _named("published", f"{date} (from {completed.published.found_in})")
    else:
        yield from _wanted("published", missing)
    yield from _named("language", f"{completed.language} ({completed.why_language})")
    yield from _named("topics", ", ".join(draft.topics)) if draft.topics else _wanted("topics", missing)
    for verdict in completed.verdicts:
        yield f"            {explained(verdict)}"
    yield from _named("tags", ", ".join(draft.tags))
    yield from _named("authors", ", ".join(person.name for person in draft.authors))
    yield from _named("disclosure", shorten(draft.disclosure, _COLUMNS))
    yield from _body(draft)
    for note in draft.notes:
        yield styled(f"  ! {note}", fg="yellow")
    if placed:
        yield from _named("file", f"{placed.path} ({_would(placed)})")


def _would(placed: Placed) -> str:
    said = {Outcome.WRITTEN: "new", Outcome.UNCHANGED: "exists, and is the same"}
    return said.get(placed.outcome) or f"exists, and differs in: {', '.join(placed.differs)}"


def _wanted(name: str, missing: Mapping[str, str]) -> Iterator[str]:
    if name in missing:
        yield styled(f"  {name:<11}missing: {missing[name]}", fg="red")


def explained(verdict: Verdict) -> str:
    """Return a topic's points, with the keywords that gave and took them."""
    words = ", ".join(f"{word} {points:+g}" for word, points in verdict.words[:_WORDS])
    more = f", … {len(verdict.words) - _WORDS} more" if len(verdict.words) > _WORDS else ""
    mark = styled("✓", fg="green") if verdict.chosen else styled("·", dim=True)
    said = f"{verdict.topic} {verdict.score:g} of {verdict.needed:g}{f': {words}{more}' if words else ''}"
    return f"{mark} {printable(said)}"


def _named(name: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {styled(f'{name:<11}', fg='cyan')}{printable(text)}"


def _body(draft: Draft) -> Iterator[str]:
    """Yield the kept and the cut parts in the order of the source, as far as it is known."""
    pieces: list[Block | Cut] = [*draft.blocks, *draft.cuts]
    for piece in sorted(pieces, key=lambda each: each.line):
        text = shorten(piece.text, _COLUMNS) or "(no text)"
        if isinstance(piece, Cut):
            yield f"  {styled(f'- {text}', fg='red')}  {styled(f'{piece.kind}: {piece.why}', dim=True)}"
        else:
            yield styled(f"  + {'#' * piece.level}{' ' if piece.level else ''}{text}", fg="green", bold=piece.level > 0)
