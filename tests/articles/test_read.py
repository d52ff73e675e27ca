"""A file becomes an Article, or everything that is wrong with it is said at once."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.articles.assets import Asset, media_type_of
from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.visibility import unread_folder
from feedsvc.articles.read import Parsed, first_paragraph, read_article
from feedsvc.articles.read_fields import slug_of_path
from feedsvc.errors import ArticleError, Finding
from feedsvc.model import Enclosure, Image, Localized, Person, SafeHTML, Site, Topic
from feedsvc.text import xml_legal

SITE = Site(
    title=Localized({"en": "Weekly"}),
    subtitle=Localized({"en": ""}),
    base_url="https://example.org",
    tag_authority="example.org,2026",
    language="en",
    timezone="Asia/Taipei",
    authors=(Person(name="Desk"),),
    topics=tuple(
        Topic(name=name, title=Localized({"en": name}), description=Localized({"en": ""}))
        for name in ("chips", "geopolitics", "cloud")
    ),
    established=datetime(2026, 1, 1, tzinfo=UTC),
)
FILES = {
    "articles/a.png": Asset(name="1-a.png", type="image/png", length=10),
    "articles/晶 片.png": Asset(name="2.png", type="image/png", length=20),
    "sound/s.mp3": Asset(name="3.mp3", type="audio/mpeg", length=30),
}
REQUIRED = "title: T\npublished: 2026-03-01 09:30\ntopics: [chips]\n"
FORBIDDEN = "holds characters that XML forbids (they are dropped)"
MEDIA = "https://example.org/media"
NEITHER = "is neither a file beside the article nor a web address (check the name, or write https://…)"


def read(front: str = "", body: str = "Text.", path: str = "articles/a.md", required: str = REQUIRED) -> Parsed:
    return read_article(path, f"---\n{required}{front}\n---\n{body}\n".encode(), SITE, FILES.get)


def errors(read_it: Callable[[], Parsed]) -> list[tuple[int, str, str]]:
    with pytest.raises(ArticleError) as caught:
        read_it()
    return [(each.line, each.field, each.message) for each in caught.value.findings if each.severity == "error"]


def warned(parsed: Parsed) -> list[tuple[int, str, str]]:
    return [(each.line, each.field, each.message) for each in parsed.warnings]


def test_the_least_an_article_needs() -> None:
    parsed = read()
    article = parsed.article
    assert (article.id, article.slug, article.title) == ("tag:example.org,2026:a", "a", "T")
    assert article.published == article.updated == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    assert (article.language, article.topics, article.authors) == ("en", ("chips",), (Person(name="Desk"),))
    assert (article.summary, article.content) == ("Text.", "<p>Text.</p>")
    assert (article.tags, article.image, article.enclosures, article.canonical) == ((), None, (), None)
    assert (article.translation_of, article.aliases, article.media) == (None, (), ())
    assert (parsed.draft, parsed.warnings, parsed.assets, parsed.asked) == (False, (), (), {})


def test_everything_an_article_can_hold() -> None:
    parsed = read(
        "updated: 2026-03-02\nslug: 晶片\nid: urn:x:1\nlanguage: zh_hant\nsummary: S\nauthors: [A, {name: B}]\n"
        "tags: [x, y]\nimage: {src: a.png, alt: 圖, caption: 晶片 <b>}\nenclosure: [../sound/s.mp3, "
        "{url: https://e.org/v.mp4, length: 5}]\n"
        "canonical: https://e.org/晶\ntranslation_of: chips-en\naliases: [/articles/old, 晶片]\ndraft: yes"
    )
    article = parsed.article
    assert (article.id, article.slug, article.language, article.summary) == ("urn:x:1", "晶片", "zh-Hant", "S")
    assert article.updated == datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
    assert (article.authors, article.tags) == ((Person(name="A"), Person(name="B")), ("x", "y"))
    assert article.image == Image(url=f"{MEDIA}/1-a.png", alt="圖", caption="晶片 <b>", type="image/png", length=10)
    assert article.enclosures == (
        Enclosure(url=f"{MEDIA}/3.mp3", type="audio/mpeg", length=30, title="s.mp3"),
        Enclosure(url="https://e.org/v.mp4", type="video/mp4", length=5),
    )
    assert (article.canonical, article.translation_of, article.aliases) == (
        "https://e.org/%E6%99%B6",
        "chips-en",
        ("old",),
    )
    assert (parsed.draft, parsed.warnings) == (True, ())
    assert article.media == ("1-a.png", "3.mp3")
    assert parsed.assets == (FILES["articles/a.png"], FILES["sound/s.mp3"])
    assert parsed.asked == {"articles/a.png": "1-a.png", "sound/s.mp3": "3.mp3"}


@pytest.mark.parametrize(
    ("path", "slug"),
    [
        ("articles/a.md", "a"),
        ("articles/2026/03/晶片.html", "晶片"),
        ("articles/bundle/index.md", "bundle"),
        ("articles/bundle/index.html", "bundle"),
        ("articles/Ein Titel.txt", "Ein-Titel"),
        ("articles/e\u0301.md", "é"),
        ("articles/v1.2.md", "v1.2"),
    ],
)
def test_the_slug_is_the_name_of_the_file_or_bundle(path: str, slug: str) -> None:
    assert slug_of_path(path) == slug
    assert read(path=path).article.slug == slug


@pytest.mark.parametrize(
    ("front", "id_"),
    [
        pytest.param("", "tag:example.org,2026:a", id="by the slug"),
        pytest.param("slug: 晶片", "tag:example.org,2026:%E6%99%B6%E7%89%87", id="percent-encoded NFC"),
        pytest.param("slug: b\naliases: [first, second]", "tag:example.org,2026:first", id="by the first alias"),
        pytest.param("aliases: [a, b]", "tag:example.org,2026:b", id="the slug is no alias of itself"),
        pytest.param("id: urn:x:1\naliases: [b]", "urn:x:1", id="by itself"),
    ],
)
def test_an_id_is_for_ever(front: str, id_: str) -> None:
    assert read(front).article.id == id_


@pytest.mark.parametrize(
    ("path", "body", "content"),
    [
        ("a.md", "*a*", "<p><em>a</em></p>"),
        ("a.MARKDOWN", "*a*", "<p><em>a</em></p>"),
        ("a.html", "<p>a</p>", "<p>a</p>"),
        ("a.htm", "<html><body><p>a</p></body></html>", "<p>a</p>"),
        ("a.txt", "a\nhttps://e.org/x", '<p>a<br>\n<a href="https://e.org/x" rel="noopener">https://e.org/x</a></p>'),
        ("a.md", "[a](b)", '<p><a href="https://example.org/articles/b" rel="noopener">a</a></p>'),
        ("a.md", "<script>x</script>\n\na", "<p>a</p>"),
    ],
)
def test_the_suffix_picks_the_reader_and_the_sanitizer_has_the_last_word(path: str, body: str, content: str) -> None:
    assert read(body=body, path=path).article.content == content


def test_front_matter_may_be_toml() -> None:
    data = b"+++\ntitle = 'T'\npublished = 2026-03-01T09:30:00\ntopics = ['chips']\n[image]\nsrc = 'a.png'\n+++\na"
    article = read_article("articles/a.md", data, SITE, FILES.get).article
    assert (article.title, article.image) == ("T", Image(url=f"{MEDIA}/1-a.png", type="image/png", length=10))


def test_topics_come_in_the_order_of_the_site() -> None:
    assert read(required=REQUIRED.replace("[chips]", "cloud, chips")).article.topics == ("chips", "cloud")


@pytest.mark.parametrize(
    ("required", "found"),
    [
        (
            "tags: [a]\n",
            [
                (0, "title", "is missing (add 'title: …' to the front matter)"),
                (0, "published", "is missing (add 'published: …' to the front matter)"),
                (0, "topics", "is missing (add 'topics: …' to the front matter)"),
            ],
        ),
        (
            "title:\npublished: ~\ntopics: []\n",
            [
                (2, "title", "is empty (write something)"),
                (3, "published", "is empty (write something)"),
                (4, "topics", "is empty (name at least one of: chips, geopolitics, cloud)"),
            ],
        ),
        (
            'title: "\\u200B\\u202E"\npublished: 2026-03-01\ntopics: chips\n',
            [(2, "title", "is empty (write something)")],
        ),
        (
            "title: [a]\npublished: 2026-03-01\ntopics: chips\n",
            [(2, "title", "must be one text, not a list or table (quote it)")],
        ),
        (
            "title: T\npublished: 2026-03-01\ntopics: [chip]\n",
            [(4, "topics", "unknown topic 'chip' (did you mean 'chips'?)")],
        ),
        (
            "title: T\npublished: 2026-03-01\ntopics: [x]\n",
            [(4, "topics", "unknown topic 'x' (known: chips, geopolitics, cloud)")],
        ),
        (
            "title: T\npublished: soon\ntopics: {a: b}\n",
            [
                (3, "published", "'soon' names no year of four digits (write 2026-03-01 or 2026-03-01 09:30)"),
                (4, "topics", "must be a list (write [one, two])"),
            ],
        ),
    ],
)
def test_all_that_is_wrong_is_said_at_once(required: str, found: list[tuple[int, str, str]]) -> None:
    assert errors(lambda: read(required=required)) == found


@pytest.mark.parametrize(
    ("front", "field", "message"),
    [
        ("slug: a b", "slug", "'a b' cannot be an address (write 'a-b')"),
        ("id: a b", "id", "'a b' has a space in it (write urn:uuid:…, tag:… or https://…)"),
        (
            "enclosure: [" + "a.mp3, " * 101 + "]",
            "enclosure",
            "names more than 100 files (link some of them in the text)",
        ),
        (
            "language: en" + "-abcdefg" * 100,
            "language",
            "'en-abcdefg-abcdefg-a'… is longer than 64 characters (write en, zh-Hant, ja, …)",
        ),
        ("language: klingonese", "language", "'klingonese' is not a language tag (write en, zh-Hant, ja, …)"),
        ("draft: perhaps", "draft", "'perhaps' does not say whether this is for the public (write true or false)"),
        ("canonical: e.org", "canonical", "'e.org' is not a web address (write https://…)"),
        ("image: b.png", "image", f"'b.png' {NEITHER}"),
        ("image: {alt: x}", "image", "an image needs a file or web address (write {src: …, alt: …})"),
        ("image: [a.png]", "image", "must be a table with src, alt, caption"),
        ("image: {scr: a.png}", "image", "unknown key 'scr' (did you mean 'src'?)"),
        (
            "image: ../../a.png",
            "image",
            "'../../a.png' leads out of the content folder (put the file beside the article)",
        ),
        ("image: 'https://[::1'", "image", f"'https://[::1' {NEITHER}"),
        ("image: '%00.png'", "image", f"'%00.png' {NEITHER}"),
        (
            "enclosure: {type: audio/mpeg}",
            "enclosure",
            "an enclosure needs a file or web address (write {file: …} or {url: …})",
        ),
        ("enclosure: javascript:x", "enclosure", f"'javascript:x' {NEITHER}"),
        (
            "enclosure: https://e.org/x",
            "enclosure",
            "the type of https://e.org/x is not known (add type: audio/mpeg, …)",
        ),
        (
            "enclosure: {url: https://e.org/x, type: mp3}",
            "enclosure",
            "'mp3' is not a media type (write audio/mpeg, video/mp4, …)",
        ),
        ("enclosure: [[a]]", "enclosure", "must be a table with url, file, type, length, title"),
    ],
)
def test_a_wrong_value_is_set_aside_with_its_line(front: str, field: str, message: str) -> None:
    assert errors(lambda: read(front)) == [(5, field, message)]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("articles/!!!.md", (0, "slug", "no slug can be made of '!!!' (write slug: with letters or digits)")),
        ("index.md", (0, "slug", "no slug can be made of '' (write slug: with letters or digits)")),
    ],
)
def test_a_name_that_makes_no_slug(path: str, found: tuple[int, str, str]) -> None:
    assert errors(lambda: read(path=path)) == [found]
    assert read("slug: b", path=path).article.slug == "b"


def test_a_file_past_the_size_limit_is_refused_before_anything_reads_it() -> None:
    with pytest.raises(ArticleError, match="too many bytes, the limit is 2,097,152"):
        read_article("a.md", b"\xff" * (2 * 1024 * 1024 + 1), SITE, FILES.get)


@pytest.mark.parametrize(
    ("front", "found"),
    [
        ("titel: x", (5, "titel", "unknown field (did you mean 'title'?)")),
        (
            "layout: x",
            (5, "layout", "unknown field (a setting of another system, which means nothing here: remove it)"),
        ),
        ("Summary: x", (5, "Summary", "unknown field (did you mean 'summary'?)")),
        ("updated: 2026-02-01", (5, "updated", "is before published (the later of the two is used)")),
        ("summary: C # is", (5, "summary", "everything behind ' #' is a comment (put the summary in quotes)")),
        ("disclosure: a # b", (5, "disclosure", "everything behind ' #' is a comment (put the disclosure in quotes)")),
        ("summary: a\x07b", (5, "", FORBIDDEN)),
        ('summary: "a\\x07b"', (5, "summary", FORBIDDEN)),
        ('tags: [a, "b\\x07"]', (5, "tags", FORBIDDEN)),
        ('authors: {name: "b\\x07"}', (5, "authors", FORBIDDEN)),
    ],
)
def test_what_is_odd_is_a_warning(front: str, found: tuple[int, str, str]) -> None:
    parsed = read(front)
    assert warned(parsed) == [found]
    assert parsed.article.updated == parsed.article.published
    assert "\x07" not in str(parsed.article)


def test_a_comment_behind_another_field_is_meant() -> None:
    assert warned(read("tags: a # b")) == []


def test_characters_that_xml_forbids_are_dropped_from_the_body_and_noted() -> None:
    parsed = read(body="a\nb\x00c\n\ufffe")
    assert (parsed.article.content, warned(parsed)) == ("<p>a\nbc</p>", [(8, "", FORBIDDEN)])


@pytest.mark.parametrize(
    ("body", "content"),
    [
        ("![x](a.png)", f'<p><img src="{MEDIA}/1-a.png" alt="x"></p>'),
        ("![x](./a.png?v=1#f)", f'<p><img src="{MEDIA}/1-a.png" alt="x"></p>'),
        ("![x](<晶 片.png>)", f'<p><img src="{MEDIA}/2.png" alt="x"></p>'),
        ("![x](%E6%99%B6%20%E7%89%87.png)", f'<p><img src="{MEDIA}/2.png" alt="x"></p>'),
        ("[x](../sound/s.mp3)", f'<p><a href="{MEDIA}/3.mp3" rel="noopener">x</a></p>'),
    ],
)
def test_a_file_beside_the_article_is_served_and_linked(body: str, content: str) -> None:
    parsed = read(body=body)
    assert (parsed.article.content, parsed.warnings) == (content, ())
    assert parsed.article.media == tuple(asset.name for asset in parsed.assets)
    assert len(parsed.assets) == 1


def test_a_file_that_is_not_there_is_a_warning_and_asked_for() -> None:
    parsed = read(body="![x](b.png) ![y](https://e.org/c.png) [z](other) [w](#f) [v](/d.png) [u](\\\\e.org)")
    assert warned(parsed) == [
        (7, "", "no file 'b.png' beside the article that can be served (check its name)"),
        (7, "", "links to '#f' in 'a', where nothing has that id (give the heading or element meant that id)"),
    ]
    assert parsed.asked == {"articles/b.png": None, "articles/other": None}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("articles/a.html", "<p>1 > 0 <img alt='a > b' src=%E5%9C%96> <a href=other>z</a> <img src='https://e.org/c'>"),
        ("articles/a.md", "![a](圖) [z](other)"),
    ],
)
def test_a_picture_of_a_name_without_a_suffix_is_no_page(path: str, body: str) -> None:
    """A link of such a name may lead to another article."""
    parsed = read(body=body, path=path)
    assert warned(parsed) == [(7, "", "no file '圖' beside the article that can be served (check its name)")]


def test_a_misspelt_file_is_named_as_people_write_it_with_the_nearest_there_is() -> None:
    folders = {"articles": ["圖一.png", "a.png"], "articles/圖": ["晶圓廠.png"], "sound": ["s.mp3"]}

    def warnings(body: str, front: str = "") -> list[str]:
        data = f"---\n{REQUIRED}{front}\n---\n{body}\n".encode()
        found = read_article("articles/x.md", data, SITE, FILES.get, lambda folder: folders.get(folder, ()))
        return [message for _, _, message in warned(found)]

    start = "beside the article that can be served"
    assert warnings("![x](圖二.png)") == [f"no file '圖二.png' {start} (did you mean '圖一.png'?)"]
    assert warnings("![x](%E5%9C%96%E4%BA%8C.png)") == [f"no file '圖二.png' {start} (did you mean '圖一.png'?)"]
    assert warnings("![x](圖/晶園廠.png)") == [f"no file '圖/晶園廠.png' {start} (did you mean '圖/晶圓廠.png'?)"]
    assert warnings("![x](圖/圖二.png)") == [f"no file '圖/圖二.png' {start} (did you mean '圖一.png'?)"]
    assert warnings("![x](../sound/t.mp3)") == [f"no file '../sound/t.mp3' {start} (did you mean '../sound/s.mp3'?)"]
    assert warnings("![x](照片.webp)") == [f"no file '照片.webp' {start} (check its name)"]
    with pytest.raises(ArticleError, match=r"'圖二.png' is neither .* \(did you mean '圖一.png'\?\)"):
        warnings("", "image: 圖二.png")


def test_a_link_out_of_the_content_folder_sets_the_article_aside() -> None:
    message = "'../../x.png' leads out of the content folder (put the file beside the article)"
    assert errors(lambda: read(body="![x](../../x.png)")) == [(7, "", message)]
    assert errors(lambda: read(body="![x](..%2F..)")) == [(7, "", message.replace("../../x.png", "..%2F.."))]


@pytest.mark.parametrize(
    ("image", "url", "type_"),
    [
        ("https://e.org/晶.jpg", "https://e.org/%E6%99%B6.jpg", "image/jpeg"),
        ("https://e.org/a", "https://e.org/a", None),
        ("/static/a.svg", "https://example.org/static/a.svg", "image/svg+xml"),
    ],
)
def test_an_image_may_be_elsewhere(image: str, url: str, type_: str | None) -> None:
    assert read(f"image: {image}").article.image == Image(url=url, type=type_)


def test_an_enclosure_may_say_what_cannot_be_found_out() -> None:
    parsed = read("enclosure: {url: https://e.org/x, type: Audio/MPEG, length: 012}")
    assert parsed.article.enclosures == (Enclosure(url="https://e.org/x", type="audio/mpeg", length=12),)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("type: audio/mpeg, length: 30", []),
        ("type: video/mp4", ["says that the type of '../sound/s.mp3' is video/mp4, but it is audio/mpeg (remove type"]),
        ("length: 31", ["says that the length of '../sound/s.mp3' is 31, but it is 30 (remove length"]),
    ],
)
def test_what_is_measured_of_an_own_file_counts(fields: str, said: list[str]) -> None:
    """A reader that is told another type than is served shows no player, or the wrong one."""
    parsed = read(f"enclosure: {{file: ../sound/s.mp3, {fields}}}")
    (file,) = parsed.article.enclosures
    assert (file.type, file.length) == ("audio/mpeg", 30)
    assert [each.message.partition(":")[0] for each in parsed.warnings] == said
    assert all(each.field == "enclosure" and each.line for each in parsed.warnings)


def test_players_in_the_text_are_enclosures_too() -> None:
    parsed = read(
        "enclosure: {file: ../sound/s.mp3}", "<video src=https://e.org/v.mp4></video>", path="articles/a.html"
    )
    assert [each.url for each in parsed.article.enclosures] == [f"{MEDIA}/3.mp3", "https://e.org/v.mp4"]


@pytest.mark.parametrize(
    ("html", "summary"),
    [
        pytest.param("<h1>T</h1><p> </p><p>a <b>b</b><br>c</p><p>d</p>", "a b c", id="the first paragraph with text"),
        pytest.param("<ul><li>a</li></ul>", "a", id="without paragraphs, the whole"),
        pytest.param("<p>\u200b</p><p>b</p>", "b", id="an invisible paragraph is none"),
        pytest.param("<p>a &lt; b &amp; c</p>", "a < b & c", id="plain text"),
        pytest.param("<p><ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字</p>", "漢字", id="without ruby's readings"),
        pytest.param('<p>a<sup><a href="x#fn1">[1]</a></sup>b</p>', "ab", id="without footnote marks"),
        pytest.param("<p>x<sup>2</sup></p>", "x2", id="with other superscripts"),
        pytest.param(
            "<p><ruby>a<rt>b<sup><a href='#x'>c</a></sup><ruby><rt>d</rt></ruby></rt></ruby></p>", "a", id="nested"
        ),
        pytest.param("<p><a href='https://e.org/c.mp4'>A talk</a></p><p>b</p>", "b", id="a file is no sentence"),
        pytest.param("<p><a href='c.mp4'>c</a> <a href='d.mp3'>d</a> <img></p><p>b</p>", "b", id="nor are two"),
        pytest.param("<p><a href='//www.v.example/x'>v.example</a></p><p>b</p>", "b", id="nor what a frame became"),
        pytest.param("<p><a href='/p/%E6%99%B6.pdf'>晶.pdf</a></p><p>b</p>", "b", id="nor the name of a file"),
        pytest.param("<p>See <a href='c.mp4'>c.mp4</a>.</p><p>b</p>", "See c.mp4.", id="a file in a sentence"),
        pytest.param("<p><a href='/x'>Read the report</a></p><p>b</p>", "Read the report", id="any other link"),
        pytest.param("<a href='c.mp4'>c.mp4</a><h2>H</h2>", "H", id="a file beside blocks"),
        pytest.param("<a href='c.mp4'>c.mp4</a>", "", id="a file alone"),
        pytest.param("<img>", "", id="no text"),
        pytest.param("", "", id="nothing"),
        pytest.param(f"<p>{'字' * 300}</p>", "字" * 200 + "…", id="cut at a character"),
        pytest.param(f"<p>{'word ' * 60}</p>", ("word " * 40).rstrip() + "…", id="cut at a word"),
        pytest.param(f"<p>{'字' * 199}👨\u200d👩\u200d👧字</p>", "字" * 199 + "…", id="not inside an emoji"),
    ],
)
def test_a_summary_is_made_of_the_first_paragraph(html: str, summary: str) -> None:
    assert first_paragraph(SafeHTML(html)) == summary


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        ("a.PNG", "image/png"),
        ("a.b.mp3", "audio/mpeg"),
        ("a.html", None),
        ("a.js", None),
        ("png", None),
        (".png", None),
    ],
)
def test_only_some_kinds_of_files_are_served(path: str, type_: str | None) -> None:
    assert media_type_of(path) == type_


def test_findings_carry_their_severity() -> None:
    with pytest.raises(ArticleError) as caught:
        read("titel: x\ndraft: perhaps")
    assert caught.value.findings == (
        Finding(line=5, field="titel", message="unknown field (did you mean 'title'?)", severity="warning"),
        Finding(
            line=6,
            field="draft",
            message="'perhaps' does not say whether this is for the public (write true or false)",
        ),
    )


def test_no_more_than_a_hundred_things_are_said_about_a_file() -> None:
    with pytest.raises(ArticleError) as caught:
        read(body="".join(f"[x](../../{number})" for number in range(200)))
    assert len(caught.value.findings) == 101
    assert len(read(body="".join(f"![x]({number}.png)" for number in range(200))).warnings) == 100


LINES = st.one_of(
    st.text(max_size=30),
    st.tuples(
        st.sampled_from("title published updated topics slug id language summary authors tags image enclosure".split()),
        st.one_of(
            st.text(max_size=20), st.sampled_from(["[a, b]", "{name: x}", '"\\x00"', "2026-03-01", "a.png", "*x"])
        ),
    ).map(": ".join),
)


@given(
    st.lists(LINES, max_size=5).map("\n".join),
    st.text(max_size=80),
    st.sampled_from(["a.md", "a.html", "a.txt", "b/index.md"]),
    st.sampled_from(["---", "+++"]),
)
def test_any_text_is_an_article_or_refused(front: str, body: str, path: str, fence: str) -> None:
    data = f"{fence}\n{REQUIRED}{front}\n{fence}\n{body}".encode("utf-8", "surrogatepass")
    try:
        article = read_article(path, data, SITE, FILES.get).article
    except ArticleError:
        return
    assert sanitize(article.content, f"https://example.org/articles/{article.slug}")[0] == article.content
    for text in (article.title, article.summary, *article.tags, *(each.name for each in article.authors)):
        assert text == xml_legal(text)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_article_are_refused(data: bytes) -> None:
    with pytest.raises(ArticleError):
        read_article("a.md", data, SITE, FILES.get)


def test_right_to_left_content_says_so_wherever_it_is_shown() -> None:
    content = read("language: ar", "مرحبا").article.content
    assert content == '<div dir="rtl" lang="ar"><p>مرحبا</p>\n</div>'


@pytest.mark.parametrize("path", ["a.md", "a.html"])
def test_code_in_an_article_from_right_to_left_runs_from_left_to_right(path: str) -> None:
    """A browser would show `if (x)` as `(x) if`; feeds carry the attribute, since they carry no style."""
    data = f"---\n{REQUIRED}language: he\n---\n<p>שלום</p><pre><code>if (x) {{ }} // end.</code></pre>\n".encode()
    content = read_article(path, data, SITE, FILES.get).article.content
    assert '<pre dir="ltr"><code>if (x) { } // end.</code></pre>' in content
    assert sanitize(content, "https://example.org/articles/a")[0] == content


def test_columns_of_a_markdown_table_stay_aligned() -> None:
    content = read("", "| a | b |\n|:-:|---:|\n| c | 1 |").article.content
    assert '<th align="center">a</th>\n<th align="right">b</th>' in content
    assert '<td align="center">c</td>\n<td align="right">1</td>' in content


def test_another_article_is_linked_by_the_end_of_its_address() -> None:
    """As the README says; nothing is amiss with that."""
    found = read("", "[There](推論延遲), [here](#a).\n\n# A")
    assert found.warnings == ()
    assert 'href="https://example.org/articles/%E6%8E%A8%E8%AB%96%E5%BB%B6%E9%81%B2"' in found.article.content


def test_what_goes_from_a_files_name() -> None:
    assert slug_of_path("articles/推論 (2)：C++_延遲～v1.2.md") == "推論-2-C-_延遲-v1.2"


def test_the_text_and_the_field_measure_one_file_once() -> None:
    parsed = read("enclosure: {file: ../sound/s.mp3, title: S}", "![](../sound/s.mp3)", path="articles/a.md")
    assert parsed.article.enclosures == (Enclosure(url=f"{MEDIA}/3.mp3", type="audio/mpeg", length=30, title="S"),)
    parsed = read("", "![](../sound/s.mp3)", path="articles/a.md")
    assert parsed.article.enclosures == (Enclosure(url=f"{MEDIA}/3.mp3", type="audio/mpeg", length=30, title="s.mp3"),)


def test_a_length_that_nobody_knows_is_warned_of_where_the_file_is_elsewhere() -> None:
    parsed = read("enclosure: https://e.org/x.mp3", '<audio src="/beside/us.mp3"></audio>', path="articles/a.html")
    (warning,) = parsed.warnings
    assert warning.message == (
        "the length of https://e.org/x.mp3 in bytes is not known "
        "(write enclosure: {url: https://e.org/x.mp3, type: audio/mpeg, length: …}, as Content-Length says it)"
    )


@pytest.mark.parametrize("name", ["e.torrent", "資料.xlsx", "a.7z"])
def test_a_kind_that_is_not_served_is_said_so(name: str) -> None:
    reason = f".{name.partition('.')[2]} files are not served"
    for body in (f"![]({name})", f"[x]({name})"):
        (warning,) = read("", body).warnings
        assert f"{name!r} has no target: {reason}" in warning.message
    with pytest.raises(ArticleError) as caught:
        read(f"enclosure: {name}")
    assert f"{name!r} cannot be attached: {reason}" in caught.value.findings[0].message


def test_an_end_under_another_systems_name_is_read_with_a_hint() -> None:
    parsed = read("expiryDate: 2027-01-01")
    assert parsed.article.expires is not None
    assert [each.message for each in parsed.warnings] == ["is read as 'expires' (write expires)"]


@pytest.mark.parametrize(
    ("path", "folder"),
    [("a/_Drafts/b.md", "_Drafts"), ("_trash/a/b.md", "_trash"), ("a/b.md", None), ("_drafts.md", None)],
)
def test_folders_that_are_not_for_the_public(path: str, folder: str | None) -> None:
    assert unread_folder(path) == folder


@pytest.mark.parametrize(("caption", "body", "warned"), [("C", "![a](URL)", 1), ("''", "![a](URL)", 0), ("C", "T", 0)])
def test_a_caption_of_a_picture_that_the_text_shows_is_warned_of(caption: str, body: str, warned: int) -> None:
    url = "https://e.org/a.png?x=1&y=2"
    found = read(f"image: {{src: '{url}', caption: {caption}}}", body.replace("URL", url))
    assert (found.article.lead_image is None) == ("URL" in body)
    assert [each.message[:24] for each in found.warnings] == ["the caption is not shown"] * warned


@pytest.mark.parametrize(
    ("image", "written"),
    [
        (Image(url="https://e.org/a.png"), "https://e.org/a.png"),
        (Image(url="https://e.org/a.png", caption="C"), {"src": "https://e.org/a.png", "caption": "C"}),
        (
            Image(url="https://e.org/a.png", alt="A", caption="C"),
            {"src": "https://e.org/a.png", "alt": "A", "caption": "C"},
        ),
    ],
)
def test_an_image_is_written_with_what_it_says(image: Image, written: object) -> None:
    assert FIELDS["image"].write(image) == written
