"""`feedsvc forget`: a legal takedown. Nothing of the text stays in the store's files; the tombstone and 410 do."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from feedsvc.store import Store
from tests.cli.conftest import Run
from tests.conftest import Publication
from tests.sync.looks import feed, status, tombstones
from tests.sync.test_identity import tag

SECRETS = ("Zyxwvutitle", "誹謗中傷之標題", "Qqsummaryqq", "Xxbodywordxx", "違法內容全文")


def _remains(publication: Publication) -> list[str]:
    """The words that stand anywhere in the files of the store and in the media folder."""
    folder = publication.settings.store_file.parent
    found = b"".join(each.read_bytes() for each in sorted(folder.rglob("*")) if each.is_file())
    return [word for word in SECRETS if word.encode() in found or word.lower().encode() in found]


@pytest.fixture
def removed(publication: Publication) -> Publication:
    """A publication whose article with the secrets was published and is removed; `other` stays."""
    publication.article("other", body="Other text. " * 50)
    publication.write("articles/secret.png", b"\x89PNG\r\n\x1a\n" + b"Xxbodywordxx" * 9)
    file = publication.article(
        "secret",
        title="Zyxwvutitle 誹謗中傷之標題",
        summary="Qqsummaryqq",
        body="Xxbodywordxx 違法內容全文。\n\n![](secret.png)\n\n" + "More text. " * 2000,
    )
    publication.sync()
    publication.article("secret", title="Zyxwvutitle 誹謗中傷之標題", summary="Qqsummaryqq", body="Xxbodywordxx again")
    publication.sync()
    file.unlink()
    publication.sync()
    return publication


def test_nothing_of_the_text_stays_and_the_tombstone_does(removed: Publication, run: Run) -> None:
    assert _remains(removed)
    with removed.store.read() as reader:
        cursor = reader.commit()
    result = run("forget", tag("secret"))
    assert result.exit_code == 0, result.output
    assert "title, summary and text are removed; the tombstone and 410 stay" in result.output
    assert _remains(removed) == []
    assert (status(removed, "secret"), tombstones(removed)) == (410, 1)
    assert removed.client().get("/feeds/all.atom?q=違法內容").data.count(b"<entry") == 0
    assert removed.client().get("/feeds/all.atom?q=other").data.count(b"<entry") == 1
    with removed.store.read() as reader:
        assert reader.commit() >= cursor
    assert b"Other text" in feed(removed)
    removed.article("later")
    assert removed.sync().added == ("later",)


def test_tags_and_authors_of_its_own_go_and_the_cursors_of_scripts_go_on(publication: Publication, run: Run) -> None:
    """A name may be what has to go. Those that other articles have are theirs, too."""
    publication.now = datetime(2026, 10, 25, tzinfo=UTC)
    publication.article("other", tags="[kept]", authors="[Everybody]")
    file = publication.article("secret", tags="[kept, Zyxwvutitle]", authors="[Qqsummaryqq, Everybody]")
    publication.sync()
    publication.now = datetime(2026, 11, 2, tzinfo=UTC)  # A period closes, which logs the facets of its articles.
    publication.sync()
    changes = json.loads(feed(publication, suffix="json"))["_feedsvc"]["changes_url"].removeprefix(
        "https://example.org"
    )
    file.unlink()
    publication.sync()
    client = publication.client()
    own = ("/feeds/all.atom?tag=Zyxwvutitle", "/feeds/all.atom?author=Qqsummaryqq")
    assert [client.get(path).status_code for path in own] == [200, 200]
    assert run("forget", tag("secret")).exit_code == 0
    assert _remains(publication) == []
    assert [client.get(path).status_code for path in own] == [400, 400]
    assert client.get("/feeds/all.atom?tag=kept&author=Everybody").data.count(b"<entry") == 1
    assert [each["id"] for each in json.loads(client.get(changes).data)["_feedsvc"]["removed"]] == [tag("secret")]
    assert tombstones(publication, "chips") == 1


def test_a_file_that_still_publishes_it_is_named(publication: Publication, run: Run) -> None:
    """A sync would bring it back."""
    publication.article("a")
    publication.sync()
    result = run("forget", tag("a"))
    assert result.exit_code == 2
    assert result.output.startswith(f"feedsvc: articles/a.md publishes '{tag('a')}' (delete the file, run feedsvc sync")
    assert status(publication, "a") == 200


def test_an_id_that_never_was_is_named(publication: Publication, run: Run) -> None:
    publication.article("a")
    publication.sync()
    result = run("forget", "urn:x:1")
    assert (result.exit_code, "no article that was public has or had the id 'urn:x:1'" in result.output) == (2, True)


def test_copies_from_before_a_migration_are_named(removed: Publication, run: Run) -> None:
    """Only the operator knows whether they are still wanted."""
    copy = Path(f"{removed.settings.store_file}.schema-2")
    copy.write_bytes(b"")
    assert f"{copy} may still hold them" in run("forget", tag("secret")).output


def test_the_store_of_a_preview_and_what_a_killed_command_left_are_named(removed: Publication, run: Run) -> None:
    folder = removed.settings.store_file.parent
    for name in ("drafts/store.sqlite3", ".new-publication-x/store.sqlite3"):
        (folder / name).parent.mkdir()
        (folder / name).touch()
    output = run("forget", tag("secret")).output
    assert f"{folder / 'drafts/store.sqlite3'} may still hold them" in output
    assert f"{folder / '.new-publication-x'} may still hold them" in output


def test_a_reader_that_keeps_the_old_state_is_told(
    removed: Publication, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The WAL cannot be emptied while a snapshot needs it."""
    monkeypatch.setattr("feedsvc.store.sqlite.erasure.BUSY_SECONDS", 0.1)
    reader = Store(removed.settings.store_file)
    with reader.read() as snapshot:
        snapshot.site()
        result = run("forget", tag("secret"))
    reader.close()
    assert (result.exit_code, "run the command again" in result.output) == (2, True)
    assert run("forget", tag("secret")).exit_code == 0
    assert _remains(removed) == []


def test_what_was_only_scheduled_is_erased_though_no_log_knows_it(publication: Publication, run: Run) -> None:
    """It was never public, so there is no tombstone; the text must not stay in free pages of the store."""
    publication.article("other")
    file = publication.article("secret", "Xxbodywordxx " * 500, title="Zyxwvutitle", published="2027-01-01 10:00")
    publication.sync()
    assert run("forget", tag("secret")).output.startswith("feedsvc: articles/secret.md publishes")
    file.unlink()
    publication.sync()
    assert _remains(publication)
    result = run("forget", tag("secret"))
    assert (result.exit_code, _remains(publication)) == (2, [])
    assert "for one that was only scheduled delete its file, run feedsvc sync, then this command" in result.output


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("secret", {"draft": "true"}),
        ("secret", {"expires": "2026-10-20"}),
        ("moved", {"draft": "true", "slug": "secret"}),
        ("moved", {"draft": "true", "id": tag("secret")}),
        ("_drafts/secret", {}),
        ("_archive/x/secret/index", {}),
    ],
)
def test_a_file_that_still_holds_it_is_named(
    publication: Publication, run: Run, name: str, fields: dict[str, str]
) -> None:
    """A draft publishes nothing now, and would bring the text back."""
    publication.article("other")
    file = publication.article("secret", "Xxbodywordxx")
    publication.sync()
    file.unlink()
    publication.article(name, "Xxbodywordxx", **fields)
    publication.sync()
    result = run("forget", tag("secret"))
    assert (result.exit_code, f"articles/{name}.md still stands in the content folder" in result.output) == (0, True)
    assert "other.md" not in result.output


def test_copies_of_it_in_the_content_folder_are_named(publication: Publication, run: Run) -> None:
    publication.article("secret", "Xxbodywordxx", title="T")
    publication.sync()
    publication.article("other", "Xxbodywordxx", title="T")
    publication.article("secret", "Xxbodywordxx", title="T", draft="true")
    publication.sync()
    output = run("forget", tag("secret")).output
    assert all(f"articles/{name}.md still stands in the content folder" in output for name in ("secret", "other"))


def test_another_article_at_the_same_address_is_not_named(removed: Publication, run: Run) -> None:
    removed.article("secret", "Another text.", title="Another", id="urn:x:2")
    removed.write("articles/broken.md", "no front matter")
    removed.sync()
    assert "still stands" not in run("forget", tag("secret")).output
