"""What a file says although something in it is wrong; a renamed article with a mistake is recognised by that."""

from datetime import UTC, datetime

import pytest

from feedsvc.articles.metadata.visibility import NotPublic
from feedsvc.articles.partial_article import PartialArticle, PartialArticleError, front_matter_by_lines
from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError
from tests.articles.test_read import SITE

AT = datetime(2026, 3, 1, 1, 30, tzinfo=UTC)
HEAD = "title: T\npublished: 2026-03-01 09:30\n"


def _fault(data: str | bytes) -> ArticleError:
    with pytest.raises(ArticleError) as caught:
        read_article("articles/a.md", data.encode() if isinstance(data, str) else data, SITE, lambda _path: None)
    return caught.value


def _partial(data: str | bytes) -> PartialArticle:
    fault = _fault(data)
    assert isinstance(fault, PartialArticleError)
    return fault.partial


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"---\n{HEAD}topics: [nope]\nid: urn:x:1\n---\nText.\n", ("T", AT, "a", "urn:x:1")),
        (f"---\n{HEAD}topics: [x\n---\nText.\n", ("T", AT, "a", None)),
        (f"---\n{HEAD}topics: [chips]\nslug: s\n\nText.\n", ("T", AT, "s", None)),
        (f"{HEAD}topics: [chips]\n\nText.\n", ("T", AT, "a", None)),
        ("---\ntitle：T\npublished：2026-03-01 09:30\n---\nText.\n", ("T", AT, "a", None)),
        ("---\ntitle: 'T'\npublished: 2026-99-99\ntopics: [\n---\nText.\n", ("T", None, "a", None)),
        ("---\npublished: soon\ntopics: [chips]\n---\nText.\n", ("", None, "a", None)),
        (f"+++\n{HEAD}+++\nText.\n", ("T", AT, "a", None)),
    ],
)
def test_what_a_faulty_file_says(text: str, expected: tuple[str, datetime | None, str, str | None]) -> None:
    said = _partial(text)
    assert (said.title, said.published, said.slug, said.id) == expected
    assert "Text." in said.content


def test_a_file_that_is_not_utf_8() -> None:
    said = _partial(f"---\n{HEAD}---\nTe\udcffxt.\n".encode("utf-8", "surrogateescape"))
    assert (said.title, said.published) == ("T", AT)


def test_a_file_without_lines_to_tell_the_body_by() -> None:
    assert front_matter_by_lines(b"title: T").body == ""


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """An error in front matter hides neither what is wrong in the body nor the links to be judged."""
    fault = _fault(f"---\n{HEAD}topics: [nope]\n---\n[x](/articles/nowhere) [y](no-such.md)\n")
    assert [(each.field, each.severity) for each in fault.findings] == [("topics", "error"), ("", "warning")]
    assert isinstance(fault, PartialArticleError)
    assert [each.address for each in fault.partial.links] == ["/articles/nowhere"]


def test_a_file_that_is_not_for_the_public_says_so_first() -> None:
    fault = _fault(f"---\n{HEAD}topics: [nope]\nvisibility: members\n---\n[x](/articles/nowhere)\n")
    assert isinstance(fault, NotPublic)
    assert isinstance(fault.__cause__, PartialArticleError)
