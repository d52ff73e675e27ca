"""What npm brings: axe-core and html-validate, by the versions of package-lock.json."""

import os
import shutil
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE: Final = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


def require(tool: Path) -> Path:
    """The tool; without it a test is skipped, under CI=true it fails."""
    if not tool.exists():
        missing(f"{tool.relative_to(ROOT)} is missing (make node_modules, which needs npm)")
    return tool


def program(name: str) -> str:
    """The path of a program, in the same way."""
    found = shutil.which(name)
    if found is None:
        missing(f"{name} is missing (apt-get install {name})")
    return found or ""


def missing(message: str) -> None:
    """Skip; fail where everything has to be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
