"""A publication with extreme articles: endless words, marks, pictures and lists."""

import struct
import zlib
from typing import Final
from urllib.parse import quote

from tests.conftest import Publication

WORD: Final = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TAG: Final = "U" * 190
_SITE: Final = """\
title = "{word}"
base_url = "{base_url}"
tag_authority = "example.org,2026"
language = "en"
rights = "{word}"

[topics.long]
title = "{long}"
description = "{long}"
"""
_WORDS: Final = f"""\
{"W" * 3000}

## {"H" * 500}

- {WORD}

> {"q" * 500}

`{"c" * 500}`

[{"l" * 300}](https://example.org/)

| {"t" * 300} | b |
|---|---|
| {"t" * 300} | 2 |

<dl><dt>{WORD}</dt><dd>{"d" * 300}</dd></dl>
<figure><img src="tall.png" alt=""><figcaption>{"f" * 300}</figcaption></figure>
<details><summary>{"s" * 300}</summary></details>
"""
_NESTED: Final = f"""\
{"> " * 150}deep

{"<ul><li>i" * 80}{"</li></ul>" * 80}

{"<ol><li>i" * 20}{"</li></ol>" * 20}

{"<dl><dd>d" * 60}{"</dd></dl>" * 60}

{"<blockquote><ul><li>b" * 30}{"</li></ul></blockquote>" * 30}
"""
_PICTURES: Final = """\
![](tall.png)

<img src='drawn.png' width=1 height=99999>

<img src='drawn.png' width=99999 height=1>

![](drawn.png)

[![](drawn.png)](https://example.org/a)

[![](drawn.png)![](drawn.png)](https://example.org/b) [![A drawing](drawn.png)](https://example.org/c)
"""
# The fields of each article by its slug, and its body.
_ARTICLES: Final = {
    "words": (
        {
            "title": "L" + "o" * 300 + "ng",
            "summary": "S" * 400,
            "tags": f"[{'a' * 40}, {LONG_TAG}, '#{'標' * 60}']",
            "authors": f"[{WORD}, {'A' * 200}]",
            "enclosure": f"{{url: 'https://example.org/{'f' * 120}.mp3', type: audio/mpeg, length: 1}}",
            "canonical": f"https://{'l' * 60}.{'m' * 60}.example/",
            "disclosure": "D" * 300,
        },
        _WORDS,
    ),
    "han": ({"title": "中" * 300, "summary": "文" * 300, "language": "zh-Hant"}, "中" * 900),
    "ruby": ({}, f"<ruby>漢<rt>{'kan' * 500}</rt></ruby>\n\n<ruby>漢字<rt>かんじ</rt></ruby>\n\n{'<sup>' * 40}x"),
    "nested": ({}, _NESTED),
    "marks": (
        {"title": "Z" + "\u0301\u0316" * 15 + "algo", "summary": "s" + "\u0300\u0316" * 15},
        ("Za" + "\u0300\u0316\u030b\u0317\u20dd" * 80 + "lgo ") * 5,
    ),
    "tall": (
        {"image": "{src: tall.png, alt: A line}"},
        _PICTURES,
    ),
    "table": ({}, f"|{'h|' * 300}\n|{'-|' * 300}\n|{'c|' * 300}\n\n    {'code ' * 200}"),
    "rtl": (
        {"language": "ar", "title": "مرحبا" * 60, "tags": f"[{'تقنية' * 20}]"},
        f"{'مرحبا' * 200}\n\n| ا | ب |\n|---|---|\n| ج | د |\n\n> {'مرحبا ' * 20}\n\n    return 1",
    ),
}
# Every kind of page of it by its name.
PAGES: Final = {
    **{slug: f"/articles/{slug}" for slug in _ARTICLES},
    "home": "/",
    "topic": "/topics/long",
    "tag": f"/tags/{LONG_TAG}",
    "author": f"/authors/{quote(WORD)}",
    "search": f"/search?q={'w' * 190}",
    "feed": "/feeds/long.atom",
    "feed of a tag": f"/feeds/all.atom?tag={LONG_TAG}",
    "feed of an author": f"/feeds/all.atom?author={quote(WORD)}&not=tag:{LONG_TAG}",
    "feed of words": f"/feeds/all.atom?q={'w' * 190}",
    "subscribe": f"/subscribe?feed=all.atom&reader=miniflux&at=https://{'a' * 60}.example/{'p' * 400}",
    "error": f"/nope/{'n' * 300}",
    "embed": "/embed/all",
}


def fill(publication: Publication, base_url: str) -> None:
    """Write it into `publication`, which calls itself `base_url`, and publish it."""
    publication.write("site.toml", _SITE.format(word=WORD, long="T" * 200, base_url=base_url))
    publication.write("articles/tall.png", png(1, 100_000))
    publication.write("articles/drawn.png", png(600, 400))
    for slug, (fields, body) in _ARTICLES.items():
        publication.article(slug, body, **{"topics": "[long]", **fields})
    publication.sync()


def png(width: int, height: int) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\x80" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
