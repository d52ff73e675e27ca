"""Render one page of a list of articles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Final, NamedTuple

from flask_babel import gettext

from feedsvc.documents.document import Rendered
from feedsvc.errors import UnknownResource
from feedsvc.model import Article, Site, Topic
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import PICTURES, made_of
from feedsvc.web.pages.list_pictures import picture_of
from feedsvc.web.pages.page import PageContext, render
from feedsvc.web.pages.picture_sizes import sizes_of_urls
from feedsvc.web.pages.structured_data import Preview, open_graph

PAGE_SIZE: Final = 20

# A link: its text and its URL.
Link = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Year:
    """A year with its months, both newest first."""

    name: str
    months: tuple[Link, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontPage:
    """What only the first page of the home page shows.

    `sections` are the newest articles of topics that are not in the list itself. `years` have the months of the last
    years, and `older` is the last month before them.
    """

    sections: tuple[tuple[Topic, Sequence[Article]], ...] = ()
    years: tuple[Year, ...] = ()
    older: Link | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleList:
    """A list of articles. `kind` is "home", "topic", "tag", "author", "month" or "search"; `own` is its URL.

    `slice` selects its articles, None for an empty list. `total` is their number, None where the page does not show it.
    `feed` is the slice of the feed that the page links to; every change of the list is a change of that slice. `before`
    and `after` link to the previous and the next list. `query` is the text of a search, None for other lists. `last` is
    the highest page number, even if there are more articles. `heading_in` and `description_in` are languages, None for
    the language of the page. `front` finds what else the first page shows.
    """

    kind: str
    heading: str
    title: str
    own: str
    slice: Slice | None
    heading_in: str | None = None
    description: str = ""
    description_in: str | None = None
    total: int | None = None
    feed: Slice = field(default_factory=Slice)
    front: Callable[[], FrontPage] | None = None
    before: Link | None = None
    after: Link | None = None
    query: str | None = None
    last: int | None = None
    empty: str = ""


class ListedArticle(NamedTuple):
    """All that a list shows of an article: a list of another page with an equal one has the same HTML for it.

    `picture` is the URL of the picture beside it, `srcset` has its smaller sizes.
    """

    slug: str
    title: str
    language: str
    summary: str
    published: datetime
    published_offset: int | None
    topics: tuple[str, ...]
    is_draft: bool
    scheduled_for: datetime | None
    picture: str | None
    srcset: str


def _load(snapshot: Snapshot, site: Site, slice_: Slice, offset: int) -> list[ListedArticle]:
    """Return PAGE_SIZE articles, and one more if there are more."""
    articles = snapshot.slices.articles(slice_, PAGE_SIZE + 1, offset)
    pictures = [picture_of(each, site.addresses) for each in articles]
    sizes = sizes_of_urls(snapshot, site, pictures)
    return [
        ListedArticle(
            slug=each.slug,
            title=each.title,
            language=each.language,
            summary=each.summary,
            published=each.published,
            published_offset=each.published_offset,
            topics=each.topics,
            is_draft=each.is_draft,
            scheduled_for=each.scheduled_for,
            picture=picture,
            srcset=sizes.srcset(picture) if picture else "",
        )
        for each, picture in zip(articles, pictures, strict=True)
    ]


def render_list(snapshot: Snapshot, page: PageContext, article_list: ArticleList, number: int) -> Rendered:
    """Return page `number` of a list. Raises UnknownResource past its end."""
    if article_list.last is not None and number > article_list.last:
        last, url = article_list.last, article_list.own
        raise UnknownResource(f"no page {number} (the last of a search is {last}: add a word; see {url})")
    offset = (number - 1) * PAGE_SIZE
    articles: list[ListedArticle] = []
    if slice_ := article_list.slice:
        # The page in each language shows the same.
        articles = snapshot.once(("list", slice_, offset), partial(_load, snapshot, page.site, slice_, offset))
    if number > 1 and not articles:
        raise UnknownResource(f"no page {number} (see {article_list.own})")
    own, title = page.base.numbered(article_list.own, number), article_list.title
    if number > 1:
        # No two pages have the same title.
        title = f"{title} – {gettext('page %(number)s', number=number)}"
    place = gettext("Page %(number)s", number=number)
    if article_list.total is not None:
        place = gettext("Page %(number)s of %(total)s", number=number, total=-(-article_list.total // PAGE_SIZE))
    followed = page.feed(article_list.feed)
    preview = Preview(kind="website", language=page.ui, title=title, description=article_list.description, url=own)
    return render(
        page,
        "list.html",
        own=own,
        last_modified=max(
            snapshot.slices.last_change_of_lists(article_list.feed), snapshot.slices.last_change_of_pictures()
        ),
        made_of=made_of(article_list.feed) | {PICTURES},
        article_list=article_list,
        front=article_list.front() if article_list.front and number == 1 else FrontPage(),
        title=title,
        description=article_list.description,
        number=number,
        place=place,
        is_wide=article_list.kind == "home",
        page_url=partial(page.base.numbered, article_list.own),
        articles=articles[:PAGE_SIZE],
        found=offset + min(len(articles), PAGE_SIZE),
        more=len(articles) > PAGE_SIZE and number != article_list.last,
        cut_off=PAGE_SIZE * number if len(articles) > PAGE_SIZE and number == article_list.last else 0,
        feeds=[followed],
        main_feed=followed.main,
        topic=article_list.feed.topic,
        open_graph=list(open_graph(page, preview)) if article_list.query is None else [],
    )
