"""docs/http.md, Methods: rule 9."""

import pytest
from flask.testing import FlaskClient

from tests.web.resources import RESOURCES, Resource, ask, fields, over

PROBES = [Resource(path, "probe", "text/plain; charset=utf-8") for path in ("/healthz", "/readyz")]
EVERYTHING = [*RESOURCES, *PROBES]
REFUSED = ["POST", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "BREW"]


@over(EVERYTHING)
@pytest.mark.parametrize("coding", ["br", "gzip", "identity"])
def test_head_sends_the_headers_of_get(poller: FlaskClient, resource: Resource, coding: str) -> None:
    """9. GET, HEAD and OPTIONS on every resource; HEAD sends the same headers as GET (Content-Length too)."""
    got = ask(poller, resource.path, Accept_Encoding=coding)
    headed = ask(poller, resource.path, "HEAD", Accept_Encoding=coding)
    assert (got.status_code, headed.status_code) == (200, 200)
    assert fields(headed) == fields(got)
    assert int(headed.headers["Content-Length"]) == len(got.data) > 0
    assert headed.data == b""


@pytest.mark.parametrize("path", ["/nothing", "/feeds/nothing.atom", "/feeds/all.rss?x=1", "/articles/old"])
def test_head_sends_the_headers_of_an_error(poller: FlaskClient, path: str) -> None:
    """9. HEAD sends the same headers as GET."""
    got, headed = ask(poller, path), ask(poller, path, "HEAD")
    assert (headed.status_code, fields(headed), headed.data) == (got.status_code, fields(got), b"")


@over(EVERYTHING)
def test_options_says_what_is_allowed(poller: FlaskClient, resource: Resource) -> None:
    """9. GET, HEAD and OPTIONS on every resource."""
    answer = ask(poller, resource.path, "OPTIONS")
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Type" not in answer.headers


@over(EVERYTHING)
@pytest.mark.parametrize("method", REFUSED)
def test_other_methods_are_refused(poller: FlaskClient, resource: Resource, method: str) -> None:
    """9. Others: 405 with Allow."""
    answer = ask(poller, resource.path, method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text == "this method is not allowed (use GET, HEAD, OPTIONS)\n"
