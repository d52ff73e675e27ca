"""Find and run axe-core and html-validate, which npm installs in the versions of package-lock.json."""

import json
import subprocess
from pathlib import Path
from typing import Final

from playwright.sync_api import Page

from tests.tools import missing

ROOT: Final = Path(__file__).parents[2]
AXE: Final = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HTML_VALIDATE: Final = ROOT / "node_modules" / "html-validate" / "bin" / "html-validate.mjs"


# WCAG 2.2 AA, and all that it stands on.
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def violations(page: Page) -> list[object]:
    """Return what axe-core finds in a page: the rule, the elements and the advice. Something must be right there."""
    page.evaluate(require(AXE).read_text("utf-8"))
    found = page.evaluate("(tags) => axe.run({runOnly: {type: 'tag', values: tags}})", TAGS)
    assert found["passes"]
    return [(each["id"], [node["target"] for node in each["nodes"]], each["help"]) for each in found["violations"]]


def invalid_html(folder: Path, report: Path) -> list[str]:
    """Return what html-validate finds in the pages of a folder. It writes the file `report`."""
    config = Path(__file__).parent / "htmlvalidate.json"
    command = ["node", str(require(HTML_VALIDATE)), "--config", str(config)]
    command += ["--formatter", f"json={report}", str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, check=False)
    assert report.exists(), found.stderr
    said = [
        f"{Path(each['filePath']).relative_to(folder)}:{message['line']} {message['ruleId']}: {message['message']}"
        for each in json.loads(report.read_text())
        for message in each["messages"]
    ]
    assert said or found.returncode == 0, found.stderr
    return said


def require(tool: Path) -> Path:
    """The tool; without it a test is skipped, under CI=true it fails."""
    if not tool.exists():
        missing(f"{tool.relative_to(ROOT)} is missing (make node_modules, which needs npm)")
    return tool
