"""Where an export is written: a folder, or a place in object storage."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from feedsvc.config import Settings
from feedsvc.errors import ConfigError
from feedsvc.export.folder import Folder
from feedsvc.export.objects import Objects
from feedsvc.export.rendering import Content
from feedsvc.storage.object_storage import ObjectStorage


class Target(Protocol):
    """A place for the files of an export. Its text is its address.

    Everything here raises ExportFailed or StorageUnavailable with the place, the fault and its remedy.
    """

    @property
    def writers(self) -> int:
        """The number of threads that may write at a time."""

    @property
    def is_written_by_processes(self) -> bool:
        """Whether a process that was forked may write."""

    @property
    def takes_coding(self) -> bool:
        """Whether it has a text in the coding of its content alone. A folder has the text and its copies."""

    @property
    def ignores_case(self) -> bool:
        """Whether two keys that differ in case alone are the same file. It is asked while the place is reserved."""

    def reserved(self) -> AbstractContextManager[None]:
        """Make the place usable, for this export alone until the context ends.

        Raises ConfigError for one that is used by something else.
        """

    def put(self, key: str, content: Content, former: str = "", /) -> str:
        """Write a file in place of a former one, completely or not at all. Return its stamp.

        `former` is the stamp of that one; "" if none is known. Other bytes get a later Last-Modified.
        """

    def put_pieces(self, key: str, pieces: Iterable[bytes], media_type: str, name: str, /) -> str:
        """Write a media file, whose author called it `name`. Return its stamp."""

    def settle(self, keys: Collection[str]) -> None:
        """Make files that were written durable."""

    def delete(self, keys: Collection[str]) -> None:
        """Delete files, as far as they exist."""

    def changed(self, stamps: Mapping[str, str]) -> set[str]:
        """Return the keys of files that are missing, or have another stamp than these."""


def target_at(place: str, settings: Settings) -> Target:
    """Return the target of the command's argument: a URL of object storage, or a folder. Raises ConfigError."""
    if "://" in place:
        try:
            storage = ObjectStorage(place, setting="TARGET", needs_prefix=False)
        except ValueError as error:
            raise ConfigError(f"TARGET: {error}") from error
        media = f"{str(settings.media).rstrip('/')}/"
        if media.startswith(f"{storage}/") or f"{storage}/".startswith(media):
            raise ConfigError(f"{storage}: the media of the publication are in {settings.media} (name another place)")
        return Objects(storage)
    kept = (settings.content, settings.state, settings.store, settings.read_store, settings.media)
    return Folder(Path(place).resolve(), [each for each in kept if isinstance(each, Path)])
