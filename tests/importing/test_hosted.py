"""The exports of Substack and Medium: what is not for the public, damaged exports, and the archive as its folder."""

import shutil
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from feedsvc.importing.draft import Draft, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside, FolderFiles
from tests.importing.archives import PNG, zipped
from tests.importing.conftest import Run, articles, only

EXPORTS = Path(__file__).with_name("exports")
HEAD = "post_id,post_date,is_published,email_sent_at,inbox_sent_at,type,audience,title,subtitle,podcast_url\n"
TEXT = "<p>The wafer plant made its first GPU chips.</p>"


@pytest.mark.parametrize("system", ["ghost", "substack", "medium"])
def test_an_archive_gives_what_its_folder_gives(run: Run, content: Path, tmp_path: Path, system: str) -> None:
    words = ("--topic", "chips", "--published", "2026-01-06")
    folder = EXPORTS / system
    files = {each.relative_to(folder).as_posix(): each.read_bytes() for each in folder.rglob("*") if each.is_file()}
    assert run(zipped(tmp_path / "export.zip", files), *words).exit_code == 0
    from_zip = {each.relative_to(content): each.read_bytes() for each in (content / "articles").rglob("*.*")}
    shutil.rmtree(content / "articles")
    assert run(folder, *words).exit_code == 0
    assert from_zip == {each.relative_to(content): each.read_bytes() for each in (content / "articles").rglob("*.*")}
    assert len(articles(content)) > 3


def _substack(tmp_path: Path, rows: str, files: dict[str, str | bytes]) -> Path:
    return zipped(
        tmp_path / "s.zip", {"posts.csv": HEAD + rows, **{f"posts/{key}": each for key, each in files.items()}}
    )


def _anchor(number: int) -> str:
    return f'<a class="footnote-anchor" id="footnote-anchor-{number}" href="#footnote-{number}">{number}</a>'


def _footnote(number: int, text: str) -> str:
    return (
        f'<div class="footnote" data-component-name="FootnoteToDOM"><a id="footnote-{number}" class="footnote-number" '
        f'href="#footnote-anchor-{number}">{number}</a><div class="footnote-content"><p>{text}</p></div></div>'
    )


def test_footnotes_of_substack_are_footnotes(run: Run, content: Path, tmp_path: Path) -> None:
    """Those behind a paywall are not read, and a number without its text is named."""
    text = f"<p>The wafer{_anchor(1)} and the chip{_anchor(2)} are GPU parts.</p>{_footnote(1, 'A <em>disc</em>.')}"
    rows = "1.a,2026-01-01T00:00:00Z,true,,,newsletter,everyone,Wafer chips GPU,,\n"
    result = run(
        _substack(tmp_path, rows, {"1.a.html": f'{text}<div class="paywall-jump"></div>{_footnote(2, "SECRET")}'})
    )
    (article,) = articles(content)
    written = article.read_text("utf-8")
    assert "The wafer[^1] and the chip are GPU parts." in written
    assert "[^1]: A *disc*." in written
    assert "SECRET" not in written
    assert "footnotes: one has no text in the export" in result.stderr


@pytest.mark.parametrize("published", ["true", "false", "", "TRUE", "yes", "???"])
def test_only_what_everybody_may_read_is_public(tmp_path: Path, settings: ImportSettings, published: str) -> None:
    (tmp_path / "posts").mkdir()
    beside = FilesBeside(FolderFiles(tmp_path), "posts")
    audiences = ("everyone", "only_paid", "only_free", "founding", "", "others")
    for number, (audience, kind) in enumerate(
        product(audiences, ("newsletter", "podcast", "thread", "adhoc_email", ""))
    ):
        row = f"1.a,2026-01-0{number % 9 + 1},{published},,,{kind},{audience},T,,\n"
        (tmp_path / "posts.csv").write_text(HEAD + row)
        (draft,) = read_items("posts/1.a.html", TEXT.encode(), settings, None, beside)
        assert isinstance(draft, Draft)
        is_public = (
            published.lower() == "true" and audience == "everyone" and kind in ("newsletter", "podcast", "thread")
        )
        assert draft.is_draft is not is_public
        assert bool(draft.notes) is not is_public


@pytest.mark.parametrize("part", ['<div data-dynamic-audiences="sub">{}</div>', '<div class="paywall-jump"></div>{}'])
def test_a_part_for_members_within_an_element_without_an_end_is_left_out(
    tmp_path: Path, settings: ImportSettings, part: str
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts.csv").write_text(HEAD + "1.a,2026-01-01,true,,,newsletter,everyone,T,,\n")
    beside = FilesBeside(FolderFiles(tmp_path), "posts")
    for opening, is_hidden in (("", False), ("<textarea>", True), ("<!--", True)):
        html = f"{TEXT}{opening}{part.format('<p>Members know.</p>')}{TEXT}"
        (draft,) = read_items("posts/1.a.html", html.encode(), settings, None, beside)
        assert isinstance(draft, Draft)
        assert "first GPU chips" in draft.body
        assert "Members know" not in draft.body
        assert any("an element without an end" in each for each in draft.notes) is is_hidden


def test_a_part_that_the_parser_gives_twice_does_not_stand_for_a_lost_one(
    tmp_path: Path, settings: ImportSettings
) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts.csv").write_text(HEAD + "1.a,2026-01-01,true,,,newsletter,everyone,T,,\n")
    # <b> is opened again, with the paywall in it; the first tag ends a comment.
    html = f"{TEXT}<math><mi><b></math><![CDATA[<div data-dynamic-audiences=''>Members know.</div><p></p>"
    html += '<div class="paywall-jump"></div><p>Members know.</p>'
    beside = FilesBeside(FolderFiles(tmp_path), "posts")
    (draft,) = read_items("posts/1.a.html", html.encode(), settings, None, beside)
    assert isinstance(draft, Draft)
    assert "first GPU chips" in draft.body
    assert "Members know" not in draft.body


def test_a_draft_without_a_date_is_not_lost(run: Run, content: Path, tmp_path: Path) -> None:
    path = _substack(tmp_path, "1.a,,false,,,newsletter,everyone,Wafer chips GPU,,\n", {"1.a.html": TEXT})
    result = run(path)
    assert result.exit_code == 0
    assert "published: a draft without a date got the time of the import" in result.stderr
    story = tmp_path / "draft_x.html"
    story.write_text(MEDIUM.replace("dt-published", "other"), "utf-8")
    assert run(story, "--topic", "chips").exit_code == 0
    assert len(articles(content)) == 2
    assert all("\ndraft: true\n" in each.read_text("utf-8") for each in articles(content))


def test_a_text_without_a_row_is_set_aside_and_a_row_without_a_text_is_named(
    run: Run, content: Path, tmp_path: Path
) -> None:
    result = run(_substack(tmp_path, '7.gone,2026-01-01,true,,,newsletter,everyone,"G",,\n', {"8.new.html": TEXT}))
    assert result.exit_code == 1
    assert "s.zip/posts.csv#7.gone: warning: has no text: posts/7.gone.html is missing" in result.stderr
    assert "s.zip/posts/8.new.html: posts.csv does not have this post, so nothing says whether it is" in result.stderr
    assert articles(content) == []


@pytest.mark.parametrize("table", [b"a,b\n1,2\n", b"", b"\xff\xfe"])
def test_another_table_of_that_name_is_no_export(run: Run, tmp_path: Path, table: bytes) -> None:
    result = run(zipped(tmp_path / "s.zip", {"posts.csv": table}))
    assert result.exit_code == 0
    assert "s.zip/posts.csv: warning: no list of the posts of a Substack, left out" in result.stderr


def test_a_table_in_excels_form_and_names_with_commas(run: Run, content: Path, tmp_path: Path) -> None:
    row = '1,2026-01-01T00:00:00Z,true,,,newsletter,everyone,"Wafer, ""first""\nGPU chips",,\n'
    path = zipped(tmp_path / "s.zip", {"posts.csv": f"\ufeff{HEAD}{row}".replace("\n", "\r\n"), "posts/1.html": TEXT})
    assert run(path).exit_code == 0
    (article,) = articles(content)
    assert 'title: Wafer, "first" GPU chips' in article.read_text("utf-8")
    assert "aliases" not in article.read_text("utf-8")


def test_pictures_beside_a_post_go_into_its_bundle(run: Run, content: Path, tmp_path: Path) -> None:
    row = "1.a,2026-01-01T00:00:00Z,true,,,newsletter,everyone,Wafer chips GPU,,\n"
    assert run(_substack(tmp_path, row, {"1.a.html": f"{TEXT}<img src='i/a.png'>", "i/a.png": PNG})).exit_code == 0
    (article,) = articles(content)
    assert article.with_name("a.png").read_bytes() == PNG


PAYWALLS = [
    '<div class="paywall-jump" data-component-name="PaywallToDOM"></div>',
    "<div data-component-name='PaywallToDOM'></div>",
    "<P CLASS=Paywall>",
    '<div><p>before</p><span class="x paywall-jump"></span> SECRET</div>',
]


@pytest.mark.parametrize("paywall", PAYWALLS)
def test_what_follows_the_paywall_is_left_out(tmp_path: Path, settings: ImportSettings, paywall: str) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts.csv").write_text(HEAD + "1.a,2026-01-01,true,,,newsletter,everyone,T,,\n")
    beside = FilesBeside(FolderFiles(tmp_path), "posts")
    html = f"<div>{TEXT}{paywall}<p>SECRET</p></div><p>SECRET</p>"
    (draft,) = read_items("posts/1.a.html", html.encode(), settings, None, beside)
    assert isinstance(draft, Draft)
    assert "SECRET" not in draft.body
    assert "wafer plant" in draft.body
    assert draft.notes == ("what follows the paywall is for members only, and is left out (paste it)",)


MEDIUM = (EXPORTS / "medium" / "posts" / "2026-01-03_Chips-elsewhere-bbbbccccdddd.html").read_text("utf-8")


@pytest.mark.parametrize("name", ["draft_x.html", "x.html", "posts/draft_x-1.html", "x.zip/posts/draft_x.html"])
def test_a_draft_of_medium_is_one(name: str, settings: ImportSettings) -> None:
    without_date = MEDIUM.replace("dt-published", "other")
    assert only(name, without_date, settings).is_draft
    assert only(name, MEDIUM, settings).is_draft is ("draft_" in name)


@pytest.mark.parametrize("footer", ["<p>Unlisted</p>", '<a href="https://medium.com/p/x?sk=a1">Friend link</a>'])
def test_an_unlisted_story_of_medium_is_a_draft(footer: str, settings: ImportSettings) -> None:
    draft = only("x.html", MEDIUM.replace("</footer>", f"{footer}</footer>"), settings)
    assert draft.is_draft
    assert draft.notes == ("Medium exports it as unlisted: made a draft (remove draft: true to publish it)",)
    assert not only("x.html", MEDIUM.replace("</p>", " An unlisted company.</p>", 1), settings).is_draft


def test_a_story_with_links_within_keeps_their_targets(settings: ImportSettings) -> None:
    html = MEDIUM.replace('<p name="a1" id="a1"', '<p><a href="#a1">down</a></p><p name="a1" id="a1"')
    draft = only("x.html", html, settings)
    assert 'id="c-a1"' in draft.body
    assert draft.link == draft.canonical == "https://partner.example/chips"


@pytest.mark.parametrize(("host", "has_canonical"), [("medium.com/@kim", False), ("kim.medium.com", False)])
def test_an_address_of_medium_is_not_canonical(host: str, has_canonical: bool, settings: ImportSettings) -> None:
    draft = only(
        "x.html", MEDIUM.replace("https://partner.example/chips", f"https://{host}/a-b-0123456789ab"), settings
    )
    assert (draft.canonical is not None) is has_canonical
    assert draft.link == f"https://{host}/a-b-0123456789ab"
    assert (draft.slug, draft.old_addresses) == ("a-b", ())


def test_a_short_story_without_a_title_is_reported(settings: ImportSettings) -> None:
    without = (
        MEDIUM.replace("graf--h3", "graf--p").replace("graf--title", "").replace("<h3", "<p").replace("</h3", "</p")
    )
    items = list(read_items("x.html", without.encode(), settings))
    assert SkippedEntry("x.html", "response") in items
    assert len(items) == 2


def test_a_page_about_medium_is_a_page_unless_the_system_is_named(settings: ImportSettings) -> None:
    page = MEDIUM.replace("Exported from", "Read on")
    assert only("x.html", page, settings).id is None
    assert only("x.html", page, replace(settings, system="medium")).id == "https://medium.com/p/bbbbccccdddd"


def test_a_text_of_substack_alone_is_set_aside_if_the_system_is_named(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "1.a.html"
    path.write_text(TEXT)
    result = run(path, "--from", "substack", "--published", "2026-01-01", "--topic", "chips")
    assert result.exit_code == 1
    assert "1.a.html: no posts.csv is in the folder above, which says whether it is public" in result.stderr
    assert articles(content) == []
