"""`feedsvc import` writes no part that is for members only, and makes drafts of entries that are not public."""

import json

import pytest

from feedsvc.articles.read import read_article
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only
from tests.importing.test_wxr import WXR

TEXT = "The chip maker announced a new GPU wafer and semiconductor foundry plan with TSMC today."
BODIES = [
    f"<p>{TEXT}</p><!--members-only--><p>zqsecret</p>",
    f"<p>{TEXT}</p>[members]<p>zqsecret</p>[/members]",
    f"<p>{TEXT}</p><!-- wp:jetpack/paywall --><p>zqsecret</p>",
    f"<p>{TEXT}</p>[login]<p>zqsecret</p>[/login]",
    f"<p>{TEXT}</p><!--kg-gated-block:begin nonMember:false --><p>zqsecret</p><!--kg-gated-block:end-->",
    f'<p>{TEXT}</p><!--kg-gated-block:begin nonMember:false s:"free" --><p>zqsecret</p><!--kg-gated-block:end-->',
]


def _json(body: str, **more: object) -> str:
    item = {"id": "1", "title": "Plan", "content_html": body, "date_published": "2026-01-02T00:00:00Z", **more}
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "B", "items": [item]})


def _rss(body: str, more: str = "") -> str:
    return (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:g="https://g.example/">'
        "<channel><title>B</title><link>https://a.example/</link><item><title>Plan</title><guid>urn:x:1</guid>"
        f"<pubDate>Fri, 02 Jan 2026 00:00:00 GMT</pubDate>{more}"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item></channel></rss>"
    )


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("format_", ["rss", "json", "wxr"])
def test_what_is_for_members_is_left_out(body: str, format_: str, settings: ImportSettings) -> None:
    if format_ == "wxr":
        draft, *_ = read_items("x.xml", WXR.format(content=body, more="").encode(), settings)
        assert isinstance(draft, Draft)
    else:
        draft = only(f"x.{format_}", _rss(body) if format_ == "rss" else _json(body), settings)
    assert "zqsecret" not in draft.body
    assert "semiconductor" in draft.body
    assert any("is for members only, and is left out" in each for each in draft.notes)


@pytest.mark.parametrize("body", BODIES)
def test_markdown_is_kept_as_it_is_and_a_sync_leaves_it_out(body: str, settings: ImportSettings) -> None:
    """Nothing that somebody wrote is lost."""
    source = f"---\ntitle: Plan\npublished: 2026-01-02\ntopics: [chips]\n---\n{body}\n"
    assert "zqsecret" in only("x.md", source, settings).body
    parsed = read_article("articles/x.md", source.encode(), settings.site, lambda _path: None)
    assert "zqsecret" not in parsed.article.content


@pytest.mark.parametrize(
    "more",
    [
        "<g:visibility>members</g:visibility>",
        "<status>private</status>",
        "<g:draft>true</g:draft>",
        "<g:paywall>1</g:paywall>",
        '<i:block xmlns:i="http://www.itunes.com/dtds/podcast-1.0.dtd">Yes</i:block>',
        '<p:block xmlns:p="https://podcastindex.org/namespace/1.0">yes</p:block>',
        '<p:block xmlns:p="y" id="x">no</p:block><p:block xmlns:p="y">yes</p:block>',
        '<yt:private xmlns:yt="http://gdata.youtube.com/schemas/2007"/>',
    ],
)
def test_an_item_of_rss_that_is_not_public_becomes_a_draft(more: str, settings: ImportSettings) -> None:
    draft = only("x.rss", _rss(f"<p>{TEXT}</p>", more), settings)
    assert draft.is_draft
    assert "is not for the public: made a draft" in draft.notes[0]


@pytest.mark.parametrize(
    "more",
    [{"_ghost": {"visibility": "members"}}, {"_meta": {"draft": True}}, {"dg-publish": False}, {"is_paid": True}],
)
def test_an_item_of_json_feed_that_is_not_public_becomes_a_draft(
    more: dict[str, object], settings: ImportSettings
) -> None:
    assert only("x.json", _json(f"<p>{TEXT}</p>", **more), settings).is_draft


@pytest.mark.parametrize(
    "more",
    [
        "",
        "<g:visibility>public</g:visibility>",
        "<g:premium>false</g:premium>",
        '<p:block xmlns:p="https://podcastindex.org/namespace/1.0">no</p:block>',
    ],
)
def test_others_do_not(more: str, settings: ImportSettings) -> None:
    assert not only("x.rss", _rss(f"<p>{TEXT}</p>", more), settings).is_draft


def test_the_latest_date_is_when_it_is_published(settings: ImportSettings) -> None:
    """Hugo publishes nothing before publishDate, whatever `date` says."""
    front = "date: 2026-01-02\npublishDate: 2027-01-02\nparams: {expiryDate: 2028-01-01}\nunpublish_date: 2028-06-01"
    draft = only("x.md", f"---\ntitle: Plan\n{front}\n---\n{TEXT}\n", settings)
    assert draft.published is not None
    assert draft.published.at.isoformat() == "2027-01-01T16:00:00+00:00"
    assert draft.expires is not None
    assert draft.expires.isoformat() == "2027-12-31T16:00:00+00:00"
    assert not draft.is_draft
