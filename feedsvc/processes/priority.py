"""The priority of a process, so that others come first where a machine is busy."""

import os
from pathlib import Path


def lower_priority(pid: int, niceness: int) -> None:
    """Give a process, which leads its session and has one thread, at least this niceness (0 to 19).

    Linux shares time among sessions first where it groups processes by session (autogroups, sched(7)). There, the
    niceness of a process counts within its session alone, and that of the session is set as well.
    """
    os.setpriority(os.PRIO_PROCESS, pid, max(niceness, os.getpriority(os.PRIO_PROCESS, pid)))
    group = Path(f"/proc/{pid}/autogroup")
    # Not on systems other than Linux, nor in every kernel.
    if group.exists() and os.getsid(pid) == pid:
        group.write_text(str(niceness))
