"""A web node sends files of object storage as it sends those of a folder, through a local cache."""

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feedsvc.errors import StorageUnavailable
from feedsvc.media import CACHE_FOLDER, objects
from feedsvc.media.chunk_cache import ChunkCache
from feedsvc.web import create_app
from feedsvc.web.render_limiter import RenderLimiter, limits_of_threads
from tests.conftest import Publication
from tests.media.test_sync import SVG, bundle, name_of, objects_of
from tests.object_server import ObjectServer

DATA = random.Random(1).randbytes(700_000)  # three chunks of these tests, more than one piece
FILM = name_of(DATA, ".mp4")
REQUESTS: list[dict[str, str]] = [
    {},
    {"Range": "bytes=0-0"},
    {"Range": "bytes=0-9"},
    {"Range": "bytes=-5"},
    {"Range": "bytes=262140-262150"},
    {"Range": "bytes=262144-"},
    {"Range": "bytes=1-600000"},
    {"Range": "bytes=700000-"},
    {"Range": "bytes=9-5"},
    {"Range": "bytes=0-1,3-4"},
    {"Range": "bytes=0-1", "If-Range": '"other"'},
    {"If-None-Match": "*"},
    {"If-None-Match": '"other"'},
    {"If-Modified-Since": "Sun, 01 Nov 2026 12:01:00 GMT"},
    {"If-Modified-Since": "Sun, 01 Nov 2020 12:01:00 GMT"},
    {"If-Match": '"other"'},
    {"If-Unmodified-Since": "Sun, 01 Nov 2020 12:01:00 GMT"},
]


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let files of tests have several chunks."""
    monkeypatch.setattr(objects, "CHUNK", 256 * 1024)


@pytest.fixture
def film(remote: Publication) -> Publication:
    """Return a publication with a picture and a film."""
    bundle(remote)
    remote.article("film", enclosure="film.mp4")
    remote.write("articles/film.mp4", DATA)
    assert not remote.sync().problems
    return remote


def ask(client: FlaskClient, name: str = FILM, method: str = "GET", **fields: str) -> TestResponse:
    given = {each.replace("_", "-"): value for each, value in fields.items()}
    answer = client.open(f"/media/{name}", method=method, headers=given)
    answer.get_data()
    answer.close()
    return answer


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_responses_are_those_of_a_folder(film: Publication, method: str) -> None:
    """Every status, header field and byte."""
    remote = film.client()
    folder = film.root / "folder"
    folder.mkdir()
    for name, data in ((FILM, DATA), (name_of(SVG), SVG)):
        (folder / name).write_bytes(data)
    local = create_app(replace(film.settings, media=folder)).test_client()
    etag = ask(local).headers["ETag"]
    for fields in [*REQUESTS, {"If-None-Match": etag}, {"Range": "bytes=5-6", "If-Range": etag}]:
        for name in (FILM, name_of(SVG), "0" * 32 + ".svg"):
            wanted, found = ask(local, name, method, **fields), ask(remote, name, method, **fields)
            assert (found.status, found.data) == (wanted.status, wanted.data), (name, fields)
            assert _fields(found) == _fields(wanted), (name, fields)


def _fields(answer: TestResponse) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in answer.headers.items() if name not in ("Date", "X-Request-ID"))


def test_random_parts(film: Publication) -> None:
    client, chance = film.client(), random.Random(7)
    for _ in range(60):
        start = chance.randrange(len(DATA))
        stop = min(len(DATA), start + chance.choice([1, 10, 1000, 300_000, 700_000]))
        answer = ask(client, Range=f"bytes={start}-{stop - 1}")
        assert (answer.status_code, answer.data) == (206, DATA[start:stop])


def test_a_part_gets_its_chunk_alone_and_once(film: Publication, object_server: ObjectServer) -> None:
    """The end of a long film is there at once; what was read is not read again, by another worker neither."""
    object_server.requests.clear()
    assert ask(film.client(), Range="bytes=-5").data == DATA[-5:]
    assert object_server.requests == [("GET", f"/bucket/media/{FILM}")]
    assert ask(film.client(), Range="bytes=-9").data == DATA[-9:]
    assert len(object_server.requests) == 1
    assert ask(film.client()).data == DATA
    assert len(object_server.requests) == 3
    folder = film.settings.state / CACHE_FOLDER
    assert {each.name for each in folder.iterdir()} == {".size", *(f"{FILM}.{chunk}" for chunk in range(3))}


def test_conditions_and_head_make_no_request(film: Publication, object_server: ObjectServer) -> None:
    """The store has the validators."""
    object_server.requests.clear()
    object_server.fault = ("*", 500)
    client = film.client()
    etag = ask(client, method="HEAD").headers["ETag"]
    assert ask(client, If_None_Match=etag).status_code == 304
    assert object_server.requests == []


def test_a_storage_that_is_away_costs_its_files_alone(film: Publication, object_server: ObjectServer) -> None:
    """Cached files are sent; others are 503 with Retry-After; pages, feeds and probes are as ever; it recovers."""
    client = film.client()
    assert ask(client, name_of(SVG)).status_code == 200
    object_server.fault = ("*", 503)
    assert ask(client, name_of(SVG)).data == SVG
    answer = ask(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.headers["Cache-Control"] == "no-store"
    for path in ("/feeds/all.atom", "/articles/one", "/articles/film", "/", "/readyz"):
        assert client.get(path).status_code == 200, path
    verbose = client.get("/readyz?verbose").text
    assert "warning: the object storage with the files of articles cannot be used" in verbose
    assert "s3://" not in verbose
    object_server.fault = None
    assert ask(client).data == DATA
    assert "object storage" not in client.get("/readyz?verbose").text


def test_names_are_for_who_has_the_token(film: Publication, object_server: ObjectServer) -> None:
    settings = replace(film.settings, status_token="t" * 16)
    client = create_app(settings).test_client()
    object_server.fault = ("*", 403)
    assert ask(client).status_code == 503
    verbose = client.get("/readyz?verbose", headers={"Authorization": f"Bearer {'t' * 16}"}).text
    assert "s3://bucket/media cannot be read: access is denied (403)" in verbose


def test_a_missing_object(film: Publication) -> None:
    """503, never 404: a sync makes it again."""
    objects_of(film).storage.delete([FILM])
    client = film.client()
    assert ask(client).status_code == 503
    film.sync()
    assert ask(client).data == DATA


def test_a_damaged_object_is_not_sent(film: Publication, caplog: pytest.LogCaptureFixture) -> None:
    """Of another length, or with other bytes."""
    storage, client = objects_of(film).storage, film.client()
    storage.put(FILM, DATA[:-1], {})
    assert ask(client).status_code == 503
    assert f"{FILM} has another length in s3://bucket/media (feedsvc sync makes it again)" in caplog.text
    storage.put(name_of(SVG), SVG.replace(b"2000", b"2001"), {})
    assert ask(client, name_of(SVG)).status_code == 503
    assert f"{name_of(SVG)} is damaged in s3://bucket/media (delete it there" in caplog.text
    film.sync()
    assert ask(client).data == DATA
    storage.delete([name_of(SVG)])
    film.sync()
    assert ask(client, name_of(SVG)).data == SVG


def test_a_download_that_the_storage_ends(
    film: Publication, object_server: ObjectServer, caplog: pytest.LogCaptureFixture
) -> None:
    """The client gets fewer bytes than Content-Length says, and the log says why."""
    with film.client().get(f"/media/{FILM}", buffered=False) as answer:
        pieces: Any = iter(answer.response)
        first = next(pieces)
        object_server.fault = ("*", 500)
        data = first + b"".join(pieces)
    assert (answer.content_length, data) == (len(DATA), DATA[: len(data)])
    assert 0 < len(data) < len(DATA)
    assert "a download ends early: s3://bucket/media cannot be read: " in caplog.text


def test_requests_of_one_file_share_one_download(film: Publication, object_server: ObjectServer) -> None:
    object_server.requests.clear()
    object_server.gate.clear()
    answers: list[bytes] = []
    clients = [film.client() for _ in range(2)]
    threads = [
        threading.Thread(target=lambda client=each: answers.append(ask(client, name_of(SVG)).data)) for each in clients
    ]
    for each in threads:
        each.start()
    object_server.gate.set()
    for each in threads:
        each.join(60)
    assert answers == [SVG, SVG]
    assert len(object_server.requests) == 1


def test_a_thread_that_waits_for_the_storage_lets_another_one_work(film: Publication) -> None:
    """And the number of those that wait is limited, as that of downloads is."""
    entered: list[bool] = []

    @contextmanager
    def idle() -> Iterator[None]:
        entered.append(True)
        yield

    limiter = RenderLimiter(limits_of_threads(4), idle)
    client = create_app(film.settings, limiter=limiter).test_client()
    assert ask(client, name_of(SVG)).status_code == 200
    assert entered == [True]
    assert ask(client, name_of(SVG)).status_code == 200
    assert entered == [True]


def test_pages_have_the_sizes_of_images(remote: Publication) -> None:
    """Of an image in object storage as of one in a folder."""
    picture = b'<svg xmlns="http://www.w3.org/2000/svg" width="32" height="16"/>'
    bundle(remote, data=picture)
    remote.sync()
    text = remote.client().get("/articles/one").text
    assert 'width="32"' in text
    assert 'height="16"' in text


def test_pages_do_not_wait_for_a_slow_storage(
    remote: Publication, object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They have no size of the image then."""
    monkeypatch.setattr(objects, "BRIEF_SECONDS", 0.05)
    bundle(remote, data=b'<svg xmlns="http://www.w3.org/2000/svg" width="31" height="16"/>')
    remote.sync()
    object_server.gate.clear()
    client = remote.client()
    answer = client.get("/articles/one")
    assert (answer.status_code, 'width="31"' in answer.text) == (200, False)
    with pytest.raises(StorageUnavailable, match="too slow"):
        objects_of(remote).beginning("0" * 32 + ".svg")
    object_server.gate.set()
    for thread in threading.enumerate():
        if thread.name == "feedsvc image size":
            thread.join(60)


def test_nothing_is_cached_on_a_full_disk(
    film: Publication, small_disk: Path, object_server: ObjectServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Files are sent all the same."""
    (small_disk / "filler").write_bytes(b"x" * 900_000)
    objects_of(film)._cache = ChunkCache(small_disk / "cache", 10**9)
    client = film.client()
    for _ in range(2):
        assert ask(client).data == DATA
        assert ask(client, name_of(SVG)).data == SVG
    assert "No space left on device (free disk space" in caplog.text
    assert not [each for each in (small_disk / "cache").iterdir() if each.name.startswith(".part")]
    (small_disk / "filler").unlink()
    assert ask(client).data == DATA
    assert len([each for each in (small_disk / "cache").iterdir() if each.name.startswith(FILM)]) == 3


def test_a_cache_of_no_bytes(film: Publication, object_server: ObjectServer) -> None:
    film.settings = replace(film.settings, media_cache_bytes=0)
    client = film.client()
    assert ask(client).data == DATA
    object_server.requests.clear()
    assert ask(client).data == DATA
    assert len(object_server.requests) == 3
    assert not (film.settings.state / CACHE_FOLDER).exists()


def test_files_of_a_deleted_cache_are_sent_to_their_end(film: Publication) -> None:
    """An operator may delete the folder at any time."""
    client = film.client()
    assert ask(client).data == DATA
    with client.get(f"/media/{FILM}", buffered=False) as answer:
        pieces: Any = iter(answer.response)
        data = next(pieces)
        for each in (film.settings.state / CACHE_FOLDER).iterdir():
            each.unlink()
        os.rmdir(film.settings.state / CACHE_FOLDER)
        assert data + b"".join(pieces) == DATA
    assert ask(client).data == DATA
