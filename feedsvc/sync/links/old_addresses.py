"""Find problems of redirects and of old addresses of articles, for `check` and for a sync."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from feedsvc import routes
from feedsvc.articles.metadata import frontmatter
from feedsvc.errors import ArticleError, ConfigError, Finding, Problem, printable
from feedsvc.feeds.formats import FORMATS
from feedsvc.feeds.own_addresses import Places, exists, is_ours, keys_of
from feedsvc.feeds.redirects import Reach, is_circle, leads, resolve
from feedsvc.model import Site
from feedsvc.site.site_toml import line_of_key, redirect_lines
from feedsvc.slices.grammar import slices
from feedsvc.store.facets import Facet, facets_of
from feedsvc.suggestions import nearest
from feedsvc.sync.reading import Outcome

# The number of slugs that are searched for one similar to a wrong one.
MAX_NEAREST: Final = 10_000


@dataclass(frozen=True, slots=True)
class FilePlaces:
    """The addresses that exist once the files of a content folder are published; see `feeds.own_addresses.Places`.

    `addresses` has the slugs and old addresses of articles, each with the path of the file of the article.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    facets: frozenset[Facet] = frozenset()
    media: frozenset[str] = frozenset()

    def has_address(self, address: str) -> bool:
        """Return whether an article has this slug or old address."""
        return address in self.addresses

    def owner(self, address: str) -> str | None:
        """Return the path of the file of the article with this slug or old address; None if there is none."""
        return self.addresses.get(address)

    def has_facet(self, facet: str, value: str) -> bool:
        """Return whether an article has this tag, author or language."""
        return (facet, value) in self.facets

    def has_media(self, name: str) -> bool:
        """Return whether a media file of an article has this name."""
        return name in self.media


def places_of(settled: Sequence[Outcome], published: Mapping[str, str]) -> FilePlaces:
    """Return the addresses of settled outcomes.

    `published` has the id for each address in the store, for files that are set aside and stay published.
    """
    public = [(each.record.path, each.public.article) for each in settled if each.public]
    kept = {each.record.id: each.record.path for each in settled if each.parsed is None}
    return FilePlaces(
        {address: kept[id_] for address, id_ in published.items() if id_ in kept}
        | {address: path for path, article in public for address in (article.slug, *article.aliases)},
        frozenset(facet for _, article in public for facet in facets_of(article)),
        frozenset(name for _, article in public for name in article.media),
    )


def redirect_problems(content: Path, site: Site, places: Places, slugs: Sequence[str] = ()) -> Iterator[Problem]:
    """Yield a warning for each redirect in site.toml that never applies, leads to nothing, or in a circle.

    It is no error: the removal of an article that a redirect leads to must not stop a sync. `slugs` has slugs of
    articles for suggestions.
    """
    lines: Mapping[str, int] = {}
    with suppress(ConfigError):
        lines = redirect_lines(content, site.base_url) if site.redirects else {}
    for source, target in site.redirects:
        said = _useless(source, site, places)
        if (
            said is None
            and not exists(target, site, places)
            and resolve(keys_of(target), site, places, Reach.PRESETS) is None
        ):
            said = "leads in a circle (name an address that exists)"
            if not is_circle(target, site, places):
                cure = nearest(target, list(known_addresses(site, slugs)))
                said = f"leads to {target}, which does not exist ({cure})"
        if said is not None:
            finding = Finding(line=lines.get(source, 0), field=f"redirects.{source}", message=said, severity="warning")
            yield Problem(path="site.toml", finding=finding)


def footer_problems(content: Path, site: Site, places: Places) -> Iterator[Problem]:
    """Yield a warning for each link of `footer` in site.toml to an address of this publication that does not exist."""
    paths = dict.fromkeys(path for link in site.footer for path in link.url.texts.values() if path.startswith("/"))
    for path in (each for each in paths if not leads(each, site, places)):
        line = 0
        with suppress(ConfigError):
            line = line_of_key(content, "footer")
        message = f"leads to {unquote(path)}, which does not exist (publish content/pages{unquote(path)}.md)"
        finding = Finding(line=line, field="footer", message=message, severity="warning")
        yield Problem(path="site.toml", finding=finding)


def _useless(source: str, site: Site, places: Places) -> str | None:
    """Return why a redirect from an old address never applies, and what to do; None if it applies."""
    if source.endswith("*"):
        if is_ours(f"{source[:-1]}x"):
            return "never applies: a * finds no address of this publication (name each old address, without *)"
        return None
    if is_served(source, site):
        return "is an address of this publication, so the redirect never applies (remove it)"
    # `source` may be the address of an article by its slug, or an alias that is an address.
    owner = places.owner(source.removeprefix(routes.ARTICLE.prefix)) or places.owner(source)
    if owner is not None:
        return f"never applies: this is an address of {printable(owner)} (remove it there, or remove the redirect)"
    return None


def is_served(address: str, site: Site) -> bool:
    """Return whether an old address is one of a document or list of feedsvc, so that it never redirects."""
    return "?" not in address and not address.endswith("*") and exists(address, site, FilePlaces())


def served_aliases(content: Path, outcome: Outcome, site: Site) -> Iterator[Problem]:
    """Yield a problem for each alias of an article that is an address of feedsvc."""
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
    """Yield addresses of this publication, for suggestions."""
    for slice_ in slices(site):
        yield from (routes.FEED.path(name=slice_.name, suffix=suffix) for suffix in FORMATS)
        yield routes.TOPIC.path(topic=slice_.name)
    yield from (each if each.startswith("/") else routes.ARTICLE.path(slug=each) for each in islice(slugs, MAX_NEAREST))
