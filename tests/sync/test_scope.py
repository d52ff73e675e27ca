"""A sync that is told what changed looks at that, and ends as one that looks at everything."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from feedsvc.sync.folder import scope
from tests.conftest import Publication
from tests.sync.looks import rows, titles


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of all files that a sync found."""
    found: list[str] = []
    real = scope.find_scope

    def note(*args: object) -> scope.Scope:
        made = real(*args)  # type: ignore[arg-type]
        found.extend(each.path.removeprefix("articles/") for each in made.found)
        return made

    monkeypatch.setattr("feedsvc.sync.find_scope", note)
    return found


@pytest.fixture
def three(publication: Publication, looked: list[str]) -> Publication:
    """A publication with three articles, one of them a bundle with a picture."""
    publication.article("one")
    publication.article("two")
    publication.article("sub/bundle/index", "![x](x.png) ![y](../../shared/y.png)")
    publication.write("articles/sub/bundle/x.png", b"\x89PNG x")
    publication.sync()
    looked.clear()
    return publication


def at(publication: Publication, *paths: str) -> set[Path]:
    """Paths below content/."""
    return {publication.settings.content / path for path in paths}


def _edit(publication: Publication) -> set[Path]:
    publication.article("one", "Edited.", title="Edited")
    return at(publication, "articles/one.md")


def _add(publication: Publication) -> set[Path]:
    publication.article("new/four")
    return at(publication, "articles/new", "articles/new/four.md")


def _delete(publication: Publication) -> set[Path]:
    (publication.settings.content / "articles/two.md").unlink()
    return at(publication, "articles/two.md")


def _rename(publication: Publication) -> set[Path]:
    folder = publication.settings.content / "articles"
    (folder / "two.md").rename(folder / "zwei.md")
    return at(publication, "articles/two.md", "articles/zwei.md")


def _rename_folder(publication: Publication) -> set[Path]:
    folder = publication.settings.content / "articles"
    (folder / "sub").rename(folder / "below")
    return at(publication, "articles/sub", "articles/below")


def _delete_folder(publication: Publication) -> set[Path]:
    shutil.rmtree(publication.settings.content / "articles/sub")
    return at(publication, "articles/sub")


def _change_picture(publication: Publication) -> set[Path]:
    publication.write("articles/sub/bundle/x.png", b"\x89PNG another")
    return at(publication, "articles/sub/bundle/x.png")


def _add_picture(publication: Publication) -> set[Path]:
    publication.write("articles/shared/y.png", b"\x89PNG y")
    return at(publication, "articles/shared")


def _break(publication: Publication) -> set[Path]:
    publication.write("articles/one.md", "---\ntitle: [\n---\n")
    return at(publication, "articles/one.md")


def _clash(publication: Publication) -> set[Path]:
    publication.article("three", slug="one", id="urn:x:3")
    return at(publication, "articles/three.md")


STEPS = [_edit, _add, _delete, _rename, _rename_folder, _delete_folder, _change_picture, _add_picture, _break, _clash]


@pytest.mark.parametrize("step", STEPS)
def test_the_same_as_looking_at_everything(three: Publication, step: Callable[[Publication], set[Path]]) -> None:
    """A second sync that looks at everything finds nothing more to do."""
    report = three.sync(changed=step(three))
    before = rows(three)
    again = three.sync()
    assert again.is_unchanged
    assert (again.problems, rows(three)) == (report.problems, before)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (_edit, ["one.md"]),
        (_add, ["new/four.md"]),
        (_delete, []),
        (_rename, ["zwei.md"]),
        (_rename_folder, ["below/bundle/index.md"]),
        (_change_picture, ["sub/bundle/index.md"]),
        (_add_picture, ["sub/bundle/index.md"]),
    ],
)
def test_only_what_changed_is_looked_at(
    three: Publication, looked: list[str], step: Callable[[Publication], set[Path]], expected: list[str]
) -> None:
    """And the articles that asked for it."""
    changed = step(three)
    looked.clear()
    three.sync(changed=changed)
    assert looked == expected


def test_what_is_tried_again_is_tried_again(three: Publication, looked: list[str]) -> None:
    """A clash that ends when the other file goes."""
    three.sync(changed=_clash(three))
    three.article("two", "Edited.")
    looked.clear()
    assert three.sync(changed=at(three, "articles/two.md")).set_aside == ["articles/three.md"]
    assert looked == ["three.md", "two.md"]
    (three.settings.content / "articles/one.md").unlink()
    assert not three.sync(changed=at(three, "articles/one.md")).set_aside
    assert "three" in titles(three)


@pytest.mark.parametrize("path", ["site.toml", "kept/real.md", "kept", "articles"])
def test_what_says_nothing_by_itself_has_everything_looked_at(three: Publication, looked: list[str], path: str) -> None:
    """The site decides about all articles, and a symlink may lead to a file elsewhere."""
    three.sync(changed=at(three, path))
    assert looked == ["one.md", "sub/bundle/index.md", "two.md"]


@pytest.mark.parametrize(
    "path", ["articles/.one.md.swp", ".git/index", "articles/.hidden/a.md", "notes.png", "articles/a.doc"]
)
def test_what_is_no_article_has_nothing_looked_at(three: Publication, looked: list[str], path: str) -> None:
    """Editors and other programs write all the time."""
    three.write(path, "x")
    three.sync(changed=at(three, path))
    assert looked == []


def test_a_name_that_is_not_utf8_has_everything_looked_at(three: Publication, looked: list[str]) -> None:
    """The notebook knows it by another name."""
    name = b"\xff.md".decode("utf-8", "surrogateescape")
    file = three.settings.content / "articles" / name
    file.write_bytes((three.settings.content / "articles/one.md").read_bytes())
    three.sync(changed={file})
    assert len(looked) == 4


def test_removals_that_are_too_many_are_refused_here_too(three: Publication) -> None:
    """Promise 9, counted against all there are."""
    files = [three.article(f"n{number:02}") for number in range(20)]
    three.sync()
    for file in files[:12]:
        file.unlink()
    report = three.sync(changed=set(files[:12]))
    assert (report.refused, report.removed) == (12, ())
    assert len(three.sync(allow_removals=True).removed) == 12


def test_another_sync_in_between_is_looked_at_again(three: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before it came is not written over it."""
    other = Publication.__new__(Publication)
    other.__dict__ |= three.__dict__
    real, meddled = scope.find_scope, list[bool]()

    def meddle(*args: object) -> scope.Scope:
        made = real(*args)  # type: ignore[arg-type]
        if not meddled:
            meddled.append(True)
            three.article("one", "Later.", title="Later")
        return made

    def late(done: int, total: int) -> None:
        if len(meddled) == 1:
            meddled.append(True)
            three.article("one", "Latest.", title="Latest")
            other.now = three.now
            other.sync()

    three.article("one", "Early.", title="Early")
    monkeypatch.setattr("feedsvc.sync.find_scope", meddle)
    three.sync(changed=at(three, "articles/one.md"), progress=late)
    assert "Latest" in titles(three)
    assert len(meddled) == 2
