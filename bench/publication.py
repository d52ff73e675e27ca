"""Make a publication of any size. The same number gives the same files."""

import random
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

SITE_TOML: Final = """\
title = { zh-Hant = "矽路測試", en = "Bench Weekly" }
base_url = "https://bench.example"
tag_authority = "bench.example,2026"
language = "zh-Hant"
timezone = "Asia/Taipei"
authors = ["Bench desk"]

[topics.chips]
title = { zh-Hant = "晶片", en = "Chips" }

[topics.geopolitics]
title = { zh-Hant = "地緣政治", en = "Geopolitics" }

[topics.cloud]
title = { zh-Hant = "雲端", en = "Cloud" }
"""
TOPICS: Final = ("chips", "geopolitics", "cloud")
TAGS: Final = ("nvidia", "tsmc", "hbm", "推論", "出口管制", "asml", "azure", "資料中心")
LENGTH: Final = 2400
# Han words above the empty line, Latin ones below.
_HAN, _LATIN = (part.split() for part in (Path(__file__).parent / "words.txt").read_text().split("\n\n"))


def article(number: int) -> tuple[str, bytes]:
    """Return the path below content/ and the bytes of an article: every third one is HTML, the others are Markdown."""
    chance = random.Random(number)  # noqa: S311
    html = number % 3 == 2
    day, hour = divmod(number, 24)
    year, day = divmod(day, 336)
    front = (
        f"---\ntitle: 第 {number} 篇：{''.join(chance.choices(_HAN, k=8))} No. {number}\n"
        f"published: {2025 - year}-{12 - day // 28:02}-{28 - day % 28:02} {hour:02}:00\n"
        f"topics: [{', '.join(chance.sample(TOPICS, chance.choice((1, 1, 2))))}]\n"
        f"tags: [{', '.join(chance.sample(TAGS, 2))}]\n"
        f"language: {'en' if number % 2 else 'zh-Hant'}\n---\n"
    )
    body = _html(chance) if html else _markdown(chance)
    return f"articles/{number // 1000:04}/n{number:07}.{'html' if html else 'md'}", (front + body).encode()


def _paragraphs(chance: random.Random) -> list[str]:
    made: list[str] = []
    while sum(map(len, made)) < LENGTH:
        han = chance.random() < 0.5
        made.append(f"{_sentence(chance, han)}{_sentence(chance, han)}" if han else _sentence(chance, han))
    return made


def _sentence(chance: random.Random, han: bool) -> str:
    if not han:
        return " ".join(chance.choices(_LATIN, k=25)).capitalize() + "."
    return f"{''.join(chance.choices(_HAN, k=12))}，{''.join(chance.choices(_HAN, k=14))}。"


def _markdown(chance: random.Random) -> str:
    parts = []
    for number, text in enumerate(_paragraphs(chance)):
        if number % 4 == 0:
            parts.append(f"## {text[:12]}")
        if number % 5 == 2:
            parts.append(
                f"- **{text[:9]}**：{text[9:30]}\n- [{text[:6]}](https://bench.example/{number})\n- {text[30:50]}"
            )
        parts.append(f"{text[:20]}**{text[20:26].strip()}**{text[26:]}")
    return "\n\n".join(parts) + "\n"


def _html(chance: random.Random) -> str:
    parts = []
    for number, text in enumerate(_paragraphs(chance)):
        if number % 4 == 0:
            parts.append(f"<h2>{text[:12]}</h2>")
        if number % 5 == 2:
            parts.append(f'<blockquote cite="https://bench.example/"><p>{text[:40]}</p></blockquote>')
        parts.append(
            f'<p>{text[:20]}<em>{text[20:26]}</em>{text[26:60]}<a href="https://bench.example/x">{text[60:]}</a></p>'
        )
    return "\n".join(parts) + "\n"


def a_phrase(texts: Iterable[str]) -> str:
    """Return 30 Han characters in a row, from the first of the texts that has so many."""
    return next(found[0] for text in texts if (found := re.search(r"[\u4e00-\u9fff]{30}", text)))


def write(content: Path, count: int) -> None:
    """Write a content folder with `count` articles."""
    content.mkdir(parents=True, exist_ok=True)
    (content / "site.toml").write_text(SITE_TOML)
    for number in range(count):
        path, data = article(number)
        file = content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
