"""deploy/nginx.conf in a real nginx in front of a real server, with TLS and HTTP/2.

The file is used as it is: only its addresses and folders are replaced.
"""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from feedsvc.doctor.checks import examine
from feedsvc.doctor.visit import Visit
from feedsvc.web import create_app
from tests.conftest import SITE_TOML, Publication
from tests.live import ROOT, free_port
from tests.tools import http2_response, program
from tests.web.resources import PICTURE, PICTURE_NAME
from tests.web.served import Record, served

CONFIGURATION = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")


NEW_HTTP2 = {
    "listen 443 ssl http2;": "listen 443 ssl;\n    http2 on;",
    "listen [::]:443 ssl http2;": "listen [::]:443 ssl;",
}


class _From(HTTPAdapter):
    """Connects from an address."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options, source_address=(self._address, 0))


@dataclass
class Front:
    """nginx, the server behind it, and the publication there."""

    port: int
    record: Record
    publication: Publication
    session: requests.Session

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def get(self, path: str, **headers: str) -> requests.Response:
        """Send exactly this path: requests would decode "%71" and "/./" in it."""
        fields = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): text for name, text in headers.items()}
        prepared = self.session.prepare_request(requests.Request("GET", self.url, headers=fields))
        prepared.url = f"{self.url}{path}"
        return self.session.send(prepared, timeout=600)

    def clients(self) -> Iterator["Front"]:
        """Yield this front as clients at 127.0.1.1, 127.0.1.2 and so on see it."""
        for number in range(1, 255):
            with requests.Session() as session:
                session.verify = self.session.verify
                session.mount("https://", _From(f"127.0.1.{number}"))
                yield replace(self, session=session)

    @property
    def asked(self) -> int:
        return len(self.record.answers)


def make_certificate(folder: Path, names: str = "IP:127.0.0.1") -> tuple[Path, Path]:
    """Make a certificate for these names, which ends in two days. Return its file and that of its key."""
    certificate, key = folder / "fullchain.pem", folder / "privkey.pem"
    command = [
        program("openssl"),
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
    ]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", f"subjectAltName={names}"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(certificate)], capture_output=True, check=True)
    return certificate, key


def configuration(port: int, base: str, folder: Path, media: Path, text: str = CONFIGURATION) -> str:
    """Return a complete configuration: the deployed file with the addresses and folders of a test."""
    certificate, key = make_certificate(folder)
    # IPv6 has a port of its own, since 127.0.0.1 and [::1] are not everywhere on one machine.
    replaced = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.MULTILINE)
    for said, here in {
        "listen 80;": f"listen 127.0.0.1:{free_port()};",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "/etc/letsencrypt/live/example.org/fullchain.pem": str(certificate),
        "/etc/letsencrypt/live/example.org/privkey.pem": str(key),
        "127.0.0.1:8000": base.removeprefix("http://"),
        "/var/lib/nginx/feedsvc": str(folder / "cache"),
        "/var/lib/feedsvc/media/": f"{media}/",
    }.items():
        assert said in replaced
        replaced = replaced.replace(said, here)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{replaced}}}\n"
    )


@pytest.fixture
def front(publication: Publication, tmp_path: Path) -> Iterator[Front]:
    publication.article("one", "Text " * 100)
    port = free_port()
    with served(publication) as (base, record), requests.Session() as session:
        session.verify = str(tmp_path / "fullchain.pem")
        file = tmp_path / "nginx.conf"
        file.write_text(configuration(port, base, tmp_path, publication.settings.media_folder))
        command = [program("nginx"), "-p", str(tmp_path), "-e", "stderr", "-c", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            try:
                _wait_for(process, port)
                yield Front(port, record, publication, session)
            finally:
                process.terminate()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    while True:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, process.stderr and process.stderr.read()


def test_validators_and_codings_pass_through(front: Front) -> None:
    direct = front.publication.client()
    for coding in ("identity", "gzip", "br"):
        own = direct.get("/feeds/chips.atom", headers={"Accept-Encoding": coding})
        for _ in range(2):
            answer = front.get("/feeds/chips.atom", Accept_Encoding=coding)
            assert answer.status_code == 200
            for name in ("ETag", "Last-Modified", "Cache-Control", "Content-Type", "Link", "Vary"):
                assert answer.headers[name] == own.headers[name], (coding, name)
            assert answer.headers.get("Content-Encoding", "identity") == coding
            again = front.get("/feeds/chips.atom", Accept_Encoding=coding, If_None_Match=answer.headers["ETag"])
            assert (again.status_code, again.content) == (304, b"")
            assert again.headers["ETag"] == own.headers["ETag"]


def test_doctor_finds_no_fault(front: Front, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "fullchain.pem"))
    front.publication.write("site.toml", SITE_TOML.replace("https://example.org", front.url))
    front.publication.sync()
    results = list(examine(Visit(front.url, why_elsewhere="another machine")))
    assert [each.name for each, result in results if result.status in ("warning", "error")] == ["certificate"]
    assert any("HTTP/2 is offered" in result.seen for _, result in results)


def test_what_is_kept_is_not_asked_for_again(front: Front) -> None:
    first = front.get("/feeds/chips.atom")
    asked = front.asked
    for _ in range(20):
        assert front.get("/feeds/chips.atom").content == first.content
    assert front.asked == asked
    for _ in range(2):
        assert front.get("/healthz").status_code == 200
        assert front.get("/feeds/chips.atom?colour=red").status_code == 400
    assert front.asked == asked + 4


def test_the_impolite_are_slowed_down_and_the_polite_are_not(front: Front) -> None:
    tag = front.get("/feeds/chips.atom").headers["ETag"]
    for _ in range(300):
        assert front.get("/feeds/chips.atom", If_None_Match=tag).status_code == 304
    answers = [front.get("/feeds/chips.atom") for _ in range(300)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {answer.status_code for answer in answers} == {200, 429}
    assert answers[0].status_code == 200
    assert refused[0].headers["Retry-After"] == "60"
    assert refused[0].headers["Cache-Control"] == "no-store"
    assert refused[0].text == "too many downloads or searches (send If-None-Match, or wait a minute)\n"
    assert front.get("/feeds/chips.atom", If_None_Match=tag).status_code == 304


# Requests that feedsvc reads as searches, or that may be one for all that nginx can see.
SEARCHES = [
    "/feeds/all.json?q=w{}",
    "/feeds/all.json?limit=5&amp;q=w{}",
    "/feeds/all.json?limit=5&AMP;q=w{}",
    "/feeds/all.json?limit=5&%2338;q=w{}",
    "/feeds/all.json?%71=w{}",
    "/feeds/all.json?limit=5&%6eot=chips&utm_source={}",
    "/feeds/all.json?to%70ic=chips&utm_source={}",
    "/feeds/all.json?limit=5&%51=w{}",
    "/feeds/all.json?q%3Dx=w{}",
    "/feeds/all.json?limit=5&&q=w{}",
    "/feeds/all.json?limit=5&q=&q=w{}",
    "/feeds/all.json?limit=5;x&q=w{}",
    "/feeds/all.json?Q=w{}",
    "/feeds/%61ll.json?q=w{}",
    "/feeds//all.json?q=w{}",
    "/feeds/all.json?tag=a&limit=5&lang=en&utm_source={}",
    "/feeds/all.json?tag=a&amp;tag=b&utm_source={}",
    "/feeds.opml?q=w{}",
    "/search?q=w{}",
    "/%73earch?x={}",
    "/./search?x={}",
]
OTHERS = [
    "/feeds/all.json?",
    "/feeds/all.json?lang=en",
    "/feeds/all.json?tag=a",
    "/feeds/all.json?body=summary&limit={}",
    "/feeds/all.json?since=2026-10-01&ui={}",
    "/feeds/all.json?utm_source=%71%3D{}&x=q",
    "/articles/q=&",
]


def test_searches_are_charged_whatever_is_sent(front: Front) -> None:
    """If-None-Match costs nothing to write. Each spelling comes from an address of its own."""
    for path, client in zip(SEARCHES, front.clients(), strict=False):
        answers = [client.get(path.format(0), If_None_Match='"x"').status_code]
        assert answers[0] in (200, 301, 308, 400, 404), path
        while answers[-1] != 429:
            assert len(answers) < 1000, path
            answers.append(client.get(path.format(len(answers)), If_None_Match='"x"').status_code)
        assert set(answers) == {answers[0], 429}, path
        tag = client.get("/feeds/chips.atom").headers["ETag"]
        assert client.get("/feeds/chips.atom", If_None_Match=tag).status_code == 304


def test_other_requests_are_not_charged_as_searches(front: Front) -> None:
    """The rule that a name with "%" counts as a search does not apply to values."""
    for path, client in zip(OTHERS, front.clients(), strict=False):
        answers = {client.get(path.format(number + 1), If_None_Match='"x"').status_code for number in range(100)}
        assert 429 not in answers, path


def test_who_asks_politely_is_not_free(front: Front) -> None:
    """Nobody has as many as can be sent: a tag that is none makes no download cheaper."""
    asked = (front.get("/feeds/chips.atom", If_None_Match='"x"').status_code for _ in range(20_000))
    assert 429 in asked


@pytest.fixture
def media(front: Front) -> str:
    """The path of a media file that a published article uses."""
    front.publication.write("articles/p.svg", PICTURE)
    front.publication.article("two", "![x](p.svg)")
    front.publication.sync()
    return f"/media/{PICTURE_NAME}"


@pytest.mark.parametrize("accel", [None, "/media-files/"])
def test_media_are_the_same_whoever_sends_them(front: Front, media: str, accel: str | None) -> None:
    """FEEDSVC_ACCEL: nginx sends the file, with the fields, conditions and ranges that feedsvc would send it with."""
    direct = front.publication.client()
    own = direct.get(media)
    front.record.app = create_app(replace(front.publication.settings, accel=accel))
    answer = front.get(media)
    assert (answer.status_code, answer.content) == (200, PICTURE)
    for name in (
        "ETag",
        "Last-Modified",
        "Cache-Control",
        "Content-Type",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Access-Control-Allow-Origin",
        "Vary",
    ):
        assert answer.headers[name] == own.headers[name], name
    assert "X-Accel-Redirect" not in answer.headers
    tag = own.headers["ETag"]
    again = front.get(media, If_None_Match=tag)
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert front.get(media, If_Match='"x"').status_code == 412
    part = front.get(media, Range="bytes=2-5")
    assert (part.status_code, part.content) == (206, PICTURE[2:6])
    assert part.headers["Content-Range"] == f"bytes 2-5/{len(PICTURE)}"
    assert front.get(media, Range="bytes=2-5", If_Range=tag).status_code == 206
    assert front.get(media, Range="bytes=2-5", If_Range='"other"').content == PICTURE
    assert front.get(f"{media}?x=1").content == PICTURE


def test_nobody_reaches_the_files_beside_feedsvc(front: Front, media: str) -> None:
    """The location is internal, and a file that no published article uses is none, though it is in the folder."""
    front.record.app = create_app(replace(front.publication.settings, accel="/media-files/"))
    (front.publication.settings.media_folder / "secret.svg").write_bytes(PICTURE)
    assert front.get(media).status_code == 200
    assert front.get(f"/media-files/{PICTURE_NAME}").status_code == 404
    assert front.get("/media-files/secret.svg").status_code == 404
    assert front.get("/media/secret.svg").status_code == 404


@pytest.mark.parametrize("folder", ["media", "static"])
def test_queries_on_files_fill_no_cache(front: Front, media: str, tmp_path: Path, folder: str) -> None:
    """A query on a file means nothing; kept, each one would take the file's size in the cache."""
    page = front.get("/").text
    path = media if folder == "media" else re.findall(r"/static/[^\"?]+", page)[0]
    plain = front.get(path)
    assert plain.status_code == 200
    kept = {file for file in (tmp_path / "cache").rglob("*") if file.is_file()}
    for number in range(10):
        assert front.get(f"{path}?x={number}").content == plain.content
    assert {file for file in (tmp_path / "cache").rglob("*") if file.is_file()} == kept


def test_line_breaks_in_a_path_stay_in_the_path(front: Front) -> None:
    """Decoded, they would be header fields of the request to feedsvc."""
    answer = front.get("/media/x%0d%0aRange:%20bytes=0-1%0d%0a")
    assert answer.status_code == 404


def test_http2_is_spoken(front: Front, tmp_path: Path) -> None:
    assert http2_response(f"{front.url}/feeds/all.atom", tmp_path / "fullchain.pem") == "2 200"


def test_http_redirects_to_https(front: Front, tmp_path: Path) -> None:
    found = re.search(r"listen (127\.0\.0\.1:\d+);", (tmp_path / "nginx.conf").read_text())
    assert found is not None
    answer = requests.get(f"http://{found[1]}/feeds/all.atom?lang=en&q=%E6%8E%A8", allow_redirects=False, timeout=600)
    assert answer.status_code == 301
    assert answer.headers["Location"] == "https://example.org/feeds/all.atom?lang=en&q=%E6%8E%A8"


def test_both_forms_of_http2(publication: Publication, tmp_path: Path) -> None:
    """The form of the file is valid in every version, with a warning from 1.25.1 on; then the other form is valid."""
    said = subprocess.run([program("nginx"), "-v"], capture_output=True, text=True, check=True).stderr
    version = tuple(map(int, re.findall(r"\d+", said)[:3]))
    outputs = []
    for number, new in enumerate([{}, NEW_HTTP2]):
        text = CONFIGURATION
        for old_form, new_form in new.items():
            assert old_form in text
            text = text.replace(old_form, new_form)
        folder = tmp_path / str(number)
        folder.mkdir()
        file = folder / "nginx.conf"
        file.write_text(
            configuration(free_port(), "http://127.0.0.1:9", folder, publication.settings.media_folder, text)
        )
        command = [program("nginx"), "-t", "-p", str(folder), "-e", "stderr", "-c", str(file)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        outputs.append((ended.returncode, "[warn]" in ended.stderr))
    assert outputs == ([(0, True), (0, False)] if version >= (1, 25, 1) else [(0, False), (1, False)])


def test_the_folder_above_the_cache_exists() -> None:
    """With Debian's package: nginx makes one folder of a path, not two."""
    package = subprocess.run([program("nginx"), "-V"], capture_output=True, text=True, check=True).stderr
    if "/var/lib/nginx/proxy" not in package:
        pytest.skip("this nginx is no package of Debian")
    path = re.search(r"^proxy_cache_path (\S+) ", CONFIGURATION, re.MULTILINE)
    assert path is not None
    assert Path(path[1]).parent.is_dir()


@pytest.mark.parametrize("name", ["nginx.conf", "nginx-nodes.conf"])
def test_no_packet_of_a_kept_response_waits(name: str) -> None:
    """With `tcp_nopush on`, which Debian sets, each 200 took 44 ms more without TLS: `python -m bench proxied`."""
    text = (ROOT / "deploy" / name).read_text()
    kept = [
        block
        for block in re.findall(r"^    location .*?^    }", text, re.DOTALL | re.MULTILINE)
        if "proxy_cache " in block
    ]
    assert kept
    assert all("tcp_nopush off;" in block for block in kept)
