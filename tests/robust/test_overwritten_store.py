"""A backup that is copied over the store of a running server is shown, and what the message says brings it back."""

import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.error import HTTPError

from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from tests.live import COMMAND, ROOT, Server, environment, wait_for

FEED = "/feeds/all.atom"


def run(server: Server, command: str, *arguments: str) -> None:
    """Run a command of feedsvc on the server's content."""
    asked = [*COMMAND[:-1], command, *arguments, "--content", str(server.content)]
    subprocess.run(asked, cwd=ROOT, env=environment(), check=True, capture_output=True, timeout=600)


def edit(server: Server, name: str) -> None:
    server.write(f"{name}.md", f"---\ntitle: The{name}\npublished: 2026-10-05\ntopics: [chips]\n---\nText.\n")


def probe(server: Server) -> str:
    """What /readyz says; it answers 503 while the damaged file cannot be read."""
    try:
        return server.read("/readyz?verbose").decode()
    except HTTPError as error:
        with error:
            return error.read().decode()


def test_a_copy_over_the_store_is_shown_and_writes_nothing(tmp_path: Path) -> None:
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "2"})
    try:
        edit(server, "first")
        wait_for(lambda: b"Thefirst" in server.read(FEED), "the first edit")
        copy = tmp_path / "copy.sqlite3"
        run(server, "backup", str(copy))
        for number in range(5):
            edit(server, f"later{number}")
        wait_for(lambda: b"Thelater4" in server.read(FEED), "later edits")
        assert "warning" not in server.read("/readyz?verbose").decode()
        store = server.state_folder / "store.sqlite3"
        shutil.copyfile(copy, store)
        wait_for(lambda: "warning: the sync failed" in probe(server), "the alarm")
        wait_for(lambda: "was copied over the store while it was in use" in server.log, "the reason in the log", 60)
        for number in range(5):
            edit(server, f"last{number}")
        wait_for(lambda: "failed 2 times in a row" in probe(server), "another sync")
        # A worker that does not have the feed in its cache may meet pages that contradict each other (decision 0223).
        assert {server.get(FEED) for _ in range(20)} <= {200, 503}
        assert store.read_bytes() == copy.read_bytes()
    finally:
        server.end()
    for suffix in ("", "-wal", "-shm"):
        Path(f"{store}{suffix}").unlink(missing_ok=True)
    run(server, "restore", str(copy))
    run(server, "sync")
    with closing(Store(store)) as restored, restored.read() as snapshot:
        found = {each.title for each in snapshot.slices.articles(Slice(), 99)}
    names = ["first", *(f"{when}{number}" for when in ("later", "last") for number in range(5))]
    assert {f"The{name}" for name in names} <= found
