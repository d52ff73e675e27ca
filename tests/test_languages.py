"""Language tags: well-formedness, likely scripts, and the choice among texts in several languages."""

from collections.abc import Callable

import pytest

from feedsvc.languages import (
    best,
    canonical,
    direction,
    distinguishable,
    endonym,
    language_and_script,
    name_in,
    range_of,
    ranges,
)


def test_a_name_is_looked_up_once() -> None:
    """CLDR's table of a language's names is put together anew for each name, which takes milliseconds."""
    name_in("ja", "en")
    before = name_in.cache_info().misses
    assert name_in("ja", "en") == "Japanese"
    assert name_in.cache_info().misses == before


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("EN-us", "en-US"),
        ("zh_TW", "zh-TW"),
        ("ZH-HANT-tw", "zh-Hant-TW"),
        (" ja ", "ja"),
        ("zh-419", "zh-419"),
        ("de-CH-1996", "de-CH-1996"),
        ("sl-ROZAJ-biske", "sl-rozaj-biske"),
        ("ZH-hant-X-Foo", "zh-Hant-x-foo"),
        ("zh-x-HANT-tw-a", "zh-x-hant-tw-a"),
        ("ja-JP-U-CA-Japanese-x-AB", "ja-JP-u-ca-japanese-x-ab"),
        ("yue", "yue"),
        ("nb", "nb"),
        ("und", "und"),
        ("CMN-hans", "cmn-Hans"),
        ("x-Klingon", "und-x-klingon"),
        ("i-klingon", "tlh"),
        ("i-default", "und"),
        ("i-mingo", "und-x-mingo"),
        ("zh-min-nan", "nan"),
        ("zh_guoyu", "cmn"),
        ("sgn-BE-FR", "sfb"),
        ("en-GB-oed", "en-GB-oxendict"),
        ("art-lojban", "jbo"),
        ("ami", "ami"),
        ("lzh-Hant", "lzh-Hant"),
    ],
)
def test_a_tag_has_a_usual_case(written: str, tag: str) -> None:
    assert canonical(written) == tag


@pytest.mark.parametrize(
    "written",
    [
        "",
        "chinese",
        "e",
        "en-",
        "x-",
        "x-a_",
        "i-",
        "i-nothing",
        "en-x",
        "en-u",
        "en-x-abcdefghi",
        "en_US.UTF-8",
        "ＥＮ",
        "en us",
        "中文",
    ],
)
def test_what_is_no_tag_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r"is not a language tag \(write en, zh-Hant, ja, …\)"):
        canonical(written)


@pytest.mark.parametrize("read", [canonical, language_and_script, direction])
def test_a_tag_has_64_characters_at_most(read: Callable[[str], object]) -> None:
    assert read("en" + "-abcdefg" * 7 + "-abcde")
    with pytest.raises(ValueError, match=r"^'en-abcdefg-abcdefg-a'… is longer than 64 characters \(write en, zh-Hant"):
        read("en" + "-abcdefg" * 7 + "-abcdef")


@pytest.mark.parametrize("written", ["qqq", "xx", "eng-GB"])
def test_an_unknown_language_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=rf"'{written}' is not a known language \(write en, zh-Hant, ja, …\)"):
        canonical(written)


@pytest.mark.parametrize(
    ("tag", "found"),
    [
        ("zh", ("zh", "Hans")),
        ("cmn", ("cmn", "Hans")),
        ("nan", ("nan", "Hans")),
        ("x-klingon", ("und", "Latn")),
        ("zh-TW", ("zh", "Hant")),
        ("zh-HK", ("zh", "Hant")),
        ("zh-Hant-CN", ("zh", "Hant")),
        ("zh-CN", ("zh", "Hans")),
        ("en", ("en", "Latn")),
        ("ja", ("ja", "Jpan")),
        ("ko", ("ko", "Kore")),
        ("sr-Latn", ("sr", "Latn")),
        ("zxx", ("zxx", "")),
    ],
)
def test_the_script_is_the_likely_one(tag: str, found: tuple[str, str]) -> None:
    assert language_and_script(tag) == found


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        pytest.param("en", ["zh-Hant", "en"], "en", id="itself"),
        pytest.param("zh-TW", ["zh-Hans", "zh-Hant"], "zh-Hant", id="the same script"),
        pytest.param("zh-CN", ["zh-Hant", "zh-Hans"], "zh-Hans", id="the same script, simplified"),
        pytest.param("zh-CN", ["en", "zh-Hant"], "zh-Hant", id="else the same language"),
        pytest.param("en-GB", ["en-US", "fr"], "en-US", id="another region"),
        pytest.param("ja", ["en", "zh-Hant"], None, id="none"),
        pytest.param("ja", [], None, id="none of none"),
    ],
)
def test_the_best_of_several(wanted: str, available: list[str], found: str | None) -> None:
    assert best(wanted, available) == found


@pytest.mark.parametrize(
    ("tag", "dir_"),
    [
        ("ar", "rtl"),
        ("he", "rtl"),
        ("fa-IR", "rtl"),
        ("ur", "rtl"),
        ("dv", "rtl"),
        ("az-Arab", "rtl"),
        ("ur-Deva", "ltr"),
        ("zh-Hant", "ltr"),
        ("en", "ltr"),
        ("zxx", "ltr"),
    ],
)
def test_a_script_has_a_direction(tag: str, dir_: str) -> None:
    assert direction(tag) == dir_


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("en", "English"),
        ("zh-Hant", "繁體中文"),
        ("zh-Hans", "简体中文"),
        ("ja", "日本語"),
        ("ko", "한국어"),
        ("ar", "العربية"),
        ("he", "עברית"),
        ("und", "und"),
        ("zxx", "zxx"),
        ("tlh", "tlh"),
        ("not a tag", "not a tag"),
    ],
)
def test_a_language_has_a_name_in_itself(tag: str, name: str) -> None:
    assert endonym(tag) == name


@pytest.mark.parametrize(
    ("ranges", "told"),
    [
        ([], []),
        (["en", "en-US"], ["en"]),
        (["en", "en-Latn"], ["en"]),
        (["zh", "zh-Hant", "zh-TW"], ["zh-Hant"]),
        (["zh", "zh-Hans", "zh-Hant"], ["zh-Hans", "zh-Hant"]),
        (["en", "sr", "sr-Cyrl", "sr-Latn"], ["en", "sr-Cyrl", "sr-Latn"]),
    ],
)
def test_languages_are_told_apart_by_script_only_where_that_tells(ranges: list[str], told: list[str]) -> None:
    assert distinguishable(ranges) == told


def test_subtags_of_private_use_say_nothing_about_script_and_region() -> None:
    """RFC 5646 §2.2.7: they have no meaning outside the agreement that made them."""
    assert language_and_script("zh-Hant-x-foo") == ("zh", "Hant")
    assert language_and_script("zh-x-hant") == ("zh", "Hans")
    assert range_of("zh-Hant-x-foo") == "zh-Hant"
    assert ranges("zh-TW-x-us") == ranges("zh-TW")
    assert endonym("zh-Hant-x-foo") == "繁體中文"
    assert direction("en-x-arab") == "ltr"
