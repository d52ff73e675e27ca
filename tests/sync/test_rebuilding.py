"""A store made anew from the same files equals the old in articles, not in history (promise 3)."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from feedsvc.errors import StoreUnavailable
from feedsvc.slices.slice import Slice
from tests.conftest import Publication
from tests.sync.looks import feed, rows, titles

# How often a sync is killed: a few times in CI, more in a soak.
SHORT, LONG = 5, int(os.environ.get("FEEDSVC_SOAK", "100"))


def _anew(publication: Publication, path: Path) -> Publication:
    """The same files with an empty store."""
    other = Publication(path, now=publication.now)
    shutil.copytree(publication.settings.content, other.settings.content, dirs_exist_ok=True, symlinks=True)
    return other


def test_after_many_edits_it_equals_one_made_anew(publication: Publication, tmp_path: Path) -> None:
    dice = random.Random(7)
    names = [f"n{number}" for number in range(12)]
    for _ in range(8):
        for name in dice.sample(names, 5):
            _edit(publication, name, dice)
        publication.sync(allow_removals=True)
    for file in (publication.settings.content / "articles").glob("n*.md"):
        file.write_text(file.read_text().replace("slug: same", "slug: same-" + file.stem))
    publication.sync(allow_removals=True)
    other = _anew(publication, tmp_path / "anew")
    other.sync()
    old, new = rows(publication), rows(other)
    assert {name: old[name] for name in ("articles", "facets")} == {name: new[name] for name in ("articles", "facets")}
    assert titles(publication) == titles(other)
    # What was removed is remembered by the old one alone.
    documents = [json.loads(feed(each, suffix="json")) for each in (publication, other)]
    assert documents[0]["items"] == documents[1]["items"]
    other.store.close()


def _edit(publication: Publication, name: str, dice: random.Random) -> None:
    file = publication.settings.content / "articles" / f"{name}.md"
    match dice.randrange(6):
        case 0:
            file.unlink(missing_ok=True)
        case 1:
            publication.article(name, slug="same", id=f"urn:x:{name}")
        case 2:
            publication.article(name, published="2027-01-01", id=f"urn:x:{name}")
        case 3:
            publication.article(name, translation_of=dice.choice(["n0", "n1"]), language="zh-Hant", id=f"urn:x:{name}")
        case _:
            topics = dice.choice(["[chips]", "[cloud, chips]"])
            publication.article(name, f"Text {dice.random()}", topics=topics, id=f"urn:x:{name}")


def _kill_in_the_middle(publication: Publication, delay: float) -> None:
    """Start a sync and kill -9 it `delay` seconds after it took the lock, if it still runs then."""
    command = [sys.executable, "-m", "feedsvc", "sync", "--allow-removals", "--content"]
    with subprocess.Popen([*command, str(publication.settings.content)], stdout=subprocess.DEVNULL) as process:
        _wait_for_the_lock(publication.settings.store_file)
        with suppress(subprocess.TimeoutExpired):
            process.wait(delay)
        process.kill()


def _seen(publication: Publication) -> list[tuple[str, str, tuple[str, ...]]]:
    """What readers see of each article; nothing, before the first commit."""
    try:
        with publication.store.read() as snapshot:
            return sorted(
                (each.slug, str(each.content), each.topics) for each in snapshot.slices.articles(Slice(), 1000)
            )
    except StoreUnavailable:
        return []


def _published(publication: Publication) -> list[tuple[str, str, tuple[str, ...]]]:
    """What readers see of the files as they are, by a store of its own."""
    with TemporaryDirectory() as folder:
        other = _anew(publication, Path(folder))
        other.sync()
        seen = _seen(other)
        other.store.close()
    return seen


def _survives(publication: Publication, tmp_path: Path, times: int) -> None:
    dice = random.Random(times)
    for attempt in range(times):
        for number in range(60):
            publication.article(
                f"n{number}", f"Text {attempt}. ![x](p.svg)", topics=dice.choice(["[chips]", "[cloud]"])
            )
        publication.write("articles/p.svg", f"<svg><!-- {attempt} --></svg>")
        (publication.settings.content / "articles" / f"n{dice.randrange(60)}.md").unlink()
        before = _seen(publication)
        _kill_in_the_middle(publication, dice.uniform(0, 0.8))
        assert _seen(publication) in ([], before, _published(publication))
        with closing(sqlite3.connect(publication.settings.store_file)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    publication.sync(allow_removals=True)
    other = _anew(publication, tmp_path / "anew")
    other.sync()
    old, new = rows(publication), rows(other)
    assert {name: old[name] for name in ("articles", "facets")} == {name: new[name] for name in ("articles", "facets")}
    assert new["media"][0] in old["media"]
    other.store.close()


@pytest.mark.in_a_file
def test_kill_9_in_the_middle(publication: Publication, tmp_path: Path) -> None:
    _survives(publication, tmp_path, SHORT)


@pytest.mark.in_a_file
@pytest.mark.slow
@pytest.mark.skipif("FEEDSVC_SOAK" not in os.environ, reason="a soak: FEEDSVC_SOAK=100 pytest -m slow")
@pytest.mark.timeout(3600)
def test_kill_9_in_the_middle_many_times(publication: Publication, tmp_path: Path) -> None:
    _survives(publication, tmp_path, LONG)


@pytest.mark.in_a_file
def test_kill_9_leaves_readers_the_last_commit(publication: Publication) -> None:
    publication.article("one", "Before.")
    publication.sync()
    before = feed(publication)
    for number in range(200):
        publication.article(f"n{number}")
    _kill_in_the_middle(publication, 0)
    assert feed(publication) == before
    assert len(publication.sync().added) == 200


def _wait_for_the_lock(path: Path) -> None:
    """Return when another process writes to the store."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=rw", 0, isolation_level=None, uri=True)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                return
        time.sleep(0.002)
    pytest.fail("no sync began to write")
