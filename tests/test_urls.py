"""How a URL becomes percent-encoded ASCII, as in browsers; and the addresses of all resources."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.urls import FETCH_SCHEMES, LINK_SCHEMES, Addresses, resolve, segment

PAGE = "https://example.org/articles/a"


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("b", "https://example.org/articles/b"),
        ("../b/./c/../d", "https://example.org/b/d"),
        ("/b", "https://example.org/b"),
        ("?b", "https://example.org/articles/a?b"),
        ("#b", "https://example.org/articles/a#b"),
        ("", PAGE),
        ("//e.org", "https://e.org/"),
        ("\\\\e.org\\b", "https://e.org/b"),
        ("https:b", "https://example.org/articles/b"),
        ("https:///e.org", "https://e.org/"),
        (" \thttps://e.org/\n", "https://e.org/"),
        ("HTTPS://E.ORG:443/", "https://e.org/"),
        ("https://e.org/晶片?問=答#段", "https://e.org/%E6%99%B6%E7%89%87?%E5%95%8F=%E7%AD%94#%E6%AE%B5"),
        ("https://例え.jp/", "https://xn--r8jz45g.jp/"),
        ("https://e。org/", "https://e.org/"),
        ("https://e.org/a b", "https://e.org/a%20b"),
        ("https://e.org/%zz%", "https://e.org/%25zz%25"),
        ("https://e.org/%e6%99%b6", "https://e.org/%e6%99%b6"),
        ('https://e.org/<">{}|^`[]', "https://e.org/%3C%22%3E%7B%7D%7C%5E%60%5B%5D"),
        ("https://e.org/?a=[1]&b='c'", "https://e.org/?a=%5B1%5D&b=%27c%27"),
        ("https://[::1]:8000/x", "https://[::1]:8000/x"),
        ("https://0x7f.1/", "https://127.0.0.1/"),
        ("https://u:p@e.org/", "https://u:p@e.org/"),
        ("https://e.org/\u202e", "https://e.org/%E2%80%AE"),
        ("mailto:台@e.org?subject=主 題", "mailto:%E5%8F%B0@e.org?subject=%E4%B8%BB%20%E9%A1%8C"),
    ],
)
def test_a_reference_is_read_as_a_browser_reads_it_and_written_in_ascii(reference: str, url: str) -> None:
    assert resolve(reference, PAGE) == url
    assert resolve(url, PAGE) == url


@pytest.mark.parametrize(
    "reference",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "java\tscript:alert(1)",
        "java\nscript:alert(1)",
        "\x01\x1f javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "blob:https://e.org/x",
        "filesystem:https://e.org/x",
        "view-source:https://e.org/",
        "feed:https://e.org/",
        "ftp://e.org/",
        "file:///etc/passwd",
        "https://[::1",
        "https://e.org:99999/",
        "https://1.2.3.4.5/",
        "http://e\x00/",
        "https://e.org/\ud800",
    ],
)
def test_what_is_no_link_is_none(reference: str) -> None:
    assert resolve(reference, PAGE) is None


def test_schemes_can_be_narrowed() -> None:
    assert resolve("mailto:a@e.org", PAGE, LINK_SCHEMES) == "mailto:a@e.org"
    assert resolve("mailto:a@e.org", PAGE, FETCH_SCHEMES) is None


def test_without_a_base_a_relative_reference_is_none() -> None:
    assert resolve("b", "invalid:") is None


@given(st.text(st.characters(), max_size=60))
def test_a_resolved_reference_is_ascii_and_stays(reference: str) -> None:
    url = resolve(reference, PAGE)
    if url is not None:
        assert url.isascii()
        assert urlsplit(url).scheme in LINK_SCHEMES
        assert resolve(url, PAGE) == url


@pytest.mark.parametrize(
    ("name", "encoded"), [("a-b._~", "a-b._~"), ("晶片", "%E6%99%B6%E7%89%87"), ("a/b?c", "a%2Fb%3Fc")]
)
def test_a_segment_is_one_segment(name: str, encoded: str) -> None:
    assert segment(name) == encoded


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/", Addresses("https://e.org").home),
        ("/feeds.opml", Addresses("https://e.org").opml),
        ("/sitemap.xml", Addresses("https://e.org").sitemap),
        ("/sitemap-2.xml", Addresses("https://e.org").sitemap_part(2)),
        ("/articles/%E6%99%B6", Addresses("https://e.org").article("晶")),
        ("/topics/chips", Addresses("https://e.org").topic("chips")),
        ("/feeds/chips.atom", Addresses("https://e.org").feed("chips", "atom")),
        ("/media/1-a.png", Addresses("https://e.org").media("1-a.png")),
        ("/static/a.css", Addresses("https://e.org").static("a.css")),
        ("/topics/x", Addresses("https://e.org").absolute("/topics/x")),
    ],
)
def test_addresses_stand_below_the_base_url(path: str, address: str) -> None:
    assert address == f"https://e.org{path}"


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        ("https://example.org", "https://example.org/", "/"),
        ("https://example.org", "https://example.org/topics/a?ui=en", "/topics/a?ui=en"),
        ("https://example.org/news", "https://example.org/news/topics/a", "/news/topics/a"),
        ("http://[::1]:8000", "http://[::1]:8000/feeds", "/feeds"),
        # Another host, another path of the same host, and what is a path already.
        ("https://example.org", "https://example.org.evil.example/", "https://example.org.evil.example/"),
        ("https://example.org/news", "https://example.org/other", "https://example.org/other"),
        ("https://example.org", "/media/a.png", "/media/a.png"),
    ],
)
def test_a_path_from_the_root_of_the_host(base: str, url: str, path: str) -> None:
    assert Addresses(base).from_root(url) == path
