"""Recognise names that editors, file managers and sync programs give to copies, and folders that are not public. Pure.

A file is a copy by its name only if the original that the name implies is beside it.
"""

import posixpath
import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Final

from feedsvc.articles.metadata.visibility import UNREAD_FOLDERS
from feedsvc.text import nfc

_SECTION: Final = re.compile(r"_index(?:\.[A-Za-z-]+)?")  # Hugo's branch bundles: _index.md, _index.de.md

_TABLES: Final = tomllib.loads(files("feedsvc.sync.recognition").joinpath("copy_names.toml").read_text("utf-8"))


def _any_of(table: str) -> str:
    """Return a pattern for the words in a table of copy_names.toml, the longer ones first."""
    words = {nfc(word) for words in _TABLES[table].values() for word in words}
    return "|".join(map(re.escape, sorted(words, key=lambda each: (-len(each), each))))


_COPY, _CJK_COPY, _OF, _CONFLICT = map(_any_of, ("copy", "cjk_copy", "of", "conflict"))
_NUMBER: Final = r"(?: ?\(?\d{1,3}\)?| ?（\d{1,3}）)?"
# The names of copies, without suffix; the group `x` is the name of the original. Comments name the programs.
_NAMES: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?P<x>.+)~",  # Emacs, gedit, vim
        r"(?P<x>.+?)\.?~\d{1,4}~",  # cp --backup=numbered, Emacs
        r"(?P<x>.+)[._-](?:bak|backup|bk|orig|old|save|autosave|tmp|temp)\d*",  # patch, sed -i, editors
        r"(?P<x>.+)_(?:LOCAL|REMOTE|BASE|BACKUP)_\d+",  # git mergetool
        # kdiff3, meld and other tools that merge; in capitals alone, as `x.local` is a name like others
        r"(?P<x>.+)(?-i:\.(?:LOCAL|REMOTE|BASE|BACKUP))(?:\.\d+)?",
        r"(?P<x>.+)\.sync-conflict-\d{8}-\d{6}(?:-\w+)?",  # Syncthing
        r"(?P<x>.+)~\d{8}-\d{6}",  # Syncthing's versions
        r"(?P<x>.+)_conflict-(?:[\w.@-]+-)?\d{8}-\d{6}",  # ownCloud
        r"(?P<x>.+?)_[^_]+_\w{3}-\d{2}-\d{6}-\d{4}_\w*Conflict\w*",  # Synology Drive
        r"(?P<x>.+)[._-]conflict(?:ed)?(?:[._-]?\d[\d-]*)?",  # Resilio Sync, Joplin, scripts around git
        r"(?P<x>.+)-(?:DESKTOP|LAPTOP|WIN)-[A-Z0-9]{6,}(?:-\d+)?",  # OneDrive, with the names that Windows gives
        # Dropbox, Nextcloud, Obsidian Sync, Seafile, Unison, pCloud
        rf"(?P<x>.+?) ?[(\[（][^()\[\]（）]*(?:{_CONFLICT})[^()\[\]（）]*[)\]）]",
        r"(?P<x>.+?)[ _]?[(（]\d{1,3}[)）]",  # browsers, Google Drive, Windows
        r"(?P<x>.+?) ?\((?:autosaved|autorecovered|unsaved-\d+)\)",  # Microsoft Office
        rf"(?P<x>.+?)(?: [-–—] | |_)(?:{_COPY}|conflicted copy){_NUMBER}",  # macOS, Windows, VS Code
        # GNOME, KDE, Nemo, Nextcloud: at most a word or two beside it, as in "another copy", "3. Kopie", "autre copie"
        rf"(?P<x>.+?) ?[(（](?:[\w.'’]+ ){{0,2}}(?:{_COPY}|{_CJK_COPY}){_NUMBER}[)）]",
        rf"(?P<x>.+?)(?: ?[-–—] ?| ?の ?| ?的 ?| ?의 ?| |_)(?:{_CJK_COPY}){_NUMBER}",  # macOS, Windows, Google Drive
        rf"(?:{_COPY}){_NUMBER} ?(?:{_OF}) (?P<x>.+)",  # Google Drive, Windows, ROX-Filer
        rf"(?:{_COPY}){_NUMBER}ของ ?(?P<x>.+)",  # Thai has no space there
        rf"(?:{_COPY}){_NUMBER}(?: [-–—] | )(?P<x>.+)",  # "Kopia x", "Копия x", "Salinan x"
        rf"(?:{_CJK_COPY}){_NUMBER}(?: ?[-–—~～:：] ?| )(?P<x>.+)",  # コピー ～ x of Windows
        r"(?:conflict|conflicted copy)(?: ?[-–—] ?| of )(?P<x>.+)",
    )
)


def originals(path: str) -> Iterator[str]:
    """Yield the possible originals of a file with this path, by its name, the most similar name first.

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
    """Return the name of the file at `path`, in NFC; for a bundle, with the name of its folder."""
    folder, name = posixpath.split(nfc(path))
    return posixpath.join(posixpath.basename(folder), name) if name.startswith("index.") else name


def is_copy_name(path: str) -> bool:
    """Return whether a file with this path would be a copy by its name if its original existed."""
    return next(originals(path), None) is not None


def _of_stem(stem: str) -> Iterator[str]:
    """Yield the parts of a name without the marks of a copy. A copy of a copy has several marks."""
    # Each pattern has a space, a punctuation mark or a word in a script other than Latin.
    if stem.isascii() and stem.isalnum():
        return
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
    """Return why a file with this path below content/ is not read; "" if it is read."""
    *folders, name = path.split("/")
    for folder in folders:
        reason = UNREAD_FOLDERS.get(nfc(folder).casefold())
        if reason:
            return f"is in {folder}, {reason}"
    return "is the page of a section, no article" if _SECTION.fullmatch(posixpath.splitext(name)[0]) else ""


def unread_tail(path: str) -> str:
    """Return the end of a path, from the folder or name that prevents reading; "" if the file is read.

    It stays the same if a parent folder is renamed.
    """
    *folders, name = nfc(path).split("/")
    for at, folder in enumerate(folders):
        if UNREAD_FOLDERS.get(folder.casefold()):
            return "/".join((*folders[at:], name))
    return name if why_unread(path) else ""
