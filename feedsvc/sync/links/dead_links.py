"""Find links of articles to addresses of this publication that do not exist, and to ids that no element has.

A link to a file that was renamed gets the new name as its remedy, which only the aliases of all articles tell.

A sync checks the links of the files that it reads. `DeadLinks.checked` saves the dead ones in the record of the file.
`resolve_dead_links` drops their warnings when a later sync publishes something at such an address.
"""

import posixpath
from collections.abc import Callable, Collection, Iterable, Sequence, Set
from contextlib import suppress
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from feedsvc import routes
from feedsvc.articles.assets import is_article_path
from feedsvc.articles.html.links import MISSING, MissingFile, OwnLink, fragment_problem, missing_problem
from feedsvc.articles.metadata.fields import slug_from
from feedsvc.articles.read_fields import slug_of_path
from feedsvc.errors import Finding
from feedsvc.feeds.own_addresses import Places
from feedsvc.feeds.redirects import leads
from feedsvc.model import Site
from feedsvc.store import Commit
from feedsvc.store.portions import portions
from feedsvc.suggestions import Hints
from feedsvc.sync.reading import Outcome
from feedsvc.text import nfc

# The addresses that always exist, in addition to the possible targets of redirects.
_ALWAYS = (
    routes.WELL_KNOWN,
    routes.HEALTHZ.rule,
    routes.METRICS.rule,
    routes.READYZ.rule,
    routes.SITEMAP_PART.prefix,
    routes.STATIC.prefix,
    routes.STATUS.rule,
)
# The number of missing files in one sync whose new names are searched.
_MAX_NAMES: Final = 1000


class DeadLinks:
    """Checks the links of articles to addresses of this publication.

    `places` has the existing addresses. `ids_at` returns the ids in the content of the article with a slug, or None if
    no article has it as its own slug. `file_of` returns the path of the file whose article has a slug, or had it.
    `known` returns the addresses for suggestions; it is called for the first dead link only.
    """

    def __init__(
        self,
        site: Site,
        places: Places,
        ids_at: Callable[[str], Collection[str] | None],
        file_of: Callable[[str], str | None],
        known: Callable[[], Iterable[str]],
    ) -> None:
        self._site, self._places, self._ids_at, self._list = site, places, ids_at, known
        self._file_of = file_of
        self._files: dict[str, str | None] = {}
        self._exists: dict[str, bool] = {}
        self._ids: dict[str, Collection[str] | None] = {}
        self._known: Sequence[str] | None = None
        self._hints = Hints()

    def checked(self, outcome: Outcome) -> Outcome:
        """Return the outcome with a warning for each dead link. Its record has their addresses."""
        article = outcome.parsed or outcome.partial
        found: list[Finding] = []
        dead: list[str] = []
        outcome = self._with_new_names(outcome, article.missing if article else ())
        for link in article.links if article else ():
            address = link.address
            if address not in self._exists:
                self._exists[address] = address.startswith(_ALWAYS) or leads(address, self._site, self._places)
            if not self._exists[address]:
                close = None
                if not self._hints.is_limit_reached:
                    if self._known is None:
                        self._known = list(self._list())
                    close = self._hints.closest(unquote(address), self._known)
                cure = f"did you mean {close!r}?" if close else "check the address"
                message = f"{_beginning(address)}{cure})"
                dead.append(_key(link))
                found.append(Finding(line=link.line, message=message, severity="warning"))
            elif link.fragment:
                if link.slug not in self._ids:
                    self._ids[link.slug] = self._ids_at(link.slug)
                ids = self._ids[link.slug]
                if ids is not None and link.fragment not in ids:
                    message = fragment_problem(link, ids, self._hints)
                    dead.append(_key(link))
                    found.append(Finding(line=link.line, message=message, severity="warning"))
        if not found:
            return outcome
        record = outcome.record
        dead_links = () if outcome.is_withdrawn else tuple(dict.fromkeys(dead))
        return replace(outcome, record=replace(record, problems=(*record.problems, *found), dead_links=dead_links))

    def _with_new_names(self, outcome: Outcome, missing: Sequence[MissingFile]) -> Outcome:
        """Return the outcome whose warnings of links to missing files name the files that have their slugs now."""
        problems = outcome.record.problems
        for link in missing:
            path = self._new_path(link.name)
            if path is None:
                continue
            is_wiki = not is_article_path(link.name)
            new = slug_of_path(path) if is_wiki else posixpath.relpath(path, posixpath.dirname(outcome.record.path))
            message = missing_problem(link.name, f"write {f'[[{new}]]' if is_wiki else new}")
            beginning = MISSING.format(link.name)
            problems = tuple(
                replace(each, message=message)
                if each.line == link.line and each.message.startswith(beginning)
                else each
                for each in problems
            )
        return replace(outcome, record=replace(outcome.record, problems=problems)) if missing else outcome

    def _new_path(self, name: str) -> str | None:
        """Return the path of the file that has the slug of a missing file now; None over the limit."""
        if name not in self._files and len(self._files) < _MAX_NAMES:
            self._files[name] = None
            with suppress(ValueError):
                stem = slug_of_path(name) if is_article_path(name) else slug_from(posixpath.basename(name))
                self._files[name] = self._file_of(stem)
        return self._files.get(name)


def _beginning(address: str) -> str:
    """Return the beginning of the warning for a dead link."""
    return f"links to {unquote(address)}, which does not exist ("


def _key(link: OwnLink) -> str:
    return f"{link.address}#{link.fragment}" if link.fragment else link.address


def resolve_dead_links(commit: Commit, published: Set[str], *, is_site_changed: bool) -> list[str]:
    """Drop the warnings of dead links to addresses that exist now. Return the paths of files to read again.

    `published` are the slugs, aliases, media and facets that `commit` saves; an address without one of these can only
    have begun to exist if the site changed. Files whose links have a fragment are read again, since the record does not
    tell whether the article has that id.
    """
    dead = commit.files.dead_links()
    site = commit.snapshot.site()
    names = {part for name in published for part in (name, *name.split("/")) if part}
    # A redirect to such an address makes its old address exist, too.
    is_any = is_site_changed or any(_may_name(target, names) for _, target in site.redirects)
    alive = {key for key in dead if (is_any or _may_name(key, names)) and leads(key, site, commit)}
    again: list[str] = []
    for some in portions(sorted(alive)):
        changed = []
        for path, record in commit.files.load_some(commit.files.dependents_by_name(some)).items():
            revived = [key for key in record.dead_links if key in alive]
            beginnings = tuple(_beginning(key) for key in revived if "#" not in key)
            has_fragment = len(beginnings) < len(revived)
            if has_fragment:
                again.append(path)
            kept = tuple(each for each in record.problems if not each.message.startswith(beginnings))
            left = tuple(key for key in record.dead_links if key not in alive or "#" in key)
            retry = record.retry or has_fragment
            changed.append(replace(record, problems=kept, dead_links=left, retry=retry))
        commit.files.save(changed)
    return again


def _may_name(address: str, names: Set[str]) -> bool:
    """Return whether an address may have one of these names: as a part of its path, or by its query."""
    path, _, query = address.partition("#")[0].partition("?")
    return bool(query) or not names.isdisjoint(nfc(unquote(path)).split("/"))
