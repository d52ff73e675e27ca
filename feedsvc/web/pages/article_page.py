"""An article's page."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any, NamedTuple, NoReturn
from urllib.parse import unquote, urlsplit

from flask import abort
from flask_babel import gettext
from markupsafe import Markup, escape

from feedsvc import languages
from feedsvc.articles.metadata.shown_fields import extras, notes
from feedsvc.articles.summary import first_paragraph
from feedsvc.documents.document import Rendered
from feedsvc.errors import UnknownResource
from feedsvc.feeds.static_links import static_content
from feedsvc.media.storage import MediaStorage
from feedsvc.model import CODE_LANGUAGES, Article, Enclosure, Site, Topic
from feedsvc.slices.slice import Slice
from feedsvc.store import Gone, Moved, Snapshot
from feedsvc.store.facets import article_facet
from feedsvc.urls import Addresses
from feedsvc.web.pages import article_html
from feedsvc.web.pages.article_html import Labels
from feedsvc.web.pages.image_sizes import ImageSizes
from feedsvc.web.pages.page import PageContext, render
from feedsvc.web.pages.picture_sizes import sizes_of
from feedsvc.web.pages.structured_data import first_seen_at, news_article, open_graph_of_article, web_page
from feedsvc.web.pages.ui_language import file_size, language_of, language_of_article
from feedsvc.web.redirects import FormerAddress, moved


def render_article(snapshot: Snapshot, page: PageContext, slug: str, media: MediaStorage) -> Rendered:
    """Return the page of the article at `slug`; `media` has its images.

    Raises the answer for an article that was moved or removed, and UnknownResource for an unknown `slug`.
    """
    loaded = _load(snapshot, slug)
    if not isinstance(loaded, _Loaded):
        _raise_moved_or_gone(loaded, slug, page.base)
    found, translations = loaded.article, loaded.translations
    topics = known_topics(found, page.site)
    feeds = [page.feed(Slice(each.name)) for each in topics] or [page.feed(Slice())]
    labels = Labels(
        table=gettext("Table"), frame=gettext("Embedded content"), note=gettext("Note"), close=gettext("Close")
    )
    key = ("article content", slug, labels if found.enclosures or article_html.LABELLED.search(found.content) else None)
    content = snapshot.once(key, partial(_content_of, snapshot, page, found, media, labels))
    lists_changed = [snapshot.slices.last_change_of_lists(Slice(each.name)) for each in topics[:1]]
    # The changes of the articles before and after it have that facet; those of a translation are logged as its own.
    facet = ("topic", topics[0].name if topics else found.topics[0]) if found.topics else article_facet(found.id)
    return render(
        page,
        "article.html",
        own=page.base.article(found.slug),
        last_modified=max([loaded.changed_at, *lists_changed]),
        # Smaller sizes of its pictures touch the article alone.
        made_of={facet, article_facet(found.id)},
        **loaded._asdict(),
        **content,
        **_fields_of(found, page.ui),
        canonical=found.canonical or page.base.article(found.slug),
        # A printed address is read by people.
        readable_url=unquote(page.base.article(found.slug)),
        title=found.title,
        description=found.summary,
        topics=topics,
        feeds=feeds,
        main_feed=feeds[0].main,
        beside_in=topics[0].title.in_(page.ui) if topics else "",
        first_seen_at=first_seen_at(found),
        linked_data=(web_page if found.is_page else news_article)(page, found, translations),
        open_graph=list(open_graph_of_article(page, found, content["size"])),
    )


def _fields_of(article: Article, ui: str) -> Mapping[str, Any]:
    """Return the fields of the front matter that the template shows: notes, and others with their names in `ui`."""
    return {
        "notes": [(field.shown.page, text) for field, text in notes(article)],
        "extras": [
            (field.label.in_(ui) if field.label else field.name, field.shown.page, value)
            for field, value in extras(article)
            if field.shown.page and not field.is_note
        ],
    }


def known_topics(article: Article, site: Site) -> list[Topic]:
    """Return the topics of an article that site.toml has: its last good version may have another one."""
    return [topic for name in article.topics if (topic := site.topic(name)) is not None]


def own_language(snapshot: Snapshot, site: Site, slug: str) -> str:
    """Return the language of the page at `slug` for requests that choose none."""
    loaded = _load(snapshot, slug)
    return language_of_article(loaded.article, site) if isinstance(loaded, _Loaded) else language_of(site)


class _Loaded(NamedTuple):
    """What the pages of an article show in each language.

    `older` and `newer` are the articles before and after it in its first topic, `changed_at` is its last change.
    """

    article: Article
    translations: list[Article]
    older: Article | None
    newer: Article | None
    standfirst: str | None
    changed_at: datetime


def _load(snapshot: Snapshot, slug: str) -> _Loaded | Moved | Gone | None:
    """Return what is at `slug`."""

    def load() -> _Loaded | Moved | Gone | None:
        found = snapshot.slugs.at(slug)
        if not isinstance(found, Article):
            return found
        topics = known_topics(found, snapshot.site())
        translations = snapshot.translations.of([found]).get(found.id, [])
        older, newer = snapshot.lists.neighbours(found, topics[0].name, translations) if topics else (None, None)
        standfirst = None if found.summary == first_paragraph(found.content) else found.summary
        return _Loaded(found, translations, older, newer, standfirst, snapshot.slices.last_change_of(found))

    # Its pages in each language show the same.
    return snapshot.once(("article page", slug), load)


def _content_of(
    snapshot: Snapshot, page: PageContext, article: Article, media: MediaStorage, labels: Labels
) -> Mapping[str, Any]:
    """Return what the template shows of the text: its HTML, its image with its size, its audio and video files.

    `is_provisional` is for `render`: an image is missing now.
    """
    measure, sizes = ImageSizes(media, page.site.base_url), sizes_of(snapshot, page.site, article.media)
    files = _Files(page, article)
    image = article.image
    code = article.extra.get(CODE_LANGUAGES, ())
    content = article_html.for_page(
        static_content(article.content, page.site),
        page.base.article(article.slug),
        labels,
        measure,
        sources=sizes.srcset,
        players=files.players,
        file_facts=files.facts_below_player,
        code=code if isinstance(code, tuple) else (),
    )
    size = measure(image.url) if image else None
    return {
        "content": content,
        "players": {url: each for url, each in files.players.items() if url not in files.played},
        "files": files.below_text(article),
        "lead": article.lead_image,
        "player": article_html.player_of,
        "file_facts": files.facts,
        "size": size,
        "srcset": sizes.srcset(image.url, size[0]) if image and size else "",
        "text_width": article_html.TEXT_WIDTH,
        "is_provisional": measure.is_any_missing,
    }


class _Files:
    """The files of an article. `players` are the audio and video files, by URL; the text plays those of `played`."""

    def __init__(self, page: PageContext, article: Article) -> None:
        # No file of another host, which would learn of each reader.
        own, playable = page.base.media(""), ("audio/", "video/")
        self.players = {
            each.url: each for each in article.enclosures if each.url.startswith(own) and each.type.startswith(playable)
        }
        self.played = {url for url in self.players if f'"{escape(url)}"' in article.content}
        self._described: set[str] = set()
        self._ui = page.ui

    def below_text(self, article: Article) -> list[Enclosure]:
        """Return the files that the text neither plays, names nor describes. The text must be made before."""
        known = self.played & self._described
        named = {url for url in self.played if escape(self.players[url].name) in article.content}
        return [each for each in article.enclosures if each.url not in known | named]

    def facts_below_player(self, file: Enclosure, name: str) -> Markup:
        """Return `facts` for the text, which then describes the file."""
        # A title of the front matter is not the name of the file: it stands below the text.
        if file.name.lower().endswith(PurePosixPath(file.url).suffix.lower()):
            self._described.add(file.url)
        return self.facts(file, name)

    def facts(self, file: Enclosure, name: str) -> Markup:
        """Return the link to a file that the page calls `name`, with its kind and size.

        The kind is what people call it: the suffix of its name (WAV), its media type where it has none. It is left out
        where `name` has the suffix.
        """
        suffix = urlsplit(file.url).path.rpartition(".")[2]
        kind = suffix.upper() if suffix.isalnum() and len(suffix) <= 5 else file.type
        shown = [] if name.upper().endswith(f".{kind}") else [kind]
        shown += [file_size(file.length)] if file.length else []
        saved = Markup(' download="{}"').format(file.name) if file.url in self.players else ""
        link = Markup('<a class="u-enclosure" href="{}" type="{}"{}>{}</a>')
        written = link.format(file.url, file.type, saved, gettext("Download"))
        written += Markup().join(map(Markup("<span>{}</span>").format, shown))
        return Markup('<p class="facts" lang="{}" dir="{}">{}</p>').format(
            self._ui, languages.direction(self._ui), written
        )


def _raise_moved_or_gone(found: Moved | Gone | None, slug: str, base: Addresses) -> NoReturn:
    """Raise the answer for an address without an article.

    FormerAddress, or HTTPException 301 where a front matter field declares the address; HTTPException 410 for a removed
    article; else UnknownResource.
    """
    if isinstance(found, Gone):
        abort(410, f"this article was removed (see {base.home})")
    if found is None:
        raise UnknownResource(f"no article {slug[:80]!r} (see {base.home})")
    if not found.is_declared:
        raise FormerAddress(base.article(found.slug))
    abort(moved(base.article(found.slug)))
