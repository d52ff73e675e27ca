"""The preview of an import: what was found, kept and cut, and why. Pure; colours are ANSI escape sequences."""

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from feedsvc.articles.metadata.front_matter_writer import written_date
from feedsvc.articles.metadata.shown_fields import as_texts
from feedsvc.errors import printable
from feedsvc.importing.analysis.topics import TopicScore
from feedsvc.importing.complete import CompletedDraft
from feedsvc.importing.draft import Block, Cut
from feedsvc.importing.output.content_folder import Outcome, Placement
from feedsvc.importing.settings import ImportSettings
from feedsvc.terminal import styled
from feedsvc.text import shorten

_COLUMNS = 72
_MAX_WORDS = 6


def preview(completed: CompletedDraft, settings: ImportSettings, placed: Placement | None = None) -> Iterator[str]:
    """Yield the lines of a preview. `placed` is where the article would be written; None if there is none."""
    draft = completed.draft
    missing = {finding.field: finding.message for finding in completed.missing}
    yield styled(draft.source, bold=True)
    yield from _field("title", draft.title) if draft.title else _missing_field("title", missing)
    yield from _field("summary", shorten(draft.summary, _COLUMNS))
    if completed.published:
        date = written_date(completed.published.at, ZoneInfo(settings.site.timezone))
        yield from _field("published", f"{date} (from {completed.published.found_in})")
    else:
        yield from _missing_field("published", missing)
    yield from _field("language", f"{completed.language} ({completed.language_reason})")
    yield from _field("topics", ", ".join(draft.topics)) if draft.topics else _missing_field("topics", missing)
    for topic_score in completed.topic_scores:
        yield f"            {describe_score(topic_score)}"
    yield from _field("tags", ", ".join(draft.tags))
    yield from _field("authors", ", ".join(person.name for person in draft.authors))
    yield from _field("disclosure", shorten(draft.disclosure, _COLUMNS))
    for name, value in draft.extra.items():
        yield from _field(name, shorten(", ".join(as_texts(value)), _COLUMNS))
    # In the order of the source, as far as it is known.
    pieces: list[Block | Cut] = sorted((*draft.blocks, *draft.cuts), key=lambda each: each.line)
    for piece in pieces:
        text = shorten(piece.text, _COLUMNS) or "(no text)"
        if isinstance(piece, Cut):
            yield f"  {styled(f'- {text}', fg='red')}  {styled(f'{piece.kind}: {piece.reason}', dim=True)}"
        else:
            yield styled(f"  + {'#' * piece.level}{' ' if piece.level else ''}{text}", fg="green", bold=piece.level > 0)
    for note in draft.notes:
        yield styled(f"  ! {note}", fg="yellow")
    if placed:
        differs = f"exists, and differs in: {', '.join(placed.differs)}"
        state = {Outcome.WRITTEN: "new", Outcome.UNCHANGED: "exists, and is the same"}.get(placed.outcome, differs)
        yield from _field("file", f"{placed.path} ({state})")


def _missing_field(name: str, missing: Mapping[str, str]) -> Iterator[str]:
    if name in missing:
        yield styled(f"  {name:<11}missing: {missing[name]}", fg="red")


def describe_score(topic_score: TopicScore) -> str:
    """Return a topic's points, with the keywords that gave and took them."""
    words = ", ".join(f"{word} {points:+g}" for word, points in topic_score.words[:_MAX_WORDS])
    more = f", … {len(topic_score.words) - _MAX_WORDS} more" if len(topic_score.words) > _MAX_WORDS else ""
    mark = styled("✓", fg="green") if topic_score.chosen else styled("·", dim=True)
    points = f"{topic_score.topic} {topic_score.score:g} of {topic_score.needed:g}{f': {words}{more}' if words else ''}"
    return f"{mark} {printable(points)}"


def _field(name: str, text: str) -> Iterator[str]:
    if text:
        yield f"  {styled(f'{name:<11}', fg='cyan')}{printable(text)}"
