"""deploy/feedsvc.service, as systemd judges it."""

import re
import subprocess
from pathlib import Path

from tests.tools import program

UNIT = Path(__file__).parents[2] / "deploy" / "feedsvc.service"


def test_the_unit_is_sandboxed() -> None:
    """At most 2.5 of 10 is asked of it; what it says today is in docs/how-to/deploy.md."""
    command = [program("systemd-analyze"), "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for feedsvc\.service: ([\d.]+)", said.stdout)
    assert found is not None, said.stdout + said.stderr
    assert float(found[1]) <= 2.5


def test_the_unit_has_no_mistakes(tmp_path: Path) -> None:
    text = UNIT.read_text("utf-8")
    start = "/srv/feedsvc/.venv/bin/feedsvc serve"
    assert start in text
    assert "UMask=0027" in text
    file = tmp_path / "feedsvc.service"
    file.write_text(text.replace(start, "/bin/true"), encoding="utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", str(file)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "feedsvc.service" not in said.stdout + said.stderr
