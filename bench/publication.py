"""A publication of any size: the same number gives the same files."""

import random
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
_HAN: Final = (
    "晶片 市場 今年 第四季 出現 變化 推論 需求 推升 高頻寬 記憶體 價格 雲端 業者 重新 談判 長約 出口 管制 新規則 供應鏈 分成 兩條 路線 "
    "封裝 產能 仍是 瓶頸 客戶 願意 交期 更高 價錢 資料中心 電力 不足 台灣 廠商 擴產 計畫 延後 美國 政府 補貼 審查 日本 材料 韓國 設備 荷蘭 "
    "機台 良率 提升 速度 不如 預期 模型 訓練 成本 下降 應用 落地 企業 採用 意願 增加 法說會 財報 毛利率 展望 保守 投資人 關注 庫存 水位 "
    "先進 製程 成熟 節點 車用 工控 復甦 緩慢 開源 生態系 競爭 加劇 專利 訴訟 和解 併購 案件 監管 機關 批准 時程 未定 分析師 認為 短期 影響 有限 "
    "的 在 與 是 將 對 於 而 但 也 已 更 最 因為 所以 如果 雖然 同時 此外 目前 未來 其中 之間 以及 沒有 可能 必須 開始 持續 超過 大約 至少"
).split()
_LATIN: Final = (
    "the chip market changed course in fourth quarter as demand for inference raised memory prices while cloud providers "
    "are renegotiating long contracts and packaging capacity remains bottleneck export controls split supply chain into two "
    "routes customers pay more for delivery dates power shortages delay data centers across region analysts expect limited "
    "impact on margins although guidance was cautious and inventory levels rise at automotive suppliers new process nodes "
    "improve yield slower than planned open models reduce training cost enterprise adoption grows regulators review merger "
    "filing Taiwan Japan Korea Netherlands Washington Brussels subsidy equipment materials lithography foundry wafer bandwidth "
    "latency throughput accelerator server rack cooling lease buildout revenue backlog shipment forecast quarter annual"
).split()


def article(number: int) -> tuple[str, bytes]:
    """The path below content/ and the file of the `number`th article: every third one is HTML, the others Markdown."""
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


def write(content: Path, count: int) -> None:
    """A content folder with `count` articles."""
    content.mkdir(parents=True, exist_ok=True)
    (content / "site.toml").write_text(SITE_TOML)
    for number in range(count):
        path, data = article(number)
        file = content / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
