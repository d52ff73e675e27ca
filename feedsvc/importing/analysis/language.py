"""Which language a text is in. Pure; the libraries are loaded when they are first asked.

Scripts decide where they can: kana is Japanese, hangul Korean. Han alone is Chinese, and hanzidentifier tells which of
its two scripts the characters belong to. Everything else is asked of py3langid.
"""

import re
from collections import Counter
from functools import lru_cache
from typing import Final

from feedsvc import languages

_HAN: Final = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_KANA: Final = re.compile("[\u3041-\u309f\u30a1-\u30fa\u30fd-\u30ff]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_LETTERS: Final = re.compile(r"[^\W\d_]")
# Of a Japanese text about half is kana; a Chinese one may quote a name in it.
_KANA_SHARE: Final = 0.2
# A Chinese text names companies in Latin letters; a Latin one quotes a word of Chinese.
_WIDE_SHARE: Final = 0.1
_BEGINNING: Final = 20_000


def detect(text: str) -> str:
    """The tag of the language most of `text` is in: zh-Hant, zh-Hans, ja, ko, en, …; "und" without a letter."""
    beginning = text[:_BEGINNING]
    han, kana, hangul, letters = (len(each.findall(beginning)) for each in (_HAN, _KANA, _HANGUL, _LETTERS))
    if not letters:
        return "und"
    if han + kana + hangul < letters * _WIDE_SHARE:
        return _by_words(beginning)
    if hangul > han + kana:
        return "ko"
    return "ja" if kana > (han + kana) * _KANA_SHARE else _chinese(beginning)


def _chinese(text: str) -> str:
    """zh-Hant or zh-Hans, by which has more characters that are its own: a quoted line does not sway it."""
    found = Counter(filter(None, map(_script, _HAN.findall(text))))
    return "zh-Hans" if found["zh-Hans"] > found["zh-Hant"] else "zh-Hant"


@lru_cache(maxsize=32_768)
def _script(character: str) -> str | None:
    import hanzidentifier

    own = {hanzidentifier.TRADITIONAL: "zh-Hant", hanzidentifier.SIMPLIFIED: "zh-Hans"}
    return own.get(hanzidentifier.identify(character))


def _by_words(text: str) -> str:
    import py3langid

    tag: str = py3langid.classify(text)[0]
    return _chinese(text) if tag == "zh" else tag


def settle(text: str, declared: str | None, *, sure: bool, otherwise: str) -> tuple[str, str]:
    """The article's language tag, and why in a few words.

    What a source declares holds when it is `sure`, or when the text agrees in language and script: then it may say
    more (zh-Hant-TW). A page's claim about itself is often its template's.
    """
    claim = _well_formed(declared)
    if claim and sure:
        return claim, "declared by the source"
    found = detect(text)
    if found == "und":
        return (claim, "declared by the source") if claim else (otherwise, "the site's; the text has no letters")
    if claim and languages.language_and_script(claim) == languages.language_and_script(found) and claim != "zh":
        return claim, "declared by the source, and the text agrees"
    return found, f"the text's own (the source says {claim})" if claim else "the text's own"


def _well_formed(tag: str | None) -> str | None:
    try:
        return languages.canonical(tag) if tag and tag.strip() else None
    except ValueError:
        return None
