"""A store does not take over another publication; a new one begins without a trace of the former one."""

from pathlib import Path

import pytest

from feedsvc.errors import OtherPublication
from feedsvc.store import Store
from tests.cli.conftest import Run, process, run
from tests.conftest import SITE_TOML, Publication
from tests.live import Server, wait_for
from tests.sync.looks import feed, rows, status, titles, tombstones

__all__ = ["run"]

OTHER = SITE_TOML.replace("example.org,2026", "news.example,2026").replace(
    "https://example.org", "https://news.example"
)


def _replace_in_place(publication: Publication, site: str = OTHER) -> None:
    """Publish twelve articles; then have one of another publication, in the same folder."""
    files = [publication.article(f"n{number:02}", f"Text {number}.") for number in range(12)]
    publication.sync()
    for file in files:
        file.unlink()
    publication.write("site.toml", site)
    publication.article("own", "My own text.")


def test_another_tag_authority_is_refused(publication: Publication) -> None:
    """Nothing is written, and the message says what to do in both cases."""
    _replace_in_place(publication)
    before, documents = rows(publication), feed(publication)
    with pytest.raises(OtherPublication) as error:
        publication.sync()
    assert str(error.value) == (
        f"{publication.settings.content / 'site.toml'}: tag_authority is 'news.example,2026', but the store publishes "
        "articles of 'example.org,2026', so nothing is written (if this is another publication: feedsvc sync "
        "--new-publication begins a new store and keeps the old one beside it; if only the domain changed: write "
        'tag_authority = "example.org,2026" again and change base_url alone, since ids do not depend on the address, '
        "or run feedsvc sync --same-publication: published articles keep their ids, new ones get the new "
        "tag_authority)"
    )
    assert (rows(publication), feed(publication)) == (before, documents)


def test_the_tag_authority_of_the_sample_is_refused(publication: Publication, run: Run) -> None:
    """Whoever edits the sample into a publication of their own must not publish ids of the sample."""
    publication.write("site.toml", f"sample = true\n{SITE_TOML}")
    publication.article("one")
    publication.sync()
    publication.write("site.toml", f"sample = false\n{SITE_TOML}")
    with pytest.raises(OtherPublication, match=r"tag_authority is still .example\.org,2026"):
        publication.sync()
    assert "tag_authority: 'example.org,2026' is an example" in run("check").stdout
    publication.write("site.toml", f"sample = true\n{SITE_TOML}")
    assert publication.sync().is_unchanged


def test_a_store_without_articles_takes_any_publication(publication: Publication) -> None:
    publication.sync()
    publication.write("site.toml", OTHER)
    publication.article("own")
    assert publication.sync().added == ("own",)


def test_removed_articles_count_too(publication: Publication) -> None:
    publication.article("one")
    publication.sync()
    (publication.settings.content / "articles/one.md").unlink()
    publication.sync()
    assert titles(publication) == []
    publication.write("site.toml", OTHER)
    with pytest.raises(OtherPublication):
        publication.sync()


@pytest.mark.in_a_file
@pytest.mark.parametrize("site", [OTHER, SITE_TOML])
def test_a_new_publication_has_no_trace_of_the_former_one(publication: Publication, run: Run, site: str) -> None:
    """Also where tag_authority stayed, as that of the sample: the guard against removals names the way out."""
    _replace_in_place(publication, site)
    refused = run("sync")
    assert refused.exit_code == (2 if site == OTHER else 1)
    assert "feedsvc sync --new-publication" in refused.output
    done = run("sync", "--new-publication")
    assert done.exit_code == 0
    kept = publication.settings.store_file.with_name("store.sqlite3.replaced-1")
    assert done.stdout.splitlines() == [
        "+ own",
        "1 added, 0 changed, 0 removed, 0 set aside",
        f"the former publication is kept as {kept} (delete it when all is well)",
    ]
    assert (titles(publication), tombstones(publication)) == (["own"], 0)
    assert b"n00" not in feed(publication)
    assert status(publication, "n00") == 404
    assert "0 added, 0 changed, 0 removed" in run("sync").stdout
    assert not list(publication.settings.store_file.parent.glob(".*"))
    with Store(kept).read() as snapshot:
        assert snapshot.overview().total == 12 + (site == SITE_TOML)


@pytest.mark.in_a_file
def test_what_is_wrong_begins_nothing(publication: Publication, run: Run) -> None:
    _replace_in_place(publication)
    before = rows(publication)
    publication.write("site.toml", "title = 'x'\n")
    assert run("sync", "--new-publication").exit_code == 2
    both = run("sync", "--new-publication", "--same-publication")
    assert "contradict each other" in both.stderr
    assert rows(publication) == before
    assert not list(publication.settings.store_file.parent.glob("*replaced*"))


@pytest.mark.in_a_file
def test_a_new_publication_needs_no_former_one(publication: Publication, run: Run) -> None:
    publication.article("own")
    done = run("sync", "--new-publication")
    assert (done.exit_code, "kept as" in done.stdout) == (0, False)
    assert titles(publication) == ["own"]


@pytest.mark.in_a_file
def test_check_names_the_line(publication: Publication, run: Run) -> None:
    _replace_in_place(publication)
    done = run("check")
    assert done.exit_code == 2
    assert "site.toml:4: tag_authority is 'news.example,2026', but the store publishes" in done.stdout
    run("sync", "--new-publication")
    assert run("check").exit_code == 0


@pytest.mark.in_a_file
def test_serve_goes_on_serving_the_last_good_state(tmp_path: Path) -> None:
    """The message is in the log; one command in another terminal is enough."""
    server = Server(tmp_path)
    try:
        site = server.content / "site.toml"
        site.write_text(site.read_text("utf-8").replace("example.org,2026", "news.example,2026"), "utf-8")
        for file in sorted((server.content / "articles").rglob("*.md")):
            file.unlink()
        text = "---\ntitle: Own\npublished: 2026-10-05 10:00\ntopics: [chips]\n---\nText.\n"
        (server.content / "articles" / "own.md").write_text(text)
        wait_for(lambda: "feedsvc sync --new-publication" in server.log, "the message in the log")
        before = server.read("/feeds/all.atom")
        assert b"tag:example.org,2026:" in before
        assert b"Own" not in before
        done = process("sync", "--new-publication", "--content", str(server.content))
        assert (done.returncode, done.stderr) == (0, "")
        wait_for(lambda: b"Own" in server.read("/feeds/all.atom"), "the new publication")
        after = server.read("/feeds/all.atom")
        assert b"example.org" not in after
        assert b"deleted-entry" not in after
        wait_for(lambda: server.status()[0] == 0, "a sync that succeeds")
        wait_for(lambda: "syncs succeed again" in server.log, "the end of the refusal in the log")
    finally:
        server.end()
