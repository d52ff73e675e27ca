"""docs/how-to/hub.md: the command of its reader, and `feedsvc serve` with its delivery worker and self-test."""

import json
import os
import shlex
import socket
import sys
from pathlib import Path

import pytest

from feedsvc.cli.deliver_command import NICENESS
from tests.doc_pages import ROOT, blocks
from tests.hub.harness import Hub
from tests.live import Server, children, is_alive, wait_for


def test_the_command_of_a_reader(idle_hub: Hub) -> None:
    (command,) = [text for kind, text in blocks((ROOT / "docs/how-to/hub.md").read_text("utf-8")) if kind == "sh"]
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:2] == ["curl", "https://example.org/hub"]
    given = [words[number + 1] for number, word in enumerate(words) if word in ("-d", "--data-urlencode")]
    answer = idle_hub.client.post("/hub", data=dict(each.split("=", 1) for each in given))
    assert answer.status_code == 202


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_server_delivers_to_itself(tmp_path: Path) -> None:
    server = Server(tmp_path, settings={"FEEDSVC_WORKERS": "1", "FEEDSVC_HUB_ALLOW_LOOPBACK": "1"})
    try:
        assert json.loads(server.status("--json")[1])["hub"] == {"enabled": False}
        site = server.content / "site.toml"
        text = site.read_text("utf-8")
        site.write_text(f"{text}\n[hub]\nenabled = true\n", "utf-8")

        def seconds() -> float | None:
            test = json.loads(server.status("--json")[1])["hub"].get("self_test")
            return test["seconds"] if test and not test["problem"] else None

        assert wait_for(seconds, "the self-test", 300)
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            # A client that never sends its body holds up neither polls nor pages.
            slow.sendall(b"POST /hub HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhub")
            assert [server.get(path) for path in ("/feeds/all.atom", "/") * 20] == [200] * 40
        workers = [pid for pid, line in children(server.process.pid).items() if " deliver " in line]
        assert len(workers) == 1
        assert workers[0] not in server.workers()
        assert os.getpriority(os.PRIO_PROCESS, workers[0]) >= NICENESS
        if (group := Path(f"/proc/{workers[0]}/autogroup")).exists():
            assert group.read_text().split()[1:] == ["nice", str(NICENESS)]
        server.process.terminate()
        server.process.wait(60)
        wait_for(lambda: not is_alive(workers[0]), "the end of the delivery worker", 60)
    finally:
        server.end()
