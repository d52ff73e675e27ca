"""Measure the memory of the writer: `python -m bench.memory [ARTICLES [EDITS]]`.

A first sync of ARTICLES articles, whose memory must not grow with their number; then a watcher over EDITS edits, whose
memory must not grow at all. ARTICLES may be 0, for the edits alone. Sizes are PSS in MiB: pages that processes share
count once. Linux only.
"""

import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bench.measure import Row, of_pairs
from bench.publication import write
from feedsvc.config import Settings, load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options, sync

INTERVAL: Final = 0.2
KIB: Final = 1024
MAX_MIB: Final = 400.0


@dataclass(frozen=True, slots=True)
class Peak:
    """The peak memory of the processes of a command in MiB, and its duration in seconds."""

    mib: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Growth:
    """PSS in KiB, and the number of objects of Python's garbage collector."""

    kib: int
    objects: int


def rows(sizes: tuple[int, ...]) -> Iterator[Row]:
    """Measure the peak PSS of a first sync from files, all its processes together, at each size."""
    for articles in sizes:
        pair = (first_sync(articles).mib, MAX_MIB)
        yield of_pairs(f"memory of a first sync, {articles:,} articles", [pair], rival="aim", unit="MiB", aim="≤ 1.0×")


def main() -> None:
    """Print the figures for the articles and for a quarter of them; the difference gives the memory of one article."""
    articles, edits = (int(given) for given in [*sys.argv[1:], "20000", "2000"][:2])
    if articles:
        small, large = (first_sync(number) for number in (articles // 4, articles))
        each = (large.mib - small.mib) * KIB / (articles - articles // 4)
        print(f"first sync, {articles // 4:,} articles: {small.mib:.0f} MiB PSS, {small.seconds:.0f} s")
        print(
            f"first sync, {articles:,} articles: {large.mib:.0f} MiB PSS, {large.seconds:.0f} s; "
            f"{each:.2f} KiB an article"
        )
    if not edits:
        return
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        grown = growth(Path(folder), edits)
    print(f"{edits:,} edits after as many: {grown.kib / edits:+.2f} KiB an edit, {grown.objects:+} objects in all")


def first_sync(articles: int) -> Peak:
    """Run `feedsvc sync` with this number of articles and a new store."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        content = Path(folder, "content")
        write(content, articles)
        return peak([sys.executable, "-m", "feedsvc", "sync", "--content", content])


def peak(command: Sequence[str | Path]) -> Peak:
    """Run a command, and measure it with all its processes."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(map(pss, family(process.pid))))
        time.sleep(INTERVAL)
    assert process.returncode == 0
    return Peak(most / KIB, time.monotonic() - begun)


def growth(folder: Path, edits: int, warm: int = 0) -> Growth:
    """Return the growth of this process by `edits`, after `warm` others (as many if 0) have filled the caches."""
    settings = load_settings({}, content=folder / "content")
    write(settings.content, 50)
    file = settings.content / "articles" / "edited.md"
    warm = warm or edits
    with closing(Store(settings.store_file)) as store:
        moment = datetime.now(UTC)
        for number in range(warm + edits):
            if number == warm:
                before = _taken()
            _edit(file, number)
            moment += timedelta(seconds=1)
            _sync(settings, store, moment, file)
    after = _taken()
    return Growth(kib=after.kib - before.kib, objects=after.objects - before.objects)


def _taken() -> Growth:
    gc.collect()
    return Growth(kib=pss("self"), objects=len(gc.get_objects()))


def _edit(file: Path, number: int) -> None:
    """Return a new text with a link, a tag and a translation of its own, and sometimes an error."""
    body = f"Text {number} with [a link](https://example.org/{number}) and ~~much~~ *markup*.\n\n" * 20
    published = "2026-10-05 10:00" if number % 10 else "never"
    file.write_text(
        f"---\ntitle: Edit {number}\npublished: {published}\ntopics: [chips]\ntags: [t{number % 50}]\n---\n{body}"
    )


def _sync(settings: Settings, store: Store, moment: datetime, file: Path) -> None:
    site = load_site(settings.content, None, settings.own_url)
    sync(settings, site, store, moment, Options(changed={file}))


def family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for each in found:
        try:
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
        except OSError:
            continue
    return found


def pss(pid: int | str) -> int:
    """Return the PSS in KiB; 0 for a process that ended."""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    main()
