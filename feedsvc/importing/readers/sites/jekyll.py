"""Sites of Jekyll: defaults, excluded files, collections, and addresses. Pure."""

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import is_named, names
from feedsvc.importing.readers.sites.settings_files import settings_or_problem
from feedsvc.importing.readers.sites.source_site import (
    Inherited,
    Page,
    SourceSite,
    is_yes,
    list_in,
    path_in,
    public_url,
    table_in,
    tag_of,
    text_in,
)
from feedsvc.importing.source_files import SourceFiles

SETTINGS: Final = ("_config.yml", "_config.yaml", "_config.toml")
# https://jekyllrb.com/docs/permalinks/#built-in-formats
_STYLES: Final[Mapping[str, str]] = {
    "date": "/:categories/:year/:month/:day/:title:output_ext",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title:output_ext",
    "weekdate": "/:categories/:year/W:week/:short_day/:title:output_ext",
    "none": "/:categories/:title:output_ext",
}
_EXCLUDED: Final = (
    *("node_modules", "vendor/bundle", "vendor/cache", "vendor/gems", "vendor/ruby", "Gemfile", "Gemfile.lock"),
    *(".sass-cache", ".jekyll-cache", "gemfiles"),
)
# What Jekyll keeps of a file's name.
_KEPT: Final = "._~!$&'()+,;=@"


@dataclass(frozen=True, slots=True, kw_only=True)
class JekyllSite(SourceSite):
    """A site of Jekyll."""

    settings: Mapping[str, Value]

    def why_not_public(self, path: str) -> str:
        """Return why Jekyll shows a file to nobody: `exclude`, or a folder that is no collection of pages."""
        below = self.below(path)
        if is_named((*_EXCLUDED, *list_in(self.settings, "exclude")), below):
            return "excluded in _config.yml"
        *folders, name = below.split("/")
        if is_named(list_in(self.settings, "include"), below):
            return ""
        for each in folders:
            if each.startswith("_") and each != "_posts" and not is_yes(text_in(self._collection(each[1:]), "output")):
                return f"{each} is a folder that Jekyll shows to nobody"
        if name.startswith(("_", "#")) or name.endswith("~"):
            return "a name that Jekyll shows to nobody"
        return ""

    def _collection(self, name: str) -> Mapping[str, Value]:
        return table_in(table_in(self.settings, "collections"), name)

    def is_page(self, path: str) -> bool:
        """Return whether a file is in no collection, as posts and drafts are."""
        return not any(each.startswith("_") for each in self.below(path).split("/")[:-1])

    def inherited(self, path: str) -> Iterator[Inherited]:
        """Yield the defaults of the settings that are about a file, the most specific last."""
        below = self.below(path)
        kind = next((each[1:] for each in below.split("/")[:-1] if each.startswith("_")), "pages")
        found: list[tuple[int, Mapping[str, Value]]] = []
        for each in list_in(self.settings, "defaults"):
            if not isinstance(each, dict):
                continue
            scope, values = table_in(each, "scope"), table_in(each, "values")
            where, type_ = text_in(scope, "path").strip("/"), text_in(scope, "type").removesuffix("s")
            # A draft is a post, too. A page of another type may be meant by a misspelled one.
            is_kind = not type_ or type_ in (kind.removesuffix("s"), "draft")
            if is_kind and (not where or names(where, below)):
                found.append((len(where), values))
        for _, values in sorted(found, key=lambda each: each[0]):
            yield Inherited(self.at("_config.yml"), values)

    def address(self, page: Page) -> str:
        """Return the address by `permalink` of the file or the settings."""
        below = self.below(page.path)
        folders = below.split("/")[:-1]
        private = next((each for each in folders if each.startswith("_")), "")
        is_post = private in ("_posts", "_drafts")
        own = text_in(page.fields, "permalink")
        style = own or text_in(self.settings if is_post else self._collection(private[1:]), "permalink")
        # The plugin Polyglot puts other languages below their names.
        is_other = bool(self.language and page.language and page.language != self.language)
        prefix = f"/{page.language}" if is_other and list_in(self.settings, "languages") else ""
        if not private:
            if own:
                return permalinks.clean(f"{self.base_path}{prefix}/{own}") if ":" not in own else ""
            is_pretty = text_in(self.settings, "permalink").rstrip("/").endswith(("pretty", ":title"))
            stem = posixpath.splitext(below)[0]
            made = (
                f"{stem.removesuffix('index')}" if stem.endswith("index") else f"{stem}{'/' if is_pretty else '.html'}"
            )
            return permalinks.clean(f"{self.base_path}{prefix}/{made}")
        style = style or ("date" if is_post else "/:collection/:path:output_ext")
        pattern = _STYLES.get(style, style) if is_post else style
        stem = posixpath.splitext(posixpath.basename(below))[0]
        title = page.slug or (stem[11:] if is_post and stem[:4].isdecimal() else stem)
        above = folders[: folders.index(private)]
        categories = list(dict.fromkeys((*above, *page.categories)))
        made = permalinks.filled(
            pattern,
            {
                **permalinks.date_values(page.local_time),
                "title": partial(permalinks.hyphenated, title, _KEPT),
                "slug": lambda: permalinks.hyphenated(title, "").lower(),
                "name": partial(permalinks.hyphenated, stem, _KEPT),
                "path": lambda: posixpath.splitext("/".join([*folders[folders.index(private) + 1 :], stem]))[0],
                "collection": lambda: private[1:],
                "categories": lambda: "/".join(each.lower() for each in categories),
                "slugified_categories": lambda: "/".join(
                    permalinks.hyphenated(each, "").lower() for each in categories
                ),
                "output_ext": lambda: ".html",
            },
        )
        return permalinks.clean(f"{self.base_path}{prefix}{made}") if made else ""

    def feed_id(self, page: Page, address: str) -> str:
        """Return the id in the feed of jekyll-feed: the address without its suffix."""
        found = SourceSite.feed_id(self, page, address)
        return found.removesuffix(".html").rstrip("/")


def jekyll_at(files: SourceFiles, root: str) -> JekyllSite | None:
    """Return the site of Jekyll in a folder; None if there is none."""
    settings, problem = settings_or_problem(files, root, SETTINGS)
    if settings is None:
        return None
    url, path = public_url(text_in(settings, "url")), text_in(settings, "baseurl").strip("/")
    return JekyllSite(
        system="jekyll",
        root=root,
        files=files,
        base_url=f"{url}/{path}".rstrip("/") if url else "",
        base_path=f"/{path}" if path else path_in(url),
        problem=problem,
        language=tag_of(text_in(settings, "default_lang", "lang", "locale")) or "",
        group_fields=("page_id", "ref", "translation_id", "translation_key", "permalink"),
        settings=settings,
    )
