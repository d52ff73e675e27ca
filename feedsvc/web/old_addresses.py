"""Addresses that nothing is served at: old ones of articles, and those that site.toml redirects."""

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Request, Response
from werkzeug.exceptions import Gone as GoneError
from werkzeug.exceptions import MethodNotAllowed

from feedsvc.errors import UnknownResource
from feedsvc.feeds.own_addresses import keys_of
from feedsvc.feeds.redirects import Reach, resolve
from feedsvc.feeds.wordpress_queries import asks_for_feed
from feedsvc.store import Gone, Moved, Snapshot
from feedsvc.tracking import is_mark
from feedsvc.urls import address_of
from feedsvc.web.context import context
from feedsvc.web.query_params import query_pairs
from feedsvc.web.redirects import moved

# WordPress answers /?p=1 at /index.php?p=1, too.
_FRONT_PAGES: Final = (b"/index.php",)


def redirected(request: Request, reach: Reach = Reach.ALL) -> Response | None:
    """Return the redirect from the address that is asked for; None if there is no redirect.

    Costs a few look-ups by key in the store for any request. `reach` says which redirects count. Raises
    StoreError, werkzeug's Gone (410) for the old address of a removed article, and MethodNotAllowed (405).
    """
    path, pairs = request.environ["PATH_INFO"].encode("latin-1"), query_pairs(request)
    paths = [path, b"/"] if path in _FRONT_PAGES and pairs else [path]
    # Words such as `ref` mean nothing here, but may have been a name elsewhere: with them, and without.
    whole = [(name, value) for name, value in request.args.items(multi=True) if not is_mark(name)]
    queries = [whole, pairs] if whole != pairs else [pairs]
    keys = [address_of(each, query) for each in paths for query in queries]
    if asks_for_feed(pairs):
        # A feed reader must get no page: not the article for the feed of its comments, nor what a * leads to.
        reach = min(reach, Reach.PRESETS)
    else:
        keys = list(dict.fromkeys([*keys, address_of(path)]))
    with context().store.read() as snapshot:
        return _response(request, _found(snapshot, keys, reach))


def redirected_query(request: Request, own: Iterable[str]) -> Response | None:
    """Return the redirect from an address of the front page whose query another system gave a meaning (`/?p=123`).

    `own` are the parameters that the page itself knows. Raises UnknownResource where the query asks for a feed that is
    nowhere: a feed reader must not get the front page for it.
    """
    pairs = query_pairs(request)
    if all(name in own for name, _ in pairs):
        return None
    with context().store.read() as snapshot:
        found = _response(request, _found(snapshot, [address_of(b"/", pairs)], Reach.PRESETS))
        if found is None and asks_for_feed(pairs):
            raise UnknownResource(f"no such feed (see {snapshot.site().addresses.opml})")
        return found


def _found(snapshot: Snapshot, keys: Sequence[str], reach: Reach) -> str | None:
    """Return the URL that the first of these addresses leads to.

    The addresses in articles' files come first, then exact redirects, then the former addresses in the store: an author
    who writes a redirect from a former address of an article intends it.
    """
    site = snapshot.site()
    base = site.addresses
    known = [snapshot.slugs.at(key) for key in keys]
    for article in known:
        if isinstance(article, Moved) and article.is_declared:
            return base.article(article.slug)
    remembered = next((each for each in known if isinstance(each, Moved | Gone)), None)
    target = resolve(keys, site, snapshot, reach if remembered is None else Reach.EXACT)
    # What counts as existing may still answer 404, such as a month without articles.
    if target is not None and keys_of(target)[0] not in keys:
        return base.absolute(target)
    if isinstance(remembered, Moved):
        return base.article(remembered.slug)
    if remembered is not None:
        raise GoneError(f"this article was removed (see {base.home})")
    return None


def _response(request: Request, url: str | None) -> Response | None:
    if url is None:
        return None
    if request.method == "OPTIONS":
        return Response()
    if request.method not in ("GET", "HEAD"):
        raise MethodNotAllowed
    return moved(url)
