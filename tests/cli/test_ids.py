"""`feedsvc ids` and `feedsvc reidentify`: ids that only the store remembers get into the files (guarantee 4)."""

from pathlib import Path

import pytest

from feedsvc.articles.identity import with_id
from feedsvc.articles.metadata import frontmatter
from feedsvc.errors import ArticleError
from tests.cli.conftest import Run
from tests.conftest import Publication
from tests.sync.looks import feed, status, tombstones
from tests.sync.test_identity import ids, tag

FRONT = b"# 1\ntitle: 'T'  # 2\npublished: 2026-10-01\ntopics:\n  - chips\n"


def test_a_new_store_gives_the_ids_that_were_written(publication: Publication, run: Run) -> None:
    publication.article("keep")
    publication.article("gone", id="urn:x:1")
    publication.article("plain")
    publication.sync()
    kept = publication.article("keep", aliases="[short]")
    publication.article("gone")
    publication.sync()
    before = ids(publication)
    assert run("ids").output == f"articles/gone.md:2: id: urn:x:1\narticles/keep.md:2: id: {tag('keep')}\n"
    assert b"id:" not in kept.read_bytes()
    result = run("ids", "--write")
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "2 written, 0 left as they are")
    assert publication.sync(whole=True).is_unchanged
    assert run("ids").output == ""
    publication.store.close()
    publication.settings.store_file.unlink()
    for name in ("-wal", "-shm"):
        Path(f"{publication.settings.store_file}{name}").unlink(missing_ok=True)
    publication.sync()
    assert ids(publication) == before


def test_a_file_that_writes_another_id_is_left_as_it_is(publication: Publication, run: Run) -> None:
    publication.article("a")
    publication.sync()
    file = publication.article("a", id="urn:x:2")
    text = file.read_bytes()
    publication.sync()
    result = run("ids", "--write")
    assert result.exit_code == 1
    assert result.output.startswith(
        "articles/a.md:5: id: has another id, 'urn:x:2', so it was not changed (write id: tag:"
    )
    assert file.read_bytes() == text


def test_the_mode_of_a_file_stays_and_nothing_is_left_beside_it(publication: Publication, run: Run) -> None:
    publication.article("a", id="urn:x:1")
    publication.sync()
    file = publication.article("a")
    file.chmod(0o640)
    publication.sync()
    run("ids", "--write")
    assert file.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in file.parent.iterdir()] == ["a.md"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_every_other_byte_stays(end: bytes, mark: bytes) -> None:
    for fence, front, line in (
        (b"---", FRONT, b"id: urn:x:1"),
        (b"---", b"  title: T\n  a: b\n", b"  id: urn:x:1"),
        (b"+++", b"# 1\ntitle = 'T'\n[image]\nsrc = 'x'\n", b'id = "urn:x:1"'),
    ):
        begin = mark + fence + end
        rest = front.replace(b"\n", end) + fence + end + "本文。\u2028 \n".encode()
        assert with_id(begin + rest, "urn:x:1") == begin + line + end + rest


def test_an_empty_field_is_filled() -> None:
    assert with_id(b"---\ntitle: T\nid:\n---\nText.", "urn:x:1") == b"---\ntitle: T\nid: urn:x:1\n---\nText."


@pytest.mark.parametrize("id_", ["日本:語", "a'b\"c", "[x]", "null", "12", "urn:", "*a", "#a", "@a", "a,b", "😀"])
@pytest.mark.parametrize("data", [b"---\ntitle: T\n---\n", b"+++\ntitle = 'T'\n+++\n"])
def test_any_id_reads_as_it_was_written(data: bytes, id_: str) -> None:
    assert frontmatter.parse(with_id(data, id_)).fields["id"] == id_


def test_front_matter_in_braces_is_refused() -> None:
    with pytest.raises(ArticleError, match="cannot be added without a change of other lines"):
        with_id(b"---\n{title: T}\n---\n", "urn:x:1")


def test_reidentify_applies_a_new_id(publication: Publication, run: Run) -> None:
    """A tombstone for the old id, a new entry, and every address leads to it as before."""
    file = publication.article("old", title="T")
    publication.sync()
    file.rename(file.with_name("a.md"))
    publication.sync()
    publication.article("a", title="T", id="urn:x:2")
    file.with_name("a.md").chmod(0o600)
    assert len(publication.sync().problems) == 1
    result = run("reidentify", tag("old"), "urn:x:2")
    assert result.exit_code == 0
    assert "a tombstone for the old id, and a new entry" in result.output
    report = publication.sync(whole=True)
    assert (report.is_unchanged, report.problems) == (True, ())
    assert (ids(publication), tombstones(publication)) == ({"T": "urn:x:2"}, 1)
    assert f'ref="{tag("old")}"'.encode() in feed(publication)
    assert [status(publication, slug) for slug in ("old", "a")] == [301, 200]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("urn:x:9", "urn:x:2", "no article has the id"),
        (tag("a"), tag("b"), "another article"),
        (tag("a"), "x y", "NEW"),
    ],
)
def test_reidentify_refuses(publication: Publication, run: Run, old: str, new: str, said: str) -> None:
    publication.article("a")
    publication.article("b")
    publication.sync()
    before = feed(publication)
    result = run("reidentify", old, new)
    assert result.exit_code == 2
    assert said in result.stderr
    assert feed(publication) == before


def test_reidentify_makes_no_store(publication: Publication, run: Run) -> None:
    assert run("reidentify", "urn:x:1", "urn:x:2").exit_code == 2
    assert not publication.settings.store_file.exists()
