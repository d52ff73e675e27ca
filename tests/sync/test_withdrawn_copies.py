"""A copy of an article that was withdrawn or removed is not published, whenever it appears (guarantee 13); the article
itself comes back under its id (guarantee 4)."""

from pathlib import Path

import pytest

from tests.conftest import Publication
from tests.sync.looks import status, titles, tombstones
from tests.sync.test_identity import ids, location, tag

TEXT = "今天下午三點，市政府公布了新的道路計畫。" + "".join(f"第{n}條說明道路的位置與日期。" for n in range(40))


def _withdraw(publication: Publication, file: Path, how: str) -> None:
    """Withdraw an article by one of the ways that there are."""
    text = file.read_text("utf-8")
    if how == "delete":
        file.unlink()
    elif how == "away":
        (file.parent / "_drafts").mkdir()
        file.rename(file.parent / "_drafts" / file.name)
    elif how == "expire":
        file.write_text(text.replace("---\n", "---\nexpires: 2026-10-20\n", 1), "utf-8")
    elif how == "broken":
        file.write_text(text.replace("---\n", "---\nvisibility: members\ntopics: [x]\n", 1), "utf-8")
    else:
        file.write_text(text.replace("---\n", f"---\n{how}\n", 1), "utf-8")
    assert publication.sync().removed == ("T",)


WAYS = ["delete", "away", "expire", "broken", "draft: true", "status: private"]


@pytest.mark.parametrize("slug", ["-", "other-slug"])
@pytest.mark.parametrize("how", WAYS)
def test_a_copy_that_is_saved_after_the_withdrawal(publication: Publication, how: str, slug: str) -> None:
    file = publication.article("o", TEXT, title="T")
    publication.sync()
    _withdraw(publication, file, how)
    publication.article("other", f"{TEXT}改了。", title="T", slug=slug)
    for options in ({}, {"whole": True}):
        report = publication.sync(**options)
        assert (report.added, "articles/other.md" in report.set_aside) == ((), True)
    said = next(str(each) for each in report.problems if each.path == "articles/other.md")
    place = "_drafts/o.md" if how == "away" else "o.md"
    assert f"has the content of articles/{place}, whose article was removed or withdrawn (delete it; or, to" in said
    assert f"write id: {tag('o')}; or, if it is an article of its own, write id: {tag(report_slug(slug))})" in said
    assert titles(publication) == []


def report_slug(slug: str) -> str:
    """The slug of the file called `other`."""
    return "other" if slug == "-" else slug


@pytest.mark.parametrize(
    ("fields", "id_"),
    [
        ({"id": tag("o")}, tag("o")),
        ({"aliases": "[o]"}, tag("o")),
        ({"id": "urn:x:own"}, "urn:x:own"),
        ({"canonical": "https://example.net/x"}, tag("other")),
        ({"title": "Another"}, tag("other")),
    ],
)
@pytest.mark.parametrize("how", ["delete", "draft: true"])
def test_what_publishes_it_all_the_same(publication: Publication, how: str, fields: dict[str, str], id_: str) -> None:
    file = publication.article("o", TEXT, title="T")
    publication.sync()
    _withdraw(publication, file, how)
    publication.article("other", TEXT, **{"title": "T", **fields})
    report = publication.sync()
    assert (len(report.added), report.set_aside) == (1, [])
    assert list(ids(publication).values()) == [id_]


@pytest.mark.parametrize("how", WAYS)
@pytest.mark.parametrize("folder", ["", "2026/"])
def test_the_article_itself_comes_back(publication: Publication, how: str, folder: str) -> None:
    """At its address, from wherever: same id, no tombstone."""
    file = publication.article("o", TEXT, title="T")
    text = file.read_text("utf-8")
    publication.sync()
    _withdraw(publication, file, how)
    for each in file.parent.rglob("o.md"):
        each.unlink()
    publication.write(f"articles/{folder}o.md", text)
    report = publication.sync()
    assert (report.added, report.problems) == (("T",), ())
    assert (ids(publication), tombstones(publication)) == ({"T": tag("o")}, 0)


@pytest.mark.parametrize("edit", [("", ""), ("slug: o", "slug: z"), ("id: urn:x:o", "id: urn:x:z")])
def test_a_draft_that_was_edited_comes_back_under_its_id(publication: Publication, edit: tuple[str, str]) -> None:
    """An `id` that was edited meanwhile is not applied, as while the article is published."""
    file = publication.article("o", TEXT, title="T", slug="o", id="urn:x:o")
    text = file.read_text("utf-8")
    publication.sync()
    _withdraw(publication, file, "draft: true")
    file.write_text(text.replace(*edit) + "補一句。\n", "utf-8")
    report = publication.sync()
    assert report.added == ("T",)
    assert ids(publication) == {"T": "urn:x:o"}
    assert ["is not applied" in str(each) for each in report.problems] == [True] * ("id:" in edit[0])


def test_a_contradicting_id_is_not_applied_over_a_draft(publication: Publication) -> None:
    publication.article("a", TEXT[::-1], title="A")
    file = publication.article("c", TEXT, title="T", id=tag("c"))
    text = file.read_text("utf-8")
    publication.sync()
    _withdraw(publication, file, "draft: true")
    file.write_text(text.replace(tag("c"), tag("a")), "utf-8")
    report = publication.sync()
    assert (report.set_aside, ids(publication)) == ([], {"A": tag("a"), "T": tag("c")})


@pytest.mark.parametrize("again", [False, True])
@pytest.mark.parametrize("marker", ["draft: true", "expires: 2026-10-20"])
def test_a_rename_and_a_draft_and_back(publication: Publication, marker: str, again: bool) -> None:
    """a.md → b.md (a draft) → published: the same article, with a redirect from its old address."""
    file = publication.article("a", TEXT, title="T")
    text = file.read_text("utf-8")
    publication.sync()
    file.unlink()
    new = publication.write("articles/b.md", text.replace("---\n", f"---\n{marker}\n", 1))
    assert publication.sync().removed == ("T",)
    assert status(publication, "a") == 410
    if again:
        new = new.rename(new.with_name("c.md"))
        publication.sync()
    new.write_text(text, "utf-8")
    report = publication.sync()
    assert (report.added, report.problems) == (("T",), ())
    assert (ids(publication), location(publication, "a"), tombstones(publication)) == ({"T": tag("a")}, new.stem, 0)


@pytest.mark.parametrize("to", ["_drafts/o.md", "_drafts/other/name.md", "o.md.draft", "2026-10-01-o.md.off"])
def test_an_original_that_is_put_away_under_another_name(publication: Publication, to: str) -> None:
    """Jekyll's drafts have no date in their names: the copy beside it does not come out."""
    file = publication.article("2026-10-01-o", TEXT, title="T")
    publication.article("z")
    publication.sync()
    publication.article("o2", TEXT, title="T")
    publication.sync()
    target = file.parent / to
    target.parent.mkdir(parents=True, exist_ok=True)
    file.rename(target)
    for options in ({}, {"whole": True}):
        publication.sync(**options)
        # A file of another kind is as good as deleted, unless its name has the old one in it.
        is_away = to.startswith("_drafts") or "2026-10-01-o.md" in to
        assert (status(publication, "o2") == 200) is not is_away


def test_a_removed_article_of_version_0_1_leaves_no_trace(publication: Publication) -> None:
    """A store of 0.1 does not know what it removed, so such a copy is published."""
    file = publication.article("o", TEXT, title="T")
    publication.sync()
    file.unlink()
    publication.sync()
    with publication.store.write(publication.now) as writer:
        writer._session.connection.exec_driver_sql("UPDATE removed SET path = NULL, head = NULL, trace = NULL")
    publication.article("other", TEXT, title="T")
    assert publication.sync().added == ("T",)
