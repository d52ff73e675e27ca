"""Measure exports: a whole one beside builds of Hugo and Pelican, one edit, and polls of the files in nginx."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bench.building import hugo_build, pelican_build, sync, timed
from bench.freshness import WAIT_SECONDS, percentile
from bench.measure import Row, of_pairs, paired, polls_per_second
from bench.memory import peak
from bench.polls import GZIP, fetch
from bench.publication import article, write
from bench.scale import fill
from bench.servers import free_port, running
from feedsvc.config import Settings, load_settings
from feedsvc.export.rendering import Renderer
from feedsvc.export.run import ExportReport, export, open_export
from feedsvc.export.target import target_at
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options
from feedsvc.sync import sync as sync_store
from feedsvc.sync.report import GRACE_SECONDS

EDITS: Final = 5
AIM_MS: Final = 500.0
# In the last month of `bench.scale.fill`, so that no archive begins with it.
NEW: Final = "---\ntitle: A new article\npublished: 2025-12-30 10:00\ntopics: [chips]\ntags: [hbm]\n---\nText. "


def rows(articles: int, seconds: float, rounds: int) -> Iterator[Row]:
    """Measure an export beside builds of the same articles, and polls of its files."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder / "content", articles)
        sync(folder / "content")
        title = f"export of {articles:,} articles"
        whole = partial(_whole, folder)
        yield paired(title, whole, "Pelican", pelican_build(folder), unit="s", rounds=1)
        yield paired(title, whole, "Hugo", hugo_build(folder), unit="s", rounds=1)
        yield from _polls(folder, seconds, rounds)


def edit_rows(sizes: tuple[int, int], saves: int) -> Iterator[Row]:
    """Measure a whole export, and saves that are exported, at both sizes: what is written, and how long it takes.

    The articles are short, a hundred a month (`bench.scale.fill`): only their number matters here.
    """
    wholes, edits = [], []
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="bench-") as name:
            folder = Path(name)
            fill(_settings(folder), size)
            wholes.append(peak(_command(folder, "export", folder / "out")))
            edits.append(_edit(folder))
            for kind, seconds in _watched(folder, saves).items():
                yield of_pairs(
                    f"save of {kind} to page and feed, export --watch, {size:,} articles: p95",
                    [(percentile(seconds, 95), AIM_MS)],
                    rival="aim",
                    unit="ms",
                    aim="≤ 1.0×",
                )
    whole, edit = f"whole export of {sizes[1]:,} articles", f"one edit at {sizes[1]:,} articles"
    small, large = ((each.seconds, each.mib, *edited) for each, edited in zip(wholes, edits, strict=True))
    for title, unit, aim, ours, theirs in zip(
        (
            whole,
            f"{whole}: memory of all processes",
            f"{edit}: files written",
            f"{edit}: from the commit to the last file",
        ),
        ("s", "MiB", "", "ms"),
        ("", "", "≤ 1.0×", ""),
        large,
        small,
        strict=True,
    ):
        yield of_pairs(title, [(ours, theirs)], rival=f"{sizes[0]:,}", unit=unit, aim=aim)


def _settings(folder: Path) -> Settings:
    return load_settings({}, content=folder / "content", base_url="https://bench.example")


def _whole(folder: Path) -> float:
    """Export everything to an empty folder. Return the seconds."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    return timed(_command(folder, "export", folder / "out"))


def _command(folder: Path, *arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "feedsvc", *arguments, "--content", folder / "content"]


def _exported(settings: Settings, store: Store, renderer: Renderer, place: Path) -> ExportReport:
    target = target_at(str(place), settings)
    with open_export(target, settings) as manifest:
        return export(store, target, manifest, settings, renderer, is_checked=False)


def _edit(folder: Path) -> tuple[float, float]:
    """Edit an article EDITS times. Return the median of the files written, and of the milliseconds after the commit."""
    settings = _settings(folder)
    file, text, _ = _edited(folder)
    taken, renderer = [], Renderer(settings)
    with closing(Store(settings.store)) as store:
        _exported(settings, store, renderer, folder / "out")
        for number in range(EDITS):
            file.write_text(f"{text}\n\nEdit {number}.\n")
            site = load_site(settings.content, settings.base_url, settings.own_url)
            sync_store(settings, site, store, datetime.now(UTC), Options(changed={file}))
            begun = time.perf_counter()
            report = _exported(settings, store, renderer, folder / "out")
            taken.append((float(report.written), (time.perf_counter() - begun) * 1000))
    written, milliseconds = (sorted(each)[EDITS // 2] for each in zip(*taken, strict=True))
    return written, milliseconds


def _edited(folder: Path) -> tuple[Path, str, str]:
    """Return the file of a recent article on chips, its text, and the key of its page."""
    path, data = next(found for number in range(24) if b"topics: [chips]" in (found := article(number))[1])
    return folder / "content" / path, data.decode(), f"articles/{Path(path).stem}.html"


def _watched(folder: Path, saves: int) -> dict[str, list[float]]:
    """Return the seconds from each of `saves` of each kind to the page and the feed, without waits by design.

    A writer runs beside the export. The first save of each kind is a warm-up.
    """
    found: dict[str, list[float]] = {}
    with ExitStack() as stack:
        for arguments in (["watch"], ["export", folder / "out", "--watch"]):
            process = subprocess.Popen(
                _command(folder, *arguments), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait, 60)
            stack.callback(process.terminate)
        for number in range(saves + 1):
            for kind, waits, save, is_shown in _saves(folder, number):
                begun = time.perf_counter()
                save()
                while not is_shown():
                    if time.perf_counter() - begun > WAIT_SECONDS:
                        raise RuntimeError(f"{folder}: the export never showed {kind}")
                    time.sleep(0.005)
                found.setdefault(kind, []).append(time.perf_counter() - begun - waits)
                # A period that is no multiple of the intervals of the programs.
                time.sleep(1.0 + (number * 37 % 100) / 1000)
    return {kind: seconds[1:] for kind, seconds in found.items()}


def _saves(folder: Path, number: int) -> Iterator[tuple[str, float, Callable[[], object], Callable[[], bool]]]:
    """Yield the kind of each save, the seconds that the watcher waits by design, what saves it, and if it is shown.

    The new article is removed again: its file may return within GRACE_SECONDS.
    """
    file, text, page = _edited(folder)
    out, new, edit, mark = folder / "out", file.with_name("new.md"), f"Edit{number:04x}", f"New{number:04x}"

    def is_shown(key: str, mark: str) -> bool:
        places = (out / key, out / "feeds/chips.atom")
        return all(each.exists() and mark in each.read_text() for each in places)

    def is_removed() -> bool:
        return not (out / "articles/new.html").exists() and mark not in (out / "feeds/chips.atom").read_text()

    yield "an edit", 0, partial(file.write_text, f"{text}\n\n{edit}\n"), partial(is_shown, page, edit)
    yield "a new article", 0, partial(new.write_text, f"{NEW}{mark}\n"), partial(is_shown, "articles/new.html", mark)
    yield "a removed article (after its grace period)", GRACE_SECONDS, new.unlink, is_removed


def _polls(folder: Path, seconds: float, rounds: int) -> Iterator[Row]:
    """Compare polls of a feed of the export, with what it wrote for nginx, with those of a copy in a plain nginx."""
    out, port, plain = folder / "out", free_port(), free_port()
    shutil.copy(out / "feeds/chips.atom.gz", folder / "copy.atom.gz")
    shutil.copy(out / "feeds/chips.atom", folder / "copy.atom")
    (folder / "nginx.conf").write_text(f"""
worker_processes 1;
daemon off;
pid {folder}/nginx.pid;
error_log stderr;
events {{ }}
http {{
    access_log off;
    include /etc/nginx/mime.types;
    include {out}/.servers/nginx-maps.conf;
    server {{
        listen 127.0.0.1:{port};
        root {out};
        include {out}/.servers/nginx-server.conf;
    }}
    server {{
        listen 127.0.0.1:{plain};
        location = /copy.atom {{ root {folder}; gzip_static on; }}
    }}
}}
""")
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    url, copy = f"http://127.0.0.1:{port}/feeds/chips.atom", f"http://127.0.0.1:{plain}/copy.atom"
    with running("nginx", command, port, "/feeds/chips.atom"):
        assert fetch(url, "gzip")[1] == fetch(copy, "gzip")[1]
        yield paired(
            "polls of an export in nginx: 200 with gzip",
            lambda: polls_per_second(url, GZIP, seconds),
            "nginx with a copy",
            lambda: polls_per_second(copy, GZIP, seconds),
            unit="/s",
            rounds=rounds,
            aim="≥ 0.9×",
        )
