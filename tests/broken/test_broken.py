"""No broken file costs a good one, and each is named with what is wrong and where."""

import os
from pathlib import Path

import pytest

from feedsvc.slices.slice import Slice
from feedsvc.sync.report import Report
from tests.broken.corpus import all_broken, odd_names, odd_places
from tests.conftest import Publication
from tests.unprivileged import give_away, open_folder, unprivileged

BROKEN = all_broken()
GOOD = 20


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len({each.path for each in BROKEN}) == len(BROKEN) >= 200


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[Publication, Report]:
    """One sync of everything broken, with good articles among it."""
    publication = Publication(tmp_path_factory.mktemp("broken"))
    for number in range(GOOD):
        publication.article(f"good-{number}")
    for each in BROKEN:
        publication.write(f"articles/{each.path}", each.data)
    return publication, publication.sync()


def test_no_good_article_is_lost_and_no_broken_one_published(report: tuple[Publication, Report]) -> None:
    publication, done = report
    assert sorted(done.added) == sorted(f"good-{number}" for number in range(GOOD))
    with publication.store.read() as snapshot:
        assert snapshot.slices.count(Slice()) == GOOD


@pytest.mark.parametrize("broken", BROKEN, ids=lambda each: each.path)
def test_each_is_named_with_what_is_wrong_and_where(broken: object, report: tuple[Publication, Report]) -> None:
    each = next(one for one in BROKEN if one is broken)
    said = [str(problem) for problem in report[1].problems if problem.path == f"articles/{each.path}"]
    assert any(each.says in line for line in said), said
    if each.line:
        assert any(line.startswith(f"articles/{each.path}:{each.line}:") for line in said), said


def test_places_that_are_no_files(publication: Publication) -> None:
    publication.article("good")
    wanted = odd_places(publication.settings.content / "articles")
    done = publication.sync()
    assert done.added == ("good",)
    said = {problem.path: problem.finding.message for problem in done.problems}
    assert said.keys() == wanted.keys()
    assert all(says in said[path] for path, says in wanted.items())


def test_a_file_and_a_folder_that_may_not_be_read() -> None:
    with open_folder() as root:
        publication = Publication(root)
        publication.article("good")
        secret, folder = publication.article("secret"), publication.article("below/x").parent
        give_away(root)
        secret.chmod(0)
        folder.chmod(0)
        try:
            with unprivileged():
                done = publication.sync()
        finally:
            folder.chmod(0o700)
            publication.store.close()
    assert done.added == ("good",)
    assert [problem.path for problem in done.problems] == ["articles/below", "articles/secret.md"]


def test_odd_names_are_articles_all_the_same(publication: Publication) -> None:
    articles = publication.settings.content / "articles"
    for number, name in enumerate(odd_names()):
        data = f"---\ntitle: T{number}\npublished: 2026-10-01\ntopics: chips\n---\nText.\n".encode()
        Path(os.fsdecode(os.fsencode(articles) + b"/" + name)).write_bytes(data)
    done = publication.sync()
    wanted = {f"T{number}": slug for number, slug in enumerate(odd_names().values())}
    with publication.store.read() as snapshot:
        found = {article.title: article.slug for article in snapshot.slices.articles(Slice(), 100)}
    assert found == {title: slug for title, slug in wanted.items() if slug}
    assert len(done.set_aside) == sum(not slug for slug in wanted.values())
    assert all("\n" not in str(problem) for problem in done.problems)


def test_a_case_only_rename_moves_the_article(publication: Publication) -> None:
    file = publication.article("Case")
    publication.sync()
    file.rename(file.with_name("case.md"))
    done = publication.sync()
    assert (done.added, done.changed, done.removed, done.problems) == ((), ("Case",), (), ())
    assert [publication.client().get(f"/articles/{slug}").status_code for slug in ("Case", "case")] == [301, 200]


def test_ten_thousand_files_in_a_folder(publication: Publication) -> None:
    """Nothing in the walk is quadratic or limited: files that are no articles, beside one that is."""
    folder = publication.article("many/good").parent
    for number in range(10_000):
        (folder / f"{number}.bak").touch()
    assert publication.sync().added == ("many/good",)
