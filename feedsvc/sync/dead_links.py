"""Links of articles to addresses of this publication where nothing is, and to ids that nothing there has."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from urllib.parse import unquote

from feedsvc import routes
from feedsvc.articles.html.links import fragment_problem
from feedsvc.errors import Finding, Hints
from feedsvc.feeds.own_addresses import Places
from feedsvc.feeds.redirects import leads
from feedsvc.model import Site
from feedsvc.sync.reading import Outcome

# What is there whatever is published, beside what a redirect may lead to.
_THERE = (
    routes.WELL_KNOWN,
    routes.HEALTHZ.rule,
    routes.METRICS.rule,
    routes.READYZ.rule,
    routes.SITEMAP_PART.prefix,
    routes.STATIC.prefix,
    routes.STATUS.rule,
)


class DeadLinks:
    """What is said of the links of files. `places` says what there is, `ids_at` which ids an article's content has.

    `ids_at` gives None for a slug that is no article's own. `known` gives the addresses to name the nearest of; it is
    called for the first dead link.
    """

    def __init__(
        self,
        site: Site,
        places: Places,
        ids_at: Callable[[str], Collection[str] | None],
        known: Callable[[], Iterable[str]],
    ) -> None:
        self._site, self._places, self._ids_at, self._list = site, places, ids_at, known
        self._leads: dict[str, bool] = {}
        self._ids: dict[str, Collection[str] | None] = {}
        self._known: Sequence[str] | None = None
        self._hints = Hints()

    def judged(self, outcome: Outcome) -> Outcome:
        """The outcome with a warning for each dead link; then it is read again at each sync, until none is dead."""
        article = outcome.parsed or outcome.partial
        found: list[Finding] = []
        for link in article.links if article else ():
            address = link.address
            if address not in self._leads:
                self._leads[address] = address.startswith(_THERE) or leads(address, self._site, self._places)
            if not self._leads[address]:
                close = None
                if not self._hints.are_spent:
                    if self._known is None:
                        self._known = list(self._list())
                    close = self._hints.closest(unquote(address), self._known)
                cure = f"did you mean {close!r}?" if close else "check the address"
                message = f"links to {unquote(address)}, where nothing is ({cure})"
                found.append(Finding(line=link.line, message=message, severity="warning"))
            elif link.fragment:
                if link.slug not in self._ids:
                    self._ids[link.slug] = self._ids_at(link.slug)
                ids = self._ids[link.slug]
                if ids is not None and link.fragment not in ids:
                    message = fragment_problem(link, ids, self._hints)
                    found.append(Finding(line=link.line, message=message, severity="warning"))
        if not found:
            return outcome
        record = outcome.record
        retry = record.retry or not outcome.is_withdrawn
        return replace(outcome, record=replace(record, problems=(*record.problems, *found), retry=retry))
