"""What the tests of the command share: a way to run it, in this process or as one."""

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
    """Runs a command over the publication, as `main` would."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)

    def invoke(command: str, *arguments: str) -> Result:
        places = ["--content", str(publication.settings.content)]
        result = CliRunner().invoke(cli.main, [command, *places, *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    return invoke


def process(*arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
    """A command as a process."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("FEEDSVC_")}
    command = [sys.executable, "-m", "feedsvc", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=env | options, timeout=600, check=False)
