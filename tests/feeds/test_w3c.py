"""The W3C feed validator, where there is one.

FEEDVALIDATOR names its src folder, FEEDVALIDATOR_PYTHON a Python that has what it needs (lxml, html5lib, rdflib).
"""

import os
import subprocess
from pathlib import Path

import pytest

SOURCE = os.environ.get("FEEDVALIDATOR")
PYTHON = os.environ.get("FEEDVALIDATOR_PYTHON")


@pytest.mark.skipif(not (SOURCE and PYTHON), reason="FEEDVALIDATOR and FEEDVALIDATOR_PYTHON name no W3C feed validator")
def test_the_w3c_validator_finds_neither_errors_nor_warnings() -> None:
    script = Path(__file__).with_name("w3c.py")
    done = subprocess.run([str(PYTHON), script, str(SOURCE)], capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
