"""What git leaves is never published: conflicts of a merge, pointers of LFS, empty files as pictures."""

import pytest

from tests.conftest import Publication
from tests.sync.looks import status

CONFLICT = "Text.\n\n<<<<<<< HEAD\nOurs.\n=======\nTheirs.\n>>>>>>> other\n"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n"


def test_a_conflict_of_a_merge_sets_the_file_aside(publication: Publication) -> None:
    publication.article("one", "Good.")
    publication.sync()
    publication.article("one", CONFLICT)
    publication.article("two", CONFLICT)
    report = publication.sync()
    assert report.set_aside == ["articles/one.md", "articles/two.md"]
    assert str(report.problems[0]).startswith("articles/one.md:8: an unresolved conflict of a merge begins here (")
    assert (status(publication, "one"), status(publication, "two")) == (200, 404)
    assert "Theirs" not in publication.client().get("/articles/one").text


def test_a_conflict_in_the_front_matter_is_named(publication: Publication) -> None:
    publication.write("articles/one.md", "---\n<<<<<<< HEAD\ntitle: a\n=======\ntitle: b\n>>>>>>> x\n---\nText.\n")
    assert str(publication.sync().problems[0]).startswith("articles/one.md:2: an unresolved conflict of a merge")


@pytest.mark.parametrize(
    "body",
    [
        "A heading\n=======\n\nText.",
        f"```\n{CONFLICT}```\n",
        f"~~~~\n{CONFLICT}~~~~\n",
        f"<pre>\n{CONFLICT}</pre>\n",
        f"{CONFLICT}".replace("\n", "\n    "),
        "- item\n\n  ```\n  <<<<<<< a\n  =======\n  >>>>>>> b\n  ```\n",
        "| a | b |\n|---|---|\n|||||||\n| c | d |",
        "|||||||\n|-|-|-|-|-|-|",
        ">>>>>>> seven\n>>>>>> six",
        "%%%%%%%\n\n+++++++\n\n-------\n\n=======",
        "Text <<<<<<< HEAD and >>>>>>> main.",
    ],
)
def test_what_only_looks_like_a_conflict_is_published(publication: Publication, body: str) -> None:
    publication.article("one", body)
    assert publication.sync().added == ("one",)


@pytest.mark.parametrize(
    "marker",
    [
        "<<<<<<< HEAD",
        "<<<<<<<",
        "<<<<<<<<<<< Conflict 1 of 1",
        ">>>>>>> 9f2c1ab (改寫)",
        ">>>>>>>",
        "||||||| merged common ancestors",
        "|||||||",
        "%%%%%%% Changes from base to side #1",
        "+++++++ Contents of side #2",
    ],
)
def test_one_marker_of_a_conflict_that_was_resolved_by_half_suffices(publication: Publication, marker: str) -> None:
    publication.article("one", f"Ours.\n=======\nTheirs.\n{marker}\nText.")
    assert str(publication.sync().problems[0]).startswith("articles/one.md:9: an unresolved conflict of a merge")


def test_a_conflict_about_a_block_of_code_is_one(publication: Publication) -> None:
    # Each side opens the block, so that the markers behind the first stand inside of code.
    publication.article("one", "<<<<<<< HEAD\n```py\nours\n=======\n```py\ntheirs\n>>>>>>> other\n```\n")
    assert publication.sync().set_aside == ["articles/one.md"]


def test_a_pointer_of_lfs_is_no_article(publication: Publication) -> None:
    publication.write("articles/one.md", POINTER)
    assert str(publication.sync().problems[0]).startswith("articles/one.md:1: is a pointer of Git LFS")


@pytest.mark.parametrize(
    "wrong",
    [
        (POINTER, "is a pointer of Git LFS"),
        (b"", "is empty ("),
        (b"/annex/objects/SHA256E-s12--0a.png\n", "is a pointer of git-annex"),
        (b"../.git/annex/objects/F0/3g/SHA256E-s12--0a.png", "is a pointer of git-annex"),
        (b"\n<!DOCTYPE html>\n<title>404</title>" + b"x" * 2000, "is a page of HTML"),
    ],
)
@pytest.mark.parametrize(
    ("fields", "body", "place"),
    [
        ({}, "Text.\n\n![a](p.png)", "8: "),
        ({"image": "p.png"}, "Text.", "5: image: "),
        ({"enclosure": "p.png"}, "Text.", "5: enclosure: "),
    ],
)
def test_what_is_no_picture_is_never_served(
    publication: Publication, wrong: tuple[bytes, str], fields: dict[str, str], body: str, place: str
) -> None:
    data, said = wrong
    publication.write("articles/p.png", data)
    publication.article("one", body, **fields)
    report = publication.sync()
    assert report.set_aside == ["articles/one.md"]
    assert f"articles/one.md:{place}'articles/p.png' {said}" in str(report.problems[0])
    assert not publication.settings.media_folder.exists() or not list(publication.settings.media_folder.iterdir())
    publication.write("articles/p.png", b"\x89PNG\r\n\x1a\n")
    assert publication.sync().added == ("one",)
