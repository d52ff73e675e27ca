"""Read the members of a zip archive one by one.

Nothing is extracted to a disk. An archive comes from elsewhere: its names may lead out of a folder, and a small one may
unpack to more than a disk or memory holds. So every limit is checked against what the archive declares, before a
member is read; a member never gives more bytes than it declares.
"""

import lzma
import re
import stat
import struct
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Final
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from feedsvc.errors import ArticleError, Finding
from feedsvc.files import NotRegular, open_regular
from feedsvc.importing.readers.decoding import codec_of, encoding_of_names
from feedsvc.text import nfc

SUFFIX: Final = ".zip"
MAX_MEMBERS: Final = 100_000
MAX_TOTAL_BYTES: Final = 10 * 1024**3
# DEFLATE reaches 1,032; texts and tables of exports stay below 60.
MAX_RATIO: Final = 200
# Below this size, the ratio does no harm.
_SMALL: Final = 1024 * 1024
_MAX_DIRECTORY_BYTES: Final = 32 * 1024 * 1024
_METHODS: Final = (ZIP_STORED, ZIP_DEFLATED, ZIP_BZIP2, ZIP_LZMA)
_ENCRYPTED: Final = 0x1
_UTF_8: Final = 0x800
# APPNOTE.TXT §4.6.9, Info-ZIP Unicode Path Extra Field.
_UNICODE_PATH: Final = 0x7075
_DAMAGED: Final = "not a zip archive, or a damaged one"
_UNPACK: Final = "unpack it, and import the folder"


class _Stream(BufferedReader):
    """A file that is not read in pieces larger than the directory of an archive may be."""

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > _MAX_DIRECTORY_BYTES:
            raise _error(f"has more than {MAX_MEMBERS:,} members ({_UNPACK})")
        return super().read(size)


class Archive:
    """An open archive: SourceFiles of its members.

    `refused` maps the names of members that are never read to the reasons. `notes` are warnings about all of it.
    """

    def __init__(self, zip_file: ZipFile, size: int, encoding: str | None) -> None:
        infos = [each for each in zip_file.infolist() if not each.filename.endswith("/")]
        if len(infos) > MAX_MEMBERS:
            raise _error(f"has {len(infos):,} members, the limit is {MAX_MEMBERS:,} ({_UNPACK})")
        total = sum(each.file_size for each in infos)
        if total > MAX_TOTAL_BYTES:
            raise _error(f"unpacks to {total:,} bytes, the limit is {MAX_TOTAL_BYTES:,} ({_UNPACK})")
        # Members that share their bytes make an archive unpack to any size.
        if sum(each.compress_size for each in infos) > size:
            raise _error("its members overlap, as in an archive that is made to fill a disk (make the archive again)")
        self._zip_file = zip_file
        names, self.notes = _decoded_names(infos, encoding)
        twice = [name for name, number in Counter(names).items() if number > 1]
        self.notes += [f"holds {name} more than once: the last one is read (rename the others)" for name in twice]
        members = dict(zip(names, infos, strict=True))
        found = ((name, _why_refused(name, member)) for name, member in members.items())
        self.refused = {name: why for name, why in found if why}
        self._members = {name: each for name, each in members.items() if name not in self.refused}
        self._names: dict[str, list[str]] = {}
        self._folders: set[str] = set()
        for path in self._members:
            folder, _, name = path.rpartition("/")
            if not name.startswith("."):
                self._names.setdefault(folder, []).append(name)
            while folder:
                self._folders.add(folder)
                folder = folder.rpartition("/")[0]

    @property
    def paths(self) -> tuple[str, ...]:
        """Return the paths of the members that can be read."""
        return tuple(self._members)

    def has(self, path: str) -> bool:
        """Return whether there is a member of that path that can be read."""
        return path in self._members

    def exists(self, path: str) -> bool:
        """Return whether there is a member of that path, or one in a folder of that path."""
        return path in self._members or path in self._folders

    def names(self, folder: str) -> Sequence[str]:
        """Return the names of the members in a folder, without hidden ones."""
        return self._names.get(folder, ())

    def settings(self, path: str, limit: int) -> bytes | None:
        """Return the bytes of a member with settings; None if there is none. Raises ArticleError."""
        return self.read(path, limit) if path in self._members else None

    def read(self, path: str, limit: int) -> bytes:
        """Return the bytes of a member, at most one more than `limit`. Raises ArticleError."""
        if path not in self._members:
            raise _error(f"has no member {path} (check its name)")
        try:
            with self._zip_file.open(self._members[path]) as stream:
                return stream.read(limit + 1)
        except _ERRORS as error:
            raise _error(f"{path} is damaged: {error} (make or download the archive again)") from error


# The errors of zipfile for broken archives are of many types.
_ERRORS: Final = (
    BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    lzma.LZMAError,
    struct.error,
    zlib.error,
)


@contextmanager
def open_archive(path: Path, encoding: str | None = None) -> Iterator[Archive]:
    """Open an archive. `encoding` is that of names that are not UTF-8. Raises ArticleError."""
    try:
        stream = _Stream(open_regular(path).detach())
    except NotRegular as error:
        raise _error("not a regular file (name a file)") from error
    except OSError as error:
        raise _error(f"cannot be read: {error.strerror} (check its name and permissions)") from error
    with stream:
        try:
            archive = Archive(ZipFile(stream), path.stat().st_size, encoding)
        except _ERRORS as error:
            raise _error(f"{_DAMAGED}: {error} (make or download it again)") from error
        yield archive


def _error(message: str) -> ArticleError:
    return ArticleError([Finding(message=message)])


def _decoded_names(infos: list[ZipInfo], encoding: str | None) -> tuple[list[str], list[str]]:
    """Return the names of members in NFC, and notes about their encoding.

    A name is UTF-8 if its flag says so or if it is valid UTF-8 (macOS sets no flag). Otherwise its extra field has it,
    or it is in the encoding of the machine that made the archive: `encoding`, else a guess from all of them, else
    cp437 (APPNOTE.TXT, appendix D).
    """
    names: dict[int, str] = {}
    unknown: dict[int, bytes] = {}
    for at, info in enumerate(infos):
        if info.flag_bits & _UTF_8 or info.orig_filename.isascii():
            names[at] = info.orig_filename
            continue
        # zipfile decodes each other name as cp437, which has a character for every byte.
        raw = info.orig_filename.encode("cp437")
        written = _unicode_path(info.extra, raw) or raw
        try:
            names[at] = written.decode("utf-8")
        except UnicodeDecodeError:
            unknown[at] = raw
    notes: list[str] = []
    if unknown:
        joined = b"\n".join(unknown.values())
        codec = (codec_of(encoding) or encoding if encoding else None) or encoding_of_names(joined) or "cp437"
        notes.append(
            f"{len(unknown):,} names are not in UTF-8, and were read as {codec} "
            "(if they are wrong, name their encoding with --encoding)"
        )
        for at, raw in unknown.items():
            names[at] = raw.decode("cp437")
            with suppress(UnicodeDecodeError, LookupError):
                names[at] = raw.decode(codec)
    return [nfc(names[at]) for at in range(len(infos))], notes


def _unicode_path(extra: bytes, raw: bytes) -> bytes | None:
    """Return the name in UTF-8 that an extra field has for the name `raw`, or None."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        # Version 1, and the checksum of the name that it was written for: another program may have renamed the member.
        if kind == _UNICODE_PATH and field[:5] == struct.pack("<BL", 1, zlib.crc32(raw)):
            return field[5:]
    return None


def _why_refused(name: str, info: ZipInfo) -> str:
    """Return why a member is not read, or ""."""
    ratio = info.file_size / max(1, info.compress_size)
    kind = stat.S_IFMT(info.external_attr >> 16)
    rename = f"rename it, or {_UNPACK}"
    reasons = (
        (not name, f"it has no name ({_UNPACK})"),
        (any(unicodedata.category(each) == "Cc" for each in name), f"its name has control characters ({rename})"),
        ("\\" in name, f"its name has a backslash ({rename})"),
        (name.startswith("/") or re.match("[A-Za-z]:", name), f"its name is a path from the root of a disk ({rename})"),
        (".." in name.split("/"), f"its name leads out of the archive ({rename})"),
        (kind == stat.S_IFLNK, "a symlink (put the file itself into the archive)"),
        (kind not in (0, stat.S_IFREG), "not a regular file (put a file in its place)"),
        (info.flag_bits & _ENCRYPTED, f"encrypted ({_UNPACK})"),
        (info.compress_type not in _METHODS, f"compressed with method {info.compress_type} ({_UNPACK})"),
        (
            ratio > MAX_RATIO and info.file_size > _SMALL,
            f"unpacks to {ratio:,.0f} times its size, the limit is {MAX_RATIO} ({_UNPACK})",
        ),
    )
    return next((why for is_so, why in reasons if is_so), "")
