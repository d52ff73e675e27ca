"""Text from outside forges no line, colours no terminal and reorders no text: in logs, commands and tracebacks."""

import ast
import logging
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

import feedsvc
from feedsvc import terminal
from feedsvc.cli import main
from feedsvc.errors import printable
from tests.conftest import Publication

ROOT = Path(feedsvc.__file__).parent
EVIL = "a\nfeedsvc: forged\r\x1b[31mred\x9b31m\u202ereversed\u2066\x07\x00\u2028x"
# What a terminal obeys, and what ends or reorders a line.
DANGEROUS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\u200e\u200f]")


def calls(tree: ast.AST) -> set[str]:
    return {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_one_module_prints(path: Path) -> None:
    if path.name == "terminal.py":
        return
    found = calls(ast.parse(path.read_text(encoding="utf-8")))
    assert not found & {"print", "click.echo", "click.secho", "click.style", "sys.stdout.write", "sys.stderr.write"}
    assert "logging.basicConfig" not in found
    names = re.findall(r"logging\.getLogger\((.*?)\)", path.read_text(encoding="utf-8"))
    assert all(not name.startswith('"feedsvc') for name in names), "take terminal.logger"


@pytest.mark.parametrize(
    "text", ["晶片　推論", "👩\u200d💻", "می\u200cخواهم", "שלום", "क्\u200dष", "a\u00a0b", "價格\u202f5"]
)
def test_text_of_any_script_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_what_is_dangerous_is_escaped() -> None:
    assert not DANGEROUS.search(printable(EVIL))
    assert "\n" not in printable(EVIL)
    assert printable("\udcff\x1b") == "\\xff\\x1b"


def test_a_log_line_is_one_line_whatever_handler_there_is(caplog: pytest.LogCaptureFixture) -> None:
    log = terminal.logger("feedsvc.test")
    assert terminal.logger("feedsvc.test") is log
    try:
        raise ValueError(EVIL)
    except ValueError as error:
        log.error("at %s", EVIL, exc_info=error)
    (record,) = caplog.records
    message, *rest = logging.Formatter("%(message)s").format(record).split("\n")
    assert message.startswith("at a\\nfeedsvc: forged")
    assert all(line.startswith("    ") for line in rest)
    assert not DANGEROUS.search("".join((message, *rest)))


def test_paths_that_clients_ask_for(
    publication: Publication, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store an answer is 503, with the path in the log; an error in a view is logged with the path, too."""
    asking = publication.client()
    assert asking.get("/articles/x%0afeedsvc:%20forged%1b[31m%e2%80%ae").status_code == 503

    def fail(*_: object, **__: object) -> None:
        raise RuntimeError(EVIL)

    publication.article("one")
    publication.sync()
    monkeypatch.setattr("feedsvc.web.pages.views.cache", fail)
    assert asking.get("/articles/x%0afeedsvc:%20forged%1b[31m").status_code == 500
    assert len(caplog.records) >= 2
    for record in caplog.records:
        text = logging.Formatter("%(message)s").format(record)
        assert not DANGEROUS.search(text.replace("\n", ""))
        assert not any(line.startswith("feedsvc: forged") for line in text.split("\n"))


WXR = """<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>x</title>
<item><title>T&#x202e;itle&#x85;&#10;feedsvc: forged</title><wp:post_id>1&#10;feedsvc: forged&#x9b;31m</wp:post_id>
<wp:post_type>odd&#10;feedsvc: forged&#x9b;31m</wp:post_type><content:encoded>Text.</content:encoded></item>
<item><title>T&#x202e;itle&#x85;&#10;feedsvc: forged</title><wp:post_id>2&#10;feedsvc: forged&#x9b;31m</wp:post_id>
<wp:post_type>post</wp:post_type><wp:status>publish</wp:status><content:encoded>Text &#x9b;31m.</content:encoded></item>
</channel></rss>"""


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_import_and_classify_print_foreign_text_escaped(
    publication: Publication, tmp_path: Path, options: list[str]
) -> None:
    source = tmp_path / "raw" / "a\nfeedsvc: forged\x1b[31m\u202e.xml"
    source.parent.mkdir()
    source.write_text(WXR, encoding="utf-8")
    (source.parent / "b\x1b[31m\nfeedsvc: forged.md").write_text("---\ntitle: [\x9b31m\n---\n", encoding="utf-8")
    (source.parent / "c.txt").write_text(f"{EVIL.replace(chr(0), '')}\n\nText.\n", encoding="utf-8", newline="")
    place = ["--content", str(publication.settings.content), str(source.parent)]
    for command in (["import", *options, *place], ["classify", *place]):
        result = CliRunner().invoke(main, command)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        own = re.sub(r"\x1b\[[0-9;]+m", "", result.output)
        assert not DANGEROUS.search(own.replace("\n", "")), command
        assert not re.search(r"^feedsvc: forged", own, re.MULTILINE), command


def test_check_sync_and_status_print_foreign_text_escaped(publication: Publication) -> None:
    front = '---\ntitle: "x\\u202ey"\npublished: 2026-10-01\ntopics: ["a\\nfeedsvc: forged\\x9b31m"]\n---\nText.\n'
    publication.write("articles/a\nfeedsvc: forged\x1b[31m\u202e.md", front)
    publication.write("articles/b\x1b[31m.xyz", "x")
    place = ["--content", str(publication.settings.content), "--store", str(publication.settings.store_file)]
    for command in ("check", "sync", "status", "ids"):
        result = CliRunner().invoke(main, [command, *place])
        assert not DANGEROUS.search(result.output.replace("\n", "")), command
        assert not re.search(r"^feedsvc: forged", result.output, re.MULTILINE), command


def test_an_error_that_nobody_foresaw_is_escaped(tmp_path: Path) -> None:
    code = f"import feedsvc.terminal as t; t.escape_tracebacks(); raise RuntimeError({EVIL!r})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, text=True)
    assert result.returncode == 1
    first, *rest = result.stderr.splitlines()
    assert first == "feedsvc: an error in feedsvc (please report it)"
    assert all(line.startswith("    ") for line in rest)
    assert not DANGEROUS.search("".join(rest))


def test_a_file_goes_into_a_pipe_as_it_is(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.echo_file("a\tb\n\x9b31m")
    assert capfd.readouterr().out == "a\tb\n\x9b31m\n"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    terminal.echo_file("a\tb\n\x9b31m")
    assert capfd.readouterr().out == "a\tb\n\\x9b31m\n"


def test_own_styles_stay_and_foreign_ones_are_escaped() -> None:
    line = terminal.styled("a\x1b[32mb", fg="red")
    assert terminal.escaped(line) == line == "\x1b[31ma\\x1b[32mb\x1b[0m"


def test_each_warning_of_a_failure_is_logged_once_until_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    warning = terminal.OneWarning(terminal.logger("feedsvc.test"))
    for message in ("a", "b", "a", "b"):
        warning.warn(message)
    assert [record.message for record in caplog.records] == ["a", "b"]
    warning.clear()
    assert not warning.has_warned
    for number in range(1000):
        warning.warn(f"n{number}")
    assert warning.has_warned
    assert len(caplog.records) == 2 + terminal.MAX_WARNINGS
