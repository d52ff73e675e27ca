"""Where links to this publication lead in an export, which has files alone. Pure.

What has a query in the service has a path of its own there. What only a service can do is at `api_url`, if site.toml
names one.
"""

import re
from html import escape, unescape
from typing import Final
from urllib.parse import parse_qsl, quote, unquote, urlencode

from feedsvc import routes
from feedsvc.errors import RequestError
from feedsvc.model import SafeHTML, Site
from feedsvc.slices.grammar import query, slice_written, spelled
from feedsvc.tracking import is_ignored
from feedsvc.urls import has_file

# The paths that an export does not have.
OF_SERVICE: Final = frozenset(
    each.path()
    for each in (
        routes.SEARCH,
        routes.SUBSCRIBE,
        routes.API_CATALOG,
        routes.HUB,
        routes.HEALTHZ,
        routes.READYZ,
        routes.STATUS,
        routes.METRICS,
    )
)
# SafeHTML writes every attribute in double quotes.
_LINK: Final = re.compile(r'<a((?: [a-z-]++="[^"]*+")*+)>')
_ATTRIBUTE: Final = re.compile(r' ([a-z-]+)="([^"]*)"')
# HTML §4.5.1: "must be omitted if the href attribute is not present".
_OF_LINKS: Final = frozenset({"href", "target", "download", "ping", "rel", "hreflang", "type", "referrerpolicy"})


def in_export(address: str, site: Site) -> str | None:
    """Return the URL in the export of what the service has at a path and query; None for what is not there."""
    base = site.addresses
    path, _, written = address.partition("?")
    decoded = unquote(path)
    plain = decoded.rstrip("/") or "/"
    asked = [pair for pair in parse_qsl(written, keep_blank_values=True) if not is_ignored(pair[0])]
    is_of_service = plain in OF_SERVICE or (asked and plain.startswith(routes.EMBED.prefix))
    if is_of_service or (decoded.startswith((routes.TAG.prefix, routes.AUTHOR.prefix)) and not has_file(path)):
        return None
    if asked and plain.startswith(routes.FEED.prefix):
        name, _, suffix = plain.removeprefix(routes.FEED.prefix).rpartition(".")
        name, _, label = name.partition("/")
        if site.renamed_topic(name) is not None:
            return base.absolute(address)
        try:
            slice_ = slice_written(f"{quote(name)}?{urlencode(asked, quote_via=quote)}")
        except (ValueError, RequestError):
            return None
        is_there = site.exported is not None and spelled(slice_) in site.exported
        return base.feed(slice_.name, suffix, query(slice_), label or None) if is_there else None
    if len(asked) == 1 and asked[0][0] == "page" and asked[0][1].isdecimal():
        return base.numbered(base.absolute(path), int(asked[0][1]))
    return base.absolute(address)


def static_url(url: str, site: Site) -> str | None:
    """Return the URL to which a link leads in the export; `url` itself for one to another site, and in the service.

    None for what only a service has, if `api_url` names none: no link is better than a dead one.
    """
    if site.exported is None or not url.startswith(f"{site.base_url}/"):
        return url
    address, mark, fragment = url.removeprefix(site.base_url).partition("#")
    found, service = in_export(address, site), site.addresses.service
    if found is None:
        found = service.absolute(address) if service else None
    return found and f"{found}{mark}{fragment}"


def static_content(content: SafeHTML, site: Site) -> SafeHTML:
    """Return the text of an article whose links lead somewhere in the export, if one is made of `site`.

    A link to what only a service has is its text alone, if `api_url` names none.
    """
    if site.exported is None or f' href="{escape(site.base_url)}/' not in content:
        return content

    def link(match: re.Match[str]) -> str:
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        written = unescape(attributes.get("href", ""))
        url = static_url(written, site)
        if url == written:
            return match[0]
        if url is not None:
            changed = f' href="{escape(url)}"'
            return f"<a{_ATTRIBUTE.sub(lambda each: changed if each[1] == 'href' else each[0], match[1])}>"
        return f"<a{_ATTRIBUTE.sub(lambda each: '' if each[1] in _OF_LINKS else each[0], match[1])}>"

    changed = _LINK.sub(link, content)
    # An equal text stays the same object, which caches compare at once.
    return content if changed == content else SafeHTML(changed)
