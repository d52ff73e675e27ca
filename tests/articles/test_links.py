"""Links to the files of other articles, as the linking file reads them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from feedsvc.articles.findings import MAX_FINDINGS
from feedsvc.articles.html.links import OwnLink
from feedsvc.articles.read import Head, Parsed, read_article, read_head
from feedsvc.errors import ArticleError
from tests.articles.test_read import FILES, REQUIRED, SITE, errors, read, warned

BASE = "https://example.org/articles"
ARTICLES = {
    "articles/other.md": "named",
    "articles/bundle/index.html": "bundle",
    "articles/draft.md": "?draft",
    "articles/later.md": "?later",
    "articles/broken.md": "?aside",
    "[[other]]": "named",
}
NAMES = {"articles": ["other.md", "a.png", "が.png", "か\u3099.png"]}


def linked(body: str) -> Parsed:
    """The article in articles/a.md of a site with wiki links, beside those files."""
    return read_article(
        "articles/a.md",
        f"---\n{REQUIRED}---\n{body}\n".encode(),
        replace(SITE, wikilinks=True),
        {**FILES, "articles/が.png": FILES["articles/a.png"]}.get,
        lambda folder: NAMES.get(folder, ()),
        article=ARTICLES.get,
    )


@pytest.mark.parametrize(
    ("written", "href"),
    [
        ("[x](other.md#part)", f"{BASE}/named#c-part"),
        ("[x](other.md#c-part)", f"{BASE}/named#c-part"),
        ("[x](bundle/)", f"{BASE}/bundle"),
        ("[[other#A part|x]]", f"{BASE}/named#c-a-part"),
        ("[[#Own|x]]\n\n# Own", f"{BASE}/a#c-own"),
        ("[x](other.md)\n\n[y](other.md)", f"{BASE}/named"),
    ],
)
def test_a_link_leads_to_the_address_that_the_file_has(written: str, href: str) -> None:
    found = linked(written)
    assert found.warnings == ()
    assert f'<a href="{href}" rel="noopener">x</a>' in found.article.content


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("[x](draft.md)", "'draft.md', which is a draft (publish it, or remove the link)"),
        ("[x](later.md)", "'later.md', which is not published yet (the link appears when it is)"),
        ("[x](broken.md)", "'broken.md', which cannot be read (correct that file)"),
        ("[x](othr.md)", "'othr.md', which is not there (did you mean 'other.md'?)"),
        ("[[othr|x]]", "'othr', which is not there (did you mean 'other.md'?)"),
    ],
)
def test_a_link_that_leads_nowhere_leaves_its_text_and_a_warning(written: str, why: str) -> None:
    found = linked(f"One.\n\n{written}")
    assert warned(found) == [(8, "", f"links to {why}; its text stays without a link")]
    assert found.article.content == "<p>One.</p>\n<p>x</p>"


def test_links_to_addresses_are_noted_with_their_lines() -> None:
    found = read(body="[x](other#part)\n\n[y](/topics/chips?lang=en#top) [z](#own) [w](folder/)\n\n# Own")
    assert found.links == (
        OwnLink(line=7, address="/articles/other", slug="other", fragment="c-part"),
        OwnLink(line=9, address="/topics/chips?lang=en"),
        OwnLink(line=9, address="/articles/folder/"),
    )


def test_a_link_out_of_the_content_folder_is_an_error_with_its_line() -> None:
    message = "'../../x.md' leads out of the content folder (put the file beside the article)"
    assert errors(lambda: read(body="One.\n\n[x](../../x.md)")) == [(9, "", message)]


def test_two_files_of_one_name_are_warned_of() -> None:
    message = "two files are called 'が.png' and differ in Unicode normalization only (delete or rename one)"
    assert warned(linked("![x](か\u3099.png)")) == [(6, "", message)]


def test_what_a_link_must_know_of_a_file() -> None:
    data = f"---\n{REQUIRED}slug: named\n---\n".encode()
    assert read_head("articles/a.md", data, SITE) == Head(
        slug="named", draft=False, published=datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
    )
    # A draft may be unfinished.
    assert read_head("articles/a.md", b"---\ndraft: true\n---\n", SITE).draft
    with pytest.raises(ArticleError):
        read_head("articles/a.md", b"---\ntitle: T\n---\n", SITE)


def test_of_more_missing_files_than_findings_are_noted_a_page_names_the_first() -> None:
    """The list of missing files is as long as that of the warnings about them."""
    found = linked("\n\n".join(f"[x](gone-{number}.md)" for number in range(MAX_FINDINGS + 20)))
    assert len(found.warnings) == MAX_FINDINGS
    assert [each.name for each in found.missing] == [f"gone-{number}.md" for number in range(MAX_FINDINGS - 1)]
