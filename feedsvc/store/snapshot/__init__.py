"""The queries of a request or a sync: a state of the store that does not change while it is read."""

from collections.abc import Callable, Hashable, Iterator
from functools import cached_property
from typing import Any, Final, TypeVar

from feedsvc.model import Site
from feedsvc.store import change_log
from feedsvc.store.change_log import Touched, Version
from feedsvc.store.file_records import FileRecords
from feedsvc.store.session import Session
from feedsvc.store.snapshot.archives import Archives
from feedsvc.store.snapshot.catalogue import Catalogue
from feedsvc.store.snapshot.changes import Changes
from feedsvc.store.snapshot.claims import Claims
from feedsvc.store.snapshot.file_list import ListedFile, file_list
from feedsvc.store.snapshot.identities import Identities
from feedsvc.store.snapshot.lists import Lists
from feedsvc.store.snapshot.media import Media
from feedsvc.store.snapshot.overview import Overview, overview
from feedsvc.store.snapshot.queries import SliceQueries
from feedsvc.store.snapshot.schedule import Schedule
from feedsvc.store.snapshot.slices import Slices
from feedsvc.store.snapshot.slugs_and_aliases import Slugs
from feedsvc.store.snapshot.surrogate_keys import keys_touched
from feedsvc.store.snapshot.translations import Translations

T = TypeVar("T")
# A feed may have 500 articles, and a refresh renders the formats of the same slice soon after each other.
MAX_REMEMBERED: Final = 8


class Snapshot:
    """A consistent view of the store, in parts. All of them raise StoreUnavailable if it cannot be read.

    All searches together may use `search_seconds` of CPU time. Only a sync uses `files`, `claims` and `identities`, so
    they are created when they are first used.
    """

    def __init__(self, session: Session, search_seconds: float = 2.0) -> None:
        self._session = session
        self._made: dict[Hashable, Any] = {}
        self._last: tuple[Hashable, Any] = (None, None)
        self._queries = SliceQueries(session, search_seconds)
        self.slugs = Slugs(self._session)
        self.translations = Translations(self._session, self._queries)
        self.slices = Slices(self._session, self._queries)
        self.archives = Archives(self._session, self._queries)
        self.changes = Changes(self._session, self._queries)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for `key` before; each state of the store gives the same.

        The formats of a feed show the same articles, and a refresh renders all of them from one snapshot. The last
        MAX_REMEMBERED results are held.
        """
        if key not in self._made:
            made = make()
            while len(self._made) >= MAX_REMEMBERED:
                del self._made[next(iter(self._made))]
            self._made[key] = made
        found: T = self._made[key]
        return found

    def once_in_a_row(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what `make` returned for `key` if that was the last call, as `once` does for something large."""
        if self._last[0] != key:
            # First, so that two of them are never in memory.
            self._last = (None, None)
            self._last = (key, make())
        found: T = self._last[1]
        return found

    @cached_property
    def schedule(self) -> Schedule:
        """Return the next changes that time makes."""
        return Schedule(self._session, self.archives)

    @cached_property
    def media(self) -> Media:
        """Return the files beside articles."""
        return Media(self._session)

    @cached_property
    def lists(self) -> Lists:
        """Return the lists of pages."""
        return Lists(self._session, self._queries)

    @cached_property
    def catalogue(self) -> Catalogue:
        """Return the lists of an export."""
        return Catalogue(self._session, self._queries)

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

    def file_list(self) -> Iterator[ListedFile]:
        """Yield every file that was read, with its state, by path."""
        return file_list(self._session)

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

    def surrogate_keys_since(self, version: Version | None) -> frozenset[str]:
        """Return the surrogate keys of responses that commits after `version` may have changed.

        None, and a version that this store has lost or never had, stand for all responses.
        """
        now = self.version()
        if version is None or version.commit > now.commit:
            return keys_touched(Touched(everything=True))
        return keys_touched(self.touched_since(version)) if version != now else frozenset()

    def purged_version(self) -> Version | None:
        """Return the last version whose responses were purged from the CDN; None if there was none."""
        text = self._session.meta("purged")
        if text is None:
            return None
        epoch, commit, seq = text.split(" ")
        return Version(epoch, int(commit), int(seq))

    def site(self) -> Site:
        """Return the publication as last committed. Raises StoreUnavailable before the first sync."""
        return self._session.site()

    def show(self, site: Site) -> None:
        """Make this snapshot use `site`: that of an export, which has other addresses."""
        self._session.replace_site(site)

    def writer_revision(self) -> str | None:
        """Return the revision of the content that was saved with the last sync; None if there is none."""
        return self._session.meta("writer_revision")

    def is_preview(self) -> bool:
        """Return whether this is the store of a preview, with drafts in it, which is never served to readers."""
        return self._session.meta("preview") is not None

    def has_articles(self) -> bool:
        """Return whether there are or were articles, live or scheduled."""
        return self.changes.has_articles() or self.claims.count() > 0

    def has_address(self, address: str) -> bool:
        """Return whether a slug or an old address (`urls.address_of`) leads to a live article."""
        return self.slugs.has_address(address)

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has or had this tag, author or language."""
        return self.slices.has_facet(facet, value)

    def owner(self, address: str) -> str | None:
        """Return the path of the article whose file gives it a slug or an old address; None if no file does."""
        return self.slugs.owner(address)

    def has_media(self, name: str) -> bool:
        """Return whether a file of an article has this name."""
        return self.media.file(name) is not None
