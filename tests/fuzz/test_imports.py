"""The short form of `make fuzz-import`: no crash, no hang, and nothing with a marker becomes public."""

import os
import signal
from typing import Any

import pytest

from feedsvc.importing.complete import Overrides
from feedsvc.importing.draft import Draft, SourceDate
from feedsvc.importing.settings import ImportSettings, load_settings
from tests.fuzz import imports
from tests.fuzz.import_inputs import KINDS, input_of

COUNT = 360


def test_no_crash_no_hang_and_no_draft_in_public() -> None:
    report = imports.run(COUNT)
    assert report["failed"] == []
    assert (report["inputs"], report["crashes"], report["hangs"], report["made_public"]) == (COUNT, 0, 0, 0)
    # An input that is refused shows little: of each kind, some become articles.
    assert all(report["counts"].get(f"{kind} public", 0) for kind in KINDS)
    assert all(report["counts"].get(f"{kind} draft", 0) for kind in KINDS if kind != "text")


def test_a_seed_gives_one_input() -> None:
    assert input_of(17) == input_of(17)
    assert len({input_of(seed)[1].data for seed in range(90)}) > 80


def test_what_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings(imports.CONTENT, "https://example.org", "http://127.0.0.1:8000")
    marked = next(seed for seed in range(900) if input_of(seed)[0] == "rss" and input_of(seed)[1].is_marked)

    def public(name: str, _data: bytes, _settings: ImportSettings) -> list[Draft]:
        draft = Draft(source=name, title="T", blocks=(), markdown="Text.")
        return [draft]

    monkeypatch.setattr(imports, "read_items", public)
    date = SourceDate(at=settings.date("2026-01-01"), found_in="--published")
    assert list(imports.judge(marked, settings, Overrides(published=date, topics=("chips",)))) == ["rss incomplete"]

    def with_text(name: str, data: bytes, given: ImportSettings) -> list[Draft]:
        from feedsvc.importing.output.html_to_markdown import paragraph

        return [Draft(source=name, title="T", blocks=(paragraph("Text."),))]

    monkeypatch.setattr(imports, "read_items", with_text)
    found = list(imports.judge(marked, settings, Overrides(published=date, topics=("chips",))))
    assert found == ["made public: rss", "rss public"]


def test_an_input_that_takes_too_long_is_a_hang_and_the_next_one_follows() -> None:
    report = imports.run(3, work=_hang_at_one)
    assert [each.split(" on ")[0] for each in report["failed"]] == ["seed 1: hang: over 60 s of processor time"]
    assert (report["hangs"], report["counts"]) == (1, {"text public": 2})


def _hang_at_one(first: int, last: int, pipe: Any) -> None:
    for seed in range(first, last):
        if seed == 1:
            # The kernel sends it at the limit of the processor time.
            os.kill(os.getpid(), signal.SIGXCPU)
        pipe.send((seed, ["text public"]))
