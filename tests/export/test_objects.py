"""Exports to object storage, with moto's server."""

import gzip
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import obstore
import pytest
from click.testing import CliRunner
from obstore.store import S3Store

from feedsvc.cli import main
from feedsvc.errors import ConfigError, StorageUnavailable
from feedsvc.export.keys import MARK
from feedsvc.export.objects import Objects, object_name
from feedsvc.export.rendering import Content
from feedsvc.export.target import target_at
from tests.conftest import Publication
from tests.export.links import dangling, reachable
from tests.export.publications import SITE, exported, fill, fresh
from tests.export.test_interruption import ENTRIES
from tests.live import wait_for
from tests.object_server import ObjectServer, bucket
from tests.web.resources import PICTURE


@pytest.fixture
def place(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with bucket(object_server, monkeypatch) as url:
        yield url


def get(place: str, key: str) -> tuple[bytes, dict[str, str]]:
    """Return an object, and the header fields of its responses by their names in lower case."""
    name, prefix = place.removeprefix("s3://").split("/", 1)
    found = obstore.get(S3Store(name, prefix=prefix), key)
    return bytes(found.bytes()), {str(field).lower(): str(value) for field, value in found.attributes.items()}


def put(place: str, key: str, body: bytes | None) -> None:
    """Write or delete an object as somebody else would."""
    name, prefix = place.removeprefix("s3://").split("/", 1)
    store = S3Store(name, prefix=prefix)
    if body is None:
        obstore.delete(store, key)
    else:
        obstore.put(store, key, body)


# How gzip begins (RFC 1952 §2.3.1).
_GZIP = b"\x1f\x8b"


def writes(server: ObjectServer) -> list[str]:
    return [path for method, path in server.requests if method == "PUT"]


def test_objects_have_the_types_of_the_service(
    publication: Publication, object_server: ObjectServer, place: str
) -> None:
    fill(publication, 3)
    report = exported(publication, place)
    assert report.written == report.total
    client = publication.client()
    for path in ("feeds/chips.atom", "feeds/all.json", "articles/n1", "topics/chips", "sitemap.xml"):
        body, fields = get(place, path)
        theirs = client.get(f"/{path}")
        assert fields["content-type"] == theirs.content_type
        assert "max-age" in fields["cache-control"]
        assert b"https://example.org" in body
    assert get(place, "index.html")[1]["content-type"] == "text/html; charset=utf-8"
    assert get(place, "404.html")[0]


def test_only_what_changed_is_written(publication: Publication, object_server: ObjectServer, place: str) -> None:
    fill(publication, 3)
    exported(publication, place)
    object_server.requests.clear()
    assert exported(publication, place).written == 0
    assert writes(object_server) == []
    publication.article("n1", "Another text.", published="2026-09-02 10:00", topics="[chips]", language="en")
    publication.sync()
    report = exported(publication, place)
    assert report.written == len(writes(object_server)) > 0
    assert any(path.endswith("/articles/n1") for path in writes(object_server))
    (publication.settings.content / "articles/n1.md").unlink()
    publication.sync(allow_removals=True)
    assert exported(publication, place).deleted >= 2


def test_what_somebody_else_changed_is_written_again(
    publication: Publication, object_server: ObjectServer, place: str
) -> None:
    fill(publication, 2)
    exported(publication, place)
    before, _ = get(place, "feeds/chips.atom")
    put(place, "feeds/chips.atom", b"changed")
    put(place, "index.html", None)
    assert exported(publication, place).written == 2
    assert get(place, "feeds/chips.atom")[0] == before


def coded(server: ObjectServer) -> set[str]:
    """Return the names of the objects that are stored as gzip."""
    return {name for name, (body, _) in server.objects("bucket").items() if body.startswith(_GZIP)}


def test_texts_may_be_stored_as_gzip(
    publication: Publication, object_server: ObjectServer, place: str, tmp_path: Path
) -> None:
    """All but what is compressed already or short, with the bytes and the types of the service."""
    fill(publication, 3)
    publication.write("site.toml", f'{SITE}compress = "gzip"\n')
    publication.sync()
    exported(publication, place)
    client = publication.client()
    for path in ("feeds/chips.atom", "feeds/all.json", "articles/n1", "topics/chips", "feeds.opml", "embed.js"):
        body, fields = get(place, path)
        assert (fields["content-encoding"], fields["content-type"]) == ("gzip", client.get(f"/{path}").content_type)
        assert len(gzip.decompress(body)) > len(body)
    found = object_server.objects("bucket")
    plain = {
        name.removeprefix("media/")
        for name, (body, kind) in found.items()
        if not body.startswith(_GZIP) and (not kind.startswith(("text/", "application/")) or len(body) >= 256)
    }
    assert {each.partition("/")[0] for each in plain} == {"static", "media", ".servers", "_headers", "_redirects"}
    assert {each.rpartition(".")[2] for each in plain if each.startswith("static/")} <= {"woff2", "png", "ico"}
    assert "content-encoding" not in get(place, next(each for each in plain if each.startswith("media/")))[1]
    wanted = {
        key: body for key, body in fresh(publication, tmp_path / "fresh").items() if not key.endswith((".gz", ".br"))
    }
    assert {object_name(key): body for key, body in wanted.items()} == {
        object_name(key): body for key, body in keys_of(object_server, place).items()
    }
    object_server.requests.clear()
    assert exported(publication, place).written == 0
    assert writes(object_server) == []


def test_another_coding_writes_each_text_again(
    publication: Publication, object_server: ObjectServer, place: str
) -> None:
    """Also where somebody else changed objects meanwhile. The option comes before the setting."""
    fill(publication, 3)
    total = exported(publication, place).total
    object_server.requests.clear()
    report = exported(publication, place, compress="gzip")
    texts = coded(object_server)
    assert report.written == len(texts) == len(writes(object_server))
    assert total / 2 < len(texts) < total
    put(place, "feeds/chips.atom", gzip.decompress(get(place, "feeds/chips.atom")[0]))
    assert exported(publication, place, compress="gzip").written == 1
    assert get(place, "feeds/chips.atom")[1]["content-encoding"] == "gzip"
    publication.write("site.toml", f'{SITE}compress = "gzip"\n')
    publication.sync()
    object_server.requests.clear()
    exported(publication, place)
    assert writes(object_server) == []
    assert exported(publication, place, compress="none").written == len(texts)
    assert coded(object_server) == set()
    assert "content-encoding" not in get(place, "feeds/chips.atom")[1]


@pytest.mark.parametrize("then", ["gzip", "none"])
@pytest.mark.parametrize("last", ["articles/n1.html", "404.html"])
def test_another_coding_that_is_interrupted(
    publication: Publication,
    object_server: ObjectServer,
    place: str,
    *,
    monkeypatch: pytest.MonkeyPatch,
    then: str,
    last: str,
) -> None:
    """The next export completes it, and one with the former setting takes it back. 404.html comes after documents."""
    fill(publication, 3)
    exported(publication, place)
    put_object = Objects.put

    def put(self: Objects, key: str, content: Content, former: str = "", /) -> str:
        if key == last:
            raise KeyboardInterrupt
        return put_object(self, key, content)

    with monkeypatch.context() as patch:
        patch.setattr(Objects, "put", put)
        with pytest.raises(KeyboardInterrupt):
            exported(publication, place, compress="gzip")
    assert coded(object_server)
    exported(publication, place, compress=then)
    texts = coded(object_server)
    assert bool(texts) == (then == "gzip")
    exported(publication, place, compress="gzip")
    assert texts in (set(), coded(object_server))


def test_a_folder_takes_no_coding(publication: Publication, tmp_path: Path) -> None:
    """The option is refused, and a setting does not count, which the export says."""
    fill(publication, 3)
    publication.write("site.toml", f'{SITE}compress = "gzip"\n')
    publication.sync()
    report = exported(publication, tmp_path / "out")
    assert [each for each in report.notes if "compress does not count in a folder" in each]
    assert (tmp_path / "out/feeds/chips.atom").read_bytes().startswith(b"<?xml")
    with pytest.raises(ConfigError, match="--compress is for object storage, and this is a folder"):
        exported(publication, tmp_path / "out", compress="gzip")


@pytest.mark.parametrize(("status", "said"), [(403, "access is denied"), (500, "cannot be written")])
def test_an_export_that_fails_is_completed_by_the_next_one(
    publication: Publication, object_server: ObjectServer, place: str, status: int, said: str
) -> None:
    fill(publication, 2)
    object_server.fault = ("PUT", status)
    with pytest.raises(StorageUnavailable, match=said):
        exported(publication, place)
    object_server.fault = None
    with target_at(place, publication.settings).reserved():
        pass
    exported(publication, place)
    assert get(place, "feeds/chips.atom")[0]


def keys_of(server: ObjectServer, place: str) -> dict[str, bytes]:
    """Return the bytes of all objects by the keys of an export: pages with their suffix."""
    bucket, _, prefix = place.removeprefix("s3://").partition("/")
    found = {}
    for name, (stored, media_type) in server.objects(bucket).items():
        body = gzip.decompress(stored) if stored.startswith(_GZIP) else stored
        key = name.removeprefix(f"{prefix}/")
        is_page = media_type.startswith("text/html") and not key.endswith(".html")
        found[f"{key}.html" if is_page else key] = body
    found.pop(MARK, None)
    return found


@pytest.mark.parametrize(("status", "said"), [(403, "access is denied"), (503, "cannot be written"), (500, "written")])
@pytest.mark.parametrize("count", [5, 60])
def test_a_fault_in_the_middle_leaves_links_that_lead_somewhere(
    publication: Publication,
    object_server: ObjectServer,
    place: str,
    tmp_path: Path,
    *,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    said: str,
    count: int,
) -> None:
    """Credentials that expire, or storage that asks to slow down. The next export completes it."""
    fill(publication, 2)
    exported(publication, place)
    before = reachable(keys_of(object_server, place), ENTRIES)
    fill(publication, 9)
    put_object, left = Objects.put, iter(range(count))

    def put(self: Objects, key: str, content: Content, former: str = "", /) -> str:
        if next(left, None) is None:
            object_server.fault = ("PUT", status)
        return put_object(self, key, content)

    with monkeypatch.context() as patch:
        patch.setattr(Objects, "put", put)
        with pytest.raises(StorageUnavailable, match=said):
            exported(publication, place)
    object_server.fault = None
    found = keys_of(object_server, place)
    seen = reachable(found, [*ENTRIES, *(before & found.keys())])
    assert dangling({key: found[key] for key in seen}, found) == {}
    with target_at(place, publication.settings).reserved():
        pass
    exported(publication, place)
    wanted = {
        key: body for key, body in fresh(publication, tmp_path / "fresh").items() if not key.endswith((".gz", ".br"))
    }
    assert {object_name(key): body for key, body in wanted.items()} == {
        object_name(key): body for key, body in keys_of(object_server, place).items()
    }


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("bucket", r"cannot be listed: there is no such bucket \(create it, or correct TARGET\)"),
        ("credentials", r"cannot be listed: access is denied .*check AWS_ACCESS_KEY_ID"),
    ],
)
def test_a_place_that_cannot_be_used_is_named_before_anything_is_rendered(
    publication: Publication, object_server: ObjectServer, place: str, fault: str, said: str
) -> None:
    """The command ends with 2 and one line, and leaves nothing: no object, and no note of files that were written."""
    fill(publication, 2)
    settings = publication.settings
    target = place.replace("bucket", "no-such-bucket", 1) if fault == "bucket" else place
    environment = {"FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = ["export", target, "--store", str(settings.store), "--content", str(settings.content)]
    object_server.requests.clear()
    if fault == "credentials":
        object_server.ask("POST", "/moto-api/reset-auth", b"0")
    try:
        done = CliRunner().invoke(main, command, env=environment)
    finally:
        object_server.ask("POST", "/moto-api/reset-auth", b"inf")
    assert (done.exit_code, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert target in line
    assert re.search(said, line)
    assert {method for method, _ in object_server.requests} == {"GET"}
    assert list(settings.state.glob("export-*.sqlite3")) == []
    report = exported(publication, place)
    assert report.written == report.total


@pytest.mark.parametrize("name", ["gpj.\u202eexe.svg", "晶圓 圖.svg", "שלום.svg", "50%.svg", "clip one (2).svg"])
def test_a_media_object_has_the_disposition_of_the_service(
    publication: Publication, object_server: ObjectServer, place: str, name: str
) -> None:
    publication.write(f"articles/{name}", PICTURE)
    text = name.replace("%", "%25")
    publication.article("one", f'<p>x</p>\n<img alt="x" src="{text}">', suffix=".html")
    publication.sync()
    with publication.store.read() as snapshot:
        (media,) = snapshot.catalogue.public_media()
    exported(publication, place)
    _, fields = get(place, f"media/{media.name}")
    wanted = publication.client().get(f"/media/{media.name}").headers["Content-Disposition"]
    assert fields["content-disposition"] == wanted
    assert "%E2%80%AE" not in wanted


def _is_at(server: ObjectServer, count: int, process: subprocess.Popen[bytes]) -> bool:
    return len(writes(server)) >= count or process.poll() is not None


def test_a_killed_export_is_completed_by_the_next_one(
    publication: Publication, object_server: ObjectServer, place: str, tmp_path: Path
) -> None:
    """At 10 points, or at 50 with FEEDSVC_KILLS=50: readers come to no link that leads nowhere after any."""
    fill(publication, 6)
    exported(publication, place)
    settings = publication.settings
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", place, "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    for number in range(int(os.environ.get("FEEDSVC_KILLS", "10"))):
        publication.article(f"k{number % 3}", f"Text {number}.", topics="[chips]", tags=f"[t{number % 2}]")
        publication.sync()
        before = reachable(keys_of(object_server, place), ENTRIES)
        object_server.requests.clear()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            wait_for(partial(_is_at, object_server, 1 + 7 * number % 60, process), f"kill {number}")
            process.kill()
        found = keys_of(object_server, place)
        seen = reachable(found, [*ENTRIES, *(before & found.keys())])
        assert dangling({key: found[key] for key in seen}, found) == {}, number
    exported(publication, place)
    wanted = {
        key: body for key, body in fresh(publication, tmp_path / "fresh").items() if not key.endswith((".gz", ".br"))
    }
    found = keys_of(object_server, place)
    assert {object_name(key): body for key, body in found.items()} == {
        object_name(key): body for key, body in wanted.items()
    }


def test_a_first_export_that_is_killed_has_no_front_page(
    publication: Publication, object_server: ObjectServer, place: str, tmp_path: Path
) -> None:
    """The front page is the last object: readers who come by it find everything or nothing."""
    fill(publication, 6)
    settings = publication.settings
    environment = {**os.environ, "FEEDSVC_STATE": str(settings.state), "FEEDSVC_MEDIA": str(settings.media)}
    command = [sys.executable, "-m", "feedsvc", "export", place, "--store", str(settings.store)]
    command += ["--content", str(settings.content)]
    killed = 0
    for number in range(4):
        object_server.requests.clear()
        with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
            wait_for(partial(_is_at, object_server, 1 + 61 * number, process), f"kill {number}")
            process.kill()
        killed += process.returncode != 0
        found = keys_of(object_server, place)
        assert "index.html" not in found or dangling(found) == {}, number
    assert killed > 2
    exported(publication, place)
    assert dangling(keys_of(object_server, place)) == {}


@pytest.mark.parametrize("name", ["other", "articles/other", "media/0123456789abcdef0123456789abcdef.png"])
def test_a_bucket_with_objects_of_others_is_refused(
    publication: Publication, object_server: ObjectServer, place: str, name: str
) -> None:
    """As a folder is. Nothing is written or deleted; the empty object that the message names allows it."""
    fill(publication, 2)
    put(place, name, b"theirs")
    with pytest.raises(ConfigError, match=r"there are objects that no export wrote .*create the empty object .feedsvc"):
        exported(publication, place)
    assert keys_of(object_server, place) == {name: b"theirs"}
    put(place, MARK, b"")
    exported(publication, place)
    (publication.settings.content / "articles/fresh.md").unlink()
    publication.sync(allow_removals=True)
    exported(publication, place)
    found = keys_of(object_server, place)
    assert found.pop(name) == b"theirs"
    assert dangling(found) == {}


@pytest.mark.parametrize("root", ["s3://bucket", "s3://bucket/"])
def test_a_whole_bucket(
    publication: Publication, object_server: ObjectServer, place: str, tmp_path: Path, root: str
) -> None:
    """As for a website of a bucket: keys are the paths of addresses. Both spellings are the same target."""
    fill(publication, 3)
    assert str(target_at(root, publication.settings)) == "s3://bucket"
    exported(publication, root)
    wanted = {
        key: body for key, body in fresh(publication, tmp_path / "fresh").items() if not key.endswith((".gz", ".br"))
    }
    found = keys_of(object_server, "s3://bucket")
    assert {object_name(key): body for key, body in found.items()} == {
        object_name(key): body for key, body in wanted.items()
    }
    assert {"index.html", "feeds/chips.atom", "articles/n1"} <= object_server.objects("bucket").keys()
    object_server.requests.clear()
    exported(publication, "s3://bucket")
    assert writes(object_server) == []


@pytest.mark.parametrize(
    ("media", "target"),
    [
        ("s3://bucket/media", "s3://bucket"),
        ("s3://bucket/news/media", "s3://bucket/news"),
        ("s3://bucket/media", "s3://bucket/media/"),
        ("s3://bucket/media", "s3://bucket/media/out"),
    ],
)
def test_the_place_of_the_media_of_the_publication_is_refused(
    publication: Publication, place: str, media: str, target: str
) -> None:
    """An export would delete copies of media that a service still sends."""
    with pytest.raises(ConfigError, match=f"the media of the publication are in {media} "):
        target_at(target, replace(publication.settings, media=media))
    target_at(f"{media}-not", replace(publication.settings, media=media))
