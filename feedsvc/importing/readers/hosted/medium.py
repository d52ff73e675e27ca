"""Read the export of Medium: a page with h-entry microformats for each story, below `posts/`. Pure."""

import posixpath
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedsvc.articles.limits import check_markup, with_few_attributes
from feedsvc.articles.metadata import fields
from feedsvc.importing.draft import Draft, FileNote, Item, SkippedEntry
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import FilesBeside
from feedsvc.model import Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_STORY: Final = re.compile(r"<article\b[^<>]*\bh-entry\b")
_EXPORTED: Final = re.compile(r"Exported from <a href=\"https://medium\.com\"")
# Its number ends the address of a story.
_NUMBER: Final = re.compile(r"-[0-9a-f]{8,12}$")
_ADDRESS: Final = re.compile(r"https://medium\.com/p/([0-9a-f]+)$")
# A friend link leads around the paywall, and only the author gives it away.
_FRIEND_LINK: Final = re.compile(r"[?&](?:sk=|source=friends_link\b)")
_UNLISTED: Final = re.compile(r"\bunlisted\b", re.IGNORECASE)
_PROFILE: Final = "profile/profile.html"
_PRE: Final = re.compile(r"<pre\b[^<>]*+>(?:(?!</?pre\b).)*+</pre>", re.DOTALL)
# Code that GitHub shows by a script.
_SCRIPT: Final = re.compile(r"<script\b[^<>]*+>\s*+</script>")
_GIST: Final = re.compile(r"\bsrc=\"(https://gist\.github\.com/[^\"<>]++)\"")
_BREAK: Final = re.compile(r"<br\s*/?>")


def link_to_code(script: re.Match[str]) -> str:
    """Return a link to the code that a script of GitHub shows; another script as it is."""
    found = _GIST.search(script[0])
    url = found[1].partition(".js")[0] if found else ""
    return f'<a href="{url}">{url}</a>' if url else script[0]


def is_story(html: str, *, is_named: bool = False) -> bool:
    """Return whether a page is a story in an export. `is_named` says that the person who imports names Medium."""
    return _STORY.search(html) is not None and (is_named or _EXPORTED.search(html) is not None)


def is_list(beside: FilesBeside) -> bool:
    """Return whether a page of an export is none of the stories: profile, bookmarks, claps and other lists."""
    folder, name = posixpath.split(beside.folder)
    roots = (beside.folder, folder)
    return name != "posts" and any(beside.files.has(posixpath.join(root, _PROFILE)) for root in roots)


def read_story(source: str, html: str, settings: ImportSettings) -> Iterator[Item]:
    """Yield the draft of a story, or that it is a response to a story of somebody else.

    Raises ArticleError if it is over a limit.
    """
    html = _SCRIPT.sub(link_to_code, _PRE.sub(lambda pre: _BREAK.sub("\n", pre[0]), html))
    html = with_few_attributes(html)
    check_markup(html)
    page = LexborHTMLParser(html)

    def text_of(selector: str) -> str:
        node = page.css_first(selector)
        return plain(node.text(deep=True, separator=" ")) if node else ""

    def address_of(selector: str) -> str:
        node = page.css_first(selector)
        return (node.attributes.get("href") or "") if node else ""

    title, summary, body = text_of(".p-name"), text_of(".p-summary"), page.css_first(".e-content")
    if body is None or _is_response(body, title):
        yield FileNote(source, "a response to another story, left out (copy its text, if it is an article)")
        yield SkippedEntry(source, "response")
        return
    _remove_wrappers(body, (title, summary))
    time, author, canonical = page.css_first("time.dt-published"), text_of(".p-author"), address_of(".p-canonical")
    written_by = address_of(".p-author")
    links = [node.attributes.get("href") or "" for node in page.css("footer a")]
    id_ = next(filter(_ADDRESS.fullmatch, links), "")
    is_draft = time is None or posixpath.basename(source).startswith("draft_")
    is_unlisted = _UNLISTED.search(text_of("footer")) or any(map(_FRIEND_LINK.search, (canonical, *links)))
    kind = "a draft" if is_draft else "unlisted" if is_unlisted else ""
    reasons = [f"Medium exports it as {kind}: made a draft (remove draft: true to publish it)"] if kind else []
    entry = Entry(
        source=source,
        title=title,
        base=canonical or None,
        full=body.inner_html or "",
        summary=summary,
        published=("dt-published", (time.attributes.get("datetime") or "") if time else ""),
        id=id_,
        slug=entries.slug_of(_NUMBER.sub("", urlsplit(canonical).path)) if canonical else None,
        authors=(Person(name=author, uri=resolve(written_by, "invalid:", FETCH_SCHEMES)),) if author else (),
        is_draft=bool(reasons),
    )
    yield _with_address(entries.draft_of(entry, FieldReader(reasons), settings), canonical, settings.site.base_url)


def _with_address(draft: Draft, canonical: str, base_url: str) -> Draft:
    """Return the draft with the address of its story: an old address if it is on our host, else canonical.

    For a story on Medium's own host, `import --canonical` decides.
    """
    host = urlsplit(canonical).hostname or ""
    with suppress(ValueError):
        if host and host == urlsplit(base_url).hostname:
            return replace(draft, old_addresses=fields.aliases([canonical], base_url))
        if host and host != "medium.com" and not host.endswith(".medium.com"):
            draft = replace(draft, canonical=fields.url(canonical))
    return replace(draft, link=canonical or None)


def _remove_wrappers(body: LexborNode, shown_above: tuple[str, str]) -> None:
    """Remove the title and subtitle that Medium repeats, the line above the first section, and elements around text."""
    for node in body.css(".graf--title, .graf--subtitle"):
        if plain(node.text(deep=True, separator=" ")) in shown_above:
            node.decompose()
    if divider := body.css_first(".section-divider"):
        divider.decompose()
    # Each paragraph has an id, of which only links within the text make use.
    targets = {(node.attributes.get("href") or "")[1:] for node in body.css('a[href^="#"]')}
    for node in body.css("[id]"):
        if node.attributes["id"] not in targets:
            del node.attrs["id"]
    for node in body.css("a.mixtapeImage"):
        node.decompose()
    # The inner before the outer.
    for node in reversed(body.css("section.section, div.section-divider, .section-content, .section-inner")):
        node.unwrap()


def _is_response(body: LexborNode, title: str) -> bool:
    """Return whether a story is a response: it has no title, and Medium takes the beginning of its text for one."""
    first = body.css_first(".graf")
    beginning = title.rstrip("…").rstrip()
    return (
        bool(beginning)
        and body.css_first(".graf--title, h1, h2, h3, h4") is None
        and first is not None
        and plain(first.text(deep=True, separator=" ")).startswith(beginning)
    )
