"""Measure the cost of each compression level for a feed of 50 articles: `python -m bench.codings`."""

import gzip
import time
from collections.abc import Callable

import brotli

from bench.publication import article


def main() -> None:
    """Print bytes and milliseconds of CPU time."""
    body = b"".join(article(number)[1] for number in range(50))
    print(f"identity   {len(body):>8,} B")
    for quality in range(4, 12):
        _say(f"br {quality}", lambda: brotli.compress(body, quality=quality))  # noqa: B023
    for level in (1, 4, 6, 9):
        _say(f"gzip {level}", lambda: gzip.compress(body, level, mtime=0))  # noqa: B023


def _say(name: str, code: Callable[[], bytes]) -> None:
    begun = time.process_time()
    size = len(code())
    print(f"{name:10} {size:>8,} B {(time.process_time() - begun) * 1000:8.1f} ms")


if __name__ == "__main__":
    main()
