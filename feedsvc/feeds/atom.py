"""Render a feed as Atom 1.0 (RFC 4287) with tombstones (RFC 6721): by feedgen and an extension that completes it."""

from dataclasses import replace
from functools import lru_cache
from typing import Final

from feedsvc.articles.metadata.shown_fields import as_texts, extras
from feedsvc.feeds.elements import (
    HISTORY,
    MODULES,
    Element,
    add,
    add_history,
    cut,
    inert,
    readable,
)
from feedsvc.feeds.feed import Category, Entry, Feed
from feedsvc.feeds.feedgen_adapter import EntryExtension, FeedExtension, generator
from feedsvc.feeds.format import Format, Parts
from feedsvc.feeds.xml_text import PLACEHOLDER, XmlText, completed
from feedsvc.model import Person
from feedsvc.offsets import rfc3339

TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
_XML: Final = XmlText()


def _parts(feed: Feed) -> Parts:
    contents = [entry.content for entry in feed.entries]
    made = generator(feed, AtomFeedExtension, AtomEntryExtension)
    made.language(feed.language)
    made.link(href=feed.self_url(ATOM_FEED.suffix), rel="self", type=ATOM_FEED.media_type)
    made.link(href=feed.home_url, rel="alternate", type="text/html")
    for person in feed.authors:
        made.author(_person(person))
    if feed.icon:
        made.icon(feed.icon)
    if feed.logo:
        made.logo(feed.logo)
    for entry, content in zip(feed.entries, contents, strict=True):
        added = made.add_entry(order="append")
        added.feedsvc.entry = entry
        added.id(feed.uri(entry.article.id))
        added.title(entry.article.title)
        if content:
            added.content(PLACEHOLDER, type="html")
        else:
            # feedgen demands one of the two.
            added.link(href=entry.url, rel="alternate")
        if summary := entry.summary:
            added.summary(summary)
    parts = cut(made.atom_str(), b"<entry>", b"</feed>")
    return replace(parts, entries=list(map(completed_entry, parts.entries, feed.entries, contents)))


def completed_entry(rendered: bytes, entry: Entry, content: str) -> bytes:
    """Return an entry with its content, and with people, dates, categories, links and further fields."""
    article = entry.article
    # A date has no character that XML escapes.
    children = [f"<published>{rfc3339(article.published, article.published_offset)}</published>"]
    children += [*map(author_element, article.authors), *map(category_element, entry.categories)]
    page = {"type": "text/html", "hreflang": article.language}
    children.append(_XML.element("link", rel="alternate", href=entry.url, **page))
    for other in entry.translations:
        page = {"type": "text/html", "hreflang": other.language}
        children.append(_XML.element("link", rel="related", href=other.url, **page, title=inert(other.title)))
    for each in article.enclosures:
        size, title = str(each.length or ""), inert(each.title)
        children.append(_XML.element("link", rel="enclosure", href=each.url, type=each.type, length=size, title=title))
    for field, value in extras(article):
        prefix = field.shown.atom.partition(":")[0] if ":" in field.shown.atom else ""
        # feedgen's document declares the prefixes of the feed's own elements only.
        declared = {f"xmlns:{prefix}": MODULES[prefix]} if prefix else {}
        for text in as_texts(value) if field.shown.atom else ():
            children.append(_XML.element(field.shown.atom, inert(text), **declared))
    opened = opening_tag(article.language) + rendered.removeprefix(b"<entry>")
    return completed(opened, b"</entry>", "".join(children), b'<content type="html">', _XML.long_data(content))


@lru_cache(256)
def opening_tag(language: str) -> bytes:
    """Return the opening tag of an entry in a language."""
    return f"{_XML.element('entry', **{'xml:lang': language}).removesuffix('/>')}>".encode()


# The entries of a feed have the same few authors and categories.
@lru_cache(1024)
def author_element(person: Person) -> str:
    """Return the element of an author of an entry."""
    parts = [_XML.element(name, text) for name, text in _person(person).items()]
    return f"<author>{''.join(parts)}</author>"


@lru_cache(1024)
def category_element(category: Category) -> str:
    """Return the element of a category of an entry."""
    term, label = inert(category.term), inert(category.label)
    return _XML.element("category", term=term, scheme=category.scheme, label=label)


# An id that is not a URI becomes one with the site's tag authority.
ATOM_FEED: Final = Format(
    suffix="atom",
    name="Atom",
    media_type="application/atom+xml",
    carries_tombstones=True,
    separator=b"",
    parts=_parts,
    beside=lambda feed, _entry: feed.tag_authority,
)


def _person(person: Person) -> dict[str, str]:
    given = {"name": inert(person.name), "uri": person.uri, "email": inert(person.email or "")}
    return {key: value for key, value in given.items() if value}


class AtomFeedExtension(FeedExtension):
    """Completes the feed. Elements have no namespace in feedgen's tree (`xmlns` is an attribute), so ours have none."""

    def extend_ns(self) -> dict[str, str]:
        """Return the prefixes for tombstones, archives and changes, if the feed has any."""
        ours = {"feedsvc": self.feed.addresses.extension} if self.feed.changes and self.feed.changes.gone else {}
        return (
            ours
            | ({"at": TOMBSTONES} if self.feed.tombstones else {})
            | ({"fh": HISTORY} if self.feed.chain.own else {})
        )

    def extend_atom(self, feed: Element) -> Element:
        """Add RFC 3339 dates with Z, typed texts, and the tombstones before the entries."""
        _declare_html(*feed.iterchildren("title", "subtitle", "rights"))
        # feedgen writes the time of the call.
        feed.find("updated").text = rfc3339(self.feed.updated)
        for hub in self.feed.hubs:
            add(feed, "link", rel="hub", href=hub)
        links = self.feed.archive_links(ATOM_FEED.suffix)
        add_history(feed, "link", links, is_archive=bool(self.feed.chain.own))
        if changes := self.feed.changes:
            if changes.more:
                add(feed, "link", rel="next", href=self.feed.next_changes(ATOM_FEED.suffix))
            # They left the slice and may still be published, so these are no tombstones.
            removed = f"{{{self.feed.addresses.extension}}}removed"
            for stone in changes.gone:
                add(feed, removed, ref=self.feed.uri(stone.id), when=rfc3339(stone.at))
        for stone in self.feed.tombstones:
            add(feed, f"{{{TOMBSTONES}}}deleted-entry", ref=self.feed.uri(stone.id), when=rfc3339(stone.at))
        return feed


class AtomEntryExtension(EntryExtension):
    """Corrects what feedgen writes of an entry: the date, and texts that look like HTML."""

    def extend_atom(self, element: Element) -> Element:
        """Correct an `entry`."""
        article = self.entry.article
        # The order is id, title, updated. A search for each name takes longer, and most texts do not look like HTML.
        element[2].text = rfc3339(article.updated, article.updated_offset)
        if any(readable(text) != text for text in (article.title, self.entry.summary)):
            _declare_html(*element.iterchildren("title", "summary"))
        # feedgen keeps only `href`.
        for link in () if self.entry.content else element.findall("link"):
            element.remove(link)
        return element


def _declare_html(*texts: Element) -> None:
    """Send what looks like HTML as HTML, so that readers which ignore `type` show the same (RFC 4287 §3.1.1)."""
    for element in texts:
        text = element.text
        html = readable(text)
        if html != text:
            element.text = html
            element.set("type", "html")
