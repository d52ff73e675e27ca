"""Run the feedsvc command for tests, in this process or in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from feedsvc import cli
from tests.conftest import Publication

Run = Callable[..., Result]


@pytest.fixture
def run(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command over the publication in this process, as `main` does."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    if publication.place is not None:
        monkeypatch.setenv("FEEDSVC_STORE", publication.place)
        monkeypatch.setenv("FEEDSVC_STATE", str(publication.settings.state))
        monkeypatch.setenv("FEEDSVC_MEDIA", str(publication.settings.media))

    def invoke(command: str, *arguments: str) -> Result:
        places = ["--content", str(publication.settings.content)]
        result = CliRunner().invoke(cli.main, [command, *places, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def process(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
    command = [sys.executable, "-m", "feedsvc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env | options, timeout=600, check=False)
