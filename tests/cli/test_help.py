"""`feedsvc --help`, shell completion and colours."""

import contextlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from feedsvc import cli
from tests.conftest import Publication
from tests.doc_pages import page

FEEDSVC = Path(sys.executable).with_name("feedsvc")


def test_help_has_each_command_in_a_group_and_in_one_line_of_80_columns() -> None:
    lines = CliRunner().invoke(cli.main, ["--help"]).stdout.splitlines()
    listed = [each.name for group in cli.GROUPS.values() for each in group]
    assert sorted(map(str, listed)) == sorted(cli.main.commands)
    for title in cli.GROUPS:
        assert f"{title}:" in lines
    for name, command in cli.main.commands.items():
        (line,) = (each for each in lines if each.split()[:1] == [name])
        assert line.endswith("."), line
        assert len(line) <= 80, line
        assert command.get_short_help_str(limit=1000) in line


def test_each_command_is_in_the_reference() -> None:
    text = page("reference/cli.md")
    for name in cli.main.commands:
        assert f"| `feedsvc {name}" in text, name


def _completed(shell: str, **words: str) -> str:
    env = os.environ | words | {"_FEEDSVC_COMPLETE": f"{shell}_complete"}
    return subprocess.run([FEEDSVC], env=env, capture_output=True, text=True, check=True).stdout


def test_names_and_options_are_completed_in_each_shell() -> None:
    found = _completed("bash", COMP_WORDS="feedsvc re", COMP_CWORD="1").splitlines()
    assert sorted(found) == ["plain,reidentify", "plain,rename", "plain,restore"]
    assert "sync" in _completed("zsh", COMP_WORDS="feedsvc sy", COMP_CWORD="1").splitlines()
    assert "sync" in _completed("fish", COMP_WORDS="feedsvc sy", COMP_CWORD="sy")
    assert "plain,set-aside" in _completed("bash", COMP_WORDS="feedsvc list --state s", COMP_CWORD="3")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_lines_of_the_reference_define_a_completion(shell: str) -> None:
    assert f"_FEEDSVC_COMPLETE={shell}_source feedsvc" in page("reference/cli.md")
    env = os.environ | {"_FEEDSVC_COMPLETE": f"{shell}_source"}
    source = subprocess.run([FEEDSVC], env=env, capture_output=True, text=True, check=True).stdout
    assert "feedsvc" in source
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    subprocess.run([shell, "-n"], input=source, text=True, check=True)


def test_bash_completes_with_the_line_of_the_reference() -> None:
    bash = shutil.which("bash")
    if bash is None:
        pytest.skip("bash is not installed")
    script = (
        'eval "$(_FEEDSVC_COMPLETE=bash_source feedsvc)"\n'
        "COMP_WORDS=(feedsvc stat) COMP_CWORD=1\n"
        "_feedsvc_completion feedsvc\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    env = os.environ | {"PATH": f"{FEEDSVC.parent}:{os.environ['PATH']}"}
    done = subprocess.run([bash, "--norc"], input=script, env=env, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "status"


@pytest.mark.parametrize(
    ("variables", "is_coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)]
)
def test_colours_are_for_terminals_without_no_color(variables: dict[str, str], is_coloured: bool) -> None:
    outside, inside = pty.openpty()
    code = "from feedsvc.terminal import echo, styled; echo(styled('x', fg='red'))"
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"} | variables
    subprocess.run([sys.executable, "-c", code], stdout=inside, env=env, check=True)
    os.close(inside)
    shown = os.read(outside, 100)
    os.close(outside)
    assert (b"\x1b[31m" in shown) == is_coloured


def test_a_pipe_gets_no_colours() -> None:
    code = "from feedsvc.terminal import echo, styled; echo(styled('x', fg='red'))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"x\n"


def test_check_and_status_are_coloured_by_severity(publication: Publication) -> None:
    publication.write("articles/wrong.md", "no front matter")
    publication.write("articles/photo.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    publication.article("later", "![a picture](photo.svg)", expired="2026-11-02")
    publication.sync()
    shutil.rmtree(publication.settings.media_folder)
    outside, inside = pty.openpty()
    env = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    where = ["--content", str(publication.settings.content), "--store", str(publication.settings.store)]
    for command in ("check", "status"):
        subprocess.run([sys.executable, "-m", "feedsvc", command, *where], stdout=inside, env=env, check=False)
    os.close(inside)
    shown = b""
    with contextlib.suppress(OSError):  # EIO at the end
        while piece := os.read(outside, 65536):
            shown += piece
    os.close(outside)
    assert b"\x1b[31marticles/wrong.md:1:\x1b[0m" in shown
    assert b"\x1b[33marticles/later.md:" in shown
    assert b"\x1b[33mwarning: " in shown
