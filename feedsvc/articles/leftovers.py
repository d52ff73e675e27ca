"""What git leaves in files that it did not finish: conflicts of a merge, pointers in place of large files. Pure."""

import re
from typing import Final

# A pointer begins so: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. It has at most 1,024 bytes.
LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
MAX_POINTER: Final = 1024
_FENCE: Final = re.compile(r" {0,3}(`{3,}|~{3,})")
# In their order, as git writes them: seven marks, and a name behind the first and the last.
_MARKERS: Final = ("<<<<<<< ", "=======", ">>>>>>> ")


def line_of_conflict(text: str) -> int:
    """Return the line, from 1, where an unresolved conflict of a merge begins; 0 where there is none.

    All three markers must stand at the beginning of lines, in order. A line of "=" alone may underline a heading, and
    a fenced block of code may show markers.
    """
    begin, wanted, fence = 0, 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        opened = _FENCE.match(line)
        if fence:
            fence = "" if opened and opened[1].startswith(fence) and not line.strip(" `~") else fence
            continue
        if opened:
            fence = opened[1]
        elif line.startswith(_MARKERS[wanted]) and (wanted != 1 or line.rstrip() == "======="):
            begin, wanted = (number if wanted == 0 else begin), wanted + 1
            if wanted == len(_MARKERS):
                return begin
    return 0
