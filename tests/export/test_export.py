"""What an export to a folder writes, and when."""

import gzip
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import unescape
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote

import brotli
import pytest

from feedsvc.errors import ConfigError, StoreUnavailable
from feedsvc.export.plan import Planned
from feedsvc.export.rendering import Content, Renderer
from feedsvc.export.run import export, open_export
from feedsvc.export.target import target_at
from tests.conftest import Publication
from tests.export.links import BASE, asked_for, dangling, links
from tests.export.publications import SITE, exported, files, fill, fresh
from tests.web.random_edits import Edits


@pytest.fixture
def out(publication: Publication, tmp_path: Path) -> Path:
    """Return the folder of an export of a publication with odd names."""
    fill(publication)
    report = exported(publication, tmp_path / "out")
    assert (report.left_out, report.deleted) == ([], 0)
    return tmp_path / "out"


def test_every_link_leads_to_a_file(out: Path) -> None:
    found = files(out)
    assert sum(len(list(links(key, body))) for key, body in found.items()) > 2000
    assert dangling(found) == {}
    for url in {url for key, body in found.items() for url in links(key, body)}:
        assert "?" not in url, url


EVERYTHING = """
[[footer]]
title = "Find"
url = "/search"

[[footer]]
title = "Chips in English"
url = "/feeds/chips.atom?lang=en"

[[footer]]
title = "About"
url = "/about"
"""
OWN_LINKS = """
[search](/search?q=sand), [state](/status), [more](/topics/chips?page=2), [English](/feeds/chips.rss?lang=en),
[French](/feeds/chips.rss?lang=fr), [changes](/feeds/all.json?after=1), [dark](/embed/chips?theme=dark),
[no file](/tags/a//b), [page](/about), [list](/feeds.opml), [API](/docs)
"""


@pytest.mark.parametrize("api_url", ["", "https://api.example.org"])
def test_no_link_dangles_in_a_publication_with_every_kind_of_page(
    publication: Publication, tmp_path: Path, api_url: str
) -> None:
    """Also links that authors wrote, and those to names that cannot be files: to the service, or none."""
    fill(publication)
    asked = (
        '"all?tag=a/b&limit=3", "chips?body=summary", "cloud?author=王小明", "chips?since=2026-09-01", "all?tag=a//b"]'
    )
    site = SITE.replace('"all?tag=晶圓"]', f'"all?tag=晶圓", {asked}')
    publication.write("site.toml", f"{site}{f'api_url = {api_url!r}' if api_url else ''}\n{EVERYTHING}")
    publication.article(
        "links", OWN_LINKS, tags="[a//b, 'x/', x/page/2]", authors="['王小明', 'a//b']", language="zh-Hant"
    )
    publication.article("original", aliases="[/was.html]")
    publication.article("translated", translation_of="original", language="zh-Hant", canonical="https://example.com/x")
    for number in range(21):
        publication.article(f"x{number}", tags="[x]")
    publication.write("pages/imprint.md", f"---\ntitle: Imprint\n---\n{OWN_LINKS}")
    publication.sync()
    assert {line.split(" ")[0].split("/tags/")[-1] for line in exported(publication, tmp_path / "out").left_out} <= {
        *("a//b", "x/"),
        *("/authors/a//b", "/en/authors/a//b", "/zh-Hant/authors/a//b"),
    }
    found = files(tmp_path / "out")
    assert dangling(found) == {}
    urls = {url for key, body in found.items() for url in links(key, body)}
    assert [url for url in urls if "?" in url] == []
    for name in (
        "articles/links.html",
        "zh-Hant/articles/links.html",
        "imprint.html",
        "feeds/all.atom",
        "feeds/all.json",
    ):
        text = unescape(unescape(found[name].decode().replace("\\", "")))
        assert f"{BASE}/feeds/chips/lang-en.rss" in text, name
        for path in ("/search?q=sand", "/feeds/chips.rss?lang=fr", "/status", "/embed/chips?theme=dark"):
            assert f'"{BASE}{path}' not in text, name
            assert (f'"{api_url}{path}' in text) == bool(api_url), (name, path)


def test_paths_without_a_query_are_those_of_the_service(out: Path, publication: Publication) -> None:
    client = publication.client()
    urls = {url for key, body in files(out).items() for url in links(key, body)}
    paths = [url.removeprefix(BASE) for url in urls]
    of_service = [path for path in paths if not path.startswith(("/zh-Hant", "/en/")) and "/page/" not in path]
    of_service = [path for path in of_service if asked_for(path) == (path, [])]
    assert len(of_service) > 80
    for path in of_service:
        if not path.startswith("/feeds/") or not path.endswith(".html"):
            assert client.get(path).status_code == 200, path


def test_an_article_is_in_its_own_language_and_has_a_path_in_each_other_one(out: Path) -> None:
    """Also in that of `?ui=` for each language but the site's, which servers rewrite to a path."""
    texts = {name: (out / name).read_text("utf-8") for name in ("articles/n0.html", "en/articles/n0.html")}
    for name, ui in zip(texts, ("zh-Hant", "en"), strict=True):
        assert f'<html lang="{ui}"' in texts[name]
    assert f'href="{BASE}/en/articles/n0"' in texts["articles/n0.html"]
    assert f'hreflang="zh-Hant" href="{BASE}/articles/n0"' in texts["en/articles/n0.html"]
    assert (out / "zh-Hant/articles/n0.html").exists()
    assert not (out / "en/articles/n1.html").exists()


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_feeds_are_those_of_the_service_but_for_links_with_a_query(
    out: Path, publication: Publication, suffix: str
) -> None:
    client = publication.client()
    for name in ("all", "chips/2026-10", "chips/lang-en", "all/lang-zh-Hant/2026-08"):
        *path, last = name.split("/")
        asked = [f"lang={part.removeprefix('lang-')}" for part in name.split("/") if part.startswith("lang-")]
        path = [part for part in [*path, last] if not part.startswith("lang-")]
        url = f"/feeds/{'/'.join(path)}.{suffix}{'?' if asked else ''}{''.join(asked)}"
        theirs, ours = client.get(url).text, (out / f"feeds/{name}.{suffix}").read_text("utf-8")
        query = f"?{asked[0]}" if asked else "?after="
        differing = [line for line in _lines(theirs, suffix) if line not in set(_lines(ours, suffix))]
        # The hub, and where scripts ask for changes, are of the service alone.
        assert all(query in line or "hub" in line or "after=" in line for line in differing), differing


# What a line of the service has that is another one in an export: an address with a query, or what only a service has.
OF_SERVICE = {
    ".html": (
        "?ui=",
        "?page=",
        "?lang=",
        "?tag=",
        "/search",
        "/feeds/",
        'class="own"',
        "<script",
        "view=source",
        "%3F",
        "qrline",
        "viewBox",
        # The ground of the QR code.
        'path fill="#fff"',
    ),
    "": ("?lang=", "?tag=", "?topic=", "after=", "hub", "cursor"),
}


def test_each_document_is_that_of_the_service_but_for_links_with_a_query(out: Path, publication: Publication) -> None:
    """Feeds, archives, lists, the sitemap, robots.txt, the API, styles, scripts, media; and each kind of page."""
    client, found, kinds = publication.client(), files(out), set[str]()
    wrong: dict[str, list[str]] = {}
    for key, body in found.items():
        if key.startswith((".", "_", "en/", "zh-Hant/", "4", "page/")) or _is_copy(key) or "/page/" in key:
            continue
        asked, parameters = asked_for(key) if key.startswith("feeds/") else (key, [])
        is_feed_page = key.startswith("feeds/") and key.endswith(".html")
        path = asked.replace(".html", ".atom") if is_feed_page else asked.removesuffix(".html").removesuffix("index")
        fields = {"Sec-Fetch-Dest": "document"} if is_feed_page else {}
        theirs = client.get(f"/{quote(path.removesuffix('/'))}", query_string=parameters, headers=fields)
        assert theirs.status_code == 200, key
        suffix = ".html" if key.endswith(".html") else ""
        kinds.add(f"{key.partition('/')[0] if '/' in key else key}{'' if '/' not in key else Path(key).suffix}")
        if not suffix and not key.startswith("feeds"):
            assert theirs.data == body, key
            continue
        ours = set(re.split(r"[\n<]|,\"", body.decode()))
        # The link to the search has a picture, an address lines, forms have fields, and filters lead to any feed.
        alone = (
            '<li><a class="find".*?</li>',
            '<code id="feed-url">.*?</code>',
            "<form.*?</form>",
            "<dl class=.*?</dl>",
        )
        text = re.sub(f"(?s){'|'.join(alone)}", "", theirs.text)
        lines = [line for line in re.split(r"[\n<]|,\"", text) if line not in ours]
        unlike = [line for line in lines if not any(each in line for each in OF_SERVICE[suffix])]
        wrong |= {key: unlike} if unlike else {}
    assert wrong == {}
    assert {"index.html", "articles.html", "topics.html", "tags.html", "authors.html", "months.html"} <= kinds
    assert {"embed.html", "feeds.html", "feeds.atom", "feeds.rss", "feeds.json", "docs.html", "about.html"} <= kinds
    assert {"feeds.opml", "sitemap.xml", "sitemap-news.xml", "robots.txt", "openapi.json", "embed.js"} <= kinds
    assert {"static.css", "static.js", "static.woff2", "media.svg"} <= kinds


def _lines(text: str, suffix: str) -> list[str]:
    return text.split(',"' if suffix == "json" else "<")


def test_compressed_copies_and_dates(out: Path, publication: Publication) -> None:
    client = publication.client()
    for path in ("feeds/chips.atom", "articles/n1.html", "sitemap.xml", "feeds/all.json"):
        body = (out / path).read_bytes()
        assert gzip.decompress((out / f"{path}.gz").read_bytes()) == body
        assert brotli.decompress((out / f"{path}.br").read_bytes()) == body
        modified = client.get(f"/{path.removesuffix('.html')}").last_modified
        assert modified is not None
        assert (out / path).stat().st_mtime == modified.timestamp()
    assert not list(out.glob("media/*.gz"))


def test_a_page_that_the_service_lets_nobody_keep_has_the_date_of_its_articles(
    out: Path, publication: Publication
) -> None:
    """Web servers make an entity tag of a file's date and size: a title of the same length must change one of them."""
    page = out / "feeds/chips.html"
    changed = publication.client().get("/feeds/all.atom").last_modified
    assert changed is not None
    before = page.stat().st_mtime
    assert before >= changed.timestamp()
    publication.now += timedelta(minutes=5)
    publication.article("fresh", "Of today.", published="2026-11-01 18:00", language="en", title="Fresh")
    publication.sync()
    exported(publication, out)
    assert ">Fresh</h3>" in page.read_text("utf-8")
    assert page.stat().st_mtime > before


def test_nothing_is_written_twice(out: Path, publication: Publication) -> None:
    before = {each: each.stat().st_ino for each in out.rglob("*")}
    report = exported(publication, out)
    assert (report.written, report.deleted, report.total) == (0, 0, len([k for k in files(out) if not _is_copy(k)]))
    assert {each: each.stat().st_ino for each in out.rglob("*")} == before


def _is_copy(key: str) -> bool:
    return key.endswith((".gz", ".br"))


@pytest.mark.parametrize("is_checked", [True, False])
def test_an_edit_writes_what_shows_it_alone(out: Path, publication: Publication, is_checked: bool) -> None:
    before = files(out)
    publication.article(
        "n4",
        "Another text of this article.",
        published="2026-08-05 10:00",
        topics="[chips]",
        tags="[a/b]",
        language="zh-Hant",
    )
    publication.sync()
    report = exported(publication, out, is_checked=is_checked)
    after = files(out)
    changed = {key for key in after if after[key] != before.get(key) and not _is_copy(key)}
    assert report.written == len(changed)
    assert {"articles/n4.html", "feeds/chips.atom", "feeds/all/2026-08.rss", "sitemap.xml"} <= changed
    assert not {key for key in changed if key.startswith(("articles/n1.", "feeds/chips/2026-09", "months/2026-09"))}


def test_what_somebody_else_changed_is_written_again(out: Path, publication: Publication) -> None:
    before = files(out)
    (out / "feeds/chips.atom").write_text("changed")
    (out / "index.html").unlink()
    (out / "foreign.txt").write_text("of somebody else")
    report = exported(publication, out)
    assert report.written == 2
    assert files(out) == before | {"foreign.txt": b"of somebody else"}


@pytest.mark.parametrize("suffix", [".gz", ".br"])
def test_a_compressed_copy_that_is_missing_or_changed_is_written_again(
    out: Path, publication: Publication, suffix: str
) -> None:
    """Servers send it in place of the file. What clients were sent meanwhile is replaced: its date is later."""
    before = files(out)
    missing, changed = out / "feeds/all.atom", out / "feeds/chips.atom"
    Path(f"{missing}{suffix}").unlink()
    Path(f"{changed}{suffix}").write_text("zz")
    dates = missing.stat().st_mtime, Path(f"{changed}{suffix}").stat().st_mtime
    assert exported(publication, out).written == 2
    assert files(out) == before
    assert missing.stat().st_mtime == Path(f"{missing}{suffix}").stat().st_mtime == dates[0]
    assert int(changed.stat().st_mtime) > int(dates[1])
    assert exported(publication, out).written == 0


def _dates(out: Path) -> dict[str, int]:
    """Return the Last-Modified of each file of an export."""
    return {str(each.relative_to(out)): int(each.stat().st_mtime) for each in out.rglob("*") if each.is_file()}


@pytest.mark.parametrize("is_remembered", [True, False])
@pytest.mark.parametrize("cause", ["slice", "version"])
def test_other_bytes_have_a_later_date(
    out: Path, publication: Publication, monkeypatch: pytest.MonkeyPatch, cause: str, is_remembered: bool
) -> None:
    """Also where no article changed: clients with If-Modified-Since alone would keep what they have."""
    publication.sync()
    exported(publication, out)
    more = ["all?tag=sand"] if cause == "slice" else []
    for number in range(2):
        if cause == "version":
            content = partial(_other_version, Renderer.content, number)
            monkeypatch.setattr("feedsvc.export.run.FORMAT", f"of a later version {number}")
            monkeypatch.setattr(Renderer, "content", lambda self, planned, content=content: content(self, planned))
        elif number:
            more = []
        before, earlier = files(out), _dates(out)
        if not is_remembered:
            for file in publication.settings.state.glob("export-*"):
                file.unlink()
        exported(publication, out, *more)
        after, later = files(out), _dates(out)
        changed = {key for key in after.keys() & before.keys() if after[key] != before[key]}
        assert len(changed) > 4
        assert [key for key in changed if later[key] <= earlier[key]] == []
        same = (after.keys() & before.keys()) - changed
        assert [key for key in same if later[key] != earlier[key] and not key.startswith(("media/", "."))] == []
        exported(publication, out, *more)
        assert _dates(out) == later


def _other_version(content: Callable[[Renderer, Planned], Content], number: int, *asked: Any) -> Content:
    found = content(*asked)
    return replace(found, body=found.body + b"<!-- %d -->" % number) if "html" in found.media_type else found


def test_a_file_that_was_deleted_is_never_older_than_before(out: Path, publication: Publication) -> None:
    exported(publication, out, "all?tag=sand")
    exported(publication, out)
    page = out / "tags/sand.html"
    before, date = page.read_bytes(), int(page.stat().st_mtime)
    for each in (page, *page.parent.glob("sand.html.*")):
        each.unlink()
    exported(publication, out, "all?tag=sand")
    assert page.read_bytes() != before
    assert int(page.stat().st_mtime) > date


@pytest.mark.parametrize("seed", range(4))
def test_the_files_are_those_of_an_export_that_remembers_nothing(
    publication: Publication, tmp_path: Path, seed: int
) -> None:
    edits = Edits(publication, Random(seed))
    made = []
    for number in range(8):
        made.append(edits.one())
        exported(publication, tmp_path / "out", is_checked=number % 2 == 0)
        now, anew = files(tmp_path / "out"), fresh(publication, tmp_path / f"fresh-{number}")
        assert now.keys() == anew.keys(), made
        assert [key for key in now if now[key] != anew[key] and not _is_copy(key)] == [], made
        assert dangling(now) == {}, made


def test_a_folder_with_other_files_is_refused(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 1)
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "thesis.txt").write_text("mine")
    with pytest.raises(ConfigError, match="no export wrote"):
        exported(publication, tmp_path / "used")
    for place in (publication.settings.content, publication.settings.content / "out", publication.root):
        with pytest.raises(ConfigError, match="the publication itself"):
            exported(publication, place)


def test_two_exports_do_not_run_at_a_time(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 1)
    target = target_at(str(tmp_path / "out"), publication.settings)
    with open_export(target, publication.settings), pytest.raises(ConfigError, match="another export"):
        exported(publication, tmp_path / "out")


def test_a_slice_that_does_not_exist_is_refused(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 2)
    for wrong in ("chps", "chips?tag=nothing", "chips?size=3"):
        with pytest.raises(ConfigError, match="slice"):
            exported(publication, tmp_path / "out", wrong)
    with pytest.raises(
        ConfigError, match=r"slice 'all[?]author=林怡君': .*correct --slice, or \[export\] in site.toml"
    ):
        exported(publication, tmp_path / "out", "all?author=林怡君")


def test_a_name_with_the_suffix_of_pages_has_a_file_of_its_own(publication: Publication, tmp_path: Path) -> None:
    publication.article("one", "Text.", tags="[web, web.html]")
    publication.article("two", "Text.", tags="[web]")
    publication.sync()
    exported(publication, tmp_path / "out")
    found = files(tmp_path / "out")
    assert b"articles/two" in found["tags/web.html"]
    assert b"articles/two" not in found["tags/web.html.html"]


def test_pages_lead_to_the_service_for_what_needs_one(publication: Publication, tmp_path: Path) -> None:
    """The service has each of these addresses."""
    fill(publication, 3)
    publication.write("site.toml", SITE + 'api_url = "https://api.example.org"\n')
    publication.sync()
    exported(publication, tmp_path / "out")
    found = set[str]()
    for key, body in files(tmp_path / "out").items():
        urls = (
            re.findall('https://api[.]example[.]org([^"#]*)', body.decode()) if key.endswith((".html", ".json")) else []
        )
        found |= {unescape(url) if key.endswith(".html") else url for url in urls}
    client = publication.client()
    assert {"/search?ui=en", "/subscribe?feed=all.atom%3Flang%3Den&ui=en"} <= found
    assert [each for each in found if client.get(each.replace("{cursor}", "0")).status_code != 200] == []


def test_an_export_that_remembers_nothing_deletes_what_was_taken_back(publication: Publication, tmp_path: Path) -> None:
    """Removed articles, drafts that were published, former names: a server would prefer their files to 410 and 301."""
    fill(publication, 3)
    publication.article("about", "An article of this name.", slug="about")
    publication.sync()
    exported(publication, tmp_path / "out")
    content = publication.settings.content
    (content / "articles/n1.md").unlink()
    (content / "pages/about.md").unlink()
    publication.article("n2", "Text.", draft="true")
    publication.article("hello", "Text.", slug="another")
    publication.sync(allow_removals=True)
    for file in publication.settings.state.glob("export-*"):
        file.unlink()
    exported(publication, tmp_path / "out")
    found = files(tmp_path / "out")
    for name in ("articles/n1", "articles/n2", "articles/推論", "about"):
        assert not {f"{name}.html", f"{name}.html.gz", f"zh-Hant/{name}.html"} & found.keys(), name
    assert {"articles/another.html", "articles/about.html", "zh-Hant/articles/about.html"} <= found.keys()


@pytest.mark.parametrize("place", [0, 5000])
def test_a_damaged_manifest_is_begun_again(publication: Publication, tmp_path: Path, place: int) -> None:
    fill(publication, 3)
    exported(publication, tmp_path / "out")
    (manifest,) = publication.settings.state.glob("export-*.sqlite3")
    written = bytearray(manifest.read_bytes())
    written[place : place + 4000] = b"x" * 4000
    manifest.write_bytes(written)
    report = exported(publication, tmp_path / "out")
    assert report.written == report.total
    assert exported(publication, tmp_path / "out").written == 0


def test_a_fault_of_the_manifest_is_not_one_of_the_store(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 3)
    target = target_at(str(tmp_path / "out"), publication.settings)
    with open_export(target, publication.settings) as manifest:
        manifest.save()
        (path,) = publication.settings.state.glob("export-*.sqlite3")
        with closing(sqlite3.connect(path)) as other:
            other.execute("DROP TABLE files")
            with pytest.raises(StoreUnavailable, match=rf"{path}: no such table.*delete it: the next export"):
                export(
                    publication.store, target, manifest, publication.settings, Renderer(publication.settings), more=()
                )
