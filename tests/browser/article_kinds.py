"""An article of each kind, in Chinese and in English."""
# ruff: noqa: E501  # A paragraph of Markdown is one line.

import io
import wave
from collections.abc import Callable
from typing import Final

from tests.conftest import Publication

LANGUAGES: Final = {"zh": "zh-Hant", "en": "en"}
_PROSE: Final = {
    "zh": """\
離岸風場在冬天發的電，是夏天的三倍。電網公司卻在冬天付錢請它停機，因為海邊的變電所只有一條線接到島的另一邊，而那條線四十年前就滿了。

這件事寫在[三份年報](https://example.org/)裡，每份說的都是*另一個部門*的責任。把三份放在一起看，才看得出**錢花到哪裡去了**。

> 我們不缺電，我們缺的是把電送到需要的地方的那一條線。

## 誰在排隊

四個縣市的併網名單上有三千件申請案，排在最前面的一件等了九年。名單每季公布一次，沒有一次說明下一件什麼時候輪到。

- 等待最久：九年又兩個月
- 已經完工卻還沒併網：一百一十二件
- 撤回的申請：六百件，多半在第五年

### 停機的帳

停機的補償由用電的人分攤，每度不到一分錢，所以沒有人在帳單上看見它。加起來是一座新的變電所。
""",
    "en": """\
An offshore wind farm makes three times as much in winter as in summer. In winter, too, the grid company pays it to stand still: the substation on the coast has one line to the other side of the island, and that line has been full for forty years.

All this is in [three annual reports](https://example.org/), and each says that it is the business of *another department*. Only side by side do they show **where the money went**.

> We are not short of power. We are short of the one line that takes it to where it is wanted.

## Who stands in the queue

Three thousand applications are on the lists of four counties, and the first of them has waited for nine years. The lists come out each quarter, and none has ever said when the next one is due.

- The longest wait: nine years and two months
- Built, but not connected: one hundred and twelve
- Withdrawn: six hundred, most of them in the fifth year

### The bill for standing still

Everybody who uses power shares the compensation, at less than a tenth of a cent, so nobody sees it on a bill. Added up, it is a new substation.
""",
}
_TABLE: Final = {
    "zh": """\
各縣市的排隊情形如下。[^1]

| 縣市 | 申請（件） | 容量（MW） | 等待（月） | 撤回 | 備註 |
|---|--:|--:|--:|--:|---|
| 彰化 | 1,204 | 3,811 | 61 | 231 | 海纜登陸點只有兩處，第三處在環評 |
| 雲林 | 877 | 1,902 | 48 | 144 | 漁權協議到期，重新談判中 |
| 嘉義 | 512 | 760 | 44 | 98 | 變電所擴建案流標三次 |
| 屏東 | 407 | 655 | 39 | 127 | 颱風後重新勘測 |

```python
def months_left(queue: list[Application], per_month: float = 3.5) -> dict[str, float]:
    # 每件申請還要等幾個月
    return {each.name: place / per_month for place, each in enumerate(queue, start=1) if not each.withdrawn}
```

- [x] 公開名單
- [ ] 公開時程

| 年 | 件 |
|---|--:|
| 2025 | 12 |
| 2026 | 31 |

[^1]: 各縣市政府二〇二六年第三季公告，不含屋頂型。
""",
    "en": """\
This is how long the queues are.[^1]

| County | Applications | Capacity (MW) | Wait (months) | Withdrawn | Remarks |
|---|--:|--:|--:|--:|---|
| Changhua | 1,204 | 3,811 | 61 | 231 | Two landing points for cables; a third is under review |
| Yunlin | 877 | 1,902 | 48 | 144 | Fishing rights ended and are negotiated again |
| Chiayi | 512 | 760 | 44 | 98 | Nobody has bid for the new substation, three times |
| Pingtung | 407 | 655 | 39 | 127 | Surveyed again after the typhoon |

```python
def months_left(queue: list[Application], per_month: float = 3.5) -> dict[str, float]:
    # How many months each application has to wait
    return {each.name: place / per_month for place, each in enumerate(queue, start=1) if not each.withdrawn}
```

- [x] Publish the list
- [ ] Publish the timetable

| Year | Done |
|---|--:|
| 2025 | 12 |
| 2026 | 31 |

[^1]: From the counties' notices of the third quarter of 2026, roofs not included.
""",
}
_RIGHT_TO_LEFT: Final = """\
تنتج مزرعة الرياح البحرية في الشتاء ثلاثة أضعاف ما تنتجه في الصيف، لكن [شركة الكهرباء](https://example.org/) تدفع لها كي تتوقف.

> لا تنقصنا الكهرباء، بل ينقصنا الخط الذي ينقلها إلى حيث يحتاجها الناس.

## من يقف في الطابور

- أطول انتظار: تسع سنوات وشهران
- مشاريع اكتملت ولم توصل بعد: 112 مشروعًا باسم `grid-2026`

| المحافظة | الطلبات | الانتظار |
|---|--:|--:|
| الشمال | 1,204 | 61 |
| الجنوب | 877 | 48 |
"""
_LONG_TITLE: Final = {
    "zh": "從四個縣市的併網排隊名單看起：電池便宜了一半，電網卻還沒準備好，一張寫了十年還沒寫完的時程表、等在後面的三千件申請案，以及沒有人願意具名回答的那個問題——誰該先付錢，誰又能先用電",
    "en": "From the waiting lists of four counties: batteries cost half of what they did, the grid is not ready, a timetable is ten years old and not finished, three thousand applications wait behind it, and nobody will say on the record who is to pay first, and who may switch on first",
}
_TITLES: Final = {
    "plain": {"zh": "風場為什麼在冬天停機", "en": "Why wind farms stand still in winter"},
    "table": {"zh": "三千件申請案怎麼排隊", "en": "How three thousand applications stand in line"},
    "media": {"zh": "聽一座變電所說話", "en": "Listen to a substation"},
    "long-title": _LONG_TITLE,
    "no-summary": {"zh": "沒有摘要的短訊", "en": "A note without a summary"},
    "picture": {"zh": "海上的一天", "en": "One day at sea"},
}
_SUMMARIES: Final = {
    "zh": "三份年報、兩次訪談和一張沒有公開的時程表，說的是同一件事。",
    "en": "Three annual reports and one unpublished timetable say the same.",
}
_AUTHORS: Final = {"zh": "[林雨桐, 王大山]", "en": "[Ada Marsh, Ben Okri]"}
_TAGS: Final = {"zh": "[離岸風電, 併網, 變電所]", "en": "[offshore, prices, substations]"}


def write_kinds(publication: Publication, picture: Callable[[int, int, int], bytes]) -> None:
    """Write the articles `<kind>-zh`, `<kind>-en` and `rtl`; `picture` draws one of a number, width and height."""
    publication.write("articles/wide.png", picture(3, 1800, 1200))
    publication.write("articles/tall.png", picture(5, 900, 1350))
    publication.write("articles/hum.wav", _silence())
    publication.write("articles/tour.mp4", b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + b"\0\0\0\x08mdat")
    for number, (kind, titles) in enumerate(_TITLES.items()):
        for short, language in LANGUAGES.items():
            fields = {"image": "{src: wide.png, alt: Drawn waves}"} if kind == "picture" else {}
            if kind != "no-summary":
                fields["summary"] = f"'{_SUMMARIES[short]}'"
            if kind == "media":
                fields["enclosure"] = "[hum.wav, tour.mp4]"
            if kind == "table":
                fields["updated"] = "2012-03-04 10:00"
            publication.article(
                f"{kind}-{short}",
                _body(kind, short),
                title=f"'{titles[short]}'",
                language=language,
                published=f"2012-01-{10 + number} 08:30",
                topics="[t00]",
                authors=_AUTHORS[short],
                tags=_TAGS[short],
                **fields,
            )
    arabic = {"title": "لماذا تتوقف مزارع الرياح في الشتاء", "summary": "ثلاثة تقارير سنوية تقول الشيء نفسه"}
    publication.article(
        "rtl", _RIGHT_TO_LEFT, **arabic, language="ar", published="2012-01-05 08:30", topics="[t00]", tags="[رياح]"
    )


def _body(kind: str, language: str) -> str:
    media = "[聲音](hum.wav)" if language == "zh" else "[The hum](hum.wav)"
    bodies = {
        "table": _TABLE[language],
        "media": f"{media}\n\n{_PROSE[language]}",
        "picture": f'{_PROSE[language]}\n![A tall drawing](tall.png "{_TITLES["picture"][language]}")\n',
        "no-summary": _PROSE[language].partition("\n")[0],
    }
    return bodies.get(kind, _PROSE[language])


def _silence() -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(8000)
        sound.writeframes(b"\x80" * 24_000)
    return file.getvalue()
