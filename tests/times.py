"""A pytest plugin, `-p tests.times`: print which test files and fixtures use the most CPU time (`make test-times`).

The CPU time is that of the process and of its children that have ended, user and system. Other programs on the machine
change it less than the time on the clock. The setup of a fixture also counts for the file of the first test that uses
it, the teardown for the file of the last one.
"""

import os
from collections import Counter
from collections.abc import Generator
from typing import Any, Final

import pytest

LINES: Final = 30

# Seconds. A worker of pytest-xdist sends its own to the process that prints them.
_files: Counter[str] = Counter()
_fixtures: Counter[str] = Counter()
_processes: Counter[str] = Counter()


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _add(counter: Counter[str], name: str, seconds: float) -> None:
    counter.update({name: seconds})


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Count a test, with its fixtures, for its file."""
    start = _cpu()
    try:
        return (yield)
    finally:
        _add(_files, item.nodeid.partition("::")[0], _cpu() - start)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any]) -> Generator[None, object, object]:
    """Count the setup of a fixture."""
    start = _cpu()
    try:
        return (yield)
    finally:
        _add(_fixtures, f"{fixturedef.baseid or 'plugins'}: {fixturedef.argname}", _cpu() - start)


def pytest_collection_finish() -> None:
    """Count what precedes the first test: imports and collection."""
    _add(_processes, "collection", _cpu())


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Send the counts of a worker."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["cpu"] = [dict(_files), dict(_fixtures), dict(_processes)]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Add the counts of a worker."""
    counts = getattr(node, "workeroutput", {}).get("cpu", ({}, {}, {}))
    for counter, added in zip((_files, _fixtures, _processes), counts, strict=True):
        counter.update(added)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the files and fixtures that used the most."""
    for title, counter in (("file", _files), ("fixture (setup)", _fixtures)):
        terminalreporter.section(f"CPU seconds by {title}")
        for name, seconds in counter.most_common(LINES):
            terminalreporter.write_line(f"{seconds:8.1f} {name}")
    tests, before = sum(_files.values()), _processes["collection"]
    terminalreporter.write_line(f"{tests:8.1f} all tests, and {before:.1f} imports and collection before them")
