"""Guarantee 4: an article's id is its front matter `id`, else the id that the store already publishes for this file,
slug or alias, else the default of version 0.1. Looked at through files and feeds, in all three formats."""

import json
from pathlib import Path

import feedparser
import pytest

from feedsvc.errors import OtherPublication
from feedsvc.sync import check
from tests.conftest import Publication
from tests.sync.looks import feed, status, tombstones


def ids(publication: Publication) -> dict[str, str]:
    """The id of each entry by its title, which all three formats agree on."""
    items = json.loads(feed(publication, suffix="json"))["items"]
    found = {each["title"]: each["id"] for each in items}
    for suffix in ("atom", "rss"):
        entries = feedparser.parse(feed(publication, suffix=suffix)).entries
        assert {each.title: each.id for each in entries} == found
    return found


def tag(name: str) -> str:
    """The default id of a name in the tests' publication."""
    return f"tag:example.org,2026:{name}"


def location(publication: Publication, slug: str) -> str:
    """Where an old address leads."""
    answer = publication.client().get(f"/articles/{slug}")
    assert answer.status_code == 301
    return answer.headers["Location"].removeprefix("https://example.org/articles/")


def agreed(publication: Publication) -> list[str]:
    """What `check` says, without what only a look at all files shows."""
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    return [str(each) for each in checked.problems if "only the store has" not in str(each)]


def test_an_alias_that_is_added_changes_no_id(publication: Publication) -> None:
    publication.article("keep")
    publication.sync()
    publication.article("keep", aliases="[short]")
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    assert ids(publication) == {"keep": tag("keep")}
    assert (location(publication, "short"), tombstones(publication)) == ("keep", 0)


@pytest.mark.parametrize("whole", [False, True])
def test_renamed_twice_with_aliases(publication: Publication, whole: bool) -> None:
    file = publication.article("a", title="T")
    publication.sync()
    for name, aliases in (("b", "[a]"), ("c", "[b, a]")):
        file.unlink()
        file = publication.article(name, f"Text of {name}.", title="T", aliases=aliases)
        report = publication.sync(whole=whole)
        assert (report.added, report.changed, report.removed) == ((), ("T",), ())
    assert ids(publication) == {"T": tag("a")}
    assert [location(publication, slug) for slug in ("a", "b")] == ["c", "c"]
    assert tombstones(publication) == 0


@pytest.mark.parametrize("before", ["-", "urn:x:1"])
def test_an_id_that_is_edited_or_added_later_is_not_applied(publication: Publication, before: str) -> None:
    """The published id stays, with a warning that shows the line to write."""
    publication.article("a", id=before)
    publication.sync()
    known = ids(publication)
    publication.article("a", id="urn:x:2")
    for _ in range(2):
        report = publication.sync(whole=True)
        (problem,) = report.problems
        line = f"id: {known['a']}"
        assert str(problem).startswith("articles/a.md:5: warning: id: 'urn:x:2' is not applied, since readers know")
        assert f"(write {line} in line 5;" in str(problem)
        assert f"feedsvc reidentify {known['a']} urn:x:2)" in str(problem)
        assert agreed(publication) == [str(problem)]
        assert (ids(publication), tombstones(publication), report.failed) == (known, 0, False)
    publication.article("a", id=known["a"])
    report = publication.sync()
    assert (report.is_unchanged, report.problems) == (True, ())


def test_the_line_to_write_is_toml_where_the_file_is(publication: Publication) -> None:
    text = "+++\ntitle = 'T'\npublished = 2026-10-01\ntopics = ['chips']\n+++\nText.\n"
    publication.write("articles/a.md", text)
    publication.sync()
    publication.write("articles/a.md", text.replace("title", "id = 'urn:x:1'\ntitle"))
    (problem,) = publication.sync().problems
    assert problem.finding.line == 2
    assert f'(write id = "{tag("a")}" in line 2;' in problem.finding.message


def test_an_id_that_is_removed_again_stays(publication: Publication) -> None:
    publication.article("a", id="urn:x:1")
    publication.sync()
    publication.article("a")
    assert publication.sync(whole=True).is_unchanged
    assert ids(publication) == {"a": "urn:x:1"}
    checked = check(publication.settings.content, publication.site, publication.store, publication.now)
    (line,) = map(str, checked.problems)
    assert line.startswith("articles/a.md:2: warning: id: only the store has the id")
    assert "(write id: urn:x:1, or run feedsvc ids --write)" in line


def test_the_id_of_another_article_is_not_taken(publication: Publication) -> None:
    publication.article("a")
    publication.article("b")
    publication.sync()
    publication.article("a", id=tag("b"))
    publication.article("b", "Edited at the same time.")
    report = publication.sync()
    assert [each.finding.severity for each in report.problems] == ["warning"]
    assert ids(publication) == {"a": tag("a"), "b": tag("b")}


@pytest.mark.parametrize(
    ("before", "after"),
    [("a.md", "2026/a.md"), ("a.md", "a.html"), ("a.md", "a/index.md"), ("a/index.md", "a.md"), ("a.md", "a.txt")],
)
@pytest.mark.parametrize("body", ["Text.", "Another text."])
def test_identity_follows_files_that_move(publication: Publication, before: str, after: str, body: str) -> None:
    def write(path: str, text: str) -> Path:
        front = "---\ntitle: T\npublished: 2026-10-01\ntopics: [chips]\n---\n"
        return publication.write(f"articles/{path}", f"{front}{text}\n")

    publication.article("other", id="urn:x:1")
    file = write(before, "Text.")
    publication.sync()
    file.write_text(file.read_text().replace("---\nTe", "aliases: [short]\n---\nTe"))
    publication.sync()
    file.unlink()
    write(after, body)
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.added, report.removed, report.problems, report.missing) == ((), (), (), ())
    assert ids(publication) == {"other": "urn:x:1", "T": tag("a")}
    assert publication.sync().is_unchanged


@pytest.mark.parametrize("aliases", ["-", "[a]"])
def test_a_slug_that_is_edited(publication: Publication, aliases: str) -> None:
    publication.article("a")
    publication.sync()
    publication.article("a", slug="b", aliases=aliases)
    assert publication.sync().changed == ("a",)
    assert (ids(publication), location(publication, "a")) == ({"a": tag("a")}, "b")


def test_two_files_swap_names(publication: Publication) -> None:
    """Each article keeps its text, so its id goes with it to the other name."""
    texts = {name: publication.article(name, f"Text of {name}.").read_bytes() for name in ("a", "b")}
    publication.sync()
    for name, other in (("a", "b"), ("b", "a")):
        publication.write(f"articles/{name}.md", texts[other])
    report = publication.sync()
    assert (report.added, sorted(report.changed), report.removed, report.problems) == ((), ["a", "b"], (), ())
    assert ids(publication) == {"a": tag("a"), "b": tag("b")}
    assert "Text of b." in publication.client().get("/articles/a").text
    assert agreed(publication) == []


def test_two_files_that_name_their_slugs_swap_names(publication: Publication) -> None:
    texts = {name: publication.article(name, f"Text {name}.", slug=f"is-{name}").read_bytes() for name in ("a", "b")}
    publication.sync()
    for name, other in (("a", "b"), ("b", "a")):
        publication.write(f"articles/{name}.md", texts[other])
    assert publication.sync().is_unchanged
    assert ids(publication) == {"a": tag("is-a"), "b": tag("is-b")}


def test_draft_and_back(publication: Publication) -> None:
    publication.article("a")
    publication.sync()
    publication.article("a", aliases="[b]")
    publication.sync()
    publication.article("a", aliases="[b]", draft="true")
    assert publication.sync().removed == ("a",)
    assert status(publication, "a") == 410
    publication.article("a", aliases="[b]")
    assert publication.sync().added == ("a",)
    assert (ids(publication), tombstones(publication)) == ({"a": tag("a")}, 0)


def test_deleted_and_added_again(publication: Publication) -> None:
    """A removed id comes back as the same id, also where it is not the default."""
    publication.article("a")
    publication.sync()
    file = publication.article("a", aliases="[b]")
    publication.sync()
    file.unlink()
    publication.sync()
    assert tombstones(publication) == 1
    publication.article("a", "Another text.", aliases="[b]")
    publication.sync()
    assert (ids(publication), tombstones(publication)) == ({"a": tag("a")}, 0)


def test_a_rename_without_an_alias_is_recognised(publication: Publication) -> None:
    """Title, dates and text are the same: same id, 301 from the old address, one line in the report."""
    file = publication.article("a", "一樣的內容。", title="T", updated="2026-10-02")
    publication.sync()
    file.rename(file.with_name("b.md"))
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.added, report.changed, report.removed, report.missing) == ((), ("T",), (), ())
    (line,) = [line for line in report.lines() if "renamed" in line]
    assert line.startswith("articles/b.md is articles/a.md renamed: ")
    assert (ids(publication), location(publication, "a")) == ({"T": tag("a")}, "b")
    assert not [line for line in publication.sync().lines() if "renamed" in line]
    assert agreed(publication) == []


@pytest.mark.parametrize("changed", [{"title": "U"}, {"published": "2026-10-02"}])
def test_what_differs_in_title_or_date_is_another_article(publication: Publication, changed: dict[str, str]) -> None:
    file = publication.article("a", title="T")
    publication.sync()
    file.unlink()
    publication.article("b", **({"title": "T"} | changed))
    report = publication.sync()
    assert (len(report.added), len(report.removed)) == (1, 1)


def test_a_rename_is_recognised_before_the_watcher_says_that_the_old_file_went(publication: Publication) -> None:
    """In between, the new file is not published as a second article."""
    publication.article("other")
    file = publication.article("a", title="T")
    publication.sync()
    new = file.rename(file.with_name("b.md"))
    report = publication.sync(changed=[new])
    assert (report.added, report.changed) == ((), ("T",))
    report = publication.sync(changed=[file])
    assert (report.is_unchanged, report.missing) == (True, ())
    assert ids(publication) == {"other": tag("other"), "T": tag("a")}


def test_a_folder_that_is_renamed(publication: Publication) -> None:
    """However many articles move, none counts as removed (guarantee 9)."""
    for number in range(20):
        publication.article(f"old/{number}/index", f"Text {number}.", title=f"T{number}")
    publication.sync()
    articles = publication.settings.content / "articles"
    for number in range(20):
        (articles / "old" / str(number)).rename(articles / "old" / f"renamed-{number}")
    report = publication.sync()
    assert (report.added, len(report.changed), report.removed, report.refused) == ((), 20, (), 0)
    assert ids(publication)["T7"] == tag("7")


def test_a_name_that_was_given_away_begins_another_article(publication: Publication) -> None:
    """This week's issue is archived under its date, and the next takes its name: nobody's id changes."""
    file = publication.article("weekly", "First.", title="Issue 1")
    publication.sync()
    file.rename(file.with_name("issue-1.md"))
    publication.article("weekly", "Second.", title="Issue 2", published="2026-10-08")
    report = publication.sync()
    assert (report.added, report.changed, report.removed, report.problems) == (("Issue 2",), ("Issue 1",), (), ())
    assert ids(publication) == {"Issue 1": tag("weekly"), "Issue 2": tag("weekly;2")}
    assert status(publication, "weekly") == 200
    for whole in (False, True):
        assert publication.sync(whole=whole).is_unchanged


def test_a_copy_of_the_old_text_does_not_take_the_id_of_a_file_that_is_edited(publication: Publication) -> None:
    file = publication.article("a", "Before.", title="T")
    publication.sync()
    old = file.read_bytes()
    publication.article("a", "After.", title="T")
    publication.write("articles/zz-before.md", old)
    publication.sync()
    assert "After." in publication.client().get("/articles/a").text
    with publication.store.read() as snapshot:
        assert snapshot.files.load()["articles/a.md"].id == tag("a")


def test_a_file_that_was_set_aside_waits_for_a_file_that_is_missing_briefly(publication: Publication) -> None:
    """It waits as long as a removal does, so what is written back in a moment has its id and address."""
    file = publication.article("a", "Mine.", title="A")
    publication.sync()
    for name, fields in (("x", {"slug": "a"}), ("y", {"id": tag("a")}), ("z", {"slug": "a", "id": "urn:x:z"})):
        publication.article(name, f"Of {name}.", published="2026-01-01", **fields)
    assert len(publication.sync().set_aside) == 3
    text = file.read_bytes()
    file.unlink()
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.is_unchanged, len(report.set_aside)) == (True, 3)
    file.write_bytes(text)
    report = publication.sync()
    assert (report.is_unchanged, len(report.set_aside)) == (True, 3)
    assert ids(publication) == {"A": tag("a")}


def test_a_file_that_was_moved_takes_over_at_once(publication: Publication) -> None:
    """Even where another file was set aside for the same address, and was published earlier."""
    file = publication.article("a", "Mine.", title="A")
    publication.sync()
    publication.article("x", slug="a", published="2020-01-01")
    assert publication.sync().set_aside == ["articles/x.md"]
    (file.parent / "2026").mkdir()
    file.rename(file.parent / "2026" / "a.md")
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.is_unchanged, report.set_aside, report.missing) == (True, ["articles/x.md"], ())
    assert "Mine." in publication.client().get("/articles/a").text


def test_another_tag_authority_changes_no_id(publication: Publication) -> None:
    publication.article("a")
    publication.sync()
    site = publication.settings.content / "site.toml"
    site.write_text(site.read_text().replace("example.org,2026", "example.net,2027"))
    publication.article("b")
    with pytest.raises(OtherPublication):
        publication.sync()
    publication.sync(same_publication=True)
    assert ids(publication) == {"a": tag("a"), "b": "tag:example.net,2027:b"}
    assert publication.sync().is_unchanged


def test_an_alias_that_is_an_address_of_another_system(publication: Publication) -> None:
    """The default is made of its last segment, as in 0.1; one that is added later changes no id."""
    publication.article("new", aliases="[/2019/old.html]")
    publication.article("keep")
    publication.sync()
    publication.article("keep", aliases="[/2019/other.html]")
    assert publication.sync().removed == ()
    assert ids(publication) == {"new": tag("old.html"), "keep": tag("keep")}
    assert publication.client().get("/2019/other.html").status_code == 301


TEXT = "今天下午三點，市政府公布了新的道路計畫。" + "".join(f"第{n}條說明道路的位置與日期。" for n in range(40))


def _add_field(publication: Publication, name: str, line: str) -> None:
    file = publication.settings.content / "articles" / f"{name}.md"
    file.write_text(file.read_text("utf-8").replace("---\n", f"---\n{line}\n", 1), "utf-8")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("edit", ["", "補一句。\n"])
@pytest.mark.parametrize("is_told_before", [False, True])
@pytest.mark.parametrize("how", ["delete", "draft", "away"])
def test_a_contradicting_id_is_not_applied_when_the_other_article_goes(
    publication: Publication, how: str, is_told_before: bool, edit: str, whole: bool
) -> None:
    """The published id stays, with a warning, whatever happens to the article whose id is written."""
    file = publication.article("a", TEXT)
    other = publication.article("c", TEXT[::-1], published="2026-10-03 10:00")
    publication.sync()
    _add_field(publication, "c", f"id: {tag('a')}")
    if is_told_before:
        publication.sync()
    if how == "draft":
        _add_field(publication, "a", "draft: true")
    else:
        file.unlink()
    if how == "away":
        publication.article("_drafts/a", TEXT)
    other.write_text(other.read_text("utf-8") + edit, "utf-8")
    report = publication.sync(whole=whole)
    assert (report.added, report.removed) == ((), ("a",))
    assert [each.finding.field for each in report.problems] == ["id"]
    assert ids(publication) == {"c": tag("c")}
    assert (status(publication, "a"), status(publication, "c")) == (410, 200)


@pytest.mark.parametrize("title", ["a", "Weekly"])
def test_two_files_that_write_their_ids_swap_names(publication: Publication, title: str) -> None:
    """Each says what the other said, so the written id is that of its article."""
    for name in ("a", "b"):
        publication.article(name, f"Text of {name}.", title=title + name * (title == "a"), id=f"urn:x:{name}")
    publication.sync()
    texts = {name: (publication.settings.content / f"articles/{name}.md").read_bytes() for name in ("a", "b")}
    for name, other in (("a", "b"), ("b", "a")):
        publication.write(f"articles/{name}.md", texts[other] + b"More.\n" * (title == "a"))
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    assert location_or_id(publication, "a") == "urn:x:b"
    assert location_or_id(publication, "b") == "urn:x:a"


def location_or_id(publication: Publication, slug: str) -> str:
    """The id of the article at a slug."""
    with publication.store.read() as snapshot:
        return snapshot.claims.of([slug])[slug]


def test_a_file_that_is_moved_over_another_keeps_its_id(publication: Publication) -> None:
    """`mv a.md c.md`, with an edit: the file writes the id, the title and the date of `a`."""
    file = publication.article("a", TEXT, title="A", id="urn:x:a")
    publication.article("c", "Text of c.", id="urn:x:c", published="2026-10-03 10:00")
    publication.sync()
    text = file.read_text("utf-8")
    file.unlink()
    publication.write("articles/c.md", f"{text}補一句。\n")
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), ("c",), ())
    assert ids(publication) == {"A": "urn:x:a"}
