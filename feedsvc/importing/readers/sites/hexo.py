"""Sites of Hexo: hidden files and addresses. Pure."""

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import is_named
from feedsvc.importing.readers.sites.settings_files import settings_or_problem
from feedsvc.importing.readers.sites.source_site import (
    Page,
    SourceSite,
    list_in,
    path_in,
    public_url,
    tag_of,
    text_in,
)
from feedsvc.importing.source_files import SourceFiles

_SETTINGS: Final = ("_config.yml", "_config.yaml", "_config.json")
_POSTS: Final = "_posts"
_DATED: Final = ":year-:month-:day-"
_KEPT: Final = "._~-"


@dataclass(frozen=True, slots=True, kw_only=True)
class HexoSite(SourceSite):
    """A site of Hexo. `source` is the folder of its texts."""

    settings: Mapping[str, Value]
    source: str

    def why_not_public(self, path: str) -> str:
        """Return why Hexo shows a file to nobody: it is beside the texts, excluded, or its name begins with `_`."""
        below = self.below(path)
        inside = below.removeprefix(f"{self.source}/")
        if inside == below:
            return "no text of Hexo"
        if is_named(list_in(self.settings, "exclude"), inside):
            return "excluded in _config.yml"
        hidden = inside.removeprefix(f"{_POSTS}/").split("/")
        if any(each.startswith("_") for each in hidden) and not is_named(list_in(self.settings, "include"), inside):
            return "a name that begins with _, which Hexo shows to nobody"
        return ""

    def address(self, page: Page) -> str:
        """Return the address by `permalink` of the file or the settings."""
        inside = posixpath.splitext(self.below(page.path).removeprefix(f"{self.source}/"))[0]
        own = text_in(page.fields, "permalink")
        if not inside.startswith(f"{_POSTS}/"):
            made = f"/{inside.removesuffix('index')}" if inside.endswith("index") else f"/{inside}.html"
            return permalinks.clean(f"{self.base_path}/{own or made}")
        title = inside.removeprefix(f"{_POSTS}/")
        folder, name = posixpath.split(title)
        if text_in(self.settings, "new_post_name").startswith(_DATED) and name[:4].isdecimal() and len(name) > 11:
            title = posixpath.join(folder, name[11:])
        values: dict[str, Callable[[], str | None]] = {
            **permalinks.date_values(page.local_time),
            "title": lambda: page.slug or title,
            "name": lambda: posixpath.basename(title),
            "post_title": partial(permalinks.hyphenated, page.title, _KEPT),
            "category": lambda: (
                "/".join(permalinks.hyphenated(each, _KEPT) for each in page.categories)
                or text_in(self.settings, "default_category")
                or "uncategorized"
            ),
            "lang": lambda: page.language or self.language or None,
        }
        # A field of the file may be a part of its address (`abbrlink`).
        others = {key: partial(str, value) for key, value in page.fields.items() if isinstance(value, str) and value}
        made = permalinks.filled(own or text_in(self.settings, "permalink") or _DEFAULT, {**others, **values})
        return permalinks.clean(f"{self.base_path}/{made}") if made else ""


_DEFAULT: Final = ":year/:month/:day/:title/"


def hexo_at(files: SourceFiles, root: str) -> HexoSite | None:
    """Return the site of Hexo in a folder; None if there is none."""
    settings, problem = settings_or_problem(files, root, _SETTINGS)
    if settings is None:
        return None
    source = text_in(settings, "source_dir").strip("/") or "source"
    if not files.exists(posixpath.join(root, source, _POSTS)):
        return None
    url, path = public_url(text_in(settings, "url")), text_in(settings, "root").strip("/")
    if path and not url.endswith(f"/{path}"):
        url = f"{url}/{path}" if url else ""
    languages = list_in(settings, "language")
    return HexoSite(
        system="hexo",
        root=root,
        files=files,
        base_url=url,
        base_path=f"/{path}" if path else path_in(url),
        problem=problem,
        language=tag_of(*(each for each in languages if isinstance(each, str))) or "",
        settings=settings,
        source=source,
    )
