"""docs/http.md, Validators: rules 1 to 5."""

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from flask.testing import FlaskClient
from werkzeug.http import http_date, parse_date

from tests.conftest import SITE_TOML, START, Publication
from tests.web.resources import FEEDS, FROM_STORE, LISTS, RENDERED, RESOURCES, Resource, ask, fields, fill, over

ESTABLISHED: Final = datetime(2026, 1, 1, tzinfo=UTC)
CODINGS: Final = ("br", "gzip", "identity")


def modified(client: FlaskClient, path: str) -> datetime:
    """The Last-Modified of a 200."""
    answer = ask(client, path)
    assert answer.status_code == 200
    found = parse_date(answer.headers["Last-Modified"])
    assert found is not None
    return found


@over(RESOURCES)
def test_every_200_has_a_strong_etag_and_last_modified(poller: FlaskClient, resource: Resource) -> None:
    """1. Every 200 has a strong ETag … and Last-Modified (RFC 9110 §8.8)."""
    answer = ask(poller, resource.path)
    assert answer.status_code == 200
    assert re.fullmatch(r'"[0-9a-f]{32,64}"', answer.headers["ETag"])
    assert parse_date(answer.headers["Last-Modified"]) is not None


@over([each for each in RESOURCES if not each.path.startswith("/media/")])
def test_the_etag_is_of_the_uncompressed_bytes_with_a_suffix(poller: FlaskClient, resource: Resource) -> None:
    """1. … hash of the uncompressed bytes plus a suffix per content coding: compressed bytes vary …"""
    identity = ask(poller, resource.path).headers["ETag"].strip('"')
    tags = {coding: ask(poller, resource.path, Accept_Encoding=coding).headers["ETag"] for coding in CODINGS}
    assert tags == {"br": f'"{identity}-br"', "gzip": f'"{identity}-gzip"', "identity": f'"{identity}"'}


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_have_no_validators(poller: FlaskClient, path: str) -> None:
    """They say how things are now: no-store, and exempt from rules 1 to 8."""
    answer = ask(poller, path, If_None_Match="*")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not {"ETag", "Last-Modified"} & set(answer.headers.keys())


@over([*FEEDS, *LISTS])
def test_an_untouched_empty_feed_is_as_old_as_the_publication(publication: Publication, resource: Resource) -> None:
    """2. Last-Modified is the latest commit that touched the slice …, else `established` in site.toml."""
    publication.sync()
    assert modified(publication.client(), resource.path) == ESTABLISHED


@over(RENDERED)
def test_last_modified_is_the_commit_not_the_article(poller: FlaskClient, resource: Resource) -> None:
    """2. … never the newest article's date (that hides removals and back-dated articles from date-only pollers)."""
    assert modified(poller, resource.path) == START + timedelta(minutes=1)


def test_a_removal_moves_last_modified(filled: Publication) -> None:
    """2. Last-Modified is the latest commit that touched the slice: a removal, too."""
    filled.article("third", topics="[cloud]")
    filled.sync()
    (filled.settings.content / "articles/third.md").unlink()
    filled.sync()
    client = filled.client()
    for path in ("/feeds/cloud.atom", "/feeds/all.rss", "/", "/topics/cloud", "/sitemap.xml"):
        assert modified(client, path) == filled.now, path
    assert modified(client, "/feeds/chips.atom") == START + timedelta(minutes=1)


def test_a_back_dated_article_moves_last_modified(filled: Publication) -> None:
    """2. … never the newest article's date."""
    filled.article("older", published="1999-01-01 00:00")
    filled.sync()
    assert modified(filled.client(), "/feeds/chips.json") == filled.now
    assert modified(filled.client(), "/feeds/cloud.json") < filled.now


def test_a_new_topic_moves_what_lists_the_topics(filled: Publication) -> None:
    """2. … touched the slice: a page or an OPML that names every topic is touched by each of them."""
    filled.write("site.toml", f'{SITE_TOML}\n[topics.power]\ntitle = "Power"\n')
    filled.sync()
    client = filled.client()
    assert "Power" in ask(client, "/feeds.opml").text
    for path in ("/feeds.opml", "/", "/topics/chips", "/articles/hello", "/sitemap.xml"):
        assert modified(client, path) == filled.now, path
    assert modified(client, "/feeds/chips.atom") < filled.now


@pytest.mark.parametrize("topics", ["", '[topics.cloud]\ntitle = "Clouds"'])
def test_a_topic_that_goes_or_changes_moves_what_lists_the_topics(publication: Publication, topics: str) -> None:
    """2. … touched the slice, in the same way."""
    publication.sync()
    publication.write("site.toml", SITE_TOML.partition("[topics.cloud]")[0] + topics)
    publication.sync()
    for path in ("/feeds.opml", "/", "/topics/chips"):
        assert modified(publication.client(), path) == publication.now, path


@pytest.mark.parametrize("what", ["site", "renderer"])
def test_the_site_and_the_renderer_move_every_date(
    filled: Publication, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2. … the latest commit that touched the slice, the site or the renderer's version."""
    if what == "site":
        filled.write("site.toml", SITE_TOML.replace("All about tests", "All about dates"))
    else:
        monkeypatch.setattr("feedsvc.sync.RENDERER_VERSION", 1_000_000)
    filled.sync()
    for resource in RENDERED:
        assert modified(filled.client(), resource.path) == filled.now, resource.path


def test_last_modified_never_decreases(filled: Publication) -> None:
    """2. … never decreasing, though the clock of the machine was put back."""
    before = {each.path: modified(filled.client(), each.path) for each in FROM_STORE}
    filled.now -= timedelta(days=1)
    filled.article(
        "hello/index", "Hello again, ![a circle](pic.svg).", title="Hello again", aliases="[old]", tags="[sand]"
    )
    filled.sync()
    assert "Hello again" in ask(filled.client(), "/feeds/all.atom").text
    for path, moment in before.items():
        assert modified(filled.client(), path) >= moment


def test_last_modified_is_never_later_than_date(publication: Publication) -> None:
    """2. … never later than Date, though the writer's clock is ahead of ours (RFC 9110 §8.8.2.1)."""
    publication.now = datetime.now(UTC) + timedelta(days=400)
    fill(publication)
    publication.sync()
    for resource in RESOURCES:
        answer = ask(publication.client(), resource.path)
        made, changed = parse_date(answer.headers["Date"]), parse_date(answer.headers["Last-Modified"])
        assert made is not None
        assert changed is not None
        assert changed <= made, resource.path


@over(RESOURCES)
def test_if_none_match(poller: FlaskClient, resource: Resource) -> None:
    """3. If-None-Match: lists, `*`, weak comparison."""
    tag = ask(poller, resource.path).headers["ETag"]
    cases = {
        tag: 304,
        f"W/{tag}": 304,
        f'"other", {tag}': 304,
        f'"a,b" , W/"c" ,{tag}': 304,
        "*": 304,
        '"old"': 200,
        'W/"old", "older"': 200,
        f'"{tag.strip(chr(34))[:-1]}"': 200,
    }
    found = {written: ask(poller, resource.path, If_None_Match=written).status_code for written in cases}
    assert found == cases


@over(RENDERED)
def test_an_etag_belongs_to_its_coding(poller: FlaskClient, resource: Resource) -> None:
    """1. … plus a suffix per content coding; 3. a tag of another coding is another tag."""
    tags = {coding: ask(poller, resource.path, Accept_Encoding=coding).headers["ETag"] for coding in CODINGS}
    for sent in CODINGS:
        for coding, tag in tags.items():
            answer = ask(poller, resource.path, Accept_Encoding=sent, If_None_Match=tag)
            assert answer.status_code == (304 if sent == coding else 200), (sent, coding)


@over(RESOURCES)
def test_if_modified_since(poller: FlaskClient, resource: Resource) -> None:
    """3. If-Modified-Since (RFC 9110 §13.1.3): the date or a later one; what is no date is ignored."""
    moment = modified(poller, resource.path)
    cases = {
        http_date(moment): 304,
        http_date(moment + timedelta(seconds=1)): 304,
        http_date(moment - timedelta(seconds=1)): 200,
        "yesterday": 200,
        "": 200,
    }
    found = {written: ask(poller, resource.path, If_Modified_Since=written).status_code for written in cases}
    assert found == cases


@over(RESOURCES)
def test_if_modified_since_is_ignored_beside_if_none_match(poller: FlaskClient, resource: Resource) -> None:
    """3. … If-Modified-Since is ignored when it is there (§13.1.2-3)."""
    tag, late, early = ask(poller, resource.path).headers["ETag"], http_date(START.replace(year=2030)), http_date(0)
    assert ask(poller, resource.path, If_None_Match='"old"', If_Modified_Since=late).status_code == 200
    assert ask(poller, resource.path, If_None_Match=tag, If_Modified_Since=early).status_code == 304


@over(RESOURCES)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_304_has_no_body_and_the_headers_of_the_200(poller: FlaskClient, resource: Resource, method: str) -> None:
    """4. A 304 has no body, and the Cache-Control, Content-Location, ETag, Expires and Vary of the 200 (§15.4.5)."""
    for coding in CODINGS:
        whole = ask(poller, resource.path, Accept_Encoding=coding)
        answer = ask(poller, resource.path, method, Accept_Encoding=coding, If_None_Match=whole.headers["ETag"])
        assert (answer.status_code, answer.data) == (304, b"")
        for name in ("Cache-Control", "Content-Location", "ETag", "Expires", "Vary"):
            assert answer.headers.get(name) == whole.headers.get(name), name
        assert not {"Content-Type", "Content-Length", "Content-Encoding"} & set(answer.headers.keys())


def test_a_failed_precondition_is_not_the_document(poller: FlaskClient) -> None:
    """3. Conditions of RFC 9110 §13: one that fails (If-Match) is answered 412, in one line and not to be kept."""
    answer = ask(poller, "/feeds/all.atom", If_Match='"old"')
    assert (answer.status_code, answer.headers["Cache-Control"]) == (412, "no-store")
    assert answer.text.count("\n") == 1


def test_validators_are_the_same_everywhere(filled: Publication, tmp_path: Path) -> None:
    """5. Validators are the same on every worker and after a restart; promise 2: the same store, the same bytes."""
    anew = Publication(tmp_path / "anew")
    filled.store.close()
    shutil.copytree(filled.root / ".feedsvc", anew.root / ".feedsvc")
    worker = filled.client()
    for resource in RESOURCES:
        for coding in CODINGS:
            first = ask(worker, resource.path, Accept_Encoding=coding)
            for client in (filled.client(), anew.client()):
                other = ask(client, resource.path, Accept_Encoding=coding)
                assert (fields(other), other.data) == (fields(first), first.data), resource.path
    anew.store.close()


def test_a_sync_that_changes_nothing_changes_no_validator(filled: Publication) -> None:
    """Promise 2: an ETag changes only when *this* feed changes."""
    client = filled.client()
    before = {each.path: fields(ask(client, each.path)) for each in RESOURCES}
    assert not filled.sync(whole=True).added
    assert {each.path: fields(ask(client, each.path)) for each in RESOURCES} == before
