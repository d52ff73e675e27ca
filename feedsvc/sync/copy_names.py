"""Names that editors, file managers and sync programs give to copies; folders with nothing for the public. Pure.

A name makes a file a copy only where the file that it names as its original stands beside it.
"""

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from feedsvc.articles.visibility import UNREAD_FOLDERS
from feedsvc.text import nfc

_SECTION: Final = re.compile(r"_index(?:\.[A-Za-z-]+)?")  # Hugo's branch bundles: _index.md, _index.de.md

_NUMBER: Final = r"(?: ?\(?\d{1,3}\)?| ?（\d{1,3}）)?"
# "copy" as a suffix, as the Finder, Windows, GNOME and KDE write it in their languages.
_COPY: Final = "copy|copie|copia|cópia|còpia|kopie|kopia|kopi|kópia|kopya|копия|копія|másolat|αντίγραφο|نسخة|עותק|สำเนา"
_CJK_COPY: Final = "コピー|複製|副本|拷貝|拷贝|复本|複本|備份|备份|복사본|사본"
_CONFLICT: Final = (
    "conflicted copy|case conflict|conflict|sfconflict|in konflikt|konflikt|conflit|conflicto|conflitto|conflito|"
    "競合コピー|競合|衝突複本|衝突副本|衝突|冲突副本|冲突|충돌|конфликт"
)
# Names of copies, without suffix; `x` is the original's. Each with who writes it.
_NAMES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<x>.+)~",  # Emacs, gedit, vim
        r"(?P<x>.+)[._-](?:bak|backup|orig|old|save|tmp|temp)\d*",  # patch, sed -i, editors
        r"(?P<x>.+)_(?:LOCAL|REMOTE|BASE|BACKUP)_\d+",  # git mergetool
        r"(?P<x>.+)\.sync-conflict-\d{8}-\d{6}(?:-\w+)?",  # Syncthing
        r"(?P<x>.+)~\d{8}-\d{6}",  # Syncthing's versions
        r"(?P<x>.+)_conflict-\d{8}-\d{6}",  # ownCloud
        r"(?P<x>.+?)_[^_]+_\w{3}-\d{2}-\d{6}-\d{4}_\w*Conflict\w*",  # Synology Drive
        r"(?P<x>.+)\.conflict\d*",  # Resilio Sync
        r"(?P<x>.+)-(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{6,}(?:-\d+)?",  # OneDrive
        # Dropbox, Nextcloud, Obsidian Sync, Seafile, Unison, pCloud
        rf"(?P<x>.+?) ?[(\[（][^()\[\]（）]*(?:{_CONFLICT})[^()\[\]（）]*[)\]）]",
        r"(?P<x>.+?) ?[(（]\d{1,3}[)）]",  # browsers, Google Drive, Windows
        rf"(?P<x>.+?)(?: [-–—] | |_)(?:{_COPY}){_NUMBER}",  # macOS, Windows, VS Code
        rf"(?P<x>.+?) [(（](?:another |\d+\w\w )?(?:{_COPY}|{_CJK_COPY}){_NUMBER}[)）]",  # GNOME, KDE
        rf"(?P<x>.+?)(?: ?[-–—] ?| ?の ?| ?的 ?| ?의 ?| |_)(?:{_CJK_COPY}){_NUMBER}",  # macOS, Windows, Google Drive
        rf"(?:{_COPY}){_NUMBER} (?:of|von|de|di|da|do|van|av|af|z) (?P<x>.+)",  # Google Drive, Windows
        rf"(?:{_CJK_COPY}){_NUMBER}(?: ?[-–—~～:：] ?| )(?P<x>.+)",  # コピー ～ x of Windows
    )
)


def originals(path: str) -> Iterator[str]:
    """Yield the paths of the files that a file of this path would be a copy of, by its name, nearest first.

    A bundle (`x copy/index.md`) is a copy of the bundle beside it.
    """
    folder, name = posixpath.split(nfc(path))
    stem, suffix = posixpath.splitext(name)
    if stem == "index" and folder:
        above, folder_name = posixpath.split(folder)
        yield from (posixpath.join(above, each, name) for each in _of_stem(folder_name))
    else:
        yield from (posixpath.join(folder, f"{each}{suffix}") for each in _of_stem(stem))


def file_name(path: str) -> str:
    """Return the name of the file at `path`, in NFC; that of a bundle with its folder."""
    folder, name = posixpath.split(nfc(path))
    return posixpath.join(posixpath.basename(folder), name) if name.startswith("index.") else name


def is_copy_name(path: str) -> bool:
    """Whether a file of this path would be a copy by its name, if its original were there."""
    return next(originals(path), None) is not None


def _of_stem(stem: str) -> Iterator[str]:
    """Yield what is left of a name without the marks of a copy; a copy of a copy has several."""
    seen, waiting = {stem}, [stem]
    while waiting:
        name = waiting.pop(0)
        for pattern in _NAMES if len(name) <= 255 else ():
            match = pattern.fullmatch(name)
            original = match["x"].strip(" 「」『』\"'") if match else ""
            if original and original not in seen:
                seen.add(original)
                waiting.append(original)
                yield original


def why_unread(path: str) -> str:
    """Return why a file of this path below content/ is not read, or "" if it is."""
    *folders, name = path.split("/")
    for folder in folders:
        reason = UNREAD_FOLDERS.get(nfc(folder).casefold())
        if reason:
            return f"is in {folder}, {reason}"
    return "is the page of a section, no article" if _SECTION.fullmatch(posixpath.splitext(name)[0]) else ""


def unread_tail(path: str) -> str:
    """Return the part of a path that begins with what keeps it from being read, or "" where it is read.

    It stays the same where a folder above is renamed.
    """
    *folders, name = nfc(path).split("/")
    for at, folder in enumerate(folders):
        if UNREAD_FOLDERS.get(folder.casefold()):
            return "/".join((*folders[at:], name))
    return name if why_unread(path) else ""
