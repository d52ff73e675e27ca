"""feedsvc with a refresher that raises while the file CHAOS_SWITCH exists: `python -m tests.robust.faulty serve`.

Of what waits to be written to its log it takes little, so that a test need not write much.
"""

import os
from pathlib import Path

from feedsvc.cli import main
from feedsvc.processes import log_stream
from feedsvc.web.cache.document_cache import DocumentCache

refresh = DocumentCache.refresh


def refresh_or_raise(documents: DocumentCache) -> None:
    """Raise what nobody foresees, or refresh."""
    if Path(os.environ["CHAOS_SWITCH"]).exists():
        raise ZeroDivisionError("a fault of ours")
    refresh(documents)


setattr(log_stream, "MAX_QUEUED_BYTES", 4096)  # noqa: B010
setattr(DocumentCache, "refresh", refresh_or_raise)  # noqa: B010  # mypy allows no assignment

if __name__ == "__main__":
    main()
