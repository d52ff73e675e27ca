"""The same history of syncs gives the same bytes, headers, ETags and cursors with SQLite and with PostgreSQL."""

import os
from contextlib import closing
from pathlib import Path
from random import Random

from flask.testing import FlaskClient

from feedsvc.store import Store
from tests.conftest import Publication
from tests.web.random_edits import Edits
from tests.web.resources import ask, fields

# `make test-postgresql`, which CI runs, makes 500: they take some minutes.
EDITS = int(os.environ.get("FEEDSVC_EDITS", "60"))
# After each edit, documents of this number are compared; after the last one, all.
SAMPLED = 3


def set_epoch(store: Store) -> None:
    """Give a store the epoch that the other one has; it is random."""
    with store._engine.write() as connection:
        connection.exec_driver_sql("UPDATE meta SET value = '00facade' WHERE key = 'epoch'")


def same_answers(clients: tuple[FlaskClient, FlaskClient], url: str, what: str) -> None:
    """Compare what both answer, also to the ETag of the other."""
    one, other = (ask(each, url) for each in clients)
    assert (one.status_code, fields(one)) == (other.status_code, fields(other)), (what, url)
    assert one.data == other.data, (what, url)
    if "ETag" in one.headers:
        again = ask(clients[1], url, If_None_Match=one.headers["ETag"])
        assert again.status_code == (304 if one.status_code == 200 else one.status_code), (what, url)


def log_of(store: Store) -> list[tuple[object, ...]]:
    """Return the change log, with what each change touched."""
    with store._engine.read() as connection:
        rows = connection.exec_driver_sql('SELECT seq, id, kind, before, after, "at" FROM changes ORDER BY seq').all()
        touched = connection.exec_driver_sql(
            "SELECT state, facet, value, published FROM change_facets ORDER BY state, facet, value"
        ).all()
        return [tuple(each) for each in (*rows, *touched)]


def test_the_same_history_gives_the_same_bytes(tmp_path: Path, database: str) -> None:
    publications = (Publication(tmp_path / "sqlite"), Publication(tmp_path / "postgresql", place=database))
    both = [Edits(each, Random(1)) for each in publications]
    for each in publications:
        each.sync()
        set_epoch(each.store)
    clients = (publications[0].client(), publications[1].client())
    sample = Random(2)
    for number in range(EDITS):
        names = [each.one() for each in both]
        urls = both[0].urls()
        assert both[1].urls() == urls
        for url in sample.sample(urls, SAMPLED):
            same_answers(clients, url, f"{number}: {names[0]}")
    for url in both[0].urls():
        same_answers(clients, url, "at the end")
    assert both[0].cursors == both[1].cursors
    for cursor in sorted(both[0].cursors)[:: max(1, len(both[0].cursors) // 30)]:
        same_answers(clients, f"/feeds/all.json?after={cursor}", "at the end")
    assert log_of(publications[0].store) == log_of(publications[1].store)
    for each in publications:
        with closing(each.store):
            pass
