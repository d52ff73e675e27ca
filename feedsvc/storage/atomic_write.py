"""Write files that appear complete or not at all. A new file never replaces another one."""

import errno
import fcntl
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Final

from feedsvc.errors import ConfigError
from feedsvc.files import file_id, open_regular, rename_new

_ACCESS_ACL: Final = "system.posix_acl_access"
# What the author or the system that keeps the file wrote; the others are of the kernel, such as labels of SELinux.
_COPIED_ATTRIBUTES: Final = ("user.", _ACCESS_ACL)
_CURES: Final = {
    errno.ENOSPC: "free disk space there",
    errno.EDQUOT: "free disk space there, or raise the quota",
    errno.EFBIG: "raise the limit on the size of a file, ulimit -f",
    errno.EROFS: "mount the disk for writing",
    errno.EACCES: "make it and its folder writable",
    errno.EPERM: "make it and its folder writable",
}


# The longest name of a file in most file systems.
_MAX_NAME_BYTES: Final = 255


class NotReplaced(OSError):
    """Replacing a file would lose something of it. `cure` says what to do."""

    def __init__(self, what: str, cure: str) -> None:
        super().__init__(errno.EPERM, what)
        self.cure = cure


def cure_of(error: OSError, otherwise: str = "check the folder") -> str:
    """Return what helps after a file could not be written, in words for parentheses."""
    return error.cure if isinstance(error, NotReplaced) else _CURES.get(error.errno or 0, otherwise)


def create(path: Path, data: bytes) -> bool:
    """Write a new file. Return False, and write nothing, if a file of that name exists by then.

    Raises ConfigError if the disk does not allow it; nothing is left of the file then.
    """
    with _io_errors_as_config_errors(path), _temporary_file(path, data) as temporary:
        try:
            try:
                # Unlike a rename, a link never replaces a file.
                os.link(temporary, path)
            except FileExistsError:
                raise
            except OSError:  # a file system without hard links, such as that of most USB sticks
                rename_new(temporary, path)
        except FileExistsError:
            return False
        return True


def replace(path: Path, data: bytes) -> Path:
    """Write a file over an existing one, and return the new path of the former file.

    Raises ConfigError if the disk does not allow it.
    """
    with _io_errors_as_config_errors(path), _temporary_file(path, data) as temporary:
        # The file gets a second name in the numbered form of GNU backups. No sync reads a file with such a suffix.
        for number in count(1):
            backup = path.with_name(f"{path.name}.~{number}~")
            with suppress(FileExistsError):
                os.link(path, backup)
                break
        os.replace(temporary, path)
        return backup


def overwrite(path: Path, data: bytes) -> None:
    """Write a file, in place of one of that name. Raises ConfigError if the disk does not allow it."""
    with _io_errors_as_config_errors(path), _temporary_file(path, data) as temporary:
        os.replace(temporary, path)


def replace_unchanged(file: Path, before: bytes, after: bytes) -> None:
    """Replace the content of a file by a rename. Owner, mode, extended attributes and ACL stay.

    `file` is no symlink: callers resolve it, so that the symlink stays and its target is written. Raises OSError, and
    the file is as it was: NotReplaced if its owner or an attribute cannot be kept, or if it has other hard links, which
    would keep the old text; BlockingIOError if another program wrote it meanwhile.
    """
    # Hidden names are not read, so no sync takes the new file for an article.
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=".id-")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(after)
            out.flush()
            with open_regular(file) as old:
                _keep_metadata(old.fileno(), handle)
                os.fsync(handle)
                if old.read() != before:
                    raise BlockingIOError(0, "another program is writing it")
        os.replace(temporary, file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _keep_metadata(old: int, new: int) -> None:
    """Give the open file `new` the owner, group, mode, extended attributes and ACL of `old`; both are descriptors.

    By descriptors, since the owner of the folder may be another user, who could put a symlink in place of a path.
    """
    status, made = os.fstat(old), os.fstat(new)
    if status.st_nlink > 1:
        # Written in place, a full disk or a crash would cost the text; renamed over, the other names would not change.
        cure = "edit it yourself, or give it one name: cp -p FILE COPY && mv COPY FILE"
        raise NotReplaced(f"it has {status.st_nlink} names (hard links)", cure)
    if (status.st_uid, status.st_gid) != (made.st_uid, made.st_gid):
        try:
            os.fchown(new, status.st_uid, status.st_gid)
        except OSError as error:
            cure = "run it as that user, or edit the file yourself"
            owner = f"user {status.st_uid}, group {status.st_gid}"
            raise NotReplaced(f"its owner ({owner}) cannot be kept: {error.strerror}", cure) from error
    os.fchmod(new, stat.S_IMODE(status.st_mode))
    if not hasattr(os, "listxattr"):  # macOS
        return
    names = {each for each in os.listxattr(old) if each.startswith(_COPIED_ATTRIBUTES)}
    for name in names:
        try:
            os.setxattr(new, name, os.getxattr(old, name))
        except OSError as error:
            cure = "edit the file yourself"
            raise NotReplaced(f"its attribute {name} cannot be kept: {error.strerror}", cure) from error
    if _ACCESS_ACL in set(os.listxattr(new)) - names:  # of the folder's default ACL
        os.removexattr(new, _ACCESS_ACL)
        os.fchmod(new, stat.S_IMODE(status.st_mode))


@contextmanager
def _temporary_file(path: Path, data: bytes) -> Iterator[Path]:
    """Write the data to a hidden file beside `path`, which syncs and watchers ignore.

    Each path has one such name, so the next call overwrites what an interrupted one left. It is locked while it is
    written, so two calls wait for each other here.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name
    if len(os.fsencode(name)) > _MAX_NAME_BYTES - len("..importing"):
        name = hashlib.sha256(os.fsencode(name)).hexdigest()
    temporary = path.with_name(f".{name}.importing")
    while True:
        handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # The process that had the lock before may have renamed or deleted the file.
        if file_id(handle) == file_id(temporary):
            break
        os.close(handle)
    try:
        with os.fdopen(handle, "wb") as file:
            file.truncate()
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            yield temporary
            # Under the lock: a process that waits for it then finds another file, or none.
            temporary.unlink(missing_ok=True)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


@contextmanager
def _io_errors_as_config_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {error.strerror} ({cure_of(error)})") from error
