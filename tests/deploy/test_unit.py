"""The units in deploy/, as systemd judges them."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.tools import program

DEPLOY = Path(__file__).parents[2] / "deploy"
# Each unit, and what it starts.
UNITS = {"feedsvc.service": "feedsvc serve", "feedsvc-watch.service": "feedsvc watch"}
each_unit = pytest.mark.parametrize("name", UNITS)


@each_unit
def test_the_unit_is_sandboxed(name: str) -> None:
    """At most 2.5 of 10 is asked of it; what it says today is in docs/how-to/deploy.md."""
    command = [program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(DEPLOY / name)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(rf"Overall exposure level for {re.escape(name)}: ([\d.]+)", said.stdout)
    assert found is not None, said.stdout + said.stderr
    assert float(found[1]) <= 2.5


@each_unit
def test_the_unit_has_no_mistakes(name: str, tmp_path: Path) -> None:
    text = (DEPLOY / name).read_text("utf-8")
    start = f"/srv/feedsvc/.venv/bin/{UNITS[name]}"
    assert f"ExecStart={start}\n" in text
    assert "UMask=0027" in text
    file = tmp_path / name
    file.write_text(text.replace(start, "/bin/true"), encoding="utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert name not in said.stdout + said.stderr


def test_the_writer_alone_is_sandboxed_as_the_server_is() -> None:
    """But for what it starts, and for the network, which it has no use for."""
    server, writer = ((DEPLOY / name).read_text("utf-8").splitlines() for name in UNITS)
    kept = ("Description", "ExecStart", "KillSignal", "RestrictAddressFamilies")
    assert [line for line in server if not line.startswith(kept) and line not in writer] == []
    assert {"RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any"} <= set(writer)
