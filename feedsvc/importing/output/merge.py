"""Compare an imported article with the existing one, and merge the two. Pure.

A field that the source does not have is not a difference, and stays: feeds have no aliases, and no source has the path
of an image's file.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from urllib.parse import quote

from feedsvc import routes
from feedsvc.articles.markup import READERS
from feedsvc.articles.metadata.front_matter_writer import file_of
from feedsvc.articles.metadata.registry import FIELDS
from feedsvc.articles.metadata.shown_fields import lead_figure
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.output.article_file import ArticleFile, fields_of
from feedsvc.importing.output.existing import ExistingFile
from feedsvc.importing.output.html_to_markdown import content_tokens
from feedsvc.model import Article, Site

# An address of this machine means the site, at every port.
_LOOPBACK: Final = re.compile(r"https?://(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?(?=[/\"])")


def differences(existing: ExistingFile, article_file: ArticleFile, site: Site) -> tuple[str, ...]:
    """Return the fields in which the existing article differs from the imported one; empty if there are none."""
    if existing.data == article_file.data and not article_file.media:
        return ()
    if existing.parsed is None:
        return ("all of it",)
    said = fields_of(article_file.completed, site.timezone).keys() - article_file.completed.proposed
    ours, theirs = existing.parsed.article, article_file.article
    # The article was found by its id, and keeps it.
    compared = [each for name, each in FIELDS.items() if name in said and name not in ("id", "draft")]
    found = [
        each.name
        for each in compared
        if not (
            same(ours, theirs) if (same := _COMPARED.get(each.name)) else each.value_in(ours) == each.value_in(theirs)
        )
    ]
    # The other direction is named by `Placement.stays_draft`: an import publishes nothing that is there already.
    if "draft" in said and not existing.is_draft:
        found.append("draft")
    # In feeds, an image with a caption is at the beginning of the content.
    own = {ours.content, f"{lead_figure(ours)}{ours.content}"}
    if theirs.content not in own and _shape(theirs.content, site) not in [_shape(each, site) for each in own]:
        found.append("text")
    return tuple(found)


def _shape(content: str, site: Site) -> list[str]:
    return content_tokens(_LOOPBACK.sub(site.base_url, content))


def _folded(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.casefold() for text in texts)


def _path(url: str) -> str:
    """Return a URL for comparing: our own media may have been served at another address."""
    return _LOOPBACK.sub("", url).rpartition(routes.MEDIA.prefix)[2]


def _same_people(ours: Article, theirs: Article) -> bool:
    """Compare names, and addresses only if the source has them: RSS and JSON Feed have fewer."""
    return [each.name for each in ours.authors] == [each.name for each in theirs.authors] and all(
        their.uri in (None, our.uri) and their.email in (None, our.email)
        for our, their in zip(ours.authors, theirs.authors, strict=True)
    )


# The fields for which other values count as the same, too.
_COMPARED: Final[Mapping[str, Callable[[Article, Article], bool]]] = {
    # Feeds do not have this field.
    "expires": lambda a, b: b.expires in (None, a.expires),
    # JSON Feed has one list for topics and tags.
    "tags": lambda a, b: _folded(b.tags) <= _folded((*a.tags, *a.topics)),
    "authors": _same_people,
    # Feeds do not have captions.
    "image": lambda a, b: _url_of(a) == _url_of(b) and _caption_of(b) in ("", _caption_of(a)),
    "enclosure": lambda a, b: {_path(each.url) for each in b.enclosures} <= {_path(each.url) for each in a.enclosures},
    "aliases": lambda a, b: set(b.aliases) <= set(a.aliases),
}


def _url_of(article: Article) -> str:
    return _path(article.image.url) if article.image else ""


def _caption_of(article: Article) -> str:
    return article.image.caption if article.image else ""


def revised(existing: ExistingFile, article_file: ArticleFile, site: Site, front_matter: str) -> bytes:
    """Return the existing file with the fields that differ replaced by the imported ones, in its own format.

    Raises ArticleError if its format cannot hold the text.
    """
    differs = differences(existing, article_file, site)
    written: Mapping[str, Any] = existing.front.fields if existing.front else {}
    said = fields_of(article_file.completed, site.timezone)
    # An equal field stays as it is written: a file beside the article instead of its public address.
    fields = {name: written.get(name, value) if name not in differs else value for name, value in said.items()}
    fields |= {name: value for name, value in written.items() if name not in fields}
    if "all of it" in differs:
        fields = {**written, **said}
    if existing.is_draft:
        fields.setdefault("draft", True)
    same_text = existing.front is not None and existing.parsed is not None and "text" not in differs
    body = existing.front.body if same_text and existing.front else _body(existing, article_file)
    for name in [each for each in fields if each == "draft" or each not in FIELDS]:
        # Front matter is read with all scalars as texts.
        if fields[name] in ("true", "false"):
            fields[name] = fields[name] == "true"
    kind = "toml" if existing.data.removeprefix(b"\xef\xbb\xbf").startswith(b"+++") else front_matter
    return file_of(fields, body, kind)


def _body(existing: ExistingFile, article_file: ArticleFile) -> str:
    """Return the text of the imported article in the existing file's format. Raises ArticleError for plain text."""
    markdown = article_file.completed.draft.body
    # Files beside the article keep their own names.
    for path, name in (existing.parsed.asked if existing.parsed else {}).items():
        if name:
            own = quote(posixpath.relpath(path, posixpath.dirname(existing.name)))
            markdown = own.join(re.split(rf"https?://[^/\s()<>\"]+/media/{re.escape(name)}", markdown))
    if existing.suffix in (".md", ".markdown"):
        return f"\n{markdown}\n"
    if existing.suffix in (".html", ".htm"):
        return f"\n{READERS['.md'](markdown)}"
    message = (
        f"{existing.path} is plain text, which holds no headings, lists or links "
        f"(rename it to {existing.path.with_suffix('.md').name} and import again)"
    )
    raise ArticleError([Finding(message=message)])
