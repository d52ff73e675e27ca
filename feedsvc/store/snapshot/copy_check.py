"""Whether the store that web nodes read (FEEDSVC_READ_STORE) is a copy of the one that is written."""

import time
from threading import Lock
from typing import Final

from feedsvc.errors import NO_STORE, OtherStore, StoreUnavailable
from feedsvc.store.engines import Clock, StoreEngine
from feedsvc.store.session import Session

# While the original cannot be reached, it is asked again after this number of seconds.
ASK_SECONDS: Final = 60.0
_CURE: Final = "name a standby of that database, or unset FEEDSVC_READ_STORE"


class CopyCheck:
    """Compares copies with the store of `original`. Any thread may call each method.

    A copy is at an epoch that the original has or had: it may lag behind. One that has begun an epoch of its own, as
    after it was promoted, has another history from there on.
    """

    def __init__(self, original: StoreEngine, now: Clock = time.monotonic) -> None:
        self._original, self._now = original, now
        self._lock = Lock()
        self._accepted: set[str] = set()
        self._ask_at = 0.0

    def check(self, copy: Session) -> None:
        """Raise OtherStore if the store of `copy` is not a copy; once that is known, nothing is asked.

        While the original cannot be reached, every store is accepted: nodes that read a standby go on without it.
        """
        epoch = copy.epoch()
        if epoch in self._accepted:
            return
        with self._lock:
            # Another thread may have asked meanwhile.
            if epoch in self._accepted or self._now() < self._ask_at:
                return
            try:
                with self._original.read() as connection:
                    original = Session(connection, self._original)
                    if epoch in {original.epoch(), *(each for each, _ in original.former_epochs())}:
                        self._accepted.add(epoch)
                        return
                    authority = _authority(original)
            except StoreUnavailable as error:
                if error.summary != NO_STORE:
                    self._ask_at = self._now() + ASK_SECONDS
                    return
                authority = ""
        own = _authority(copy)
        said = f"FEEDSVC_READ_STORE: {copy.engine.name} is no copy of {self._original.name}"
        why = f"it publishes {own!r}, and that one {authority!r}" if own != authority else "their histories differ"
        raise OtherStore(
            f"{said}: {why} ({_CURE})", f"FEEDSVC_READ_STORE names no copy of the store of FEEDSVC_STORE ({_CURE})"
        )

    def close(self) -> None:
        """Close the idle connections to the original."""
        self._original.close()


def _authority(session: Session) -> str:
    """Return the tag_authority of the publication in a store; "" before its first sync."""
    try:
        return session.site().tag_authority
    except StoreUnavailable:
        return ""
