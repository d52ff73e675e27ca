"""Attribute by attribute: what stays, as what, and that judging twice changes nothing."""

import pytest

from feedsvc.articles.html.policy import (
    ATTRIBUTES,
    CONTENT_GOES_TOO,
    ELEMENTS,
    allowed_embed_value,
    allowed_value,
    candidates,
)

PAGE = "https://example.org/articles/a"
HERE = "https://example.org/articles"


@pytest.mark.parametrize(
    ("tag", "name", "value", "judged"),
    [
        pytest.param("a", "href", "b", f"{HERE}/b", id="relative"),
        pytest.param("a", "href", "", PAGE, id="empty: the page itself"),
        pytest.param("a", "href", "//e.org/x", "https://e.org/x", id="scheme-relative"),
        pytest.param("a", "href", "\\\\e.org\\x", "https://e.org/x", id="backslashes"),
        pytest.param("a", "href", "/\t/e.org", "https://e.org/", id="a tab inside slashes"),
        pytest.param("a", "href", "HTTP://E.org/晶片?q=值", "http://e.org/%E6%99%B6%E7%89%87?q=%E5%80%BC", id="IRI"),
        pytest.param("a", "href", "https://例え.jp/", "https://xn--r8jz45g.jp/", id="IDN"),
        pytest.param("a", "href", "MailTo:a@e.org", "mailto:a@e.org", id="mailto"),
        pytest.param("a", "href", "java\tscript:x", None, id="script with a tab"),
        pytest.param("a", "href", "\x01javascript:x", None, id="script behind a control character"),
        pytest.param("a", "href", "JaVaScRiPt:x", None, id="script in mixed case"),
        pytest.param("a", "href", "vbscript:x", None, id="vbscript"),
        pytest.param("a", "href", "data:text/html,x", None, id="data"),
        pytest.param("a", "href", "blob:https://e.org/x", None, id="blob"),
        pytest.param("a", "href", "ftp://e.org/", None, id="ftp"),
        pytest.param("a", "href", "https://[::1", None, id="no URL"),
        pytest.param("a", "href", "#x", f"{PAGE}#c-x", id="fragment"),
        pytest.param("a", "href", "#x#y", f"{PAGE}#c-x#y", id="a fragment with a # in it"),
        pytest.param("a", "href", "#", f"{PAGE}#", id="empty fragment"),
        pytest.param("a", "href", f"{PAGE}#x", f"{PAGE}#c-x", id="fragment of the page, absolute"),
        pytest.param("a", "href", "b#x", f"{HERE}/b#x", id="fragment of another page"),
        pytest.param("a", "href", "#c-x", f"{PAGE}#c-x", id="fragment judged already"),
        pytest.param("a", "rel", "opener", "noopener", id="rel is ours"),
        pytest.param("a", "target", "_top", None, id="target"),
        pytest.param("a", "onclick", "x()", None, id="handler"),
        pytest.param("p", "style", "color:red", None, id="style"),
        pytest.param("p", "class", "x", None, id="class"),
        pytest.param("p", "name", "x", None, id="name"),
        pytest.param("p", "href", "https://e.org/", None, id="href where none is due"),
        pytest.param("svg", "id", "x", None, id="an element that is not allowed"),
        pytest.param("p", "id", "body", "c-body", id="id is prefixed"),
        pytest.param("p", "id", " a b ", "c-ab", id="id without white space"),
        pytest.param("p", "id", "c-x", "c-x", id="id judged already"),
        pytest.param("p", "id", " ", None, id="empty id"),
        pytest.param("td", "headers", "a c-b", "c-a c-b", id="headers follow the ids"),
        pytest.param("td", "headers", " ", None, id="no headers"),
        pytest.param("p", "lang", "zh_tw", "zh-TW", id="lang"),
        pytest.param("p", "lang", "zh tw", None, id="no lang"),
        pytest.param("a", "hreflang", "JA", "ja", id="hreflang"),
        pytest.param("p", "dir", "RTL", "RTL", id="dir"),
        pytest.param("p", "dir", "up", None, id="no dir"),
        pytest.param("p", "title", '<b> "&', '<b> "&', id="title is text"),
        pytest.param("img", "src", "a.png", f"{HERE}/a.png", id="src"),
        pytest.param("img", "src", "  ", None, id="empty src"),
        pytest.param("img", "src", "mailto:a@e.org", None, id="src by mail"),
        pytest.param("img", "src", "data:image/png;base64,AA", None, id="src in itself"),
        pytest.param("img", "width", "640", "640", id="width"),
        pytest.param("img", "width", "100%", None, id="no width"),
        pytest.param("img", "height", "١٢", None, id="digits are ASCII"),
        pytest.param("img", "loading", "lazy", None, id="loading is the page's"),
        pytest.param("img", "sizes", "(min-width: 40em) 50vw, 100vw", "(min-width: 40em) 50vw, 100vw", id="sizes"),
        pytest.param("img", "sizes", "expression(alert`1`)", None, id="no sizes"),
        pytest.param("q", "cite", "javascript:x", None, id="cite"),
        pytest.param("blockquote", "cite", "/x", "https://example.org/x", id="cite, relative"),
        pytest.param("time", "datetime", "2026-03-01T09:30Z", "2026-03-01T09:30Z", id="datetime"),
        pytest.param("del", "datetime", "<x>", None, id="no datetime"),
        pytest.param("ol", "start", "-5", "-5", id="start"),
        pytest.param("ol", "start", "9" * 10, None, id="start too large"),
        pytest.param("ol", "type", "A", "A", id="type"),
        pytest.param("ol", "type", "disc", None, id="no type"),
        pytest.param("ol", "reversed", "x", "", id="reversed"),
        pytest.param("li", "value", "3", "3", id="value"),
        pytest.param("details", "open", "x", "", id="open"),
        pytest.param("td", "align", "right", "right", id="align"),
        pytest.param("th", "align", "Center", "Center", id="align of a header"),
        pytest.param("td", "align", "char", None, id="no align"),
        pytest.param("p", "align", "right", None, id="align where CSS is due"),
        pytest.param("td", "colspan", "2", "2", id="colspan"),
        pytest.param("td", "colspan", "1000", None, id="colspan too large"),
        pytest.param("td", "rowspan", "0", "0", id="rowspan: the rest"),
        pytest.param("col", "span", "0", None, id="no span"),
        pytest.param("th", "scope", "row", "row", id="scope"),
        pytest.param("th", "abbr", "N", "N", id="abbr"),
    ],
)
def test_an_attribute_is_judged(tag: str, name: str, value: str, judged: str | None) -> None:
    assert allowed_value(tag, name, value, PAGE) == judged
    assert judged is None or allowed_value(tag, name, judged, PAGE) == judged


@pytest.mark.parametrize(
    ("name", "value", "judged"),
    [
        ("src", "https://e.org/x", "https://e.org/x"),
        ("src", "//E.org/x", "https://e.org/x"),
        ("src", "http://e.org/x", None),
        ("src", "https://f.org/x", None),
        ("src", "https://e.org@f.org/x", None),
        ("src", "https://e.org:443/x", "https://e.org/x"),
        ("src", "https://e.org:8443/x", None),
        ("src", "https://u:p@e.org/x", None),
        ("src", "https://u@e.org/x", None),
        ("src", "https://e.org./x", None),
        ("src", "", None),
        ("sandbox", "allow-top-navigation", "allow-popups allow-presentation allow-same-origin allow-scripts"),
        ("allowfullscreen", "x", ""),
        ("width", "640", "640"),
        ("width", "100%", None),
        ("title", "<b>", "<b>"),
        ("alt", "x", None),
        ("srcdoc", "x", None),
    ],
)
def test_an_attribute_of_a_frame_that_may_stay_is_judged(name: str, value: str, judged: str | None) -> None:
    assert allowed_embed_value(name, value, PAGE, {"e.org"}) == judged


@pytest.mark.parametrize(
    ("srcset", "judged"),
    [
        ("a.png", "a.png"),
        ("a.png 1x, b.png 2x", "a.png 1x, b.png 2x"),
        ("a.png 1.5x,b.png 2x,", "a.png 1.5x, b.png 2x"),
        ("a 100w,\n\tb 200w", "a 100w, b 200w"),
        ("a, b 2x", "a, b 2x"),
        (" , ,a 1x", "a 1x"),
        ("a,, b", "a, b"),
        ("a,b 1x, c", "a,b 1x, c"),
        ("f_auto,q_auto/x.jpg 2x", "f_auto,q_auto/x.jpg 2x"),
        ("f_auto,q_auto/x.jpg,b", "f_auto,q_auto/x.jpg,b"),
        ("a .5x, b", "a .5x, b"),
        ("a 100w 50h, b", "a 100w, b"),
        ("X 1x, Y 2x", "X 1x, Y 2x"),
        ("javascript:x 1x, b 2x", "b 2x"),
        ("java\tscript:x 1x, b 2x", "b 2x"),
        ("data:image/png,x 1x, b 2x", "b 2x"),
        ("a 1z, b 2x, c 3x", "b 2x, c 3x"),
        ("a 1x 2w, b 2x", "b 2x"),
        ("a -1x, b", "b"),
        ("a 1.5w, b", "b"),
        ("a (1x, 2x), b 2x", "b 2x"),
        ("a (1x, b 2x", None),
        ("javascript:x", None),
        (",", None),
        ("", None),
        pytest.param("a" + "," * 200_000 + "b 1x", f"a{',' * 200_000}b 1x", id="very many commas"),
        pytest.param("a " * 200_000, None, id="very many words"),
    ],
)
def test_srcset_is_judged_candidate_by_candidate(srcset: str, judged: str | None) -> None:
    absolute = judged and ", ".join(f"{HERE}/{each}" for each in judged.split(", "))
    assert allowed_value("img", "srcset", srcset, PAGE) == absolute
    assert absolute is None or allowed_value("img", "srcset", absolute, PAGE) == absolute


def test_candidates_come_as_written() -> None:
    assert list(candidates("a 1x, ./b?x=(1,2)  200w 100h , c")) == [("a", "1x"), ("./b?x=(1,2)", "200w"), ("c", "")]


def test_nothing_is_both_allowed_and_no_prose() -> None:
    assert not ELEMENTS & CONTENT_GOES_TOO


@pytest.mark.parametrize(
    "element", "svg math style script form object iframe template base meta link input textarea x-y".split()
)
def test_what_the_policy_shuts_out(element: str) -> None:
    assert element not in ELEMENTS


@pytest.mark.parametrize(
    "element",
    "h1 h6 ul ol li dl table caption thead th td pre code kbd figure figcaption ruby rt rp bdi bdo details summary "
    "abbr sub sup q time mark img a blockquote".split(),
)
def test_what_the_policy_keeps(element: str) -> None:
    assert {"id", "lang", "dir", "title"} <= ATTRIBUTES[element]
