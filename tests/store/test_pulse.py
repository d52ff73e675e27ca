"""Commits are felt without a transaction."""

from tests.conftest import Publication


def _change(publication: Publication, name: str) -> None:
    publication.article(name)
    publication.sync()


def test_a_commit_is_felt_once(publication: Publication) -> None:
    """The first look finds something; a later one what was committed since, by anybody."""
    publication.sync()
    pulse = publication.store.commit_signal()
    assert [pulse.beat(), pulse.beat()] == [True, False]
    _change(publication, "a")
    assert [pulse.beat(), pulse.beat()] == [True, False]
    pulse.forget()
    assert [pulse.beat(), pulse.beat()] == [True, False]
    pulse.close()
    assert pulse.beat()
    pulse.close()


def test_no_store_yet(publication: Publication) -> None:
    """Nothing to feel, and no file made by looking."""
    pulse = publication.store.commit_signal()
    assert not pulse.beat()
    assert not publication.settings.store.exists()
    publication.sync()
    assert pulse.beat()
    pulse.close()


def test_another_store_in_its_place(publication: Publication) -> None:
    """A deleted file could be read for ever."""
    publication.sync()
    pulse = publication.store.commit_signal()
    pulse.beat()
    publication.store.close()
    for file in publication.settings.store.parent.glob("store.sqlite3*"):
        file.unlink()
    assert not pulse.beat()
    publication.sync()
    assert pulse.beat()
    pulse.close()


def test_what_is_no_database(publication: Publication) -> None:
    """Nothing can be seen; it is tried again."""
    publication.settings.store.parent.mkdir(parents=True)
    publication.settings.store.write_bytes(b"x" * 5000)
    pulse = publication.store.commit_signal()
    assert not pulse.beat()
    publication.settings.store.unlink()
    publication.sync()
    assert pulse.beat()
    pulse.close()
