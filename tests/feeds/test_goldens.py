"""The documents, byte for byte."""

import pytest

from feedsvc.feeds import formats
from feedsvc.feeds.formats import FORMATS, RENDERER_VERSION
from tests import goldens
from tests.feeds.cases import CASES


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_the_document_is_the_golden_one(case: str, suffix: str) -> None:
    golden = goldens.FOLDER / f"{case}.{suffix}"
    assert FORMATS[suffix].render(CASES[case]) == golden.read_bytes(), "`make goldens` writes it anew; read the diff"


def test_other_bytes_come_with_another_renderer_version() -> None:
    changed = goldens.changed_unannounced(goldens.RECORD.read_text(), goldens.kept())
    assert not changed, f"{goldens.RAISE} {changed}"
    assert goldens.RECORD.read_text() == goldens.record(goldens.kept()), "run `make goldens`: VERSION is out of date"


def test_every_golden_has_its_case() -> None:
    assert goldens.kept().keys() == goldens.rendered().keys()


def test_a_changed_document_is_noticed_until_the_version_rises(monkeypatch: pytest.MonkeyPatch) -> None:
    recorded = goldens.record({"a.atom": b"old", "b.atom": b"same"})
    now = {"a.atom": b"new", "b.atom": b"same", "c.atom": b"added"}
    assert goldens.changed_unannounced(recorded, now) == ["a.atom"]
    monkeypatch.setattr(goldens, "RENDERER_VERSION", RENDERER_VERSION + 1)
    assert goldens.changed_unannounced(recorded, now) == []
    assert formats.RENDERER_VERSION == RENDERER_VERSION
