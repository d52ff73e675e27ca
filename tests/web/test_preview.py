"""The application of `feedsvc serve --drafts`: marks, headers, and who is answered."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from feedsvc.config import preview_settings
from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.routes import PREVIEW, ROUTES
from feedsvc.site.site_toml import load_site
from feedsvc.store import Store
from feedsvc.sync import Options, Report, sync
from feedsvc.sync.publication.new_publication import begin_publication
from feedsvc.web import create_app
from tests.conftest import START, Publication

TOKEN = "0123456789abcdef"
OWN = "http://127.0.0.1:8001"


class Preview:
    """The preview of a publication, at the same time."""

    def __init__(self, publication: Publication) -> None:
        self.publication = publication
        self.settings = preview_settings(publication.settings, base_url=OWN)
        self.store = Store(self.settings.store_file)

    def sync(self) -> Report:
        """Sync the preview's own store."""
        site = load_site(self.settings.content, self.settings.base_url, self.settings.own_url)
        return sync(self.settings, site, self.store, self.publication.now)

    def client(self, **settings: object) -> FlaskClient:
        """Sync, and return a client of an application with the preview's store."""
        self.sync()
        return create_app(replace(self.settings, **settings)).test_client()  # type: ignore[arg-type]


@pytest.fixture
def preview(publication: Publication) -> Iterator[Preview]:
    """A preview of three articles: one live, one a draft, one scheduled."""
    publication.article("live", body="[to a draft](idea.md)")
    publication.article("idea", body="Not yet. [back](later.md)", draft="true")
    publication.article("later", published="2027-01-31 09:00")
    made = Preview(publication)
    yield made
    made.store.close()


def test_drafts_and_scheduled_articles_are_shown_with_marks(preview: Preview) -> None:
    client = preview.client()
    assert '<strong class="mark" lang="en" dir="ltr">Draft</strong>' in client.get("/articles/idea").text
    assert "Scheduled for <time" in client.get("/articles/later").text
    assert "January 31, 2027" in client.get("/articles/later").text
    assert 'class="mark"' not in client.get("/articles/live").text
    home = client.get("/").text
    assert home.count('class="mark"') == 2
    assert "草稿</strong>" in client.get("/articles/idea?ui=zh-Hant").text
    assert "發布</strong>" in client.get("/articles/later?ui=zh-Hant").text
    page = client.get("/feeds/chips.atom", headers={"Sec-Fetch-Dest": "document"}).text
    assert page.count('class="mark"') == 2
    assert "[Draft] idea" in client.get("/embed/chips").text


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_feeds_have_the_marks_in_titles(preview: Preview, suffix: str) -> None:
    preview.publication.article("點子", body="尚未。", draft="true", slug="idea-zh", language="zh-Hant")
    text = preview.client().get(f"/feeds/chips.{suffix}").text
    for title in ("[Draft] idea", "[Scheduled] later", "［草稿］點子", "live"):
        assert title in text, title
    assert "[Draft] live" not in text
    assert "2027-01-31" in text or "31 Jan 2027" in text  # its date is not changed


def test_links_between_drafts_work_and_stay_in_the_preview(preview: Preview) -> None:
    client = preview.client()
    assert f'href="{OWN}/articles/idea"' in client.get("/articles/live").text
    assert f'href="{OWN}/articles/later"' in client.get("/articles/idea").text
    assert "https://example.org" not in client.get("/").text


def test_the_live_publication_knows_nothing_of_it(preview: Preview) -> None:
    publication = preview.publication
    publication.sync()
    before = {file: file.read_bytes() for file in publication.settings.store_file.parent.glob("*") if file.is_file()}
    preview.client().get("/articles/idea")
    assert {file: file.read_bytes() for file in before} == before
    live = publication.client()
    assert live.get("/articles/idea").status_code == live.get("/articles/later").status_code == 404
    for route in PREVIEW.values():
        assert live.get(route.rule).status_code == 404
    page = live.get("/articles/live")
    assert "mark" not in page.text
    assert "<script src" not in page.text
    assert "noindex" not in page.text
    assert page.headers["ETag"]


def test_no_response_may_be_stored_listed_or_read_by_other_sites(preview: Preview) -> None:
    publication = preview.publication
    publication.write("articles/a.png", b"\x89PNG\r\n\x1a\n")
    publication.article("pictured", body="![A](a.png)", draft="true")
    client = preview.client()
    (media,) = re.findall(f'src="{OWN}(/media/[^"]+)"', client.get("/articles/pictured").text)
    paths = [each.rule for each in (*ROUTES, *PREVIEW.values()) if "<" not in each.rule]
    more = ["/articles/idea", "/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/embed/all", media, "/nothing"]
    for path in [*paths, *more]:
        for method in ("GET", "HEAD", "OPTIONS"):
            answer = client.open(path, method=method)
            given = answer.headers
            assert given["Cache-Control"] == "no-store", path
            assert given["X-Robots-Tag"] == "noindex", path
            assert not {"ETag", "Last-Modified", "Access-Control-Allow-Origin"} & set(given.keys()), path
            if answer.mimetype == "text/html" and method == "GET":
                assert '<meta name="robots" content="noindex">' in answer.text, path
            answer.close()
    assert client.get("/sitemap.xml").status_code == 404
    assert "Disallow: /\n" in client.get("/robots.txt").text
    live = publication
    live.sync()
    etag = live.client().get("/feeds/all.atom").headers["ETag"]
    assert client.get("/feeds/all.atom", headers={"If-None-Match": f"{etag}, *"}).status_code == 200


def test_pages_reload_after_a_commit(preview: Preview) -> None:
    client = preview.client()
    page = client.get("/articles/idea")
    assert "script-src 'self'; connect-src 'self'" in page.headers["Content-Security-Policy"]
    found = re.search(r'<script src="([^"]+)" data-commit="(\w+)" data-ask="([^"]+)" defer>', page.text)
    assert found is not None
    script, commit, ask = found.groups()
    assert client.get(script).mimetype == "text/javascript"
    assert client.get(ask).text == commit
    preview.sync()
    assert client.get(ask).text == commit  # nothing changed
    preview.publication.article("idea", body="Better.", draft="true")
    preview.sync()
    assert client.get(ask).text != commit
    missing = client.get("/articles/none", headers={"Accept": "text/html"})
    assert "data-commit" in missing.text


def test_the_front_page_names_what_is_wrong_and_a_draft_keeps_its_address(preview: Preview) -> None:
    client = preview.client()
    commit = client.get(PREVIEW["commit"].rule).text
    preview.publication.write("articles/idea.md", "---\ntitle: 'x\ndraft: true\n---\n")
    preview.publication.write("articles/bare.md", "---\ndraft: true\n---\nA first thought.\n")
    preview.sync()
    home = client.get("/").text
    assert "articles/idea.md:2: broken YAML" in home
    assert "articles/bare.md: warning: title: is missing (add &#39;title: …&#39;" in home
    assert "articles/bare.md" not in client.get("/?page=1&ui=en").text.partition("h-feed")[2]
    bare, idea = client.get("/articles/bare").text, client.get("/articles/idea").text
    assert "(untitled)" in bare
    assert "articles/bare.md: warning: topics: is missing" in bare
    assert "Not yet." in idea  # its last good version
    assert "articles/idea.md:2: broken YAML" in idea
    assert "is missing" not in idea
    assert client.get(PREVIEW["commit"].rule).text != commit


def test_the_front_page_says_why_a_sync_failed(preview: Preview) -> None:
    client = preview.client()
    commit = client.get(PREVIEW["commit"].rule).text
    state = preview.store.writer_record()
    state.failed("site.toml:3: wrong", is_site_toml=True)
    assert "<li>site.toml:3: wrong</li>" in client.get("/").text
    assert client.get(PREVIEW["commit"].rule).text != commit
    state.succeeded(set_aside=0, refused=0)
    assert client.get(PREVIEW["commit"].rule).text == commit


def test_a_draft_that_becomes_live_keeps_its_address_and_id(preview: Preview) -> None:
    client = preview.client()
    ids = re.findall(r'"id":"([^"]*idea[^"]*)"', client.get("/feeds/chips.json").text)
    preview.publication.article("idea", body="Now.")
    preview.sync()
    preview.publication.sync()
    assert 'class="mark"' not in client.get("/articles/idea").text
    live = preview.publication.client().get("/feeds/chips.json").text
    assert re.findall(r'"id":"([^"]*idea[^"]*)"', live) == ids != []


def test_a_mark_ends_when_the_article_is_due(preview: Preview) -> None:
    preview.publication.article("held", embargo="2026-12-01 09:00")
    client = preview.client()
    assert "December 1, 2026" in client.get("/articles/held").text
    preview.publication.now = START.replace(year=2027, month=2)
    preview.sync()
    for name in ("held", "later"):
        page = client.get(f"/articles/{name}")
        assert page.status_code == 200
        assert 'class="mark"' not in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"draft": "true"},
        {"status": "pending"},
        {"status": "草稿"},
        {"publish": "false"},
        {"published": "false"},
        {"published_at": "null"},
        {"wip": "true", "draft": "true"},
    ],
)
def test_what_is_not_published_yet_is_a_draft(preview: Preview, fields: dict[str, str]) -> None:
    preview.publication.article("mine", body="Words.", **fields)
    page = preview.client().get("/articles/mine")
    assert page.status_code == 200
    assert ">Draft<" in page.text


@pytest.mark.parametrize(
    "fields",
    [
        {"visibility": "private"},
        {"password": "x"},
        {"draft": "true", "password": "x"},
        {"draft": "true", "visibility": "members"},
        {"status": "trash"},
        {"private": "true"},
        {"archived": "true"},
        {"build": "{list: never}"},
        {"draft": "maybe"},
        {"expires": "2026-10-02"},
        {"draft": "true", "expires": "2026-10-02"},
    ],
)
def test_what_others_may_not_read_at_all_is_not_shown(preview: Preview, fields: dict[str, str]) -> None:
    preview.publication.article("hers", body="Hidden words.", **fields)
    client = preview.client()
    assert client.get("/articles/hers").status_code == 404
    assert "Hidden words." not in client.get("/feeds/all.atom").text


def test_the_hidden_parts_of_a_draft_stay_hidden(preview: Preview) -> None:
    preview.publication.article("part", body="Shown. %%secret%%\n\n<!--members-only-->\n\nPaid.", draft="true")
    text = preview.client().get("/articles/part").text
    assert "Shown." in text
    assert "secret" not in text
    assert "Paid." not in text


@pytest.mark.parametrize("host", ["localhost", "localhost:8001", "127.0.0.1:8001", "[::1]", "[::1]:8001", "127.8.8.8"])
def test_this_machine_is_answered(preview: Preview, host: str) -> None:
    assert preview.client().get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8001",
        "127.0.0.1.evil.example",
        "192.168.0.7",
        "[fe80::1]",
        "x]",
        "",
        "[::1]evil.example",
        "[::1]evil.example:8001",
        "[::1]:evil.example",
        "127.0.0.1:evil.example",
        "localhost:8001:evil.example",
        "localhost:8001@evil.example",
        "[localhost]",
    ],
)
def test_another_host_is_refused(preview: Preview, host: str) -> None:
    """DNS rebinding: a page of another site gives its own name the address 127.0.0.1."""
    answer = preview.client().get("/articles/idea", headers={"Host": host}, environ_overrides={"HTTP_HOST": host})
    assert answer.status_code == 421
    assert "Not yet." not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_proxy_is_refused(preview: Preview) -> None:
    assert preview.client().get("/", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 421


def test_with_a_token_every_request_needs_it(preview: Preview) -> None:
    client = preview.client(status_token=TOKEN)
    for path in (
        "/",
        "/articles/idea",
        "/feeds/all.atom",
        "/healthz",
        "/robots.txt",
        "/nothing",
        PREVIEW["commit"].rule,
    ):
        refused = client.get(path)
        assert refused.status_code == 401, path
        assert refused.headers["Cache-Control"] == "no-store"
        assert "Not yet." not in refused.text
    assert client.get("/", auth=("any", "wrong")).status_code == 401
    assert client.get("/articles/idea", auth=("any", TOKEN), headers={"Host": "preview.example.org"}).status_code == 200
    given = client.get("/articles/idea", headers={"Authorization": f"Bearer {TOKEN}"})
    assert given.status_code == 200
    assert "Authorization" in given.headers["Vary"]


def test_a_preview_shares_nothing_with_the_publication(publication: Publication) -> None:
    live = replace(publication.settings, host="0.0.0.0", accel="/m/", base_url="https://example.org")
    settings = preview_settings(live)
    folder = live.store_file.parent / "drafts"
    assert (settings.store_file, settings.media) == (folder / "store.sqlite3", folder / "media")
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8001, 1)
    assert (settings.base_url, settings.accel, settings.drafts) == (None, None, 1)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "news.example.org"])
def test_another_host_needs_a_token(publication: Publication, host: str) -> None:
    with pytest.raises(ConfigError, match=r"--drafts: .* FEEDSVC_STATUS_TOKEN"):
        preview_settings(publication.settings, host=host)
    settings = replace(publication.settings, status_token=TOKEN)
    assert preview_settings(settings, host=host).host == host


def test_the_stores_are_not_mistaken_for_each_other(preview: Preview, tmp_path: Path) -> None:
    publication = preview.publication
    publication.sync()
    preview.sync()
    with pytest.raises(ConfigError, match="is the store of a publication, so no draft is written into it"):
        sync(preview.settings, publication.site, publication.store, publication.now)
    with pytest.raises(ConfigError, match="is the store of a preview, with drafts in it, so it is not published"):
        sync(replace(preview.settings, drafts=0), publication.site, preview.store, publication.now)


def test_a_store_with_drafts_is_not_served_to_readers(preview: Preview) -> None:
    """No restore, setting or copy makes drafts public."""
    preview.client()
    live = preview.publication.settings
    for served in (replace(live, store=preview.settings.store_file), live):
        client = create_app(served).test_client()
        preview.store.close()
        if served is live:
            live.store_file.parent.mkdir(parents=True, exist_ok=True)
            live.store_file.write_bytes(preview.settings.store_file.read_bytes())
        for path in ("/feeds/chips.atom", "/feeds/all.json", "/", "/articles/idea"):
            assert client.get(path).status_code == 503


def test_a_preview_is_neither_restored_nor_begun_as_a_publication(preview: Preview, tmp_path: Path) -> None:
    preview.sync()
    copy = tmp_path / "copy.sqlite3"
    preview.store.back_up(copy)
    preview.publication.sync()
    with pytest.raises(StoreUnavailable, match="it is of a preview"):
        preview.publication.store.restore(copy)
    with pytest.raises(ConfigError, match="no preview is begun in place of a publication"):
        begin_publication(
            preview.settings, preview.publication.site, preview.publication.store, preview.publication.now, Options()
        )
    with pytest.raises(ConfigError, match="is not the store of a preview"):
        replace(preview.publication.settings, drafts=1)


@pytest.mark.parametrize(
    "field", ["X-Forwarded-Proto", "X-Forwarded-Server", "CF-Connecting-IP", "X-Client-IP", "True-Client-IP", "Via"]
)
def test_what_a_proxy_passes_on_is_refused(preview: Preview, field: str) -> None:
    client = preview.client()
    assert client.get("/", base_url=OWN).status_code == 200
    assert client.get("/", base_url=OWN, headers={field: "1"}).status_code == 421


def test_a_proxy_without_fields_speaks_an_older_http(preview: Preview) -> None:
    """As nginx does by default."""
    client = preview.client()
    assert client.get("/", base_url=OWN, environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"}).status_code == 421


def test_a_draft_with_a_marker_that_is_not_understood_stays_hidden(preview: Preview) -> None:
    preview.publication.article("secret", draft="true", type="internal")
    client = preview.client()
    assert client.get("/articles/secret").status_code == 404
    assert "secret" not in client.get("/feeds/chips.json").text
