"""Commits that are exported promptly while an export follows the store: what they shift is written later."""

import re
from itertools import count
from pathlib import Path
from random import Random

import pytest

from feedsvc.export.plan import Plan
from feedsvc.export.run import ExportReport
from feedsvc.store.snapshot.catalogue import Catalogue
from tests.conftest import Publication
from tests.export.links import dangling, reachable
from tests.export.publications import exported, exported_to, files, fill, fresh
from tests.export.test_edits import COUNT, FIELDS
from tests.export.test_interruption import ENTRIES, Faulty, Interrupted
from tests.web.random_edits import Edits


@pytest.fixture
def out(publication: Publication, tmp_path: Path) -> Path:
    """Return the folder of an export of lists with several pages."""
    fill(publication, COUNT)
    exported(publication, tmp_path / "out")
    return tmp_path / "out"


def prompt(publication: Publication, out: Path) -> ExportReport:
    return exported(publication, out, is_checked=False, is_prompt=True)


def rest(publication: Publication, out: Path, documents: int | None = None) -> ExportReport:
    """Export what is pending, or the first of these documents."""
    numbers = count()
    return exported(
        publication, out, is_checked=False, is_cut=lambda: documents is not None and next(numbers) >= documents
    )


def shown(found: dict[str, bytes]) -> dict[str, bytes]:
    """Return the pages of articles and the feeds, which people wait for, without archives: those beside a new one have
    another neighbour.
    """
    wanted = re.compile(r"((en|zh-Hant)/)?articles/|feeds/(?!.*[0-9]{4}-[0-9]{2}[.])|feeds[.]opml|sitemap")
    return {key: body for key, body in found.items() if wanted.match(key) and not key.endswith((".gz", ".br"))}


def _never(*_arguments: object) -> None:
    raise AssertionError("this costs more, the more articles there are")


def test_a_new_and_a_removed_article_are_exported_without_whole_lists(
    publication: Publication, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.article("new", "Text of today.", **{**FIELDS, "published": "2026-11-01 19:00"})
    publication.sync()
    with monkeypatch.context() as patched:
        patched.setattr(Plan, "groups", _never)
        patched.setattr(Catalogue, "order", _never)
        patched.setattr(Catalogue, "old_addresses", _never)
        added = prompt(publication, out)
        now = files(out)
        assert b"/articles/new" in now["index.html"]
        publication.article("new", "Text of today.", draft="true")
        publication.sync()
        removed = prompt(publication, out)
    anew = fresh(publication, tmp_path / "fresh")
    found = files(out)
    assert 10 < added.written < 100
    assert 10 < removed.written < 100
    assert removed.deleted >= 2
    assert not any("articles/new" in key for key in found)
    assert dangling(now) == {}
    assert dangling(found) == {}
    assert shown(found) == shown(anew)
    rest(publication, out)
    assert files(out) == anew


def test_what_is_pending_is_written_once(publication: Publication, out: Path, tmp_path: Path) -> None:
    publication.article("new", "Text of today.", **{**FIELDS, "published": "2026-11-01 19:00"})
    publication.sync()
    prompt(publication, out)
    before = files(out)
    assert rest(publication, out, 0).is_cut
    assert files(out) == before
    report = rest(publication, out)
    assert not report.is_cut
    assert report.written > 4
    assert rest(publication, out).written == 0
    assert files(out) == fresh(publication, tmp_path / "fresh")


@pytest.mark.parametrize("seed", range(3))
def test_every_state_is_consistent_and_the_last_one_is_whole(
    publication: Publication, tmp_path: Path, seed: int
) -> None:
    random, out = Random(seed), tmp_path / "out"
    edits, made = Edits(publication, random), []
    # Lists of more than a page.
    for number in range(24):
        day = 1 + number % 9
        publication.article(f"b{number}", "Text.", published=f"2024-03-{day:02} 10:00", tags="[sand]", topics="[chips]")
    edits.one()
    exported(publication, out)
    for number in range(8):
        made.append(edits.one())
        prompt(publication, out)
        now, anew = files(out), fresh(publication, tmp_path / f"fresh-{number}")
        assert dangling(now) == {}, made
        assert shown(now).items() >= shown(anew).items(), made
        if random.random() < 0.5:
            rest(publication, out, random.randrange(40))
            assert dangling(files(out)) == {}, made
    rest(publication, out)
    found = files(out)
    assert found.keys() == anew.keys(), made
    assert [key for key in found if found[key] != anew[key]] == [], made


@pytest.mark.parametrize("seed", [1, 2])
def test_links_lead_to_files_wherever_a_prompt_export_is_interrupted(
    publication: Publication, tmp_path: Path, seed: int
) -> None:
    edits, random, out = Edits(publication, Random(seed)), Random(seed), tmp_path / "out"
    edits.one()
    exported(publication, out)
    settings = publication.settings
    target = Faulty(out, [settings.content, settings.state])
    interruptions, is_known = 0, True
    for _ in range(10):
        edits.one()
        Faulty.left = random.randrange(50)
        before = reachable(files(out), ENTRIES)
        try:
            exported_to(publication, target, is_checked=not is_known, is_prompt=is_known)
            exported_to(publication, target, is_checked=False)
            is_known = True
        except Interrupted:
            # As `--watch` does: files may show more than the manifest says.
            interruptions, is_known = interruptions + 1, False
        found = files(out)
        seen = reachable(found, [*ENTRIES, *(before & found.keys())])
        assert dangling({key: found[key] for key in seen}, found) == {}
    assert interruptions > 3
    exported(publication, out)
    assert files(out) == fresh(publication, tmp_path / "fresh")
