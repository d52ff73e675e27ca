"""The icon and the logo of site.toml as files beside it."""

import os
import unicodedata
from pathlib import Path

import pytest

from feedsvc.errors import ConfigError
from feedsvc.model import Site
from feedsvc.site import pictures
from feedsvc.site.pictures import site_pictures
from feedsvc.site.site_toml import load_site, read_site
from tests.pictures import chunk, ico, png, svg

LEAST = 'title = "T"\nbase_url = "https://e.org/sub"\ntag_authority = "e.org,2026"\n[topics.chips]\ntitle = "Chips"\n'


def load(folder: Path, key: str, written: str, data: bytes | None = None) -> Site:
    (folder / "site.toml").write_text(f"{key} = '{written}'\n{LEAST}", "utf-8")
    if data is not None:
        (folder / written).parent.mkdir(exist_ok=True)
        (folder / written).write_bytes(data)
    return load_site(folder, None, "http://127.0.0.1:8000")


def refused(folder: Path, key: str, written: str, data: bytes | None = None) -> str:
    """Return what is said of a picture, without the place in site.toml."""
    with pytest.raises(ConfigError) as raised:
        load(folder, key, written, data)
    (finding,) = raised.value.findings
    assert (finding.line, finding.field) == (1, key)
    return finding.message


@pytest.mark.parametrize(
    ("key", "name", "data", "look"),
    [
        ("logo", "logo.svg", svg(), ("image/svg+xml", 120, 40, True)),
        ("logo", "標誌.svg", svg(attributes='width="2in" height="40"'), ("image/svg+xml", 192, 40, True)),
        ("logo", "brand/logo.png", png(300, 60), ("image/png", 300, 60, False)),
        ("logo", "a.png", png(300, 60, colour_type=6), ("image/png", 300, 60, True)),
        ("logo", "a.png", png(300, 60, more=chunk(b"tRNS", b"\0" * 6)), ("image/png", 300, 60, True)),
        ("icon", "icon.png", png(180, 180), ("image/png", 180, 180, False)),
        ("icon", "favicon.ico", ico(32), ("image/vnd.microsoft.icon", 32, 32, True)),
        ("icon", "favicon.ico", ico(256), ("image/vnd.microsoft.icon", 256, 256, True)),
        # The type is that of the content.
        ("icon", "icon.svg", png(64, 64), ("image/png", 64, 64, False)),
        (
            "logo",
            "logo.svg",
            svg("<style>@media (prefers-color-scheme: dark) { path { fill: #fff } }</style>"),
            ("image/svg+xml", 120, 40, False),
        ),
    ],
)
def test_a_file_is_measured_and_named_by_its_content(
    tmp_path: Path, key: str, name: str, data: bytes, look: tuple[str, int, int, bool]
) -> None:
    site = load(tmp_path, key, name, data)
    (picture,) = site.pictures
    assert (picture.type, picture.width, picture.height, picture.needs_light_ground) == look
    assert picture.source == name
    assert getattr(site, key) == f"https://e.org/sub/media/{picture.name}"
    ((stored, served),) = site_pictures(tmp_path, site).items()
    assert (stored, len(served)) == (picture.name, picture.length)


def test_a_url_stays_one_and_is_no_file(tmp_path: Path) -> None:
    site = load(tmp_path, "logo", "https://other.example/logo.svg")
    assert (site.logo, site.pictures) == ("https://other.example/logo.svg", ())
    assert load(tmp_path, "icon", "/icon.png").icon == "https://e.org/icon.png"
    assert site_pictures(tmp_path, site) == {}


def test_a_name_in_another_normalization_is_found(tmp_path: Path) -> None:
    decomposed = unicodedata.normalize("NFD", "Größe.png")
    (tmp_path / decomposed).write_bytes(png(64, 64))
    assert load(tmp_path, "icon", unicodedata.normalize("NFC", decomposed)).icon_file


@pytest.mark.parametrize(
    ("key", "name", "data", "said"),
    [
        ("logo", "logo.jpg", b"\xff\xd8\xff\xe0", "'logo.jpg' is a JPEG file (save it as PNG or SVG)"),
        ("logo", "logo.png", b"", "'logo.png' is empty (copy the file again)"),
        ("logo", "logo.png", b"\xff\0", "'logo.png' is neither a PNG file nor SVG in UTF-8 (save it as PNG or SVG)"),
        ("logo", "l.png", png(40, 40)[:-20], "'l.png' is a damaged PNG file (copy or export it again)"),
        ("logo", "l.png", png(40, 40).replace(b"IDATx", b"IDATy"), "'l.png' is a damaged PNG file"),
        ("logo", "l.png", b"\x89PNG\r\n\x1a\n" + chunk(b"IEND", b""), "'l.png' is no complete PNG file"),
        ("icon", "i.ico", ico(32)[:60], "'i.ico' is a damaged ICO file (export it again)"),
        ("icon", "i.png", png(64, 32), "'i.png' has 64×32 pixels, and an icon is a square (make both sides equal)"),
        ("icon", "i.png", png(8, 8), "'i.png' has 8×8 pixels (make each side 16 to 4,096 pixels long)"),
        ("logo", "l.png", png(5000, 500), "'l.png' has 5000×500 pixels (make each side 16 to 4,096 pixels long)"),
        ("logo", "l.png", png(800, 20), "'l.png' has 800×20 pixels (make it at most 12 times as wide as high)"),
        ("logo", "l.ico", ico(32), "'l.ico' is an ICO file, which only an icon may be (save it as PNG or SVG)"),
        ("logo", "l.svg", b"<html/>", "'l.svg' is no SVG but <html>"),
        ("logo", "l.svg", b"<svg", "'l.svg' is no complete SVG: "),
        ("logo", "l.svg", svg(attributes=""), "'l.svg' has neither width and height nor a viewBox"),
        ("logo", "l.svg", svg(attributes='width="100%" height="9"'), "'l.svg' has neither width and height nor a"),
        ("logo", "l.svg", svg(attributes='viewBox="0 0 x 4"'), "'l.svg' has neither width and height nor a viewBox"),
        (
            "logo",
            "l.svg",
            svg("\n<script>alert(1)</script>"),
            "'l.svg' line 2: <script> may run code or lead elsewhere",
        ),
        ("logo", "l.svg", svg("<a href='#x'/>"), "'l.svg' line 1: <a> may run code or lead elsewhere (delete this"),
        ("logo", "l.svg", svg("<foreignObject/>"), "'l.svg' line 1: <foreignObject> may run code"),
        (
            "logo",
            "l.svg",
            svg("<x:script xmlns:x='http://www.w3.org/1999/xhtml'/>"),
            "'l.svg' line 1: <script> may run",
        ),
        ("logo", "l.svg", svg("<g onload='x()'/>"), "'l.svg' line 1: the attribute onload runs code (delete it)"),
        (
            "logo",
            "l.svg",
            svg("<image href='photo.png'/>"),
            "'l.svg' line 1: href='photo.png' leads out of the file (embed what it shows, or delete it)",
        ),
        (
            "logo",
            "l.svg",
            svg("<use xmlns:x='http://www.w3.org/1999/xlink' x:href='https://e.org/a.svg#b'/>"),
            "'l.svg' line 1: href='https://e.org/a.svg#b' leads out of the file",
        ),
        ("logo", "l.svg", svg("<set attributeName='xlink:href' to='x'/>"), "'l.svg' line 1: <set> changes a link"),
        (
            "logo",
            "l.svg",
            svg("<rect fill='url(//e.org/#a)'/>"),
            "'l.svg' line 1: the attribute fill loads '//e.org/#a)'",
        ),
        ("logo", "l.svg", svg("<style>@import 'a.css';</style>"), "'l.svg' line 1: <style> has '@import' (export the"),
        ("logo", "l.svg", svg(r"<style>a { fill: ur\6c('x') }</style>"), "'l.svg' line 1: <style> has '\\\\' (export"),
        (
            "logo",
            "l.svg",
            svg("<g style='mask: image-set(\"a\" 1x)'/>"),
            "'l.svg' line 1: the attribute style has 'image-",
        ),
        (
            "logo",
            "l.svg",
            b'<!DOCTYPE svg [\n<!ENTITY a "b">]>' + svg("&a;"),
            "'l.svg' line 2: an entity is declared (export the drawing as plain SVG)",
        ),
        ("logo", "../l.svg", None, "'../l.svg' leads out of the content folder (put the file beside site.toml)"),
        (
            "logo",
            r"brand\l.svg",
            None,
            r"'brand\\l.svg' is no path (write the folders of a file with /: brand/logo.svg)",
        ),
        ("logo", "l.svg", None, "there is no file 'l.svg' beside site.toml (put it there, or write https://… for"),
        ("logo", "no/l.svg", None, "there is no file 'no/l.svg' beside site.toml (put it there, or write"),
        ("icon", "javascript:x", None, "'javascript:x' is not a web address (write https://…)"),
    ],
)
def test_what_is_refused_and_what_is_said(tmp_path: Path, key: str, name: str, data: bytes | None, said: str) -> None:
    assert refused(tmp_path, key, name, data).startswith(said)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    data = png(64, 64, more=chunk(b"prVt", b"\0" * pictures.MAX_BYTES))
    assert refused(tmp_path, "icon", "i.png", data) == "'i.png' has more than 500,000 bytes (make it smaller)"


def test_a_name_that_is_nearly_right_is_proposed(tmp_path: Path) -> None:
    (tmp_path / "Logo.svg").write_bytes(svg())
    said = "there is no file 'logo.svg' beside site.toml (did you mean 'Logo.svg'?)"
    assert refused(tmp_path, "logo", "logo.svg") == said


@pytest.mark.parametrize("kind", ["outside", "loop", "folder", "fifo"])
def test_only_a_regular_file_inside_of_the_folder_is_read(tmp_path: Path, kind: str) -> None:
    content = tmp_path / "content"
    content.mkdir()
    (tmp_path / "secret.png").write_bytes(png(64, 64))
    place = content / "i.png"
    if kind == "folder":
        place.mkdir()
    elif kind == "fifo":
        os.mkfifo(place)
    else:
        place.symlink_to("../secret.png" if kind == "outside" else "i.png")
    said = {
        "outside": "'i.png' leads out of the content folder (put the file beside site.toml)",
        "loop": "there is no file 'i.png' beside site.toml (put it there, or write https://… for a picture elsewhere)",
        "folder": "'i.png' cannot be read: Is a directory (make it a file that can be read)",
        "fifo": "'i.png' cannot be read: not a regular file (make it a file that can be read)",
    }[kind]
    assert refused(content, "icon", "i.png") in (said, said.replace("Is a directory", "not a regular file"))


def test_a_symlink_inside_of_the_folder_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real.png").write_bytes(png(64, 64))
    (tmp_path / "i.png").symlink_to("real.png")
    assert load(tmp_path, "icon", "i.png").icon_file


def test_what_is_not_shown_is_not_served(tmp_path: Path) -> None:
    private = chunk(b"tEXt", b"Author\0A. Person") + chunk(b"eXIf", b"51 N") + chunk(b"iTXt", b"XML:com.adobe.xmp")
    site = load(tmp_path, "logo", "l.png", png(64, 64, more=private) + b"after the end")
    assert list(site_pictures(tmp_path, site).values()) == [png(64, 64)]
    drawn = (
        "<!-- by A. Person --><metadata><rdf>A. Person</rdf></metadata>"
        "<i:view xmlns:i='http://www.inkscape.org/namespaces/inkscape' i:x='1'/>"
        "<g xmlns:i='http://www.inkscape.org/namespaces/inkscape' i:export-filename='/home/person/a.png'>"
        "<rect fill='url(#a)'/></g>"
    )
    site = load(tmp_path, "logo", "l.svg", b"<?xml version='1.0'?><?xml-stylesheet href='x'?>" + svg(drawn))
    (served,) = site_pictures(tmp_path, site).values()
    assert served == svg('<g><rect fill="url(#a)"/></g>')


def test_a_drawing_without_a_view_box_gets_one(tmp_path: Path) -> None:
    """Else a browser crops it: SVG 2 §8.6."""
    site = load(tmp_path, "logo", "l.svg", svg(attributes='width="120px" height="30pt"'))
    (served,) = site_pictures(tmp_path, site).values()
    assert b'viewBox="0 0 120 40"' in served


def test_a_file_that_changes_meanwhile_is_not_published_under_its_former_name(tmp_path: Path) -> None:
    site = load(tmp_path, "icon", "i.png", png(64, 64))
    (tmp_path / "i.png").write_bytes(png(32, 32))
    with pytest.raises(ConfigError, match=r"i\.png: changed while it was read"):
        site_pictures(tmp_path, site)
    (tmp_path / "i.png").unlink()
    with pytest.raises(ConfigError, match=r"site\.toml: icon: there is no file 'i\.png'"):
        site_pictures(tmp_path, site)


def test_a_check_goes_on_with_the_picture_that_is_published(tmp_path: Path) -> None:
    kept = load(tmp_path, "icon", "i.png", png(64, 64))
    (tmp_path / "i.png").unlink()
    site, (finding,) = read_site(tmp_path, None, "http://127.0.0.1:8000", kept)
    assert (site.icon, site.icon_file, finding.field) == (kept.icon, kept.icon_file, "icon")


def test_the_picture_of_rss_is_in_a_format_that_it_allows(tmp_path: Path) -> None:
    (tmp_path / "l.svg").write_bytes(svg())
    (tmp_path / "i.png").write_bytes(png(64, 64))
    (tmp_path / "site.toml").write_text(f"logo = 'l.svg'\nicon = 'i.png'\n{LEAST}", "utf-8")
    site = load_site(tmp_path, None, "http://127.0.0.1:8000")
    assert site.raster_picture == site.icon
    assert load(tmp_path, "logo", "l.svg").raster_picture is None
    assert load(tmp_path, "logo", "https://e.org/a.svg").raster_picture == "https://e.org/a.svg"
