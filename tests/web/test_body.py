"""What a page makes of an article's content. Feeds carry it as it is, and what changes it breaks no attribute."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.model import SafeHTML
from feedsvc.web.pages.article_html import Labels, for_page
from tests.conftest import Publication

PAGE = "https://example.org/articles/one"
LABELS = Labels(table='A "table"', frame="A frame", note='A "note"', close="Away")


def shown(html: str) -> str:
    return for_page(SafeHTML(html), PAGE, LABELS)


def levels(html: str) -> list[int]:
    """The levels of its headings, in their order."""
    return [int((node.tag or "")[1]) for node in LexborHTMLParser(html).css("h1, h2, h3, h4, h5, h6")]


def test_pictures_on_pages_load_when_they_come_into_view_and_feeds_do_not_say_so(publication: Publication) -> None:
    publication.article("one", '<img src="https://example.com/a.png" alt="a">')
    publication.sync()
    client = publication.client()
    assert '<img loading="lazy" src="https://example.com/a.png" alt="a">' in client.get("/articles/one").text
    for suffix in ("atom", "rss", "json"):
        assert "loading=" not in client.get(f"/feeds/chips.{suffix}").text


def test_footnotes_stay_on_the_page_and_feeds_name_it(publication: Publication) -> None:
    """A page may have been asked for in another language, or printed; a feed has no address that "#" could mean."""
    publication.article("一", "Text[^1], [there](#c-fn-1), [elsewhere](https://a.b/#c).\n\n[^1]: Note.")
    publication.sync()
    client = publication.client()
    page = LexborHTMLParser(client.get("/articles/一?ui=zh-Hant").text)
    links = [node.attributes["href"] or "" for node in page.css(".text a")]
    assert links == ["#c-fn-1", "#c-fn-1", "https://a.b/#c", "#c-fnref-1"]
    assert page.css_first("#c-fn-1") is not None
    assert "https://example.org/articles/%E4%B8%80#c-fn-1" in client.get("/feeds/chips.atom").text


def test_the_mark_of_a_footnote_has_a_button_that_shows_it() -> None:
    """The text of the page has no number twice; feeds have no button."""
    mark = f'<sup><a href="{PAGE}#c-fn-%E8%A8%BB" id="c-fnref-1" rel="noopener">1</a></sup>'
    assert shown(f'{mark}<ol><li id="c-fn-註"><p>Note.</p></li><li id="c-b">b</li></ol>') == (
        '<sup class="ref" id="c-fnref-1"><a href="#c-fn-%E8%A8%BB" rel="noopener">1</a>'
        '<button type="button" hidden popovertarget="c-fn-註" value="1" aria-label="A &#34;note&#34; 1"></button></sup>'
        '<ol><li popover id="c-fn-註"><button type="button" hidden popovertarget="c-fn-註" '
        'popovertargetaction="hide" aria-label="Away"></button><p>Note.</p></li><li id="c-b">b</li></ol>'
    )


@pytest.mark.parametrize(
    "mark",
    [
        '<sup><a href="https://a.b/#c-n">1</a></sup>',
        f'<sup><a href="{PAGE}#c-other">1</a></sup>',
        f'<sup><a href="{PAGE}">1</a></sup>',
        "<sup><a>1</a></sup>",
        f'<sup>see <a href="{PAGE}#c-n">1</a></sup>',
        f'<a href="{PAGE}#c-n">1</a>',
        f'<a title="{PAGE}#c-n" href="https://a.b/">1</a>',
    ],
)
def test_no_other_link_has_a_button(mark: str) -> None:
    html = shown(f'{mark}<ul><li id="c-n">n</li></ul>')
    assert "<button" not in html
    assert "popover" not in html


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (f'<a href="{PAGE}#c-a&amp;b" title="x">', '<a href="#c-a&amp;b" title="x">'),
        (f'<a href="{PAGE}#">', '<a href="#">'),
        (f'<a href="{PAGE}">', f'<a href="{PAGE}">'),
        (f'<a href="{PAGE}-2#c-a">', f'<a href="{PAGE}-2#c-a">'),
        (f'<a href="{PAGE}?page=2#c-a">', f'<a href="{PAGE}?page=2#c-a">'),
        (f'<a title=" href=" hreflang="en" href="{PAGE}#c-a">', '<a title=" href=" hreflang="en" href="#c-a">'),
        (f'<a title="{PAGE}#c-a">', f'<a title="{PAGE}#c-a">'),
        (f'<q cite="{PAGE}#c-a">', f'<q cite="{PAGE}#c-a">'),
    ],
)
def test_only_links_to_the_page_itself_become_fragments(written: str, expected: str) -> None:
    assert shown(written) == expected


def test_what_looks_like_a_tag_inside_an_attribute_is_left_alone() -> None:
    html = '<p title="<img src=x><h1>">&lt;img <img src="https://a.b/c" alt="a > <img b"></p>'
    assert shown(html) == (
        '<p title="<img src=x><h1>">&lt;img <img loading="lazy" src="https://a.b/c" alt="a > <img b"></p>'
    )


def test_a_picture_without_a_description_is_decoration() -> None:
    """HTML wants an alt on every image; screen readers say the file's name where there is none."""
    assert shown('<img src="https://a.b/c">') == '<img loading="lazy" alt="" src="https://a.b/c">'


def test_room_is_kept_for_our_own_pictures(publication: Publication) -> None:
    """Width and height are in the page, so nothing moves when the picture is there."""
    publication.article("one/index", "![a](a.svg) ![b](b.png) ![c](https://elsewhere.example/c.png)", image="a.svg")
    publication.write("articles/one/a.svg", '<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80"/>')
    publication.write("articles/one/b.png", b"\x89PNG\r\n\x1a\n that is none")
    publication.sync()
    page = LexborHTMLParser(publication.client().get("/articles/one").text)
    sizes = [(node.attributes.get("width"), node.attributes.get("height")) for node in page.css(".text img")]
    assert sizes == [("120", "80"), (None, None), (None, None)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<h2>a</h2><h3>b</h3><h2>c</h2>", [2, 3, 2]),
        ("<h1>a</h1><h2>b</h2><h1>c</h1>", [2, 3, 2]),
        ("<h1>a</h1><h3>b</h3><h2>c</h2>", [2, 3, 3]),
        ("<h4>a</h4><h3>b</h3><h4>c</h4>", [2, 2, 3]),
        ("<h1>1</h1><h2>2</h2><h3>3</h3><h4>4</h4><h5>5</h5><h6>6</h6>", [2, 3, 4, 5, 6, 6]),
        ('<h1 id="c-x"><em>a</em></h1>', [2]),
    ],
)
def test_headings_stand_below_the_title(written: str, expected: list[int]) -> None:
    """The page's title is its only h1, and no level is left out; every heading is closed as it was opened."""
    html = shown(written)
    assert levels(html) == expected
    assert LexborHTMLParser(html).text() == LexborHTMLParser(written).text()


@given(st.lists(st.sampled_from(["h1", "h2", "h3", "h4", "h5", "h6", "p", "table", "pre"]), max_size=12))
def test_any_outline_is_right(tags: list[str]) -> None:
    """Whatever was written: no h1, no level left out, nothing lost."""
    html = sanitize("".join(f"<{tag}>{n}</{tag}>" for n, tag in enumerate(tags)), "https://example.org/a")[0]
    found = levels(shown(html))
    assert 1 not in found
    assert all(after - before <= 1 for before, after in pairwise([1, *found]))
    assert LexborHTMLParser(shown(html)).text() == LexborHTMLParser(html).text()


def test_what_is_too_wide_scrolls_by_keyboard_as_well() -> None:
    """WCAG 2.1.1: what scrolls can be focused, and says what it is."""
    html = shown("<table><tbody><tr><td>a</td></tr></tbody></table><pre>b</pre>")
    assert html == (
        '<div class="scroll" role="group" aria-label="A &#34;table&#34;" tabindex="0">'
        '<table><tbody><tr><td>a</td></tr></tbody></table></div><pre tabindex="0">b</pre>'
    )


def test_the_empty_corner_of_a_table_heads_nothing() -> None:
    """A header cell without a text says nothing to who cannot see the table."""
    html = shown("<table><thead><tr><th></th><th>a</th></tr></thead></table>")
    assert '<tr><td></td><th scope="col">a</th></tr>' in html


def test_header_cells_say_what_they_head() -> None:
    html = shown(
        '<table><thead><tr><th>a</th></tr></thead><tbody><tr><th>b</th><th scope="col">c</th></tr></tbody></table>'
    )
    assert '<th scope="col">a</th>' in html
    assert '<th scope="row">b</th><th scope="col">c</th>' in html


def test_columns_are_aligned_by_the_style_sheet() -> None:
    """`align` is obsolete in HTML; feeds keep it."""
    html = shown('<table><tr><th align="right">a</th><td title=" align=" align="Center">b</td></tr></table>')
    assert '<th scope="row" class="right">a</th><td title=" align=" class="center">b</td>' in html


def test_a_cell_says_that_a_word_of_it_fits_no_column_of_paper() -> None:
    """25 characters, also with a part in bold; not the sum of several words, nor a word of the next cell."""
    html = shown(
        f'<table><tr><td>{"w" * 24} {"v" * 24}</td><td align="right">a <b>{"w" * 20}</b>{"v" * 5}</td></tr></table>'
    )
    assert f"<td>{'w' * 24} " in html
    assert '<td class="right long-word">a <b>' in html


def test_frames_of_trusted_hosts_are_shown_and_no_others(publication: Publication) -> None:
    site = publication.settings.content / "site.toml"
    site.write_text(f'embed_hosts = ["www.video.example"]\n{site.read_text("utf-8")}', "utf-8")
    publication.article("one", '<iframe src="https://www.video.example/1"></iframe>')
    publication.sync()
    page = publication.client().get("/articles/one")
    assert '<iframe loading="lazy" title="Embedded content" src="https://www.video.example/1" sandbox=' in page.text
    assert page.headers["Content-Security-Policy"].endswith("; frame-src https://www.video.example")


def test_without_trusted_hosts_no_frame_is_allowed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    assert "frame-src" not in publication.client().get("/articles/one").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("written", "is_alone"),
    [
        ('<p><img src="https://a.b/c" alt="a > b"></p>', True),
        ('<p lang="zh">\n<a href="https://a.b/"><img src="https://a.b/c"></a> </p>', True),
        ('<figure><img src="https://a.b/c"><figcaption>圖</figcaption></figure>', True),
        ('<p>晶圓<img src="https://a.b/c"></p>', False),
        ('<p><img src="https://a.b/c">。</p>', False),
        ('<p><img src="https://a.b/c"><img src="https://a.b/d"></p>', False),
        ('<p>a <a href="https://a.b/"><img src="https://a.b/c"></a></p>', False),
        ('<p><b>a</b><img src="https://a.b/c"></p>', False),
        ('<b title="<p><img src=x></p>">a</b>', False),
    ],
)
def test_a_picture_that_is_all_of_its_paragraph_is_known_as_such(written: str, is_alone: bool) -> None:
    """The stylesheet keeps room for it; one within a sentence is as large as it is."""
    assert (' class="alone"' in shown(written)) is is_alone


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ('<p><img src="https://a.b/c" alt="a" title="T"></p>', "T"),
        (
            '<p> <a href="https://a.b/"> <img src="https://a.b/c" alt="a" title="晶片 &lt;b&gt; &amp;amp;"> </a> </p>',
            "晶片 <b> &amp;",
        ),
        ('<blockquote><p><img title="שלום 🎉" src="https://a.b/c"></p></blockquote>', "שלום 🎉"),
        ('<p><img src="https://a.b/c" alt="a > <img b" title="T"></p>', "T"),
        ('<p><img src="https://a.b/c" alt="a" title=" "></p>', None),
        ('<p><img src="https://a.b/c" alt=\' title="T"\'></p>', None),
        ('<p><img src="https://a.b/c" alt="a"></p>', None),
        ('<p>Text <img src="https://a.b/c" alt="a" title="T"></p>', None),
        ('<p><img src="https://a.b/c" title="T"><img src="https://a.b/d" title="U"></p>', None),
        ('<figure><img src="https://a.b/c" title="T"><figcaption>C</figcaption></figure>', "C"),
    ],
)
def test_the_title_of_a_picture_by_itself_is_its_caption(html: str, expected: str | None) -> None:
    safe, _ = sanitize(html, PAGE)
    tree = LexborHTMLParser(for_page(safe, PAGE, LABELS))
    captions = [each.text() for each in tree.css("figure > figcaption")]
    assert captions == ([] if expected is None else [expected])
    # Nothing is said twice, and no picture is lost.
    assert len(tree.css("img")) == html.count("src=")
    assert not tree.css("p > p, p > figure")
    if expected not in (None, "C"):
        assert not tree.css("[title]")


def test_a_caption_is_on_the_page_and_feeds_keep_the_title(publication: Publication) -> None:
    publication.article("one", '![a](https://example.com/a.png "The <caption>")')
    publication.sync()
    client = publication.client()
    assert "<figcaption>The &lt;caption&gt;</figcaption>" in client.get("/articles/one").text
    for suffix in ("atom", "rss", "json"):
        assert "figcaption" not in client.get(f"/feeds/chips.{suffix}").text


def test_sizes_are_offered_where_the_width_is_known() -> None:
    html = '<img src="https://a.b/c?d=1&amp;e=2"> <img src="https://a.b/small"> <img src="https://a.b/x" width="30">'

    def sources(url: str, width: int) -> str:
        return f"https://a.b/s 480w, {url} {width}w" if "d=1" in url else ""

    page = for_page(SafeHTML(html), PAGE, LABELS, lambda _url: (900, 600), sources=sources)
    first, second, third = LexborHTMLParser(page).css("img")
    assert first.attributes["srcset"] == "https://a.b/s 480w, https://a.b/c?d=1&e=2 900w"
    assert first.attributes["sizes"] == "(max-width: 45rem) 100vw, 45rem"
    assert (first.attributes["width"], first.attributes["height"]) == ("900", "600")
    assert first.attributes["src"] == "https://a.b/c?d=1&e=2"
    assert not {"srcset", "sizes", "decoding"} & {*second.attributes, *third.attributes}
