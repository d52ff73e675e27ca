"""Find what version control left in a file: merge conflicts, and pointers instead of large files. Pure."""

import re
from collections.abc import Callable
from typing import Final

# A pointer begins so: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
LFS_POINTER: Final = b"version https://git-lfs.github.com/spec/"
# Contents of pointer files, and the messages with the remedy:
# https://git-annex.branchable.com/internals/pointer_file/
_POINTERS: Final = (
    (re.compile(re.escape(LFS_POINTER)), "is a pointer of Git LFS instead of the file (run git lfs pull)"),
    (
        re.compile(rb"\A(?:\.\./)*(?:\.git)?/annex/objects/"),
        "is a pointer of git-annex instead of the file (run git annex get, or git annex unlock)",
    ),
)
_HTML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
# The number of bytes at the beginning of a file that `not_what_it_says` reads.
BEGINNING: Final = 256


def not_what_it_says(beginning: bytes) -> str | None:
    """Return the message about a media file with this beginning if it is a pointer or an HTML page; else None."""
    said = next((said for pointer, said in _POINTERS if pointer.match(beginning)), None)
    if said is None and _HTML.match(beginning):
        return "is a page of HTML instead of the file: the server it came from had none (save the file itself)"
    return said


# Seven marks at the beginning of a line, or more where `conflict-marker-size` or Jujutsu asks for them, and a label.
# git, Mercurial, Subversion: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented; Jujutsu's "%", "+":
# https://jj-vcs.github.io/jj/latest/conflicts/
_MARKER: Final = re.compile(r"(<{7,})(?: |$)|(\|{7,}|>{7,})(?: +[^|>\s][^|>]*+)?+$|(%{7,}|\+{7,}) +\S")
_MAY_BE_MARKER: Final = re.compile(r"^(?:<{7}|\|{7}|>{7}|%{7}|\+{7})", re.MULTILINE)
# CriticMarkup: {~~old~>new~~}.
_CHANGE: Final = re.compile(r"(?<!\\)\{~~[^{}~]*+(?:~(?![~>}])[^{}~]*+)*+~>")


def line_of_conflict(text: str, without_code: Callable[[str], str]) -> int:
    """Return the line, from 1, of the first marker of an unresolved conflict of a merge; 0 where there is none.

    One marker suffices: of a conflict that was resolved by half, any may be left, with text of the other side beside
    it. It must stand outside of code, which may show a conflict. `=======` alone says nothing, since it underlines
    headings; a row of bars in a table and a quotation of seven levels have others of their kind beside them.
    """
    if not any(7 * mark in text for mark in "<|>%+") or not _MAY_BE_MARKER.search(text):
        return 0
    lines = text.split("\n")
    for number, line in enumerate(without_code(text).split("\n")):
        found = _MARKER.match(line)
        if found is None:
            continue
        beside = (*lines[max(number - 1, 0) : number], *lines[number + 1 : number + 2])
        mark = line[0]
        if mark in "|>" and any(each.lstrip().startswith(mark) for each in beside):
            continue
        return number + 1
    return 0


def line_of_change(text: str, without_code: Callable[[str], str]) -> int:
    """Return the line, from 1, of the first substitution of CriticMarkup; 0 where there is none.

    Both texts stand in the file, and neither was chosen: the old one may be what must not be published.
    """
    found = _CHANGE.search(without_code(text)) if "{~~" in text and _CHANGE.search(text) else None
    return text.count("\n", 0, found.start()) + 1 if found else 0
