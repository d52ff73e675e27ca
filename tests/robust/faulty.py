"""feedsvc with a refresher that raises while the file CHAOS_SWITCH exists: `python -m tests.robust.faulty serve`."""

import os
from pathlib import Path

from feedsvc.cli import main
from feedsvc.web.cache.document_cache import DocumentCache

refresh = DocumentCache.refresh


def refresh_or_raise(documents: DocumentCache) -> None:
    """Raise what nobody foresees, or refresh."""
    if Path(os.environ["CHAOS_SWITCH"]).exists():
        raise ZeroDivisionError("a fault of ours")
    refresh(documents)


setattr(DocumentCache, "refresh", refresh_or_raise)  # noqa: B010  # mypy allows no assignment

if __name__ == "__main__":
    main()
