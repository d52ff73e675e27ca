"""Which file systems a folder is on, from Linux's table of mounts: some report no events of what other machines do."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MOUNTS: Final = Path("/proc/self/mountinfo")
# A change that another machine makes there, or the host of a virtual machine, raises no inotify event here.
_REMOTE: Final = frozenset(
    "9p acfs afs beegfs ceph cifs coda davfs drvfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs prl_fs "
    "smb2 smb3 smbfs vboxsf virtiofs vmhgfs".split()
)


@dataclass(frozen=True, slots=True)
class Mounts:
    """The mounts that a folder consists of.

    `remote` is the type of one that reports no events of other machines' changes, or "". `below` are the mount points
    inside the folder, with their types: a mount over a subfolder is no event either.
    """

    remote: str = ""
    below: frozenset[tuple[str, str]] = frozenset()


def mounts_of(root: str, table: Path = _MOUNTS) -> Mounts:
    """The mounts of the folder with the real path `root`, as `table` (proc_pid_mountinfo(5)) says.

    Nothing where there is no such table (outside Linux): the setting FEEDSVC_WATCH decides there.
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
    """Whether a file system of that type may change without an event: a network's, a host's, or one in user space."""
    return kind in _REMOTE or kind == "fuse" or kind.startswith("fuse.")
