"""`feedsvc serve --drafts` as a process, beside `feedsvc serve` over the same content folder."""

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import COMMAND, ROOT, Server, environment, free_port, is_alive, wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")

DRAFT = "---\ntitle: Soon\npublished: 2026-10-05 10:00\ntopics: [chips]\n{draft}---\n{body}\n"


class PreviewProcess:
    """`feedsvc serve --drafts` over the content folder of a server."""

    def __init__(self, live: Server, folder: Path, *options: str) -> None:
        self._log = folder / "preview.log"
        command = [*COMMAND, "--drafts", "--content", str(live.content), *options]
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**environment(), "FEEDSVC_PORT": str(live.port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        said = wait_for(lambda: re.search(r"preview with drafts at (http://127\.0\.0\.1:\d+)/", self.log), "begins")
        self.address: str = said[1]
        wait_for(lambda: self.read("/healthz") == "ok\n", "answers")

    @property
    def log(self) -> str:
        assert self.process.poll() is None, self._log.read_text()
        return self._log.read_text()

    def read(self, path: str) -> str:
        """Return the body of a response; "" where there is no good one."""
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=120) as answer:
                return str(answer.read(), "utf-8")
        except OSError:
            return ""


def refused(*options: str) -> str:
    """Return what `feedsvc serve` says when it refuses to start."""
    environ = {**environment(), "FEEDSVC_PORT": str(free_port())}
    ended = subprocess.run([*COMMAND, *options], cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    return ended.stderr


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Server]:
    """A server of what is live."""
    server = Server(tmp_path)
    try:
        yield server
    finally:
        server.end()


def test_a_draft_is_edited_in_the_preview_and_goes_live(live: Server, tmp_path: Path) -> None:
    file = live.write("soon.md", DRAFT.format(draft="draft: true\n", body="First."))
    preview = PreviewProcess(live, tmp_path)
    try:
        assert int(preview.address.rpartition(":")[2]) > live.port
        page = wait_for(lambda: preview.read("/articles/soon?ui=en"), "the draft is shown")
        assert ">Draft<" in page
        commit = preview.read("/preview/commit")
        file.write_text(DRAFT.format(draft="draft: true\n", body="Second."))
        wait_for(lambda: preview.read("/preview/commit") != commit, "the pages reload")
        wait_for(lambda: "Second." in preview.read("/articles/soon?ui=en"), "the edit is shown")
        assert live.get("/articles/soon") == 404
        assert b"Soon" not in live.read("/feeds/chips.atom")
        # A second preview would show the addresses of the first.
        assert "is served already" in refused("--drafts", "--content", str(live.content))
        store = live.state_folder / "drafts" / "store.sqlite3"
        assert "is the store of a preview" in refused("--content", str(live.content), "--store", str(store))
        file.write_text(DRAFT.format(draft="", body="Third."))
        wait_for(lambda: live.get("/articles/soon") == 200, "live")
        wait_for(lambda: "Third." in preview.read("/articles/soon?ui=en"), "shown without a mark")
        assert ">Draft<" not in preview.read("/articles/soon?ui=en")
        os.killpg(preview.process.pid, signal.SIGINT)
        assert preview.process.wait(60) == 0
        assert live.get("/articles/soon") == 200
        assert is_alive(live.process.pid)
    finally:
        preview.process.kill()
        preview.process.wait()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--drafts", "--host", "0.0.0.0"], "0.0.0.0 is no loopback address"),
        (["--drafts", "--port", "70000"], "70000 is not a port"),
    ],
)
def test_what_is_refused(tmp_path: Path, options: list[str], message: str) -> None:
    assert message in refused("--content", str(tmp_path / "content"), *options)
