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


def test_a_new_file_that_is_like_a_missing_one_is_named(publication: Publication) -> None:
    """Title, date and a third of the text differ: the editor decides."""
    text = " ".join(f"Sentence {number} of a report about chips." for number in range(30))
    other = " ".join(f"Line {number}: nothing is said of that." for number in range(30))
    file = publication.article("old", text)
    publication.article("deleted", other)
    publication.sync()
    publication.article("new", text.replace("Sentence 7 of a", "In the 7th sentence of the"), published="2026-10-02")
    publication.article("else", other[: len(other) // 3], suffix=".html")
    file.unlink()
    (file.parent / "deleted.md").unlink()
    # A watcher removes an article some seconds after it has seen the new file.
    report = publication.sync(counts_as_deleted=lambda _path: False)
    (said,) = (line for line in report.lines() if line.startswith("looks"))
    cure = "(add aliases: [old] there, so that the old address leads to it)"
    assert said == f"looks renamed: articles/old.md -> articles/new.md {cure}"
    report = publication.sync()
    assert (report.lookalikes, len(report.removed)) == ((), 2)
    assert status(publication, "old") == 410
    publication.article("new", text, published="2026-10-02", aliases="[old]")
    publication.sync()
    assert _leads_to(publication, "old") == "https://example.org/articles/new"


def test_the_line_for_a_file_in_toml_that_has_aliases_or_none(publication: Publication) -> None:
    for name in ("a", "b"):
        publication.article(name, title=name.upper())
    publication.sync()
    for name, aliases in (("a", ""), ("b", 'aliases = ["x"]\n')):
        (publication.settings.content / f"articles/{name}.md").unlink()
        front = f'title = "{name.upper()}"\npublished = 2026-10-09\ntopics = ["chips"]\n{aliases}'
        publication.write(f"articles/new-{name}.md", f"+++\n{front}+++\nNew.\n")
    said = [line.partition("(")[2] for line in publication.sync().lines() if line.startswith("looks")]
    assert said == [
        'add aliases = ["a"] there, so that the old address leads to it)',
        "add b to aliases there, so that the old address leads to it)",
    ]


def test_moved_to_another_folder_is_the_same_article(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    folder = file.parent / "2026"
    folder.mkdir()
    file.rename(folder / "one.md")
    report = publication.sync()
    assert report.is_unchanged
    assert not report.problems


def test_made_a_bundle_is_the_same_article(publication: Publication) -> None:
    file = publication.article("one")
    publication.sync()
    folder = file.with_suffix("")
    folder.mkdir()
    file.rename(folder / "index.md")
    assert publication.sync().is_unchanged


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
    assert "<h1>b</h1>" in client.get("/articles/one").text.replace(' class="p-name phrased"', "")
    assert "<h1>a</h1>" in client.get("/articles/two").text.replace(' class="p-name phrased"', "")


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
