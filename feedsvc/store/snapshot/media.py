"""The files beside articles that readers may request."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from feedsvc.media.storage import MediaStorage
from feedsvc.store.portions import portions
from feedsvc.store.rows import loads, to_time
from feedsvc.store.schema import article_media, articles, media
from feedsvc.store.session import Session, pictures_of_site
from feedsvc.store.snapshot.surrogate_keys import MAX_KEYS

# The width in pixels and the name of a smaller size of a picture.
Size = tuple[int, str]
# As many as surrogate keys tell from "very many".
MAX_USERS: Final = MAX_KEYS
# Stands for the publication itself among the ids of articles that use a file. No id is empty.
SITE: Final = ""
# JSON: [[width, name], …], [] for none, or the text of the reason why there are none.
_HAS_SIZES: Final = media.c.sizes.like("[[%")


@dataclass(frozen=True, slots=True)
class MediaFile:
    """A file in the media storage. `filename` is the name that its author gave it, "" where none is known.

    `used_by` has the ids of live articles that have or had it, at most MAX_USERS of them; only `public_file` fills it.
    """

    name: str
    type: str
    length: int
    digest: bytes
    at: datetime
    filename: str = ""
    used_by: frozenset[str] = frozenset()


class Media:
    """The files that live, scheduled or once edited articles use."""

    def __init__(self, session: Session) -> None:
        self._connection = session.connection
        self._session = session

    def public_file(self, name: str) -> MediaFile | None:
        """Return the file of that name; None where neither the publication itself nor a live article has or had it.

        A name is made of the content, so a client that has a file of a scheduled article could ask for it.
        """
        uses = select(articles.c.id).join(article_media, articles.c.id == article_media.c.id)
        live = uses.where(article_media.c.name == name, articles.c.live.is_(True)).limit(MAX_USERS)
        used_by = frozenset(self._connection.scalars(live))
        found = self.file(name) if used_by or name in pictures_of_site(self._session) else None
        return replace(found, used_by=used_by) if found is not None else None

    def lost(self, storage: MediaStorage) -> dict[str, set[str]]:
        """Return the files that the media storage lacks, or has with another length, with the ids that use them now.

        A file that only earlier versions of articles used has no ids: content/ has it no more.
        """
        return self._users(storage.missing(self._lengths()))

    def _lengths(self) -> dict[str, int]:
        return {row.name: row.length for row in self._connection.execute(select(media.c.name, media.c.length))}

    def _users(self, names: Set[str]) -> dict[str, set[str]]:
        """Return the ids of the articles that use these files now, by name; with SITE for an icon or a logo.

        A smaller size is used with its picture.
        """
        found: dict[str, set[str]] = {name: set() for name in names}
        if found:
            for picture in self._session.site().pictures:
                found.get(picture.name, set()).add(SITE)
        pictures = self.pictures_of(names)
        for some in portions(sorted(found)):
            uses = select(article_media.c.name, articles.c.id, articles.c.data)
            uses = uses.join(articles, articles.c.id == article_media.c.id).where(article_media.c.name.in_(some))
            for row in self._connection.execute(uses):
                if not {row.name, *pictures.get(row.name, ())}.isdisjoint(loads(row.data)["media"]):
                    found[row.name].add(row.id)
        return found

    def missing(self, storage: MediaStorage) -> dict[str, set[str]]:
        """Return those of the `lost` files that live or scheduled articles, or the site, use now."""
        return {name: ids for name, ids in self.lost(storage).items() if ids}

    def unreadable(self, storage: MediaStorage) -> set[str]:
        """Return the files that live or scheduled articles use now, and that this process may not read."""
        return {name for name, ids in self._users(storage.unreadable(self._lengths())).items() if ids}

    def sizes(self, names: Iterable[str]) -> dict[str, Sequence[Size]]:
        """Return the smaller sizes of those of the pictures that have some, the smallest first."""
        found: dict[str, Sequence[Size]] = {}
        for some in portions(sorted(set(names))):
            known = select(media.c.name, media.c.sizes).where(media.c.name.in_(some), _HAS_SIZES)
            for row in self._connection.execute(known):
                found[row.name] = [(width, name) for width, name in loads(row.sizes)]
        return found

    def pictures_of(self, sizes: Set[str]) -> Mapping[str, set[str]]:
        """Return the pictures of which these files are smaller sizes, by the names of those of them that are some."""
        found: dict[str, set[str]] = {}
        if sizes:
            for row in self._connection.execute(select(media.c.name, media.c.sizes).where(_HAS_SIZES)):
                for _, name in loads(row.sizes):
                    if name in sizes:
                        found.setdefault(name, set()).add(row.name)
        return found

    def unsized(self, after: str, limit: int) -> list[MediaFile]:
        """Return pictures of articles, after the name `after`, that nobody has looked at for smaller sizes.

        They are in the order of names.
        """
        # The logo of the publication is none of them: the store does not know when its sizes would be unused.
        is_used = select(article_media.c.name).where(article_media.c.name == media.c.name).exists()
        wanted = select(media).where(media.c.sizes.is_(None), media.c.name > after, is_used)
        wanted = wanted.order_by(media.c.name).limit(limit)
        return [_media_file(row) for row in self._connection.execute(wanted)]

    def file(self, name: str) -> MediaFile | None:
        """Return the file of that name in the media storage; None where no article has or had it."""
        row: Any = self._connection.execute(select(media).where(media.c.name == name)).first()
        if row is None:
            return None
        return _media_file(row)


def _media_file(row: Any) -> MediaFile:
    return MediaFile(row.name, row.type, row.length, row.digest, to_time(row.at), row.filename)
