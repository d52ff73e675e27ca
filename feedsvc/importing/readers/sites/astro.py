"""Sites of Astro: hidden files, and the addresses of collections. Pure."""

import posixpath
import re
from dataclasses import dataclass
from typing import Final

from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.settings_files import UnreadableSettings, text_at
from feedsvc.importing.readers.sites.source_site import Page, SourceSite, path_in, public_url
from feedsvc.importing.source_files import SourceFiles

SETTINGS: Final = tuple(f"astro.config.{suffix}" for suffix in ("mjs", "ts", "js", "mts", "cjs"))
_SITE: Final = re.compile(r"\bsite\s{0,5}:\s{0,5}[\"']([^\"'\n]{1,300})[\"']")
_BASE: Final = re.compile(r"\bbase\s{0,5}:\s{0,5}[\"']([^\"'\n]{1,300})[\"']")
_FILE: Final = re.compile(r"\bformat\s{0,5}:\s{0,5}[\"']file[\"']")
_CONTENT, _PAGES = "src/content/", "src/pages/"
# The pages that show each text of a collection at an address of its own.
_ROUTES: Final = (
    "[...slug]",
    "[slug]",
    "[...id]",
    "[id]",
    "[...path]",
    "[slug]/index",
    "[...slug]/index",
    "[id]/index",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AstroSite(SourceSite):
    """A site of Astro. `is_file` says that an address ends in `.html`."""

    is_file: bool = False

    def why_not_public(self, path: str) -> str:
        """Return why Astro shows a file to nobody: a name that begins with `_`, in its content or pages."""
        below = self.below(path)
        inside = below.removeprefix(_CONTENT).removeprefix(_PAGES)
        if inside != below and any(each.startswith("_") for each in inside.split("/")):
            return "a name that begins with _, which Astro shows to nobody"
        return ""

    def address(self, page: Page) -> str:
        """Return the address by the page that shows the collection, if there is one."""
        below = posixpath.splitext(self.below(page.path))[0]
        end = ".html" if self.is_file else "/"
        if below.startswith(_PAGES):
            made = below.removeprefix(_PAGES)
            return permalinks.clean(f"{self.base_path}/{made.removesuffix('/index')}{end}")
        collection, _, rest = below.removeprefix(_CONTENT).partition("/")
        if not below.startswith(_CONTENT) or not rest:
            return ""
        # github-slugger makes each part of an id.
        parts = [
            permalinks.hyphenated(each.lower().replace(".", ""), "-_")
            for each in rest.removesuffix("/index").split("/")
        ]
        name = page.slug or "/".join(parts)
        for folder in (collection, ""):
            if any(self.files.has(self.at(posixpath.join(_PAGES, folder, f"{route}.astro"))) for route in _ROUTES):
                return permalinks.clean(f"{self.base_path}/{folder}/{name}{end}")
        return ""


def astro_at(files: SourceFiles, root: str) -> AstroSite | None:
    """Return the site of Astro in a folder; None if there is none."""
    text: str | None = None
    try:
        for name in SETTINGS:
            text = text if text is not None else text_at(files, posixpath.join(root, name))
    except UnreadableSettings:
        # It says nothing of who may read a file.
        text = ""
    if text is None:
        return None
    site, base = _SITE.search(text), _BASE.search(text)
    url = public_url(site[1]) if site else ""
    path = f"/{base[1].strip('/')}".rstrip("/") if base else ""
    return AstroSite(
        system="astro",
        root=root,
        files=files,
        base_url=f"{url}{path}" if url else "",
        base_path=path or path_in(url),
        is_file=_FILE.search(text) is not None,
    )
