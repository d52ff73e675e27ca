"""Sites of Pelican: settings, which are a program that is parsed and never run, and addresses. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import is_named
from feedsvc.importing.readers.sites.settings_files import UnreadableSettings, assigned_in
from feedsvc.importing.readers.sites.source_site import (
    Inherited,
    Page,
    SourceSite,
    list_in,
    origin,
    path_in,
    public_url,
    tag_of,
    text_in,
)
from feedsvc.importing.source_files import SourceFiles

SETTINGS: Final = "pelicanconf.py"
# Settings for the published site: its address stands there.
_PUBLISHED: Final = "publishconf.py"
_DEFAULTS: Final = "DEFAULT_METADATA"
# Settings that give files fields by their paths.
_BY_PATH: Final = ("PATH_METADATA", "FILENAME_METADATA", "EXTRA_PATH_METADATA")
_PART: Final = re.compile(r"\{(\w+)(?::([^{}]*))?\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PelicanSite(SourceSite):
    """A site of Pelican. `settings` has None for what is computed. `content` is the folder of its texts."""

    settings: "Mapping[str, Value | None]"
    content: str

    @property
    def _known(self) -> Mapping[str, Value]:
        return {key: value for key, value in self.settings.items() if value is not None}

    def why_not_public(self, path: str) -> str:
        """Return why Pelican shows a file to nobody: it is beside the content, or excluded."""
        below = self.below(path)
        inside = below.removeprefix(f"{self.content}/") if self.content else below
        if self.content and inside == below:
            return "no content of Pelican"
        names = ("ARTICLE_EXCLUDES", "IGNORE_FILES") if not self._is_page(inside) else ("PAGE_EXCLUDES", "IGNORE_FILES")
        if any(is_named(list_in(self._known, name), inside) for name in names):
            return f"excluded in {SETTINGS}"
        paths = [each.strip("/") for each in list_in(self._known, "ARTICLE_PATHS") if isinstance(each, str)]
        is_article = not paths or "" in paths or any(inside.startswith(f"{each}/") for each in paths)
        return "" if is_article or self._is_page(inside) else f"ARTICLE_PATHS in {SETTINGS} does not name its folder"

    def _is_page(self, inside: str) -> bool:
        paths = list_in(self._known, "PAGE_PATHS") or ["pages"]
        return any(isinstance(each, str) and inside.startswith(f"{each.strip('/')}/") for each in paths)

    def is_page(self, path: str) -> bool:
        """Return whether a file is in one of PAGE_PATHS."""
        below = self.below(path)
        return self._is_page(below.removeprefix(f"{self.content}/") if self.content else below)

    def inherited(self, _path: str) -> Iterator[Inherited]:
        """Yield the default fields. What is computed may say that files are drafts."""
        source = self.at(SETTINGS)
        if _DEFAULTS in self.settings:
            value = self.settings[_DEFAULTS]
            pairs = value if isinstance(value, list) else []
            fields = (
                value
                if isinstance(value, dict)
                else {
                    each[0]: each[1]
                    for each in pairs
                    if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str)
                }
            )
            yield Inherited(source, fields if value is not None else {"status": "draft"})
        if any("status" in str(self.settings.get(name, "")) for name in _BY_PATH):
            yield Inherited(source, {"status": "draft"})

    def address(self, page: Page) -> str:
        """Return the address by `ARTICLE_URL`, or the path in which it is saved."""
        inside = self.below(page.path).removeprefix(f"{self.content}/")
        if own := text_in(page.fields, "url", "save_as"):
            return permalinks.clean(f"{self.base_path}/{own}")
        kind = "PAGE" if self._is_page(inside) else "ARTICLE"
        is_other = bool(page.language and self.language and page.language != self.language)
        names = [f"{kind}_LANG_URL", f"{kind}_LANG_SAVE_AS"] if is_other else [f"{kind}_URL", f"{kind}_SAVE_AS"]
        default = ("pages/" if kind == "PAGE" else "") + ("{slug}-{lang}.html" if is_other else "{slug}.html")
        # A pattern that is computed is not known.
        if any(name in self.settings and self.settings[name] is None for name in names):
            return ""
        pattern = text_in(self._known, *names) or default
        is_path = text_in(self._known, "SLUGIFY_SOURCE") == "basename"
        slug = page.slug or permalinks.ascii_slug(page.stem if is_path else page.title)
        category = next(iter(page.categories), "") or posixpath.basename(posixpath.dirname(inside))
        values = {
            "slug": slug,
            "lang": page.language.lower() or self.language,
            "category": permalinks.ascii_slug(category or text_in(self._known, "DEFAULT_CATEGORY") or "misc"),
        }
        at = page.local_time

        def value_of(part: re.Match[str]) -> str | None:
            if part[1] == "date":
                return at.strftime(part[2] or "%Y-%m-%d") if at else None
            return values.get(part[1])

        path = permalinks.substituted(pattern, _PART, value_of)
        return permalinks.clean(f"{self.base_path}/{path.removesuffix('index.html')}") if path else ""

    def feed_id(self, page: Page, address: str) -> str:
        """Return the id that Pelican's feed generator makes: a tag URI of the host, the date and the path."""
        host, at = origin(self.base_url).rpartition("/")[2].partition(":")[0], page.local_time
        return f"tag:{host},{at:%Y-%m-%d}:{address}/" if host and at else ""


def pelican_at(files: SourceFiles, root: str) -> PelicanSite | None:
    """Return the site of Pelican in a folder; None if there is none."""
    problem = ""
    settings: dict[str, Value | None] = {}
    try:
        found = assigned_in(files, posixpath.join(root, SETTINGS))
        if found is None:
            return None
        settings = {**found, **(assigned_in(files, posixpath.join(root, _PUBLISHED)) or {})}
    except UnreadableSettings as error:
        problem = str(error)
    known = {key: value for key, value in settings.items() if value is not None}
    content = text_in(known, "PATH").removeprefix("./").strip("/")
    if not content:
        content = "content" if files.exists(posixpath.join(root, "content")) else ""
    return PelicanSite(
        system="pelican",
        root=root,
        files=files,
        base_url=public_url(text_in(known, "SITEURL")),
        base_path=path_in(text_in(known, "SITEURL")),
        problem=problem,
        language=tag_of(text_in(known, "DEFAULT_LANG")) or "",
        group_fields=("slug",),
        settings=settings,
        content="" if content == "." else content,
    )
