"""Render a feed as Atom 1.0 (RFC 4287) with tombstones (RFC 6721): by feedgen and an extension that completes it."""

from typing import Final

from feedsvc.articles.metadata.shown_fields import as_texts, extras
from feedsvc.feeds.elements import (
    HISTORY,
    Element,
    add,
    add_extra,
    add_history,
    cut,
    inert,
    readable,
)
from feedsvc.feeds.feed import Feed
from feedsvc.feeds.feedgen_adapter import EntryExtension, FeedExtension, generator
from feedsvc.feeds.format import Format, Parts
from feedsvc.model import Person
from feedsvc.offsets import rfc3339

TOMBSTONES: Final = "http://purl.org/atompub/tombstones/1.0"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def _parts(feed: Feed) -> Parts:
    made = generator(feed, AtomFeedExtension, AtomEntryExtension, links=False)
    made.language(feed.language)
    made.link(href=feed.self_url(ATOM_FEED.suffix), rel="self", type=ATOM_FEED.media_type)
    made.link(href=feed.home_url, rel="alternate", type="text/html")
    for person in feed.authors:
        made.author(_person(person))
    if feed.icon:
        made.icon(feed.icon)
    if feed.logo:
        made.logo(feed.logo)
    return cut(made.atom_str(), b"<entry ", b"</feed>")


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
    """Adds language, people, categories, dates, and links with all attributes; feedgen keeps only `href`."""

    def extend_atom(self, element: Element) -> Element:
        """Complete an `entry`."""
        article = self.entry.article
        # One pass is faster than a search for each name.
        made = {child.tag: child for child in element}
        _declare_html(made["title"], made.get("summary"))
        element.set(_LANG, article.language)
        made["updated"].text = rfc3339(article.updated, article.updated_offset)
        add(element, "published", rfc3339(article.published, article.published_offset))
        for person in article.authors:
            author = add(element, "author")
            for name, text in _person(person).items():
                add(author, name, text)
        for category in self.entry.categories:
            term, label = inert(category.term), inert(category.label)
            add(element, "category", term=term, scheme=category.scheme, label=label)
        if (link := made.get("link")) is not None:
            element.remove(link)
        add(element, "link", rel="alternate", href=self.entry.url, type="text/html", hreflang=article.language)
        for other in self.entry.translations:
            title, related = inert(other.title), {"type": "text/html", "hreflang": other.language}
            add(element, "link", rel="related", href=other.url, **related, title=title)
        for each in article.enclosures:
            size, title = str(each.length or ""), inert(each.title)
            add(element, "link", rel="enclosure", href=each.url, type=each.type, length=size, title=title)
        for field, value in extras(article):
            for text in as_texts(value):
                add_extra(element, field.shown.atom, text)
        return element


def _declare_html(*texts: Element | None) -> None:
    """Send what looks like HTML as HTML, so that readers which ignore `type` show the same (RFC 4287 §3.1.1)."""
    for element in texts:
        if element is None:
            continue
        text = element.text
        html = readable(text)
        if html != text:
            element.text = html
            element.set("type", "html")
