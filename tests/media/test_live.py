"""`feedsvc serve` with media in object storage, as processes."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import Server, wait_for
from tests.media.test_sync import SVG, name_of
from tests.object_server import ObjectServer, bucket

FILM = bytes(range(256)) * 4 * 6000  # 5.9 MiB: two chunks
ARTICLE = "---\ntitle: Film\npublished: 2026-10-01 10:00\ntopics: [chips]\nenclosure: film.mp4\n---\n![x](p.svg)\n"


@pytest.fixture
def server(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Server]:
    """Yield a server whose first sync put files: its workers are forked after that."""
    with bucket(object_server, monkeypatch) as url:
        made = Server(tmp_path, settings={"FEEDSVC_MEDIA": url, "FEEDSVC_WORKERS": "1", "AWS_TIMEOUT": "60s"})
        yield made
        object_server.gate.set()
        made.end()


def test_a_storage_that_hangs_costs_its_files_alone(server: Server, object_server: ObjectServer) -> None:
    """Ten downloads wait for it, more than the worker has threads, and other documents are made meanwhile."""
    (server.content / "articles" / "film.mp4").write_bytes(FILM)
    (server.content / "articles" / "p.svg").write_bytes(SVG)
    server.write("film.md", ARTICLE)
    film, picture = f"/media/{name_of(FILM, '.mp4')}", f"/media/{name_of(SVG)}"
    wait_for(lambda: server.get(film) == 200, "the film is published")
    assert (server.read(film), server.read(picture)) == (FILM, SVG)
    for each in (server.state_folder / "media-cache").iterdir():
        each.unlink()
    object_server.gate.clear()
    object_server.requests.clear()
    statuses: list[int] = []
    threads = [threading.Thread(target=lambda: statuses.append(server.get(film))) for _ in range(10)]
    for thread in threads:
        thread.start()
    wait_for(lambda: object_server.requests, "a worker asks the storage")
    for number in range(1, 20):
        assert server.get(f"/feeds/all.atom?limit={number}") == 200
    assert server.get("/articles/film") == 200
    assert server.get("/readyz") == 200
    assert statuses == []
    object_server.gate.set()
    for thread in threads:
        thread.join(120)
    assert statuses == [200] * 10
