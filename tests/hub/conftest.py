"""The hub of a publication, with and without a delivery worker."""

from collections.abc import Iterator

import pytest

from tests.conftest import Publication
from tests.hub.harness import Hub, hub_of


@pytest.fixture
def idle_hub(publication: Publication) -> Iterator[Hub]:
    """Yield a hub without a worker."""
    with hub_of(publication) as hub:
        yield hub


@pytest.fixture
def hub(idle_hub: Hub) -> Hub:
    """Return a hub with a worker."""
    idle_hub.work()
    return idle_hub
