"""Make smaller sizes of the pictures that a sync has published. No article waits for its pictures.

Sizes are recorded in commits of their own, which change pages and no feed. What is interrupted begins again with the
first picture that has no record.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Final

import imagesize

from feedsvc.errors import StoreError, StoreUnavailable, printable
from feedsvc.media.storage import MediaStorage
from feedsvc.pictures import MADE_SUFFIX, MADE_TYPE, MAX_BYTES, MIN_RATIO, WIDTHS
from feedsvc.pictures.shrinker import Shrinker, ShrinkerUnavailable, Shrunk
from feedsvc.store import MediaFile, Store
from feedsvc.terminal import OneWarning, logger

log = logger("feedsvc.sync")

# The number of pictures in one commit. Their sizes are in memory until then, about 1 MB for each picture.
PORTION: Final = 16
_STOP_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Made:
    """A picture and its smaller sizes, which are not saved yet."""

    picture: MediaFile
    shrunk: Shrunk


def make_sizes(store: Store, media: MediaStorage, *, is_again: bool = False) -> None:
    """Make and save the smaller sizes of all pictures that nobody has looked at, unless a writer runs, which does so.

    With `is_again`, look at those too that had none for a reason. The log names them. Raises StoreError.
    """
    if store.is_written():
        return
    if is_again:
        with store.write(datetime.now(UTC)) as commit:
            commit.media.look_again()
    with Shrinker() as shrinker:
        for some in _portions(store, media, shrinker, OneWarning(log)):
            save_sizes(store, media, some)


def save_sizes(store: Store, media: MediaStorage, some: Sequence[Made]) -> None:
    """Save smaller sizes in one commit. Readers of feeds see no difference. Raises StoreError."""
    lines = []
    with store.write(datetime.now(UTC)) as commit:
        # In the transaction: a sync in between would delete files of which the store knows nothing.
        for made in some:
            sizes = []
            for width, data in made.shrunk.sizes:
                name = f"{hashlib.sha256(data).hexdigest()[:32]}{MADE_SUFFIX}"
                sizes.append((width, name, len(data)))
                if media.missing({name: len(data)}):
                    media.put(name, MADE_TYPE, [data])
            users = commit.media.put_sizes(made.picture.name, sizes, made.shrunk.why)
            if users and made.shrunk.why:
                paths = sorted(path for each in commit.files.publishers(users).values() for path in each)
                called = printable(made.picture.filename or made.picture.name)
                where = f"{printable(paths[0])}: " if paths else ""
                lines.append(f"{where}{called} has no smaller sizes, pages show it as it is: {made.shrunk.why}")
    for line in lines:
        log.warning("%s", line)


class SizeMaker:
    """Makes smaller sizes in a thread. The writer of the store saves those that are `ready`, and calls `saved`."""

    def __init__(self, store: Store, media: MediaStorage) -> None:
        self._store, self._media = store, media
        self._shrinker = Shrinker()
        self._due, self._saved, self._stop = Event(), Event(), Event()
        self._thread = Thread(target=self._run, name="picture sizes", daemon=True)
        self._warning = OneWarning(log)
        self.ready: Sequence[Made] = ()

    def start(self) -> None:
        """Start the thread. It waits for `look`."""
        self._thread.start()

    def stop(self) -> None:
        """End soon. What is not saved is made again after the next start."""
        self._stop.set()
        self._shrinker.stop()
        self._due.set()
        self._saved.set()
        self._thread.join(_STOP_SECONDS)

    def look(self) -> None:
        """Look for pictures without sizes."""
        self._due.set()

    def saved(self) -> None:
        """Go on with the next pictures."""
        self.ready = ()
        self._saved.set()

    def _run(self) -> None:
        while True:
            self._due.wait()
            self._due.clear()
            if self._stop.is_set():
                return
            try:
                for some in _portions(self._store, self._media, self._shrinker, self._warning):
                    self._saved.clear()
                    self.ready = some
                    if self._stop.is_set():
                        return
                    # The next portion is looked for in a store that has this one.
                    self._saved.wait()
                    if self._stop.is_set():
                        return
            except StoreError as error:
                # The next sync reports it, and looks again.
                log.debug("%s", error)
            except Exception:  # the thread must not end: no picture would be looked at any more
                log.exception("cannot make smaller sizes of pictures")
            # While there is nothing to do, no process waits for it.
            self._shrinker.end()


def _portions(store: Store, media: MediaStorage, shrinker: Shrinker, warning: OneWarning) -> Iterator[Sequence[Made]]:
    """Yield pictures with their smaller sizes, up to PORTION at a time, which the caller saves. Raises StoreError."""
    last, found = "", list[MediaFile]()
    while True:
        with store.read() as snapshot:
            found = snapshot.media.unsized(last, PORTION) if snapshot.site().picture_sizes else []
        if not found:
            return
        last = found[-1].name
        made = []
        try:
            for each in found:
                with suppress(StoreUnavailable):
                    # A file that is not there, which a sync makes again, is looked at the next time.
                    made.append(Made(each, _shrunk(media, each, shrinker)))
        except ShrinkerUnavailable as error:
            warning.warn(f"pictures get no smaller sizes: {error}")
            found = []
        if made:
            yield made
        if not found:
            return


def _shrunk(media: MediaStorage, picture: MediaFile, shrinker: Shrinker) -> Shrunk:
    """Return the smaller sizes of a picture. Raises StoreUnavailable, ShrinkerUnavailable."""
    if picture.length > MAX_BYTES:
        return Shrunk(why=f"it has {picture.length:,} bytes, the limit is {MAX_BYTES:,} (save it with fewer pixels)")
    found = media.open(picture.name, picture.length)
    try:
        with found.open("rb") if isinstance(found, Path) else found as file:
            try:
                width, height = imagesize.get(file)
            except Exception:  # the program says what is wrong with it
                width = height = -1
            # Most of them are small already. The program need not be started to find that.
            if 0 < max(width, height) < WIDTHS[0] * MIN_RATIO:
                return Shrunk()
            file.seek(0)
            return shrinker.shrink(file, picture.length)
    except (EOFError, OSError) as error:
        raise StoreUnavailable(f"{picture.name} cannot be read: {error}") from error
