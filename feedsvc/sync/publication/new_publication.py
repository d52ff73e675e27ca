"""Begin a new publication in the place of another one, without a trace of that in the feeds."""

import shutil
import time
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from feedsvc.config import Settings
from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.model import Site
from feedsvc.store import Store
from feedsvc.sync import Options, Report, sync

_PREFIX: Final = ".new-publication-"
# A folder of this command that is older was left behind: no first sync takes so long.
_LEFT_SECONDS: Final = 86400


def begin_publication(
    settings: Settings, site: Site, store: Store, now: datetime, options: Options
) -> tuple[Report, str | None]:
    """Replace the store by a new one that knows only what the content folder holds, at `now` (UTC).

    Return the report, and the name of a backup of the former store; None if there was none. Readers see the former
    publication, then the new one; a server may run meanwhile. Raises ConfigError, StoreUnavailable; the store is then
    unchanged.
    """
    if not isinstance(settings.store, Path):
        cure = "create another database, name it in FEEDSVC_STORE, and run feedsvc sync"
        raise ConfigError(f"{settings.store_name}: --new-publication is for SQLite stores ({cure})")
    folder = settings.store.parent
    if settings.drafts:
        raise ConfigError(f"{settings.store}: no preview is begun in place of a publication (unset FEEDSVC_DRAFTS)")
    for left in left_behind(folder):
        if time.time() - left.stat().st_mtime > _LEFT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        temporary = TemporaryDirectory(dir=folder, prefix=_PREFIX)
    except OSError as error:
        raise StoreUnavailable(f"{folder}: {error.strerror} (make it writable, or name another --store)") from error
    with temporary as name:
        temporary_store = Path(name, settings.store.name)
        made = replace(settings, store=temporary_store, state=Path(name))
        with closing(Store(temporary_store)) as new:
            # Not `complete`: that would delete the media of the present publication before it is replaced.
            report = sync(made, site, new, now, replace(options, whole=False))
        return report, store.restore(temporary_store)


def left_behind(folder: Path) -> list[Path]:
    """Return the folders beside a store in `folder` that runs of this, which were killed or go on, made; sorted."""
    return sorted(folder.glob(f"{_PREFIX}*"))
