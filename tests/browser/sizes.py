"""Publications of two more sizes: three articles under one topic, and three hundred under thirty, with pictures."""

import struct
import zlib
from datetime import date, timedelta
from typing import Final

from tests.conftest import Publication

_SITE: Final = """\
title = {title}
subtitle = {subtitle}
base_url = "{base_url}"
tag_authority = "example.org,2026"
language = "zh-Hant"
timezone = "Asia/Taipei"

"""
_NAMES: Final = (
    "電網 Grid,電池 Batteries,風電 Wind,太陽能 Solar,核能 Nuclear,水力 Hydropower,地熱 Geothermal,氫能 Hydrogen,"
    "碳價 Carbon prices,儲能 Storage,電動車 Electric cars,充電 Charging,航運 Shipping,航空 Aviation,鐵道 Railways,"
    "鋼鐵 Steel,水泥 Cement,化工 Chemicals,礦業 Mining,農業 Farming,森林 Forests,海洋 Oceans,氣象 Weather,"
    "政策 Policy,法規 Regulation,金融 Finance,電價 Electricity prices,家庭 Households,城市 Cities,人物 People"
)
TOPICS: Final = [(each.partition(" ")[0], each.partition(" ")[2]) for each in _NAMES.split(",")]
_TITLES: Final = {
    "zh-Hant": (
        "夜裡的風，白天的帳單：離岸風場為什麼在冬天最賺錢",
        "一座變電所的三十年",
        "電池便宜了一半，電網卻還沒準備好：從四個縣市的併網排隊名單，看一張寫了十年還沒寫完的時程表，以及等在後面的三千件申請案",
        "誰來付備用容量的錢",
        "海纜斷了之後的四十八小時",
    ),
    "en": (
        "What a battery is paid for standing still",
        "The longest queue in the country is for a socket",
        "Why the cheapest hour of the year is in April, and nobody has a contract to use it, by eleven who should know",
        "Steel without coal, at last at a price",
        "A substation, thirty years on",
    ),
}
_SUMMARIES: Final = {
    "zh-Hant": "三份年報、兩次訪談和一張沒有公開的時程表，說的是同一件事：錢花在哪裡，比花了多少更重要。",
    "en": "Three annual reports and one unpublished timetable say the same: where the money goes is what matters.",
}


def picture(number: int) -> bytes:
    """Return a PNG of 480 × 320 pixels with two slopes of colour."""
    low, high = (60 + number * 37 % 150, 80 + number * 59 % 120, 70 + number * 83 % 140), (230, 205, 170)
    rows = bytearray()
    for y in range(320):
        rows.append(0)
        for x in range(480):
            share = (y + (x if (x // 60 + number) % 3 else 480 - x) * 0.4) / 512
            rows += bytes(int(a + (b - a) * share) for a, b in zip(low, high, strict=True))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", 480, 320, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(bytes(rows))),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in parts)


def few(publication: Publication, base_url: str) -> None:
    """Write three articles without pictures under one topic."""
    _write(publication, base_url, articles=3, topics=1, pictures=0)


def many(publication: Publication, base_url: str) -> None:
    """Write three hundred articles under thirty topics; three of four have one of eight pictures."""
    _write(publication, base_url, articles=300, topics=30, pictures=8)


def _write(publication: Publication, base_url: str, *, articles: int, topics: int, pictures: int) -> None:
    site = _SITE.format(
        title='{ zh-Hant = "能源觀察", en = "Energy Watch" }',
        subtitle='{ zh-Hant = "電網、電池與政策", en = "Grids, batteries and policy" }',
        base_url=base_url,
    )
    for number, (chinese, english) in enumerate(TOPICS[:topics]):
        site += f'[topics.t{number:02}]\ntitle = {{ zh-Hant = "{chinese}", en = "{english}" }}\n'
    publication.write("site.toml", site)
    for number in range(pictures):
        publication.write(f"articles/p{number}.png", picture(number))
    for number in range(articles):
        language = "en" if number % 3 == 1 else "zh-Hant"
        titles = _TITLES[language]
        shown = {"image": f"p{number % pictures}.png"} if pictures and number % 4 != 2 else {}
        more = f", t{(number + 7) % topics:02}" if topics > 1 and number % 5 == 0 else ""
        publication.article(
            f"a{number:03}",
            "正文。" if language != "en" else "Text.",
            title=f"'{titles[number % len(titles)]}'",
            summary=f"'{_SUMMARIES[language]}'",
            language=language,
            published=f"{date(2026, 10, 28) - timedelta(days=5 * number)} 08:30",
            topics=f"[t{number % topics:02}{more}]",
            **shown,
        )
    publication.sync()


# The pages of these that differ from those of the real content.
PAGES_OF_FEW: Final = {"few-home": "/", "few-article": "/articles/a001", "few-error": "/articles/a01"}
PAGES_OF_MANY: Final = {
    "many-home": "/",
    "many-page": "/?page=3",
    "many-topic": "/topics/t00",
    "many-feeds": "/feeds",
    "many-article": "/articles/a002",
}
