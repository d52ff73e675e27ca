"""An error that no reader expects costs one entry, or one file, and the report has its type."""

import json
from pathlib import Path

import pytest

from feedsvc.importing.complete import CompletedDraft, Overrides, complete
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.feeds import json_feed, wxr, xml_feed
from feedsvc.importing.readers.pages import html
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles
from tests.importing.test_wxr import WXR

TEXT = "The chip maker announced a new GPU wafer and semiconductor foundry plan with TSMC today."


def _rss(*titles: str) -> str:
    items = "".join(
        f"<item><title>{title}</title><link>https://blog.example/{title}</link>"
        f"<pubDate>Tue, 10 Feb 2026 09:00:00 GMT</pubDate><description>{TEXT}</description></item>"
        for title in titles
    )
    return f"<rss version='2.0'><channel><title>B</title><language>en</language>{items}</channel></rss>"


def _atom(*titles: str) -> str:
    entries = "".join(
        f"<entry><id>urn:{title}</id><title>{title}</title><updated>2026-02-10T09:00:00Z</updated>"
        f"<content>{TEXT}</content></entry>"
        for title in titles
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'><title>B</title>{entries}</feed>"


def _json(*titles: str) -> str:
    items = [
        {"id": title, "title": title, "content_text": TEXT, "date_published": "2026-02-10T09:00:00Z"}
        for title in titles
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": items})


@pytest.mark.parametrize(
    "feed",
    [
        ("x.rss", _rss("One", "Two", "Three"), xml_feed, "_item"),
        ("x.atom", _atom("One", "Two", "Three"), xml_feed, "_entry"),
        ("x.json", _json("One", "Two", "Three"), json_feed, "_item"),
    ],
)
def test_one_entry_costs_no_other(
    feed: tuple[str, str, object, str], run: Run, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, document, module, reader = feed
    real = getattr(module, reader)

    def broken(source: str, *rest: object, **named: object) -> object:
        if source.endswith("#2"):
            raise KeyError("made for this test")
        return real(source, *rest, **named)

    monkeypatch.setattr(module, reader, broken)
    (tmp_path / name).write_text(document)
    result = run(tmp_path / name)
    assert result.exit_code == 1
    assert f"{name}#2: an unforeseen error, KeyError: 'made for this test'" in result.output
    assert [each.stem for each in articles(content)] == ["One", "Three"]
    assert "2 written" in result.output
    assert "1 set aside" in result.output


def test_so_it_is_with_an_export_of_wordpress(
    run: Run, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = wxr._post

    def broken(source: str, *rest: object) -> object:
        if source.endswith("#1"):
            raise RecursionError
        return real(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(wxr, "_post", broken)
    (tmp_path / "x.xml").write_text(WXR.format(content=TEXT, more=""))
    result = run(tmp_path / "x.xml")
    assert result.exit_code == 1
    assert "an unforeseen error, RecursionError" in result.output


def test_an_entry_over_a_limit_costs_no_other(run: Run, content: Path, tmp_path: Path) -> None:
    attributes = " ".join(f"data-x{number}='1'" for number in range(60))
    document = _rss("One", "Two", "Three").replace(TEXT, f"&lt;p {attributes}&gt;{TEXT}&lt;/p&gt;", 1)
    (tmp_path / "x.rss").write_text(document)
    result = run(tmp_path / "x.rss")
    assert result.exit_code == 1
    assert "x.rss#1: a <p> with more than 50 attributes" in result.output
    assert [each.stem for each in articles(content)] == ["Three", "Two"]


def test_one_file_costs_no_other(run: Run, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AssertionError("made for this test")

    monkeypatch.setattr(html, "text_of_page", broken)
    (tmp_path / "a.html").write_text(f"<html><body><h1>Plan</h1><p>{TEXT}</p></body></html>")
    (tmp_path / "b.md").write_text(f"---\ntitle: Plan\ndate: 2026-01-02\n---\n\n{TEXT}\n")
    result = run(tmp_path / "a.html", tmp_path / "b.md")
    assert result.exit_code == 1
    assert "a.html: an unforeseen error, AssertionError: made for this test" in result.output
    assert len(articles(content)) == 1


def test_an_error_while_a_draft_is_completed_costs_one_entry(
    run: Run, content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(draft: Draft, settings: ImportSettings, overrides: Overrides) -> CompletedDraft:
        if draft.title == "Two":
            raise ValueError("'bcl' is not a known language")
        return complete(draft, settings, overrides)

    monkeypatch.setattr("feedsvc.importing.run.complete", broken)
    (tmp_path / "x.rss").write_text(_rss("One", "Two", "Three"))
    result = run(tmp_path / "x.rss")
    assert result.exit_code == 1
    assert "x.rss#2: an unforeseen error, ValueError: 'bcl' is not a known language" in result.output
    assert [each.stem for each in articles(content)] == ["One", "Three"]
