"""Podcasts, videos and Media RSS: authors, descriptions, pictures and files; links as canonical addresses."""

import json
from pathlib import Path

import pytest

from feedsvc.articles.metadata import frontmatter
from feedsvc.importing.draft import Draft, FileNote
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Person
from tests.importing.conftest import Run, articles
from tests.importing.test_feeds import atom, one, rss

NAMES = "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' xmlns:yt='http://www.youtube.com/xml/schemas/2015'"
YOUTUBE = """
<id>yt:video:abc</id><yt:videoId>abc</yt:videoId><title>A day at the fab</title>
<link rel="alternate" href="https://www.youtube.com/watch?v=abc&amp;t=1"/><author><name>晶片頻道</name></author>
<published>2026-02-10T09:00:00+00:00</published>
<media:group><media:title>A day at the fab</media:title>
<media:content url="https://www.youtube.com/v/abc?version=3" type="application/x-shockwave-flash" width="640"/>
<media:thumbnail url="https://i.example/vi/abc/hqdefault.jpg" width="480"/>
<media:description>We walk through the fab.
It is 3 &lt; 5 km long.

章節：0:00 開始</media:description></media:group>
"""


def podcast(item: str, channel: str, settings: ImportSettings) -> Draft:
    """Return the draft of the only item."""
    return one("x.rss", rss(item, channel).replace(b"<rss ", f"<rss {NAMES} ".encode()), settings)


def test_an_episode_has_its_own_author_and_summary(settings: ImportSettings) -> None:
    draft = podcast(
        "<title>Episode 1</title><itunes:author>Kim Lee</itunes:author><itunes:summary>We walk through the plant.\n"
        "Who runs it?\n\nAnd 3 &lt; 5.</itunes:summary><enclosure url='https://a.example/1.mp3' type='audio/mpeg'/>"
        "<itunes:image href='https://a.example/1.jpg'/>",
        "<itunes:author>The Station</itunes:author>",
        settings,
    )
    assert draft.authors == (Person(name="Kim Lee"),)
    assert [block.text for block in draft.blocks] == ["We walk through the plant. Who runs it?", "And 3 < 5."]
    assert draft.image is not None
    assert draft.image.url == "https://a.example/1.jpg"


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("<itunes:author>電台</itunes:author>", "電台"),
        ("<itunes:owner><itunes:name>The Owner</itunes:name></itunes:owner>", "The Owner"),
        ("<author>a@a.example (The Desk)</author><itunes:explicit>no</itunes:explicit>", "The Desk"),
        ("<author>The Desk</author>", None),
        ("<itunes:explicit>no</itunes:explicit>", None),
    ],
)
def test_the_channel_of_a_podcast_has_the_author_of_its_episodes(
    channel: str, name: str | None, settings: ImportSettings
) -> None:
    draft = podcast("<title>Episode 1</title><description>Text.</description>", channel, settings)
    assert [person.name for person in draft.authors] == ([name] if name else [])


def test_a_summary_in_html_stays_html_and_a_description_comes_first(settings: ImportSettings) -> None:
    html = "<itunes:summary>&lt;p&gt;One &lt;strong&gt;two&lt;/strong&gt;&lt;/p&gt;</itunes:summary>"
    assert podcast(f"<title>E</title>{html}", "", settings).body == "One **two**"
    assert podcast(f"<title>E</title><description>Three</description>{html}", "", settings).body == "Three"


def test_a_video_has_description_picture_and_a_link_to_it(settings: ImportSettings) -> None:
    data = atom(YOUTUBE).replace(b"<feed ", f"<feed {NAMES} xmlns:media='http://search.yahoo.com/mrss/' ".encode())
    draft = one("x.atom", data, settings)
    assert (draft.title, draft.authors) == ("A day at the fab", (Person(name="晶片頻道"),))
    assert [block.text for block in draft.blocks] == [
        "https://www.youtube.com/watch?v=abc&t=1",
        "We walk through the fab. It is 3 < 5 km long.",
        "章節：0:00 開始",
    ]
    assert "watch?v=abc&t=1" in draft.blocks[0].markdown
    assert draft.image is not None
    assert draft.image.url == "https://i.example/vi/abc/hqdefault.jpg"
    assert draft.enclosures == ()


@pytest.mark.parametrize(
    ("content", "image", "enclosure"),
    [
        ("<media:content url='https://a.example/a.jpg'/>", "https://a.example/a.jpg", None),
        ("<media:content url='https://a.example/a.png?w=3'/>", "https://a.example/a.png?w=3", None),
        ("<media:content url='https://a.example/a' type='image/webp'/>", "https://a.example/a", None),
        ("<media:content url='https://a.example/a' medium='image'/>", "https://a.example/a", None),
        ("<media:content url='https://a.example/a.mp4'/>", None, "video/mp4"),
        ("<media:content url='https://a.example/a' type='audio/mpeg'/>", None, "audio/mpeg"),
        ("<media:content url='https://a.example/a'/>", None, None),
        ("<media:content url='https://a.example/player' type='text/html' medium='video'/>", None, None),
    ],
)
def test_content_without_medium_is_what_its_type_or_name_says(
    content: str, image: str | None, enclosure: str | None, settings: ImportSettings
) -> None:
    draft = one("x.rss", rss(f"<title>T</title><description>Text.</description>{content}"), settings)
    assert (draft.image.url if draft.image else None) == image
    assert [each.type for each in draft.enclosures] == ([enclosure] if enclosure else [])


def test_so_it_is_in_atom(settings: ImportSettings) -> None:
    data = atom(
        "<id>urn:x</id><title>T</title><content>Text</content><media:content url='https://a.example/a.jpg'/>"
        "<media:content url='https://a.example/a.mp3'/>"
    ).replace(b"<feed ", b"<feed xmlns:media='http://search.yahoo.com/mrss/' ")
    draft = one("x.atom", data, settings)
    assert draft.image is not None
    assert draft.image.url == "https://a.example/a.jpg"
    assert [each.type for each in draft.enclosures] == ["audio/mpeg"]


def test_one_form_of_a_group_is_the_file(settings: ImportSettings) -> None:
    group = (
        "<title>T</title><description>Text.</description><enclosure url='https://a.example/0.mp3' type='audio/mpeg'/>"
        "<media:content url='https://a.example/0.mp3' type='audio/mpeg'/><media:group>"
        "<media:content url='https://a.example/s.mp4' fileSize='5'/>"
        "<media:content url='https://a.example/l.mp4' fileSize='9' isDefault='true'/></media:group>"
    )
    assert one("x.rss", rss(group), settings).enclosures == (
        Enclosure(url="https://a.example/0.mp3", type="audio/mpeg", length=0),
        Enclosure(url="https://a.example/l.mp4", type="video/mp4", length=9),
    )


DATE = "<pubDate>Tue, 10 Feb 2026 09:00:00 GMT</pubDate><description>GPU, wafer and semiconductor.</description>"


def canonical_of(content: Path) -> list[str | None]:
    """Return the canonical addresses of the articles."""
    return [frontmatter.parse(each.read_bytes()).fields.get("canonical") for each in articles(content)]  # type: ignore[misc]


def test_the_link_is_the_canonical_address_if_one_asks_for_it(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.rss"
    path.write_bytes(rss(f"<title>One</title><link>https://a.example/one?x=1</link>{DATE}"))
    assert run(path).exit_code == 0
    assert canonical_of(content) == [None]
    articles(content)[0].unlink()
    assert run(path, "--canonical").exit_code == 0
    assert canonical_of(content) == ["https://a.example/one?x=1"]
    assert "1 unchanged" in run(path).stderr


def test_a_link_to_this_site_is_no_canonical_address(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.rss"
    path.write_bytes(rss(f"<title>One</title><link>https://www.news.example/one</link>{DATE}"))
    assert run(path, "--canonical", "--base-url", "https://news.example").exit_code == 0
    assert canonical_of(content) == [None]


def test_so_it_is_with_json_feed(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    item = {"id": "1", "url": "https://a.example/one", "title": "One", "content_text": "GPU, wafer and semiconductor."}
    path.write_text(json.dumps({"items": [item | {"date_published": "2026-02-10T09:00:00Z"}]}))
    assert run(path, "--canonical").exit_code == 0
    assert canonical_of(content) == ["https://a.example/one"]


def test_what_an_article_has_no_field_for_is_counted(settings: ImportSettings) -> None:
    item = "<item><title>Episode {0}</title><guid>{0}</guid><description>The plant.</description>{1}</item>"
    said = "<itunes:duration>12:00</itunes:duration>"
    more = f"{said}<itunes:season>2</itunes:season><itunes:episode>3</itunes:episode>"
    feed = f"<rss {NAMES}><channel><title>T</title>{item.format(1, more)}{item.format(2, said)}</channel></rss>"
    *drafts, note = read_items("x.rss", feed.encode(), settings)
    assert [isinstance(each, Draft) and each.notes for each in drafts] == [(), ()]
    assert isinstance(note, FileNote)
    assert "duration (2 ×), episode (1 ×), season (1 ×)" in note.message
