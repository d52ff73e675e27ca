"""Markers in places where an attack found articles public: none of these may be."""

import json
from contextlib import suppress

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only
from tests.importing.test_page_markers import _page
from tests.importing.wordpress import item, meta, wxr

TEXT = "The wafer plant opened on Tuesday."
NAMES = 'xmlns:x="urn:x" xmlns:media="http://search.yahoo.com/mrss/" xmlns:app="http://www.w3.org/2007/app"'


def _rss(inside: str, channel: str = "", attribute: str = "") -> str:
    entry = f"<item {attribute}><title>T</title><guid>1</guid><description>{TEXT}</description>{inside}</item>"
    return f'<rss version="2.0" {NAMES}><channel><title>B</title>{channel}{entry}</channel></rss>'


def _atom(inside: str, feed: str = "", attribute: str = "") -> str:
    entry = f"<id>urn:x:1</id><title>T</title><updated>2026-01-01T00:00:00Z</updated><content>{TEXT}</content>{inside}"
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMES}>{feed}<entry {attribute}>{entry}</entry></feed>'


def _json(**feed: object) -> str:
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", **feed, "items": [{"id": "1", "content_text": TEXT}]}
    )


FEEDS = {
    "rss table": _rss("<x:meta><x:draft>true</x:draft></x:meta>"),
    "rss app:control": _rss("<app:control><app:draft>yes</app:draft></app:control>"),
    "rss value": _rss("<x:visibility value='private'/>"),
    "rss attribute": _rss("", attribute="status='private'"),
    "rss media:status": _rss(
        "<media:content url='https://a.example/a.mp4'><media:status state='deleted'/></media:content>"
    ),
    "rss channel": _rss("", "<x:private>true</x:private>"),
    "atom table": _atom("<x:wrap><x:visibility>private</x:visibility></x:wrap>"),
    "atom control": _atom("<control><draft>yes</draft></control>"),
    "atom attribute": _atom("", attribute="draft='true'"),
    "atom feed": _atom("", "<app:control><app:draft>yes</app:draft></app:control>"),
    "atom block": _atom("<itunes:block xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'>Yes</itunes:block>"),
    "rss empty element": _rss("<x:premium/>"),
    "rss attribute of an element": _rss("<x:access type='paid'/>"),
    "rss attribute beside a text": _rss("<x:post status='draft'>12</x:post>"),
    "rss attribute in a table": _rss("<x:a><x:post status='draft'/><x:b>1</x:b></x:a>"),
    "rss deep table": _rss("<x:a><x:b><x:c><x:d><x:draft>true</x:draft></x:d></x:c></x:b></x:a>"),
    "rss empty element of the channel": _rss("", "<x:private/>"),
    "json feed": _json(private=True),
}


@pytest.mark.parametrize("name", FEEDS)
def test_a_marker_of_a_feed(name: str, settings: ImportSettings) -> None:
    assert only(f"x.{name.split(maxsplit=1)[0]}", FEEDS[name], settings).is_draft


@pytest.mark.parametrize(
    "document",
    [
        *(("rss", _rss("")), ("atom", _atom("")), ("json", _json(expired=True))),
        ("rss", _rss("<dc:audience xmlns:dc='http://purl.org/dc/elements/1.1/'>developers</dc:audience>")),
        ("rss", _rss("<x:post id='12' level='advanced'/><x:premium>no</x:premium>")),
    ],
)
def test_a_feed_without_one_is_public(document: tuple[str, str], settings: ImportSettings) -> None:
    assert not only(f"x.{document[0]}", document[1], settings).is_draft


# MemberPress, Paid Memberships Pro, Restrict Content Pro, WishList Member, s2Member, Patreon, ARMember, Groups …
RESTRICTED = (
    *(("_is_paid", "1"), ("_mepr_rules", "1"), ("pmpro_require_membership", "1"), ("rcp_access_level", "1")),
    *(("wlm_protection", "Y"), ("_s2member_ccaps_req", 'a:1:{i:0;s:3:"vip";}'), ("patreon-level", "5")),
    *(("arm_access_plan", "0"), ("groups-read", "5"), ("_um_accessible", "2"), ("_ppwp_protection", "1")),
    *(("_newspack_content_gate", "x"), ("_membership_level", "gold"), ("substack_audience", "only_paid")),
    *(("_dpsp_private", "1"), ("_hidden", "1"), ("_whp_hide_on_rss", "1")),
    ("um_content_restriction", 'a:1:{s:26:"_um_custom_access_settings";s:1:"1";}'),
)
OPEN = (
    *(("rcp_access_level", "0"), ("patreon-level", "0"), ("wlm_protection", "N"), ("_fl_builder_draft", "a:0:{}")),
    *(("classic-editor-remember", "block-editor"), ("_sidebar_hidden", "1"), ("_et_private", "off")),
    ("um_content_restriction", 'a:1:{s:26:"_um_custom_access_settings";s:1:"0";}'),
)


@pytest.mark.parametrize(
    ("more", "is_draft"),
    [
        (meta("_visibility", "private"), True),
        (meta("_private", "1"), True),
        (meta("draft", "1"), True),
        (meta("_hide_from_feed", "1"), True),
        (meta("_memberful_acl", "a:1:{}"), True),
        ("<wp:visibility>private</wp:visibility>", True),
        (meta("_visibility", "visible"), False),
        *((meta(*each), True) for each in RESTRICTED),
        *((meta(*each), False) for each in OPEN),
        (meta("_et_pb_post_hide_title", "on"), False),
        (meta("_wpas_done_all", "1"), False),
    ],
)
def test_post_meta_of_wordpress(more: str, is_draft: bool, settings: ImportSettings) -> None:
    (draft,) = read_items("x.xml", wxr(item(f"<p>{TEXT}</p>", more=more)), settings)
    assert isinstance(draft, Draft)
    assert draft.is_draft is is_draft


@pytest.mark.parametrize(
    ("name", "said", "is_draft"),
    [
        ("access", "members", True),
        ("article:status", "draft", True),
        ("paywall", "true", True),
        ("isPremium", "true", True),
        ("members-only", "yes", True),
        ("unlisted", "true", True),
        ("classification", "confidential", True),
        ("classification", "Business", False),
        ("rating", "general", False),
        ("status", "200", False),
        ("tmg.premium.state", "true", True),
        ("tmg.premium.state", "false", False),
        ("cXenseParse:pay-access", "paid", True),
        ("article:tier", "paid", True),
        ("is_paid", "1", True),
        ("user-access", "members", False),
        ("expires", "-1", False),
    ],
)
def test_meta_elements_of_a_page(name: str, said: str, is_draft: bool, settings: ImportSettings) -> None:
    assert only("x.html", _page(f'<meta name="{name}" content="{said}">'), settings).is_draft is is_draft


@pytest.mark.parametrize(
    ("field", "is_draft"),
    [
        *((each, True) for each in ("Status: Draft", "STATUS : Draft", " STATUS: Draft", "STATUS:", "STATUS: X")),
        *(
            (each, True)
            for each in ("STATUS: Publish\nSTATUS: Draft", "DRAFT: 1", "PASSWORD: x", "VISIBILITY: private")
        ),
        *((each, False) for each in ("STATUS: Publish", "ALLOW PINGS: 0", "CATEGORY: Private", "TAGS: draft")),
    ],
)
def test_fields_of_movable_type(field: str, is_draft: bool, settings: ImportSettings) -> None:
    text = f"AUTHOR: a\nTITLE: T\n{field}\nDATE: 01/02/2026 10:00:00\n-----\nBODY:\n<p>{TEXT}</p>\n-----\n--------\n"
    assert only("x.txt", text, settings).is_draft is is_draft


@pytest.mark.parametrize(
    ("more", "is_draft"),
    [
        ({"paywall": {"type": "x"}}, True),
        ({"content": [{"type": "text", "text": "a"}, {"type": "paywall"}, {"type": "text", "text": "b"}]}, True),
        ({"state": "published", "is_pinned": True}, False),
    ],
)
def test_a_post_of_tumblr_with_a_paywall(more: dict[str, object], is_draft: bool, settings: ImportSettings) -> None:
    post = {"blog_name": "b", "post_url": "https://b.example/post/1", "title": "T", "body": f"<p>{TEXT}</p>", **more}
    assert only("x.json", json.dumps([post]), settings).is_draft is is_draft


def test_a_post_of_ghost_without_a_status_is_a_draft(settings: ImportSettings) -> None:
    for more in ({}, {"status": None}, {"status": "published", "email_only": True}):
        post = {"id": "1", "title": "T", "html": f"<p>{TEXT}</p>", "visibility": "public", **more}
        document = {"db": [{"data": {"posts": [post], "tags": [], "users": []}}]}
        assert only("x.json", json.dumps(document), settings).is_draft


def test_an_escape_takes_no_bracket_of_a_tag(settings: ImportSettings) -> None:
    """ESC and `<` were an escape sequence, so that a paywall became text."""
    for escape in ("\x1b", "\x1b[", "\x1b]"):
        page = _page("").replace("<p>", f"{escape}<p>", 1)
        assert "&lt;" not in only("x.html", page, settings).body
        assert "p>" not in only("x.html", page, settings).body


FRONT = f"---\ntitle: T\ndraft: true\n---\n\n{TEXT}\n"
ENTRY = f"AUTHOR: a\nTITLE: T\nSTATUS: Draft\nDATE: 01/02/2026 10:00:00\n-----\nBODY:\n<p>{TEXT}</p>\n-----\n--------\n"


@pytest.mark.parametrize("name", ["x.md", "x.txt", "x.html", "x", "entry.txt"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_fields_above_a_text_of_any_kind_and_encoding(name: str, encoding: str, settings: ImportSettings) -> None:
    text = ENTRY if name == "entry.txt" else FRONT
    assert only(name, text.encode(encoding), settings).is_draft


def test_utf_32_is_refused(settings: ImportSettings) -> None:
    for encoding in ("utf-32", "utf-32-le"):
        with pytest.raises(ArticleError, match="save it as UTF-8"):
            only("entry.txt", ENTRY.encode(encoding), settings)


@pytest.mark.parametrize("before", ["\n\n", " ", "\u200b", "\ufeff\ufeff", "\xa0", "<!-- x -->\n"])
@pytest.mark.parametrize("name", ["x.txt", "x.html"])
def test_what_stands_above_the_fields_hides_none(before: str, name: str, settings: ImportSettings) -> None:
    with suppress(ArticleError):
        assert only(name, before + FRONT, settings).is_draft


@pytest.mark.parametrize(
    "head",
    [
        *("title: T\ndraft: true", "Title: T\nStatus: Draft", "#+TITLE: T\n#+DRAFT: true", "= T\n:draft: true"),
        *("T\n=\n\n:status: draft", "***\ntitle: T\ndraft: true\n***", "---yaml\ntitle: T\ndraft: true\n---"),
        *("—\ntitle: T\ndraft: true\n—", "標題\n狀態：草稿\n草稿：是", "<!--\ntitle: T\ndraft: true\n-->"),
    ],
)
def test_fields_without_front_matter(head: str, settings: ImportSettings) -> None:
    for name, text in (("x.txt", f"{TEXT}\n\n{TEXT}"), ("x.html", f"<h1>T</h1><p>{TEXT * 9}</p>")):
        with suppress(ArticleError):
            assert only(name, f"{head}\n\n{text}", settings).is_draft


@pytest.mark.parametrize(
    "text",
    [
        f"The plant\n\nStatus: open since Tuesday\n\n{TEXT}",
        f"The plant\n\n{TEXT}\n\nDraft: true\n\n{TEXT}",
        f"The plant\nDate: 2026-02-10\nDraft: false\n\n{TEXT}\n\n{TEXT}",
        f"Private: a novel\n\n{TEXT}\n\n{TEXT}",
    ],
)
def test_texts_with_such_words_are_public(text: str, settings: ImportSettings) -> None:
    assert not only("x.txt", text, settings).is_draft
