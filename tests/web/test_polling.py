"""The scripts of docs/how-to/poll.md, as they are written there.

Each prints new and changed entries once, and downloads no unchanged feed.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Publication
from tests.tools import program
from tests.web.served import Record, served

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


def poll(code: str, language: str, base: str, folder: Path, *, fails: bool = False) -> str:
    """Run a snippet against the server. Return what it prints."""
    command = COMMANDS[language]
    (folder / command[1]).write_text(code.replace("https://example.org", base))
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stdout


def needs(language: str, code: str) -> None:
    for tool in (COMMANDS[language][0], "curl", "jq"):
        if tool == COMMANDS[language][0] or tool in code:
            program(tool)


def test_there_are_snippets() -> None:
    assert len(SNIPPETS) == PAGE.count("```") // 2 >= 6


each_poller = pytest.mark.parametrize("title", [title for title in SNIPPETS if "changed" not in title])


@dataclass
class Poller:
    """A script of the page in a folder of its own."""

    language: str
    code: str
    base: str
    folder: Path

    def run(self) -> list[str]:
        """Return the lines that the script prints."""
        return poll(self.code, self.language, self.base, self.folder).splitlines()

    def fails(self) -> list[str]:
        """Return the lines of a run that ends with an error."""
        return poll(self.code, self.language, self.base, self.folder, fails=True).splitlines()


@contextmanager
def polling(title: str, publication: Publication, folder: Path) -> Iterator[tuple[Poller, Record]]:
    """Serve the publication to a script of the page."""
    language, code = SNIPPETS[title]
    needs(language, code)
    folder.mkdir()
    with served(publication) as (base, record):
        yield Poller(language, code, base, folder), record


@each_poller
def test_a_poller_prints_what_is_new_and_downloads_nothing_twice(
    title: str, publication: Publication, tmp_path: Path
) -> None:
    publication.article("one", title="推論")
    publication.article("two", published="2026-09-01")
    with polling(title, publication, tmp_path / "poller") as (poller, record):
        line = f"{poller.base}/articles/{{}} {{}}".format
        assert poller.run() == [line("one", "推論"), line("two", "two")]
        assert poller.run() == []
        publication.article("three")
        publication.sync()
        assert poller.run() == [line("three", "three")]
        publication.article("two", "Another text.", published="2026-09-01", updated="2026-10-20")
        publication.sync()
        assert poller.run() == [line("two", "two")]
        publication.article("two", "A text without a typo.", published="2026-09-01", updated="2026-10-20")
        publication.sync()
        assert poller.run() == []
        (publication.settings.content / "articles/three.md").unlink()
        publication.sync()
        assert poller.run() == []
        assert poller.run() == []
    assert [status for _, status in record.answers] == [200, 304, 200, 200, 200, 200, 304]


@each_poller
def test_an_error_of_the_server_loses_nothing(title: str, publication: Publication, tmp_path: Path) -> None:
    publication.article("one")
    with polling(title, publication, tmp_path / "poller") as (poller, record):
        assert len(poller.run()) == 1
        publication.article("two")
        publication.sync()
        answering = record.app

        def broken(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("503 Service Unavailable", [("Content-Type", "text/plain"), ("ETag", '"broken"')])
            return [b"try again"]

        def cut(environ: dict[str, Any], start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "application/json"), ("ETag", '"cut"')])
            return [b'{"items": [{"id": "x"']

        for failing in (broken, cut):
            record.app = failing
            assert poller.fails() == []
        record.app = answering
        assert poller.run() == [f"{poller.base}/articles/two two"]
        assert poller.run() == []


@each_poller
def test_what_could_not_be_saved_is_printed_again(title: str, publication: Publication, tmp_path: Path) -> None:
    """As for a script that is killed after it has printed: the state is the one before."""
    publication.article("one")
    with polling(title, publication, tmp_path / "poller") as (poller, _):
        unfinished = poller.folder / ("chips.seen.new" if poller.language == "sh" else "chips.state.json.new")
        unfinished.mkdir()
        first = poller.fails()
        unfinished.rmdir()
        unfinished.write_text('{"etag')
        assert first == poller.run() == [f"{poller.base}/articles/one one"]
        assert poller.run() == []


@each_poller
def test_the_state_is_bounded(title: str, publication: Publication, tmp_path: Path) -> None:
    """An entry that returns to the feed is not new. Of those that left it long ago, the state keeps 1,000."""
    publication.article("one")
    publication.article("two")
    with polling(title, publication, tmp_path / "poller") as (poller, _):
        poller.run()
        file = poller.folder / ("chips.seen" if poller.language == "sh" else "chips.state.json")
        saved = json.loads(file.read_text())
        seen = saved if poller.language == "sh" else saved["seen"]
        former = {f"tag:{number}": "2020-01-01T00:00:00Z" for number in range(3000)}
        changed = {**former, **seen}
        file.write_text(json.dumps(changed if poller.language == "sh" else {**saved, "seen": changed}))
        publication.article("three")
        publication.sync()
        assert poller.run() == [f"{poller.base}/articles/three three"]
        saved = json.loads(file.read_text())
        kept = list(saved if poller.language == "sh" else saved["seen"])
        assert kept[:1000] == [f"tag:{number}" for number in range(2000, 3000)]
        assert len(kept) == 1003


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
