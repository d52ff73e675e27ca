"""What time alone changes: scheduled articles are released, and articles expire."""

from sqlalchemy import select

from feedsvc.store.commit.articles import ArticleWriter
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.commit.publishing import Done
from feedsvc.store.rows import article_from, to_text
from feedsvc.store.schema import articles
from feedsvc.store.session import Session


class Schedule:
    """The part of a commit that compares the dates of articles with the clock."""

    def __init__(self, session: Session, log: CommitLog, writer: ArticleWriter) -> None:
        self._connection = session.connection
        self._log, self._writer = log, writer

    def release(self) -> list[Done]:
        """Make the scheduled articles live that are due. Return what happened to each."""
        due = self._connection.execute(
            select(articles)
            .where(articles.c.live.is_(False), articles.c.published <= to_text(self._log.now))
            .order_by(articles.c.published, articles.c.id)
        ).all()
        return self._writer.put([article_from(row) for row in due])

    def expired(self) -> list[str]:
        """Return the ids of the articles, live and scheduled, that have expired."""
        is_expired = articles.c.expires <= to_text(self._log.now)
        return list(self._connection.scalars(select(articles.c.id).where(is_expired).order_by(articles.c.id)))
