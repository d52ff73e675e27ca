"""What root may do everybody cannot: tests about permissions run as somebody else, also where they are run as root."""

import codecs
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsvc.articles.html.sanitize import sanitize

NOBODY = 65534
# What is imported at first use: nobody may not enter a Python in root's home. A codec that was missed is not
# looked for again.
sanitize("<p>", "https://example.org/")
for codec in ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "idna", "unicode_escape"):
    codecs.lookup(codec)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Inside, root is nobody; anybody else stays who they are."""
    if os.geteuid() != 0:
        yield
        return
    group = os.getegid()
    os.setegid(NOBODY)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(group)


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that whoever is inside `unprivileged` may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


def give_away(folder: Path) -> None:
    """Let everything in `folder` belong to whoever is inside `unprivileged`."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
