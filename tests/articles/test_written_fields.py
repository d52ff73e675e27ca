"""Fields that say little or contradict each other: what is made of them."""

import pytest

from feedsvc.articles.findings import Findings
from feedsvc.articles.identity import default_id
from feedsvc.articles.metadata import frontmatter
from feedsvc.articles.metadata.visibility import Visibility, markers, of_word, visibility
from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError
from tests.articles.test_read import errors, read, warned
from tests.feeds.cases import SITE


def test_an_alias_below_articles_that_is_no_slug_stays_an_address() -> None:
    assert read("aliases: ['/articles/---', '/articles/old']").article.aliases == ("/articles/---", "old")


@pytest.mark.parametrize("alias", ["/2026/---", "/2026/10/s/", "/2026/a b"])
def test_an_alias_that_ends_in_no_other_slug_makes_no_id(alias: str) -> None:
    """The id of version 0.1 is made of the first alias that ends in one, else of the slug."""
    assert default_id("example.org,2026", "s", [alias]) == "tag:example.org,2026:s"


def test_an_update_on_the_day_of_a_timed_publication_is_that_time() -> None:
    """A day says nothing against a time on the same day."""
    found = read("updated: 2026-10-15", required="title: T\npublished: 2026-10-15 10:00\ntopics: [chips]\n")
    assert (found.article.updated, warned(found)) == (found.article.published, [])


def test_an_article_ends_after_it_begins() -> None:
    (found,) = errors(lambda: read("expires: 2020-01-01"))
    assert found[1:] == ("expires", "is not later than published (write when the article is taken down)")


@pytest.mark.parametrize(
    ("build", "wanted"),
    [
        ({"publishResources": "false"}, Visibility.PUBLIC),
        ({"publishResources": "false", "list": "never"}, Visibility.NOT_PUBLIC),
        ({"list": "sometimes"}, Visibility.UNKNOWN),
    ],
)
def test_of_hugos_build_only_list_and_render_say_who_may_see_it(
    build: dict[str, frontmatter.Value], wanted: Visibility
) -> None:
    assert visibility(markers({"build": build})) is wanted


def test_a_file_with_more_errors_than_anybody_reads_is_given_up() -> None:
    findings = Findings(frontmatter.parse(b"---\ntitle: T\n---\n"))

    def find_many() -> None:
        for number in range(1000):
            findings.error("title", f"fault {number}")

    with pytest.raises(ArticleError) as caught:
        find_many()
    assert len(caught.value.findings) < 200
    assert caught.value.findings[0].line == 2


@pytest.mark.parametrize("written", ["done", "complete", "active"])
def test_the_state_of_the_work_does_not_say_that_it_is_for_the_public(written: str) -> None:
    """An unknown marker means that the file is not published (guarantee 13)."""
    assert visibility(markers({"status": written})) is Visibility.UNKNOWN


@pytest.mark.parametrize("field", ["unpublish_date", "expires_at"])
def test_a_time_of_expiry_that_cannot_be_read_is_an_error(field: str) -> None:
    """Under the name of another system, too: what was taken down there does not come up here."""
    text = f"---\ntitle: a\npublished: 2026-10-01\ntopics: [chips]\n{field}: soon\n---\nText.\n"
    with pytest.raises(ArticleError, match="'soon' names no year"):
        read_article("articles/a.md", text.encode(), SITE, lambda _path: None)


@pytest.mark.parametrize(
    ("word", "said"),
    [("Private", Visibility.NOT_PUBLIC), ("published", Visibility.PUBLIC), ("purple", Visibility.UNKNOWN)],
)
def test_a_word_of_status(word: str, said: Visibility) -> None:
    assert of_word(word) is said


@pytest.mark.parametrize("name", ["index.html", "index.htm", "Index.php", "index.xhtml"])
def test_the_page_of_a_folder_makes_no_id(name: str) -> None:
    assert default_id("example.org,2026", "s", [f"/2026/a/{name}", "/old"]) == "tag:example.org,2026:old"


def test_a_slug_that_is_called_index_makes_one() -> None:
    assert default_id("example.org,2026", "s", ["/a/index"]) == "tag:example.org,2026:index"
