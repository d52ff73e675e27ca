"""The processes that hold a lock of flock(2), for messages."""

import os
from contextlib import suppress
from pathlib import Path


def lock_holders(file: Path) -> str:
    """Return the processes that hold a lock on `file`, for example " (process 12: feedsvc serve)".

    It is "" if none is known: only Linux lists locks, and only those of processes of the same container.
    """
    found: dict[int, str] = {}
    with suppress(OSError, ValueError, IndexError):
        inode = str(os.stat(file).st_ino)
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            fields = line.split()
            if "FLOCK" in fields and "->" not in fields and fields[5].rpartition(":")[2] == inode:
                found[int(fields[4])] = ""
    for pid in found:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
            found[pid] = " ".join(words).strip()[:120]
    listed = [f"process {pid}{f': {command}' if command else ''}" for pid, command in sorted(found.items())]
    return f" ({', '.join(listed)})" if listed else ""
