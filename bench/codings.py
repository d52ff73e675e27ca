"""Measure the cost of compression levels and windows for a page, a feed and an archive: `python -m bench.codings`."""

import gzip
import time
from collections.abc import Callable
from functools import partial

import brotli

from bench.publication import article


def main() -> None:
    """Print bytes and milliseconds of CPU time: of levels for 50 articles, of windows for 2, 50 and 250."""
    for articles in (2, 50, 250):
        body = b"".join(article(number)[1] for number in range(articles))
        print(f"identity   {len(body):>9,} B")
        for quality in range(4, 12) if articles == 50 else ():
            _say(f"br {quality}", lambda: brotli.compress(body, quality=quality), 1)  # noqa: B023
        for level in (1, 4, 6, 9) if articles == 50 else ():
            _say(f"gzip {level}", lambda: gzip.compress(body, level, mtime=0), 1)  # noqa: B023
        for window in (16, 18, 20, 22):
            quality = 4 if articles == 250 else 6
            compress = partial(brotli.compress, body, quality=quality, lgwin=window)
            _say(f"br {quality}/{window}", compress, 1000 // articles)


def _say(name: str, code: Callable[[], bytes], runs: int) -> None:
    begun = time.process_time()
    for _ in range(runs):
        size = len(code())
    print(f"{name:10} {size:>9,} B {(time.process_time() - begun) * 1000 / runs:8.2f} ms")


if __name__ == "__main__":
    main()
