"""An id is for ever, and so is every address an article had (promises 4 and 8)."""

from tests.conftest import Publication
from tests.sync.looks import feed, status, titles, tombstones


def _leads_to(publication: Publication, slug: str) -> str:
    answer = publication.client().get(f"/articles/{slug}")
    assert answer.status_code == 301
    return answer.headers["Location"]


def test_renamed_with_an_alias_keeps_id_and_address(publication: Publication) -> None:
    file = publication.article("old", title="T")
    publication.sync()
    file.unlink()
    publication.article("new", title="T", aliases="[old]")
    report = publication.sync()
    assert (report.added, report.changed, report.removed) == ((), ("T",), ())
    assert _leads_to(publication, "old") == "https://example.org/articles/new"
    assert b"<id>tag:example.org,2026:old</id>" in feed(publication)
    assert tombstones(publication) == 0


def test_renamed_with_an_explicit_id_keeps_its_old_address(publication: Publication) -> None:
    file = publication.article("old", id="urn:x:1")
    publication.sync()
    file.rename(file.with_name("new.md"))
    assert publication.sync().changed == ("old",)
    assert _leads_to(publication, "old") == "https://example.org/articles/new"
    file.with_name("new.md").rename(file.with_name("newest.md"))
    publication.sync()
    for slug in ("old", "new"):
        assert _leads_to(publication, slug) == "https://example.org/articles/newest"


def test_renamed_with_another_text_and_no_alias_is_another_article(publication: Publication) -> None:
    file = publication.article("old", title="T")
    publication.sync()
    file.unlink()
    publication.article("new", "Another text.", title="T")
    report = publication.sync()
    assert (report.added, report.removed, report.renamed) == (("T",), ("T",), ())
    assert status(publication, "old") == 410
    assert status(publication, "new") == 200


def test_moved_to_another_folder_is_the_same_article(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    folder = file.parent / "2026"
    folder.mkdir()
    file.rename(folder / "one.md")
    report = publication.sync()
    assert report.quiet
    assert not report.problems


def test_made_a_bundle_is_the_same_article(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    folder = file.with_suffix("")
    folder.mkdir()
    file.rename(folder / "index.md")
    assert publication.sync().quiet


def test_two_files_swap_their_slugs(publication: Publication) -> None:
    for name, slug in (("a", "one"), ("b", "two")):
        publication.article(name, id=f"urn:x:{name}", slug=slug)
    publication.sync()
    for name, slug in (("a", "two"), ("b", "one")):
        publication.article(name, id=f"urn:x:{name}", slug=slug)
    report = publication.sync()
    assert sorted(report.changed) == ["a", "b"]
    assert not report.problems
    client = publication.client()
    assert "<h1>b</h1>" in client.get("/articles/one").text.replace(' class="p-name"', "")
    assert "<h1>a</h1>" in client.get("/articles/two").text.replace(' class="p-name"', "")


def test_two_files_swap_their_names(publication: Publication) -> None:
    files = [publication.article(name, id=f"urn:x:{name}") for name in ("a", "b")]
    publication.sync()
    texts = [file.read_bytes() for file in files]
    for file, text in zip(files, reversed(texts), strict=True):
        file.write_bytes(text)
    report = publication.sync()
    assert sorted(report.changed) == ["a", "b"]
    assert not report.problems


def test_an_address_left_behind_may_be_taken(publication: Publication) -> None:
    file = publication.article("old", id="urn:x:1", title="First")
    publication.sync()
    file.rename(file.with_name("new.md"))
    publication.sync()
    publication.article("old", title="Second")
    assert publication.sync().added == ("Second",)
    assert status(publication, "old") == 200
    assert titles(publication) == ["Second", "First"]


def test_an_alias_of_a_removed_article_is_gone(publication: Publication) -> None:
    file = publication.article("new", aliases="[old]")
    publication.sync()
    file.unlink()
    publication.sync()
    assert [status(publication, slug) for slug in ("new", "old")] == [410, 410]


def test_moving_house_changes_no_id(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    file = publication.settings.content / "site.toml"
    file.write_text(file.read_text().replace("https://example.org", "https://elsewhere.example"))
    publication.sync()
    assert b"<id>tag:example.org,2026:one</id>" in feed(publication)
    assert b"https://elsewhere.example/articles/one" in feed(publication)
    assert b"https://example.org" not in feed(publication)
