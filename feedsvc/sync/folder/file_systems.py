"""Find the file systems of a folder in Linux's mount table. Some report no events for changes by other machines."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
# On these, a change by another machine or by the host of a virtual machine raises no inotify event here.
_REMOTE: Final = frozenset(
    "9p acfs afs beegfs ceph cifs coda davfs drvfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs "
    "smb2 smb3 smbfs vboxsf virtiofs vmhgfs".split()
)


@dataclass(frozen=True, slots=True)
class Mounts:
    """The mounts of a folder.

    `remote` is the type of a file system that reports no events for changes by other machines, or "". `below` has the
    mount points inside the folder with their types, because a mount over a subfolder raises no event either.
    """

    remote: str = ""
    below: frozenset[tuple[str, str]] = frozenset()


def mounts_of(root: str, table: Path = _MOUNTS) -> Mounts:
    """Return the mounts of the folder with the real path `root`, from the mount table `table` (proc_pid_mountinfo(5)).

    Without such a table (outside Linux) there are no mounts: there the setting FEEDSVC_WATCH decides.
    """
    try:
        lines = table.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return Mounts()
    above, own, below = "", "", dict[str, str]()
    for line in lines:
        fields, _, rest = line.partition(" - ")
        # The table writes a space in a mount point as the octal escape `\040`.
        escaped, kind = os.fsencode(fields.split(" ")[4]), rest.split(" ")[0]
        point = os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), escaped))
        if f"{root}/".startswith(f"{point.rstrip('/')}/"):
            # A later mount at the same place hides the earlier one.
            if len(point) >= len(above):
                above, own = point, kind
        elif point.startswith(f"{root.rstrip('/')}/"):
            below[point] = kind
    remote = next(filter(is_remote, (own, *below.values())), "")
    return Mounts(remote=remote, below=frozenset(below.items()))


def is_remote(kind: str) -> bool:
    """Return whether a file system of this type may change without an event: one on a network, of a host, or FUSE."""
    return kind in _REMOTE or kind == "fuse" or kind.startswith("fuse.")
