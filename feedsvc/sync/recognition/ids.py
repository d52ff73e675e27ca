"""Find published ids that are missing from front matter or differ from it, and write them into the files."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feedsvc.articles.identity import with_id
from feedsvc.errors import ArticleError, Finding, Problem
from feedsvc.files import open_regular
from feedsvc.storage.atomic_write import cure_of, replace_unchanged
from feedsvc.sync.reading import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A file whose published id would differ in a new store. `other_id` is the id in its front matter, or None."""

    path: str
    id: str
    field: str
    line: int
    other_id: str | None


def with_published_id(outcome: Outcome, id_: str | None) -> Outcome:
    """Return the outcome with the article id `id_`, and with a warning if the file writes another id."""
    if outcome.parsed is None or id_ is None:
        return outcome
    parsed, record = outcome.parsed, outcome.record
    if id_ != parsed.article.id:
        parsed = replace(parsed, article=replace(parsed.article, id=id_))
        record = replace(record, id=id_)
    written = parsed.identity.written
    if written not in (None, id_):
        command = shlex.join(["feedsvc", "reidentify", id_, str(written)])
        message = (
            f"{written!r} is not applied, since readers know this article as {id_!r} "
            f"(write {parsed.identity.field(id_)} in line {parsed.identity.line}; or, to begin a new article for "
            f"all subscribers: {command})"
        )
        finding = Finding(line=parsed.identity.line, field="id", message=message, severity="warning")
        record = replace(record, problems=(*record.problems, finding))
    return replace(outcome, parsed=parsed, record=record)


def unwritten_ids(settled: Sequence[Outcome]) -> list[Unwritten]:
    """Return the files whose published id is neither the one in front matter nor the default."""
    found = []
    for outcome in settled:
        parsed = outcome.parsed
        if parsed is not None and not parsed.draft and parsed.article.id != parsed.identity.id:
            identity, id_ = parsed.identity, parsed.article.id
            found.append(
                Unwritten(
                    path=outcome.record.path,
                    id=id_,
                    field=identity.field(id_),
                    line=identity.line,
                    other_id=identity.written,
                )
            )
    return found


def write_id(content: Path, unwritten: Unwritten) -> Problem | None:
    """Write an id into its file atomically; all other bytes stay. Return the problem that prevents it, or None.

    A file that writes another id stays unchanged, since its editor has to decide.
    """
    if unwritten.other_id is not None:
        message = f"has another id, {unwritten.other_id!r}, so it was not changed (write {unwritten.field} instead)"
        return _problem(unwritten, message)
    try:
        # The target of a symlink is written, so that the symlink stays. A name that is not UTF-8 is not found.
        file = (content / unwritten.path).resolve(strict=True)
        with open_regular(file) as stream:
            data = stream.read()
        changed = with_id(data, unwritten.id)
        replace_unchanged(file, data, changed)
    except ArticleError as error:
        return Problem(path=unwritten.path, finding=error.findings[0])
    except OSError as error:
        cure = cure_of(error, f"write {unwritten.field} yourself")
        return _problem(unwritten, f"cannot be written: {error.strerror} ({cure})")
    return None


def _problem(unwritten: Unwritten, message: str) -> Problem:
    return Problem(path=unwritten.path, finding=Finding(line=unwritten.line, field="id", message=message))
