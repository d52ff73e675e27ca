"""An export in a folder: each file with compressed copies, which a web server sends in its place."""

import itertools
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Final

from feedsvc.documents.compression import compressed
from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.export.keys import MARK
from feedsvc.export.rendering import Content
from feedsvc.files import take_lock
from feedsvc.storage.atomic_write import cure_of

# The suffixes of compressed copies, and their content codings.
_COPIES: Final = {".br": "br", ".gz": "gzip"}
# Files under such names are of exports alone.
_PARTIAL: Final = f"{MARK}-"
# The processes of an export that was killed hold its locks until they have ended too, a moment later.
LOCK_SECONDS: Final = 2.0
# More files are durable sooner by a sync of everything.
_SYNCED_ALONE: Final = 200
# In nanoseconds.
_SECOND: Final = 10**9
_numbers: Final = itertools.count()


@dataclass(frozen=True)
class Folder:
    """The files of an export below `path`, which is absolute and no symbolic link.

    `private` are folders and files of the publication that no export may replace or make public.
    """

    path: Path
    private: Sequence[Path]
    # Compression runs beside the thread that renders, and so does the replacement of a file, which waits for the disk.
    writers: ClassVar[int] = 4
    is_written_by_processes: ClassVar[bool] = True
    takes_coding: ClassVar[bool] = False

    def __str__(self) -> str:
        """Return the path."""
        return str(self.path)

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """See `Target.reserved`. Publications with different state folders meet at the lock of the marker."""
        for place in map(Path.resolve, self.private):
            if place == self.path or self.path in place.parents or place in self.path.parents:
                raise ConfigError(f"{self}: the publication itself is in {place} (name another folder)")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            if not (self.path / MARK).exists():
                if any(self.path.iterdir()):
                    said = "there are files that no export wrote (name an empty folder, or create the empty file"
                    raise ConfigError(f"{self}: {said} {MARK} in it to let an export replace them)")
                (self.path / MARK).touch()
            lock = (self.path / MARK).open("r+b")
        except (FileExistsError, NotADirectoryError) as error:
            file = next(each for each in (self.path, *self.path.parents) if each.exists())
            raise ConfigError(f"{file}: is no folder (name another folder, or remove the file)") from error
        except OSError as error:
            raise self._failed(self.path, error) from error
        with lock:
            if not take_lock(lock, LOCK_SECONDS):
                raise ConfigError(f"{self}: another export writes to it (wait until it has ended, or stop it)")
            try:
                # A killed export leaves one. Its name ends with a number, those of pages with a suffix.
                for partial in self.path.rglob(f"{_PARTIAL}*[0-9]"):
                    partial.unlink(missing_ok=True)
            except OSError as error:
                raise self._failed(self.path, error) from error
            yield

    @property
    def ignores_case(self) -> bool:
        """Whether two names that differ in case alone are the same file, as on macOS."""
        return (self.path / MARK.upper()).exists()

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        """See `Target.put`. The compressed copies come first: a server sends them in place of the file.

        The stamp has a part for the file, and for each copy in the order of `_COPIES` if there are any.
        """
        path = self._path(key)
        try:
            modified, copies = _date(path, content, former), []
            for suffix, coding in _COPIES.items():
                copy = Path(f"{path}{suffix}")
                if content.is_compressible:
                    copies.append(_write(copy, [compressed(content.body, coding)], modified))
                else:
                    copy.unlink(missing_ok=True)
            return ",".join([_write(path, [content.body], modified), *copies])
        except OSError as error:
            raise self._failed(path, error) from error

    def put_pieces(self, key: str, pieces: Iterable[bytes], _media_type: str, _name: str) -> str:
        """See `Target.put_pieces`. A folder keeps neither the type nor the name."""
        try:
            return _write(self._path(key), pieces, None)
        except OSError as error:
            raise self._failed(self.path / key, error) from error

    def settle(self, keys: Collection[str]) -> None:
        """Make the files durable: each few by itself, since a sync of all waits for what other programs wrote."""
        if len(keys) > _SYNCED_ALONE:
            os.sync()
            return
        paths = [self.path / key for key in keys]
        copies = (Path(f"{path}{suffix}") for path in paths for suffix in _COPIES)
        for each in (*paths, *copies, *{path.parent for path in paths}):
            try:
                handle = os.open(each, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise self._failed(each, error) from error
            try:
                os.fsync(handle)
            except OSError as error:
                raise self._failed(each, error) from error
            finally:
                os.close(handle)

    def delete(self, keys: Collection[str]) -> None:
        """Delete files with their copies, and the folders that are empty then."""
        for key in keys:
            path = self._path(key)
            try:
                for suffix in ("", *_COPIES):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)
            except OSError as error:
                raise self._failed(path, error) from error
            for folder in list(path.parents)[: len(Path(key).parents) - 1]:
                with suppress(OSError):
                    folder.rmdir()

    def changed(self, stamps: Mapping[str, str]) -> set[str]:
        """See `Target.changed`. A copy that is missing or changed counts as the file: servers send it instead."""
        found = set()
        suffixes = ("", *_COPIES)
        for key, stamp in stamps.items():
            try:
                parts = zip(suffixes, stamp.split(","), strict=False)
                is_same = all(_stamp(os.lstat(f"{self.path}/{key}{suffix}")) == part for suffix, part in parts)
            except OSError:
                is_same = False
            if not is_same:
                found.add(key)
        return found

    def _path(self, key: str) -> Path:
        """Return the path of a file. Raises StoreUnavailable if a symbolic link makes it one of another folder."""
        path = self.path / key
        if not Path(os.path.realpath(path.parent)).is_relative_to(self.path):
            raise StoreUnavailable(f"{path}: a symbolic link leads out of the export (remove the link)")
        return path

    def _failed(self, path: Path, error: OSError) -> StoreUnavailable:
        return StoreUnavailable(f"{path}: it cannot be written: {error.strerror} ({cure_of(error)})")


def _date(path: Path, content: Content, former: str) -> int:
    """Return the modification time of a file that is about to be written, in nanoseconds since 1970.

    It is that of the document, but never that of other bytes or older: a client with If-Modified-Since alone would keep
    those (RFC 9110 §13.1.3). Another version, theme or slice changes bytes and not the date of the document. `former`
    is the stamp of the file as it was written last, which somebody else may have deleted or changed since.
    """
    # HTTP dates have whole seconds (RFC 9110 §5.6.7).
    modified = int(content.modified.timestamp())
    seen = [int(part.split(" ")[1]) for part in former.split(",") if part]
    for each in (path, *(Path(f"{path}{suffix}") for suffix in _COPIES)):
        with suppress(FileNotFoundError, NotADirectoryError):
            seen.append(each.lstat().st_mtime_ns)
    before = max(seen, default=-1)
    if modified > before // _SECOND:
        return modified * _SECOND
    with suppress(FileNotFoundError):
        if path.lstat().st_mtime_ns == before and path.read_bytes() == content.body:
            return before
    return max(int(time.time()), before // _SECOND + 1) * _SECOND


def _write(path: Path, pieces: Iterable[bytes], modified: int | None) -> str:
    """Write a file by a rename, and return its stamp. The web server may read it."""
    # Only the process with the lock of the export, its threads and its children write here.
    temporary = f"{path.parent}/{_PARTIAL}{os.getpid()}-{next(_numbers)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        handle = os.open(temporary, flags, 0o600)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(temporary, flags, 0o600)
    try:
        with os.fdopen(handle, "wb", buffering=0) as out:
            for piece in pieces:
                left = memoryview(piece)
                while left:
                    left = left[out.write(left) :]
            os.fchmod(handle, 0o644)
            if modified is not None:
                os.utime(handle, ns=(modified, modified))
            stamp = _stamp(os.fstat(handle))
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return stamp


def _stamp(found: os.stat_result) -> str:
    """Return the size and the time of a file."""
    return f"{found.st_size} {found.st_mtime_ns}"
