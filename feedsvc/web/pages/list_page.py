"""A page that lists articles: what stands above them, and one page of them."""

from dataclasses import dataclass, field
from typing import Final

from flask_babel import gettext

from feedsvc.documents.document import Rendered
from feedsvc.errors import UnknownResource
from feedsvc.model import Slice
from feedsvc.store import Snapshot
from feedsvc.store.facets import made_of
from feedsvc.web.pages.page import FeedLinks, PageContext, render, with_parameters
from feedsvc.web.pages.structured_data import Preview, open_graph

PAGE_SIZE: Final = 20

# A link: its text and its address.
Link = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleList:
    """A list of articles. `kind` is "home", "topic", "tag", "author", "month" or "search"; `own` its address.

    `slice` is what stands on it, None for nothing, and `total` how many articles that are, None where it is not said;
    `feed` is the slice it is followed by, which every change of the shelf touches. `before` and `after` lead to the
    shelves beside it; `query` is what was searched for, None where nothing could be; `last` the page that nothing
    follows, though there may be more articles. `heading_in` and `description_in` are languages, None for
    the page's own.
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
    every_feed: tuple[FeedLinks, ...] = ()
    months: tuple[Link, ...] = ()
    before: Link | None = None
    after: Link | None = None
    query: str | None = None
    last: int | None = None
    empty: str = ""

    def page(self, number: int) -> str:
        """The address of one of its pages, counted from 1."""
        return with_parameters(self.own, page=str(number)) if number > 1 else self.own


def render_list(snapshot: Snapshot, face: PageContext, shelf: ArticleList, number: int) -> Rendered:
    """Page `number` of a shelf. Raises UnknownResource past its end."""
    if shelf.last is not None and number > shelf.last:
        raise UnknownResource(f"no page {number} (the last of a search is {shelf.last}: add a word; see {shelf.own})")
    offset = (number - 1) * PAGE_SIZE
    articles = [] if shelf.slice is None else snapshot.articles(shelf.slice, PAGE_SIZE + 1, offset)
    if number > 1 and not articles:
        raise UnknownResource(f"no page {number} (see {shelf.own})")
    own, title = shelf.page(number), _titled(shelf, number)
    followed = face.feed(shelf.feed)
    return render(
        face,
        "list.html",
        own=own,
        last_modified=snapshot.last_change_of_lists(shelf.feed),
        made_of=made_of(shelf.feed),
        shelf=shelf,
        title=title,
        description=shelf.description,
        number=number,
        articles=articles[:PAGE_SIZE],
        found=offset + min(len(articles), PAGE_SIZE),
        more=len(articles) > PAGE_SIZE and number != shelf.last,
        cut_off=PAGE_SIZE * number if len(articles) > PAGE_SIZE and number == shelf.last else 0,
        feeds=[followed],
        main_feed=followed.main,
        topic=shelf.feed.topic,
        open_graph=list(open_graph(face, _preview(face, shelf, title, own))) if shelf.query is None else [],
    )


def _titled(shelf: ArticleList, number: int) -> str:
    """The title of one of its pages: no two have the same."""
    page = gettext("page %(number)s", number=number)
    return f"{shelf.title} – {page}" if number > 1 else shelf.title


def _preview(face: PageContext, shelf: ArticleList, title: str, own: str) -> Preview:
    return Preview(kind="website", language=face.ui, title=title, description=shelf.description, url=own)
