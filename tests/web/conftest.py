"""Fixtures: one publication that many tests read, and a new one for each test that changes something."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.conftest import Publication
from tests.web.resources import fill


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publication]:
    """Yield the publication of `resources.fill`, synced once. Tests must only read it."""
    made = Publication(tmp_path_factory.mktemp("published"))
    fill(made)
    made.sync()
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def poller(published: Publication) -> FlaskClient:
    """Return a client of an application over `published`."""
    return published.client()


@pytest.fixture
def filled(publication: Publication) -> Publication:
    """Return a new publication with the same articles, synced once. The test may change it."""
    fill(publication)
    publication.sync()
    return publication
