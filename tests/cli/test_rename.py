"""`feedsvc rename`: another name, the same id, and the old address leads to the new one (guarantees 4 and 8)."""

from pathlib import Path

import pytest

from feedsvc import files
from tests.cli.conftest import Run, process
from tests.conftest import Publication
from tests.sync.looks import status, tombstones
from tests.sync.test_identity import ids, location, tag


def _rename(run: Run, old: str, new: str) -> str:
    result = run("rename", old, new)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refused(run: Run, old: str, new: str) -> str:
    result = run("rename", old, new)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr


def test_a_renamed_article_keeps_its_id_and_its_old_address(publication: Publication, run: Run) -> None:
    file = publication.article("old", title="T")
    publication.sync()
    assert _rename(run, "old", "new") == "articles/old.md is articles/new.md now\naliases: old leads to it\n"
    assert not file.exists()
    text = file.with_name("new.md").read_text("utf-8")
    assert text.startswith("---\naliases: [old]\ntitle: T\n")
    report = publication.sync()
    assert (report.added, report.removed, report.problems, report.renamed) == ((), (), (), ())
    assert (ids(publication), location(publication, "old"), tombstones(publication)) == ({"T": tag("old")}, "new", 0)
    _rename(run, "new", "newest")
    publication.sync()
    assert ids(publication) == {"T": tag("old")}
    assert [location(publication, each) for each in ("old", "new")] == ["newest", "newest"]


def test_a_name_may_come_back(publication: Publication, run: Run) -> None:
    publication.article("a", title="T")
    publication.sync()
    for old, new in (("a", "b"), ("b", "a")):
        _rename(run, old, new)
        assert publication.sync().problems == ()
    assert (ids(publication), status(publication, "a"), location(publication, "b")) == ({"T": tag("a")}, 200, "a")
    # The id would be made of the alias b, so it is written. The name that came back is no alias.
    text = (publication.settings.content / "articles/a.md").read_text("utf-8")
    assert f"id: {tag('a')}\n" in text
    assert 'aliases: ["b"]\n' in text
    _rename(run, "a", "b")
    assert publication.sync().problems == ()
    text = (publication.settings.content / "articles/b.md").read_text("utf-8")
    assert 'aliases: ["a"]\n' in text
    assert (ids(publication), location(publication, "a")) == ({"T": tag("a")}, "b")


def test_a_sync_between_the_two_steps_changes_nothing(
    publication: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication.article("old", title="T")
    publication.sync()
    rename = files.rename_new

    def after_a_sync(old: Path, new: Path) -> None:
        report = publication.sync()
        assert (report.is_unchanged, report.problems) == (True, ())
        rename(old, new)

    monkeypatch.setattr("feedsvc.sync.renaming.rename_new", after_a_sync)
    _rename(run, "old", "new")
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert (report.added, report.changed, report.removed) == ((), ("T",), ())
    assert location(publication, "old") == "new"


def test_a_bundle_moves_as_a_whole(publication: Publication, run: Run) -> None:
    publication.write("articles/old/a.txt.vtt", b"x")
    publication.article("old/index", title="T")
    publication.sync()
    folder = publication.settings.content / "articles"
    assert "articles/old/index.md is articles/new/index.md now" in _rename(run, str(folder / "old"), "new")
    assert sorted(each.name for each in (folder / "new").iterdir()) == ["a.txt.vtt", "index.md"]
    publication.sync()
    assert (ids(publication), location(publication, "old")) == ({"T": tag("old")}, "new")


def test_a_slug_in_front_matter_is_changed(publication: Publication, run: Run) -> None:
    publication.article("file", title="T", slug="old")
    publication.sync()
    _rename(run, "old", "new")
    assert "\nslug: new\n" in (publication.settings.content / "articles/new.md").read_text("utf-8")
    publication.sync()
    assert (ids(publication), location(publication, "old")) == ({"T": tag("old")}, "new")


def test_nothing_is_overwritten(publication: Publication, run: Run) -> None:
    for name in ("old", "new", "other"):
        publication.article(name, aliases="[taken]" if name == "other" else "-")
    publication.write("articles/draft.md", "no front matter")
    publication.sync()
    before = {each.name: each.read_bytes() for each in (publication.settings.content / "articles").iterdir()}
    assert "already used by articles/new.md" in _refused(run, "old", "new")
    assert "already used by articles/other.md" in _refused(run, "old", "taken")
    assert "articles/draft.md exists already" in _refused(run, "old", "draft")
    assert "did you mean 'old'?" in _refused(run, "olt", "x")
    assert "is an old address of other" in _refused(run, "taken", "x")
    assert "NEW: 'a b' cannot be an address (write 'a-b')" in _refused(run, "old", "a b")
    assert "has this name already" in _refused(run, "old", "old")
    assert "is by its name a copy of articles/new.md" in _refused(run, "old", "new.bak")
    assert before == {each.name: each.read_bytes() for each in (publication.settings.content / "articles").iterdir()}


@pytest.mark.parametrize(
    ("new", "cure"),
    [
        ("2026/x", "x"),
        ("../x", "x"),
        ("/abs", "abs"),
        ("x/", "x"),
        ("articles/x.md", "x"),
        ("x.md/", "x"),
        ("articles/x/index.md", "x"),
        ("articles/2026/晶圓 不切.md", "晶圓-不切"),
    ],
)
@pytest.mark.parametrize("old", ["old", "bundle/index"])
def test_a_path_is_no_name(publication: Publication, run: Run, old: str, new: str, cure: str) -> None:
    file = publication.article(old)
    publication.sync()
    before = file.read_bytes()
    said = f"NEW is a name without a folder: the file stays in its folder (write {cure})\n"
    assert _refused(run, old.removesuffix("/index"), new).endswith(said)
    assert [each for each in file.parents[0].rglob("*") if each.is_file()] == [file]
    assert file.read_bytes() == before


@pytest.mark.parametrize("new", ["", ".", "..", "/", "../..", ".md"])
@pytest.mark.parametrize("old", ["old", "bundle/index"])
def test_a_name_has_letters(publication: Publication, run: Run, old: str, new: str) -> None:
    file = publication.article(old)
    assert _refused(run, old.removesuffix("/index"), new).count("\n") == 1
    assert file.exists()


def test_the_suffix_of_the_file_may_be_written(publication: Publication, run: Run) -> None:
    publication.article("old")
    publication.sync()
    assert "articles/old.md is articles/x.md now" in _rename(run, "old", "x.md")


def test_what_was_never_published_gets_no_alias(publication: Publication, run: Run) -> None:
    articles = publication.settings.content / "articles"
    publication.article("draft", draft="true")
    publication.write("articles/bare.txt", "no front matter")
    publication.sync()
    assert "aliases" not in _rename(run, "draft", "idea")
    assert "aliases" not in (articles / "idea.md").read_text("utf-8")
    _rename(run, "bare", "plain")
    assert (articles / "plain.txt").read_text("utf-8") == "no front matter"


def test_a_broken_file_that_is_published_is_not_renamed(publication: Publication, run: Run) -> None:
    file = publication.article("a")
    publication.sync()
    file.write_text(file.read_text("utf-8").replace("topics: [chips]", "topics: [chips"), "utf-8")
    publication.sync()
    assert "articles/a.md:" in _refused(run, "a", "b")
    assert file.exists()


def test_links_of_other_articles_are_named(publication: Publication, run: Run) -> None:
    publication.article("old")
    publication.article("in/a", "See\n\n[it](../old.md#part).")
    publication.article("b", "Nothing.")
    publication.sync()
    said = _rename(run, "old", "new").splitlines()
    assert said[2:] == ["articles/in/a.md:8: links to articles/old.md (write ../new.md)"]


@pytest.mark.parametrize("is_synced", [True, False])
def test_check_names_the_new_file_for_a_link_to_the_old_one(
    publication: Publication, run: Run, is_synced: bool
) -> None:
    publication.article("wafer")
    publication.article("wafer-en")
    publication.article("linking", "[it](wafer.md)")
    publication.sync()
    _rename(run, "wafer", "why-not-cut")
    said = "articles/linking.md:6: warning: links to 'wafer.md', which is not there (write why-not-cut.md); "
    if is_synced:
        assert said in str(*publication.sync().problems)
    assert said in run("check").stdout


def test_the_command_runs_without_a_store(publication: Publication) -> None:
    publication.article("old")
    result = process("rename", "old", "new", "--content", str(publication.settings.content))
    assert (result.returncode, result.stderr) == (0, "")
    publication.sync()
    assert ids(publication) == {"old": tag("old")}


@pytest.mark.parametrize("name", ["link.md", "folder/outside.md"])
def test_nothing_outside_the_content_folder_is_changed(
    publication: Publication, run: Run, tmp_path: Path, name: str
) -> None:
    """A folder of somebody else may have symlinks to any file."""
    outside = tmp_path / "outside"
    outside.mkdir()
    file = outside / "outside.md"
    file.write_text("---\ntitle: Outside\npublished: 2026-10-01\ntopics: [chips]\n---\nText.\n")
    before = file.read_bytes()
    articles = publication.settings.content / "articles"
    (articles / "link.md").symlink_to(file)
    (articles / "folder").symlink_to(outside)
    result = run("rename", f"articles/{name}", "other")
    assert result.exit_code == 2
    assert "is reached through a symlink (rename the file where it is)" in result.stderr
    assert file.read_bytes() == before
