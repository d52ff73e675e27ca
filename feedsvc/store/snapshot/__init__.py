"""The queries of a request or a sync: a state of the store that does not change while it is read."""

from datetime import datetime
from functools import cached_property

from feedsvc.model import Site
from feedsvc.store import change_log
from feedsvc.store.change_log import Touched, Version
from feedsvc.store.file_records import FileRecords
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives
from feedsvc.store.snapshot.articles import Articles
from feedsvc.store.snapshot.changes import Changes
from feedsvc.store.snapshot.claims import Claims
from feedsvc.store.snapshot.identities import Identities
from feedsvc.store.snapshot.lists import Lists
from feedsvc.store.snapshot.media import Media
from feedsvc.store.snapshot.overview import Overview, overview
from feedsvc.store.snapshot.queries import SliceQueries
from feedsvc.store.snapshot.slices import Slices


class Snapshot:
    """A consistent view of the store, in parts. All of them raise StoreUnavailable if it cannot be read.

    All searches together may use `search_seconds` of CPU time. Only a sync uses `files`, `claims` and `identities`, so
    they are created when they are first used.
    """

    def __init__(self, session: Session, search_seconds: float = 2.0) -> None:
        self._session = session
        self._queries = SliceQueries(session, search_seconds)
        self.articles = Articles(self._session, self._queries)
        self.slices = Slices(self._session, self._queries)
        self.archives = Archives(self._session, self._queries)
        self.changes = Changes(self._session, self._queries)

    @cached_property
    def media(self) -> Media:
        """Return the files beside articles."""
        return Media(self._session)

    @cached_property
    def lists(self) -> Lists:
        """Return the lists of pages."""
        return Lists(self._session, self._queries)

    @cached_property
    def files(self) -> FileRecords:
        """Return the records of files."""
        return FileRecords(self._session)

    @cached_property
    def claims(self) -> Claims:
        """Return which article claims which slug and id."""
        return Claims(self._session.connection)

    @cached_property
    def identities(self) -> Identities:
        """Return what the store knows of the identities of articles."""
        return Identities(self._session.connection)

    def overview(self) -> Overview:
        """Return how many articles there are, what is scheduled and what is set aside."""
        return overview(self._session, self.files)

    def reset_search_time(self) -> None:
        """Give the following searches, which are of another request, the whole budget."""
        self._queries.reset_search_time()

    def commit(self) -> int:
        """Return the number of the last commit that readers can see."""
        return self._session.commits()

    def version(self) -> Version:
        """Return the version of the store."""
        return Version(self._session.epoch(), self.commit(), change_log.last_seq(self._session.connection))

    def touched_since(self, version: Version) -> Touched:
        """Return what may have changed since `version`."""
        if version.epoch != self._session.epoch():
            return Touched(everything=True)
        return change_log.touched_since(self._session.connection, version.seq)

    def site(self) -> Site:
        """Return the publication as last committed. Raises StoreUnavailable before the first sync."""
        return self._session.site()

    def has_address(self, address: str) -> bool:
        """Return whether a slug or an old address (`urls.address_of`) leads to a live article."""
        return self.articles.has_address(address)

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this tag, author or language."""
        return self.slices.has_facet(facet, value)

    def owner(self, address: str) -> str | None:
        """Return the path of the article whose file gives it a slug or an old address; None if no file does."""
        return self.articles.owner(address)

    def has_media(self, name: str) -> bool:
        """Return whether a file of an article has this name."""
        return self.media.file(name) is not None

    def next_due(self) -> datetime | None:
        """Return when (UTC) something will change by time alone: a release, an expiry, or the end of a period."""
        running = self.archives.running()
        times = (self.articles.next_release(), self.articles.next_expiry(), running.end if running else None)
        return min((moment for moment in times if moment is not None), default=None)
