"""The JSON export of Ghost: older versions, the formats of its editors, and what is not for the public."""

import json
from itertools import product
from typing import Any

import pytest

from feedsvc.errors import ArticleError
from feedsvc.importing.draft import Draft, FailedEntry, SkippedEntry
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.readers.hosted.ghost_cards import html_of
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Image
from tests.importing.conftest import only

POST = {
    "id": "5f1",
    "title": "Plan",
    "slug": "plan",
    "html": "<p>The wafer plant</p>",
    "status": "published",
    "visibility": "public",
    "published_at": "2026-01-02T03:04:05.000Z",
}


def _export(*posts: dict[str, Any], wrapped: bool = True, **tables: Any) -> str:
    data = {"meta": {"version": "5.0"}, "data": {"posts": list(posts), **tables}}
    return json.dumps({"db": [data]} if wrapped else data)


@pytest.mark.parametrize("wrapped", [True, False])
def test_an_export_is_known_by_its_tables(wrapped: bool, settings: ImportSettings) -> None:
    draft = only("x.json", _export(POST, wrapped=wrapped), settings)
    assert (draft.title, draft.slug, draft.id, draft.is_draft) == ("Plan", "plan", "5f1", False)
    assert draft.old_addresses == ("/plan",)


PUBLIC = {"status": ("published",), "visibility": ("public", None, "")}
OTHERS = {
    "status": ("draft", "scheduled", "sent", "pending", "???"),
    "visibility": ("members", "paid", "tiers", "filter", "x:y"),
}


@pytest.mark.parametrize("status", [*PUBLIC["status"], *OTHERS["status"]])
def test_what_is_not_for_everybody_is_a_draft(status: str, settings: ImportSettings) -> None:
    for visibility, email_only in product([*PUBLIC["visibility"], *OTHERS["visibility"]], (0, 1, True, False)):
        post = {**POST, "status": status, "visibility": visibility}
        meta = [{"post_id": "5f1", "email_only": email_only}]
        is_public = status in PUBLIC["status"] and visibility in PUBLIC["visibility"] and not email_only
        draft = only("x.json", _export(post, posts_meta=meta), settings)
        assert draft.is_draft is not is_public, (visibility, email_only)
        assert bool(draft.notes) is not is_public


def test_a_draft_has_the_date_of_its_last_change(settings: ImportSettings) -> None:
    post = {**POST, "status": "draft", "published_at": None, "updated_at": "2026-01-03 03:04:05"}
    draft = only("x.json", _export(post), settings)
    assert draft.published is not None
    assert (draft.published.at.isoformat(), draft.published.found_in) == ("2026-01-03T03:04:05+00:00", "updated_at")
    assert only("x.json", _export({**post, "status": "published"}), settings).published is None


def test_version_0_has_other_fields(settings: ImportSettings) -> None:
    post = {
        "id": 7,
        "title": "Plan",
        "slug": "plan",
        "markdown": "The *wafer* plant",
        "status": "published",
        "page": 0,
        "image": "/content/images/2015/01/a.png",
        "author_id": 1,
        "published_at": 1767323045000,
    }
    pages = [{**post, "id": 8, "page": each} for each in (1, True)]
    draft, *skipped = read_items(
        "x.json",
        _export(post, *pages, users=[{"id": 1, "name": "Kim Lee"}], posts_tags=[], tags=[]).encode(),
        settings,
    )
    assert isinstance(draft, Draft)
    assert skipped == [SkippedEntry("x.json#plan", "page")] * 2
    assert (draft.id, draft.body, [each.name for each in draft.authors]) == ("7", "The *wafer* plant", ["Kim Lee"])
    assert draft.published is not None
    assert draft.published.at.isoformat() == "2026-01-02T03:04:05+00:00"
    assert draft.image is not None
    assert draft.image.url == "https://example.org/content/images/2015/01/a.png"


CARDS = [
    ({"type": "callout", "calloutEmoji": "💡", "calloutText": "<b>Note</b>"}, "<blockquote><p>💡 <b>Note</b></p>"),
    ({"type": "toggle", "heading": "Why?", "content": "<p>So.</p>"}, "<h3>Why?</h3><p>So.</p>"),
    ({"type": "button", "buttonText": "Go & see", "buttonUrl": "https://x.example/?a&b"}, ">Go &amp; see</a>"),
    ({"type": "gallery", "images": [{"src": "a.png", "alt": "A"}, {"src": "b.png"}]}, 'alt="A"><img src="b.png"'),
    ({"type": "html", "html": "<p>own</p>"}, "<p>own</p>"),
    ({"type": "markdown", "markdown": "*a*"}, "<em>a</em>"),
    ({"type": "embed", "url": "https://x.example/v", "html": ""}, '<a href="https://x.example/v">'),
    ({"type": "file", "src": "a.pdf", "fileName": "a.pdf", "fileTitle": "Paper"}, '<a href="a.pdf">Paper</a>'),
    ({"type": "video", "src": "a.mp4", "caption": "C"}, '<video src="a.mp4" controls></video><figcaption>C'),
    ({"type": "audio", "src": "a.mp3"}, '<audio src="a.mp3"'),
    ({"type": "header", "header": "H", "subheader": "S"}, "<h2>H</h2><p>S</p>"),
    ({"type": "product", "productTitle": "P", "productImageSrc": "p.png"}, "<h3>P</h3>"),
    ({"type": "bookmark", "url": "https://x.example", "metadata": None}, ">https://x.example</a>"),
    ({"type": "codeblock", "code": "a<b", "caption": "C"}, "<pre><code>a&lt;b</code></pre><figcaption>C"),
    (
        {"type": "call-to-action", "textValue": "<p>Go</p>", "showButton": True, "buttonText": "A", "buttonUrl": "b"},
        '<p>Go</p><p><a href="b">A</a></p>',
    ),
    ({"type": "call-to-action", "textValue": "T", "imageUrl": "i.png", "buttonText": "A"}, '<img src="i.png" alt="">T'),
    ({"type": "horizontalrule"}, "<hr>"),
]


@pytest.mark.parametrize("card", CARDS, ids=lambda card: str(card[0]["type"]))
def test_cards(card: tuple[dict[str, Any], str]) -> None:
    fields, expected = card
    notes: list[str] = []
    lexical = html_of({"lexical": json.dumps({"root": {"children": [fields]}})}, notes)
    kind = fields["type"]
    mobiledoc = html_of({"mobiledoc": json.dumps({"cards": [[kind, fields]], "sections": [[10, 0]]})}, notes)
    assert expected in lexical
    assert lexical == mobiledoc
    assert notes == []


FOR_ALL = [
    None,
    {},
    "public",
    {"web": {"nonMember": True, "memberSegment": "status:free,status:-free"}, "email": {"memberSegment": ""}},
    {"web": {"nonMember": True, "memberSegment": ""}},
    {"showOnWeb": True, "showOnEmail": False, "segment": ""},
]
NOT_FOR_ALL = [
    {"web": {"nonMember": False, "memberSegment": "status:free"}},
    {"web": {"nonMember": False, "memberSegment": ""}, "email": {"memberSegment": "status:free"}},
    {"email": {"memberSegment": "status:free,status:-free"}},
    {"web": {"memberSegment": "status:free"}},
    {"showOnWeb": False, "showOnEmail": True},
    {"web": "paid"},
    "members",
    ["paid"],
]
GATED = [
    ("html", {"html": "<p>SECRET</p>"}),
    ("call-to-action", {"textValue": "<p>SECRET</p>", "showButton": True, "buttonText": "SECRET"}),
    ("image", {"src": "SECRET.png"}),
    ("email", {"html": "SECRET"}),
]


@pytest.mark.parametrize("visibility", [*FOR_ALL, *NOT_FOR_ALL], ids=str)
@pytest.mark.parametrize(("kind", "fields"), GATED)
def test_a_card_that_is_not_for_everybody_is_left_out_with_a_note(
    kind: str, fields: dict[str, Any], visibility: Any
) -> None:
    card = {"type": kind, "visibility": visibility, **fields}
    lexical: list[str] = []
    mobiledoc: list[str] = []
    html = html_of({"lexical": json.dumps({"root": {"children": [card]}})}, lexical)
    assert html == html_of({"mobiledoc": json.dumps({"cards": [[kind, card]], "sections": [[10, 0]]})}, mobiledoc)
    is_shown = visibility in FOR_ALL and kind != "email"
    assert ("SECRET" in html) is is_shown
    why = ", since it is not for everybody" if visibility in NOT_FOR_ALL else ", since only e-mails show it"
    for notes, field in ((lexical, "lexical"), (mobiledoc, "mobiledoc")):
        assert [each.partition(" (")[0] for each in notes] == [
            f"{field}: a card {kind!r} was left out{why}" for _ in range(not is_shown)
        ]


@pytest.mark.parametrize("form", ["lexical", "mobiledoc"])
def test_what_follows_a_paywall_is_left_out_with_a_note(form: str) -> None:
    cards = [("html", {"html": "<p>before</p>"}), ("paywall", {}), ("html", {"html": "SECRET"})]
    lexical = {"root": {"children": [{"type": kind, **fields} for kind, fields in cards]}}
    mobiledoc = {"cards": cards, "sections": [[10, at] for at in range(3)]}
    notes: list[str] = []
    assert html_of({form: json.dumps(lexical if form == "lexical" else mobiledoc)}, notes) == "<p>before</p>"
    assert notes == [f"{form}: what follows the card 'paywall' is for members only, and is left out (paste it)"]


def test_all_formats_of_a_text() -> None:
    node = {"type": "text", "text": "a<b", "format": 255}
    html = html_of({"lexical": json.dumps({"root": {"children": [{"type": "paragraph", "children": [node]}]}})}, [])
    tags = ["sup", "sub", "u", "s", "mark", "strong", "em", "code"]
    opened, closed = "".join(f"<{each}>" for each in tags), "".join(f"</{each}>" for each in reversed(tags))
    assert html == f"<p>{opened}a&lt;b{closed}</p>"


def test_what_cannot_be_read_is_said(settings: ImportSettings) -> None:
    post = {**POST, "html": None}
    unknown = {"root": {"children": [{"type": "nft"}, {"type": "nft"}, {"type": "email", "html": "SECRET"}]}}
    notes: list[str] = []
    assert html_of({"lexical": json.dumps(unknown)}, notes) == ""
    assert notes == [
        "lexical: a card 'nft' was left out (copy its text)",
        "lexical: a card 'email' was left out, since only e-mails show it (copy its text)",
    ]
    deep: dict[str, Any] = {"type": "text", "text": "x"}
    for _ in range(300):
        deep = {"type": "paragraph", "children": [deep]}
    for broken in ("[]", "{", "7", '{"root": 1}', '{"root": {"children": [1]}}', json.dumps({"root": deep})):
        notes = []
        assert html_of({"lexical": broken, "mobiledoc": broken}, notes) == ""
        assert len(notes) == 2
    draft = only("x.json", _export({**post, "lexical": "{"}), settings)
    assert draft.notes == ("lexical: cannot be read (export the post again, or paste its text)",)


def test_a_post_of_wrong_values_costs_no_other(settings: ImportSettings) -> None:
    wrong: list[dict[str, Any]] = [
        {**POST, "published_at": 10**30},
        {**POST, "title": ["x"], "tags": {}, "html": 5},
        {**POST, "slug": "../" * 999, "canonical_url": "javascript:1"},
        {},
    ]
    items = list(read_items("x.json", _export(*wrong, POST, posts_tags=[1, {"sort_order": 1}]).encode(), settings))
    assert isinstance(items[0], FailedEntry)
    assert all(isinstance(each, Draft) for each in items[1:])
    assert isinstance(items[3], Draft)
    assert items[3].canonical is None


@pytest.mark.parametrize("document", ['{"db": []}', '{"db": [{"data": {}}]}', '{"db": 1}', '{"data": []}', "[]"])
def test_other_json_is_not_an_export(document: str, settings: ImportSettings) -> None:
    with pytest.raises(ArticleError, match="no export of Ghost"):
        list(read_items("x.json", document.encode(), settings))


def test_the_feature_image_keeps_its_caption_and_description(settings: ImportSettings) -> None:
    meta = {"post_id": "5f1", "feature_image_alt": "A <hall>", "feature_image_caption": "Hall 3, <b>at night</b>"}
    post = {**POST, "feature_image": "https://a.example/hall.jpg"}
    draft = only("x.json", _export(post, posts_meta=[meta]), settings)
    assert draft.image is not None
    assert (draft.image.url, draft.image.alt) == ("https://a.example/hall.jpg", "A <hall>")
    assert (draft.image.caption, draft.body) == ("Hall 3, at night", "The wafer plant")
    without = only("x.json", _export(post, posts_meta=[{**meta, "feature_image_caption": None}]), settings)
    assert (without.image, without.body) == (Image(url="https://a.example/hall.jpg", alt="A <hall>"), "The wafer plant")


def test_a_caption_with_a_link_stays_in_the_text(settings: ImportSettings) -> None:
    meta = {
        "post_id": "5f1",
        "feature_image_alt": "A <hall>",
        "feature_image_caption": 'By <a href="https://a.b/">Ada</a>',
    }
    post = {**POST, "feature_image": "https://a.example/hall.jpg"}
    draft = only("x.json", _export(post, posts_meta=[meta]), settings)
    assert draft.image == Image(url="https://a.example/hall.jpg", alt="A <hall>")
    assert draft.body.startswith('<figure><img src="https://a.example/hall.jpg" alt="A &lt;hall&gt;">')
    assert (
        '<figcaption>By <a href="https://a.b/" rel="noopener">Ada</a></figcaption></figure>\n\nThe wafer plant'
        in draft.body
    )
