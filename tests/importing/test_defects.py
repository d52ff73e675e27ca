"""One defect does not discard a feed or an export: the rest is read, and the report says so."""

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft, FileNote, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.test_wxr import WXR, item

FEED = (
    '<rss version="2.0"><channel><title>B</title><item><title>One</title><guid>urn:x:1</guid>'
    "<pubDate>Tue, 10 Feb 2026 09:00:00 +0800</pubDate><description>The first text.</description></item>"
    "<item><title>Two</title><guid>urn:x:2</guid><pubDate>Tue, 10 Feb 2026 10:00:00 +0800</pubDate>"
    "<description>The second text.</description></item></channel></rss>"
)


def read(document: str, settings: ImportSettings) -> tuple[list[Draft], list[str]]:
    """The drafts and the warnings of a document."""
    items = list(read_items("x.xml", document.encode(), settings))
    return [each for each in items if isinstance(each, Draft)], [
        each.message for each in items if isinstance(each, FileNote)
    ]


@pytest.mark.parametrize(
    ("written", "made"),
    [
        ("The second\x0b text.", "The second text."),
        ("The\x00 second text.", "The second text."),
        ("The second text&nbsp;&mdash; and more.", "The second text\u00a0— and more."),
        ("Research & text.", "Research & text."),
        ("AT&T and R&D; a=1&b=2", "AT&T and R&D; a=1&b=2"),
        ("A text &amp; more &#8212; here.", "A text & more — here."),
        ("<![CDATA[Text &nbsp;&amp; more]]>\x08", "Text \u00a0& more"),
    ],
)
def test_a_wrong_character_is_passed_over(written: str, made: str, settings: ImportSettings) -> None:
    drafts, notes = read(FEED.replace("The second text.", written), settings)
    assert [each.title for each in drafts] == ["One", "Two"]
    assert " ".join(drafts[1].text.replace("\u00a0", " ").split()) == " ".join(made.replace("\u00a0", " ").split())
    assert not any(each.is_draft for each in drafts)
    assert len(notes) == ("&#8212;" not in written)


@pytest.mark.parametrize(
    ("element", "is_draft"),
    [
        ("<media:thumbnail url='https://x.example/a.jpg'/>", False),
        ("<acme:note>x</acme:note>", False),
        ("<status>draft</status><media:x/>", True),
        ("<acme:status>draft</acme:status>", True),
        ("<app:draft>yes</app:draft>", True),
    ],
)
def test_a_prefix_that_is_not_declared_is_read(element: str, is_draft: bool, settings: ImportSettings) -> None:
    drafts, notes = read(FEED.replace("<guid>urn:x:2</guid>", f"<guid>urn:x:2</guid>{element}"), settings)
    assert [(each.title, each.is_draft) for each in drafts] == [("One", False), ("Two", is_draft)]
    assert "Namespace prefix" in notes[0]
    assert "read all the same" in notes[0]


@pytest.mark.parametrize("length", [-180, -120, -60, -20, -3])
def test_what_is_left_of_a_damaged_feed_is_a_draft(length: int, settings: ImportSettings) -> None:
    """A marker may be in what is missing."""
    drafts, notes = read(FEED[:length], settings)
    assert drafts[0].title == "One"
    assert all(each.is_draft for each in drafts)
    assert "read as drafts as far as it goes" in notes[0]


@pytest.mark.parametrize("document", ["<rss", "<rss>", "<?xml version='1.0'?>", "\x00\x01<x", "<!--a {b {c} {------\n"])
def test_what_has_nothing_left_is_refused(document: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="not well-formed XML"):
        list(read_items("x.xml", document.encode(), settings))


@pytest.mark.parametrize("character", ["\x0b", "\x00", "\x1f", "\ufffe"])
def test_an_export_with_a_control_character_keeps_its_drafts(character: str, settings: ImportSettings) -> None:
    more = item("post", "draft") + item("attachment", "inherit")
    document = WXR.format(content=f"A text{character} pasted from Word.", more=more)
    items = list(read_items("x.xml", document.encode(), settings))
    drafts = [each for each in items if isinstance(each, Draft)]
    assert [each.is_draft for each in drafts] == [False, True]
    assert drafts[0].text == "A text pasted from Word."
    assert [each.kind for each in items if isinstance(each, SkippedEntry)] == ["attachment"]


@pytest.mark.parametrize(
    "document",
    [
        FEED.replace("<rss ", "<rss xmlns='http://backend.userland.com/rss2' "),
        FEED.replace("<rss ", "<RSS ").replace("</rss>", "</RSS>").replace("pubDate", "pubdate"),
        FEED.replace("<item>", "<Item>").replace("</item>", "</Item>"),
    ],
)
def test_other_spellings_of_rss_are_read(document: str, settings: ImportSettings) -> None:
    drafts, notes = read(document, settings)
    assert [each.title for each in drafts] == ["One", "Two"]
    assert all(each.published for each in drafts)
    assert notes == []


def test_atom_03_is_read(settings: ImportSettings) -> None:
    document = (
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>B</title><entry><title>One</title><id>urn:x:1</id>'
        '<issued>2005-02-10T09:00:00Z</issued><modified>2005-02-11T09:00:00Z</modified><content type="text/html" '
        'mode="escaped">&lt;p&gt;A &lt;strong&gt;text&lt;/strong&gt;.&lt;/p&gt;</content></entry></feed>'
    )
    (draft,), notes = read(document, settings)
    assert draft.published is not None
    assert draft.updated is not None
    assert (draft.published.at.isoformat(), draft.updated.isoformat()) == (
        "2005-02-10T09:00:00+00:00",
        "2005-02-11T09:00:00+00:00",
    )
    assert (draft.body, draft.id, notes) == ("A **text**.", "urn:x:1", [])


@pytest.mark.parametrize("namespace", ["https://www.w3.org/2005/Atom", "http://www.w3.org/2005/Atom/"])
def test_a_namespace_with_a_slip_is_known(namespace: str, settings: ImportSettings) -> None:
    document = (
        f'<feed xmlns="{namespace}" xmlns:app="https://www.w3.org/2007/app"><entry><title>One</title><id>urn:x:1</id>'
        "<updated>2026-02-10T09:00:00Z</updated><content>A text.</content>"
        "<app:control><app:draft>yes</app:draft></app:control></entry></feed>"
    )
    (draft,), _ = read(document, settings)
    assert draft.is_draft
