"""The short form of `make chaos`: polls go on through every fault, edits are seen afterwards, and the alarm is shown.

Counts, never times. docs/explanation/failures.md says what readers and the operator see.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live import ROOT
from tests.robust.arena import Arena, Fault, meet
from tests.robust.faults import FAULTS, disk_of

POLLERS = 20
DOCS = ROOT / "docs" / "explanation" / "failures.md"


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
    """One server for all faults: what one of them leaves behind, the next one meets."""
    root: Path = tmp_path_factory.mktemp("chaos")
    with disk_of(root / "disk") as disk:
        made = Arena(root, disk)
        try:
            yield made
        finally:
            made.server.end()


@pytest.mark.skipif(sys.platform != "linux", reason="uses what Linux has")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_polls_go_on(arena: Arena, fault: Fault) -> None:
    result = meet(arena, fault, POLLERS, 0.2, 0)
    assert result.polls.failed == []
    assert len(result.polls.seconds) >= POLLERS
    assert fault.may_reset or result.polls.repeated == 0


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_is_in_the_docs(fault: Fault) -> None:
    """With all words by which an operator sees it, or with the reason why nothing is to be seen."""
    rows = [line for line in DOCS.read_text("utf-8").splitlines() if line.startswith("| ")]
    row = next(line for line in rows if line.startswith(f"| {fault.name} |"))
    assert all(f"`{word}" in row for word in (*fault.alarm, *fault.afterwards))
    assert ("No alarm" in row) == (not fault.alarm and not fault.afterwards)
    assert fault.status[0] == 0 or f"`{fault.status[1]}" in row
