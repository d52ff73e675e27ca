"""Both databases find the same articles of up to 2 MB: a tsvector has 1 MB, 16,383 positions and 256 of a word."""

import random
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from feedsvc.model import SafeHTML
from feedsvc.slices.search_terms import contains, indexed, parsed, terms_of
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store.postgresql.vectors import MAX_PHRASE, sequence_of, tsquery, vectors
from feedsvc.store.schema import articles
from tests.conftest import Publication
from tests.store.test_reading import ARTICLE

HAN = (
    "的一是在不了有和人這中大為上個國我以要他時來用們生到作地於出就分對成會可主發年動同工也能下過子說產種"
    "面而方後多定行學法所民得經十三之進著等部度家電力裡如水化高自二理起小物現實加量都兩體制機當使點從業本"
    "去把性好應開它合還因由其些然前外天政四日那社義事平形相全表間樣與關各重新線內數正心反你明看原又麼利比"
    "或但質氣第向道命此變條只沒結解問意建月公無系軍很情者最立代想已通並提直題黨程展五果料象員革位入常文總"
    "次品式活設及管特件長求老頭基資邊流路級少圖山統接知較將組見計別她手角期根論運農指幾九區強放決西被幹做"
    "必戰先回則任取據處推理論晶片"
)


def text_of(rng: random.Random, size: int, language: str) -> str:
    """Return a text of about `size` bytes."""
    if language == "zh":
        return "。".join("".join(rng.choices(HAN, k=rng.randrange(5, 40))) for _ in range(size // 70))
    words = [f"{rng.choice('bcdfgk')}{n:x}" for n in range(3000)]
    return " ".join(
        rng.choice(("the", "of", "nvidia")) if rng.random() < 0.2 else rng.choice(words) for _ in range(size // 5)
    )


def queries_of(rng: random.Random, texts: list[str]) -> list[str]:
    """Return phrases from everywhere in the texts, such that are in none, and several of them together."""
    found = ["推論", "AI", "nvid*", "the", '"the of"', '"the the the"', '"of nvidia the"', "論 理", "nvidia 推", "zzz"]
    found.append(f'"{" ".join(["∫"] * 60)}"')
    found.append("∭" * 66)
    found.append("⨌" * 90)
    for text in texts:
        words = text.split(" ")
        for length in (2, 3, 8, 30):
            for _ in range(6):
                at = rng.randrange(max(1, len(words) - length))
                phrase = words[at : at + length]
                found.append(f'"{" ".join(phrase)}"')
                found.append(f'"{" ".join(reversed(phrase))}"')
            at = rng.randrange(len(text) - length)
            found.append(text[at : at + length])
        at = rng.randrange(len(text) - 8)
        far = text.split(" ")[-1][-6:]
        found.append(f"{text[at : at + 6]} {far} {text[:3]}")
    return [each for each in found if len(each) <= 200 and parsed(each)]


def found_by(store: Store, query: str) -> list[str]:
    """Return the ids of the articles that a query finds, looked up in both ways."""
    search = store._engine.search
    with store._engine.read() as connection:
        results = search.find(connection, parsed(query))
        ids: list[str] = sorted(connection.scalars(results.ids()))
        assert sorted(connection.scalars(select(articles.c.id).where(results.is_found(articles.c)))) == ids
        return ids


@pytest.mark.parametrize("seed", [1])
def test_the_same_results(publication: Publication, database: str, seed: int) -> None:
    rng = random.Random(seed)
    texts = [text_of(rng, size, language) for size in (3_000, 60_000, 2_000_000) for language in ("en", "zh")]
    texts += ["∫" * 700, "nvidia AI 推論 " * 300, f"x {'y ' * 17_000} z"]
    many = [
        replace(ARTICLE, id=f"urn:x:{n}", slug=f"s{n}", content=SafeHTML(f"<p>{text}</p>"))
        for n, text in enumerate(texts)
    ]
    queries = queries_of(rng, texts)
    found = []
    publication.sync()
    with closing(Store(database)) as other:
        for store in (publication.store, other):
            with store.write(publication.now) as commit:
                commit.site.put(publication.site)
                commit.articles.put(many, {each.id: terms_of(each) for each in many})
            found.append({query: found_by(store, query) for query in queries})
            with store.write(publication.now) as commit:
                commit.articles.remove(["urn:x:5", "urn:x:6"])
            found[-1]["after"] = found_by(store, "∫")
    assert found[0] == found[1]
    assert sum(bool(each) for each in found[0].values()) > len(queries) / 3
    assert sum(not each for each in found[0].values()) > len(queries) / 10


words = st.lists(st.sampled_from(["a", "b", "推", "論", "·", "ab"]), min_size=1, max_size=900)


@given(words, st.data())
def test_each_phrase_is_whole_in_a_part(text: list[str], data: st.DataObject) -> None:
    """Parts stay below the limits, cover everything and overlap enough."""
    sequence = sequence_of(indexed(" ".join(text)))
    parts = vectors(sequence)
    for part in parts:
        for entry in part.split(" "):
            assert len(entry.split(":")[-1].split(",")) <= 255
    at = data.draw(st.integers(0, len(sequence) - 1))
    phrase = sequence[at : at + data.draw(st.integers(1, MAX_PHRASE))]
    if "·" not in phrase and "" not in phrase:
        assert any(_has(part, phrase) for part in parts)


def _has(vector: str, phrase: list[str]) -> bool:
    positions = {}
    for entry in vector.split(" "):
        word, _, at = entry.rpartition(":")
        positions[word.strip("'")] = {int(each) for each in at.split(",")}
    starts = positions.get(phrase[0], set())
    return any(all(start + n in positions.get(word, ()) for n, word in enumerate(phrase)) for start in starts)


def test_a_long_phrase_is_compared_with_the_text() -> None:
    term = f'"{" ".join(["∫"] * 300)}"'
    query, is_cut = tsquery(term)
    assert is_cut
    assert query.count("∫") == MAX_PHRASE
    assert contains(indexed("∫" * 300), term)
    assert not contains(indexed("∫" * 299), term)
    assert tsquery('"a nvid*"')[0].endswith("'nvid'") or tsquery("nvid*")[0] == "'nvid':*"


def test_a_word_longer_than_postgresql_takes(publication: Publication, database: str) -> None:
    """It is found by its beginning; no query is as long as the word."""
    article = replace(ARTICLE, content=SafeHTML(f"<p>{'ab' * 3000} c</p>"))
    with closing(Store(database)) as store:
        with store.write(publication.now) as commit:
            commit.site.put(publication.site)
            commit.articles.put([article])
        with store.read() as snapshot:
            for query, number in {"ababab*": 1, f"{'ab' * 99}*": 1, "abab": 0, f"{'ab' * 99}c*": 0}.items():
                assert len(snapshot.slices.articles(Slice(terms=parsed(query)), 9)) == number, query
