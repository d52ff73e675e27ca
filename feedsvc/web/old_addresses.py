"""Addresses that nothing is served at: old ones of articles, and those that site.toml redirects."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Request, Response
from werkzeug.exceptions import Gone as GoneError
from werkzeug.exceptions import MethodNotAllowed

from feedsvc.feeds.redirects import keys_of, resolve
from feedsvc.store import Gone, Moved, Snapshot
from feedsvc.urls import Addresses, address_of
from feedsvc.web.context import context
from feedsvc.web.query_params import asked
from feedsvc.web.redirects import moved

# WordPress answers /?p=1 at /index.php?p=1, too.
_FRONT_PAGES: Final = (b"/index.php",)


def redirected(request: Request, *, exact: bool = False) -> Response | None:
    """Return the redirect from the address that is asked for; None where it leads nowhere.

    Costs a few look-ups by key in the store, whatever is asked for. `exact` leaves presets and `*` aside. Raises
    StoreError, werkzeug's Gone (410) for the old address of a removed article, and MethodNotAllowed (405).
    """
    path, pairs = request.environ["PATH_INFO"].encode("latin-1"), asked(request)
    keys = [address_of(path)]
    if pairs:
        fronts = [b"/"] if path in _FRONT_PAGES else []
        keys = [*(address_of(each, pairs) for each in (path, *fronts)), *keys]
    with context().store.read() as snapshot:
        return _response(request, _found(snapshot, keys, exact=exact))


def redirected_query(request: Request, own: Iterable[str]) -> Response | None:
    """Return the redirect from an address of the front page whose query another system gave a meaning (`/?p=123`).

    `own` are the parameters that the page itself knows.
    """
    pairs = asked(request)
    if all(name in own for name, _ in pairs):
        return None
    with context().store.read() as snapshot:
        return _response(request, _found(snapshot, [address_of(b"/", pairs)]))


def _found(snapshot: Snapshot, keys: Sequence[str], *, exact: bool = False) -> str | None:
    """Return the URL that the first of these addresses leads to: articles come before redirects."""
    base = Addresses(snapshot.site().base_url)
    for key in keys:
        article = snapshot.articles.at(key)
        if isinstance(article, Moved):
            return base.article(article.slug)
        if isinstance(article, Gone):
            raise GoneError(f"this article was removed (see {base.home})")
    target = resolve(keys, snapshot.site(), snapshot, exact=exact)
    # What counts as existing may still answer 404, such as a month without articles.
    return None if target is None or keys_of(target)[0] in keys else base.absolute(target)


def _response(request: Request, url: str | None) -> Response | None:
    if url is None:
        return None
    if request.method == "OPTIONS":
        return Response()
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed
    return moved(url)
