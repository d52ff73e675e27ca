"""The routes of pages for people: /, /topics/…, /tags/…, /authors/…, /months/…, /feeds, /search, /articles/…"""

from collections.abc import Callable
from functools import partial
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from feedsvc import routes
from feedsvc.documents.document import Rendered, finish
from feedsvc.feeds.wordpress_queries import asks_for_feed
from feedsvc.model import Article
from feedsvc.store import Snapshot
from feedsvc.text import xml_legal
from feedsvc.urls import address_of
from feedsvc.web.context import cache, context
from feedsvc.web.old_addresses import redirected_query
from feedsvc.web.pages import article_lists, article_page, search_page, ui_language
from feedsvc.web.pages.feed_list import render_feed_list
from feedsvc.web.pages.list_page import ArticleList, render_list
from feedsvc.web.pages.page import PageContext, in_language
from feedsvc.web.query_params import page_number, query_pairs
from feedsvc.web.render_limiter import Cost
from feedsvc.web.responses import ANSWERED, answer

blueprint = Blueprint("pages", __name__)

HOME_PARAMETERS: Final = ("page", "ui")
Fill = Callable[[Snapshot, PageContext], ArticleList]


@blueprint.get(routes.HOME.rule)
def home() -> Response:
    """The home page: the latest articles, the topics, the feeds. Another system may have had articles at `/?p=123`."""
    elsewhere = redirected_query(request, HOME_PARAMETERS)
    if elsewhere is not None:
        return elsewhere
    response = _list(("home",), article_lists.home)
    if any(name not in HOME_PARAMETERS for name, _ in query_pairs(request)):
        # A later commit may add a redirect for this query, so the response cache in front of Flask must not store it,
        # and a CDN must purge it with every commit.
        request.environ.pop(ANSWERED, None)
        response.headers.update(context().surrogate_keys.fields(None))
    return response


@blueprint.get(routes.TOPIC.rule)
def topic(topic: str) -> Response:
    """The page of a topic: its articles and its feeds."""
    return _list(("topic", topic), partial(article_lists.topic, name=topic))


@blueprint.get(routes.TAG.rule)
def tag(tag: str) -> Response:
    """The page of a tag: its articles."""
    tag = xml_legal(tag)
    return _list(("tag", tag), partial(article_lists.tag, tag=tag))


@blueprint.get(routes.AUTHOR.rule)
def author(name: str) -> Response:
    """The page of an author: the articles by that name."""
    name = xml_legal(name)
    return _list(("author", name), partial(article_lists.author, name=name))


@blueprint.get(routes.MONTH.rule)
def month(month: str) -> Response:
    """The page of a month (2026-07) in the site's time zone: its articles."""
    return _list(("month", month), partial(article_lists.month, written=month))


@blueprint.get(routes.SEARCH.rule)
def search() -> Response:
    """The articles that contain every word of `q`; without `q`, a search form."""
    wanted = search_page.asked(request.args)
    number, ui = page_number(request), ui_language.wanted(request)
    # The document cache stores no search: arbitrary queries would evict the documents that many clients request.
    cost, limiter = Cost.SEARCH if wanted.slice else Cost.COMMON, context().limiter
    render = in_language(ui, partial(_render_list, fill=partial(search_page.search, request=wanted), number=number))
    with limiter.place(cost), limiter.slot(cost), context().store.read() as snapshot:
        return answer(finish(render(snapshot)), request)


@blueprint.get(routes.FEED_LIST.rule)
def feed_list() -> Response:
    """The page of all feeds."""
    ui = ui_language.wanted(request)
    return answer(cache().get(("feed list", ui), in_language(ui, render_feed_list)), request)


def _list(key: tuple[str, ...], fill: Fill) -> Response:
    number, ui = page_number(request), ui_language.wanted(request)
    render = in_language(ui, partial(_render_list, fill=fill, number=number))
    return answer(cache().get((*key, number, ui), render, Cost.RARE if number > 1 else Cost.COMMON), request)


def _render_list(snapshot: Snapshot, page: PageContext, fill: Fill, number: int) -> Rendered:
    return render_list(snapshot, page, fill(snapshot, page), number)


@blueprint.get(routes.ARTICLE.rule)
def article(slug: str) -> Response:
    """The page of an article; 301 where it was renamed, 410 where it was removed."""
    return _article(xml_legal(slug))


def static_page() -> Response | None:
    """Return the page at the address that is asked for; None if there is none.

    Raises StoreError, and MethodNotAllowed (405) for a page and another method than GET, HEAD and OPTIONS.
    """
    slug = address_of(request.environ["PATH_INFO"].encode("latin-1"))
    # A feed reader must get no page, as at the old addresses of articles.
    if slug.count("/") > 1 or asks_for_feed(query_pairs(request)):
        return None
    with context().store.read() as snapshot:
        if not isinstance(snapshot.slugs.at(slug), Article):
            return None
    if request.method == "OPTIONS":
        return Response()
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed
    return _article(slug)


def _article(slug: str) -> Response:
    ui = ui_language.wanted(request)
    render_page = partial(article_page.render_article, slug=slug, media=context().media)
    render = in_language(ui, render_page, partial(article_page.own_language, slug=slug))
    return answer(cache().get(("article", slug, ui), render), request)
