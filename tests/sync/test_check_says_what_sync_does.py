"""`check` and the sync after it make one plan: they report the same findings (guarantee 4, 13)."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsvc.sync import check
from tests.conftest import SITE_TOML, Publication
from tests.sync.looks import titles

TEXT = "今天下午三點，市政府公布了新的道路計畫。" + "".join(f"第{n}條說明道路的位置與日期。" for n in range(40))
# Problems that only a check of all files finds; docs/reference/cli.md lists it.
CHECK_ALONE = (
    "only the store has the id",
    "so it is not read",
    "text, but published already",
    "is a version of the same article in",
    "no article has the slug",
)


def test_a_redirect_to_nothing_is_a_warning_of_both(publication: Publication) -> None:
    publication.write("site.toml", f'{SITE_TOML}\n[redirects]\n"/old" = "/articles/gone"\n')
    publication.article("a")
    (checked,) = said_by_check(publication)
    (synced,) = publication.sync().problems
    assert "warning: redirects./old: leads to /articles/gone, which does not exist" in checked
    assert synced.finding.severity == "warning"
    assert str(synced).partition(" (")[0] == checked.partition(" (")[0]


def said_by_check(publication: Publication) -> list[str]:
    """What `check` says now, without what it alone says."""
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    return sorted(line for each in checked.problems if not any(kind in (line := str(each)) for kind in CHECK_ALONE))


def add_field(publication: Publication, name: str, line: str) -> None:
    """Write a line into the front matter of an article."""
    file = publication.settings.content / "articles" / f"{name}.md"
    file.write_text(file.read_text("utf-8").replace("---\n", f"---\n{line}\n", 1), "utf-8")


def articles(publication: Publication) -> Path:
    """The folder of articles."""
    return publication.settings.content / "articles"


def _delete(publication: Publication) -> None:
    (articles(publication) / "a.md").unlink()


def _contradict(publication: Publication) -> None:
    add_field(publication, "b", "id: tag:example.org,2026:a")


def _contradict_and_delete(publication: Publication) -> None:
    _contradict(publication)
    _delete(publication)


def _contradict_and_draft(publication: Publication) -> None:
    _contradict(publication)
    add_field(publication, "a", "draft: true")


def _rename(publication: Publication) -> None:
    (articles(publication) / "a.md").rename(articles(publication) / "z.md")


def _rename_with_a_mistake(publication: Publication) -> None:
    _rename(publication)
    file = articles(publication) / "z.md"
    file.write_text(file.read_text("utf-8").replace("[chips]", "[chip]"), "utf-8")


def _swap(publication: Publication) -> None:
    one, other = (articles(publication) / f"{name}.md" for name in "ab")
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)


def _copy(publication: Publication) -> None:
    for name in ("a copy", "elsewhere", "_drafts/a", "a.LOCAL"):
        file = articles(publication) / f"{name}.md"
        file.parent.mkdir(exist_ok=True)
        shutil.copy(articles(publication) / "a.md", file)


def _move_folder(publication: Publication) -> None:
    os.rename(articles(publication) / "2025", articles(publication) / "y2025")


def _take_the_alias(publication: Publication) -> None:
    (articles(publication) / "b.md").rename(articles(publication) / "old-c.md")


def _break(publication: Publication) -> None:
    add_field(publication, "a", "topics: [x")


def _link(publication: Publication) -> None:
    publication.article("links", "[x](/articles/nowhere) [y](b.md#no)", topics="[nope]")


SCENARIOS = [
    _delete,
    _contradict,
    _contradict_and_delete,
    _contradict_and_draft,
    _rename,
    _rename_with_a_mistake,
    _swap,
    _copy,
    _move_folder,
    _take_the_alias,
    _break,
    _link,
]


def prepare(publication: Publication) -> None:
    """Publish three articles, and one with a copy's name in a folder."""
    publication.article("a", TEXT, title="A")
    publication.article("b", TEXT[::-1], published="2026-10-03 10:00")
    publication.article("c", "Text of c.", aliases="[old-c]")
    publication.article("2025/part (1)", "Part one.", title="Part 1")
    publication.sync()
    publication.article("2025/part", "Parts.", title="Parts", published="2026-10-04 10:00")
    publication.sync()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("change", SCENARIOS)
def test_check_says_what_the_next_sync_says(
    publication: Publication, change: Callable[[Publication], None], whole: bool
) -> None:
    prepare(publication)
    change(publication)
    before = said_by_check(publication)
    report = publication.sync(whole=whole)
    assert sorted(map(str, report.problems)) == before
    shown = titles(publication)
    # And so do both afterwards.
    assert said_by_check(publication) == before
    assert publication.sync(whole=True).is_unchanged
    assert titles(publication) == shown


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("change", [_delete, lambda publication: add_field(publication, "a", "draft: true")])
def test_an_id_that_was_edited_long_ago(
    publication: Publication, change: Callable[[Publication], None], whole: bool
) -> None:
    """`check` reads all files, a sync those that changed: both go by what is published."""
    prepare(publication)
    _contradict(publication)
    publication.sync()
    change(publication)
    before = said_by_check(publication)
    report = publication.sync(whole=whole)
    assert sorted(map(str, report.problems)) == before
    assert sum("is not applied" in line for line in before) == 1
