"""Read RSS 2.0 and 1.0 and Atom 1.0. Drafts keep the ids of entries, so subscribers see no entry twice. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from html import escape
from typing import Final

from lxml import etree

from feedsvc.articles.html.rewrite import Place
from feedsvc.articles.metadata.visibility import Visibility, of_word
from feedsvc.errors import ArticleError, Finding
from feedsvc.importing.draft import Draft, FileNote, Item, SkippedEntry
from feedsvc.importing.readers.feeds import blogger, entries, media_rss
from feedsvc.importing.readers.feeds.entries import Entry, FieldReader, no_place, text_of_html
from feedsvc.importing.readers.feeds.xml import (
    ATOM,
    BLOGGER,
    CONTENT,
    DC,
    ITUNES,
    LANG,
    MEDIA,
    TERMS,
    YOUTUBE,
    Document,
    Element,
    leaves,
    text_of,
    texts_of,
)
from feedsvc.importing.readers.pages.html import NO_BASE_URL
from feedsvc.importing.readers.wordpress_titles import is_private_title
from feedsvc.importing.settings import ImportSettings
from feedsvc.model import Enclosure, Image, Person
from feedsvc.text import plain
from feedsvc.urls import FETCH_SCHEMES, resolve

_MAIL: Final = re.compile(r"[^\s@]++@\S++ \((.+)\)")


def read_rss(source: str, document: Document, settings: ImportSettings, place: Place = no_place) -> Iterator[Item]:
    """Yield a draft for each item, in the order of the document. `place` gives the stand-in for a picture's file."""
    channel = document.root.find("channel")
    channel = document.root if channel is None else channel
    left_out: Counter[str] = Counter()
    of_feed = tuple(reasons_of_feed(channel))
    for number, item in enumerate(document.items("item"), 1):
        name = f"{source}#{number}"
        left_out.update({str(each.tag).rpartition("}")[2] for each in item.iterchildren(*_OF_EPISODES)})
        yield entries.guarded(name, partial(_item, name, item, channel, settings, of_feed=of_feed, place=place))

    if left_out:
        said = ", ".join(f"{name} ({count:,} ×)" for name, count in sorted(left_out.items()))
        yield FileNote(source, f"not kept, since an article has no field for it: {said} (write it into the text)")


# What podcasts say of an episode, and no field of ours has.
_OF_EPISODES: Final = (
    *(f"{ITUNES}{name}" for name in ("duration", "season", "episode", "episodeType")),
    *(f"{{https://podcastindex.org/namespace/1.0}}{name}" for name in ("transcript", "chapters", "season", "episode")),
)


def reasons_of(item: Element, *, is_wordpress: bool = False) -> Iterator[str]:
    """Yield a note for each marker that keeps an item of RSS, or an entry of Atom, from the public."""
    yield from entries.draft_reasons(leaves(item))
    cure = "is not for the public: made a draft (remove draft: true to publish it)"
    for each in item.iter(f"{MEDIA}status"):
        if of_word(each.get("state") or "") is Visibility.NOT_PUBLIC:
            yield f"media:status: {each.get('state')!r} {cure}"
    # itunes:block, and podcast:block of the Podcast namespace, which stands once for each service that it is about.
    if "yes" in (text.lower() for text in texts_of(item, "{*}block")):
        yield f"block: 'yes' {cure}"
    if item.find(f".//{YOUTUBE}private") is not None:
        yield f"yt:private {cure}"
    if is_wordpress and is_private_title(title := text_of(item, "title")):
        yield f"title: {title[:40]!r} {cure}"


def reasons_of_feed(feed: Element) -> Iterator[str]:
    """Yield a note for each marker that keeps all of a feed from the public. Its names must mean nothing else."""
    yield from entries.draft_reasons([("of-the-feed", dict(leaves(feed)))])
    if "yes" in (text.lower() for text in texts_of(feed, "{*}block")):
        yield "block: 'yes' is not for the public: made a draft (remove draft: true to publish it)"


def _item(
    source: str, item: Element, channel: Element, settings: ImportSettings, *, of_feed: Sequence[str], place: Place
) -> Draft:
    is_wordpress = "wordpress" in text_of(channel, "generator").lower()
    reader = FieldReader([*reasons_of(item, is_wordpress=is_wordpress), *of_feed])
    is_draft = bool(reader.notes)
    base = _base(item) or resolve(text_of(channel, "link"), "invalid:", FETCH_SCHEMES)
    guid = item.find("guid")
    # RSS 2.0: a guid is the permanent address unless it says otherwise.
    permalink = text_of(item, "guid") if guid is not None and guid.get("isPermaLink", "true") == "true" else ""
    permalink = permalink if entries.page_of(permalink) != NO_BASE_URL else ""
    written = text_of(item, "link", f"{ATOM}link") or permalink
    # Against the address of the channel, an empty link would be that address.
    link = _absolute(written, base) if written else ""
    page = _base(item) or (link if entries.page_of(link) != NO_BASE_URL else base) or NO_BASE_URL
    own_language = text_of(item, f"{DC}language") or item.get(LANG)
    description = text_of(item, "description", f"{ATOM}summary") or media_rss.description_of(item)
    date = text_of(item, "pubDate", f"{DC}date", f"{ATOM}published", f"{TERMS}issued")
    day, _, zone = date.rpartition(" ")
    id_ = text_of(item, "guid", f"{ATOM}id") or item.get(_ABOUT, "")
    image, enclosures = _rss_media(reader, item, page, is_own=entries.is_own(id_, link, settings))
    labels = [(each.get("domain") or "", "".join(each.itertext())) for each in item.findall("category")]
    entry = Entry(
        source=source,
        title=entries.title_text(text_of(item, "title", f"{DC}title")),
        link=link,
        home=text_of(channel, "link", f"{ATOM}link"),
        base=page,
        full=text_of(item, f"{CONTENT}encoded") or _html(item.find(f"{ATOM}content")),
        short=description,
        summary=entries.title_text(description),
        published=("pubDate", f"{day} {_ZONES[zone]:+03}00" if zone in _ZONES else date),
        updated=("updated", text_of(item, f"{ATOM}updated", f"{TERMS}modified")),
        id=id_,
        authors=entries.people(_names(item) or _names_of_podcast(channel)),
        labels=[*labels, *(("", each) for each in texts_of(item, f"{DC}subject"))],
        image=image,
        enclosures=enclosures,
        language=own_language or text_of(channel, "language", f"{DC}language") or None,
        language_is_sure=bool(own_language),
        is_draft=is_draft,
        said=tuple(leaves(item)),
        place=place,
    )
    return entries.draft_of(entry, reader, settings)


def _names(element: Element) -> list[str]:
    """Return the names of the authors of an item or channel; that of a podcast's episode counts without others."""
    # RSS 2.0: an author is an e-mail address with the name in brackets.
    written = (found[1] if (found := _MAIL.fullmatch(each)) else each for each in texts_of(element, "author"))
    return [*texts_of(element, f"{DC}creator"), *written] or list(texts_of(element, f"{ITUNES}author"))


def _names_of_podcast(channel: Element) -> list[str]:
    """Return the names of the authors of a podcast, which are those of its episodes. Other channels have none."""
    if channel.find(f"{ITUNES}*") is None:
        return []
    return _names(channel) or list(texts_of(channel, f"{ITUNES}owner/{ITUNES}name"))


# RFC 822 §5.1: in this format, CST is the North American zone.
_ZONES: Final = {"UT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}


def _base(element: Element) -> str | None:
    """Return the xml:base of the element and its ancestors (XML Base §4)."""
    return resolve(element.base, "invalid:", FETCH_SCHEMES) if element.base else None


def _absolute(link: str, base: str | None) -> str:
    return resolve(link, base, FETCH_SCHEMES) or link if base else link


_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"


def _rss_media(
    reader: FieldReader, item: Element, page: str, *, is_own: bool
) -> tuple[Image | None, tuple[Enclosure, ...]]:
    """Return the picture of an item, and its enclosures: the <enclosure> elements, then those of Media RSS."""
    enclosures: list[Enclosure] = []
    for each in item.findall("enclosure"):
        url, type_, length = (each.get(name) or "" for name in ("url", "type", "length"))
        found = reader.enclosure(url, type_, length, page)
        if found is not None:
            enclosures.append(found)
    known = {each.url for each in enclosures}
    enclosures += (each for each in media_rss.enclosures_of(reader, item, page) if each.url not in known)
    image = media_rss.image_of(item, page)
    if image is None and not is_own:
        # Substack puts an article's picture into the first enclosure that is one.
        picture = next((each for each in enclosures if each.type.startswith("image/")), None)
        if picture is not None:
            image = Image(url=picture.url)
            enclosures.remove(picture)
    return image, tuple(enclosures)


def read_atom(source: str, document: Document, settings: ImportSettings, place: Place = no_place) -> Iterator[Item]:
    """Yield a draft for each entry, in the order of the document; for Blogger's exports, for each post and page.

    `place` gives the stand-in for a picture's file.
    """
    root = document.root
    feed_people = tuple(_atom_people(root))
    of_feed = tuple(reasons_of_feed(root))
    for number, entry in enumerate(document.items(f"{ATOM}entry"), 1):
        name, kind = f"{source}#{number}", blogger.kind_of(entry)
        if kind in blogger.ARTICLES:
            yield entries.guarded(
                name, partial(_entry, name, entry, root, feed_people, settings, of_feed=of_feed, place=place)
            )
        else:
            yield SkippedEntry(name, kind)


def _entry(
    source: str,
    element: Element,
    feed: Element,
    feed_people: tuple[Person, ...],
    settings: ImportSettings,
    *,
    of_feed: Sequence[str],
    place: Place,
) -> Draft:
    reader = FieldReader()
    # What Blogger says in two fields is one reason.
    reasons = [*(list(blogger.draft_reasons(element)) or reasons_of(element)), *of_feed]
    reader.notes += reasons
    base = _base(element)
    link = _absolute(_link(element), base)
    content = element.find(f"{ATOM}content")
    page = (_base(content) if content is not None else None) or base or entries.page_of(link)
    short = element.find(f"{ATOM}summary")
    own_language = element.get(LANG) or (content.get(LANG) if content is not None else None)
    entry = Entry(
        source=source,
        title=_plain_text(element.find(f"{ATOM}title")),
        link=link,
        home=_absolute(_link(feed), _base(feed)),
        base=page,
        full=_html(content),
        short=_html(short) or media_rss.video_of(element, link) + media_rss.description_of(element),
        summary=_plain_text(short) or plain(text_of(element, f"{BLOGGER}metaDescription")),
        published=("published", text_of(element, *_ATOM_PUBLISHED)),
        updated=("updated", text_of(element, f"{ATOM}updated", f"{ATOM}modified")),
        id=text_of(element, f"{ATOM}id"),
        authors=tuple(_atom_people(element)) or feed_people,
        labels=_atom_labels(element, settings),
        image=media_rss.image_of(element, page),
        enclosures=(*_atom_enclosures(reader, element, page), *media_rss.enclosures_of(reader, element, page)),
        language=own_language or feed.get(LANG),
        language_is_sure=bool(own_language),
        is_draft=bool(reasons),
        said=tuple(leaves(element)),
        place=place,
    )
    return blogger.with_address(element, entries.draft_of(entry, reader, settings), settings.site.base_url)


def _atom_labels(element: Element, settings: ImportSettings) -> list[tuple[str, str]]:
    """Return the scheme and the text of each category. RFC 4287 §4.2.2: a label is for people."""
    found = []
    for each in element.findall(f"{ATOM}category"):
        scheme, term, label = each.get("scheme") or "", each.get("term") or "", each.get("label") or ""
        if scheme != blogger.KIND:
            # The term is the name of a topic of ours.
            found.append((scheme, term if settings.topic_called(term) or not label else label))
    return found


# The last two are of Atom 0.3.
_ATOM_PUBLISHED: Final = tuple(f"{ATOM}{name}" for name in ("published", "updated", "issued", "modified"))


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
        without_namespaces = re.sub(r'\sxmlns(?::\w+)?="[^"]*"', "", "".join(inner))
        return re.sub(r"(</?)[A-Za-z]+:", r"\1", without_namespaces)
    text = "".join(element.itertext())
    return (
        text if kind in ("html", "text/html") else f"<p>{escape(text.strip(), quote=False)}</p>" if text.strip() else ""
    )


def _plain_text(element: Element) -> str:
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


def reject_opml(_source: str, _root: Element, _settings: ImportSettings) -> Iterator[Draft]:
    """Raise ArticleError: an OPML document lists feeds."""
    raise ArticleError([Finding(message="an OPML list holds no articles (save the feeds it names, and import those)")])
