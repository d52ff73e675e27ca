"""The files in deploy/ for several nodes: a real nginx in front of two real web nodes, with one store in PostgreSQL."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from jsonschema import Draft7Validator  # type: ignore[import-untyped]

from feedsvc.config import Settings
from tests.conftest import Publication
from tests.live import children, environment, free_port, wait_for
from tests.sync.purge_server import purge_server
from tests.tools import program
from tests.web.test_nginx import configuration

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
NGINX = (DEPLOY / "nginx-nodes.conf").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose-nodes.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
NODES = ("web1", "web2", "writer", "standby", "deliver")


def test_compose_is_valid() -> None:
    schema = json.loads((ROOT / "tests" / "schemas" / "compose-spec.json").read_text("utf-8"))
    Draft7Validator(schema).validate(COMPOSE)


@pytest.mark.parametrize("name", SERVICES)
def test_each_service_is_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["restart"] == "unless-stopped"
    assert {"mem_limit", "pids_limit", "tmpfs"} <= set(service)
    assert ("cap_add" in service, "ports" in service) == (name == "nginx", name == "nginx")
    assert "inside" in service["networks"]
    assert "outside" not in service["networks"] or name in ("nginx", "writer", "standby", "deliver")


def test_compose_names_what_exists() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", ())) <= set(SERVICES), name
        for volume in service["volumes"]:
            source = re.sub(r"\$\{\w+:-(.+?)\}", r"\1", volume).partition(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("/") or (DEPLOY / source).exists(), volume
    assert COMPOSE["networks"]["inside"]["internal"] is True
    addresses = [SERVICES[name]["networks"]["inside"]["ipv4_address"] for name in ("web1", "web2")]
    assert re.findall(r"^ +server ([\d.]+):8000", NGINX, re.MULTILINE) == addresses
    known = {f"FEEDSVC_{name.upper()}" for name in Settings.__dataclass_fields__}
    for name in NODES:
        assert {each for each in SERVICES[name]["environment"] if each.startswith("FEEDSVC_")} <= known
    # No machine that faces readers or subscribers has the token of the CDN, or the content.
    for name in ("web1", "web2", "deliver"):
        assert not any("PURGE" in each for each in SERVICES[name]["environment"])
        assert not any("/content" in each for each in SERVICES[name]["volumes"])
    # A delivery worker that reaches no subscriber would fail all deliveries.
    assert "outside" in SERVICES["deliver"]["networks"]


def test_nginx_keeps_the_limits_of_the_file_for_one_machine() -> None:
    single = (DEPLOY / "nginx.conf").read_text("utf-8")
    for name in ("map", "limit_req_zone", "limit_req ", "limit_req_status", "error_page", "proxy_no_cache", "return"):
        lines = re.findall(rf"^\s*{name}.*", single, re.MULTILINE)
        assert lines
        assert lines == re.findall(rf"^\s*{name}.*", NGINX, re.MULTILINE)
    directives = re.sub("#.*", "", NGINX)
    # They would give a CDN what it was just told to purge.
    assert "background_update" not in directives
    assert "updating" not in directives
    # No POST is sent twice, and a busy node is no node that is down.
    assert "non_idempotent" not in directives
    assert "http_503" not in "".join(re.findall("proxy_next_upstream .*", directives))


@contextmanager
def web_node(publication: Publication, folder: Path) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """Yield the port and the process of `feedsvc serve --no-watch` without content."""
    port = free_port()
    folder.mkdir()
    settings = {
        "FEEDSVC_STORE": str(publication.settings.store),
        "FEEDSVC_STATE": str(folder),
        "FEEDSVC_MEDIA": str(publication.settings.media),
        "FEEDSVC_CONTENT": str(folder / "none"),
        "FEEDSVC_WORKERS": "1",
        "FEEDSVC_SURROGATE_KEYS": "Surrogate-Key",
        "FEEDSVC_PORT": str(port),
    }
    command = [sys.executable, "-m", "feedsvc", "serve", "--no-watch"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**environment(), **settings}, stdout=log, stderr=log, start_new_session=True
        )
    try:
        wait_for(lambda: answers(port) or process.poll() is not None, "the node answers")
        assert process.poll() is None, (folder / "log").read_text()
        yield port, process
    finally:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
        process.wait(120)


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code == 200
    except requests.ConnectionError:
        return False


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill the server of a node; its workers end with it."""
    process.kill()
    process.wait(120)


class Cluster:
    """nginx in front of two nodes."""

    def __init__(self, url: str, session: requests.Session, nodes: list[tuple[int, "subprocess.Popen[bytes]"]]) -> None:
        self.url, self.session, self.nodes = url, session, nodes

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.session.get(f"{self.url}{path}", headers=headers, timeout=120)


@pytest.fixture
def cluster(publication: Publication, tmp_path: Path) -> Iterator[Cluster]:
    publication.article("one", "Text " * 100)
    publication.sync()
    with ExitStack() as stack:
        nodes = [stack.enter_context(web_node(publication, tmp_path / f"node{number}")) for number in (1, 2)]
        port = free_port()
        text = NGINX.replace("10.0.0.11:8000", f"127.0.0.1:{nodes[0][0]}").replace("10.0.0.12:8000", "127.0.0.1:8000")
        # What test_nginx.py replaces, this file has not.
        text += "\n# /var/lib/feedsvc/media/\n"
        file = tmp_path / "nginx.conf"
        file.write_text(configuration(port, f"http://127.0.0.1:{nodes[1][0]}", tmp_path, tmp_path, text))
        check = subprocess.run(
            [program("nginx"), "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(file)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert check.returncode == 0, check.stderr
        command = [program("nginx"), "-p", str(tmp_path), "-e", "stderr", "-c", str(file)]
        process = stack.enter_context(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        stack.callback(process.terminate)
        session = stack.enter_context(requests.Session())
        session.verify, session.trust_env = str(tmp_path / "fullchain.pem"), False
        made = Cluster(f"https://127.0.0.1:{port}", session, nodes)
        wait_for(lambda: is_open(made), "nginx answers")
        yield made


def is_open(cluster: Cluster) -> bool:
    try:
        return cluster.get("/healthz").status_code == 200
    except requests.ConnectionError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_a_web_node_neither_publishes_nor_delivers(publication: Publication, tmp_path: Path) -> None:
    """All its processes are workers and what multiprocessing needs."""
    publication.article("one", "Text.")
    publication.sync()
    with web_node(publication, tmp_path / "node") as (_, process):
        lines = list(children(process.pid).values())
        assert lines
        assert [line for line in lines if " watch " in line or " deliver " in line] == []


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_a_node_that_is_killed_fails_no_get(cluster: Cluster, publication: Publication) -> None:
    """Then the other one too: readers get what nginx has, and 502 for the rest."""
    paths = ["/feeds/chips.atom", "/feeds/all.json", "/topics/chips", "/articles/one"]
    before = {path: cluster.get(path) for path in paths}
    assert {each.status_code for each in before.values()} == {200}
    kill(cluster.nodes[0][1])
    for number in range(20):
        # A query that means nothing makes an address that nginx has not, so that a node is asked each time.
        for path in paths:
            found = cluster.get(f"{path}?utm_source={number}")
            assert (found.status_code, found.headers["ETag"]) == (200, before[path].headers["ETag"])
    kill(cluster.nodes[1][1])
    for _ in range(5):
        for path in paths:
            assert cluster.get(path).content == before[path].content
    assert cluster.get("/feeds/cloud.atom").status_code == 502


@pytest.mark.parametrize("engine", ["postgresql"])
def test_both_nodes_show_an_edit_and_agree(cluster: Cluster, publication: Publication) -> None:
    publication.article("two")
    publication.sync()
    with publication.store.read() as snapshot:
        keys = snapshot.surrogate_keys_since(None)
    assert keys

    def shown() -> bool:
        found = [requests.get(f"http://127.0.0.1:{port}/feeds/chips.atom", timeout=60) for port, _ in cluster.nodes]
        return {each.headers["ETag"] for each in found} == {found[0].headers["ETag"]} and "two" in found[0].text

    wait_for(shown, "both nodes show it")
    # nginx keeps a response for a second, and no longer.
    wait_for(lambda: "two" in cluster.get("/feeds/chips.atom").text, "nginx shows it")
    assert cluster.get("/feeds/chips.atom").headers["Surrogate-Key"].startswith("site ")


@pytest.mark.parametrize("engine", ["postgresql"])
def test_the_writer_of_a_store_in_postgresql_purges(publication: Publication, tmp_path: Path) -> None:
    """Its standby has the same settings, and continues after it was killed."""
    publication.article("one")
    with purge_server() as cdn, ExitStack() as stack:
        settings = {
            "FEEDSVC_STORE": str(publication.settings.store),
            "FEEDSVC_MEDIA": str(publication.settings.media),
            "FEEDSVC_CONTENT": str(publication.settings.content),
            "FEEDSVC_SURROGATE_KEYS": "Surrogate-Key",
            "FEEDSVC_PURGE_URL": cdn.url,
            "FEEDSVC_PURGE_SECONDS": "0",
        }

        def watch(name: str) -> "subprocess.Popen[bytes]":
            process = subprocess.Popen(
                [sys.executable, "-m", "feedsvc", "watch"],
                cwd=ROOT,
                env={**environment(), **settings, "FEEDSVC_STATE": str(tmp_path / name)},
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process

        writer = watch("writer")
        wait_for(lambda: ["all", "site"] in cdn.keys, "the first purge")
        watch("standby")
        kill(writer)
        before = len(cdn.requests)
        publication.article("two", topics="[cloud]")
        wait_for(lambda: len(cdn.requests) > before, "the standby purges what it commits")
