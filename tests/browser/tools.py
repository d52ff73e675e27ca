"""Find axe-core and html-validate, which npm installs in the versions of package-lock.json."""

from pathlib import Path
from typing import Final

from tests.tools import missing

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE: Final = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


def require(tool: Path) -> Path:
    """The tool; without it a test is skipped, under CI=true it fails."""
    if not tool.exists():
        missing(f"{tool.relative_to(ROOT)} is missing (make node_modules, which needs npm)")
    return tool
