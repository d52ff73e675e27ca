"""A topic gets another name, or is closed for good: `aliases` of a topic, and `gone_topics`, in site.toml."""

import pytest
from flask.testing import FlaskClient

from feedsvc.errors import ConfigError
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import ask

RENAMED = SITE_TOML.replace("[topics.cloud]", "[topics.nimbus]") + 'aliases = ["cloud", "雲端"]\n'


@pytest.fixture
def renamed(publication: Publication) -> Publication:
    """A publication whose topic cloud, with articles of two months, was renamed to nimbus."""
    for day, topics in (("2026-09-10", "[cloud]"), ("2026-10-10", "[cloud]"), ("2026-10-11", "[chips, cloud]")):
        publication.article(f"of-{day}", published=day, topics=topics, tags="[gpu]")
    publication.sync()
    publication.write("site.toml", RENAMED)
    publication.sync()
    return publication


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/feeds/cloud.atom", "/feeds/nimbus.atom"),
        ("/feeds/cloud.rss", "/feeds/nimbus.rss"),
        ("/feeds/cloud.json", "/feeds/nimbus.json"),
        ("/feeds/Cloud.rss/", "/feeds/nimbus.rss"),
        ("/feeds/%E9%9B%B2%E7%AB%AF.rss", "/feeds/nimbus.rss"),
        ("/feeds/cloud.rss?lang=en&tag=gpu&utm_source=x", "/feeds/nimbus.rss?lang=en&tag=gpu"),
        ("/feeds/cloud.atom?q=%E6%99%B6%E7%89%87%20gpu", "/feeds/nimbus.atom?q=%E6%99%B6%E7%89%87%20gpu"),
        ("/feeds/cloud/2026-09.atom", "/feeds/nimbus/2026-09.atom"),
        ("/feeds/cloud/2026-09.json?tag=gpu", "/feeds/nimbus/2026-09.json?tag=gpu"),
        ("/topics/cloud", "/topics/nimbus"),
        ("/topics/cloud?ui=zh-Hant", "/topics/nimbus?ui=zh-Hant"),
        ("/embed/cloud?theme=dark", "/embed/nimbus?theme=dark"),
        ("/feeds/all.atom?topic=cloud", "/feeds/all.atom?topic=nimbus"),
        ("/feeds/all.atom?topic=Cloud&topic=chips", "/feeds/all.atom?topic=nimbus&topic=chips"),
        ("/feeds/chips.atom?topic=cloud", "/feeds/chips.atom?topic=nimbus"),
        ("/feeds/all.atom?not=topic:cloud", "/feeds/all.atom?not=topic:nimbus"),
        ("/feeds/all.rss?lang=en&amp;topic=cloud", "/feeds/all.rss?lang=en&topic=nimbus"),
        ("/feeds.opml?topic=cloud&format=rss", "/feeds.opml?topic=nimbus&format=rss"),
    ],
)
def test_a_former_name_leads_to_the_present_one(renamed: Publication, old: str, new: str) -> None:
    client = renamed.client()
    for method in ("GET", "HEAD"):
        answer = ask(client, old, method)
        assert (answer.status_code, answer.headers["Location"]) == (301, f"https://example.org{new}")
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert ask(client, new).status_code == 200
    assert ask(client, old, "POST").status_code == 405


def test_a_browser_is_redirected_to_the_page_of_the_feed(renamed: Publication) -> None:
    answer = ask(renamed.client(), "/feeds/cloud.atom?ui=en", Sec_Fetch_Dest="document")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://example.org/feeds/nimbus.atom?ui=en")


def test_a_cursor_goes_on_under_the_present_name(renamed: Publication) -> None:
    client = renamed.client()
    cursor = ask(client, "/feeds/nimbus.json").headers["Link"].partition("after=")[2].partition(">")[0]
    answer = ask(client, f"/feeds/cloud.json?after={cursor}")
    assert answer.headers["Location"] == f"https://example.org/feeds/nimbus.json?after={cursor}"
    assert ask(client, f"/feeds/nimbus.json?after={cursor}").status_code == 200


def test_a_rename_brings_no_old_article_back(publication: Publication) -> None:
    """The same bytes under another topic's name are no correction, so no current feed shows the past again."""
    small = f"feed_size = 1\n{SITE_TOML}"
    publication.write("site.toml", small)
    for day in ("2026-08-10", "2026-09-10", "2026-11-01"):
        publication.article(f"of-{day}", published=day, topics="[cloud]")
    publication.sync()
    client = publication.client()
    publication.write("site.toml", f"feed_size = 1\n{RENAMED}")
    publication.sync()
    for name in ("all", "nimbus"):
        assert [each["title"] for each in ask(client, f"/feeds/{name}.json").get_json()["items"]] == ["of-2026-11-01"]


def test_the_location_is_made_of_base_url(renamed: Publication) -> None:
    """Nothing in a Location comes from Host (docs/http.md, rule 15); a publication may be below a path."""
    renamed.write("site.toml", RENAMED.replace("https://example.org", "https://example.org/blog"))
    renamed.sync()
    answer = ask(renamed.client(), "/feeds/cloud.rss?tag=gpu", Host="evil.example", X_Forwarded_Host="evil.example")
    assert answer.headers["Location"] == "https://example.org/blog/feeds/nimbus.rss?tag=gpu"


def test_articles_that_name_the_former_topic_are_of_the_present_one(renamed: Publication) -> None:
    report = renamed.sync()
    client = renamed.client()
    feed = ask(client, "/feeds/nimbus.json").get_json()
    assert (feed["feed_url"], len(feed["items"])) == ("https://example.org/feeds/nimbus.json", 3)
    assert report.set_aside == []
    assert str(report.problems[0]) == (
        "articles/of-2026-09-10.md:4: warning: topics: 'cloud' is a former name of the topic nimbus (write nimbus)"
    )
    for path in ("/articles/of-2026-09-10", "/topics/nimbus", "/feeds.opml", "/"):
        assert "/cloud" not in ask(client, path).text


def test_subscribing_to_a_former_name_adds_the_present_feed(renamed: Publication) -> None:
    text = ask(renamed.client(), "/subscribe?feed=cloud.rss%3Ftag%3Dgpu").text
    assert "https://example.org/feeds/nimbus.rss?tag=gpu" in text
    assert "cloud.rss" not in text.replace('value="cloud.rss', "").replace("feed=cloud.rss", "")


def test_a_new_alias_makes_no_document_anew(renamed: Publication) -> None:
    """Last-Modified is that of what a document shows: it shows no redirects (docs/http.md, rule 2)."""
    before = ask(renamed.client(), "/feeds/chips.atom").headers
    renamed.write(
        "site.toml",
        RENAMED.replace('"雲端"]', '"雲端", "clouds"]').replace(
            "[topics.chips]", 'gone_topics = ["x"]\n[topics.chips]', 1
        ),
    )
    renamed.sync()
    client = renamed.client()
    after = ask(client, "/feeds/chips.atom").headers
    assert (before["ETag"], before["Last-Modified"]) == (after["ETag"], after["Last-Modified"])
    assert ask(client, "/feeds/clouds.atom").status_code == 301


@pytest.fixture
def closed(publication: Publication) -> FlaskClient:
    publication.article("one")
    publication.article("two", topics="[cloud]")
    publication.sync()
    cloud = '[topics.cloud]\ntitle = "Cloud"\n'
    assert cloud in SITE_TOML
    publication.write("site.toml", 'gone_topics = ["cloud"]\n' + SITE_TOML.replace(cloud, ""))
    publication.sync()
    return publication.client()


@pytest.mark.parametrize(
    "path",
    [
        "/feeds/cloud.atom",
        "/feeds/cloud.rss",
        "/feeds/cloud.json?tag=x",
        "/feeds/cloud/2026-09.atom",
        "/topics/cloud",
        "/embed/cloud",
        "/feeds/all.atom?topic=cloud",
        "/feeds.opml?topic=cloud",
    ],
)
def test_a_closed_topic_is_gone(closed: FlaskClient, path: str) -> None:
    """docs/http.md, rule 10: 410 for a topic named in `gone_topics`."""
    for method in ("GET", "HEAD"):
        assert ask(closed, path, method).status_code == 410
    assert ask(closed, path).text == "the topic cloud was closed (see https://example.org/)\n"


def test_a_closed_topic_takes_no_other_along(closed: FlaskClient) -> None:
    for path in ("/feeds/all.atom?topic=cloud&topic=chips", "/feeds/all.atom?not=topic:cloud"):
        answer = ask(closed, path)
        assert (answer.status_code, "the topic cloud was closed (remove it)" in answer.text) == (400, True)


def test_the_page_of_a_closed_topic_says_so(closed: FlaskClient) -> None:
    text = ask(closed, "/topics/cloud?ui=zh-Hant", Accept="text/html").text
    assert "這個主題已經結束" in text
    assert "這篇文章" not in text


@pytest.mark.parametrize("path", ["/feeds/cloud.atom", "/feeds/cloud/2026-09.atom", "/topics/cloud", "/embed/cloud"])
def test_a_topic_that_is_merely_missing_mutes_no_subscriber(publication: Publication, path: str) -> None:
    """404 for a topic that is missing from site.toml: readers mute a feed that answers 410."""
    publication.article("two", topics="[cloud]")
    publication.sync()
    publication.write("site.toml", SITE_TOML.replace("[topics.cloud]", "[topics.clouds]"))
    publication.sync()
    assert ask(publication.client(), path).status_code == 404


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (RENAMED.replace('"cloud"', '"chips"'), ":16: topics.nimbus.aliases: 'chips' names the topic 'chips' already"),
        (RENAMED.replace('"cloud"', '"nimbus"'), ":16: topics.nimbus.aliases: 'nimbus' names the topic itself already"),
        (RENAMED.replace('"cloud"', '"all"'), ":16: topics.nimbus.aliases: 'all' cannot be a former name of a topic"),
        (RENAMED.replace('"cloud"', '"a b"'), ":16: topics.nimbus.aliases: 'a b' cannot be a former name of a topic"),
        (RENAMED.replace('"cloud"', '"雲端"'), ":16: topics.nimbus.aliases: '雲端' is there twice"),
        (RENAMED.replace('["cloud", "雲端"]', '"cloud"'), ":16: topics.nimbus.aliases: must be a list of names"),
        (f'gone_topics = ["chips"]\n{RENAMED}', ":1: gone_topics: 'chips' names the topic 'chips'"),
        (f'gone_topics = ["cloud"]\n{RENAMED}', ":1: gone_topics: 'cloud' names the topic 'nimbus'"),
        (
            RENAMED + '[topics.more]\naliases = ["Cloud"]\n',
            ":18: topics.more.aliases: 'cloud' names the topic 'nimbus'",
        ),
    ],
)
def test_names_that_contradict_each_other(publication: Publication, toml: str, message: str) -> None:
    """The error names the line of site.toml."""
    publication.write("site.toml", toml)
    with pytest.raises(ConfigError) as caught:
        publication.sync()
    assert f"site.toml{message}" in str(caught.value)


def test_an_article_of_a_closed_topic_is_told_why(publication: Publication) -> None:
    publication.write("site.toml", f'gone_topics = ["quantum"]\n{SITE_TOML}')
    publication.article("one", topics="[quantum]")
    assert "the topic 'quantum' was closed: gone_topics in site.toml names it" in str(publication.sync().problems[0])
