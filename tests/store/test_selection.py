"""Every slice, over any history: the store finds what a look at each article finds, and no other change touches it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.errors import SearchTooSlow, UnknownFacet
from feedsvc.languages import language_and_script
from feedsvc.model import Article, Person, SafeHTML
from feedsvc.slices.slice import Slice
from feedsvc.store import Commit, Store
from tests.conftest import START
from tests.sqlite_store import path_of
from tests.store.test_reading import ARTICLE
from tests.store.test_snapshots import SITE

TAGS = ("nvidia", "推論", "AI")
AUTHORS = ("Ann", "陳")
LANGUAGES = ("en", "zh-Hant", "zh-HK", "zh-Hans", "ja")
RANGES = ("en", "zh", "zh-Hant", "zh-TW", "zh-HK", "zh-Hans", "ja")
WORDS = ("AI 推論延遲", "엔비디아 chips", "wafer-scale engine", "رقائق الحاسوب")
TERMS = ("ai", "推論", "엔비디아", "chips", '"wafer scale"', "wa*", "الحاسوب", "absent")
TAIPEI = replace(SITE, timezone="Asia/Taipei")


def some(values: Sequence[str], most: int = 2) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most, unique=True).map(tuple)


articles = st.builds(
    lambda number, day, topics, tags, authors, language, words: replace(
        ARTICLE,
        id=f"urn:x:{number}",
        slug=f"n{number}",
        title=f"Number {number}",
        published=datetime(2026, 3, 1, 15, 30, tzinfo=UTC) + timedelta(days=day),
        topics=topics,
        tags=tags,
        authors=tuple(Person(name=name) for name in authors),
        language=language,
        content=SafeHTML(f"<p>{words}</p>"),
    ),
    number=st.integers(0, 5),
    day=st.integers(0, 40),
    topics=st.sampled_from([("chips",), ("cloud",), ("chips", "cloud")]),
    tags=some(TAGS),
    authors=st.sampled_from([("Ann",), ("陳",), ("Ann", "陳")]),
    language=st.sampled_from(LANGUAGES),
    words=st.sampled_from(WORDS),
)
exclusions = st.sampled_from([("topic", "cloud"), ("tag", "nvidia"), ("author", "陳"), ("lang", "zh-Hant")])
days = st.dates(date(2026, 2, 25), date(2026, 4, 15))


no_terms: st.SearchStrategy[tuple[str, ...]] = st.just(())


@st.composite
def slices(draw: st.DrawFn, terms: st.SearchStrategy[tuple[str, ...]] = no_terms) -> Slice:
    since, until = sorted([draw(days), draw(days)])
    return Slice(
        draw(st.sampled_from([None, "chips", "cloud"])),
        topics=draw(some(("chips", "cloud"))),
        tags=draw(some(TAGS)),
        authors=draw(some(AUTHORS)),
        languages=draw(some(RANGES)),
        without=draw(st.lists(exclusions, max_size=1).map(tuple)),
        terms=draw(terms),
        since=draw(st.sampled_from([None, since])),
        until=draw(st.sampled_from([None, until])),
    )


def in_range(range_: str, tag: str) -> bool:
    """Likely subtags, written down for the languages above."""
    regions = {"en": "US", "zh-Hant": "TW", "zh-HK": "HK", "zh-Hans": "CN", "ja": "JP"}
    wanted = {"zh-TW": ("zh", "Hant", "TW"), "zh-HK": ("zh", "Hant", "HK")}.get(range_, tuple(range_.split("-")))
    return wanted == (*language_and_script(tag), regions[tag])[: len(wanted)]


def found_in(article: Article, term: str) -> bool:
    """The terms above in the texts and tags above, by eye."""
    texts = [str(article.content), *article.tags]
    return any(term.strip('"*').replace(" ", "-") in text.casefold() for text in texts)


def has(article: Article, facet: str, value: str) -> bool:
    names = {"topic": article.topics, "tag": article.tags, "author": tuple(each.name for each in article.authors)}
    return in_range(value, article.language) if facet == "lang" else value in names[facet]


def holds(slice_: Slice, article: Article) -> bool:
    """Whether an article is in a slice, by looking at it."""
    day = article.published.astimezone(ZoneInfo("Asia/Taipei")).date()
    any_of = [("topic", slice_.topics), ("tag", slice_.tags), ("author", slice_.authors), ("lang", slice_.languages)]
    return (
        slice_.topic in (None, *article.topics)
        and all(not values or any(has(article, facet, each) for each in values) for facet, values in any_of)
        and not any(has(article, *each) for each in slice_.without)
        and (slice_.since is None or slice_.since <= day)
        and (slice_.until is None or day <= slice_.until)
        and all(found_in(article, term) for term in slice_.terms)
    )


class History:
    """A store beside a dictionary; each step is a commit, a minute after the last."""

    def __init__(self, path: Path) -> None:
        self.store = Store(path, search_seconds=60)
        self.now = START
        self.live: dict[str, Article] = {}
        with self.write() as writer:
            writer.site.put(TAIPEI)

    @contextmanager
    def write(self) -> Iterator[Commit]:
        self.now += timedelta(minutes=1)
        with self.store.write(self.now) as writer:
            yield writer

    def step(self, articles: Sequence[Article], removed: Sequence[str]) -> None:
        with self.write() as writer:
            writer.articles.remove(removed)
            for id_ in removed:
                self.live.pop(id_, None)
            writer.articles.put(articles)
            self.live.update({each.id: each for each in articles})


@contextmanager
def history() -> Iterator[History]:
    with TemporaryDirectory() as folder:
        made = History(Path(folder) / "store.sqlite3")
        yield made
        made.store.close()


steps = st.lists(
    st.tuples(
        st.lists(articles, max_size=4, unique_by=lambda each: each.id),
        st.lists(st.sampled_from([f"urn:x:{number}" for number in range(6)]), max_size=2, unique=True),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(steps=steps, wanted=st.lists(slices(some(TERMS)), min_size=1, max_size=8))
def test_a_slice_is_what_a_look_at_every_article_finds(
    steps: list[tuple[list[Article], list[str]]], wanted: list[Slice]
) -> None:
    with history() as made:
        for step in steps:
            made.step(*step)
        with made.store.read() as snapshot:
            for slice_ in wanted:
                right = sorted(
                    (each for each in made.live.values() if holds(slice_, each)),
                    key=lambda each: (-each.published.timestamp(), each.id),
                )
                assert snapshot.slices.articles(slice_, 50) == right
                assert snapshot.slices.articles(slice_, 2, 1) == right[1:3]
                assert snapshot.slices.count(slice_) == len(right)


@settings(max_examples=60, deadline=None)
@given(steps=steps, wanted=st.lists(slices(), min_size=1, max_size=8))
def test_a_change_touches_the_slices_it_was_or_is_in_and_no_other(
    steps: list[tuple[list[Article], list[str]]], wanted: list[Slice]
) -> None:
    with history() as made:
        touched = dict.fromkeys(wanted, SITE.established)
        buried: dict[str, Article] = {}
        for articles, removed in steps:
            before = dict(made.live)
            made.step(articles, removed)
            moved = {id_ for id_ in {*before, *made.live} if before.get(id_) != made.live.get(id_)}
            # Removed and added again in one commit.
            moved |= set(removed) & before.keys()
            states = [state[id_] for state in (before, made.live) for id_ in moved if id_ in state]
            # Where an article comes back, its former slices lose its tombstone.
            states += [buried.pop(id_) for id_ in made.live.keys() & buried.keys()]
            buried |= {id_: before[id_] for id_ in before.keys() - made.live.keys()}
            for slice_ in wanted:
                if any(holds(slice_, state) for state in states):
                    touched[slice_] = made.now
        with made.store.read() as snapshot:
            assert {slice_: snapshot.slices.last_change(slice_) for slice_ in wanted} == touched


@settings(max_examples=30, deadline=None)
@given(steps=steps, wanted=st.lists(slices(), min_size=1, max_size=8))
def test_tombstones_are_of_what_was_in_the_slice(
    steps: list[tuple[list[Article], list[str]]], wanted: list[Slice]
) -> None:
    with history() as made:
        buried: dict[str, Article] = {}
        for articles, removed in steps:
            buried |= {id_: made.live[id_] for id_ in removed if id_ in made.live}
            made.step(articles, removed)
            buried = {id_: each for id_, each in buried.items() if id_ not in made.live}
        with made.store.read() as snapshot:
            for slice_ in wanted:
                right = {id_ for id_, each in buried.items() if holds(slice_, each)}
                assert {id_ for id_, _ in snapshot.slices.tombstones(slice_)} == right


def test_an_article_that_comes_back_elsewhere_touches_the_slices_that_lose_its_tombstone_and_no_other() -> None:
    """A slice of two facets, too, of which the article has one again."""
    first = replace(ARTICLE, topics=("cloud",), tags=("amd",), published=datetime(2026, 4, 1, tzinfo=UTC))
    lost, early = Slice("cloud", tags=("amd",)), Slice("cloud", until=date(2026, 3, 1))
    with history() as made:
        made.step([first], [])
        made.step([], [first.id])
        made.step([replace(first, tags=("ai",))], [])
        with made.store.read() as snapshot:
            assert list(snapshot.slices.tombstones(lost)) == []
            assert (snapshot.slices.last_change(lost), snapshot.slices.last_change(early)) == (
                made.now,
                SITE.established,
            )


def test_what_never_was_is_named_with_the_nearest() -> None:
    with history() as made:
        made.step([replace(ARTICLE, tags=("NVIDIA", "amd"))], [])
        for slice_, message in {
            Slice(tags=("nvidia",)): "tag: no article has the tag 'nvidia' (did you mean 'NVIDIA'?)",
            Slice(authors=("B",)): "author: no article has the author 'B' (known: A)",
            Slice(languages=("ja",)): "lang: no article has the language 'ja' (known: en, en-Latn, en-US)",
            Slice(without=(("tag", "am"),)): "tag, excluded: no article has the tag 'am' (did you mean 'amd'?)",
        }.items():
            with pytest.raises(UnknownFacet) as caught, made.store.read() as snapshot:
                snapshot.slices.check(slice_)
            error = caught.value
            assert f"{error.facet}{', excluded' if error.excluded else ''}: {error}" == message


def test_of_many_names_those_around_are_looked_at() -> None:
    with history() as made:
        tags = tuple(f"tag-{number:04}" for number in range(1000))
        made.step([replace(ARTICLE, tags=tags)], [])
        with pytest.raises(UnknownFacet, match=r"\(did you mean 'tag-0500'\?\)"), made.store.read() as snapshot:
            snapshot.slices.check(Slice(tags=("tag-0500x",)))
        many = r"\(known: tag-0\d+(, tag-0\d+){19} and \d+ more\)"
        with pytest.raises(UnknownFacet, match=many), made.store.read() as snapshot:
            snapshot.slices.check(Slice(tags=("推論",)))


def test_a_tag_that_went_is_legal_and_empty() -> None:
    with history() as made:
        made.step([replace(ARTICLE, tags=("brief",))], [])
        made.step([], [ARTICLE.id])
        with made.store.read() as snapshot:
            snapshot.slices.check(Slice(tags=("brief",)))
            assert snapshot.slices.articles(Slice(tags=("brief",)), 50) == []
            assert snapshot.slices.count(Slice(tags=("brief",))) == 0


def test_a_search_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    made = History(tmp_path / "store.sqlite3")
    made.step([replace(ARTICLE, tags=("a", "b"))], [])
    impatient = Store(path_of(made.store), search_seconds=0)
    with pytest.raises(SearchTooSlow, match=r"takes longer than 0 s \(ask for less"), impatient.read() as snapshot:
        snapshot.slices.articles(Slice(tags=("a", "b")), 50)
    with impatient.read() as snapshot:
        assert snapshot.site() == TAIPEI
    impatient.close()
    made.store.close()
