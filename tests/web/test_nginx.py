"""deploy/nginx.conf in a real nginx in front of a real server."""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests

from feedsvc.web import create_app
from tests.conftest import Publication
from tests.tools import program
from tests.web.resources import PICTURE, PICTURE_NAME
from tests.web.served import Record, served

CONFIGURATION = (Path(__file__).parents[2] / "deploy" / "nginx.conf").read_text("utf-8")


@dataclass
class Front:
    """nginx, what stands behind it, and the publication there."""

    url: str
    record: Record
    publication: Publication

    def get(self, path: str, **headers: str) -> requests.Response:
        return requests.get(
            f"{self.url}{path}",
            headers={"Accept-Encoding": "identity"} | {name.replace("_", "-"): text for name, text in headers.items()},
            timeout=600,
        )

    @property
    def asked(self) -> int:
        return len(self.record.answers)


def configuration(port: int, base: str, folder: Path, media: Path) -> str:
    """The file, with this test's addresses and folders, and without TLS."""
    written, certificates = re.subn(r"ssl_certificate.*;\n", "", CONFIGURATION)
    assert certificates == 2
    for said, here in {
        "    listen 443 ssl http2;": f"listen 127.0.0.1:{port};",
        "127.0.0.1:8000": base.removeprefix("http://"),
        "/var/lib/nginx/feedsvc": str(folder / "cache"),
        "/var/lib/feedsvc/media/": f"{media}/",
    }.items():
        assert said in written
        written = written.replace(said, here)
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log stderr;\n"
        f"events {{}}\nhttp {{\naccess_log off;\n{temporary}{written}}}\n"
    )


@pytest.fixture
def front(publication: Publication, tmp_path: Path) -> Iterator[Front]:
    publication.article("one", "Text " * 100)
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(publication) as (base, record):
        file = tmp_path / "nginx.conf"
        file.write_text(configuration(port, base, tmp_path, publication.settings.media))
        assert program("nginx") is not None
        command = [program("nginx"), "-p", str(tmp_path), "-e", "stderr", "-c", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE) as process:
            made = Front(f"http://127.0.0.1:{port}", record, publication)
            try:
                _wait_for(process, port)
                yield made
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


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/all.json?q=w{}",
        "/feeds/all.json?limit=5&amp;q=w{}",
        "/feeds/all.json?limit=5&AMP;q=w{}",
        "/feeds/all.json?limit=5&%2338;q=w{}",
        "/feeds/all.json?%71=w{}",
        "/feeds/all.json?limit=5&%6eot=chips&utm_source={}",
        "/feeds/all.json?to%70ic=chips&utm_source={}",
        "/search?q=w{}",
    ],
)
def test_searches_are_charged_whatever_is_sent(front: Front, path: str) -> None:
    """If-None-Match costs nothing to write."""
    answers = [front.get(path.format(number), If_None_Match='"x"').status_code for number in range(200)]
    assert answers[0] == (400 if "%6eot" in path else 200)
    assert set(answers) == {answers[0], 429}
    tag = front.get("/feeds/chips.atom").headers["ETag"]
    assert front.get("/feeds/chips.atom", If_None_Match=tag).status_code == 304


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
    (front.publication.settings.media / "secret.svg").write_bytes(PICTURE)
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
