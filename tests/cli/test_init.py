"""`feedsvc init`: a publication that works at once, in any language, over nobody's files."""

import os
import pty
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli import main
from feedsvc.config import load_settings
from feedsvc.site.site_toml import load_site
from feedsvc.starter.publication import domain_of, topic_of
from feedsvc.web import create_app

Init = Callable[..., Result]


@pytest.fixture
def init(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """Runs the command in an empty folder."""
    for name in [name for name in os.environ if name.startswith("FEEDSVC_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(main, ["init", *arguments])


def sync(content: Path) -> str:
    return CliRunner().invoke(main, ["sync", "--content", str(content)]).output


@pytest.mark.parametrize(
    "language", ["en", "zh-Hant", "zh-Hans", "ja", "ko", "de", "fr", "es", "ar", "he", "id", "sr-Latn"]
)
def test_it_publishes_an_article_in_each_language(init: Init, tmp_path: Path, language: str) -> None:
    result = init("news", "--language", language, "--yes")
    assert result.exit_code == 0, result.output
    content = tmp_path / "news" / "content"
    assert sync(content).endswith("1 added, 0 changed, 0 removed, 0 set aside\n")
    checked = CliRunner().invoke(main, ["check", "--content", str(content)]).output
    assert checked.endswith("1 file, 0 to be set aside, 1 warning\n")
    assert "base_url: is not set" in checked
    client = create_app(load_settings({}, content=content)).test_client()
    page = client.get("/articles/first").text
    assert f'lang="{language}"' in page
    assert client.get("/feeds/news.atom").status_code == 200
    assert "example" not in client.get("/feeds/news.atom").text


def test_lines_of_a_pipe_are_answers_and_its_end_takes_what_is_proposed(
    init: Init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "en")
    lines = "我的新聞\nnews.example.net\nzh-Hant, en\nAsia/Taipei\nEnergy, Chips\n"
    result = CliRunner().invoke(main, ["init", "whole"], input=lines)
    assert result.exit_code == 0, result.output
    site = load_site(tmp_path / "whole" / "content", None, "http://127.0.0.1:8000")
    assert (site.title.in_("zh-Hant"), site.language, site.timezone) == ("我的新聞", "zh-Hant", "Asia/Taipei")
    assert site.tag_authority.startswith("news.example.net,")
    assert [topic.name for topic in site.topics] == ["energy", "chips"]
    result = CliRunner().invoke(main, ["init", "half"], input="Half\n")
    assert result.exit_code == 0, result.output
    assert load_site(tmp_path / "half" / "content", None, "http://127.0.0.1:8000").title.in_("en") == "Half"
    assert "write a domain of yours into content/site.toml: tag_authority and base_url" in result.output
    result = CliRunner().invoke(main, ["init", "wrong"], input="Wrong\n\nen\nMars/Base\n")
    assert result.exit_code == 2
    assert "--timezone: " in result.output
    assert not (tmp_path / "wrong").exists()


def test_every_option(init: Init, tmp_path: Path) -> None:
    given = ["--title", '晶片 "週報"', "--domain", "https://news.example.com/path", "--timezone", "Asia/Taipei"]
    given += ["--language", "zh-Hant", "--language", "en", "--topic", "energy=能源", "--topic", "Économie & Co"]
    result = init("my news", *given, "--yes")
    assert result.exit_code == 0
    content = tmp_path / "my news" / "content"
    site = load_site(content, None, "http://127.0.0.1:8000")
    assert site.title.in_("en") == '晶片 "週報"'
    assert site.tag_authority.startswith("news.example.com,20")
    assert (site.language, site.timezone) == ("zh-Hant", "Asia/Taipei")
    assert [(topic.name, topic.title.in_("en")) for topic in site.topics] == [
        ("energy", "能源"),
        ("economie-co", "Économie & Co"),
    ]
    assert site.base_url == "http://127.0.0.1:8000"
    assert '\n# base_url = "https://news.example.com"\n' in (content / "site.toml").read_text("utf-8")
    assert sync(content).endswith("2 added, 0 changed, 0 removed, 0 set aside\n")
    assert "topic-" not in result.stdout
    assert (tmp_path / "my news" / ".gitignore").read_text() == ".feedsvc/\n"


@pytest.mark.parametrize("title", ["{timezone}", "{tag_authority} {language}", "{}", "a\\b"])
def test_a_title_is_written_as_it_is(init: Init, tmp_path: Path, title: str) -> None:
    assert init("news", "--title", title, "--yes").exit_code == 0
    assert load_site(tmp_path / "news" / "content", None, "http://x.test").title.in_("en") == title


def test_it_overwrites_nothing(init: Init, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    (folder / "content" / "articles").mkdir(parents=True)
    (folder / "content" / "articles" / "first.md").write_text("mine")
    result = init("news", "--yes")
    assert result.exit_code == 2
    assert "first.md exists already (name another folder" in result.stderr
    assert [each.name for each in (folder / "content").iterdir()] == ["articles"]
    (folder / "content" / "articles" / "first.md").unlink()
    (folder / ".gitignore").write_text("mine")
    result = init("news", "--yes")
    assert result.exit_code == 0
    assert (folder / ".gitignore").read_text() == "mine"
    assert "add a line .feedsvc/ to .gitignore" in result.stdout
    assert init("news", "--yes").exit_code == 2


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--domain", "no domain", "--domain: 'no domain' is not a domain"),
        ("--domain", "localhost", "--domain: 'localhost' is not a domain"),
        ("--language", "klingonian", "--language: 'klingonian' is not a"),
        ("--timezone", "Taipei", "--timezone: 'Taipei' is not a time zone"),
        ("--topic", "a=", "--topic: "),
        (
            "--topic",
            "能源 = Clean Energy",
            "--topic: '能源 = Clean Energy': the name in addresses comes first (write clean-energy=能源)",
        ),
    ],
)
def test_a_wrong_option_is_named(init: Init, tmp_path: Path, option: str, value: str, message: str) -> None:
    result = init("news", option, value, "--yes")
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tmp_path / "news").exists()


def test_it_says_where_it_chose_a_name_in_addresses(init: Init) -> None:
    assert (
        "能源: its name in addresses is topic-1, /feeds/topic-1.atom" in init("news", "--topic", "能源", "--yes").stdout
    )


def test_two_topics_of_one_name_are_refused(init: Init) -> None:
    assert "two topics have one name" in init("news", "--topic", "Chips", "--topic", "chips", "--yes").stderr


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Energy", "energy"),
        ("能源", "topic-3"),
        ("能源=能源", "topic-3"),
        ("energy = 能源", "energy"),
        ("all", "topic-3"),
        ("Čipy", "cipy"),
    ],
)
def test_the_names_of_topics(written: str, name: str) -> None:
    assert topic_of(written, 3).name == name


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("", ""),
        ("news.example.org", "news.example.org"),
        ("HTTPS://Example.org/x?y", "example.org"),
        ("新聞.tw", "xn--efvv70d.tw"),
    ],
)
def test_the_domain(written: str, host: str) -> None:
    assert domain_of(written) == host


def test_without_a_domain_the_ids_are_of_nobody_else(init: Init, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert init(name, "--yes").exit_code == 0
    found = {load_site(tmp_path / name / "content", None, "http://x.test").tag_authority for name in ("one", "two")}
    assert len(found) == 2
    assert all(".invalid," in each for each in found)


def test_on_a_terminal_it_asks_five_questions(tmp_path: Path) -> None:
    """Again after a wrong answer."""
    answers = ["晶片週報", "nonsense", "news.example.com", "zh-Hant, en", "", "能源、Chips"]
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(tmp_path)
        os.environ["TZ"] = "Asia/Taipei"
        os.execv(sys.executable, [sys.executable, "-m", "feedsvc", "init", "news"])
    seen = b""
    for prompt, answer in zip(["Title", "Domain", "Domain", "Languages", "Time zone", "Topics"], answers, strict=True):
        wanted = prompt.encode()
        while wanted not in seen or b": " not in seen.partition(wanted)[2]:
            seen += os.read(terminal, 4096)
        seen = b""
        os.write(terminal, f"{answer}\n".encode())
    try:
        while data := os.read(terminal, 4096):
            seen += data
    except OSError:  # the other side of the terminal is closed (EIO)
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0, seen.decode()
    site = load_site(tmp_path / "news" / "content", None, "http://x.test")
    assert site.title.in_("zh-Hant") == "晶片週報"
    assert site.tag_authority.startswith("news.example.com,")
    assert (site.language, site.timezone) == ("zh-Hant", "Asia/Taipei")
    assert [topic.name for topic in site.topics] == ["topic-1", "chips"]
