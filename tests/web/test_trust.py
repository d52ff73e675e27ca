"""docs/http.md, rules 12 and 15 (trust). Nothing that is answered comes from a header."""

import json
from typing import Final

import pytest
from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from tests.conftest import Publication
from tests.web.resources import BASE, FEEDS, RESOURCES, Resource, ask, fields, over

EVIL: Final = "evil.example"
TRICKS: Final[list[dict[str, str]]] = [
    {"Host": EVIL},
    {"Host": f"{EVIL}:8443"},
    {"Host": f"example.org@{EVIL}"},
    {"Host": ""},
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Host": f"{EVIL}, example.org", "X-Forwarded-Proto": "gopher", "X-Forwarded-Port": "666"},
    {"X-Forwarded-Prefix": f"/{EVIL}", "X-Script-Name": f"/{EVIL}", "X-Forwarded-Server": EVIL},
    {"Forwarded": f"for=1.2.3.4;host={EVIL};proto=gopher"},
    {"X-Original-URL": f"//{EVIL}/", "X-Rewrite-URL": f"//{EVIL}/", "X-Original-Host": EVIL, "X-Host": EVIL},
    {"Referer": f"https://{EVIL}/", "Origin": f"https://{EVIL}", "From": f"a@{EVIL}", "User-Agent": EVIL},
    {"Cookie": f"session={EVIL}; ui=zh-Hant", "Authorization": f"Bearer {EVIL}", "X-Real-IP": EVIL},
]
ELSEWHERE: Final = ["/articles/old", "/articles/nothing", "/nothing", "/feeds/x.atom", "/feeds/all.atom?x", "/healthz"]
SLASHES: Final = [
    "/topics/chips/",
    "//feeds/chips.atom",
    "/feeds//chips.atom",
    "/feeds/chips.atom/",
    "//",
    "///evil.example",
    "//evil.example/%2e%2e",
    "/articles//hello",
    "/articles/hello/",
    "/\\evil.example",
    "/./feeds/../feeds/chips.atom",
]


def assert_clean(answer: TestResponse) -> None:
    """No foreign host in any byte of the answer."""
    whole = str(answer.headers) + answer.get_data().decode("utf-8", "replace")
    assert EVIL not in whole
    assert "gopher" not in whole


@pytest.mark.parametrize("path", [*(each.path for each in RESOURCES), *ELSEWHERE])
def test_no_header_finds_its_way_into_an_answer(poller: FlaskClient, path: str) -> None:
    """14. Nothing in a body or a Location comes from Host, X-Forwarded-* or any other header."""
    plain = ask(poller, path)
    for trick in TRICKS:
        answer = poller.open(path, headers=trick, buffered=True)
        assert_clean(answer)
        assert (answer.status_code, fields(answer), answer.data) == (plain.status_code, fields(plain), plain.data)


@pytest.mark.parametrize("path", SLASHES)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_slashes_never_redirect(poller: FlaskClient, path: str, method: str) -> None:
    """14. … Werkzeug's slash redirects (they echo Host) are off (`merge_slashes`, `strict_slashes`)."""
    environ = {"PATH_INFO": path, "HTTP_HOST": EVIL}
    answer = poller.open("/", method=method, environ_overrides=environ, buffered=True)
    assert answer.status_code in (200, 404, 405)
    assert "Location" not in answer.headers
    assert EVIL not in str(answer.headers)
    if "evil" not in path:
        assert_clean(answer)


@pytest.mark.parametrize("trick", TRICKS, ids=",".join)
def test_a_redirect_leads_to_base_url(poller: FlaskClient, trick: dict[str, str]) -> None:
    """14. Nothing in a … Location comes from Host; promise 6: absolute URLs come from `base_url`."""
    answer = poller.get("/articles/old", headers=trick)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"{BASE}/articles/hello")


@over(FEEDS)
def test_a_document_names_its_own_url(poller: FlaskClient, resource: Resource) -> None:
    """12. One URL, one format: `rel=self` names exactly the URL of that document (WebSub §4.1)."""
    answer = poller.get(resource.path, headers={"Host": EVIL})
    if resource.path.endswith(".json"):
        found = json.loads(answer.data)["feed_url"]
    else:
        root = etree.fromstring(answer.data)
        (link,) = root.iterfind(".//{http://www.w3.org/2005/Atom}link[@rel='self']")
        found = link.get("href")
    assert found == BASE + resource.path


@pytest.mark.parametrize("path", ["/feeds/chips.atom?utm_source=x", "/feeds/chips.atom/"])
def test_another_spelling_names_the_right_url(poller: FlaskClient, path: str) -> None:
    """12. `rel=self` names exactly the URL of that document, however it was reached."""
    assert ask(poller, path).data == ask(poller, "/feeds/chips.atom").data


def test_below_a_path(publication: Publication) -> None:
    """Promise 6: absolute URLs come from `base_url`, a path in it included; the proxy takes it off on the way in."""
    publication.write(
        "site.toml", (publication.settings.content / "site.toml").read_text().replace(BASE, f"{BASE}/news")
    )
    publication.article("hello", aliases="[old]")
    publication.sync()
    client = publication.client()
    assert ask(client, "/articles/old").headers["Location"] == f"{BASE}/news/articles/hello"
    assert 'href="/news/static/' in ask(client, "/").text
