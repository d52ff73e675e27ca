"""A front matter field is one entry of the registry: every part of the service takes it from there."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from lxml import etree

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.field_definition import Field, Shown
from feedsvc.articles.metadata.front_matter_writer import new_file
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.output.article_file import article_file_of
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Article, Enclosure, Person
from tests.conftest import Publication

NOTE = "CC BY 4.0 <Test> & friends"
LICENSE_NOTE = Field(
    name="license_note",
    read=lambda value, _context: fields.text(value),
    is_prose=True,
    is_for_readers=True,
    is_note=True,
    shown=Shown(atom="rights", rss="dc:rights", json="_feedsvc.license_note", page="license"),
    other_names=("rights-note",),
)


@pytest.fixture
def license_note(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The field, for the time of a test."""
    with monkeypatch.context() as patch:
        patch.setitem(FIELDS, LICENSE_NOTE.name, LICENSE_NOTE)
        yield


@pytest.fixture
def licensed(publication: Publication, license_note: None) -> Publication:
    """A publication with one article that has the field."""
    publication.article("a", license_note=f'"{NOTE}"')
    publication.sync()
    return publication


def stored(publication: Publication, slug: str) -> Article:
    with publication.store.read() as snapshot:
        found = snapshot.slugs.at(slug)
    assert isinstance(found, Article)
    return found


@pytest.mark.parametrize(
    ("suffix", "element"),
    [
        ("atom", "<rights>CC BY 4.0 &lt;\u2060Test&gt; &amp; friends</rights>"),
        ("rss", "<dc:rights>CC BY 4.0 &#x3C;\u2060Test&gt; &#x26; friends</dc:rights>"),
    ],
)
def test_a_new_field_is_in_the_xml_formats(suffix: str, element: str, licensed: Publication) -> None:
    document = licensed.client().get(f"/feeds/chips.{suffix}").text
    assert element in document
    assert "<p><small>CC BY 4.0 &lt;Test&gt; &amp; friends</small></p>" in unescape(document)


def test_a_new_field_is_in_json_feed(licensed: Publication) -> None:
    (item,) = json.loads(licensed.client().get("/feeds/chips.json").data)["items"]
    assert item["_feedsvc"]["license_note"] == "CC BY 4.0 <\u2060Test> & friends"
    assert item["content_html"].endswith("<p><small>CC BY 4.0 &lt;Test&gt; &amp; friends</small></p>")


def test_a_new_field_is_on_the_page_and_in_the_store(licensed: Publication) -> None:
    page = licensed.client().get("/articles/a").text
    assert '<p class="license" role="note">CC BY 4.0 &lt;Test&gt; &amp; friends</p>' in page
    assert stored(licensed, "a").extra == {"license_note": NOTE}


def test_a_change_of_a_new_field_is_a_change_of_the_article(licensed: Publication) -> None:
    before = licensed.client().get("/feeds/chips.atom").headers["ETag"]
    licensed.article("a", license_note="CC0")
    licensed.sync()
    assert licensed.client().get("/feeds/chips.atom").headers["ETag"] != before
    assert stored(licensed, "a").extra == {"license_note": "CC0"}


def test_a_field_that_is_no_longer_registered_is_not_shown(licensed: Publication) -> None:
    del FIELDS["license_note"]
    licensed.article("b")
    licensed.sync()
    for path in ("/feeds/chips.atom", "/feeds/chips.rss", "/feeds/chips.json", "/articles/a"):
        assert "CC BY" not in licensed.client().get(path).text


def test_a_new_field_is_checked_by_its_reader(publication: Publication, license_note: None) -> None:
    publication.article("a", license_note="[one, two]")
    publication.article("b", **{"rights-note": "CC0"})
    said = [str(problem) for problem in publication.sync().problems]
    assert any("license_note: must be one text" in each for each in said)
    assert any("rights-note: unknown field (did you mean 'license_note'?)" in each for each in said)


@pytest.mark.parametrize("name", ["license_note", "rights-note"])
@pytest.mark.parametrize("format_", ["yaml", "toml"])
def test_an_import_reads_and_writes_a_new_field(
    name: str, format_: str, settings: ImportSettings, license_note: None
) -> None:
    source = f'---\ntitle: A\npublished: 2026-10-01\ntopics: chips\nlanguage: en\n{name}: "{NOTE}"\n---\nText.\n'
    (draft,) = read_drafts("a.md", source.encode(), settings)
    written = article_file_of(complete(draft, settings, Overrides()), settings.site, format_)
    assert b"license_note" in written.data
    assert written.article.extra == {"license_note": NOTE}
    (again,) = read_drafts("a.md", written.data, settings)
    assert again.extra == draft.extra == {"license_note": NOTE}


def test_a_new_field_is_in_the_files_of_new(monkeypatch: pytest.MonkeyPatch) -> None:
    offered = replace(LICENSE_NOTE, is_in_new_files=True, comment="Under which terms others may use it.")
    monkeypatch.setitem(FIELDS, offered.name, offered)
    written = new_file({"title": "A: b", "published": datetime(2026, 10, 1, 1, tzinfo=UTC)}, ZoneInfo("Asia/Taipei"))
    assert written.decode() == (
        "---\ntitle: 'A: b'\npublished: 2026-10-01 09:00\ntags: []\n"
        "# Under which terms others may use it.\nlicense_note: ''\n---\n\n"
    )


def imported(front: str, settings: ImportSettings) -> Article:
    source = f"---\ntitle: A\npublished: 2026-10-01\nlanguage: en\n{front}\n---\nText.\n"
    (draft,) = read_drafts("a.md", source.encode(), settings)
    return article_file_of(complete(draft, settings, Overrides()), settings.site, "yaml").article


@pytest.mark.parametrize(
    ("front", "field", "value"),
    [
        ("categories: [chips, Hardware]", "topics", ("chips",)),
        ("categories: [chips, Hardware]", "tags", ("Hardware",)),
        ("topics: chips\nCategory: cloud", "topics", ("chips", "cloud")),
        ("category: chips\npermalink: new-name", "slug", "new-name"),
        ("category: chips\npermalink: /2026/01/old.html", "aliases", ("/2026/01/old.html",)),
        ("category: chips\npermalink: /:year/:title/", "aliases", ()),
        ("category: chips\npermalink: /?", "aliases", ()),
        ("category: chips\nguid: urn:x:1", "id", "urn:x:1"),
        ("category: chips\nlast-mod: 2026-10-02", "updated_offset", 480),
        ("category: chips\nkeywords: [a]\ntags: [b]", "tags", ("b", "a")),
    ],
)
def test_an_import_reads_the_names_that_check_knows(
    front: str, field: str, value: object, settings: ImportSettings
) -> None:
    assert getattr(imported(front, settings), field) == value


def test_an_import_reads_a_cover(settings: ImportSettings) -> None:
    article = imported("category: chips\ncover: https://example.com/a.png", settings)
    assert article.image is not None
    assert article.image.url == "https://example.com/a.png"


@pytest.fixture
def complete_article(publication: Publication) -> Publication:
    """An article with a value in each field that is shown, and its original in another language."""
    publication.article("original", language="en")
    publication.article(
        "a",
        published="2026-10-01 09:00",
        updated="2026-10-02 09:00",
        language="zh-Hant",
        summary="Not its first paragraph.",
        tags="[tag]",
        authors="[Somebody]",
        image="https://example.com/a.png",
        enclosure="{url: https://example.com/a.mp3, type: audio/mpeg, length: 1}",
        canonical="https://example.com/first",
        translation_of="original",
        disclosure="Made by hand.",
    )
    publication.sync()
    return publication


@pytest.mark.parametrize("name", [name for name, each in FIELDS.items() if each.shown != Shown()])
def test_each_field_is_shown_where_its_entry_says(name: str, complete_article: Publication) -> None:
    shown = FIELDS[name].shown
    client = complete_article.client()
    for suffix, tag in (("atom", shown.atom), ("rss", shown.rss)):
        entry = client.get(f"/feeds/chips.{suffix}").text.partition("<entry" if suffix == "atom" else "<item>")[2]
        assert f"<{tag}" in entry or f" {tag}=" in entry
    items = json.loads(client.get("/feeds/chips.json").data)["items"]
    (item,) = (each for each in items if each["language"] == "zh-Hant")
    for key in filter(None, shown.json.split(".")):
        assert key in item
        item = item[key]
    assert shown.page in client.get("/articles/a").text


def test_people_and_files_are_written_as_they_are_read() -> None:
    authors, enclosure = FIELDS["authors"], FIELDS["enclosure"]
    people = (Person(name="Ann"), Person(name="Bo", uri="https://bo.example/", email="bo@example.org"))
    files = (
        Enclosure(url="https://a.example/a.mp3", type="audio/mpeg"),
        Enclosure(url="https://a.example/b.mp3", type="audio/mpeg", length=5, title="B"),
    )
    assert authors.write(people) == ["Ann", {"name": "Bo", "uri": "https://bo.example/", "email": "bo@example.org"}]
    assert enclosure.write(files) == [
        {"url": "https://a.example/a.mp3", "type": "audio/mpeg"},
        {"url": "https://a.example/b.mp3", "type": "audio/mpeg", "length": 5, "title": "B"},
    ]
    assert fields.people(authors.write(people)) == people


@pytest.mark.parametrize("suffix", ["atom", "rss"])
def test_a_field_without_an_element_in_a_format_adds_none(
    suffix: str, publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = replace(LICENSE_NOTE, is_note=False, shown=Shown(page="license"))
    monkeypatch.setitem(FIELDS, hidden.name, hidden)
    publication.article("a", license_note="CC0")
    publication.sync()
    document = publication.client().get(f"/feeds/chips.{suffix}").data
    assert b"CC0" not in document
    assert etree.fromstring(document) is not None


def test_a_field_may_have_an_element_of_a_module_in_atom(
    publication: Publication, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = replace(LICENSE_NOTE, is_note=False, shown=Shown(atom="dc:rights"))
    monkeypatch.setitem(FIELDS, own.name, own)
    publication.article("a", license_note=f'"{NOTE}"')
    publication.sync()
    document = etree.fromstring(publication.client().get("/feeds/chips.atom").data)
    (rights,) = document.findall("{*}entry/{http://purl.org/dc/elements/1.1/}rights")
    assert rights.text == "CC BY 4.0 <\u2060Test> & friends"
