"""Parameters that others add to a feed's address, and addresses that came out of HTML with `&amp;` in them."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files

import pytest
from flask.testing import FlaskClient

from feedsvc.slices.grammar import AFTER, PARAMETERS
from feedsvc.tracking import NAMES, PREFIXES
from feedsvc.web.opml import FORMAT
from feedsvc.web.query_params import PAGE_PARAMETERS
from tests.conftest import Publication
from tests.web.resources import ask

# What every view reads from its query.
OWN = {*PARAMETERS, AFTER, *PAGE_PARAMETERS, FORMAT, "theme", "page", "feed", "reader", "at"}
TABLES: Mapping[str, Mapping[str, object]] = tomllib.loads(
    files("feedsvc").joinpath("tracking.toml").read_text("utf-8")
)


@pytest.fixture
def tracked(publication: Publication) -> FlaskClient:
    publication.article("yes", tags="[no]", language="en")
    publication.article("other", tags="[yes]", language="en")
    publication.article("anders", tags="[no]", language="de")
    publication.sync()
    return publication.client()


def test_no_tracking_parameter_is_one_of_ours() -> None:
    assert {name for name in OWN if name in NAMES or name.startswith(PREFIXES)} == set()
    assert all(table["source"] and table["names"] for table in TABLES.values())


@pytest.mark.parametrize("suffix", ["atom", "rss", "json"])
def test_tracking_parameters_make_no_other_feed(tracked: FlaskClient, suffix: str) -> None:
    """Known tracking parameters are ignored, in the document's rel="self" too (docs/http.md, rules 11 and 12)."""
    plain = ask(tracked, f"/feeds/chips.{suffix}?tag=no")
    for name in [*NAMES, *(f"{prefix}x" for prefix in PREFIXES), "ScCid", "UTM_SOURCE", "hsCtaTracking"]:
        marked = ask(tracked, f"/feeds/chips.{suffix}?{name}=a&tag=no&{name}=b")
        assert (name, marked.status_code, marked.data) == (name, 200, plain.data)


@pytest.mark.parametrize("path", ["/feeds.opml?{}", "/embed/chips?{}", "/feeds/chips/2026-09.atom?{}", "/?{}"])
def test_tracking_parameters_are_ignored_everywhere(publication: Publication, path: str) -> None:
    publication.article("september", published="2026-09-10")
    publication.sync()
    client = publication.client()
    plain = ask(client, path.format(""))
    marked = ask(client, path.format("ref=a&source=b&gbraid=c&srsltid=d&yclid=e&igshid=f&mkt_tok=g&_hsenc=h"))
    assert (marked.status_code, marked.data) == (200, plain.data)


@pytest.mark.parametrize("name", ["sources", "referrer", "xutm_source", "tags"])
def test_other_parameters_are_still_refused(tracked: FlaskClient, name: str) -> None:
    assert ask(tracked, f"/feeds/chips.atom?{name}=x").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "lang=en&amp;tag=no",
        "lang=en&amp;amp;tag=no",
        "lang=en&AMP;tag=no",
        "lang=en&#38;tag=no",
        "lang=en&%23038;tag=no",
        "lang=en&#x26;tag=no",
        "lang=en&amp%3Btag=no",
        "amp;lang=en&amp;tag=no&amp;utm_source=x&amp;",
    ],
)
def test_an_escaped_ampersand_parts_parameters(tracked: FlaskClient, query: str) -> None:
    """HTML writes & as &amp; in an attribute; a link that is copied from its source has it in its address."""
    query = query.replace("#", "%23")
    for path in ("/feeds/chips.rss?{}", "/feeds/chips.json?{}", "/feeds.opml?{}", "/embed/chips?{}"):
        right, escaped = ask(tracked, path.format("lang=en&tag=no")), ask(tracked, path.format(query))
        assert (path, escaped.status_code, escaped.data) == (path, 200, right.data)


def test_an_escaped_ampersand_on_pages(tracked: FlaskClient) -> None:
    assert ask(tracked, "/search?q=text&amp;ui=zh-Hant").data == ask(tracked, "/search?q=text&ui=zh-Hant").data
    asked_for = ask(tracked, "/subscribe?feed=chips.atom%3Flang%3Den%26amp%3Btag%3Dno%26utm_source%3Dx")
    assert "/feeds/chips.atom?tag=no&amp;lang=en" in asked_for.text


def test_values_keep_what_they_hold(tracked: FlaskClient) -> None:
    """Only names are mended: a value may hold `amp;` itself."""
    assert "amp;no" in ask(tracked, "/feeds/chips.atom?tag=amp;no").text
