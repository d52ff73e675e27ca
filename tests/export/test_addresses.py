"""Old addresses at real web servers: an export answers as the service does."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import requests

from tests.conftest import SITE_TOML, Publication
from tests.export.publications import exported
from tests.export.servers import caddy, nginx

SITE = f"""redirect_presets = ["wordpress"]
{SITE_TOML}
aliases = ["clouds", "雲端"]

[redirects]
"/old-feed" = "/feeds/chips.rss"
"/Loop-a" = "/loop-b"
"/loop-b" = "/Loop-a"
"/chain-1" = "/chain-2"
"/chain-2" = "/chain-3"
"/chain-3" = "/topics/chips"
"/dead" = "/topics/nothing"
"/articles/live" = "/"
"/articles/was" = "/topics/cloud"
"/declared" = "/topics/cloud"
"/articles/gone-but-led" = "/topics/cloud"
"/feed/*" = "/"
"/tag/*" = "/"
"/dead/*" = "/topics/nothing"
"/dollar" = "/tags/a$b"
'/quo"te' = "/"
'/quo"te/*' = "/topics/chips"
'/back\\slash' = "/"
'/back\\b/*' = "/topics/chips"
'/ends\\' = "/"
'/br{{ace}};x' = "/"
'/br{{$HOME}}/*' = "/topics/chips"
"/br{{$HOME}}" = "/"
"/50%25/*" = "/topics/chips"
"/$uri" = "/"
"/a b" = "/"
"/表情🙂" = "/"
"/שלום/*" = "/topics/chips"
"/{"長" * 400}" = "/topics/chips"
"/rss-en" = "/feeds/all.rss?lang=en"
"/rss-words" = "/feeds/all.rss?q=sand"
"/?p=7" = "/topics/chips"
"/page.php?id=3" = "/topics/cloud"
'/x.php?id="3"' = "/topics/cloud"
"/x.php?q={{$HOME}}" = "/topics/cloud"
"/index.php?option=com_content&view=article&id=12" = "/topics/cloud"
"/view.php?f=2&t=33" = "/topics/chips"
"/item?ref=12" = "/topics/cloud"
"/?q=node/12" = "/topics/cloud"
"/old.asp?name=a b&topic=%E6%99%B6" = "/topics/chips"
"/long.cgi?a=1&b=2&c=3&d=4&e=5&f=6" = "/topics/chips"
"/list.php?filter[x]=a/b&z=1&a-b=2&a=3" = "/topics/cloud"
"/one.php?filter[x]=a/b" = "/topics/cloud"
"/about?id=6" = "/topics/cloud"
"/articles/live?id=6" = "/topics/cloud"
"/articles/bye?id=6" = "/topics/cloud"
"/topics/chips?id=6" = "/topics/cloud"
"/docs?id=6" = "/topics/cloud"
"/Case?id=6" = "/topics/cloud"
"/old-feed?id=6" = "/topics/cloud"
"/articles/was?id=6" = "/topics/chips"
"/nowhere?id=6" = "/topics/cloud"
"""
ALIASES = (
    "[/declared, /Case, old-Alias, '/new%0Aline', '/st*r', '/co:lon', '/q\"', '/it;em{', '/$1', '/b\\c', "
    "'/%23%7Bx%7D', '/$', '/two\" \"/x\" 410; }', /about.html, /articles/live.html, '/?p=21', '/read.php?id=4&page=2']"
)
# Old addresses with a query at the paths of what the service has, and of what was there.
AT_PATHS = (
    *("/about", "/articles/live", "/articles/of-zh", "/articles/old-Alias", "/articles/was", "/articles/bye", "/Case"),
    *("/topics/chips", "/topics/clouds", "/topics/none", "/tags/a$b", "/tags/none", "/months/2026-10", "/docs"),
    *("/feeds", "/embed/chips", "/feeds/all.rss", "/robots.txt", "/old-feed", "/feed/x", "/nowhere", "/wp-atom.php"),
)
REMOVED = ("bye", "Bye2", "gone-but-led", "שלום", "A")
# An address in the service, and another one in the export that shows the same.
ELSEWHERE = {
    "/tags/a$b": "/tags/a%24b",
    "/feeds/all.rss?lang=en": "/feeds/all/lang-en.rss",
    "/feeds/all.atom?lang=en": "/feeds/all/lang-en.atom",
    "/feeds/cloud.rss?lang=en": "/feeds/cloud/lang-en.rss",
    "/feeds/cloud.rss?lang=EN": "/feeds/cloud/lang-en.rss",
    # A parameter that means nothing.
    **{f"/topics/cloud?id={each}": "/topics/cloud" for each in ("5", "6", "7", "8", "7&ref=x")},
}
ASKED = (
    *(
        "/articles/A",
        "/articles/a",
        "/articles/Bye2",
        "/articles/bye2",
        "/articles/bye",
        "/articles/BYE",
        "/articles/bye/",
    ),
    *("/articles/restored", "/articles/draft", "/articles/שלום", "/articles/was", "/articles/gone-but-led"),
    *(
        "/old-feed",
        "/Old-feed",
        "/Loop-a",
        "/loop-a",
        "/loop-b",
        "/chain-1",
        "/chain-2",
        "/chain-3",
        "/dead",
        "/dead/x",
    ),
    *("/articles/live", "/declared", "/Declared", "/articles/old-Alias", "/articles/old-alias"),
    *(
        "/Case",
        "/case",
        "/CASE",
        "/cAse",
        "/new%0Aline",
        "/st*r",
        "/star",
        "/co:lon",
        "/q%22",
        "/it;em%7B",
        "/$1",
        "/b%5Cc",
    ),
    *("/%23%7Bx%7D", "/$", "/two%22%20%22/x%22%20410;%20%7D", "/x"),
    *(
        "/feed/?cat=5",
        "/feed?cat=5",
        "/feed/",
        "/feed/x",
        "/feed",
        "/feed/x?feed=rss2",
        "/feed/x?a=b",
        "/feed/?tag=sand",
    ),
    *(
        "/feed/?utm_source=x",
        "/tag/sand/feed/",
        "/tag/sand/feed/?cat=5",
        "/tag/sand",
        "/tag/sand?feed=rss2",
        "/tag",
        "/tagx",
    ),
    *("/dollar", "/quo%22te", "/quo%22te/x", "/back%5Cslash", "/back%5Cb/x", "/back/x", "/ends%5C"),
    *("/br%7Bace%7D;x", "/br%7B$HOME%7D/x", "/br%7B$HOME%7D", "/50%2525/x", "/50%25/x", "/$uri", "/%24uri", "/a%20b"),
    *("/表情🙂", "/שלום/x", "/שלום", f"/{'長' * 400}", "/rss-en", "/rss-words"),
    *("/?p=7", "/?p=8", "/index.php?p=7", "/page.php?id=3", "/page.php?id=4", "/page.php", "/x.php?id=%223%22"),
    *("/x.php?q=%7B%24HOME%7D", "/topics/clouds", "/topics/Clouds", "/topics/雲端", "/embed/clouds"),
    *(
        "/feeds/clouds.rss",
        "/feeds/CLOUDS.rss?lang=en",
        "/feeds/clouds/2026-10.atom",
        "/feeds/none.rss",
        "/feeds/x?a=b",
    ),
    *("/articles/live?feed=rss2", "/?feed=rss2", "/?feed=comments-rss2", "/nothing?feed=rss2", "/nothing"),
    *("/articles/live/", "/topics/chips/", "/feeds/", "/feeds", "/docs", "/embed/chips", "/rss", "/rdf/?cat=5"),
    *("/wp-atom.php?cat=5", "/static/none", "/media/none", "/articles", "/articles/", "/articles/none", "/topics/none"),
    *(
        "/feeds/all.rss?utm_source=x",
        "/feeds/all.rss?UTM_source=x&fbclid=y",
        "/feeds/all.rss?lang=en",
        "/feeds/all.rss?tag=none",
    ),
    *("/months/2026-10", "/months/2026-09", "/sitemap.xml", "/sitemap-news.xml", "/robots.txt", "/feeds.opml"),
    *(
        "/openapi.json",
        "/embed.js",
        "/tags/a%24b",
        "/tags/a$b",
        "/?page=1",
        "/topics/chips?page=1",
        "/about",
        "/about/",
        "/about.html",
        "/articles/live.html",
        "/articles/is-now.html",
        "/articles/index",
        "/404",
        "/410",
    ),
)
# The same address with parameters that mean nothing, in another order and in another spelling.
BY_QUERY = (
    *("/?p=7&utm_source=x", "/?utm_source=x&fbclid=1&p=7", "/?UTM_id=1&p=7&ref=y", "/?p=7&x=1", "/?p=7&&", "/?ref=7"),
    *("/index.php?fbclid=1&p=7", "/index.php?p=8&fbclid=1", "/page.php?id=3&gclid=1", "/page.php?utm_id=9&id=3&_=5"),
    *("/view.php?f=2&t=33", "/view.php?t=33&f=2", "/view.php?t=33&utm_source=x&amp;f=2", "/view.php?t=33", "/view.php"),
    *("/view.php?t=2&f=33", "/view.php?t=33&f=2&f=2", "/view.php?t=33&f=2&start=1"),
    *(f"/index.php?{'&'.join(each)}" for each in permutations(("option=com_content", "view=article", "id=12"))),
    "/index.php?option=com_content&id=12&view=article&utm_campaign=a&ref=y",
    *(
        "/item?ref=12",
        "/item?ref=12&utm_source=x",
        "/item?gclid=1&ref=12&_=3",
        "/item?ref=13",
        "/item",
        "/item?utm_id=1",
    ),
    *(
        "/long.cgi?a=1&b=2&c=3&d=4&e=5&f=6",
        "/long.cgi?f=6&b=2&d=4&amp;e=5&a=1&c=3",
        "/long.cgi?f=6&e=5&d=4&c=3&b=2&a=1",
    ),
    *("/long.cgi?f=6&e=5&d=4&c=3&b=2&a=2", "/long.cgi?f=6&e=5&d=4&c=3&b=2", "/long.cgi?f=6&e=5&d=4&c=3&b=2&a=1&a=1"),
    *("/long.cgi?f=6&e=5&d=4&c=3&b=2&a=1&g=7", "/long.cgi?a=1&a=1&b=2&c=3&d=4&e=5&f=6", "/long.cgi?aa=1&b=2"),
    *("/list.php?a=3&a-b=2&filter%5Bx%5D=a%2Fb&z=1", "/list.php?z=1&filter[x]=a/b&a-b=2&a=3", "/list.php?z=1"),
    *("/list.php?z=1&filter%5bx%5d=a%2fb&a=3&a-b=2", "/one.php?filter[x]=a/b", "/one.php?filter%5Bx%5D=a%2Fb"),
    *("/?q=node/12", "/?q=node%2F12", "/?q=node%2f12&utm_source=x", "/?q=node/13"),
    *(
        "/old.asp?name=a%20b&topic=%E6%99%B6",
        "/old.asp?topic=%e6%99%b6&name=a%20b",
        "/old.asp?topic=%E6%99%B6&name=a+b",
    ),
    *("/?p=21", "/?p=21&utm_source=x", "/read.php?page=2&id=4", "/read.php?id=4&page=2&ref=x", "/read.php?id=4"),
    *("/?p=22", "/index.php?p=22&fbclid=1", "/read.php?id=5&page=1", "/read.php?page=1&utm_id=1&id=5"),
    *("/?feed=rss2&category_name=cloud", "/?category_name=cloud&feed=rss2", "/?feed=atom&lang=en&utm_source=x"),
    *("/?lang=en&feed=atom", "/?feed=atom&lang=fr", "/feeds/clouds.rss?lang=EN&utm_source=x"),
)
ASKED_AT_PATHS = tuple(
    f"{path}?{asked}" for path in AT_PATHS for asked in ("id=5", "id=6", "id=7", "id=7&ref=x", "id=8")
)
# Paths where nothing is, and methods differ.
NOWHERE = ("/index.html", "/nowhere/x.html", "/tags", "/tags/", "/topics/", "/embed", "/.well-known/x")
# Feeds that are not in the export.
SERVICE_ALONE = {"/feeds/all.rss?tag=none", "/rss-words"}


def fill(publication: Publication, base: str, more: str) -> None:
    """Write articles that came, moved, went and came again, with names of every kind."""
    publication.write("site.toml", SITE.replace("https://example.org", base) + more)
    publication.write("pages/about.md", "---\ntitle: About\n---\nText.\n")
    publication.article("live", slug="live", language="en", topics="[chips, cloud]")
    publication.article("zh", slug="zh", language="zh-Hant", tags="[a$b]", topics="[cloud]")
    publication.article("old", slug="was")
    publication.article("alias", aliases=ALIASES, language="en")
    publication.article("case", aliases=str(["/case", "/CASE", *(f"{path}?id=5" for path in AT_PATHS)]))
    for name in ("restored", "draft", *REMOVED):
        removed = ["/?p=22", "/read.php?id=5&page=1", *(f"{path}?id=7" for path in AT_PATHS)]
        aliases = str(removed if name == "bye" else [])
        publication.article(f"r-{name}", slug=name, aliases=aliases)
    publication.sync()
    for name in ("restored", *REMOVED):
        (publication.settings.content / f"articles/r-{name}.md").unlink()
    publication.article("old", slug="is-now")
    publication.article("r-draft", slug="draft", draft="true")
    publication.sync(allow_removals=True)
    publication.article("r-restored", slug="restored")
    publication.article("lower-a", slug="a")
    publication.article("of-index", slug="index")
    publication.write("pages/about.md", "---\ntitle: About\n---\nAbout.\n")
    publication.article("lower-bye", slug="bye2")
    publication.sync()


@pytest.fixture(params=["https://example.org", "https://bücher.example:8443/a.b+c/新聞"], ids=["root", "path"])
def out(request: pytest.FixtureRequest, publication: Publication, tmp_path: Path) -> Path:
    """Return the root of a host, whose folder of the same path as base_url is an export. One redirects everything."""
    fill(publication, request.param, "" if request.param == "https://example.org" else '"/*" = "/feeds"')
    path = unquote(urlsplit(publication.site.base_url).path)
    report = exported(publication, tmp_path / "out" / path.removeprefix("/"))
    assert report.left_out == []
    return tmp_path / "out"


@pytest.fixture(params=[nginx, caddy], ids=["nginx", "caddy"])
def url(request: pytest.FixtureRequest, publication: Publication, out: Path, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of the export at a server."""
    (tmp_path / "server").mkdir()
    path = urlsplit(publication.site.base_url).path
    with request.param(out, tmp_path / "server", unquote(path).removeprefix("/")) as found:
        yield f"{found}{path}"


def test_answers_are_those_of_the_service(url: str, publication: Publication) -> None:
    client, base = publication.client(), publication.site.base_url
    wrong: list[object] = []
    for path in (*ASKED, *BY_QUERY, *ASKED_AT_PATHS):
        theirs = client.get(path)
        ours = requests.get(f"{url}{path}", allow_redirects=False, timeout=600)
        leads = theirs.headers.get("Location", "").removeprefix(base)
        # A feed or list that does not exist with a query.
        status = 404 if theirs.status_code == 400 else theirs.status_code
        wanted = (404, "") if path in SERVICE_ALONE else (status, ELSEWHERE.get(leads, leads))
        found = (ours.status_code, ours.headers.get("Location", "").removeprefix(base))
        if found != wanted:
            wrong.append((path, wanted, found))
        elif found[0] == 200:
            kinds = ((theirs.content_type or "").lower(), ours.headers["Content-Type"].lower())
            wrong += [(path, *kinds)] if kinds[0] != kinds[1] else []
        elif found[0] in (404, 410):
            assert f'<a href="{base}/' in ours.text, path
    assert "\n".join(map(str, wrong)) == ""


@pytest.mark.parametrize("method", ["OPTIONS", "POST", "DELETE"])
def test_other_methods_are_answered_as_by_the_service(url: str, publication: Publication, method: str) -> None:
    """200 and 405 at a route, at a file and at an old address, and 404 or 410 where nothing is."""
    client, fields, wrong = publication.client(), ("Allow", "Access-Control-Allow-Methods", "Cache-Control"), []
    for path in {*ASKED, *BY_QUERY, *ASKED_AT_PATHS, *NOWHERE} - SERVICE_ALONE:
        theirs = client.open(path, method=method)
        ours = requests.request(method, f"{url}{path}", allow_redirects=False, timeout=600)
        wanted, found = theirs.status_code, ours.status_code
        if wanted != found or (wanted == 200 and any(theirs.headers.get(a) != ours.headers.get(a) for a in fields)):
            wrong.append((path[:80], wanted, found))
    assert "\n".join(map(str, wrong)) == ""


def test_the_path_of_the_publication_without_its_slash(url: str, publication: Publication) -> None:
    """Its redirect names the host of base_url, not what a proxy before the server asked for."""
    if urlsplit(url).path:
        answer = requests.get(url, allow_redirects=False, timeout=600)
        assert (answer.status_code, answer.headers["Location"]) == (301, publication.site.addresses.home)


def test_static_hosts_know_the_error_page(out: Path, publication: Publication) -> None:
    """No row means more than it says: what begins a placeholder or stands for any text is encoded."""
    path = urlsplit(publication.site.base_url).path
    folder = out / unquote(path).removeprefix("/")
    rows = [row.split(" ") for row in (folder / "_redirects").read_text("utf-8").splitlines()]
    assert all(len(row) == 3 for row in rows)
    assert [f"{path}/articles/bye", f"{path}/410.html", "410"] in rows
    assert {f"{path}/st%2Ar", f"{path}/co%3Alon", f"{path}/new%0Aline"} <= {row[0] for row in rows}
    assert not {f"{path}/dead", f"{path}/Loop-a", f"{path}/articles/live", f"{path}/rss-words"} & {
        row[0] for row in rows
    }
    patterns = [number for number, row in enumerate(rows) if "*" in row[0]]
    assert patterns == list(range(len(rows) - len(patterns), len(rows)))
    assert [f"{path}/rss-en", f"{publication.site.base_url}/feeds/all/lang-en.rss", "301"] in rows
    lines = (folder / "_headers").read_text("utf-8").splitlines()
    assert len([line for line in lines if not line.startswith(" ")]) <= 100
    assert all(line.startswith((f"{path}/", "  ")) for line in lines)
