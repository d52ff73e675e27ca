"""What git leaves in files that it did not finish: conflicts of a merge, pointers in place of large files. Pure."""

from collections.abc import Callable
from typing import Final

# A pointer begins so: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md. It has at most 1,024 bytes.
LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
MAX_POINTER: Final = 1024
# In their order, as git writes them: seven marks, and a name behind the first and the last.
_MARKERS: Final = ("<<<<<<< ", "=======", ">>>>>>> ")


def line_of_conflict(text: str, without_code: Callable[[str], str]) -> int:
    """Return the line, from 1, where an unresolved conflict of a merge begins; 0 where there is none.

    All three markers must stand at the beginning of lines, in order: a line of "=" alone may underline a heading. The
    first must stand outside of code, which may show a conflict. The others may stand anywhere: where the two sides
    open a block of code each, the block that results swallows them.
    """
    if _MARKERS[0] not in text:
        return 0
    begin = wanted = 0
    for number, (line, outside) in enumerate(zip(text.split("\n"), without_code(text).split("\n"), strict=True), 1):
        seen = outside if wanted == 0 else line
        if seen.startswith(_MARKERS[wanted]) and (wanted != 1 or line.rstrip() == "======="):
            begin, wanted = (number if wanted == 0 else begin), wanted + 1
            if wanted == len(_MARKERS):
                return begin
    return 0
