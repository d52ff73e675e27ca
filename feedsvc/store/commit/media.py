"""The media of articles: which files the media folder has, and which articles use them."""

from collections.abc import Sequence, Set
from posixpath import basename

from sqlalchemy import delete, select, update

from feedsvc.model import Article, Site
from feedsvc.pictures import MADE_SUFFIX, MADE_TYPE, SHRUNK_TYPES
from feedsvc.store.change_log import Entry
from feedsvc.store.commit.log import CommitLog
from feedsvc.store.facets import PICTURES
from feedsvc.store.portions import portions
from feedsvc.store.rows import dumps, to_text
from feedsvc.store.schema import article_media, articles, media
from feedsvc.store.session import SITE_PICTURES, Session, pictures_of_site
from feedsvc.store.snapshot.media import Media


class MediaFiles:
    """The part of a commit that records the media folder. The sync copies the files."""

    def __init__(self, session: Session, log: CommitLog) -> None:
        self._connection = session.connection
        self._session, self._log = session, log
        self._left: set[str] = set()

    def put(self, name: str, type_: str, length: int, filename: str = "") -> None:
        """Record a file in the media folder. The first `filename` is kept."""
        sizes = None if type_ in SHRUNK_TYPES else "[]"
        self._put_new(name, type_, length, filename, sizes)
        # A store of version 0.1 has no names of files.
        unnamed = (media.c.name == name, media.c.filename == "")
        self._connection.execute(update(media).where(*unnamed).values(filename=filename))

    def put_pictures(self, site: Site) -> None:
        """Record the icon and the logo of the publication. Former ones stay: readers show them for long."""
        for each in site.pictures:
            self.put(each.name, each.type, each.length, basename(each.source))
        known = pictures_of_site(self._session)
        if not known.issuperset(names := {each.name for each in site.pictures}):
            self._session.put_meta(SITE_PICTURES, dumps(sorted(known | names)))

    def _put_new(self, name: str, type_: str, length: int, filename: str, sizes: str | None) -> None:
        # A name begins with the digest of the content.
        row = {"name": name, "type": type_, "length": length, "digest": bytes.fromhex(name.partition(".")[0])}
        more = {"at": to_text(self._log.at), "filename": filename, "sizes": sizes}
        self._session.engine.put_new(self._connection, media, [row | more])

    def put_sizes(self, picture: str, sizes: Sequence[tuple[int, str, int]], why: str = "") -> set[str] | None:
        """Record the smaller sizes of a picture: width, name and length in bytes of each, the smallest first.

        `why` says why it has none. Return the ids of the articles that have the picture; None if it is no longer here.
        """
        said = why or [(width, name) for width, name, _ in sizes]
        found = update(media).where(media.c.name == picture).values(sizes=dumps(said)).returning(media.c.filename)
        filename = self._connection.scalar(found)
        if filename is None:
            return None
        for _, name, length in sizes:
            own = f"{filename.rpartition('.')[0]}{MADE_SUFFIX}" if filename else ""
            self._put_new(name, MADE_TYPE, length, own, "[]")
        users = set(self._connection.scalars(select(article_media.c.id).where(article_media.c.name == picture)))
        rows = [{"name": name, "id": id_} for _, name, _ in sizes for id_ in users]
        self._session.engine.put_new(self._connection, article_media, rows)
        if sizes:
            self._log_pictures(users)
        return users

    def drop_sizes(self, lost: Set[str]) -> None:
        """Forget smaller sizes whose files are lost, and look at their pictures again."""
        users: set[str] = set()
        pictures = {name for names in Media(self._session).pictures_of(lost).values() for name in names}
        for some in portions(sorted(lost)):
            users.update(self._connection.scalars(select(article_media.c.id).where(article_media.c.name.in_(some))))
            self._connection.execute(delete(article_media).where(article_media.c.name.in_(some)))
            self._connection.execute(delete(media).where(media.c.name.in_(some)))
        for some in portions(sorted(pictures)):
            self._connection.execute(update(media).where(media.c.name.in_(some)).values(sizes=None))
        self._log_pictures(users)

    def look_again(self) -> None:
        """Look again at the pictures that have no smaller sizes for a reason that was found."""
        self._connection.execute(update(media).where(media.c.sizes.like('"%')).values(sizes=None))

    def _log_pictures(self, ids: Set[str]) -> None:
        """Log that pages show other sizes of the pictures of these articles, as far as they are live."""
        for some in portions(sorted(ids)):
            live = select(articles.c.id).where(articles.c.id.in_(some), articles.c.live).order_by(articles.c.id)
            self._log.append(*(Entry("pictures", id_, facets=[PICTURES]) for id_ in self._connection.scalars(live)))

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
        made = Media(self._session).sizes(name for each in some for name in each.media)
        rows = [{"name": size, "id": each.id} for each in some for name in each.media for _, size in made.get(name, ())]
        self._session.engine.put_new(self._connection, article_media, rows)

    def release_references(self, ids: Sequence[str]) -> None:
        """Record that the articles of these ids use no files."""
        for some in portions(ids):
            uses = article_media.c.id.in_(some)
            self._left.update(self._connection.scalars(select(article_media.c.name).where(uses)))
            self._connection.execute(delete(article_media).where(uses))
