"""A field of each kind of value is one entry of the registry, too: texts, a time, a bool, numbers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.field_definition import Field, Shown
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.output.article_file import article_file_of
from feedsvc.importing.preview import preview
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Article, ExtraValue, Localized
from tests.conftest import Publication


@dataclass(frozen=True)
class Kind:
    """An entry, a value as it is written, read and shown, another spelling of it, and a wrong one with its error."""

    field: Field
    written: str
    value: ExtraValue
    texts: tuple[str, ...]
    json: object
    page: str
    other: str
    wrong: str
    error: str


def shown(name: str) -> Shown:
    return Shown(atom=f"dc:{name}", rss=f"dc:{name}", json=f"_feedsvc.{name}", page=f"p-{name}")


KINDS = (
    Kind(
        field=Field(name="places", read=lambda value, _context: fields.texts(value), shown=shown("coverage")),
        written="[Taipei, <Hsinchu>]",
        value=("Taipei", "<Hsinchu>"),
        texts=("Taipei", "&lt;\u2060Hsinchu&gt;"),
        json=["Taipei", "<\u2060Hsinchu>"],
        page='<dt>places</dt>\n<dd><span class="p-coverage" lang="zh-Hant" dir="ltr">Taipei</span>, '
        '<span class="p-coverage" lang="zh-Hant" dir="ltr">&lt;Hsinchu&gt;</span></dd>',
        other="Taipei, <Hsinchu>, Taipei",
        wrong="{a: b}",
        error="must be a list",
    ),
    Kind(
        field=Field(name="event", read=lambda value, context: context.time(value), shown=shown("date")),
        written="2026-12-01 09:30",
        value=datetime(2026, 12, 1, 1, 30, tzinfo=UTC),
        texts=("2026-12-01T01:30:00Z",),
        json="2026-12-01T01:30:00Z",
        page='<dt>event</dt>\n<dd><time class="p-date" datetime="2026-12-01T09:30:00+08:00"',
        other="2026-12-01T01:30:00Z",
        wrong="soon",
        error="'soon'",
    ),
    Kind(
        field=Field(
            name="sponsored",
            read=lambda value, _context: fields.flag(value),
            label=Localized({"en": "Sponsored", "zh-Hant": "贊助"}),
            shown=shown("type"),
        ),
        written="false",
        value=False,
        texts=("false",),
        json=False,
        page='<dt>Sponsored</dt>\n<dd><data class="p-type" value="false">no</data></dd>',
        other="No",
        wrong="perhaps",
        error="'perhaps' is neither yes nor no (write true or false)",
    ),
    Kind(
        field=Field(name="minutes", read=lambda value, _context: fields.number(value), shown=shown("format")),
        written="0",
        value=0,
        texts=("0",),
        json=0,
        page='<dt>minutes</dt>\n<dd><data class="p-format" value="0">0</data></dd>',
        other="-0",
        wrong="1e9",
        error="'1e9' is not a number (write 12 or 4.5)",
    ),
    Kind(
        field=Field(name="rating", read=lambda value, _context: fields.number(value), shown=shown("relation")),
        written="4.5",
        value=4.5,
        texts=("4.5",),
        json=4.5,
        page='<dt>rating</dt>\n<dd><data class="p-relation" value="4.5">4.5</data></dd>',
        other="4.50",
        wrong="[1, 2]",
        error="must be one text",
    ),
)
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.field.name)


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The fields, for the time of a test."""
    with monkeypatch.context() as patch:
        for kind in KINDS:
            patch.setitem(FIELDS, kind.field.name, kind.field)
        yield


def with_value(publication: Publication, kind: Kind) -> Publication:
    publication.article("a", language="zh-Hant", **{kind.field.name: kind.written})
    publication.sync()
    return publication


@each_kind
@pytest.mark.parametrize("suffix", ["atom", "rss"])
def test_it_is_in_the_xml_formats(suffix: str, kind: Kind, publication: Publication) -> None:
    document = with_value(publication, kind).client().get(f"/feeds/chips.{suffix}").text
    tag = kind.field.shown.rss
    elements = [each.partition(">")[2] for each in document.replace("&#x3C;", "&lt;").split(f"<{tag}")[1:]]
    assert tuple(each.partition(f"</{tag}>")[0] for each in elements) == kind.texts


@each_kind
def test_it_is_in_json_feed(kind: Kind, publication: Publication) -> None:
    (item,) = json.loads(with_value(publication, kind).client().get("/feeds/chips.json").data)["items"]
    found = item["_feedsvc"][kind.field.shown.json.removeprefix("_feedsvc.")]
    assert (found, type(found)) == (kind.json, type(kind.json))


@each_kind
def test_it_is_on_the_page_and_in_the_store(kind: Kind, publication: Publication) -> None:
    page = with_value(publication, kind).client().get("/articles/a?ui=en").text
    assert kind.page in page
    with publication.store.read() as snapshot:
        article = snapshot.slugs.at("a")
    assert isinstance(article, Article)
    assert article.extra == {kind.field.name: kind.value}
    assert type(article.extra[kind.field.name]) is type(kind.value)


@each_kind
def test_another_spelling_is_no_change(kind: Kind, publication: Publication) -> None:
    with_value(publication, kind)
    publication.article("a", language="zh-Hant", **{kind.field.name: kind.other})
    assert publication.sync().changed == ()


@each_kind
def test_a_wrong_value_is_an_error(kind: Kind, publication: Publication) -> None:
    publication.article("a", **{kind.field.name: kind.wrong})
    report = publication.sync()
    assert report.set_aside == ["articles/a.md"]
    assert f"{kind.field.name}: {kind.error}" in str(report.problems[0])


@each_kind
@pytest.mark.parametrize("format_", ["yaml", "toml"])
def test_an_import_reads_and_writes_it(kind: Kind, format_: str, settings: ImportSettings) -> None:
    front = f"title: A\npublished: 2026-10-01\ntopics: chips\nlanguage: en\n{kind.field.name}: {kind.written}"
    (draft,) = read_drafts("a.md", f"---\n{front}\n---\nText.\n".encode(), settings)
    completed = complete(draft, settings, Overrides())
    assert any(kind.field.name in line for line in preview(completed, settings))
    written = article_file_of(completed, settings.site, format_)
    (again,) = read_drafts("a.md", written.data, settings)
    assert written.article.extra == again.extra == draft.extra == {kind.field.name: kind.value}


def test_the_page_has_the_label_in_its_language(publication: Publication) -> None:
    page = with_value(publication, KINDS[2]).client().get("/articles/a?ui=zh-Hant").text
    assert '<dt>贊助</dt>\n<dd><data class="p-type" value="false">否</data></dd>' in page


def test_a_member_of_json_feed_may_be_an_extra_field(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    banner = Field(
        name="banner", read=lambda value, _context: fields.url(value), shown=Shown(json="banner_image", page="u-banner")
    )
    monkeypatch.setitem(FIELDS, "banner", banner)
    publication.article("a", banner="https://example.com/b.png")
    publication.sync()
    (item,) = json.loads(publication.client().get("/feeds/chips.json").data)["items"]
    assert item["banner_image"] == "https://example.com/b.png"
    assert '<span class="u-banner">https://example.com/b.png</span>' in publication.client().get("/articles/a").text


@each_kind
def test_an_empty_value_is_absent(kind: Kind, publication: Publication) -> None:
    publication.article("a", **{kind.field.name: '""'})
    publication.sync()
    with publication.store.read() as snapshot:
        article = snapshot.slugs.at("a")
    assert isinstance(article, Article)
    assert article.extra == {}
