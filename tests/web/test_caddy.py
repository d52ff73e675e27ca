"""deploy/Caddyfile in a real Caddy in front of a real server, with TLS."""

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import requests

from feedsvc.doctor.checks import examine
from feedsvc.doctor.visit import Visit
from tests.conftest import SITE_TOML, Publication
from tests.live import free_port
from tests.tools import http2_response, program
from tests.web.served import Record, served
from tests.web.test_nginx import make_certificate

FILE = Path(__file__).parents[2] / "deploy" / "Caddyfile"


@pytest.fixture
def front(publication: Publication, tmp_path: Path) -> Iterator[tuple[str, requests.Session, Record]]:
    """Yield the address of Caddy, a session that trusts its certificate, and the record of feedsvc's responses."""
    publication.article("one", "Text " * 100)
    port, (certificate, key) = free_port(), make_certificate(tmp_path)
    text = FILE.read_text("utf-8")
    # Without the ports 80 and 443, the endpoint of the administrator, and a certificate of Let's Encrypt.
    options = f"admin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n\tdefault_sni 127.0.0.1\n\thttps_port {port}"
    for said, here in {
        "\n{\n": f"\n{{\n\t{options}\n",
        "{$DOMAIN:example.org} {": f"{{$DOMAIN:example.org}} {{\n\ttls {certificate} {key}",
    }.items():
        assert text.count(said) == 1
        text = text.replace(said, here)
    file = tmp_path / "Caddyfile"
    file.write_text(text)
    log = tmp_path / "log"
    with served(publication) as (base, record), requests.Session() as session, log.open("wb") as output:
        session.verify, session.trust_env = str(certificate), False
        environment = {**os.environ, "DOMAIN": f"https://127.0.0.1:{port}", "UPSTREAM": base.removeprefix("http://")}
        environment |= {"XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
        command = [program("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
        with subprocess.Popen(command, env=environment, stderr=output) as process:
            try:
                while True:
                    with closing(socket.socket()) as probe:
                        if probe.connect_ex(("127.0.0.1", port)) == 0:
                            break
                    assert process.poll() is None, log.read_text()
                yield f"https://127.0.0.1:{port}", session, record
            finally:
                process.terminate()


def test_the_file_is_as_caddy_formats_it() -> None:
    shown = subprocess.check_output([program("caddy"), "fmt", str(FILE)], text=True, stderr=subprocess.DEVNULL)
    assert shown == FILE.read_text("utf-8")


def test_validators_and_codings_pass_through(
    front: tuple[str, requests.Session, Record], publication: Publication
) -> None:
    url, session, _ = front
    direct = publication.client()
    for coding in ("identity", "gzip", "br"):
        own = direct.get("/feeds/chips.atom", headers={"Accept-Encoding": coding})
        answer = session.get(f"{url}/feeds/chips.atom", headers={"Accept-Encoding": coding}, timeout=600)
        assert answer.status_code == 200
        for name in ("ETag", "Last-Modified", "Cache-Control", "Content-Type", "Link", "Vary"):
            assert answer.headers[name] == own.headers[name], (coding, name)
        assert answer.headers.get("Content-Encoding", "identity") == coding
        polite = {"Accept-Encoding": coding, "If-None-Match": answer.headers["ETag"]}
        again = session.get(f"{url}/feeds/chips.atom", headers=polite, timeout=600)
        assert (again.status_code, again.content) == (304, b"")


def test_doctor_finds_no_fault(
    front: tuple[str, requests.Session, Record],
    publication: Publication,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url, *_ = front
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "fullchain.pem"))
    publication.write("site.toml", SITE_TOML.replace("https://example.org", url))
    publication.sync()
    results = list(examine(Visit(url, why_elsewhere="another machine")))
    assert [each.name for each, result in results if result.status in ("warning", "error")] == ["certificate"]


def test_a_browser_gets_the_page(front: tuple[str, requests.Session, Record]) -> None:
    url, session, _ = front
    page = session.get(f"{url}/feeds/chips.atom", headers={"Sec-Fetch-Dest": "document"}, timeout=600)
    assert page.headers["Content-Type"].startswith("text/html")
    assert session.get(f"{url}/feeds/chips.atom?colour=red", timeout=600).status_code == 400


def test_large_request_bodies_are_refused(front: tuple[str, requests.Session, Record]) -> None:
    url, session, _ = front
    # The service answers before it has read the body, and ends the connection: the end of the answer may be lost.
    with session.post(f"{url}/feeds/chips.atom", data=b"x" * 100_000, timeout=600, stream=True) as answer:
        assert answer.status_code in (405, 413, 502)


def test_http2_is_spoken(front: tuple[str, requests.Session, Record], tmp_path: Path) -> None:
    url, *_ = front
    assert http2_response(f"{url}/feeds/all.atom", tmp_path / "fullchain.pem") == "2 200"
