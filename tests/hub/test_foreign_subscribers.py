"""Two subscribers that nobody here wrote, with `feedsvc serve`: Flask-WebSub of PyPI, and pubsubhubbub of npm."""

import json
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_websub.subscriber import (
    SQLite3SubscriberStorage,
    SQLite3TempSubscriberStorage,
    Subscriber,
    discover,
)
from werkzeug.serving import make_server

from tests.hub.certificates import Authority
from tests.live import ROOT, Server, free_port, wait_for

ARTICLE = "---\ntitle: {}\npublished: 2026-01-01 00:00\ntopics: [chips]\nlanguage: en\n---\n\nA text.\n"
PACKAGE = ROOT / "node_modules/pubsubhubbub/src/pubsubhubbub.js"


@contextmanager
def tls_in_front(port: int, front: socket.socket, context: ssl.SSLContext) -> Iterator[None]:
    """Take connections with TLS and pass their bytes to a port, as a proxy does."""
    threads = list[threading.Thread]()
    stop = threading.Event()

    def copy(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while piece := source.recv(65536):
                target.sendall(piece)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)

    def each(plain: socket.socket) -> None:
        with (
            plain,
            suppress(OSError),
            context.wrap_socket(plain, server_side=True) as client,
            socket.create_connection(("127.0.0.1", port)) as server,
        ):
            back = threading.Thread(target=copy, args=(server, client))
            back.start()
            copy(client, server)
            back.join()

    def accept() -> None:
        while not stop.is_set():
            with suppress(TimeoutError):
                connection, _ = front.accept()
                connection.settimeout(60)
                threads.append(threading.Thread(target=each, args=(connection,)))
                threads[-1].start()

    front.settimeout(0.02)
    acceptor = threading.Thread(target=accept)
    acceptor.start()
    try:
        yield
    finally:
        stop.set()
        acceptor.join()
        for thread in threads:
            thread.join()


@contextmanager
def publication(folder: Path, base_url: str) -> Iterator[Server]:
    """Run `feedsvc serve`, with its delivery worker, which may deliver to this machine."""
    settings = {"FEEDSVC_BASE_URL": base_url, "FEEDSVC_HUB_ALLOW_LOOPBACK": "1", "FEEDSVC_WORKERS": "1"}
    server = Server(folder, settings=settings)
    try:
        # At an address of loopback, a publication has no hub unless it says so.
        with (server.content / "site.toml").open("a") as file:
            file.write("\n[hub]\nenabled = true\n")
        wait_for(lambda: server.get("/hub") == 200, "it has a hub")
        yield server
    finally:
        server.end()


def test_flask_websub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives a secret to a hub with https only, so a proxy with TLS is in front of the publication."""
    authority = Authority.new(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.file()))
    app, events = Flask(__name__), list[tuple[Any, ...]]()
    storages = SQLite3SubscriberStorage(str(tmp_path / "a")), SQLite3TempSubscriberStorage(str(tmp_path / "b"))
    subscriber = Subscriber(*storages, REQUEST_TIMEOUT=60)
    app.register_blueprint(subscriber.build_blueprint("/callbacks"))
    subscriber.add_success_handler(lambda topic, _, mode: events.append((mode, topic)))
    subscriber.add_error_handler(lambda topic, _, reason: events.append(("error", topic, reason)))
    # Only with a valid signature.
    subscriber.add_listener(lambda topic, _, body: events.append(("body", topic, body)))
    with ExitStack() as stack:
        front = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        base_url = f"https://127.0.0.1:{front.getsockname()[1]}"
        server = stack.enter_context(publication(tmp_path / "site", base_url))
        stack.enter_context(tls_in_front(server.port, front, authority.server("127.0.0.1")))
        callbacks = make_server("127.0.0.1", free_port(), app, threaded=True)
        app.config["SERVER_NAME"] = f"127.0.0.1:{callbacks.port}"
        thread = threading.Thread(target=callbacks.serve_forever, args=(0.02,))
        thread.start()
        stack.callback(thread.join)
        stack.callback(callbacks.server_close)
        stack.callback(callbacks.shutdown)

        topic = f"{base_url}/feeds/chips.atom"
        found = discover(topic, timeout=60)
        assert found == {"hub_url": f"{base_url}/hub", "topic_url": topic}
        with app.app_context():
            callback_id = subscriber.subscribe(**found, lease_seconds=600)
            wait_for(lambda: events == [("subscribe", topic)], "it is subscribed")
            assert storages[0][callback_id]["secret"]
            assert storages[0][callback_id]["lease_seconds"] == 600
            server.write("one.md", ARTICLE.format("The first one"))
            wait_for(lambda: any(b"The first one" in each[-1] for each in events if each[0] == "body"), "a delivery")
            subscriber.renew(callback_id)
            wait_for(lambda: events.count(("subscribe", topic)) == 2, "it is renewed")
            server.write("two.md", ARTICLE.format("The second one"))
            wait_for(lambda: any(b"The second one" in each[-1] for each in events if each[0] == "body"), "a delivery")
            subscriber.unsubscribe(callback_id)
            wait_for(lambda: ("unsubscribe", topic) in events, "it is unsubscribed")
        assert {each[:2] for each in events} == {("subscribe", topic), ("body", topic), ("unsubscribe", topic)}


class Node:
    """The subscriber in Node. `events` are the lines that it writes."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process, self.events = process, list[list[Any]]()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        self.events.extend(json.loads(line) for line in self._process.stdout)

    def call(self, *command: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()

    def named(self, name: str) -> list[list[Any]]:
        """Return the events of a name, without it."""
        return [event[1:] for event in self.events if event[0] == name]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    if shutil.which("node") is None or not PACKAGE.exists():
        pytest.skip("it needs node, and the packages of `make node_modules`")
    command = ["node", str(Path(__file__).with_name("pubsubhubbub.js")), str(PACKAGE)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        found = Node(process)
        found.call("listen")
        wait_for(lambda: found.named("listen"), "it listens")
        yield found
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


def test_pubsubhubbub(tmp_path: Path, node: Node) -> None:
    with publication(tmp_path / "site", "https://example.org") as server:
        topic, hub = "https://example.org/feeds/chips.json", server.url("/hub")
        node.call("subscribe", topic, hub)
        wait_for(lambda: node.named("sent") == [[""]] and node.named("subscribe"), "it is subscribed")
        server.write("one.md", ARTICLE.format("The first one"))
        wait_for(lambda: any("The first one" in each[3] for each in node.named("feed")), "a delivery")
        node.call("subscribe", topic, hub)
        wait_for(lambda: len(node.named("subscribe")) == 2, "it is renewed")
        server.write("two.md", ARTICLE.format("The second one"))
        wait_for(lambda: any("The second one" in each[3] for each in node.named("feed")), "a delivery")
        node.call("unsubscribe", topic, hub)
        wait_for(lambda: node.named("unsubscribe"), "it is unsubscribed")
        assert {each[0] for each in node.named("feed")} == {topic}
        media_type, signature, body = node.named("feed")[-1][1:]
        assert media_type.startswith("application/feed+json")
        assert signature.startswith("sha256=")
        assert json.loads(body)["feed_url"] == topic
        assert node.named("denied") == node.named("error") == []
