"""feedsvc.site.colours, and [theme] of site.toml: a colour that cannot be read is refused with one that can."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from feedsvc.errors import ConfigError
from feedsvc.model import Theme
from feedsvc.site.colours import DARK_GROUND, LEAST, LIGHT_GROUND, contrast, lighter_until_readable, readable_on
from feedsvc.web.static import STYLE_NAME, style_name
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import ask

CSS = (Path(__file__).parents[1] / "feedsvc/web/static/site.css").read_text("utf-8")


def test_the_ratio_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert contrast("#9a3412", "#9a3412") == 1


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    assert re.findall(r"--box: (#[0-9a-f]{6})", CSS)[:2] == [LIGHT_GROUND, DARK_GROUND]


@pytest.mark.parametrize("colour", ["#000000", "#1f5f8b", "#0000ff", "#7a1fa2", "#8a0000"])
def test_each_accent_can_be_read_in_the_dark(colour: str) -> None:
    dark = lighter_until_readable(colour, DARK_GROUND)
    assert contrast(dark, DARK_GROUND) >= LEAST
    assert contrast(dark, readable_on(dark)) >= LEAST
    assert contrast(colour, readable_on(colour)) >= LEAST


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (
            'accent = "#ff8800"',
            r"accent #ff8800 is too light to read: its contrast is 2\.\d:1, .*write accent = .#",
        ),
        ('accent = "red"', "accent 'red' is not a colour"),
        ('typeface = "comic"', "unknown typeface 'comic'"),
        ("fonts = 1", "1 is neither true nor false"),
        ('colour = "#000000"', "unknown key 'colour'"),
    ],
)
def test_what_is_wrong_is_said(publication: Publication, written: str, message: str) -> None:
    publication.write("site.toml", f"{SITE_TOML}\n[theme]\n{written}\n")
    with pytest.raises(ConfigError, match=message) as raised:
        _ = publication.site
    assert "theme" in str(raised.value)
    suggested = re.search(r'write accent = "(#[0-9a-f]{6})", or', str(raised.value))
    assert suggested is None or contrast(suggested[1], LIGHT_GROUND) >= LEAST


def test_a_theme_is_in_the_style_sheet_of_each_page(publication: Publication) -> None:
    publication.article("one")
    theme = '[theme]\naccent = "#1f5f8b"\ntypeface = "sans"\nfonts = false\n'
    publication.write("site.toml", f"{SITE_TOML}\n{theme}")
    publication.sync()
    client = publication.client()
    for path in ("/", "/articles/one", "/nothing"):
        page = LexborHTMLParser(ask(client, path, Accept="text/html").text)
        href = page.css("link[rel=stylesheet]")[0].attributes["href"] or ""
        assert href == f"/static/{style_name(Theme('#1f5f8b', 'sans', fonts=False))}"
        answer = ask(client, href)
        assert "immutable" in answer.headers["Cache-Control"]
        assert "--accent: #1f5f8b;" in answer.text
        assert "--latin: var(--plain);" in answer.text
        assert "@font-face" not in answer.text
    assert style_name(replace(Theme(), fonts=False)) != STYLE_NAME


def test_a_page_from_a_cache_finds_a_style_sheet_after_the_theme_changed(publication: Publication) -> None:
    """Also one of another version. What is sent under a name for ever is only what the name was made of."""
    theme = '[theme]\naccent = "#1f5f8b"\n'
    publication.write("site.toml", f"{SITE_TOML}\n{theme}")
    publication.sync()
    client = publication.client()
    for former in (style_name(Theme("#000000")), "site-0123456789ab.css"):
        answer = ask(client, f"/static/{former}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
        assert answer.headers["Location"] == style_name(Theme("#1f5f8b"))
    for unknown in ("site-0123456789AB.css", "site-.css", "docs-0123456789ab.css"):
        assert ask(client, f"/static/{unknown}").status_code == 404


def test_each_font_is_served(publication: Publication) -> None:
    """Under the name that the style sheet has, for ever."""
    publication.article("one")
    publication.sync()
    client = publication.client()
    fonts = set(re.findall(r"url\((.+?)\)", ask(client, f"/static/{STYLE_NAME}").text))
    assert len(fonts) == 6
    for name in fonts:
        answer = ask(client, f"/static/{name}")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "font/woff2")
        assert answer.data.startswith(b"wOF2")
