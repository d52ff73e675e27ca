"""Ids that files do not write, or not as they are published: what is said of them, and how they get into the files."""

import os
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from feedsvc.articles.identity import with_id
from feedsvc.errors import ArticleError, Finding, Problem
from feedsvc.files import open_regular
from feedsvc.sync.reading import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwritten:
    """A file that publishes an id which a new store would not give it. `says` is the other id it writes, if any."""

    path: str
    id: str
    field: str
    line: int
    says: str | None


def with_published_id(outcome: Outcome, id_: str | None) -> Outcome:
    """An outcome that publishes the article `id_`, and a warning where the file writes another id."""
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
    """The files whose published id is neither the one they write nor the default."""
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
                    says=identity.written,
                )
            )
    return found


def write_id(content: Path, unwritten: Unwritten) -> Problem | None:
    """Write an id into its file, all of it or nothing; every other byte stays. Returns why that cannot be done.

    A file that writes another id is left as it is: its editor decides.
    """
    if unwritten.says is not None:
        message = f"writes {unwritten.says!r}, and is left as it is (write {unwritten.field} instead)"
        return _problem(unwritten, message)
    try:
        # A symlink stays one: what it leads to is written. A name that is not UTF-8 is not looked up by its text.
        file = (content / unwritten.path).resolve(strict=True)
        with open_regular(file) as stream:
            data = stream.read()
        changed = with_id(data, unwritten.id)
        _replace(file, data, changed)
    except ArticleError as error:
        return Problem(path=unwritten.path, finding=error.findings[0])
    except OSError as error:
        return _problem(unwritten, f"cannot be written: {error.strerror} (write {unwritten.field} yourself)")
    return None


def _problem(unwritten: Unwritten, message: str) -> Problem:
    return Problem(path=unwritten.path, finding=Finding(line=unwritten.line, field="id", message=message))


def _replace(file: Path, before: bytes, after: bytes) -> None:
    """Replace a file's content by a rename, unless somebody else wrote it meanwhile. Raises OSError."""
    # Hidden names are not read, so no sync takes the new file for an article.
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".id-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(after)
            out.flush()
            os.fsync(out.fileno())
        shutil.copymode(file, temporary)
        if file.read_bytes() != before:
            raise BlockingIOError(0, "somebody else is writing it")
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
