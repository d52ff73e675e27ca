"""Render one page of a list of articles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final, NamedTuple

from flask_babel import gettext
from markupsafe import Markup

from feedsvc.documents.document import Rendered
from feedsvc.errors import UnknownResource
from feedsvc.languages import language_and_script
from feedsvc.model import Article, Site, Topic
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import PICTURES, made_of
from feedsvc.web.pages.list_pictures import picture_of
from feedsvc.web.pages.page import PageContext, render
from feedsvc.web.pages.picture_sizes import sizes_of_urls
from feedsvc.web.pages.structured_data import Preview, open_graph

# The front page has a lead story above two columns of the others.
PAGE_SIZE: Final = 21
# The lead story of the front page is the newest article in its language, if that is one of so many newest.
_NEWEST: Final = 5

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
class Suggestions:
    """What a search without results shows instead: searches that find something, common tags, new articles.

    `beginning` is the beginning of a tag with a star, and the tag; None where no tag is long enough.
    """

    examples: tuple[Link, ...]
    beginning: tuple[str, str] | None
    tags: tuple[str, ...]
    latest: Sequence[Article]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleList:
    """A list of articles. `kind` is "home", "topic", "tag", "author", "month" or "search"; `own` is its URL.

    `slice` selects its articles, None for an empty list. `total` is their number, None where the page does not show it.
    `feed` is the slice of the feed that the page links to; every change of the list is a change of that slice. `before`
    and `after` link to the previous and the next list. `query` is the text of a search, None for other lists. `last` is
    the highest page number, even if there are more articles. `heading_in` and `description_in` are languages, None for
    the language of the page. `front` finds what else the first page shows.

    Of a search, `is_more` says that there are more than `total` articles, and `is_cut` that `query` is the beginning of
    what was asked for. `selects` are the controls of its form, `orders` are (name, URL, whether the list is in this
    order), and `wider` leads to searches that may find more. `suggestions` are for an empty list. `found_in` returns
    the title and a part of an article's text with the words marked.
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
    by_relevance: bool = False
    is_more: bool = False
    is_cut: bool = False
    selects: tuple[Any, ...] = ()
    orders: tuple[tuple[str, str, bool], ...] = ()
    wider: tuple[Link, ...] = ()
    suggestions: Suggestions | None = None
    found_in: Callable[[Article], tuple[Markup, Markup]] | None = None

    def place_of(self, number: int) -> str:
        """Return the place of page `number` for people, such as "Page 2 of 5"."""
        place: str = gettext("Page %(number)s", number=number)
        if self.total:
            place = gettext("Page %(number)s of %(total)s", number=number, total=-(-self.total // PAGE_SIZE))
        return place


class ListedArticle(NamedTuple):
    """All that a list shows of an article: a list of another page with an equal one has the same HTML for it.

    `picture` is the URL of the picture beside it, `srcset` has its smaller sizes, and `thumbnail` is the smallest one.
    `found` has the title and a part of the text with the words of a search marked, None for other lists.
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
    thumbnail: str
    found: tuple[Markup, Markup] | None


def _load(snapshot: Snapshot, site: Site, article_list: ArticleList, offset: int) -> list[ListedArticle]:
    """Return PAGE_SIZE articles, and one more if there are more."""
    assert article_list.slice is not None
    read = snapshot.slices.most_relevant if article_list.by_relevance else snapshot.slices.articles
    articles = read(article_list.slice, PAGE_SIZE + 1, offset)
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
            thumbnail=sizes.thumbnail(picture) if picture else "",
            found=article_list.found_in(each) if article_list.found_in else None,
        )
        for each, picture in zip(articles, pictures, strict=True)
    ]


def titled(page: PageContext, heading: str) -> str:
    """Return the title of a list's page: its heading and the publication."""
    return f"{heading} – {page.site.title.in_(page.ui)}"


def _with_lead(articles: Sequence[ListedArticle], ui: str) -> list[ListedArticle]:
    """Put the newest article in the language `ui` first, if it is one of the newest."""
    own_language = language_and_script(ui)
    spoken = [language_and_script(each.language) for each in articles[:_NEWEST]]
    lead = spoken.index(own_language) if own_language in spoken else 0
    return [*articles[lead : lead + 1], *articles[:lead], *articles[lead + 1 :]]


def render_list(snapshot: Snapshot, page: PageContext, article_list: ArticleList, number: int) -> Rendered:
    """Return page `number` of a list. Raises UnknownResource past its end."""
    if article_list.last is not None and number > article_list.last:
        last, url = article_list.last, article_list.own
        raise UnknownResource(f"no page {number} (the last of a search is {last}: add a word; see {url})")
    offset = (number - 1) * PAGE_SIZE
    articles: list[ListedArticle] = []
    if slice_ := article_list.slice:
        # The page in each language shows the same.
        key = ("list", slice_, article_list.by_relevance, offset)
        articles = snapshot.once(key, partial(_load, snapshot, page.site, article_list, offset))
    if article_list.front and number == 1:
        articles = _with_lead(articles, page.ui)
    if number > 1 and not articles:
        raise UnknownResource(f"no page {number} (see {article_list.own})")
    own, title = page.base.numbered(article_list.own, number), article_list.title
    if number > 1:
        # No two pages have the same title.
        title = " – ".join((title, gettext("page %(number)s", number=number)))
    followed = page.feed(article_list.feed)
    # The choices of a search and the order of its results depend on all articles.
    depends_on = article_list.feed if article_list.query is None else Slice()
    preview = Preview(kind="website", language=page.ui, title=title, description=article_list.description, url=own)
    return render(
        page,
        "list.html",
        own=own,
        last_modified=max(snapshot.slices.last_change_of_lists(depends_on), snapshot.slices.last_change_of_pictures()),
        made_of=made_of(depends_on) | {PICTURES},
        article_list=article_list,
        front=article_list.front() if article_list.front and number == 1 else FrontPage(),
        title=title,
        description=article_list.description,
        number=number,
        place=article_list.place_of(number),
        is_wide=article_list.kind == "home" and number == 1,
        page_url=partial(page.base.numbered, article_list.own),
        articles=articles[:PAGE_SIZE],
        more=len(articles) > PAGE_SIZE and number != article_list.last,
        cut_off=PAGE_SIZE * number if len(articles) > PAGE_SIZE and number == article_list.last else 0,
        feeds=[followed],
        main_feed=followed.main,
        topic=article_list.feed.topic,
        open_graph=list(open_graph(page, preview)) if article_list.query is None else [],
    )
