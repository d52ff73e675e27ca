"""A new file is set aside as a copy, whatever its name, when it says what a published article says (guarantee 13)."""

import itertools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from feedsvc.store import Store
from feedsvc.sync import commit, reading
from feedsvc.sync.parallel import Read, read_all
from feedsvc.sync.recognition import copy_names, similarity, versions
from tests.cli.conftest import Run, run
from tests.conftest import Publication
from tests.sync.looks import all_validators, feed, rows, status, titles

__all__ = ["run"]

# As other scripts write it, of which feedsvc must know no word limits.
TEXT = "今天下午三點，市政府公布了新的道路計畫。" + "".join(f"第{n}條說明道路的位置與日期。" for n in range(40))
ARABIC = "أعلنت البلدية اليوم خطة الطرق الجديدة. " + " ".join(f"المادة {n} تحدد الموقع 🙂." for n in range(40))
OTHER = "完全不同的內容，另一件事。" * 20


def _original(publication: Publication, name: str = "original", text: str = TEXT, **fields: str) -> Path:
    return publication.article(name, text, **{"title": "道路計畫", **fields})


def _published(publication: Publication) -> set[str]:
    return {name for name in ("original", "a", "b", "z") if status(publication, name) == 200}


@pytest.mark.parametrize("text", [TEXT, ARABIC, "短。", "![](https://cdn.example/1.jpg)"])
def test_the_original_is_shown_once_and_the_copy_nowhere(publication: Publication, text: str) -> None:
    _original(publication, text=text)
    publication.sync()
    before, store = all_validators(publication), rows(publication)
    _original(publication, "a", text)
    report = publication.sync()
    assert (report.added, report.set_aside, report.failed) == ((), ["articles/a.md"], True)
    assert (all_validators(publication), rows(publication)) == (before, store)
    for suffix in ("rss", "atom", "json"):
        assert feed(publication, suffix=suffix).decode().count("https://example.org/articles/original") >= 1
    client = publication.client()
    addresses = ["/", "/topics/chips", "/sitemap.xml", *(f"/feeds/all.{each}" for each in ("rss", "atom", "json"))]
    shown = {each: client.get(each, follow_redirects=True).text for each in addresses}
    assert not [each for each, text in shown.items() if "/articles/a" in text]
    assert titles(publication) == ["道路計畫"]
    assert _published(publication) == {"original"}


@pytest.mark.parametrize(
    ("text", "fields", "is_copy"),
    [
        (TEXT, {}, True),
        (f"{TEXT}改了。", {}, True),
        (TEXT.replace("。", "。\n\n"), {}, True),
        (TEXT, {"tags": "[new]", "summary": "Another.", "updated": "2026-10-05"}, True),
        (TEXT, {"topics": "[cloud]", "authors": "[Ann]"}, True),
        (TEXT, {"id": "tag:example.org,2026:original"}, True),
        (TEXT, {"slug": "original"}, True),
        (OTHER, {}, False),
        (TEXT[: len(TEXT) // 2], {}, False),
        (TEXT, {"title": "另一個標題"}, False),
        (TEXT, {"published": "2026-10-02 10:00"}, False),
        (TEXT, {"language": "ja"}, False),
        (TEXT, {"id": "urn:x:2"}, False),
        (TEXT, {"canonical": "https://example.net/a"}, False),
        (TEXT, {"translation_of": "original"}, False),
    ],
)
def test_what_makes_a_copy(publication: Publication, text: str, fields: dict[str, str], is_copy: bool) -> None:
    """Language, date and title are equal, 9 of 10 5-grams are; no other id, canonical or translation_of is named."""
    _original(publication)
    publication.sync()
    _original(publication, "a", text, **fields)
    report = publication.sync()
    assert (report.added == (), report.set_aside) == (is_copy, ["articles/a.md"] if is_copy else [])
    assert (status(publication, "a") == 200) is not is_copy


def test_the_canonical_and_the_translation_that_the_original_names_are_no_others(publication: Publication) -> None:
    fields = {"canonical": "https://example.net/a", "translation_of": "b"}
    _original(publication, **fields)
    publication.sync()
    _original(publication, "a", **fields)
    assert publication.sync().set_aside == ["articles/a.md"]


def test_pictures_without_words_are_compared_as_they_are(publication: Publication) -> None:
    address = "https://cdn.example/a-very-long-folder-name/that-says-nothing/2026/10/picture-{}.jpg"
    _original(publication, text=f"![]({address.format(1)})")
    publication.sync()
    _original(publication, "a", f"![]({address.format(2)})")
    assert publication.sync().set_aside == []


def test_the_message_names_the_original_and_what_to_write(publication: Publication, run: Run) -> None:
    _original(publication)
    publication.sync()
    _original(publication, "a")
    expected = (
        "articles/a.md:2: is a copy of articles/original.md by its language, date, title and text (delete it; or, if "
        "it is an article of its own, write id: tag:example.org,2026:a, or a canonical or translation_of that differs "
        "from the original's)"
    )
    assert expected in run("check").stdout.splitlines()
    assert [str(each) for each in publication.sync().problems] == [expected]
    _original(publication, "a", id="tag:example.org,2026:a")
    assert publication.sync().problems == ()
    assert _published(publication) == {"original", "a"}


# New files in one sync → the one that is published.
@pytest.mark.parametrize(
    ("names", "wins"),
    [
        (("a copy", "original"), "original"),
        (("x (1)", "longer-name"), "longer-name"),
        (("b", "a"), "a"),
        (("aaa", "z"), "z"),
        (("2026/z", "original"), "2026/z"),
        (("z/index", "original"), "z/index"),
        (("a", "a1", "b", "original copy"), "a"),
    ],
)
def test_of_new_files_the_plain_name_wins_then_the_shorter_then_the_first(
    publication: Publication, run: Run, names: tuple[str, ...], wins: str
) -> None:
    for name in names:
        _original(publication, name)
    set_aside = sorted(f"articles/{name}.md" for name in names if name != wins)
    checked = run("check").stdout
    assert all(f"{path}:2: is a copy of articles/{wins}.md" in checked for path in set_aside)
    report = publication.sync()
    assert (report.added, report.set_aside) == (("道路計畫",), set_aside)
    assert publication.sync().set_aside == set_aside


@pytest.mark.parametrize("order", [*itertools.permutations(("a", "b", "original copy"))])
def test_the_order_of_reading_does_not_matter(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    def shuffled(*given: Any) -> Read:
        read = read_all(*given)
        read.outcomes.sort(key=lambda each: order.index(each.record.path[len("articles/") : -len(".md")]))
        return read

    monkeypatch.setattr("feedsvc.sync.read_all", shuffled)
    for name in order:
        _original(publication, name)
    report = publication.sync()
    assert (report.set_aside, _published(publication)) == (["articles/b.md", "articles/original copy.md"], {"a"})


def test_an_original_that_is_edited_in_the_same_sync(publication: Publication) -> None:
    """A copy may say what the original said until now, or what it says from now on."""
    _original(publication)
    publication.sync()
    _original(publication, text=f"{TEXT[: len(TEXT) // 2]}{OTHER}")
    _original(publication, "a")
    _original(publication, "b", f"{TEXT[: len(TEXT) // 2]}{OTHER}")
    assert publication.sync().set_aside == ["articles/a.md", "articles/b.md"]


def test_an_original_that_is_retitled_in_the_same_sync(publication: Publication) -> None:
    _original(publication)
    publication.sync()
    _original(publication, title="新標題")
    _original(publication, "a")
    _original(publication, "b", title="新標題")
    assert publication.sync().set_aside == ["articles/a.md", "articles/b.md"]


def test_a_copy_of_a_scheduled_article(publication: Publication) -> None:
    _original(publication, published="2026-12-01 10:00")
    publication.sync()
    _original(publication, "a", published="2026-12-01 10:00")
    assert publication.sync().set_aside == ["articles/a.md"]


def test_a_moved_original_is_renamed_and_has_no_copy(publication: Publication) -> None:
    """Where the original's file is missing, the rule of renames holds: same id, 301."""
    file = _original(publication)
    publication.sync()
    file.rename(file.with_name("a.md"))
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.set_aside, len(report.renamed)) == ([], 1)
    assert publication.client().get("/articles/original").status_code == 301
    assert b"<id>tag:example.org,2026:original</id>" in feed(publication)


def test_a_moved_original_that_was_edited_is_no_copy(publication: Publication) -> None:
    file = _original(publication)
    publication.sync()
    file.unlink()
    _original(publication, "a", f"{TEXT}改了。")
    assert publication.sync(counts_as_deleted=lambda _path: False).set_aside == []


def test_a_rename_with_a_copy_beside_it(publication: Publication) -> None:
    """One file goes on with the article, the one with the plain name; the other is its copy."""
    file = _original(publication)
    publication.sync()
    _original(publication, "a copy")
    file.rename(file.with_name("z.md"))
    report = publication.sync()
    assert (report.set_aside, _published(publication)) == (["articles/a copy.md"], {"z"})


def _draft(publication: Publication) -> None:
    _original(publication, draft="true")


def _marked(publication: Publication) -> None:
    _original(publication, visibility="members")


def _doubtful(publication: Publication) -> None:
    _original(publication, visibility="perhaps")


def _expired(publication: Publication) -> None:
    _original(publication, expires="2026-10-20")


def _put_away(publication: Publication) -> None:
    articles = publication.settings.content / "articles"
    (articles / "_drafts").mkdir()
    (articles / "original.md").rename(articles / "_drafts" / "original.md")


def _put_beside(publication: Publication) -> None:
    content = publication.settings.content
    (content / "drafts").mkdir()
    (content / "articles" / "original.md").rename(content / "drafts" / "original.md")


WITHDRAWALS = [_draft, _marked, _doubtful, _expired, _put_away, _put_beside]


@pytest.mark.parametrize("withdraw", WITHDRAWALS)
def test_a_copy_does_not_come_out_when_its_original_is_withdrawn(
    publication: Publication, withdraw: Callable[[Publication], None]
) -> None:
    """The record of a copy remembers its original: sync after sync, over a restart, and after an idle touch."""
    _original(publication)
    publication.sync()
    copy = _original(publication, "a")
    publication.sync()
    withdraw(publication)
    publication.sync()
    assert (status(publication, "original"), status(publication, "a")) == (410, 404)
    publication.store.close()
    publication.store = Store(publication.settings.store)
    os.utime(copy, (1, 1))
    for options in ({}, {"whole": True}, {"changed": [copy]}):
        assert "articles/a.md" in publication.sync(**options).set_aside
    # Edits that change nothing of what makes it a copy.
    _original(publication, "a", f"{TEXT}\n\n改了。", tags="[new]")
    publication.sync()
    assert titles(publication) == []
    assert (status(publication, "original"), status(publication, "a")) == (410, 404)


@pytest.mark.parametrize("withdraw", [_draft, _marked, _doubtful])
@pytest.mark.parametrize("slug", ["-", "original"])
def test_a_copy_that_is_made_in_the_sync_that_withdraws_its_original(
    publication: Publication, withdraw: Callable[[Publication], None], slug: str
) -> None:
    _original(publication)
    publication.sync()
    withdraw(publication)
    _original(publication, "a", slug=slug)
    for _ in range(2):
        assert "articles/a.md" in publication.sync().set_aside
    assert titles(publication) == []


def test_an_alias_says_that_a_file_takes_over(publication: Publication) -> None:
    _original(publication)
    publication.sync()
    _draft(publication)
    _original(publication, "a", aliases="[original]")
    assert publication.sync().removed == ()
    assert publication.client().get("/articles/original").status_code == 301


def test_a_copy_stays_aside_when_its_original_is_edited(publication: Publication) -> None:
    _original(publication)
    publication.sync()
    copy = _original(publication, "a")
    publication.sync()
    _original(publication, text=OTHER, title="另一個標題")
    for options in ({}, {"whole": True}, {"changed": [copy]}):
        assert publication.sync(**options).set_aside == ["articles/a.md"]
    assert titles(publication) == ["另一個標題"]


@pytest.mark.parametrize(
    "fields", [{"title": "另一個標題"}, {"text": OTHER}, {"id": "urn:x:2"}, {"canonical": "https://example.net/a"}]
)
@pytest.mark.parametrize("is_withdrawn", [False, True])
def test_a_copy_that_is_edited_to_be_none_is_published(
    publication: Publication, fields: dict[str, str], is_withdrawn: bool
) -> None:
    _original(publication)
    publication.sync()
    _original(publication, "a")
    publication.sync()
    if is_withdrawn:
        _draft(publication)
        publication.sync()
    _original(publication, "a", **fields)
    report = publication.sync()
    assert (len(report.added), report.set_aside) == (1, [])
    assert status(publication, "a") == 200


@pytest.mark.parametrize("between", ["---\ntitle: [\n---\n", "", "---\ntitle: 道路計畫\ndraft: true\n---\n"])
def test_a_copy_that_is_broken_or_a_draft_for_a_while_stays_one(publication: Publication, between: str) -> None:
    _original(publication)
    publication.sync()
    copy = _original(publication, "a")
    publication.sync()
    _draft(publication)
    copy.write_text(between)
    publication.sync()
    _original(publication, "a")
    publication.sync()
    assert titles(publication) == []


@pytest.mark.parametrize("is_kept", [False, True])
def test_a_copy_under_another_name_is_the_same_copy(publication: Publication, is_kept: bool) -> None:
    _original(publication)
    publication.sync()
    copy = _original(publication, "a")
    publication.sync()
    _draft(publication)
    publication.sync()
    _original(publication, "b")
    if not is_kept:
        copy.unlink()
    for _ in range(2):
        assert "articles/b.md" in publication.sync().set_aside
    assert titles(publication) == []


def test_a_copy_takes_over_when_its_original_is_gone(publication: Publication) -> None:
    """It waits as long as a removal does; then it is the article, with its id, and the old address leads to it."""
    file = _original(publication)
    publication.sync()
    _original(publication, "a")
    publication.sync()
    file.unlink()
    waiting = publication.sync(counts_as_deleted=lambda _path: False)
    assert (waiting.set_aside, _published(publication)) == (["articles/a.md"], {"original"})
    report = publication.sync()
    assert (report.set_aside, report.removed, _published(publication)) == ([], (), {"a"})
    assert publication.client().get("/articles/original").status_code == 301


def test_of_several_copies_one_takes_over(publication: Publication) -> None:
    file = _original(publication)
    publication.sync()
    for name in ("a", "b"):
        _original(publication, name)
    publication.sync()
    file.unlink()
    for _ in range(2):
        report = publication.sync()
        assert (report.set_aside, _published(publication)) == (["articles/b.md"], {"a"})


@pytest.mark.parametrize("counts_as_deleted", [True, False])
def test_a_copy_does_not_take_over_from_an_original_that_is_moved(
    publication: Publication, counts_as_deleted: bool
) -> None:
    file = _original(publication)
    publication.sync()
    _original(publication, "a")
    publication.sync()
    file.rename(file.with_name("z.md"))
    for _ in range(2):
        report = publication.sync(counts_as_deleted=lambda _path: counts_as_deleted)
        assert (report.set_aside, _published(publication)) == (["articles/a.md"], {"z"})
    assert "is a copy of articles/z.md" in str(publication.sync().problems[0])
    file.with_name("z.md").unlink()
    publication.sync()
    assert _published(publication) == {"a"}


def test_a_copy_that_replaces_its_withdrawn_original_is_published(publication: Publication) -> None:
    file = _original(publication)
    publication.sync()
    copy = _original(publication, "a")
    publication.sync()
    _draft(publication)
    publication.sync()
    copy.rename(file)
    assert publication.sync().set_aside == []
    assert _published(publication) == {"original"}


def test_what_is_published_is_never_unpublished(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    """Version 0.1 published both of two files that say the same; both stay, and both may be edited."""
    with monkeypatch.context() as version_0_1:
        version_0_1.setattr(versions, "MIN_SIMILARITY", 2)
        version_0_1.setattr(versions.Versions, "original_of", lambda *_: None)
        version_0_1.setattr(reading, "PIPELINE_VERSION", 2)
        for name in ("original", "a"):
            _original(publication, name)
        assert len(publication.sync().added) == 2
    for options in ({}, {"whole": True}):
        report = publication.sync(**options)
        assert (report.removed, report.set_aside) == ((), [])
    said = (
        "articles/original.md:2: warning: is a copy of articles/a.md by its language, date, title and text, but "
        "published already (delete one of them, or write id: tag:example.org,2026:original, so that a new store "
        "publishes both)"
    )
    assert [line for line in run("check").stdout.splitlines() if "is a copy" in line] == [said]
    _original(publication, id="tag:example.org,2026:original")
    assert "is a copy" not in run("check").stdout
    publication.sync()
    _original(publication, "a", f"{TEXT}改了。")
    _original(publication, "b")
    assert publication.sync().set_aside == ["articles/b.md"]
    assert _published(publication) == {"original", "a"}


def test_the_winner_of_two_new_files_whose_picture_changes_meanwhile(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A plan that is made again, without the original, finds the same copies."""
    lost = {"original": True}

    def copy(assets: object, sources: object, media: object) -> dict[str, str]:
        names = [each.name for each in assets]  # type: ignore[attr-defined]
        if names and lost.pop("original", False):
            return {names[0]: "changed meanwhile"}
        return {}

    monkeypatch.setattr(commit, "copy", copy)
    publication.write("articles/p.png", b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    _original(publication, text=f"{TEXT}\n\n![](p.png)")
    _original(publication, "original-2")
    report = publication.sync()
    assert (report.added, report.set_aside) == ((), ["articles/original-2.md", "articles/original.md"])
    report = publication.sync()
    assert (report.added, report.set_aside) == (("道路計畫",), ["articles/original-2.md"])


def test_many_files_with_one_title_and_date_cost_a_bounded_number_of_comparisons(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, estimated = itertools.count(), itertools.count()

    def similar(one: str, other: str) -> float:
        next(counted)
        return similarity.similarity(one, other)

    def sketched(one: Any, other: Any) -> float:
        next(estimated)
        return similarity.sketched_similarity(one, other)

    monkeypatch.setattr(versions, "similarity", similar)
    monkeypatch.setattr(versions, "sketched_similarity", sketched)
    for number in range(300):
        _original(publication, f"n{number}", f"第{number}篇。{chr(0x4E00 + number) * (20 + number)}")
    report = publication.sync()
    assert (len(report.added), report.set_aside) == (300, [])
    assert 300 <= next(estimated) <= 300 * versions.MAX_COMPARED
    # Texts that differ widely are not compared as a whole.
    assert next(counted) == 0
    estimated = itertools.count()
    for number in range(300):
        _original(publication, f"same{number}", f"第{number}篇。{chr(0x4E00 + number) * (20 + number)}")
    assert len(publication.sync().set_aside) == 300
    # Files with the same text are found without a comparison.
    assert next(estimated) == 0


def test_an_estimate_is_near_the_index() -> None:
    for share in (0, 10, 50):
        other = TEXT[share:] + OTHER[:share]
        exact = similarity.similarity(TEXT, other)
        estimate = similarity.sketched_similarity(similarity.sketch(TEXT), similarity.sketch(other))
        assert abs(exact - estimate) < 0.1
    assert similarity.comparable(" 中\n文 ") == "中文"
    assert similarity.similarity("a", "b") == 0
    assert copy_names.is_copy_name("articles/x copy.md")
