"""Where lines of titles break, where the dots between facts are, and what lists, boxes and columns look like."""

import io
from collections.abc import Iterator
from typing import Final

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.browser import odd
from tests.browser.site import Site, serving, signed_in, with_ui

pytestmark = pytest.mark.browser
SIZES: Final = pytest.mark.parametrize("width", [390, 1280], ids=["phone", "desktop"])
# The titles in which a line ends between two characters that have neither a <wbr> nor a space nor punctuation between
# them.
BROKEN: Final = """(selector) => [...document.querySelectorAll(selector)].map((title) => {
    const walker = document.createTreeWalker(title, NodeFilter.SHOW_ALL);
    let [line, text, mayBreak] = [null, "", true];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.nodeName === "WBR") mayBreak = true;
        for (let at = 0; at < (node.nodeType === 3 ? node.length : 0); at++) {
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + 1);
            const { bottom, width } = range.getBoundingClientRect();
            if (line !== null && bottom > line + 8 && !mayBreak) text += "/";
            if (width) line = bottom;
            text += node.data[at];
            mayBreak = /[\\s\\p{P}]/u.test(node.data[at]);
        }
    }
    return text;
}).filter((text) => text.includes("/"))"""
# The centres of the dots of each list of facts, with the ends of the texts beside them and of what is shown, from left
# to right. A copy of a pseudo-element stands where it stands: its margins add up to nothing.
DOTS: Final = """(selector) => [...document.querySelectorAll(selector)].map((facts) => [...facts.children].flatMap(
    (fact, number) => ["::before", "::after"].flatMap((pseudo) => {
        const style = getComputedStyle(fact, pseudo);
        if (style.content !== '""') return [];
        const copy = document.createElement("i");
        for (const name of style) copy.style.setProperty(name, style.getPropertyValue(name));
        pseudo === "::before" ? fact.prepend(copy) : fact.append(copy);
        const { left, right, top, bottom } = copy.getBoundingClientRect();
        copy.remove();
        const text = (each) => {
            const range = document.createRange();
            range.selectNodeContents(each);
            return range.getBoundingClientRect();
        };
        const shown = facts.getBoundingClientRect();
        const [before, after] = pseudo === "::before" ? [number - 1, number] : [number, number + 1];
        const [one, other] = [text(facts.children[before]), text(facts.children[after])];
        const isWithin = left >= shown.left - 8 && right <= shown.right + 8;
        return [{
            centre: (top + bottom) / 2, line: Math.round(text(fact).bottom / 12), isWithin,
            isBetween: Math.abs(one.bottom - other.bottom) < 12,
            gaps: [left - one.right, other.left - right],
        }];
    })
)).filter((each) => each.length)"""


@pytest.fixture(scope="module")
def plain_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The address of a publication without a subtitle, with an Arabic article."""
    with serving(tmp_path_factory.mktemp("plain"), fill=odd.fill) as served:
        yield served


def opened(browser: Browser, width: int, url: str) -> Page:
    page = signed_in(browser, viewport={"width": width, "height": 800}).new_page()
    page.goto(url)
    return page


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("path", ["/?page=2", "/topics/t20", "/search?q=%E9%9B%BB%E7%B6%B2"])
def test_no_line_of_a_title_ends_inside_a_word(hundreds: Site, browser: Browser, path: str, width: int) -> None:
    """Also beside a picture, and in a word that a search marks."""
    page = opened(browser, width, f"{hundreds}{with_ui(path, 'zh-Hant')}")
    assert page.locator(".p-name:lang(zh)").count() > 3
    assert page.evaluate(BROKEN, ".p-name:lang(zh)") == []
    page.context.close()


@SIZES
@pytest.mark.parametrize("ui", ["zh-Hant", "en"])
def test_the_dots_of_a_line_are_at_one_height(hundreds: Site, browser: Browser, width: int, ui: str) -> None:
    """Between the two facts beside them, on a screen and on paper. A line does not begin with a dot."""
    page = opened(browser, width, f"{hundreds}{with_ui('/', ui)}")
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        lists = page.evaluate(DOTS, ".articles .facts")
        assert len(lists) > 10
        for dots in lists:
            heights: dict[int, float] = {}
            for each in dots:
                assert each["isWithin"] is each["isBetween"], each
                assert heights.setdefault(each["line"], each["centre"]) == pytest.approx(each["centre"], abs=0.3)
                if each["isBetween"]:
                    assert each["gaps"][0] == pytest.approx(each["gaps"][1], abs=2.2), (media, each)
    page.context.close()


@SIZES
@pytest.mark.parametrize("path", ["/docs/feeds?ui=zh-Hant", "/articles/plain-zh", "/articles/plain-en"])
def test_a_dot_takes_no_room_from_its_fact(hundreds: Site, browser: Browser, path: str, width: int) -> None:
    """A link of two words and a date with a time are on one line."""
    page = opened(browser, width, f"{hundreds}{path}")
    heights = page.evaluate("""[...document.querySelectorAll("main .facts > * + *")].map((each) =>
        each.getBoundingClientRect().height / parseFloat(getComputedStyle(each).lineHeight))""")
    assert heights
    assert max(heights) < 1.5
    page.context.close()


@pytest.mark.parametrize("width", [320, 390, 1280])
@pytest.mark.parametrize("ui", ["zh-Hant", "en"])
def test_the_dots_of_a_text_from_right_to_left(plain_site: Site, browser: Browser, width: int, ui: str) -> None:
    """Its facts are in the language of the page, and their lines end at the right edge: no dot begins a line."""
    page = opened(browser, width, f"{plain_site}{with_ui(odd.PAGES['rtl'], ui)}")
    page.evaluate("""() => {
        const facts = document.querySelector(".head > .facts:not(.topics)");
        facts.replaceChildren(...Array.from({ length: 7 }, () => facts.children[1].cloneNode(true)));
    }""")
    (dots,) = page.evaluate(DOTS, ".head > .facts:not(.topics)")
    assert len(dots) >= 5
    assert [each["isWithin"] for each in dots] == [each["isBetween"] for each in dots]
    page.context.close()


@SIZES
def test_the_first_title_has_room_above_it(plain_site: Site, browser: Browser, width: int) -> None:
    """Also in a publication without a subtitle."""
    page = opened(browser, width, f"{plain_site}/")
    masthead, title = page.locator("header.site").bounding_box(), page.locator("h2").first.bounding_box()
    assert masthead is not None
    assert title is not None
    assert title["y"] - masthead["y"] - masthead["height"] >= 20
    page.context.close()


def test_a_printed_column_is_as_wide_as_its_words(hundreds: Site, browser: Browser) -> None:
    """No word of a cell is on two lines, and no block of code on two pages."""
    page = opened(browser, 680, f"{hundreds}/articles/table-en")
    page.emulate_media(media="print")
    broken = page.evaluate("""() => [...document.querySelectorAll("td, th")].flatMap((cell) => {
        const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            for (const { 0: word, index } of node.data.matchAll(/[^\\s-]+/g)) {
                const range = document.createRange();
                range.setStart(node, index);
                range.setEnd(node, index + word.length);
                if (new Set([...range.getClientRects()].map((each) => Math.round(each.top))).size > 1) found.push(word);
            }
        }
        return found;
    })""")
    assert broken == []
    assert page.locator("td").count() > 20
    assert page.evaluate("getComputedStyle(document.querySelector('.text pre')).breakInside") == "avoid"
    page.context.close()


@pytest.mark.parametrize("ui", ["zh-Hant", "en"])
def test_a_text_from_right_to_left_has_one_face(hundreds: Site, browser: Browser, ui: str) -> None:
    """In tables, tags and names of files as well; its titles have room for vowel signs, and letters that join."""
    page = opened(browser, 1280, f"{hundreds}{with_ui('/articles/rtl', ui)}")
    style = "(selector) => getComputedStyle(document.querySelector(selector))"
    face = page.evaluate(f"({style})('.text').fontFamily")
    assert "Naskh" in face
    for each in (".text td", ".tags a"):
        assert page.evaluate(f"({style})('{each}').fontFamily") == face, each
    for each in ("h1", ".text h2"):
        height, size = (float(page.evaluate(f"({style})('{each}').{name}")[:-2]) for name in ("lineHeight", "fontSize"))
        assert height / size == pytest.approx(1.5, abs=0.01)
        assert page.evaluate(f"({style})('{each}').letterSpacing") in ("normal", "0px")
    page.context.close()


@pytest.mark.parametrize("path", ["/?page=1", "/?page=LAST"])
def test_the_pager_of_a_phone_is_one_row_where_it_has_one_link(hundreds: Site, browser: Browser, path: str) -> None:
    page = opened(browser, 390, f"{hundreds}/?ui=en")
    last = page.locator(".pages span").inner_text().rpartition(" ")[2]
    page.goto(f"{hundreds}{with_ui(path.replace('LAST', last), 'en')}")
    boxes = page.evaluate("""[...document.querySelectorAll(".pages > *")].map((each) => {
        const { top, bottom, left, right } = each.getBoundingClientRect();
        return [(top + bottom) / 2, left, right];
    })""")
    assert len(boxes) == 2
    assert boxes[0][0] == pytest.approx(boxes[1][0], abs=1)
    assert min(each[2] for each in boxes) <= max(each[1] for each in boxes)
    page.goto(f"{hundreds}/?page=2&ui=en")
    assert page.locator(".pages > *").count() == 3
    page.context.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_title_that_is_cut_off_ends_within_its_box(hundreds: Site, browser: Browser, language: str) -> None:
    """Nothing is drawn between the text of the next article and its border."""
    page = opened(browser, 1280, f"{hundreds}/articles/plain-{language}")
    page.evaluate(
        """(text) => {
        const title = document.querySelector(".beside .newer > span:not(.which)");
        title.textContent = text.repeat(12);
    }""",
        "等在後面的三千件申請案，" if language == "zh" else "three thousand applications wait behind it, ",
    )
    page.locator(".beside .newer").scroll_into_view_if_needed()
    box = page.locator(".beside .newer").bounding_box()
    text = page.locator(".beside .newer .which").bounding_box()
    assert box is not None
    assert text is not None
    right = text["x"] + text["width"]
    width, height = box["x"] + box["width"] - right - 3, box["height"] - 8
    shot = page.screenshot(clip={"x": right + 0.5, "y": box["y"] + 4, "width": width, "height": height})
    picture = Image.open(io.BytesIO(shot))
    assert picture.width > 10
    assert len(picture.convert("RGB").getcolors() or []) == 1
    page.context.close()


@SIZES
def test_the_ring_of_a_topic_is_within_the_row(hundreds: Site, browser: Browser, width: int) -> None:
    """The row cuts off what is outside of it. Nothing moves when a topic has the focus."""
    page = opened(browser, width, f"{hundreds}/?ui=en")
    link = page.locator(".topics a").nth(1)
    before = link.locator("xpath=../following-sibling::li[1]").bounding_box()
    link.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    above, below, left = link.evaluate("""(link) => {
        const style = getComputedStyle(link);
        const reach = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
        const [ring, row] = [link.getBoundingClientRect(), link.closest("ul").getBoundingClientRect()];
        return [ring.top - reach - row.top, row.bottom - ring.bottom - reach, ring.left - reach - row.left];
    }""")
    assert min(above, below, left) >= 0
    after = link.locator("xpath=../following-sibling::li[1]").bounding_box()
    assert before is not None
    assert after is not None
    assert before["width"] == after["width"]
    page.context.close()


def test_all_topics_say_whether_they_are_shown(hundreds: Site, browser: Browser) -> None:
    page = opened(browser, 1280, f"{hundreds}/?ui=en")
    mark = "getComputedStyle(document.querySelector('.site summary'), '::after').content"
    closed = page.evaluate(mark)
    page.locator(".site summary").click()
    assert page.evaluate(mark) != closed
    page.context.close()


@SIZES
def test_a_scheduled_article_has_its_title_on_lines_of_its_own(site: Site, browser: Browser, width: int) -> None:
    """Below is when it is due, whole, and what and where it is."""
    page = opened(browser, width, f"{site}{with_ui('/status', 'zh-Hant')}")
    row = page.locator("#scheduled ~ ol li").first
    title, facts = row.locator("> bdi").bounding_box(), row.locator("> .facts").bounding_box()
    assert title is not None
    assert facts is not None
    assert title["y"] + title["height"] <= facts["y"] + 1
    assert row.locator("time").evaluate("(each) => each.getClientRects().length") == 1
    height = row.locator("time").evaluate("(each) => each.getBoundingClientRect().height")
    assert height < 30
    page.context.close()


@SIZES
def test_a_long_answer_of_the_description_scrolls(site: Site, browser: Browser, width: int) -> None:
    """Names of parameters are on one line."""
    page = opened(browser, width, f"{site}/docs/feeds")
    answers = page.evaluate("""[...document.querySelectorAll(".example pre:last-child")]
        .map((each) => [each.offsetHeight, each.scrollHeight])""")
    assert max(shown for shown, _ in answers) <= 24 * 17 + 1
    assert max(whole for _, whole in answers) > 24 * 17 + 1
    lines = page.evaluate("""[...document.querySelectorAll(".operation p code")]
        .map((each) => each.getClientRects().length)""")
    assert set(lines) == {1}
    page.context.close()
