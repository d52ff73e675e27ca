"""WordPress exports: posts with all they hold."""

from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.importing.draft import Draft, FileNote, SkippedEntry
from feedsvc.importing.readers.detect import read_drafts, read_items
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Person
from tests.importing import wordpress
from tests.importing.conftest import Run, articles
from tests.importing.wordpress import items, post

EXPORT = Path(__file__).parent / "exports" / "wordpress.xml"


@pytest.fixture
def drafts(settings: ImportSettings) -> list[Draft]:
    """What is read of the export."""
    return list(read_drafts(str(EXPORT), EXPORT.read_bytes(), settings))


def test_posts_come_and_attachments_menus_and_the_bin_do_not(drafts: list[Draft]) -> None:
    assert [draft.title for draft in drafts] == ["晶圓廠的停電演習 & 三個教訓", "A draft about GPU clouds"]


def test_all_fields_of_a_post(drafts: list[Draft], settings: ImportSettings) -> None:
    post = drafts[0]
    assert post.id == "https://blog.example.net/?p=42"
    assert post.slug == "晶圓廠"
    assert post.published is not None
    assert post.published.at == settings.date("2025-12-01T01:30:00Z")
    assert post.updated == settings.date("2025-12-05T01:30:00Z")
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
    assert form.text == "名字"
    assert last.text == "最後一段。"


def test_shortcodes_that_are_removed_are_said(drafts: list[Draft]) -> None:
    assert drafts[0].notes == (
        'shortcodes are removed, and the text in them stays: [contact-form id="5"] (write what they showed)',
    )


def test_a_draft_stays_one(run: Run, content: Path) -> None:
    assert run(EXPORT).exit_code == 0
    assert [path.name for path in articles(content)] == ["晶圓廠.md", "A-draft-about-GPU-clouds.md"]
    assert "\ndraft: true\n" in articles(content)[1].read_text("utf-8")


WXR = """<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>T</title><link>https://blog.example.net</link>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://blog.example.net</wp:base_blog_url>
<item><title>晶圓的一天</title><guid isPermaLink="false">https://blog.example.net/?p=1</guid><dc:creator>lin</dc:creator>
<content:encoded><![CDATA[{content}]]></content:encoded><wp:post_id>1</wp:post_id><wp:status>publish</wp:status>
<wp:post_type>post</wp:post_type><wp:post_date_gmt>2026-03-12 01:30:00</wp:post_date_gmt>
<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>7</wp:meta_value></wp:postmeta></item>{more}</channel></rss>"""


GUID = "<guid>https://blog.example.net/?attachment_id=7</guid>"
FILE = "<wp:meta_value>2026/03/圖.jpg</wp:meta_value>"


def export(settings: ImportSettings, content: str = "<p>晶圓</p>", more: str = "") -> Draft:
    """The post of a small export."""
    (draft,) = read_drafts("x.xml", WXR.format(content=content, more=more).encode(), settings)
    return draft


@pytest.mark.parametrize(
    ("attachment", "url"),
    [
        ("<wp:attachment_url>https://cdn.example.net/a.jpg</wp:attachment_url>", "https://cdn.example.net/a.jpg"),
        ("<guid>https://blog.example.net/wp-content/b.jpg</guid>", "https://blog.example.net/wp-content/b.jpg"),
        (
            f"{GUID}<wp:postmeta><wp:meta_key>_wp_attached_file</wp:meta_key>{FILE}</wp:postmeta>",
            "https://blog.example.net/wp-content/uploads/2026/03/%E5%9C%96.jpg",
        ),
    ],
)
def test_a_picture_is_found_wherever_its_attachment_says_it_is(
    attachment: str, url: str, settings: ImportSettings
) -> None:
    item = f"<item><wp:post_id>7</wp:post_id><wp:post_type>attachment</wp:post_type>{attachment}</item>"
    draft = export(settings, more=item)
    assert draft.image is not None
    assert (draft.image.url, draft.notes) == (url, ())


def test_a_featured_picture_has_the_caption_of_its_attachment(settings: ImportSettings) -> None:
    """A caption with links stays in the text: one in front matter has none."""

    def with_caption(caption: str) -> Draft:
        excerpt = f'<e:encoded xmlns:e="http://wordpress.org/export/1.2/excerpt/"><![CDATA[{caption}]]></e:encoded>'
        url = f"<wp:attachment_url>https://cdn.example.net/a.jpg</wp:attachment_url>{excerpt}"
        return export(
            settings, more=f"<item><wp:post_id>7</wp:post_id><wp:post_type>attachment</wp:post_type>{url}</item>"
        )

    plain, linked = with_caption("廠 <b>三</b> &amp; 門"), with_caption('攝影：<a href="https://a.example/">Ada</a>')
    assert plain.image == Image(url="https://cdn.example.net/a.jpg", caption="廠 三 & 門")
    assert plain.body == "晶圓"
    assert linked.image == Image(url="https://cdn.example.net/a.jpg")
    assert (
        '<figcaption>攝影：<a href="https://a.example/" rel="noopener">Ada</a></figcaption></figure>\n\n晶圓'
        in linked.body
    )


@pytest.mark.parametrize(
    "more",
    [
        "",
        "<item><wp:post_id>7</wp:post_id><wp:post_type>attachment</wp:post_type></item>",
        f"<item>{GUID}<wp:post_id>7</wp:post_id><wp:post_type>attachment</wp:post_type></item>",
    ],
)
def test_a_picture_that_the_export_does_not_place_is_said_to_be_left_out(more: str, settings: ImportSettings) -> None:
    draft = export(settings, more=more)
    assert draft.image is None
    (note,) = draft.notes
    assert note.startswith("image: left out, since the export does not say where attachment 7 is (export the media")


def test_gutenberg_blocks_are_their_html(settings: ImportSettings) -> None:
    content = """<!-- wp:paragraph {"align":"left"} -->
<p>第一段。</p>
<!-- /wp:paragraph -->

<!-- wp:heading {"level":4} -->
<h4 class="wp-block-heading">小標</h4>
<!-- /wp:heading -->

<!-- wp:list --><ul class="wp-block-list"><!-- wp:list-item --><li>甲</li><!-- /wp:list-item -->

<!-- wp:list-item --><li>乙</li><!-- /wp:list-item --></ul><!-- /wp:list -->

<!-- wp:image {"id":9} -->
<figure class="wp-block-image"><img src="https://blog.example.net/c.jpg" alt="圖" class="wp-image-9"/></figure>
<!-- /wp:image -->

<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph -->
<p>引文。</p><!-- /wp:paragraph --></blockquote><!-- /wp:quote -->

<!-- wp:table --><figure class="wp-block-table"><table><tbody><tr><td>1</td></tr></tbody></table></figure>
<!-- /wp:table -->

<!-- wp:embed {"url":"https://video.example.com/1"} -->
<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">
https://video.example.com/1
</div></figure><!-- /wp:embed -->"""
    draft = export(settings, content)
    assert [block.text for block in draft.blocks] == [
        "第一段。", "小標", "甲 乙", "", "引文。", "1", "https://video.example.com/1",
    ]  # fmt: skip
    assert "## 小標" in draft.body
    assert "- 甲\n" in draft.body
    assert "https://blog.example.net/c.jpg" in draft.body


def item(kind: str, status: str = "publish", more: str = "") -> str:
    """An item of an export."""
    return (
        f"<item><title>{kind} {status}</title><wp:post_id>9</wp:post_id><wp:post_type>{kind}</wp:post_type>"
        f"<wp:status>{status}</wp:status><wp:post_date_gmt>2026-03-12 01:30:00</wp:post_date_gmt>"
        f"<content:encoded>晶圓、半導體</content:encoded>{more}</item>"
    )


PASSED = (
    *(item("attachment", "inherit") for _ in range(3)),
    item("post", "trash"),
    item("post", "auto-draft"),
    item("nav_menu_item"),
    item("revision", "inherit"),
    item("wp_block"),
)


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_what_is_passed_over_is_counted_by_kind(run: Run, tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "x.xml"
    path.write_text(WXR.format(content="<p>晶圓、半導體</p>", more="".join(PASSED)), "utf-8")
    result = run(path, *options)
    counted = "skipped: 3 attachments, 1 in the trash, 1 unsaved draft, 1 menu item, 1 revision, 1 of type wp_block"
    assert counted in result.stderr.splitlines()


@pytest.mark.parametrize(
    ("more", "note"),
    [
        (item("post", more="<wp:post_password>s3cret</wp:post_password>"), "protected by a password"),
        (item("page"), "a page of the site rather than a post"),
        *(
            (
                item(
                    "post",
                    more=f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>",
                ),
                f"post meta {key}",
            )
            for key, value in (
                ("_jetpack_newsletter_access", "subscribers"),
                ("_members_access_role", "subscriber"),
                ("rcp_subscription_level", "2"),
            )
        ),
    ],
)
def test_what_is_not_for_feeds_becomes_a_draft_and_is_said(more: str, note: str, settings: ImportSettings) -> None:
    _, draft = read_drafts("x.xml", WXR.format(content="<p>晶圓</p>", more=more).encode(), settings)
    assert draft.is_draft
    assert draft.notes[0].startswith(note)
    assert "s3cret" not in repr(draft)


def attachment(number: int) -> str:
    """A picture in an export."""
    address = f"https://blog.example.net/{number}.jpg"
    return (
        f"<item><wp:post_id>{number}</wp:post_id><wp:post_type>attachment</wp:post_type>"
        f"<wp:attachment_url>{address}</wp:attachment_url></item>"
    )


def test_a_gallery_becomes_its_pictures(settings: ImportSettings) -> None:
    draft = export(settings, '一。\n\n[gallery columns="2" ids="11,7"]\n\n二。', attachment(11) + attachment(7))
    assert draft.body == ("一。\n\n![](https://blog.example.net/11.jpg)\n\n![](https://blog.example.net/7.jpg)\n\n二。")
    assert draft.notes == ()


@pytest.mark.parametrize(
    ("gallery", "what"), [('[gallery ids="11,12"]', "attachments 12 are"), ("[gallery]", "its pictures are")]
)
def test_pictures_of_a_gallery_that_are_not_in_the_export_are_said(
    gallery: str, what: str, settings: ImportSettings
) -> None:
    draft = export(settings, f"一。\n\n{gallery}", attachment(11) + attachment(7))
    assert draft.notes == (f"gallery: left out, since the export does not say where {what} (export the media too)",)


NAMESPACES = [
    f"{scheme}://{host}/export/{version}"
    for scheme in ("http", "https")
    for host in ("wordpress.org", "www.wordpress.org")
    for version in ("1.0", "1.1", "1.2", "1.3", "2.0-beta")
]


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_an_export_is_known_by_any_version_of_its_namespace(namespace: str, settings: ImportSettings) -> None:
    """As another one, drafts and attachments would become articles."""
    excerpt = f'<e:encoded xmlns:e="{namespace}/excerpt/">A summary of the post.</e:encoded>'
    entries = (item("attachment", "inherit"), item("nav_menu_item"), item("post", "draft", excerpt))
    document = WXR.format(content="<p>晶圓</p>", more="".join(entries))
    document = document.replace("http://wordpress.org/export/1.2", namespace)
    post, attachment, menu, draft = read_items("x.xml", document.encode(), settings)
    assert isinstance(post, Draft)
    assert isinstance(draft, Draft)
    assert (post.is_draft, draft.is_draft, draft.summary) == (False, True, "A summary of the post.")
    assert [each.kind for each in (attachment, menu) if isinstance(each, SkippedEntry)] == [
        "attachment",
        "nav_menu_item",
    ]


@pytest.mark.parametrize(
    ("category", "found"),
    [
        ('<category domain="category" nicename="chips">Microelectronics</category>', (("chips",), ())),
        ('<category domain="category" nicename="%E6%99%B6%E7%89%87">電子</category>', (("chips",), ())),
        ('<category domain="category" nicename="cloud">晶片</category>', (("chips",), ())),
        ('<category domain="category" nicename="fabs">工廠</category>', ((), ("工廠",))),
        ('<category domain="post_tag" nicename="chips">洋芋片</category>', ((), ("洋芋片",))),
    ],
)
def test_a_category_is_a_topic_by_its_name_or_by_that_in_its_address(
    category: str, found: tuple[tuple[str, ...], tuple[str, ...]], settings: ImportSettings
) -> None:
    draft = post(settings, "<p>一。</p>", more=category)
    assert (draft.topics, draft.tags) == found


def test_comments_of_readers_are_counted(settings: ImportSettings) -> None:
    comments = "".join(
        f"<wp:comment><wp:comment_content>x</wp:comment_content><wp:comment_approved>{each}</wp:comment_approved>"
        "</wp:comment>"
        for each in ("1", "1", "0", "spam", "trash")
    )
    found = items(settings, wordpress.item("<p>一。</p>", more=comments))
    assert [each.kind for each in found if isinstance(each, SkippedEntry)] == ["comment", "comment"]
    assert "<" not in getattr(found[0], "body", "<")


def test_entries_of_other_types_are_named_and_imported_on_demand(settings: ImportSettings) -> None:
    given = [wordpress.item("<p>Text.</p>", number, kind) for number, kind in enumerate(("post", "book", "book"), 1)]
    given.append(wordpress.item("<p>Text.</p>", 4, "book", "private"))
    found = wordpress.items(settings, *given)
    assert [each.kind for each in found if isinstance(each, SkippedEntry)] == ["book"] * 3
    note = "3 entries of type 'book', neither posts nor pages, left out (--post-type book imports them)"
    assert [each.message for each in found if isinstance(each, FileNote)] == [note]
    taken = wordpress.items(replace(settings, post_types=("book",)), *given)
    assert [isinstance(each, Draft) and each.is_draft for each in taken] == [False, False, False, True]
