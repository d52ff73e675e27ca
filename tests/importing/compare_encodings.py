"""Compares libraries that guess the encoding of a text, on the articles of labelled.toml.

Run it in the development environment, which has both:

    python -m tests.importing.compare_encodings

Each article is encoded in every encoding of its language that has its characters, at three lengths: its title, the
title with its text, and eight articles. A guess is right if decoding gives the same text. A text in UTF-8 with one
wrong byte, or in windows-1252, is in none of the encodings: there, no guess is right. A wrong guess gives other words,
which is worse than no guess.
"""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from feedsvc.importing.readers.decoding import guess_encoding

Guess = Callable[[bytes], str | None]
# The standard of a text, and the languages of articles that are written in it.
ENCODINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "big5": ("zh-Hant",),
    "big5hkscs": ("yue",),
    "gbk": ("zh-Hans",),
    "gb18030": ("zh-Hans", "zh-Hant"),
    "shift_jis": ("ja",),
    "euc_jp": ("ja",),
    "euc_kr": ("ko",),
    "utf-8, one wrong byte": ("zh-Hant", "zh-Hans", "ja", "ko", "fr"),
    "cp1252": ("fr",),
}
LENGTHS: Final = ("title", "article", "eight articles")
# Cantonese has characters of HKSCS that Big5 lacks; French has letters of windows-1252 that ASCII lacks.
_MORE: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "yue": (
        ("啲晶片係咪喺香港做嘅？", "佢哋話嗰間廠唔喺深圳，係喺將軍澳嘅邨仔。老細冇講幾時開，啲人就喺度估嚟估去。"),
        ("點解啲雲端服務咁貴", "頭先有人問我，點解公司仲要喺自己嘅機房擺咁多嘢。我話：因為啲數據唔可以攞走。"),
        ("㗎，呢個價錢抵唔抵", "嗰啲記憶體嘅價錢升咗三成，有啲廠已經冇貨。買嘅人喺門口排隊，賣嘅人就匿咗喺舖入面。"),
        ("邨口嗰檔腸粉", "阿婆朝早五點起身磨米，瞓得好少。佢話做咗四十年，未試過停一日。"),
    ),
    "fr": (
        ("Les puces à café", "Un été brûlant à Nîmes. L’usine a fermé ses portes, et la région s’inquiète déjà."),
        ("Où va l’hébergement ?", "Le fournisseur a relevé ses tarifs de 20 %. Les clients étudient d’autres offres."),
        ("Cœur à l’ouvrage", "Après l’hiver, les maçons réparent les façades abîmées. « Ça ne peut pas attendre. »"),
        ("Élections : le détail", "À Besançon, la participation a reculé. Les bureaux ferment plus tôt que prévu."),
    ),
}
_EAST_ASIAN: Final[Mapping[str, str]] = {
    "big5": "big5hkscs",
    "big5hkscs": "big5hkscs",
    "cp950": "big5hkscs",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb18030": "gb18030",
    "shift_jis": "cp932",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "euc_kr": "cp949",
    "cp949": "cp949",
}


def guess_with_chardet(data: bytes) -> str | None:
    """Return the guess of feedsvc, which is that of chardet if its confidence is enough."""
    return guess_encoding(data)


def guess_with_normalizer(data: bytes) -> str | None:
    """Return the best guess of charset-normalizer among all encodings."""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return _EAST_ASIAN.get(best.encoding) if best else None


def guess_with_normalizer_of_five(data: bytes) -> str | None:
    """Return the best guess of charset-normalizer among the five East Asian encodings."""
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=sorted({*_EAST_ASIAN.values()})).best()
    return _EAST_ASIAN.get(best.encoding) if best else None


GUESSES: Final[Mapping[str, Guess]] = {
    "chardet": guess_with_chardet,
    "charset-normalizer": guess_with_normalizer,
    "charset-normalizer, five encodings": guess_with_normalizer_of_five,
}


def texts(languages: tuple[str, ...], length: str) -> Iterator[str]:
    """Yield the texts of one length in the given languages."""
    articles = tomllib.loads(Path(__file__).with_name("labelled.toml").read_text("utf-8"))["article"]
    for language in languages:
        found = [(each["title"], each["text"]) for each in articles if each["language"] == language]
        found += _MORE.get(language, ())
        if length == LENGTHS[0]:
            yield from (title for title, _ in found)
        elif length == LENGTHS[1]:
            yield from (f"{title}\n\n{text}\n" for title, text in found)
        else:
            for at in range(0, len(found), 8):
                yield "\n\n".join(f"{title}\n\n{text}" for title, text in found[at : at + 8])


def encoded(encoding: str, length: str) -> Iterator[tuple[bytes, str | None]]:
    """Yield bytes with the text that they stand for, or with None if they are in no East Asian encoding."""
    for text in texts(ENCODINGS[encoding], length):
        # The curly apostrophes and dashes of some articles are in no national standard.
        with suppress(UnicodeEncodeError):
            if encoding.startswith("utf-8"):
                data = text.encode()
                # The lead byte of a character without the bytes that must follow, as where a text was cut.
                yield data[: len(data) // 2] + b"\xe5" + data[len(data) // 2 :], None
            elif not text.isascii():
                yield text.encode(encoding), None if encoding == "cp1252" else text


def measure(guess: Guess, encoding: str, length: str) -> Counter[str]:
    """Return how many guesses were "right" and "wrong", and how many texts got "none" although one is right."""
    results: Counter[str] = Counter()
    for data, text in encoded(encoding, length):
        found = guess(data)
        decoded = None
        if found is not None:
            with suppress(UnicodeDecodeError):
                decoded = data.decode(found)
        results["right" if decoded == text else "none" if decoded is None else "wrong"] += 1
    return results


def main() -> None:
    """Print a table: for each library, right / none / wrong of all texts."""
    print(f"| encoding | length | texts | {' | '.join(GUESSES)} |")
    print(f"|---|---|---|{'---|' * len(GUESSES)}")
    totals: dict[str, Counter[str]] = {name: Counter() for name in GUESSES}
    for encoding in ENCODINGS:
        for length in LENGTHS:
            cells = []
            for name, guess in GUESSES.items():
                results = measure(guess, encoding, length)
                totals[name] += results
                cells.append(" / ".join(str(results[each]) for each in ("right", "none", "wrong")))
            print(f"| {encoding} | {length} | {results.total()} | {' | '.join(cells)} |", flush=True)
    sums = [" / ".join(str(results[each]) for each in ("right", "none", "wrong")) for results in totals.values()]
    print(f"| all | | {totals['chardet'].total()} | {' | '.join(sums)} |")


if __name__ == "__main__":
    main()
