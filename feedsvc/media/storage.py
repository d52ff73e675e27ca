"""The interface of a place for media files. A name is made of the content, so a file never changes.

Everything here raises StoreUnavailable with the place, the fault and its remedy where the place cannot be used.
"""

import re
from collections.abc import Collection, Hashable, Iterable, Mapping, Set
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from feedsvc.files import FileId

if TYPE_CHECKING:
    from feedsvc.media.objects import MediaObject

# The Cache-Control of what never changes.
IMMUTABLE: Final = "public, max-age=31536000, immutable"
# 32 hexadecimal digits of the SHA-256 of the content, and the suffix of the file.
PUBLIC_NAME: Final = re.compile(r"[0-9a-f]{32}\.\w+")


class SourceLost(Exception):
    """The source of a copy cannot be read, or is another one now. The place itself has no fault."""


class MediaStorage(Hashable, Protocol):
    """A folder or a place in object storage with the media files of one publication. Its text is its address."""

    # How many files may be put at a time.
    concurrency: int
    # Whether a request to another machine is made for what a folder is asked for.
    is_remote: bool

    @property
    def problem(self) -> str:
        """The last failure of a remote place in this process; "" after a success."""

    def put(self, name: str, media_type: str, pieces: Iterable[bytes], /) -> None:
        """Keep a file, completely or not at all, durably when this returns.

        `pieces` are its bytes. Raises SourceLost if they are not what `name` says, and what iterating over them raises.
        """

    def missing(self, lengths: Mapping[str, int]) -> set[str]:
        """Return the names of `lengths` of which there is no file, or one with another length in bytes than given.

        Raises StorageUnavailable if the place may not be looked at: a file that cannot be seen is not a missing one.
        """

    def unreadable(self, names: Collection[str]) -> set[str]:
        """Return those of `names` whose files are there, and may not be read by this process.

        Raises StorageUnavailable if that may be so for all of them.
        """

    def delete(self, names: Collection[str]) -> None:
        """Delete the files with these names, as far as they exist. A warning is logged for each that stays."""

    def delete_others(self, named: Set[str]) -> None:
        """Delete the media files that are not in `named`, and what a killed process left incomplete.

        No other process may put files at the same time. Files with names of another kind stay.
        """

    def prepare(self) -> None:
        """Make the place usable if it does not exist and can be made."""

    def open(self, name: str, length: int, /) -> "Path | MediaObject":
        """Return the path of a file, or a stream of it. Raises StoreUnavailable if there is none."""

    def beginning(self, name: str) -> Path | BinaryIO:
        """Return what a library reads the size of an image from. Raises StorageUnavailable; a path may not exist."""

    def identity(self) -> FileId | None:
        """Return what distinguishes this place from another one at its address; None if that is not known."""

    def changed_at(self) -> int:
        """Return when a file was last added or deleted, in nanoseconds since 1970; 0 if that is not known."""
