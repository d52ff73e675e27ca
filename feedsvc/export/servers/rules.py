"""What servers have to know of an export, for the writers of their files."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby, permutations
from typing import Final
from urllib.parse import quote, unquote, unquote_plus, urlsplit

from feedsvc import routes
from feedsvc.documents.cache_control import ARCHIVE_MAX_AGE, cache_control
from feedsvc.export.plan import Plan
from feedsvc.export.servers.old_feeds import feed_paths, narrowing, old_feeds
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.own_addresses import OUR_FOLDERS, OUR_PLACES, exists, keys_of
from feedsvc.feeds.redirects import Reach, resolve
from feedsvc.feeds.static_links import OF_SERVICE, static_url
from feedsvc.media.storage import IMMUTABLE
from feedsvc.model import Article, Site
from feedsvc.slices.grammar import AFTER, PARAMETERS, query
from feedsvc.slices.slice import ALL, Slice
from feedsvc.store import Moved
from feedsvc.tracking import NAMES, PREFIXES, WORDS
from feedsvc.urls import segment
from feedsvc.web.media import SANDBOX
from feedsvc.web.pages.embed import LOOK, SCRIPT_CACHE_CONTROL
from feedsvc.web.pages.embed import POLICY as EMBED_POLICY
from feedsvc.web.pages.page import CONTENT_SECURITY_POLICY, MAX_AGE, REFERRER_POLICY, content_security_policy
from feedsvc.web.pages.ui_language import language_of_article
from feedsvc.web.query_params import PAGE_PARAMETERS
from feedsvc.web.redirects import MOVED_CACHE_CONTROL
from feedsvc.web.responses import ALLOWED, CORS, SHARED
from feedsvc.web.static import TYPES as STATIC_TYPES

ALWAYS: Final = {"X-Content-Type-Options": "nosniff"}
# The header fields of redirects.
MOVED: Final = {**ALWAYS, "Cache-Control": MOVED_CACHE_CONTROL}
# The header fields of answers to OPTIONS and to other methods that nothing has.
OPTIONS: Final = {**ALWAYS, "Allow": ALLOWED, "Cache-Control": "no-store"}
# Matches what scripts of any page may read, with any status.
SHARED_PATHS: Final = f"(?:{'|'.join(map(re.escape, SHARED))})"
_PAGE_TYPE: Final = "text/html; charset=utf-8"
# Of the normal form of an address, what stands in a path as it is.
SAFE: Final = "/:@!$&'()*+,;=~-._"
# What is for servers alone.
_HIDDEN: Final = r"/(?:_headers|_redirects|\.)"
# Pages of feeds, whose addresses have the suffix of their files, and files whose addresses have none: an old address of
# an article may be /about.html, beside a page at /about.
OF_FEEDS: Final = rf"/(?:[^/]+/)?{routes.FEEDS[1:]}/"
SUFFIXED: Final = r"/.*\.html(?:\.gz|\.br)?$"
# Compressed copies, whose addresses are those of the files. A tag may be called `x.gz`.
_COPIED: Final = rf"(?:[^/]+/)?{routes.FEEDS[1:]}/.*|(?:{routes.FEEDS[1:]}|sitemap|robots|openapi|embed)[^/]*|static/.*"
HIDDEN: Final = rf"(?:{_HIDDEN}|/(?:{_COPIED})\.(?:gz|br)/*$)"
# Pages of errors, which no address leads to.
ERRORS: Final = "/(?:404|410)$"
# What an address leads to that is none of a URL: 410 and 404.
GONE: Final = "gone"
MISSING: Final = "missing"
# The longest redirect, in bytes of its address and its target: nginx refuses parameters of more than 4,096.
_MAX_REDIRECT: Final = 3900
# What begins so, after the prefix, never was in another system: a redirect with a * does not count there.
OWN: Final = "|".join([*map(re.escape, OUR_FOLDERS), *(rf"{re.escape(each)}/*$" for each in sorted(OUR_PLACES))])


def _ignored(names: Iterable[str]) -> str:
    """Return a regular expression for a parameter with one of these names, or one that begins as `PREFIXES` say."""
    some = [*map(re.escape, sorted(names)), rf"(?:{'|'.join(map(re.escape, PREFIXES))})[^=&]*"]
    return rf"(?i:(?:{'|'.join(some)})?(?:=[^&]*)?)"


# Matches a parameter that means nothing (`tracking.is_ignored`).
_TRACKING: Final = _ignored(NAMES)
# A parameter of a slice without a value does not count.
_EMPTY: Final = rf"(?:{'|'.join(map(re.escape, (*PARAMETERS, AFTER)))})=?"
# The kinds of paths, and what matches parameters that mean nothing there. What changes the look of an embedded list is
# not in an export. At old addresses such as `/item?ref=12` a word counts (`tracking.is_mark`).
KINDS: Final = {
    "feed": rf"{_TRACKING}|(?:{'|'.join(PAGE_PARAMETERS)})=[^&]*|{_EMPTY}",
    "embed": rf"{_TRACKING}|{_EMPTY}|(?:{'|'.join(LOOK)})=[^&]*",
    "word": _ignored(NAMES - WORDS),
    "page": _TRACKING,
}
# Matches the paths of a kind, after the prefix; those of the kind "word" are in `Rules.words`, all others are of pages.
PATHS_OF_KINDS: Final = {"feed": rf"{routes.FEEDS}[/.]", "embed": routes.EMBED.prefix}
# Matches a kind, "&" and the query that counts where no feed or list is to be had for it: another one than "".
KNOWN: Final = r"^(?:(?:page|word)&.*|[^&]*&)$"
# What is removed at once is a run of parameters. Between, before and after four that count there are five.
RUNS: Final = 5
# The values of one parameter that may stand in any order: of more, an order for each would be too many.
_MAX_ORDERED: Final = 4
# Parts of addresses that the service reads without regard to case.
_ANY_CASE: Final = ("lang", "topic", "body")


_CONVERTED: Final = {"name": ".+", "int": "[0-9]+"}
_VARIABLE: Final = re.compile(r"<(?:(\w+)(?:\([^()<>]*\))?:)?\w+>")
# The parts of the rules of routes: text, the converter of a variable or nothing, text.
_RULES: Final = [_VARIABLE.split(each.rule) for each in routes.ROUTES if each.rule not in OF_SERVICE]
# Matches the paths of routes, after the prefix. There, the service answers OPTIONS also where nothing is.
_ROUTED: Final = "|".join(
    "".join(_CONVERTED.get(part or "", "[^/]+") if number % 2 else re.escape(part) for number, part in enumerate(each))
    for each in _RULES
)
ROUTED: Final = rf"(?:{_ROUTED})?/?$"


@dataclass(frozen=True, slots=True)
class Place:
    """A part of the export with the same header fields: paths that match `pattern`, and its glob for `_headers`.

    `glob` is None for a part that no glob with one `*` names: it has the fields of the next one that fits.
    """

    pattern: str
    glob: str | None
    fields: Mapping[str, str]
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """What servers have to know. `prefix` is the decoded path of the publication on its host, "" or "/news".

    `home` is the URL of the front page. `asked` are pairs of a regular expression for a path with its query and the
    path of the file, with its groups as $1, $2. `renamed` are such pairs with a URL: former names of topics, without
    regard to case. The parameters of these queries are in the order that the steps of `order` give (see `_steps`).
    `leads` has the URL of each old path, GONE for that of a removed article, MISSING for a redirect to nothing;
    `leads_in_languages` the same for the pages of articles in each language of the interface; `leads_by_query` the same
    for each path with a query, whose parameters are in the order that the steps of `order_of_old` give. `words` matches
    the paths of `leads_by_query` where a parameter such as `ref` counts. `old_feeds` has the URLs of feeds by their
    paths in other systems, which count unless `narrowing`, a regular expression, finds something in the query. `below`
    are pairs of the beginning of a path and a URL, "" for nothing, the longest first. They count neither where OWN
    matches, nor for a query with FEED_QUERY, nor for one that is narrowing at a path that `feed_paths` matches. All
    paths are decoded; those of `leads` to `below` are without the prefix.
    """

    prefix: str
    home: str
    places: tuple[Place, ...]
    order: tuple[tuple[str, str], ...]
    asked: tuple[tuple[str, str], ...]
    renamed: tuple[tuple[str, str], ...]
    leads: Mapping[str, str]
    leads_in_languages: Mapping[str, str]
    leads_by_query: Mapping[str, str]
    order_of_old: tuple[tuple[str, str], ...]
    words: str
    old_feeds: Mapping[str, str]
    narrowing: str
    feed_paths: str
    below: tuple[tuple[str, str], ...]
    media_types: Mapping[str, str]
    errors: Mapping[str, str]

    @property
    def encoded_prefix(self) -> str:
        """The prefix as it stands in URLs."""
        return quote(self.prefix, safe=SAFE)

    @property
    def root(self) -> str:
        """The folder that a server has as its root, in words."""
        return "the folder of the export" + (f", or for {self.encoded_prefix} the folder above" if self.prefix else "")


def rules_of(plan: Plan) -> Rules:
    """Return what servers have to know of the export that this plan makes."""
    leads, below = _redirects(plan)
    # A feed of another system, unless this publication says otherwise of its address.
    feeds = {_decoded(address): url for address, url in old_feeds(plan).items() if _decoded(address) not in leads}
    by_query = {
        in_order: url
        for each, url in {**feeds, **leads}.items()
        if "?" in each and url != MISSING
        for in_order in in_order_of(each)
    }
    # WordPress answers /?p=1 at /index.php?p=1, too.
    by_query |= {f"/index.php{each[1:]}": url for each, url in by_query.items() if each.startswith("/?")}
    worded = {path for path, _, asked in (each.partition("?") for each in by_query) if WORDS & set(_names(asked))}
    media = plan.snapshot.catalogue.public_media()
    return Rules(
        prefix=_prefix(plan.site),
        home=plan.site.addresses.home,
        places=tuple(places(plan)),
        order=tuple(order_of(plan)),
        asked=tuple(asked_of(plan)),
        renamed=tuple(_renamed(plan)),
        leads={each: url for each, url in leads.items() if "?" not in each},
        leads_in_languages=dict(_in_languages(plan)),
        leads_by_query=by_query,
        order_of_old=tuple(order_of_old(by_query)),
        words="|".join(f"{re.escape(path)}$" for path in sorted(worded)),
        old_feeds={each: url for each, url in feeds.items() if "?" not in each},
        narrowing=narrowing(plan.site),
        feed_paths=feed_paths(plan.site),
        below=tuple(sorted(below.items(), key=lambda pair: -len(pair[0]))),
        media_types={f".{each.name.rpartition('.')[2]}": each.type for each in media},
        errors={
            **ALWAYS,
            "Cache-Control": "no-store",
            "Content-Language": plan.uis[0],
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Referrer-Policy": REFERRER_POLICY,
        },
    )


def _redirects(plan: Plan) -> tuple[dict[str, str], dict[str, str]]:
    """Return where old addresses lead (see `Rules.leads`), and where all below a path leads."""
    leads: dict[str, str] = {}
    below: dict[str, str] = {}
    counts = _counting(plan)
    for address, slug in plan.snapshot.catalogue.old_addresses():
        if not counts(address):
            continue
        path = _decoded(address) if address.startswith("/") else routes.ARTICLE.path(slug=address)
        leads[path] = GONE if slug is None else plan.site.addresses.article(slug)
    for source, target in plan.site.redirects:
        if not counts(source):
            continue
        url = _end_of_pattern(target, plan) if source.endswith("*") else _end(source, plan)
        # nginx and Caddy evaluate a dollar sign.
        written = None if url is None else url.replace("$", "%24")
        if written is not None and len(source.encode()) + len(written) <= _MAX_REDIRECT:
            if source.endswith("*"):
                below[_decoded(source[:-1])] = written
            else:
                leads[_decoded(source)] = written
    return leads, below


def _counting(plan: Plan) -> Callable[[str], bool]:
    """Return a function that says whether an old address counts in the service, with a query beside its path alone.

    What the service has at the path comes first, with any query. Then come the addresses in articles' files, with
    the query and without, exact redirects, and former addresses.
    """
    snapshot, exact = plan.snapshot, {source for source, _ in plan.site.redirects}

    def rank(key: str) -> int:
        there = snapshot.slugs.at(key)
        if isinstance(there, Moved) and there.is_declared:
            return 0
        return 1 if key in exact else 2

    # Thousands of old addresses have one path.
    @cache
    def rank_of_path(path: str) -> int:
        slug = unquote(path).removeprefix(routes.ARTICLE.prefix)
        found = snapshot.slugs.at(slug) or snapshot.slugs.at(path)
        is_own = slug != unquote(path) and isinstance(found, Moved) and found.is_declared
        is_there = isinstance(found, Article) or (found is None and exists(path, plan.site, snapshot))
        # The front page looks at its query itself.
        return -1 if path != "/" and (is_own or is_there) else rank(path)

    def counts(address: str) -> bool:
        path, mark, _ = address.partition("?")
        return not mark or rank(address) <= rank_of_path(path)

    return counts


def _in_languages(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the old addresses of pages of articles in each language of the interface, and where they lead.

    The language of the site has a path of its own only for articles in other languages.
    """
    base, own = plan.site.addresses, plan.uis[0]
    for address, slug in plan.snapshot.catalogue.old_addresses():
        old = base.article(address)
        if "?" in address:
            continue
        article = None if slug is None else plan.snapshot.slugs.at(slug)
        is_own = isinstance(article, Article) and language_of_article(article, plan.site) == own
        for ui in plan.uis:
            path = unquote(base.in_language(old, ui).removeprefix(plan.site.base_url))
            if slug is None:
                yield path, GONE
            else:
                new = base.article(slug)
                yield path, new if is_own and ui == own else base.in_language(new, ui)


def _end(source: str, plan: Plan) -> str | None:
    """Return what a redirect of site.toml leads to in the end, as in the service; None if it does not count.

    An article, or an address in its file, comes first, as does what the service has there; for a query see `_counting`.
    """
    site, snapshot, keys = plan.site, plan.snapshot, keys_of(source)
    path = unquote(source)
    slug = path.removeprefix(routes.ARTICLE.prefix)
    found = snapshot.slugs.at(keys[0] if slug == path or "?" in source else slug)
    if isinstance(found, Article) or (isinstance(found, Moved) and found.is_declared):
        return None
    if found is None and "?" not in source and exists(source, site, snapshot):
        return None
    target = resolve(keys, site, snapshot, Reach.EXACT)
    if target is None or keys_of(target)[0] in keys:
        return MISSING if found is None else None
    return static_url(site.addresses.absolute(target), site) or MISSING


def _end_of_pattern(target: str, plan: Plan) -> str:
    """Return the URL to which a redirect with a * leads in the end; "" if there is nothing."""
    site, snapshot = plan.site, plan.snapshot
    end = target if exists(target, site, snapshot) else resolve(keys_of(target), site, snapshot, Reach.PRESETS)
    return "" if end is None else static_url(site.addresses.absolute(end), site) or ""


def _decoded(address: str) -> str:
    """Return an address with its path decoded, and its query as it is."""
    path, mark, asked = address.partition("?")
    return f"{unquote(path)}{mark}{asked}"


def _names(asked: str) -> tuple[str, ...]:
    """Return the names of the parameters of a query, in its order."""
    return tuple(pair.partition("=")[0] for pair in asked.split("&"))


def in_order_of(address: str) -> Iterator[str]:
    """Yield an address with its parameters in their order, with its values in each spelling that other systems write.

    They are percent-encoded; links often have slashes and the like as they are, a plus sign for a space, and WordPress
    writes numbers in lower case.
    """
    path, _, asked = address.partition("?")
    pairs = [pair.partition("=") for pair in sorted(asked.split("&"))]
    spellings: tuple[Callable[[str], str], ...] = (
        str,
        lambda value: quote(unquote(value), safe="/:@!$'()*,;?~"),
        lambda value: value.replace("%20", "+"),
        lambda value: re.sub("%..", lambda found: found[0].lower(), value),
    )
    written = ("&".join(f"{name}{mark}{spelled(value)}" for name, mark, value in pairs) for spelled in spellings)
    yield from (f"{path}?{each}" for each in dict.fromkeys(written))


def _steps(counts: Mapping[str, int], order: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield steps that put the parameters of a query into the order of their names, in which all others come first.

    `counts` has the times of each name. Each step is a pair of a regular expression for a query after an "&", and that
    query with the first parameter of a name moved to its end. The order of several parameters of one name stays.
    """
    for name in order:
        for _ in range(counts[name]):
            yield rf"^(.*?)&(?:amp;)?{_spellings(unquote(name))}=([^&]*)(.*)$", f"$1$3&{name}=$2"


def order_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the steps for the queries of feeds and pages: the order is that of `query`."""
    counts = Counter({"page": 1, "ui": 1})
    for slice_ in plan.slices:
        for _, asked in spelled_otherwise(slice_):
            counts |= Counter(_names(asked))
    yield from _steps(counts, [each for each in (*PARAMETERS, "page", "ui") if each in counts])


def order_of_old(addresses: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the steps for old addresses, whose parameters are sorted as text."""
    counts: Counter[str] = Counter()
    for names in {_names(each.partition("?")[2]) for each in addresses}:
        # A name that is alone has no order, but may be percent-encoded.
        counts |= Counter(names if len(names) > 1 else [each for each in names if "%" in each])
    yield from _steps(counts, sorted(counts, key="{}=".format))


def _spellings(text: str) -> str:
    """Return a regular expression for a name or a value of a query, percent-encoded or as it is."""
    found = []
    for each in text:
        encoded = quote(each, safe="")
        if encoded == each:
            found.append(re.escape(each))
        elif each in "&+#%":
            found.append(f"(?i:{encoded})")
        else:
            found.append(rf"(?:(?i:{encoded})|{r'[+]' if each == ' ' else re.escape(each)})")
    return "".join(found)


def _asking(asked: str) -> str:
    """Return a regular expression for a query in any of its spellings, with the values of each parameter in any order.

    The parameters are in the order of `query`.
    """
    pairs = []
    for name, _, value in (each.partition("=") for each in asked.split("&")):
        text = _spellings(unquote_plus(value))
        pairs.append((name, f"{name}={f'(?i:{text})' if name in _ANY_CASE else text}"))
    parts = []
    for _, same in groupby(pairs, key=lambda pair: pair[0]):
        texts = [text for _, text in same]
        orders = permutations(texts) if len(texts) <= _MAX_ORDERED else [texts]
        parts.append(f"(?:{'|'.join(map('&'.join, orders))})")
    return "&".join(parts)


def _prefix(site: Site) -> str:
    return unquote(urlsplit(site.base_url).path)


def _renamed(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the addresses with former names of topics, and the URLs with the present ones."""
    prefix, base = re.escape(_prefix(plan.site)), plan.site.addresses
    feed = rf"(/[0-9-]+)?\.({'|'.join(FORMATS)})/*\?"
    for topic in plan.site.topics:
        for name in map(re.escape, topic.aliases):
            yield rf"^{prefix}{routes.TOPIC.prefix}{name}/*\?", base.topic(topic.name)
            yield rf"^{prefix}{routes.EMBED.prefix}{name}/*\?$", base.absolute(routes.EMBED.path(name=topic.name))
            for each in plan.slices:
                if each.name == topic.name:
                    url = base.feed(topic.name, "html", query(each)).removesuffix(".html")
                    yield (
                        rf"^{prefix}{routes.FEED.prefix}{name}{feed}{_asking(query(each)) if query(each) else ''}$",
                        f"{url}$1.$2",
                    )


def places(plan: Plan) -> Iterator[Place]:
    """Yield the parts, the special ones first. Their fields are those of the service.

    Only those of the embedded lists and of articles lack Content-Language, which differs among them.
    """
    site = plan.site
    documents = {**ALWAYS, "Cache-Control": cache_control(site.cache)}
    for suffix, each in FORMATS.items():
        media_type = f"{each.media_type}; charset=utf-8"
        archives = {**documents, **CORS, "Cache-Control": cache_control(site.cache, ARCHIVE_MAX_AGE)}
        yield Place(rf"{routes.FEED.prefix}.*/[0-9][0-9-]*\.{suffix}/*$", None, archives, media_type)
        fields = {**documents, **CORS}
        yield Place(rf"{routes.FEED.prefix}.*\.{suffix}/*$", f"{routes.FEED.prefix}*.{suffix}", fields, media_type)
    constant = {**ALWAYS, "Cache-Control": IMMUTABLE}
    for suffix, media_type in STATIC_TYPES.items():
        static = routes.STATIC.prefix
        yield Place(rf"{static}.*\{suffix}/*$", f"{static}*{suffix}", constant, media_type)
    script = {**ALWAYS, **CORS, "Cache-Control": SCRIPT_CACHE_CONTROL}
    # Servers call XML text/xml, or nothing without a list of types.
    for path, media_type, fields in (
        (routes.OPML.path(), "text/x-opml; charset=utf-8", {**documents, **CORS}),
        (routes.EMBED_SCRIPT.path(), STATIC_TYPES[".js"], script),
        (routes.OPENAPI.path(), "application/json", {**documents, **CORS}),
        (routes.ROBOTS.path(), "text/plain; charset=utf-8", documents),
    ):
        yield Place(rf"{re.escape(path)}/*$", path, fields, media_type)
    yield Place(r"/sitemap[^/]*\.xml/*$", "/sitemap*.xml", documents, "application/xml; charset=utf-8")
    media, embed = routes.MEDIA.prefix, routes.EMBED.prefix
    yield Place(media, f"{media}*", {**constant, **CORS, "Content-Security-Policy": SANDBOX})
    pages = {**ALWAYS, "Referrer-Policy": REFERRER_POLICY, "Cache-Control": cache_control(site.cache)}
    yield Place(embed, f"{embed}*", {**pages, "Content-Security-Policy": EMBED_POLICY}, _PAGE_TYPE)
    pages["Content-Security-Policy"] = content_security_policy(site.embed_hosts)
    in_own, group = {**pages, "Content-Language": plan.uis[0]}, routes.DOCS_GROUP.prefix
    yield Place(rf"{routes.DOCS.path()}/*$", routes.DOCS.path(), in_own)
    yield Place(group, f"{group}*", in_own)
    yield from _pages(plan, {**pages, "Cache-Control": cache_control(site.cache, MAX_AGE)})


def _pages(plan: Plan, fields: Mapping[str, str]) -> Iterator[Place]:
    """Yield the parts of the pages in each language of the interface, the pages of feeds first."""
    # The page of a feed has a button that copies its URL.
    of_feeds = {**fields, **CORS, "Content-Security-Policy": f"{content_security_policy(())}; script-src 'self'"}
    feeds, own = routes.FEED.prefix, plan.uis[0]
    for ui in plan.uis:
        # Articles in another language have their pages in that of the site there.
        yield Place(rf"/{ui}{feeds}", f"/{ui}{feeds}*", {**of_feeds, "Content-Language": ui})
        yield Place(rf"/{ui}/", f"/{ui}/*", {**fields, "Content-Language": ui})
    yield Place(feeds, f"{feeds}*", {**of_feeds, "Content-Language": own})
    in_own = {**fields, "Content-Language": own}
    for route in (routes.TOPIC, routes.TAG, routes.AUTHOR, routes.MONTH):
        yield Place(route.prefix, f"{route.prefix}*", in_own)
    yield Place("/page/", "/page/*", in_own)
    yield Place(rf"{routes.FEEDS}/*$", routes.FEEDS, in_own)
    yield Place("/$", "/", in_own)
    yield Place("/", "/*", fields)


def asked_of(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield the addresses with a query of the service, and the paths of the export that show the same."""
    suffixes = "|".join(FORMATS)
    plain, prefix = _prefix(plan.site), re.escape(_prefix(plan.site))
    for slice_ in plan.slices:
        page = plan.site.addresses.feed(slice_.name, "html", query(slice_)).removeprefix(plan.site.base_url)
        path = unquote(page.removesuffix(".html"))
        for written, asked in spelled_otherwise(slice_):
            name = re.escape(unquote(segment(written)))
            pattern = rf"^{prefix}{routes.FEED.prefix}{name}(/[0-9-]+)?\.({suffixes})/*\?{_asking(asked)}$"
            yield pattern, f"{plain}{path}$1.$2"
    number = "([2-9]|[1-9][0-9]+)"
    # The further pages of a tag or an author have a path before its own (`Addresses.numbered`).
    named = rf"{re.escape(routes.TAG.prefix)}|{re.escape(routes.AUTHOR.prefix)}"
    own, *others = plan.uis
    for page, numbered in ((rf"^{prefix}((?:{named}).+?)/*\?", "/page/$2$1"), (rf"^{prefix}(/.*?)?/?\?", "$1/page/$2")):
        yield f"{page}page={number}$", f"{plain}{numbered}"
        yield f"{page}page={number}&ui={own}$", f"{plain}{numbered}"
        for ui in others:
            yield f"{page}page={number}&ui={ui}$", f"{plain}/{ui}{numbered}"
    for ui in others:
        yield rf"^{prefix}(/.*?)?/?\?ui={ui}$", f"{plain}/{ui}$1"


def spelled_otherwise(slice_: Slice) -> Iterator[tuple[str, str]]:
    """Yield the names in paths with a query that the service reads as this slice, and that query."""
    if asked := query(slice_):
        yield slice_.name, asked
    if slice_.topic and len(slice_.topics) < 2:
        # `all` with one topic, or what is in two topics, whose order does not count.
        name, rest = slice_.topics[0] if slice_.topics else ALL, query(replace(slice_, topics=()))
        yield name, "&".join(filter(None, [f"topic={quote(slice_.topic, safe='')}", rest]))


def beginning(path: str) -> str:
    """Return a regular expression for paths that begin so. One that ends with a slash includes the path without it."""
    return rf"{re.escape(path[:-1])}(?:/|$)" if path.endswith("/") else re.escape(path)


def groups(path: str, opening: str) -> str:
    """Return a path whose groups are written as a server writes them: `opening`, the number, a closing brace."""
    return re.sub("[$]([1-4])", lambda match: f"{opening}{match[1]}}}", path)
