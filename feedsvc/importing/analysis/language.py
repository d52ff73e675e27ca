"""Detect the language of a text. Pure; the libraries are loaded when they are first needed.

The script decides where it can: kana is Japanese, hangul Korean. Han alone is Chinese, and hanzidentifier tells
Traditional from Simplified characters; Japanese without kana is known by the characters that only Japan writes.
py3langid decides for all other texts.
"""

import re
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from typing import Any, Final

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
# Simplified in Japan alone, and rare in Chinese of any place.
_JAPANESE_HAN: Final = re.compile(
    "[両亜価働円剣労効勧単厳収営団囲図圏圧塩増壊売変奨実対専帯帰広廃従徳応恵悩懐戦戯払択拝拠拡挙捜掲揺摂撃斎暁"
    "枠栄桜検楽様権歓歩歯歴気沢渇済渋渓満滝瀬焼犠獣畑県砕稲経絵継続総縄縦繊聴臓荘蔵薬覚覧観訳証読転軽辺込遅酔醸釈"
    "鉄鉱銭鋳関闘陥険隠雑霊頼顕駅駆騒験髄髪鶏黙齢]"
)
_MIN_JAPANESE_HAN: Final = 2
# A declaration is believed for a shorter text, in letters: "Episode 1" has the features of a dozen languages.
_MIN_LETTERS: Final = 100
# Without a declaration, the site's language is believed for a text of two or three words, in letters.
_MIN_WORDS: Final = 24
_MIN_HAN: Final = 8
# Shorter texts are of one of the languages that most sites are in.
_MAX_SHORT: Final = 60
_COMMON: Final = (
    "af ar az bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy id is it ka kk km lt lv mk mn ms mr "
    "my ne nl nn no pa pl pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh"
).split()


def detect(text: str) -> str:
    """Return the tag of the main language of `text` (zh-Hant, zh-Hans, ja, ko, en, …), "und" without letters."""
    beginning = text[:_BEGINNING]
    han, kana, hangul, letters = (len(each.findall(beginning)) for each in (_HAN, _KANA, _HANGUL, _LETTERS))
    if not letters:
        return "und"
    if han + kana + hangul < letters * _WIDE_SHARE:
        tag: str = _identifier(is_short=letters < _MAX_SHORT).classify(beginning)[0]
        return _chinese_script(beginning) if tag == "zh" else tag
    if hangul > han + kana:
        return "ko"
    # Japan's own characters, and none that its standards do not have, are Japanese without kana.
    japanese = len(set(_JAPANESE_HAN.findall(beginning))) >= _MIN_JAPANESE_HAN and _fits_japanese(beginning)
    if kana > (han + kana) * _KANA_SHARE or (japanese and not kana):
        return "ja"
    return _chinese_script(beginning)


@lru_cache(maxsize=2)
def _identifier(*, is_short: bool) -> Any:
    """Return py3langid's classifier, for the languages that have a tag that we accept."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    found = LanguageIdentifier.from_model_file(MODEL_FILE)
    known = []
    for label in found.labels:
        with suppress(ValueError):
            languages.canonical(label)
            known.append(label)
    found.set_languages([label for label in known if label in _COMMON] if is_short else known)
    return found


def _fits_japanese(text: str) -> bool:
    with suppress(UnicodeEncodeError):
        return bool("".join(_HAN.findall(text)).encode("cp932"))
    return False


def _chinese_script(text: str) -> str:
    """Return zh-Hant or zh-Hans by the number of their own characters. A quoted line does not change it."""
    found = Counter(filter(None, map(_script_of, _HAN.findall(text))))
    return "zh-Hans" if found["zh-Hans"] > found["zh-Hant"] else "zh-Hant"


@lru_cache(maxsize=32_768)
def _script_of(character: str) -> str | None:
    import hanzidentifier

    own = {hanzidentifier.TRADITIONAL: "zh-Hant", hanzidentifier.SIMPLIFIED: "zh-Hans"}
    return own.get(hanzidentifier.identify(character))


def _may_be(tag: str, text: str, found: str) -> bool:
    """Return whether a text that seems to be in the language `found` may be in that of a tag, by its characters."""
    language, script = languages.language_and_script(tag)
    if not found.startswith("zh"):
        return bool(script) and script == languages.language_and_script(found)[1]
    if language == "ja":
        return not _KANA.search(text) and _fits_japanese(text)
    # Most words have characters of both writings alone.
    return language == "zh" and tag != "zh" and not any(map(_script_of, _HAN.findall(text)))


def choose_language(text: str, declared: str | None, *, sure: bool, default: str) -> tuple[str, str]:
    """Return the language tag of an article, and the reason in a few words.

    A declaration of the source counts if it is `sure`, or if the text agrees in language and script; then it may be
    more precise (zh-Hant-TW). The declaration of a page is often that of its template. For a short text, it counts if
    the text has letters of its script; for one of two or three words, the language of the site does.
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
    letters = len(_LETTERS.findall(text[:_BEGINNING]))
    if claim and letters < _MIN_LETTERS and _may_be(claim, text, found):
        return claim, "declared by the source, and the text is short"
    if letters < (_MIN_HAN if _HAN.search(text) else _MIN_WORDS) and _may_be(default, text, found):
        return default, "the site's, since the text is too short to tell"
    return found, f"detected in the text (the source declares {claim})" if claim else "detected in the text"
