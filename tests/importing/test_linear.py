"""Import takes time in proportion to its input: what nothing closes is not looked for again and again."""

import json
import os
import re
import resource
from collections.abc import Callable
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedsvc.errors import ArticleError
from feedsvc.importing.analysis.boilerplate import normalized
from feedsvc.importing.complete import Overrides, complete
from feedsvc.importing.draft import Draft
from feedsvc.importing.readers.detect import read_items
from feedsvc.importing.readers.line_breaks import BREAKS, without_edge_breaks
from feedsvc.importing.settings import ImportSettings, load_settings
from tests.conftest import SITE_TOML

# Of processor time: a machine that is busy with other things changes nothing. What is quadratic takes minutes.
CPU_SECONDS = 60
BYTES = 500_000
_WP = 'xmlns:wp="http://wordpress.org/export/1.2/" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
_DATE = "<pubDate>Thu, 01 Oct 2026 10:00:00 GMT</pubDate>"
KINDS: dict[str, tuple[str, Callable[[str], str]]] = {
    "txt": ("x.txt", lambda text: f"T\n\n{text}"),
    "md": ("x.md", lambda text: f"# T\n\n{text}"),
    "html": ("x.html", lambda text: f"<html><body><article><h1>T</h1><p>Some text.</p>{text}"),
    "rss": (
        "x.xml",
        lambda text: (
            f'<rss version="2.0"><channel><title>x</title><item><title>t</title>{_DATE}'
            f"<description>{escape(text)}</description></item></channel></rss>"
        ),
    ),
    "wxr": (
        "x.xml",
        lambda text: (
            f'<rss version="2.0" {_WP}><channel><title>x</title><wp:wxr_version>1.2</wp:wxr_version><item>'
            f"<title>t</title>{_DATE}<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
            f"<content:encoded>{escape(text)}</content:encoded></item></channel></rss>"
        ),
    ),
    "json": (
        "x.json",
        lambda text: json.dumps(
            {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{"id": "1", "content_html": text}]}
        ),
    ),
}


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> ImportSettings:
    content = tmp_path_factory.mktemp("content")
    (content / "articles").mkdir()
    (content / "site.toml").write_text(SITE_TOML, encoding="utf-8")
    return load_settings(content, None, "http://127.0.0.1:8000")


def _import(kind: str, unit: str, settings: ImportSettings) -> None:
    name, made = KINDS[kind]
    try:
        for each in read_items(name, made((unit * (BYTES // len(unit) + 1))[:BYTES]).encode(), settings, None):
            if isinstance(each, Draft):
                complete(each, settings, Overrides())
    except (ArticleError, RecursionError):  # refused; a depth that Python refuses is found at once, too
        pass


def _ends_in_time(kind: str, unit: str, settings: ImportSettings) -> bool:
    """Whether an import in a process of its own ends within its processor time."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        try:
            _import(kind, unit, settings)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.parametrize(
    ("kind", "unit"),
    [
        *(("wxr", unit) for unit in ("<pre>", "<pre a ", "<!--", "[caption ", "[gallery ", "[embed ", '[audio src="')),
        *(("md", unit) for unit in ("<h1>", "> ", "<!--", "{{< highlight go >}}", "{% codeblock %}", "[a](b")),
        *(
            ("wxr", unit)
            for unit in ("[code]", "[[gallery ", "[ref]", "[box a=1]", '<!-- wp:block {"ref":1} ', "<p >  ")
        ),
        *(("html", unit) for unit in ("\n\n", "<h1>", "<br> \n", "<!doctype x[", "<script ", "<style", "<svg ", "<i ")),
        *(("rss", unit) for unit in ("<pre>", "<a ", "<img src")),
        ("txt", ",:"),
        ("json", "<pre>"),
    ],
)
def test_half_a_megabyte_of_what_is_never_closed(kind: str, unit: str, settings: ImportSettings) -> None:
    assert _ends_in_time(kind, unit, settings)


@given(st.lists(st.sampled_from([" ", "\n", "<br>", "<br />", "a"]), max_size=30).map("".join))
def test_breaks_are_those_that_the_simple_expressions_find(html: str) -> None:
    simple = re.split(r"(?:\s*<br\s*/?>\s*){2,}", html)
    assert BREAKS.split(html) == simple
    assert without_edge_breaks(html) == re.sub(r"^(?:\s|<br\s*/?>)+|(?:\s|<br\s*/?>)+$", "", html)


@given(st.text("a 1(),:!_。", max_size=30))
def test_a_normal_text_is_what_the_simple_expressions_make(text: str) -> None:
    even = " ".join(text.split()).casefold()
    while even and not even[-1].isalnum() and even[-1] not in ")]":
        even = even[:-1]
    without = re.sub(r"[\s:]*[(\[]?\d+[)\]]?$", "", even) or even
    assert normalized(text) == re.sub(r"^[\W_]+|[\W_]+$", "", without)
