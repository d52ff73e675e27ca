"""Text of Markdown that no page shows is warned of, with its line."""

import pytest

from feedsvc.articles.source_text.lost_text import lost_text
from tests.conftest import Publication


def _said(body: str) -> list[str]:
    return [message for _, message in lost_text(body, str)]


def test_cells_beyond_the_head_and_definitions_without_a_reference(publication: Publication) -> None:
    body = (
        "| a | b |\n|---|---|\n| 1 | 2 | 3 |\n| `x|y` | 2 |\n| 1 | `x\\|y` |\n\n資料來源：\n\n[1]: https://a.example/x"
    )
    publication.article("one", body)
    said = [str(each) for each in publication.sync().problems]
    cells, definition = said
    assert cells == (
        "articles/one.md:8: warning: this row of a table has 3 cells, and its head 2: the rest is not shown "
        "(add a column to the head, or write \\| for a bar that parts no cells); also on line 9"
    )
    assert definition == (
        "articles/one.md:14: warning: [1]: … defines a link that nothing refers to, so it is not shown "
        "(write - <https://a.example/x> to show it)"
    )


@pytest.mark.parametrize(
    "body",
    [
        "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 |\n1 | 2",
        "a | b\n--|--\n1 | 2",
        "| a |\n|---|---|\n| 1 | 2 | 3 |",
        "Text [one] and [two][Two  words].\n\n[one]: https://a.example/\n[two words]: https://a.example/",
        "Sources:\n[1]: https://a.example/",
        "[^1]: a note\n\n---\n\ntext",
    ],
)
def test_what_is_shown_is_not(body: str) -> None:
    assert _said(body) == []


def test_time_is_linear() -> None:
    for each in ("| a |\n|---|\n" * 2, "|---|\n", "[a]: b\n", "|-", "- |"):
        lost_text(each * 50_000, str)
