"""The cache of a web node: limited, shared by processes, never with an incomplete part."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc.media.chunk_cache import ChunkCache

SHARED = """
import random, sys
from pathlib import Path
from feedsvc.media import chunk_cache
from feedsvc.media.chunk_cache import ChunkCache
# On a busy machine, the others may take longer than a request would wait.
chunk_cache._LOCK_SECONDS = 600.0
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
cache, chance = ChunkCache(folder, 64 * 1024), random.Random(seed)
for _ in range(300):
    number = chance.randrange(100)
    data = bytes([number]) * (number * 50 + 1)
    name = f"{number}.0"
    file = cache.open(name, len(data)) or cache.put(name, data)
    with file:
        assert file.read() == data, name
    with cache._locked():
        total = sum(each.stat().st_size for each in folder.glob("*.0"))
    assert total <= 64 * 1024, total
"""


def read(cache: ChunkCache, name: str, length: int | None = None) -> bytes | None:
    file = cache.open(name, length)
    if file is None:
        return None
    with file:
        return file.read()


def put(cache: ChunkCache, name: str, data: bytes) -> None:
    with cache.put(name, data) as file:
        assert file.read() == data


def parts(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir() if not each.name.startswith("."))


def test_a_part_is_found_again(tmp_path: Path) -> None:
    cache = ChunkCache(tmp_path / "a" / "cache", 100)
    assert read(cache, "x") is None
    put(cache, "x", b"data")
    assert (read(cache, "x"), read(cache, "x", 4), read(cache, "x", 5)) == (b"data", b"data", None)
    put(cache, "x", b"data")
    assert parts(tmp_path / "a" / "cache") == ["x"]


def test_the_least_recently_used_part_goes_first(tmp_path: Path) -> None:
    cache = ChunkCache(tmp_path, 50)
    for number in range(5):
        put(cache, str(number), b"x" * 10)
        os.utime(tmp_path / str(number), (1000 + number, 1000 + number))
    assert read(cache, "0") == b"x" * 10
    put(cache, "5", b"x" * 10)
    # One sixteenth of the limit is freed with it.
    assert parts(tmp_path) == ["0", "3", "4", "5"]


def test_a_part_that_is_deleted_is_read_to_its_end(tmp_path: Path) -> None:
    cache = ChunkCache(tmp_path, 10)
    put(cache, "a", b"1" * 10)
    file = cache.open("a", 10)
    assert file is not None
    with file:
        put(cache, "b", b"2" * 10)
        assert (parts(tmp_path), file.read()) == (["b"], b"1" * 10)


@pytest.mark.parametrize("limit", [0, 3])
def test_what_is_larger_than_the_cache_is_not_kept(tmp_path: Path, limit: int) -> None:
    cache = ChunkCache(tmp_path / "cache", limit)
    put(cache, "x", b"data")
    assert not (tmp_path / "cache").exists()


def test_a_part_of_another_length_is_replaced(tmp_path: Path) -> None:
    """As after a crash of the machine on a file system that loses data."""
    cache = ChunkCache(tmp_path, 100)
    (tmp_path / "x").write_bytes(b"")
    assert read(cache, "x", 4) is None
    put(cache, "x", b"data")
    assert read(cache, "x", 4) == b"data"


def test_what_a_killed_process_left_is_overwritten(tmp_path: Path) -> None:
    cache = ChunkCache(tmp_path, 100)
    (tmp_path / ".part").write_bytes(b"half of a part")
    put(cache, "x", b"data")
    assert sorted(each.name for each in tmp_path.iterdir()) == [".size", "x"]


def test_the_size_is_counted_again_where_it_is_not_known(tmp_path: Path) -> None:
    cache = ChunkCache(tmp_path, 30)
    for name in "abc":
        put(cache, name, b"x" * 10)
    (tmp_path / ".size").unlink()
    put(cache, "d", b"x" * 10)
    assert sum((tmp_path / name).stat().st_size for name in parts(tmp_path)) <= 30


def test_a_folder_that_cannot_be_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The warning comes once, and again after a success."""
    (tmp_path / "file").write_text("")
    cache = ChunkCache(tmp_path / "file" / "cache", 100)
    put(cache, "x", b"data")
    put(cache, "x", b"data")
    assert caplog.text.count("Not a directory (free disk space, or make it writable") == 1
    (tmp_path / "file").unlink()
    put(cache, "x", b"data")
    assert read(cache, "x") == b"data"


def test_a_disk_that_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the part is left, and nothing is counted."""
    cache = ChunkCache(tmp_path, 100)

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("feedsvc.media.chunk_cache.os.fsync", full)
        put(cache, "x", b"data")
    assert [each.name for each in tmp_path.iterdir()] == [".size"]
    put(cache, "x", b"data")
    assert int.from_bytes((tmp_path / ".size").read_bytes(), "big") == 4


def test_processes_share_one_cache(tmp_path: Path) -> None:
    """Four of them read and write at a time: every part is whole, and the limit holds at every moment."""
    workers = [subprocess.Popen([sys.executable, "-c", SHARED, str(tmp_path), str(seed)]) for seed in range(4)]
    assert [each.wait(120) for each in workers] == [0] * 4
    assert len(parts(tmp_path)) > 5
