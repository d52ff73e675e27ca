"""A topic that goes from site.toml takes no page down: its articles' last good versions are still up."""

from tests.conftest import SITE_TOML, Publication


def test_pages_of_articles_whose_topic_is_gone(publication: Publication) -> None:
    publication.article("both", topics="[chips, cloud]")
    publication.article("only", topics="[cloud]")
    publication.sync()
    # Another title, too: an article may name a topic by its title.
    publication.write("site.toml", f'{SITE_TOML.partition("[topics.cloud]")[0]}[topics.storage]\ntitle = "Storage"\n')
    report = publication.sync()
    assert report.set_aside == ["articles/both.md", "articles/only.md"]
    client = publication.client()
    for path in ("/", "/topics/chips", "/articles/both", "/articles/only", "/feeds/all.atom", "/feeds.opml"):
        assert client.get(path).status_code == 200
    assert "/feeds/cloud." not in client.get("/articles/both").text
    assert client.get("/topics/cloud").status_code == 404
