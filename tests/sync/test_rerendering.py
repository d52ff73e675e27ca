"""Another version of feedsvc that renders old articles otherwise, from unchanged bytes, is no correction.

`updated` stays, the article does not come back into the current feed, and no cursor reports it. The documents change
all the same, so their validators do.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from feedsvc.articles import read
from feedsvc.model import Article, SafeHTML
from feedsvc.sync import reading
from tests.conftest import Publication
from tests.sync.looks import all_validators, feed, last_modified, now, titles
from tests.web.resources import BASE, ask


def upgrade(monkeypatch: pytest.MonkeyPatch, **values: object) -> None:
    """Let the next sync be that of another version, whose articles differ by these values."""
    genuine = read.read_article

    def other(*given: object, **named: object) -> read.Parsed:
        parsed = genuine(*given, **named)  # type: ignore[arg-type]
        changed: dict[str, Any] = {
            name: made(parsed.article) if callable(made) else made for name, made in values.items()
        }
        return replace(parsed, article=replace(parsed.article, **changed))

    monkeypatch.setattr(reading, "read_article", other)
    monkeypatch.setattr(reading, "PIPELINE_VERSION", read.PIPELINE_VERSION + 1)


def _content(article: Article) -> SafeHTML:
    return SafeHTML(f"{article.content}<p>By another version.</p>")


def _changes(client: FlaskClient, slice_: str) -> str:
    url: str = json.loads(ask(client, f"/feeds/{slice_}").data)["_feedsvc"]["changes_url"]
    return url.removeprefix(BASE)


def _told(client: FlaskClient, url: str) -> tuple[list[str], int]:
    document = json.loads(ask(client, url).data)
    return [each["title"] for each in document["items"]], len(document["_feedsvc"].get("removed", []))


@pytest.fixture
def past(publication: Publication) -> Publication:
    """Articles of a closed period, with translations and a picture; the current feed shows two of them."""
    publication.now = datetime(2026, 10, 25, tzinfo=UTC)
    publication.write("site.toml", f"feed_size = 2\n{(publication.settings.content / 'site.toml').read_text()}")
    publication.write("articles/a.png", b"\x89PNG")
    publication.article("old", "![a](a.png)", published="2026-09-01", tags="[x]")
    publication.article("old-zh", "舊文。", published="2026-09-02", language="zh-Hant", translation_of="old")
    for name in ("one", "two"):
        publication.article(name, published="2026-10-20")
    publication.sync()
    publication.now += timedelta(days=31)  # What the first sync found in closed periods is no correction by now.
    publication.sync()
    return publication


def test_it_moves_validators_and_nothing_else(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    client = past.client()
    cursors = [_changes(client, each) for each in ("all.json", "chips.json", "all.json?lang=zh-Hant", "all.json?tag=x")]
    shown, before = titles(past), all_validators(past)
    upgrade(monkeypatch, content=_content)
    report = past.sync()
    assert (report.added, report.changed, report.removed, report.rerendered) == ((), (), (), 4)
    assert next(report.lines()) == (
        "4 articles rendered again from unchanged files, by another version of feedsvc or with other settings "
        "(no corrections: feeds and scripts do not report them)"
    )
    assert titles(past) == shown == ["one", "two"]
    assert [_told(client, each) for each in cursors] == [([], 0)] * 4
    assert b"By another version" in feed(past)
    after = all_validators(past)
    assert all(after[name].etag != before[name].etag for name in ("all.atom", "chips.rss", "chips.json"))
    assert last_modified(past) == now(past)
    assert b"<updated>2026-10-20T00:00:00+08:00" in feed(past)


def test_what_a_worker_holds_is_made_again(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    client = past.client()
    assert b"By another" not in ask(client, "/articles/one").data + ask(client, "/feeds/all.atom").data
    upgrade(monkeypatch, content=_content)
    past.sync()
    assert all(b"By another" in ask(client, path).data for path in ("/articles/one", "/feeds/all.atom"))


def test_translations_are_made_again_too_and_not_reported(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    client = past.client()
    cursor, page = _changes(client, "all.json"), ask(client, "/feeds/all/2026-09.atom")
    upgrade(monkeypatch, title=lambda article: "Other" if article.slug == "old" else article.title)
    assert past.sync().rerendered == 1
    assert _told(client, cursor) == ([], 0)
    assert ask(client, "/feeds/all/2026-09.atom").headers["ETag"] != page.headers["ETag"]


def test_a_correction_at_the_same_sync_is_one(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    client = past.client()
    cursor = _changes(client, "all.json")
    upgrade(monkeypatch, content=_content)
    past.article("old", "![a](a.png) Corrected.", published="2026-09-01", tags="[x]")
    report = past.sync()
    assert (report.changed, report.rerendered) == (("old",), 3)
    assert titles(past) == ["one", "two", "old"]
    # Its translation shows its title, so cursors report that too.
    assert _told(client, cursor) == (["old", "old-zh"], 0) or _told(client, cursor) == (["old-zh", "old"], 0)


def test_a_picture_that_changed_at_the_same_sync_is_a_correction(
    past: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgrade(monkeypatch, content=_content)
    past.write("articles/a.png", b"\x89PNG of another day")
    report = past.sync()
    assert (report.changed, report.rerendered) == (("old",), 3)


def test_a_file_that_was_moved_at_the_same_sync(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(monkeypatch, content=_content)
    folder = past.settings.content / "articles"
    (folder / "2026").mkdir()
    for name in ("old.md", "a.png"):
        (folder / name).rename(folder / "2026" / name)
    report = past.sync()
    assert (report.changed, report.rerendered) == ((), 4)


def test_what_was_set_aside_before_is_a_correction(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last good version was made of other bytes."""
    past.article("one", topics="[unknown]", published="2026-10-20")
    assert past.sync().set_aside == ["articles/one.md"]
    upgrade(monkeypatch, content=_content)
    past.write("site.toml", (past.settings.content / "site.toml").read_text() + '[topics.unknown]\ntitle = "U"\n')
    report = past.sync()
    assert (report.changed, report.rerendered) == (("one",), 3)


def test_one_that_is_in_other_slices_then_is_reported(past: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """A script's copy of a slice would be wrong otherwise. It is no correction even so."""
    client = past.client()
    cursor = _changes(client, "all.json?tag=x")
    upgrade(monkeypatch, tags=("y",))
    assert past.sync().rerendered == 4
    assert titles(past) == ["one", "two"]
    assert _told(client, cursor) == ([], 1)


def test_another_base_url_is_no_correction(past: Publication) -> None:
    site: Path = past.settings.content / "site.toml"
    site.write_text(site.read_text().replace("https://example.org", "https://new.example"))
    past.article("old", "[x](/here)", published="2026-09-01", tags="[x]")
    past.sync()
    past.now = datetime(2027, 3, 1, tzinfo=UTC)
    past.sync()
    site.write_text(site.read_text().replace("https://new.example", "https://newer.example"))
    assert past.sync().rerendered == 1
    assert titles(past) == ["one", "two"]
