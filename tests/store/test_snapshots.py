"""Readers never see a half-made state (promise 10): whatever is written meanwhile, a snapshot stays what it was."""

import sqlite3
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from feedsvc.model import Article, Localized, Site, Topic
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Store
from tests.conftest import START, Publication
from tests.store.test_reading import ARTICLE

NAMES = [f"n{number}" for number in range(4)]
TOPICS = ("chips", "cloud")
SITE = Site(
    title=Localized({"en": "T"}),
    subtitle=Localized({"en": ""}),
    base_url="https://example.org",
    tag_authority="example.org,2026",
    language="en",
    timezone="UTC",
    authors=(),
    topics=tuple(Topic(name=name, title=Localized({"en": name}), description=Localized({"en": ""})) for name in TOPICS),
    established=datetime(2026, 1, 1, tzinfo=UTC),
)
View = tuple[int, dict[str, list[Article]], dict[str, list[str]], list[datetime]]


def _view(snapshot: Snapshot) -> View:
    """Everything a feed is made of."""
    slices = [Slice(), *map(Slice, TOPICS)]
    return (
        snapshot.commit(),
        {each.name: snapshot.slices.articles(each, 50) for each in slices},
        {each.name: sorted(id_ for id_, _ in snapshot.slices.tombstones(each)) for each in slices},
        [snapshot.slices.last_change(each) for each in slices],
    )


class Snapshots(RuleBasedStateMachine):
    """Writes and reads that overlap, beside a model that is a dict."""

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        folder = self.stack.enter_context(TemporaryDirectory())
        self.store = Store(Path(folder) / "store.sqlite3")
        self.stack.callback(self.store.close)
        self.now = START
        self.live: dict[str, Article] = {}
        self.removed: set[str] = set()
        self.open: list[tuple[ExitStack, Snapshot, View]] = []
        with self.store.write(self.now) as writer:
            writer.site.put(SITE)

    @rule(
        names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True),
        topics=st.lists(st.sampled_from(TOPICS), min_size=1, unique=True),
        title=st.sampled_from(["A", "B"]),
    )
    def put(self, names: list[str], topics: list[str], title: str) -> None:
        made = [replace(ARTICLE, id=name, slug=name, title=title, topics=tuple(topics)) for name in names]
        self.now += timedelta(minutes=1)
        with self.store.write(self.now) as writer:
            done = writer.articles.put(made)
        kinds = {article.id: kind for kind, article in done}
        for each in made:
            before = self.live.get(each.id)
            assert kinds.get(each.id) == ("added" if before is None else None if before == each else "changed")
        self.live.update({each.id: each for each in made})
        self.removed -= set(names)

    @rule(names=st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    def remove(self, names: list[str]) -> None:
        self.now += timedelta(minutes=1)
        with self.store.write(self.now) as writer:
            done = writer.articles.remove(names)
        assert [article.id for _, article in done] == [name for name in names if name in self.live]
        self.removed |= set(names) & self.live.keys()
        for name in names:
            self.live.pop(name, None)

    @rule()
    def fail(self) -> None:
        """What a failed write did is not seen."""
        try:
            with self.store.write(self.now) as writer:
                writer.articles.remove(NAMES)
                raise InterruptedError
        except InterruptedError:
            pass

    @precondition(lambda self: len(self.open) < 3)
    @rule()
    def begin(self) -> None:
        stack = ExitStack()
        snapshot = stack.enter_context(self.store.read())
        self.open.append((stack, snapshot, _view(snapshot)))

    @precondition(lambda self: bool(self.open))
    @rule()
    def end(self) -> None:
        self.open.pop(0)[0].close()

    @invariant()
    def old_reads_see_what_they_saw(self) -> None:
        for _, snapshot, seen in self.open:
            assert _view(snapshot) == seen

    @invariant()
    def new_reads_see_the_last_commit(self) -> None:
        with self.store.read() as snapshot:
            _, articles, tombstones, _ = _view(snapshot)
        assert {each.id: each for each in articles["all"]} == self.live
        for name in TOPICS:
            assert {each.id for each in articles[name]} == {i for i, each in self.live.items() if name in each.topics}
        assert set(tombstones["all"]) == self.removed

    def teardown(self) -> None:
        for stack, _, _ in self.open:
            stack.close()
        self.stack.close()


TestSnapshots = Snapshots.TestCase
TestSnapshots.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)


def test_a_snapshot_is_one_from_its_first_question_on(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with publication.store.read() as snapshot:
        assert snapshot.slices.count(Slice()) == 1
        publication.article("two")
        publication.sync()
        assert snapshot.slices.count(Slice()) == 1
        assert snapshot.slugs.at("two") is None
    with publication.store.read() as snapshot:
        assert snapshot.slices.count(Slice()) == 2


def test_reads_within_reads_never_wait_for_a_connection(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    with ExitStack() as stack:
        for _ in range(40):
            assert stack.enter_context(publication.store.read()).slices.count(Slice()) == 1


def test_a_store_that_somebody_else_is_making_is_waited_for(publication: Publication) -> None:
    """SQLite itself does not wait for the change to WAL."""
    path = publication.settings.store_file
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        syncing = Thread(target=publication.sync)
        syncing.start()
        syncing.join(0.3)
        assert syncing.is_alive()
        other.execute("ROLLBACK")
        syncing.join(300)
    with publication.store.read() as snapshot:
        assert snapshot.site()
