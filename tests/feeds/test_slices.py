"""Which feeds there are, and what a URL's name for one means."""

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedsvc.errors import BadParameter, UnknownResource
from feedsvc.feeds.feed import assemble
from feedsvc.slices import search_terms
from feedsvc.slices.grammar import check_topics, is_search, parse, query, slice_named, slices
from feedsvc.slices.slice import Slice
from feedsvc.text import plain
from tests.feeds.cases import CHANGED, SITE


def test_all_comes_first_then_the_topics_in_the_order_of_site_toml() -> None:
    assert list(slices(SITE)) == [Slice(), Slice("chips"), Slice("cloud")]


@pytest.mark.parametrize("slice_", list(slices(SITE)), ids=lambda slice_: slice_.name)
def test_every_slice_is_found_by_its_name(slice_: Slice) -> None:
    assert slice_named(slice_.name, SITE) == slice_


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("chip", "unknown topic 'chip' (did you mean 'chips'?)"),
        ("al", "unknown topic 'al' (did you mean 'all'?)"),
        ("x", "unknown topic 'x' (known: all, chips, cloud)"),
        ("", "unknown topic '' (known: all, chips, cloud)"),
        ("CHIPS", "unknown topic 'CHIPS' (did you mean 'chips'?)"),
    ],
)
def test_an_unknown_name_is_answered_with_those_that_exist(name: str, message: str) -> None:
    with pytest.raises(UnknownResource) as caught:
        slice_named(name, SITE)
    assert str(caught.value) == message


def parsed(query: str, name: str = "all") -> Slice:
    return parse(name, parse_qsl(query, keep_blank_values=True))


# One way to say it, and other ways to say the same.
SPELLINGS = [
    ("all", "", ["", "tag=&q=&limit=", "body=full", "body=Full", "tag=%20"]),
    ("chips", "", [""]),
    (
        "all",
        "topic=chips&topic=cloud",
        ["topic=cloud&topic=chips", "topic=cloud&topic=cloud&topic=chips", "topic=CLOUD&topic=Chips"],
    ),
    ("all", "not=lang:en&not=topic:cloud", ["not=topic:Cloud&not=lang:en-GB&not=lang:en"]),
    ("all", "tag=a&tag=b&lang=zh-Hant", ["lang=ZH-hant&tag=b&tag=a", "lang=zh_Hant&lang=zh-TW&tag=b&tag=a&tag=b"]),
    ("all", "lang=zh", ["lang=zh&lang=zh-Hant&lang=zh-HK"]),
    ("all", "lang=zh-TW", ["lang=zh-Hant-TW"]),
    ("all", "author=%E9%99%B3%20%E7%B7%A8%E8%BC%AF", ["author=%E9%99%B3+%E7%B7%A8%E8%BC%AF", "author=陳%20%20編輯"]),
    ("all", "not=lang:ja&not=topic:cloud", ["not=topic:cloud&not=lang:ja"]),
    ("all", "not=tag:a:b", ["not=tag:a%3Ab"]),
    ("all", "q=ai%20nvidia", ["q=NVIDIA+AI", "q=ＡＩ ai nvidia"]),
    ("all", "q=%22open%20ai%22", ["q=“Open AI”", "q=open-ai"]),
    ("all", "since=2026-03-01&until=2026-03-31&limit=20", ["limit=0020&until=2026-03-31&since=2026-03-01"]),
]


@pytest.mark.parametrize(("name", "right", "other"), [(n, r, o) for n, r, others in SPELLINGS for o in (r, *others)])
def test_every_spelling_of_a_slice_is_one_slice_with_one_address(name: str, right: str, other: str) -> None:
    found = parsed(other, name)
    assert (found.name, query(found)) == (name, right)
    assert parsed(right, name) == found


def test_one_topic_is_its_own_path() -> None:
    assert parsed("topic=chips&topic=chips&topic=") == parsed("topic=chips", "chips") == Slice("chips")


def test_what_the_path_names_is_narrowed_by_the_query() -> None:
    both = parsed("topic=cloud", "chips")
    assert both == parsed("topic=chips", "cloud") == Slice("chips", topics=("cloud",))
    assert both != parsed("topic=cloud&topic=chips")


REFUSED = {
    "colour=red": "unknown parameter 'colour' (known: topic, tag, author, lang, not, q, since, until, limit, body)",
    "tags=a": "unknown parameter 'tags' (did you mean 'tag'?)",
    "lang=klingon": "parameter 'lang': 'klingon' is not a language tag (write en, zh-Hant, ja, …)",
    "lang=xx": "parameter 'lang': 'xx' is not a known language (write en, zh-Hant, ja, …)",
    "not=cloud": "parameter 'not': 'cloud' has no name (write topic:…, tag:…, author:… or lang:…)",
    "not=tag:": "parameter 'not': 'tag:' has no name (write topic:…, tag:…, author:… or lang:…)",
    "not=tags:a": "parameter 'not': unknown 'tags' (did you mean 'tag'?)",
    "not=lang:xx": "parameter 'not': 'xx' is not a known language (write en, zh-Hant, ja, …)",
    "since=yesterday": "parameter 'since': 'yesterday' is not a day (write 2026-03-01)",
    "since=20260301": "parameter 'since': '20260301' is not a day (write 2026-03-01)",
    "until=2026-02-30": "parameter 'until': '2026-02-30' is not a day (write 2026-03-01)",
    "until=0999-01-01": "parameter 'until': '0999-01-01' is not a day (write 2026-03-01)",
    "since=2026-03-02&until=2026-03-01": "parameter 'since': since must not be later than until",
    "limit=0": "parameter 'limit': '0' is not a number from 1 to 500",
    "limit=501": "parameter 'limit': '501' is not a number from 1 to 500",
    "limit=%D9%A1": "parameter 'limit': '١' is not a number from 1 to 500",
    "limit=2&limit=3": "parameter 'limit' is given twice (keep one)",
    "q=a&q=b": "parameter 'q' is given twice (keep one)",
    "q=!?": "parameter 'q': '!?' has no word (write one or more words)",
    f"q={'a' * 201}": "parameter 'q': longer than 200 characters (shorten it)",
    f"tag={'a' * 201}": "parameter 'tag': longer than 200 characters (shorten it)",
    "&".join(f"tag={n}" for n in range(51)): "more than 50 values (remove some)",
    "body=summery": "parameter 'body': unknown 'summery' (did you mean 'summary'?)",
}


@pytest.mark.parametrize(("asked", "message"), REFUSED.items())
def test_what_is_malformed_is_named(asked: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        parsed(asked)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("topic=chip", "parameter 'topic': unknown topic 'chip' (did you mean 'chips'?)"),
        ("topic=chips&topic=x", "parameter 'topic': unknown topic 'x' (known: chips, cloud)"),
        ("not=topic:clouds", "parameter 'not': unknown topic 'clouds' (did you mean 'cloud'?)"),
    ],
)
def test_a_topic_that_the_query_names_must_be_there(asked: str, message: str) -> None:
    with pytest.raises(BadParameter) as caught:
        check_topics(parsed(asked), SITE)
    assert str(caught.value) == message
    check_topics(parsed("topic=cloud&not=tag:x", "chips"), SITE)


names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=9).map(plain).filter(bool)


@given(
    # Fifty values in all are the most that an address may have.
    topics=st.lists(st.sampled_from(["chips", "cloud", "power"]), max_size=9),
    tags=st.lists(names, max_size=20),
    without=st.lists(st.tuples(st.sampled_from(["tag", "author"]), names), max_size=20),
    words=st.text(max_size=40),
)
# Hangul fillers: letters that nobody sees, alone and beside a word.
@example(topics=[], tags=[], without=[], words="\u115f")
@example(topics=[], tags=[], without=[], words='\u3164 "\uffa0" hbm \u1160*')
def test_a_slice_is_what_its_own_address_says(
    topics: list[str], tags: list[str], without: list[tuple[str, str]], words: str
) -> None:
    given_ = Slice(topics=tuple(topics), tags=tuple(tags), without=tuple(without), terms=search_terms.parsed(words))
    assert parsed(query(given_), given_.name) == given_
    assert query(given_).isascii()


TITLES = [
    (Slice(), "Test Weekly"),
    (Slice("chips"), "Chips – Test Weekly"),
    (Slice("chips", tags=("nvidia",)), "Chips, about nvidia – Test Weekly"),
    (Slice("chips", languages=("zh-Hant",), tags=("nvidia",)), "晶片，繁體中文，關於 nvidia – 測試週刊"),
    (
        Slice("chips", languages=("zh-Hant",), authors=("林雅婷",), without=(("lang", "ja"), ("lang", "en"))),
        "晶片，繁體中文，作者林雅婷，不含英文或日文 – 測試週刊",
    ),
    (
        Slice(languages=("ja",), tags=("王 x 半導体",), since=date(2026, 3, 1)),
        "Test Weekly、日本語、王 x 半導体について、2026-03-01 以降",
    ),
    (Slice(languages=("ko",), tags=("반도체",)), "Test Weekly, 한국어, 반도체 관련"),
    (Slice("chips", until=date(2026, 3, 1)), "Chips, until 2026-03-01 – Test Weekly"),
    (Slice("chips", languages=("ja",)), "Chips、日本語 – Test Weekly"),
    (Slice(languages=("en", "ko")), "Test Weekly, in English or Korean"),
    (Slice(topics=("chips", "cloud"), terms=("ai", "推論")), "Chips or Cloud, with “ai 推論” – Test Weekly"),
    (
        Slice("chips", topics=("cloud",), authors=("Ann",), without=(("lang", "ja"),), since=date(2026, 3, 1)),
        "Chips, also Cloud, by Ann, without Japanese, since 2026-03-01 – Test Weekly",
    ),
]


@pytest.mark.parametrize(("slice_", "title"), TITLES, ids=[title for _, title in TITLES])
def test_a_feed_is_called_what_it_is_about_in_its_language(slice_: Slice, title: str) -> None:
    assert assemble(SITE, slice_, [], updated=CHANGED).title == title


def test_a_slice_has_an_id_and_an_address_of_its_own() -> None:
    made = assemble(SITE, Slice("chips", tags=("推論",), body="summary"), [], updated=CHANGED)
    assert made.id == "tag:example.org,2026:feeds/chips?tag=%E6%8E%A8%E8%AB%96&body=summary"
    assert made.self_url("atom") == "https://example.org/feeds/chips.atom?tag=%E6%8E%A8%E8%AB%96&body=summary"
    assert assemble(SITE, Slice("chips"), [], updated=CHANGED).id == "tag:example.org,2026:feeds/chips"


@pytest.mark.parametrize(
    ("slice_", "is_one"),
    [
        (Slice(), False),
        (Slice(topic="chips"), False),
        (Slice(topic="chips", tags=("nvidia",)), False),
        (Slice(tags=("nvidia", "tsmc")), True),
        (Slice(tags=("nvidia",), languages=("en",)), True),
        (Slice(topics=("chips", "cloud")), True),
        (Slice(terms=("hbm",)), True),
        (Slice(without=(("tag", "tsmc"),)), True),
    ],
)
def test_what_is_found_where_it_stands_in_an_index_is_no_search(slice_: Slice, is_one: bool) -> None:
    assert is_search(slice_) is is_one
