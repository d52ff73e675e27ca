"""Run tests about permissions as another user, because root may do everything."""

import codecs
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from feedsvc.articles.html.sanitize import sanitize

NOBODY = 65534
# Modules that are imported at first use: the user nobody cannot read a Python in root's home. Python does not
# search again for a codec that it did not find.
sanitize("<p>", "https://example.org/")
for codec in ("ascii", "latin-1", "utf-8", "utf-8-sig", "utf-16", "idna", "unicode_escape"):
    codecs.lookup(codec)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Run the block as the user nobody if the tests run as root."""
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
    """Yield a new folder that the user of `unprivileged` can enter; pytest's folders are closed to others."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        folder.chmod(0o755)
        yield folder


def give_away(folder: Path) -> None:
    """Give everything in `folder` to the user of `unprivileged`."""
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
