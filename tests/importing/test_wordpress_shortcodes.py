"""The shortcodes of WordPress: code is protected from them, galleries and embeds are shown, others are named."""

import pytest

from feedsvc.importing.settings import ImportSettings
from tests.importing.wordpress import HOME, attachment, item, items, meta, post

UPLOADS = f"{HOME}/wp-content/uploads"
CODE = 'for i in range(3):\n    if i < 2 and i > 0:\n        print("[gallery]")\n\nprint("&lt;")'


@pytest.mark.parametrize("name", ["code", "sourcecode", "python"])
def test_code_is_code_and_nothing_in_it_is_read(name: str, settings: ImportSettings) -> None:
    draft = post(settings, f'前。\n\n[{name} language="python"]\n{CODE}\n[/{name}]\n\n後。')
    assert draft.body == f"前。\n\n```python\n{CODE}\n```\n\n後。"
    assert draft.notes == ()


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("[code language=php]\nx\n[/code]", "php"),
        ("[sourcecode lang='C++']x[/sourcecode]", "c++"),
        ("[ruby]x[/ruby]", "ruby"),
        ("[code]x[/code]", ""),
        ('[code title="language-x"]x[/code]', ""),
        ('<pre class="wp-block-code"><code lang="js" class="language-js">x\n</code></pre>', "js"),
    ],
)
def test_code_keeps_its_language(written: str, language: str, settings: ImportSettings) -> None:
    assert post(settings, written).body == f"```{language}\nx\n```"


def test_code_that_a_plugin_escaped_is_the_same_code(settings: ImportSettings) -> None:
    escaped = "if a &lt; b &amp;&amp; c:\n\n    x(&quot;&amp;copy;&quot;, &#039;y&#039;)"
    assert post(settings, f"[code]{escaped}[/code]").body == "```\nif a < b && c:\n\n    x(\"&copy;\", 'y')\n```"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        (
            "<pre>[gallery]\n\n\nhttps://a.example/1 [code]x[/code]</pre>",
            "<pre>[gallery]&#10;&#10;\nhttps://a.example/1",
        ),
        ('<pre class="x"><code>[youtube abcdef]\n\n&lt;b&gt;</code></pre>', "```\n[youtube abcdef]\n\n<b>\n```"),
        ("用 <code>[gallery]</code> 來放圖。", "用 `[gallery]` 來放圖。"),
        ("用 [[gallery]] 來放圖。", "用 [gallery] 來放圖。"),
        ("用 [[code]x[/code]] 來放程式。", "用 [code]x[/code] 來放程式。"),
        ("<ul>\n<li>甲\n<pre>[gallery]</pre>\n</li>\n</ul>", "[gallery]"),
        ("<!-- <code> -->\n\n[[gallery]] </code>", "[gallery]"),
    ],
)
def test_shortcodes_in_code_are_text(html: str, markdown: str, settings: ImportSettings) -> None:
    draft = post(settings, f"前。\n\n{html}\n\n後。", attachment(11, "a.jpg", parent=1))
    assert markdown in draft.body
    assert draft.notes == ()


def test_code_in_a_paragraph_of_its_own_leaves_no_empty_ones(settings: ImportSettings) -> None:
    assert post(settings, "<p>[code]x = 1[/code]</p>\n\n<p>後。</p>").body == "```\nx = 1\n```\n\n後。"


PICTURES = (
    attachment(13, "c.jpg", parent=1, order=2),
    attachment(14, "d.mp3", parent=1),
    attachment(11, "a.jpg", parent=1, order=1, more=meta("_wp_attachment_image_alt", "機台 &amp; 人")),
    attachment(15, "e.jpg", parent=2),
    attachment(16, "f.jpg", parent=1, status="trash"),
    attachment(12, "b.jpg", parent=1, order=1, more="<excerpt:encoded><![CDATA[第<b>二</b>張]]></excerpt:encoded>"),
)


def shown(body: str) -> list[str]:
    """Return the names of the pictures in a text, in order."""
    return [each.partition(".jpg")[0].rpartition("/")[2] for each in body.split(UPLOADS)[1:]]


@pytest.mark.parametrize(
    ("gallery", "names"),
    [
        ("[gallery]", ["a", "b", "c"]),
        ('[gallery columns="3" order="DESC"]', ["c", "b", "a"]),
        ('[gallery exclude="12"]', ["a", "c"]),
        ('[gallery id="2"]', ["e"]),
        ("[gallery ids='13,11']", ["c", "a"]),
        ('[gallery include="15"]', ["e"]),
    ],
)
def test_a_gallery_has_the_pictures_of_its_post_in_their_order(
    gallery: str, names: list[str], settings: ImportSettings
) -> None:
    draft = post(settings, f"一。\n\n{gallery}\n\n二。", *PICTURES)
    assert shown(draft.body) == names
    assert draft.notes == ()
    assert (draft.blocks[0].text, draft.blocks[-1].text) == ("一。", "二。")


def test_pictures_of_a_gallery_keep_descriptions_and_captions(settings: ImportSettings) -> None:
    body = post(settings, "[gallery]", *PICTURES).body
    assert f"![機台 & 人]({UPLOADS}/a.jpg)" in body
    assert "<figcaption>第<b>二</b>張</figcaption>" in body


def test_a_file_in_the_trash_is_not_shown(settings: ImportSettings) -> None:
    draft = post(settings, '一。\n\n[gallery ids="16"]', *PICTURES)
    assert "f.jpg" not in draft.body
    assert draft.notes == (
        "gallery: left out, since the export does not say where attachments 16 are (export the media too)",
    )


def test_a_playlist_becomes_links(settings: ImportSettings) -> None:
    assert post(settings, '[playlist ids="14"]', *PICTURES).body == f"[d.mp3]({UPLOADS}/d.mp3)"


def test_the_featured_image_keeps_its_description(settings: ImportSettings) -> None:
    draft = post(settings, "一。", *PICTURES, more=meta("_thumbnail_id", "11"))
    assert draft.image is not None
    assert (draft.image.url, draft.image.alt) == (f"{UPLOADS}/a.jpg", "機台 & 人")


VIDEO = "https://www.youtube.com/watch?v=abcdefghijk"


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (f"[youtube {VIDEO}]", VIDEO),
        (f"[youtube={VIDEO}&w=320&amp;h=200]", VIDEO),
        ("[youtube abcdefghijk]", VIDEO),
        ('[youtube id="abcdefghijk"]', VIDEO),
        ("[youtube]abcdefghijk[/youtube]", VIDEO),
        ("[vimeo 12345678]", "https://vimeo.com/12345678"),
        ("[gist https://gist.example/1]", "https://gist.example/1"),
        ("[tweet 123456]", "https://twitter.com/i/status/123456"),
        ('[soundcloud url="https://s.example/1" params="color=ff"]', "https://s.example/1"),
        (f"[embed width='3']{VIDEO}[/embed]", VIDEO),
        ('[audio mp3="https://a.example/a.mp3"][/audio]', "https://a.example/a.mp3"),
        (VIDEO, VIDEO),
        (f"<p> {VIDEO}\n</p>", VIDEO),
    ],
)
def test_embeds_are_links(written: str, address: str, settings: ImportSettings) -> None:
    draft = post(settings, f"一。\n\n{written}\n\n二。")
    assert draft.body == f"一。\n\n<{address}>\n\n二。"
    assert draft.notes == ()


def test_a_link_has_the_title_that_wordpress_was_told(settings: ImportSettings) -> None:
    player = '<iframe title="&#8220;晶圓&#8221; 的影片" src="https://www.youtube.com/embed/abcdefghijk?feature=oembed">'
    draft = post(settings, f"[youtube {VIDEO}]", more=meta("_oembed_0a1b", player))
    assert draft.body == f"[“晶圓” 的影片]({VIDEO})"
    other = post(settings, "[vimeo 12345678]", more=meta("_oembed_0a1b", player))
    assert other.body == "<https://vimeo.com/12345678>"


def test_unknown_shortcodes_are_named_and_their_text_stays(settings: ImportSettings) -> None:
    draft = post(settings, '[vc_row][box title="提示"]甲 [sic] 乙[/box][/vc_row]\n\n[poll id="3"]')
    assert [block.text for block in draft.blocks] == ["甲 [sic] 乙", '[poll id="3"]']
    assert draft.notes == (
        'shortcodes are removed, and the text in them stays: [vc_row], [box title="提示"] (write what they showed)',
        "shortcodes stay as text: poll (replace them by what they showed)",
    )


@pytest.mark.parametrize("status", ["private", "pending", "future", "draft", "", "of-a-plugin"])
def test_a_post_of_any_other_status_is_not_public(status: str, settings: ImportSettings) -> None:
    draft = items(settings, item("一。", status=status))[0]
    assert getattr(draft, "is_draft", None) is True
