"""Read JSON: the items of JSON Feed 1.0 and 1.1, or the posts of an export of Ghost or Tumblr. Pure."""

from collections.abc import Iterator, Mapping
from functools import partial
from html import escape
from typing import Any, Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Draft, Item
from feedsvc.importing.readers.decoding import without_escapes
from feedsvc.importing.readers.feeds import entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader
from feedsvc.importing.readers.hosted import ghost, tumblr
from feedsvc.importing.settings import ImportSettings
from feedsvc.importing.source_files import NO_FILES, FilesBeside
from feedsvc.model import Image, Person
from feedsvc.syntax.nesting import load_json
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

Table = Mapping[str, Any]
# JSON Feed's own fields, which say something else: `url` is no flag.
_TEXTS: Final = ("id", "url", "title", "content_html", "content_text", "summary", "tags", "attachments", "authors")


def read_json(source: str, text: str, settings: ImportSettings, beside: FilesBeside = NO_FILES) -> Iterator[Item]:
    """Yield a draft for each item or post, in the order of the document. Raises ArticleError if it is of another kind.

    `beside` are the files to which an export refers.
    """
    try:
        document = load_json(text)
    except ValueError as error:
        raise ArticleError([Finding(message=f"not JSON: {error} (correct the file)")]) from error
    if ghost.is_ghost(document):
        yield from ghost.read_ghost(source, document, settings, beside)
        return
    if posts := tumblr.posts_in(document):
        yield from tumblr.read_posts(source, posts, settings, beside)
        return
    if not isinstance(document, dict) or not isinstance(document.get("items"), list):
        what = 'a JSON Feed: it has no "items" (https://www.jsonfeed.org/version/1.1/)'
        raise ArticleError([Finding(message=f"not {what}, and no export of Ghost or Tumblr")])
    for number, item in enumerate(document["items"], 1):
        if isinstance(item, dict):
            name = f"{source}#{number}"
            yield entries.guarded(name, partial(_item, name, item, document, settings))


def _item(source: str, item: Table, document: Table, settings: ImportSettings) -> Draft:
    said = [(key, _value(value)) for key, value in item.items() if key not in _TEXTS]
    # What the feed says counts where it means nothing else.
    of_feed = {key: _value(value) for key, value in document.items() if key not in (*_TEXTS, "items", "expired")}
    reader = FieldReader(list(entries.draft_reasons([*said, ("of-the-feed", of_feed)])))
    is_draft = bool(reader.notes)
    link = _text(item, "url")
    page = entries.page_of(link)
    picture = _text(item, "image") or _text(item, "banner_image")
    image = resolve(picture, page, FETCH_SCHEMES) if picture else None
    extension = item.get("_feedsvc")
    # The topics of our own items are in our extension. Their tags then have a scheme that tells them from topics.
    topics = _list(extension, "topics") if isinstance(extension, dict) else []
    scheme = f"tag:{settings.site.tag_authority}:tags" if topics else ""
    enclosures = []
    for each in _list(item, "attachments"):
        if isinstance(each, dict):
            url, type_, size, title = (_text(each, key) for key in ("url", "mime_type", "size_in_bytes", "title"))
            enclosures.append(reader.enclosure(url, type_, size, page, title))
    entry = Entry(
        source=source,
        title=plain(_text(item, "title")),
        link=link,
        home=_text(document, "home_page_url") or _text(document, "feed_url"),
        full=_text(item, "content_html") or _paragraphs(_text(item, "content_text")),
        short=_paragraphs(_text(item, "summary")),
        summary=plain(_text(item, "summary")),
        published=("date_published", _text(item, "date_published")),
        updated=("date_modified", _text(item, "date_modified")),
        id=_text(item, "id"),
        authors=tuple(_people(item)) or tuple(_people(document)),
        labels=[
            *(("", _text(each, "title")) for each in topics if isinstance(each, dict)),
            *((scheme, each) for each in _list(item, "tags") if isinstance(each, str)),
        ],
        image=Image(url=image) if image else None,
        enclosures=tuple(each for each in enclosures if each is not None),
        language=_text(item, "language") or _text(document, "language") or None,
        language_is_sure=bool(_text(item, "language")),
        is_draft=is_draft,
        said=said,
    )
    return entries.draft_of(entry, reader, settings)


def _value(value: Any) -> Value:
    if isinstance(value, dict):
        return {str(key): _value(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_value(each) for each in value]
    return "" if value is None else str(value)


def _text(table: Table, key: str) -> str:
    """Return a text. Version 1.0 allows numbers as ids."""
    value = table.get(key)
    return without_escapes(value).strip() if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _list(table: Table, key: str) -> list[Any]:
    value = table.get(key)
    return value if isinstance(value, list) else []


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(each, quote=False)}</p>" for each in text.split("\n\n") if each.strip())


def _people(table: Table) -> Iterator[Person]:
    for author in [*_list(table, "authors"), table.get("author")]:
        name = plain(_text(author, "name")) if isinstance(author, dict) else ""
        if name:
            yield Person(name=name, uri=resolve(_text(author, "url"), "invalid:", FETCH_SCHEMES))
