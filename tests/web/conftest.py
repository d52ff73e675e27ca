"""One publication that many tests read, made once; tests that change something fill one of their own."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from tests.conftest import Publication
from tests.web.resources import fill


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Publication]:
    """The publication of `resources.fill`, synced once. Only to be read."""
    made = Publication(tmp_path_factory.mktemp("published"))
    fill(made)
    made.sync()
    yield made
    made.store.close()


@pytest.fixture(scope="session")
def poller(published: Publication) -> FlaskClient:
    """A client of an application over `published`."""
    return published.client()


@pytest.fixture
def filled(publication: Publication) -> Publication:
    """A publication of the test's own with the same articles, synced once."""
    fill(publication)
    publication.sync()
    return publication
