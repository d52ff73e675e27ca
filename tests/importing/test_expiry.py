"""When an article is taken down, under our name or another system's."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run
from tests.importing.test_feeds import atom, rss
from tests.importing.wordpress import item, meta, wxr

TEXT: Final = "The wafer plant opened on Tuesday and the first chips left it in the evening."


@pytest.mark.parametrize("name", ["expires", "expiryDate", "expirydate", "unpublishDate"])
def test_when_it_is_taken_down(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    """Hugo calls it expiryDate. It is written in the time zone of the site, as `published` is."""
    text = f"---\ntitle: Plan\ndate: 2026-01-02\n{name}: 2026-12-01T10:00:00+02:00\n---\n\nA new GPU wafer at TSMC.\n"
    (tmp_path / "plan.md").write_text(text)
    result = run(tmp_path / "plan.md", "--topic", "chips")
    assert result.exit_code == 0, result.output
    (written,) = content.glob("articles/**/*.md")
    assert "expires: 2026-12-01 16:00" in written.read_text()


FUTURE: Final = "2099-12-01T10:00:00Z"
PAST: Final = "2020-12-01T10:00:00Z"


def _entry(kind: str, expires: str) -> tuple[str, bytes]:
    """Return the name and bytes of a feed or export with one entry that is taken down."""
    if kind == "json":
        entry = {"id": "1", "title": "Plan", "content_text": TEXT, "date_published": "2020-01-02", "expires": expires}
        return "feed.json", json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [entry]}).encode()
    if kind == "atom":
        return "feed.atom", atom(
            "<id>urn:x:1</id><title>Plan</title><published>2020-01-02T00:00:00Z</published>"
            f"<x:expires xmlns:x='urn:x'>{expires}</x:expires><content>{TEXT}</content>"
        )
    if kind == "wordpress":
        seconds = str(int(datetime.fromisoformat(expires).timestamp())) if expires[:2] == "20" else expires
        return "wordpress.xml", wxr(item(TEXT, more=meta("_expiration-date", seconds)))
    return "feed.xml", rss(
        f"<title>Plan</title><description>{TEXT}</description><pubDate>Thu, 02 Jan 2020 00:00:00 GMT</pubDate>"
        f"<expirationDate>{expires}</expirationDate>"
    )


@pytest.mark.parametrize("kind", ["rss", "atom", "json", "wordpress"])
@pytest.mark.parametrize(
    ("expires", "time", "note"),
    [
        (FUTURE, datetime(2099, 12, 1, 10, tzinfo=UTC), ""),
        (PAST, datetime(2020, 12, 1, 10, tzinfo=UTC), "was taken down on 2020-12-01: made a draft"),
        ("next spring", None, "nobody knows when it is taken down: made a draft"),
    ],
)
def test_entries_of_feeds_and_exports(
    settings: ImportSettings, kind: str, expires: str, time: datetime | None, note: str
) -> None:
    """Neither an entry that was taken down stays public, nor one that is taken down later."""
    name, data = _entry(kind, expires)
    settings = replace(settings, now=datetime(2026, 3, 1, tzinfo=UTC))
    (found,) = [each for each in read_items(name, data, settings) if isinstance(each, Draft)]
    assert found.expires == time
    assert found.is_draft is bool(note)
    assert any(note in each for each in found.notes) or not note
