"""`feedsvc import` and `feedsvc classify` through their front door."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from feedsvc.articles.metadata import frontmatter
from feedsvc.importing.settings import load_settings
from feedsvc.sync.folder.walk import is_article
from tests.conftest import Publication
from tests.importing.conftest import Run, articles

TEXT = """\
晶圓廠第{n}號機台
一篇關於半導體的短文，第{n}篇。
台積電的晶圓廠有{n}台機器，每一台都要人顧。
GPU的產能不夠，良率也不夠。
最後一段，第{n}段。
"""


def texts(folder: Path, count: int) -> Path:
    """A folder of text files with a date in their names."""
    folder.mkdir(parents=True, exist_ok=True)
    for n in range(count):
        (folder / f"2026-03-{n % 28 + 1:02}-{n}.txt").write_text(TEXT.format(n=n), "utf-8")
    return folder


@pytest.fixture
def text(tmp_path: Path) -> Path:
    """One text file with a date in its name."""
    return texts(tmp_path / "in", 1) / "2026-03-01-0.txt"


def test_a_text_becomes_a_file_with_front_matter(run: Run, text: Path, content: Path) -> None:
    result = run(text)
    assert result.exit_code == 0
    (path,) = articles(content)
    assert str(path) in result.output
    assert "1 written, 0 replaced, 0 unchanged, 0 set aside" in result.output
    assert path == content / "articles" / "2026" / "03" / "晶圓廠第0號機台.md"
    assert path.read_text("utf-8") == (
        "---\n"
        "title: 晶圓廠第0號機台\n"
        "published: '2026-03-01'\n"
        "language: zh-Hant\n"
        "topics: [chips]\n"
        "tags: [tsmc]\n"
        "summary: 一篇關於半導體的短文，第0篇。\n"
        "---\n\n"
        "台積電的晶圓廠有0台機器，每一台都要人顧。\n\n"
        "GPU的產能不夠，良率也不夠。\n\n"
        "最後一段，第0段。\n"
    )


def test_toml_says_the_same(run: Run, text: Path, content: Path) -> None:
    run(text)
    yaml = frontmatter.parse(articles(content)[0].read_bytes())
    articles(content)[0].unlink()
    run(text, "--front-matter", "toml")
    toml = frontmatter.parse(articles(content)[0].read_bytes())
    assert articles(content)[0].read_bytes().startswith(b"+++\ntitle = ")
    assert (toml.fields, toml.body) == (yaml.fields, yaml.body)


def test_importing_again_changes_nothing(run: Run, text: Path, content: Path) -> None:
    run(text)
    before = articles(content)[0].stat()
    result = run(text)
    assert (result.exit_code, "0 written, 0 replaced, 1 unchanged" in result.output) == (0, True)
    assert articles(content)[0].stat().st_mtime_ns == before.st_mtime_ns
    assert articles(content)[0].stat().st_ino == before.st_ino


def test_an_edited_article_is_overwritten_only_by_force(run: Run, text: Path, content: Path) -> None:
    run(text)
    (path,) = articles(content)
    original = path.read_bytes()
    path.write_bytes(original + b"\nEdited.\n")
    result = run(text)
    assert result.exit_code == 1
    assert "differs in text, so it was left unchanged (--force overwrites" in result.output
    assert path.read_bytes().endswith(b"Edited.\n")
    result = run(text, "--force")
    assert (result.exit_code, "1 replaced" in result.output) == (0, True)
    assert path.read_bytes() == original


def test_an_article_that_was_moved_is_found_by_its_slug(run: Run, text: Path, content: Path) -> None:
    run(text)
    (path,) = articles(content)
    moved = path.rename(content / "articles" / path.name)
    assert "1 unchanged" in run(text).output
    assert articles(content) == [moved]


FEED = "<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
ITEM = (
    "<item><title>{title}</title><guid isPermaLink='false'>urn:x:{id}</guid><link>https://a.example/{slug}</link>"
    "<pubDate>{date}</pubDate><description>GPU, wafer and semiconductor number {id}.</description></item>"
)
DATE = "Thu, 12 Mar 2026 09:30:00 +0800"


def feed(tmp_path: Path, *items: dict[str, str]) -> Path:
    """A feed of those items."""
    path = tmp_path / "feed.rss"
    given = [{"title": "T", "slug": "same", "date": DATE} | item for item in items]
    path.write_text(FEED.format(items="".join(ITEM.format(**item) for item in given)), "utf-8")
    return path


def test_entries_of_one_slug_and_different_ids_stand_side_by_side(run: Run, content: Path, tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1"}, {"id": "2"}, {"id": "3"})
    assert "3 written" in run(path).output
    assert [each.name for each in articles(content)] == ["same-2.md", "same-3.md", "same.md"]
    assert "0 written, 0 replaced, 3 unchanged" in run(path).output


def test_an_article_with_an_id_is_found_wherever_it_was_moved(run: Run, content: Path, tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1"})
    run(path)
    articles(content)[0].rename(content / "articles" / "renamed.md")
    assert "1 unchanged" in run(path).output


def test_a_broken_entry_costs_no_other(run: Run, content: Path, tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1", "date": "soon"}, {"id": "2", "slug": "two"})
    result = run(path)
    assert result.exit_code == 1
    assert "feed.rss#1: published: no date was found (pubDate: 'soon'" in result.output
    assert [each.name for each in articles(content)] == ["two.md"]


def test_a_date_given_is_for_those_without_one(run: Run, content: Path, tmp_path: Path) -> None:
    path = feed(tmp_path, {"id": "1", "date": ""}, {"id": "2", "slug": "two"})
    assert run(path, "--published", "2020-01-01").exit_code == 0
    dates = {each.name: frontmatter.parse(each.read_bytes()).fields["published"] for each in articles(content)}
    assert dates == {"same.md": "2020-01-01", "two.md": "2026-03-12 09:30"}


def test_a_text_without_topics_is_set_aside_unless_one_is_named(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    path.write_text("How to bake\nBread needs time.\nMix the flour.\nThen wait.\nThen bake.\n", "utf-8")
    result = run(path)
    assert "topics: no topic has enough points (chips 0 of 5" in result.output
    assert (result.exit_code, articles(content)) == (1, [])
    assert run(path, "--topic", "Cloud", "--language", "en-GB").exit_code == 0
    assert "language: en-GB\ntopics: [cloud]\n" in articles(content)[0].read_text("utf-8")


def test_a_dry_run_writes_to_stdout_and_says_on_stderr_what_was_cut_and_why(run: Run, content: Path) -> None:
    raw = Path(__file__).parent / "raw" / "hant-fab.zh-Hant.txt"
    result = run(raw, "--dry-run", "--published", "2026-03-01")
    assert articles(content) == []
    assert result.stdout.startswith("---\ntitle: 熊本二廠動工")
    for line in (
        "published  2026-03-01 (from --published)",
        "language   zh-Hant (detected in the text)",
        "✓ chips",
        "+ ## 薪水追得上，時間追不上",
        "- 相关文章  related: a list of other articles",
        "- 登录加入讨论  sign_in: a line to sign in",
    ):
        assert line in result.stderr
    assert "相关文章" not in result.stdout
    assert result.stderr.endswith("1 shown, nothing written, 0 set aside\n")


def test_a_dry_run_is_coloured_on_a_terminal(content: Path) -> None:
    from click.testing import CliRunner

    from feedsvc.cli.import_command import import_command

    raw = Path(__file__).parent / "raw" / "en-sovereign.en.txt"
    words = [str(raw), "--dry-run", "--published", "2026-03-01", "--content", str(content)]
    assert "\x1b[31m- 相关文章\x1b[0m" in CliRunner().invoke(import_command, words, color=True).stderr


def test_standard_input_is_read_and_known_by_its_beginning(run: Run, content: Path, text: Path) -> None:
    assert run("-", "--published", "2026-03-01", given=text.read_bytes()).exit_code == 0
    assert run("-", "--topic", "cloud", given="---\ntitle: M\ndate: 2026-03-02\n---\nBody *as it* is.\n").exit_code == 0
    assert [path.stem for path in articles(content)] == ["M", "晶圓廠第0號機台"]
    assert articles(content)[0].read_text("utf-8").endswith("---\n\nBody *as it* is.\n")


def test_a_file_in_another_encoding(run: Run, tmp_path: Path, content: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    path.write_bytes(TEXT.format(n=1).encode("big5"))
    assert "2026-03-01.txt: warning: read as big5hkscs, a guess" in run(path).stderr
    assert "1 unchanged" in run(path, "--encoding", "big5").stderr
    assert articles(content)[0].stem == "晶圓廠第1號機台"
    assert "unknown encoding 'klingon'" in run(path, "--encoding", "klingon").output


def test_a_folder_shows_no_bar_in_a_pipe_and_says_what_was_set_aside(run: Run, tmp_path: Path, content: Path) -> None:
    folder = texts(tmp_path / "in", 250)
    (folder / "undated.txt").write_text(TEXT.format(n="x"), "utf-8")
    (folder / "broken.json").write_text("{", "utf-8")
    (folder / "picture.jpg").write_bytes(b"\xff\xd8")
    (folder / ".hidden.txt").write_text("x", "utf-8")
    (folder / "page_files").mkdir()
    (folder / "page_files" / "frame.html").write_text("<html>x</html>", "utf-8")
    result = run(folder)
    assert result.exit_code == 1
    assert sorted(result.stdout.splitlines()) == sorted(map(str, articles(content)))
    lines = result.stderr.splitlines()
    assert lines[-1] == "250 written, 0 replaced, 0 unchanged, 2 set aside"
    assert any(line.startswith(f"{folder}/undated.txt: published: no date was found") for line in lines)
    assert any(line.startswith(f"{folder}/broken.json: not JSON") for line in lines)
    assert "skipped 1 file .jpg: not a kind that is read" in lines
    assert len(articles(content)) == 250
    assert run(folder).output.splitlines()[-1] == "0 written, 0 replaced, 250 unchanged, 2 set aside"


def test_a_folder_shows_a_bar_on_a_terminal(tmp_path: Path, content: Path) -> None:
    import pty

    folder = texts(tmp_path / "in", 120)
    ours, theirs = pty.openpty()
    words = [sys.executable, "-c", PROGRAM, str(folder), "--content", str(content)]
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=theirs, timeout=600, check=False)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        shown += part
        if not part:
            break
    os.close(ours)
    assert done.returncode == 0
    assert b"importing" in shown
    assert b"100%" in shown
    assert b"120 written" in shown
    assert len(done.stdout.splitlines()) == 120


PROGRAM = "from feedsvc.cli.import_command import import_command; import_command()"


def test_a_killed_import_leaves_no_half_file_and_the_next_one_finishes(run: Run, tmp_path: Path, content: Path) -> None:
    folder = texts(tmp_path / "in", 400)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(folder), "--content", str(content)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and len(articles(content)) < 40:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=600)
    half = articles(content)
    assert 40 <= len(half) < 400
    for path in half:
        assert path.read_text("utf-8").rstrip().endswith("段。")
        assert frontmatter.parse(path.read_bytes()).fields["title"]
    assert (
        run(folder).output.splitlines()[-1].startswith(f"{400 - len(half)} written, 0 replaced, {len(half)} unchanged")
    )
    left = [each.name for each in (content / "articles").rglob("*") if each.is_file() and not is_article(each.name)]
    assert left == []


def test_everything_that_is_imported_is_published(publication: Publication, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from feedsvc.cli.import_command import import_command

    pages = Path(__file__).parent / "pages"
    words = [
        str(pages),
        "--published",
        "2026-01-01",
        "--topic",
        "chips",
        "--content",
        str(publication.settings.content),
    ]
    result = CliRunner().invoke(import_command, words, catch_exceptions=False)
    written = len(articles(publication.settings.content))
    assert written > 10
    report = publication.sync()
    assert not [each for each in report.problems if each.finding.severity == "error"], result.output


def test_classify_explains(run: Run, classify: Run, text: Path) -> None:
    result = classify(text)
    assert result.exit_code == 0
    assert "晶圓廠第0號機台" in result.output
    assert "language zh-Hant (detected in the text)" in result.output
    assert re.search(r"✓ chips \d+ of 5: .*晶圓廠 \+12", result.output)
    assert "· cloud 0 of 5" in result.output
    assert "tags tsmc" in result.output


def test_classify_reads_articles_with_front_matter(classify: Run) -> None:
    folder = Path(__file__).parents[2] / "content" / "articles" / "2026" / "08"
    result = classify(folder)
    assert result.exit_code == 0
    assert "推論延遲" in result.output


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("[import]\nthreshhold = 3", "site.toml: import: unknown key 'threshhold' (did you mean 'threshold'?)"),
        ("[import]\nthreshold = 0", "site.toml: import.threshold: 0 is not a number above 0"),
        ("[import.boilerplate.en]\nshares = ['x']", "import.boilerplate: en: unknown key 'shares'"),
        ("[names]\nx = 'y'", "site.toml: names: x: must be a list of names"),
        ("[topics.more]\nkeywords = 3", "site.toml: topics: more.keywords: must be a table per language"),
    ],
)
def test_a_wrong_setting_is_said_in_one_line(table: str, message: str, text: Path, tmp_path: Path) -> None:
    from click.testing import CliRunner

    from feedsvc.cli.import_command import import_command

    folder = tmp_path / "content"
    folder.mkdir()
    site = 'title = "T"\ntag_authority = "example.org,2026"\n[topics.chips]\ntitle = "Chips"\n'
    (folder / "site.toml").write_text(f"{site}{table}\n", "utf-8")
    result = CliRunner().invoke(import_command, [str(text), "--content", str(folder)], catch_exceptions=False)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--topic", "chip"), "--topic: unknown topic 'chip' (did you mean 'chips'?)"),
        (("--published", "yesterday"), "feedsvc: --published: 'yesterday'"),
        (("--language", "klingonish"), "--language: 'klingonish' is not a language tag"),
    ],
)
def test_a_wrong_option_is_said_in_one_line(words: tuple[str, str], message: str, run: Run, text: Path) -> None:
    result = run(text, *words)
    assert result.exit_code == 2
    assert message in result.stderr


def test_a_file_that_is_not_there_is_set_aside(run: Run, tmp_path: Path) -> None:
    result = run(tmp_path / "missing.txt")
    assert result.exit_code == 1
    assert "missing.txt: cannot be read: No such file or directory" in result.output


def test_a_site_may_add_rules_of_its_own(run: Run, content: Path, text: Path) -> None:
    site = content / "site.toml"
    site.write_text(site.read_text("utf-8") + '\n[import.boilerplate.zh-Hant]\nshare = ["/^最後一段/"]\n', "utf-8")
    run(text)
    assert "最後一段" not in articles(content)[0].read_text("utf-8")


def test_other_commands_start_without_what_this_room_needs() -> None:
    code = (
        "import sys, feedsvc.cli; "
        "heavy = ('numpy', 'py3langid', 'readability', 'markdownify', 'bs4', 'zhon'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True, timeout=600).strip() == "[]"


def test_the_desk_is_read_from_site_toml(content: Path) -> None:
    settings = load_settings(content, None, "http://127.0.0.1:8000")
    assert settings.threshold == 5
    assert settings.topic_called("晶片") == settings.topic_called("chips") == "chips"


def test_a_dry_run_shows_what_lacks_a_date_and_says_how_to_give_one(run: Run, content: Path) -> None:
    raw = Path(__file__).parent / "raw" / "hant-fab.zh-Hant.txt"
    result = run(raw, "--dry-run")
    assert result.exit_code == 1
    fence, comment, title = result.stdout.splitlines()[:3]
    assert (fence, comment) == ("---", "# published: missing (write a date, 2026-03-01)")
    assert title.startswith("title: ")
    lines = result.stderr.splitlines()
    wanted = "no date was found; import makes up none (name one with --published 2026-03-01)"
    assert f"  published  missing: {wanted}" in lines
    assert "  + ## 薪水追得上，時間追不上" in lines
    assert f"{raw}: published: {wanted}" in lines
    assert lines[-1] == "0 shown, nothing written, 1 set aside"
    assert run(raw).output.splitlines() == [
        f"{raw}: published: {wanted}",
        "problems: 1 without a date",
        "0 written, 0 replaced, 0 unchanged, 1 set aside",
    ]
    assert articles(content) == []


def test_a_dry_run_shows_what_speaks_for_no_topic(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    path.write_text("How to bake\nBread needs time.\nMix the flour.\nThen wait.\nThen bake.\n", "utf-8")
    stderr = run(path, "--dry-run").stderr
    assert "  topics     missing: no topic has enough points" in stderr
    assert "  + Then bake." in stderr


def test_a_language_given_is_said_to_be(run: Run, text: Path) -> None:
    assert "  language   ja (from --language)" in run(text, "--dry-run", "--language", "ja").stderr.splitlines()


def test_a_latin_text_in_no_known_encoding_is_refused(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    path.write_bytes("Les puces à café\nUn été brûlant à Nîmes.\nDes mots encore.\n".encode("cp1252"))
    assert re.search(r"2026-03-01.txt:1: not utf-8: byte 0xe0 .*--encoding", run(path).stderr)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("gbk", "晶圆厂第一号机台\n一篇关于半导体的短文，第一篇。\n台积电的晶圆厂有很多台机器，每一台都要人看。\n"),
        (
            "shift_jis",
            "次世代GPUの量産を延期\nパッケージの歩留まりが課題に。\nクラウド各社の計画にも影響が及ぶ見通しだ。\n",
        ),
        ("euc-kr", "반도체 공장의 하루\n공장의 기계에 대한 짧은 글이다.\n밤의 공장에서는 사람이 기계를 본다.\n"),
    ],
)
def test_an_east_asian_encoding_is_guessed_and_said(encoding: str, text: str, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    path.write_bytes(text.encode(encoding))
    result = run(path, "--dry-run", "--topic", "chips")
    assert text.split("\n", 1)[0] in result.stdout
    assert "a guess (if characters are wrong, name another encoding with --encoding)" in result.stderr


def test_a_slug_can_be_named(run: Run, text: Path, content: Path) -> None:
    assert run(text, "--slug", "fab-zero").exit_code == 0
    assert [path.name for path in articles(content)] == ["fab-zero.md"]
    assert "1 unchanged" in run(text, "--slug", "fab-zero").stderr


def test_a_slug_is_of_one_article(run: Run, text: Path, content: Path, tmp_path: Path) -> None:
    result = run(text, text, "--slug", "a")
    assert (result.exit_code, articles(content)) == (2, [])
    assert "--slug: names one article, and 2 files are given" in result.stderr
    result = run(feed(tmp_path, {"id": "1"}, {"id": "2"}), "--slug", "a")
    assert "holds more than one article, and --slug names one (leave the option out)" in result.stderr
    assert [path.name for path in articles(content)] == ["a.md"]
    assert "--slug: " in run(text, "--slug", "a/b").stderr


def test_escapes_and_overrides_are_no_part_of_a_title(run: Run, tmp_path: Path, content: Path) -> None:
    path = tmp_path / "2026-03-01.txt"
    title = "晶圓\x1b[31m廠\x1b[0m\x1b]0;pwn\x07的\u202e一天\u202c"
    path.write_text(TEXT.format(n=1).replace("晶圓廠第1號機台", title, 1), "utf-8")
    run(path)
    assert [each.stem for each in articles(content)] == ["晶圓廠的一天"]
    item = {"id": "urn:x:1", "title": title, "content_text": "晶圓", "date_published": "2026-03-01T00:00:00Z"}
    (tmp_path / "x.json").write_text(json.dumps({"items": [item]}), "utf-8")
    assert "title: 晶圓廠的一天\n" in run(tmp_path / "x.json", "--dry-run").stdout
