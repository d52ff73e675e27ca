"""Pages of the publication: content/pages/about.md is /about, and in no feed, list or search."""

import json
import re
from pathlib import Path

import pytest

from tests.conftest import SITE_TOML, Publication
from tests.export.publications import exported
from tests.web.resources import BASE, ask

ABOUT = "---\ntitle: About us\n---\n\nWe count 晶片 by hand.\n"
BROWSER = {"Accept": "text/html", "Sec-Fetch-Dest": "document"}


def page(publication: Publication, name: str, body: str = "Words.", **fields: str) -> None:
    """Write a page."""
    given = {"title": name} | fields
    publication.write(
        f"pages/{name}.md", "".join(["---\n", *(f"{k}: {v}\n" for k, v in given.items()), f"---\n{body}\n"])
    )


@pytest.mark.both_engines
def test_a_page_is_at_its_own_address_alone(publication: Publication) -> None:
    publication.article("one")
    publication.write("pages/legal/about.md", ABOUT)
    report = publication.sync()
    assert (sorted(report.added), report.problems) == (["About us", "one"], ())
    client = publication.client()
    found = ask(client, "/about")
    assert '<h1 class="p-name phrased">About us</h1>' in found.text
    assert f'<link rel="canonical" href="{BASE}/about">' in found.text
    assert "dt-published" not in found.text
    assert client.get("/about/").status_code == 200
    for path in ("/feeds/all.rss", "/feeds/all.atom", "/feeds/all.json", "/", "/topics/chips", "/months/2026-10"):
        assert "About us" not in ask(client, path).text, path
    assert "About us" not in ask(client, "/search?q=晶片").text
    assert f"<loc>{BASE}/about</loc>" in ask(client, "/sitemap.xml").text
    assert client.get("/articles/about").status_code == 404
    linked = json.loads(re.findall(r'ld\+json">(.*?)</script>', found.text)[0])
    assert (linked["@type"], linked["url"]) == ("WebPage", f"{BASE}/about")
    assert '<meta property="og:type" content="website">' in found.text


@pytest.mark.both_engines
def test_it_moves_goes_and_comes_back_as_an_article_does(publication: Publication) -> None:
    publication.article("one")
    page(publication, "about", aliases="[who-we-are, /2019/about.html]")
    publication.sync()
    client = publication.client()
    for old in ("/who-we-are", "/2019/about.html"):
        assert client.get(old).headers["Location"] == f"{BASE}/about"
    content = publication.settings.content
    (content / "pages/about.md").rename(content / "pages/we-are.md")
    publication.sync()
    moved = client.get("/about")
    assert (moved.status_code, moved.headers["Location"]) == (301, f"{BASE}/we-are")
    (content / "pages/we-are.md").unlink()
    publication.sync()
    assert [client.get(path).status_code for path in ("/we-are", "/about")] == [410, 410]
    assert "we-are" not in re.findall(r"<at:deleted-entry ref=\"([^\"]*)", ask(client, "/feeds/all.atom").text)
    page(publication, "we-are")
    publication.sync()
    assert client.get("/we-are").status_code == 200


def test_a_change_is_seen_where_the_former_page_was_cached(publication: Publication) -> None:
    page(publication, "about", "Before.")
    publication.sync()
    client = publication.client()
    assert "Before." in ask(client, "/about").text
    page(publication, "about", "After.")
    publication.sync()
    assert "After." in ask(client, "/about").text


def test_routes_come_first_then_pages_then_redirects(publication: Publication) -> None:
    publication.write("site.toml", f'{SITE_TOML}\n[redirects]\n"/about" = "/topics/cloud"\n')
    publication.article("one")
    names = ("status", "Feeds", "search", "docs", "en", "zh-Hant", "page", "hub", "_headers", "preview", "sitemap")
    for name in (*names, "robots.txt", "index"):
        page(publication, name)
    page(publication, "about")
    report = publication.sync()
    said = {each.path: each.finding for each in report.problems}
    assert said["pages/status.md"].message.startswith("/status is an address of feedsvc itself (give the file another")
    assert said["pages/robots.txt.md"].message.endswith("(write slug: robots-txt)")
    assert said["pages/index.md"].message.startswith("the front page is made by feedsvc")
    free = {"pages/preview.md", "pages/sitemap.md"}
    assert {f"pages/{each}.md" for each in names} - free == {
        path for path in said if path.startswith("pages/") and path not in ("pages/robots.txt.md", "pages/index.md")
    }
    assert said["site.toml"].message.startswith("never applies: this is an address of /about")
    assert ask(publication.client(), "/about").status_code == 200


def test_an_article_in_a_folder_of_that_name_stays_an_article(publication: Publication) -> None:
    publication.article("pages/about", topics="[chips]")
    publication.sync()
    client = publication.client()
    assert client.get("/about").status_code == 404
    assert "/articles/about" in ask(client, "/feeds/all.rss").text


def test_a_file_with_topics_or_tags_is_no_page(publication: Publication) -> None:
    """What was moved there in an earlier version, which read no such folder, does not become public."""
    page(publication, "about", topics="[chips]", published="2026-10-01")
    page(publication, "help", tags="[x]")
    report = publication.sync()
    assert {each.path: each.finding.field for each in report.problems} == {
        "pages/about.md": "topics",
        "pages/help.md": "tags",
    }
    assert publication.client().get("/about").status_code == 404


def test_an_article_and_a_page_may_have_one_name(publication: Publication) -> None:
    publication.article("about", "The article. [us](../pages/about.md) [here](/about) [gone](/nowhere)")
    page(publication, "about", "The page. [it](../articles/about.md)")
    report = publication.sync()
    assert [each.finding.message.partition(" (")[0] for each in report.problems] == [
        "links to /nowhere, which does not exist"
    ]
    client = publication.client()
    article, about = ask(client, "/articles/about").text, ask(client, "/about").text
    assert f'<a href="{BASE}/about" rel="noopener">us</a>' in article
    assert f'<a href="{BASE}/articles/about" rel="noopener">it</a>' in about


def test_an_address_that_an_article_has_already_stays_its_own(publication: Publication) -> None:
    publication.article("one", aliases="[/about]")
    publication.sync()
    page(publication, "about")
    (problem,) = publication.sync().problems
    assert (problem.path, problem.finding.message.partition(" (")[0]) == (
        "pages/about.md",
        "'/about' is already used by articles/one.md",
    )
    assert publication.client().get("/about").headers["Location"] == f"{BASE}/articles/one"


def test_a_draft_is_not_public_and_a_date_releases(publication: Publication) -> None:
    page(publication, "about", draft="true", topics="[]")
    page(publication, "later", published="2026-12-01")
    publication.sync()
    assert [publication.client().get(path).status_code for path in ("/about", "/later")] == [404, 404]
    publication.now = publication.now.replace(month=12, day=2)
    publication.sync()
    assert publication.client().get("/later").status_code == 200


def test_translations_are_linked(publication: Publication) -> None:
    page(publication, "about", title="About")
    page(publication, "關於", language="zh-Hant", translation_of="about")
    publication.sync()
    text = ask(publication.client(), "/about").text
    assert f'hreflang="zh-Hant" href="{BASE}/%E9%97%9C%E6%96%BC"' in text
    assert "Also in" in text


def test_other_methods_and_feed_readers_get_no_page(publication: Publication) -> None:
    page(publication, "about")
    publication.sync()
    client = publication.client()
    assert (client.post("/about").status_code, client.post("/other").status_code) == (405, 404)
    assert client.options("/about").headers["Allow"] == "GET, HEAD, OPTIONS"
    assert client.get("/about?feed=rss2").status_code == 404
    assert client.head("/about").status_code == 200


def test_the_footer_links_to_pages_in_the_language_of_the_page(publication: Publication) -> None:
    publication.write(
        "site.toml",
        f"""{SITE_TOML}
[[footer]]
title = {{ en = "About", zh-Hant = "關於" }}
url = {{ en = "/about", zh-Hant = "/關於" }}
[[footer]]
title = "Source & data"
url = "https://git.example.org/?a=1&b=2"
[[footer]]
title = "Feeds"
url = "/feeds.opml"
[[footer]]
title = "Nothing"
url = "/nothing"
""",
    )
    page(publication, "about")
    page(publication, "關於", language="zh-Hant")
    (problem,) = publication.sync().problems
    said = "leads to /nothing, which does not exist (publish content/pages/nothing.md)"
    assert (problem.path, problem.finding.field, problem.finding.message) == ("site.toml", "footer", said)
    client = publication.client()
    text = ask(client, "/about").text
    assert f'<a href="{BASE}/about">About</a>' in text
    assert '<a href="https://git.example.org/?a=1&amp;b=2">Source &amp; data</a>' in text
    assert f'<a href="{BASE}/feeds.opml"><span lang="en" dir="ltr">Feeds</span></a>' in ask(client, "/?ui=zh-Hant").text
    assert f'<a href="{BASE}/%E9%97%9C%E6%96%BC?ui=zh-Hant">關於</a>' in ask(client, "/?ui=zh-Hant").text


def test_an_export_has_it(publication: Publication, tmp_path: Path) -> None:
    publication.article("one")
    page(publication, "about", aliases="[who]")
    publication.sync()
    exported(publication, tmp_path / "out")
    assert '<h1 class="p-name phrased">about</h1>' in (tmp_path / "out/about.html").read_text("utf-8")
    assert (tmp_path / "out/zh-Hant/about.html").exists()
    page(publication, "about", "Again.")
    publication.sync()
    exported(publication, tmp_path / "out")
    assert "Again." in (tmp_path / "out/about.html").read_text("utf-8")
    (publication.settings.content / "pages/about.md").unlink()
    publication.sync()
    exported(publication, tmp_path / "out")
    assert not (tmp_path / "out/about.html").exists()


def test_a_sync_of_one_page_sees_it(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    page(publication, "about")
    changed = {publication.settings.content / "pages/about.md"}
    assert publication.sync(changed=changed).added == ("about",)
    (publication.settings.content / "pages/about.md").unlink()
    assert publication.sync(changed=changed).removed == ("about",)
