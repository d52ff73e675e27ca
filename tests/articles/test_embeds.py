"""What only a script fills becomes a link, and what people read of a form stays; both are reported with their lines."""

import pytest

from tests.articles.test_lost_elements import read, said

BECOMES = "becomes a link to what it shows, since feeds and pages run no scripts"


@pytest.mark.parametrize(
    ("written", "url", "text"),
    [
        ("<amp-youtube data-videoid='a b'></amp-youtube>", "https://www.youtube.com/watch?v=a%20b", "youtube.com"),
        ("<lite-youtube videoid=a playlabel=影片></lite-youtube>", "https://www.youtube.com/watch?v=a", "影片"),
        ("<amp-instagram data-shortcode=a></amp-instagram>", "https://www.instagram.com/p/a/", "instagram.com"),
        ("<amp-facebook data-href=https://e.org/a></amp-facebook>", "https://e.org/a", "e.org"),
        ("<div class=fb-post data-href=https://www.e.org/a></div>", "https://www.e.org/a", "e.org"),
        ("<blockquote data-instgrm-permalink=https://e.org/a></blockquote>", "https://e.org/a", "e.org"),
        ("<blockquote class=tiktok-embed cite=https://e.org/a></blockquote>", "https://e.org/a", "e.org"),
        ("<figure><oembed url=https://e.org/a></oembed></figure>", "https://e.org/a", "e.org"),
        ("<portal src=/a title=入口></portal>", "https://example.org/a", "入口"),
        ("<x-card href=https://e.org/a></x-card>", "https://e.org/a", "e.org"),
    ],
)
def test_it_becomes_a_link(written: str, url: str, text: str) -> None:
    parsed = read(f"<p>One.</p>\n{written}\n")
    assert f'<a href="{url}" rel="noopener">{text}</a>' in parsed.article.content
    assert [(each.line, BECOMES in each.message) for each in parsed.warnings] == [(7, True)]


def test_text_inside_stays_in_front_of_the_link() -> None:
    content = read("<blockquote class=tiktok-embed cite=https://e.org/a>說</blockquote>").article.content
    assert (
        content
        == '<blockquote cite="https://e.org/a">說 <a href="https://e.org/a" rel="noopener">e.org</a></blockquote>'
    )


@pytest.mark.parametrize(
    ("written", "content"),
    [
        ("<amp-img src=https://e.org/a.png alt=a></amp-img>", '<img src="https://e.org/a.png" alt="a">'),
        ("<x-own>text</x-own>", "text"),
        ("<x-own><a href=https://e.org/>a</a></x-own>", '<a href="https://e.org/" rel="noopener">a</a>'),
        (
            "<div data-href=https://e.org/><img src=https://e.org/a.png></div>",
            '<div><img src="https://e.org/a.png"></div>',
        ),
        ("<blockquote cite=https://e.org/>a</blockquote>", '<blockquote cite="https://e.org/">a</blockquote>'),
        ("<div data-href=javascript:a>a</div>", "<div>a</div>"),
    ],
)
def test_what_readers_see_anyway_is_not_reported(written: str, content: str) -> None:
    parsed = read(written)
    assert parsed.article.content == content
    assert parsed.warnings == ()


def test_a_row_of_a_table_holds_no_link_itself() -> None:
    assert "e.org" not in read("<table><tr data-href=https://e.org/><td>a</table>").article.content


def test_amps_players_are_players() -> None:
    assert [each.url for each in read("<amp-video src=https://e.org/a.mp4></amp-video>").article.enclosures] == [
        "https://e.org/a.mp4"
    ]


def test_an_element_that_shows_nothing_without_its_script_is_reported() -> None:
    assert said("a\n<x-own></x-own>") == ["7: <x-own> is left out: only a script could fill it"]


@pytest.mark.parametrize(
    ("written", "content", "reported"),
    [
        ("<button>Buy <b>now</b></button>", "Buy <b>now</b>", "<button> becomes its text"),
        ("<button></button>a", "a", "<button> becomes its text"),
        ("<select><optgroup label=x><option>甲<option>乙</select>", "甲 / 乙", "<select> becomes its text"),
        ("<textarea>\na\n&lt;b></textarea>", "a<br>&lt;b&gt;", "<textarea> becomes its text"),
        ("<input type=Submit value='Send &amp; go'>", "Send &amp; go", "<input> is left out"),
        ("a<input type=text value=secret placeholder=b>", "a", "<input> is left out"),
        ("<label>Name <input></label>", "Name", "<input> is left out"),
    ],
)
def test_the_text_of_a_form_stays(written: str, content: str, reported: str) -> None:
    assert read(written).article.content.strip() == content
    assert [each.partition(":")[0] + each.partition(":")[2].partition(":")[0] for each in said(written)] == [
        f"6 {reported}"
    ]
