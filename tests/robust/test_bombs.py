"""A sync with bombs among its articles ends, and ends with the good ones live (`make bombs` measures how soon)."""

from feedsvc.slices.slice import Slice
from tests.conftest import Publication
from tests.robust.bombs import bombs

GOOD = 200
# Not refused but rendered harmless: what they attack is linear now.
HARMLESS = {"ark.html", "marks.md", "bidi.txt", "siblings.html", "spaces.md"}


def fill(publication: Publication, number_of_articles: int) -> None:
    """Good articles of some 2 kB."""
    for number in range(number_of_articles):
        publication.article(f"good-{number}", f"Some *words* & [a link](https://example.net/{number}). " * 40)


def test_good_articles_among_bombs(publication: Publication) -> None:
    fill(publication, GOOD)
    wanted = {f"articles/{name}" for name, _ in bombs()}
    assert len(wanted) >= 20
    for name, data in bombs():
        publication.write(f"articles/{name}", data)
    report = publication.sync()
    harmless = {f"articles/{name}" for name in HARMLESS}
    assert set(report.set_aside) == wanted - harmless
    assert len(list(report.lines())) < GOOD + 10 * len(wanted)
    with publication.store.read() as snapshot:
        assert snapshot.slices.count(Slice()) == GOOD + len(harmless)
