"""The short form of `make fuzz-import`: no crash, no hang, and nothing with a marker becomes public."""

import io
import os
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from feedsvc.importing.complete import Overrides
from feedsvc.importing.draft import Draft, SourceDate
from feedsvc.importing.output.html_to_markdown import paragraph
from feedsvc.importing.settings import load_settings
from tests.fuzz import imports
from tests.fuzz.export_inputs import KINDS, PRIVATE_FOLDERS, REFUSED_NAMES, input_of
from tests.fuzz.import_inputs import SECRET, FuzzedInput

COUNT = 750


def test_no_crash_no_hang_and_no_draft_in_public() -> None:
    report = imports.run(COUNT)
    assert report["failed"] == []
    assert (report["inputs"], report["crashes"], report["hangs"], report["made_public"]) == (COUNT, 0, 0, 0)
    assert report["made_drafts"] == 0
    # An input that is refused shows little: of each kind, some become articles.
    assert all(report["counts"].get(f"{kind} public", 0) for kind in KINDS)
    assert all(report["counts"].get(f"{kind} draft", 0) for kind in KINDS if kind != "text")


def test_a_seed_gives_one_input() -> None:
    assert input_of(17) == input_of(17)
    assert len({input_of(seed)[1].data for seed in range(250)}) > 220


def test_inputs_have_secrets_in_every_place_that_is_not_public() -> None:
    names: set[str] = set()
    kinds: set[str] = set()
    for seed in range(2500):
        kind, given = input_of(seed)
        if given.has_secrets and kind in ("folder.zip", "hostile.zip"):
            with zipfile.ZipFile(io.BytesIO(given.data)) as archive:
                names.update(each.filename for each in archive.infolist())
        kinds |= {kind} if given.has_secrets and SECRET.encode() in given.data else set()
    assert set(PRIVATE_FOLDERS) <= {part for name in names for part in name.split("/")}
    assert set(REFUSED_NAMES) <= names
    assert kinds >= {"blogger", "wordpress", "ghost-members", "movable-type"}


@pytest.mark.parametrize(("has_marker", "text"), [(True, "Text."), (False, f"Text {SECRET}.")])
def test_what_is_wrong_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, has_marker: bool, text: str) -> None:
    settings = load_settings(imports.CONTENT, "https://example.org", "http://127.0.0.1:8000")
    given = FuzzedInput("x.rss", b"", is_marked=has_marker, has_secrets=not has_marker)
    title = ""

    def read(name: str, *_: Any) -> Iterator[Draft]:
        yield Draft(source=name, title=title, blocks=(paragraph(text),))

    monkeypatch.setattr(imports, "input_of", lambda _seed: ("rss", given))
    monkeypatch.setattr("feedsvc.importing.run.read_items", read)
    overrides = Overrides(
        published=SourceDate(at=settings.date("2026-01-01"), found_in="--published"), topics=("chips",)
    )
    assert "made public: rss" not in list(imports.judge(1, tmp_path, settings, overrides))
    title = "T"
    assert list(imports.judge(1, tmp_path, settings, overrides)) == ["made public: rss", "rss public"]
    given = FuzzedInput("x.rss", b"", is_marked=False)
    assert list(imports.judge(1, tmp_path, settings, overrides)) == ["rss public"]


def test_an_unforeseen_error_is_a_crash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def read(*_: Any) -> Iterator[Draft]:
        raise KeyError("x")

    settings = load_settings(imports.CONTENT, "https://example.org", "http://127.0.0.1:8000")
    monkeypatch.setattr("feedsvc.importing.run.read_items", read)
    found = list(imports.judge(4, tmp_path, settings, Overrides()))
    assert len(found) == 1
    assert found[0].startswith("crash: rss: an unforeseen error, KeyError")


def test_an_input_that_takes_too_long_is_a_hang_and_the_next_one_follows() -> None:
    report = imports.run(3, work=_hang_at_one)
    assert [each.split(" on ")[0] for each in report["failed"]] == ["seed 1: hang: over 60 s of processor time"]
    assert (report["hangs"], report["counts"]) == (1, {"text public": 2})


def _hang_at_one(first: int, last: int, _folder: str, pipe: Any) -> None:
    for seed in range(first, last):
        if seed == 1:
            # The kernel sends it at the limit of the processor time.
            os.kill(os.getpid(), signal.SIGXCPU)
        pipe.send((seed, ["text public"]))
