"""Fixtures of the tests of articles."""

from pathlib import Path

import pytest

from feedsvc.importing.settings import ImportSettings, load_settings

OURS = Path(__file__).parents[2] / "content"


@pytest.fixture(scope="session")
def settings() -> ImportSettings:
    """Return the import settings of this repository's own content."""
    return load_settings(OURS, "https://example.org", "http://127.0.0.1:8000")
