"""A store and content made by a released version go on as they were: an upgrade does not flood readers.

`said.json` is what the feeds of that version said. tests/upgrade/make.py tells how the fixtures were made.
"""

import gzip
import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from flask.testing import FlaskClient

from feedsvc.config import Settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Report, check, sync
from feedsvc.web import create_app

FIXTURES = sorted(each for each in Path(__file__).parent.iterdir() if (each / "said.json").exists())


@dataclass(frozen=True)
class Upgraded:
    """A publication after its first sync by today's code. `said` is what the older version said."""

    settings: Settings
    said: dict[str, Any]
    report: Report
    now: datetime
    client: FlaskClient

    @property
    def withdrawn(self) -> set[str]:
        """The ids of articles that the older version published although a marker keeps them from the public."""
        return set(self.said["withdrawn"].values())

    def sync(self, minutes: int) -> Report:
        """One more sync, so many minutes after the first one."""
        with closing(Store(self.settings.store_file)) as store:
            site = load_site(self.settings.content, None, "http://127.0.0.1:8000")
            return sync(self.settings, site, store, self.now + timedelta(minutes=minutes))


@pytest.fixture(scope="module", params=FIXTURES, ids=lambda each: each.name)
def upgraded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """A copy of a fixture, synced once. The tests of it only read."""
    folder = tmp_path_factory.mktemp("upgrade") / "it"
    shutil.copytree(request.param, folder)
    store = folder / "store.sqlite3"
    store.write_bytes(gzip.decompress((folder / "store.sqlite3.gz").read_bytes()))
    settings = Settings(content=folder / "content", store=store, media=folder / "media")
    said = json.loads((folder / "said.json").read_text("utf-8"))
    now = datetime.fromisoformat(said["at"]) + timedelta(days=1)
    with closing(Store(store)) as opened:
        report = sync(settings, load_site(settings.content, None, "http://127.0.0.1:8000"), opened, now)
    return Upgraded(settings, said, report, now, create_app(settings).test_client())


def _ids(document: bytes, path: str) -> list[str]:
    if ".json" in path:
        return [item["id"] for item in json.loads(document)["items"]]
    return [entry.id for entry in feedparser.parse(document).entries]


def test_the_report_adds_and_corrects_nothing(upgraded: Upgraded) -> None:
    report = upgraded.report
    assert (report.added, report.changed, report.refused) == ((), (), 0)
    assert report.rerendered > 0
    assert sum("rendered again from unchanged files" in line for line in report.lines()) == 1


def test_what_is_withdrawn_is_listed(upgraded: Upgraded) -> None:
    assert len(upgraded.report.removed) == len(upgraded.withdrawn)
    lines = list(upgraded.report.lines())
    for path in upgraded.said["withdrawn"]:
        assert any(line.startswith(f"{path}:5: warning: ") and "draft" in line for line in lines), path


def test_every_feed_has_the_same_entries_in_the_same_order(upgraded: Upgraded) -> None:
    for path, before in upgraded.said["feeds"].items():
        answer = upgraded.client.get(path)
        assert answer.status_code == 200, path
        assert _ids(answer.data, path) == [id_ for id_ in before if id_ not in upgraded.withdrawn], path


def test_the_feeds_of_before_show_what_matters(upgraded: Upgraded) -> None:
    """A correction in a closed period, and entries that are withdrawn: else the test above says little."""
    feeds = upgraded.said["feeds"]
    assert "tag:example.org,2026:correct" in feeds["/feeds/all.atom"]
    assert "tag:example.org,2026:wafer" not in feeds["/feeds/all.atom"]
    assert upgraded.withdrawn & set(feeds["/feeds/cloud.rss"])
    assert upgraded.withdrawn & set(feeds["/feeds/all/2026-06.json"])


def test_every_entry_keeps_its_dates_and_its_address(upgraded: Upgraded) -> None:
    seen = set()
    for path in upgraded.said["feeds"]:
        if ".json" not in path:
            continue
        for item in json.loads(upgraded.client.get(path).data)["items"]:
            before = upgraded.said["entries"][item["id"]]
            assert item["url"] == before["url"]
            for name, now in (("published", item["date_published"]), ("updated", item["date_modified"])):
                assert datetime.fromisoformat(now) == datetime.fromisoformat(before[name]), (item["id"], name)
            seen.add(item["id"])
    assert seen == upgraded.said["entries"].keys() - upgraded.withdrawn


def test_every_address_answers_as_it_did(upgraded: Upgraded) -> None:
    """Articles, redirects of aliases and of renamed articles, 410s of removed ones, media."""
    gone = {f"/articles/{Path(path).stem}" for path in upgraded.said["withdrawn"]}
    found = {}
    for path in upgraded.said["addresses"]:
        answer = upgraded.client.get(path)
        found[path] = [answer.status_code, answer.headers.get("Location")]
    wanted = {path: [410, None] if path in gone else said for path, said in upgraded.said["addresses"].items()}
    assert found == wanted
    assert {status for status, _ in wanted.values()} == {200, 301, 410}


def test_cursors_report_what_is_withdrawn_and_nothing_else(upgraded: Upgraded) -> None:
    for path, url in upgraded.said["cursors"].items():
        split = urlsplit(url)
        document = json.loads(upgraded.client.get(f"{split.path}?{split.query}").data)
        assert document["items"] == [], path
        removed = {each["id"] for each in document["_feedsvc"].get("removed", [])}
        assert removed <= upgraded.withdrawn, path
        assert removed >= upgraded.withdrawn & set(upgraded.said["feeds"][path]), path


def test_the_next_sync_does_nothing(upgraded: Upgraded) -> None:
    assert upgraded.sync(1).is_unchanged


def test_the_store_as_it_was_stands_beside_it(upgraded: Upgraded) -> None:
    """docs/how-to/upgrade.md tells how to go back to it."""
    store = upgraded.settings.store_file
    before = store.with_name("before.sqlite3")
    before.write_bytes(gzip.decompress(store.with_name("store.sqlite3.gz").read_bytes()))
    (copy,) = store.parent.glob("store.sqlite3.schema-*")
    assert _rows(copy) == _rows(before)


def test_the_way_back_reads_every_file_again(upgraded: Upgraded, tmp_path: Path) -> None:
    """The command in docs/how-to/upgrade.md, in the copy that a version before knows how to read."""
    docs = (Path(__file__).parents[2] / "docs" / "how-to" / "upgrade.md").read_text("utf-8")
    (command,) = re.findall(r'python3 -c "(.*)"', docs)
    (copy,) = upgraded.settings.store_file.parent.glob("store.sqlite3.schema-*")
    shutil.copy(copy, tmp_path / "store.sqlite3")
    subprocess.run([sys.executable, "-c", command], cwd=tmp_path, check=True)
    with closing(sqlite3.connect(tmp_path / "store.sqlite3")) as connection:
        assert connection.execute("SELECT count(*), min(retry) FROM files").fetchone() == (len(_rows(copy)["files"]), 1)


def _rows(file: Path) -> dict[str, list[tuple[object, ...]]]:
    """What is in every table of a store. The index of words is in tables of its own."""
    with closing(sqlite3.connect(file)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'search'"
        ).fetchall()
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}


def _nothing(_articles: Path) -> None:
    pass


def _to_a_folder(articles: Path) -> None:
    (articles / "new").mkdir()
    for file in list(articles.glob("*.md")):
        file.rename(articles / "new" / file.name)


def _to_bundles(articles: Path) -> None:
    for file in list(articles.glob("*.md")):
        file.with_suffix("").mkdir()
        file.rename(file.with_suffix("") / "index.md")


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda each: each.name)
@pytest.mark.parametrize("change", [_nothing, _to_a_folder, _to_bundles])
def test_check_before_the_upgrade_says_what_the_sync_says(
    fixture: Path, change: Callable[[Path], None], tmp_path: Path
) -> None:
    """`check` looks at a migrated copy of the older store, and leaves the store as it is. No name unpublishes."""
    folder = tmp_path / "it"
    shutil.copytree(fixture, folder)
    store = folder / "store.sqlite3"
    store.write_bytes(gzip.decompress((folder / "store.sqlite3.gz").read_bytes()))
    settings = Settings(content=folder / "content", store=store, media=folder / "media")
    said = json.loads((folder / "said.json").read_text("utf-8"))
    now = datetime.fromisoformat(said["at"]) + timedelta(days=1)
    change(settings.content / "articles")
    site, before = load_site(settings.content, None, "http://127.0.0.1:8000"), _rows(store)
    with closing(Store(store)) as opened:
        checked = {str(each) for each in check(settings.content, site, opened, now).problems}
        assert _rows(store) == before
        report = sync(settings, site, opened, now)
        assert {str(each) for each in check(settings.content, site, opened, now).problems} == checked
    synced = {str(each) for each in report.problems}
    assert synced <= checked
    assert not [each for each in checked - synced if "text, but published already" not in each]
    assert (report.added, len(report.removed)) == ((), len(said["withdrawn"]))
