"""Articles that something still holds are not made again from an equal row."""

import gc
import json
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from feedsvc.model import Article, Image, SafeHTML
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from feedsvc.store import rows as store_rows
from tests.feeds.cases import SITE
from tests.store import test_reading as store_reading

NOW = datetime(2026, 10, 2, tzinfo=UTC)
ARTICLE = replace(store_reading.ARTICLE, id="urn:x:held", slug="held", title="Held")


def _put(store: Store, article: Article, now: datetime = NOW) -> None:
    with store.write(now) as commit:
        commit.site.put(SITE)
        commit.articles.put([article])


def _read(store: Store) -> Article:
    with store.read() as snapshot:
        return snapshot.slices.articles(Slice(), 1)[0]


@pytest.mark.parametrize(
    "changed",
    [
        {"content": SafeHTML("<p>Other</p>")},
        {"slug": "other"},
        {"title": "Other"},
        {"published": datetime(2026, 9, 30, tzinfo=UTC)},
        {"language": "zh-Hant"},
        {"translation_of": "other"},
        {"expires": datetime(2027, 1, 1, tzinfo=UTC)},
    ],
)
def test_held_article_is_used_only_for_an_equal_row(tmp_path: Path, changed: dict[str, object]) -> None:
    with closing(Store(tmp_path / "store.sqlite3")) as store:
        _put(store, ARTICLE)
        held = _read(store)
        assert held == ARTICLE
        assert _read(store) is held
        other = replace(ARTICLE, **changed)  # type: ignore[arg-type]
        _put(store, other, NOW + timedelta(seconds=1))
        assert _read(store) == other


def test_nothing_is_kept_of_an_article_that_nothing_holds(tmp_path: Path) -> None:
    with closing(Store(tmp_path / "store.sqlite3")) as store:
        _put(store, ARTICLE)
        held = _read(store)
        assert ARTICLE.id in store_rows._held
        del held
        gc.collect()
        assert ARTICLE.id not in store_rows._held


def test_a_row_without_a_caption_is_the_one_of_before_there_were_captions() -> None:
    """Else the next sync would write every article with an image again, and all its feeds would have changed."""
    image = Image(url="https://example.org/media/a.png", alt="A", type="image/png", length=10)
    plain, said = (
        json.loads(store_rows.article_row(replace(ARTICLE, image=each))["data"])["image"]
        for each in (image, replace(image, caption="Hall 3"))
    )
    assert plain == {"url": image.url, "alt": "A", "type": "image/png", "length": 10}
    assert said == {**plain, "caption": "Hall 3"}
