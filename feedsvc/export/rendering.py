"""Ask the application for documents, without a server: each comes from the one snapshot of the export."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

from werkzeug.http import parse_date

from feedsvc.config import Settings
from feedsvc.errors import StoreUnavailable
from feedsvc.export.plan import Planned
from feedsvc.model import Site
from feedsvc.slices.slice import Slice
from feedsvc.store import Snapshot, Store
from feedsvc.web import create_app
from feedsvc.web.error_handlers import error_page


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of a file, its media type with its charset, and when it changed last (UTC).

    `coding` is the content coding in which object storage has them; "" for none. `body` is not coded.
    """

    body: bytes
    media_type: str
    modified: datetime
    coding: str = ""

    @property
    def digest(self) -> str:
        """The SHA-256 of the bytes, the type and the coding."""
        return hashlib.sha256(f"{self.media_type}{self.coding}".encode() + b"\0" + self.body).hexdigest()

    @property
    def is_compressible(self) -> bool:
        """Whether a copy in a content coding takes less time to send."""
        return self.media_type.startswith(_COMPRESSIBLE) and len(self.body) >= _WORTH_COMPRESSING


# Below this, in bytes, a compressed copy is not smaller than the packet that carries it.
_WORTH_COMPRESSING: Final = 256
_COMPRESSIBLE: Final = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "application/feed+json",
    "image/svg+xml",
)
# The pages of errors are made of templates alone.
_TEMPLATES_CHANGED_AT: Final = datetime(2026, 11, 29, tzinfo=UTC)


class PinnedStore(Store):
    """A store of which every reader gets the same snapshot, with the site of the export in it."""

    snapshot: Snapshot

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """Yield the snapshot."""
        self.snapshot.reset_search_time()
        yield self.snapshot


class Renderer:
    """Renders the documents of exports, one after another: templates and entries are kept in between."""

    def __init__(self, settings: Settings) -> None:
        self._store = PinnedStore(settings.read_store or settings.store, settings.search_seconds)
        self._app = create_app(settings, exported=self._store)
        self._site: Site | None = None

    def show(self, snapshot: Snapshot, site: Site) -> Site:
        """Render from this snapshot with the site of the export from now on. Return the site.

        That is the former one if it is equal: pages of the same object share their parts.
        """
        self._site = self._site if self._site == site else site
        snapshot.show(self._site)
        self._store.snapshot = snapshot
        # Pages that the service lets nobody keep, such as that of a feed, show articles of any date.
        self._changed_at = snapshot.slices.last_change(Slice())
        return self._site

    def content(self, planned: Planned) -> Content:
        """Return a document. Raises StoreUnavailable with the address and the answer if it cannot be rendered."""
        path, _, query = planned.url.partition("?")
        environ: dict[str, Any] = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query}
        setup_testing_defaults(environ)
        if planned.is_browser:
            environ["HTTP_SEC_FETCH_DEST"] = "document"
        said: list[tuple[str, dict[str, str]]] = []

        def start(status: str, fields: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
            said.append((status, dict(fields)))
            return said.append  # type: ignore[return-value]  # PEP 3333's `write`, which nothing here calls

        body = b"".join(self._app.wsgi_app(environ, start))
        status, fields = said[0]
        if not status.startswith("200"):
            text = body.decode(errors="replace").strip()[:200]
            raise StoreUnavailable(f"{planned.url} cannot be exported: {status}: {text} (report this: it is a fault)")
        modified = parse_date(fields.get("Last-Modified")) or self._changed_at
        return self._coded(Content(body, fields["Content-Type"], modified))

    def error(self, status: int, text: str) -> Content:
        """Return the page of an error in the language of the site."""
        with self._app.test_request_context():
            response = error_page(status, text)
        modified = max(self._changed_at, _TEMPLATES_CHANGED_AT)
        return self._coded(Content(response.get_data(), response.content_type, modified))

    def _coded(self, content: Content) -> Content:
        coding = self._site.export.compress if self._site else None
        return replace(content, coding=coding) if coding and content.is_compressible else content
