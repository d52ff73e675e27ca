"""Elements as text are, byte for byte, what lxml writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from feedsvc.feeds.xml_text import PLACEHOLDER, XmlText, completed
from feedsvc.text import without_forbidden

XML = XmlText()
RSS = XmlText(ampersand="&#x26;", less="&#x3C;")
# Whatever an article may have, with the characters that have a meaning in XML more often.
TEXTS = st.lists(st.sampled_from([*"&<>\"'\r\n\t-", "]]>", "&amp;", "中文", "שלום", "👩‍🚀"]) | st.text(max_size=3)).map(
    lambda parts: without_forbidden("".join(parts))
)
FORBIDDEN = pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1f", "\ufffe", "\uffff", "\ud800"])


@given(text=TEXTS, attribute=TEXTS)
def test_an_element_is_written_as_lxml_does(text: str, attribute: str) -> None:
    element = etree.Element("link", {"title": attribute} if attribute else {})
    assert XML.element("link", title=attribute).encode() == etree.tostring(element, encoding="UTF-8")
    element.text = text
    written = etree.tostring(element, encoding="UTF-8")
    assert XML.element("link", text, title=attribute).encode() == written
    assert RSS.element("link", text, title=attribute).encode() == _with_references(written)


@given(text=TEXTS)
def test_a_long_text_is_written_as_lxml_does(text: str) -> None:
    element = etree.Element("content")
    element.text = text
    written = etree.tostring(element, encoding="UTF-8").removeprefix(b"<content>").removesuffix(b"</content>")
    assert XML.long_data(text) == written
    assert RSS.long_data(text) == _with_references(written)


def _with_references(document: bytes) -> bytes:
    return document.replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")


def test_attributes_without_a_value_are_left_out() -> None:
    assert XML.element("link", rel="alternate", type=None, title="") == '<link rel="alternate"/>'
    assert XML.element("title", "") == "<title></title>"


@FORBIDDEN
def test_characters_that_xml_forbids_are_left_out(character: str) -> None:
    raw = f"<a{character}\n中&"
    assert XML.element("a", raw, b=raw) == '<a b="&lt;a&#10;中&amp;">&lt;a\n中&amp;</a>'
    assert XML.long_data(raw) == "&lt;a\n中&amp;".encode()


def test_an_entry_gets_its_content_and_more_children() -> None:
    entry = f"<entry><title>{PLACEHOLDER}</title><content>{PLACEHOLDER}</content></entry>".encode()
    content = XML.long_data(f"<content>{PLACEHOLDER}</entry>")
    made = completed(entry, b"</entry>", "<link/>", b"<content>", content)
    assert made == b"<entry><title>-</title><content>%s</content><link/></entry>" % content
    assert completed(b"<entry></entry>", b"</entry>", "<link/>", b"<content>", b"") == b"<entry><link/></entry>"
