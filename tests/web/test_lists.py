"""Tags, authors, months and search: the articles that belong there, and a way back and forth."""

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from selectolax.lexbor import LexborHTMLParser

from feedsvc.text import MAX_NAME
from feedsvc.web.pages.list_page import PAGE_SIZE
from tests.conftest import Publication
from tests.web.resources import BASE, PICTURE, PICTURE_NAME, ask


@pytest.fixture(scope="module")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """A client of a publication with articles in three months, one of them around a midnight in Taipei."""
    made = Publication(tmp_path_factory.mktemp("shelves"))
    made.article("june", published="2026-06-30 23:59", tags="['C++/CLI', ai]", authors="['A/B', Ann]")
    made.article("july", published="2026-07-01 00:00", tags="[ai]", topics="[chips, cloud]", title="晶圓為什麼不切開")
    made.article("sept", published="2026-09-15 10:00", tags="['#1 & <b>']", authors="[Ann]", summary="Strait & tea")
    made.sync()
    made.store.close()
    return made.client()


def listed(client: FlaskClient, path: str) -> list[str]:
    """The slugs on a page, in their order."""
    answer = ask(client, path)
    assert answer.status_code == 200, answer.text
    links = LexborHTMLParser(answer.text).css("ol.articles h2 a")
    return [(node.attributes["href"] or "").rpartition("/")[2] for node in links]


def followed(client: FlaskClient, path: str, selector: str) -> str:
    """The path of the one link that the selector finds."""
    (node,) = LexborHTMLParser(ask(client, path).text).css(selector)
    return (node.attributes["href"] or "").removeprefix(BASE)


def test_tags(shelves: FlaskClient) -> None:
    assert listed(shelves, "/tags/ai") == ["july", "june"]
    assert listed(shelves, "/tags/C%2B%2B%2FCLI") == ["june"]
    assert ask(shelves, "/tags/a").text == "no article has the tag 'a' (see https://example.org/)\n"


@pytest.mark.parametrize("slug", ["june", "sept"])
def test_an_article_leads_to_its_tags_and_authors(shelves: FlaskClient, slug: str) -> None:
    """Whatever stands in a tag or a name, its address leads there."""
    page = LexborHTMLParser(ask(shelves, f"/articles/{slug}").text)
    links = [node.attributes["href"] or "" for node in page.css(".tags a, a[rel=author]")]
    assert len(links) >= 2
    for link in links:
        assert slug in listed(shelves, link.removeprefix(BASE))


def test_authors(shelves: FlaskClient) -> None:
    assert listed(shelves, "/authors/Ann") == ["sept", "june"]
    assert listed(shelves, "/authors/A%2FB") == ["june"]
    assert ask(shelves, "/authors/Bob").status_code == 404


def test_months_are_the_sites(shelves: FlaskClient) -> None:
    """A month begins at midnight in the site's time zone."""
    assert listed(shelves, "/months/2026-06") == ["june"]
    assert listed(shelves, "/months/2026-07") == ["july"]
    assert followed(shelves, "/months/2026-07", ".beside .older") == "/months/2026-06"
    assert followed(shelves, "/months/2026-07", ".beside .newer") == "/months/2026-09"
    months = LexborHTMLParser(ask(shelves, "/").text).css(".months")
    assert months[0].text().split() == ["Months", "2026", "September", "July", "June"]


@pytest.mark.parametrize("month", ["2026-08", "2026-13", "2026-7", "0000-01", "0001-01", "9999-12", "２０２６-07", "x"])
def test_a_month_without_articles(shelves: FlaskClient, month: str) -> None:
    answer = ask(shelves, f"/months/{month}")
    assert answer.status_code == 404
    assert "write" in answer.text or "written" in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("為什麼", ["july"]),
        ("AI", ["july", "june"]),
        ("為*", ["july"]),
        ("%22strait+tea%22", ["sept"]),
        ("%22tea+strait%22", []),
        ("str*", ["sept"]),
        ("stra", []),
        ("%21", []),
        ("strait+tea", ["sept"]),
        ("strait%E3%80%80tea", ["sept"]),
        ("strait+cloud", []),
        ("%3Cb%3E", ["sept"]),
        ("", []),
        ("%00", []),
    ],
)
def test_search(shelves: FlaskClient, query: str, found: list[str]) -> None:
    assert listed(shelves, f"/search?q={query}") == found


def test_a_search_that_finds_nothing_says_so_and_keeps_the_words(shelves: FlaskClient) -> None:
    page = LexborHTMLParser(ask(shelves, "/search?q=%22%3Ex&ui=zh-Hant").text)
    (field,), (empty,), (robots,) = page.css("#q"), page.css(".empty"), page.css("meta[name=robots]")
    assert (field.attributes["value"], empty.css("p")[0].text(strip=True)) == ('">x', "沒有文章同時包含這些字詞。")
    assert robots.attributes["content"] == "noindex"
    (said,) = page.css("form input[type=hidden]")
    assert (said.attributes["name"], said.attributes["value"]) == ("ui", "zh-Hant")


@pytest.mark.parametrize("query", ["x" * 10_000, "!" * 10_000, "the " * 2500, '"' * 10_000, "* " * 5000, "é" * 10_000])
def test_a_search_may_be_long(shelves: FlaskClient, query: str) -> None:
    """The rest is left out, and the page says so."""
    answer = ask(shelves, f"/search?q={quote(query)}")
    assert answer.status_code == 200
    assert "A search has at most 200 characters. The rest was left out." in answer.text


@pytest.mark.parametrize("query", ["!", "AND", "OR NOT", "NEAR(a b)", "a:b", "(", "^a", "title:*", "-", "''", "\\"])
def test_a_search_has_no_operators(shelves: FlaskClient, query: str) -> None:
    assert ask(shelves, f"/search?q={quote(query)}").status_code == 200


def test_only_punctuation_is_no_word(shelves: FlaskClient) -> None:
    page = LexborHTMLParser(ask(shelves, "/search?q=%21%3F").text)
    assert page.css(".empty p")[0].text() == "There is no word to search for."


def test_a_search_is_narrowed_by_a_form(shelves: FlaskClient) -> None:
    """Its controls have labels; what is chosen stays chosen, in the feed and on other pages too."""
    page = LexborHTMLParser(ask(shelves, "/search?q=AI&topic=Cloud&lang=&sort=relevance").text)
    chosen = {each.attributes["name"]: each.css("[selected]")[0].attributes["value"] for each in page.css("select")}
    assert chosen["topic"] == "cloud"
    labels = {each.attributes["for"] for each in page.css("form.search label")}
    assert {each.attributes["id"] for each in page.css("select, #q")} <= labels
    (canonical,) = page.css("link[rel=canonical]")
    assert canonical.attributes["href"] == f"{BASE}/search?q=AI&topic=cloud&sort=relevance"
    feeds = [each.attributes["href"] or "" for each in page.css("link[rel=alternate]")]
    assert any("/feeds/cloud.atom?q=ai" in each for each in feeds), feeds
    kept = {each.attributes["name"]: each.attributes["value"] for each in page.css("form [type=hidden]")}
    assert kept == {"sort": "relevance"}
    assert set(listed(shelves, "/search?q=AI&topic=cloud")) < set(listed(shelves, "/search?q=AI"))
    assert listed(shelves, "/search?q=AI&lang=&topic=&sort=") == listed(shelves, "/search?q=AI")


def test_the_order_of_a_search_is_a_link_beside_the_count(shelves: FlaskClient) -> None:
    page = LexborHTMLParser(ask(shelves, "/search?q=AI&sort=relevance&ui=zh-Hant").text)
    orders = {each.text(): each.attributes for each in page.css(".found nav a")}
    assert [name for name, each in orders.items() if each.get("aria-current")] == ["最符合的在前"]
    assert orders["最新的在前"]["href"] == f"{BASE}/search?q=AI&ui=zh-Hant"
    assert LexborHTMLParser(ask(shelves, "/search?q=strait").text).css(".found nav") == []


def test_a_search_that_finds_nothing_leads_to_wider_ones(shelves: FlaskClient) -> None:
    """Each link leaves out one filter, or all words but one."""
    asked = "/search?q=AI+nothing&topic=cloud&lang=en&sort=relevance&ui=en"
    page = LexborHTMLParser(ask(shelves, asked).text)
    found = {each.text(): (each.attributes["href"] or "").removeprefix(BASE) for each in page.css(".empty a")}
    assert found == {
        "Search in all topics and languages": "/search?q=AI+nothing&sort=relevance",
        "Search in all topics": "/search?q=AI+nothing&lang=en&sort=relevance",
        "Search in all languages": "/search?q=AI+nothing&topic=cloud&sort=relevance",
        "Search for ai alone": "/search?q=ai&topic=cloud&lang=en&sort=relevance",
        "Search for nothing alone": "/search?q=nothing&topic=cloud&lang=en&sort=relevance",
    }
    assert LexborHTMLParser(ask(shelves, "/search?q=nothing").text).css(".empty a") == []
    assert LexborHTMLParser(ask(shelves, "/search?q=nothing").text).css("ol.latest a")


def test_an_empty_search_offers_tags_articles_and_an_example(publication: Publication) -> None:
    """In the language of the page where an article is in it."""
    publication.article("one", title="One", language="en", tags="['open <b>', ai]")
    publication.article("two", title="Two", language="en", tags="['open <b>']")
    publication.article("three", title="輝達", language="zh-Hant", tags="[晶片]")
    publication.sync()
    client = publication.client()
    page = LexborHTMLParser(ask(client, "/search?ui=en").text)
    (example, _), tags = page.css("form ~ p a"), [each.text() for each in page.css("#by-tag ~ ul a")]
    assert (example.text(), tags) == ('"open <b>"', ["open <b>", "ai"])
    assert listed(client, (example.attributes["href"] or "").removeprefix(BASE)) == ["one", "two"]
    assert {each.text() for each in page.css("ol.latest a")} == {"One", "Two"}
    chinese = LexborHTMLParser(ask(client, "/search?ui=zh-Hant").text)
    assert [each.text() for each in chinese.css("#by-tag ~ ul a, form ~ p a, ol.latest a")] == ["晶片", "晶片", "輝達"]


def test_the_example_of_a_star_is_a_word_of_this_publication(publication: Publication) -> None:
    publication.article("one", language="en", tags="[AI, offshore]")
    publication.sync()
    assert "off* finds offshore and what else begins so." in ask(publication.client(), "/search?ui=en").text


def test_an_empty_search_without_articles(publication: Publication) -> None:
    page = LexborHTMLParser(ask(publication.client(), "/search").text)
    assert [page.css(each) for each in ("form ~ p a", "#by-tag", "ol.latest")] == [[], [], []]


def test_a_found_title_breaks_between_phrases_as_others(publication: Publication) -> None:
    publication.article("one", title="「帶動供應鏈重新布局：台積電」", language="zh-Hant")
    publication.sync()
    page = ask(publication.client(), "/search?q=%E6%87%89%E9%8F%88%E9%87%8D%E6%96%B0").text
    assert "帶動供<mark>應鏈重新</mark><wbr>布局：</span><span>" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("topic=clod", "parameter 'topic': unknown topic 'clod'"),
        ("topic=cloud&topic=chips", "parameter 'topic' is given twice (keep one)"),
        ("lang=xx", "parameter 'lang': "),
        ("sort=best", "parameter 'sort': unknown 'best' ("),
    ],
)
def test_a_filter_that_is_unknown(shelves: FlaskClient, asked: str, said: str) -> None:
    answer = ask(shelves, f"/search?q=AI&{asked}")
    assert answer.status_code == 400
    assert answer.text.startswith(said)


def test_words_are_marked_in_titles_and_around_the_first_find(publication: Publication) -> None:
    """As text: what an article writes as text stays text."""
    publication.article(
        "one",
        f"{'Nothing here. ' * 400}Then **CAFÉ** &lt;i&gt; &amp; 台積電（<cite>N3</cite>）的推論。 {'More. ' * 100}",
        title="A <café>",
        summary="Said.",
        language="en",
    )
    publication.sync()
    page = LexborHTMLParser(ask(publication.client(), "/search?q=cafe+%E6%8E%A8%E8%AB%96").text)
    assert [each.text() for each in page.css("mark")] == ["café", "CAFÉ", "推論"]
    (text,) = page.css("li .p-summary")
    assert text.text().startswith("…Then CAFÉ <i> & 台積電（N3）的推論。")
    assert text.text().endswith("…")
    assert page.css(".p-summary i, .p-name i") == []


def test_what_is_restricted_is_in_no_snippet(publication: Publication) -> None:
    publication.article("one", "Public words.\n\n<!-- private words -->\n\n<!--members-only-->\n\nSecret words.")
    publication.sync()
    page = ask(publication.client(), "/search?q=words").text
    assert ("Public" in page, "private" in page, "Secret" in page) == (True, False, False)


def test_the_best_match_is_the_one_with_the_words_in_its_title(publication: Publication) -> None:
    publication.article("title", "Once.", title="Wafers", published="2026-08-01")
    publication.article("often", "wafers wafers wafers wafers", title="A", published="2026-08-02")
    publication.article("seldom", f"wafers {'other ' * 50}", title="B", published="2026-08-03")
    publication.sync()
    client = publication.client()
    assert listed(client, "/search?q=wafers") == ["seldom", "often", "title"]
    assert listed(client, "/search?q=wafers&sort=relevance") == ["title", "often", "seldom"]


def test_a_search_is_paged(publication: Publication) -> None:
    for number in range(PAGE_SIZE + 1):
        publication.article(f"a{number:02}", "Same words & more.", published=f"2026-09-{number % 28 + 1:02}")
    publication.sync()
    client = publication.client()
    second = followed(client, "/search?q=words+%26", "a[rel=next]")
    assert len(listed(client, "/search?q=words+%26")) == PAGE_SIZE
    assert f"{PAGE_SIZE + 1} articles" in ask(client, "/search?q=words+%26").text
    assert f"{PAGE_SIZE + 1} articles&nbsp;· Page 2 of 2" in ask(client, second).text
    assert len(listed(client, second)) == 1


@pytest.mark.parametrize(
    ("path", "english", "chinese"),
    [
        ("/tags/ai", "2 articles", "2篇文章"),
        ("/authors/Ann", "2 articles", "2篇文章"),
        ("/months/2026-09", "1 article", "1篇文章"),
        ("/topics/cloud", "1 article", "1篇文章"),
    ],
)
def test_a_shelf_says_how_many_articles_it_has(shelves: FlaskClient, path: str, english: str, chinese: str) -> None:
    for ui, said in (("en", english), ("zh-Hant", chinese)):
        (facts,) = LexborHTMLParser(ask(shelves, f"{path}?ui={ui}").text).css(".head .facts span")
        assert facts.text() == said


@pytest.mark.parametrize(
    ("path", "text", "feed"),
    [
        ("/tags/ai", "Follow this tag", "/feeds/all.atom?tag=ai"),
        ("/authors/Ann", "Follow this author", "/feeds/all.atom?author=Ann"),
        ("/topics/cloud", "Follow this topic", "/feeds/cloud.atom"),
    ],
)
def test_the_head_of_a_list_leads_to_its_feed(shelves: FlaskClient, path: str, text: str, feed: str) -> None:
    (link,) = LexborHTMLParser(ask(shelves, f"{path}?ui=en").text).css(".head .facts a")
    assert (link.text(), link.attributes["href"]) == (text, f"{BASE}{feed}")


def test_a_month_is_nothing_to_follow(shelves: FlaskClient) -> None:
    assert LexborHTMLParser(ask(shelves, "/months/2026-09").text).css(".head .facts a") == []


def test_no_two_pages_of_a_shelf_have_one_title(publication: Publication) -> None:
    """Each says which one it is, where it is not the first."""
    for number in range(PAGE_SIZE + 1):
        publication.article(f"a{number:02}", tags="[ai]", published=f"2026-09-{number % 28 + 1:02}")
    publication.sync()
    client = publication.client()
    first, second = (LexborHTMLParser(ask(client, f"/tags/ai{query}").text) for query in ("", "?page=2"))
    assert [page.css("title")[0].text() for page in (first, second)] == [
        "#ai – Test Weekly",
        "#ai – Test Weekly – page 2",
    ]
    assert [node.text() for node in second.css(".head .facts span")] == [f"{PAGE_SIZE + 1} articles", "Page 2 of 2"]


def test_the_second_page_of_the_home_page_is_a_list_of_all_articles(publication: Publication) -> None:
    """Only the first one has a lead story; the masthead names the publication on both."""
    for number in range(PAGE_SIZE + 1):
        publication.article(f"a{number:02}", published=f"2026-09-{number % 28 + 1:02}")
    publication.sync()
    client = publication.client()
    first, second = (LexborHTMLParser(ask(client, f"/{query}").text) for query in ("", "?page=2"))
    assert [len(page.css("body.wide .list-home")) for page in (first, second)] == [1, 0]
    assert [page.css("h1")[0].text() for page in (first, second)] == ["Test Weekly", "All articles"]
    assert second.css(".name")[0].text() == "Test Weekly"


def test_a_topic_is_not_named_again_beside_each_of_its_articles(shelves: FlaskClient) -> None:
    """What an article is about beside it is."""
    page = LexborHTMLParser(ask(shelves, "/topics/chips").text)
    assert {node.text() for node in page.css("ol.articles .p-category")} == {"Cloud"}
    assert "Chips" in {node.text() for node in LexborHTMLParser(ask(shelves, "/").text).css("ol.articles .p-category")}


def test_a_search_ends_at_a_page_and_says_so(publication: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it finds is counted off from the newest: no page is too deep to be found in time."""
    monkeypatch.setattr("feedsvc.web.pages.search_page.PAGES", 2)
    for number in range(3 * PAGE_SIZE):
        publication.article(f"a{number:02}", "words")
    publication.sync()
    client = publication.client()
    first, last = (LexborHTMLParser(ask(client, f"/search?q=words&page={number}").text) for number in (1, 2))
    assert len(first.css('[rel="next"]')) == 2
    assert last.css('[rel="next"]') == []
    said = f"A search shows its newest {2 * PAGE_SIZE} articles. Add a word to find older ones."
    assert [said in page.body.text() for page in (first, last) if page.body] == [False, True]
    answer = ask(client, "/search?q=words&page=3")
    assert answer.status_code == 404
    assert answer.text == f"no page 3 (the last of a search is 2: add a word; see {BASE}/search?q=words)\n"
    assert ask(client, "/?page=3").status_code == 200


def test_before_and_after_in_the_topic(shelves: FlaskClient) -> None:
    """Previous is the older one."""
    assert followed(shelves, "/articles/july", "a[rel=prev]") == "/articles/june"
    assert followed(shelves, "/articles/july", "a[rel=next]") == "/articles/sept"
    assert LexborHTMLParser(ask(shelves, "/articles/june").text).css("a[rel=prev]") == []


def test_neighbours_are_other_articles_in_the_same_language(publication: Publication) -> None:
    """Not its own translations, and none in another language."""
    for day, (slug, language, original) in enumerate(
        [("a", "en", None), ("jia", "zh-Hant", "a"), ("b", "en", None), ("yi", "zh-TW", "b"), ("c", "ja", "b")], 1
    ):
        fields = {"translation_of": original} if original else {}
        publication.article(slug, published=f"2026-09-{day:02} 10:00", language=language, **fields)
    publication.sync()
    client = publication.client()
    assert followed(client, "/articles/b", "a[rel=prev]") == "/articles/a"
    assert followed(client, "/articles/yi", "a[rel=prev]") == "/articles/jia"
    assert followed(client, "/articles/jia", "a[rel=next]") == "/articles/yi"
    for path in ("/articles/c", "/articles/b"):
        assert LexborHTMLParser(ask(client, path).text).css("a[rel=next]") == []
    assert LexborHTMLParser(ask(client, "/articles/c").text).css("a[rel=prev]") == []


def test_neighbours_say_on_which_topic(shelves: FlaskClient) -> None:
    page = LexborHTMLParser(ask(shelves, "/articles/july?ui=zh-Hant").text)
    assert [node.text() for node in page.css(".beside .which")] == ["「晶片」上一篇", "「晶片」下一篇"]


def test_a_search_says_how_many_it_found(shelves: FlaskClient) -> None:
    for query, said in (("AI", "2 articles"), ("為什麼", "1 article")):
        assert LexborHTMLParser(ask(shelves, f"/search?q={query}").text).css(".head .quiet")[0].text() == said


def test_a_new_neighbour_moves_last_modified(filled: Publication) -> None:
    """A page that shows a neighbour's title is touched by it."""
    client = filled.client()
    before = ask(client, "/articles/hello").headers["Last-Modified"]
    filled.article("newer", published="2026-10-02 10:00", title="A newer one")
    filled.sync()
    answer = ask(client, "/articles/hello")
    assert "A newer one" in answer.text or "A newer one" in ask(client, "/articles/%E6%8E%A8%E8%AB%96").text
    assert answer.headers["Last-Modified"] != before


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("/tags/ai", "tag=ai"),
        ("/tags/C%2B%2B%2FCLI", "tag=C%2B%2B%2FCLI"),
        ("/authors/A%2FB", "author=A%2FB"),
        ("/search?q=Strait%20%22the+tea%22", "q=%22the%20tea%22%20strait"),
    ],
)
def test_a_shelf_is_followed_by_a_feed_of_its_own(shelves: FlaskClient, path: str, asked: str) -> None:
    """In each format, in the head and where one sees it; each is there."""
    page = LexborHTMLParser(ask(shelves, path).text)
    for selector in ("link[rel=alternate][type]", ".feeds a[type]"):
        found = [node.attributes["href"] for node in page.css(selector)]
        assert found == [f"{BASE}/feeds/all.{suffix}?{asked}" for suffix in ("atom", "rss", "json")]
    for suffix in ("atom", "rss", "json"):
        assert ask(shelves, f"/feeds/all.{suffix}?{asked}").status_code == 200
    assert followed(shelves, path, ".feeds .button") == f"/feeds/all.atom?{asked}"


def test_the_longest_tag_has_a_feed(publication: Publication) -> None:
    """Whatever an article may have as a tag or an author may be asked for in a feed's address."""
    publication.article("long", tags=f"[{'x' * MAX_NAME}]", authors=f"[{'y' * MAX_NAME}]")
    publication.sync()
    client = publication.client()
    for path, asked in (("tags", f"tag={'x' * MAX_NAME}"), ("authors", f"author={'y' * MAX_NAME}")):
        assert listed(client, f"/{path}/{asked.partition('=')[2]}") == ["long"]
        feed = followed(client, f"/{path}/{asked.partition('=')[2]}", ".feeds .button")
        assert feed == f"/feeds/all.atom?{asked}"
        assert client.get(feed).status_code == 200


def test_a_change_elsewhere_leaves_a_shelf_as_it_is(publication: Publication) -> None:
    """Its Last-Modified is that of what it lists; a new article of its own moves it."""
    publication.article("one", tags="[sand]", authors="[Ann]")
    publication.article("two", topics="[cloud]", authors="[Bob]")
    publication.sync()
    client = publication.client()
    paths = ("/tags/sand", "/authors/Ann", "/topics/chips")
    before = [ask(client, path).headers["Last-Modified"] for path in paths]
    publication.article("three", topics="[cloud]", authors="[Bob]")
    publication.sync()
    assert [ask(client, path).headers["Last-Modified"] for path in paths] == before
    publication.article("four", tags="[sand]", authors="[Ann]")
    publication.sync()
    assert all(ask(client, path).headers["Last-Modified"] > each for path, each in zip(paths, before, strict=True))
    assert listed(client, "/tags/sand") == ["four", "one"]


def _publish(publication: Publication, number: int, topics: str) -> None:
    for each in range(number):
        publication.article(
            f"a{each:03}", published=f"20{26 - each // 30:02}-{each % 9 + 1:02}-{each % 28 + 1:02}", topics=topics
        )
    publication.sync()


def test_the_front_page_of_many_articles_has_sections(publication: Publication) -> None:
    """The newest of each topic that the list above does not show, none of them twice; none where few are published."""
    _publish(publication, 2 * PAGE_SIZE, "[chips, cloud]")
    assert LexborHTMLParser(ask(publication.client(), "/").text).css(".sections a") == []
    publication.article("new", published="2026-10-30", topics="[chips]")
    publication.sync()
    client = publication.client()
    page = LexborHTMLParser(ask(client, "/").text)
    assert [node.text() for node in page.css(".sections h2")] == ["Chips", "Cloud"]
    sections = [node.attributes["href"] for node in page.css(".sections .latest a")]
    shown = [*(node.attributes["href"] for node in page.css("ol.articles h2 a")), *sections]
    assert (len(sections), len(shown), len(set(shown))) == (6, PAGE_SIZE + 6, PAGE_SIZE + 6)
    assert LexborHTMLParser(ask(client, "/?page=2").text).css(".sections a") == []


@pytest.mark.parametrize(
    ("ui", "expected"), [("en", "e z0 e1 z1 z2"), ("zh-Hant", "z0 e e1 z1 z2"), ("ja", "e z0 e1 z1 z2")]
)
def test_the_lead_story_is_in_the_language_of_the_page(publication: Publication, ui: str, expected: str) -> None:
    """The newest such article, if it is one of the five newest; the others keep their order."""
    for day, slug in enumerate(["z2", "z1", "e1", "e", "z0"], 1):
        language = "en" if slug.startswith("e") else "zh-Hant"
        publication.article(slug, language=language, published=f"2026-09-{day:02} 10:00")
    publication.sync()
    assert " ".join(each.partition("?")[0] for each in listed(publication.client(), f"/?ui={ui}")) == expected
    for number in range(5):
        publication.article(f"y{number}", language="zh-Hant", published=f"2026-10-{5 - number:02} 10:00")
    publication.sync()
    assert listed(publication.client(), "/?ui=en")[0] == "y0"


def test_months_are_folded_into_years(publication: Publication) -> None:
    """The last five years, the newest open, and a way to what was before; each month has articles."""
    _publish(publication, 6 * 30, "[chips]")
    client = publication.client()
    page = LexborHTMLParser(ask(client, "/").text)
    assert [node.text() for node in page.css(".months summary")] == ["2026", "2025", "2024", "2023", "2022"]
    assert len(page.css(".months details[open]")) == 1
    assert followed(client, "/", ".months p a") == "/months/2021-09"
    for node in page.css(".months li a"):
        assert listed(client, (node.attributes["href"] or "").removeprefix(BASE))


def test_a_list_shows_a_picture_of_each_article(publication: Publication) -> None:
    """Its image, else the first file of ours in its text; a picture of another host in a text may count readers."""
    publication.write("articles/p.svg", PICTURE)
    publication.article("image", image="https://pictures.example/a.png?x=1&y=2", published="2026-10-04")
    publication.article("own", "![](https://counter.example/1.gif)\n\n![A drawing](p.svg)", published="2026-10-03")
    publication.article("foreign", "![](https://counter.example/1.gif)", published="2026-10-02")
    publication.article("none", published="2026-10-01")
    publication.sync()
    page = LexborHTMLParser(ask(publication.client(), "/").text)
    shown = [node.attributes["src"] for node in page.css("ol.articles img")]
    assert shown == ["https://pictures.example/a.png?x=1&y=2", f"/media/{PICTURE_NAME}"]
    assert all(node.attributes["alt"] in ("", None) for node in page.css("ol.articles img"))


def test_the_page_of_all_feeds(publication: Publication) -> None:
    """Each topic, with a feed for each language where it has several; each address is there."""
    publication.article("one", language="en", topics="[chips]")
    publication.article("two", language="ja", topics="[chips]")
    publication.sync()
    client = publication.client()
    page = LexborHTMLParser(ask(client, "/feeds").text)
    links = [(node.attributes["href"] or "").removeprefix(BASE) for node in page.css(".every a")]
    assert "/feeds/cloud.json" in links
    assert "/feeds/chips.atom?lang=ja" in links
    assert "/feeds/cloud.atom?lang=ja" not in links
    assert all(client.get(each).status_code == 200 for each in links)
    assert followed(client, "/feeds", f"main a[href='{BASE}/feeds.opml']") == "/feeds.opml"
    assert followed(client, "/", "footer.site a[href$='/feeds']") == "/feeds"
