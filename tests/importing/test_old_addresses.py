"""An imported article stays reachable where it stood until now: its old address becomes an alias (301)."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.import_command import import_command
from feedsvc.importing.settings import ImportSettings
from tests.conftest import Publication
from tests.importing.conftest import only
from tests.importing.wordpress import item, meta
from tests.importing.wordpress import post as wordpress_post

BODY = "A new GPU wafer at TSMC, and what it says of chips."
DATE = "2026-03-01T09:00:00Z"


def _rss(link: str, home: str = "https://old.example/", guid: str = "") -> str:
    return (
        f"<rss version='2.0'><channel><title>Old</title><link>{home}</link>"
        f"<item><title>Wafer</title><link>{link}</link><guid isPermaLink='false'>{guid or 'urn:x:1'}</guid>"
        f"<pubDate>Sun, 01 Mar 2026 09:00:00 GMT</pubDate>"
        f"<description>{BODY}</description></item></channel></rss>"
    )


def _atom(link: str) -> str:
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>Old</title><link href='https://old.example/'/>"
        f"<entry><id>urn:x:1</id><title>Wafer</title><link href='{link}'/><published>{DATE}</published>"
        f"<updated>{DATE}</updated><content>{BODY}</content></entry></feed>"
    )


def _json(link: str) -> str:
    return (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "Old", "home_page_url": "https://old.example/", '
        f'"items": [{{"id": "urn:x:1", "url": "{link}", "title": "Wafer", "content_text": "{BODY}", '
        f'"date_published": "{DATE}"}}]}}'
    )


def _wxr(link: str) -> str:
    return (
        "<rss version='2.0' xmlns:wp='http://wordpress.org/export/1.2/' "
        "xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel><link>https://old.example</link>"
        "<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>https://old.example</wp:base_blog_url><item>"
        f"<title>Wafer</title><link>{link}</link><guid isPermaLink='false'>https://old.example/?p=42</guid>"
        f"<content:encoded>{BODY}</content:encoded><wp:post_id>42</wp:post_id><wp:post_name>wafer</wp:post_name>"
        "<wp:status>publish</wp:status><wp:post_type>post</wp:post_type>"
        "<wp:post_date_gmt>2026-03-01 09:00:00</wp:post_date_gmt></item></channel></rss>"
    )


def _import(publication: Publication, text: str, name: str, *options: str) -> Result:
    file = publication.root / name
    file.write_text(text)
    words = [str(file), "--topic", "chips", "--content", str(publication.settings.content), *options]
    return CliRunner().invoke(import_command, words, catch_exceptions=False)


def _written(publication: Publication) -> str:
    (file,) = publication.settings.content.glob("articles/**/*.md")
    return file.read_text()


@pytest.mark.parametrize(
    ("name", "text", "old"),
    [
        ("a.rss", _rss("https://old.example/2026/03/wafer.html"), ["/2026/03/wafer.html"]),
        ("a.rss", _rss("https://www.old.example/2026/03/wafer/"), ["/2026/03/wafer/", "/2026/03/wafer"]),
        ("a.rss", _rss("https://old.example/x", guid="https://old.example/?p=42"), ["/x", "/?p=42"]),
        # The publication stays where it is, and changes the system.
        ("a.rss", _rss("https://example.org/blog/wafer", "https://feeds.example/"), ["/blog/wafer"]),
        ("a.rss", _rss("https://old.example/新聞/晶圓"), ["/新聞/晶圓", "/%E6%96%B0%E8%81%9E/%E6%99%B6%E5%9C%93"]),
        ("a.atom", _atom("https://old.example/2026/03/wafer.html"), ["/2026/03/wafer.html"]),
        ("a.json", _json("https://old.example/2026/03/wafer.html"), ["/2026/03/wafer.html"]),
        ("a.xml", _wxr("https://old.example/2026/03/wafer/"), ["/2026/03/wafer/", "/?p=42"]),
    ],
)
def test_the_old_address_leads_to_the_article(publication: Publication, name: str, text: str, old: list[str]) -> None:
    assert _import(publication, text, name).exit_code == 0
    assert publication.sync().set_aside == []
    client = publication.client()
    for address in old:
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 301)
        assert "<h1" in client.get(answer.headers["Location"].removeprefix("https://example.org")).text


@pytest.mark.parametrize(
    "text",
    [
        # A link blog: what the entry links to is by others.
        _rss("https://elsewhere.example/2026/03/wafer.html"),
        # The home page, which several entries may name.
        _rss("https://old.example/"),
        # The same address as the new one.
        _rss("https://example.org/articles/wafer"),
        _rss("https://old.example/" + "x" * 3000),
        _rss("", ""),
    ],
)
def test_what_is_no_old_address_of_the_article_is_no_alias(publication: Publication, text: str) -> None:
    assert _import(publication, text, "a.rss").exit_code == 0
    assert "aliases" not in _written(publication)
    assert publication.sync().set_aside == []


def test_what_was_imported_before_is_unchanged(publication: Publication) -> None:
    """Old addresses were not written then; an editor may have removed them, too."""
    text = _rss("https://old.example/2026/03/wafer.html")
    _import(publication, text, "a.rss")
    (file,) = publication.settings.content.glob("articles/**/*.md")
    before = "".join(line for line in file.read_text().splitlines(True) if not line.startswith("aliases"))
    assert before != file.read_text()
    file.write_text(before)
    result = _import(publication, text, "a.rss", "--force")
    assert (result.exit_code, file.read_text()) == (0, before)
    # One that is written anew has them.
    _import(publication, text.replace("of chips", "of chips and clouds"), "a.rss", "--force")
    assert "aliases: [/2026/03/wafer.html]" in Path(file).read_text()


def test_campaign_parameters_make_no_difference(publication: Publication) -> None:
    _import(publication, _rss("https://old.example/x?utm_source=rss&amp;utm_medium=feed"), "a.rss")
    publication.sync()
    assert publication.client().get("/x").status_code == 301


@pytest.mark.parametrize(
    ("path", "old", "slug"),
    [
        ("/2026/02/a-wafer-plant.html", ("/2026/02/a-wafer-plant.html",), "a-wafer-plant"),
        ("/2026/02/blog-post_12.html", ("/2026/02/blog-post_12.html",), "blog-post_12"),
        ("", (), None),
        (f"/{'x' * 3000}.html", (), None),
    ],
)
def test_the_path_of_a_post_of_blogger(
    path: str, old: tuple[str, ...], slug: str | None, settings: ImportSettings
) -> None:
    document = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:blogger="http://schemas.google.com/blogger/2018"><entry>'
        "<id>tag:blogger.com,1999:blog-1.post-1</id><title>T</title><updated>2026-01-02T00:00:00Z</updated>"
        f'<content type="html">Wafer</content><blogger:filename>{path}</blogger:filename><link/></entry></feed>'
    )
    draft = only("feed.atom", document, settings)
    assert draft.old_addresses == old
    if slug or not path:
        assert draft.slug == slug


def test_the_former_slugs_of_a_post_of_wordpress(settings: ImportSettings) -> None:
    name = "<wp:post_name>day-1</wp:post_name>"
    old = meta("_wp_old_slug", "first-day") + meta("_wp_old_slug", "%E6%99%B6%E5%9C%93") + meta("_wp_old_slug", "day-2")
    draft = wordpress_post(settings, "<p>The wafer plant.</p>", item("<p>x</p>", 2), more=name + old)
    # /2026/03/day-2/ is the address of the other post now.
    assert draft.old_addresses == ("/2026/03/day-1", "/?p=1", "/2026/03/first-day", "/2026/03/晶圓")
    # The address did not have the slug, so it did not change.
    other = wordpress_post(settings, "<p>The wafer plant.</p>", more=name.replace("day-1", "x") + old)
    assert other.old_addresses == ("/2026/03/day-1", "/?p=1")
