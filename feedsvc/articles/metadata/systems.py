"""The systems that people come from: what they call our fields, and the fields that say how they show a page. Pure.

The one table of such names: `check` suggests ours for them, and an import reads them. Names are compared by `squash`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from feedsvc.articles.metadata.marker_table import squash


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """A system, or what many of them have in common.

    `name` is what `import --from` calls it, and `kind` the reader of its files (`importing.readers.detect.READERS`).
    `names` has its names by our fields, separated by spaces, `settings` the names of fields without a meaning for
    readers. A field named in `evidence` is in files of this system alone. `splits_at_spaces` says that a category or
    tag has no space (Jekyll), `has_other_titles` that `aliases` are further titles and no addresses,
    `has_titles_in_names` that the name of a file is its title, and `has_slugs_in_names` that it is its address.
    `is_private` says that nobody sees a file but its author, unless it says so itself.
    """

    name: str
    title: str
    kind: str = "markdown"
    names: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    evidence: str = ""
    splits_at_spaces: bool = False
    has_other_titles: bool = False
    has_titles_in_names: bool = False
    has_slugs_in_names: bool = False
    is_private: bool = False


# Hugo: expiryDate, unpublishDate. Drupal's Scheduler: unpublish-on. Joomla: publish-down.
_EXPIRES: Final = (
    "expire expires-at expires-on expires-date expire-at expire-on expire-date expired expired-at expired-on "
    "expiration expiration-date expiration-time expiry expiry-date expiry-time unpublish unpublish-date "
    "unpublish-at unpublish-on unpublished-at unpublished-on unpublished-date publish-until published-until "
    "publish-end publish-down publish-to valid-until visible-until available-until takedown takedown-at "
    "takedown-date take-down-at take-down-on"
)
# What more than one of them has.
ANY: Final = System(
    name="",
    title="another system",
    names={
        "published": "date pub-date publish-date datetime created created-at date-created creation-date",
        "updated": "lastmod modified last-modified last-modified-at modified-at updated-at updated-date last-updated "
        "date-modified date-updated",
        "expires": _EXPIRES,
        "id": "guid",
        "language": "lang locale",
        "topics": "categories category topic",
        "authors": "author byline creator",
        "tags": "keywords tag",
        "summary": "description excerpt subtitle abstract standfirst teaser",
        "image": "cover hero-image cover-image featured-image feature-image thumbnail banner "
        "header-image og-image images",
        "canonical": "canonical-url canonical-link",
        "aliases": "alias redirects",
        "slug": "permalink url path",
    },
    settings="layout template theme comments toc math mathjax katex mermaid weight order sticky pin pinned featured "
    "type class css js menu menus sidebar navigation footer reading-time related show-toc word-count",
)
SYSTEMS: Final[Mapping[str, System]] = {
    each.name: each
    for each in (
        System(
            name="astro",
            title="Astro",
            # The starter of Astro, AstroPaper.
            names={"published": "pub-datetime", "updated": "mod-datetime"},
            settings="cover-alt hero-image-alt hide-edit-post time-to-read",
            evidence="pub-date hero-image updated-date pub-datetime mod-datetime",
            has_slugs_in_names=True,
        ),
        System(
            name="eleventy",
            title="Eleventy",
            settings="eleventy-navigation eleventy-computed eleventy-import pagination render-data",
            evidence="eleventy-exclude-from-collections eleventy-navigation eleventy-computed eleventy-import",
            has_slugs_in_names=True,
        ),
        System(name="blogger", title="Blogger", kind="xml"),
        System(
            name="hexo",
            title="Hexo",
            names={"image": "index-img banner-img"},
            # Hexo, and its themes NexT, Butterfly and Fluid.
            settings="abbrlink top lede disable-nunjucks mathjax2 cover-position copyright-author excerpt-type",
            evidence="abbrlink index-img banner-img disable-nunjucks",
            has_slugs_in_names=True,
        ),
        System(name="ghost", title="Ghost", kind="json"),
        System(
            name="hugo",
            title="Hugo",
            settings="markup outputs cascade link-title is-cjk-language layouts sitemap show-reading-time "
            "hide-summary hide-meta show-bread-crumbs tocopen resources headless url-slug",
            evidence="lastmod publish-date expiry-date link-title cascade is-cjk-language headless",
            has_slugs_in_names=True,
        ),
        System(
            name="jekyll",
            title="Jekyll",
            # jekyll-redirect-from
            names={"aliases": "redirect-from"},
            # Minimal Mistakes, Chirpy.
            settings="author-profile classes render-with-liquid read-time nav-order usemathjax sitemap toc-sticky",
            evidence="redirect-from last-modified-at render-with-liquid author-profile",
            splits_at_spaces=True,
            has_slugs_in_names=True,
        ),
        System(name="medium", title="Medium", kind="html"),
        System(name="hatena", title="Hatena Blog, Movable Type and TypePad", kind="movable-type"),
        System(
            name="microblog",
            title="Micro.blog",
            names={"summary": "custom-summary", "image": "photos"},
            settings="microblog post-id photos-with-metadata",
            evidence="microblog photos-with-metadata",
            has_slugs_in_names=True,
        ),
        System(
            name="notion",
            title="Notion",
            names={"updated": "last-edited-time last-edited", "published": "created-time"},
            settings="created-by last-edited-by",
            has_other_titles=True,
            has_titles_in_names=True,
        ),
        System(
            name="obsidian",
            title="Obsidian",
            names={"updated": "updated-time"},
            settings="cssclasses cssclass up related-notes",
            evidence="cssclasses cssclass",
            has_other_titles=True,
            has_titles_in_names=True,
            is_private=True,
        ),
        System(
            name="pandoc",
            title="pandoc and Quarto",
            settings="bibliography csl nocite documentclass geometry fontsize mainfont header-includes format execute "
            "output number-sections link-citations",
            evidence="bibliography csl documentclass header-includes number-sections",
        ),
        System(name="pelican", title="Pelican", settings="save-as"),
        System(name="substack", title="Substack", kind="html"),
        System(name="tumblr", title="Tumblr", kind="json"),
        *(
            System(name=name, title=title, kind=kind)
            for name, title, kind in (
                ("blogger", "Blogger", "xml"),
                ("ghost", "Ghost", "json"),
                ("wordpress", "WordPress", "xml"),
            )
        ),
        System(
            name="zola",
            title="Zola",
            settings="in-search-index page-template insert-anchor-links",
            evidence="in-search-index page-template",
            has_slugs_in_names=True,
        ),
    )
}
# Tables of other systems whose fields count as if they were in none.
TABLES: Final = frozenset(map(squash, ("extra", "params", "taxonomies", "properties", "metadata", "meta", "data")))
# When a file was made. It counts if no other field says when the article was published.
CREATION_DATES: Final = frozenset(
    map(squash, ("created", "created-at", "date-created", "creation-date", "created-time"))
)
_ALL: Final = (ANY, *SYSTEMS.values())
_SETTINGS: Final = {squash(name): each.title for each in reversed(_ALL) for name in each.settings.split()}
_EVIDENCE: Final = {squash(name): each for each in SYSTEMS.values() for name in each.evidence.split()}


def names_of(field_name: str) -> tuple[str, ...]:
    """Return the names that other systems have for one of our fields, each once."""
    return tuple(dict.fromkeys(name for each in _ALL for name in each.names.get(field_name, "").split()))


def system_of_setting(name: str) -> str | None:
    """Return the title of a system in which a field of this name only says how a page is shown, or None."""
    return _SETTINGS.get(squash(name))


def system_of_field(name: str) -> System | None:
    """Return the system whose files alone have a field of this name, or None."""
    return _EVIDENCE.get(squash(name))
