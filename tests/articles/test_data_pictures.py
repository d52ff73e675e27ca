"""Pictures in data: URLs are told by their first bytes, and become media files."""

import base64
import hashlib
from urllib.parse import quote

import pytest

from feedsvc.articles.html.data_pictures import MAX_PICTURE, data_picture
from feedsvc.articles.read import Parsed, read_article
from feedsvc.errors import ArticleError
from tests.feeds.cases import SITE

PNG = b"\x89PNG\r\n\x1a\n\x00"
BYTES = {
    ".png": PNG,
    ".jpg": b"\xff\xd8\xff\xe0",
    ".gif": b"GIF89a\x01\x00\x01\x00",
    ".webp": b"RIFF\x00\x00\n\x00WEBPVP8 ",
    ".avif": b"\x00\x00\x00\x20ftypmif1\x00\x00\x00\x00mif1avif",
}


def url(data: bytes, kind: str = "image/png;base64") -> str:
    return f"data:{kind},{base64.b64encode(data).decode()}"


def read(body: str, suffix: str = ".html") -> Parsed:
    head = "---\ntitle: a\npublished: 2026-10-01\ntopics: [chips]\n---\n"
    return read_article(f"articles/a{suffix}", (head + body).encode(), SITE, lambda _path: None)


@pytest.mark.parametrize("suffix", BYTES)
def test_the_first_bytes_tell_the_format(suffix: str) -> None:
    data = BYTES[suffix]
    assert data_picture(url(data, "text/html;base64")) == (data, suffix)
    assert data_picture(f"data:,{quote(data)}") == (data, suffix)


@pytest.mark.parametrize(
    "written",
    [
        url(PNG).rstrip("="),
        f" \n{url(PNG)}\t",
        url(PNG, "image/png;charset=x; BASE64 ").replace("data", "DaTa"),
        f"{url(PNG)[:30]}\n {url(PNG)[30:]}",
        f"{url(PNG)}#fragment",
        f"data:;base64,{quote(base64.b64encode(PNG), safe='')}",
    ],
)
def test_a_data_url_is_read_as_browsers_read_it(written: str) -> None:
    assert data_picture(written) == (PNG, ".png")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("data:image/png;base64", "has no comma"),
        ("data:image/png;base64,A", "is not valid Base64"),
        ("data:image/png;base64,****", "is not valid Base64"),
        ("data:image/svg+xml,<svg/>", "is no PNG, JPEG, GIF, WebP or AVIF"),
        (url(b"BM" + bytes(20), "image/bmp;base64"), "is no PNG, JPEG, GIF, WebP or AVIF"),
        (url(b"\0\0\0\x20ftypheic\0\0\0\0mif1heic"), "is no PNG, JPEG, GIF, WebP or AVIF"),
        (url(PNG + bytes(MAX_PICTURE)), "has more than 5,242,880 bytes"),
    ],
)
def test_what_is_no_picture_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        data_picture(written)


@pytest.mark.parametrize(
    ("body", "suffix"),
    [
        (f"<img src='{url(PNG)}' alt=b>", ".html"),
        (f"![b]({url(PNG)})", ".md"),
        (f"<img srcset='{url(PNG)} 2x' alt=b>", ".html"),
        (f"<img src='https://e.org/a.png' srcset='{url(PNG)} 2x'>", ".html"),
        (f"<a href='{url(PNG)}'>b</a>", ".html"),
    ],
)
def test_a_picture_becomes_a_file_called_by_its_content(body: str, suffix: str) -> None:
    name = f"{hashlib.sha256(PNG).hexdigest()[:32]}.png"
    parsed = read(body, suffix)
    assert f'"https://example.org/media/{name}' in parsed.article.content
    assert "data:" not in parsed.article.content
    (asset,) = parsed.assets
    assert (asset.name, asset.type, asset.length, asset.data) == (name, "image/png", len(PNG), PNG)
    assert parsed.article.media == (name,)
    assert parsed.warnings == ()


def test_what_stands_for_a_picture_until_it_is_loaded_is_none() -> None:
    gif = url(BYTES[".gif"], "image/gif;base64")
    parsed = read(f"<img src='{gif}' data-src='https://e.org/a.png'><img src='{gif}' srcset='https://e.org/b.png 2x'>")
    assert parsed.article.content == '<img src="https://e.org/a.png"><img srcset="https://e.org/b.png 2x">'
    assert parsed.assets == ()


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_other_data_is_reported_with_its_line(suffix: str) -> None:
    parsed = read("a\n\n<img src='data:image/svg+xml,%3Csvg/%3E' alt=b>\n", suffix)
    assert "<img" not in parsed.article.content
    assert [(each.line, each.message) for each in parsed.warnings] == [
        (8, "a data: address is left out: it is no PNG, JPEG, GIF, WebP or AVIF (save it as a file beside the article)")
    ]


def test_an_address_that_is_encoded_in_the_text_has_its_line() -> None:
    (warning,) = read("a\n\n<a href='tel&#58;1'>b</a>\n").warnings
    assert warning.line == 8


@pytest.mark.parametrize("field", ["image: '{}'", "image: {{src: '{}', alt: b}}"])
def test_the_picture_of_an_article_may_be_data_too(field: str) -> None:
    large = PNG + bytes(9000)
    front = f"---\ntitle: a\npublished: 2026-10-01\ntopics: [chips]\n{field.format(url(large))}\n---\na\n"
    parsed = read_article("articles/a.md", front.encode(), SITE, lambda _path: None)
    name = f"{hashlib.sha256(large).hexdigest()[:32]}.png"
    assert parsed.article.image is not None
    assert (parsed.article.image.url, parsed.article.image.length) == (f"https://example.org/media/{name}", len(large))
    assert [each.data for each in parsed.assets] == [large]


def test_other_data_is_no_picture_of_an_article() -> None:
    front = b"---\ntitle: a\npublished: 2026-10-01\ntopics: [chips]\nimage: 'data:image/svg+xml,x'\n---\na\n"
    with pytest.raises(ArticleError) as caught:
        read_article("articles/a.md", front, SITE, lambda _path: None)
    (finding,) = caught.value.findings
    assert (finding.line, finding.field) == (5, "image")
    assert finding.message == (
        "a data: address is no picture: it is no PNG, JPEG, GIF, WebP or AVIF (name a file beside the article)"
    )
