"""The files beside articles: found, hashed once, copied to the media folder under a name that is their content."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from feedsvc.articles.assets import Asset, Unusable, asset_of, media_type_of
from feedsvc.articles.source_text.leftovers import BEGINNING, not_what_it_says
from feedsvc.errors import ArticleError, Finding, StoreUnavailable
from feedsvc.files import open_regular
from feedsvc.store.file_records import Stamp
from feedsvc.sync.folder.files import Changing, pieces, stamp_of, trusted
from feedsvc.text import nfc

# Hashing more takes longer than an article should wait for.
MAX_ASSET_BYTES: Final = 1024**3
_HALF: Final = ".copy-"
_COPY: Final = re.compile(rf"[0-9a-f]{{32}}\.\w+|{re.escape(_HALF)}.+")

# What a file record says of the files beside an article: their stamps and public names, None where there is no file.
# The name of one that is too large is empty.
Asked = Mapping[str, tuple[Stamp, str] | None]


class AssetUnsettled(ArticleError):
    """A file beside an article is written, or went, while it was looked at: it may be had a little later."""

    def __init__(self, path: str, why: str) -> None:
        message = f"{path!r} cannot be read yet: {why} (it is tried again; move large files there when they are whole)"
        super().__init__([Finding(message=message)])


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file that is there; without an asset when it is too large to be one."""

    stamp: Stamp
    asset: Asset | None


class AssetFinder:
    """Looks for assets below the content folder; remembers what it found for one sync.

    `sources` are the files of those that were found, by public name.
    """

    def __init__(self, content: Path) -> None:
        self._content = content
        self._limit = content.resolve()
        self._found: dict[str, _Seen | None] = {}
        self._folders: dict[Path, dict[str, str]] = {}
        self._known: dict[str, tuple[Stamp, str]] = {}
        self.sources: dict[str, Path] = {}

    def remember(self, asked: Asked) -> None:
        """Believe an earlier sync, which hashed these files, as long as they look as they did."""
        self._known.update({path: each for path, each in asked.items() if each and each[0].mtime_ns})

    def find(self, path: str) -> Asset | None:
        """The asset at a path relative to content/; None when there is none of a kind that is served.

        Raises AssetUnsettled, ArticleError when it is too large, and Unusable.
        """
        seen = self._look(path)
        if seen is None:
            return None
        if seen.asset is None:
            message = f"{path!r} has {seen.stamp.size:,} bytes, the limit is {MAX_ASSET_BYTES:,} (link to it elsewhere)"
            raise ArticleError([Finding(message=message)])
        # A file that holds nothing, names what it should hold, or holds a page in its place.
        if seen.stamp.size == 0:
            raise Unusable(f"{path!r} is empty (copy the file anew)")
        try:
            with open_regular(self.located(path) or self._content / path) as stream:
                beginning = stream.read(BEGINNING)
        except OSError as error:
            raise AssetUnsettled(path, str(error.strerror)) from error
        if (said := not_what_it_says(beginning)) is not None:
            raise Unusable(f"{path!r} {said}")
        return seen.asset

    def names(self, folder: str) -> list[str]:
        """The names of what stands in a folder relative to content/ and is not hidden, as they are spelt there."""
        try:
            found = self.located(folder) if folder else self._content
            return sorted(each for each in os.listdir(found or "") if not each.startswith("."))
        except (OSError, ValueError):
            return []

    def located(self, path: str) -> Path | None:
        """What stands at a path in NFC, however the names on the disk are normalized; None when nothing does.

        Of two names that differ in nothing else, the one in NFC is meant, else the first.
        """
        found = self._content / path
        if os.path.lexists(found):
            return found
        if path.isascii():
            return None
        found = self._content
        for name in path.split("/"):
            beside = found / name
            if not os.path.lexists(beside):
                if found not in self._folders:
                    try:
                        names = sorted(os.listdir(found), reverse=True)
                    except OSError:
                        names = []
                    self._folders[found] = {nfc(each): each for each in names}
                other = self._folders[found].get(name)
                if other is None:
                    return None
                beside = found / other
            found = beside
        return found

    def stamp(self, path: str) -> tuple[Stamp, str] | None:
        """The stamp and public name of what `find` finds there. Raises AssetUnsettled."""
        seen = self._look(path)
        return (seen.stamp, seen.asset.name if seen.asset else "") if seen else None

    def unchanged(self, path: str, known: tuple[Stamp, str] | None) -> bool:
        """Whether a path still looks as it did, without reading it."""
        if known is None:
            return self._file(path) is None
        try:
            file = self.located(path)
            return file is not None and stamp_of(file.stat()) == known[0]
        except (OSError, ValueError):
            return False

    def _look(self, path: str) -> _Seen | None:
        if path in self._found:
            return self._found[path]
        seen, file = None, self._file(path)
        try:
            if file is not None:
                stamp = stamp_of(file.stat())
                known = self._known.get(path)
                if stamp.size > MAX_ASSET_BYTES:
                    seen = _Seen(trusted(stamp), None)
                elif known is not None and known[0] == stamp:
                    seen = _Seen(stamp, asset_of(path, known[1].partition(".")[0], stamp.size))
                else:
                    digest = hashlib.sha256()
                    for piece in pieces(file):
                        digest.update(piece)
                    seen = _Seen(trusted(stamp), asset_of(path, digest.hexdigest(), stamp.size))
                if seen.asset is not None:
                    self.sources[seen.asset.name] = file
        except (Changing, FileNotFoundError) as error:
            raise AssetUnsettled(path, str(error.strerror)) from error
        except OSError:
            seen = None
        self._found[path] = seen
        return seen

    def _file(self, path: str) -> Path | None:
        """The regular file at `path`, if it stands inside the content folder, symlinks followed."""
        return self.regular(path) if media_type_of(path) is not None else None

    def regular(self, path: str) -> Path | None:
        """The regular file of any kind at a path in NFC, if it stands inside the content folder, symlinks followed."""
        try:
            found = self.located(path)
            if found is None:
                return None
            file = found.resolve(strict=True)
            return file if file.is_relative_to(self._limit) and file.is_file() else None
        except (OSError, RuntimeError, ValueError):
            return None


def sweep(media: Path, named: Set[str]) -> None:
    """Delete copies that `named` does not hold, and halves of copies: what a sync leaves behind that is killed.

    Nobody may be copying meanwhile. Other files are left alone. Raises OSError.
    """
    for file in media.iterdir() if media.is_dir() else ():
        if file.name not in named and _COPY.fullmatch(file.name):
            file.unlink(missing_ok=True)


def not_copied(media: Path, named: Set[str]) -> Set[str]:
    """Return those of the names that are missing from the media folder."""
    try:
        return named - set(os.listdir(media))
    except OSError:
        return named


def make_folder(media: Path) -> None:
    """Make the media folder, unless it is there. Raises StoreUnavailable."""
    try:
        media.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        media.mkdir(mode=0o750, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(f"{media}: {error.strerror} (make a folder there that is writable)") from error


class _SourceLost(Exception):
    """What is wrong is wrong with the file that is copied, not with the place it is copied to."""


def copy(assets: Iterable[Asset], sources: Mapping[str, Path], media: Path) -> dict[str, str]:
    """Copy assets into the media folder, each whole or not at all. Raises OSError when that cannot be written.

    Returns, by name, why some could not be had: their files changed, or went, since they were looked at.
    """
    lost: dict[str, str] = {}
    for asset in assets:
        target = media / asset.name
        if not target.exists():
            make_folder(media)
            try:
                _copy_whole(asset.data if asset.data is not None else sources[asset.name], target)
            except _SourceLost as error:
                lost[asset.name] = str(error)
    return lost


def _copy_whole(source: Path | bytes, target: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=_HALF)
    digest = hashlib.sha256()
    try:
        with os.fdopen(handle, "wb") as out:
            for piece in (source,) if isinstance(source, bytes) else _pieces(source):
                digest.update(piece)
                out.write(piece)
            if not digest.hexdigest().startswith(target.stem):
                raise _SourceLost("it changed while it was copied")
            out.flush()
            os.fsync(out.fileno())
        # The web server reads it as a member of the group, which comes from the folder where that is setgid.
        os.chmod(temporary, 0o640)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _pieces(source: Path) -> Iterator[bytes]:
    try:
        yield from pieces(source)
    except OSError as error:
        raise _SourceLost(str(error.strerror)) from error
