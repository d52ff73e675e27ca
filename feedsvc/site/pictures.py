"""Read the icon and the logo from files beside site.toml. A type is that of the content; the name does not count."""

import hashlib
import os
from pathlib import Path
from posixpath import basename, normpath
from typing import Final, Literal

from feedsvc.errors import ConfigError
from feedsvc.files import open_regular
from feedsvc.model import Site, SitePicture
from feedsvc.site.picture_formats import SUFFIXES, PictureContent, measured
from feedsvc.suggestions import closest
from feedsvc.text import nfc

Key = Literal["icon", "logo"]
MAX_BYTES: Final = 500_000
# In pixels, of each side. A browser decodes the whole picture.
MAX_SIDE: Final = 4096
MIN_SIDE: Final = 16
# Atom (RFC 4287 §4.2.5): an icon "SHOULD have an aspect ratio of one". Exports of editors may be a pixel off.
MAX_ICON_RATIO: Final = 1.02
# A longer one is a thin line on a phone.
MAX_LOGO_RATIO: Final = 12


def is_file(written: str) -> bool:
    """Return whether a setting names a file beside site.toml: neither a URL nor a path from the root of the host."""
    return not (written.startswith("/") or ":" in written.partition("/")[0])


def read_picture(content: Path, written: str, key: Key) -> tuple[SitePicture, bytes]:
    """Return the picture in the file `written`, a path relative to `content`, and the bytes that are served of it.

    Raises ValueError with the error and the remedy.
    """
    path = normpath(written)
    found = _read(_located(content, written, path), written)
    least, most = sorted((found.width, found.height))
    size = f"{written!r} has {found.width:g}×{found.height:g} pixels"
    if most > MAX_SIDE or (least < MIN_SIDE and found.type != "image/svg+xml"):
        raise ValueError(f"{size} (make each side {MIN_SIDE} to {MAX_SIDE:,} pixels long)")
    if key == "icon" and most / least > MAX_ICON_RATIO:
        raise ValueError(f"{size}, and an icon is a square (make both sides equal)")
    if most / least > MAX_LOGO_RATIO:
        raise ValueError(f"{size} (make it at most {MAX_LOGO_RATIO} times as wide as high)")
    if key == "logo" and found.type == "image/vnd.microsoft.icon":
        raise ValueError(f"{written!r} is an ICO file, which only an icon may be (save it as PNG or SVG)")
    picture = SitePicture(
        name=hashlib.sha256(found.data).hexdigest()[:32] + SUFFIXES[found.type],
        type=found.type,
        length=len(found.data),
        width=max(1, round(found.width)),
        height=max(1, round(found.height)),
        needs_light_ground=found.is_transparent and b"prefers-color-scheme" not in found.data,
        source=nfc(path),
    )
    return picture, found.data


def site_pictures(content: Path, site: Site) -> dict[str, bytes]:
    """Return the bytes of the icon and the logo by their public names. Raises ConfigError if they changed meanwhile."""
    found: dict[str, bytes] = {}
    keys: tuple[tuple[Key, SitePicture | None], ...] = (("icon", site.icon_file), ("logo", site.logo_file))
    for key, picture in keys:
        if picture is None:
            continue
        try:
            read, data = read_picture(content, picture.source, key)
        except ValueError as error:
            raise ConfigError(f"{content / 'site.toml'}: {key}: {error}") from error
        if read.name != picture.name:
            raise ConfigError(f"{content / picture.source}: changed while it was read (it is tried again)")
        found[picture.name] = data
    return found


def _located(content: Path, written: str, path: str) -> Path:
    """Return the regular file at `path` below `content`. Raises ValueError."""
    if "\\" in path or "\0" in path:
        raise ValueError(f"{written!r} is no path (write the folders of a file with /: brand/logo.svg)")
    outside = f"{written!r} leads out of the content folder (put the file beside site.toml)"
    if path.partition("/")[0] == "..":
        raise ValueError(outside)
    missing = "write https://… for a picture elsewhere"
    try:
        # Systems differ in the Unicode normalization of names.
        folder = (content / path).parent
        names = {nfc(each): each for each in sorted(os.listdir(folder), reverse=True)}
        name = names.get(nfc(basename(path)))
        if name is None:
            close = closest(basename(path), names)
            hint = f"did you mean {close!r}?" if close else f"put it there, or {missing}"
            raise ValueError(f"there is no file {written!r} beside site.toml ({hint})")
        file = (folder / name).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ValueError(f"there is no file {written!r} beside site.toml (put it there, or {missing})") from error
    if not file.is_relative_to(content.resolve()):
        raise ValueError(outside)
    return file


def _read(file: Path, written: str) -> PictureContent:
    try:
        with open_regular(file) as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ValueError(f"{written!r} cannot be read: {error.strerror} (make it a file that can be read)") from error
    if len(data) > MAX_BYTES:
        raise ValueError(f"{written!r} has more than {MAX_BYTES:,} bytes (make it smaller)")
    if not data:
        raise ValueError(f"{written!r} is empty (copy the file again)")
    try:
        return measured(data)
    except ValueError as error:
        raise ValueError(f"{written!r} {error}") from error
