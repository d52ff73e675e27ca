"""Measure the memory of a web worker by the number of addresses that it knows.

`python -m bench.known_addresses [NUMBER …]` prints it at 1, 1,000 and 20,000. An address is known when it was answered.
The response cache knows 20,000 at most, and of their documents as many as its bytes allow. Sizes are PSS in MiB: pages
that processes share count once. Linux only.
"""

import sys
import tempfile
from collections.abc import Iterator
from http.client import HTTPConnection
from itertools import islice, product
from pathlib import Path
from typing import Final

from bench.memory import KIB, family, pss
from bench.polls import GZIP
from bench.publication import TAGS, TOPICS, write
from bench.servers import feedsvc

SIZES: Final = (1, 1_000, 20_000)
ARTICLES: Final = 50
FORMATS: Final = ("atom", "rss", "json")
LANGUAGES: Final = ("en", "zh-Hant")


def main() -> None:
    """Print the memory of the worker at each number of addresses."""
    sizes = [int(given) for given in sys.argv[1:]] or list(SIZES)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        content = Path(folder, "content")
        write(content, ARTICLES)
        with feedsvc(content, "/feeds/all.atom", pinned=False) as server:
            asked, connection = addresses(), HTTPConnection("127.0.0.1", server.port, timeout=60)
            done = 0
            for size in sizes:
                length = sum(_ask(connection, address) for address in islice(asked, size - done))
                done = size
                mib = max(pss(pid) for pid in family(server.pid)) / KIB
                print(
                    f"{size:,} known addresses: {mib:.0f} MiB PSS (the last ones: {length / KIB / KIB:.0f} MiB in gzip)"
                )


def addresses() -> Iterator[str]:
    """Yield different addresses of feeds."""
    for limit in range(1, 501):
        for name, suffix, tag, language in product(("all", *TOPICS), FORMATS, TAGS[:3], LANGUAGES):
            yield f"/feeds/{name}.{suffix}?tag={tag}&lang={language}&limit={limit}"


def _ask(connection: HTTPConnection, address: str) -> int:
    """Request an address twice, as the second request makes it ready in the cache. Return the bytes of its body."""
    for _ in range(2):
        connection.request("GET", address, headers=dict(GZIP))
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, f"{address}: {answer.status} {body[:200]!r}"
    return len(body)


if __name__ == "__main__":
    main()
