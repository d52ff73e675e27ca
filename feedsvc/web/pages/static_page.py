"""The pages of the publication, such as /about: files in content/pages at addresses that no route has."""

from functools import partial

from flask import Request, Response
from werkzeug.exceptions import MethodNotAllowed

from feedsvc.feeds.wordpress_queries import asks_for_feed
from feedsvc.model import Article
from feedsvc.urls import address_of
from feedsvc.web.context import cache, context
from feedsvc.web.pages import ui_language
from feedsvc.web.pages.article_page import render_article
from feedsvc.web.pages.page import in_language
from feedsvc.web.query_params import query_pairs
from feedsvc.web.responses import answer


def static_page(request: Request) -> Response | None:
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
    ui = ui_language.wanted(request)
    render = in_language(ui, partial(render_article, slug=slug, media=context().media))
    return answer(cache().get(("article", slug, ui), render), request)
