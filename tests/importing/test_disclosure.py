"""How an article was made is shown by its page and by every feed, once and escaped."""

import json

import pytest

from tests.conftest import Publication

SAID = "Made by <AI> & checked by us."
HTML = "<p><small>Made by &lt;AI&gt; &amp; checked by us.</small></p>"


@pytest.fixture
def disclosing(publication: Publication) -> Publication:
    """A publication with one article that discloses something and one that does not."""
    publication.article("made", disclosure=f'"{SAID}"')
    publication.article("plain", disclosure='""')
    publication.sync()
    return publication


def test_the_page_shows_it_behind_the_text(disclosing: Publication) -> None:
    html = disclosing.client().get("/articles/made").text
    assert html.count("Made by &lt;AI&gt; &amp; checked by us.") == 1
    assert html.index("<p>Text.</p>") < html.index("Made by &lt;AI&gt;")
    assert "<small>" not in disclosing.client().get("/articles/plain").text


def test_json_feed_shows_it_at_the_end_of_the_content(disclosing: Publication) -> None:
    items = json.loads(disclosing.client().get("/feeds/chips.json").data)["items"]
    contents = {item["title"]: item["content_html"] for item in items}
    assert contents["made"].endswith(HTML)
    assert "<small>" not in contents["plain"]


@pytest.mark.parametrize("suffix", ["atom", "rss"])
def test_the_other_feeds_show_it_too(suffix: str, disclosing: Publication) -> None:
    import feedparser

    entries = feedparser.parse(disclosing.client().get(f"/feeds/chips.{suffix}").data, sanitize_html=False).entries
    contents = {entry.title: entry.content[0].value for entry in entries}
    assert contents["made"].strip().endswith(HTML)
    assert "<small>" not in contents["plain"]


def test_what_it_says_is_a_change_that_readers_are_told(disclosing: Publication) -> None:
    before = disclosing.client().get("/feeds/chips.atom").headers["ETag"]
    disclosing.article("made", disclosure="Made by hand.")
    disclosing.sync()
    assert disclosing.client().get("/feeds/chips.atom").headers["ETag"] != before
    assert "Made by hand." in disclosing.client().get("/articles/made").text
