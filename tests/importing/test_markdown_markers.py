"""`feedsvc import` keeps the meaning of markers that keep a file from the public: `draft: true`."""

from pathlib import Path

import pytest

from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, only
from tests.sync.test_visibility import NOT_PUBLIC, PUBLIC, UNKNOWN

TEXT = "The chip maker announced a new GPU wafer and semiconductor foundry plan with TSMC today."


def _file(marker: str, date: str = "date: 2026-01-02") -> str:
    return f"---\ntitle: Plan\n{date}\n{marker}\n---\n\n{TEXT}\n"


@pytest.mark.parametrize("marker", [*NOT_PUBLIC.values(), *(each[0] for each in UNKNOWN)])
def test_what_is_not_public_becomes_a_draft(settings: ImportSettings, marker: str) -> None:
    draft = only("plan.md", _file(marker), settings)
    assert draft.is_draft
    assert draft.published is not None
    assert not any("unknown field" in note for note in draft.notes)


# An import makes a draft of a file with an empty `publish`: test_not_public.
@pytest.mark.parametrize("marker", [each for each in PUBLIC if each != "publish:"])
def test_what_is_public_does_not(settings: ImportSettings, marker: str) -> None:
    draft = only("plan.md", _file(marker), settings)
    assert not draft.is_draft
    assert draft.notes == ()


@pytest.mark.parametrize("order", ["published: false\ndate: 2026-01-02", "date: 2026-01-02\npublished: false"])
def test_jekylls_published_says_who_and_its_date_says_when(settings: ImportSettings, order: str) -> None:
    draft = only("plan.md", _file("layout: post", order), settings)
    assert draft.is_draft
    assert draft.published is not None
    assert draft.published.at.isoformat() == "2026-01-01T16:00:00+00:00"


def test_the_file_that_is_written_says_so(run: Run, content: Path, tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_text(_file("visibility: private"))
    result = run(tmp_path / "plan.md")
    assert result.exit_code == 0, result.output
    (written,) = content.glob("articles/**/*.md")
    assert "draft: true" in written.read_text()
    assert "visibility: 'private' is not for the public: made a draft" in result.output
