"""Find programs that some tests need. Without one, a test is skipped, or fails if CI=true."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Return the path of a program. Skip or fail the test without it."""
    found = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if found is None:
        missing(f"{name} is missing (apt-get install {name})")
    return found or ""


def missing(message: str) -> None:
    """Skip the test, or fail it if CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
