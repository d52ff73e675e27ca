"""Links to addresses of this publication that do not exist, and to ids that no element has."""

import pytest

from feedsvc.store.file_records import FileRecord
from feedsvc.sync import check
from feedsvc.sync.folder.walk import Found
from feedsvc.sync.reading import FileReader, Outcome
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
        ("othr", "links to /articles/othr, which does not exist (did you mean '/articles/other'?)"),
        ("推論延", "links to /articles/推論延, which does not exist (did you mean '/articles/推論延遲'?)"),
        ("/2019/q", "links to /2019/q, which does not exist (check the address)"),
        ("/topics/chip", "links to /topics/chip, which does not exist (did you mean '/topics/chips'?)"),
        (
            "https://example.org/feeds/chip.atom",
            "links to /feeds/chip.atom, which does not exist (did you mean '/feeds/chips.atom'?)",
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


@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("later", "---\ntitle: L\npublished: 2026-10-05\ntopics: [chips]\n---\nText"),
        ("/2019/q/", "---\ntitle: L\npublished: 2026-10-05\ntopics: [chips]\naliases: [/2019/q]\n---\nText"),
        ("/page?p=7", "---\ntitle: L\npublished: 2026-10-05\ntopics: [chips]\naliases: ['/page?p=7']\n---\nText"),
        ("/tags/推論", "---\ntitle: L\npublished: 2026-10-05\ntopics: [chips]\ntags: [推論]\n---\nText"),
        (
            "/authors/New%20name",
            "---\ntitle: L\npublished: 2026-10-05\ntopics: [chips]\nauthors: [New name]\n---\nText",
        ),
    ],
)
def test_a_file_with_dead_links_is_not_read_again_for_another_article(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, href: str, text: str
) -> None:
    publication.article("linking", f"[x]({href}) and [y](nowhere)")
    assert len(publication.sync().problems) == 2
    read: list[str] = []
    original = FileReader.read

    def noted(reader: FileReader, found: Found, known: FileRecord | None) -> Outcome | FileRecord:
        made = original(reader, found, known)
        # A file that was written a moment ago is hashed, and not read if its bytes are the same.
        read.extend([found.path] if isinstance(made, Outcome) else [])
        return made

    monkeypatch.setattr(FileReader, "read", noted)
    assert len(publication.sync().problems) == 2
    assert len(publication.sync(changed=[publication.article("unrelated")]).problems) == 2
    (left,) = publication.sync(changed=[publication.write("articles/later.md", text)]).problems
    assert "/articles/nowhere" in str(left)
    assert read == ["articles/unrelated.md", "articles/later.md"]


def test_a_redirect_ends_the_warning_without_reading_the_file_again(publication: Publication) -> None:
    publication.article("linking", "[x](/old)")
    assert len(publication.sync().problems) == 1
    site = SITE_TOML.replace("[topics.chips]", '[redirects]\n"/old" = "/articles/later"\n\n[topics.chips]')
    publication.write("site.toml", site)
    assert len(publication.sync().problems) == 2
    assert publication.sync(changed=[publication.article("later")]).problems == ()


def test_a_link_with_a_fragment_is_judged_when_its_target_comes_or_changes(publication: Publication) -> None:
    publication.article("linking", "[x](later#part)")
    assert len(publication.sync().problems) == 1
    report = publication.sync(changed=[publication.article("later", "# Other")])
    assert report.pending == ("articles/linking.md",)
    (problem,) = publication.sync(changed=[]).problems
    assert "where nothing has that id" in str(problem)
    assert publication.sync(changed=[publication.article("later", "# Part")]).pending == ("articles/linking.md",)
    assert publication.sync(changed=[]).problems == ()


def test_not_every_dead_link_is_compared_with_all_names(publication: Publication) -> None:
    for number in range(30):
        publication.article(f"linking-{number}", f"[x](linkin-{number})")
    lines = said(publication)
    assert len(lines) == 30
    assert sum("did you mean" in line for line in lines) == 20
