"""Links to addresses of this publication where nothing is, and to ids that nothing there has."""

import pytest

from feedsvc.sync import check
from tests.conftest import SITE_TOML, Publication


def said(publication: Publication) -> list[str]:
    """What a sync says, which is what `check` says, too."""
    report = [str(each) for each in publication.sync().problems]
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    assert [str(each) for each in checked.problems] == report
    return report


@pytest.mark.parametrize(
    ("href", "message"),
    [
        ("othr", "links to /articles/othr, where nothing is (did you mean '/articles/other'?)"),
        ("推論延", "links to /articles/推論延, where nothing is (did you mean '/articles/推論延遲'?)"),
        ("/2019/q", "links to /2019/q, where nothing is (check the address)"),
        ("/topics/chip", "links to /topics/chip, where nothing is (did you mean '/topics/chips'?)"),
        (
            "https://example.org/feeds/chip.atom",
            "links to /feeds/chip.atom, where nothing is (did you mean '/feeds/chips.atom'?)",
        ),
        ("other#prat", "links to '#prat' in 'other', where nothing has that id (did you mean '#part'?)"),
        ("other.md#prat", "links to '#prat' in 'other', where nothing has that id (did you mean '#part'?)"),
    ],
)
def test_a_dead_link_is_a_warning_with_its_line_and_the_nearest(
    publication: Publication, href: str, message: str
) -> None:
    publication.article("other", "# Part")
    publication.article("推論延遲")
    publication.article("linking", f"One.\n\n[x]({href})")
    (line,) = said(publication)
    assert line == f"articles/linking.md:8: warning: {message}"


@pytest.mark.parametrize(
    "href",
    [
        "/",
        "https://example.org",
        "/topics/chips",
        "/topics/old",
        "/feeds/all.atom",
        "/feeds/chips/2026-01.rss?lang=en",
        "/embed/chips",
        "/tags/sand",
        "/authors/Test%20desk",
        "/months/2026-10",
        "/search?q=z",
        "/feeds.opml",
        "/sitemap-1.xml",
        "/feed",
        "other",
        "short",
        "other#part",
        "/articles/other?ui=en#part",
        "https://elsewhere.org/nope",
        "#标题",
        "other#:~:text=x",
    ],
)
def test_a_link_to_what_we_serve_or_redirect_is_no_dead_link(publication: Publication, href: str) -> None:
    site = SITE_TOML.replace(
        "[topics.chips]", '[redirects]\n"/feed" = "/feeds/all.rss"\n\n[topics.chips]\naliases = ["old"]'
    )
    publication.write("site.toml", site)
    publication.article("other", "# Part", aliases="[short]", tags="[sand]")
    publication.article("linking", f"[x](<{href}>)\n\n# 标题")
    assert said(publication) == []


def test_the_warning_goes_when_the_article_comes(publication: Publication) -> None:
    publication.article("linking", "[x](later)")
    assert len(publication.sync().problems) == 1
    publication.sync(changed=[publication.article("later")])
    assert publication.sync(changed=[]).problems == ()


def test_not_every_dead_link_is_compared_with_all_names(publication: Publication) -> None:
    for number in range(30):
        publication.article(f"linking-{number}", f"[x](linkin-{number})")
    lines = said(publication)
    assert len(lines) == 30
    assert sum("did you mean" in line for line in lines) == 20
