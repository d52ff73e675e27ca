"""Measure exports: a whole one beside builds of Hugo and Pelican, one edit, and polls of the files in nginx."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bench.building import hugo_build, pelican_build, sync, timed
from bench.measure import Row, of_pairs, paired, polls_per_second
from bench.polls import GZIP, fetch
from bench.publication import article, write
from bench.servers import free_port, running
from feedsvc.config import Settings, load_settings
from feedsvc.export.rendering import Renderer
from feedsvc.export.run import ExportReport, export, open_export
from feedsvc.export.target import target_at
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options
from feedsvc.sync import sync as sync_store

EDITS: Final = 5


def rows(sizes: tuple[int, int], seconds: float, rounds: int) -> Iterator[Row]:
    """Measure an export of the first size beside builds of the same articles, and an edit at both sizes."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        write(folder / "content", sizes[0])
        sync(folder / "content")
        title = f"export of {sizes[0]:,} articles"
        yield paired(title, lambda: _whole(folder), "Hugo", hugo_build(folder), unit="s", rounds=1)
        yield paired(title, lambda: _whole(folder), "Pelican", pelican_build(folder), unit="s", rounds=1)
        yield from _polls(folder, seconds, rounds)
        few = _edit(folder, sizes[0])
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        write(folder / "content", sizes[1])
        sync(folder / "content")
        _whole(folder)
        many = _edit(folder, sizes[1])
    at = f"one edit at {sizes[1]:,} articles"
    yield of_pairs(f"{at}: files written", [(many[0], few[0])], rival=f"{sizes[0]:,}", unit="", aim="≤ 1.0×")
    yield of_pairs(f"{at}: from the commit to the last file", [(many[1], few[1])], rival=f"{sizes[0]:,}", unit="ms")


def _settings(folder: Path) -> Settings:
    return load_settings({}, content=folder / "content", base_url="https://bench.example")


def _whole(folder: Path) -> float:
    """Export everything to an empty folder. Return the seconds."""
    shutil.rmtree(folder / "out", ignore_errors=True)
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "feedsvc",
        "export",
        folder / "out",
        "--content",
        folder / "content",
    ]
    return timed(command)


def _exported(settings: Settings, store: Store, renderer: Renderer, place: Path) -> ExportReport:
    target = target_at(str(place), settings)
    with open_export(target, settings) as manifest:
        return export(store, target, manifest, settings, renderer, is_checked=False)


def _edit(folder: Path, articles: int) -> tuple[float, float]:
    """Edit an article EDITS times. Return the median of the files written, and of the milliseconds after the commit."""
    settings = _settings(folder)
    file = folder / "content" / article(articles // 2)[0]
    text, taken, renderer = file.read_text(), [], Renderer(settings)
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


def _polls(folder: Path, seconds: float, rounds: int) -> Iterator[Row]:
    """Compare polls of a feed of the export, with what it wrote for nginx, with those of a copy in a plain nginx."""
    out, port = folder / "out", free_port()
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
        location = /copy.atom {{ root {folder}; gzip_static on; }}
    }}
}}
""")
    command = [shutil.which("nginx") or "/usr/sbin/nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    url = f"http://127.0.0.1:{port}"
    with running("nginx", command, port, "/feeds/chips.atom"):
        assert fetch(f"{url}/feeds/chips.atom", "gzip")[1] == fetch(f"{url}/copy.atom", "gzip")[1]
        yield paired(
            "polls of an export in nginx: 200 with gzip",
            lambda: polls_per_second(f"{url}/feeds/chips.atom", GZIP, seconds),
            "nginx with a copy",
            lambda: polls_per_second(f"{url}/copy.atom", GZIP, seconds),
            unit="/s",
            rounds=rounds,
            aim="≥ 0.9×",
        )
