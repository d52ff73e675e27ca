"""The commands of docs/how-to/troubleshoot.md, against a live server with an article that is set aside."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.doc_pages import blocks, page
from tests.live import Server, wait_for

TEXT = page("how-to/troubleshoot.md")


def test_every_command_runs(tmp_path: Path) -> None:
    """Each ends with 0, or with 1 where `feedsvc check` or `status` finds something."""
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1"})
    try:
        server.write("bad.md", "---\ntitle: X\npublished: 2026-11-01\ntopics: [nope]\n---\nx\n")
        wait_for(lambda: "1 set aside" in server.status()[1], "the article is set aside")
        state = server.state_folder
        names = {
            "https://news.example.org": server.url(""),
            "http://127.0.0.1:8000": server.url(""),
            "/srv/publication/content": str(server.content),
            "/var/lib/feedsvc": str(state),
        }
        variables = {"FEEDSVC_CONTENT": str(server.content), "FEEDSVC_STORE": str(state / "store.sqlite3")}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}:/usr/sbin"
        outputs: dict[str, str] = {}
        for line in [line for language, block in blocks(TEXT) if language == "console" for line in block.splitlines()]:
            if not line.startswith("$ ") or "damaged" in line or "restore" in line:
                continue
            command = line.removeprefix("$ ")
            for said, here in names.items():
                command = command.replace(said, here)
            ended = subprocess.run(
                ["bash", "-o", "pipefail", "-c", command],
                cwd=tmp_path,
                env={**os.environ, **variables, "PATH": path},
                capture_output=True,
                text=True,
                check=False,
            )
            assert ended.returncode in ((0, 1) if command.startswith("feedsvc check") else (0,)), (line, ended.stderr)
            outputs[line] = ended.stdout
    finally:
        server.end()
    assert len(outputs) > 15
    assert re.search(r"bad\.md:\d+: topics: unknown topic 'nope'", outputs["$ feedsvc check"])
    assert any("unknown topic 'nope'" in shown for line, shown in outputs.items() if line.endswith("nope.atom"))
    assert any(shown == "200\n" for line, shown in outputs.items() if "If-None-Match" in line)


def test_the_store_is_restored_as_the_page_says(tmp_path: Path) -> None:
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1"})
    state = server.state_folder
    run = [sys.executable, "-m", "feedsvc"]
    places = ["--content", str(server.content)]
    copy = tmp_path / "copy.sqlite3"
    subprocess.run([*run, "backup", str(copy), *places], check=True, capture_output=True)
    server.end()
    for suffix in ("-wal", "-shm"):
        (state / f"store.sqlite3{suffix}").unlink(missing_ok=True)
    with (state / "store.sqlite3").open("r+b") as file:
        file.seek(4096)
        file.write(b"x" * 65536)
    said = server.status()
    assert said[0] == 2
    assert "database disk image is malformed" in said[1]
    (move,) = [
        line[2:] for _, block in blocks(TEXT) for line in block.splitlines() if line.startswith("$ mkdir -p damaged")
    ]
    subprocess.run(["bash", "-e", "-c", move.replace("/var/lib/feedsvc", str(state))], cwd=tmp_path, check=True)
    subprocess.run([*run, "restore", str(copy), *places], check=True, capture_output=True)
    assert subprocess.run([*run, "sync", *places], check=False, capture_output=True).returncode == 0


def test_messages_that_are_quoted_are_those_of_the_code() -> None:
    code = "".join(file.read_text("utf-8") for file in (Path(__file__).parents[2] / "feedsvc").rglob("*.py"))
    for said in ("cannot listen on ", "unknown topic ", "watching by", '"blind"', '"failing"'):
        assert said in code
