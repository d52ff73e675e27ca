"""docs/http.md, rule 14 (media types), and rule 16 about pages."""

import pytest
from flask.testing import FlaskClient

from tests.web.resources import (
    FEEDS,
    LISTS,
    PAGES,
    PICTURE_FILE,
    RESOURCES,
    SERVICE,
    STYLE,
    Resource,
    ask,
    fields,
    over,
)

SHARED = [*FEEDS, *LISTS, PICTURE_FILE]
CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag, Link"}


@over(RESOURCES)
def test_media_types(poller: FlaskClient, resource: Resource) -> None:
    """13. `application/rss+xml`, `application/atom+xml`, `application/feed+json`, `text/x-opml`, UTF-8 …"""
    assert ask(poller, resource.path).headers["Content-Type"] == resource.media_type


@pytest.mark.parametrize("path", [*(each.path for each in RESOURCES), "/nothing", "/healthz", "/feeds/x.atom"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST"])
def test_nosniff(poller: FlaskClient, path: str, method: str) -> None:
    """13. … `X-Content-Type-Options: nosniff`."""
    assert ask(poller, path, method).headers["X-Content-Type-Options"] == "nosniff"


@over(SHARED)
def test_other_sites_may_read_feeds(poller: FlaskClient, resource: Resource) -> None:
    """13. `Access-Control-Allow-Origin: *` on feeds …, `…-Expose-Headers: ETag, Link`, never with credentials."""
    tag = ask(poller, resource.path).headers["ETag"]
    answers = [
        ask(poller, resource.path, Origin="https://other.example", Cookie="a=b"),
        ask(poller, resource.path, "HEAD"),
        ask(poller, resource.path, If_None_Match=tag),
        ask(poller, resource.path, "POST"),
        ask(poller, "/feeds/nothing.atom"),
    ]
    assert [each.status_code for each in answers] == [200, 200, 304, 405, 404]
    for answer in answers:
        assert CORS.items() <= dict(answer.headers).items()
        assert "Access-Control-Allow-Credentials" not in answer.headers


@over(SHARED)
def test_preflight(poller: FlaskClient, resource: Resource) -> None:
    """13. … (and preflight answered)."""
    answer = ask(
        poller,
        resource.path,
        "OPTIONS",
        Origin="https://other.example",
        Access_Control_Request_Method="GET",
        Access_Control_Request_Headers="if-none-match",
    )
    assert answer.status_code == 200
    assert CORS.items() <= dict(answer.headers).items()
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert {"If-None-Match", "If-Modified-Since", "Range"} <= set(
        answer.headers["Access-Control-Allow-Headers"].split(", ")
    )
    assert int(answer.headers["Access-Control-Max-Age"]) > 0


@pytest.mark.parametrize("path", ["/feeds/nothing.rss", "/feeds/chips.xml", "/media/nothing.png"])
def test_other_sites_may_read_why_not(poller: FlaskClient, path: str) -> None:
    """13. `Access-Control-Allow-Origin: *` on feeds: a script that may not read the 404 sees a network error."""
    assert CORS.items() <= dict(ask(poller, path).headers).items()


@over([*PAGES, *SERVICE, STYLE])
@pytest.mark.parametrize("method", ["GET", "OPTIONS"])
def test_the_rest_is_for_our_own_pages(poller: FlaskClient, resource: Resource, method: str) -> None:
    """13. `Access-Control-Allow-Origin: *` on feeds, and only there."""
    names = fields(ask(poller, resource.path, method))
    assert not [name for name in names if name.startswith("Access-")]


@over(PAGES)
def test_pages_run_nothing(poller: FlaskClient, resource: Resource) -> None:
    """15. HTML pages: a CSP without inline script, `frame-ancestors` as the page needs it, Referrer-Policy."""
    headers = ask(poller, resource.path).headers
    policy = dict(each.split(" ", 1) for each in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert not {"script-src", "object-src", "connect-src"} & set(policy)
    assert (policy["style-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'self'", "'none'", "'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_a_file_opened_by_itself_runs_nothing(poller: FlaskClient) -> None:
    """15. An SVG is a page of ours when it is opened: sandboxed."""
    policy = ask(poller, PICTURE_FILE.path).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert policy.endswith("; sandbox")
