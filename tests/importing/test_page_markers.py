"""A saved page may say that not everybody may read it: then it becomes a draft, with a note."""

import pytest

from feedsvc.importing.settings import ImportSettings
from tests.fuzz.marked_inputs import WRAPPINGS
from tests.importing.conftest import only

TEXT = "<p>The wafer plant opened on Tuesday, and the first chips left it in the evening.</p>" * 4
HEAD = "<title>T</title><meta property='article:published_time' content='2026-02-10'>"


def _page(head: str, classes: str = "") -> str:
    return (
        f"<!doctype html><html><head>{HEAD}{head}</head><body><article class='{classes}'>{TEXT}</article></body></html>"
    )


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:content_tier" content="locked">',
        '<meta property="article:content_tier" content="metered">',
        '<meta property="Article:Content_Tier" content="">',
        '<meta itemprop="isAccessibleForFree" content="False">',
        '<meta name="draft" content="true">',
        '<meta name="visibility" content="private">',
        '<meta name="visibility" content="quux">',
        '<meta name="post_status" content="pending">',
        '<meta name="DCTERMS.accessRights" content="restricted">',
        '<script type="application/ld+json">{"@type": "Article", "creativeWorkStatus": "Draft"}</script>',
        '<script type="application/ld+json">{"@type": "WebPage", "creativeWorkStatus": ["Published"]}</script>',
    ],
)
def test_a_page_that_is_not_for_the_public_becomes_a_draft(head: str, settings: ImportSettings) -> None:
    draft = only("x.html", _page(head), settings)
    assert draft.is_draft
    assert [note for note in draft.notes if "is not for the public: made a draft" in note]
    assert "wafer plant" in draft.body


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:content_tier" content="free">',
        '<meta itemprop="isAccessibleForFree" content="true">',
        '<meta name="draft" content="false">',
        '<meta name="visibility" content="public">',
        '<meta name="robots" content="noindex">',
        '<script type="application/ld+json">{"@type": "Article", "creativeWorkStatus": "Published"}</script>',
        '<script type="application/ld+json">{"@type": "Article", "conditionsOfAccess": "Open access"}</script>',
    ],
)
def test_a_page_that_everybody_may_read_is_none(head: str, settings: ImportSettings) -> None:
    draft = only("x.html", _page(head), settings)
    assert (draft.is_draft, draft.notes) == (False, ())


@pytest.mark.parametrize(
    ("classes", "is_draft"),
    [
        ("post-7 post type-post status-publish hentry", False),
        ("status-bar", False),
        ("post-7 post type-post status-private hentry", True),
        ("type-page status-draft", True),
        ("hentry status-future", True),
        ("hentry status-publish post-password-protected", True),
        ("type-post status-acme", True),
        ("type-@@x@@ status-@@live_status@@", False),
        ("gh-article post-access-paid", True),
        ("post-card post-access-paid", False),
        ("membership-content access-granted", True),
        ("pmpro-level-required", False),
    ],
)
def test_the_class_of_a_post_of_wordpress_has_its_status(
    classes: str, is_draft: bool, settings: ImportSettings
) -> None:
    assert only("x.html", _page("", classes), settings).is_draft is is_draft


@pytest.mark.parametrize(
    ("element", "classes", "is_draft"),
    [
        ("article", "post status-private", True),
        ("article", "entry status-draft format-standard", True),
        ("div", "post-7 status-pending", True),
        ("main", "status-trash", True),
        ("article", "post status-publish", False),
        ("article", "post status-featured", False),
        ("span", "badge status-pending", False),
    ],
)
def test_the_status_counts_without_the_other_classes_of_wordpress(
    element: str, classes: str, is_draft: bool, settings: ImportSettings
) -> None:
    shown = f'<{element} class="{classes}">{TEXT}</{element}>'
    page = f"<!doctype html><html><head>{HEAD}</head><body><h1>T</h1>{shown}{TEXT}</body></html>"
    assert only("x.html", page, settings).is_draft is is_draft


def test_a_page_for_levels_of_paid_memberships_pro_is_a_draft(settings: ImportSettings) -> None:
    classes = "single-post postid-7 pmpro-body-level-required pmpro-body-level-1"
    draft = only("x.html", _page("").replace("<body>", f'<body class="{classes}">'), settings)
    assert draft.is_draft
    assert "class: 'pmpro-body-level-required'" in draft.notes[0]


def test_a_page_that_asks_for_a_password_is_a_draft(settings: ImportSettings) -> None:
    page = _page("").replace("</article>", '</article><form class="post-password-form"><input type=password></form>')
    assert only("x.html", page, settings).is_draft


@pytest.mark.parametrize(
    "title",
    [
        "Private: Plan",
        "Protected: Plan",
        "私密：計畫",
        "私密文章：計畫",
        "受保護：計畫",
        "密碼保護：計畫",
        "密码保护：计划",
        "私密：计划",
        "非公開: 計画",
        "保護中: 計画",
        "비공개: 계획",
        "보호된 글: 계획",
        "Privé\u202f: plan",
        "Geschützt: Plan",
    ],
)
def test_a_title_of_wordpress_says_that_its_post_is_private(title: str, settings: ImportSettings) -> None:
    text = f"<title>{title} – Yard</title>{HEAD.partition('</title>')[2]}"
    generator = '<meta name="generator" content="WordPress 6.5">'
    pages = [_page(generator).replace(HEAD, text), _page(generator).replace(TEXT, f"<h1>{title}</h1>{TEXT}")]
    pages += [_page('<link rel="stylesheet" href="https://a.example/wp-content/themes/x.css">').replace(HEAD, text)]
    assert [only("x.html", each, settings).is_draft for each in pages] == [True, True, True]
    # Any other page may begin its title so.
    assert not only("x.html", _page("").replace(HEAD, text), settings).is_draft
    assert not only(
        "x.html", _page(generator).replace(HEAD, text.replace(title, "Privateers: a plan")), settings
    ).is_draft


@pytest.mark.parametrize("generator", ["https://wordpress.org/?v=6.5", "Jekyll"])
def test_a_feed_of_wordpress_has_such_titles_too(generator: str, settings: ImportSettings) -> None:
    item = "<item><title>Protected: Plan</title><description>Text of the plan.</description><guid>1</guid></item>"
    feed = f"<rss version='2.0'><channel><title>T</title><generator>{generator}</generator>{item}</channel></rss>"
    assert only("x.rss", feed, settings).is_draft is ("wordpress" in generator)


ACCESS = (
    '"isAccessibleForFree": false',
    '"isAccessibleForFree": "http://schema.org/False"',
    '"https://schema.org/isAccessibleForFree": "no"',
    '"conditionsOfAccess": "Subscribers only"',
    '"requiresSubscription": true',
    '"mainEntity": {"@type": "Article", "isAccessibleForFree": "False"}',
    # A comma too many: no JSON.
    '"headline": "T", "schema:isAccessibleForFree": false,',
)


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize("said", ACCESS)
@pytest.mark.parametrize("kind", ["application/ld+json", "application/ld+json; charset=utf-8"])
def test_json_ld_counts_in_any_wrapping(said: str, wrapping: str, kind: str, settings: ImportSettings) -> None:
    written = wrapping.format(f'{{"@type": "Article", {said}}}')
    draft = only("x.html", _page(f'<script type="{kind}">{written}</script>'), settings)
    assert draft.is_draft


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(
    "said", ['"isAccessibleForFree": true', '"conditionsOfAccess": "public"', '"requiresSubscription": false']
)
def test_json_ld_of_a_public_page_does_not(said: str, wrapping: str, settings: ImportSettings) -> None:
    written = wrapping.format(f'{{"@type": "Article", "headline": "Mine", {said}}}')
    draft = only("x.html", _page(f'<script type="application/ld+json">{written}</script>'), settings)
    assert (draft.is_draft, draft.title) == (False, "Mine")


@pytest.mark.parametrize(
    ("element", "is_draft"),
    [
        ('<span itemprop="isAccessibleForFree">False</span>', True),
        ('<link itemprop="isAccessibleForFree" href="https://schema.org/False">', True),
        ('<span property="schema:isAccessibleForFree" content="false"></span>', True),
        ('<link itemprop="isAccessibleForFree" href="https://schema.org/True">', False),
    ],
)
def test_microdata_and_rdfa_say_it_too(element: str, is_draft: bool, settings: ImportSettings) -> None:
    assert only("x.html", _page("").replace("<p>", f"{element}<p>", 1), settings).is_draft is is_draft


@pytest.mark.parametrize(
    ("name", "value", "is_draft"),
    [
        ("Published", '<div class="checkbox checkbox-off"></div>', True),
        ("Published", '<div class="checkbox checkbox-on"></div>', False),
        ("Status", '<span class="status-value">In progress</span>', True),
        ("狀態", '<span class="selected-value">草稿</span>', True),
        ("Status", '<span class="status-value">Published</span>', False),
        ("Owner", "Kim", False),
    ],
)
def test_a_page_that_notion_exports_as_html_has_its_properties(
    name: str, value: str, is_draft: bool, settings: ImportSettings
) -> None:
    row = f'<tr class="property-row"><th><span class="icon"></span>{name}</th><td>{value}</td></tr>'
    page = _page("").replace("<p>", f'<header><h1>T</h1><table class="properties">{row}</table></header><p>', 1)
    assert only("x.html", page, settings).is_draft is is_draft


@pytest.mark.parametrize("said", ["yes", "", "quux"])
def test_an_atom_entry_is_public_only_if_its_draft_element_says_no(said: str, settings: ImportSettings) -> None:
    control = f'<app:control xmlns:app="http://www.w3.org/2007/app"><app:draft>{said}</app:draft></app:control>'
    entry = "<id>urn:x:1</id><title>T</title><updated>2026-02-10T09:00:00Z</updated><content>Text.</content>"
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry>{}</entry></feed>'
    assert only("x.atom", feed.format(control + entry), settings).is_draft
    assert not only("x.atom", feed.format(control.replace(f">{said}<", ">no<") + entry), settings).is_draft
