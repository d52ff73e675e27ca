"""The short form of `make soak-hub`: 200 subscribers, and 10 workers that are killed."""

from tests.conftest import Publication
from tests.hub.soak import Soak


def test_nothing_is_lost_when_workers_are_killed(publication: Publication) -> None:
    publication.article("first")
    publication.sync()
    soak = Soak(publication, number=200, kills=10)
    soak.run()
    assert soak.missing() == []
    assert 0 <= soak.duplicates() <= soak.allowed_duplicates()
    # Those that answered 410 got nothing after that, but what was in flight.
    assert all(len(soak.received[number]) <= soak.kills + 1 for number in (2, 102))
