"""The name of the file of an exported URL: what a static web server looks for at its path. Pure."""

from typing import Final
from urllib.parse import unquote

from feedsvc.urls import MAX_FILE_NAME, has_file

# In bytes: the longest name of a file whose compressed copy has a suffix.
_MAX_FILE: Final = MAX_FILE_NAME - len(".gz")
# Says in a target that an export wrote it: nothing is written beside the files of others.
MARK: Final = ".feedsvc-export"
PAGE: Final = ".html"
# What servers show for a folder, and for the root.
FRONT_PAGE: Final = f"index{PAGE}"


def key_of(path: str, *, is_page: bool) -> str:
    """Return the key of a path (percent-encoded, from its first slash on): its file, relative to the target.

    A path that ends with a slash has an index.html. Another page gets the suffix .html, which servers add, also where
    the name of a tag ends so. It is the index.html of a folder if its name is too long for the suffix, or if it is
    `index`: that file is what servers show for the folder. `is_page` is false for the page of a feed, whose URL has the
    suffix. Raises ValueError for a path that cannot be a file.
    """
    plain = unquote(path).removeprefix("/")
    if not has_file(path):
        cure = "give the tag or author a shorter name, without //, .., a slash at its end, and .html before a slash"
        raise ValueError(f"{unquote(path)[:100]} cannot be the name of a file ({cure})")
    if not is_page:
        return plain
    name = plain.rpartition("/")[2]
    if not name:
        return f"{plain}{FRONT_PAGE}"
    is_index = name == "index" or len(f"{name}{PAGE}".encode()) > _MAX_FILE
    return f"{plain}/{FRONT_PAGE}" if is_index else f"{plain}{PAGE}"


def is_in_folder(key: str) -> bool:
    """Return whether the key is the index of a folder because the name of its page cannot be that of a file."""
    *folders, file = key.split("/")
    if file != FRONT_PAGE or not folders:
        return False
    return folders[-1] == "index" or len(f"{folders[-1]}{PAGE}".encode()) > _MAX_FILE
