"""Surrogate keys: a CDN that purges what a commit names serves what the service says."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

from feedsvc.config import Settings, preview_settings
from feedsvc.errors import ConfigError
from feedsvc.slices.slice import Slice
from feedsvc.store.snapshot.surrogate_keys import ALL, MAX_KEYS, SITE, keys_of
from feedsvc.web import create_app
from tests.conftest import Publication
from tests.web.cdn import FakeCdn, kept
from tests.web.random_edits import Edits
from tests.web.resources import PICTURE_FILE, RENDERED, RESOURCES, Resource, ask, over

FIELD = "Surrogate-Key"


def client_of(publication: Publication, **settings: Any) -> FlaskClient:
    """Return a client of an application with surrogate keys."""
    return create_app(replace(publication.settings, **{"surrogate_keys": FIELD, **settings})).test_client()


@pytest.fixture(scope="module")
def tagged(published: Publication) -> FlaskClient:
    """Over the publication that nobody changes."""
    return client_of(published)


@pytest.mark.parametrize("seed", range(2))
def test_after_each_purge_the_cdn_serves_what_the_service_says(publication: Publication, seed: int) -> None:
    """15 random edits for each seed, over all kinds of responses; a purge is of less than was kept, in the end."""
    random = Random(seed)
    edits = Edits(publication, random)
    edits.one()
    client = client_of(publication)
    cdn = FakeCdn(lambda url: kept(client.get(url)))
    needless = purged = compared = 0
    for _ in range(15):
        with publication.store.read() as snapshot:
            version = snapshot.version()
        urls = edits.urls()
        before = {url: cdn.get(url) for url in random.sample(urls, 30)}
        name = edits.one()
        with publication.store.read() as snapshot:
            gone = cdn.purge(snapshot.surrogate_keys_since(version))
        for url, earlier in before.items():
            now = kept(client.get(url))
            assert cdn.get(url).compared == now.compared, (name, url)
            needless += url in gone and now.compared == earlier.compared
        purged += len(gone & set(before))
        compared += len(before)
    assert needless < purged < compared


def test_a_feed_that_loses_a_tombstone_has_changed(filled: Publication) -> None:
    """The article is back, but not in this feed: the response cache and Last-Modified go by the same log."""
    client = client_of(filled)
    hello = filled.settings.content / "articles/hello/index.md"
    text = hello.read_text()
    hello.unlink()
    filled.sync()
    gone = ask(client, "/feeds/all.json?tag=sand")
    with filled.store.read() as snapshot:
        version = snapshot.version()
    filled.write("articles/hello/index.md", text.replace("[sand]", "[other]"))
    filled.sync()
    back = ask(client, "/feeds/all.json?tag=sand")
    assert back.data != gone.data
    assert back.last_modified is not None
    assert gone.last_modified is not None
    assert back.last_modified > gone.last_modified
    with filled.store.read() as snapshot:
        assert snapshot.touched_since(version).includes({("tag", "sand")})
        # Cursors report the article once only.
        assert [each.seq for each in snapshot.changes.after(Slice(), version.seq, 9)] == [snapshot.version().seq]


@over(RESOURCES)
def test_every_response_has_keys_only_where_they_are_wanted(
    tagged: FlaskClient, poller: FlaskClient, resource: Resource
) -> None:
    with_keys, without = ask(tagged, resource.path), ask(poller, resource.path)
    keys = with_keys.headers.pop(FIELD).split(" ")
    assert keys == [ALL] or keys[0] == SITE
    assert len(keys) <= MAX_KEYS
    assert {*with_keys.headers} - {("Date", with_keys.headers["Date"])} == {*without.headers} - {
        ("Date", without.headers["Date"])
    }
    again = ask(tagged, resource.path, If_None_Match=with_keys.headers["ETag"])
    # A cache takes over the fields of a 304 (RFC 9111 §4.3.4).
    assert (again.status_code, again.headers[FIELD]) == (304, " ".join(keys))


@over(RENDERED)
def test_the_prepared_response_has_the_keys_of_flasks(published: Publication, resource: Resource) -> None:
    app = create_app(replace(published.settings, surrogate_keys=FIELD))
    client, documents = app.test_client(), app.extensions["feedsvc"].cache
    documents.watched = True
    flasks = ask(client, resource.path)
    app.wsgi_app._app = None  # type: ignore[attr-defined]
    prepared = ask(client, resource.path)
    assert prepared.headers[FIELD] == flasks.headers[FIELD]


@pytest.mark.parametrize(
    "path", ["/nothing", "/articles/nothing", "/articles/old", "/feeds/no.rss", "/feeds/all.rss?tag=never", "/?p=1"]
)
def test_what_a_commit_may_put_at_an_address_is_purged_by_every_commit(tagged: FlaskClient, path: str) -> None:
    assert ask(tagged, path).headers[FIELD] == ALL


def test_a_response_of_few_facets_has_few_keys(tagged: FlaskClient) -> None:
    (site, topic) = ask(tagged, "/feeds/chips.rss").headers[FIELD].split(" ")
    assert (site, topic) == keys_of({("topic", "chips")})
    assert ask(tagged, "/openapi.json").headers[FIELD] == SITE
    assert ask(tagged, "/embed.js").headers[FIELD] == SITE


def test_a_picture_has_the_keys_of_its_articles(filled: Publication) -> None:
    """A picture that very many articles use is purged by every commit."""
    client = client_of(filled)
    assert len(ask(client, PICTURE_FILE.path).headers[FIELD].split(" ")) == 2
    for number in range(MAX_KEYS):
        filled.article(f"more{number}", "![x](hello/pic.svg)")
    filled.sync()
    assert ask(client, PICTURE_FILE.path).headers[FIELD] == ALL
    assert ask(client_of(filled, accel="/media-files/"), PICTURE_FILE.path).headers[FIELD] == ALL


def test_cloudflares_tags_are_separated_by_commas(published: Publication) -> None:
    found = ask(client_of(published, surrogate_keys="Cache-Tag"), "/feeds/chips.rss")
    assert found.headers["Cache-Tag"] == ",".join(keys_of({("topic", "chips")}))
    assert FIELD not in found.headers


def test_another_field_is_refused() -> None:
    with pytest.raises(ConfigError, match="write Surrogate-Key or Cache-Tag"):
        Settings(surrogate_keys="X-Key")


def test_a_preview_has_no_keys() -> None:
    assert preview_settings(Settings(surrogate_keys=FIELD)).surrogate_keys is None
