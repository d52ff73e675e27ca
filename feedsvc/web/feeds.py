"""Feeds and what leads to them: /feeds/<slice>.<format>, /feeds.opml."""

from dataclasses import replace
from datetime import datetime
from functools import partial

from flask import Blueprint, Response, request
from lxml import etree

from feedsvc.errors import BadParameter, UnknownResource, nearest
from feedsvc.feeds.feed import Tombstone, assemble, titles
from feedsvc.feeds.formats import FORMATS, Format
from feedsvc.feeds.slices import check_topics, parse, slice_named, slices
from feedsvc.model import ALL, Site, Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import made_of
from feedsvc.urls import Addresses
from feedsvc.web.answers import CORS, answer, asked, cache_control
from feedsvc.web.context import cache
from feedsvc.web.document import Rendered

blueprint = Blueprint("feeds", __name__)


@blueprint.get("/feeds/<name>.<suffix>")
def feed(name: str, suffix: str) -> Response:
    """One slice in one format."""
    slice_ = parse(name, asked(request))
    render = partial(_render_feed, name=name, slice_=slice_, suffix=suffix)
    return answer(cache().get(("feed", slice_, suffix), render), request)


def _render_feed(snapshot: Snapshot, name: str, slice_: Slice, suffix: str) -> Rendered:
    site = snapshot.site()
    slice_named(name, site)
    check_topics(slice_, site)
    snapshot.check(slice_)
    format_ = _format_named(suffix)
    articles = snapshot.articles(slice_, slice_.limit or site.feed_size)
    modified = snapshot.last_change(slice_)
    made = assemble(
        site,
        slice_,
        articles,
        # A search's own last change: that of what it was searched in moves with articles it does not find.
        updated=snapshot.last_change_of_any(articles) if slice_.terms else modified,
        tombstones=[Tombstone(id=id_, at=at) for id_, at in snapshot.tombstones(slice_)],
        translations=snapshot.translations(articles),
    )
    rendered = _rendered(site, format_.render(made), format_.media_type, modified)
    return replace(rendered, made_of=made_of(slice_))


def _format_named(suffix: str) -> Format:
    if suffix not in FORMATS:
        raise UnknownResource(f"unknown format {suffix[:80]!r} ({nearest(suffix, list(FORMATS))})")
    return FORMATS[suffix]


def _rendered(site: Site, body: bytes, media_type: str, last_modified: datetime) -> Rendered:
    return Rendered(
        media_type=f"{media_type}; charset=utf-8",
        body=body,
        headers={"Cache-Control": cache_control(site.cache), **CORS},
        last_modified=last_modified,
    )


@blueprint.get("/feeds.opml")
def opml() -> Response:
    """Every feed, one outline each, in the format asked for (Atom unless `?format=`)."""
    suffix = _opml_format(asked(request))
    return answer(cache().get(("opml", suffix), lambda snapshot: _render_opml(snapshot, suffix)), request)


def _opml_format(pairs: list[tuple[str, str]]) -> str:
    for name, _ in pairs:
        if name != "format":
            raise BadParameter(f"unknown parameter {name[:80]!r} ({nearest(name, ['format'])})")
    if len(pairs) > 1:
        raise BadParameter("parameter 'format' is given twice (keep one)")
    suffix = pairs[0][1] if pairs else "atom"
    if suffix not in FORMATS:
        raise BadParameter(f"parameter 'format': unknown {suffix[:80]!r} ({nearest(suffix, list(FORMATS))})")
    return suffix


def _render_opml(snapshot: Snapshot, suffix: str) -> Rendered:
    """OPML 2.0 subscription list."""
    site = snapshot.site()
    addresses = Addresses(site.base_url)
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = site.title.in_(site.language)
    body = etree.SubElement(root, "body")
    for slice_ in slices(site):
        title, description = titles(site, slice_, site.language)
        home = addresses.home if slice_.name == ALL else addresses.topic(slice_.name)
        etree.SubElement(
            body,
            "outline",
            type="rss",
            text=title,
            title=title,
            description=description,
            xmlUrl=addresses.feed(slice_.name, suffix),
            htmlUrl=home,
            language=site.language,
        )
    text = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return _rendered(site, text, "text/x-opml", snapshot.last_change_of_lists(Slice()))
