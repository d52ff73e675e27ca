"""Pages get what they are made for as a parameter: nothing of ours is kept in flask.g."""

import ast
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from flask import g
from flask_babel import gettext

from feedsvc.documents.document import Rendered
from feedsvc.store import Snapshot
from feedsvc.web.pages.page import PageContext, in_language, page_context
from feedsvc.web.pages.ui_language import ui_locale
from tests.conftest import Publication

START = datetime(2026, 1, 1, tzinfo=UTC)
PACKAGE = Path(__file__).parents[2] / "feedsvc"


def test_no_module_imports_flask_g() -> None:
    found = [
        str(file.relative_to(PACKAGE))
        for file in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if (isinstance(node, ast.ImportFrom) and node.module == "flask" and "g" in [each.name for each in node.names])
        or (isinstance(node, ast.Attribute) and ast.unparse(node) == "flask.g")
    ]
    assert found == []


def test_a_language_is_spoken_in_its_block_only(publication: Publication) -> None:
    """An answer may be made of several pages: that of an error after that of an article, each in its own language."""
    with publication.client().application.app_context():
        assert gettext("Search") == "Search"
        with ui_locale("zh-Hant"):
            assert gettext("Search") == "搜尋"
            with ui_locale("en"):
                assert gettext("Search") == "Search"
        assert gettext("Search") == "Search"


def test_a_page_is_rendered_for_its_context(publication: Publication) -> None:
    publication.article("one", "Text")
    publication.sync()
    app = publication.client().application
    contexts: list[PageContext] = []

    def render_page(_snapshot: Snapshot, page: PageContext) -> Rendered:
        contexts.append(page)
        return Rendered(media_type="text/plain", body=gettext("Search").encode(), last_modified=START, headers={})

    with app.app_context(), publication.store.read() as snapshot:
        assert in_language("zh-Hant", render_page)(snapshot).body.decode() == "搜尋"
        assert in_language(None, render_page)(snapshot).body.decode() == "Search"
        assert [each.ui for each in contexts] == ["zh-Hant", "en"]
        assert not [name for name in g if name != "_flask_babel"]


def test_a_part_of_pages_is_made_once_for_a_site_and_a_language(publication: Publication) -> None:
    publication.sync()
    with publication.store.read() as snapshot:
        site = snapshot.site()
    page, made = page_context(site, "en", "en"), []

    def part(number: int) -> str:
        made.append(number)
        return f"part {number}"

    for number in (*range(2000), 1999, 0):
        assert page.once("part", number, caller=partial(part, number)) == f"part {number}"
    # The last one was remembered, the first one was not: there is no end to the tags that clients ask for.
    assert made == [*range(2000), 0]
    assert page_context(site, "en", "en") is page
    assert page_context(site, "en", "zh-Hant") is not page
    assert page_context(site, "zh-Hant", "en") is not page
    assert page_context(replace(site), "en", "en") is not page
