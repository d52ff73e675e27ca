"""What is wrong with redirects and with old addresses of articles: what `check` says, and a sync warns of."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

from feedsvc import routes
from feedsvc.articles.metadata import frontmatter
from feedsvc.errors import ArticleError, ConfigError, Finding, Problem, Severity, nearest, printable
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.own_addresses import Places, exists, is_ours, keys_of
from feedsvc.feeds.redirects import Reach, is_circle, resolve
from feedsvc.model import Site
from feedsvc.site.site_toml import redirect_lines
from feedsvc.slices.grammar import slices
from feedsvc.store.facets import Facet, facets_of
from feedsvc.sync.reading import Outcome

# How many articles are looked through for one with a name like a wrong one.
MAX_NEAREST: Final = 10_000


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """What there will be when the files of a content folder are published; see `feeds.own_addresses.Places`.

    `addresses` are slugs and old addresses of articles, each with the path of the article's file.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    facets: frozenset[Facet] = frozenset()
    media: frozenset[str] = frozenset()

    def has_address(self, address: str) -> bool:
        """Whether an article has this slug or old address."""
        return address in self.addresses

    def owner(self, address: str) -> str | None:
        """The file of the article that has this slug or old address."""
        return self.addresses.get(address)

    def has_facet(self, facet: str, value: str) -> bool:
        """Whether an article has this tag, author or language."""
        return (facet, value) in self.facets

    def has_media(self, name: str) -> bool:
        """Whether a file of an article has this name."""
        return name in self.media


def places_of(settled: Sequence[Outcome], published: Mapping[str, str]) -> FilePlaces:
    """What the files make; `published` is the id behind each address of the store, for files that are set aside."""
    public = [(each.record.path, each.parsed.article) for each in settled if each.parsed and not each.parsed.draft]
    kept = {each.record.id: each.record.path for each in settled if each.parsed is None}
    return FilePlaces(
        {address: kept[id_] for address, id_ in published.items() if id_ in kept}
        | {address: path for path, article in public for address in (article.slug, *article.aliases)},
        frozenset(facet for _, article in public for facet in facets_of(article)),
        frozenset(name for _, article in public for name in article.media),
    )


def redirect_problems(
    content: Path, site: Site, places: Places, severity: Severity, slugs: Sequence[str] = ()
) -> Iterator[Problem]:
    """Redirects of site.toml that lead nowhere or in a circle (of that `severity`), and those that never apply.

    `slugs` are names of articles, to name the nearest.
    """
    lines: Mapping[str, int] = {}
    with suppress(ConfigError):
        lines = redirect_lines(content, site.base_url) if site.redirects else {}
    for source, target in site.redirects:
        said, how = _useless(source, site, places), severity
        if said is not None:
            how = "warning"
        elif not exists(target, site, places) and resolve(keys_of(target), site, places, Reach.PRESETS) is None:
            said = "leads in a circle (name an address that exists)"
            if not is_circle(target, site, places):
                said = f"leads to {target}, where nothing is ({nearest(target, list(known_addresses(site, slugs)))})"
        if said is not None:
            finding = Finding(line=lines.get(source, 0), field=f"redirects.{source}", message=said, severity=how)
            yield Problem(path="site.toml", finding=finding)


def _useless(source: str, site: Site, places: Places) -> str | None:
    """Why a redirect from an old address never applies, and what to do; None where it does."""
    if source.endswith("*"):
        if is_ours(f"{source[:-1]}x"):
            return "never applies: a * finds no address of this publication (name each old address, without *)"
        return None
    if is_served(source, site):
        return "is an address of this publication, so the redirect never applies (remove it)"
    # The slug that it may be, or the address itself.
    owner = places.owner(source.removeprefix(routes.ARTICLE.prefix)) or places.owner(source)
    if owner is not None:
        return f"never applies: this is an address of {printable(owner)} (remove it there, or remove the redirect)"
    return None


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
    yield from (each if each.startswith("/") else routes.ARTICLE.path(slug=each) for each in islice(slugs, MAX_NEAREST))
