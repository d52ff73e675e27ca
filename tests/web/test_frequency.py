"""How often a feed has new articles, in words."""

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from feedsvc.web.pages.feed.frequency import frequency
from feedsvc.web.pages.ui_language import ui_locale
from tests.web.test_feed_page import page_of

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "number", "english", "chinese"),
    [
        (24, 2, "", ""),
        (0, 10, "", ""),
        (2, 12, "", ""),
        (4, 10, "About 6 articles a day.", "每天約6篇。"),
        (24, 3, "About 1 article a day.", "每天約1篇。"),
        (48, 10, "About 4 articles a week.", "每週約4篇。"),
        (24 * 7, 10, "About 1 article a week.", "每週約1篇。"),
        (24 * 10, 5, "About 3 articles a month.", "每月約3篇。"),
        (24 * 40, 5, "About 9 articles a year.", "每年約9篇。"),
        (24 * 900, 3, "About 1 article a year.", "每年約1篇。"),
    ],
)
def test_the_smallest_period_with_an_article_is_named(
    poller: FlaskClient, hours: int, number: int, english: str, chinese: str
) -> None:
    times = [BEGINNING + each * timedelta(hours=hours) for each in range(number)]
    with poller.application.test_request_context():
        for ui, says in (("en", english), ("zh-Hant", chinese)):
            with ui_locale(ui):
                assert frequency(times[::-1]) == says


def test_a_feed_with_few_articles_says_nothing(poller: FlaskClient) -> None:
    assert "About" not in page_of(poller, "/feeds/all.atom").body.text()  # type: ignore[union-attr]
