"""When an article is taken down, under our name or another system's."""

from pathlib import Path

import pytest

from tests.importing.conftest import Run


@pytest.mark.parametrize("name", ["expires", "expiryDate", "expirydate", "unpublishDate"])
def test_when_it_is_taken_down(run: Run, content: Path, tmp_path: Path, name: str) -> None:
    """Hugo calls it expiryDate. It is written in the time zone of the site, as `published` is."""
    text = f"---\ntitle: Plan\ndate: 2026-01-02\n{name}: 2026-12-01T10:00:00+02:00\n---\n\nA new GPU wafer at TSMC.\n"
    (tmp_path / "plan.md").write_text(text)
    result = run(tmp_path / "plan.md", "--topic", "chips")
    assert result.exit_code == 0, result.output
    (written,) = content.glob("articles/**/*.md")
    assert "expires: 2026-12-01 16:00" in written.read_text()
