"""What is wrong with redirects and with old addresses of articles: what `check` says, and a sync warns of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from feedsvc import routes
from feedsvc.articles import frontmatter
from feedsvc.errors import ArticleError, ConfigError, Finding, Problem, Severity, nearest
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.redirects import Places, exists, is_circle, keys_of, resolve
from feedsvc.model import Site
from feedsvc.site.site_toml import redirect_lines
from feedsvc.slices.grammar import slices
from feedsvc.store.facets import Facet, facets_of
from feedsvc.sync.reading import Outcome

# How many articles are looked through for one with a name like a wrong one.
MAX_NEAREST: Final = 10_000


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """What there will be when the files of a content folder are published; see `feeds.redirects.Places`."""

    addresses: frozenset[str] = frozenset()
    facets: frozenset[Facet] = frozenset()
    media: frozenset[str] = frozenset()

    def has_address(self, address: str) -> bool:
        """Whether an article has this slug or old address."""
        return address in self.addresses

    def has_facet(self, facet: str, value: str) -> bool:
        """Whether an article has this tag, author or language."""
        return (facet, value) in self.facets

    def has_media(self, name: str) -> bool:
        """Whether a file of an article has this name."""
        return name in self.media


def places_of(settled: Sequence[Outcome], published: Mapping[str, str]) -> FilePlaces:
    """What the files make; `published` is the id behind each address of the store, for files that are set aside."""
    articles = [each.parsed.article for each in settled if each.parsed and not each.parsed.draft]
    kept = {each.record.id for each in settled if each.parsed is None}
    return FilePlaces(
        frozenset(address for article in articles for address in (article.slug, *article.aliases))
        | {address for address, id_ in published.items() if id_ in kept},
        frozenset(facet for article in articles for facet in facets_of(article)),
        frozenset(name for article in articles for name in article.media),
    )


def redirect_problems(
    content: Path, site: Site, places: Places, severity: Severity, slugs: Sequence[str] = ()
) -> Iterator[Problem]:
    """Redirects of site.toml that lead nowhere or in a circle (of that `severity`), or from where something is.

    `slugs` are names of articles, to name the nearest.
    """
    lines: Mapping[str, int] = {}
    with suppress(ConfigError):
        lines = redirect_lines(content, site.base_url) if site.redirects else {}
    for source, target in site.redirects:
        finding = None
        if not exists(target, site, places) and resolve(keys_of(target), site, places) is None:
            said = "leads in a circle (name an address that exists)"
            if not is_circle(target, site, places):
                said = f"leads to {target}, where nothing is ({nearest(target, list(known_addresses(site, slugs)))})"
            finding = Finding(line=lines.get(source, 0), field=f"redirects.{source}", message=said, severity=severity)
        elif is_served(source, site):
            said = "is an address of this publication, so the redirect never applies (remove it)"
            finding = Finding(line=lines.get(source, 0), field=f"redirects.{source}", message=said, severity="warning")
        if finding is not None:
            yield Problem(path="site.toml", finding=finding)


def is_served(address: str, site: Site) -> bool:
    """Whether one of our own documents or lists is at an old address, so that it leads nowhere else."""
    return "?" not in address and not address.endswith("*") and exists(address, site, FilePlaces())


def served_aliases(content: Path, outcome: Outcome, site: Site) -> Iterator[Problem]:
    """Old addresses of an article at which something of ours is."""
    aliases = outcome.parsed.article.aliases if outcome.parsed else ()
    for alias in aliases:
        if alias.startswith("/") and is_served(alias, site):
            line = 0
            with suppress(OSError, ArticleError):
                line = frontmatter.parse((content / outcome.record.path).read_bytes()).lines.get("aliases", 0)
            said = f"{alias} is an address of this publication and never leads to the article (remove it)"
            finding = Finding(line=line, field="aliases", message=said, severity="warning")
            yield Problem(path=outcome.record.path, finding=finding)


def known_addresses(site: Site, slugs: Iterable[str]) -> Iterator[str]:
    """Addresses of ours to name the nearest of."""
    for slice_ in slices(site):
        yield from (routes.FEED.path(name=slice_.name, suffix=suffix) for suffix in FORMATS)
        yield routes.TOPIC.path(topic=slice_.name)
    yield from (routes.ARTICLE.path(slug=slug) for slug in islice(slugs, MAX_NEAREST))
