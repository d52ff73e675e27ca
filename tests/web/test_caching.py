"""docs/http.md, Caching: rules 7 and 8."""

import re

from flask.testing import FlaskClient

from feedsvc.web.pages.page import MAX_AGE
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import (
    ARCHIVES,
    FEEDS,
    LISTS,
    PAGES,
    PICTURE_FILE,
    RESOURCES,
    SERVICE,
    SLICES,
    STYLE,
    Resource,
    ask,
    over,
)

CACHE = """
[cache]
max_age = 1230
stale_while_revalidate = 77
stale_if_error = 88
"""


@over([*FEEDS, *SLICES, *LISTS, *SERVICE])
def test_cache_control_by_default(poller: FlaskClient, resource: Resource) -> None:
    """7. `Cache-Control: public, max-age=900, stale-while-revalidate=…, stale-if-error=…` …"""
    written = ask(poller, resource.path).headers["Cache-Control"]
    assert written == "public, max-age=900, stale-while-revalidate=3600, stale-if-error=86400"


def test_cache_control_is_configurable_and_ttl_agrees(publication: Publication) -> None:
    """7. … configurable; a reader polls at max(ttl, max-age), so this is the dial. RSS `ttl` agrees with max-age."""
    publication.write("site.toml", SITE_TOML.replace("\n[topics.chips]", f"{CACHE}\n[topics.chips]"))
    publication.sync()
    client = publication.client()
    for resource in [*FEEDS, *LISTS, *SERVICE]:
        written = ask(client, resource.path).headers["Cache-Control"]
        assert written == "public, max-age=1230, stale-while-revalidate=77, stale-if-error=88"
    for name in ("all", "chips", "cloud"):
        minutes = re.search(r"<ttl>(\d+)</ttl>", ask(client, f"/feeds/{name}.rss").text)
        assert minutes is not None
        assert int(minutes[1]) == -(-1230 // 60)


@over(ARCHIVES)
def test_archives_stay_fresh_for_a_day_and_are_still_conditional(poller: FlaskClient, resource: Resource) -> None:
    """8. Archives of closed periods: max-age one day at most, still with validators."""
    answer = ask(poller, resource.path)
    assert answer.headers["Cache-Control"] == "public, max-age=86400, stale-while-revalidate=3600, stale-if-error=86400"
    assert ask(poller, resource.path, If_None_Match=answer.headers["ETag"]).status_code == 304


@over(PAGES)
def test_pages_are_fresher_than_feeds(poller: FlaskClient, resource: Resource) -> None:
    """7. A person who reloads wants what is new; the stale times are the same."""
    written = ask(poller, resource.path).headers["Cache-Control"]
    assert written == f"public, max-age={MAX_AGE}, stale-while-revalidate=3600, stale-if-error=86400"


@over([PICTURE_FILE, STYLE])
def test_files_named_by_their_content_stay_fresh(poller: FlaskClient, resource: Resource) -> None:
    """7. Cache-Control on every 200; these never change under their name."""
    assert ask(poller, resource.path).headers["Cache-Control"] == "public, max-age=31536000, immutable"


@over(RESOURCES)
def test_never_expires(poller: FlaskClient, resource: Resource) -> None:
    """7. Never `Expires: 0`."""
    assert not {"Expires", "Pragma", "Set-Cookie"} & set(ask(poller, resource.path).headers.keys())
