"""Media files in a folder of this machine, or in one that several machines share."""

import hashlib
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from feedsvc.errors import StorageUnavailable, StoreUnavailable
from feedsvc.files import FileId, changed_at, file_id, length_of, lengths_in
from feedsvc.media.storage import PUBLIC_NAME, SourceLost
from feedsvc.terminal import logger

log = logger("feedsvc.media")

_PARTIAL: Final = ".copy-"
_PUBLIC_OR_PARTIAL: Final = re.compile(rf"{PUBLIC_NAME.pattern}|{re.escape(_PARTIAL)}.+")
# Up to this number of files, looking for each is quicker than reading a large folder.
_FEW: Final = 64
_CURE: Final = "let the user of this process, or its group, read the media folder"


@dataclass(frozen=True)
class MediaFolder:
    """The media files in the folder `path`, which is created when the first file is put."""

    path: Path
    # Copying is bound by one disk.
    concurrency = 1
    is_remote = False
    problem = ""

    def __str__(self) -> str:
        """Return the path of the folder."""
        return str(self.path)

    def put(self, name: str, _media_type: str, pieces: Iterable[bytes], /) -> None:
        """See `MediaStorage.put`. The type is in the store."""
        self.prepare()
        try:
            self._put(name, pieces)
        except OSError as error:
            raise StoreUnavailable(f"{self}: {error.strerror} (free disk space, or make it writable)") from error

    def _put(self, name: str, pieces: Iterable[bytes]) -> None:
        target = self.path / name
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix=_PARTIAL)
        digest = hashlib.sha256()
        try:
            with os.fdopen(handle, "wb") as out:
                for piece in pieces:
                    digest.update(piece)
                    out.write(piece)
                if not digest.hexdigest().startswith(target.stem):
                    raise SourceLost("it changed while it was copied")
                out.flush()
                os.fsync(out.fileno())
            # The web server reads the file as a member of its group, which a setgid folder passes on to its files.
            os.chmod(temporary, 0o640)
            os.replace(temporary, target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise

    def missing(self, lengths: Mapping[str, int]) -> set[str]:
        """See `MediaStorage.missing`. Where there is no folder, all are missing."""
        try:
            if len(lengths) > _FEW:
                found: Mapping[str, int | None] = lengths_in(self.path)
            else:
                found = {name: length_of(self.path / name) for name in lengths}
        except OSError as error:
            raise StorageUnavailable(f"{self} cannot be read: {error.strerror} ({_CURE})") from error
        return {name for name, length in lengths.items() if found.get(name) != length}

    def unreadable(self, names: Collection[str]) -> set[str]:
        """See `MediaStorage.unreadable`."""
        has_effective = os.access in os.supports_effective_ids
        files = {name: self.path / name for name in names}
        return {
            name
            for name, file in files.items()
            if os.path.exists(file) and not os.access(file, os.R_OK, effective_ids=has_effective)
        }

    def delete(self, names: Collection[str]) -> None:
        """See `MediaStorage.delete`."""
        for name in names:
            try:
                (self.path / name).unlink(missing_ok=True)
            except OSError as error:
                log.warning("%s: %s (no article uses it; delete it by hand)", self.path / name, error.strerror)

    def delete_others(self, named: Set[str]) -> None:
        """See `MediaStorage.delete_others`."""
        try:
            for file in self.path.iterdir() if self.path.is_dir() else ():
                if file.name not in named and _PUBLIC_OR_PARTIAL.fullmatch(file.name):
                    file.unlink(missing_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"{self}: {error.strerror} (free disk space, or make it writable)") from error

    def prepare(self) -> None:
        """Create the folder if it does not exist."""
        try:
            self.path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self.path.mkdir(mode=0o750, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"{self}: {error.strerror} (create a writable folder there)") from error

    def open(self, name: str, _length: int, /) -> Path:
        """Return the path of a file."""
        path = self.path / name
        try:
            is_there = path.is_file()
        except OSError as error:
            raise StoreUnavailable(f"{name}: {error.strerror} ({_CURE})") from error
        if not is_there:
            raise StoreUnavailable(f"{name} is missing from the media folder (feedsvc sync makes it again)")
        return path.resolve()

    def beginning(self, name: str) -> Path:
        """Return the path of a file, which may not exist."""
        return self.path / name

    def identity(self) -> FileId | None:
        """Return device and inode of the folder."""
        return file_id(self.path)

    def changed_at(self) -> int:
        """Return when a name was last added to the folder or deleted from it."""
        return changed_at(self.path)
