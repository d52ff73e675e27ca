"""How far behind its store the node is that answers: the documents that it has cached, and the copy that it reads."""

import time
from dataclasses import dataclass

from feedsvc.store import Snapshot, Store
from feedsvc.web.cache.document_cache import DocumentCache


@dataclass(frozen=True, slots=True)
class NodeLag:
    """`commits` and `seconds` are what the cached documents of the worker lack, as far as it can see.

    `commits` is None while the store cannot be read; then `seconds` is the time since it last could. `copy_seconds` is
    what the copy that it reads may lack of the primary; None where it reads the primary itself.
    """

    commits: int | None
    seconds: float
    copy_seconds: float | None

    def line(self) -> str:
        """Return it as a line of text."""
        behind = "cannot reach its store" if self.commits is None else f"{self.commits} commits behind its store"
        copy = "" if self.copy_seconds is None else f"; it reads a standby, at most {self.copy_seconds:.0f} s behind"
        return f"node: {behind}, current {self.seconds:.0f} s ago{copy}"


def node_lag(documents: DocumentCache, store: Store, snapshot: Snapshot | None) -> NodeLag:
    """Return how far behind the worker is whose cache `documents` are; `snapshot` is None if there can be none."""
    seen, current_at = documents.seen, documents.current_at
    seconds = max(0.0, time.monotonic() - current_at) if current_at is not None else 0.0
    if snapshot is None:
        return NodeLag(None, seconds, None)
    version = snapshot.version()
    is_comparable = seen is not None and seen.epoch == version.epoch
    commits = max(0, version.commit - seen.commit) if seen is not None and is_comparable else 0
    return NodeLag(commits, seconds if commits else 0.0, store.copy_lag())
