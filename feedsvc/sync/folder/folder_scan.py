"""What changed below a folder since it was last scanned, where the system reports no changes."""

import os
from pathlib import Path

from feedsvc.sync.folder.files import stamp_of, trusted
from feedsvc.sync.folder.walk import is_skipped


class FolderScan:
    """Remembers one number for each file below `root`, and compares.

    Symlinks are not followed: what they lead to inside `root` is scanned there, and nothing outside is read.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._seen: dict[str, int] = {}
        self.changed()

    def changed(self) -> set[Path]:
        """Return the paths that came, went or changed since the last call. A file that was written just now is
        returned again by the next call, since it may be written again without a change of its stamp.
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
                            self._look(entry, seen, young, folders)
            except OSError as error:  # what cannot be listed is a change when that begins and when it ends
                seen[f"{folder}/"] = error.errno or 0
        before = self._seen
        paths = {path for path, number in seen.items() if before.get(path) != number} | (before.keys() - seen.keys())
        # hash() never returns -1, so the next scan finds another number.
        self._seen = {**seen, **dict.fromkeys(young, -1)}
        return {Path(path) for path in paths}

    @staticmethod
    def _look(entry: os.DirEntry[str], seen: dict[str, int], young: set[str], folders: list[str]) -> None:
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it went just now
            return
        path = entry.path
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
            # The time of a folder says what its entries say, too.
            seen[path] = hash((status.st_mode, status.st_uid, status.st_gid))
            return
        # Without the inode: some network file systems give a file another one each time.
        numbers = (status.st_mode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        seen[path] = hash(numbers)
        if trusted(stamp_of(status)).mtime_ns == 0:
            young.add(path)
