"""The files beside articles that readers may request."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from feedsvc.store.rows import to_time
from feedsvc.store.schema import article_media, articles, media
from feedsvc.store.session import Session


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file in the media folder. `filename` is the name that its author gave it, "" where none is known."""

    name: str
    type: str
    length: int
    digest: bytes
    at: datetime
    filename: str = ""


class Media:
    """The files that live, scheduled or once edited articles use."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection

    def public_file(self, name: str) -> MediaFile | None:
        """Return the file of that name; None where no live article has or had it.

        A name is made of the content, so a client that has a file of a scheduled article could ask for it.
        """
        uses = select(article_media.c.name).join(articles, articles.c.id == article_media.c.id)
        is_used = uses.where(article_media.c.name == name, articles.c.live.is_(True)).limit(1)
        return self.file(name) if self._connection.scalar(is_used) is not None else None

    def file(self, name: str) -> MediaFile | None:
        """Return the file of that name in the media folder; None where no article has or had it."""
        row: Any = self._connection.execute(select(media).where(media.c.name == name)).first()
        if row is None:
            return None
        return MediaFile(row.name, row.type, row.length, row.digest, to_time(row.at), row.filename)
