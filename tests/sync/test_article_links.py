"""Links from one article to the file of another: they lead to its address, and follow it."""

import unicodedata
from datetime import timedelta
from typing import Literal

import pytest

from feedsvc.model import Article
from feedsvc.sync import Report, parallel
from tests.conftest import SITE_TOML, Publication
from tests.sync.looks import feed
from tests.sync.test_check_says_what_sync_does import said_by_check

BASE = "https://example.org/articles"


def content(publication: Publication, slug: str) -> str:
    """An article's content as the store has it."""
    with publication.store.read() as snapshot:
        article = snapshot.slugs.at(slug)
    return str(getattr(article, "content", ""))


def messages(report: Report) -> list[str]:
    return [str(each) for each in report.problems]


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("[x](other.md)", "other"),
        ("[x](./other.md)", "other"),
        ("[x](other.md#part)", "other#c-part"),
        ("[x](../old/deep.md)", "deep"),
        ("[x](bundle/)", "bundle"),
        ("[x](bundle/index.md)", "bundle"),
        ("[x](<two words.md>)", "two-words"),
        ("[x](two%20words.md)", "two-words"),
        ("[x](two words.md)", "two-words"),
        ("[x](named.md)", "another-name"),
        ("[x](推論.md)", "%E6%8E%A8%E8%AB%96"),
        ("[x](%E6%8E%A8%E8%AB%96.md)", "%E6%8E%A8%E8%AB%96"),
        ('<a href="other.md">x</a>', "other"),
    ],
)
def test_a_link_to_a_file_leads_to_the_articles_address(publication: Publication, written: str, address: str) -> None:
    publication.article("new/other", "# Part")
    publication.article("old/deep")
    publication.article("new/bundle/index", title="bundle")
    publication.article("new/two words", title="two")
    publication.article("new/named", slug="another-name")
    publication.article("new/推論")
    publication.article("new/linking", written)
    assert messages(publication.sync()) == []
    assert f'<a href="{BASE}/{address}" rel="noopener">x</a>' in content(publication, "linking")
    for suffix in ("atom", "rss", "json"):
        assert f"{BASE}/{address}".encode() in feed(publication, suffix=suffix)


def test_a_link_to_a_file_that_is_not_there_is_a_warning_and_its_text_stays(publication: Publication) -> None:
    publication.article("other")
    publication.article("linking", "One.\n\n[the text](othr.md), [y](none/z.md)")
    assert messages(publication.sync()) == [
        (
            "articles/linking.md:8: warning: links to 'othr.md', which is not there (did you mean 'other.md'?); "
            "its text stays without a link"
        ),
        (
            "articles/linking.md:8: warning: links to 'none/z.md', which is not there (check its name); "
            "its text stays without a link"
        ),
    ]
    assert content(publication, "linking") == "<p>One.</p>\n<p>the text, y</p>"


@pytest.mark.parametrize("in_store", [True, False])
@pytest.mark.parametrize(
    ("written", "name", "cure"),
    [
        ("[x](wafer.md)", "wafer.md", "why-not-cut.md"),
        ("[x](../in/wafer.md#part)", "../in/wafer.md", "why-not-cut.md"),
        ("[x](wafer/index.md)", "wafer/index.md", "why-not-cut.md"),
        ("[[wafer|x]]", "wafer", "[[why-not-cut]]"),
        ("[[in/Wafer|x]]", "in/Wafer", "[[why-not-cut]]"),
        ("[x](../moved.md)", "../moved.md", "../far/moved.md"),
    ],
)
def test_a_link_to_a_former_name_names_the_present_one(
    publication: Publication, written: str, name: str, cure: str, in_store: bool
) -> None:
    """Of two files with similar names, the one whose article has the old name as an alias is meant."""
    publication.write("site.toml", f"wikilinks = true\n{SITE_TOML}")
    publication.article("in/wafer-en")
    publication.article("in/why-not-cut", aliases="[wafer, Wafer]")
    publication.article("far/moved")
    if in_store:
        publication.sync()
    publication.article("in/linking", f"One.\n\n{written}")
    said = f"articles/in/linking.md:8: warning: links to {name!r}, which is not there (write {cure}); "
    assert said_by_check(publication) == [f"{said}its text stays without a link"]
    assert messages(publication.sync()) == [f"{said}its text stays without a link"]


def test_a_link_follows_its_target(publication: Publication) -> None:
    """It is renamed, becomes a draft, goes and comes back; the linking file is not touched."""
    publication.article("linking", "[x](other.md)")
    publication.sync()
    assert "href" not in content(publication, "linking")
    publication.article("other")
    publication.sync()
    assert f"{BASE}/other" in content(publication, "linking")
    file = publication.article("other", slug="renamed")
    publication.sync()
    assert f"{BASE}/renamed" in content(publication, "linking")
    publication.article("other", slug="renamed", draft="true")
    (line,) = messages(publication.sync())
    assert "'other.md', which is a draft" in line
    assert "href" not in content(publication, "linking")
    publication.article("other")
    assert messages(publication.sync()) == []
    assert f"{BASE}/other" in content(publication, "linking")
    file.unlink()
    (line,) = messages(publication.sync(allow_removals=True))
    assert "'other.md', which is not there" in line
    assert "href" not in content(publication, "linking")


def test_the_watcher_reads_those_that_link_to_what_changed(publication: Publication) -> None:
    """Its scope is what changed, and what asked for it."""
    publication.article("linking", "[x](other.md)")
    publication.sync()
    changed = publication.article("other", slug="named")
    publication.sync(changed=[changed])
    assert f"{BASE}/named" in content(publication, "linking")


def test_a_target_that_is_missing_but_not_given_up_keeps_its_links(publication: Publication) -> None:
    """An editor that writes a file anew deletes it for a moment."""
    publication.article("linking", "[x](other.md)")
    file = publication.article("other")
    publication.sync()
    file.unlink()
    report = publication.sync(counts_as_deleted=lambda _path: False)
    assert not report.changed
    assert f"{BASE}/other" in content(publication, "linking")


def test_a_target_that_breaks_keeps_its_links(publication: Publication) -> None:
    """Its last good version stays up."""
    publication.article("linking", "[x](other.md)")
    publication.article("other")
    publication.sync()
    publication.article("other", published="-")
    publication.sync()
    assert f"{BASE}/other" in content(publication, "linking")


def test_a_link_to_a_scheduled_article_comes_with_it(publication: Publication) -> None:
    publication.article("linking", "[x](other.md)")
    publication.article("other", published=(publication.now + timedelta(minutes=3)).isoformat())
    (line,) = messages(publication.sync())
    assert "'other.md', which is not published yet" in line
    publication.sync()
    assert "href" not in content(publication, "linking")
    publication.sync(changed=[])
    assert f"{BASE}/other" in content(publication, "linking")


def test_links_between_many_new_files_are_found_by_all_processes(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parallel, "PARALLEL_FROM", 4)
    monkeypatch.setattr(parallel, "PORTION", 2)
    monkeypatch.setattr("os.sched_getaffinity", lambda _pid: {0, 1})
    for number in range(12):
        publication.article(f"n{number}", f"[x](n{(number + 5) % 12}.md)", slug=f"s{number}")
    assert messages(publication.sync()) == []
    assert all(f"{BASE}/s{(number + 5) % 12}" in content(publication, f"s{number}") for number in range(12))


@pytest.mark.parametrize(
    ("written", "html"),
    [
        ("[[other]]", f'<a href="{BASE}/named" rel="noopener">other</a>'),
        ("[[Other|the text]]", f'<a href="{BASE}/named" rel="noopener">the text</a>'),
        ("[[deep/other#A Part]]", f'<a href="{BASE}/named#c-a-part" rel="noopener">deep/other#A Part</a>'),
        ("[[束]]", f'<a href="{BASE}/%E6%9D%9F" rel="noopener">束</a>'),
        ("`[[other]]`", "<code>[[other]]</code>"),
    ],
)
def test_wiki_links_find_a_file_by_its_name_where_site_toml_says_so(
    publication: Publication, written: str, html: str
) -> None:
    publication.write("site.toml", f"wikilinks = true\n{SITE_TOML}")
    publication.article("deep/other", "# A part", slug="named")
    publication.article("束/index", title="bundle")
    publication.article("linking", written)
    assert messages(publication.sync()) == []
    assert html in content(publication, "linking")
    publication.write("site.toml", SITE_TOML)
    publication.sync()
    assert "href" not in content(publication, "linking")


def test_a_wiki_link_follows_a_file_that_comes_moves_and_goes(publication: Publication) -> None:
    publication.write("site.toml", f"wikilinks = true\n{SITE_TOML}")
    publication.article("linking", "[[other]]")
    (line,) = messages(publication.sync())
    assert line.startswith("articles/linking.md:6: warning: links to 'other', which is not there (")
    file = publication.article("deep/other")
    publication.sync(changed=[file])
    assert f"{BASE}/other" in content(publication, "linking")
    file.unlink()
    publication.sync(changed=[file], allow_removals=True)
    assert "href" not in content(publication, "linking")


@pytest.mark.parametrize(("on_disk", "in_text"), [("NFD", "NFC"), ("NFC", "NFD")])
def test_names_of_files_are_compared_in_nfc(publication: Publication, on_disk: str, in_text: str) -> None:
    """ "が" is one character or two; systems differ in which they write."""

    def spelt(form: str, name: str) -> str:
        return unicodedata.normalize(form, name)  # type: ignore[arg-type]

    picture = spelt(on_disk, "articles/がぞう/図が.png")
    publication.write(picture, b"one")
    publication.write(spelt(on_disk, "articles/がぞう/ががが.mp3"), b"ID3")
    publication.article(spelt(on_disk, "がぞう/index"), "Text.", title="bundle")
    publication.article(
        "linking",
        spelt(in_text, "![a](がぞう/図が.png) [x](がぞう/) [y](がぞう/index.md) [z](がぞう)"),
        image=spelt(in_text, "がぞう/図が.png"),
        enclosure=spelt(in_text, "がぞう/ががが.mp3"),
        translation_of=spelt(in_text, "がぞう"),
        aliases=f"[{spelt(in_text, 'ぎ')}]",
    )
    assert messages(publication.sync()) == []
    found = content(publication, "linking")
    assert found.count(f"{BASE}/%E3%81%8C%E3%81%9E%E3%81%86") == 3
    before = found.partition('src="')[2].partition('"')[0]
    assert before.startswith("https://example.org/media/")
    changed = publication.write(picture, b"another")
    publication.sync(changed=[changed])
    assert before not in content(publication, "linking")
    with publication.store.read() as snapshot:
        article = snapshot.slugs.at("linking")
    assert isinstance(article, Article)
    assert article.translation_of == "がぞう"
    assert [(each.title, each.length) for each in article.enclosures] == [("ががが.mp3", 3)]
    assert publication.client().get(f"/articles/{spelt(in_text, 'ぎ')}").status_code == 301


def test_of_two_names_that_differ_in_normalization_the_one_in_nfc_is_meant(publication: Publication) -> None:
    forms: tuple[Literal["NFD", "NFC"], ...] = ("NFD", "NFC")
    for form in forms:
        publication.write(unicodedata.normalize(form, "articles/が.png"), form.encode())
        publication.article(unicodedata.normalize(form, "ぎ"), f"{form} ![x](が.png)")
    clash, *warnings = sorted(messages(publication.sync()), key=lambda line: "is already used" not in line)
    assert "their names differ only in Unicode normalization: delete one" in clash
    assert warnings
    assert all("two files are called 'が.png' and differ in Unicode normalization only" in each for each in warnings)
    with publication.store.read() as snapshot:
        article = snapshot.slugs.at("ぎ")
    assert isinstance(article, Article)
    (name,) = article.media
    assert (publication.settings.media_folder / name).read_bytes() == b"NFC"


def test_a_name_in_another_case_gets_a_hint(publication: Publication) -> None:
    publication.write("articles/Photo.PNG", b"x")
    publication.article("one", "Text.\n\n![a](photo.png)")
    (line,) = messages(publication.sync())
    assert line.startswith("articles/one.md:8: warning: no file 'photo.png'")
    assert line.endswith("(did you mean 'Photo.PNG'?)")
