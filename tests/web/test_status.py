"""/status and /metrics: always behind a token; what they say is what there is."""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from selectolax.lexbor import LexborHTMLParser

from feedsvc.config import Settings, load_settings
from feedsvc.errors import ConfigError
from feedsvc.web import create_app
from feedsvc.web.pages.ui_language import language_name
from feedsvc.web.stats.status_page import LISTS
from tests.conftest import SITE_TOML, Publication
from tests.web.resources import BASE, ask

TOKEN = "0123456789abcdef"
BEARER = f"Bearer {TOKEN}"
both = pytest.mark.parametrize("path", ["/status", "/metrics"])


def basic(password: str, user: str = "") -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.fixture
def editors(publication: Publication) -> Publication:
    """With articles, one that waits and one that is wrong."""
    publication.article("one", language="en")
    publication.article("zwei", language="de", topics="[chips, cloud]")
    publication.article("later", published="2027-01-01 09:30", title="Later & <b>")
    publication.article("wrong", topics="[chip]")
    publication.sync()
    return publication


@pytest.fixture
def client(editors: Publication) -> FlaskClient:
    return create_app(replace(editors.settings, status_token=TOKEN)).test_client()


@both
@pytest.mark.parametrize("authorization", [BEARER, basic(TOKEN), basic(TOKEN, "editor"), f"bearer {TOKEN}"])
def test_with_the_token(client: FlaskClient, path: str, authorization: str) -> None:
    """As a bearer, or as the password a browser asks for."""
    answer = ask(client, path, Authorization=authorization)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert "Authorization" in answer.headers["Vary"]


@both
@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer x",
        BEARER[:-1],
        f"{BEARER}0",
        basic(""),
        basic("x"),
        basic("", TOKEN),
        "Basic !",
        "Digest a=b",
        TOKEN,
        f'Foo password="{TOKEN}"',
        f'Digest username="x", password="{TOKEN}"',
        f"Foo {TOKEN}",
    ],
)
def test_without_the_token(client: FlaskClient, path: str, authorization: str) -> None:
    """Behind a proxy everybody comes from this machine, so an address proves nothing."""
    answer = client.get(path, headers={"Authorization": authorization, "X-Forwarded-For": "127.0.0.1"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")
    assert "Authorization" in answer.headers["Vary"]
    assert {each.partition(" ")[0] for each in answer.headers.getlist("WWW-Authenticate")} == {"Basic", "Bearer"}
    assert answer.text == "the token is missing or wrong (send it as Authorization: Bearer, or as the password)\n"


@both
@pytest.mark.parametrize("authorization", ["Bearer ", basic(""), "Bearer None", BEARER])
def test_while_no_token_is_set(editors: Publication, path: str, authorization: str) -> None:
    """Nobody gets in, and strangers learn nothing of how this is set up."""
    answer = ask(editors.client(), path, Authorization=authorization)
    assert answer.status_code == 403
    assert answer.text == "this page is not public\n"


@pytest.mark.parametrize("token", ["short", "0123456789abcde ", "密碼密碼密碼密碼密碼密碼密碼密碼"])
def test_a_token_that_can_be_guessed_or_not_sent(token: str) -> None:
    with pytest.raises(ConfigError, match="FEEDSVC_STATUS_TOKEN: write 16 or more"):
        load_settings({"FEEDSVC_STATUS_TOKEN": token})
    assert token not in repr(replace(Settings(), status_token=TOKEN))
    assert TOKEN not in repr(replace(Settings(), status_token=TOKEN))


@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_what_an_editor_sees(client: FlaskClient, ui: str) -> None:
    """By topic and language; what is set aside and why; what is scheduled; the last sync; per feed its figures."""
    tag = ask(client, "/feeds/chips.atom", User_Agent="Feedly/1 (12 subscribers)").headers["ETag"]
    ask(client, "/feeds/chips.atom", If_None_Match=tag)
    page = LexborHTMLParser(ask(client, f"/status?ui={ui}", Authorization=BEARER).text)
    assert [node.text() for node in page.css(".figures dd")][:4] == ["2", "1", "0", "1"]
    (synced,) = page.css("time.synced")
    assert synced.attributes["datetime"] == "2026-11-01T20:01:00+08:00"
    (problem,) = page.css(".problems li li")
    assert problem.text().startswith("articles/wrong.md:4 topics: unknown topic 'chip'")
    (due,) = page.css("ol.latest li")
    assert "Later & <b>" in due.text()
    rows = [[cell.text() for cell in row.css("th, td")] for row in page.css("tbody tr")]
    assert rows[0][1:] == ["1", "1"]
    (polled,) = [row for row in rows if len(row) == 7 and row[2] == "2"]
    assert (polled[1], polled[3], polled[6]) == ("Atom", "50%", "12")


def test_metrics_are_prometheus(client: FlaskClient) -> None:
    """The same figures, in a text that Prometheus's own parser reads."""
    ask(client, "/feeds/chips.atom", User_Agent="Feedly/1 (12 subscribers)")
    ask(client, "/feeds/nothing.atom")
    answer = ask(client, "/metrics", Authorization=BEARER)
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert samples["feedsvc_articles", "chips", "en"] == 1
    assert samples["feedsvc_articles", "chips", "de"] == 1
    assert samples["feedsvc_published_articles",] == 2
    assert samples["feedsvc_scheduled_articles",] == samples["feedsvc_set_aside_files",] == 1
    assert samples["feedsvc_last_sync_timestamp_seconds",] == 1793534460
    assert samples["feedsvc_polls_total", "atom", "chips", "full"] == 1
    assert samples["feedsvc_polls_total", "", "error", "other"] == 1
    assert samples["feedsvc_subscribers", "Feedly", "atom", "chips"] == 12


def test_without_a_store(publication: Publication) -> None:
    """Not ready is not zero."""
    client = create_app(replace(publication.settings, status_token=TOKEN)).test_client()
    for path in ("/status", "/metrics"):
        assert ask(client, path, Authorization=BEARER).status_code == 503


STATES = {
    "en": ("The last good version is still published.", "Not published."),
    "zh-Hant": ("上一個正確的版本仍在發布。", "未發布。"),
}


def status_page(publication: Publication, query: str = "", **settings: str | None) -> LexborHTMLParser:
    client = create_app(replace(publication.settings, status_token=TOKEN, **settings)).test_client()  # type: ignore[arg-type]
    answer = ask(client, f"/status{query}", Authorization=BEARER)
    assert answer.status_code == 200
    return LexborHTMLParser(answer.text)


def section(page: LexborHTMLParser, name: str) -> str:
    """What stands below the heading of that id."""
    (found,) = page.css(f"section[aria-labelledby={name}]")
    return found.text()


@pytest.mark.parametrize("ui", STATES)
def test_a_broken_file_says_what_is_still_up(editors: Publication, ui: str) -> None:
    """One that was published looks otherwise than one that never was, and is called by its title."""
    editors.article("one", topics="[chip]", title="Changed")
    editors.sync()
    page = status_page(editors, f"?ui={ui}")
    items = page.css("section[aria-labelledby=aside] .problems > li")
    said = [(item.css("b.up")[0].text(), [each.text() for each in item.css("bdi")]) for item in items]
    assert said == [(STATES[ui][0], ["one"]), (STATES[ui][1], [])]
    assert all(item.css("ul")[0].attributes["lang"] == "en" for item in items)


def test_warnings_stand_apart(publication: Publication) -> None:
    """What is published all the same, with what to mend: a picture and a link to nothing, a field misspelt."""
    publication.article("one", "![a](gone.png) and [b](other.md)", titel="x")
    publication.article("wrong", "![a](gone.png)", topics="[chip]")
    publication.sync()
    page = status_page(publication)
    for said in ("'gone.png'", "'other.md'", "did you mean 'title'?"):
        assert said in section(page, "warnings")
    assert "wrong.md" not in section(page, "warnings")
    assert "one.md" not in section(page, "aside")


@pytest.mark.parametrize(("base_url", "warned"), [(None, 1), ("http://127.0.0.1:8000", 0)])
def test_without_a_base_url(publication: Publication, base_url: str | None, warned: int) -> None:
    """Every link names this machine: so an editor is told. Not when it was meant."""
    publication.write("site.toml", SITE_TOML.replace('base_url = "https://example.org"\n', ""))
    publication.article("one")
    publication.sync()
    page = status_page(publication, base_url=base_url, own_url="http://127.0.0.1:8000")
    assert len(page.css("p.address")) == warned


def test_drafts_are_counted_and_what_waits_is_described(editors: Publication) -> None:
    editors.article("unfinished", draft="true")
    editors.article("later", published="2027-01-01 09:30", title="Later", topics="[cloud]", language="zh-Hant")
    editors.sync()
    page = status_page(editors)
    assert [node.text() for node in page.css(".figures dd")][:3] == ["2", "1", "1"]
    for said in ("Later", "articles/later.md", "Cloud", language_name("zh-Hant")):
        assert said in section(page, "scheduled")


def test_a_draft_with_a_note_is_not_shown_among_what_is_published(editors: Publication) -> None:
    """A file that another system's marker keeps from the public is a draft, and /status says why."""
    editors.article("guarded", visibility="members")
    editors.sync()
    page = status_page(editors)
    assert "guarded" not in section(page, "warnings")
    assert "articles/guarded.md:5 visibility: 'members' is not for the public" in section(page, "drafts")


def test_since_when_and_by_whom(client: FlaskClient) -> None:
    """A time; each reader apart, and those we do not know in no sum."""
    for agent in ("Feedly/1 (12 subscribers)", "Fake/1 (900 subscribers)"):
        ask(client, "/feeds/chips.atom", User_Agent=agent)
    page = LexborHTMLParser(ask(client, "/status", Authorization=BEARER).text)
    (began,) = page.css("time.began")
    now = datetime.now(UTC)
    assert now - timedelta(hours=1) < datetime.fromisoformat(began.attributes["datetime"] or "") <= now
    rows = [[cell.text() for cell in row.css("th, td")] for row in page.css("tbody.readers tr")]
    chips = rows[0][1]
    assert rows == [["Fake (unverified)", chips, "Atom", "900"], ["Feedly", chips, "Atom", "12"]]
    (summed,) = [
        row for row in page.css("section[aria-labelledby=polls] tr") if row.text().count(chips) and "12" in row.text()
    ]
    assert "912" not in summed.text()
    metrics = ask(client, "/metrics", Authorization=BEARER).text
    assert 'feedsvc_unverified_subscribers{feed="chips",format="atom",reader="Fake"} 900.0' in metrics
    assert 'feedsvc_subscribers{feed="chips",format="atom",reader="Fake"}' not in metrics


@pytest.mark.parametrize("ui", ["en", "zh-Hant"])
def test_the_state_of_the_writer_and_the_hub_is_in_the_language_of_the_page(publication: Publication, ui: str) -> None:
    """Every message has a translation. What a library wrote is marked as English."""
    publication.article("one")
    publication.sync()
    file = publication.store.writer_record()
    file.note(is_blind=True, watch_mode="polling", watch_reason="watching failed: <ENOSPC>", refused=30)
    file.write()
    page = status_page(publication, f"?ui={ui}")
    lines = [each.text() for each in page.css(".log li")]
    said = {
        "en": (
            "warning: a sync would remove 30 articles and removes none (run feedsvc sync --allow-removals if they are",
            "warning: the folder is scanned, since events fail: watching failed: <ENOSPC>",
            "hub: 0 subscriptions of 0 feeds, 0 requests wait to be verified",
            "hub: 0 deliveries, 0 failures; 0 are due, of which 0 failed",
            "hub: no self-test has ended yet (feedsvc serve and feedsvc deliver run one hourly)",
        ),
        "zh-Hant": (
            "警告：這次同步會移除 30 篇文章，所以一篇也沒有移除（如果要移除，執行 feedsvc sync --allow-removals；如果",
            "警告：改為掃描資料夾，因為無法接收檔案事件：watching failed: <ENOSPC>",
            "推送中心：0 個訂閱源有 0 份訂閱，0 個請求等待驗證",
            "推送中心：已送達 0 次，失敗 0 次；待送 0 份，其中 0 份曾失敗",
            "推送中心：還沒有完成過自我測試（feedsvc serve 和 feedsvc deliver 每小時執行一次）",
        ),
    }
    assert [line[: len(each)] for line, each in zip(lines[1:], said[ui], strict=True)] == list(said[ui])
    assert [each.text() for each in page.css(".log [lang=en]")] == ["watching failed: <ENOSPC>"]
    assert all(word not in lines[0] for word in (("writer:", " ago", "scanning") if ui == "zh-Hant" else ("程序",)))


def test_a_long_list_has_pages_of_its_own(publication: Publication) -> None:
    """Each entry is on one of them; an unknown list or page is an error."""
    for number in range(60):
        publication.article(f"n{number:02}", f"![a](gone{number:02}.png)")
    publication.sync()
    first = status_page(publication)
    assert len(first.css("[aria-labelledby=warnings] .problems > li")) == LISTS["warnings"]
    (more,) = first.css("[aria-labelledby=warnings] a.rest")
    assert (more.attributes["href"], more.text()) == (f"{BASE}/status?list=warnings", "All of this list: 60")
    seen = []
    for query in ("?list=warnings", "?list=warnings&page=2"):
        page = status_page(publication, query)
        assert [each.attributes["aria-labelledby"] for each in page.css("main section")] == ["warnings"]
        seen += [each.text() for each in page.css(".problems > li code")]
    assert seen == [f"articles/n{number:02}.md:6" for number in range(60)]
    assert page.css_first("[rel=next]") is None
    client = create_app(replace(publication.settings, status_token=TOKEN)).test_client()
    for query, status in (("?list=warning", 400), ("?list=warnings&page=3", 404), ("?list=warnings&page=x", 400)):
        assert ask(client, f"/status{query}", Authorization=BEARER).status_code == status


def test_the_feeds_with_the_most_polls_come_first(client: FlaskClient) -> None:
    for _ in range(2):
        ask(client, "/feeds/cloud.json")
    page = LexborHTMLParser(ask(client, "/status?list=feeds", Authorization=BEARER).text)
    rows = [[cell.text() for cell in row.css("th, td")] for row in page.css("tbody tr")]
    assert [row[1:3] for row in rows[:3]] == [["Atom", "0"], ["RSS", "0"], ["JSON Feed", "2"]]
    assert "Cloud" in rows[0][0]
