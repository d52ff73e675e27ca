"""Whatever people write, once it is an article, every document parses and reads as it was written."""

from html import unescape
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from lxml import etree

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.errors import ArticleError
from feedsvc.feeds.atom import ATOM_FEED
from feedsvc.feeds.json_feed import JSON_FEED
from feedsvc.feeds.rss import RSS_FEED
from feedsvc.model import Person, SafeHTML
from feedsvc.text import plain
from tests.feeds.cases import EVENING, article, feed
from tests.feeds.readers import as_seen, read_json

PIECES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(
        ["<b>", "</b>", "&amp;", "&#60;", "&copy", "]]>", "<!--", "\x00", "\ufffe", "\u202e", "\u200d", "🇹🇼", "\r\n"]
    ),
)
# Lone surrogates too: they come out of JSON and of badly decoded files.
RAW = st.lists(PIECES | st.characters(categories=["Cs"]), max_size=6).map("".join)
PLAIN = RAW.map(plain)


@st.composite
def contents(draw: st.DrawFn) -> SafeHTML:
    try:
        return sanitize(f"<p>{draw(RAW)}</p>", "https://example.org/articles/any")[0]
    except ArticleError:
        assume(False)
        raise


@settings(max_examples=150)
@given(title=PLAIN.filter(bool), name=PLAIN.filter(bool), summary=PLAIN, tag=PLAIN.filter(bool), content=contents())
def test_all_three_documents_parse_and_carry_the_title(name: str, tag: str, **texts: Any) -> None:
    made = feed(article("any", published=EVENING, authors=(Person(name=name),), tags=(tag,), **texts))
    atom = etree.fromstring(ATOM_FEED.render(made)).find("{*}entry")
    item = etree.fromstring(RSS_FEED.render(made)).find("channel/item")
    entry = read_json(JSON_FEED.render(made)).entries[0]
    assert atom is not None
    assert item is not None
    title = atom.find("{*}title")
    assert title is not None
    html = title.get("type") == "html"
    as_read = unescape(title.text or "") if html else title.text
    assert [as_read, unescape(item.findtext("title") or ""), entry.title] == [texts["title"]] * 3
    people = [atom.findtext("{*}author/{*}name"), item.findtext("{http://purl.org/dc/elements/1.1/}creator")]
    assert [*(as_seen(each or "") for each in people), entry.authors[0]] == [name] * 3
    assert (atom.findtext("{*}content") or "") == entry.content == texts["content"]
