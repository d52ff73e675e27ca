"""Sites of Zola: sections, hidden files, languages, and addresses. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import is_named
from feedsvc.importing.readers.sites.section_pages import fields_of_page, not_public_in, pages_called
from feedsvc.importing.readers.sites.settings_files import UnreadableSettings, first_settings
from feedsvc.importing.readers.sites.source_site import (
    Inherited,
    Page,
    SourceSite,
    Translation,
    list_in,
    path_in,
    public_url,
    table_in,
    tag_of,
    text_in,
)
from feedsvc.importing.source_files import SourceFiles, folders_above

_CONTENT: Final = "content"
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:]+Z?)?[-_](.+)")
# A section that is not rendered, or is a draft.
_SECTION: Final = frozenset(("draft", "render"))
_KEPT: Final = "._~-/"


@dataclass(frozen=True, slots=True, kw_only=True)
class ZolaSite(SourceSite):
    """A site of Zola."""

    settings: Mapping[str, Value]
    keys: tuple[str, ...]

    def why_not_public(self, path: str) -> str:
        """Return why Zola shows a file to nobody: it is beside the content, or ignored."""
        below = self.below(path)
        inside = below.removeprefix(f"{_CONTENT}/")
        if inside == below:
            return "no content of Zola"
        return (
            "ignored_content in the settings names it"
            if is_named(list_in(self.settings, "ignored_content"), inside)
            else ""
        )

    def is_resource(self, path: str) -> bool:
        """Return whether a file belongs to the page of its folder."""
        folder, name = posixpath.split(path)
        is_index = name.split(".")[0] == "index"
        return not is_index and self.below(folder) != _CONTENT and self.files.has(f"{folder}/index.md")

    def inherited(self, path: str) -> Iterator[Inherited]:
        """Yield what the sections above a file say of who may read them."""
        for folder in folders_above(posixpath.dirname(path)):
            for page in pages_called(self.files, folder, "_index"):
                fields = fields_of_page(self.files, page, self.system)
                hidden = not_public_in(fields)
                own = {key: value for key, value in fields.items() if key in hidden or squash(key) in _SECTION}
                if own:
                    yield Inherited(page, own)

    def translation(self, path: str) -> Translation:
        """Return the language of `p.fr.md`; `p.md` is its original."""
        folder, name = posixpath.split(path)
        base, _, key = posixpath.splitext(name)[0].rpartition(".")
        if base and key in self.keys:
            original = f"{folder}/{base}.md"
            return Translation(tag_of(key), original if self.files.has(original) else "", original)
        return Translation((self.language or None) if self.keys else None)

    def address(self, page: Page) -> str:
        """Return the address by `path`, `slug` or the place of the file."""
        inside = posixpath.splitext(self.below(page.path).removeprefix(f"{_CONTENT}/"))[0]
        base, _, key = inside.rpartition(".")
        prefix, inside = (key, base) if base and key in self.keys else ("", inside)
        if own := text_in(page.fields, "path"):
            return permalinks.clean(f"{self.base_path}/{prefix}/{own.strip('/')}/")
        folder, name = posixpath.split(inside)
        if name == "index":
            folder, name = posixpath.split(folder)
        dated = _DATED.fullmatch(name)
        parts = [*(each for each in folder.split("/") if each), page.slug or (dated[1] if dated else name)]
        mode = text_in(table_in(self.settings, "slugify"), "paths") or "on"
        made = [permalinks.hyphenated(each, _KEPT) if mode != "on" else permalinks.ascii_slug(each) for each in parts]
        known = [each for each in made if each]
        if len(known) < len(parts):
            return ""
        return permalinks.clean(f"{self.base_path}/{prefix}/{'/'.join(known)}/")


def zola_at(files: SourceFiles, root: str) -> ZolaSite | None:
    """Return the site of Zola in a folder; None if there is none. Unreadable settings count as Hugo's."""
    try:
        found = first_settings(files, root, ("zola.toml", "config.toml"))
    except UnreadableSettings:
        return None
    if found is None or "base_url" not in found[1] or not files.exists(posixpath.join(root, _CONTENT)):
        return None
    settings = found[1]
    return ZolaSite(
        system="zola",
        root=root,
        files=files,
        base_url=public_url(text_in(settings, "base_url")),
        base_path=path_in(text_in(settings, "base_url")),
        language=tag_of(text_in(settings, "default_language")) or "",
        settings=settings,
        keys=tuple(table_in(settings, "languages")),
    )
