"""Exports of other systems in, feeds out: each folder of `exports/` is imported, synced and served.

A folder holds what a system exports, and `expected.toml`, which says what readers must get of it:

- `arguments`: further words of the command.
- `notes`: parts of warnings. Each is in at least one, and there is no warning without one of them.
- `redirects`: old addresses, and the slug of the article that each leads to. The id of an article is made of its first
  alias, so `id` says which one that is.
- `drafts`: titles of articles that no feed may show.
- `articles`: at least two, which are all that the feeds show, in their order. Only the keys that an article has there
  are compared: `title`, `id`, `slug`, `published`, `updated`, `topics`, `tags`, `authors`, `summary`, `image`, `media`
  (addresses of pictures and files in the order of the text, then enclosures, with `…` for the name of one that is
  ours), `text` (parts of the content) and `absent` (what nothing of it may contain).
"""

import json
import re
import shutil
import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import pytest
from click.testing import CliRunner, Result
from lxml import etree

from feedsvc.cli.import_command import import_command
from tests.conftest import Publication

EXPORTS: Final = Path(__file__).with_name("exports")
SYSTEMS: Final = sorted(each.parent.name for each in EXPORTS.glob("*/expected.toml"))
ATOM: Final = {"a": "http://www.w3.org/2005/Atom"}
Entry = Mapping[str, Any]


class Served:
    """An export that was imported into a publication and published."""

    def __init__(self, system: str, publication: Publication, folder: Path) -> None:
        self.expected = tomllib.loads((EXPORTS / system / "expected.toml").read_text("utf-8"))
        self.folder = folder / system
        shutil.copytree(EXPORTS / system, self.folder, ignore=shutil.ignore_patterns("expected.toml"))
        self.publication = publication
        self.result = self.import_()
        assert self.result.exit_code == 0, self.result.output
        assert publication.sync().set_aside == []
        self.client = publication.client()

    def import_(self) -> Result:
        """Import the export."""
        arguments = self.expected.get("arguments", [])
        words = [str(self.folder), *arguments, "--content", str(self.publication.settings.content)]
        return CliRunner().invoke(import_command, words, catch_exceptions=False)


@pytest.fixture(params=SYSTEMS)
def served(request: pytest.FixtureRequest, publication: Publication, tmp_path: Path) -> Served:
    """Return the export of each system, published."""
    return Served(request.param, publication, tmp_path / "export")


def _json_entries(feed: bytes) -> list[Entry]:
    found: list[Entry] = []
    for item in json.loads(feed)["items"]:
        topics = [(each["name"], each["title"]) for each in item["_feedsvc"]["topics"]]
        found.append(
            {
                **{name: item.get(name, "") for name in ("id", "title", "summary", "image")},
                "slug": unquote(item["url"]).removeprefix("https://example.org/articles/"),
                "published": item["date_published"],
                "updated": item.get("date_modified", item["date_published"]),
                "topics": [name for name, _ in topics],
                "tags": [each for each in item.get("tags", []) if not any(each in topic for topic in topics)],
                "authors": [each["name"] for each in item.get("authors", [])],
                "content": item["content_html"],
                "enclosures": [each["url"] for each in item.get("attachments", [])],
            }
        )
    return found


def _atom_entries(feed: bytes, topics: frozenset[str]) -> list[Entry]:
    found: list[Entry] = []
    for entry in etree.fromstring(feed).findall("a:entry", ATOM):
        terms = [each.get("term") for each in entry.findall("a:category", ATOM)]
        links = [(each.get("rel"), each.get("href") or "") for each in entry.findall("a:link", ATOM)]
        found.append(
            {
                **{name: entry.findtext(f"a:{name}", "", ATOM) for name in ("id", "title", "summary", "content")},
                "slug": unquote(next(url for rel, url in links if rel == "alternate")).removeprefix(
                    "https://example.org/articles/"
                ),
                **{name: entry.findtext(f"a:{name}", "", ATOM) for name in ("published", "updated")},
                "topics": [each for each in terms if each in topics],
                "tags": [each for each in terms if each not in topics],
                "authors": [each.findtext("a:name", "", ATOM) for each in entry.findall("a:author", ATOM)],
                "enclosures": [url for rel, url in links if rel == "enclosure"],
            }
        )
    return found


def _media(entry: Entry) -> list[str]:
    """Return the addresses of pictures and files in the content, then those of enclosures, each once."""
    shown = re.findall(r'<(?:img|audio|video|source)\b[^<>]*?\ssrc="([^"]+)"', entry["content"])
    return list(dict.fromkeys([*shown, *entry["enclosures"]]))


def _shown(url: str) -> str:
    return re.sub(r"/media/[0-9a-f]{32}(?=\.)", "/media/…", url)


def _assert_same(found: Entry, expected: Entry, *, has_image: bool) -> None:
    for name, value in expected.items():
        if name in ("published", "updated"):
            assert datetime.fromisoformat(found[name]) == datetime.fromisoformat(value), name
        elif name == "media":
            assert [*map(_shown, _media(found))] == value
        elif name == "image":
            assert not has_image or _shown(found[name]) == value
        elif name == "text":
            assert [each for each in value if each not in found["content"]] == [], found["content"]
        elif name == "absent":
            assert [each for each in value if each in str(found)] == []
        elif name == "id" and not has_image and ":" not in value:
            # Atom requires a URI.
            assert found[name] == f"tag:example.org,2026:id/{value}"
        else:
            assert found[name] == value, name


def test_the_feeds_have_what_was_exported(served: Served) -> None:
    topics = frozenset(each.name for each in served.publication.site.topics)
    expected = served.expected["articles"]
    assert len(expected) > 1
    of_json = _json_entries(served.client.get("/feeds/all.json").data)
    of_atom = _atom_entries(served.client.get("/feeds/all.atom").data, topics)
    for entries in (of_json, of_atom):
        assert [each["title"] for each in entries] == [each["title"] for each in expected]
        for entry, wanted in zip(entries, expected, strict=True):
            _assert_same(entry, wanted, has_image=entries is of_json)


def test_no_feed_has_a_draft(served: Served) -> None:
    drafts = served.expected.get("drafts", [])
    # An export without a draft does not show that drafts stay drafts.
    assert drafts
    marked = [
        each
        for each in served.publication.settings.content.rglob("*.md")
        if "\ndraft: true\n" in each.read_text("utf-8")
    ]
    assert len(marked) == len(drafts)
    for address in ("/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/"):
        text = served.client.get(address).get_data(as_text=True)
        assert [each for each in (*drafts, "SECRET") if each in text] == []


def test_old_addresses_lead_to_the_articles(served: Served) -> None:
    for old, slug in served.expected.get("redirects", {}).items():
        answer = served.client.get(old)
        assert (old, answer.status_code) == (old, 301)
        assert unquote(answer.headers["Location"]) == f"https://example.org/articles/{slug}"
        assert served.client.get(f"/articles/{slug}").status_code == 200


def test_media_of_the_site_are_served(served: Served) -> None:
    for entry in _json_entries(served.client.get("/feeds/all.json").data):
        for url in (*_media(entry), entry["image"]):
            if url.startswith("https://example.org/media/"):
                answer = served.client.get(url.removeprefix("https://example.org"))
                assert (url, answer.status_code, (answer.mimetype or "")[:6]) == (url, 200, "image/")


def test_each_warning_is_expected(served: Served) -> None:
    lines = [each for each in served.result.stderr.splitlines() if str(served.folder) in each]
    notes = served.expected.get("notes", [])
    assert [each for each in notes if not any(each in line for line in lines)] == []
    assert [each for each in lines if not any(note in each for note in notes)] == []


def test_a_second_import_changes_nothing(served: Served) -> None:
    articles = sorted(served.publication.settings.content.rglob("*.md"))
    before = [each.read_bytes() for each in articles]
    again = served.import_()
    assert again.exit_code == 0, again.output
    assert f"0 written, 0 replaced, {len(articles)} unchanged" in again.stderr
    assert [each.read_bytes() for each in sorted(served.publication.settings.content.rglob("*.md"))] == before
