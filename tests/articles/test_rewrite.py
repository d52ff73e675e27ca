"""HTML as people save it → HTML that reads well everywhere. (Safety is the sanitizer's matter.)"""

import pytest

from feedsvc.articles.html.rewrite import rewrite
from feedsvc.model import Enclosure

PAGE = "https://example.org/articles/a"
HERE = "https://example.org/articles"


def html(written: str, **files: str) -> str:
    return rewrite(written, PAGE, files.get).html


def link(path: str, text: str, inside: str = "") -> str:
    return f'<a href="{HERE}/{path}">{inside}{text}</a>'


@pytest.mark.parametrize(
    ("written", "body"),
    [
        pytest.param("<p>a", "<p>a</p>", id="a fragment"),
        pytest.param(
            "<!doctype html><html><head><title>t</title></head><body>a</body></html>",
            "<title>t</title>a",
            id="a document",
        ),
        pytest.param("", "", id="nothing"),
        pytest.param("<frameset><frame src=x></frameset>", "", id="frames"),
        pytest.param("<noscript>a</noscript>b", "<noscript>a</noscript>b", id="what would open a head"),
        pytest.param("</p></body>a", "<p></p>a", id="stray ends"),
    ],
)
def test_all_that_is_written_is_in_the_body(written: str, body: str) -> None:
    assert html(written) == body


@pytest.mark.parametrize(
    ("written", "rewritten"),
    [
        pytest.param("<iframe src='x/y.html'></iframe>", link("x/y.html", "example.org"), id="named by its host"),
        pytest.param(
            "<iframe src='https://www.youtube.com/embed/xyz'></iframe>",
            '<a href="https://www.youtube.com/embed/xyz">youtube.com</a>',
            id="without www",
        ),
        pytest.param("<iframe src=x title='A &amp; B'></iframe>", link("x", "A &amp; B"), id="named by its title"),
        pytest.param("<iframe src=x title='\u200b'></iframe>", link("x", "example.org"), id="a title nobody can see"),
        pytest.param("<iframe data-src=x></iframe>", link("x", "example.org"), id="lazily loaded"),
        pytest.param("<iframe src='javascript:x'></iframe>b", "b", id="a script"),
        pytest.param("<iframe src='mailto:a@e.org'></iframe>b", "b", id="a mail"),
        pytest.param("<iframe srcdoc='x'></iframe>b", "b", id="of its own"),
        pytest.param("<iframe>x</iframe>b", "b", id="without a source"),
    ],
)
def test_a_frame_becomes_a_link_to_what_it_showed(written: str, rewritten: str) -> None:
    assert html(written) == rewritten


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param('src="https://e.org/x"', 'src="https://e.org/x"', id="as it is"),
        pytest.param("data-src=//E.org/晶", 'src="https://e.org/%E6%99%B6"', id="lazily loaded"),
        pytest.param(
            "src=https://e.org/ name=x width=640 allowfullscreen onload=y()",
            'src="https://e.org/" width="640" allowfullscreen=""',
            id="with what it may have",
        ),
        pytest.param("src=https://e.org/ title='&quot;<b>'", 'src="https://e.org/" title="&quot;<b>"', id="escaped"),
    ],
)
def test_a_frame_of_a_trusted_host_stays(written: str, kept: str) -> None:
    found = rewrite(f"<iframe {written}>x</iframe>", PAGE, lambda _reference: None, {"e.org"})
    assert found.html.replace("&lt;", "<").replace("&gt;", ">") == f"<iframe {kept}></iframe>"


@pytest.mark.parametrize(
    ("written", "rewritten", "types"),
    [
        pytest.param("<video src=a.mp4>no</video>", link("a.mp4", "a.mp4"), ["video/mp4"], id="video"),
        pytest.param("<audio src=a.mp3 title=T>", link("a.mp3", "T"), ["audio/mpeg"], id="audio with a title"),
        pytest.param(
            "<video poster=p.png src=a.webm></video>",
            link("a.webm", "a.webm", f'<img src="{HERE}/p.png" alt="">'),
            ["video/webm"],
            id="with a poster",
        ),
        pytest.param(
            "<video poster='javascript:x' src=a.mp4></video>", link("a.mp4", "a.mp4"), ["video/mp4"], id="a bad poster"
        ),
        pytest.param(
            "<video><source src=a type='VIDEO/WebM; codecs=x'><source src=b.mkv><source src=c type=text/html></video>",
            link("a", "a"),
            ["video/webm", "video/x-matroska", "video/mp4"],
            id="several sources",
        ),
        pytest.param("<audio src=a></audio>", link("a", "a"), ["audio/mpeg"], id="a type nobody names"),
        pytest.param(
            "<audio><source src=a type=audio/flac><source src=b type='audio/ogg;a;b'></audio>",
            link("a", "a"),
            ["audio/flac", "audio/ogg"],
            id="types with and without parameters",
        ),
        pytest.param("<audio src=a type=audio/晶></audio>", link("a", "a"), ["audio/mpeg"], id="a type that is none"),
        pytest.param(
            "<audio src=a.html></audio>", link("a.html", "a.html"), ["audio/mpeg"], id="a suffix that is none"
        ),
        pytest.param(
            "<audio src=a.opus><source src=a.opus></audio>", link("a.opus", "a.opus"), ["audio/ogg"], id="twice"
        ),
        pytest.param("<video src='data:x'>a</video>b", "ab", [], id="nothing that can be fetched"),
        pytest.param("<video></video>b", "b", [], id="no source"),
        pytest.param("<video>a<audio>c<source></audio></video>b", "ac<source>b", [], id="none in either"),
        pytest.param(
            "<audio><video src=a.mp4></video></audio>", link("a.mp4", "a.mp4"), ["video/mp4"], id="a player in one"
        ),
    ],
)
def test_a_player_becomes_a_link_and_enclosures(written: str, rewritten: str, types: list[str]) -> None:
    found = rewrite(written, PAGE, lambda _reference: None)
    assert (found.html, [each.type for each in found.enclosures]) == (rewritten, types)


def test_enclosures_are_absolute_and_of_unknown_length() -> None:
    found = rewrite("<audio src='晶.mp3'></audio>", PAGE, lambda _reference: None)
    assert found.enclosures == (Enclosure(url=f"{HERE}/%E6%99%B6.mp3", type="audio/mpeg", length=0),)


@pytest.mark.parametrize(
    "image",
    [
        "<img src=x width=1 height=1>",
        "<img src=x width='0' height=' 1px '>",
        "<img src=x style='width: 1px'>",
        "<img src=x style='border:0;HEIGHT:0;color:red'>",
        "<img src=x style='display : none'>",
        "<img src='data:image/gif;base64,R0lGOD'>",
        "<img src='javascript:x'>",
        "<img src=''>",
        "<img alt=x>",
        "<img srcset='javascript:x 2x'>",
    ],
)
def test_an_image_nobody_can_see_goes(image: str) -> None:
    assert html(f"a{image}b") == "ab"


@pytest.mark.parametrize(
    ("image", "source"),
    [
        ("<img src=x>", "x"),
        ("<img src=x width=1 height=100>", "x"),
        ("<img src=x width=1>", "x"),
        ("<img src=x style='max-width:1px'>", "x"),
        ("<img src=x style='width:100px'>", "x"),
        ("<img data-src=x src='data:image/gif;base64,R0lGOD'>", "x"),
        ("<img data-lazy-src=x>", "x"),
        ("<img data-original=x src=''>", "x"),
    ],
)
def test_an_image_has_its_own_address(image: str, source: str) -> None:
    assert f'src="{HERE}/{source}"' in html(image)


def test_an_image_with_a_srcset_alone_stays() -> None:
    assert html("<img srcset='a 1x'>") == '<img srcset="a 1x">'


@pytest.mark.parametrize(
    ("written", "rewritten"),
    [
        ('<a href="f">a</a>', '<a href="https://m/1">a</a>'),
        ('<a href="g">a</a>', '<a href="g">a</a>'),
        ('<img src="f">', '<img src="https://m/1">'),
        (
            '<img src="https://e.org/" srcset="f 1x, g 2x,f">',
            '<img src="https://e.org/" srcset="https://m/1 1x, g 2x, https://m/1">',
        ),
        ('<video src="f" poster="f"></video>', '<a href="https://m/1"><img src="https://m/1" alt="">f</a>'),
    ],
)
def test_files_beside_the_article_get_their_public_address(written: str, rewritten: str) -> None:
    assert html(written, f="https://m/1") == rewritten


@pytest.mark.parametrize(
    ("written", "rewritten"),
    [
        pytest.param("<pre><code>a</code></pre>", '<pre dir="ltr"><code>a</code></pre>', id="a block"),
        pytest.param("<p><code>a</code>", '<p><code dir="ltr">a</code></p>', id="in a line"),
        pytest.param(
            "<kbd><samp>a</samp></kbd><samp>b</samp>",
            '<kbd dir="ltr"><samp>a</samp></kbd><samp dir="ltr">b</samp>',
            id="once where one stands in another",
        ),
        pytest.param('<code dir="rtl">a</code>', '<code dir="rtl">a</code>', id="with a direction of its own"),
    ],
)
@pytest.mark.parametrize("direction", ["rtl", "RTL"])
def test_code_in_what_runs_from_right_to_left_runs_from_left_to_right(
    written: str, rewritten: str, direction: str
) -> None:
    assert html(f'<div dir="{direction}">{written}</div>') == f'<div dir="{direction}">{rewritten}</div>'


def test_code_elsewhere_needs_no_direction() -> None:
    assert html('<div dir="rtl">a</div><pre>b</pre><p dir="ltr"><code>c</code></p>').count("dir=") == 2


MEDIA = "https://example.org/media"


@pytest.mark.parametrize(
    ("written", "rewritten", "titles"),
    [
        pytest.param("<video src=f.mp4>", f'<a href="{MEDIA}/1.mp4">f.mp4</a>', ["f.mp4"], id="a player"),
        pytest.param("<video src=f.mp4 title=T>", f'<a href="{MEDIA}/1.mp4">T (f.mp4)</a>', ["f.mp4"], id="titled"),
        pytest.param("<img src=f.mp4 alt='A f.mp4'>", f'<a href="{MEDIA}/1.mp4">A f.mp4</a>', ["f.mp4"], id="named"),
        pytest.param("<img src=f.mp4>", f'<a href="{MEDIA}/1.mp4">f.mp4</a>', ["f.mp4"], id="a picture that plays"),
        pytest.param("<img src=f.pdf alt=P>", f'<a href="{MEDIA}/1.pdf">P (f.pdf)</a>', [], id="a paper"),
        pytest.param("<img src=f.png>", f'<img src="{MEDIA}/1.png">', [], id="a picture"),
        pytest.param(
            "<img src=https://e.org/a%20b.mp3>", '<a href="https://e.org/a%20b.mp3">a b.mp3</a>', [""], id="elsewhere"
        ),
        pytest.param("<img src=https://e.org/a.pdf>", '<img src="https://e.org/a.pdf">', [], id="no file of ours"),
        pytest.param("<img src=https://e.org/a>", '<img src="https://e.org/a">', [], id="a type nobody knows"),
        pytest.param(
            "<video src=f.mp4><img src=f.png></video>", f'<a href="{MEDIA}/1.mp4">f.mp4</a>', ["f.mp4"], id="a fallback"
        ),
    ],
)
def test_what_plays_becomes_a_link_with_the_files_own_name(written: str, rewritten: str, titles: list[str]) -> None:
    found = rewrite(written, PAGE, {f"f{each}": f"{MEDIA}/1{each}" for each in (".mp4", ".pdf", ".png")}.get)
    assert found.html == rewritten
    assert [each.title for each in found.enclosures] == titles
