"""The media of articles: which files the media folder has, and which articles use them."""

from collections.abc import Sequence
from posixpath import basename

from sqlalchemy import delete, select, update

from feedsvc.model import Article, Site
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.portions import portions
from feedsvc.store.rows import dumps, to_text
from feedsvc.store.schema import article_media, media
from feedsvc.store.session import SITE_PICTURES, Session, pictures_of_site


class MediaFiles:
    """The part of a commit that records the media folder. The sync copies the files."""

    def __init__(self, session: Session, log: CommitLog) -> None:
        self._connection = session.connection
        self._session, self._log = session, log
        self._left: set[str] = set()

    def put(self, name: str, type_: str, length: int, digest: bytes, filename: str = "") -> None:
        """Record a file in the media folder. The first `filename` is kept."""
        row = {"name": name, "type": type_, "length": length, "digest": digest, "filename": filename}
        self._session.engine.put_new(self._connection, media, [row | {"at": to_text(self._log.at)}])
        # A store of version 0.1 has no names of files.
        unnamed = (media.c.name == name, media.c.filename == "")
        self._connection.execute(update(media).where(*unnamed).values(filename=filename))

    def put_pictures(self, site: Site) -> None:
        """Record the icon and the logo of the publication. Former ones stay: readers show them for long."""
        for each in site.pictures:
            digest = bytes.fromhex(each.name.partition(".")[0])
            self.put(each.name, each.type, each.length, digest, basename(each.source))
        known = pictures_of_site(self._session)
        if not known.issuperset(names := {each.name for each in site.pictures}):
            self._session.put_meta(SITE_PICTURES, dumps(sorted(known | names)))

    def drop_unused(self) -> list[str]:
        """Delete the records of files that only removed articles used. Return their names, for the folder."""
        dropped: list[str] = []
        self._left -= pictures_of_site(self._session)
        for some in portions(sorted(self._left)):
            used = set(self._connection.scalars(select(article_media.c.name).where(article_media.c.name.in_(some))))
            unused = [name for name in some if name not in used]
            self._connection.execute(delete(media).where(media.c.name.in_(unused)))
            dropped += unused
        return dropped

    def names(self) -> set[str]:
        """Return the names of all files that the media folder must have."""
        return set(self._connection.scalars(select(media.c.name)))

    def add_references(self, some: Sequence[Article]) -> None:
        """Record which files these articles use."""
        # Files of earlier versions stay, because readers have entries with them. They are deleted with the article.
        rows = [{"name": name, "id": each.id} for each in some for name in each.media]
        self._session.engine.put_new(self._connection, article_media, rows)

    def release_references(self, ids: Sequence[str]) -> None:
        """Record that the articles of these ids use no files."""
        for some in portions(ids):
            uses = article_media.c.id.in_(some)
            self._left.update(self._connection.scalars(select(article_media.c.name).where(uses)))
            self._connection.execute(delete(article_media).where(uses))
