"""The records of the sync in the store: how each file looked when it was last read, and the result."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, delete, or_, select, update

from feedsvc.errors import Finding, Problem
from feedsvc.store.portions import portions
from feedsvc.store.rows import dumps, loads, to_text, to_time
from feedsvc.store.schema import asks, files
from feedsvc.store.session import Session

# The folders in one statement: each is a condition of its own.
_FOLDERS: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What distinguishes versions of a file without reading it.

    `mtime_ns` is when the bytes or the inode last changed, in nanoseconds since 1970; 0 when it cannot be trusted.
    """

    size: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyOf:
    """What the store remembers of a file that is a copy by content: the id and path of its original, and digests.

    `head` is a digest of its language, date and title, `names` one of the canonical address and the original that it
    names, and `sketch` one of its text (see `sync.similarity`). The text cannot be read from them.
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
    there. `dead_links` are the addresses of this publication that its article links to and where nothing is; they begin
    with a slash, and have a fragment if the link has one. `retry` says that what is wrong with it may pass without a
    change of the file itself. `expires` is when its article is or was taken down, in UTC. `copy_of` is the original of
    a copy that is set aside, or was.
    """

    path: str
    stamp: Stamp
    fingerprint: str
    id: str | None
    asked: Mapping[str, tuple[Stamp, str] | None]
    dead_links: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()
    retry: bool = False
    expires: datetime | None = None
    copy_of: CopyOf | None = None


class FileRecords:
    """The records of files, inside one transaction."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection
        self._session = session

    def page(self) -> tuple[str, int]:
        """Return the epoch of the store and the number of writes to the records: another pair means other records."""
        return self._session.epoch(), int(self._session.meta("notebook") or 0)

    def _turn_page(self) -> None:
        self._session.put_meta("notebook", str(self.page()[1] + 1))

    def load(self) -> dict[str, FileRecord]:
        """Return all records, by path."""
        return self._records(select(files))

    def load_some(self, paths: Iterable[str]) -> dict[str, FileRecord]:
        """Return the records of these files, by path."""
        found: dict[str, FileRecord] = {}
        for some in portions(paths):
            found.update(self._records(select(files).where(files.c.path.in_(some))))
        return found

    def load_below(self, folders: Iterable[str]) -> dict[str, FileRecord]:
        """Return the records of the files in these folders and below them, by path."""
        found: dict[str, FileRecord] = {}
        for some in portions(folders, _FOLDERS):
            found.update(self._records(select(files).where(or_(*(_are_below(files.c.path, each) for each in some)))))
        return found

    def load_retried(self) -> dict[str, FileRecord]:
        """Return the records of files that are tried again at each sync, by path."""
        return self._records(select(files).where(files.c.retry.is_(True)))

    def load_wrong(self) -> list[FileRecord]:
        """Return the records of files with findings."""
        return list(self._records(select(files).where(files.c.problems != "[]")).values())

    def problems(self) -> Iterator[Problem]:
        """Yield the findings about all files. Equal messages are one object, since a report keeps all of them."""
        once: dict[str, str] = {}
        for row in self._connection.execute(select(files.c.path, files.c.problems).where(files.c.problems != "[]")):
            for each in loads(row.problems):
                each.update({name: once.setdefault(each[name], each[name]) for name in ("message", "severity")})
                yield Problem(path=row.path, finding=Finding(**each))

    def load_broken(self) -> dict[str, FileRecord]:
        """Return the records of files that publish nothing and have an error in them, by path."""
        wrong = self._records(select(files).where(files.c.problems != "[]", files.c.id.is_(None)))
        return {path: each for path, each in wrong.items() if any(f.severity == "error" for f in each.problems)}

    def count_unpublished(self) -> tuple[int, int]:
        """Return the numbers of files that have no errors and publish nothing: drafts, and those that have expired."""
        rows = self._connection.execute(select(files.c.problems, files.c.expires).where(files.c.id.is_(None)))
        good = [row.expires for row in rows if all(each["severity"] != "error" for each in loads(row.problems))]
        drafts = good.count(None)
        return drafts, len(good) - drafts

    def clear_ids(self, ids: Iterable[str]) -> None:
        """Note that the files that published these articles publish them no more, though they are as they were."""
        for some in portions(ids):
            self._connection.execute(update(files).where(files.c.id.in_(some)).values(id=None))
            self._turn_page()

    def dependents(self, asked: Iterable[str]) -> set[str]:
        """Return the files that use one of these files, or one below it."""
        found: set[str] = set()
        for some in portions(asked, _FOLDERS):
            below = (_are_below(asks.c.asked, each) for each in some)
            found.update(self._connection.scalars(select(asks.c.path).where(or_(asks.c.asked.in_(some), *below))))
        return found

    def dependents_by_name(self, names: Iterable[str]) -> set[str]:
        """Return the paths of the files that asked for one of these names."""
        found: set[str] = set()
        for some in portions(set(names)):
            found.update(self._connection.scalars(select(asks.c.path).where(asks.c.asked.in_(some))))
        return found

    def dead_links(self) -> list[str]:
        """Return the dead links of all files, each once."""
        # Dead links are in the same table as paths below the content folder, which do not begin with a slash.
        return list(self._connection.scalars(select(asks.c.asked).where(_are_below(asks.c.asked, "")).distinct()))

    def publishers(self, ids: Iterable[str]) -> dict[str, set[str]]:
        """Return, by id, the files that publish it."""
        found: dict[str, set[str]] = {}
        for some in portions(ids):
            for row in self._connection.execute(select(files.c.id, files.c.path).where(files.c.id.in_(some))):
                found.setdefault(row.id, set()).add(row.path)
        return found

    def _records(self, query: Select[Any]) -> dict[str, FileRecord]:
        return {row.path: _record(row) for row in self._connection.execute(query)}

    def save(self, records: Sequence[FileRecord]) -> None:
        """Save records, in place of older ones."""
        rows = [_row(record) for record in records]
        if rows:
            self._session.put(files, rows)
            gone = [{"gone": each.path} for each in records]
            self._connection.execute(delete(asks).where(asks.c.path == bindparam("gone")), gone)
            asked = [
                {"asked": asked, "path": each.path} for each in records for asked in {*each.asked, *each.dead_links}
            ]
            self._session.insert(asks, asked)
            self._turn_page()

    def forget(self, paths: Iterable[str]) -> None:
        """Delete the records of files that are gone."""
        rows = [{"gone": path} for path in paths]
        if rows:
            for table in (files, asks):
                self._connection.execute(delete(table).where(table.c.path == bindparam("gone")), rows)
            self._turn_page()

    def reidentify(self, old: str, new: str) -> None:
        """Note that the files that published `old` publish `new`, and drop warnings about their ids."""
        for record in self._records(select(files).where(files.c.id == old)).values():
            kept = tuple(each for each in record.problems if (each.field, each.severity) != ("id", "warning"))
            self.save([replace(record, id=new, problems=kept)])


def _are_below(path: Column[str], folder: str) -> ColumnElement[bool]:
    return and_(path > f"{folder}/", path < f"{folder}0")  # "0" is what follows "/"


def _record(row: object) -> FileRecord:
    fields = row._mapping  # type: ignore[attr-defined]
    stored = loads(fields["asked"])
    asked = {path: (Stamp(**each[0]), each[1]) if each else None for path, each in stored.items() if path[:1] != "/"}
    return FileRecord(
        path=fields["path"],
        stamp=Stamp(size=fields["size"], mtime_ns=fields["mtime_ns"], inode=fields["inode"]),
        fingerprint=fields["fingerprint"],
        id=fields["id"],
        asked=asked,
        dead_links=tuple(each for each in stored if each[:1] == "/"),
        problems=tuple(Finding(**each) for each in loads(fields["problems"])),
        retry=fields["retry"],
        expires=to_time(fields["expires"]) if fields["expires"] else None,
        copy_of=copy_of(loads(fields["copy_of"])) if fields["copy_of"] else None,
    )


def copy_of(data: dict[str, Any]) -> CopyOf:
    """Return the CopyOf whose fields are `data`, as JSON has them."""
    return CopyOf(**data | {"sketch": tuple(data["sketch"])})


def _stamp(stamp: Stamp) -> dict[str, int]:
    return {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "inode": stamp.inode}


def _row(record: FileRecord) -> dict[str, object]:
    problems = [
        {"line": f.line, "field": f.field, "message": f.message, "severity": f.severity} for f in record.problems
    ]
    asked: dict[str, object] = {
        path: [_stamp(each[0]), each[1]] if each else None for path, each in record.asked.items()
    }
    asked |= dict.fromkeys(record.dead_links)
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
