"""The name of the file of an exported URL: what a static web server looks for at its path. Pure."""

from typing import Final
from urllib.parse import unquote

# In bytes: the longest name of a file, with the suffix that a compressed copy gets.
_MAX_NAME: Final = 255 - len(".gz")
PAGE: Final = ".html"


def key_of(path: str, *, is_page: bool) -> str:
    """Return the key of a path (percent-encoded, from its first slash on): its file, relative to the target.

    A path that ends with a slash has an index.html, and another page gets the suffix .html, which servers add. Raises
    ValueError for a path that cannot be a file.
    """
    plain = unquote(path).removeprefix("/")
    if plain == "" or plain.endswith("/"):
        key = f"{plain}index{PAGE}"
    else:
        key = f"{plain}{PAGE}" if is_page and not plain.endswith(PAGE) else plain
    for name in key.split("/"):
        if name in ("", ".", "..") or not name.isprintable() or len(name.encode()) > _MAX_NAME:
            raise ValueError(f"{path[:200]} cannot be the name of a file (shorten the name of the tag or author)")
    return key
