"""The script of `feedsvc serve --drafts` in Chromium: a page reloads at its place when its file was saved."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from feedsvc.config import preview_settings
from feedsvc.store import Store
from tests.conftest import Publication
from tests.live import wait_for
from tests.web.served import served

pytestmark = pytest.mark.browser

LONG = "\n\n".join(f"Paragraph {number}." for number in range(300))


def test_a_page_reloads_at_its_place(browser: Browser, tmp_path: Path) -> None:
    preview = Publication(tmp_path)
    preview.settings = preview_settings(preview.settings)
    preview.store = Store(preview.settings.store_file)
    preview.article("idea", body=LONG, draft="true")
    with served(preview) as (base, record):
        page = browser.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{base}/articles/idea")
        page.evaluate("scrollTo(0, 700)")
        preview.article("idea", body=f"{LONG}\n\nThe last one is new.", draft="true")
        preview.sync()
        expect(page.get_by_text("The last one is new.")).to_be_attached(timeout=60_000)
        # The policy of the page forbids the evaluation that `wait_for_function` repeats in it.
        wait_for(lambda: page.evaluate("scrollY") == 700, "the page is at its place")
        # It reloads once for a commit.
        asked = record.answers.count(("/preview/commit", 200))
        while record.answers.count(("/preview/commit", 200)) < asked + 2:
            page.wait_for_timeout(100)
        assert record.answers.count(("/articles/idea", 200)) == 2
        assert errors == []
        page.close()
    preview.store.close()
