"""Nothing disappears silently: what readers will not get of an article's HTML is reported, with its line."""

from dataclasses import replace
from pathlib import Path

import pytest

from feedsvc.articles.body_to_html import EMPTY
from feedsvc.articles.html.lost_elements import ADVICE, QUIET
from feedsvc.articles.read import Parsed, read_article
from feedsvc.model import Site
from tests.feeds.cases import SITE

HEAD = "---\ntitle: a\npublished: 2026-10-01\ntopics: [chips]\n---\n"
ELEMENTS = {
    kind: names.split()
    for kind, _, names in (
        line.partition(": ")
        for line in (Path(__file__).parent / "data" / "elements.txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
}
# What browsers do not show, either: HTML §15.3.1 "Hidden elements", and formulas' parts that are there for machines.
NOT_SHOWN = {
    "datalist",
    "head",
    "noembed",
    "noframes",
    "template",
    "title",
    "annotation-xml",
    "mphantom",
    "none",
    "mspace",
}
NOT_SHOWN |= {"mprescripts", "track", "source", "param", "link", "meta", "base"}


def read(body: str, suffix: str = ".html", site: Site = SITE) -> Parsed:
    return read_article(f"articles/a{suffix}", (HEAD + body).encode(), site, lambda _path: None)


def said(body: str, suffix: str = ".html") -> list[str]:
    lost = [each for each in read(body, suffix).warnings if each.message != EMPTY]
    return [f"{each.line}: {each.message.partition(' (')[0]}" for each in lost]


@pytest.mark.parametrize("suffix", [".html", ".md"])
@pytest.mark.parametrize("name", [*ELEMENTS["html"], "x-own", "made_up"])
def test_the_text_of_every_element_stays_is_never_shown_or_is_reported(name: str, suffix: str) -> None:
    parsed = read(f"<div>before\n<{name}>lost</{name}></div>\n", suffix)
    if "lost" not in parsed.article.content and name not in NOT_SHOWN:
        assert [each.line for each in parsed.warnings] == [7], name
        assert parsed.warnings[0].message.startswith(f"<{name}> ")


@pytest.mark.parametrize("name", ELEMENTS["svg"])
def test_an_element_of_svg_is_reported_with_its_picture(name: str) -> None:
    parsed = read(f"a\n<svg><{name}>lost</{name}></svg>")
    assert "lost" in parsed.article.content or [each.line for each in parsed.warnings] == [7]


@pytest.mark.parametrize("name", ELEMENTS["math"])
def test_an_element_of_mathml_leaves_its_text(name: str) -> None:
    parsed = read(f"a\n<math><{name}>kept</{name}></math>")
    assert "kept" in parsed.article.content or name in NOT_SHOWN
    assert [each.line for each in parsed.warnings] == [7]


def test_each_name_is_either_quiet_or_explained() -> None:
    assert QUIET & ADVICE.keys() == {"img"}, "a picture is quiet as long as it has an address"
    assert all("(" in each for each in ADVICE.values()), "each says what to write instead"


@pytest.mark.parametrize(
    ("body", "messages"),
    [
        pytest.param("<p>a</p>\n<svg></svg>", ["7: <svg> is left out"], id="svg"),
        pytest.param("<svg>\n<text>a</text></svg>\n<SVG/>", ["6: <svg> is left out"], id="lines of several"),
        pytest.param(
            "\n<form\nx>\n<input><select><option>a</select></form>",
            ["7: <form> is left out but for its text: feeds have no forms"],
            id="a form is said once",
        ),
        pytest.param("<button>a</button>", ["6: <button> becomes its text: feeds have no forms"], id="a button"),
        pytest.param("<input type=hidden>", [], id="a hidden control"),
        pytest.param("<ul><li><input type=checkbox> a</ul>", [], id="a task"),
        pytest.param("<input type=checkbox> a", ["6: <input> is left out: feeds have no forms"], id="a box elsewhere"),
        pytest.param(
            "a\n<math><mi>x</mi></math>", ["7: <math> becomes a line of text, or its TeX in <code>"], id="math"
        ),
        pytest.param(
            "<object data=a><embed src=a></object>",
            ["6: <object> becomes what stands inside it, else a link"],
            id="a plugin in another is said once",
        ),
        pytest.param(
            "<iframe src=https://e.org/></iframe>", ["6: <iframe> becomes a link to what it shows"], id="a frame"
        ),
        pytest.param("<video src=/media/a.mp4></video><audio><source src=/media/a.mp3></audio>", [], id="players"),
        pytest.param(
            "<audio>a</audio>",
            ["6: <audio> without an address becomes what stands inside it"],
            id="a player of nothing",
        ),
        pytest.param(
            "<script>\n<svg>\n</script><style>\n<svg></style>",
            [
                "6: <script> is left out: feeds and pages run no scripts",
                "8: <style> is left out: feeds and pages have styles of their own",
            ],
            id="scripts and styles",
        ),
        pytest.param(
            "<frameset>\n<frame src=a></frameset>", ["6: <frameset> is left out", "7: <frame> is left out"], id="frames"
        ),
        pytest.param(
            "<map name=a><area><area href=https://e.org/></map>",
            ["6: <area> is left out: its link is lost"],
            id="an image map",
        ),
        pytest.param(
            "<!-- <svg> -->\n<p title='<svg>'>a</p><textarea><svg></textarea>",
            ["7: <textarea> becomes its text: feeds have no forms"],
            id="in comments, attributes and raw text",
        ),
        pytest.param("<div hidden><svg></svg></div><template><form></form></template>", [], id="what is hidden"),
        pytest.param("<noscript>a</noscript>", ["6: <noscript> is left out"], id="text without scripts"),
        pytest.param(
            "<img data-src=https://e.org/a.png><noscript><img src=https://e.org/a.png></noscript>",
            [],
            id="a picture shown twice",
        ),
        pytest.param(
            "<noscript><img src=https://e.org/a.png></noscript>",
            ["6: <noscript> is left out"],
            id="a picture shown without scripts alone",
        ),
        pytest.param("<noscript><img height=1 width=1 src=https://e.org/a></noscript>", [], id="a tracker"),
        pytest.param(
            "<p>List<String></p>",
            ["6: <string> is no element of HTML: only its text stays"],
            id="a type in angle brackets",
        ),
        pytest.param("<x-y>a</x-y><o:p>b</o:p>", [], id="custom elements"),
        pytest.param("<svg></svg>\n" * 9, ["6: <svg> is left out"], id="many"),
    ],
)
def test_what_is_reported(body: str, messages: list[str]) -> None:
    assert said(body) == messages


def test_the_other_lines_are_named_too() -> None:
    (warning,) = read("<svg></svg>\n<svg></svg><svg></svg>a\n").warnings
    assert warning.message == "<svg> is left out (save it as a file and show it: <img src=…>); also on line 7"
    (warning,) = read("<svg></svg>\n" * 9 + "a").warnings
    assert warning.message.endswith("; also on line 7, 8, 9, 10, 11, …")


def test_markdown_has_lines_too_and_its_code_is_none() -> None:
    body = "# a\n\n`<svg>` b <select></select>\n\n    <svg>\n\n```html\n<form>\n```\n\n<div>\n<svg></svg>\n</div>\n"
    assert said(body, ".md") == ["8: <select> becomes its text: feeds have no forms", "17: <svg> is left out"]
    assert said("<svg>", ".txt") == []


def test_addresses_that_readers_cannot_open_are_named_with_their_line() -> None:
    body = "a\n[b](tel:+886) ![c](file:///C:/c.png)\n\n<a href=javascript:x>d</a> [e](mailto:e@e) <img src=about:blank>"
    assert said(body, ".md") == [
        "7: the address 'tel:+886' is left out: feeds link to http, https, mailto alone",
        "7: the address 'file:///C:/c.png' is left out: feeds link to http, https, mailto alone",
        "9: the address 'javascript:x' is left out: feeds link to http, https, mailto alone",
    ]


def test_a_frame_that_stays_is_not_reported() -> None:
    site = replace(SITE, embed_hosts=("video.example",))
    parsed = read("<iframe src=https://video.example/1></iframe>", site=site)
    assert "<iframe" in parsed.article.content
    assert parsed.warnings == ()


def test_no_more_is_said_than_a_hundred_things() -> None:
    body = "".join(f"<a href='tel:{number}'>a</a>\n" for number in range(150))
    assert len(read(body).warnings) == 100


@pytest.mark.parametrize("suffix", [".html", ".md"])
@pytest.mark.parametrize("tag", ["<img>", "<img alt='A > b'>", '<img src="" alt="A">', "<IMG alt=src>"])
def test_a_picture_without_an_address_is_reported(tag: str, suffix: str) -> None:
    parsed = read(f"a\n\nb {tag} c\n", suffix)
    assert "<img" not in parsed.article.content
    assert [(each.line, each.message) for each in parsed.warnings] == [
        (8, "<img> without an address is left out (name the file: <img src=…>)")
    ]


@pytest.mark.parametrize(
    "html",
    [
        "<img alt='a > b' src='https://e.org/a.png'>",
        "<img alt='a' srcset='https://e.org/a.png 2x'>",
        "<img alt='a' data-src='https://e.org/a.png'>",
        "<img alt='a' data-original='https://e.org/a.png'>",
        "<picture><source srcset='https://e.org/a.png'><img alt='a'></picture>",
    ],
)
def test_a_picture_with_an_address_anywhere_is_not_reported(html: str) -> None:
    parsed = read(html)
    assert "https://e.org/a.png" in parsed.article.content
    assert parsed.warnings == ()
