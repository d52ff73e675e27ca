"""The short form of `make cluster`: it asserts the counts, and no time."""

from contextlib import closing

import pytest

from tests.cluster.machines import Cluster
from tests.cluster.run import lost_edits, run
from tests.tools import program
from tests.unprivileged import open_folder


@pytest.fixture(autouse=True)
def no_network() -> None:
    """Replace the guard of other tests: nginx, nodes and databases are on loopback."""


@pytest.mark.slow
def test_no_fault_of_a_node_reaches_readers() -> None:
    """Web node and writer killed, primary restarted, standby stopped, a node's network cut, with edits and polls."""
    with open_folder() as folder, closing(Cluster(folder, program("nginx"))) as cluster:
        found, _, last = run(cluster, 24, 2, 1)
        assert lost_edits(cluster, last) == []
    assert not found.failed
    assert not found.mixed
    assert not found.went_back
    assert found.polls > 100
    assert last > 20
