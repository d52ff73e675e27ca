"""The name of the file of an exported URL: what a static web server looks for at its path. Pure."""

from typing import Final
from urllib.parse import unquote

# In bytes: the longest name of a file, with the suffix that a compressed copy gets.
_MAX_NAME: Final = 255 - len(".gz")
PAGE: Final = ".html"


def key_of(path: str, *, is_page: bool) -> str:
    """Return the key of a path (percent-encoded, from its first slash on): its file, relative to the target.

    A path that ends with a slash has an index.html. Another page gets the suffix .html, which servers add, also where
    the name of a tag ends so; `is_page` is false for the page of a feed, whose URL has the suffix. Raises ValueError
    for a path that cannot be a file.
    """
    plain = unquote(path).removeprefix("/")
    name = f"{plain}index" if not plain or plain.endswith("/") else plain
    key = f"{name}{PAGE}" if is_page else name
    for part in key.split("/"):
        if part in ("", ".", "..") or not part.isprintable() or len(part.encode()) > _MAX_NAME:
            raise ValueError(f"{path[:200]} cannot be the name of a file (shorten the name of the tag or author)")
    return key
