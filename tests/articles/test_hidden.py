"""What no browser shows is dropped with its content; what screen readers alone do not read stays."""

import pytest

from feedsvc.articles.html.sanitize import sanitize

PAGE = "https://example.org/articles/a"


@pytest.mark.parametrize(
    "attribute",
    [
        "hidden",
        "HIDDEN=hidden",
        "hidden=''",
        "style='display:none'",
        "style='DISPLAY : None ! Important'",
        "style='color:red;;display:/**/none'",
        "style='display:none/* open'",
        r"style='d\69 splay:n\6Fne'",
        r"style='di\splay:none'",
        "style='display:block;display:none'",
        "style='display:none!important;display:block'",
        "style='display:none;display:made-up'",
        "style='visibility:hidden'",
        "style='visibility: collapse'",
        'style="background:url(data:image/png;base64,AA==);display:none"',
        "style=\"font-family:'a;b';display:none\"",
        "hidden style='display:made-up'",
        "hidden style='color:red'",
    ],
)
@pytest.mark.parametrize(
    "html",
    [
        "<p {}>lost</p>",
        "<div {}><p>lost<div hidden>lost</div><template>lost</template></p></div>",
        "<ul><li {}>lost</ul>",
        "<b {}>lost<i>lost</b>",
        "<!doctype html><html><head><title>t</title></head><body><section {}>lost</section></body></html>",
        "<img src=lost.png {}>",
        "<x-y {}>lost</x-y>",
        "<video src=lost.mp4 {}></video>",
        "<iframe src=https://lost.example/ {}></iframe>",
    ],
)
def test_what_is_hidden_goes_with_its_content(html: str, attribute: str) -> None:
    content, enclosures = sanitize(f"<p>a</p>{html.format(attribute)}<p>z</p>", PAGE)
    assert "lost" not in content
    assert enclosures == ()
    assert "z" in content


@pytest.mark.parametrize(
    "attribute",
    [
        "aria-hidden=true",
        "hidden=until-found",
        "hidden style='display:block'",
        "style='display:none;display:block'",
        "style='display:none;display:block!important'",
        "style='display:made-up'",
        "style='displaynone'",
        "style='background:url(x;display:none)'",
        "style='/*display:none*/'",
        "style='visibility:visible'",
        "style='opacity:1'",
        "class=hidden",
        "style",
    ],
)
def test_what_can_be_seen_stays(attribute: str) -> None:
    assert sanitize(f"<p {attribute}>seen</p>", PAGE)[0] == "<p>seen</p>"


def test_a_whole_document_that_hides_itself_until_its_script_has_run_stays() -> None:
    assert sanitize("<html hidden><body style='display:none'><p>a</p></body></html>", PAGE)[0] == "<p>a</p>"


def test_templates_go() -> None:
    assert sanitize("a<template><p>x</p><template>y</template></template>b", PAGE)[0] == "ab"
