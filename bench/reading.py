"""How long reading one article takes: `python -m bench.reading` prints ms of CPU for each article.

It reads articles of `bench.publication` with `read_article`, in one process and without a store. The result is the
least of the rounds, since other programs on the machine only add to it.
"""

import argparse
import tempfile
import time
from pathlib import Path

from bench import publication
from feedsvc.articles.read import read_article
from feedsvc.config import load_settings
from feedsvc.site.site_toml import load_site


def main() -> None:
    """Print the time."""
    arguments = argparse.ArgumentParser(prog="python -m bench.reading", description=main.__doc__)
    arguments.add_argument("--articles", type=int, default=300)
    arguments.add_argument("--rounds", type=int, default=5)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        content = Path(folder)
        (content / "site.toml").write_text(publication.SITE_TOML, encoding="utf-8")
        site = load_site(content, None, load_settings({}, content=content).own_url)
    files = [publication.article(number) for number in range(chosen.articles)]
    times: list[float] = []
    for _ in range(chosen.rounds):
        begun = time.process_time()
        for path, data in files:
            read_article(path, data, site, lambda _path: None)
        times.append(time.process_time() - begun)
    print(f"{min(times) / len(files) * 1000:.1f} ms of CPU for each article")


if __name__ == "__main__":
    main()
