"""What helps where SQLite cannot make a file larger. It calls most of the causes "disk I/O error"."""

import resource
import shutil
import sqlite3
from pathlib import Path
from typing import Final

# Errors of a file that has to grow. SQLITE_FULL is ENOSPC alone. A quota (EDQUOT) and a limit of the process (EFBIG)
# are SQLITE_IOERR_WRITE. For a -shm, all three are SQLITE_IOERR_SHMSIZE.
_GROWING: Final = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_SHMSIZE)
# The size of a new -shm in bytes.
_SHM_BYTES: Final = 32768


def needs_shm_space(error: BaseException | None) -> bool:
    """Return whether an error of SQLite says that the -shm of a store cannot be made or become larger."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_IOERR_SHMSIZE


def space_cure(error: BaseException | None, folder: Path) -> str | None:
    """Return what helps where a file in `folder` could not grow: disk space or a limit; None for another error."""
    code = getattr(error, "sqlite_errorcode", None)
    if code not in _GROWING:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    is_disk_full = code == sqlite3.SQLITE_FULL or (needs_shm_space(error) and _free_bytes(folder) < _SHM_BYTES)
    if limit != resource.RLIM_INFINITY and not is_disk_full:
        return f"raise the limit of {limit:,} bytes on the size of a file (ulimit -f, or LimitFSIZE= of systemd)"
    return f"free disk space in {folder}, or raise the quota"


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return _SHM_BYTES
