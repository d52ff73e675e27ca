"""A saved page may say that not everybody may read it: then it becomes a draft, with a note."""

import pytest

from feedsvc.importing.settings import ImportSettings
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
    ],
)
def test_the_class_of_a_post_of_wordpress_has_its_status(
    classes: str, is_draft: bool, settings: ImportSettings
) -> None:
    assert only("x.html", _page("", classes), settings).is_draft is is_draft


@pytest.mark.parametrize("said", ["yes", "", "quux"])
def test_an_atom_entry_is_public_only_if_its_draft_element_says_no(said: str, settings: ImportSettings) -> None:
    control = f'<app:control xmlns:app="http://www.w3.org/2007/app"><app:draft>{said}</app:draft></app:control>'
    entry = "<id>urn:x:1</id><title>T</title><updated>2026-02-10T09:00:00Z</updated><content>Text.</content>"
    feed = '<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry>{}</entry></feed>'
    assert only("x.atom", feed.format(control + entry), settings).is_draft
    assert not only("x.atom", feed.format(control.replace(f">{said}<", ">no<") + entry), settings).is_draft
