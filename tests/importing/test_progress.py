"""How far an import is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from feedsvc.cli.progress_printer import ProgressPrinter


def lines(capsys: pytest.CaptureFixture[str], clock: Iterator[float], articles: int) -> list[str]:
    """What is said on stderr of that many articles."""
    told = ProgressPrinter(1, now=lambda: next(clock))
    for _ in range(articles):
        told.article_done()
    return capsys.readouterr().err.splitlines()


def test_a_slow_import_says_each_thousand(capsys: pytest.CaptureFixture[str]) -> None:
    clock = (hour * 3600.0 for hour in range(100))
    assert lines(capsys, clock, 2500) == ["1,000 articles so far", "2,000 articles so far"]


def test_a_fast_one_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, iter([0.0] * 9), 5000) == []


def test_a_path_is_said_as_soon_as_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    ProgressPrinter(1).file_written(Path("content/articles/晶片.md"))
    assert capsys.readouterr().out == "content/articles/晶片.md\n"
