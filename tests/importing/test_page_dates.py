"""Where saved pages have their publication dates."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from feedsvc.importing.readers.pages.page_dates import shown_date
from feedsvc.importing.settings import ImportSettings
from tests.importing.conftest import only
from tests.importing.test_pages import LONG, saved

MOMENT = "2026-02-10T01:30:00Z"
DAY = "2026-02-09T16:00:00Z"
LD = '<script type="application/ld+json">%s</script>'
LINE = f"<p>%s</p>{LONG}{LONG}"
FAR = f"{LONG}{LONG}{LONG}<p>%s</p>{LONG}"


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        ('<meta itemprop="datePublished" content="2026-02-10T09:30:00+08:00">', LONG, MOMENT),
        ('<meta name="publish-date" content="2026-02-10 09:30">', LONG, MOMENT),
        ('<meta name="publish_time" content="2026-02-10 09:30">', LONG, MOMENT),
        ('<meta property="og:release_date" content="2026-02-10 09:30">', LONG, MOMENT),
        ('<meta name="og:time " content="2026-02-10 09:30">', LONG, MOMENT),
        ('<meta name="firstpublishedtime" content="2026-02-10-09:30:00">', LONG, MOMENT),
        (LD % '{"@type": "WebPage", "datePublished": "2026-02-10T09:30:00+08:00"}', LONG, MOMENT),
        (LD % '{"@type": "https://schema.org/NewsArticle", "datePublished": "2026-02-10T01:30Z"}', LONG, MOMENT),
        (LD % '{"@type": "NewsArticle", "headline": "a\nb", "datePublished": "2026-02-10T01:30Z"}', LONG, MOMENT),
        (LD % '<![CDATA[\n{"@type": "NewsArticle", "datePublished": "2026-02-10T01:30Z"}\n]]>', LONG, MOMENT),
        ("", f'<abbr class="published" title="2026-02-10T09:30:00+08:00">10 Feb</abbr>{LONG}', MOMENT),
        ("", f'<span itemprop="datePublished">2026年02月10日 09:30</span>{LONG}', MOMENT),
        ("", LINE % "2026年02月10日 09:30　来源：<a href=/>某某网</a>　责任编辑：张三", MOMENT),
        ("", LINE % "<span>原創</span><span>某報</span><span>2026-02-10 09:30</span>", MOMENT),
        ("", f"<div>某報</div><div>記者 林一</div><div>2026/02/10 上午 9:30</div>{LONG}", MOMENT),
        ("", LINE % "2026/2/10 下午 1:05 更新：2026/2/11 下午 2:00", "2026-02-10T05:05:00Z"),
        ("", LINE % "2026年2月10日 10時30分(日本時間)", MOMENT),
        ("", LINE % "民國115年2月10日", DAY),
        ("", LINE % "發布日期：115年2月10日", DAY),
        ("", LINE % "發布時間 115/02/10 09:30", MOMENT),
        ("", FAR % "发布时间：2026-02-10 09:30 浏览：15", MOMENT),
        ("", f'{LONG}{LONG}<div class="tool"><span class="time">2026-02-10 09:30</span></div>', MOMENT),
        ('<link rel="canonical" href="https://news.example/2026/02/10/new-plant/">', LONG, DAY),
        ('<link rel="canonical" href="https://news.example/2026-02-10/198678130.html">', LONG, DAY),
        ('<link rel="canonical" href="https://news.example/news/afe/202602100123.aspx">', LONG, DAY),
    ],
)
def test_a_date_is_found(head: str, body: str, wanted: str, settings: ImportSettings) -> None:
    draft = only("x.html", saved(body, head), settings)
    assert draft.published is not None
    assert draft.published.at == settings.date(wanted)


@pytest.mark.parametrize(
    "body",
    [
        # The date of an event.
        LINE % "工廠在2026年2月10日動工。市長到場。",
        # A number of years.
        LINE % "115年2月10日",
        # Of another article.
        f'<div><a href="/other">另一篇同樣說停電演習的文章標題</a><span>2026.02.10</span></div>{LONG}',
        # In a box of facts.
        f"<table><tr><th>成立<td>1998年2月28日</table>{LONG}",
        f"<dl><dt>生日</dt><dd>1980年1月2日</dd></dl>{LONG}",
        f"<ul><li>出生日期：1980-01-02</li><li>身高：180</li></ul>{LONG}",
        LINE % "Born: January 2, 1980",
        LINE % "<b>Founded</b> 28 February 1998",
        f'{LONG}<span class="bday date">1980-01-02</span>{LONG}',
        # Two labels that contradict each other.
        f"{FAR % '發布日期：2026-02-10'}<p>發布日期：2026-03-11</p>",
        # Two elements of that class.
        LONG + "".join(f'<div><span class="time">2026-02-{day} 09:30</span></div>' for day in (10, 11)),
    ],
)
def test_no_date_is_better_than_a_wrong_one(body: str, settings: ImportSettings) -> None:
    assert shown_date(LexborHTMLParser(saved(body)), "停電演習", settings) is None


def test_the_address_is_asked_last(settings: ImportSettings) -> None:
    head = '<link rel="canonical" href="https://news.example/2026/02/11/new-plant/">'
    draft = only("x.html", saved(LINE % "2026-02-10 09:30", head), settings)
    assert draft.published is not None
    assert draft.published.at == settings.date(MOMENT)
    assert draft.published.found_in == "the line beside the heading"


@pytest.mark.parametrize(
    "fact", ["出生：1980年1月2日", "Founded: 28 February 1998", "<dl><dt>成立</dt><dd>1998-02-28</dd></dl>"]
)
def test_the_date_of_an_event_is_not_that_of_the_page_beside_it(fact: str, settings: ImportSettings) -> None:
    draft = only("x.html", saved(f"<div>{fact}</div><p>2026-02-10 09:30</p>{LONG}"), settings)
    assert draft.published is not None
    assert draft.published.at == settings.date(MOMENT)


@pytest.mark.parametrize("lines", ["Founded\n28 February 1998", "生日：1980年1月2日", "Born: 2 January 1980"])
def test_a_text_keeps_the_date_of_an_event(lines: str, settings: ImportSettings) -> None:
    text = "The wafer plant opened on Tuesday, and the first chips left it in the evening.\n"
    draft = only("x.txt", f"A wafer plant\n{lines}\n{text * 3}", settings)
    assert draft.published is None
    assert lines.rpartition("\n")[2] in draft.summary + draft.body
