"""What stands in content/ already: found again, left alone, and replaced by force without losing anything."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.read import read_article
from feedsvc.feeds.feed import Feed, assemble
from feedsvc.feeds.formats import FORMATS
from feedsvc.importing.settings import load_settings
from feedsvc.slices.slice import Slice
from feedsvc.storage import atomic_write
from tests.importing.conftest import OURS, Run
from tests.importing.test_round_trip import own_articles

RENDERERS: dict[str, Callable[[Feed], bytes]] = {suffix: each.render for suffix, each in FORMATS.items()}
FRONT = "title: 晶圓的一天\npublished: 2026-03-12 09:30\ntopics: [chips]\nlanguage: zh-Hant\n"
ITEM = (
    "<rss version='2.0'><channel><title>T</title><language>zh-Hant</language><item><title>晶圓的一天</title>"
    "<link>https://a.example/articles/day</link><guid isPermaLink='false'>tag:example.org,2026:day</guid>"
    "<category>晶片</category><pubDate>Thu, 12 Mar 2026 09:30:00 +0800</pubDate>"
    "<description><![CDATA[{html}]]></description></item></channel></rss>"
)
NEW = "<p>清晨，<strong>晶圓</strong>醒了。</p><h2>午後</h2><ul><li>曝光</li><li>蝕刻</li></ul>"


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """A feed with a new version of the article `day`."""
    path = tmp_path / "feed.rss"
    path.write_text(ITEM.format(html=NEW), "utf-8")
    return path


def files(content: Path) -> dict[str, bytes]:
    """Every file below a content folder."""
    return {
        each.relative_to(content).as_posix(): each.read_bytes()
        for each in sorted(content.rglob("*"))
        if each.is_file() and each.name != "site.toml"
    }


def put(content: Path, name: str, text: str | bytes) -> Path:
    """A file below articles/."""
    path = content / "articles" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


@pytest.mark.parametrize("address", ["https://example.org", "http://127.0.0.1:8123", "http://localhost:5000"])
@pytest.mark.parametrize("format_", RENDERERS)
def test_our_own_feed_over_our_own_articles_changes_nothing(
    format_: str, address: str, run: Run, content: Path, tmp_path: Path
) -> None:
    shutil.copytree(OURS / "articles", content / "articles", dirs_exist_ok=True)
    settings = load_settings(OURS, address, "http://127.0.0.1:8000")
    ours = own_articles(settings)
    (tmp_path / f"feed.{format_}").write_bytes(
        RENDERERS[format_](assemble(settings.site, Slice(), ours, updated=ours[0].updated))
    )
    before = files(content)
    for options in ((), ("--force",)):
        result = run(tmp_path / f"feed.{format_}", "--base-url", "https://example.org", *options)
        assert result.output.splitlines()[-1] == f"0 written, 0 replaced, {len(ours)} unchanged, 0 set aside"
        assert result.exit_code == 0
    assert files(content) == before


@pytest.mark.parametrize("format_", RENDERERS)
def test_our_own_feed_into_an_empty_folder_twice_changes_nothing_the_second_time(
    format_: str, run: Run, content: Path, tmp_path: Path
) -> None:
    settings = load_settings(OURS, "https://example.org", "http://127.0.0.1:8000")
    ours = own_articles(settings)
    (tmp_path / f"feed.{format_}").write_bytes(
        RENDERERS[format_](assemble(settings.site, Slice(), ours, updated=ours[0].updated))
    )
    assert run(tmp_path / f"feed.{format_}").exit_code == 0
    before = files(content)
    assert f"{len(ours)} unchanged" in run(tmp_path / f"feed.{format_}").output
    assert files(content) == before


def test_what_only_an_editor_says_is_no_difference(run: Run, content: Path, feed: Path) -> None:
    front = f"{FRONT}id: tag:example.org,2026:day\naliases: [old]\ntags: [own]\ncolour: red\n"
    put(content, "day.md", f"---\n{front}---\n清晨，**晶圓**醒了。\n\n## 午後\n\n* 曝光\n* 蝕刻\n")
    before = files(content)
    assert "1 unchanged, 0 set aside" in run(feed).output
    assert files(content) == before


@pytest.mark.parametrize("format_", RENDERERS)
def test_a_caption_above_a_text_is_in_our_own_feeds_and_no_difference(
    format_: str, run: Run, content: Path, tmp_path: Path
) -> None:
    """Content of entries begins with the picture and its caption; in the file, both are in front matter."""
    settings = load_settings(OURS, "https://example.org", "http://127.0.0.1:8000")
    image = "image: {src: 'https://a.example/a.png', caption: '夜 <b>'}\n"
    data = f"---\n{FRONT}{image}---\n清晨。\n".encode()
    parsed = read_article("articles/day.md", data, settings.site, lambda _path: None)
    made = assemble(settings.site, Slice(), [parsed.article], updated=parsed.article.updated)
    (tmp_path / f"feed.{format_}").write_bytes(RENDERERS[format_](made))
    put(content, "day.md", data)
    assert "1 unchanged" in run(tmp_path / f"feed.{format_}").output
    put(content, "day.md", data.replace("夜".encode(), "晝".encode()))
    assert "differs in text" in run(tmp_path / f"feed.{format_}").output


def test_what_differs_is_named(run: Run, content: Path, feed: Path) -> None:
    put(content, "day.md", f"---\n{FRONT.replace('一天', '一夜')}---\n另一篇。\n")
    result = run(feed)
    assert result.exit_code == 1
    assert "day.md differs in title, text, so it was left unchanged" in result.output


@pytest.mark.parametrize("fence", ["---", "+++"])
def test_force_keeps_what_the_source_does_not_say_and_the_file_as_it_was(
    fence: str, run: Run, content: Path, feed: Path
) -> None:
    own = "id: tag:example.org,2026:day\naliases: [old]\nsummary: 我寫的。\ncolour: red\n"
    front = FRONT + own
    if fence == "+++":
        front = (
            'title = "晶圓的一天"\npublished = 2026-03-12T09:30:00\ntopics = ["chips"]\nlanguage = "zh-Hant"\n'
            'id = "tag:example.org,2026:day"\naliases = ["old"]\nsummary = "我寫的。"\ncolour = "red"\n'
        )
    path = put(content, "sub/day.md", f"{fence}\n{front}{fence}\n另一篇。\n")
    before = path.read_bytes()
    result = run(feed, "--force")
    assert (result.exit_code, "1 replaced" in result.output) == (0, True)
    assert f"{path}: the former file is kept as day.md.~1~" in result.stderr
    assert sorted(files(content)) == ["articles/sub/day.md", "articles/sub/day.md.~1~"]
    assert path.with_name("day.md.~1~").read_bytes() == before
    made = frontmatter.parse(path.read_bytes())
    assert path.read_text("utf-8").startswith(f"{fence}\n")
    assert (made.fields["aliases"], made.fields["summary"], made.fields["colour"]) == (["old"], "我寫的。", "red")
    assert made.body == "\n清晨，**晶圓**醒了。\n\n## 午後\n\n- 曝光\n- 蝕刻\n"
    path.write_text(path.read_text("utf-8") + "\n補寫。\n", "utf-8")
    assert "day.md.~2~" in run(feed, "--force").output
    assert path.with_name("day.md.~1~").read_bytes() == before
    assert "1 unchanged" in run(feed, "--force").output


@pytest.mark.parametrize(("fence", "said"), [("---", "draft: true\ntoc: false"), ("+++", "draft = true\ntoc = false")])
def test_force_writes_flags_without_quotes(fence: str, said: str, run: Run, content: Path, feed: Path) -> None:
    front = FRONT
    if fence == "+++":
        front = 'title = "晶圓的一天"\npublished = "2026-03-12 09:30"\ntopics = ["chips"]\nlanguage = "zh-Hant"\n'
    path = put(content, "day.md", f"{fence}\n{front}{said}\n{fence}\n另一篇。\n")
    assert run(feed, "--force").exit_code == 0
    assert [each for each in said.split("\n") if each not in path.read_text("utf-8").split("\n")] == []


@pytest.mark.parametrize("suffix", [".html", ".htm", ".HTML"])
def test_force_writes_html_into_a_file_of_html(suffix: str, run: Run, content: Path, feed: Path) -> None:
    path = put(content, f"day{suffix}", f"---\n{FRONT}---\n<p>另一篇。</p>\n")
    assert run(feed, "--force").exit_code == 0
    body = frontmatter.parse(path.read_bytes()).body
    assert (
        READERS[".html"](body).split()
        == "".join(
            ["<p>清晨，<strong>晶圓</strong>醒了。</p>\n<h2>午後</h2>\n<ul>\n<li>曝光</li>\n<li>蝕刻</li>\n</ul>\n"]
        ).split()
    )
    assert "1 unchanged" in run(feed).output
    assert len(files(content)) == 2


def test_force_refuses_a_file_of_plain_text_and_says_what_to_do(run: Run, content: Path, feed: Path) -> None:
    path = put(content, "day.txt", f"---\n{FRONT}---\n另一篇。\n")
    before = files(content)
    result = run(feed, "--force")
    assert result.exit_code == 1
    assert "day.txt is plain text, which holds no headings, lists or links (rename it to day.md and" in result.output
    assert files(content) == before
    path.rename(path.with_suffix(".md"))
    assert run(feed, "--force").exit_code == 0


def test_force_changes_the_fields_of_plain_text_that_says_the_same(run: Run, content: Path, feed: Path) -> None:
    feed.write_text(ITEM.format(html="<p>清晨。</p><p>午後。</p>"), "utf-8")
    path = put(content, "day.txt", f"---\n{FRONT.replace('一天', '一夜')}---\n清晨。\n\n午後。\n")
    assert run(feed, "--force").exit_code == 0
    assert path.read_text("utf-8").endswith("---\n清晨。\n\n午後。\n")
    assert frontmatter.parse(path.read_bytes()).fields["title"] == "晶圓的一天"


def test_force_leaves_a_bundle_its_pictures(run: Run, content: Path, feed: Path) -> None:
    picture = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
    path = put(content, "day/index.md", f"---\n{FRONT}image: {{src: 圖 一.svg, alt: 圖}}\n---\n![圖](<圖 一.svg>)\n")
    put(content, "day/圖 一.svg", picture)
    name = "https://example.org/media/" + _media_name(picture)
    feed.write_text(ITEM.format(html=f"<p>新的<img src='{name}' alt='圖'></p>"), "utf-8")
    assert run(feed, "--force", "--base-url", "https://example.org").exit_code == 0
    made = frontmatter.parse(path.read_bytes())
    assert made.body == "\n新的![圖](%E5%9C%96%20%E4%B8%80.svg)\n"
    assert made.fields["image"] == {"src": "圖 一.svg", "alt": "圖"}
    assert sorted(files(content)) == [f"articles/day/{each}" for each in ("index.md", "index.md.~1~", "圖 一.svg")]


def _media_name(data: bytes) -> str:
    from hashlib import sha256

    return f"{sha256(data).hexdigest()[:32]}.svg"


def test_a_broken_file_in_the_place_is_kept_too(run: Run, content: Path, feed: Path) -> None:
    path = put(content, "day.md", "---\ntitle: [\n---\n一半。\n")
    assert "differs in all of it" in run(feed).output
    assert path.read_text("utf-8").endswith("一半。\n")
    assert run(feed, "--force").exit_code == 0
    assert path.with_name("day.md.~1~").read_text("utf-8").endswith("一半。\n")
    assert frontmatter.parse(path.read_bytes()).fields["title"] == "晶圓的一天"


PRIVATE = "<status xmlns=''>private</status>"


def test_what_became_public_in_the_source_stays_a_draft_and_is_named(run: Run, content: Path, feed: Path) -> None:
    """Guarantee 13: an import publishes no article that is there already, with --force neither."""
    public = feed.read_text("utf-8")
    feed.write_text(public.replace("</item>", f"{PRIVATE}</item>"), "utf-8")
    assert run(feed).exit_code == 0
    (path,) = (content / "articles").rglob("*.md")
    assert "draft: true" in path.read_text("utf-8")
    assert "stays a draft" not in run(feed).stderr
    for text in (public, public.replace("醒了", "睡了")):
        feed.write_text(text, "utf-8")
        for options in ((), ("--force",)):
            result = run(feed, "--report", content.with_name("report.json"), *options)
            said = "is a draft, and public in the source: it stays a draft (publish it there yourself)"
            assert f"#1: warning: {path} {said}" in result.stderr
            (article,) = json.loads(content.with_name("report.json").read_text("utf-8"))["articles"]
            assert article["stays_draft"] is True
            assert frontmatter.parse(path.read_bytes()).fields["draft"] == "true"
    assert "睡了" in path.read_text("utf-8")


@pytest.mark.parametrize("front", ["draft: true\ntitle: [", "draft: true\ntitle: a\ntopics: [none]"])
def test_a_broken_draft_that_force_replaces_stays_one(front: str, run: Run, content: Path, feed: Path) -> None:
    path = put(content, "day.md", f"---\n{front}\n---\n一半。\n")
    assert "it stays a draft" in run(feed, "--force").stderr
    assert frontmatter.parse(path.read_bytes()).fields["draft"] == "true"
    assert "醒了" in path.read_text("utf-8")


def test_what_is_no_longer_public_in_the_source_is_named(run: Run, content: Path, feed: Path) -> None:
    assert run(feed).exit_code == 0
    (path,) = (content / "articles").rglob("*.md")
    feed.write_text(feed.read_text("utf-8").replace("</item>", f"{PRIVATE}</item>"), "utf-8")
    result = run(feed)
    assert result.exit_code == 1
    said = "differs in draft, so it was left unchanged, and stays public although it is a draft in the source (--force"
    assert said in result.stderr
    assert "draft: true" not in path.read_text("utf-8")
    assert run(feed, "--force").exit_code == 0
    assert "\ndraft: true\n" in path.read_text("utf-8")


def test_a_draft_without_a_date_gets_one_and_is_found_again(run: Run, content: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.md"
    plan.write_text("---\ntitle: 晶圓的計畫\ndraft: true\ntopics: [chips]\n---\n台積電的晶圓廠。\n", "utf-8")
    before = datetime.now(UTC)
    result = run(plan)
    assert result.exit_code == 0
    assert "published: a draft without a date got the time of the import (correct it before" in result.stderr
    (path,) = (content / "articles").rglob("*.md")
    written = frontmatter.parse(path.read_bytes()).fields
    # The site's time zone is that of Taipei.
    substitute = str(written["published"])
    at = datetime.fromisoformat(f"{substitute}+08:00")
    assert timedelta(seconds=-60) < at - before < timedelta(minutes=30)
    path.write_text(path.read_text("utf-8").replace(substitute, "2020-01-01"), "utf-8")
    assert "0 written, 0 replaced, 1 unchanged" in run(plan).stderr
    plan.write_text(plan.read_text("utf-8").replace("晶圓廠", "工廠"), "utf-8")
    assert "differs in text, so it was left unchanged" in run(plan).stderr
    plan.write_text(plan.read_text("utf-8").replace("draft: true", "draft: false"), "utf-8")
    assert "published: no date was found" in run(plan).stderr
    assert len(files(content)) == 1


def test_a_draft_with_the_time_of_its_last_change_has_that_as_its_date(run: Run, content: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.md"
    front = "title: 晶圓的計畫\ndraft: true\ntopics: [chips]\nupdated: 2026-03-01 09:00\n"
    plan.write_text(f"---\n{front}---\n台積電的晶圓廠。\n", "utf-8")
    assert "a draft without a date got the time of its last change" in run(plan).stderr
    (path,) = (content / "articles").rglob("*.md")
    assert frontmatter.parse(path.read_bytes()).fields["published"] == "2026-03-01 09:00"


def test_topics_that_an_editor_chose_are_not_undone_by_those_proposed(run: Run, content: Path, tmp_path: Path) -> None:
    text = tmp_path / "2026-03-01-a.txt"
    text.write_text("晶圓廠的機台\n半導體的短文。\n台積電的晶圓廠。\nGPU的產能不夠。\n最後一段。\n", "utf-8")
    run(text)
    (path,) = (content / "articles").rglob("*.md")
    path.write_text(path.read_text("utf-8").replace("topics: [chips]", "topics: [cloud]"), "utf-8")
    assert "1 unchanged" in run(text).output
    assert "differs in topics" in run(text, "--topic", "chips").output


def test_a_dry_run_says_what_is_there(run: Run, content: Path, feed: Path) -> None:
    path = content / "articles" / "2026" / "03" / "day.md"
    assert f"file       {path} (new)" in run(feed, "--dry-run").stderr
    run(feed)
    assert f"file       {path} (exists, and is the same)" in run(feed, "--dry-run").stderr
    path.write_text(path.read_text("utf-8") + "\n補寫。\n", "utf-8")
    assert f"file       {path} (exists, and differs in: text)" in run(feed, "--dry-run").stderr


def test_a_file_that_came_in_between_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"a person's")
    assert atomic_write.create(path, b"ours") is False
    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (b"a person's", ["a.md"])


PROGRAM = "from feedsvc.cli.import_command import import_command; import_command()"


def test_imports_at_once_write_every_article_once(content: Path, tmp_path: Path) -> None:
    """Half of the articles are the same in all inputs, the others share a slug and have ids of their own."""
    feeds = []
    for number in range(3):
        items = "".join(
            f"<item><title>晶圓 {n}</title><guid isPermaLink='false'>urn:x:{n if n % 2 else f'{number}-{n}'}</guid>"
            f"<link>https://a.example/{n}-x</link><pubDate>Thu, 12 Mar 2026 09:30:00 +0800</pubDate>"
            "<category>chips</category><description>晶圓</description></item>"
            for n in range(60)
        )
        path = tmp_path / f"{number}.rss"
        path.write_text(f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>", "utf-8")
        feeds.append(path)
    words = [sys.executable, "-c", PROGRAM, "--content", str(content)]
    running = [subprocess.Popen([*words, str(each)], stderr=subprocess.PIPE, text=True) for each in feeds]
    said = [process.communicate(timeout=600)[1].splitlines()[-1] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0]
    ids = [frontmatter.parse(data).fields["id"] for data in files(content).values()]
    assert len(ids) == len(set(ids)) == 30 + 3 * 30
    assert sum(int(line.split()[0]) for line in said) == len(ids)
    assert all("0 replaced" in line for line in said)
