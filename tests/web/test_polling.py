"""The pollers of docs/how-to/poll.md, as they stand there: each prints news once, and downloads nothing twice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Publication
from tests.tools import program
from tests.web.served import served

PAGE = (Path(__file__).parents[2] / "docs" / "how-to" / "poll.md").read_text("utf-8")
SNIPPETS = {
    title: (language, code)
    for title, language, code in re.findall(r"^## ([^\n]+)\n[^#]*?```(\w+)\n(.*?)```$", PAGE, re.M | re.S)
}
COMMANDS = {
    "sh": ["sh", "poll.sh"],
    "python": [sys.executable, "poll.py"],
    "js": ["node", "poll.mjs"],
    "php": ["php", "poll.php"],
}


def poll(code: str, language: str, base: str, folder: Path) -> str:
    """Run a snippet against the server; what it printed."""
    command = COMMANDS[language]
    (folder / command[1]).write_text(code.replace("https://example.org", base))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def needs(language: str, code: str) -> None:
    for tool in (COMMANDS[language][0], "curl", "jq"):
        if tool == COMMANDS[language][0] or tool in code:
            program(tool)


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) == PAGE.count("```") // 2 >= 6


@pytest.mark.parametrize("title", [title for title in SNIPPETS if "changed" not in title])
def test_a_poller_downloads_nothing_twice(title: str, publication: Publication, tmp_path: Path) -> None:
    language, code = SNIPPETS[title]
    needs(language, code)
    publication.article("one", title="推論")
    with served(publication) as (base, record):
        folder = tmp_path / "poller"
        folder.mkdir()
        first = poll(code, language, base, folder)
        again = poll(code, language, base, folder)
        publication.article("two")
        publication.sync()
        later = poll(code, language, base, folder)
    assert [status for _, status in record.answers] == [200, 304, 200]
    if language != "sh":
        assert (first.strip(), again.strip()) == (f"{base}/articles/one 推論", "")
        assert f"{base}/articles/two two" in later
    else:
        assert "<title>two</title>" in (folder / "chips.atom").read_text()


def test_a_script_that_follows_gets_what_changed(publication: Publication, tmp_path: Path) -> None:
    language, code = SNIPPETS["Only what changed, with curl and jq"]
    needs(language, code)
    publication.article("one")
    with served(publication) as (base, _):
        folder = tmp_path / "poller"
        folder.mkdir()
        told = [poll(code, language, base, folder), poll(code, language, base, folder)]
        publication.article("two")
        (publication.settings.content / "articles/one.md").unlink()
        publication.sync()
        told += [poll(code, language, base, folder), poll(code, language, base, folder)]
    assert told == [
        f"{base}/articles/one one\n",
        "",
        f"{base}/articles/two two\nremoved tag:example.org,2026:one\n",
        "",
    ]
