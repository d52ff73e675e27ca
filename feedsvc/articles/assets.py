"""The files beside an article, as values: a path, a public name, a type and a size. Pure."""

import hashlib
import mimetypes
import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from feedsvc.articles.limits import check_files
from feedsvc.articles.markup import READERS
from feedsvc.articles.picture_location import without_location
from feedsvc.suggestions import Hints
from feedsvc.text import nfc, plain

# The media types of files below /media/, by suffix. A browser runs none of them as a page (SVG is served sandboxed).
# IANA registers no type for .mkv, .mov is its video/quicktime, .m4b is MPEG-4 audio like .m4a.
MEDIA_TYPES: Final = {
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
    ".m4b": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".oga": "audio/ogg",
    ".ogg": "audio/ogg",
    ".opus": "audio/ogg",
    ".wav": "audio/wav",
    ".weba": "audio/webm",
    ".m4v": "video/mp4",
    ".mkv": "video/x-matroska",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".ogv": "video/ogg",
    ".webm": "video/webm",
    ".srt": "application/x-subrip",
    ".vtt": "text/vtt",
    ".csv": "text/csv",
    ".epub": "application/epub+zip",
    ".pdf": "application/pdf",
    ".zip": "application/zip",
}

_PYTHONS_TYPES: Final = mimetypes.MimeTypes()
# A suffix contains a letter: "v1.2" ends with a number, not with a suffix.
_SUFFIX: Final = re.compile(r"\.(?=\d*[a-z])[a-z0-9]{1,10}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A file that can be served: its content-addressed `name` below /media/, its type, its length in bytes.

    `filename` is the name that its author gave it, or "". `data` has the bytes of a picture in the text of the article
    itself, and is None for a file beside the article.
    """

    name: str
    type: str
    length: int
    data: bytes | None = field(default=None, repr=False)
    filename: str = field(default="", compare=False)


class Unusable(ValueError):
    """A file does not have the content that its name implies: it is empty, or a pointer to the real file."""


def media_type_of(path: str) -> str | None:
    """Return the media type that a file is served with, or None if files of that kind are not served."""
    return MEDIA_TYPES.get(posixpath.splitext(path)[1].lower())


def asset_of(path: str, digest: str, length: int) -> Asset:
    """Return the asset of a file of a kind that is served; `digest` is its SHA-256 in hexadecimal digits."""
    suffix = posixpath.splitext(path)[1].lower()
    return Asset(
        name=f"{digest[:32]}{suffix}", type=MEDIA_TYPES[suffix], length=length, filename=posixpath.basename(path)
    )


def guess_media_type(url: str) -> str | None:
    """Return the media type for the suffix of a URL's path, the same on every machine; None for an invalid URL too."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    suffix = posixpath.splitext(path)[1].lower()
    return MEDIA_TYPES.get(suffix) or _PYTHONS_TYPES.guess_type(path)[0]


class LinkOutside(ValueError):
    """The error about a relative link that leaves the content folder."""


@dataclass(slots=True)
class Assets:
    """The files one article asked for while it was read: `used` by their public name, and every path `asked` for.

    `find` gives the asset at a path below the content folder, `names` the names of the files in a folder. `article`
    gives the slug of the article in a file (see `read.read_article`). Paths are in NFC: systems differ in how they
    spell "が" in a file's name, and none lets people see it. `keep_location` is the setting of site.toml.
    """

    folder: str
    find: Callable[[str], Asset | None]
    names: Callable[[str], Iterable[str]]
    article: Callable[[str], str | None]
    keep_location: bool = False
    used: dict[str, Asset] = field(default_factory=dict)
    asked: dict[str, str | None] = field(default_factory=dict)
    hints: Hints = field(default_factory=Hints)
    _spellings: dict[str, Counter[str]] = field(default_factory=dict)

    def at(self, reference: str) -> Asset | None:
        """Return the file that a relative reference means, if there is one.

        Raises LinkOutside when it would leave the content folder, ArticleError when it is one too many.
        Absolute URLs and paths are never files.
        """
        path = self.path_of(reference)
        if path is None:
            return None
        asset = self.find(path)
        self.asked[path] = asset.name if asset else None
        check_files(len(self.asked))
        if asset is not None:
            self.used[asset.name] = asset
        return asset

    def embedded(self, data: bytes, suffix: str) -> Asset:
        """Return the asset of a picture in the text itself; `suffix` is of a kind that is served."""
        data = data if self.keep_location else without_location(data)
        asset = replace(asset_of(suffix[1:] + suffix, hashlib.sha256(data).hexdigest(), len(data)), data=data)
        self.used[asset.name] = asset
        return asset

    def target(self, path: str) -> str | None:
        """Return the slug of the article in a file, or the reason why no link leads there; None if there is no file.

        Raises ArticleError when it is one too many.
        """
        self.asked[path] = found = self.article(path)
        check_files(len(self.asked))
        return found

    def target_called(self, name: str) -> str | None:
        """Return the same for the file with that name in any folder, for a wiki link."""
        return self.target(f"[[{nfc(name)}]]")

    def path_of(self, reference: str) -> str | None:
        """Return the path below the content folder that a relative reference means, with or without a file there.

        None for absolute URLs and paths. Raises LinkOutside.
        """
        path = _relative_path(reference)
        if path is None:
            return None
        joined = nfc(posixpath.normpath(posixpath.join(self.folder, path)))
        if joined.startswith("../") or joined == "..":
            raise LinkOutside(f"{reference!r} leads out of the content folder (put the file beside the article)")
        return joined

    def nearest(self, reference: str) -> str | None:
        """Return the reference nearest to one without a file: in the folder that it names, else beside the article."""
        path = self.path_of(reference)
        if path is None or self.hints.is_limit_reached:
            return None
        folder, name = posixpath.split(path)
        beside = {each: each for each in self.names(self.folder) if media_type_of(each)}
        here = nfc(self.folder)
        there = {
            each: posixpath.relpath(posixpath.join(folder, each), here)
            for each in self.names(folder)
            if media_type_of(each)
        }
        known = {**beside, **there}
        close = self.hints.closest(name, known)
        return known[close] if close else None

    def nearest_article(self, reference: str) -> str | None:
        """Return the name nearest to one without an article's file, in the folder that it names."""
        if self.hints.is_limit_reached:
            return None
        folder = nfc(posixpath.normpath(posixpath.join(self.folder, posixpath.dirname(reference))))
        close = self.hints.closest(
            posixpath.basename(reference.rstrip("/")), filter(is_article_path, self.names(folder))
        )
        return close and posixpath.join(posixpath.dirname(reference), close)

    def has_other_normalization(self, reference: str) -> bool:
        """Return whether the name of another file differs from the one meant in its Unicode normalization only."""
        path = self.path_of(reference)
        if path is None or path.isascii():
            return False
        folder, name = posixpath.split(path)
        if folder not in self._spellings:
            self._spellings[folder] = Counter(map(nfc, self.names(folder)))
        return self._spellings[folder][name] > 1


def is_article_path(path: str) -> bool:
    """Return whether the suffix of a file is one of an article."""
    return posixpath.splitext(path)[1].lower() in READERS


def decoded(reference: str) -> str:
    """Return a relative reference decoded, as an author writes it: comrak percent-encodes what is not ASCII."""
    return _relative_path(reference) or reference


def file_name(reference: str) -> str:
    """Return the file name in a relative reference, as the author wrote it, not the public name."""
    return plain(posixpath.basename(decoded(reference)))


def unserved_kind(path: str) -> str | None:
    """Return the suffix, in lower case, of a file of a kind that is not served; None for others and for articles."""
    suffix = posixpath.splitext(path)[1].lower()
    return suffix if _SUFFIX.fullmatch(suffix) and suffix not in MEDIA_TYPES.keys() | READERS.keys() else None


def _relative_path(reference: str) -> str | None:
    """Return the path of a relative reference, decoded; None for other references."""
    try:
        parts = urlsplit(reference.strip())
    except ValueError:
        return None
    if parts.scheme or parts.netloc or parts.path.startswith(("/", "\\")) or not parts.path:
        return None
    path = unquote(parts.path)
    return None if "\x00" in path or "\\" in path else path
