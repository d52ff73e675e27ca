"""Find what changed below a folder since the last scan, for file systems that report no changes."""

import os
from pathlib import Path

from feedsvc.sync.folder.files import stamp_of, trusted
from feedsvc.sync.folder.walk import is_skipped


class FolderScan:
    """Keeps one number for each file below `root`, and compares it in the next scan.

    Symlinks are not followed: their targets inside `root` are scanned anyway, and targets outside are not read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, int] = {}
        self.changed()

    def changed(self) -> set[Path]:
        """Return the paths that were added, deleted or changed since the last call.

        A file that was written recently is returned again by the next call, since it may be written again without a
        change of its stamp.
        """
        seen: dict[str, int] = {}
        young: set[str] = set()
        folders = [str(self._root)]
        while folders:
            folder = folders.pop()
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        if not is_skipped(entry.name):
                            self._scan_entry(entry, seen, young, folders)
            except OSError as error:  # a folder counts as changed when it becomes unreadable or readable
                seen[f"{folder}/"] = error.errno or 0
        before = self._seen
        paths = {path for path, number in seen.items() if before.get(path) != number} | (before.keys() - seen.keys())
        # hash() never returns -1, so the next scan finds another number.
        self._seen = {**seen, **dict.fromkeys(young, -1)}
        return {Path(path) for path in paths}

    @staticmethod
    def _scan_entry(entry: os.DirEntry[str], seen: dict[str, int], young: set[str], folders: list[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # deleted meanwhile
            return
        path = entry.path
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
            # Without the time of the folder, which changes with its entries.
            seen[path] = hash((status.st_mode, status.st_uid, status.st_gid))
            return
        # Without the inode: some network file systems return another one each time.
        numbers = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        seen[path] = hash(numbers)
        if trusted(stamp_of(status)).mtime_ns == 0:
            young.add(path)
