"""The progress bar of long commands."""

import io
import sys

import pytest

from feedsvc.cli.common import WORTH_A_BAR, Bar


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _drawn(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, total: int) -> str:
    """Return what a bar writes to `stderr` on a clock that each look moves on by a second."""
    seconds = iter(range(1_000_000))
    monkeypatch.setattr("click._termui_impl.time.time", lambda: float(next(seconds)))
    monkeypatch.setattr(sys, "stderr", stderr)
    bar = Bar("reading articles")
    for done in range(100, total + 1, 100):
        bar(done, total)
    return stderr.getvalue()


def test_bar_has_count_time_left_and_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = _drawn(monkeypatch, _Terminal(), 1000)
    last = drawn.splitlines()[-1]
    assert "reading articles" in last
    assert "1000/1000" in last
    assert "/s" in last
    # Of the bar before its end.
    assert "00:00:" in drawn


@pytest.mark.parametrize(("stderr", "total"), [(io.StringIO(), 1000), (_Terminal(), WORTH_A_BAR - 1)])
def test_no_bar_in_a_pipe_and_for_few(monkeypatch: pytest.MonkeyPatch, stderr: io.StringIO, total: int) -> None:
    assert _drawn(monkeypatch, stderr, total) == ""
