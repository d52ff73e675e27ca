"""The first sync after an upgrade withdraws and lists what an older version published in spite of a marker."""

import gzip
import json
import shutil
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from feedsvc.config import Settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import sync
from feedsvc.web import create_app

FIXTURE = Path(__file__).parent / "0.1.0"
# Files that 0.1.0 published, and lines that it took for unknown fields.
MARKERS = {
    "august-1": "dg-publish: false",
    "august-2": "meta: {draft: true}",
    "august-3": "drafts: true",
    "august-4": "wp_status: private",
    "august-5": "publishDate: 2027-01-01",
    "august-6": "premium: true",
    "august-7": "unpublish_date: 2026-08-05",
    "august-8": "published: 2026-08-02\npublished: false",
}


def test_they_are_withdrawn_and_listed(tmp_path: Path) -> None:
    folder = tmp_path / "it"
    shutil.copytree(FIXTURE, folder)
    (folder / "store.sqlite3").write_bytes(gzip.decompress((folder / "store.sqlite3.gz").read_bytes()))
    settings = Settings(content=folder / "content", store=folder / "store.sqlite3", media=folder / "media")
    for name, marker in MARKERS.items():
        file = settings.content / "articles" / f"{name}.md"
        file.write_text(file.read_text("utf-8").replace("---\n", f"---\n{marker}\n", 1), "utf-8")
    now = datetime.fromisoformat(json.loads((folder / "said.json").read_text("utf-8"))["at"]) + timedelta(days=1)
    with closing(Store(settings.store_file)) as store:
        report = sync(settings, load_site(settings.content, None, "http://127.0.0.1:8000"), store, now)
    withdrawn = [each for each in report.removed if each.startswith("August")]
    assert len(withdrawn) == len(MARKERS)
    lines = "\n".join(report.lines())
    assert [name for name in MARKERS if f"articles/{name}.md:" not in lines] == []
    client = create_app(settings).test_client()
    assert {client.get(f"/articles/{name}").status_code for name in MARKERS} == {410}
    for path in (
        "/",
        "/feeds/all.rss",
        "/feeds/all.json",
        "/feeds/all/2026-08.atom",
        "/sitemap.xml",
        "/search?q=August",
    ):
        text = client.get(path, follow_redirects=True).text
        assert not [name for name in MARKERS if f"/articles/{name}<" in text or f'/articles/{name}"' in text], path
