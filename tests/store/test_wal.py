"""The write-ahead log stays small beside the store: a large commit or a long reader makes it large for a while only."""

from pathlib import Path

from feedsvc.store.sqlite.connections import WAL_BYTES
from tests.conftest import Publication


def _wal(publication: Publication) -> int:
    return Path(f"{publication.settings.store_file}-wal").stat().st_size


def _commit(publication: Publication, size: int) -> None:
    with publication.store.write(publication.now) as commit:
        commit.log.put_meta("large", "x" * size)


def test_a_large_commit_leaves_a_small_wal(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    for _ in range(3):
        _commit(publication, 3 * WAL_BYTES)
        assert _wal(publication) <= WAL_BYTES


def test_many_small_commits_leave_a_small_wal(publication: Publication) -> None:
    for _ in range(200):
        _commit(publication, WAL_BYTES // 50)
    assert _wal(publication) <= WAL_BYTES


def test_a_reader_keeps_the_wal_and_no_writer_waits_for_it(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.read() as snapshot:
        before = snapshot.commit()
        for _ in range(3):
            _commit(publication, 3 * WAL_BYTES)
        assert publication.store.trim() > WAL_BYTES
        assert snapshot.commit() == before
    assert publication.store.trim() <= WAL_BYTES
    assert _wal(publication) <= WAL_BYTES
