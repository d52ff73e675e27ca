"""`make bench` goes on when a rival fails: the fault is a note in the rival's row."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import IncompleteRead
from math import isnan

import pytest

from bench.__main__ import line, measured
from bench.measure import Row, paired, rival_guard
from bench.servers import Server, rival


def _torn() -> float:
    raise IncompleteRead(b"<rss>", 1000)


def test_row_without_rival_has_its_fault_and_our_figure() -> None:
    row = paired("save to poll", lambda: 2.0, "hugo server", _torn, unit="ms", rounds=3, aim="≤ 1.0×")
    assert row.ours == 2.0
    assert isnan(row.rivals)
    assert row.holds is None
    assert line(row) == (
        "| save to poll | 2.00 ms | hugo server | failed: IncompleteRead: IncompleteRead(5 bytes read, "
        "1000 more expected) |  | ≤ 1.0× | |"
    )


def test_pairs_before_a_fault_are_kept() -> None:
    answers = [4.0, 4.0, 4.0]
    row = paired("x", lambda: 2.0, "rival", answers.pop, unit="s", rounds=5)
    assert row.ratio == (0.5, 0.5, 0.5)
    assert row.fault.startswith("IndexError")


def test_fault_of_ours_is_raised() -> None:
    with pytest.raises(IncompleteRead):
        paired("x", _torn, "rival", lambda: 1.0, unit="s", rounds=1)


def test_part_that_needs_its_rival_ends_with_a_note() -> None:
    def part() -> Iterator[Row]:
        yield paired("before", lambda: 1.0, "rival", lambda: 1.0, unit="s", rounds=1)
        with rival_guard():
            _torn()

    before, note = measured("traffic", part)
    assert before.name == "before"
    assert line(note).startswith("| traffic |  | rival | failed: IncompleteRead")


def test_server_that_does_not_start_is_a_fault() -> None:
    @contextmanager
    def server() -> Iterator[Server]:
        raise RuntimeError("port 80 is taken")
        yield

    with ExitStack() as stack:
        assert rival(stack, "nginx", server()).fault == "RuntimeError: port 80 is taken"


def test_figure_of_nothing_is_a_fault() -> None:
    """A load generator that gets no turn on a busy machine says 0."""
    row = paired("p99", lambda: 1.0, "nginx", lambda: 0.0, unit="ms", rounds=2)
    assert row.fault == "it measured nothing"
