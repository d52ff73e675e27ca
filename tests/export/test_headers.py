"""The header fields of an export behind servers: those of the service, for each kind of document and each answer."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import pytest
import requests

from feedsvc.web.responses import CORS, PREFLIGHT
from tests.conftest import Publication
from tests.export.publications import SITE, exported, files, fill
from tests.export.servers import caddy, nginx
from tests.export.test_servers import Server, get

# An answer: its status and its header fields.
Answer = tuple[int, Mapping[str, str]]
COMPARED: Final = (
    "Content-Type",
    "Cache-Control",
    "Content-Language",
    "Content-Security-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "Access-Control-Allow-Origin",
    "Access-Control-Expose-Headers",
    "Link",
)
# What the service has at an address, and the path in the export.
KINDS: Final = {
    **{each: each for each in ("/", "/topics/chips", "/articles/n1", "/articles/n0", "/about", "/feeds")},
    **{each: each for each in ("/docs", "/docs/feeds")},
    **{each: each for each in ("/tags/sand", "/authors/Test%20desk", "/months/2026-09", "/embed/chips", "/embed.js")},
    **{f"/feeds/chips.{each}": f"/feeds/chips.{each}" for each in ("atom", "rss", "json")},
    **{f"/feeds/all/2026-08.{each}": f"/feeds/all/2026-08.{each}" for each in ("atom", "rss", "json")},
    **{each: each for each in ("/feeds.opml", "/sitemap.xml", "/sitemap-news.xml", "/robots.txt", "/openapi.json")},
    "/feeds/chips.rss?lang=en": "/feeds/chips/lang-en.rss",
    "/feeds/chips/2026-09.rss?lang=en": "/feeds/chips/lang-en/2026-09.rss",
    "/?page=2": "/page/2",
    "/topics/chips?page=2": "/topics/chips/page/2",
    "/?ui=zh-Hant": "/zh-Hant/",
    "/articles/n1?ui=zh-Hant": "/zh-Hant/articles/n1",
    "/articles/n0?ui=en": "/en/articles/n0",
    "/feeds?ui=zh-Hant": "/zh-Hant/feeds",
    "/feeds/chips.atom (page)": "/feeds/chips.html",
    "/feeds/chips.atom?ui=zh-Hant (page)": "/zh-Hant/feeds/chips.html",
}
# The service answers a browser with a page at the address of the feed, which no cache may keep; an export has the page
# at an address of its own. What differs among articles and lists of one part is not known to a server: pages say
# their language themselves, and the links are in the documents, too.
DIFFERENT: Final = {
    ("/feeds/chips.html", "Cache-Control"),
    ("/zh-Hant/feeds/chips.html", "Cache-Control"),
    ("/articles/n1", "Content-Language"),
    ("/articles/n0", "Content-Language"),
    ("/about", "Content-Language"),
    ("/embed/chips", "Content-Language"),
}
# Hosts know no pattern for them.
DIFFERENT_AT_HOSTS: Final = {
    *((f"/feeds/all/2026-08.{each}", "Cache-Control") for each in ("atom", "rss", "json")),
    ("/feeds/chips/lang-en/2026-09.rss", "Cache-Control"),
}


@pytest.fixture
def out(publication: Publication, tmp_path: Path) -> Path:
    fill(publication, 40)
    publication.write(
        "site.toml",
        SITE.replace("[redirects]", "[hub]\nenabled = false\n\n[redirects]").replace(
            "redirect_presets", 'embed_hosts = ["player.example"]\nredirect_presets'
        ),
    )
    publication.sync()
    exported(publication, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def url(request: pytest.FixtureRequest, out: Path, tmp_path: Path) -> Iterator[str]:
    server: Server = request.param
    (tmp_path / "server").mkdir()
    with server(out, tmp_path / "server") as found:
        yield found


def _service(publication: Publication) -> Callable[[str], Answer]:
    client = publication.client()

    def ask(address: str) -> Answer:
        path, page, _ = address.partition(" (page)")
        found = client.get(path, headers={"Sec-Fetch-Dest": "document"} if page else {})
        return found.status_code, dict(found.headers)

    return ask


def _unlike(wanted: Mapping[str, str], found: Mapping[str, str]) -> dict[str, tuple[str | None, str | None]]:
    """Return the compared fields that differ, without regard to the case of media types."""
    pairs = {name: (wanted.get(name), found.get(name)) for name in COMPARED}
    return {name: (a, b) for name, (a, b) in pairs.items() if (a or "").lower() != (b or "").lower()}


def test_each_kind_of_document_has_the_fields_of_the_service(url: str, publication: Publication, out: Path) -> None:
    """For 200 and 304; scripts of the service ask for changes by a Link that an export without one does not have."""
    ask, wrong = _service(publication), []
    media = next(key for key in files(out) if key.startswith("media/"))
    static = [f"/{key}" for key in files(out) if key.startswith("static/") and not key.endswith((".gz", ".br"))]
    for address, path in {**KINDS, f"/{media}": f"/{media}", **{each: each for each in static}}.items():
        status, wanted = ask(address)
        wanted = {name: text for name, text in wanted.items() if name != "Link"}
        assert status == 200, address
        answer = get(f"{url}{path}")
        again = get(f"{url}{path}", If_None_Match=answer.headers["ETag"])
        assert (answer.status_code, again.status_code) == (200, 304), path
        for found in (answer.headers, {"Content-Type": answer.headers["Content-Type"], **again.headers}):
            unlike = _unlike(wanted, found).items()
            # An SVG declares its own encoding.
            known = {*DIFFERENT, (f"/{media}", "Content-Type")}
            wrong += [(path, name, *each) for name, each in unlike if (path, name) not in known]
    assert wrong == []
    for path in ("/", "/articles/n1", "/feeds/chips.atom", "/openapi.json"):
        assert "Accept-Encoding" in get(f"{url}{path}", Accept_Encoding="gzip").headers["Vary"], path


ERRORS: Final = {
    "/nothing": 404,
    "/articles/nothing": 404,
    "/tags/nothing": 404,
    "/feeds/nothing.atom": 404,
    "/feeds/chips.atom?tag=none": 404,
    "/media/nothing": 404,
    "/articles/bye": 410,
}


def test_errors_have_the_fields_of_the_service(url: str, publication: Publication) -> None:
    """Those of its pages of errors, since an export has no other ones."""
    client, wrong = publication.client(), []
    for path, status in ERRORS.items():
        theirs = client.get(path.partition("?")[0] + "x" * ("?" in path), headers={"Sec-Fetch-Dest": "document"})
        ours = get(f"{url}{path}")
        assert (theirs.status_code, ours.status_code) == (status, status), path
        wrong += [(path, name, *each) for name, each in _unlike(dict(theirs.headers), ours.headers).items()]
    assert wrong == []


REDIRECTS: Final = ("/articles/before", "/old-feed", "/blog/x", "/feed/", "/?feed=rss2", "/?cat=3", "/2020/old.html")


OF_METHODS: Final = ("Allow", "X-Content-Type-Options", *CORS, *PREFLIGHT)
METHODS: Final = tuple(
    (method, path)
    for method in ("OPTIONS", "POST", "PUT", "DELETE")
    for path in ("/feeds/chips.atom", "/articles/n1", "/", "/openapi.json", "/feeds/chips.atom?lang=en")
)


def test_other_methods_are_answered_as_by_the_service(url: str, publication: Publication) -> None:
    client, wrong = publication.client(), []
    for method, path in METHODS:
        theirs = client.open(path, method=method)
        ours = requests.request(method, f"{url}{path}", allow_redirects=False, timeout=600)
        pairs = [(theirs.headers.get(name), ours.headers.get(name)) for name in OF_METHODS]
        wrong += [
            (method, path, pair) for pair in [(theirs.status_code, ours.status_code), *pairs] if pair[0] != pair[1]
        ]
    assert wrong == []


def test_redirects_have_the_fields_of_the_service(url: str, publication: Publication) -> None:
    """But for the type of the text that nobody sees."""
    client, wrong = publication.client(), []
    for path in REDIRECTS:
        theirs = client.get(path)
        ours = requests.get(f"{url}{path}", allow_redirects=False, timeout=600)
        assert (theirs.status_code, ours.status_code) == (301, 301), path
        unlike = _unlike(dict(theirs.headers), ours.headers)
        wrong += [(path, name, *each) for name, each in unlike.items() if name != "Content-Type"]
    assert wrong == []


def test_static_hosts_are_told_the_fields_of_the_service(out: Path, publication: Publication) -> None:
    """By the rules of `_headers`, which add up. Types of pages, of fonts and of pictures are known to hosts."""
    rules: list[tuple[str, list[str]]] = []
    for line in (out / "_headers").read_text("utf-8").splitlines():
        if line.startswith("  "):
            rules[-1][1].append(line.strip())
        else:
            rules.append((line, []))
    assert all(glob.count("*") <= 1 for glob, _ in rules)
    ask, wrong = _service(publication), []
    for address, path in KINDS.items():
        found: dict[str, str] = {}
        for glob, lines in rules:
            if re.fullmatch(re.escape(glob).replace(r"\*", ".*"), path):
                for each in lines:
                    name, _, value = each.partition(": ")
                    if each.startswith("! "):
                        found.pop(each[2:], None)
                    else:
                        found[name] = value
        wanted = {name: text for name, text in ask(address)[1].items() if name != "Link"}
        for name, values in _unlike(wanted, found).items():
            is_known = (path, name) in {*DIFFERENT, *DIFFERENT_AT_HOSTS}
            if not is_known and not (name == "Content-Type" and wanted[name].startswith("text/html")):
                wrong.append((path, name, *values))
    assert wrong == []
