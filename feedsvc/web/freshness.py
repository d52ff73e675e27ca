"""The thread that sees commits come in and has what is held made anew: pollers neither ask nor wait for it."""

import logging
import time
from threading import Event, Thread
from typing import Final

from feedsvc.errors import StoreError
from feedsvc.store import Pulse
from feedsvc.web.document_cache import DocumentCache

log = logging.getLogger("feedsvc.web")

TICK_SECONDS: Final = 0.02
RETRY_SECONDS: Final = 1.0
# Where commits come faster than documents can be made, polls keep most of the processor.
SHARE: Final = 0.5


class Freshness:
    """Keeps `documents` at the last commit of the store that `pulse` feels, from `start` to `stop`."""

    def __init__(self, documents: DocumentCache, pulse: Pulse) -> None:
        self._documents, self._pulse = documents, pulse
        self._stop = Event()
        self._thread = Thread(target=self._run, name="freshness", daemon=True)
        self._complaint = ""

    def start(self) -> None:
        """Begin; from here on the documents are known to be right without asking."""
        self._thread.start()

    def stop(self) -> None:
        """End; from here on each request asks the store again."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        wait = 0.0
        while not self._stop.wait(wait):
            wait = self._look()
            self._documents.watched = True
        self._documents.watched = False
        self._pulse.close()

    def _look(self) -> float:
        """Make anew what was committed, if anything; returns after how many seconds to look again."""
        if not self._pulse.beat():
            return TICK_SECONDS
        begun = time.monotonic()
        try:
            self._documents.refresh()
        except StoreError as error:
            self._complain(str(error))
            self._pulse.forget()
            return RETRY_SECONDS
        self._complaint = ""
        return max(TICK_SECONDS, (time.monotonic() - begun) / SHARE)

    def _complain(self, message: str) -> None:
        if message != self._complaint:
            log.warning("%s (what is held is served)", message)
        self._complaint = message
