"""A sync puts media into object storage before the commit that shows them, and deletes them after it."""

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.errors import StorageUnavailable
from feedsvc.media import media_storage, objects
from feedsvc.media.objects import MediaObjects
from feedsvc.sync.assets import AssetFinder, copy
from tests.conftest import Publication
from tests.object_server import ObjectServer
from tests.sync.looks import titles

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
OTHER = b'<svg xmlns="http://www.w3.org/2000/svg" />'
IMMUTABLE = "public, max-age=31536000, immutable"


def name_of(data: bytes, suffix: str = ".svg") -> str:
    return hashlib.sha256(data).hexdigest()[:32] + suffix


def objects_of(publication: Publication) -> MediaObjects:
    found = media_storage(publication.settings)
    assert isinstance(found, MediaObjects)
    return found


def kept(publication: Publication) -> list[str]:
    return sorted(objects_of(publication).storage.lengths())


def bundle(publication: Publication, name: str = "one", data: bytes = SVG) -> Path:
    publication.article(f"{name}/index", "![a picture](picture.svg)", title=name)
    return publication.write(f"articles/{name}/picture.svg", data)


def test_a_picture_is_an_object_with_its_type(remote: Publication) -> None:
    bundle(remote)
    assert not remote.sync().problems
    assert kept(remote) == [name_of(SVG)]
    storage = objects_of(remote).storage
    found = storage._obstore.get(storage._store, name_of(SVG)).attributes
    assert found == {"Content-Type": "image/svg+xml", "Cache-Control": IMMUTABLE}
    with closing(remote.client().get(f"/media/{name_of(SVG)}")) as answer:
        assert (answer.status_code, answer.data, answer.mimetype) == (200, SVG, "image/svg+xml")


def test_objects_go_with_the_last_article_that_uses_them(remote: Publication) -> None:
    bundle(remote, "one")
    bundle(remote, "two")
    remote.sync()
    (remote.settings.content / "articles/one/index.md").unlink()
    remote.sync()
    assert kept(remote) == [name_of(SVG)]
    (remote.settings.content / "articles/two/index.md").unlink()
    remote.sync()
    assert kept(remote) == []


def test_an_unchanged_sync_makes_one_request_for_all_files(remote: Publication, object_server: ObjectServer) -> None:
    """Not one for each file: a request costs money and some 30 ms."""
    for number in range(20):
        bundle(remote, f"a{number}", SVG + b"<!-- %d -->" % number)
    remote.sync()
    object_server.requests.clear()
    assert remote.sync().is_unchanged
    assert object_server.requests == [("GET", "/bucket")]
    object_server.requests.clear()
    assert remote.sync(whole=True).is_unchanged
    assert object_server.requests == [("GET", "/bucket")] * 2


def test_a_changed_text_makes_no_request(remote: Publication, object_server: ObjectServer) -> None:
    remote.article("text")
    bundle(remote)
    remote.sync()
    object_server.requests.clear()
    remote.article("text", "Another text.")
    changed = remote.settings.content / "articles/text.md"
    assert remote.sync(changed={changed}).changed == ("text",)
    assert object_server.requests == []


def test_many_objects_are_listed_by_the_thousand(
    remote: Publication, object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few files among many are asked for by themselves."""
    media = objects_of(remote)
    names = [name_of(b"%d" % number) for number in range(1100)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: media.storage.put(name, b"1", {}), names))
    object_server.requests.clear()
    assert media.missing(dict.fromkeys(names, 1)) == set()
    assert len(object_server.requests) == 2
    object_server.requests.clear()
    assert media.missing({names[0]: 1, "0" * 32 + ".svg": 1}) == {"0" * 32 + ".svg"}
    assert sorted(object_server.requests) == sorted(
        ("HEAD", f"/bucket/media/{each}") for each in (names[0], "0" * 32 + ".svg")
    )


def test_what_is_not_ours_stays(remote: Publication, object_server: ObjectServer) -> None:
    """Objects with other names, below the prefix in a folder of their own, or beside it."""
    bundle(remote)
    remote.sync()
    media = objects_of(remote)
    foreign = ["notes.txt", "sub/" + name_of(OTHER), "0" * 31 + ".svg", "0" * 32]
    for key in [name_of(OTHER), *foreign]:
        media.storage.put(key, b"x", {})
    others = media_storage(replace(remote.settings, media="s3://bucket/media-2"))
    assert isinstance(others, MediaObjects)
    others.storage.put(name_of(OTHER), b"x", {})
    remote.sync(whole=True)
    left = objects_of(remote).storage
    assert sorted(left.lengths()) == sorted(["notes.txt", "0" * 31 + ".svg", "0" * 32, name_of(SVG)])
    assert left.length("sub/" + name_of(OTHER)) == 1
    assert list(others.storage.lengths()) == [name_of(OTHER)]


def test_lost_objects_are_made_again(remote: Publication) -> None:
    """Also one that another program cut short."""
    bundle(remote, "one")
    bundle(remote, "two", OTHER)
    remote.sync()
    storage = objects_of(remote).storage
    storage.delete([name_of(SVG)])
    storage.put(name_of(OTHER), OTHER[:5], {})
    assert remote.sync().is_unchanged
    assert storage.lengths() == {name_of(SVG): len(SVG), name_of(OTHER): len(OTHER)}


@pytest.mark.parametrize("status", [500, 403, 404])
def test_a_put_that_fails_publishes_nothing(remote: Publication, object_server: ObjectServer, status: int) -> None:
    """The sync says what, where and the remedy; the next one publishes."""
    bundle(remote)
    object_server.fault = ("PUT", status)
    with pytest.raises(StorageUnavailable, match=r"^s3://bucket/media cannot be written: .* \((check|create) "):
        remote.sync()
    with pytest.raises(StorageUnavailable):
        remote.sync()
    object_server.fault = None
    assert remote.sync().added == ("one",)


def test_texts_are_published_while_the_storage_is_away(
    remote: Publication, object_server: ObjectServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Only a sync that has something to put needs it."""
    bundle(remote)
    remote.sync()
    remote.article("text")
    object_server.fault = ("*", 503)
    assert remote.sync(whole=True).added == ("text",)
    assert "s3://bucket/media cannot be listed: " in caplog.text
    assert "missing files are not made again" in caplog.text
    (remote.settings.content / "articles/one/index.md").unlink()
    assert remote.sync().removed == ("one",)
    assert f"no article uses {name_of(SVG)}" in caplog.text
    object_server.fault = None
    remote.sync(whole=True)
    assert kept(remote) == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from feedsvc.config import load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import commit, sync
copied = commit.copy
def copy(*given):
    copied(*given)
    os.kill(os.getpid(), signal.SIGKILL)
commit.copy = copy
settings = load_settings()
sync(settings, load_site(settings.content, None, settings.own_url), Store(settings.store), datetime.now(UTC))
"""


def test_a_sync_that_is_killed_before_its_commit(remote: Publication, object_server: ObjectServer) -> None:
    """What it left is used again, or deleted by a full sync; readers saw nothing of it."""
    remote.article("text")
    remote.sync()
    file = bundle(remote)
    environ = os.environ | {
        "FEEDSVC_CONTENT": str(remote.settings.content),
        "FEEDSVC_STORE": str(remote.settings.store),
        "FEEDSVC_MEDIA": str(remote.settings.media),
    }
    ended = subprocess.run([sys.executable, "-c", KILLED], env=environ, check=False, timeout=120)
    assert ended.returncode == -signal.SIGKILL
    assert (kept(remote), titles(remote)) == ([name_of(SVG)], ["text"])
    assert remote.client().get(f"/media/{name_of(SVG)}").status_code == 404
    object_server.requests.clear()
    assert remote.sync().added == ("one",)
    assert "PUT" not in {method for method, _ in object_server.requests}
    objects_of(remote).storage.put(name_of(OTHER), OTHER, {})
    file.unlink()
    remote.sync(whole=True)
    assert kept(remote) == [name_of(SVG)]


def test_two_writers_that_put_the_same_files(remote: Publication, object_server: ObjectServer) -> None:
    """As when a standby takes over while the former writer still uploads: each object is whole, whoever was last."""
    finders = [AssetFinder(remote.settings.content) for _ in range(2)]
    for number in range(10):
        remote.write(f"articles/{number}.svg", SVG * (number + 1))
    found = [[each for number in range(10) if (each := finder.find(f"articles/{number}.svg"))] for finder in finders]
    with ThreadPoolExecutor(2) as pool:
        lost = pool.map(
            lambda number: copy(found[number], finders[number].sources, media_storage(remote.settings)), range(2)
        )
    assert list(lost) == [{}, {}]
    assert objects_of(remote).storage.lengths() == {
        name_of(SVG * (number + 1)): len(SVG) * (number + 1) for number in range(10)
    }


@pytest.mark.parametrize("size", [0, 1, 100])
def test_a_file_that_changes_while_it_is_put_gets_no_wrong_name(
    remote: Publication, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    """In one request, and in pieces."""
    monkeypatch.setattr(objects, "WHOLE", size)
    file = remote.write("articles/picture.svg", SVG)
    finder = AssetFinder(remote.settings.content)
    asset = finder.find("articles/picture.svg")
    assert asset is not None
    file.write_bytes(OTHER)
    assert copy([asset], finder.sources, objects_of(remote)) == {name_of(SVG): "it changed while it was copied"}
    file.unlink()
    assert copy([asset], finder.sources, objects_of(remote)) == {name_of(SVG): "No such file or directory"}
    assert kept(remote) == []
    file.write_bytes(SVG)
    assert copy([asset], finder.sources, objects_of(remote)) == {}
    assert objects_of(remote).storage.get(name_of(SVG), 0, 1000) == (SVG, len(SVG))


def test_a_large_file_is_put_in_parts(remote: Publication) -> None:
    data = os.urandom(1024 * 1024) * 21
    remote.article("one", enclosure="film.mp4")
    remote.write("articles/film.mp4", data)
    assert not remote.sync().problems
    media = objects_of(remote)
    assert media.storage.lengths() == {name_of(data, ".mp4"): len(data)}
    with closing(media.open(name_of(data, ".mp4"), len(data))) as stream:
        assert stream.read() == data


@pytest.mark.parametrize("count", [120])
def test_a_large_sync_reads_in_processes_after_a_request(
    remote: Publication, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    """A fork of a process with the threads of obstore would end with SIGSEGV."""
    monkeypatch.setattr("feedsvc.sync.parallel.PARALLEL_FROM", 20)
    bundle(remote)
    remote.sync()
    for number in range(count):
        remote.article(f"a{number}", "![a picture](one/picture.svg)")
    report = remote.sync()
    assert (len(report.added), report.problems) == (count, ())
