"""Publications of three sizes: three articles under one topic, 300 with pictures under thirty topics, and 30,000."""

import io
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final, NamedTuple

from PIL import Image, ImageOps

from tests.browser.article_kinds import write_kinds
from tests.conftest import Publication

_SITE: Final = """\
title = { zh-Hant = "能源觀察", en = "Energy Watch" }
subtitle = { zh-Hant = "電網、電池與政策", en = "Grids, batteries and policy" }
base_url = "BASE_URL"
tag_authority = "example.org,2026"
language = "zh-Hant"
timezone = "Asia/Taipei"
rights = { zh-Hant = "© 2026 能源觀察", en = "© 2026 Energy Watch" }

[[footer]]
title = { zh-Hant = "關於我們", en = "About us" }
url = { zh-Hant = "/about", en = "/about-en" }

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
_AUTHORS: Final = {"zh-Hant": "林雨桐", "en": "Ada Marsh"}
_TAGS: Final = {"zh-Hant": "[離岸風電, 併網]", "en": "[offshore, prices]"}
_LATEST: Final = datetime(2026, 10, 28, 8, 30, tzinfo=UTC)


class _Size(NamedTuple):
    """`between` is the time between two articles. Three of four articles have one of the `pictures`."""

    articles: int
    topics: int
    pictures: int
    between: timedelta


def picture(number: int, width: int = 480, height: int = 320) -> bytes:
    """Return a PNG with a part of the Mandelbrot set, in two colours that depend on `number`."""
    left, top = -0.9 + number * 0.11, -1.0 + number * 0.03
    drawn = Image.effect_mandelbrot((width, height), (left, top, left + 0.6, top + 0.6 * height / width), 90)
    low, high = (20 + number * 37 % 90, 40 + number * 59 % 80, 50 + number * 83 % 90), (240, 220, 190)
    file = io.BytesIO()
    ImageOps.colorize(drawn, low, high).save(file, "PNG")
    return file.getvalue()


def _write(size: _Size, publication: Publication, base_url: str, *, has_kinds: bool) -> None:
    """Write it into `publication`, which calls itself `base_url`, and publish it; an article was removed since.

    With `has_kinds`, it also has an article of each kind, long before the others.
    """
    site = _SITE.replace("BASE_URL", base_url)
    for number, (chinese, english) in enumerate(TOPICS[: size.topics]):
        site += f'[topics.t{number:02}]\ntitle = {{ zh-Hant = "{chinese}", en = "{english}" }}\n'
    publication.write("site.toml", site)
    for number in range(size.pictures):
        publication.write(f"articles/p{number}.png", picture(number))
    for number in range(size.articles):
        _write_article(publication, size, number)
    if has_kinds:
        write_kinds(publication, picture)
    publication.write(
        "pages/about.md", "---\ntitle: 關於我們\n---\n能源觀察每週出刊，由五位記者寫成。\n\n## 更正\n\n請來信。\n"
    )
    english = "---\ntitle: About us\nlanguage: en\ntranslation_of: about\n---\nFive reporters write it, every week.\n"
    publication.write("pages/about-en.md", f"{english}\n## Corrections\n\nWrite to us.\n")
    removed = publication.article("removed-article", published="2011-01-01 08:30", topics="[t00]")
    publication.sync()
    removed.unlink()
    publication.sync()


def _write_article(publication: Publication, size: _Size, number: int) -> None:
    language = "en" if number % 3 == 1 else "zh-Hant"
    titles = _TITLES[language]
    shown = {"image": f"p{number % size.pictures}.png"} if size.pictures and number % 4 != 2 else {}
    more = f", t{(number + 7) % size.topics:02}" if size.topics > 1 and number % 5 == 0 else ""
    publication.article(
        f"a{number:03}",
        "正文。" if language != "en" else "Text.",
        title=f"'{titles[number % len(titles)]}'",
        summary=f"'{_SUMMARIES[language]}'",
        language=language,
        published=f"{_LATEST - size.between * number:%Y-%m-%d %H:%M}",
        topics=f"[t{number % size.topics:02}{more}]",
        authors=f"[{_AUTHORS[language]}]",
        tags=_TAGS[language],
        **shown,
    )


_THREE: Final = _Size(3, 1, 0, timedelta(days=5))
_HUNDREDS: Final = _Size(300, 30, 8, timedelta(days=5))
# Twelve on a day, in seven years.
_THOUSANDS: Final = _Size(30_000, 30, 8, timedelta(hours=2))
# What fills the publication of each size. Three articles and one of each kind are more than three, so they have a
# publication of their own.
few: Final = partial(_write, _THREE, has_kinds=False)
few_with_kinds: Final = partial(_write, _THREE, has_kinds=True)
many: Final = partial(_write, _HUNDREDS, has_kinds=True)
thousands: Final = partial(_write, _THOUSANDS, has_kinds=True)
