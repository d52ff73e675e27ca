"""Keep the store of a preview, which has drafts in it, and the store of the live publication apart."""

from contextlib import suppress
from typing import Final

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.store import Commit, Snapshot

_LIVE: Final = (
    "is the store of a publication, so no draft is written into it "
    "(unset FEEDSVC_DRAFTS; feedsvc serve --drafts makes a store of its own)"
)
_PREVIEW: Final = (
    "is the store of a preview, with drafts in it, so it is not published "
    "(name another --store, or unset FEEDSVC_STORE; feedsvc serve --drafts shows a preview)"
)


def refuse_other_kind(snapshot: Snapshot, settings: Settings) -> None:
    """Raise ConfigError if the store is of a preview and the settings are not, or the other way round."""
    if snapshot.is_preview():
        if not settings.drafts:
            raise ConfigError(f"{settings.store_name}: {_PREVIEW}")
    elif settings.drafts:
        # A new store has no site yet.
        with suppress(StoreUnavailable):
            snapshot.site()
            raise ConfigError(f"{settings.store_name}: {_LIVE}")


def settle_kind(commit: Commit, settings: Settings) -> None:
    """Note at the first sync of a preview what kind of store it is. Raises ConfigError as `refuse_other_kind`."""
    refuse_other_kind(commit.snapshot, settings)
    if settings.drafts and not commit.snapshot.is_preview():
        commit.site.note_preview()
