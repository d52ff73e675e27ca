"""Feeds as others write them."""

import json
from pathlib import Path

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.complete import propose
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_drafts, sniff
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Person
from tests.importing.conftest import Run

ATOM = "http://www.w3.org/2005/Atom"


def rss(item: str, channel: str = "") -> bytes:
    """An RSS document with one item."""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">'
        f"<channel><title>T</title>{channel}<item>{item}</item></channel></rss>"
    ).encode()


def atom(entry: str, feed: str = "") -> bytes:
    """An Atom document with one entry."""
    return f'<feed xmlns="{ATOM}" xml:lang="en"><title>T</title>{feed}<entry>{entry}</entry></feed>'.encode()


def one(name: str, data: bytes, settings: ImportSettings) -> Draft:
    """The one entry."""
    (draft,) = read_drafts(name, data, settings)
    return draft


def test_an_item_of_rss(settings: ImportSettings) -> None:
    draft = one(
        "feed.xml",
        rss(
            "<title>AT&amp;T &lt;em&gt;buys&lt;/em&gt; chips</title><link>https://a.example/2026/att-buys/</link>"
            "<guid>https://a.example/?p=7</guid><pubDate>Thu, 12 Mar 2026 09:30:00 +0800</pubDate>"
            "<author>a@b.example (Jane Doe)</author><dc:creator>Max Muster</dc:creator><category>Chips</category>"
            "<category>Phones</category><description>In short &amp;amp; sweet</description>"
            "<content:encoded><![CDATA[<p>Text <img src='/x.png'></p>]]></content:encoded>"
            '<enclosure url="/a.mp3" type="audio/mpeg" length="12"/><media:content url="/b.jpg" medium="image"/>',
            "<language>en-US</language>",
        ),
        settings,
    )
    assert draft.title == "AT&T buys chips"
    assert draft.id == "https://a.example/?p=7"
    assert draft.slug == "att-buys"
    assert draft.published is not None
    assert f"{draft.published.at:%Y-%m-%d %H:%M}" == "2026-03-12 01:30"
    assert draft.authors == (Person(name="Max Muster"), Person(name="Jane Doe"))
    assert (draft.topics, draft.tags) == (("chips",), ("Phones",))
    assert (draft.summary, draft.language) == ("In short & sweet", "en-US")
    assert draft.body == "Text ![](https://a.example/x.png)"
    assert draft.enclosures == (Enclosure(url="https://a.example/a.mp3", type="audio/mpeg", length=12),)
    assert draft.image is not None
    assert draft.image.url == "https://a.example/b.jpg"


def test_an_item_with_a_description_alone(settings: ImportSettings) -> None:
    draft = one(
        "x.rss", rss("<description>&lt;p&gt;A short note.&lt;/p&gt;</description><guid>urn:x:1</guid>"), settings
    )
    assert (draft.title, draft.summary, draft.body) == ("A short note", "", "A short note.")


def test_rss_1(settings: ImportSettings) -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/"><title>T</title></channel>'
        '<item rdf:about="https://a.example/one"><title>半導体の話</title><link>https://a.example/one</link>'
        "<description>短い話</description><dc:date>2026-03-12T09:30:00+09:00</dc:date></item></rdf:RDF>"
    )
    draft = one("x.rdf", document.encode(), settings)
    assert (draft.title, draft.id, draft.body) == ("半導体の話", "https://a.example/one", "短い話")
    assert draft.published is not None


def test_an_entry_of_atom(settings: ImportSettings) -> None:
    draft = one(
        "feed.atom",
        atom(
            '<id>urn:x:1</id><title type="html">A &amp;lt;b&amp;gt; c</title><link href="https://a.example/one"/>'
            '<link rel="enclosure" href="https://a.example/a.mp3" type="audio/mpeg" length="7"/>'
            "<published>2026-03-12T00:00:00Z</published><updated>2026-03-13T00:00:00Z</updated>"
            "<author><name>Jane</name><uri>https://a.example/j</uri><email>j@a.example</email></author>"
            '<category term="cloud"/><category term="x" label="Phones"/><summary>Short</summary>'
            '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One <b>two</b> &amp; three</p></div>'
            "</content>"
        ),
        settings,
    )
    assert draft.title == "A <b> c"
    assert draft.authors == (Person(name="Jane", uri="https://a.example/j", email="j@a.example"),)
    assert (draft.topics, draft.tags, draft.summary) == (("cloud",), ("Phones",), "Short")
    assert "One <b>two</b> &amp; three" in draft.body or "One **two** & three" in draft.body
    assert draft.enclosures[0].length == 7
    assert draft.updated is not None


def test_the_feeds_author_stands_in_and_updated_for_published(settings: ImportSettings) -> None:
    entry = (
        "<id>urn:x:1</id><title>T</title><updated>2026-03-13T00:00:00Z</updated><content>plain &lt;text&gt;</content>"
    )
    draft = one("x.atom", atom(entry, "<author><name>Desk</name></author>"), settings)
    assert draft.authors == (Person(name="Desk"),)
    assert draft.published is not None
    assert draft.blocks[0].text == "plain <text>"


def test_an_item_of_json_feed(settings: ImportSettings) -> None:
    item = {
        "id": 7,
        "url": "https://a.example/one",
        "content_text": "One & two\n\nThree",
        "date_published": "2026-03-12T00:00:00Z",
        "tags": ["Cloud", "x"],
        "author": {"name": "Jane"},
        "attachments": [{"url": "https://a.example/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 9}],
    }
    draft = one("x.json", json.dumps({"version": "1", "language": "en", "items": [item]}).encode(), settings)
    assert draft.title == "One & two"
    assert [block.text for block in draft.blocks] == ["One & two", "Three"]
    assert (draft.topics, draft.tags, draft.authors) == (("cloud",), ("x",), (Person(name="Jane"),))
    assert draft.enclosures[0].length == 9
    assert draft.id == "7"


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("x.xml", b"<rss><channel>", "not well-formed XML"),
        ("x.xml", b"<svg/>", "a document of <svg> is not a feed"),
        ("x.xml", b"<opml version='2.0'><body/></opml>", "an OPML list holds no articles"),
        ("x.json", b"{", "not JSON"),
        ("x.json", b"[]", "not a JSON Feed"),
        ("x.json", b'{"items": 1}', "not a JSON Feed"),
        ("x.json", b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_feed_is_refused(name: str, data: bytes, message: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match=message):
        list(read_drafts(name, data, settings))


def test_entities_reach_nothing(settings: ImportSettings, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    document = (
        f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}"><!ENTITY y "{"z" * 100}">]>'
        "<rss version='2.0'><channel><item><title>a &x; &y;</title><description>b</description></item></channel></rss>"
    )
    assert "secret" not in one("x.rss", document.encode(), settings).title


@pytest.mark.parametrize(
    ("link", "slug"),
    [
        ("https://a.example/2026/03/title-of-it.html", "title-of-it"),
        ("https://a.example/%E6%99%B6%E7%89%87/", "晶片"),
        ("https://a.example/index.php", None),
        ("https://a.example/12345", None),
        ("https://a.example/?p=5", None),
    ],
)
def test_the_slug_is_the_addresses_last_word(link: str, slug: str | None, settings: ImportSettings) -> None:
    assert one("x.rss", rss(f"<title>T</title><link>{link}</link><description>x</description>"), settings).slug == slug


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\xef\xbb\xbf<!DOCTYPE html><html>", "html"),
        (b"  <?xml version='1.0'?>", "xml"),
        (b'{"version": ', "json"),
        (b"---\ntitle: x\n---\n", "markdown"),
        (b"# Title\n", "markdown"),
        ("標題\n導言".encode(), "text"),
        (b"", "text"),
    ],
)
def test_what_has_no_suffix_is_known_by_its_beginning(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


def test_rss_0_91_with_its_doctype_and_a_link_that_is_relative(settings: ImportSettings) -> None:
    document = (
        '<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
        ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>T</title>'
        "<link>https://a.example/</link><language>en-us</language><item><title>Caf\u00e9</title><link>/a/one.html</link>"
        '<description>&lt;p&gt;A picture &lt;img src="i.png" alt="x"&gt;&lt;/p&gt;</description></item></channel></rss>'
    )
    draft = one("x.xml", document.encode("latin-1"), settings)
    assert (draft.title, draft.id, draft.slug) == ("Café", "https://a.example/a/one.html", "one")
    assert draft.body == "A picture ![x](https://a.example/a/i.png)"


def test_rss_0_90(settings: ImportSettings) -> None:
    document = (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://my.netscape.com/rdf/simple/0.9/">'
        "<channel><title>T</title></channel><item><title>Old</title><link>https://a.example/one</link></item></rdf:RDF>"
    )
    assert one("x.rdf", document.encode(), settings).title == "Old"


def test_xml_base_of_feed_entry_and_content(settings: ImportSettings) -> None:
    document = (
        f'<feed xmlns="{ATOM}" xml:base="https://a.example/"><entry xml:base="blog/"><title>T</title><link href="one"/>'
        '<id>urn:x:1</id><updated>2026-03-12T00:00:00Z</updated><content type="html" xml:base="img/">'
        '&lt;img src="a.png" alt="x"&gt;</content></entry></feed>'
    )
    draft = one("x.atom", document.encode(), settings)
    assert (draft.slug, draft.body) == ("one", "![x](https://a.example/blog/img/a.png)")


def test_the_div_around_xhtml_is_no_part_of_it(settings: ImportSettings) -> None:
    content = (
        '<title>T</title><id>urn:x:1</id><updated>2026-03-12T00:00:00Z</updated><content type="xhtml"><h:div '
        'xmlns:h="http://www.w3.org/1999/xhtml">半導體 <h:strong>x</h:strong> &amp; y<h:ul><h:li>a</h:li></h:ul>z'
        "</h:div></content>"
    )
    assert one("x.atom", atom(content), settings).body == "半導體 **x** & y\n\n- a\n\nz"


@pytest.mark.parametrize(
    ("date", "utc"),
    [("EST", "14:30"), ("PDT", "16:30"), ("CST", "15:30"), ("UT", "09:30"), ("GMT", "09:30"), ("+0800", "01:30")],
)
def test_zones_of_rfc_822(date: str, utc: str, settings: ImportSettings) -> None:
    draft = one(
        "x.rss",
        rss(f"<title>T</title><guid>urn:x:1</guid><pubDate>Thu, 12 Mar 2026 09:30:00 {date}</pubDate>"),
        settings,
    )
    assert draft.published is not None
    assert f"{draft.published.at:%H:%M}" == utc


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("big5", "半導體晶片"),
        ("gb18030", "半导体芯片"),
        ("shift_jis", "半導体チップ"),
        ("euc-kr", "반도체 칩"),
        ("utf-16", "半導體"),
    ],
)
def test_feeds_in_other_encodings_declared_or_named(encoding: str, text: str, settings: ImportSettings) -> None:
    item = f'<rss version="2.0"><channel><item><title>{text}</title><guid>urn:x:1</guid></item></channel></rss>'
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{item}'
    assert one("x.xml", declared.encode(encoding), settings).title == text
    (draft,) = read_drafts("x.xml", item.encode(encoding), settings, encoding)
    assert draft.title == text


def test_a_language_of_the_whole_feed_is_believed_where_the_text_agrees(settings: ImportSettings) -> None:
    text = "台積電的晶圓廠有許多機台，每一台都要人顧。"
    item = f"<title>晶圓廠的機台</title><guid>urn:x:1</guid><description>{text}</description>"
    draft = one("x.rss", rss(item, "<language>en-US</language>"), settings)
    assert propose(draft, settings).language == "zh-Hant"
    assert propose(one("x.rss", rss(item, "<language>zh-TW</language>"), settings), settings).language == "zh-TW"


def test_relative_pictures_of_an_entry_without_address_are_said(settings: ImportSettings) -> None:
    draft = one(
        "x.rss", rss('<title>T</title><guid>urn:x:1</guid><description>&lt;img src="a.png"&gt;</description>'), settings
    )
    assert draft.notes == (
        "left out: relative images and links, since the entry has no address (write whole ones into it)",
    )


def test_a_feed_without_entries_is_said_to_be_empty(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.rss"
    path.write_text("<rss version='2.0'><channel><title>T</title></channel></rss>", "utf-8")
    result = run(path)
    assert (result.exit_code, "x.rss: holds no articles (leave it out)" in result.output) == (1, True)


FEED_LINES = (
    "Subscribe now",
    "Thanks for reading Wafer Weekly! Subscribe for free to receive new posts and support my work.",
    "The post <a href='https://a.example/1'>Wafers</a> appeared first on <a href='https://a.example'>Notes</a>.",
    "<a href='https://a.example/1'>閱讀全文</a>",
)


@pytest.mark.parametrize("line", FEED_LINES)
def test_what_a_feed_puts_around_a_text_is_cut(line: str, settings: ImportSettings) -> None:
    html = f"<p>One.</p><p>{line}</p><p>Two.</p>"
    draft = one(
        "x.rss", rss(f"<title>T</title><guid>urn:x:1</guid><description><![CDATA[{html}]]></description>"), settings
    )
    assert draft.body == "One.\n\nTwo."
    assert [cut.kind for cut in draft.cuts] == ["feed"]


@pytest.mark.parametrize("line", FEED_LINES)
def test_our_own_feeds_keep_every_line(line: str, settings: ImportSettings) -> None:
    html = f"<p>One.</p><p>{line}</p>"
    item = (
        f"<title>T</title><guid>tag:{settings.site.tag_authority}:1</guid><description><![CDATA[{html}]]></description>"
    )
    draft = one("x.rss", rss(item), settings)
    assert (len(draft.blocks), draft.cuts) == (2, ())


def test_what_was_cut_is_counted(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "x.rss"
    path.write_bytes(rss(f"<title>T</title><description><![CDATA[<p>GPU</p><p>{FEED_LINES[0]}</p>]]></description>"))
    assert "cut: 1 × lines that feeds add to a text, such as “Read more” (see --dry-run)" in run(path).stderr


def test_an_enclosure_that_is_a_picture_is_the_article_s(settings: ImportSettings) -> None:
    enclosures = "".join(f'<enclosure url="https://a.example/{n}.jpg" type="image/jpeg" length="0"/>' for n in (1, 2))
    draft = one("x.rss", rss(f"<title>T</title><guid>urn:x:1</guid>{enclosures}"), settings)
    assert draft.image is not None
    assert draft.image.url == "https://a.example/1.jpg"
    assert [each.url for each in draft.enclosures] == ["https://a.example/2.jpg"]


@pytest.mark.parametrize(
    ("html", "body"),
    [
        ("<div>一。<br /><br />二。</div><div>三。</div>", "一。\n\n二。\n\n三。"),
        ("<div><div>一。</div><p>二。</p></div>", "一。\n\n二。"),
        ("<p>一。</p><a name='more'></a>", "一。"),
        (
            "<figure class='wp-block-embed'><div>\nhttps://v.example/watch?v=a&amp;b=c\n</div></figure>",
            "<https://v.example/watch?v=a&b=c>",
        ),
    ],
)
def test_lines_and_embeds_of_other_programs(html: str, body: str, settings: ImportSettings) -> None:
    item = f"<title>T</title><guid>urn:x:1</guid><description><![CDATA[{html}]]></description>"
    assert one("x.rss", rss(item), settings).body == body


@pytest.mark.parametrize(
    ("text", "title", "body"),
    [
        ("晶圓廠停電了。三個教訓在此。", "晶圓廠停電了", "三個教訓在此。"),
        ("Wafers are short.\n\nWe ask why.", "Wafers are short", "We ask why."),
        ("Wafers are short.", "Wafers are short", "Wafers are short."),
        ("Version 2.0 is out! Get it.", "Version 2.0 is out!", "Get it."),
        ("لماذا؟ لأن.", "لماذا؟", "لأن."),
    ],
)
def test_an_item_without_a_title_is_called_by_its_first_sentence(
    text: str, title: str, body: str, settings: ImportSettings
) -> None:
    item = {"id": "urn:x:1", "content_text": text}
    draft = one("x.json", json.dumps({"items": [item]}).encode(), settings)
    assert (draft.title, draft.body) == (title, body)


@pytest.mark.parametrize("link", ["https://[", "https://[]/a", "https://[^1]/a", "https://a.example:x/a"])
def test_an_invalid_address_does_not_cost_the_entry(link: str, settings: ImportSettings) -> None:
    item = f"<title>T</title><guid>{link}</guid><link>{link}</link><description>Text.</description>"
    assert one("x.rss", rss(item), settings).title == "T"
    entry = f"<id>{link}</id><title>T</title><link href='{link}'/><content>Text</content>"
    assert one("x.atom", atom(entry), settings).title == "T"
    items = [{"id": link, "url": link, "title": "T", "content_text": "Text."}]
    assert one("x.json", json.dumps({"items": items}).encode(), settings).title == "T"


@pytest.mark.parametrize("name", ["up:", "x:00", "00:00Z", "a:b:c", "media:"])
def test_an_invalid_name_of_an_element_does_not_cost_the_entry(name: str, settings: ImportSettings) -> None:
    document = rss(f"<title>T</title><description>Text.</description><{name}>x</{name}>")
    assert one("x.rss", document, settings).title == "T"


@pytest.mark.parametrize("number", ["#xD800", "#55296", "#x0", "#1", "#x110000", "#9999999"])
def test_a_number_that_is_no_character_is_replaced(number: str, settings: ImportSettings) -> None:
    draft = one("x.rss", rss(f"<title>T</title><description>One &{number}; &#20108; &#x4E09;</description>"), settings)
    assert (draft.body, draft.is_draft) == ("One \ufffd 二 三", False)


def test_an_invalid_address_of_a_file_does_not_cost_the_entry(settings: ImportSettings) -> None:
    content = "<title>T</title><description>Text.</description><media:content url='https://[^1]/a.jpg'/>"
    draft = one("x.rss", rss(content), settings)
    assert (draft.title, draft.image, draft.enclosures) == ("T", None, ())


def test_an_item_without_a_link_does_not_take_that_of_its_feed(settings: ImportSettings) -> None:
    item = "<title>Episode 1</title><guid isPermaLink='false'>ep-1</guid><description>Text.</description>"
    draft = one("x.rss", rss(item, "<link>https://pod.example/show</link>"), settings)
    assert draft.old_addresses == ()
    assert draft.link is None
    assert draft.slug is None
