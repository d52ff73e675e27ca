"""Measure a sync of a new store, and the time that Hugo and Pelican need to build a site of the same articles."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from bench.measure import Row, paired
from bench.publication import write
from bench.servers import RIVALS, VENV
from feedsvc.store import Store


def rows(articles: int, rounds: int) -> Iterator[Row]:
    """Measure each program on both cores. The rivals write pages, a feed for each topic and a feed of all articles."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        write(folder / "content", articles)
        hugo, pelican = hugo_build(folder), pelican_build(folder)
        ours = lambda: _feedsvc(folder, articles)  # noqa: E731
        title = f"sync from nothing, {articles:,} articles"
        yield paired(title, ours, "Hugo", hugo, unit="s", rounds=rounds, aim="≤ 1.7×")
        yield paired(title, ours, "Pelican", pelican, unit="s", rounds=max(1, rounds // 2), aim="≤ 0.35×")


def _feedsvc(folder: Path, articles: int) -> float:
    shutil.rmtree(folder / ".feedsvc", ignore_errors=True)
    taken = sync(folder / "content")
    with closing(Store(folder / ".feedsvc/content/store.sqlite3")) as store, store.read() as snapshot:
        assert len(snapshot.files.load()) == articles
    return taken


def sync(content: Path) -> float:
    """Run `feedsvc sync` and return its duration in seconds."""
    return timed([sys.executable, "-m", "feedsvc", "sync", "--content", content])


def timed(command: Sequence[str | Path], env: dict[str, str] | None = None) -> float:
    """Run a command and return its duration in seconds."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **(env or {})})
    return time.perf_counter() - begun


def hugo_site(content: Path, site: Path) -> None:
    """Write the articles for Hugo, which makes their pages, and lists and feeds for home page, topics and tags."""
    shutil.copytree(RIVALS / "hugo", site)
    for file in (content / "articles").rglob("n*.*"):
        target = site / "content/articles" / file.relative_to(content / "articles")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(for_hugo(file.read_bytes()))


def for_hugo(data: bytes) -> bytes:
    """Return an article with the fields that Hugo knows."""
    dated = re.sub(rb"published: (.*)", rb"date: \1:00", data, count=1)
    return dated.replace(b"language:", b"tongue:", 1)


def hugo_build(folder: Path) -> Callable[[], float]:
    """Write the articles of `folder` for Hugo. Return a function that builds the site and returns the seconds."""
    site = folder / "hugo"
    hugo_site(folder / "content", site)

    def build() -> float:
        shutil.rmtree(site / "public", ignore_errors=True)
        taken = timed([VENV / "bin/hugo", "--quiet", "--source", site])
        assert len(list((site / "public/articles").rglob("index.html"))) > 1
        return taken

    return build


def pelican_build(folder: Path) -> Callable[[], float]:
    """Write the articles for Pelican: its own metadata, one category for each article, its default theme.

    Return a function that builds the site and returns the seconds.
    """
    source, output = folder / "pelican", folder / "pelican-out"
    for file in (folder / "content/articles").rglob("n*.*"):
        front, _, body = file.read_text().removeprefix("---\n").partition("\n---\n")
        fields = dict(line.split(": ", 1) for line in front.split("\n"))
        meta = {
            "title": fields["title"],
            "date": fields["published"],
            "category": json.dumps(fields["topics"]).strip('"[]').split(",")[0],
            "tags": fields["tags"].strip("[]"),
            "slug": file.stem,
        }
        source.mkdir(exist_ok=True)
        if file.suffix == ".md":
            text = "".join(f"{name}: {value}\n" for name, value in meta.items()) + f"\n{body}"
        else:
            head = "".join(f'<meta name="{name}" content="{value}">' for name, value in meta.items())
            text = f"<html><head><title>{meta['title']}</title>{head}</head><body>{body}</body></html>"
        (source / file.name).write_text(text)

    def build() -> float:
        shutil.rmtree(output, ignore_errors=True)
        command: list[str | Path] = [
            VENV / "bin/pelican",
            source,
            "-o",
            output,
            "-s",
            RIVALS / "pelicanconf.py",
            "--ignore-cache",
            "-q",
        ]
        taken = timed(command)
        assert (output / "feeds/all.atom.xml").exists()
        return taken

    return build
