"""How deep our own functions call each other on two ways: from a file to the store, and for a feed that is not cached.

`python -m bench.call_depth` syncs a copy of content/ into an empty store, then asks for one feed of it with Flask's
test client. It prints the deepest chain of functions of `feedsvc` that were active at the same time on each way.
Lambdas, comprehensions and generator expressions do not count. A function that calls itself counts once in a chain:
how deep such a call goes depends on what is read, not on how the code is cut. With `--over N` all chains of more than
N functions are printed, without those that are the beginning of another one.
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

from feedsvc.cli import main as feedsvc
from feedsvc.config import load_settings
from feedsvc.web import create_app

ROOT: Final = Path(__file__).parents[1]
OURS: Final = f"{ROOT / 'feedsvc'}{os.sep}"
FEED: Final = "/feeds/chips.atom"

# Names of functions as "module.py:function", the outermost first.
Chain = tuple[str, ...]


@contextmanager
def recorded() -> Iterator[set[Chain]]:
    """Collect the chain of each call that is made in this block, in this thread."""
    chains: set[Chain] = set()

    def profile(frame: FrameType, event: str, _arg: object) -> None:
        if event != "call" or not frame.f_code.co_filename.startswith(OURS):
            return
        names: dict[str, None] = {}
        each: FrameType | None = frame
        while each is not None:
            code = each.f_code
            if code.co_filename.startswith(OURS) and not code.co_name.startswith("<"):
                names[f"{code.co_filename.removeprefix(OURS)}:{code.co_name}"] = None
            each = each.f_back
        chains.add(tuple(names)[::-1])

    sys.setprofile(profile)
    try:
        yield chains
    finally:
        sys.setprofile(None)


def sync_to_store(content: Path, store: Path) -> set[Chain]:
    """Return the chains of `feedsvc sync` into an empty store."""
    with recorded() as chains, contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        feedsvc(["sync", "--content", str(content), "--store", str(store)], standalone_mode=False)
    return chains


def cold_feed(content: Path, store: Path) -> set[Chain]:
    """Return the chains of one request for a feed that nothing has rendered before. The application is made before."""
    client = create_app(load_settings(content=content, store=store)).test_client()
    with recorded() as chains:
        status = client.get(FEED).status_code
    if status != 200:
        raise SystemExit(f"{FEED} answers {status}")
    return chains


def print_chains(title: str, chains: set[Chain], over: int) -> None:
    """Print the deepest chain, and with `over` all that are deeper than that."""
    deepest = max(chains, key=lambda chain: (len(chain), chain))
    begun = {chain[:length] for chain in chains for length in range(len(chain))}
    others = [chain for chain in sorted(chains - begun, key=len, reverse=True) if len(chain) > over] if over else []
    print(f"{title}: {len(deepest)}")
    for chain in others or [deepest]:
        print(f"  {len(chain)}: {' > '.join(chain)}")


def main() -> None:
    """Measure both ways and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--over", type=int, default=0, metavar="N", help="print all chains of more than N functions")
    over = parser.parse_args().over
    ways: dict[str, Callable[[Path, Path], set[Chain]]] = {"file to store": sync_to_store, "cold feed": cold_feed}
    with tempfile.TemporaryDirectory() as temporary:
        content, store = Path(temporary, "content"), Path(temporary, "feedsvc.db")
        shutil.copytree(ROOT / "content", content)
        for title, way in ways.items():
            print_chains(title, way(content, store), over)


if __name__ == "__main__":
    main()
