"""An export behind real web servers, which include what it wrote for them."""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests

from tests.conftest import Publication
from tests.export.links import BASE, links
from tests.export.publications import LONG, exported, files, fill
from tests.export.servers import caddy, nginx

Server = Callable[[Path, Path], AbstractContextManager[str]]


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def url(request: pytest.FixtureRequest, publication: Publication, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of a server of an export. The list of an author has a second page."""
    fill(publication, 40)
    exported(publication, tmp_path / "out")
    server: Server = request.param
    (tmp_path / "server").mkdir()
    with server(tmp_path / "out", tmp_path / "server") as found:
        yield found


def get(url: str, **headers: str) -> requests.Response:
    fields = {"Accept-Encoding": "identity"} | {name.replace("_", "-"): text for name, text in headers.items()}
    return requests.get(url, headers=fields, timeout=600, allow_redirects=False)


def test_every_link_resolves_with_its_type(url: str, publication: Publication, tmp_path: Path) -> None:
    client = publication.client()
    found = {each for key, body in files(tmp_path / "out").items() for each in links(key, body)}
    assert len(found) > 100
    paths = {path.removeprefix(BASE) for path in found}
    assert {"/about", "/feeds", "/sitemap-news.xml", f"/articles/{quote(LONG)}", "/sitemap.xml", "/docs"} <= paths
    assert {"/docs/feeds", "/docs/operation", "/zh-Hant/docs/push"} <= paths
    assert len([path for path in paths if path.endswith(".woff2")]) >= 4
    # What pages of other sites link to.
    found |= {f"{BASE}{path}" for path in ("/embed/all", "/embed/chips", "/embed.js", "/openapi.json")}
    tags = {path.removeprefix(f"{BASE}/tags/") for path in found}
    assert {quote(each) for each in ("?#%", "why?", "C#", "50%", "50%25", "[a]*")} <= tags
    for each in sorted(found):
        path = each.removeprefix(BASE)
        answer = get(f"{url}{path}")
        assert answer.status_code == 200, path
        theirs = client.get(path)
        if theirs.status_code == 200:
            said, wanted = answer.headers["Content-Type"].lower(), (theirs.content_type or "").lower()
            # An SVG declares its own encoding.
            assert said == wanted or (path.startswith("/media/") and said == wanted.partition(";")[0]), path
        for name in ("X-Content-Type-Options", "Cache-Control"):
            assert name in answer.headers, (path, name)


def test_each_tag_has_its_own_page(url: str) -> None:
    for each in ("?#%", "why?", "C#", "50%", "50%25", "[a]*", "🙂"):
        answer = get(f"{url}/tags/{quote(each)}")
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert f'href="{BASE}/tags/{quote(each)}"' in answer.text, each
        assert get(f"{url}/tags/{quote(each)}?utm_source=x").content == answer.content, each
    assert get(f"{url}/tags/{quote('who?')}").status_code == 404


def test_pages_have_the_policy_of_the_service(url: str) -> None:
    policy = get(f"{url}/articles/n1").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert get(f"{url}/feeds/chips.atom").headers["Access-Control-Allow-Origin"] == "*"


def test_conditional_and_compressed(url: str) -> None:
    for path in ("/feeds/chips.atom", "/articles/n1", "/"):
        whole = get(f"{url}{path}")
        assert get(f"{url}{path}", If_None_Match=whole.headers["ETag"]).status_code == 304
        assert get(f"{url}{path}", If_Modified_Since=whole.headers["Last-Modified"]).status_code == 304
        coded = get(f"{url}{path}", Accept_Encoding="gzip")
        assert coded.headers["Content-Encoding"] == "gzip"
        assert coded.content == whole.content


# The parameters of an exported slice.
SEVEN = (
    f"tag={quote('晶圓')}",
    f"author={quote('王小明')}",
    "lang=en",
    "not=topic:cloud",
    "since=2026-08-01",
    "until=2026-12-01",
    "limit=7",
)
OF_SEVEN = "/".join(
    (
        "/feeds/all",
        f"tag-{quote('晶圓')}",
        f"author-{quote('王小明')}",
        "lang-en/not-topic~(3a)cloud/since-2026-08-01/until-2026-12-01/limit-7",
    )
)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/feeds/chips.atom?lang=en", "/feeds/chips/lang-en.atom"),
        ("/feeds/all/2026-08.json?lang=zh-Hant", "/feeds/all/lang-zh-Hant/2026-08.json"),
        (f"/feeds/all.rss?tag={quote('晶圓')}", f"/feeds/all/tag-{quote('晶圓')}.rss"),
        ("/feeds/chips.atom?limit=3&lang=EN", "/feeds/chips/lang-en/limit-3.atom"),
        ("/feeds/chips.atom?utm_source=x&limit=3&amp;lang=en&fbclid=y", "/feeds/chips/lang-en/limit-3.atom"),
        (
            f"/feeds/all/2026-09.json?lang=en&tag={quote('晶圓')}&tag={quote('two words')}&not=topic:cloud",
            f"/feeds/all/tag-two~(20)words/tag-{quote('晶圓')}/lang-en/not-topic~(3a)cloud/2026-09.json",
        ),
        (
            f"/feeds/all.rss?not=topic%3Acloud&tag=two+words&lang=en&tag={quote('晶圓').lower()}",
            f"/feeds/all/tag-two~(20)words/tag-{quote('晶圓')}/lang-en/not-topic~(3a)cloud.rss",
        ),
        *(
            (f"/feeds/all.atom?{asked}", f"{OF_SEVEN}.atom")
            for asked in ("&".join(SEVEN), "&".join(reversed(SEVEN)), "&amp;".join((*SEVEN[3:], *SEVEN[:3])))
        ),
        ("/feeds/chips.rss?topic=CLOUD", "/feeds/chips/topic-cloud.rss"),
        ("/feeds/cloud.rss?utm_source=x&topic=chips", "/feeds/chips/topic-cloud.rss"),
        ("/feeds/all.rss?topic=chips", "/feeds/chips.rss"),
        ("/feeds/all.rss?limit=3&topic=chips&lang=en", "/feeds/chips/lang-en/limit-3.rss"),
        ("/topics/chips?page=2", "/topics/chips/page/2"),
        ("/?page=2", "/page/2"),
        ("/?ui=zh-Hant", "/zh-Hant/"),
        ("/topics/chips?page=2&ui=zh-Hant", "/zh-Hant/topics/chips/page/2"),
        ("/topics/chips?ui=zh-Hant&page=2", "/zh-Hant/topics/chips/page/2"),
        ("/topics/chips?ui=en", "/topics/chips"),
        ("/articles/n1?utm_source=x", "/articles/n1"),
        ("/feeds/chips.atom?lang=en&utm_source=x", "/feeds/chips/lang-en.atom"),
        ("/feeds/chips.atom?&utm_source=x&ref&lang=EN&fbclid=y&_=1", "/feeds/chips/lang-en.atom"),
        ("/feeds/chips.json?lang=zh-hant&ui=en", "/feeds/chips/lang-zh-Hant.json"),
        ("/feeds/chips.atom?ui=en", "/feeds/chips.atom"),
        ("/feeds/chips.atom?view=source&utm_source=x", "/feeds/chips.atom"),
        ("/feeds/chips.atom?lang=&q&since=", "/feeds/chips.atom"),
        ("/topics/chips?page=2&utm_source=x", "/topics/chips/page/2"),
        ("/topics/chips?utm_source=x&page=2&UTM_id=1&ref=y&ui=zh-Hant&_=4", "/zh-Hant/topics/chips/page/2"),
        ("/?ui=zh-Hant&utm_source=x", "/zh-Hant/"),
        ("/embed/all?theme=dark&ui=zh-Hant&utm_source=x&pictures=yes&lang=", "/embed/all"),
        (
            "/authors/%E7%8E%8B%E5%B0%8F%E6%98%8E/?ui=zh-Hant&page=2",
            "/zh-Hant/page/2/authors/%E7%8E%8B%E5%B0%8F%E6%98%8E",
        ),
        ("/authors/%E7%8E%8B%E5%B0%8F%E6%98%8E?page=2&ui=en", "/page/2/authors/%E7%8E%8B%E5%B0%8F%E6%98%8E"),
    ],
)
def test_addresses_with_a_query_of_the_service(url: str, asked: str, path: str) -> None:
    answer = get(f"{url}{asked}")
    assert answer.status_code == 200
    assert answer.content == get(f"{url}{path}").content


def test_an_unknown_query_of_a_feed_gets_no_unfiltered_feed(url: str) -> None:
    for asked in ("lang=fr", "tag=sand", "q=x", "after=1", "page=2"):
        assert get(f"{url}/feeds/chips.atom?{asked}").status_code == 404, asked
    for asked in ("0", "lang=en&x=1", "utm_source=x&lang=fr", "lang=en&lang=fr", "utmx=1", "refs=1", "x_utm_source=1"):
        assert get(f"{url}/feeds/chips.atom?{asked}").status_code == 404, asked
    for asked in (
        "limit=3",
        "limit=3&lang=zh-Hant",
        "limit=3&lang=en&q=x",
        "limit=3&limit=3&lang=en",
        "topic=cloud&q=x",
    ):
        assert get(f"{url}/feeds/chips.atom?{asked}").status_code == 404, asked
    for some in (SEVEN[1:], (*SEVEN, SEVEN[2]), (*SEVEN[:-1], "limit=8"), (*SEVEN, "q=x"), ("limit=7", *SEVEN)):
        assert get(f"{url}/feeds/all.atom?{'&'.join(some)}").status_code == 404, some
    for asked in ("lang=en", "limit=3", "lang=en&limit=3&utm_source=x", "theme=dark&q=x"):
        assert get(f"{url}/embed/all?{asked}").status_code == 404, asked


def test_moved_and_removed(url: str) -> None:
    for old, new in {
        "/articles/before": f"/articles/{quote('推論')}",
        "/2020/old.html": f"/articles/{quote('推論')}",
        "/2020/old.html/": f"/articles/{quote('推論')}",
        "/old-feed": "/feeds/chips.rss",
        "/Old-Feed": f"/articles/{quote('推論')}",
        "/blog/2019/x": "/",
    }.items():
        answer = get(f"{url}{old}")
        assert (answer.status_code, answer.headers.get("Location")) == (301, f"{BASE}{new}"), old
    gone = get(f"{url}/articles/bye")
    assert gone.status_code == 410
    assert "This page was removed" in gone.text
    missing = get(f"{url}/articles/nothing")
    assert missing.status_code == 404
    assert "There is no such page" in missing.text


def test_moved_and_removed_pages_in_each_language(url: str) -> None:
    """At the path that the export linked, and at the address of the service."""
    for old in ("/zh-Hant/articles/before", "/articles/before?ui=zh-Hant&utm_source=x", "/zh-Hant/2020/old.html"):
        answer = get(f"{url}{old}")
        new = f"{BASE}/zh-Hant/articles/{quote('推論')}"
        assert (answer.status_code, answer.headers.get("Location")) == (301, new), old
        assert get(f"{url}{new.removeprefix(BASE)}").status_code == 200
    # An article in the language of the site has no other page in that.
    answer = get(f"{url}/en/who")
    assert get(f"{url}{answer.headers['Location'].removeprefix(BASE)}").status_code == 200
    for old in ("/zh-Hant/articles/bye", "/articles/bye?ui=zh-Hant", "/articles/bye?ui=en", "/en/articles/bye"):
        assert get(f"{url}{old}").status_code == 410, old
    assert get(f"{url}/zh-Hant/articles/nothing").status_code == 404


def test_a_file_has_no_second_address(url: str) -> None:
    """As in the service, where an article may have had the address with a suffix."""
    for path in (
        "/articles/n1.html",
        "/about.html",
        "/zh-Hant/about.html",
        "/index.html",
        "/articles/n1.html.gz",
        "/404",
        "/410",
        "/feeds/chips.atom.gz",
        "/feeds/chips/lang-en.atom.br",
        "/zh-Hant/feeds/chips.html.gz",
        "/feeds.opml.gz",
        "/sitemap.xml.br",
        "/openapi.json.gz",
        "/embed.js.gz",
    ):
        assert get(f"{url}{path}").status_code == 404, path
    for path in ("/feeds/chips.html", "/zh-Hant/feeds/chips/lang-en.html"):
        assert get(f"{url}{path}").status_code == 200, path


def test_feeds_of_other_systems(url: str, publication: Publication) -> None:
    """Each old address leads to what the service leads to: to the same bytes."""
    client, wafer = publication.client(), quote("晶圓")
    for old in (
        *("/feed/", "/feed/atom", "/feed/json/", "/rss2", "/wp-atom.php", "/feed/?utm_source=x", "/index.php/feed/"),
        *("/category/cloud/feed/", f"/tag/{wafer}/feed/atom/", "/tag/chips/rss/", f"/tags/{wafer}/index.xml"),
        *("/feed.xml", "/feed/chips.xml", f"/feed/by_tag/{wafer}.xml", "/index.xml", "/posts/index.xml"),
        *("/zh-hant/index.xml", "/en/index.xml", "/en/posts/index.xml", "/rss/"),
        *("/?feed=rss2", "/index.php?feed=atom", "/?feed=atom&category_name=cloud", f"/?feed=rss2&tag={wafer}"),
        *("/?feed=rss2&cat=3", "/?feed=atom&lang=zh-hant"),
    ):
        theirs = client.get(old)
        assert theirs.status_code == 301, old
        answer = get(f"{url}{old}")
        assert answer.status_code == 301, old
        leads = answer.headers["Location"].removeprefix(BASE)
        assert "?" not in leads
        wanted = get(f"{url}{theirs.headers['Location'].removeprefix(BASE)}")
        assert (wanted.status_code, get(f"{url}{leads}").content) == (200, wanted.content), old
    assert get(f"{url}/feed/other").headers["Location"] == f"{BASE}/"


def test_an_old_address_of_a_feed_that_is_not_exported(url: str) -> None:
    """Nor does a query that asks for less get everything."""
    for old in ("/tag/sand/feed/", "/category/politics/feed/", "/politics/index.xml", "/rss2?tag=sand", "/rdf/?cat=5"):
        assert get(f"{url}{old}").status_code == 404, old


def test_redirects_of_static_hosts(publication: Publication, tmp_path: Path) -> None:
    fill(publication, 4)
    exported(publication, tmp_path / "out")
    rows = (tmp_path / "out/_redirects").read_text("utf-8").splitlines()
    for row in (
        f"/feed/atom {BASE}/feeds/all.atom 301",
        f"/feed/atom/ {BASE}/feeds/all.atom 301",
        f"/feed.xml {BASE}/feeds/all.atom 301",
        f"/zh-hant/index.xml {BASE}/feeds/all/lang-zh-Hant.rss 301",
        f"/tag/{quote('晶圓')}/rss/ {BASE}/feeds/all/tag-{quote('晶圓')}.rss 301",
    ):
        assert rows.count(row) == 1, row
    assert rows.index(f"/feed/atom {BASE}/feeds/all.atom 301") < rows.index(f"/feed/* {BASE}/ 301")
    assert [row.split(" ")[1] for row in rows if row.startswith("/rss ")] == [f"{BASE}/feeds/chips.rss"]


def test_files_for_servers_are_not_served(url: str) -> None:
    for path in ("/_headers", "/_redirects", "/.servers/Caddyfile", "/.feedsvc-export"):
        assert get(f"{url}{path}").status_code == 404, path


def test_caddy_makes_each_variable_few_times(publication: Publication, tmp_path: Path) -> None:
    """Caddy makes the source of a map for each use, and its default too: in a chain of maps that would double."""
    fill(publication, 3)
    exported(publication, tmp_path / "out")
    text = (tmp_path / "out/.servers/Caddyfile").read_text()
    maps = {name: used for used, name in re.findall(r'map "(.*)" \{(feedsvc_\w+)\} \{', text)}
    defaults = dict(re.findall(r'map ".*" \{(feedsvc_\w+)\} \{\n(?:    ".*\n)*    default "(.*)"', text))

    def made(name: str) -> int:
        return 1 + sum(map(made, re.findall(r"\{(feedsvc_\w+)\}", maps[name] + defaults[name])))

    assert maps.keys() == defaults.keys() != set()
    assert {name: count for name in maps if (count := made(name)) > 50} == {}
