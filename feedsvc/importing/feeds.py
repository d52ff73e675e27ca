"""RSS 2.0 and 1.0, Atom 1.0 → a draft for each entry. Pure. Ids are kept, so that subscribers see nothing twice."""

import re
from collections.abc import Iterator
from html import escape
from typing import Final

from lxml import etree

from feedsvc.errors import ArticleError, Finding
from feedsvc.importing import entries
from feedsvc.importing.desk import Desk
from feedsvc.importing.draft import Draft
from feedsvc.importing.entries import Said
from feedsvc.importing.markdown import plain_text
from feedsvc.importing.xml import ATOM, CONTENT, DC, LANG, MEDIA, RSS1, TERMS, Element, text_of, texts_of
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_MAIL: Final = re.compile(r"\S+@\S+ \((.+)\)")


def read_rss(source: str, root: Element, desk: Desk) -> Iterator[Draft]:
    """A draft for each item, in the document's order."""
    channel = root.find("channel")
    channel = root if channel is None else channel
    language = text_of(channel, "language", f"{DC}language") or None
    items = [*root.iter("item", f"{RSS1}item")]
    for number, item in enumerate(items, 1):
        _without_namespace(item)
        yield _item(f"{source}#{number}", item, language, desk)


def _without_namespace(item: Element) -> None:
    """RSS 1.0's own elements have a namespace; their names are those of 2.0."""
    for child in item.iterchildren(f"{RSS1}*"):
        child.tag = etree.QName(child).localname


def _item(source: str, item: Element, language: str | None, desk: Desk) -> Draft:
    said = Said()
    link = text_of(item, "link", f"{ATOM}link")
    page = entries.page_of(link)
    full = text_of(item, f"{CONTENT}encoded")
    description = text_of(item, "description")
    blocks, _, disclosure = entries.content(full or description, page)
    labels = [(each.get("domain") or "", "".join(each.itertext())) for each in item.findall("category")]
    topics, tags = entries.sorted_labels([*labels, *(("", each) for each in texts_of(item, f"{DC}subject"))], desk)
    own_language = text_of(item, f"{DC}language") or item.get(LANG) or language
    return Draft(
        source=source,
        title=entries.title_or_beginning(entries.readable(text_of(item, "title")), blocks),
        blocks=blocks,
        summary=entries.readable(description) if full and description else "",
        published=said.date("pubDate", text_of(item, "pubDate", f"{DC}date", f"{ATOM}published"), desk.date),
        updated=said.moment("updated", text_of(item, f"{ATOM}updated", f"{TERMS}modified"), desk.date),
        id=said.id(text_of(item, "guid", f"{ATOM}id") or item.get(_ABOUT, "") or link, desk),
        slug=entries.slug_of(link),
        authors=entries.people([*texts_of(item, f"{DC}creator"), *map(_name, texts_of(item, "author"))]),
        topics=topics,
        tags=tags,
        image=_image(item, page),
        enclosures=tuple(_rss_enclosures(said, item, page)),
        language=own_language,
        language_is_sure=own_language is not None,
        disclosure=disclosure,
        notes=tuple(said.notes),
    )


_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def _name(author: str) -> str:
    """RSS 2.0: an e-mail address, with the name behind it in brackets."""
    match = _MAIL.fullmatch(author)
    return match[1] if match else author


def _rss_enclosures(said: Said, item: Element, page: str) -> Iterator[Enclosure]:
    """<enclosure>, then what Media RSS adds."""
    for each in [*item.findall("enclosure"), *item.iter(f"{MEDIA}content")]:
        if each.get("medium") == "image" or (each.get("type") or "").startswith("image/"):
            continue
        size = each.get("length") or each.get("fileSize") or ""
        found = said.enclosure(each.get("url") or "", each.get("type") or "", size, page)
        if found is not None:
            yield found


def _image(item: Element, page: str) -> Image | None:
    for each in [*item.iter(f"{MEDIA}content"), *item.iter(f"{MEDIA}thumbnail")]:
        is_image = each.get("medium") == "image" or (each.get("type") or "image/").startswith("image/")
        url = resolve(each.get("url") or "", page, FETCH_SCHEMES) if is_image and each.get("url") else None
        if url:
            return Image(url=url, alt=plain(text_of(each, f"{MEDIA}title")))
    return None


def read_atom(source: str, root: Element, desk: Desk) -> Iterator[Draft]:
    """A draft for each entry, in the document's order."""
    feed_people = tuple(_atom_people(root))
    for number, entry in enumerate(root.iter(f"{ATOM}entry"), 1):
        yield _entry(f"{source}#{number}", entry, root.get(LANG), feed_people, desk)


def _entry(source: str, entry: Element, language: str | None, feed_people: tuple[Person, ...], desk: Desk) -> Draft:
    said = Said()
    link = _link(entry)
    page = entries.page_of(link)
    html = _html(entry.find(f"{ATOM}content"))
    blocks, _, disclosure = entries.content(html or _html(entry.find(f"{ATOM}summary")), page)
    summary = _plain(entry.find(f"{ATOM}summary")) if html else ""
    labels = [_category(each, desk) for each in entry.findall(f"{ATOM}category")]
    topics, tags = entries.sorted_labels(labels, desk)
    own_language = entry.get(LANG) or language
    published = text_of(entry, f"{ATOM}published") or text_of(entry, f"{ATOM}updated")
    return Draft(
        source=source,
        title=entries.title_or_beginning(_plain(entry.find(f"{ATOM}title")), blocks),
        blocks=blocks,
        summary=summary,
        published=said.date("published", published, desk.date),
        updated=said.moment("updated", text_of(entry, f"{ATOM}updated"), desk.date),
        id=said.id(text_of(entry, f"{ATOM}id") or link, desk),
        slug=entries.slug_of(link),
        authors=tuple(_atom_people(entry)) or feed_people,
        topics=topics,
        tags=tags,
        image=_image(entry, page),
        enclosures=tuple(_atom_enclosures(said, entry, page)),
        language=own_language,
        language_is_sure=own_language is not None,
        disclosure=disclosure,
        notes=tuple(said.notes),
    )


def _category(category: Element, desk: Desk) -> tuple[str, str]:
    """Scheme and label; the term where it is the name of a topic or there is no label (RFC 4287 §4.2.2)."""
    term, label = category.get("term") or "", category.get("label") or ""
    return category.get("scheme") or "", term if desk.topic_called(term) or not label else label


def _link(entry: Element) -> str:
    links = [each for each in entry.findall(f"{ATOM}link") if each.get("rel", "alternate") == "alternate"]
    return next((each.get("href", "") for each in links), "")


def _html(element: Element) -> str:
    """An Atom text construct or content as HTML (RFC 4287 §3.1.1, §4.1.3)."""
    if element is None:
        return ""
    kind = element.get("type", "text")
    if kind == "xhtml":
        inner = [etree.tostring(child, encoding="unicode", with_tail=False) for child in element]
        return _without_prefixes("".join(inner))
    text = "".join(element.itertext())
    return (
        text if kind in ("html", "text/html") else f"<p>{escape(text.strip(), quote=False)}</p>" if text.strip() else ""
    )


def _without_prefixes(xhtml: str) -> str:
    return re.sub(r"(</?)[A-Za-z]+:", r"\1", re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", xhtml))


def _plain(element: Element) -> str:
    return plain_text(_html(element))


def _atom_people(parent: Element) -> Iterator[Person]:
    for author in parent.findall(f"{ATOM}author"):
        name = plain(text_of(author, f"{ATOM}name"))
        if name:
            uri = resolve(text_of(author, f"{ATOM}uri"), "invalid:", FETCH_SCHEMES)
            yield Person(name=name, uri=uri, email=text_of(author, f"{ATOM}email") or None)


def _atom_enclosures(said: Said, entry: Element, page: str) -> Iterator[Enclosure]:
    for link in entry.findall(f"{ATOM}link"):
        if link.get("rel") != "enclosure":
            continue
        found = said.enclosure(link.get("href") or "", link.get("type") or "", link.get("length") or "", page)
        if found is not None:
            yield found


def refuse_opml(_source: str, _root: Element, _desk: Desk) -> Iterator[Draft]:
    """An OPML document lists feeds."""
    raise ArticleError([Finding(message="an OPML list holds no articles (save the feeds it names, and import those)")])
