"""Files that are not meant: copies by their names, and folders that are not read (guarantee 13)."""

import unicodedata

import pytest

from feedsvc.sync import reading
from feedsvc.sync.recognition import copy_names
from feedsvc.sync.recognition.copy_names import originals
from tests.cli.conftest import Run, run
from tests.conftest import Publication
from tests.sync.looks import status, titles

__all__ = ["run"]

COPIES = [
    "x~.md",
    "x.bak.md",
    "x.orig.md",
    "x.old2.md",
    "x_LOCAL_1234.md",
    "x_REMOTE_77.md",
    "x.sync-conflict-20260101-120000-ABCDEFG.md",
    "x~20260101-120000.md",
    "x_conflict-20260101-120000.md",
    "x_DiskStation_Jan-01-120000-2026_Conflict.md",
    "x.Conflict.md",
    "x-DESKTOP-AB12CD3.md",
    "x (Desk's conflicted copy 2026-01-01).md",
    "x (conflicted copy 2026-01-01 120000).md",
    "x (Anns in Konflikt stehende Kopie 2026-01-01).md",
    "x (SFConflict ann@example.org 2026-01-01-12-00-00).md",
    "x [conflicted].md",
    "x（林的衝突複本 2026-01-01）.md",
    "x (1).md",
    "x(2).md",
    "x（3）.md",
    "x copy.md",
    "x copy 2.md",
    "x Copy (3).md",
    "x - Copy.md",
    "x - Copy (2).md",
    "x Kopie.md",
    "x - Kopie.md",
    "x copie 2.md",
    "x copia.md",
    "x - Cópia.md",
    "x — копия.md",
    "x (copy).md",
    "x (another copy).md",
    "x (3rd copy).md",
    "x (副本).md",
    "xのコピー.md",
    "x のコピー.md",
    "x のコピー 2.md",
    "x - コピー.md",
    "x 的副本.md",
    "x的副本.md",
    "x 拷貝.md",
    "x 拷貝 2.md",
    "x - 副本.md",
    "x - 副本 (2).md",
    "x - 複製.md",
    "x 복사본.md",
    "x - 복사본 (2).md",
    "x의 사본.md",
    "Kopie von x.md",
    "Copy of x.md",
    "Copy (2) of x.md",
    "Copie de x.md",
    "Copia di x.md",
    "コピー ～ x.md",
    "x.LOCAL.md",
    "x.REMOTE.md",
    "x.BASE.md",
    "x.~1~.md",
    "x.bk.md",
    "x_(1).md",
    "x-conflict.md",
    "x_conflicted.md",
    "x.conflict-20260101.md",
    "x_conflict-ann-20260101-120000.md",
    "x Conflicted Copy.md",
    "x (Copie en conflit de Desk 2026-01-01).md",
    "x (xung đột 2026).md",
    "x (autosaved).md",
    "x (3. Kopie).md",
    "x (autre copie).md",
    "x（コピー）.md",
    "x kopyası.md",
    "x - Kopio.md",
    "x - Αντιγραφή.md",
    "x – másolata.md",
    "x – копія.md",
    "x - สำเนา.md",
    "x - Bản sao.md",
    "x - Salinan.md",
    "Kopia av x.md",
    "Копия x.md",
    "نسخة من x.md",
    "העתק של x.md",
    "Bản sao của x.md",
    "Salinan dari x.md",
    "สำเนาของ x.md",
    "복사본 x.md",
    "x copy copy.md",
    "x copy 2 (1).md",
]


def _copy(publication: Publication, name: str, body: str) -> None:
    front = "---\ntitle: Copied\npublished: 2026-10-02\ntopics: [chips]\n---\n"
    publication.write(f"articles/{name}", f"{front}{body}\n")


@pytest.mark.parametrize("stem", ["x", "晶片　稿", "中文 稿", "Über uns"])
def test_the_names_of_copies(stem: str) -> None:
    for name in COPIES:
        copied = name.replace("x", stem, 1) if name.startswith("x") else name.replace("x.md", f"{stem}.md")
        assert f"articles/2026/{stem}.md" in list(originals(f"articles/2026/{copied}")), copied


@pytest.mark.parametrize(
    "name",
    [
        "x 2.md",
        "hard-copy.md",
        "photocopy.md",
        "copy.md",
        "covid (updated).md",
        "2026-01.md",
        "x-copy.md",
        "x.local.md",
        "x_v2.md",
    ],
)
def test_other_names_are_no_copies(name: str) -> None:
    assert list(originals(f"articles/{name}")) == []


def test_a_copy_beside_its_original_is_not_published(publication: Publication, run: Run) -> None:
    publication.article("x", "The original.")
    for name in COPIES:
        _copy(publication, name, f"Secret {name}")
    report = publication.sync()
    assert report.added == ("x",)
    assert len(report.set_aside) == len(COPIES)
    client = publication.client()
    for address in ("/", "/topics/chips", "/sitemap.xml", *(f"/feeds/all.{each}" for each in ("rss", "atom", "json"))):
        shown = client.get(address, follow_redirects=True).text
        assert "Copied" not in shown
        assert "Secret" not in shown
    lines = run("check").stdout.splitlines()
    for name in COPIES:
        wanted = f"articles/{name}: is a copy of articles/x"
        assert any(line.startswith(wanted) and "by its name (delete it, or rename" in line for line in lines), name


def test_a_name_without_its_original_is_a_name_like_others(publication: Publication) -> None:
    _copy(publication, "y (1).md", "Text.")
    _copy(publication, "Copy of z.md", "Another text that differs from the first in every word.")
    assert len(publication.sync().added) == 2


def test_a_copy_of_a_bundle(publication: Publication) -> None:
    publication.article("x/index", title="x")
    _copy(publication, "x copy/index.md", "Secret")
    report = publication.sync()
    assert (report.added, report.set_aside) == (("x",), ["articles/x copy/index.md"])


def test_the_names_of_files_are_compared_in_nfc(publication: Publication) -> None:
    publication.article(unicodedata.normalize("NFD", "図が"), title="x")
    _copy(publication, unicodedata.normalize("NFC", "図が のコピー.md"), "Secret")
    assert publication.sync().added == ("x",)


def test_a_copy_takes_over_when_its_original_is_gone(publication: Publication) -> None:
    file = publication.article("x", "The original.")
    _copy(publication, "x copy.md", "Text.")
    publication.sync()
    file.unlink()
    waiting = publication.sync(counts_as_deleted=lambda _path: False)
    assert (waiting.set_aside, titles(publication)) == (["articles/x copy.md"], ["x"])
    report = publication.sync()
    assert (report.set_aside, titles(publication)) == ([], ["Copied"])


def test_a_name_unpublishes_nothing(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store of version 0.1 published copies, and what stood in folders that are no longer read."""
    with monkeypatch.context() as version_0_1:
        version_0_1.setattr(reading, "PIPELINE_VERSION", 2)
        version_0_1.setattr(copy_names, "_NAMES", ())
        version_0_1.setattr(copy_names, "UNREAD_FOLDERS", {})
        publication.article("x", "The original.")
        _copy(publication, "x copy.md", "Text.")
        publication.article("_drafts/y", "Text of y.", title="y")
        assert len(publication.sync().added) == 3
    for options in ({}, {"whole": True}):
        report = publication.sync(**options)
        assert (report.removed, report.set_aside) == ((), [])
    assert sorted(titles(publication)) == ["Copied", "x", "y"]
    said = "\n".join(map(str, report.problems))
    assert "articles/x copy.md: warning: is a copy of articles/x.md by its name, but published already" in said
    assert "articles/_drafts/y.md: warning: is in _drafts, a folder for what is not published, but published" in said
    publication.article("_drafts/z", "Text of z.", title="z")
    assert publication.sync().added == ()


@pytest.mark.parametrize(
    "path",
    [
        "_drafts/a",
        "2026/_Drafts/a",
        "Drafts/a",
        "_hidden/a",
        "_wip/a",
        "_old/a",
        "_backup/a",
        "Trash/a",
        "_archive/deep/a",
        "node_modules/pkg/a",
        "#recycle/a",
        ".hidden/a",
        "_index",
    ],
)
def test_folders_that_are_not_read(publication: Publication, run: Run, path: str) -> None:
    publication.article("public")
    publication.article(path, "Secret.", title="Secret")
    report = publication.sync()
    assert (report.added, report.problems, report.drafts) == (("public",), (), 0)
    assert titles(publication) == ["public"]
    checked = run("check").stdout
    assert ("so it is not read" in checked) == (not path.startswith("."))
    if not path.startswith("."):
        assert f"articles/{path}.md: warning: is " in checked


def test_what_is_moved_to_the_drafts_is_withdrawn(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    (file.parent / "_drafts").mkdir()
    file.rename(file.parent / "_drafts" / "one.md")
    assert publication.sync().removed == ("one",)
    assert status(publication, "one") == 410


def test_check_names_what_editors_left(publication: Publication, run: Run) -> None:
    publication.article("x")
    for name in ("x.md~", "x.md.orig", "x.md.bak"):
        publication.write(f"articles/{name}", "Secret")
    publication.write("articles/Thumbs.db", "")
    lines = run("check").stdout.splitlines()
    for name in ("x.md~", "x.md.orig", "x.md.bak"):
        assert any(
            line.startswith(f"articles/{name}: warning: is a backup copy of an editor or a merge") for line in lines
        )
    assert not any("Thumbs" in line for line in lines)


@pytest.mark.parametrize("has_plain", [False, True])
@pytest.mark.parametrize("edit", ["", "And more.\n"])
def test_a_folder_that_moves_unpublishes_no_name(publication: Publication, has_plain: bool, edit: str) -> None:
    """`part (1).md` was published before `part.md` came: it is no copy, wherever its folder goes."""
    articles = publication.settings.content / "articles"
    for name in ("part (1)", "part copy/index"):
        publication.article(f"2025/{name}", f"Text of {name}.", title=name)
    publication.sync()
    if has_plain:
        publication.article("2025/part", "Another.", title="Parts", published="2026-10-04 10:00")
        publication.article("2025/part/index", "A bundle.", title="Bundle", slug="b", published="2026-10-05 10:00")
        publication.sync()
    else:
        publication.article("new/part", "Another.", title="Parts", published="2026-10-04 10:00")
        publication.article("new/part/index", "A bundle.", title="Bundle", slug="b", published="2026-10-05 10:00")
    (articles / "new").mkdir(exist_ok=True)
    for each in (articles / "2025").iterdir():
        each.rename(articles / "new" / each.name)
    for name in ("part (1).md", "part copy/index.md"):
        file = articles / "new" / name
        file.write_text(file.read_text("utf-8") + edit, "utf-8")
    report = publication.sync()
    assert (report.removed, report.set_aside) == ((), [])
    assert sum("by its name, but published already" in str(each) for each in report.problems) == 2
    assert (status(publication, "part-1"), status(publication, "part-copy")) == (200, 200)
    assert publication.sync(whole=True).is_unchanged


def test_a_file_that_becomes_a_bundle_is_no_copy(publication: Publication) -> None:
    articles = publication.settings.content / "articles"
    file = publication.article("part (1)", "Text one.", title="One")
    publication.sync()
    publication.article("part/index", "Text.", title="Parts", published="2026-10-04 10:00")
    publication.sync()
    (articles / "part (1)").mkdir()
    file.rename(articles / "part (1)" / "index.md")
    report = publication.sync()
    assert (report.removed, report.set_aside, status(publication, "part-1")) == ((), [], 200)


def test_a_rename_to_a_copys_name_is_a_rename(publication: Publication) -> None:
    """A name never unpublishes what is published already."""
    publication.article("x", "The original.")
    file = publication.article("other", "Another text.", title="Other")
    publication.sync()
    file.rename(file.with_name("x (1).md"))
    report = publication.sync()
    assert (report.removed, report.set_aside, len(report.renamed)) == ((), [], 1)
    assert publication.client().get("/articles/other").status_code == 301


def test_a_copy_does_not_publish_what_its_original_said_while_that_is_missing(publication: Publication) -> None:
    """A backup has the slug of its original: it takes nothing over before the original is given up."""
    file = publication.article("x", "The original.", title="X")
    publication.sync()
    file.unlink()
    publication.article("x~", "An older text.", title="X")
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert report.is_unchanged
    assert "The original." in publication.client().get("/articles/x").text


def test_what_is_published_from_an_unread_folder_stays_when_a_folder_above_moves(
    publication: Publication, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    with monkeypatch.context() as version_0_1:
        version_0_1.setattr(reading, "PIPELINE_VERSION", 2)
        version_0_1.setattr(copy_names, "UNREAD_FOLDERS", {})
        publication.article("2025/_archive/y", "Text of y.", title="y")
        publication.sync()
    publication.article("2025/_archive/z", "Never published.", title="z")
    publication.sync()
    articles = publication.settings.content / "articles"
    (articles / "2025").rename(articles / "y2025")
    checked = run("check").stdout
    report = publication.sync()
    assert (report.added, report.removed, titles(publication)) == ((), (), ["y"])
    said = (
        "articles/y2025/_archive/y.md: warning: is in _archive, a folder for what is no longer published, but published"
    )
    assert said in str(report.problems[0])
    assert said in checked
    assert "articles/y2025/_archive/z.md: warning: is in _archive" in checked
    assert "y2025/_archive/y.md: warning: is in _archive, a folder for what is no longer published, so" not in checked
    (articles / "y2025" / "_archive" / "w").mkdir()
    (articles / "y2025" / "_archive" / "y.md").rename(articles / "y2025" / "_archive" / "w" / "y.md")
    assert publication.sync().removed == ("y",)


@pytest.mark.parametrize("is_told", [False, True])
def test_a_published_file_with_a_copys_name_is_told_of_when_an_original_comes(
    publication: Publication, is_told: bool
) -> None:
    """`sync` and /status say it as `check` does, though the file itself is as it was."""
    for name in ("part (1)", "Part copy/index"):
        publication.article(name, f"Text of {name}.", title=name)
    publication.sync()
    new = [
        publication.article("part", "Another.", title="Parts", published="2026-10-04 10:00"),
        publication.article("Part/index", "Bundle.", slug="b", published="2026-10-05 10:00"),
    ]
    report = publication.sync(changed=new if is_told else None)
    assert [str(each).partition(" (")[0] for each in report.problems] == [
        "articles/Part copy/index.md: warning: is a copy of articles/Part/index.md by its name, but published already",
        "articles/part",
    ]
    assert report.changed == ()
    for each in new:
        each.unlink()
    report = publication.sync(changed=new if is_told else None)
    assert report.problems == ()
