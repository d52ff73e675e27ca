"""An edit that leaves an article where it is in all lists: what an export then writes, and how much it looks at."""

from pathlib import Path

import pytest

from feedsvc.export.plan import Plan
from feedsvc.store.snapshot.catalogue import Catalogue
from tests.conftest import Publication
from tests.export.publications import exported, files, fill, fresh
from tests.web.resources import PICTURE

FIELDS = {"published": "2026-08-09 10:00", "topics": "[chips]", "tags": "[sand, 晶圓]", "authors": "[王小明]"}
COUNT = 64


@pytest.fixture
def out(publication: Publication, tmp_path: Path) -> Path:
    """Return the folder of an export of lists with several pages, where each of the edits finds what it changes."""
    fill(publication, COUNT)
    _edit(publication, "Text of 推論.")
    exported(publication, tmp_path / "out")
    return tmp_path / "out"


def _edit(publication: Publication, body: str, **fields: str) -> None:
    publication.article("edited", body, **{**FIELDS, "title": "Edited", **fields})
    publication.sync()


EDITS: dict[str, tuple[str, dict[str, str]]] = {
    "text": ("Another text. " * 50, {}),
    "title and summary": ("Text.", {"title": "重新命名", "summary": "短"}),
    "slug": ("Text.", {"slug": "新的"}),
    "old address": ("Text.", {"aliases": "[/2019/edited.html]"}),
    "picture": ("![x](other.svg)", {}),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_in_place_is_exported_as_a_whole(
    publication: Publication, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    body, fields = EDITS[edit]
    monkeypatch.setattr(Plan, "groups", _never)
    monkeypatch.setattr(Catalogue, "order", _never)
    publication.write("articles/other.svg", PICTURE)
    _edit(publication, body, **fields)
    report = exported(publication, out, is_checked=False)
    # Of about 400 files.
    assert 10 < report.written + report.same < 100
    monkeypatch.undo()
    assert files(out) == fresh(publication, tmp_path / "fresh")


def _never(*_arguments: object) -> None:
    raise AssertionError("this costs more, the more articles there are")


def test_edits_in_place_of_several_articles(publication: Publication, out: Path, tmp_path: Path) -> None:
    """Of one in two topics and of one beside the lists, in one commit."""
    publication.article("imprint", "Who we are.", topics="[]", published="-")
    publication.sync()
    exported(publication, out, is_checked=False)
    publication.article("imprint", "Who we are now.", topics="[]", published="-")
    publication.article("hello", "Nothing.", slug="推論", aliases="[before, /2020/old.html, /Old-Feed]", title="推理")
    _edit(publication, "Another text.")
    exported(publication, out, is_checked=False)
    assert files(out) == fresh(publication, tmp_path / "fresh")


def test_an_edit_that_moves_an_article_is_none_in_place(publication: Publication, out: Path, tmp_path: Path) -> None:
    fields: dict[str, str] = {}
    for changed in ({"published": "2026-09-30 10:00"}, {"tags": "[sand]"}, {"topics": "[cloud]"}):
        fields |= changed
        _edit(publication, "Text.", **fields)
        exported(publication, out, is_checked=False)
    assert files(out) == fresh(publication, tmp_path / "fresh")
