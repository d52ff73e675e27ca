"""Every vector, as .html and inside .md: refused, or safe in the eyes of two other parsers and well-formed in feeds."""

import json
from collections.abc import Mapping
from unicodedata import is_normalized
from xml.parsers import expat

import pytest
from lxml import etree

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.errors import ArticleError
from feedsvc.feeds.feed import assemble
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Article, SafeHTML, Site
from feedsvc.slices.slice import Slice
from feedsvc.text import xml_legal
from feedsvc.urls import Addresses
from tests.articles.thorough import thoroughly
from tests.conftest import START
from tests.hostile.conftest import Outcome
from tests.hostile.corpus import File, vectors
from tests.hostile.judge import faults

FAMILIES = sorted({vector.family for vector in vectors()})


def test_the_judge_sees_what_is_unsafe() -> None:
    assert faults("<p>Safe <a href='https://example.org/' rel=noopener>text</a></p>") == []
    assert faults("<p onclick=x>") == ["<p onclick>"]
    assert faults("<script>1</script>") == ["<script>"]
    assert faults("<a href='java\tscript:1'>") == ["<a href='java\\tscript:1'>"]
    assert faults("<img srcset='https://example.org/a 1x, data:x 2x'>") != []
    assert faults("<p id=main>") == ["<p id='main'>"]
    assert faults("<!-- x -->") == ["<a comment>"]
    unsafe = [vector for vector in vectors() if vector.title is None and not faults(xml_legal(vector.html))]
    assert len(unsafe) < len(vectors()) / 5, [vector.name for vector in unsafe]


def test_few_files_are_refused(outcomes: Mapping[File, Outcome]) -> None:
    refused = {file.vector.family for file, outcome in outcomes.items() if isinstance(outcome, ArticleError)}
    # Bytes that are not UTF-8, too many attributes, a comment that nothing closes, a title of nothing but a comment.
    assert refused <= {"charset", "dangling", "feeds", "markdown", "mutation", "parser", "titles"}
    assert sum(isinstance(outcome, ArticleError) for outcome in outcomes.values()) < 60


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_refused_is_safe(family: str, outcomes: Mapping[File, Outcome]) -> None:
    found = [
        f"{file.path}: {fault}"
        for file, article in _articles(outcomes, family).items()
        for fault in faults(article.content)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_not_refused_stays_as_it_is(family: str, outcomes: Mapping[File, Outcome], site: Site) -> None:
    addresses, found = Addresses(site.base_url), []
    for file, article in _articles(outcomes, family).items():
        assert isinstance(article.content, SafeHTML)
        page = addresses.article(article.slug)
        assert is_normalized("NFC", article.content), file.path
        again, _ = sanitize(article.content, page)
        if not again == article.content == thoroughly(article.content, page):
            found.append(f"{file.path}: {article.content!r} became {again!r}")
    assert not found, "\n".join(found)


def _articles(outcomes: Mapping[File, Outcome], family: str) -> dict[File, Article]:
    return {
        file: outcome
        for file, outcome in outcomes.items()
        if file.vector.family == family and isinstance(outcome, Article)
    }


def test_documents_of_all_vectors_parse(outcomes: Mapping[File, Outcome], site: Site) -> None:
    articles = [outcome for outcome in outcomes.values() if isinstance(outcome, Article)]
    feed = assemble(site, Slice(), articles, updated=START)
    documents = {suffix: format_.render(feed) for suffix, format_ in FORMATS.items()}
    assert [item["id"] for item in json.loads(documents["json"])["items"]] == [article.id for article in articles]
    for suffix, entry in (("rss", "item"), ("atom", "{http://www.w3.org/2005/Atom}entry")):
        expat.ParserCreate().Parse(documents[suffix], True)
        strict = etree.XMLParser(recover=False, resolve_entities=False, no_network=True, huge_tree=True)
        root = etree.fromstring(documents[suffix], strict)
        assert len(list(root.iter(entry))) == len(articles)
        assert not [node for node in root.iter() if not isinstance(node.tag, str)], "comments or instructions"
