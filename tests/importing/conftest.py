"""Fixtures of the import: a content folder with this repository's site.toml, and the settings that use it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.import_command import classify_command, import_command
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.settings import ImportSettings, load_settings

OURS = Path(__file__).parents[2] / "content"
Run = Callable[..., Result]


@pytest.fixture(scope="session")
def settings() -> ImportSettings:
    """Return the import settings of this repository's content, with a base URL."""
    return load_settings(OURS, "https://example.org", "http://127.0.0.1:8000")


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """Return an empty content folder with this repository's site.toml."""
    folder = tmp_path / "content"
    (folder / "articles").mkdir(parents=True)
    (folder / "site.toml").write_bytes((OURS / "site.toml").read_bytes())
    return folder


@pytest.fixture
def run(content: Path) -> Run:
    """Return a function that runs `feedsvc import` on that folder."""

    def invoke(*arguments: str | Path, given: str | bytes | None = None) -> Result:
        words = [*map(str, arguments), "--content", str(content)]
        return CliRunner().invoke(import_command, words, input=given, catch_exceptions=False)

    return invoke


@pytest.fixture
def classify(content: Path) -> Run:
    """Return a function that runs `feedsvc classify` on that folder."""

    def invoke(*arguments: str | Path) -> Result:
        words = [*map(str, arguments), "--content", str(content)]
        return CliRunner().invoke(classify_command, words, catch_exceptions=False)

    return invoke


def only(name: str, data: str | bytes, settings: ImportSettings) -> Draft:
    """Return the only draft in a file of that name."""
    (draft,) = read_drafts(name, data.encode() if isinstance(data, str) else data, settings)
    return draft


def articles(content: Path) -> list[Path]:
    """Return the articles in a content folder."""
    return sorted((content / "articles").rglob("*.md"))
