"""What must hold whatever goes in: only refusals are raised, and the three documents parse and say the same."""

import json
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any, Final
from unicodedata import is_normalized
from xml.parsers import expat

from lxml import etree

from feedsvc.articles.html.sanitize import sanitize
from feedsvc.articles.read import read_article
from feedsvc.errors import ArticleError, ConfigError
from feedsvc.feeds.feed import assemble
from feedsvc.feeds.formats import FORMATS
from feedsvc.model import Article, Site
from feedsvc.site.site_toml import load_site
from feedsvc.slices.slice import Slice
from feedsvc.urls import Addresses
from tests.articles.thorough import thoroughly
from tests.conftest import START
from tests.feeds.cases import SITE, article

# A refusal that no file needs, as far as anyone knows.
RESTLESS: Final = "its HTML changes each time it is sanitized"
ATOM: Final = "{http://www.w3.org/2005/Atom}"
CONTENT: Final = "{http://purl.org/rss/1.0/modules/content/}encoded"


def judge_article(name: str, data: bytes) -> str:
    """Why the article file `name` is refused, else its content. Asserts that it is published well."""
    try:
        made = read_article(f"articles/{name}", data, SITE, lambda _path: None).article
    except ArticleError as error:
        return _reason(error)
    page = Addresses(SITE.base_url).article(made.slug)
    assert is_normalized("NFC", made.content)
    assert sanitize(made.content, page)[0] == thoroughly(made.content, page) == made.content
    _judge_documents(SITE, made)
    return made.content


def _reason(error: ArticleError) -> str:
    assert RESTLESS not in str(error)
    return str(error)


def judge_site(folder: Path, data: bytes) -> str:
    """Why `data` is refused as a site.toml in `folder`, else "". Asserts that its feeds are well."""
    (folder / "site.toml").write_bytes(data)
    try:
        site = load_site(folder, None, "http://127.0.0.1:8000")
    except ConfigError as error:
        return str(error)
    made = article("any", topics=(site.topics[0].name,), authors=site.authors, language=site.language)
    _judge_documents(site, made)
    return ""


def _judge_documents(site: Site, made: Article) -> None:
    for slice_ in (Slice(), Slice(made.topics[0])):
        feed = assemble(site, slice_, [made], updated=START)
        documents = {suffix: format_.render(feed) for suffix, format_ in FORMATS.items()}
        atom, rss = _xml(documents["atom"]), _xml(documents["rss"])
        (entry,), (item,) = atom.iter(f"{ATOM}entry"), rss.iter("item")
        json_feed = json.loads(documents["json"].decode("utf-8").replace("<\u2060", "<"))
        (json_item,) = json_feed["items"]
        assert _titles(atom, rss, json_feed) == {feed.title}
        assert _titles(entry, item, json_item) == {made.title}
        content = json_item["content_html"]
        assert (entry.findtext(f"{ATOM}content") or "") == content
        assert not content or content in (item.findtext(CONTENT), item.findtext("description"))


def _titles(atom: etree._Element, rss: etree._Element, json_: Mapping[str, Any]) -> set[str]:
    title = atom.find(f"{ATOM}title")
    assert title is not None
    text = title.text or ""
    in_rss = rss.findtext("title") or rss.findtext("channel/title") or ""
    return {unescape(text) if title.get("type") == "html" else text, unescape(in_rss), json_["title"]}


def _xml(document: bytes) -> etree._Element:
    """Its root, as two strict parsers have it."""
    expat.ParserCreate().Parse(document, True)
    strict = etree.XMLParser(recover=False, resolve_entities=False, no_network=True, huge_tree=True)
    return etree.fromstring(document, strict)
