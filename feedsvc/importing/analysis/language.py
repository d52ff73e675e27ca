"""Detect the language of a text. Pure; the libraries are loaded when they are first needed.

The script decides where it can: kana is Japanese, hangul Korean. Han alone is Chinese, and hanzidentifier tells
Traditional from Simplified characters. py3langid decides for all other texts.
"""

import re
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from typing import Final

from feedsvc import languages
from feedsvc.text import HAN

_HAN: Final = re.compile(f"[{HAN}]")
_KANA: Final = re.compile("[\u3041-\u309f\u30a1-\u30fa\u30fd-\u30ff]")
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_LETTERS: Final = re.compile(r"[^\W\d_]")
# About half of a Japanese text is kana. A Chinese text may quote a name in kana.
_KANA_SHARE: Final = 0.2
# A Chinese text may name companies in Latin letters. A text in Latin letters may quote a Chinese word.
_WIDE_SHARE: Final = 0.1
_BEGINNING: Final = 20_000


def detect(text: str) -> str:
    """Return the tag of the main language of `text` (zh-Hant, zh-Hans, ja, ko, en, …), "und" without letters."""
    beginning = text[:_BEGINNING]
    han, kana, hangul, letters = (len(each.findall(beginning)) for each in (_HAN, _KANA, _HANGUL, _LETTERS))
    if not letters:
        return "und"
    if han + kana + hangul < letters * _WIDE_SHARE:
        import py3langid

        tag: str = py3langid.classify(beginning)[0]
        return _chinese_script(beginning) if tag == "zh" else tag
    if hangul > han + kana:
        return "ko"
    return "ja" if kana > (han + kana) * _KANA_SHARE else _chinese_script(beginning)


def _chinese_script(text: str) -> str:
    """Return zh-Hant or zh-Hans by the number of their own characters. A quoted line does not change it."""
    found = Counter(filter(None, map(_script_of, _HAN.findall(text))))
    return "zh-Hans" if found["zh-Hans"] > found["zh-Hant"] else "zh-Hant"


@lru_cache(maxsize=32_768)
def _script_of(character: str) -> str | None:
    import hanzidentifier

    own = {hanzidentifier.TRADITIONAL: "zh-Hant", hanzidentifier.SIMPLIFIED: "zh-Hans"}
    return own.get(hanzidentifier.identify(character))


def choose_language(text: str, declared: str | None, *, sure: bool, default: str) -> tuple[str, str]:
    """Return the language tag of an article, and the reason in a few words.

    A declaration of the source counts if it is `sure`, or if the text agrees in language and script; then it may be
    more precise (zh-Hant-TW). The declaration of a page is often that of its template.
    """
    claim = None
    with suppress(ValueError):
        claim = languages.canonical(declared) if declared and declared.strip() else None
    if claim and sure:
        return claim, "declared by the source"
    found = detect(text)
    if found == "und":
        return (claim, "declared by the source") if claim else (default, "the site's, since the text has no letters")
    if claim and languages.language_and_script(claim) == languages.language_and_script(found) and claim != "zh":
        return claim, "declared by the source, and the text agrees"
    return found, f"detected in the text (the source declares {claim})" if claim else "detected in the text"
