"""A file that is renamed keeps its id and its address (guarantee 4), also with a mistake in it: then its last good
version stays up (guarantee 1) until the mistake is mended."""

import os
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError
from feedsvc.store import Store
from tests.conftest import Publication
from tests.sync.looks import status, titles, tombstones
from tests.sync.test_identity import ids, location, tag

TEXT = "今天下午三點，市政府公布了新的道路計畫。" + "".join(f"第{n}條說明道路的位置與日期。" for n in range(40))
# What is written instead of what, in the file under its new name.
MISTAKES = [
    ("topics: [chips]", "topics: [chip]"),
    ("topics: [chips]", "topics: [chips"),
    ("topics: [chips]\n", ""),
    ("published: 2026-10-01 10:00", "published: yesterday"),
    ("title: A", "title: A: B: C"),
    ("---\ntitle", "title"),
    ("topics: [chips]\n---\n", "topics: [chips]\n\n"),
    ("title: A", "title：A"),
    ("計畫", "計\udcff畫"),
]


def _text(file: Path) -> str:
    return file.read_text("utf-8")


def _write(publication: Publication, name: str, text: str) -> Path:
    return publication.write(f"articles/{name}.md", text.encode("utf-8", "surrogateescape"))


@pytest.mark.parametrize("counts_as_deleted", [True, False])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_rename_with_a_mistake_keeps_the_id_and_the_address(
    publication: Publication, mistake: tuple[str, str], counts_as_deleted: bool
) -> None:
    file = publication.article("a", TEXT, title="A")
    publication.article("z")
    publication.sync()
    text = _text(file)
    file.unlink()
    assert mistake[0] in text
    _write(publication, "b", text.replace(*mistake, 1))
    for whole in (False, True):
        report = publication.sync(counts_as_deleted=lambda _path: counts_as_deleted, whole=whole)
        assert (report.is_unchanged, report.removed, report.set_aside) == (True, (), ["articles/b.md"])
    assert (status(publication, "a"), tombstones(publication)) == (200, 0)
    _write(publication, "b", text)
    report = publication.sync()
    assert (report.added, report.changed, report.removed, report.problems) == ((), ("A",), (), ())
    assert ids(publication)["A"] == tag("a")
    assert location(publication, "a") == "b"


def test_a_rename_with_a_mistake_before_the_watcher_says_that_the_old_file_went(publication: Publication) -> None:
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    text = _text(file)
    file.unlink()
    new = _write(publication, "b", text.replace("[chips]", "[chip]"))
    publication.sync(changed=[new])
    publication.sync(changed=[file])
    assert status(publication, "a") == 200
    new.write_text(text, "utf-8")
    publication.sync(changed=[new])
    assert (ids(publication), location(publication, "a")) == ({"A": tag("a")}, "b")


@pytest.mark.parametrize("is_told", [False, True])
def test_a_broken_copy_of_a_file_that_is_deleted_later(publication: Publication, is_told: bool) -> None:
    """The new file came first, the old one went in a later sync: that is a rename, too."""
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    text = _text(file)
    new = _write(publication, "b", text.replace("[chips]", "[chip]"))
    assert publication.sync().set_aside == ["articles/b.md"]
    file.unlink()
    assert publication.sync(changed=[file] if is_told else None).removed == ()
    new.write_text(text, "utf-8")
    publication.sync()
    assert (ids(publication), location(publication, "a")) == ({"A": tag("a")}, "b")


def test_what_is_deleted_beside_another_broken_file_is_removed(publication: Publication) -> None:
    """Only a file that says what the missing one said holds its article."""
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    file.unlink()
    publication.article("b", TEXT[::-1], title="B", topics="[chip]", published="2026-10-02")
    publication.article("c", TEXT, title="C", topics="[chip]", published="2026-10-02")
    publication.article("d", TEXT[::-1], title="A", topics="[chip]", published="2026-10-02", id="urn:x:d")
    assert publication.sync().removed == ("A",)


def test_of_a_good_and_a_broken_file_the_good_one_goes_on(publication: Publication) -> None:
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    text = _text(file)
    file.unlink()
    _write(publication, "b", text.replace("[chips]", "[chip]"))
    _write(publication, "z", text)
    publication.sync()
    assert location(publication, "a") == "z"
    assert ids(publication) == {"A": tag("a")}


@pytest.mark.parametrize("broken", ["a", "b"])
def test_two_files_swap_names_with_a_mistake_in_one(publication: Publication, broken: str) -> None:
    texts = {}
    for name, body in (("a", TEXT), ("b", TEXT[::-1])):
        texts[name] = _text(publication.article(name, body, title=name.upper()))
    publication.sync()
    for name, other in (("a", "b"), ("b", "a")):
        text = texts[other]
        _write(publication, name, text.replace("[chips]", "[chip]") if name == broken else text)
    report = publication.sync()
    assert (report.added, report.removed) == ((), ())
    assert ids(publication) == {"A": tag("a"), "B": tag("b")}
    _write(publication, broken, texts["ba"["ab".index(broken)]])
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    assert ids(publication) == {"A": tag("a"), "B": tag("b")}
    assert TEXT in publication.client().get("/articles/b").text


@pytest.mark.parametrize("edit", ["", "補一句。\n"])
@pytest.mark.parametrize("count", [2, 3])
def test_files_that_rename_in_a_circle(publication: Publication, count: int, edit: str) -> None:
    """a → b → c → a, with an edit in the same save."""
    names = "abc"[:count]
    texts = {}
    for number, name in enumerate(names):
        body = TEXT.replace("第", f"{number}{name}")
        texts[name] = _text(publication.article(name, body, title=name.upper(), published=f"2026-10-0{number + 1}"))
    publication.sync()
    for number, name in enumerate(names):
        _write(publication, name, texts[names[number - 1]] + edit)
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    assert ids(publication) == {name.upper(): tag(name) for name in names}
    for number, name in enumerate(names):
        with publication.store.read() as snapshot:
            assert snapshot.claims.of([name])[name] == tag(names[number - 1])


def test_a_rename_and_an_edit_in_the_same_save(publication: Publication) -> None:
    """Title and date of publication are the same, nine tenths of the text are; `updated` is set by an edit."""
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    text = _text(file)
    file.unlink()
    _write(publication, "b", text.replace("---\n今", "updated: 2026-10-20\n---\n今") + "補一句。\n")
    report = publication.sync()
    assert (report.added, report.changed, report.removed, len(report.renamed)) == ((), ("A",), (), 1)
    assert (ids(publication), location(publication, "a")) == ({"A": tag("a")}, "b")


def test_a_rename_while_site_toml_is_broken(publication: Publication) -> None:
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    site = publication.settings.content / "site.toml"
    text = site.read_text("utf-8")
    site.write_text(f"{text}\n[topics.x\n", "utf-8")
    new = file.rename(file.with_name("b.md"))
    with pytest.raises(ConfigError):
        publication.sync()
    # A topic that is gone from site.toml, its title, too, makes the renamed file wrong.
    site.write_text(text.replace("topics.chips", "topics.chipz").replace('"Chips"', '"Semiconductors"'), "utf-8")
    report = publication.sync()
    assert (report.removed, report.set_aside) == ((), ["articles/b.md"])
    site.write_text(text, "utf-8")
    publication.sync()
    assert (ids(publication), location(publication, "a")) == ({"A": tag("a")}, new.stem)


@pytest.mark.parametrize("mistake", [("", ""), ("[chips]", "[chip]")])
def test_a_rename_across_a_restart(publication: Publication, mistake: tuple[str, str]) -> None:
    file = publication.article("a", TEXT, title="A")
    publication.sync()
    publication.store.close()
    text = _text(file)
    file.unlink()
    _write(publication, "b", text.replace(*mistake))
    publication.store = Store(publication.settings.store)
    publication.sync(whole=True)
    _write(publication, "b", text)
    publication.sync()
    assert (ids(publication), location(publication, "a")) == ({"A": tag("a")}, "b")


@pytest.mark.parametrize("is_broken", [False, True])
def test_folders_of_languages_that_move(publication: Publication, is_broken: bool) -> None:
    """Two languages of one article have one title and date; each keeps its id."""
    articles = publication.settings.content / "articles"
    publication.article("en/road", TEXT, title="A", language="en", slug="road")
    publication.article("zh/road", TEXT, title="A", language="zh-Hant", slug="road-zh", translation_of="road")
    publication.sync()
    before = {each: status(publication, each) for each in ("road", "road-zh")}
    os.rename(articles / "en", articles / "english")
    os.rename(articles / "zh", articles / "chinese")
    if is_broken:
        for file in articles.glob("*/road.md"):
            file.write_text(_text(file).replace("[chips]", "[chip]"), "utf-8")
    report = publication.sync()
    assert (report.added, report.removed) == ((), ())
    assert {each: status(publication, each) for each in ("road", "road-zh")} == before
    for file in articles.glob("*/road.md"):
        file.write_text(_text(file).replace("[chip]", "[chips]"), "utf-8")
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    with publication.store.read() as snapshot:
        published = {path: record.id for path, record in snapshot.files.load().items()}
    assert published == {"articles/english/road.md": tag("road"), "articles/chinese/road.md": tag("road-zh")}


@pytest.mark.parametrize("name", ["old", "taken"])
def test_a_rename_to_the_address_of_another_article_withdraws_nothing(publication: Publication, name: str) -> None:
    """The file is set aside with a finding, and its article stays up where it was."""
    publication.article("new", TEXT, aliases="[old]")
    publication.article("x", "Text of x.", slug="taken", published="2026-10-04 10:00")
    file = publication.article("b", TEXT[::-1], title="B", published="2026-10-03 10:00")
    publication.sync()
    new = file.rename(file.with_name(f"{name}.md"))
    for whole in (False, True):
        report = publication.sync(whole=whole)
        assert (report.removed, report.set_aside) == ((), [f"articles/{name}.md"])
        assert "is already used by" in str(report.problems[0])
    assert status(publication, "b") == 200
    new.rename(file.with_name("free.md"))
    report = publication.sync()
    assert (report.added, report.removed, report.problems) == ((), (), ())
    assert (ids(publication)["B"], location(publication, "b")) == (tag("b"), "free")
    assert sorted(titles(publication)) == ["B", "new", "x"]
