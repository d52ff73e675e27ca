"""The page of a search: what is asked for, the choices of its form, where the words are in each article."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from flask_babel import gettext
from markupsafe import Markup, escape
from werkzeug.datastructures import MultiDict

from feedsvc import languages
from feedsvc.documents.feeds import check_slice
from feedsvc.errors import BadParameter
from feedsvc.model import Article
from feedsvc.slices import search_terms
from feedsvc.slices.grammar import MAX_QUERY, parse
from feedsvc.slices.search_hits import excerpt, hits, marked
from feedsvc.slices.slice import ALL, Slice
from feedsvc.store import Snapshot
from feedsvc.text import plain, shorten, xml_legal
from feedsvc.urls import with_parameters
from feedsvc.web.pages.line_breaks import marked_phrases
from feedsvc.web.pages.list_page import PAGE_SIZE, ArticleList, Link, Suggestions, titled
from feedsvc.web.pages.page import PageContext
from feedsvc.web.query_params import check_known

# The most pages of a search. The store counts its results from the newest, so a late page costs as much as all before.
PAGES: Final = 50
# Results are counted up to this number.
MOST_COUNTED: Final = PAGES * PAGE_SIZE
# By the values of the parameter `sort`; the first one needs no parameter.
SORTS: Final = ("date", "relevance")
# The characters of a text that a result shows.
SHOWN: Final = 160
# What a search without results shows at most.
EXAMPLES: Final = 2
# The letters of a tag before the star of the example.
BEGUN: Final = 3
TAGS: Final = 12
# The words of a search that finds nothing which have a link each.
WORDS: Final = 5
LATEST: Final = 5
# The space that a tag left beside full-width punctuation, which has a space of its own.
_CJK_SPACE: Final = re.compile("(?<=[\u3001-\u303f\uff01-\uff65]) | (?=[\u3001-\u303f\uff01-\uff65])")
# Parameters with one value each.
_SINGLE: Final = ("topic", "lang", "sort")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What is asked for: `query` as it was written, of MAX_QUERY characters at most, and the slice that it selects.

    `is_cut` says that there were more characters. `slice` is None where the query has no word.
    """

    query: str
    slice: Slice | None
    filters: Slice
    sort: str = SORTS[0]
    is_cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """A control with the choices of a filter: (value, name, whether it is chosen), the value "" for no filter."""

    parameter: str
    label: str
    choices: tuple[tuple[str, str, bool], ...]


def asked(parameters: MultiDict[str, str]) -> SearchRequest:
    """Return what the parameters of the page ask for. Raises BadParameter for a filter or an order that is unknown."""
    written = " ".join(xml_legal(parameters.get("q", "")).split())
    query = written
    if len(written) > MAX_QUERY:
        # A word that the limit cuts is left out where there is another one.
        query = written[: MAX_QUERY + 1].rpartition(" ")[0] or written[:MAX_QUERY]
    given = {name: [value for value in map(plain, parameters.getlist(name)) if value] for name in _SINGLE}
    for name, values in given.items():
        if len(values) > 1:
            raise BadParameter(f"parameter {name!r} is given twice (keep one)")
    sort = given["sort"][0].lower() if given["sort"] else SORTS[0]
    check_known("sort", sort, SORTS)
    filters = parse(ALL, [(name, value) for name in ("topic", "lang") for value in given[name]])
    terms = search_terms.parsed(query)
    return SearchRequest(
        query=query,
        slice=replace(filters, terms=terms) if terms else None,
        filters=filters,
        sort=sort,
        is_cut=query != written,
    )


def search(snapshot: Snapshot, page: PageContext, request: SearchRequest) -> ArticleList:
    """Return the articles that have every word, as feeds find them. Raises as `check_slice` for unknown filters."""
    slice_, filters = request.slice, request.filters
    check_slice(snapshot, page.site, ALL, filters)
    count = snapshot.slices.count_up_to(slice_, MOST_COUNTED + 1) if slice_ else 0
    parameters = {
        "q": request.query,
        "topic": filters.topic or "",
        "lang": "".join(filters.languages),
        "sort": "" if request.sort == SORTS[0] else request.sort,
    }
    given = {name: value for name, value in parameters.items() if value}
    empty = gettext("No article holds all of these words.") if slice_ else gettext("There is no word to search for.")
    orders = zip(SORTS, (gettext("Newest first"), gettext("Best match first")), strict=True)
    return ArticleList(
        kind="search",
        heading=gettext("Search"),
        title=titled(page, request.query or gettext("Search")),
        own=_url(page, given),
        slice=slice_,
        by_relevance=request.sort == "relevance",
        feed=slice_ or Slice(),
        query=request.query,
        is_cut=request.is_cut,
        selects=_selects(snapshot, page, request),
        orders=tuple(
            (name, _url(page, given, sort="" if value == SORTS[0] else value), value == request.sort)
            for value, name in orders
        ),
        wider=() if count else tuple(wider_searches(page, request, given)),
        suggestions=None if count else snapshot.once(("suggestions", page.ui), partial(suggestions, snapshot, page)),
        total=min(count, MOST_COUNTED),
        is_more=count > MOST_COUNTED,
        last=PAGES,
        empty=empty if request.query else "",
        found_in=_finder(slice_.terms) if slice_ else None,
    )


def _url(page: PageContext, given: Mapping[str, str], **changed: str) -> str:
    """Return the URL of the search with the parameters `given`; those that are "" in `changed` are left out."""
    parameters = {name: value for name, value in {**given, **changed}.items() if value}
    return with_parameters(page.base.search, **parameters) if parameters else page.base.search


def wider_searches(page: PageContext, request: SearchRequest, given: Mapping[str, str]) -> Iterator[Link]:
    """Yield links to searches with fewer filters, and for each of the words alone."""
    filters = request.filters
    if filters.topic and filters.languages:
        yield gettext("Search in all topics and languages"), _url(page, given, topic="", lang="")
    if filters.topic:
        yield gettext("Search in all topics"), _url(page, given, topic="")
    if filters.languages:
        yield gettext("Search in all languages"), _url(page, given, lang="")
    terms = request.slice.terms if request.slice else ()
    for term in terms[:WORDS] if len(terms) > 1 else ():
        yield gettext("Search for %(word)s alone", word=term), _url(page, given, q=term)


def suggestions(snapshot: Snapshot, page: PageContext) -> Suggestions:
    """Return what articles in the page's language offer; those of all languages where none is in it."""
    for slice_ in (Slice(languages=(page.ui,)), Slice()):
        latest = snapshot.slices.articles(slice_, LATEST)
        if latest:
            break
    tags = snapshot.lists.most_used(slice_, "tag", TAGS)
    examples = [each if len(each.split()) == 1 else f'"{each}"' for each in tags if search_terms.parsed(each)]
    long = next((each for each in tags if each.isascii() and each.isalpha() and len(each) >= BEGUN + 2), None)
    return Suggestions(
        examples=tuple((each, _url(page, {"q": each})) for each in examples[:EXAMPLES]),
        beginning=(f"{long[:BEGUN]}*", long) if long else None,
        tags=tuple(tags),
        latest=latest,
    )


def _selects(snapshot: Snapshot, page: PageContext, request: SearchRequest) -> tuple[Select, ...]:
    """Return the controls of the form. One with nothing to choose from is left out."""
    chosen = set(request.filters.languages)
    known = sorted({*languages.distinguishable(snapshot.slices.languages()), *chosen})
    topics = [(each.name, each.title.in_(page.ui), each.name == request.filters.topic) for each in page.site.topics]
    spoken = [(each, languages.name_in(each, page.ui), each in chosen) for each in known]
    found = (
        ("topic", gettext("Topic"), (("", gettext("All topics"), not request.filters.topic), *topics)),
        ("lang", gettext("Language"), (("", gettext("All languages"), not chosen), *spoken)),
    )
    return tuple(
        Select(parameter=parameter, label=label, choices=choices)
        for parameter, label, choices in found
        if len(choices) > 2
    )


def _finder(terms: Sequence[str]) -> Callable[[Article], tuple[Markup, Markup]]:
    """Return a function: the title and a part of an article's text as HTML, with the words that were found marked.

    The part is the summary where it has a find, else the text around the first find. Both are public: what is not is
    removed from an article before it is stored.
    """

    def found_in(article: Article) -> tuple[Markup, Markup]:
        text = (
            article.summary
            if hits(article.summary, terms)
            else _CJK_SPACE.sub("", plain(search_terms.body_text(article.content)))
        )
        part = excerpt(text, terms, SHOWN) or shorten(article.summary, SHOWN)
        title = marked_phrases(marked(article.title, terms), article.language)
        mark = Markup("<mark>{}</mark>")
        shown = (mark.format(some) if is_found else escape(some) for some, is_found in marked(part, terms))
        return title, Markup().join(shown)

    return found_in
