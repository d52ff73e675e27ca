"""WordPress exports: posts with all they hold."""

from pathlib import Path

import pytest

from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Draft
from feedsvc.importing.sources import read
from feedsvc.model import Enclosure, Person
from tests.importing.conftest import Run, articles

EXPORT = Path(__file__).parent / "exports" / "wordpress.xml"


@pytest.fixture
def drafts(desk: Desk) -> list[Draft]:
    """What is read of the export."""
    return list(read(str(EXPORT), EXPORT.read_bytes(), desk))


def test_posts_come_and_attachments_menus_and_the_bin_do_not(drafts: list[Draft]) -> None:
    assert [draft.title for draft in drafts] == ["晶圓廠的停電演習 & 三個教訓", "A draft about GPU clouds"]


def test_all_fields_of_a_post(drafts: list[Draft], desk: Desk) -> None:
    post = drafts[0]
    assert post.id == "https://blog.example.net/?p=42"
    assert post.slug == "晶圓廠"
    assert post.published is not None
    assert post.published.at == desk.date("2025-12-01T01:30:00Z")
    assert post.updated == desk.date("2025-12-05T01:30:00Z")
    assert post.authors == (Person(name="林書瑋"),)
    assert (post.topics, post.tags) == (("chips",), ("停電",))
    assert post.summary == "一座晶圓廠每年停一次電。"
    assert post.image is not None
    assert post.image.url == "https://blog.example.net/wp-content/gen.jpg"
    assert post.enclosures == (Enclosure(url="https://blog.example.net/a.mp3", type="audio/mpeg", length=1234),)
    assert post.language == "zh-TW"


def test_its_text_as_wordpress_would_show_it(drafts: list[Draft]) -> None:
    first, heading, second, figure, link, code, form, last = drafts[0].blocks
    assert first.markdown == "停電演習從凌晨兩點開始。\\\n值班的人先關掉照明。"
    assert (heading.markdown, heading.level) == ("## 第一個教訓", 2)
    assert "**半導體**" in second.markdown or "<strong>半導體</strong>" in second.markdown
    assert figure.markdown.startswith("<figure>")
    assert figure.text == "後院的發電機"
    assert link.text == "https://video.example.com/watch/1"
    assert code.markdown == "```\n開關一\n\n開關二\n```" or code.markdown.startswith("<pre>")
    assert "contact-form" in form.text
    assert last.text == "最後一段。"


def test_shortcodes_that_are_left_are_said(drafts: list[Draft]) -> None:
    assert drafts[0].notes == ("shortcodes stay as text: contact-form (replace them by what they showed)",)


def test_a_draft_stays_one(run: Run, content: Path) -> None:
    assert run(EXPORT).exit_code == 0
    assert [path.name for path in articles(content)] == ["晶圓廠.md", "A-draft-about-GPU-clouds.md"]
    assert "\ndraft: true\n" in articles(content)[1].read_text("utf-8")
