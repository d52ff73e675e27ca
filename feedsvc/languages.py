"""Language tags (BCP 47): well-formedness, likely scripts, and the choice among texts in several languages."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.localedata import exists as locale_exists

# Clients can send any tag, and caches hold it. The longest tag that RFC 5646 §4.4.1 expects has 35 characters.
MAX_TAG: Final = 64
# RFC 5646 §2.1 "langtag": variants, extensions (u-…) and private use (x-…) follow; "extlang" has been discouraged
# since RFC 5646 §4.1 gave each a language subtag of its own.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?P<rest>(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*(?:-[0-9a-wyz](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?)",
    re.ASCII | re.IGNORECASE,
)
# RFC 5646 §2.1 "grandfathered", with the Preferred-Value of IANA's registry
# (https://www.iana.org/assignments/language-subtag-registry). Those without one become private use, as `x-…` does:
# "und" says that the language has no subtag.
_GRANDFATHERED: Final = {
    "art-lojban": "jbo",
    "cel-gaulish": "und-x-gaulish",
    "en-gb-oed": "en-GB-oxendict",
    "i-ami": "ami",
    "i-bnn": "bnn",
    "i-default": "und",
    "i-enochian": "und-x-enochian",
    "i-hak": "hak",
    "i-klingon": "tlh",
    "i-lux": "lb",
    "i-mingo": "und-x-mingo",
    "i-navajo": "nv",
    "i-pwn": "pwn",
    "i-tao": "tao",
    "i-tay": "tay",
    "i-tsu": "tsu",
    "no-bok": "nb",
    "no-nyn": "nn",
    "sgn-be-fr": "sfb",
    "sgn-be-nl": "vgt",
    "sgn-ch-de": "sgg",
    "zh-guoyu": "cmn",
    "zh-hakka": "hak",
    "zh-min": "und-x-zh-min",
    "zh-min-nan": "nan",
    "zh-xiang": "hsn",
}
_PRIVATE = re.compile(r"x(?:-[a-z0-9]{1,8})+", re.ASCII | re.IGNORECASE)
# UAX #31 scripts whose text runs from right to left.
_RTL_SCRIPTS = frozenset({"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Samr", "Mand", "Adlm", "Rohg"})


def canonical(tag: str) -> str:
    """Return `tag` in its usual case (zh-Hant-TW). Raises ValueError if it is malformed or its language is unknown.

    A grandfathered tag becomes the one that IANA's registry prefers, and private use alone (`x-a`) becomes `und-x-a`.
    """
    if len(tag) > MAX_TAG:
        raise ValueError(f"{tag[:20]!r}… is longer than {MAX_TAG} characters (write en, zh-Hant, ja, …)")
    return _cased(tag)


@lru_cache(maxsize=1024)
def _cased(tag: str) -> str:
    text = tag.strip().replace("_", "-")
    text = _GRANDFATHERED.get(text.lower(), f"und-{text}" if _PRIVATE.fullmatch(text) else text)
    found = _TAG.fullmatch(text)
    if not found:
        raise ValueError(f"{tag!r} is not a language tag (write en, zh-Hant, ja, …)")
    language, script, region, rest = found.groups(default="")
    if language.lower() not in _known():
        raise ValueError(f"{tag!r} is not a known language (write en, zh-Hant, ja, …)")
    # RFC 5646 §2.1.1: scripts in title case, regions in upper case, all else in lower case.
    return "-".join(filter(None, (language.lower(), script.title(), region.upper()))) + rest.lower()


@lru_cache(maxsize=1)
def _known() -> frozenset[str]:
    names: dict[str, str] = dict(Locale("en").languages)
    # CLDR names some 600 languages, and knows the script of some 7,000; these have neither.
    rest = {"cmn", "nb", "nn", "no", "sfb", "sgg", "und", "vgt"}
    return frozenset(name.split("_")[0] for name in (*names, *get_global("likely_subtags"))) | rest


def language_and_script(tag: str) -> tuple[str, str]:
    """Return (language, script) by CLDR's likely subtags: ("zh", "Hant") for zh-TW and zh-HK. "" if unknown."""
    return _likely(canonical(tag))


@lru_cache(maxsize=1024)
def _likely(tag: str) -> tuple[str, str]:
    language, script, region = _subtags(tag)
    if script:
        return language, script
    likely = get_global("likely_subtags")
    # CLDR has the language cmn under the name zh.
    other = get_global("language_aliases").get(language, language)
    expanded = likely.get(f"{language}_{region}") or likely.get(language) or likely.get(other) or ""
    found = next((part for part in expanded.split("_")[1:] if len(part) == 4 and part.isalpha()), "")
    return language, found


def _subtags(tag: str) -> tuple[str, str, str]:
    """Return (language, script, region) of `tag`, each "" if the tag does not have it."""
    found = _TAG.fullmatch(canonical(tag))
    assert found is not None
    language, script, region, _ = found.groups(default="")
    return language, script, region


@lru_cache(maxsize=1024)
def range_of(tag: str) -> str:
    """Return `tag` as a language range: "zh" (any script), "zh-Hant" (any region) or "zh-TW". Raises ValueError.

    Ranges of RFC 4647 compare letters. These compare tags after CLDR's likely subtags are added: zh-Hant-TW is zh-TW.
    """
    language, script, region = _subtags(tag)
    if region and language_and_script(f"{language}-{region}")[1] == script:
        script = ""
    return "-".join(filter(None, (language, script, region)))


@lru_cache(maxsize=1024)
def ranges(tag: str) -> tuple[str, ...]:
    """Return all ranges that include `tag`: zh-HK is in zh, zh-Hant and zh-HK."""
    language, _, region = _subtags(tag)
    script = language_and_script(tag)[1]
    if not region:
        likely = get_global("likely_subtags")
        expanded = [likely.get(each, "").split("_") for each in (f"{language}_{script}", language)]
        region = next((each[2] for each in expanded if len(each) == 3 and script in ("", each[1])), "")
    wider = [language, f"{language}-{script}"] if script else [language]
    return (*wider, range_of("-".join(filter(None, (language, script, region))))) if region else tuple(wider)


def widest(wanted: Iterable[str]) -> tuple[str, ...]:
    """Return ranges of `range_of`, sorted, without those that another one includes: zh includes zh-Hant."""
    found = set(wanted)
    return tuple(sorted(each for each in found if not found & set(ranges(each)[: ranges(each).index(each)])))


@lru_cache(maxsize=4096)
def name_in(tag: str, language: str) -> str:
    """Return the name of the language `tag` for a reader of `language`, or the tag where CLDR has none."""
    own, own_script = language_and_script(language)
    candidates = (language.replace("-", "_"), f"{own}_{own_script}", own)
    locale = Locale.parse(next(filter(locale_exists, candidates), "en"))
    first, script, region = _subtags(tag)
    whole = locale.languages.get("_".join(filter(None, (first, script, region))))
    if whole:
        return str(whole)
    parts = [locale.scripts.get(script, script), locale.territories.get(region, region)]
    beside = ", ".join(filter(None, parts))
    name = locale.languages.get(first, first)
    return f"{name} ({beside})" if beside else str(name)


def distinguishable(ranges: Sequence[str]) -> list[str]:
    """Return the sorted ranges that a reader can choose from; scripts only where they distinguish two ranges."""
    scripts = [each for each in ranges if len(each.split("-")) == 2 and len(each.split("-")[1]) == 4]
    found = []
    for language in (each for each in ranges if "-" not in each):
        own = [each for each in scripts if each.startswith(f"{language}-")]
        likely = "-".join(language_and_script(language))
        found += [language] if own in ([], [likely]) else own
    return found


def best(wanted: str, available: Sequence[str]) -> str | None:
    """Return the best of the `available` tags for `wanted`: the same tag, else script, else language; or None."""
    if wanted in available:
        return wanted
    same_script = [tag for tag in available if language_and_script(tag) == language_and_script(wanted)]
    same_language = [tag for tag in available if language_and_script(tag)[0] == language_and_script(wanted)[0]]
    return next(iter(same_script + same_language), None)


def direction(tag: str) -> str:
    """Return "rtl" or "ltr", for HTML's dir attribute."""
    return "rtl" if language_and_script(tag)[1] in _RTL_SCRIPTS else "ltr"


def endonym(tag: str) -> str:
    """Return the name of the language in that language (繁體中文), or the tag if CLDR has none."""
    if tag.startswith("und"):
        return tag
    try:
        Locale.parse("-".join(filter(None, _subtags(tag))), sep="-")
        return name_in(tag, tag)
    except (UnknownLocaleError, ValueError):
        return tag
