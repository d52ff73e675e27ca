"""A script that follows a slice by its cursor ends with what a full download has."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedsvc.model import Article
from feedsvc.slices.cursor import Cursor
from feedsvc.slices.slice import Slice
from feedsvc.store import Store
from tests.sqlite_store import path_of
from tests.store.test_reading import ARTICLE
from tests.store.test_selection import History, articles, history, holds, slices, steps


class Script:
    """Keeps a copy of a slice, by what `changes_after` tells it, `limit` changes at a time."""

    def __init__(self, slice_: Slice, limit: int) -> None:
        self.slice, self.limit, self.seq = slice_, limit, 0
        self.copy: dict[str, Article] = {}

    def poll(self, store: Store) -> list[str]:
        """Read until there is nothing more; the ids that were told, in their order."""
        told: list[str] = []
        while True:
            with store.read() as snapshot:
                changes = snapshot.changes.after(self.slice, self.seq, self.limit)
                own = snapshot.changes.cursor(self.slice)
            assert [each.seq for each in changes] == sorted({each.seq for each in changes})
            for each in changes:
                if each.article is None:
                    self.copy.pop(each.id, None)
                else:
                    self.copy[each.id] = each.article
            told += [each.id for each in changes]
            if len(changes) < self.limit:
                self.seq = own.seq
                return told
            self.seq = changes[-1].seq


@settings(max_examples=60, deadline=None, report_multiple_bugs=False)
@given(steps=steps, wanted=st.lists(slices(), min_size=1, max_size=4), limit=st.integers(1, 4), chance=st.randoms())
def test_who_follows_has_what_a_download_has(
    steps: list[tuple[list[Article], list[str]]], wanted: list[Slice], limit: int, chance: random.Random
) -> None:
    with history() as made:
        scripts = [Script(each, limit) for each in wanted]
        for step in steps:
            made.step(*step)
            for script in chance.sample(scripts, chance.randrange(len(scripts) + 1)):
                told = script.poll(made.store)
                assert len(told) == len(set(told)), "each article once"
        made.store.close()
        reopened = Store(path_of(made.store), search_seconds=60)
        for script in scripts:
            script.poll(reopened)
            assert script.copy == {id_: each for id_, each in made.live.items() if holds(script.slice, each)}
            assert script.poll(reopened) == []
        reopened.close()


@settings(max_examples=40, deadline=None, report_multiple_bugs=False)
@given(steps=steps, slice_=slices(), elsewhere=st.lists(articles, max_size=3, unique_by=lambda each: each.id))
def test_a_cursor_moves_with_its_own_slice_alone(
    steps: list[tuple[list[Article], list[str]]], slice_: Slice, elsewhere: list[Article]
) -> None:
    with history() as made:
        for step in steps:
            made.step(*step)
        outside = [
            each
            for each in elsewhere
            if not holds(slice_, each) and not (each.id in made.live and holds(slice_, made.live[each.id]))
        ]
        with made.store.read() as snapshot:
            before = snapshot.changes.cursor(slice_)
        made.step(outside, [])
        with made.store.read() as snapshot:
            assert snapshot.changes.cursor(slice_) == before
            assert snapshot.changes.after(slice_, before.seq, 9) == []


def test_a_cursor_of_another_store_is_not_known(tmp_path: Path) -> None:
    made = History(tmp_path / "store.sqlite3")
    made.step([ARTICLE], [])
    with made.store.read() as snapshot:
        own = snapshot.changes.cursor(Slice())
        assert snapshot.changes.is_known(own)
        assert not snapshot.changes.is_known(Cursor("00000000", own.seq))
        # A store that was brought back from before.
        assert not snapshot.changes.is_known(Cursor(own.epoch, own.seq + 1))
    made.store.close()


@pytest.mark.parametrize("limit", [1, 7, 500])
def test_more_changes_than_are_looked_at_at_once(tmp_path: Path, limit: int) -> None:
    from dataclasses import replace

    made = History(tmp_path / "store.sqlite3")
    for edit in range(3):
        made.step([replace(ARTICLE, id=f"urn:x:{n}", slug=f"n{n}", title=f"Edit {edit}") for n in range(300)], [])
    script = Script(Slice("chips"), limit)
    told = script.poll(made.store)
    assert sorted(told) == sorted(made.live)
    assert script.copy == made.live
    made.store.close()
