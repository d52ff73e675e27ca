"""Edits leave nothing behind in the process that writes: `make memory` in small."""

import subprocess
import sys

import pytest

from tests.live import ROOT

EDITS = 300
# Of edits that leave something: 70 kB each was the smallest leak there was. Caches of SQLite grow by some MiB.
LEAKED_KIB = 16 * 1024
LEAKED_OBJECTS = 3 * EDITS

SCRIPT = f"""
import tempfile
from pathlib import Path
from bench.memory import growth
with tempfile.TemporaryDirectory() as folder:
    grown = growth(Path(folder), {EDITS}, 50)
print(grown.kib, grown.objects)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/smaps_rollup")
def test_edits_leave_nothing_in_memory() -> None:
    """In a process of its own: what other tests left in this one says nothing."""
    ended = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    kib, objects = map(int, ended.stdout.split())
    assert kib < LEAKED_KIB
    assert objects < LEAKED_OBJECTS
