"""Read RSS 2.0 and 1.0 and Atom 1.0: a draft for each entry. Ids stay, so subscribers see no entry twice. Pure."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from lxml import etree

from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Draft, Item, SkippedEntry
from feedsvc.importing.readers.feeds import blogger, entries
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader, text_of_html
from feedsvc.importing.readers.feeds.xml import (
    ATOM,
    CONTENT,
    DC,
    LANG,
    MEDIA,
    RSS_NAMESPACES,
    TERMS,
    Element,
    leaves,
    text_of,
    texts_of,
)
from feedsvc.importing.readers.pages.html import NOWHERE
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_MAIL: Final = re.compile(r"[^\s@]++@\S++ \((.+)\)")


def read_rss(source: str, root: Element, settings: ImportSettings) -> Iterator[Draft]:
    """Yield a draft for each item, in the order of the document."""
    _without_namespace(root)
    channel = root.find("channel")
    channel = root if channel is None else channel
    for number, item in enumerate(root.iter("item"), 1):
        yield _item(f"{source}#{number}", item, channel, settings)


def _without_namespace(root: Element) -> None:
    """Remove the namespaces of RSS 0.90 and 1.0, so that elements have the names of RSS 2.0."""
    for namespace in RSS_NAMESPACES:
        for element in root.iter(f"{namespace}*"):
            element.tag = etree.QName(element).localname


def _item(source: str, item: Element, channel: Element, settings: ImportSettings) -> Draft:
    reader = FieldReader(list(entries.why_draft(leaves(item))))
    is_draft = bool(reader.notes)
    base = _base(item) or resolve(text_of(channel, "link"), "invalid:", FETCH_SCHEMES)
    link = _absolute(text_of(item, "link", f"{ATOM}link") or _permalink(item), base)
    page = _base(item) or (link if entries.page_of(link) != NOWHERE else base) or NOWHERE
    own_language = text_of(item, f"{DC}language") or item.get(LANG)
    description = text_of(item, "description", f"{ATOM}summary")
    id_ = text_of(item, "guid", f"{ATOM}id") or item.get(_ABOUT, "")
    enclosures = tuple(_rss_enclosures(reader, item, page))
    image = _image(item, page)
    if image is None and not entries.is_own(id_, link, settings):
        image, enclosures = _without_picture(enclosures)
    labels = [(each.get("domain") or "", "".join(each.itertext())) for each in item.findall("category")]
    entry = Entry(
        source=source,
        title=entries.readable(text_of(item, "title", f"{DC}title")),
        link=link,
        home=text_of(channel, "link", f"{ATOM}link"),
        base=page,
        full=text_of(item, f"{CONTENT}encoded") or _html(item.find(f"{ATOM}content")),
        short=description,
        summary=entries.readable(description),
        published=(
            "pubDate",
            _numeric_zone(text_of(item, "pubDate", f"{DC}date", f"{ATOM}published", f"{TERMS}issued")),
        ),
        updated=("updated", text_of(item, f"{ATOM}updated", f"{TERMS}modified")),
        id=id_,
        authors=entries.people([*texts_of(item, f"{DC}creator"), *map(_name, texts_of(item, "author"))]),
        labels=[*labels, *(("", each) for each in texts_of(item, f"{DC}subject"))],
        image=image,
        enclosures=enclosures,
        language=own_language or text_of(channel, "language", f"{DC}language") or None,
        language_is_sure=bool(own_language),
        is_draft=is_draft,
    )
    return entries.draft_of(entry, reader, settings)


# RFC 822 §5.1: in this format, CST is the North American zone.
_ZONES: Final = {"UT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}


def _numeric_zone(date: str) -> str:
    before, _, zone = date.rpartition(" ")
    return f"{before} {_ZONES[zone]:+03}00" if zone in _ZONES else date


def _base(element: Element) -> str | None:
    """Return the xml:base of the element and its ancestors (XML Base §4)."""
    return resolve(element.base, "invalid:", FETCH_SCHEMES) if element.base else None


def _absolute(link: str, base: str | None) -> str:
    return resolve(link, base, FETCH_SCHEMES) or link if base else link


def _permalink(item: Element) -> str:
    """Return a guid that is an address. RSS 2.0: it is one unless it says otherwise."""
    guid = item.find("guid")
    is_link = guid is not None and guid.get("isPermaLink", "true") == "true"
    return text_of(item, "guid") if is_link and entries.page_of(text_of(item, "guid")) != NOWHERE else ""


_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def _name(author: str) -> str:
    """Return an author's name. RSS 2.0: an e-mail address with the name in brackets."""
    match = _MAIL.fullmatch(author)
    return match[1] if match else author


def _rss_enclosures(reader: FieldReader, item: Element, page: str) -> Iterator[Enclosure]:
    """Yield the <enclosure> elements, then those of Media RSS."""
    for each in [*item.findall("enclosure"), *item.iter(f"{MEDIA}content")]:
        if each.tag != "enclosure" and _is_picture(each):
            continue
        size = each.get("length") or each.get("fileSize") or ""
        title = text_of(each, f"{MEDIA}title")
        found = reader.enclosure(each.get("url") or "", each.get("type") or "", size, page, title)
        if found is not None:
            yield found


def _without_picture(enclosures: tuple[Enclosure, ...]) -> tuple[Image | None, tuple[Enclosure, ...]]:
    """Return the first enclosure that is a picture, and the others. Substack puts an article's picture there."""
    picture = next((each for each in enclosures if each.type.startswith("image/")), None)
    rest = tuple(each for each in enclosures if each is not picture)
    return (Image(url=picture.url) if picture else None), rest


def _is_picture(media: Element) -> bool:
    return media.get("medium") == "image" or (media.get("type") or "").startswith("image/")


def _image(item: Element, page: str) -> Image | None:
    for each in [*item.iter(f"{MEDIA}content"), *item.iter(f"{MEDIA}thumbnail")]:
        is_image = each.get("medium") == "image" or (each.get("type") or "image/").startswith("image/")
        url = resolve(each.get("url") or "", page, FETCH_SCHEMES) if is_image and each.get("url") else None
        if url:
            return Image(url=url, alt=plain(text_of(each, f"{MEDIA}title")))
    return None


def read_atom(source: str, root: Element, settings: ImportSettings) -> Iterator[Item]:
    """Yield a draft for each entry, in the order of the document; for Blogger's exports, for each post and page."""
    feed_people = tuple(_atom_people(root))
    for number, entry in enumerate(root.iter(f"{ATOM}entry"), 1):
        name, kind = f"{source}#{number}", blogger.kind_of(entry)
        if kind in blogger.ARTICLES:
            yield _entry(name, entry, root, feed_people, settings)
        else:
            yield SkippedEntry(name, kind)


def _entry(
    source: str, element: Element, feed: Element, feed_people: tuple[Person, ...], settings: ImportSettings
) -> Draft:
    reader = FieldReader()
    reasons = [*blogger.why_draft(element), *entries.why_draft(leaves(element))]
    reader.notes += reasons
    base = _base(element)
    link = _absolute(_link(element), base)
    content = element.find(f"{ATOM}content")
    page = (_base(content) if content is not None else None) or base or entries.page_of(link)
    short = element.find(f"{ATOM}summary")
    own_language = element.get(LANG) or (content.get(LANG) if content is not None else None)
    entry = Entry(
        source=source,
        title=_plain(element.find(f"{ATOM}title")),
        link=link,
        home=_absolute(_link(feed), _base(feed)),
        base=page,
        full=_html(content),
        short=_html(short),
        summary=_plain(short),
        published=("published", text_of(element, f"{ATOM}published") or text_of(element, f"{ATOM}updated")),
        updated=("updated", text_of(element, f"{ATOM}updated")),
        id=text_of(element, f"{ATOM}id"),
        authors=tuple(_atom_people(element)) or feed_people,
        labels=[
            _category(each, settings)
            for each in element.findall(f"{ATOM}category")
            if each.get("scheme") != blogger.KIND
        ],
        image=_image(element, page),
        enclosures=tuple(_atom_enclosures(reader, element, page)),
        language=own_language or feed.get(LANG),
        language_is_sure=bool(own_language),
        is_draft=bool(reasons),
    )
    return entries.draft_of(entry, reader, settings)


def _category(category: Element, settings: ImportSettings) -> tuple[str, str]:
    """Return scheme and label; the term if it is the name of a topic, or without a label (RFC 4287 §4.2.2)."""
    term, label = category.get("term") or "", category.get("label") or ""
    return category.get("scheme") or "", term if settings.topic_called(term) or not label else label


def _link(entry: Element) -> str:
    links = [each for each in entry.findall(f"{ATOM}link") if each.get("rel", "alternate") == "alternate"]
    return next((each.get("href", "") for each in links), "")


def _html(element: Element) -> str:
    """Return an Atom text construct or content as HTML (RFC 4287 §3.1.1, §4.1.3)."""
    if element is None:
        return ""
    kind = element.get("type", "text")
    if kind == "xhtml":
        # §3.1.1.3: it is in one <div>, which is not part of it.
        div = next(iter(element), None)
        inner = (
            [] if div is None else [escape(div.text or ""), *(etree.tostring(each, encoding="unicode") for each in div)]
        )
        return _without_prefixes("".join(inner))
    text = "".join(element.itertext())
    return (
        text if kind in ("html", "text/html") else f"<p>{escape(text.strip(), quote=False)}</p>" if text.strip() else ""
    )


def _without_prefixes(xhtml: str) -> str:
    return re.sub(r"(</?)[A-Za-z]+:", r"\1", re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", xhtml))


def _plain(element: Element) -> str:
    return text_of_html(_html(element))


def _atom_people(parent: Element) -> Iterator[Person]:
    for author in parent.findall(f"{ATOM}author"):
        name = plain(text_of(author, f"{ATOM}name"))
        if name:
            uri = resolve(text_of(author, f"{ATOM}uri"), "invalid:", FETCH_SCHEMES)
            yield Person(name=name, uri=uri, email=text_of(author, f"{ATOM}email") or None)


def _atom_enclosures(reader: FieldReader, entry: Element, page: str) -> Iterator[Enclosure]:
    for link in entry.findall(f"{ATOM}link"):
        if link.get("rel") != "enclosure":
            continue
        url, type_, size, title = (link.get(each) or "" for each in ("href", "type", "length", "title"))
        found = reader.enclosure(url, type_, size, page, title)
        if found is not None:
            yield found


def refuse_opml(_source: str, _root: Element, _desk: ImportSettings) -> Iterator[Draft]:
    """Raise ArticleError: an OPML document lists feeds."""
    raise ArticleError([Finding(message="an OPML list holds no articles (save the feeds it names, and import those)")])
