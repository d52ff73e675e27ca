"""Make zip archives for tests, also such as no program should make."""

import stat
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

# One pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364600000000600023081d02f"
    "0000000049454e44ae426082"
)
OTHER_PNG = PNG + b"\0"


def post(title: str, more: str = "", front: str = "") -> str:
    """Return a Markdown post about chips."""
    return (
        f"---\ntitle: {title}\ndate: 2026-03-01\ntopics: [chips]\n{front}---\n\n"
        f"The wafer plant opened on Tuesday and the first chips left it in the evening.\n\n{more}\n"
    )


def zipped(path: Path, members: Mapping[str, str | bytes], method: int = ZIP_DEFLATED) -> Path:
    """Write an archive of these members, by name."""
    with ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def with_raw_names(path: Path, members: Mapping[bytes, bytes], extras: Mapping[bytes, bytes] | None = None) -> Path:
    """Write an archive whose names have these bytes, without the flag for UTF-8; `extras` are extra fields by name."""
    with ZipFile(path, "w", ZIP_STORED) as archive:
        for number, (name, data) in enumerate(members.items()):
            info = _Raw(str(number))
            info.raw = name
            info.extra = (extras or {}).get(name, b"")
            archive.writestr(info, data)
    return path


class _Raw(ZipInfo):
    raw: bytes

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def unicode_path(raw: bytes, name: str) -> bytes:
    """Return the extra field of Info-ZIP for a name."""
    field = struct.pack("<BL", 1, zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


def symlink(name: str) -> ZipInfo:
    """Return a member that is a symlink."""
    info = ZipInfo(name)
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info
