"""Find the files beside articles, hash them once, and copy them to the media storage under content-addressed names."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from posixpath import splitext
from typing import Final

from feedsvc.articles.assets import MEDIA_TYPES, Asset, Unusable, asset_of, media_type_of
from feedsvc.articles.picture_location import without_location
from feedsvc.articles.source_text.leftovers import BEGINNING, not_what_it_says
from feedsvc.errors import ArticleError, Finding
from feedsvc.files import open_regular
from feedsvc.media.storage import MediaStorage, SourceLost
from feedsvc.model import Site
from feedsvc.site.picture_formats import SUFFIXES
from feedsvc.site.pictures import site_pictures
from feedsvc.store.file_records import Stamp
from feedsvc.sync.folder.files import Changing, pieces, stamp_of, trusted
from feedsvc.text import nfc

# Hashing a larger file would delay the article for too long.
MAX_ASSET_BYTES: Final = 1024**3
# The suffixes of pictures from which the place is removed, which takes the whole file in memory; of a larger one it
# cannot be removed.
_LOCATED: Final = (".jpeg", ".jpg", ".png", ".webp")
MAX_PICTURE_BYTES: Final = 100 * 1024**2

# An ICO file is an icon of the publication alone.
_TYPES: Final = {suffix: type_ for type_, suffix in SUFFIXES.items()} | MEDIA_TYPES

# The files beside an article in its file record: by path, the stamp and the public name, or None if there is no file.
# The name of a file that is too large is empty.
Asked = Mapping[str, tuple[Stamp, str] | None]


class AssetUnsettled(ArticleError):
    """A file beside an article was changed or deleted while it was read. A later sync tries it again."""

    def __init__(self, path: str, why: str) -> None:
        message = f"{path!r} cannot be read yet: {why} (it is tried again; move large files there when complete)"
        super().__init__([Finding(message=message)])


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file that exists. `asset` is None if the file is too large to be served."""

    stamp: Stamp
    asset: Asset | None


class AssetFinder:
    """Finds assets below the content folder, and caches them for one sync.

    `sources` has the path on disk of each asset that was found, by public name. `find` writes the stamp and the public
    name of each path that it looks for to `asked`.
    """

    def __init__(self, content: Path, *, keep_location: bool = False) -> None:
        self._content = content
        self._keep_location = keep_location
        self._limit = content.resolve()
        self._found: dict[str, _Seen | None] = {}
        self._folders: dict[Path, dict[str, str]] = {}
        self._known: dict[str, tuple[Stamp, str]] = {}
        self.sources: dict[str, Path] = {}
        self.asked: dict[str, tuple[Stamp, str] | None] = {}

    def remember(self, asked: Asked) -> None:
        """Use the names that an earlier sync computed for these files as long as their stamps are unchanged."""
        self._known.update({path: each for path, each in asked.items() if each and each[0].mtime_ns})

    def find(self, path: str) -> Asset | None:
        """Return the asset at a path relative to content/; None if there is no file of a kind that is served.

        Raises AssetUnsettled if the file changes while it is read, ArticleError if it is too large, and Unusable if its
        content is not what its name says.
        """
        seen = self._stat_and_hash(path)
        self.asked[path] = (seen.stamp, seen.asset.name if seen.asset else "") if seen else None
        if seen is None:
            return None
        if seen.asset is None:
            message = f"{path!r} has {seen.stamp.size:,} bytes, the limit is {MAX_ASSET_BYTES:,} (link to it elsewhere)"
            raise ArticleError([Finding(message=message)])
        if not self._keep_location and seen.asset.name.endswith(_LOCATED) and seen.stamp.size > MAX_PICTURE_BYTES:
            cure = "make it smaller, or write keep_location = true in site.toml"
            limit = f"the limit of a picture whose place is removed is {MAX_PICTURE_BYTES:,} ({cure})"
            raise ArticleError([Finding(message=f"{path!r} has {seen.stamp.size:,} bytes, {limit}")])
        # An empty file, a pointer to the real file, or an HTML page saved in its place.
        if seen.stamp.size == 0:
            raise Unusable(f"{path!r} is empty (copy the file again)")
        try:
            with open_regular(self.located(path) or self._content / path) as stream:
                beginning = stream.read(BEGINNING)
        except OSError as error:
            raise AssetUnsettled(path, str(error.strerror)) from error
        if (said := not_what_it_says(beginning)) is not None:
            raise Unusable(f"{path!r} {said}")
        return seen.asset

    def names(self, folder: str) -> list[str]:
        """Return the names of the entries of a folder relative to content/, as written there, without hidden ones."""
        try:
            found = self.located(folder) if folder else self._content
            return sorted(each for each in os.listdir(found or "") if not each.startswith("."))
        except (OSError, ValueError):
            return []

    def located(self, path: str) -> Path | None:
        """Return the path on disk of the entry at `path`, which is in NFC; None if there is no entry.

        Names on disk may have another Unicode normalization. Of two names that differ only in it, the one in NFC is
        returned, else the first.
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
        """Return the stamp and the public name of the asset at `path`. Raises AssetUnsettled."""
        seen = self._stat_and_hash(path)
        return (seen.stamp, seen.asset.name if seen.asset else "") if seen else None

    def unchanged(self, path: str, known: tuple[Stamp, str] | None) -> bool:
        """Return whether the stamp of the file at `path` is unchanged. Does not read the file."""
        if known is None:
            return media_type_of(path) is None or self.regular(path) is None
        try:
            file = self.located(path)
            return file is not None and stamp_of(file.stat()) == known[0]
        except (OSError, ValueError):
            return False

    def _stat_and_hash(self, path: str) -> _Seen | None:
        if path in self._found:
            return self._found[path]
        seen, file = None, self.regular(path) if media_type_of(path) is not None else None
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
                    is_cleaned = not self._keep_location and file.name.lower().endswith(_LOCATED)
                    if is_cleaned and stamp.size <= MAX_PICTURE_BYTES:
                        digest.update(without_location(b"".join(pieces(file))))
                    else:
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

    def regular(self, path: str) -> Path | None:
        """Return the regular file of any kind at a path in NFC; None if it is outside of the content folder.

        Symlinks are resolved first.
        """
        try:
            found = self.located(path)
            if found is None:
                return None
            file = found.resolve(strict=True)
            return file if file.is_relative_to(self._limit) and file.is_file() else None
        except (OSError, RuntimeError, ValueError):
            return None


def copy(assets: Iterable[Asset], sources: Mapping[str, Path], media: MediaStorage) -> dict[str, str]:
    """Put those of the assets into the media storage that it does not have.

    Return the reasons, by public name, why some were not copied: their files were changed or deleted meanwhile.
    Raises StoreUnavailable if the storage cannot be written.
    """
    named = {asset.name: asset for asset in assets}
    missing = media.missing({name: asset.length for name, asset in named.items()})
    data = {name: named[name].data for name in named if name in missing}
    return _put_all({name: sources[name] if each is None else each for name, each in data.items()}, media)


def copy_pictures(content: Path, site: Site, media: MediaStorage) -> None:
    """Put the icon and the logo into the media storage, if it lacks them.

    Raises StoreUnavailable, and ConfigError if their files changed since `site` was read.
    """
    missing = media.missing({each.name: each.length for each in site.pictures}) if site.pictures else set()
    if missing:
        _put_all({name: data for name, data in site_pictures(content, site).items() if name in missing}, media)


def copy_again(sources: Mapping[str, Path | bytes], media: MediaStorage) -> int:
    """Put files of the content folder into the media storage, by public name, as far as they still have that content.

    Return the number of the copies. Raises StoreUnavailable.
    """
    # An article whose file changed meanwhile is read again, and has another file.
    return len(sources) - len(_put_all(sources, media))


def _put_all(sources: Mapping[str, Path | bytes], media: MediaStorage) -> dict[str, str]:
    """Put files into the media storage, by public name, and return the reasons why some of them cannot be read."""
    lost: dict[str, str] = {}

    def put(name: str) -> None:
        source = sources[name]
        try:
            media.put(name, _TYPES[splitext(name)[1]], _pieces(source, name))
        except SourceLost as error:
            lost[name] = str(error)

    if media.concurrency == 1:
        for name in sources:
            put(name)
        return lost
    with ThreadPoolExecutor(media.concurrency) as pool:
        try:
            for done in [pool.submit(put, name) for name in sources]:
                done.result()
        except BaseException:
            # The first failure ends the sync: the others would wait for the same fault.
            pool.shutdown(cancel_futures=True)
            raise
    return lost


def _pieces(source: Path | bytes, name: str) -> Iterator[bytes]:
    """Yield the bytes of the file with that public name: a picture of an earlier version may have its place."""
    if isinstance(source, bytes):
        yield source
        return
    try:
        if name.endswith(_LOCATED) and source.stat().st_size <= MAX_PICTURE_BYTES:
            whole = b"".join(pieces(source))
            cleaned = without_location(whole)
            yield cleaned if hashlib.sha256(cleaned).hexdigest().startswith(splitext(name)[0]) else whole
        else:
            yield from pieces(source)
    except OSError as error:
        raise SourceLost(str(error.strerror)) from error
