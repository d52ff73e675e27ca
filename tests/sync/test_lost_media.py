"""Files that the media folder lacks are made again from content/ by any sync, without an edit."""

import hashlib
import json
import os
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli import main
from feedsvc.web import create_app
from tests.conftest import Publication
from tests.live import wait_for
from tests.sync.looks import feed
from tests.sync.watchers import until, watching

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
NAME = hashlib.sha256(SVG).hexdigest()[:32] + ".svg"
PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
TOKEN = "0123456789abcdef"


def _published(publication: Publication, text: str = "![a picture](picture.svg)") -> dict[str, bytes]:
    """Publish two articles, one with a file. Return the media folder."""
    publication.write("articles/one/picture.svg", SVG)
    publication.article("one/index", text, title="one")
    publication.article("two", "Text.", title="two")
    assert not publication.sync().problems
    return _media(publication)


def _media(publication: Publication) -> dict[str, bytes]:
    folder = publication.settings.media_folder
    return {each.name: each.read_bytes() for each in folder.iterdir()} if folder.exists() else {}


def _run(publication: Publication, *command: str) -> Result:
    given = ["--content", str(publication.settings.content), "--store", str(publication.settings.store)]
    return CliRunner().invoke(main, [command[0], *given, *command[1:]])


def _delete(folder: Path) -> None:
    shutil.rmtree(folder)


def _empty(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()


def _cut(folder: Path) -> None:
    for each in folder.iterdir():
        os.truncate(each, each.stat().st_size - 1)


def _fill(folder: Path) -> None:
    for each in folder.iterdir():
        each.unlink()
        each.mkdir()


@pytest.mark.parametrize("text", ["![a picture](picture.svg)", f"![a pixel]({PIXEL})"])
@pytest.mark.parametrize("lose", [_delete, _empty, _cut])
@pytest.mark.usefixtures("old_files")
def test_a_sync_makes_lost_files_again(
    publication: Publication, lose: object, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Readers hear of no change, and only what is needed is read."""
    before, document = _published(publication, text), feed(publication)
    assert len(before) == 1
    assert callable(lose)
    lose(publication.settings.media_folder)
    assert publication.sync().is_unchanged
    assert _media(publication) == before
    assert feed(publication) == document
    told = [each for each in caplog.messages if "missing or damaged files were copied again: 1" in each]
    assert len(told) == (PIXEL not in text)
    caplog.clear()
    assert publication.sync().is_unchanged
    assert not caplog.messages


def test_a_broken_file_gets_back_what_its_last_good_version_uses(publication: Publication) -> None:
    before = _published(publication)
    publication.article("one/index", "![a picture](picture.svg)", title="one", topics="[nosuch]")
    assert publication.sync().set_aside == ["articles/one/index.md"]
    _empty(publication.settings.media_folder)
    publication.sync()
    assert _media(publication) == before


def test_what_only_an_earlier_version_used_is_no_problem(publication: Publication) -> None:
    """content/ has it no more, so nobody could make it again."""
    _published(publication)
    publication.article("one/index", "No picture.", title="one")
    publication.sync()
    _empty(publication.settings.media_folder)
    assert publication.sync().is_unchanged
    assert _media(publication) == {}
    assert _run(publication, "status").exit_code == 0
    assert "media folder" not in _run(publication, "check").output


def test_what_cannot_be_written_is_said(publication: Publication) -> None:
    _published(publication)
    _fill(publication.settings.media_folder)
    result = _run(publication, "sync")
    assert result.exit_code == 2
    assert "Is a directory (free disk space, or make it writable)" in result.stderr


def test_operators_learn_what_is_missing(publication: Publication) -> None:
    """`check`, `status`, /status and the details of /readyz say what is missing, and what to do."""
    _published(publication)
    client = create_app(replace(publication.settings, status_token=TOKEN)).test_client()
    secret = {"Authorization": f"Bearer {TOKEN}"}
    warning = "files of articles are missing from the media folder or damaged: 1 (feedsvc sync makes them again)"
    lines = ("/readyz?verbose", "/status")
    assert not any("media folder" in client.get(path, headers=secret).text for path in lines)
    assert _run(publication, "status").exit_code == 0
    _empty(publication.settings.media_folder)
    assert client.get(f"/media/{NAME}").status_code == 503
    for path in lines:
        # Names on the page are in elements of their own.
        assert f"warning: {warning}: {NAME}" in re.sub("<[^<>]*>", "", client.get(path, headers=secret).text)
    assert "media" not in client.get("/readyz?verbose").text
    assert client.get("/readyz").text == "ready\n"
    shown = _run(publication, "status")
    assert shown.exit_code == 1
    assert f"warning: {warning}: {NAME}" in shown.output
    (problem,) = json.loads(_run(publication, "status", "--json").output)["problems"]
    assert problem["name"] == "media"
    checked = _run(publication, "check")
    assert checked.exit_code == 0
    (line,) = [each for each in checked.output.splitlines() if "media folder" in each]
    assert line == (
        f"articles/one/index.md: warning: the media folder lacks 1 of the files of 1 article, {NAME} for example "
        "(the next sync makes them again: run feedsvc sync)"
    )
    publication.sync()
    assert client.get(f"/media/{NAME}").data == SVG
    assert "media folder" not in _run(publication, "check").output


def test_the_watcher_copies_a_deleted_file_again(publication: Publication) -> None:
    before = _published(publication)
    with watching(publication.settings):
        until(publication, "one", "two")
        for _ in range(2):
            (publication.settings.media_folder / NAME).unlink()
            wait_for(lambda: _media(publication) == before, "the file in the media folder", 60)
