"""Measure a sync of 1,000 ordinary articles without and with slow articles among them: `make bombs`.

The aim is 1.5 times the time without them and 5 s. It is printed and not tested, because a busy machine would fail.
"""

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import Publication
from tests.robust.bombs import bombs
from tests.robust.test_bombs import fill


def _seconds(files: list[tuple[str, bytes]]) -> float:
    with TemporaryDirectory() as folder:
        publication = Publication(Path(folder))
        fill(publication, 1000)
        for name, data in files:
            publication.write(f"articles/{name}", data)
        start = time.perf_counter()
        publication.sync()
        taken = time.perf_counter() - start
        publication.store.close()
        return taken


def main() -> None:
    """Print both times."""
    plain = _seconds([])
    every = list(bombs())
    print(f"1,000 good articles: {plain:.1f} s; with {len(every)} bombs: {_seconds(every):.1f} s", end=" ")
    print(f"(aim for 20: {1.5 * plain + 5:.1f} s)")


if __name__ == "__main__":
    main()
