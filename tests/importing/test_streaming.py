"""Feeds are read entry by entry, whatever their size, and give what they give as a whole."""

from pathlib import Path

import pytest
from lxml import etree

from bench.import_memory import export_of, feed_of, peak
from feedsvc.importing.readers.decoding import decode, utf8_notes
from feedsvc.importing.readers.detect import read_drafts
from feedsvc.importing.readers.feeds import xml
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import Run, articles
from tests.importing.test_feeds import atom, one

LATE = (
    "<rss version='2.0'><channel>{items}<title>T</title><link>https://a.example/</link><language>ja</language>"
    "</channel></rss>"
)
ITEM = "<item><title>T{0}</title><guid>urn:x:{0}</guid><link>/{0}</link><description>Text {0}.</description></item>"


@pytest.mark.parametrize("is_atom", [False, True])
def test_ten_times_the_entries_do_not_take_twice_the_memory(tmp_path: Path, is_atom: bool) -> None:
    tag = f"{xml.ATOM}entry" if is_atom else "item"
    found = {}
    for entries in (2_000, 20_000):
        path = tmp_path / f"{entries}.xml"
        path.write_text("".join(feed_of(entries, is_atom=is_atom)), "utf-8")
        read, found[entries] = peak(path, tag)
        assert read == entries
    # Most of it are the modules of the program, and the bytes of the file.
    assert found[20_000] < 1.6 * found[2_000]


def test_ten_times_the_posts_of_an_export_do_not_take_twice_the_memory(tmp_path: Path) -> None:
    found = {}
    for entries in (2_000, 20_000):
        path = tmp_path / f"{entries}.xml"
        # Posts in the trash take the least time.
        path.write_text("".join(export_of(entries, "trash")), "utf-8")
        _, found[entries] = peak(path)
    assert found[20_000] < 1.6 * found[2_000]


def test_a_channel_may_describe_itself_behind_its_items(settings: ImportSettings) -> None:
    data = LATE.format(items="".join(ITEM.format(number) for number in range(300))).encode()
    assert len(data) < xml._PART
    drafts = list(read_drafts("x.xml", data, settings))
    assert [draft.source for draft in drafts] == [f"x.xml#{number}" for number in range(1, 301)]
    assert {draft.language for draft in drafts} == {"ja"}
    assert drafts[7].link == "https://a.example/7"
    assert [draft.body for draft in drafts[:2]] == ["Text 0.", "Text 1."]


@pytest.mark.parametrize("name", ["Item", "ITEM", "iTEm"])
def test_items_with_other_letters_are_read(name: str, settings: ImportSettings) -> None:
    data = LATE.format(items=ITEM.format(1).replace("item", name)).encode()
    assert one("x.xml", data, settings).title == "T1"


def test_an_item_in_an_item_is_read_too(settings: ImportSettings) -> None:
    inner = ITEM.format(2)
    data = LATE.format(items=ITEM.format(1).replace("</item>", f"{inner}</item>")).encode()
    assert [draft.title for draft in read_drafts("x.xml", data, settings)] == ["T1", "T2"]


def test_a_feed_of_many_parts_is_read_whole(settings: ImportSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    data = "".join(feed_of(5, is_atom=True)).encode()
    whole = list(read_drafts("x.atom", data, settings))
    monkeypatch.setattr(xml, "_PART", 7)
    assert list(read_drafts("x.atom", data, settings)) == whole
    assert len(whole) == 5


def test_an_entry_may_be_the_whole_document(settings: ImportSettings) -> None:
    entry = (
        "<entry xmlns='http://www.w3.org/2005/Atom'><id>urn:x</id><title>Alone</title><content>Text</content></entry>"
    )
    assert one("x.atom", entry.encode(), settings).title == "Alone"


def test_xml_base_of_the_feed_counts_for_each_entry(settings: ImportSettings) -> None:
    data = atom("<id>urn:x</id><title>T</title><link href='one'/><content>Text</content>").replace(
        b"<feed ", b"<feed xml:base='https://a.example/2026/' "
    )
    assert one("x.atom", data, settings).link == "https://a.example/2026/one"


def test_nothing_is_imported_before_a_defect_behind_it_is_known(run: Run, content: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.xml"
    date = "<pubDate>Tue, 10 Feb 2026 09:00:00 GMT</pubDate></item>"
    items = "".join(ITEM.format(number).replace("</item>", date) for number in range(3))
    path.write_text(LATE.format(items=items)[:-60], "utf-8")
    result = run(path, "--topic", "chips")
    assert "read as drafts as far as it goes" in result.stderr
    assert len(articles(content)) == 3
    assert all("draft: true" in each.read_text("utf-8") for each in articles(content))


@pytest.mark.parametrize(
    "text",
    ["plain", "晶圓\r\n廠\r", "\ufeff晶", "prÃ¨s de", "\x1b[31mred", "x\x9b31m", "~{<:Ky2;~}", "a\0b\0", "é" * 700_000],
)
def test_utf_8_in_parts_has_the_notes_of_the_whole(text: str) -> None:
    data = text.encode()
    notes, whole = utf8_notes(data), decode(data)
    if notes is not None:
        assert (whole.text, whole.notes) == (text.replace("\r\n", "\n").replace("\r", "\n"), notes)
    assert (notes is None) == (text[0] in "\ufeff\x1bx~a")


def test_other_encodings_are_not_read_in_parts() -> None:
    assert utf8_notes("晶圓".encode("big5")) is None
    assert utf8_notes("晶圓廠".encode()[:-1]) is None


def test_the_declaration_of_another_encoding_does_not_count(settings: ImportSettings) -> None:
    data = b"<?xml version='1.0' encoding='big5'?>\n" + LATE.format(items=ITEM.format("晶圓")).encode()
    assert one("x.xml", data, settings).title == "T晶圓"


def test_an_empty_document_is_refused() -> None:
    with pytest.raises(etree.XMLSyntaxError):
        xml._divided(b"", 0, ())
