"""The blocks of WordPress's editor, and footnotes: what a reader of the site saw is in the article."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.importing.draft import Draft, FailedEntry
from feedsvc.importing.settings import ImportSettings
from tests.importing.wordpress import HOME, attachment, item, items, meta, post

VIDEO = "https://youtu.be/abcdefghijk"


def embed(caption: str = "") -> str:
    """Return the block of an embedded video."""
    shown = f'<figcaption class="wp-element-caption">{caption}</figcaption>' if caption else ""
    return (
        f'<!-- wp:embed {{"url":"{VIDEO}","type":"video"}} -->\n<figure class="wp-block-embed is-type-video">'
        f'<div class="wp-block-embed__wrapper">\n{VIDEO}\n</div>{shown}</figure>\n<!-- /wp:embed -->'
    )


def picture(name: str, caption: str = "") -> str:
    """Return the block of a picture."""
    shown = f'<figcaption class="wp-element-caption">{caption}</figcaption>' if caption else ""
    return (
        f'<!-- wp:image {{"id":9,"sizeSlug":"large"}} -->\n<figure class="wp-block-image size-large">'
        f'<img src="{HOME}/{name}.jpg" alt="圖{name}" class="wp-image-9"/>{shown}</figure>\n<!-- /wp:image -->'
    )


@pytest.mark.parametrize(
    ("block", "body"),
    [
        (embed(), f"<{VIDEO}>"),
        (embed("說明 &amp; 標題"), f"[說明 & 標題]({VIDEO})"),
        (embed("看<em>這裡</em>"), f"<{VIDEO}>\n\n看*這裡*"),
        (f'<!-- wp:core-embed/youtube {{"url":"{VIDEO}"}} /-->', f"<{VIDEO}>"),
        (picture("a"), f"![圖a]({HOME}/a.jpg)"),
        (
            (
                f'<!-- wp:gallery --><figure class="wp-block-gallery has-nested-images">{picture("a")} {picture("b")}'
                '<figcaption class="blocks-gallery-caption">整組</figcaption></figure><!-- /wp:gallery -->'
            ),
            f"![圖a]({HOME}/a.jpg)\n\n![圖b]({HOME}/b.jpg)\n\n整組",
        ),
        ('<!-- wp:gallery {"ids":[11]} /-->', f"![]({HOME}/wp-content/uploads/a.jpg)"),
        (
            (
                '<!-- wp:table --><figure class="wp-block-table"><table><thead><tr><th>甲</th></tr></thead><tbody><tr>'
                "<td>1</td></tr></tbody></table></figure><!-- /wp:table -->"
            ),
            "| 甲 |\n| --- |\n| 1 |",
        ),
        (
            (
                '<!-- wp:quote --><blockquote class="wp-block-quote"><!-- wp:paragraph -->\n<p>引文。</p>\n'
                "<!-- /wp:paragraph --></blockquote><!-- /wp:quote -->"
            ),
            "> 引文。",
        ),
        (
            '<!-- wp:code --><pre class="wp-block-code"><code>a &lt; b\n\n[gallery]</code></pre><!-- /wp:code -->',
            "```\na < b\n\n[gallery]\n```",
        ),
        (
            (
                '<!-- wp:buttons --><div class="wp-block-buttons"><!-- wp:button --><div class="wp-block-button">'
                '<a class="wp-block-button__link" href="https://a.example/">按</a></div><!-- /wp:button --></div>'
                "<!-- /wp:buttons -->"
            ),
            "[按](https://a.example/)",
        ),
        (
            (
                '<!-- wp:columns --><div class="wp-block-columns"><!-- wp:column --><div class="wp-block-column">'
                "<!-- wp:paragraph -->\n<p>左</p>\n<!-- /wp:paragraph --></div><!-- /wp:column --><!-- wp:column -->"
                '<div class="wp-block-column"><!-- wp:paragraph -->\n<p>右</p>\n<!-- /wp:paragraph --></div>'
                "<!-- /wp:column --></div><!-- /wp:columns -->"
            ),
            "左\n\n右",
        ),
        (
            (
                f'<!-- wp:file --><div class="wp-block-file"><a href="{HOME}/a.pdf">報告</a>'
                f'<a href="{HOME}/a.pdf" class="wp-block-file__button" download>下載</a></div><!-- /wp:file -->'
            ),
            f"[報告]({HOME}/a.pdf)",
        ),
        ('<!-- wp:spacer --><div class="wp-block-spacer"></div><!-- /wp:spacer --><p>後。</p>', "後。"),
        ("<!-- wp:paragraph {broken -->\n<p>段。</p>\n<!-- /wp:paragraph --><!-- wp:more --><!--more-->", "段。"),
    ],
)
def test_a_block_is_its_content(block: str, body: str, settings: ImportSettings) -> None:
    draft = post(
        settings, f"<!-- wp:paragraph -->\n<p>前。</p>\n<!-- /wp:paragraph -->\n\n{block}", attachment(11, "a.jpg")
    )
    assert draft.body == f"前。\n\n{body}"
    assert draft.notes == ()


def test_a_caption_stays_with_its_picture(settings: ImportSettings) -> None:
    draft = post(settings, picture("a", "看 <b>這</b>"))
    assert "<figcaption>看 <b>這</b></figcaption></figure>" in draft.body


def test_blocks_that_only_wordpress_fills_are_named(settings: ImportSettings) -> None:
    draft = post(settings, '<p>前。</p><!-- wp:latest-posts /--><!-- wp:acme/map {"x":1} /--><!-- wp:footnotes /-->')
    assert draft.notes == (
        "blocks that only WordPress fills are left out: acme/map, latest-posts (write what they showed)",
    )


def reusable(content: str, number: int = 5, status: str = "publish", more: str = "") -> str:
    """Return a reusable block."""
    return item(content, number, kind="wp_block", status=status, more=more)


def ref(number: int = 5) -> str:
    """Return a block that shows a reusable one."""
    return f'<!-- wp:block {{"ref":{number}}} /-->'


def test_a_reusable_block_is_where_it_was_shown(settings: ImportSettings) -> None:
    shared = "<!-- wp:paragraph -->\n<p>共用。</p>\n<!-- /wp:paragraph -->"
    draft = post(settings, f"<p>前。</p>{ref(6)}<p>後。</p>{ref()}", reusable(shared), reusable(ref(), 6))
    assert draft.body == "前。\n\n共用。\n\n後。\n\n共用。"
    assert draft.notes == ()


@pytest.mark.parametrize(
    "blocks",
    [
        (),
        (reusable("SECRET", status="private"),),
        (reusable("SECRET", status="draft"),),
        (reusable("SECRET", status="trash"),),
        (reusable("SECRET", more="<wp:post_password>x</wp:post_password>"),),
    ],
)
def test_a_reusable_block_that_was_not_public_stays_so(blocks: tuple[str, ...], settings: ImportSettings) -> None:
    draft = post(settings, f"<p>前。</p>{ref()}", *blocks)
    assert draft.body == "前。"
    assert draft.notes == (
        "the reusable block 5 is left out, since the export has no public block of that number (paste its text)",
    )


def test_reusable_blocks_end(settings: ImportSettings) -> None:
    within = post(settings, f"<p>前。</p>{ref()}", reusable(f"<p>共。</p>{ref(6)}"), reusable(ref(), 6))
    assert within.body == "前。\n\n共。"
    assert within.notes == ("the reusable block 5 is left out, since it is in itself (paste its text)",)
    doubling = [reusable(ref(number + 1) * 8, number) for number in range(5, 15)]
    failed = items(settings, item(ref()), *doubling, reusable("晶" * 1000, 15))[0]
    assert isinstance(failed, FailedEntry)
    assert "its reusable blocks are larger than 2,097,152 characters" in failed.findings[0].message


def footnote(key: str, number: int) -> str:
    """Return a reference as WordPress writes it."""
    return f'<sup data-fn="{key}" class="fn"><a href="#{key}" id="{key}-link">{number}</a></sup>'


FOOTNOTES = meta(
    "footnotes",
    json.dumps(
        [
            {"content": "在<em>北部</em>。", "id": "11-aa"},
            {"content": 'See <a href="https://a.example/">here</a>', "id": "22-bb"},
        ]
    ),
)


def test_footnotes_of_the_post_meta_are_footnotes(settings: ImportSettings) -> None:
    text = f"<p><strong>廠開了。</strong>{footnote('22-bb', 1)}又{footnote('11-aa', 2)}再{footnote('22-bb', 1)}。</p>"
    draft = post(settings, f"{text}<!-- wp:footnotes /-->", more=FOOTNOTES)
    assert draft.body == ("**廠開了。**[^1]又[^2]再[^1]。\n\n[^1]: See [here](https://a.example/)\n\n[^2]: 在*北部*。")
    assert draft.notes == ()
    assert draft.blocks[0].text == "廠開了。又再。"


def test_footnotes_that_markdown_cannot_hold_are_html(settings: ImportSettings) -> None:
    table = f'<figure class="wp-block-table"><table><tr><td>1{footnote("11-aa", 2)}</td></tr></table><figcaption>表'
    draft = post(settings, f"<p>廠。{footnote('22-bb', 1)}</p>{table}</figcaption></figure>", more=FOOTNOTES)
    assert "[^" not in draft.body
    for number in (1, 2):
        assert f'<sup><a href="#fn-{number}" id="fnref-{number}">{number}</a></sup>' in draft.body
    assert draft.body.endswith('</a></li><li id="fn-2">在<em>北部</em>。</li></ol>')


def test_a_footnote_that_a_table_refers_to_again_is_html(settings: ImportSettings) -> None:
    table = f'<figure class="wp-block-table"><table><tr><td>1{footnote("11-aa", 1)}</td></tr></table><figcaption>表'
    draft = post(settings, f"<p>廠。{footnote('11-aa', 1)}</p>{table}</figcaption></figure>", more=FOOTNOTES)
    assert "[^" not in draft.body
    assert draft.body.count('<a href="#fn-1"') == 2
    assert draft.body.count('id="fnref-1"') == 1


def test_footnotes_that_nothing_refers_to_are_not_lost(settings: ImportSettings) -> None:
    draft = post(settings, f"<p>廠。{footnote('11-aa', 1)}</p>", more=FOOTNOTES)
    assert draft.body == "廠。[^1]\n\n[^1]: 在*北部*。\n\nSee [here](https://a.example/)"
    assert post(settings, "<p>廠。</p>", more=FOOTNOTES).blocks[-1].text == "See here"


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ("", "footnotes: one has no text in the export (write it, or delete its number)"),
        ("[{broken", "footnotes: left out, since they are not as WordPress writes them (write them anew)"),
        ('{"id":"11-aa"}', "footnotes: left out, since they are not as WordPress writes them (write them anew)"),
    ],
)
def test_footnotes_without_a_text_are_said(value: str, note: str, settings: ImportSettings) -> None:
    draft = post(settings, f"<p>廠。{footnote('11-aa', 1)}</p>", more=meta("footnotes", value))
    assert draft.body == "<p>廠。<sup>1</sup></p>"
    assert note in draft.notes


def test_footnotes_in_shortcodes(settings: ImportSettings) -> None:
    draft = post(settings, "甲[ref]第*一*註[/ref]乙[mfn]用 <code>[mfn]</code>[/mfn]。")
    assert draft.body == "甲[^1]乙[^2]。\n\n[^1]: 第\\*一\\*註\n\n[^2]: 用 `[mfn]`"
    assert draft.notes == ()


def test_parts_of_footnotes_for_members_stay_with_them(settings: ImportSettings) -> None:
    value = json.dumps([{"content": "公開。[members]SECRET[/members]", "id": "11-aa"}])
    draft = post(settings, f"<p>廠。{footnote('11-aa', 1)}</p>", more=meta("footnotes", value))
    assert "SECRET" not in draft.body
    assert draft.notes


PIECES = [
    *(
        "[code]",
        "[/code]",
        "<pre>",
        "</pre>",
        "<code>",
        "</code>",
        "[gallery]",
        "[caption]",
        "[/caption]",
        "[[gallery]]",
    ),
    *('[gallery ids="11,12"]', "<img src='/a.jpg'>", "[youtube abcdef]", "[embed]", "[/embed]", "[box a=1]"),
    *(
        "[/box]",
        "[ref]",
        "[/ref]",
        "[[gallery]]",
        ref(),
        ref(6),
        "<!-- wp:x /-->",
        "<!--",
        "-->",
        '<!-- wp:gallery {"ids":[11,"x",[1]]} /-->',
    ),
    *('<!-- wp:embed {"url":5} /-->', "<!-- wp:block [1] /-->", '<!-- wp:block {"ref":[1]} /-->', footnote("11-aa", 1)),
    *(footnote("lost", 2), "<figure class='wp-block-embed'>", "<figure class='wp-block-gallery'>", "</figure>"),
    *("<figcaption>", "</figcaption>", "<li class='blocks-gallery-item'>", "<a href='https://a.example/'>", "</a>"),
    *("https://a.example/x\n", "\n\n", "\n", "晶圓", "**", "`", "<p>", "</p>", "<table><tr><td>", "</table>", "</div>"),
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join), st.lists(st.sampled_from(PIECES), max_size=8))
def test_any_text_is_read_without_marks_of_ours(settings: ImportSettings, text: str, shared: list[str]) -> None:
    others = (reusable("".join(shared)), attachment(11, "a.jpg", parent=1))
    draft = items(settings, item(text, more=FOOTNOTES), *others)[0]
    assert isinstance(draft, Draft), draft
    assert "\0" not in draft.body
    assert "\ue000" not in draft.body + draft.title + draft.text


def test_a_reusable_block_that_is_hidden_or_hides_a_part(settings: ImportSettings) -> None:
    hidden = '<!-- wp:block {"ref":12,"metadata":{"blockVisibility":false}} /-->'
    gate = "<!-- wp:pmpro/membership --><p>SECRET</p><!-- /wp:pmpro/membership -->"
    blocks = [item(f"<p>again</p>{gate}", 12, "wp_block"), item("<p>SECRET</p>", 13, "wp_block")]
    shown = post(settings, f'<p>one</p><!-- wp:block {{"ref":12}} /-->{hidden.replace("12", "13")}<p>two</p>', *blocks)
    assert [each.text for each in shown.blocks] == ["one", "again", "two"]
    assert [each.partition(" is ")[0] for each in shown.notes] == [
        "what the block block (metadata) shows",
        "what the block pmpro/membership shows",
    ]
