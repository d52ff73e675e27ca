"""Find programs and packages that some tests need. Without a program, a test is skipped, or fails if CI=true."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement


def program(name: str, package: str = "") -> str:
    """Return the path of a program, which Debian has in `package`. Skip or fail the test without it."""
    found = shutil.which(name) or shutil.which(f"/usr/sbin/{name}")
    if found is None:
        missing(f"{name} is missing (apt-get install {package or name})")
    return found or ""


def http2_response(url: str, certificates: Path) -> str:
    """Return the HTTP version and the status of the response to curl, which offers HTTP/2."""
    command = [program("curl"), "--silent", "--http2", "--cacert", str(certificates), "--output", os.devnull]
    return subprocess.check_output([*command, "--write-out", "%{http_version} %{http_code}", url], text=True)


def missing(message: str) -> None:
    """Skip the test, or fail it if CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


def required(of: Distribution, extra: str) -> Iterator[Distribution]:
    """Return the distributions that one requires, directly or not, from the environment of the tests."""
    for each in map(Requirement, of.requires or ()):
        if each.marker is None or each.marker.evaluate({"extra": extra}):
            found = distribution(each.name)
            assert each.specifier.contains(found.version), each
            yield found
            for of_it in each.extras or {""}:
                yield from required(found, of_it)
