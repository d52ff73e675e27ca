"""The sync's notebook in the store: how each file looked when it was read, and what came of it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, bindparam, delete, insert, select, update

from feedsvc.errors import Finding
from feedsvc.store.rows import dumps, to_text, to_time
from feedsvc.store.schema import asks, files, meta
from feedsvc.store.sqlite.engine import portions, put


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What tells a file's versions apart without reading it. `mtime_ns` is 0 when it cannot be trusted."""

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOf:
    """What is remembered of a file that is a copy by what it says: the id and the path of its original, and itself.

    `head` is a digest of its language, date and title, `names` one of the canonical address and the original that it
    names, and `sketch` stands for its text (see `sync.similarity`). None of them tells the text itself.
    """

    id: str
    path: str
    head: str
    names: str
    sketch: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """One file. `id` is the article it publishes (its last good version when it is broken now), if any.

    `asked` are the paths beside it that it asked for, with their stamp and public name, or None for those that are not
    there. `retry` says that what is wrong with it may pass without a change of the file itself. `expires` is when its
    article is or was taken down, in UTC. `copy_of` is the original of a copy that is set aside, or was.
    """

    path: str
    stamp: Stamp
    fingerprint: str
    id: str | None
    asked: Mapping[str, tuple[Stamp, str] | None]
    problems: tuple[Finding, ...] = ()
    retry: bool = False
    expires: datetime | None = None
    copy_of: CopyOf | None = None


def page(connection: Connection) -> int:
    """How often the notebook was written to."""
    return int(connection.scalar(select(meta.c.value).where(meta.c.key == "notebook")) or 0)


def _turn_page(connection: Connection) -> None:
    connection.execute(put(meta), {"key": "notebook", "value": str(page(connection) + 1)})


def load(connection: Connection) -> dict[str, FileRecord]:
    """All records by path."""
    return _records(connection, select(files))


def load_some(connection: Connection, paths: Iterable[str]) -> dict[str, FileRecord]:
    """The records of these files, by path."""
    found: dict[str, FileRecord] = {}
    for some in portions(paths):
        found.update(_records(connection, select(files).where(files.c.path.in_(some))))
    return found


def load_below(connection: Connection, folder: str) -> dict[str, FileRecord]:
    """The records of the files in a folder and below it, by path."""
    return _records(connection, select(files).where(*_are_below(files.c.path, folder)))


def load_retried(connection: Connection) -> dict[str, FileRecord]:
    """The records of files that are tried again at each sync, by path."""
    return _records(connection, select(files).where(files.c.retry.is_(True)))


def load_wrong(connection: Connection) -> list[FileRecord]:
    """The records of files with something wrong in them."""
    return list(_records(connection, select(files).where(files.c.problems != "[]")).values())


def count_drafts(connection: Connection) -> int:
    """How many files are read and publish nothing, though nothing is wrong with them."""
    rows = connection.scalars(select(files.c.problems).where(files.c.id.is_(None), files.c.expires.is_(None)))
    return sum(all(each["severity"] != "error" for each in json.loads(text)) for text in rows)


def count_expired(connection: Connection) -> int:
    """How many files publish nothing any more, since their time is over."""
    expired = (files.c.id.is_(None), files.c.expires.is_not(None))
    rows = connection.scalars(select(files.c.problems).where(*expired))
    return sum(all(each["severity"] != "error" for each in json.loads(text)) for text in rows)


def disown(connection: Connection, ids: Iterable[str]) -> None:
    """Note that the files that published these articles publish them no more, though they are as they were."""
    for some in portions(ids):
        connection.execute(update(files).where(files.c.id.in_(some)).values(id=None))
        _turn_page(connection)


def askers(connection: Connection, asked: str) -> set[str]:
    """The files that asked for this one, or for one below it."""
    at = select(asks.c.path).where(asks.c.asked == asked)
    below = select(asks.c.path).where(*_are_below(asks.c.asked, asked))
    return {*connection.scalars(at), *connection.scalars(below)}


def askers_by_name(connection: Connection, names: Iterable[str]) -> set[str]:
    """The files that asked for one of these keys."""
    found: set[str] = set()
    for some in portions(set(names)):
        found.update(connection.scalars(select(asks.c.path).where(asks.c.asked.in_(some))))
    return found


def publishers(connection: Connection, ids: Iterable[str]) -> dict[str, set[str]]:
    """By id: the files that publish it."""
    found: dict[str, set[str]] = {}
    for some in portions(ids):
        for row in connection.execute(select(files.c.id, files.c.path).where(files.c.id.in_(some))):
            found.setdefault(row.id, set()).add(row.path)
    return found


def _are_below(path: Column[str], folder: str) -> tuple[ColumnElement[bool], ...]:
    return path > f"{folder}/", path < f"{folder}0"  # "0" is what follows "/"


def _records(connection: Connection, query: Select[Any]) -> dict[str, FileRecord]:
    return {row.path: _record(row) for row in connection.execute(query)}


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
        expires=to_time(fields["expires"]) if fields["expires"] else None,
        copy_of=_copy_of(json.loads(fields["copy_of"])) if fields["copy_of"] else None,
    )


def _copy_of(data: dict[str, Any]) -> CopyOf:
    return CopyOf(**data | {"sketch": tuple(data["sketch"])})


def _stamp(stamp: Stamp) -> dict[str, int]:
    return {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "inode": stamp.inode}


def save(connection: Connection, records: Sequence[FileRecord]) -> None:
    """Write records over the older ones."""
    rows = [_row(record) for record in records]
    if rows:
        connection.execute(put(files), rows)
        _save_asks(connection, records)
        _turn_page(connection)


def _save_asks(connection: Connection, records: Sequence[FileRecord]) -> None:
    connection.execute(delete(asks).where(asks.c.path == bindparam("gone")), [{"gone": each.path} for each in records])
    rows = [{"asked": asked, "path": each.path} for each in records for asked in each.asked]
    if rows:
        connection.execute(insert(asks), rows)


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
        "expires": to_text(record.expires) if record.expires else None,
        "copy_of": dumps(asdict(record.copy_of)) if record.copy_of else None,
    }


def forget(connection: Connection, paths: Iterable[str]) -> None:
    """Drop the records of files that are gone."""
    rows = [{"gone": path} for path in paths]
    if rows:
        for table in (files, asks):
            connection.execute(delete(table).where(table.c.path == bindparam("gone")), rows)
        _turn_page(connection)


def reidentify(connection: Connection, old: str, new: str) -> None:
    """The files that published `old` publish `new`; what was said of their ids no longer holds."""
    for record in _records(connection, select(files).where(files.c.id == old)).values():
        kept = tuple(each for each in record.problems if (each.field, each.severity) != ("id", "warning"))
        save(connection, [replace(record, id=new, problems=kept)])
