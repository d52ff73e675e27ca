"""One reader per field: what people write → a typed value, or a message that says what to write."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from feedsvc.articles.metadata import fields
from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.model import Localized, Person, Topic
from feedsvc.text import nfc
from tests.feeds.cases import SITE

NOT_ONE_TEXT = "must be one text, not a list or table (quote it)"


def message(reader: Callable[[Value], Any], value: Value) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the whole message is compared)
        reader(value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        pytest.param("  a\n b\t c\u3000d ", "a b c d", id="one line, single spaces"),
        pytest.param("a\x00b\ufffe\x1bc", "abc", id="forbidden characters go"),
        pytest.param("a\u200bb\ufeffc\u00add", "abcd", id="zero-width characters go"),
        pytest.param("e\u0301", "é", id="NFC"),
        pytest.param("ﬁ①Å", "ﬁ①Å", id="and nothing else"),
        pytest.param("👨‍👩‍👧 می‌خواهم", "👨‍👩‍👧 می‌خواهم", id="joiners between characters stay"),
        pytest.param("\u202eabc", "\u202eabc\u202c", id="an unclosed override is closed"),
        pytest.param('A < B & "C" <b>', 'A < B & "C" <b>', id="markup is text"),
    ],
)
def test_a_text_is_plain(written: str, text: str) -> None:
    assert fields.text(written) == text


@pytest.mark.parametrize(
    ("reader", "value", "said"),
    [
        (fields.text, ["a"], NOT_ONE_TEXT),
        (fields.text, {"a": "b"}, NOT_ONE_TEXT),
        (fields.text, "字" * 2001, "longer than 2000 characters (shorten it)"),
        (fields.required_text, "", "is empty (write something)"),
        (fields.required_text, "\u200b\u2060\ufeff", "is empty (write something)"),
        (fields.required_text, "\u202e\u202c \u200e", "is empty (write something)"),
        (fields.required_text, "\u3164\u115f\u2800\ufe0f", "is empty (write something)"),
        (fields.texts, {"a": "b"}, "must be a list (write [one, two])"),
        (fields.texts, ["a", ["b"]], NOT_ONE_TEXT),
        (fields.tags, [str(n) for n in range(101)], "more than 100 (keep those that readers would look for)"),
        (fields.tags, ["字" * 201], f"'{'字' * 20}'… is longer than 200 characters (shorten it)"),
        (fields.tags, ["a", ".."], "'..' cannot be part of an address (write it in words)"),
        (
            fields.people,
            [str(n) for n in range(101)],
            "more than 100 (name those who wrote most of it, or whom they wrote for)",
        ),
        (fields.person, ".", "'.' cannot be part of an address (write it in words)"),
        (
            fields.person,
            {"name": "a", "email": "e" * 201},
            "'eeeeeeeeeeeeeeeeeeee'… is longer than 200 characters as an address (write a shorter one)",
        ),
        (
            fields.person,
            {"name": "a", "uri": f"https://e.org/{'字' * 60}"},
            "'https://e.org/%E5%AD'… is longer than 500 characters as an address (write a shorter one)",
        ),
        (fields.language, "chinese", "'chinese' is not a language tag (write en, zh-Hant, ja, …)"),
        (fields.language, "qqq", "'qqq' is not a known language (write en, zh-Hant, ja, …)"),
        (fields.slug, "a b/c", "'a b/c' cannot be an address (write 'a-b-c')"),
        (fields.slug, "-a", "'-a' cannot be an address (write 'a')"),
        (fields.slug, "..", "no slug can be made of '..' (write slug: with letters or digits)"),
        (fields.slug, "a" * 201, f"{'a' * 201!r} cannot be an address (write {'a' * 200!r})"),
        (fields.slug, "𐐀" * 64, f"{'𐐀' * 64!r} cannot be an address (write {'𐐀' * 63!r})"),
        (fields.slug, "文" * 85 + "a", f"{'文' * 85 + 'a'!r} cannot be an address (write {'文' * 85!r})"),
        (fields.slug, "文" * 84 + "-.-文", f"{'文' * 84 + '-.-文'!r} cannot be an address (write {'文' * 84!r})"),
        (fields.aliases, ["a b"], "'a b' cannot be an address (write 'a-b')"),
        (fields.aliases, [f"a{n}" for n in range(101)], "more than 100 (name the addresses that others link to)"),
        (fields.identifier, "a b", "'a b' has a space in it (write urn:uuid:…, tag:… or https://…)"),
        (fields.identifier, "urn: x", "'urn: x' has a space in it (write urn:uuid:…, tag:… or https://…)"),
        (fields.url, "example.org", "'example.org' is not a web address (write https://…)"),
        (fields.url, "javascript:alert(1)", "'javascript:alert(1)' is not a web address (write https://…)"),
        (fields.url, "//example.org/", "'//example.org/' is not a web address (write https://…)"),
        (fields.url, "https://[::1", "'https://[::1' is not a web address (write https://…)"),
        (fields.people, [{"uri": "https://e.org"}], "an author needs a name (write {name: …})"),
        (fields.people, [{"nme": "A"}], "unknown key 'nme' (did you mean 'name'?)"),
        (fields.people, [["A"]], "must be a table with name, uri, email"),
        (fields.people, ["\u200b"], "is empty (write something)"),
        (fields.people, {"name": "A", "uri": "me"}, "'me' is not a web address (write https://…)"),
        (fields.media_type, "mp3", "'mp3' is not a media type (write audio/mpeg, video/mp4, …)"),
        (fields.length, "1e3", "'1e3' is not a number of bytes (write 12345)"),
        (fields.length, "-1", "'-1' is not a number of bytes (write 12345)"),
        (fields.length, "１２", "'１２' is not a number of bytes (write 12345)"),
        (fields.length, "9" * 16, f"{'9' * 16!r} is not a number of bytes (write 12345)"),
    ],
)
def test_what_does_not_fit_says_what_would(reader: Callable[[Value], Any], value: Value, said: str) -> None:
    assert message(reader, value) == said


@pytest.mark.parametrize(
    ("written", "texts"),
    [
        pytest.param("a, b,c", ("a", "b", "c"), id="commas"),
        pytest.param("晶片，雲端、AI", ("晶片", "雲端", "AI"), id="full-width commas"),
        pytest.param(["a", "", "b", "a", "\u200b"], ("a", "b"), id="empty ones and repetitions go"),
        pytest.param(["A, B"], ("A, B",), id="a list's item keeps its comma"),
        pytest.param("", (), id="nothing"),
    ],
)
def test_texts_are_a_list(written: Value, texts: tuple[str, ...]) -> None:
    assert fields.texts(written) == texts


@pytest.mark.parametrize(
    "slug", ["a", "A-b_c.d~e", "晶片戰爭", "チップ", "반도체", "שבבים", "رقائق", "हिन्दी", "2026", "x" * 200, "文" * 85]
)
def test_slugs_may_be_written_in_any_script(slug: str) -> None:
    assert fields.slug(slug) == slug


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Hello, world!", "Hello-world"),
        ("a/b\\c?d#e%f", "a-b-c-d-e-f"),
        ("../../etc", "etc"),
        ("e\u0301tude", "étude"),
        ("標題：副題", "標題-副題"),
        ("a\udcffb\n\x00c", "a-b-c"),
        ("🚀 liftoff", "liftoff"),
        ("x" * 199 + " y", "x" * 199),
    ],
)
def test_any_name_makes_a_slug_that_stays_what_it_is(name: str, slug: str) -> None:
    assert fields.slug_from(name) == slug
    assert fields.slug(slug) == slug


@pytest.mark.parametrize(
    ("written", "slugs"),
    [
        (["old", "/articles/older/", "https://example.org/2020/oldest"], ("old", "older", "/2020/oldest")),
        ("a, b", ("a", "b")),
        (["/articles/%E6%99%B6%E7%89%87", "old/"], ("晶片", "old")),
        (["/2026/01/old.html", "2026/01/old.html/", "http://x.example/2026/01/old.html#top"], ("/2026/01/old.html",)),
        (
            ["/?p=123", "?p=123", "/2026/%e6%99%b6%E7%89%87/", "/articles/a b"],
            ("/?p=123", "/2026/晶片", "/articles/a b"),
        ),
        (["/blog/2026/x", "https://example.org/blog/2026/y", "/blogs/z"], ("/2026/x", "/2026/y", "/blogs/z")),
        (["/2026/%b4%fa.html", "/a%3Fb", "/?b=1&a=2"], ("/2026/%B4%FA.html", "/a%3Fb", "/?a=2&b=1")),
    ],
)
def test_aliases_may_be_addresses(written: Value, slugs: tuple[str, ...]) -> None:
    """An address of another system is never cut down to a name; one below /articles/ is a slug."""
    assert fields.aliases(written, "https://example.org/blog") == slugs


@pytest.mark.parametrize("written", ["https://example.org/", "https://example.org", "/" + "a" * 1000])
def test_an_address_that_no_old_page_had(written: str) -> None:
    with pytest.raises(
        ValueError, match=r"is no address of an old page \(write its path, such as /2026/01/old\.html\)$"
    ):
        fields.aliases([written])


@pytest.mark.parametrize(
    ("written", "id_"),
    [
        ("urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a", "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a"),
        ("tag:example.org,2026:晶片", "tag:example.org,2026:%E6%99%B6%E7%89%87"),
        ("https://Example.org/a%20b?c=[d]#e", "https://Example.org/a%20b?c=[d]#e"),
        ('urn:x:<">', "urn:x:%3C%22%3E"),
    ],
)
def test_ids_are_kept_as_written_but_for_what_no_uri_may_hold(written: str, id_: str) -> None:
    assert fields.identifier(written) == id_


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("A, B", (Person(name="A"), Person(name="B"))),
        ("王小明、李四", (Person(name="王小明"), Person(name="李四"))),
        (["Doe, John", "", "Doe, John"], (Person(name="Doe, John"),)),
        ({"name": "A"}, (Person(name="A"),)),
        (
            [{"name": "A", "uri": "HTTPS://e.org", "email": "a@e.org"}, "B"],
            (Person(name="A", uri="https://e.org/", email="a@e.org"), Person(name="B")),
        ),
        ([{"name": "A", "uri": "", "email": ""}], (Person(name="A"),)),
        ("", ()),
    ],
)
def test_people_are_names_or_tables(written: Value, people: tuple[Person, ...]) -> None:
    assert fields.people(written) == people


def test_a_language_comes_in_its_usual_case() -> None:
    assert fields.language("ZH_hant_tw") == "zh-Hant-TW"


def test_a_media_type_and_a_length_are_read() -> None:
    assert (fields.media_type("Audio/MPEG"), fields.length("012")) == ("audio/mpeg", "012")


def _topic(name: str, title: dict[str, str], aliases: tuple[str, ...] = ()) -> Topic:
    return Topic(name=name, title=Localized(title), description=Localized({"en": ""}), aliases=aliases)


@pytest.mark.parametrize("written", ["晶片", "Puces Électroniques", "puces e\u0301lectroniques", "Chips", "CHIPS"])
def test_a_title_of_a_topic_and_its_name_in_another_case_count_as_the_topic(written: str) -> None:
    titles = {"zh-Hant": "晶片", "fr": "Puces électroniques"}
    site = replace(SITE, topics=(_topic("energy", {"en": "Energy"}), _topic("chips", titles)))
    warnings: list[tuple[str, str]] = []
    assert fields.topics([written], site, lambda *warning: warnings.append(warning)) == ("chips",)
    assert warnings == [("topics", f"{nfc(written)!r} counts as the topic chips (write chips)")]


def test_a_topic_by_its_name_and_by_its_title_is_there_once() -> None:
    site = replace(SITE, topics=(_topic("chips", {"en": "Semiconductors"}),))
    assert fields.topics(["Semiconductors", "chips"], site, lambda *_warning: None) == ("chips",)


def test_a_title_of_two_topics_names_none_of_them() -> None:
    site = replace(SITE, topics=(_topic("chips", {"en": "Industry"}), _topic("energy", {"fr": "industry"})))
    message = r"^'Industry' is the title of several topics \(write one of: chips, energy\)$"
    with pytest.raises(ValueError, match=message):
        fields.topics(["Industry"], site, lambda *_warning: None)


@pytest.mark.parametrize("aliases", [(), ("energy-old",)])
def test_a_name_and_a_former_name_count_more_than_a_title(aliases: tuple[str, ...]) -> None:
    written = aliases[0] if aliases else "energy"
    site = replace(SITE, topics=(_topic("chips", {"en": written}), _topic("energy", {"en": "Power"}, aliases)))
    assert fields.topics([written.upper()], site, lambda *_warning: None) == ("energy",)
