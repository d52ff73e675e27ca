"""The file that the issue names, where it is there."""

from pathlib import Path

import pytest

from feedsvc.importing.complete import propose
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles, only

SAMPLE = Path(__file__).parents[3] / "shared" / "samples" / "raw" / "cerebras-nvidia.zh-Hant.txt"
pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="../shared is not there")
HEADINGS = ["Oracle點名背後,藏著什麼訊號?", "Cerebras在賭什麼?", "從華人世界的視角看這場競爭"]
NOTICE = "本内容由AI根据原文进行摘要和分析。我们力求准确,但可能存在错误,建议核实原文。"


def test_it_comes_out_as_the_issue_says(settings: ImportSettings) -> None:
    lines = SAMPLE.read_text("utf-8").splitlines()
    draft = only(SAMPLE.name, SAMPLE.read_bytes(), settings)
    judged = propose(draft, settings)
    assert (draft.title, draft.summary) == (lines[0], lines[1])
    assert [block.text for block in draft.blocks] == lines[2:20]
    assert list(draft.headings) == HEADINGS
    assert draft.disclosure == NOTICE
    assert [cut.text for cut in draft.cuts] == lines[20:]
    assert judged.language == "zh-Hant"
    assert judged.topics == ("chips", "geopolitics", "cloud")


def test_without_a_date_it_stops_and_says_so(run: Run, content: Path) -> None:
    result = run(SAMPLE)
    assert result.exit_code == 1
    assert "no date was found; import makes up none (name one with --published" in result.output
    assert articles(content) == []


def test_with_a_date_it_is_written(run: Run, content: Path) -> None:
    assert run(SAMPLE, "--published", "2026-03-20").exit_code == 0
    (path,) = articles(content)
    assert path.parent == content / "articles" / "2026" / "03"
    assert f"disclosure: {NOTICE}\n" in path.read_text("utf-8")
