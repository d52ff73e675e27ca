"""Posts of Jekyll: file names with date and slug, permalinks, redirects, and titles that return each week."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from feedsvc.cli.import_command import import_command
from feedsvc.importing.settings import ImportSettings
from tests.conftest import Publication
from tests.importing.conftest import Run, articles, only

BODY = "A new GPU wafer at TSMC, and what the week says of chips."
WEEKLY = (
    "---\nlayout: post\ntitle: Weekly links\n{fields}---\n\nThe week of the {day}: a GPU wafer of semiconductors.\n"
)
NAMES = ("2026-01-05-weekly-links.md", "2026-01-12-weekly-links.md")


def _post(title: str = "晶圓廠開工", fields: str = "") -> str:
    return f"---\nlayout: post\ntitle: {title}\n{fields}---\n\n{BODY}\n"


def _weekly(folder: Path, *fields: str) -> list[Path]:
    """Two posts with one title."""
    folder.mkdir(exist_ok=True)
    files = [folder / name for name in NAMES]
    for file, given in zip(files, fields or ("", ""), strict=True):
        file.write_text(WEEKLY.format(fields=given, day=file.name[8:10]), "utf-8")
    return files


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("2026-02-10-my-first-post.md", "my-first-post"),
        ("2026-02-10-新廠.md", "新廠"),
        ("2026-2-1-a.b.markdown", "a.b"),
        ("2026-02-10.md", ""),
        ("2026-02-10-!.md", ""),
        ("my-first-post.md", ""),
    ],
)
def test_a_dated_file_name_has_the_slug(name: str, slug: str, settings: ImportSettings) -> None:
    assert only(name, _post(), settings).proposed_slug == slug
    assert only(name, f"# A title\n\n{BODY}\n", settings).proposed_slug == slug


@pytest.mark.parametrize(
    ("permalink", "slug", "addresses"),
    [
        ("/2009/08/neue-seite/index.html", "neue-seite", ("/2009/08/neue-seite/index.html",)),
        ("/notes/fab.html", "fab", ("/notes/fab.html",)),
        ("/新聞/晶圓/", "晶圓", ("/新聞/晶圓",)),
        ("/:year/:title/", "post", ()),
    ],
)
def test_a_permalink_is_an_old_address_and_has_the_slug(
    permalink: str, slug: str, addresses: tuple[str, ...], settings: ImportSettings
) -> None:
    draft = only("2026-02-10-post.md", _post(fields=f"permalink: {permalink}\n"), settings)
    assert (draft.proposed_slug, draft.old_addresses) == (slug, addresses)


def test_redirects_stand_beside_aliases(settings: ImportSettings) -> None:
    fields = "aliases: [/a/]\nredirect_from:\n  - /old/new-fab/\n  - https://old.example/?p=7\n  - /\n"
    draft = only("post.md", _post(fields=fields), settings)
    assert (draft.aliases, draft.old_addresses) == (("/a",), ("/old/new-fab", "/?p=7"))
    assert any(note.startswith("redirect_from: '/' was left out: ") for note in draft.notes)


def test_other_names_of_fields_are_read(settings: ImportSettings) -> None:
    fields = (
        "last_modified_at: 2026-02-11\nheroImage: https://old.example/a.jpg\ncanonical_url: https://old.example/plant\n"
    )
    draft = only("2026-02-10-post.md", _post(fields=fields), settings)
    assert draft.updated is not None
    assert draft.image is not None
    assert (draft.canonical, draft.image.url) == ("https://old.example/plant", "https://old.example/a.jpg")


def _import(publication: Publication, *names: Path) -> Result:
    words = [*map(str, names), "--topic", "chips", "--content", str(publication.settings.content)]
    return CliRunner().invoke(import_command, words, catch_exceptions=False)


def test_old_addresses_of_a_post_lead_to_it(publication: Publication) -> None:
    post = publication.root / "2026-02-10-new-fab.md"
    post.write_text(_post(fields="permalink: /2026/fab/index.html\nredirect_from: /old/fab/\n"), "utf-8")
    assert _import(publication, post).exit_code == 0
    assert publication.sync().set_aside == []
    client = publication.client()
    for address in ("/2026/fab/index.html", "/old/fab/"):
        answer = client.get(address)
        assert (address, answer.status_code) == (address, 301)
        assert answer.headers["Location"] == "https://example.org/articles/fab"
    (item,) = json.loads(client.get("/feeds/all.json").data)["items"]
    assert (item["title"], item["date_published"][:10]) == ("晶圓廠開工", "2026-02-10")


@pytest.mark.parametrize(
    "fields",
    [
        ("", ""),
        (
            "date: 2026-01-05\ncanonical_url: https://o.example/1\n",
            "date: 2026-01-05\ncanonical_url: https://o.example/2\n",
        ),
    ],
    ids=["dates", "canonicals"],
)
def test_one_title_twice_is_two_articles(fields: tuple[str, str], run: Run, content: Path, tmp_path: Path) -> None:
    files = _weekly(tmp_path / "posts", *fields)
    assert run(*files, "--topic", "chips").exit_code == 0
    written = articles(content)
    assert [each.name for each in written] == ["weekly-links-2.md", "weekly-links.md"]
    before = [each.read_bytes() for each in written]
    # The same posts again, in any order, are the same articles.
    again = run(*reversed(files), "--topic", "chips")
    assert (again.exit_code, [each.read_bytes() for each in articles(content)]) == (0, before)


@pytest.mark.parametrize(
    "fields",
    [
        # The source names the article.
        ("slug: weekly-links\n", "slug: weekly-links\n"),
        ("canonical_url: https://o.example/1\n", "canonical_url: https://o.example/1\n"),
        ("date: 2026-01-05 09:00\n", "date: 2026-01-05 18:00\n"),
    ],
    ids=["slug", "canonical", "day"],
)
def test_a_changed_article_is_still_the_same(fields: tuple[str, str], run: Run, content: Path, tmp_path: Path) -> None:
    result = run(*_weekly(tmp_path / "posts", *fields), "--topic", "chips")
    assert (result.exit_code, len(articles(content))) == (1, 1)
    assert "weekly-links.md differs in" in result.stderr
