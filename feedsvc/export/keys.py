"""The name of the file of an exported URL: what a static web server looks for at its path. Pure."""

from typing import Final
from urllib.parse import unquote

# In bytes: the longest name of a folder, and of a file, with the suffix that a compressed copy gets.
_MAX_NAME: Final = 255
_MAX_FILE: Final = _MAX_NAME - len(".gz")
PAGE: Final = ".html"
_INDEX: Final = f"index{PAGE}"


def key_of(path: str, *, is_page: bool) -> str:
    """Return the key of a path (percent-encoded, from its first slash on): its file, relative to the target.

    A path that ends with a slash has an index.html. Another page gets the suffix .html, which servers add, also where
    the name of a tag ends so, and is the index.html of a folder if its name is too long for the suffix; `is_page` is
    false for the page of a feed, whose URL has the suffix. Raises ValueError for a path that cannot be a file.
    """
    plain = unquote(path).removeprefix("/")
    name = f"{plain}index" if not plain or plain.endswith("/") else plain
    *folders, file = f"{name}{PAGE}".split("/") if is_page else name.split("/")
    if is_page and len(file.encode()) > _MAX_FILE:
        folders, file = [*folders, file.removesuffix(PAGE)], _INDEX
    parts = [*folders, file]
    if any(part in ("", ".", "..") or not part.isprintable() or len(part.encode()) > _MAX_NAME for part in parts) or (
        len(file.encode()) > _MAX_FILE
    ):
        cure = "give the tag or author a shorter name, without // and .."
        raise ValueError(f"{unquote(path)[:100]} cannot be the name of a file ({cure})")
    return "/".join(parts)


def is_long(key: str) -> bool:
    """Return whether the key is the index of a folder because the name of its page is too long for a file."""
    *folders, file = key.split("/")
    return file == _INDEX and bool(folders) and len(folders[-1].encode()) > _MAX_FILE - len(PAGE)
