"""The icon and the logo of site.toml in the media storage, on pages, in feeds and in exports."""

import json
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree
from selectolax.lexbor import LexborHTMLParser

from feedsvc.cli import main
from feedsvc.errors import ConfigError
from feedsvc.media import media_storage
from feedsvc.media.storage import IMMUTABLE
from feedsvc.sync import check
from tests.conftest import SITE_TOML, Publication
from tests.export.publications import exported, files
from tests.live import wait_for
from tests.pictures import ico, png, svg
from tests.sync.looks import feed
from tests.sync.watchers import watching

LOGO, ICON = svg(), png(180, 180)
PAGES = ("/", "/articles/one", "/topics/chips", "/search", "/feeds", "/docs", "/nothing")


def _write(publication: Publication, **given: tuple[str, bytes]) -> None:
    """Write site.toml with these keys, and their files."""
    for name, data in given.values():
        publication.write(name, data)
    lines = [f'{key} = "{name}"\n' for key, (name, _) in given.items()]
    publication.write("site.toml", "".join(lines) + SITE_TOML)


def _published(publication: Publication) -> None:
    _write(publication, logo=("logo.svg", LOGO), icon=("brand/icon.png", ICON))
    publication.article("one")
    assert not publication.sync().problems


def _page(publication: Publication, path: str) -> LexborHTMLParser:
    return LexborHTMLParser(publication.client().get(path, headers={"Accept": "text/html"}).text)


def _status(publication: Publication, url: str | None) -> int:
    assert url is not None
    with closing(publication.client().get(url.removeprefix("https://example.org"))) as answer:
        return answer.status_code


@pytest.mark.both_engines
def test_they_are_served_for_ever_under_names_that_are_their_content(publication: Publication) -> None:
    _published(publication)
    site = publication.site
    for picture, data in ((site.logo_file, LOGO), (site.icon_file, ICON)):
        assert picture is not None
        with closing(publication.client().get(f"/media/{picture.name}")) as answer:
            assert (answer.status_code, answer.data, answer.mimetype) == (200, data, picture.type)
            assert answer.headers["Cache-Control"] == IMMUTABLE
            assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_shows_the_logo_as_its_name(publication: Publication, path: str) -> None:
    _published(publication)
    site, page = publication.site, _page(publication, path)
    (shown,) = page.css("header.site .name img")
    assert shown.attributes == {
        "class": "logo on-light",
        "src": site.logo,
        "alt": "Test Weekly",
        "width": "120",
        "height": "40",
    }
    (name,) = page.css("header.site .name")
    assert not name.text(strip=True)
    (link,) = page.css("link[rel=icon]")
    assert link.attributes == {"rel": "icon", "href": site.icon, "type": "image/png", "sizes": "180x180"}
    (touch,) = page.css("link[rel=apple-touch-icon]")
    assert touch.attributes["href"] == site.icon


def test_a_logo_that_is_no_wider_than_high_is_a_mark_before_the_name(publication: Publication) -> None:
    _write(publication, logo=("mark.png", png(64, 64)), icon=("i.ico", ico(32)))
    publication.sync()
    page = _page(publication, "/?ui=zh-Hant")
    (shown,) = page.css("header.site .name img")
    assert (shown.attributes["class"], shown.attributes["alt"]) == ("logo mark", "")
    assert page.css("header.site .name")[0].text(strip=True) == "測試週刊"
    (link,) = page.css("link[rel=icon]")
    assert (link.attributes["type"], link.attributes["sizes"]) == ("image/vnd.microsoft.icon", "32x32")
    assert not page.css("link[rel=apple-touch-icon]")


def test_a_picture_of_another_host_is_in_no_masthead(publication: Publication) -> None:
    """That host would learn of each reader."""
    publication.write("site.toml", f'logo = "https://other.example/l.png"\n{SITE_TOML}')
    publication.sync()
    page = _page(publication, "/")
    assert not page.css("header.site img")
    assert page.css("meta[property='og:image']")[0].attributes["content"] == "https://other.example/l.png"


def test_feeds_and_machines_are_told_of_them(publication: Publication) -> None:
    _published(publication)
    site = publication.site
    atom = etree.fromstring(feed(publication))
    names = {"a": "http://www.w3.org/2005/Atom"}
    assert atom.xpath("/a:feed/a:icon/text() | /a:feed/a:logo/text()", namespaces=names) == [site.icon, site.logo]
    # RSS 2.0 allows no SVG.
    assert etree.fromstring(feed(publication, suffix="rss")).xpath("/rss/channel/image/url/text()") == [site.icon]
    of_json = json.loads(feed(publication, suffix="json"))
    assert (of_json["icon"], of_json["favicon"]) == (site.logo, site.icon)
    page = _page(publication, "/articles/one")
    linked = json.loads(page.css("script[type='application/ld+json']")[0].text())
    assert linked["publisher"]["logo"] == {"@type": "ImageObject", "url": site.logo, "width": 120, "height": 40}
    # No preview shows SVG, and a small icon is not shown either.
    assert not page.css("meta[property='og:image']")
    _write(publication, logo=("logo.png", png(400, 100)))
    publication.sync()
    page = _page(publication, "/articles/one")
    shared = [page.css(f"meta[property='og:image{each}']")[0].attributes["content"] for each in ("", ":width")]
    assert shared == [publication.site.logo, "400"]


def test_an_icon_large_enough_stands_for_a_logo_that_previews_cannot_show(publication: Publication) -> None:
    _write(publication, logo=("logo.svg", LOGO), icon=("icon.png", png(256, 256)))
    publication.sync()
    found = _page(publication, "/").css("meta[property='og:image']")
    assert [each.attributes["content"] for each in found] == [publication.site.icon]


def test_a_changed_file_is_another_address_and_the_former_one_stays(publication: Publication) -> None:
    _published(publication)
    before, etag = publication.site.logo, publication.client().get("/feeds/all.atom").headers["ETag"]
    publication.write("logo.svg", svg("<circle r='4'/>"))
    publication.sync(changed={publication.settings.content / "logo.svg"})
    assert publication.site.logo != before
    assert _status(publication, publication.site.logo) == 200
    assert publication.client().get("/feeds/all.atom").headers["ETag"] != etag
    # Readers have feeds and pages with it. No sync deletes it, and neither does an article that has the same picture.
    publication.write("articles/two/logo.svg", LOGO)
    publication.article("two/index", "![x](logo.svg)")
    publication.sync()
    (publication.settings.content / "articles/two/index.md").unlink()
    publication.sync(allow_removals=True, whole=True)
    assert _status(publication, before) == 200


def test_the_watcher_sees_a_change(publication: Publication) -> None:
    _published(publication)
    with watching(publication.settings):
        publication.write("logo.svg", svg("<circle r='4'/>"))
        wanted = publication.site.logo or ""
        wait_for(lambda: wanted in publication.client().get("/").text, "the other logo")


@pytest.mark.both_engines
def test_a_lost_file_is_made_again(publication: Publication) -> None:
    _published(publication)
    for each in publication.settings.media_folder.iterdir():
        each.unlink()
    said = _check(publication)
    assert "site.toml: warning: the media folder lacks the icon or the logo, " in said
    publication.sync()
    assert _status(publication, publication.site.logo) == 200
    assert "lacks" not in _check(publication)


def _check(publication: Publication) -> str:
    media = media_storage(publication.settings)
    checked = check(publication.settings.content, publication.site, publication.store, publication.now, media)
    return "\n".join(map(str, checked.problems))


def test_a_check_names_the_file_and_the_line(publication: Publication) -> None:
    _published(publication)
    publication.write("logo.svg", svg("<script/>"))
    given = ["--content", str(publication.settings.content), "--store", str(publication.settings.store)]
    said = CliRunner().invoke(main, ["check", *given])
    assert "site.toml:1: logo: 'logo.svg' line 1: <script> may run code" in said.output
    assert said.exit_code == 2
    with pytest.raises(ConfigError):
        publication.sync()
    assert _status(publication, "/") == 200


def test_an_export_has_them(publication: Publication, tmp_path: Path) -> None:
    _published(publication)
    exported(publication, tmp_path / "out")
    found = files(tmp_path / "out")
    for picture, data in zip(publication.site.pictures, (ICON, LOGO), strict=True):
        assert found[f"media/{picture.name}"] == data
        assert picture.name.encode() in found["index.html"]
    publication.write("logo.svg", svg("<circle r='4'/>"))
    publication.sync()
    exported(publication, tmp_path / "out")
    found = files(tmp_path / "out")
    assert (publication.site.logo or "").encode() in found[
        "articles/one.html" if "articles/one.html" in found else "articles/one/index.html"
    ]
    assert f"media/{publication.site.pictures[1].name}" in found
