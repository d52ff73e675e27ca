"""Old addresses: redirects of site.toml, presets of other systems, addresses that articles had elsewhere."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from feedsvc.errors import ConfigError
from feedsvc.site.redirects import PRESETS
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import ask

TAGGED: dict[str, str] = {"topics": "[cloud]", "tags": "[gpu, Large Language Models]", "authors": "[Jane Doe]"}


def with_redirects(redirects: str, *, before: str = "") -> str:
    return f"{before}\n{SITE_TOML}\n[redirects]\n{redirects}\n"


def location(client: FlaskClient, path: str, **headers: str) -> str:
    """Where a path leads: 301, by GET and by HEAD alike."""
    answer, head = ask(client, path, **headers), ask(client, path, "HEAD", **headers)
    assert (answer.status_code, head.status_code) == (301, 301), (path, answer.status_code, answer.text)
    assert answer.headers["Location"] == head.headers["Location"]
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    return str(answer.headers["Location"])


REDIRECTS = """\
"/feed" = "/feeds/all.rss"
"/feed/atom/" = "/feeds/all.atom?lang=en"
"/2019/*" = "/articles/keep"
"/2019/chips/*" = "/topics/chips"
"/2019/chips/exact.html" = "/articles/推論"
"/舊/頁面" = "/articles/推論#note"
"/?paged=2" = "/months/2026-10"
"/old*" = "/"
"/articles/nothing" = "/articles/keep"
"/via" = "/feed"
"""


@pytest.fixture
def redirected(publication: Publication) -> FlaskClient:
    publication.write("site.toml", with_redirects(REDIRECTS))
    publication.article("keep")
    publication.article("推論")
    publication.sync()
    return publication.client()


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/feed", "/feeds/all.rss"),
        ("/feed/", "/feeds/all.rss"),
        ("/feed?x=1", "/feeds/all.rss"),
        ("/feed?utm_source=x", "/feeds/all.rss"),
        ("/feed/atom", "/feeds/all.atom?lang=en"),
        ("/2019/", "/articles/keep"),
        ("/2019", "/articles/keep"),
        ("/2019/01/anything.html?p=1", "/articles/keep"),
        ("/2019/chips/01/", "/topics/chips"),
        ("/2019/chips/exact.html", "/articles/%E6%8E%A8%E8%AB%96"),
        ("/%E8%88%8A/%E9%A0%81%E9%9D%A2", "/articles/%E6%8E%A8%E8%AB%96#note"),
        ("/%e8%88%8a/%e9%a0%81%e9%9d%a2/", "/articles/%E6%8E%A8%E8%AB%96#note"),
        ("/?paged=2", "/months/2026-10"),
        ("/?paged=2&utm_source=x", "/months/2026-10"),
        ("/oldest/page", "/"),
        ("/articles/nothing", "/articles/keep"),
        ("/via", "/feeds/all.rss"),
    ],
)
def test_a_redirect_of_site_toml(redirected: FlaskClient, path: str, target: str) -> None:
    """301; exact redirects come before the longest `*`."""
    assert location(redirected, path) == f"https://example.org{target}"
    assert (
        location(redirected, path, Host="evil.example", X_Forwarded_Host="evil.example")
        == f"https://example.org{target}"
    )


@pytest.mark.parametrize("path", ["/2018/x", "/fee", "/20191", "/via/x"])
def test_what_leads_nowhere_is_404(redirected: FlaskClient, path: str) -> None:
    for method in ("GET", "HEAD", "POST"):
        assert ask(redirected, path, method).status_code == 404


def test_the_methods_of_a_redirect(redirected: FlaskClient) -> None:
    """GET, HEAD and OPTIONS on every resource; others: 405 with Allow (docs/http.md, rule 9)."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        answer = ask(redirected, "/feed", method)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    answer = ask(redirected, "/feed", "OPTIONS")
    assert (answer.status_code, answer.headers["Allow"]) == (200, "GET, HEAD, OPTIONS")


def test_what_exists_comes_first(publication: Publication) -> None:
    """Order: existing addresses, then articles' aliases, then exact redirects, then the longest `*`."""
    publication.article("real")
    publication.article("aliased", aliases="[/was/here]")
    publication.write(
        "site.toml",
        with_redirects(
            '"/articles/real" = "/topics/chips"\n"/was/here" = "/topics/cloud"\n"/was/*" = "/topics/chips"\n"/*" = "/"'
        ),
    )
    publication.sync()
    client = publication.client()
    assert ask(client, "/articles/real").status_code == 200
    assert location(client, "/was/here") == "https://example.org/articles/aliased"
    assert location(client, "/was/there") == "https://example.org/topics/chips"
    assert location(client, "/anything/else") == "https://example.org/"
    assert ask(client, "/feeds/all.atom").status_code == 200
    assert ask(client, "/feeds/all.atom?colour=red").status_code == 400


def test_below_a_base_url_with_a_path(publication: Publication) -> None:
    """Location is made from `base_url`; a proxy takes its path away before a request comes here."""
    toml = with_redirects('"/feed" = "/feeds/all.rss"\n"/blog/rss" = "/feeds/all.rss"')
    publication.write("site.toml", toml.replace("https://example.org", "https://example.org/blog"))
    publication.article("keep", aliases='["https://example.org/blog/2026/01/keep/", /2025/keep.html]')
    publication.sync()
    client = publication.client()
    assert location(client, "/feed") == location(client, "/rss/") == "https://example.org/blog/feeds/all.rss"
    for path in ("/2026/01/keep/", "/2025/keep.html"):
        assert location(client, path) == "https://example.org/blog/articles/keep"


ALIASES = (
    '[plain, /articles/before, /2026/01/old.html, "/?p=123", "https://old.example/2026/01/full/?x=1#y", '
    '/%E8%88%8A/%e9%a0%81, "/p/AbC", /2020/%b4%fa.html, "/old-post/"]'
)


@pytest.fixture
def aliased(publication: Publication) -> Publication:
    publication.article("new", aliases=ALIASES)
    publication.sync()
    return publication


@pytest.mark.parametrize(
    "path",
    [
        "/articles/plain",
        "/articles/before",
        "/2026/01/old.html",
        "/2026/01/old.html/",
        "/2026/01/old.html?utm_source=x&fbclid=y",
        "/2026/01/old.html?replytocom=5",
        "/?p=123",
        "/?p=123&ref=x",
        "/index.php?p=123",
        "/2026/01/full/?x=1",
        "/2026/01/full?x=1",
        "/%E8%88%8A/%E9%A0%81",
        "/%e8%88%8a/%e9%a0%81/",
        "/p/AbC",
        "/old-post",
    ],
)
def test_an_old_address_leads_to_its_article(aliased: Publication, path: str) -> None:
    """An alias that is a path or URL of another system redirects at that very path."""
    assert location(aliased.client(), path) == "https://example.org/articles/new"


def test_an_old_address_that_is_not_utf_8(aliased: Publication) -> None:
    """Old Chinese sites percent-encoded Big5; werkzeug's client cannot send it, servers can."""
    answer = aliased.client().get("/", environ_overrides={"PATH_INFO": "/2020/\xb4\xfa.html"})
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://example.org/articles/new")


@pytest.mark.parametrize(
    "path", ["/articles/old.html", "/articles/full", "/articles/AbC", "/p/abc", "/2026/01", "/2026/01/full", "/plain"]
)
def test_an_old_address_is_never_cut_down_to_a_name(aliased: Publication, path: str) -> None:
    assert ask(aliased.client(), path).status_code == 404


def test_the_front_page_ignores_what_means_nothing(aliased: Publication) -> None:
    client = aliased.client()
    for query in ("p=124", "p=123&x=1", "from=timeline", "page=1"):
        assert ask(client, f"/?{query}").status_code == 200
    aliased.article("later", aliases='["/?p=124"]')
    aliased.sync()
    assert location(client, "/?p=124") == "https://example.org/articles/later"


def test_the_old_address_of_a_removed_article_is_gone(aliased: Publication) -> None:
    (aliased.settings.content / "articles/new.md").unlink()
    aliased.sync()
    client = aliased.client()
    for path in ("/2026/01/old.html", "/?p=123", "/articles/plain"):
        answer = ask(client, path)
        assert (answer.status_code, answer.text) == (410, "this article was removed (see https://example.org/)\n")


def test_only_an_exact_redirect_takes_the_place_of_a_removed_article(aliased: Publication) -> None:
    """A pattern must not hide what was removed; whoever names the address means it."""
    (aliased.settings.content / "articles/new.md").unlink()
    aliased.article("next")
    redirects = '"/articles/new" = "/articles/next"\n"/2026/01/old.html" = "/articles/next"\n"/*" = "/"'
    aliased.write("site.toml", with_redirects(redirects))
    aliased.sync()
    client = aliased.client()
    for path in ("/articles/new", "/2026/01/old.html"):
        assert location(client, path) == "https://example.org/articles/next"
    for path in ("/articles/plain", "/?p=123", "/old-post"):
        assert ask(client, path).status_code == 410


OUR_OWN = [
    "/articles/never",
    "/articles/never/more",
    "/feeds/x",
    "/feeds/x.rss",
    "/feeds/all.pdf",
    "/feeds/all/1999-13.rss",
    "/topics/x",
    "/tags/x",
    "/authors/x",
    "/months/1999-01",
    "/embed/x",
    "/media/0123.png",
    "/static/x.css",
    "/sitemap-9.xml",
    "/.well-known/security.txt",
]


@pytest.mark.parametrize("path", OUR_OWN)
@pytest.mark.parametrize("pattern", ["/*", "/{}*", "/{}/*"])
def test_a_pattern_finds_no_address_of_ours(publication: Publication, path: str, pattern: str) -> None:
    """404 as without it: a reader of /feeds/x must not store a permanent redirect to a page (docs/http.md, rule 11)."""
    pattern = pattern.format(path.split("/")[1][:4] if pattern.endswith("}*") else path.split("/")[1])
    publication.write("site.toml", with_redirects(f'"{pattern}" = "/"'))
    publication.article("one")
    publication.sync()
    assert ask(publication.client(), path).status_code == 404


def test_a_pattern_does_not_catch_the_front_page(publication: Publication) -> None:
    publication.write("site.toml", with_redirects('"/*" = "/articles/one"'))
    publication.article("one")
    publication.sync()
    client = publication.client()
    for path in ("/", "/?x=1", "/?p=5", "/?ref=x"):
        assert ask(client, path).status_code == 200
    for path in ("/index.php?x=1", "/articles", "/topics", "/feed", "/feedsx/a"):
        assert location(client, path) == "https://example.org/articles/one"


def test_a_target_is_no_better_for_a_pattern(publication: Publication) -> None:
    """A redirect to a mistyped target would lead, for good, to what a * happens to say."""
    publication.write("site.toml", with_redirects('"/a" = "/abuot"\n"/ab*" = "/articles/one"\n"/*" = "/"'))
    publication.article("one")
    (problem,) = publication.sync().problems
    assert "site.toml:19: warning: redirects./a: leads to /abuot, which does not exist" in str(problem)
    client = publication.client()
    assert ask(client, "/a").status_code == 404
    assert location(client, "/abuot") == "https://example.org/articles/one"


def test_a_redirect_beats_what_only_the_store_remembers(aliased: Publication) -> None:
    """Aliases that files name come before exact redirects, and exact redirects before aliases that files named once."""
    aliased.article("next")
    paths = ("/2026/01/old.html", "/?p=123", "/articles/plain", "/p/AbC")
    aliased.write("site.toml", with_redirects("\n".join(f'"{path}" = "/articles/next"' for path in paths)))
    report = aliased.sync()
    assert [str(each).partition(": ")[2] for each in report.problems] == [
        f"warning: redirects.{path}: never applies: this is an address of /articles/new "
        "(remove it there, or remove the redirect)"
        for path in paths
    ]
    client = aliased.client()
    assert {location(client, path) for path in paths} == {"https://example.org/articles/new"}
    aliased.article("new", aliases="[/2020/%b4%fa.html]")
    assert aliased.sync().problems == ()
    assert {location(client, path) for path in paths} == {"https://example.org/articles/next"}
    for path in ("/articles/before", "/old-post/"):
        assert location(client, path) == "https://example.org/articles/new"


def test_redirects_from_remembered_addresses_lead_in_no_circle(publication: Publication) -> None:
    publication.article("c", aliases="[a, b]")
    publication.sync()
    publication.article("c")
    publication.write("site.toml", with_redirects('"/articles/a" = "/articles/b"\n"/articles/b" = "/articles/a"'))
    publication.sync()
    client = publication.client()
    for path in ("/articles/a", "/articles/b"):
        assert location(client, path) == "https://example.org/articles/c"


@pytest.mark.parametrize(
    ("alias", "asked"),
    [
        ("/?p=7&utm_source=x", ["/?p=7", "/?p=7&utm_source=y&utm_medium=z", "/?fbclid=1&p=7"]),
        ("/?p=7&ref=x", ["/?p=7", "/?p=7&ref=y", "/?p=7&source=z"]),
        ("/x.html?utm_source=x&gclid=1", ["/x.html", "/x.html?utm_source=z", "/x.html?other=1"]),
        ("/item?ref=12", ["/item?ref=12", "/item?ref=12&utm_source=x"]),
    ],
)
def test_campaign_parameters_of_an_alias_do_not_count(publication: Publication, alias: str, asked: list[str]) -> None:
    """Addresses are copied from links with such parameters; requests are compared without them."""
    publication.article("one", aliases=f'["{alias}"]')
    publication.article("two", aliases="[/item?ref=13]", published="2026-10-02")
    publication.sync()
    client = publication.client()
    for path in asked:
        assert location(client, path) == "https://example.org/articles/one"
    assert location(client, "/item?ref=13") == "https://example.org/articles/two"
    assert ask(client, "/item?ref=14").status_code == 404


def test_campaign_parameters_of_a_redirect_do_not_count(publication: Publication) -> None:
    publication.write("site.toml", with_redirects('"/feed?utm_source=x" = "/feeds/all.rss"'))
    publication.article("one")
    publication.sync()
    client = publication.client()
    for path in ("/feed", "/feed?utm_source=x", "/feed?fbclid=1"):
        assert location(client, path) == "https://example.org/feeds/all.rss"


def test_an_old_address_belongs_to_one_article(aliased: Publication) -> None:
    aliased.article("thief", aliases="[/2026/01/old.html/]", published="2026-01-01")
    report = aliased.sync()
    assert [str(each) for each in report.problems] == [
        (
            "articles/thief.md:5: aliases: '/2026/01/old.html' is already used by articles/new.md "
            "(give one of the two files another)"
        )
    ]


def test_an_old_address_moves_with_a_renamed_article(aliased: Publication) -> None:
    (aliased.settings.content / "articles/new.md").unlink()
    aliased.article("newer", title="new", aliases=ALIASES.replace("[", "[new, "), id="tag:example.org,2026:plain")
    aliased.sync()
    client = aliased.client()
    for path in ("/articles/new", "/articles/plain", "/2026/01/old.html", "/?p=123"):
        assert location(client, path) == "https://example.org/articles/newer"


PRESET_SITE = f'redirect_presets = ["wordpress", "ghost", "jekyll", "hugo"]\n{SITE_TOML}aliases = ["雲端"]\n'


@pytest.fixture
def moved_here(publication: Publication) -> FlaskClient:
    publication.write("site.toml", PRESET_SITE)
    publication.article("one", **TAGGED)
    publication.article("two", language="zh-Hant")
    publication.sync()
    return publication.client()


@pytest.mark.parametrize(
    ("path", "feed"),
    [
        # WordPress
        ("/feed/", "all.rss"),
        ("/feed/rss2/", "all.rss"),
        ("/feed/atom/", "all.atom"),
        ("/rdf", "all.rss"),
        ("/wp-rss2.php", "all.rss"),
        ("/?feed=rss2", "all.rss"),
        ("/?feed=atom", "all.atom"),
        ("/index.php?feed=rss2", "all.rss"),
        ("/category/cloud/feed/", "cloud.rss"),
        ("/category/technology/cloud/feed/", "cloud.rss"),
        ("/category/%e9%9b%b2%e7%ab%af/feed/", "cloud.rss"),
        ("/category/chips/feed/atom/", "chips.atom"),
        ("/category/gpu/feed/", "all.rss?tag=gpu"),
        ("/?feed=rss2&category_name=cloud", "cloud.rss"),
        ("/?feed=rss2&category_name=cloud&tag=gpu", "cloud.rss?tag=gpu"),
        ("/?feed=rss2&tag=gpu&utm_source=x", "all.rss?tag=gpu"),
        ("/?feed=rss2&amp;tag=gpu", "all.rss?tag=gpu"),
        ("/?feed=atom&author_name=jane-doe", "all.atom?author=Jane%20Doe"),
        ("/?feed=rss2&lang=zh-hant", "all.rss?lang=zh-Hant"),
        ("/?s=%E6%8E%A8%E8%AB%96&feed=rss2", "all.rss?q=%E6%8E%A8%E8%AB%96"),
        ("/?feed=feed", "all.rss"),
        ("/?feed=rdf&paged=1&orderby=date&x=1", "all.rss"),
        ("/feed/?tag=gpu", "all.rss?tag=gpu"),
        ("/feed/?x=1", "all.rss"),
        ("/category/cloud/?feed=rss2", "cloud.rss"),
        ("/category/cloud/?feed=atom&tag=gpu", "cloud.atom?tag=gpu"),
        ("/category/cloud/feed/rdf/", "cloud.rss"),
        ("/index.php?feed=atom&tag=gpu", "all.atom?tag=gpu"),
        ("/tag/gpu/feed/", "all.rss?tag=gpu"),
        ("/tag/large-language-models/feed/", "all.rss?tag=Large%20Language%20Models"),
        ("/tag/cloud/feed/", "cloud.rss"),
        ("/author/jane-doe/feed/", "all.rss?author=Jane%20Doe"),
        ("/feed/json", "all.json"),
        # Ghost
        ("/rss/", "all.rss"),
        ("/tag/gpu/rss/", "all.rss?tag=gpu"),
        ("/author/jane-doe/rss/", "all.rss?author=Jane%20Doe"),
        # Jekyll
        ("/feed.xml", "all.atom"),
        ("/atom.xml", "all.atom"),
        ("/feed/by_tag/gpu.xml", "all.atom?tag=gpu"),
        ("/feed/cloud.xml", "cloud.atom"),
        # Hugo
        ("/index.xml", "all.rss"),
        ("/posts/index.xml", "all.rss"),
        ("/cloud/index.xml", "cloud.rss"),
        ("/tags/gpu/index.xml", "all.rss?tag=gpu"),
        ("/categories/chips/index.xml", "chips.rss"),
        ("/zh-hant/index.xml", "all.rss?lang=zh-Hant"),
        ("/en/tags/gpu/index.xml", "all.rss?lang=en&tag=gpu"),
        ("/en/posts/index.xml", "all.rss?lang=en"),
    ],
)
def test_feeds_of_other_systems(moved_here: FlaskClient, path: str, feed: str) -> None:
    """`redirect_presets` adds the addresses that feeds had elsewhere; a feed keeps its format."""
    found = location(moved_here, path)
    assert found == f"https://example.org/feeds/{feed}"
    assert ask(moved_here, found.removeprefix("https://example.org")).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/category/politics/feed/",
        "/tag/politics/feed/",
        "/author/nobody/feed/",
        "/politics/index.xml",
        "/fr/index.xml",
        "/comments/feed/",
        "/2026/01/one/feed/",
        "/feed/politics.xml",
    ],
)
def test_a_feed_of_what_is_not_here_stays_missing(moved_here: FlaskClient, path: str) -> None:
    """A reader of one category is not handed everything, and one of comments no articles."""
    assert ask(moved_here, path).status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/?feed=rss2&cat=5",
        "/?feed=comments-rss2",
        "/?feed=comments-atom",
        "/?feed=rss2&category_name=politics",
        "/?feed=rss2&category_name=cloud&tag=politics",
        "/?feed=rss2&category_name=cloud&cat=4",
        "/?feed=rss2&p=12",
        "/?feed=rss2&paged=2",
        "/?feed=rss2&year=2019&monthnum=3",
        "/?feed=rss2&lang=fr",
        "/?feed=rss2&s=%20",
        "/?feed=rss2&tag=gpu,cpu",
        "/feed/?cat=5",
        "/feed/atom/?paged=2",
        "/wp-rss2.php?tag=politics",
        "/category/politics/?feed=rss2",
        "/index.php?feed=rss2&cat=5",
        "/one/?feed=rss2",
    ],
)
def test_a_query_that_asks_for_less_is_not_answered_with_everything(moved_here: FlaskClient, address: str) -> None:
    """Nor with a page: a reader never gets HTML at a feed's URL (docs/http.md, rule 16)."""
    answer = ask(moved_here, address)
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")


def test_a_redirect_may_say_what_a_number_meant(publication: Publication) -> None:
    """The numbers of categories and authors are in the old database alone."""
    numbers = (
        '"/?cat=3" = "/topics/cloud"\n"/?cat=4" = "/tags/gpu"\n"/?author=1" = "/authors/Jane%20Doe"\n'
        '"/?tag_id=9" = "/feeds/chips.atom?lang=en"\n"/?cat=5" = "/articles/one"\n"/?cat=6" = "/feeds/all.rss?q=gpu"'
    )
    publication.write("site.toml", with_redirects(numbers, before='redirect_presets = ["wordpress"]'))
    publication.article("one", **TAGGED)
    publication.sync()
    client = publication.client()
    for query, feed in (
        ("feed=rss2&cat=3", "cloud.rss"),
        ("feed=atom&cat=4", "all.atom?tag=gpu"),
        ("feed=rss2&author=1", "all.rss?author=Jane%20Doe"),
        ("feed=rss2&cat=3&author=1", "cloud.rss?author=Jane%20Doe"),
        ("feed=json&tag_id=9", "chips.json?lang=en"),
        ("feed=rss2&cat=6", "all.rss?q=gpu"),
    ):
        assert location(client, f"/?{query}") == f"https://example.org/feeds/{feed}"
    assert location(client, "/category/cloud/feed/?author=1") == "https://example.org/feeds/cloud.rss?author=Jane%20Doe"
    assert ask(client, "/?feed=rss2&cat=5").status_code == 404


@pytest.mark.parametrize("path", ["/about/?p=2", "/index.php?preview=true", "/about/?feed=mine"])
def test_a_query_of_wordpress_that_asks_for_no_feed(moved_here: FlaskClient, path: str) -> None:
    assert ask(moved_here, path).status_code == 404


def test_a_feed_of_wordpress_without_its_preset(publication: Publication) -> None:
    """Neither the front page nor what a * leads to: a feed reader would take either for a broken feed."""
    publication.write("site.toml", with_redirects('"/*" = "/articles/one"'))
    publication.article("one", aliases="[/2026/01/one]")
    publication.sync()
    client = publication.client()
    for address in ("/?feed=rss2", "/?feed=atom&tag=gpu", "/x/?feed=rss2", "/2026/01/one/?feed=rss2"):
        answer = ask(client, address)
        assert (answer.status_code, answer.mimetype) == (404, "text/plain"), address
    assert ask(client, "/?feed=mine").status_code == 200
    assert location(client, "/2026/01/one/?feed=mine") == "https://example.org/articles/one"


def test_only_the_presets_that_are_named_count(publication: Publication) -> None:
    publication.write("site.toml", f'redirect_presets = ["jekyll"]\n{SITE_TOML}')
    publication.article("one")
    publication.sync()
    client = publication.client()
    assert location(client, "/feed.xml") == "https://example.org/feeds/all.atom"
    assert [ask(client, path).status_code for path in ("/feed/", "/rss/", "/index.xml")] == [404, 404, 404]


def test_an_own_redirect_comes_before_a_preset_and_a_preset_before_a_pattern(publication: Publication) -> None:
    toml = with_redirects('"/feed" = "/feeds/chips.rss"\n"/feed/*" = "/"', before='redirect_presets = ["wordpress"]')
    publication.write("site.toml", toml)
    publication.article("one")
    publication.sync()
    client = publication.client()
    assert location(client, "/feed/") == "https://example.org/feeds/chips.rss"
    assert location(client, "/feed/atom/") == "https://example.org/feeds/all.atom"
    assert location(client, "/feed/other/") == "https://example.org/"


def test_every_preset_says_where_it_is_from() -> None:
    assert set(PRESETS) == {"wordpress", "ghost", "jekyll", "hugo"}
    for table in PRESETS.values():
        assert str(table["source"]).startswith("https://")


@pytest.mark.parametrize("target", ['"/b"', '"/a"', '"/none/*"'])
def test_a_redirect_to_nothing_is_none(publication: Publication, target: str) -> None:
    """Circles, too: whoever asks is told 404 at once."""
    publication.write("site.toml", with_redirects(f'"/a" = {target}\n"/b" = "/a"\n"/c/*" = "/c/d"'))
    publication.article("one")
    assert publication.sync().set_aside == []
    client = publication.client()
    assert [ask(client, path).status_code for path in ("/a", "/b", "/c/x", "/c/d")] == [404] * 4


def test_a_redirect_begins_when_its_target_comes(publication: Publication) -> None:
    publication.write("site.toml", with_redirects('"/a" = "/articles/later"'))
    publication.article("one")
    report = publication.sync()
    (problem,) = map(str, report.problems)
    assert problem.startswith(
        "site.toml:19: warning: redirects./a: leads to /articles/later, which does not exist (known: /feeds/all."
    )
    client = publication.client()
    assert ask(client, "/a").status_code == 404
    publication.article("later")
    assert publication.sync().problems == ()
    assert location(client, "/a") == "https://example.org/articles/later"


def test_new_redirects_make_no_document_anew(publication: Publication) -> None:
    """Last-Modified is that of what a document shows (docs/http.md, rule 2)."""
    publication.article("one")
    publication.sync()
    before = ask(publication.client(), "/feeds/all.atom").headers
    publication.write("site.toml", with_redirects('"/a" = "/"', before='redirect_presets = ["hugo"]'))
    publication.sync()
    after = ask(publication.client(), "/feeds/all.atom").headers
    assert (before["ETag"], before["Last-Modified"]) == (after["ETag"], after["Last-Modified"])


@pytest.mark.parametrize(
    ("redirects", "message"),
    [
        ('"/a" = "//evil.example/"', ":19: redirects./a: '//evil.example/' is not a path of this publication"),
        ('"/a" = "https://evil.example/"', ":19: redirects./a: 'https://evil.example/' is not a path"),
        ('"/a" = "/\\\\evil.example"', ":19: redirects./a: '/\\\\evil.example' is not a path"),
        ('"/a" = "/x\\ny"', ":19: redirects./a: '/x\\ny' is not a path"),
        ('"/a" = 1', ":19: redirects./a: '' is not a path"),
        ('"feed" = "/"', ":19: redirects.feed: is not a path (write the old address from its first single / on)"),
        ('"/a*b" = "/"', ":19: redirects./a*b: has a * that is not at its end"),
        ('"/a/**" = "/"', ":19: redirects./a/**: can have one * only"),
        ('"/?p=*" = "/"', ":19: redirects./?p=*: can have one * only"),
        ('"/" = "/feeds/all.rss"', ":19: redirects./: is the front page"),
        ('"/a" = "/"\n"/%61/" = "/"', ":20: redirects./%61/: is there twice, but for its spelling (remove one)"),
    ],
)
def test_a_redirect_that_cannot_be(publication: Publication, redirects: str, message: str) -> None:
    publication.write("site.toml", with_redirects(redirects))
    with pytest.raises(ConfigError) as caught:
        publication.sync()
    assert f"site.toml{message}" in str(caught.value)


@pytest.mark.parametrize("written", ['["wordpres"]', '"wordpress"', "[1]"])
def test_a_preset_that_is_none(publication: Publication, written: str) -> None:
    publication.write("site.toml", f"redirect_presets = {written}\n{SITE_TOML}")
    with pytest.raises(
        ConfigError, match=r"site\.toml:1: redirect_presets: (unknown system|must be a list of systems)"
    ):
        publication.sync()


def test_a_store_that_cannot_be_read_says_503(publication: Publication) -> None:
    """docs/http.md, rule 10: never 404 while the store is not ready."""
    client: Any = publication.client()
    for path in ("/feed", "/?p=123", "/2026/01/old.html"):
        assert ask(client, path).status_code == 503
