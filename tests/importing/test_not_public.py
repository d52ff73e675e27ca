"""`feedsvc import` keeps from the public what was kept from it: by its folder, and by what a feed or export says."""

import json
from pathlib import Path

import pytest

from feedsvc.importing.draft import Draft, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, only
from tests.importing.test_wxr import WXR, item

TEXT = "The chip maker announced a new GPU wafer and semiconductor foundry plan with TSMC today."
POST = f"---\ntitle: Plan\ndate: 2026-01-02\n---\n\n{TEXT}\n"
PAGE = (
    "<html><head><title>Plan</title><meta property='article:published_time' content='2026-01-02T00:00:00Z'></head>"
    f"<body><article><h1>Plan</h1><p>{TEXT}</p></article></body></html>"
)


def _is_draft(run: Run, content: Path, *names: Path) -> bool:
    result = run(*names)
    assert result.exit_code == 0, result.output
    (written,) = content.glob("articles/**/*.md")
    is_draft = "draft: true" in written.read_text("utf-8")
    assert ("which is not published: made a draft (remove draft: true" in result.output) is is_draft
    return is_draft


FOLDERS = ("_drafts", "_archive", "_trash", "_Drafts", "2026/_drafts", "_drafts/2026", "_templates")


@pytest.mark.parametrize("path", [*(f"{folder}/plan.md" for folder in FOLDERS), "_drafts/plan.html"])
def test_what_lies_in_a_folder_that_is_not_published_becomes_a_draft(
    run: Run, content: Path, tmp_path: Path, path: str
) -> None:
    file = tmp_path / "blog" / path
    file.parent.mkdir(parents=True)
    file.write_text(POST if path.endswith(".md") else PAGE)
    assert _is_draft(run, content, tmp_path / "blog")


@pytest.mark.parametrize("named", ["_drafts", "_drafts/plan.md"])
def test_so_does_what_is_named_itself(run: Run, content: Path, tmp_path: Path, named: str) -> None:
    (tmp_path / "_drafts").mkdir()
    (tmp_path / "_drafts" / "plan.md").write_text(POST)
    assert _is_draft(run, content, tmp_path / named)


@pytest.mark.parametrize("named", ["blog", "blog/plan.md"])
def test_what_the_folders_above_are_called_says_nothing(run: Run, content: Path, tmp_path: Path, named: str) -> None:
    file = tmp_path / "_archive" / "blog" / "plan.md"
    file.parent.mkdir(parents=True)
    file.write_text(POST)
    assert not _is_draft(run, content, tmp_path / "_archive" / named)


def _atom(entry: str) -> str:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://www.w3.org/2007/app"'
        ' xmlns:old="http://purl.org/atom/app#" xmlns:blogger="http://schemas.google.com/blogger/2018"><title>B</title>'
        f"<entry><id>urn:x:1</id><title>Plan</title><updated>2026-01-02T00:00:00Z</updated>"
        f'<content type="html">&lt;p&gt;{TEXT}&lt;/p&gt;</content>{entry}</entry></feed>'
    )


def _kind(name: str) -> str:
    scheme, term = "http://schemas.google.com/g/2005#kind", f"http://schemas.google.com/blogger/2008/kind#{name}"
    return f'<category scheme="{scheme}" term="{term}"/>'


@pytest.mark.parametrize(
    ("entry", "note"),
    [
        ("<app:control><app:draft>yes</app:draft></app:control>", "app:draft is 'yes'"),
        ("<blogger:status>SCHEDULED</blogger:status>", "blogger:status: SCHEDULED, so not public at the export"),
        ("<old:control><old:draft> Yes </old:draft></old:control>", "app:draft is 'yes'"),
        ("<app:control><app:draft>perhaps</app:draft></app:control>", "app:draft is 'perhaps'"),
        ("<blogger:status>DRAFT</blogger:status>", "blogger:status 'DRAFT' is not for the public"),
        ("<blogger:status>SOFT_TRASHED</blogger:status>", "blogger:status 'SOFT_TRASHED' is not for the public"),
        (
            "<blogger:status>LIVE</blogger:status><blogger:trashed>2026-01-02T00:00:00Z</blogger:trashed>",
            "blogger:trashed, in the trash",
        ),
        ("<blogger:type>PAGE</blogger:type>", "a page of the site rather than a post"),
        (_kind("page"), "a page of the site rather than a post"),
    ],
)
def test_what_an_atom_feed_keeps_back_becomes_a_draft(entry: str, note: str, settings: ImportSettings) -> None:
    draft = only("x.atom", _atom(entry), settings)
    assert draft.is_draft
    assert draft.notes[0].startswith(f"{note}: made a draft (remove draft: true")
    assert draft.tags == ()
    assert len(draft.notes) == 1


@pytest.mark.parametrize(
    "entry",
    [
        "",
        "<app:control><app:draft>no</app:draft></app:control>",
        "<blogger:type>POST</blogger:type><blogger:status>LIVE</blogger:status>",
        _kind("post"),
    ],
)
def test_what_it_does_not_does_not(entry: str, settings: ImportSettings) -> None:
    draft = only("x.atom", _atom(entry), settings)
    assert (draft.is_draft, draft.notes, draft.tags) == (False, (), ())


@pytest.mark.parametrize(
    ("entry", "kind"),
    [(_kind(name), name) for name in ("comment", "template", "settings")]
    + [("<blogger:type>COMMENT</blogger:type>", "comment")],
)
def test_what_blogger_exports_beside_posts_is_passed_over(entry: str, kind: str, settings: ImportSettings) -> None:
    assert list(read_items("x.atom", _atom(entry).encode(), settings)) == [SkippedEntry("x.atom#1", kind)]


@pytest.mark.parametrize(
    ("status", "is_draft"),
    [("publish", False), ("future", True)]
    + [(each, True) for each in ("draft", "pending", "private", "archived", "acme-approved")],
)
def test_a_status_of_wordpress_keeps_its_meaning(status: str, is_draft: bool, settings: ImportSettings) -> None:
    _, draft = read_items("x.xml", WXR.format(content="<p>晶圓</p>", more=item("post", status)).encode(), settings)
    assert isinstance(draft, Draft)
    assert draft.is_draft is is_draft


@pytest.mark.parametrize("status", ["trash", "auto-draft", "inherit"])
def test_what_wordpress_threw_away_is_passed_over(status: str, settings: ImportSettings) -> None:
    _, passed = read_items("x.xml", WXR.format(content="<p>晶圓</p>", more=item("post", status)).encode(), settings)
    assert isinstance(passed, SkippedEntry)


@pytest.mark.parametrize(
    ("marker", "is_draft"),
    [
        ({}, False),
        ({"status": "published", "visibility": "public"}, False),
        ({"status": "draft"}, True),
        ({"visibility": "members"}, True),
        ({"visibility": "paid"}, True),
        ({"visibility": "tiers"}, True),
        ({"draft": True}, True),
        ({"draft": False}, False),
        ({"status": "whatever"}, True),
    ],
)
def test_markers_of_an_item_of_json_feed(marker: dict[str, object], is_draft: bool, settings: ImportSettings) -> None:
    entry = {"id": "1", "title": "Plan", "content_text": TEXT, "date_published": "2026-01-02T00:00:00Z", **marker}
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [entry]})
    assert only("x.json", document, settings).is_draft is is_draft


@pytest.mark.parametrize("field", ["publish:", "dg-publish:", "Publish: null", "publish: []"])
def test_publish_without_a_value_is_a_draft(run: Run, content: Path, tmp_path: Path, field: str) -> None:
    (tmp_path / "plan.md").write_text(POST.replace("date:", f"{field}\ndate:"))
    result = run(tmp_path / "plan.md")
    assert result.exit_code == 0, result.output
    (written,) = content.glob("articles/**/*.md")
    assert "draft: true" in written.read_text("utf-8")
    assert f"{field.partition(':')[0]}: has no value: made a draft" in result.stderr
