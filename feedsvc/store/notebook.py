"""The sync's notebook in the store: how each file looked when it was read, and what came of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedsvc.errors import Finding
from feedsvc.store.rows import dumps
from feedsvc.store.schema import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells a file's versions apart without reading it. `mtime_ns` is 0 when it cannot be trusted."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file. `id` is the article it publishes (its last good version when it is broken now), if any.

    `asked` are the paths beside it that it asked for, with their stamp and public name, or None for those that are not
    there. `retry` says that what is wrong with it may pass without a change of the file itself.
    """

    path: str
    stamp: Stamp
    fingerprint: str
    id: str | None
    asked: Mapping[str, tuple[Stamp, str] | None]
    problems: tuple[Finding, ...] = ()
    retry: bool = False


def load(connection: Connection) -> dict[str, FileRecord]:
    """All records by path."""
    return {row.path: _record(row) for row in connection.execute(select(files))}


def _record(row: object) -> FileRecord:
    fields = row._mapping  # type: ignore[attr-defined]
    asked = {path: (Stamp(**each[0]), each[1]) if each else None for path, each in json.loads(fields["asked"]).items()}
    return FileRecord(
        path=fields["path"],
        stamp=Stamp(size=fields["size"], mtime_ns=fields["mtime_ns"], inode=fields["inode"]),
        fingerprint=fields["fingerprint"],
        id=fields["id"],
        asked=asked,
        problems=tuple(Finding(**each) for each in json.loads(fields["problems"])),
        retry=fields["retry"],
    )


def _stamp(stamp: Stamp) -> dict[str, int]:
    return {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "inode": stamp.inode}


def save(connection: Connection, records: Iterable[FileRecord]) -> None:
    """Write records over the older ones."""
    rows = [_row(record) for record in records]
    if rows:
        statement = upsert(files)
        newer = {name: statement.excluded[name] for name in rows[0]}
        connection.execute(statement.on_conflict_do_update(index_elements=["path"], set_=newer), rows)


def _row(record: FileRecord) -> dict[str, object]:
    problems = [
        {"line": f.line, "field": f.field, "message": f.message, "severity": f.severity} for f in record.problems
    ]
    asked = {path: [_stamp(each[0]), each[1]] if each else None for path, each in record.asked.items()}
    return {
        "path": record.path,
        **_stamp(record.stamp),
        "fingerprint": record.fingerprint,
        "id": record.id,
        "asked": dumps(asked),
        "problems": dumps(problems),
        "retry": record.retry,
    }


def forget(connection: Connection, paths: Iterable[str]) -> None:
    """Drop the records of files that are gone."""
    rows = [{"gone": path} for path in paths]
    if rows:
        connection.execute(delete(files).where(files.c.path == bindparam("gone")), rows)
