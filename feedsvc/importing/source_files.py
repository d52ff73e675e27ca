"""The files around an input, to which its text may refer: those of its folder, or of its archive.

Readers put a stand-in, an address below `STAND_IN`, where a text names such a file. `output.bundle` then puts the file
beside the article, and its name into the text.
"""

import os
import posixpath
import re
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, Protocol
from unicodedata import normalize
from urllib.parse import quote, unquote, urlsplit

from feedsvc.articles.assets import media_type_of
from feedsvc.errors import ArticleError, Finding
from feedsvc.files import open_regular
from feedsvc.text import nfc

# RFC 6761 §6.4: no host has a name below .invalid.
STAND_IN: Final = "https://files.invalid/"
# The characters that `address_of` leaves in a path: no writer of Markdown or HTML escapes one of them.
STAND_INS: Final = re.compile(re.escape(STAND_IN) + r"[A-Za-z0-9.%/-]+")
# Where WordPress keeps the files that were uploaded.
UPLOADS: Final = "wp-content/uploads/"
MAX_MEDIA_BYTES: Final = 64 * 1024 * 1024
# Where generators of sites keep the files of an address such as /images/a.png.
_ROOTS: Final = ("", "static", "public", "source", "src")
# The key of all paths among the names in folders, and how many paths are looked at for the files that links mean.
_ALL: Final = "/"
_MAX_PATHS: Final = 200_000


class SourceFiles(Protocol):
    """The files of a folder or archive, by their paths in it, in NFC."""

    def has(self, path: str, /) -> bool:
        """Return whether a regular file of that path can be read."""

    def read(self, path: str, limit: int, /) -> bytes:
        """Return the bytes of a file, at most one more than `limit`. Raises ArticleError."""

    def settings(self, path: str, limit: int, /) -> bytes | None:
        """Return the bytes of a file of settings, which may be hidden; None if it is not there. Raises ArticleError."""

    def exists(self, path: str, /) -> bool:
        """Return whether a file or folder of that path is there, which may be hidden."""

    def names(self, folder: str, /) -> Sequence[str]:
        """Return the names of the files in a folder, without hidden ones."""

    @property
    def paths(self) -> Sequence[str]:
        """Return the paths of all files, without hidden ones."""


@dataclass(frozen=True, slots=True)
class NoFiles:
    """No files, for standard input."""

    def has(self, _path: str, /) -> bool:
        """Return False."""
        return False

    def settings(self, _path: str, _limit: int, /) -> bytes | None:
        """Return None."""
        return None

    def exists(self, _path: str, /) -> bool:
        """Return False."""
        return False

    def names(self, _folder: str, /) -> Sequence[str]:
        """Return no names."""
        return ()

    @property
    def paths(self) -> Sequence[str]:
        """Return no paths."""
        return ()

    def read(self, path: str, _limit: int, /) -> bytes:
        """Raise ArticleError: there is no file."""
        raise ArticleError([Finding(message=f"{path} is not there (check its name)")])


@dataclass(frozen=True, slots=True)
class FolderFiles:
    """The files of a folder. Hidden files, and symlinks that lead out of the folder, are none of them."""

    folder: Path
    _names: dict[str, Sequence[str]] = field(default_factory=dict, compare=False)

    def has(self, path: str) -> bool:
        """Return whether a regular file of that path can be read."""
        return self._located(path) is not None

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file, at most one more than `limit`. Raises ArticleError."""
        located = self._located(path)
        if located is None:
            return NoFiles().read(path, limit)
        try:
            with open_regular(located) as stream:
                return stream.read(limit + 1)
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror} (check its permissions)"
            raise ArticleError([Finding(message=message)]) from error

    def settings(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of settings, which may be hidden; None if it is not there. Raises ArticleError."""
        located = self._located(path, with_hidden=True)
        if located is None:
            return None
        try:
            with open_regular(located) as stream:
                return stream.read(limit + 1)
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror} (check its permissions)"
            raise ArticleError([Finding(message=message)]) from error

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that path is there, which may be hidden."""
        return (self.folder / path).exists()

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of the files in a folder, without hidden ones."""
        if folder not in self._names:
            with suppress(OSError):
                entries = os.scandir(self.folder / folder)
                names = sorted(nfc(each.name) for each in entries if each.is_file() and not each.name.startswith("."))
                self._names[folder] = names
        return self._names.get(folder, ())

    @property
    def paths(self) -> Sequence[str]:
        """Return the paths of all files, without hidden ones."""
        if _ALL not in self._names:
            found: list[str] = []
            for root, folders, names in os.walk(self.folder):
                folders[:] = sorted(each for each in folders if not each.startswith(".") and each != "node_modules")
                above = Path(os.path.relpath(root, self.folder))
                found += [nfc((above / each).as_posix()) for each in sorted(names) if not each.startswith(".")]
                if len(found) > _MAX_PATHS:
                    break
            self._names[_ALL] = found
        return self._names[_ALL]

    def _located(self, path: str, *, with_hidden: bool = False) -> Path | None:
        real = os.path.realpath(self.folder)
        if not with_hidden and any(part.startswith(".") for part in path.split("/")):
            return None
        # File systems differ in how they spell "が" in a name.
        for spelled in dict.fromkeys((path, normalize("NFD", path))):
            found = self.folder / spelled
            if found.is_file() and Path(os.path.realpath(found)).is_relative_to(real):
                return found
        return None


@dataclass(frozen=True, slots=True)
class UploadedFiles:
    """The files of a copy of WordPress's uploads. It comes from elsewhere: symlinks and hidden files are none of them.

    A name may be spelled with other characters of the same meaning, percent-encoded, or in GB 18030 or Big5.
    """

    folder: Path
    _names: dict[str, dict[str, str]] = field(default_factory=dict)

    def has(self, path: str) -> bool:
        """Return whether a regular file of that path can be read."""
        stream = self._opened(path)
        if stream is not None:
            stream.close()
        return stream is not None

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file, at most one more than `limit`. Raises ArticleError."""
        stream = self._opened(path)
        if stream is None:
            return NoFiles().read(path, limit)
        with stream:
            return stream.read(limit + 1)

    def _opened(self, path: str) -> BufferedReader | None:
        """Open a file. Each folder is opened in the one above it, so no symlink that appears meanwhile leads out."""
        *folders, _ = parts = path.split("/")
        if any(part.startswith(".") or not part for part in parts):
            return None
        with suppress(OSError):
            at = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                for number, part in enumerate(parts):
                    flags = os.O_DIRECTORY if number < len(folders) else os.O_NONBLOCK
                    found = self._names_in(at, "/".join(parts[:number])).get(nfc(part), part)
                    inner = os.open(found, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | flags, dir_fd=at)
                    os.close(at)
                    at = inner
                if stat.S_ISREG(os.fstat(at).st_mode):
                    return os.fdopen(os.dup(at), "rb")
            finally:
                os.close(at)
        return None

    def _names_in(self, descriptor: int, folder: str) -> dict[str, str]:
        """Return the names in an open folder by what they mean in NFC."""
        if folder not in self._names:
            names = os.listdir(descriptor)
            found: dict[str, str] = {}
            for each in names:
                # Names that are not in UTF-8 have surrogates.
                for codec in ("gb18030", "big5") if not each.isprintable() else ():
                    with suppress(UnicodeDecodeError):
                        found[nfc(os.fsencode(each).decode(codec))] = each
            found |= {nfc(unquote(each)): each for each in names} | {nfc(each): each for each in names}
            self._names[folder] = found
        return self._names[folder]


@dataclass(frozen=True, slots=True)
class WithUploads:
    """The files of a folder or archive, and at wp-content/uploads/ those of a copy of WordPress's uploads."""

    files: SourceFiles
    uploads: UploadedFiles

    def has(self, path: str) -> bool:
        """Return whether a regular file of that path can be read."""
        return self.uploads.has(below) if (below := _below_uploads(path)) else self.files.has(path)

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a file, at most one more than `limit`. Raises ArticleError."""
        return self.uploads.read(below, limit) if (below := _below_uploads(path)) else self.files.read(path, limit)

    def settings(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a file of settings, which may be hidden; None if it is not there. Raises ArticleError."""
        return self.files.settings(path, limit)

    def exists(self, path: str) -> bool:
        """Return whether a file or folder of that path is there, which may be hidden."""
        return self.files.exists(path)

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of the files in a folder, without hidden ones."""
        return self.files.names(folder)

    @property
    def paths(self) -> Sequence[str]:
        """Return the paths of all files, without hidden ones."""
        return self.files.paths


def _below_uploads(path: str) -> str:
    return path.removeprefix(UPLOADS) if path.startswith(UPLOADS) and media_type_of(path) else ""


@dataclass(frozen=True, slots=True)
class FilesBeside:
    """The files around one input. `folder` is the path of the input's folder among them, "" for the first one.

    `has_uploads` says that the person who imports named a copy of WordPress's uploads. `known` is what readers know of
    the files, for all inputs among them.
    """

    files: SourceFiles
    folder: str = ""
    has_uploads: bool = False
    known: dict[str, Any] = field(default_factory=dict, compare=False)

    def address_of(self, reference: str) -> str | None:
        """Return the stand-in for the file that a relative reference means; None if there is no file to be served."""
        try:
            parts = urlsplit(reference.strip())
        except ValueError:
            return None
        path = unquote(parts.path)
        if not media_type_of(path) or "\\" in path or "\0" in path:
            return None
        if parts.scheme or parts.netloc:
            return self._uploaded(path)
        # An archive may have one folder at the top, in which all is.
        above = [posixpath.join(each, root) for each in folders_above(self.folder) for root in _ROOTS]
        for root in above if path.startswith("/") else (self.folder,):
            joined = nfc(posixpath.normpath(posixpath.join(root, path.lstrip("/"))))
            if self.files.has(joined):
                return _stand_in(joined)
        return self._uploaded(path)

    def _uploaded(self, path: str) -> str | None:
        """Return the stand-in for a file in the copy of the uploads, by its path below the uploads or of its end."""
        if not self.has_uploads:
            return None
        _, is_upload, below = f"/{path}".rpartition(f"/{UPLOADS}")
        parts = [each for each in (below if is_upload else path).split("/") if each not in ("", ".", "..")]
        # `images/a.png` beside a text may be a.png in the copy. What was uploaded has a path of its own there.
        for number in range(1 if is_upload else len(parts)):
            joined = nfc(UPLOADS + "/".join(parts[number:]))
            if self.files.has(joined):
                return _stand_in(joined)
        return None

    def located(self, path: str) -> str | None:
        """Return the path of a file by its path in one of the folders above the input; None if there is none."""
        found = (posixpath.join(each, path) for each in folders_above(self.folder))
        return next((each for each in found if self.files.has(each)), None)


def _stand_in(path: str) -> str:
    # Every writer leaves these characters as they are.
    return STAND_IN + quote(path, safe="/").replace("_", "%5F").replace("~", "%7E")


NO_FILES: Final = FilesBeside(NoFiles())


def folders_above(folder: str) -> Iterator[str]:
    """Yield the folders above a folder, the first one "", and the folder itself at the end."""
    parts = folder.split("/") if folder else []
    for number in range(len(parts) + 1):
        yield "/".join(parts[:number])


def path_of(address: str) -> str:
    """Return the path of the file for which an address stands."""
    return unquote(address.removeprefix(STAND_IN))
