"""The targets of the links in an article: the file of another article, an address of ours, a heading. Pure.

What another file says (its slug, whether it is a draft) is found out by `Assets.target`, which notes that it was asked
for: when that file changes, comes or goes, the article is read again. Whether an *address* leads anywhere is known to
the store alone: such links are only noted here, as `OwnLink`s, and judged when they are saved.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import unescape
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from feedsvc.articles.assets import Assets, LinkOutside, decoded, is_article_path, unserved_kind
from feedsvc.articles.attachments import Attachments
from feedsvc.articles.findings import Findings
from feedsvc.articles.html.headings import heading_id
from feedsvc.articles.html.policy import ID_PREFIX
from feedsvc.articles.markup import READERS
from feedsvc.model import Site
from feedsvc.suggestions import Hints
from feedsvc.text import nfc
from feedsvc.urls import resolve

# The keys that `Assets.target` returns instead of a slug, and the reasons in messages.
WHY_NOT: Final = {
    "?draft": "which is a draft (publish it, or remove the link)",
    "?later": "which is not published yet (the link appears when it is)",
    "?expired": "which was taken down at its time (remove the link)",
    "?aside": "which cannot be read (correct that file)",
}
# The beginning of the message about a link to the file of an article that is not there.
MISSING: Final = "links to {!r}, which is not there ("
_NO_LINK: Final = "; its text stays without a link"
_ID: Final = re.compile(r'<[a-z][^<>]*? id="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLink:
    """A link to an address of ours, `address` below base_url, with its query. It stands on `line` (0: not found).

    `slug` is that of the article there, empty where it is no article's address; `fragment` is an id in it, decoded,
    with the prefix, empty where there is none.
    """

    address: str
    slug: str = ""
    fragment: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingFile:
    """The name of an article's file that is not there, as a link on `line` writes it (0: not found)."""

    name: str
    line: int = 0


class Links:
    """The links in the text of the article at `slug`."""

    def __init__(self, slug: str, site: Site, assets: Assets, attachments: Attachments, findings: Findings) -> None:
        self._slug, self._site = slug, site
        self._assets, self._attachments, self._findings = assets, attachments, findings
        self._addresses = site.addresses
        self._page = self._addresses.article(slug)
        self._placed: dict[str, str | None] = {}
        # Each link, without its line, by the first reference that meant it.
        self._found: dict[OwnLink, str] = {}
        self._missing: list[MissingFile] = []

    @property
    def found(self) -> tuple[OwnLink, ...]:
        """Return the links to other addresses of ours."""
        line_of = self._findings.line_of
        return tuple(
            OwnLink(address=each.address, slug=each.slug, fragment=each.fragment, line=line_of(reference))
            for each, reference in self._found.items()
            if each.slug != self._slug
        )

    @property
    def missing(self) -> tuple[MissingFile, ...]:
        """Return the files of articles that links name and that are not there."""
        return tuple(self._missing)

    def place(self, reference: str) -> str | None:
        """Return the URL that a link's reference means, "" if it has no target, None if it stays as it is.

        A URL that this function returned stays as it is when the text is sanitized a second time.
        """
        if reference not in self._placed:
            self._placed[reference] = placed = self._place(reference)
            if placed:
                self._placed[placed] = placed
        return self._placed[reference]

    def _place(self, reference: str) -> str | None:
        if self._site.wikilinks and reference.startswith("[[") and reference.endswith("]]"):
            # `name#heading`: the article whose file has that name, in any folder.
            written = reference[2:-2]
            name, _, heading = unquote(written).partition("#")
            fragment = heading_id(heading.rpartition("#")[2]) if heading else ""
            return (
                self._settled(written, self._assets.target_called(name), fragment, name)
                if name
                else self._to_article(written, self._slug, fragment)
            )
        try:
            path = self._assets.path_of(reference)
        except LinkOutside as error:
            self._findings.error_of(decoded(reference), str(error))
            return None
        if path is not None and is_article_path(path):
            return self._to_file(reference, self._assets.target(path))
        if path is not None and urlsplit(reference.strip()).path.endswith("/"):
            # A bundle's folder stands for the article in it.
            found = next(filter(None, (self._assets.target(f"{path}/index{suffix}") for suffix in READERS)), None)
            if found:
                return self._to_file(reference, found)
        file = self._attachments.place(reference)
        if file is not None or unserved_kind(path or ""):  # of a file that is not served, `attachments` has warned
            return file
        url = resolve(reference, self._page)
        return self._to_own(reference, url) if url else None

    def _to_file(self, reference: str, found: str | None) -> str:
        fragment = unquote(urlsplit(reference.strip()).fragment)
        return self._settled(reference, found, fragment, decoded(reference))

    def _settled(self, reference: str, found: str | None, fragment: str, shown: str) -> str:
        """Return the URL of the article found; else warn and return "", since no link is better than a dead one."""
        if found and found not in WHY_NOT:
            return self._to_article(reference, found, fragment)
        if found:
            self._warn(reference, f"links to {shown!r}, {WHY_NOT[found]}{_NO_LINK}")
        else:
            close = self._assets.nearest_article(shown)
            self._warn(reference, missing_problem(shown, f"did you mean {close!r}?" if close else "check its name"))
            if not self._findings.are_full:
                self._missing.append(MissingFile(name=shown, line=self._findings.line_of(reference)))
        return ""

    def _to_article(self, reference: str, slug: str, fragment: str, query: str = "") -> str:
        """Return the URL of the article at `slug`. Its fragment gets the prefix that ids in articles have."""
        is_id = fragment and not fragment.startswith(":~:")
        target = nfc(fragment if not is_id or fragment.startswith(ID_PREFIX) else f"{ID_PREFIX}{fragment}")
        url = f"{self._addresses.article(slug)}{'?' if query else ''}{query}"
        self._note(reference, url, slug, target if is_id else "")
        return f"{url}#{quote(target, safe=_IN_FRAGMENT)}" if fragment else url

    def _to_own(self, reference: str, url: str) -> str | None:
        """Note a link to an address of this publication, and return its normal URL if it is that of an article."""
        root = f"{self._site.base_url}/"
        if not url.startswith(root):
            return None
        parts = urlsplit(url)
        first, _, rest = nfc(unquote(url.removeprefix(root).partition("#")[0].partition("?")[0])).partition("/")
        if first == "articles" and rest and "/" not in rest:
            return self._to_article(reference, rest, unquote(parts.fragment), parts.query)
        self._note(reference, url.partition("#")[0])
        return None

    def _note(self, reference: str, url: str, slug: str = "", fragment: str = "") -> None:
        address = url.removeprefix(self._site.base_url)
        self._found.setdefault(OwnLink(address=address, slug=slug, fragment=fragment), reference)

    def check_fragments(self, content: str) -> None:
        """Warn of links to an id that no element of the article has. `content` is the sanitized HTML of the article."""
        own = [each for each in self._found if each.slug == self._slug and each.fragment]
        ids = ids_of(content) if own else frozenset()
        for each in own:
            if each.fragment not in ids and not self._findings.are_full:
                self._warn(self._found[each], fragment_problem(each, ids, self._assets.hints))

    def _warn(self, reference: str, message: str) -> None:
        self._findings.warn("", message, self._findings.line_of(reference))


# RFC 3986 §3.5, without "%".
_IN_FRAGMENT: Final = "!$&'()*+,;=:@/?-._~"


def ids_of(content: str) -> frozenset[str]:
    """Return the ids of the elements in an article's content."""
    return frozenset(unescape(each) for each in _ID.findall(content))


def missing_problem(name: str, cure: str) -> str:
    """Return the message about a link to the file of an article that is not there."""
    return f"{MISSING.format(name)}{cure}){_NO_LINK}"


def fragment_problem(link: OwnLink, ids: Iterable[str], hints: Hints) -> str:
    """Return the message about a link to an id that no element has; `ids` are the existing ones."""
    wanted = link.fragment.removeprefix(ID_PREFIX)
    names = () if hints.is_limit_reached else sorted(each.removeprefix(ID_PREFIX) for each in ids)
    close = hints.closest(wanted, names)
    cure = f"did you mean '#{close}'?" if close else "give the heading or element meant that id"
    return f"links to '#{wanted}' in {link.slug!r}, where nothing has that id ({cure})"
