"""One feed for each feature of the documents. The goldens are made from these."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.feeds.feed import Chain, Changes, Feed, Tombstone, assemble
from feedsvc.model import Article, Enclosure, Image, Localized, Person, SafeHTML, Site, Topic
from feedsvc.slices.slice import Slice

MARKUP: Final = 'A < B & "C" <b>'
CHANGED: Final = datetime(2026, 10, 5, 6, 7, 8, tzinfo=UTC)
MORNING: Final = datetime(2026, 10, 1, 2, 3, 4, tzinfo=UTC)
DAY: Final = datetime(2026, 10, 1, 16, 0, tzinfo=UTC)
EVENING: Final = datetime(2026, 10, 1, 20, 0, tzinfo=UTC)

DESK: Final = Person(name="Test desk")
CHIPS: Final = Slice("chips")
SITE: Final = Site(
    title=Localized({"en": "Test Weekly", "zh-Hant": "測試週刊"}),
    subtitle=Localized({"en": "All about tests", "zh-Hant": "測試大小事"}),
    base_url="https://example.org",
    tag_authority="example.org,2026",
    language="en",
    timezone="Asia/Taipei",
    authors=(DESK,),
    topics=(
        Topic(
            name="chips",
            title=Localized({"en": "Chips", "zh-Hant": "晶片"}),
            description=Localized({"en": "Made of sand", "zh-Hant": "沙子做的"}),
        ),
        Topic(name="cloud", title=Localized({"en": "Cloud"}), description=Localized({"en": "Far away"})),
    ),
    established=datetime(2026, 1, 1, tzinfo=UTC),
)
PUBLISHER: Final = replace(
    SITE,
    rights=Localized({"en": "© 2026 Test Weekly & friends"}),
    icon="https://example.org/media/icon.png",
    logo="https://example.org/media/logo.png",
)


def html(markup: str) -> SafeHTML:
    """Content as articles have it."""
    return sanitize(markup, "https://example.org/articles/any")[0]


def article(slug: str, **fields: Any) -> Article:
    """An article that is right, with `fields` over what it has."""
    given: dict[str, Any] = {
        "id": f"tag:example.org,2026:{slug}",
        "slug": slug,
        "title": f"About {slug}",
        "published": MORNING,
        "updated": fields.get("published", MORNING),
        "language": "en",
        "summary": f"What {slug} is.",
        "content": html(f"<p>What <em>{slug}</em> is, and <a href='https://example.com/?a=1&amp;b=2'>more</a>.</p>"),
        "topics": ("chips",),
        "authors": (DESK,),
    }
    return Article(**given | fields)


def feed(*articles: Article, site: Site = SITE, slice_: Slice = CHIPS, **given: Any) -> Feed:
    """The feed of those articles, each a minute older than the one before: the W3C validator warns of equal dates."""
    return assemble(site, slice_, list(map(_older, articles, range(len(articles)))), updated=CHANGED, **given)


def _older(article: Article, minutes: int) -> Article:
    # A date without a time is a whole day older.
    by = timedelta(minutes=minutes) if article.published_offset is None else timedelta(days=minutes)
    return replace(article, published=article.published - by, updated=article.updated - by)


def _audio(name: str, length: int, title: str = "") -> Enclosure:
    return Enclosure(url=f"https://example.org/media/{name}.mp3", type="audio/mpeg", length=length, title=title)


def _image(**fields: Any) -> Image:
    return Image(url="https://example.org/media/wafer.png", alt=f"A wafer, {MARKUP}", **fields)


def _translated() -> Feed:
    english = article("chips-act", title="The Chips Act")
    chinese = article("chips-act-zh", title="晶片法案", language="zh-Hant", translation_of="chips-act")
    japanese = article("chips-act-ja", title=f"半導体法 {MARKUP}", language="ja", translation_of="chips-act")
    others: dict[str, Sequence[Article]] = {english.id: (chinese, japanese), chinese.id: (english, japanese)}
    return feed(english, chinese, translations=others)


CASES: Final[dict[str, Feed]] = {
    "plain": feed(article("newer", published=EVENING), article("older")),
    "all-topics": feed(article("far", topics=("cloud",)), article("near"), slice_=Slice()),
    "empty": feed(),
    "markup": feed(
        article(
            "markup",
            title=MARKUP,
            summary=f"In short: {MARKUP}</b> &amp; &nbsp;",
            authors=(Person(name=f"Ann {MARKUP}"),),
            tags=("R&D", "<b>"),
        ),
        article("entity", title="How to write &amp; and &copy; in <b>HTML</b>"),
        article("ampersand", title="AT&T, R&D: x<3", summary="AT&T, R&D: x<3", authors=(Person(name="D&G"),)),
    ),
    "markup-of-the-site": feed(
        article("any"),
        site=replace(
            PUBLISHER,
            title=Localized({"en": f"Weekly {MARKUP}"}),
            authors=(Person(name=f"Desk {MARKUP}"),),
            topics=(
                Topic(
                    name="chips", title=Localized({"en": "R&D <b>"}), description=Localized({"en": f"Sand {MARKUP}"})
                ),
            ),
        ),
    ),
    "html": feed(
        article(
            "html",
            content=html(
                "<h2 id=top>A&nbsp;heading</h2><script>alert(1)</script><p>a &lt; b &amp;&amp; c<br>]]&gt;</p>"
                "<table><tr><td colspan=2>&copy;</table><img src=/media/a.png alt='\"'><a href='#top'>up</a>"
            ),
        ),
        article("nothing", content=html("")),
    ),
    "chinese": feed(
        article(
            "晶片短缺",
            id="tag:example.org,2026:%E6%99%B6%E7%89%87%E7%9F%AD%E7%BC%BA",
            title="晶片短缺：原因與影響",
            language="zh-Hant",
            summary="全球晶片短缺的來龍去脈。",
            content=html(
                "<p>見<a href='/articles/晶片?問=答#段'>前文</a>與<a href='https://例子.tw/路'>例子</a>。</p>"
            ),
            authors=(Person(name="測試 台", uri="https://xn--fsqu00a.tw/%E5%8F%B0"),),
            tags=("半導體",),
        ),
        site=replace(SITE, language="zh-Hant"),
    ),
    "authors": feed(
        article(
            "authors",
            authors=(
                Person(name="Ann Author", uri="https://example.org/ann?a=1&b=2"),
                Person(name="Bob", email="bob@example.org"),
                Person(name="陳編輯", uri="https://example.org/chen", email="chen@example.org"),
            ),
        ),
    ),
    "categories": feed(article("categories", topics=("chips", "cloud"), tags=("Chips", "EUV & more", "光刻"))),
    "enclosure": feed(article("one", enclosures=(_audio("one", 1234),))),
    "enclosures": feed(
        article("two", enclosures=(_audio("first", 1234), _audio("second", 5678))),
        article("of-unknown-length", enclosures=(_audio("third", 0), _audio("fourth", 0))),
    ),
    "titled-enclosures": feed(
        article("named", enclosures=(_audio("first", 1234, "第一集.mp3"), _audio("second", 5678, f"Two, {MARKUP}"))),
    ),
    "caption": feed(
        article("ours", image=_image(caption=f"Hall 3, {MARKUP}", type="image/png", length=4321)),
        article("theirs", image=Image(url="https://example.com/far.jpg?size=1&crop=2", caption="晶片"), disclosure="D"),
        article(
            "in-the-text",
            content=SafeHTML('<p><img src="https://example.org/media/wafer.png" alt="W"></p>'),
            image=_image(caption="Not twice"),
        ),
    ),
    "image": feed(
        article("ours", image=_image(type="image/png", length=4321)),
        article("theirs", image=Image(url="https://example.com/far.jpg?size=1&crop=2")),
        article("both", image=_image(type="image/png", length=4321), enclosures=(_audio("one", 1), _audio("two", 2))),
    ),
    "foreign-ids": feed(
        article("number", id="65f0c0ffee"),
        article("text", id="第7集/a"),
        tombstones=(Tombstone(id="pod-5", at=CHANGED),),
    ),
    "translations": _translated(),
    "tombstones": feed(
        article("alive"),
        tombstones=(
            Tombstone(id="tag:example.org,2026:gone", at=CHANGED),
            Tombstone(id="urn:uuid:4f2b3c6e-0d0f-4bd5-9d0a-2f6c3b8a1e57", at=EVENING),
        ),
    ),
    "rights-logo-icon": feed(article("any"), site=PUBLISHER),
    "right-to-left": feed(
        article(
            "رقائق",
            id="tag:example.org,2026:%D8%B1%D9%82%D8%A7%D8%A6%D9%82",
            title="رقائق \u2067ABC\u2069 الحاسوب!",
            language="ar",
            summary="ما هي رقائق الحاسوب؟",
            content=html("<p dir=rtl>ما هي <bdi>ABC</bdi>؟</p>"),
        ),
    ),
    "updated": feed(article("updated", updated=EVENING), article("fraction", updated=EVENING.replace(microsecond=7))),
    "dates": feed(
        article("day", published=DAY, updated=DAY, published_offset=480, updated_offset=480),
        article("corrected", published=DAY, published_offset=480, updated=EVENING),
    ),
    "no-summary": feed(article("short", summary="")),
    "archive": feed(
        article("in-march"),
        site=replace(SITE, language="zh-Hant"),
        chain=Chain(own="2026-03", previous="2026-01", following="2026-04"),
    ),
    "past": feed(article("now"), chain=Chain(previous="2026-09"), slice_=Slice("chips", tags=("nvidia",))),
    "changes": feed(
        article("back"),
        article("new"),
        cursor="0123abcd-45",
        changes=Changes(after="0123abcd-6", gone=(Tombstone(id="tag:example.org,2026:left", at=EVENING),), more=True),
    ),
    "last-changes": feed(
        article("new"), cursor="0123abcd-45", changes=Changes(after="0123abcd-44", gone=(), more=False)
    ),
    "cursor": feed(article("new"), cursor="0123abcd-45", slice_=Slice("chips", tags=("nvidia",))),
    "slice": feed(
        article("short", title="晶片", language="zh-Hant", tags=("nvidia",), disclosure="機器翻譯"),
        article("no-summary", summary="", language="zh-Hant", tags=("nvidia",)),
        slice_=Slice("chips", tags=("nvidia",), languages=("zh-Hant",), body="summary"),
    ),
    "uuid": feed(article("uuid", id="urn:uuid:2f1c9a1e-5f0e-4c8c-8c55-0c1a3f4b7d21")),
    "languages": feed(
        article("english"),
        article("taiwan", title="晶片", language="zh-Hant-TW"),
        article("brasil", title="Chips em português", language="pt-BR"),
    ),
    "scripts": feed(
        article("emoji", title="👩🏽‍💻 writes 🇹🇼 chips 🤖", summary="👨‍👩‍👧‍👦 all of them"),
        article("combining", title="Café ệ Z̤̈ नमस्ते", authors=(Person(name="Žofie Ǻ"),), tags=("ệ",)),
        article("korean", title="반도체 이야기", language="ko", summary="칩의 역사."),
        article("japanese", title="「半導体」ー𠮷野家の話", language="ja", content=html("<ruby>漢<rt>かん</ruby>、𠮷")),
    ),
}
