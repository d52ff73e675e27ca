"""The commit signal notices commits without a transaction."""

from tests.conftest import Publication


def _change(publication: Publication, name: str) -> None:
    publication.article(name)
    publication.sync()


def test_a_commit_is_noticed_once(publication: Publication) -> None:
    """The first look finds something; a later one what was committed since, by anybody."""
    publication.sync()
    signal = publication.store.commit_signal()
    assert [signal.has_changed(), signal.has_changed()] == [True, False]
    _change(publication, "a")
    assert [signal.has_changed(), signal.has_changed()] == [True, False]
    signal.reset()
    assert [signal.has_changed(), signal.has_changed()] == [True, False]
    signal.close()
    assert signal.has_changed()
    signal.close()


def test_no_store_yet(publication: Publication) -> None:
    """Nothing to feel, and no file made by looking."""
    signal = publication.store.commit_signal()
    assert not signal.has_changed()
    assert not publication.settings.store_file.exists()
    publication.sync()
    assert signal.has_changed()
    signal.close()


def test_another_store_in_its_place(publication: Publication) -> None:
    """A deleted file could be read for ever."""
    publication.sync()
    signal = publication.store.commit_signal()
    signal.has_changed()
    publication.store.close()
    for file in publication.settings.store_file.parent.glob("store.sqlite3*"):
        file.unlink()
    assert not signal.has_changed()
    publication.sync()
    assert signal.has_changed()
    signal.close()


def test_what_is_no_database(publication: Publication) -> None:
    """Nothing can be seen; it is tried again."""
    publication.settings.store_file.parent.mkdir(parents=True)
    publication.settings.store_file.write_bytes(b"x" * 5000)
    signal = publication.store.commit_signal()
    assert not signal.has_changed()
    publication.settings.store_file.unlink()
    publication.sync()
    assert signal.has_changed()
    signal.close()
