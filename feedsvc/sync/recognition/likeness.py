"""How surely a file is one of the articles that are published, by what it says. Pure.

Language is no sign: it is a field that is added later. `updated` is none either, since an edit sets it.
"""

from feedsvc.articles.partial_article import PartialArticle
from feedsvc.model import Article
from feedsvc.slices.search_terms import body_text
from feedsvc.store.snapshot.identities import Brief
from feedsvc.sync.recognition.similarity import comparable, similarity
from feedsvc.sync.recognition.versions import MIN_SIMILARITY
from feedsvc.sync.spool import content_of


def has_head(article: Article | PartialArticle, brief: Brief) -> bool:
    """Whether the title and the date of publication are those of a published article."""
    return (article.title, article.published) == (brief.title, brief.published)


def says(article: Article, text: str) -> bool:
    """Whether an article has this text, white space aside."""
    return body_text(content_of(article)).split() == text.split()


def is_same(article: Article, brief: Brief, text: str) -> bool:
    """Whether the text is that of an article with the same head. Pictures are compared where none is."""
    is_unedited = article.updated == brief.updated and says(article, text)
    return is_unedited and (bool(text.split()) or article.media == brief.media)


def is_near(file: Article | PartialArticle, brief: Brief, text: str) -> bool:
    """Whether the text is nearly that of an article with the same head."""
    content = content_of(file) if isinstance(file, Article) else file.content
    if not text.split():
        return not body_text(content).split() and isinstance(file, Article) and file.media == brief.media
    return _is_near(content, text)


def likeness(article: Article, brief: Brief, text: str) -> int:
    """Return how much of a published article a file still says, 0 to 4."""
    same_head = (article.title == brief.title) + (article.published == brief.published)
    return same_head + 2 * says(article, text)


def may_be(partial: PartialArticle, brief: Brief, text: str) -> bool:
    """Whether a file that cannot be read is an article whose file is gone: by its id, slug, head or text.

    A text alone is a sign where the file tells neither another title nor another date.
    """
    if partial.id is not None:
        return partial.id == brief.id
    same_title, same_date = partial.title == brief.title, partial.published == brief.published
    if partial.slug == brief.slug or (same_title and same_date):
        return True
    is_told = bool(partial.title) and partial.published is not None
    return (same_title or same_date or not is_told) and _is_near(partial.content, text)


def _is_near(content: str, text: str) -> bool:
    one, other = comparable(body_text(content)), comparable(text)
    return bool(one) and bool(other) and similarity(one, other) >= MIN_SIMILARITY
