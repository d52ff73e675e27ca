"""The sync's notebook in the store: how each file looked when it was read, and what came of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from feedsvc.errors import Finding
from feedsvc.store.rows import dumps
from feedsvc.store.schema import addresses, articles, files


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


def load(connection: Connection, paths: Iterable[str] | None = None) -> dict[str, FileRecord]:
    """The records of `paths`, and of those to retry; all records when `paths` is None."""
    statement = select(files)
    if paths is not None:
        statement = statement.where(files.c.path.in_(list(paths)) | files.c.retry)
    return {row.path: _record(row) for row in connection.execute(statement)}


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
    for record in records:
        values = {
            "path": record.path,
            **_stamp(record.stamp),
            "fingerprint": record.fingerprint,
            "id": record.id,
            "asked": dumps({path: [_stamp(each[0]), each[1]] if each else None for path, each in record.asked.items()}),
            "problems": dumps(
                [
                    {"line": f.line, "field": f.field, "message": f.message, "severity": f.severity}
                    for f in record.problems
                ]
            ),
            "retry": record.retry,
        }
        connection.execute(upsert(files).values(values).on_conflict_do_update(index_elements=["path"], set_=values))


def forget(connection: Connection, paths: Iterable[str]) -> None:
    """Drop the records of files that are gone."""
    for path in paths:
        connection.execute(delete(files).where(files.c.path == path))


def holders(connection: Connection, ids: Iterable[str]) -> dict[str, set[str]]:
    """Which files publish each of these articles."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(files.c.id, files.c.path).where(files.c.id.in_(list(ids)))):
        found.setdefault(row.id, set()).add(row.path)
    return found


def claims(connection: Connection, slugs: Iterable[str]) -> dict[str, str]:
    """Which article claims each of these slugs, as its own or as an alias it declares."""
    rows = connection.execute(
        select(addresses.c.slug, addresses.c.id, articles.c.slug.label("own"), articles.c.data)
        .join(articles, articles.c.id == addresses.c.id)
        .where(addresses.c.slug.in_(list(slugs)))
    )
    return {row.slug: row.id for row in rows if row.slug == row.own or row.slug in json.loads(row.data)["aliases"]}
