"""Guarantee 13: a second block of front matter sets the file aside, and its markers count."""

import pytest

from feedsvc.sync import check
from tests.conftest import Publication
from tests.sync.looks import status

BLOCKS = [
    "---\ntitle: zqsecret\ndraft: true\n---",
    "\n\n---\ndraft: true\n---",
    "---\n# a template\nlayout: post\ntags:\n  - a\nstatus: draft\n...",
    "---\n\ndraft: true\n\n---",
    "+++\ntitle = 'zqsecret'\ndraft = true\n[extra]\nx = 1\n+++",
    '{\n  "title": "zqsecret",\n  "draft": true\n}',
    '\n{"draft": true, "title": "zqsecret"}',
    "---\ntitle: zqsecret\ndraft: true",
    "---\n草稿: true\n---",
]
TEXT = [
    "---\n\nText of an article.",
    "---\nText of an article.\n\n---\n\nMore: text.",
    "---\nNote: a text below a rule.\n---",
    "---\n\nTitle: a text below a rule.\n\nText.",
    "---\n\nTags: one, two\n\n---\n\nText.",
    "***\ntitle: a text below a rule",
    "+++\nText.\n+++",
    "{: .class}\nText.",
    '{"who": "a text in braces"}',
    "Text.\n\n---\ntitle: x\n---",
    "```\n---\ntitle: x\n---\n```",
    "---",
]


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("suffix", [".md", ".html", ".txt"])
def test_a_second_block_sets_the_file_aside(publication: Publication, block: str, suffix: str) -> None:
    publication.article("one", f"{block}\n\nText.", suffix=suffix)
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    report = publication.sync()
    assert (report.added, report.set_aside) == ((), [f"articles/one{suffix}"])
    file = (publication.settings.content / "articles" / f"one{suffix}").read_text("utf-8").split("\n")
    line = next(n for n, each in enumerate(file[5:], 6) if each)
    assert f"articles/one{suffix}:{line}: a second block of front matter begins here" in str(report.problems[0])
    assert [str(each) for each in checked.problems] == [str(each) for each in report.problems]
    assert status(publication, "one") == 404


def test_a_marker_in_it_takes_down_what_is_published(publication: Publication) -> None:
    publication.article("one", "Text.")
    publication.article("two", "Text, too.")
    publication.sync()
    publication.article("one", f"{BLOCKS[0]}\n\nText.")
    publication.article("two", "---\ntitle: Text\nlayout: post\n---\n\nText.")
    assert publication.sync().removed == ("one",)
    assert (status(publication, "one"), status(publication, "two")) == (410, 200)


@pytest.mark.parametrize("text", TEXT)
def test_a_rule_above_text_is_none(publication: Publication, text: str) -> None:
    publication.article("one", text)
    assert publication.sync().added == ("one",)
