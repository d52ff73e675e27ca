"""The files beside articles: found, hashed once, copied to the media folder under a name that is their content."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from feedsvc.articles.assets import Asset, asset_of, media_type_of
from feedsvc.errors import StoreUnavailable
from feedsvc.store.notebook import Stamp
from feedsvc.sync.files import open_regular, stamp_of, trusted


class AssetFinder:
    """Looks for assets below the content folder; remembers what it found for one sync.

    `sources` are the files of those that were found, by public name.
    """

    def __init__(self, content: Path) -> None:
        self._content = content
        self._limit = content.resolve()
        self._found: dict[str, tuple[Asset, Stamp] | None] = {}
        self.sources: dict[str, Path] = {}

    def find(self, path: str) -> Asset | None:
        """The asset at a path relative to content/; None when there is none of a kind that is served."""
        found = self._look(path)
        return found[0] if found else None

    def names(self, folder: str) -> list[str]:
        """The names of the files in a folder relative to content/ that could be served."""
        try:
            return sorted(each for each in os.listdir(self._content / folder) if media_type_of(each))
        except (OSError, ValueError):
            return []

    def stamp(self, path: str) -> tuple[Stamp, str] | None:
        """The stamp and public name of what `find` found there."""
        found = self._look(path)
        return (found[1], found[0].name) if found else None

    def unchanged(self, path: str, known: tuple[Stamp, str] | None) -> bool:
        """Whether a path still looks as it did, without reading it."""
        if known is None:
            return self._file(path) is None
        try:
            return stamp_of((self._content / path).stat()) == known[0]
        except (OSError, ValueError):
            return False

    def _look(self, path: str) -> tuple[Asset, Stamp] | None:
        if path not in self._found:
            file = self._file(path)
            try:
                self._found[path] = None if file is None else self._read(file, path)
            except OSError:
                self._found[path] = None
        return self._found[path]

    def _file(self, path: str) -> Path | None:
        """The regular file at `path`, if it stands inside the content folder, symlinks followed."""
        if media_type_of(path) is None:
            return None
        try:
            file = (self._content / path).resolve(strict=True)
            return file if file.is_relative_to(self._limit) and file.is_file() else None
        except (OSError, RuntimeError, ValueError):
            return None

    def _read(self, file: Path, path: str) -> tuple[Asset, Stamp]:
        stamp = trusted(stamp_of(file.stat()))
        with open_regular(file) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        asset = asset_of(path, digest, stamp.size)
        self.sources[asset.name] = file
        return asset, stamp


def copy(names: Iterable[str], sources: Mapping[str, Path], media: Path) -> None:
    """Copy assets by public name into the media folder, each whole or not at all."""
    for name in names:
        target = media / name
        if not target.exists():
            media.mkdir(parents=True, exist_ok=True)
            _copy_whole(sources[name], target, name.partition(".")[0])


def _copy_whole(source: Path, target: Path, digest: str) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".copy-")
    try:
        with os.fdopen(handle, "wb") as out, source.open("rb") as stream:
            shutil.copyfileobj(stream, out)
            out.flush()
            os.fsync(out.fileno())
        with open(temporary, "rb") as copy:
            if not hashlib.file_digest(copy, "sha256").hexdigest().startswith(digest):
                raise StoreUnavailable(f"{source}: changed while it was copied (sync again)")
        os.chmod(temporary, 0o644)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
