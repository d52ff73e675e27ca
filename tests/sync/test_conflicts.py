"""Two files that claim one id or one address: the published one keeps it, and the clash resolves by itself."""

import pytest

from feedsvc.sync import check
from tests.conftest import Publication
from tests.sync.looks import rows, status, titles


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"slug": "first"}, "slug", "first"),
        ({"slug": "first", "id": "urn:x:2"}, "slug", "first"),
        ({"id": "tag:example.org,2026:first"}, "id", "tag:example.org,2026:first"),
        ({"aliases": "[first]", "id": "urn:x:2"}, "aliases", "first"),
    ],
)
def test_the_published_one_keeps_it(publication: Publication, fields: dict[str, str], field: str, value: str) -> None:
    first = publication.article("first")
    publication.sync()
    publication.article("a-second", published="2026-01-01 00:00", **fields)
    for _ in range(2):
        report = publication.sync()
        (line,) = map(str, report.problems)
        # The fields of `article` stand in lines 2 to 4, those of the test behind them.
        number = 5 + list(fields).index(field)
        assert line.startswith(
            f"articles/a-second.md:{number}: {field}: {value!r} is already used by articles/first.md ("
        )
        assert titles(publication) == ["first"]
    first.unlink()
    report = publication.sync()
    assert not report.problems
    assert titles(publication) == ["a-second"]


def test_between_newcomers_the_one_published_first_keeps_it(publication: Publication) -> None:
    publication.article("a", slug="same", published="2026-10-02")
    publication.article("b", slug="same", published="2026-10-01")
    report = publication.sync()
    assert report.added == ("b",)
    assert report.set_aside == ["articles/a.md"]
    assert "articles/b.md" in str(report.problems[0])


def test_a_slug_that_is_an_alias_elsewhere(publication: Publication) -> None:
    publication.article("new", aliases="[old]")
    publication.sync()
    publication.article("old", id="urn:x:2")
    assert publication.sync().set_aside == ["articles/old.md"]
    assert status(publication, "old") == 301


def test_a_slug_that_a_scheduled_article_claims(publication: Publication) -> None:
    publication.article("late", slug="same", published="2026-12-01", aliases="[other]")
    publication.sync()
    publication.article("early", slug="same", id="urn:x:2")
    publication.article("third", slug="other", id="urn:x:3")
    assert publication.sync().set_aside == ["articles/early.md", "articles/third.md"]


def test_a_draft_claims_nothing(publication: Publication) -> None:
    publication.article("a", slug="same", draft="true")
    publication.article("b", slug="same")
    assert publication.sync().added == ("b",)


def test_the_clash_resolves_when_the_other_becomes_a_draft(publication: Publication) -> None:
    publication.article("a", slug="same", id="urn:x:1")
    publication.sync()
    publication.article("b", slug="same", id="urn:x:2")
    publication.sync()
    publication.article("a", slug="same", id="urn:x:1", draft="true")
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == (("b",), ("a",), ())


def test_a_broken_file_keeps_its_address(publication: Publication) -> None:
    publication.article("a", slug="same", id="urn:x:1")
    publication.sync()
    publication.write("articles/a.md", "broken")
    publication.article("b", slug="same", id="urn:x:2")
    publication.article("c", id="urn:x:1")
    assert publication.sync().set_aside == ["articles/a.md", "articles/b.md", "articles/c.md"]
    assert titles(publication) == ["a"]


def test_a_file_set_aside_keeps_the_address_of_its_last_good_version(publication: Publication) -> None:
    """A clash that makes another: `a` may not take `c`'s slug, so it stays at its own, which `b` wants."""
    publication.article("a", id="urn:x:a")
    publication.article("c", id="urn:x:c")
    publication.sync()
    publication.article("a", id="urn:x:a", slug="c")
    publication.article("b", id="urn:x:b", slug="a")
    publication.article("good")
    report = publication.sync()
    assert report.set_aside == ["articles/a.md", "articles/b.md"]
    assert sorted(titles(publication)) == ["a", "c", "good"]


def test_a_missing_file_keeps_its_address_while_it_may_come_back(publication: Publication) -> None:
    file = publication.article("a", id="urn:x:a")
    publication.sync()
    file.unlink()
    publication.article("b", id="urn:x:b", slug="a")
    assert publication.sync(counts_as_deleted=lambda _path: False).set_aside == ["articles/b.md"]
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == (("b",), ("a",), ())


def test_the_order_of_files_decides_nothing(publication: Publication) -> None:
    for name in ("a", "b", "c"):
        publication.article(name, slug="same", published="2026-10-01")
    publication.sync()
    before = rows(publication)
    publication.sync(whole=True)
    assert rows(publication) == before
    assert titles(publication) == ["a"]


def test_an_alias_takes_no_slug_that_is_another_files_own(publication: Publication) -> None:
    """However early it says it was published; nor does it in the second sync."""
    names = [f"good-{number}" for number in range(3)]
    for name in names:
        publication.article(name)
    publication.article("zz", published="1000-01-02", aliases=f"[{', '.join(names)}]")
    report = publication.sync()
    assert (sorted(report.added), report.set_aside) == (names, ["articles/zz.md"])
    assert "aliases: 'good-0' is already used by articles/good-0.md (" in str(report.problems[0])
    assert publication.sync(whole=True).set_aside == ["articles/zz.md"]


def test_a_new_alias_of_a_published_article_takes_no_slug_either(publication: Publication) -> None:
    publication.article("a", id="urn:x:a")
    publication.sync()
    publication.article("a", id="urn:x:a", aliases="[b]")
    publication.article("b")
    report = publication.sync()
    assert (report.added, report.set_aside, sorted(titles(publication))) == (("b",), ["articles/a.md"], ["a", "b"])


def test_an_alias_that_was_published_stays_when_all_is_read_anew(publication: Publication) -> None:
    publication.article("new", id="urn:x:new", aliases="[old]")
    publication.sync()
    publication.article("old", id="urn:x:old", published="2020-01-01")
    for whole in (False, True):
        assert publication.sync(whole=whole).set_aside == ["articles/old.md"]
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    assert [each.path for each in checked.problems] == ["articles/old.md"]


def test_what_is_set_aside_for_an_alias_keeps_no_slug(publication: Publication) -> None:
    """Two files want each other's slug: the first yields, so the second may have both."""
    publication.article("a", aliases="[b]", published="2026-10-01")
    publication.article("b", aliases="[a]", published="2026-10-02")
    report = publication.sync()
    assert (report.added, report.set_aside) == (("b",), ["articles/a.md"])
    assert status(publication, "a") == 301


def test_the_slug_of_what_is_set_aside_is_free(publication: Publication) -> None:
    publication.article("bad", slug="wanted", aliases="[good]", published="1000-01-02")
    publication.article("good")
    publication.article("late", slug="wanted", published="2026-10-09")
    report = publication.sync()
    assert (sorted(report.added), report.set_aside) == (["good", "late"], ["articles/bad.md"])


def test_a_clash_with_a_file_whose_name_is_no_line(publication: Publication) -> None:
    publication.article("a\n\x1b]0;b", title="T", slug="same", published="2026-10-01")
    publication.article("c", slug="same", published="2026-10-02")
    (problem,) = publication.sync().problems
    assert problem.finding.message.startswith("'same' is already used by articles/a\\n\\x1b]0;b.md (")
