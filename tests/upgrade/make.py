"""Make the fixture of a released version: content, its store, and what its feeds said.

Run it with the code of that version, not with today's:

    mkdir /tmp/feedsvc-0.1.0 && git archive 5f3e87a | tar -x -C /tmp/feedsvc-0.1.0
    PYTHONPATH=/tmp/feedsvc-0.1.0 .venv/bin/python tests/upgrade/make.py 0.1.0

(5f3e87a is 0.1.0.) It writes tests/upgrade/<version>/, which test_upgrade.py finds by itself. For a later version add
to `content` what that version can do, and to `edit` what its editors do. Do not change an earlier folder.
"""

import gzip
import json
import shutil
import sqlite3
import struct
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
from flask.testing import FlaskClient

import feedsvc
from feedsvc.config import Settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app

SITE = """\
title = { en = "Upgrade Weekly", zh-Hant = "升級週刊" }
base_url = "https://example.org"
tag_authority = "example.org,2026"
language = "en"
timezone = "Asia/Taipei"
established = 2026-01-01T00:00:00Z
authors = ["Desk"]
feed_size = 6

[topics.chips]
title = { en = "Chips", zh-Hant = "晶片" }

[topics.cloud]
title = "Cloud"
"""
FIRST, SECOND, THIRD = (datetime(2026, 8, day, 8, 0, tzinfo=UTC) for day in (3, 5, 10))
# Files that 0.1.0 published although another system's marker keeps them from the public.
MARKED = {
    "articles/marked/status.md": "status: draft",
    "articles/marked/case.md": "Draft: true",
    "articles/marked/visibility.md": "visibility: private",
    "articles/marked/cloud.md": "publish: false",
}


def article(title: str, published: str, body: str, *more: str, topics: str = "[chips]") -> str:
    """A file with front matter."""
    return "\n".join(
        ["---", f"title: {title}", f"published: {published}", f"topics: {topics}", *more, "---", "", body, ""]
    )


def picture(shade: int) -> bytes:
    """A PNG of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes([0, shade])))
        + chunk(b"IEND", b"")
    )


def content() -> dict[str, str | bytes]:
    """What is there first, by path."""
    found: dict[str, str | bytes] = {
        "site.toml": SITE,
        "articles/2026/06/延遲.md": article(
            "推論延遲",
            "2026-06-03",
            "價格5~10萬，人數20~30人。見https://example.com/a，後文。",
            "language: zh-Hant",
            "tags: [推論, latency]",
        ),
        "articles/2026/06/latency.md": article(
            "Latency", "2026-06-04 09:00", "H~2~O, ~~gone~~. [Chinese](延遲)", "translation_of: 延遲", "tags: [Latency]"
        ),
        "articles/wafer/index.md": article(
            "Wafer",
            "2026-06-05 10:00",
            '![A wafer](wafer.png)\n\n<video src="clip.mp4" controls></video>',
            "image: wafer.png",
        ),
        "articles/wafer/wafer.png": picture(100),
        "articles/wafer/clip.mp4": b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        "articles/aliases.md": article(
            "Aliases",
            "2026-06-06",
            "Text.",
            "aliases: [old-one, /2019/05/old-path.html, https://old.example/archive/old-post/]",
        ),
        "articles/path-first.md": article("Path first", "2026-06-07", "Text.", "aliases: [/2018/first.html]"),
        "articles/own-id.md": article(
            "Own id", "2026-06-08", "Text.", "id: urn:uuid:2f0b4c62-8c3e-4a43-9d2c-0a4d0c3e7f11"
        ),
        "articles/correct.md": article("Corrected", "2026-06-10", "Wrong."),
        "articles/before.md": article("Renamed", "2026-06-11", "Text."),
        "articles/removed.md": article("Removed", "2026-06-12", "Text.", topics="[cloud]"),
        "articles/removed-too.html": article("Removed too", "2026-07-01", "<p>Text.</p>", topics="[chips, cloud]"),
        "articles/becomes-draft.md": article("Becomes a draft", "2026-07-02", "Text.", topics="[cloud]"),
        "articles/draft.md": article("Draft", "2026-07-03", "Never shown.", "draft: true"),
        "articles/later.md": article("Later", "2026-12-24 09:00", "Merry."),
        "articles/broken.md": article("Broken", "2026-07-04", "Text.", topics="[chip]"),
        "articles/memo.md": article("Memo", "2026-07-05", "A memo of some words.", topics="[cloud]"),
        "articles/memo copy.md": article("Memo", "2026-07-05", "A memo of some words.", topics="[cloud]"),
        "articles/hidden.html": article(
            "Lost elements",
            "2026-07-06 08:00",
            '<p>Seen.</p><div style="display:none">Not seen.</div><math><mi>x</mi></math><h2>Heading</h2>'
            '<p><img src="https://example.com/w_1,f_auto.png" srcset="https://example.com/w_1,f_auto.png 1x"></p>',
        ),
        "articles/plain.txt": article(
            "Plain 文字", "2026-07-07", "見 https://example.com/z，然後。\n\nNext.", topics="[cloud]"
        ),
        "articles/שלום.md": article("שלום", "2026-07-08", "טקסט.", "language: he"),
        "articles/hugo.md": article("Hugo", "2026-07-09", "Text {{< youtube x >}}.", "expiryDate: 2030-01-01"),
    }
    for number in range(1, 9):
        found[f"articles/august-{number}.md"] = article(
            f"August {number}", f"2026-08-02 0{number}:00", f"Nr. {number}, 1~2."
        )
    for number, (path, marker) in enumerate(MARKED.items(), 1):
        topics = "[cloud]" if path.endswith("cloud.md") else "[chips]"
        found[path] = article(f"Marked {number}", f"2026-06-2{number}", "Not for the public.", marker, topics=topics)
    return found


def write(folder: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below `folder`."""
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())


def edit(folder: Path) -> None:
    """Rename, remove, correct and withdraw, as editors do."""
    (folder / "articles/before.md").unlink()
    for name in ("removed.md", "removed-too.html"):
        (folder / "articles" / name).unlink()
    changed = {
        "articles/after.md": article("Renamed", "2026-06-11", "Text.", "aliases: [before]"),
        "articles/becomes-draft.md": article("Becomes a draft", "2026-07-02", "Text.", "draft: true", topics="[cloud]"),
        "articles/august-1.md": article("August 1", "2026-08-02 01:00", "Changed.", "updated: 2026-08-04 09:00"),
    }
    write(folder, changed)


def slices() -> Iterator[str]:
    """The feeds that are asked for, without their suffix and with their query."""
    yield from ("all{}", "chips{}", "cloud{}", "all{}?lang=zh-Hant", "all{}?tag=latency", "chips{}?limit=3")
    yield from ("all/2026-06{}", "all/2026-07{}", "cloud/2026-07{}")


def said(client: FlaskClient, addresses: list[str]) -> dict[str, Any]:
    """Everything that may not change by an upgrade."""
    found: dict[str, Any] = {"feeds": {}, "entries": {}, "cursors": {}, "addresses": {}}
    for name in slices():
        for suffix in (".atom", ".rss", ".json"):
            path = f"/feeds/{name.format(suffix)}"
            answer = client.get(path)
            assert answer.status_code == 200, path
            found["feeds"][path] = ids_of(answer.data, suffix)
        document = json.loads(client.get(f"/feeds/{name.format('.json')}").data)
        for item in document["items"]:
            found["entries"][item["id"]] = {
                "url": item["url"],
                "published": item["date_published"],
                "updated": item["date_modified"],
            }
        if "changes_url" in document.get("_feedsvc", {}):
            found["cursors"][f"/feeds/{name.format('.json')}"] = document["_feedsvc"]["changes_url"]
    for path in addresses:
        answer = client.get(path)
        found["addresses"][path] = [answer.status_code, answer.headers.get("Location")]
    return found


def ids_of(document: bytes, suffix: str) -> list[str]:
    """The ids of a feed's entries, in their order."""
    if suffix == ".json":
        return [item["id"] for item in json.loads(document)["items"]]
    return [entry.id for entry in feedparser.parse(document).entries]


def main(version: str) -> None:
    """Write the fixture of the version that is imported."""
    assert feedsvc.__version__ == version, f"this is the code of {feedsvc.__version__} ({feedsvc.__file__})"
    target = Path(__file__).parent / version
    shutil.rmtree(target, ignore_errors=True)
    settings = Settings(content=target / "content", store=target / "store.sqlite3", media=target / "media")
    write(settings.content, content())
    with closing(Store(settings.store_file)) as store:
        for moment, change in ((FIRST, None), (SECOND, edit), (THIRD, None)):
            if change is not None:
                change(settings.content)
            if moment == THIRD:
                write(settings.content, {"articles/correct.md": article("Corrected", "2026-06-10", "Right.")})
            report = sync(settings, load_site(settings.content, None, "http://127.0.0.1:8000"), store, moment)
            print(*report.lines(), sep="\n")
        with closing(sqlite3.connect(settings.store_file)) as raw:
            slugs = sorted(slug for (slug,) in raw.execute("SELECT slug FROM addresses"))
            media = sorted(name for (name,) in raw.execute("SELECT name FROM media"))
            published = dict(raw.execute("SELECT path, id FROM files WHERE id IS NOT NULL"))
    addresses = [f"/articles/{slug}" for slug in slugs] + [f"/media/{name}" for name in media]
    told = said(create_app(settings).test_client(), addresses)
    told |= {"at": THIRD.isoformat(), "withdrawn": {path: published[path] for path in MARKED}}
    (target / "said.json").write_text(json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
    whole = target / "store.sqlite3.whole"
    with closing(sqlite3.connect(settings.store_file)) as raw, closing(sqlite3.connect(whole)) as copy:
        raw.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    (target / "store.sqlite3.gz").write_bytes(gzip.compress(whole.read_bytes(), 9, mtime=0))
    for left in target.iterdir():
        if left.name not in ("content", "media", "said.json", "store.sqlite3.gz"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()


if __name__ == "__main__":
    main(sys.argv[1])
