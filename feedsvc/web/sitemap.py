"""/robots.txt and the sitemap, for crawlers."""

from functools import partial

from flask import Blueprint, Response, request

from feedsvc import routes
from feedsvc.documents.plain import render_robots
from feedsvc.documents.sitemap import render_news, render_sitemap, render_sitemap_part
from feedsvc.web.context import cache
from feedsvc.web.render_limiter import Cost
from feedsvc.web.responses import answer

blueprint = Blueprint("sitemap", __name__)


@blueprint.get(routes.ROBOTS.rule)
def robots() -> Response:
    """Everything may be read; the sitemap is there."""
    return answer(cache().get("robots", render_robots), request)


@blueprint.get(routes.SITEMAP.rule)
def sitemap() -> Response:
    """All pages; beyond SITEMAP_SIZE of them an index of the parts that list them."""
    return answer(cache().get("sitemap", render_sitemap), request)


@blueprint.get(routes.SITEMAP_NEWS.rule)
def sitemap_news() -> Response:
    """The articles of the last two days, for Google News."""
    return answer(cache().get("sitemap-news", render_news), request)


@blueprint.get(routes.SITEMAP_PART.rule)
def sitemap_part(number: int) -> Response:
    """The `number`th SITEMAP_SIZE pages, counted from 1: lists, then articles, oldest first."""
    return answer(cache().get(("sitemap", number), partial(render_sitemap_part, number=number), Cost.RARE), request)
