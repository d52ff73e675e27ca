"""`loading=lazy` is a page's matter: feeds never say it, and adding it breaks no attribute."""

from feedsvc.model import SafeHTML
from feedsvc.web.pages import lazily_loaded
from tests.conftest import Publication


def test_pictures_on_pages_load_when_they_come_into_view_and_feeds_do_not_say_so(publication: Publication) -> None:
    publication.article("one", '<img src="https://example.com/a.png" alt="a">')
    publication.sync()
    client = publication.client()
    assert '<img loading="lazy" src="https://example.com/a.png" alt="a">' in client.get("/articles/one").text
    for suffix in ("atom", "rss", "json"):
        assert "loading=" not in client.get(f"/feeds/chips.{suffix}").text


def test_what_looks_like_a_tag_inside_an_attribute_is_left_alone() -> None:
    html = SafeHTML('<p title="<img src=x>">&lt;img <img src="https://a.b/c" alt="a > <img b"></p>')
    assert lazily_loaded(html) == (
        '<p title="<img src=x>">&lt;img <img loading="lazy" src="https://a.b/c" alt="a > <img b"></p>'
    )


def test_frames_of_trusted_hosts_are_shown_and_no_others(publication: Publication) -> None:
    site = publication.settings.content / "site.toml"
    site.write_text(f'embed_hosts = ["www.video.example"]\n{site.read_text("utf-8")}', "utf-8")
    publication.article("one", '<iframe src="https://www.video.example/1"></iframe>')
    publication.sync()
    page = publication.client().get("/articles/one")
    assert '<iframe loading="lazy" src="https://www.video.example/1" sandbox=' in page.text
    assert page.headers["Content-Security-Policy"].endswith("; frame-src https://www.video.example")


def test_without_trusted_hosts_no_frame_is_allowed(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    assert "frame-src" not in publication.client().get("/articles/one").headers["Content-Security-Policy"]
