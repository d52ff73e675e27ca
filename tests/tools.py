"""Programs that some tests need: without one they are skipped, where everything has to be there (CI=true) they fail."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """The path of a program."""
    found = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if found is None:
        missing(f"{name} is missing (apt-get install {name})")
    return found or ""


def missing(message: str) -> None:
    """Skip; fail where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
