"""The units in deploy/, as systemd judges them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Publication
from tests.tools import program

DEPLOY = Path(__file__).parents[2] / "deploy"
# Each unit, and what it starts.
UNITS = {
    "feedsvc.service": "feedsvc serve",
    "feedsvc-watch.service": "feedsvc watch",
    "feedsvc-web.service": "feedsvc serve --no-watch",
    "feedsvc-writer.service": "feedsvc watch",
    "feedsvc-deliver.service": "feedsvc deliver",
    "feedsvc-backup.service": "feedsvc backup /var/lib/feedsvc/backups/new.sqlite3",
}
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
    assert {"ProtectSystem=strict", "SystemCallFilter=@system-service", "MemoryMax=75%"} <= set(text.splitlines())
    (tmp_path / name).write_text(text.replace(start, "/bin/true"), encoding="utf-8")
    assert name not in verify(tmp_path / name)


def verify(*files: Path) -> str:
    """Return what systemd says about the files. It names each file with a mistake."""
    command = [program("systemd-analyze"), "verify", "--man=no", *map(str, files)]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


def test_mistakes_are_found(tmp_path: Path) -> None:
    file = tmp_path / "wrong.service"
    file.write_text("[Service]\nExecStart=/bin/true\nMemoryMax=many\n")
    assert file.name in verify(file)


def test_the_timer_starts_the_backup(tmp_path: Path) -> None:
    timer = tmp_path / "feedsvc-backup.timer"
    timer.write_text((DEPLOY / timer.name).read_text("utf-8"))
    unit = (DEPLOY / "feedsvc-backup.service").read_text("utf-8")
    (tmp_path / "feedsvc-backup.service").write_text(re.sub("/srv/feedsvc/.*", "/bin/true", unit))
    assert timer.name not in verify(timer)
    assert "OnCalendar=*-*-* 03:30:00\n" in timer.read_text()


def test_the_backup_keeps_a_copy_for_each_weekday(publication: Publication, tmp_path: Path) -> None:
    """The commands of the unit, one after the other, twice; a copy that a killed run left is no hindrance."""
    publication.article("one")
    publication.sync()
    folder, binary = tmp_path / "backups", Path(sys.executable).parent / "feedsvc"
    unit = (DEPLOY / "feedsvc-backup.service").read_text("utf-8")
    lines = re.findall(r"^Exec(?:StartPre|Start|StartPost)=(.+)$", unit, re.MULTILINE)
    script = "\n".join(["set -e", *lines]).replace("%%", "%")
    script = script.replace("/var/lib/feedsvc/backups", str(folder)).replace(
        "/srv/feedsvc/.venv/bin/feedsvc", str(binary)
    )
    folder.mkdir()
    environment = {**os.environ, "FEEDSVC_STORE": str(publication.settings.store_file)}
    for _ in range(2):
        subprocess.run(["sh", "-c", script], env=environment, check=True, capture_output=True)
        (copy,) = folder.iterdir()
        assert re.fullmatch(r"[1-7]\.sqlite3", copy.name)
        (folder / "new.sqlite3").write_text("left by a run that was killed")
        script = script.replace("set -e\n", f"set -e\n{lines[0]}\n".replace("/var/lib/feedsvc/backups", str(folder)), 1)


def test_the_writer_alone_is_sandboxed_as_the_server_is() -> None:
    """But for what it starts, and for the network, which it has no use for."""
    server, writer = ((DEPLOY / name).read_text("utf-8").splitlines() for name in list(UNITS)[:2])
    kept = ("Description", "ExecStart", "KillSignal", "RestrictAddressFamilies")
    assert [line for line in server if not line.startswith(kept) and line not in writer] == []
    assert {"RestrictAddressFamilies=AF_UNIX", "IPAddressDeny=any"} <= set(writer)


@pytest.mark.parametrize("name", ["feedsvc.service", "feedsvc-deliver.service"])
def test_deliveries_reach_the_network(name: str) -> None:
    """Subscribers are at any address: the limits are those of `hub/outgoing.py`."""
    lines = (DEPLOY / name).read_text("utf-8").splitlines()
    assert "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX" in lines
    assert not [line for line in lines if line.startswith(("IPAddressDeny", "IPAddressAllow", "PrivateNetwork"))]
