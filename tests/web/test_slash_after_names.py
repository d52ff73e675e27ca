"""A slash after the name of a tag or an author: the address without it, unless the name itself ends in one."""

import pytest

from tests.conftest import Publication


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("/tags/x/", "/tags/x"),
        ("/tags/x//", "/tags/x"),
        ("/tags/%E4%B8%AD%E6%96%87/", "/tags/%E4%B8%AD%E6%96%87"),
        ("/authors/Ann/", "/authors/Ann"),
        ("/tags/x/?page=2", "/tags/x"),
        ("/tags/a%2F", None),
        ("/tags/none/", "missing"),
        ("/authors/none/", "missing"),
        ("/tags///", "missing"),
    ],
)
def test_a_slash_at_the_end(publication: Publication, asked: str, found: str | None) -> None:
    publication.article("one", tags="[x, 中文, a/]", authors="[Ann]")
    publication.sync()
    answer = publication.client().get(asked)
    if found == "missing":
        assert answer.status_code == 404
    elif found is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://example.org{found}")
