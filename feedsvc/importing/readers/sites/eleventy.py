"""Sites of Eleventy: data files of folders, ignored files, and addresses. Pure."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import ignored
from feedsvc.importing.readers.sites.settings_files import UnreadableSettings, settings_at, text_at
from feedsvc.importing.readers.sites.source_site import (
    Inherited,
    Page,
    SourceSite,
    path_in,
    public_url,
    text_in,
)
from feedsvc.importing.source_files import SourceFiles, folders_above

SETTINGS: Final = (
    ".eleventy.js",
    *(f"eleventy.config.{suffix}" for suffix in ("js", "mjs", "cjs", "ts")),
)
_IGNORE: Final = (".eleventyignore", ".gitignore")
_DATA: Final = (".json", ".11tydata.json")
_PROGRAMS: Final = (".11tydata.js", ".11tydata.mjs", ".11tydata.cjs", ".11tydata.ts")
# What a data file that is a program may say of who may read a file.
_ABOUT_READERS: Final = re.compile(r"draft|permalink|exclude|publish|eleventyComputed|private|hidden", re.IGNORECASE)
_OF_PAGES: Final = frozenset(("layout", "permalink", "draft", "published", "pagination", "tags"))
# Names of collections, which Eleventy calls tags, and settings of pages.
_NOT_INHERITED: Final = frozenset(("tags", "title", "date"))
_INPUT: Final = re.compile(r"\binput\s{0,5}:\s{0,5}[\"'](?:\./)?([\w/-]{1,100})[\"']")
_SET_INPUT: Final = re.compile(r"setInputDirectory\(\s{0,5}[\"'](?:\./)?([\w/-]{1,100})[\"']")
_DATED: Final = re.compile(r"\d{4}-\d\d-\d\d-(.+)")
_PLACEHOLDER: Final = re.compile(r"\{\{-?\s{0,5}([\w.]{1,60})\s{0,5}(?:\|\s{0,5}(?:slug|slugify|url)\s{0,5})?-?\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class EleventySite(SourceSite):
    """A site of Eleventy. `input` is the folder of its texts."""

    input: str

    def why_not_public(self, path: str) -> str:
        """Return why Eleventy shows a file to nobody: an ignore file names it, or it is in a folder of its own."""
        below = self.below(path)
        if below.startswith(("_includes/", "_data/", f"{self.input}/_includes/", f"{self.input}/_data/")):
            return "a folder of Eleventy's own"
        for name in _IGNORE:
            for folder in dict.fromkeys(("", self.input)):
                text = text_at(self.files, self.at(posixpath.join(folder, name)))
                if text and ignored(text, below.removeprefix(f"{folder}/") if folder else below):
                    return f"{name} names it"
        return ""

    def is_data(self, path: str) -> bool:
        """Return whether a file has data for the files of a folder, or for one file."""
        folder, name = posixpath.split(path)
        stem, suffix = posixpath.splitext(name)
        if suffix != ".json":
            return False
        is_beside = any(self.files.has(posixpath.join(folder, f"{stem}{each}")) for each in (".md", ".html", ".njk"))
        is_of_folder = stem == posixpath.basename(folder) or stem.endswith(".11tydata") or "_data" in folder.split("/")
        return is_beside or is_of_folder or SourceSite.is_data(self, path)

    def inherited(self, path: str) -> Iterator[Inherited]:
        """Yield the data files of the folders above a file, and its own. Programs are not run, and may say draft."""
        stems = [
            f"{folder}/{posixpath.basename(folder)}" for folder in folders_above(posixpath.dirname(path)) if folder
        ]
        for stem in (*stems, posixpath.splitext(path)[0]):
            for suffix in _DATA:
                try:
                    fields = settings_at(self.files, f"{stem}{suffix}")
                except UnreadableSettings:
                    fields = {"draft": "true"}
                if fields:
                    kept = {key: value for key, value in fields.items() if key.lower() not in _NOT_INHERITED}
                    yield Inherited(f"{stem}{suffix}", kept)
            for suffix in _PROGRAMS:
                try:
                    is_doubtful = bool(_ABOUT_READERS.search(text_at(self.files, f"{stem}{suffix}") or ""))
                except UnreadableSettings:
                    is_doubtful = True
                if is_doubtful:
                    program: dict[str, Value] = {"draft": "true"}
                    yield Inherited(f"{stem}{suffix}, a program, which is not run", program)

    def address(self, page: Page) -> str:
        """Return the address by `permalink`, or the place of the file."""
        inside = self.below(page.path)
        inside = posixpath.splitext(inside.removeprefix(f"{self.input}/") if self.input else inside)[0]
        folder, name = posixpath.split(inside)
        dated = _DATED.fullmatch(name)
        name = dated[1] if dated else name
        own = text_in(page.fields, "permalink")
        values = {
            "page.fileslug": name,
            "fileslug": name,
            "title": permalinks.ascii_slug(page.title),
            "slug": page.slug,
        }
        if own:
            made = permalinks.substituted(own, _PLACEHOLDER, lambda found: values.get(found[1].lower()))
            return (
                ""
                if not made or "{" in made
                else permalinks.clean(f"{self.base_path}/{made.removesuffix('index.html')}")
            )
        made = f"/{folder}/" if name == "index" or name == posixpath.basename(folder) else f"/{folder}/{name}/"
        return permalinks.clean(f"{self.base_path}{made}")


def eleventy_at(files: SourceFiles, root: str) -> EleventySite | None:
    """Return the site of Eleventy in a folder; None if there is none."""
    problem, text = "", None
    try:
        for name in SETTINGS:
            text = text if text is not None else text_at(files, posixpath.join(root, name))
        package = text_at(files, posixpath.join(root, "package.json")) if text is None else None
        if text is None and "@11ty/eleventy" in (package or ""):
            text = ""
    except UnreadableSettings as error:
        text, problem = "", str(error)
    if text is None:
        return None
    found = _INPUT.search(text) or _SET_INPUT.search(text)
    folder = found[1].strip("/") if found else ""
    url = _base_url(files, root, folder)
    return EleventySite(
        system="eleventy",
        root=root,
        files=files,
        base_url=url,
        base_path=path_in(url),
        problem=problem,
        input=folder,
    )


def of_data_file(files: SourceFiles, folder: str) -> EleventySite | None:
    """Return the site of a folder that has a data file of Eleventy for all of it: `posts/posts.json`."""
    stem = posixpath.join(folder, posixpath.basename(folder))
    if not folder:
        return None
    is_eleventy = any(files.has(f"{stem}{suffix}") for suffix in (_DATA[1], *_PROGRAMS))
    if not is_eleventy:
        try:
            # Other files have such a name, too.
            found = settings_at(files, f"{stem}{_DATA[0]}") or {}
        except UnreadableSettings:
            return None
        is_eleventy = any(key in _OF_PAGES or key.startswith("eleventy") for key in found)
    return (
        EleventySite(system="eleventy", root=posixpath.dirname(folder), files=files, input="") if is_eleventy else None
    )


def _base_url(files: SourceFiles, root: str, folder: str) -> str:
    """Return the public address in the data files that most sites have for it."""
    for base in dict.fromkeys((folder, "")):
        for name in ("metadata", "site", "meta"):
            try:
                found = settings_at(files, posixpath.join(root, base, "_data", f"{name}.json"))
            except UnreadableSettings:
                continue
            if url := public_url(text_in(found or {}, "url", "baseUrl", "siteUrl")):
                return url
    return ""
