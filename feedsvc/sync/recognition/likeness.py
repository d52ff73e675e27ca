"""Compare a file with a published article by title, date and text. Pure.

The language is not compared, because authors often add it later; `updated` is not, because an edit sets it.
"""

from feedsvc.articles.partial_article import PartialArticle
from feedsvc.model import Article
from feedsvc.slices.search_terms import body_text
from feedsvc.store.snapshot.identities import Brief
from feedsvc.sync.recognition.similarity import comparable, similarity
from feedsvc.sync.recognition.versions import MIN_SIMILARITY
from feedsvc.sync.spool import content_of


def has_head(article: Article | PartialArticle, brief: Brief) -> bool:
    """Return whether the title and the date of publication are those of a published article."""
    return (article.title, article.published) == (brief.title, brief.published)


def has_text(article: Article, text: str) -> bool:
    """Return whether an article has this text, without regard to white space."""
    return body_text(content_of(article)).split() == text.split()


def is_same(article: Article, brief: Brief, text: str) -> bool:
    """Return whether head and text are those of a published article. Articles without text are compared by pictures."""
    is_unedited = article.updated == brief.updated and has_text(article, text)
    return is_unedited and (bool(text.split()) or article.media == brief.media)


def is_near(file: Article | PartialArticle, brief: Brief, text: str) -> bool:
    """Return whether the head is that of a published article and the text is similar."""
    content = content_of(file) if isinstance(file, Article) else file.content
    if not text.split():
        return not body_text(content).split() and isinstance(file, Article) and file.media == brief.media
    return _is_near(content, text)


def likeness(article: Article, brief: Brief, text: str) -> int:
    """Return how similar a file is to a published article, from 0 to 4."""
    same_head = (article.title == brief.title) + (article.published == brief.published)
    return same_head + 2 * has_text(article, text)


def may_be(partial: PartialArticle, brief: Brief, text: str) -> bool:
    """Return whether an unreadable file may be an article whose file is missing, by its id, slug, head or text.

    A similar text alone is sufficient if the file has no other title and no other date.
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
