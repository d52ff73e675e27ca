"""Which facets an article has, and which one a slice is."""

from feedsvc.model import Article, Slice

Facet = tuple[str, str]
EVERYTHING: Facet = ("all", "")
# Changes of the site or the renderer touch every slice; they are logged under this facet.
SITE: Facet = ("site", "")


def facets_of(article: Article) -> set[Facet]:
    """Every facet the article is found by."""
    return {EVERYTHING, *(("topic", name) for name in article.topics)}


def facet_of(slice_: Slice) -> Facet:
    """The facet that holds exactly the slice's articles."""
    return EVERYTHING if slice_.topic is None else ("topic", slice_.topic)
