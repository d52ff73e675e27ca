"""Sites of Hugo: settings, cascades, bundles, languages, and addresses. Pure."""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from urllib.parse import unquote_plus

from feedsvc.articles.metadata.frontmatter import Value
from feedsvc.articles.metadata.marker_table import squash
from feedsvc.importing.readers.sites import permalinks
from feedsvc.importing.readers.sites.path_patterns import does_match, may_ignore, may_match
from feedsvc.importing.readers.sites.section_pages import fields_of_page, not_public_in, pages_called
from feedsvc.importing.readers.sites.settings_files import UnreadableSettings, first_settings, settings_at
from feedsvc.importing.readers.sites.source_site import (
    Inherited,
    Page,
    SourceSite,
    Translation,
    is_yes,
    list_in,
    path_in,
    public_url,
    table_in,
    tag_of,
    text_in,
    value_in,
)
from feedsvc.importing.source_files import SourceFiles, folders_above

_SUFFIXES: Final = ("toml", "yaml", "yml", "json")
_SETTINGS: Final = tuple(f"{name}.{suffix}" for name in ("hugo", "config") for suffix in _SUFFIXES)
_DEFAULTS: Final = "config/_default"
# Files of config/_default that are a table of the settings each.
_PARTS: Final = ("permalinks", "languages", "cascade", "module")
_PAGES: Final = ("md", "markdown", "mdown", "html", "htm", "org", "adoc", "asciidoc", "rst", "pandoc")
# The kinds of pages of Hugo that are no articles.
_LISTS: Final = frozenset(("home", "section", "taxonomy", "term"))
_SECTIONS: Final = re.compile(r":sections(?:\[([^\[\]]*)\])?")
# What Hugo keeps of a name in an address, besides letters, marks and digits; "%" where it begins an escape.
_KEPT: Final = frozenset("._#+~-@/\\")
_ESCAPE: Final = re.compile("%[0-9A-Fa-f]{2}")


@dataclass(frozen=True, slots=True)
class _Language:
    """A language of a site: its key, its tag, the folder of its content, and its own public address."""

    key: str
    tag: str | None
    folder: str
    base_url: str


@dataclass(frozen=True, slots=True)
class _Mount:
    """A folder or file that the site has as content: `module.mounts`. Patterns are globs of paths below it."""

    source: str
    target: str
    language: str
    included: tuple[str, ...]
    excluded: tuple[str, ...]

    def target_of(self, below: str) -> str:
        """Return the path in the content of a file, "" if it is none of this mount."""
        inside = below.removeprefix(f"{self.source}/") if self.source != "." else below
        if below == self.source:
            return self.target
        if inside == below and self.source != ".":
            return ""
        is_excluded = any(may_match(each, inside.lower()) for each in self.excluded)
        is_included = not self.included or any(does_match(each, inside.lower()) for each in self.included)
        return f"{self.target}/{inside}" if is_included and not is_excluded else ""

    def folder_of(self, folder: str) -> str | None:
        """Return the folder that is at a path in the content by this mount; None for none."""
        if folder == self.target:
            return self.source
        return f"{self.source}/{folder[len(self.target) + 1 :]}" if folder.startswith(f"{self.target}/") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class HugoSite(SourceSite):
    """A site of Hugo."""

    settings: Mapping[str, Value]
    content: str
    languages: tuple[_Language, ...] = field(default=())
    mounts: tuple[_Mount, ...] = field(default=())

    def why_not_public(self, path: str) -> str:
        """Return why Hugo shows a file to nobody: it is beside the content, or ignored."""
        folders = {self.content, *(each.folder for each in self.languages)}
        below = self.content_path(path)
        if not any(below.startswith(f"{each}/") for each in folders):
            return "no content of Hugo"
        ignored = [each for each in list_in(self.settings, "ignoreFiles") if isinstance(each, str)]
        return "ignoreFiles in the settings names it, or may do so" if may_ignore(ignored, self.below(path)) else ""

    def content_path(self, path: str) -> str:
        """Return the path of a file from the folder of the site, as if what is mounted were in its content."""
        below = self.below(path)
        if not self.mounts:
            return below
        return next(filter(None, (each.target_of(below) for each in self.mounts)), "")

    def _folders(self, path: str) -> list[str]:
        """Return the folders with the sections above a file, among all files, the first one of the whole content."""
        if not self.mounts:
            return list(folders_above(posixpath.dirname(path)))
        above = folders_above(posixpath.dirname(self.content_path(path)))
        found = (mount.folder_of(folder) for folder in above for mount in self.mounts)
        return [self.at(each).removesuffix("/.") for each in found if each is not None]

    def is_resource(self, path: str) -> bool:
        """Return whether a file belongs to the page of its folder, or of one above: a leaf bundle."""
        folder, name = posixpath.split(path)
        below = self.below(path)
        within = [each for each in folders_above(posixpath.dirname(below)) if each and each != self.content]
        is_index = name.split(".")[0] == "index"
        keys = ("", *(f".{each.key}" for each in self.languages))
        indexes = [f"index{key}.{suffix}" for key in keys for suffix in _PAGES[:4]]
        for each in within:
            if self.at(each) == folder and is_index:
                continue
            if any(self.files.has(f"{self.at(each)}/{index}") for index in indexes):
                return True
        return False

    def is_page(self, path: str) -> bool:
        """Return whether a file is in no section: `content/about.md`."""
        return "/" not in self._place(path)[1].removesuffix("/index")

    def inherited(self, path: str) -> Iterator[Inherited]:
        """Yield the cascades of the settings and of the sections above a file, and a section that is a draft."""
        for each in self._cascades(self.settings, path):
            yield Inherited(self.at("the settings"), each)
        for folder in self._folders(path):
            for page in pages_called(self.files, folder, "_index"):
                fields = fields_of_page(self.files, page, self.system)
                yield from (Inherited(page, each) for each in self._cascades(fields, path))
                own = {key: value for key, value in fields.items() if squash(key) not in ("cascade", "build")}
                hidden = not_public_in(own)
                if taken := {key: value for key, value in own.items() if key in hidden}:
                    yield Inherited(page, taken)

    def _cascades(self, fields: Mapping[str, Value], path: str) -> Iterator[dict[str, Value]]:
        """Yield the tables of a cascade that may be about a file. What is not certain counts."""
        below = posixpath.splitext(self.content_path(path).partition("/")[2])[0]
        # The name of a bundle is that of its folder.
        logical = f"/{below}".lower().removesuffix("/index")
        for each in list_in(fields, "cascade"):
            if not isinstance(each, dict):
                continue
            targets = [target for target in list_in(each, "target") if isinstance(target, dict)]
            if not targets or any(self._is_target(target, logical) for target in targets):
                yield {key: value for key, value in each.items() if squash(key) != "target"}

    @staticmethod
    def _is_target(target: Mapping[str, Value], logical: str) -> bool:
        kind, glob = text_in(target, "kind").lower(), text_in(target, "path")
        return kind not in _LISTS and (not glob or may_match(glob, logical))

    def translation(self, path: str) -> Translation:
        """Return the language of `p.fr.md`, or of the folder of a language; its original is in the main language."""
        folder, name = posixpath.split(path)
        stem, _, suffix = name.rpartition(".")
        base, _, key = stem.rpartition(".")
        found = next((each for each in self.languages if base and each.key == key.lower()), None)
        main = self._main
        if found is not None:
            candidates = [f"{folder}/{base}.{suffix}", f"{folder}/{base}.{main.key}.{suffix}"] if main else []
            original = next((each for each in candidates if self.files.has(each)), "") if found is not main else ""
            return Translation(found.tag, original, f"{folder}/{base}.{suffix}")
        below = self.below(path)
        mounted = next((each.language for each in self.mounts if each.language and each.target_of(below)), "")
        for each in self.languages:
            if each.key == mounted:
                return Translation(each.tag)
            if below.startswith(f"{each.folder}/") and each.folder != self.content:
                original = self.at(f"{main.folder}/{below.removeprefix(f'{each.folder}/')}") if main else ""
                is_there = main is not each and self.files.has(original)
                return Translation(each.tag, original if is_there else "")
        return Translation(main.tag if main else None)

    @property
    def _main(self) -> _Language | None:
        key = text_in(self.settings, "defaultContentLanguage").lower() or "en"
        return next((each for each in self.languages if each.key == key), next(iter(self.languages), None))

    def address(self, page: Page) -> str:
        """Return the address by `url`, `permalinks` or the place of the file."""
        key, rest = self._place(page.path)
        language = next((each for each in self.languages if each.key == key), self._main)
        is_main = language is None or language is self._main
        prefix = "" if is_main and not is_yes(value_in(self.settings, "defaultContentLanguageInSubdir")) else key
        if language and language.base_url:
            prefix = ""
        folder, name = posixpath.split(rest)
        folders = [each for each in folder.split("/") if each]
        if name == "index" and folders:
            name = folders.pop()
        # Hugo writes a hyphen for each space of a file's name. Other text has one for several spaces.
        parts = [self._in_path(each.replace(" ", "-")) for each in folders]
        if url := text_in(page.fields, "url"):
            if ":" in url.removeprefix("http"):
                return ""
            made = permalinks.clean(url)
            return made if url.startswith(f"{self.base_path}/") else f"{self.base_path}{made}"
        if pattern := self._pattern("/".join(folders)):
            made = self._filled(pattern, page, parts, name)
            # Hugo decodes the path and cleans each part again: "C++" ends as "c".
            made = "/".join(self._in_path(unquote_plus(each)) for each in made.split("/"))
        else:
            slug = page.slug.strip("-")
            last = self._in_path(slug or name.replace(" ", "-"))
            ending = ".html" if is_yes(value_in(self.settings, "uglyURLs")) else "/"
            # Several pages with names of symbols alone would have one address.
            made = permalinks.clean("/".join((*parts, last))) + ending if last else ""
        if not made:
            return ""
        made = made.replace("#", "")
        if not is_yes(value_in(self.settings, "disablePathToLower")):
            # One letter for each, as in Go: no final sigma, no dot above "i" of "İ".
            made = "".join(each.lower()[0] for each in made)
        return permalinks.clean(f"{self.base_path}/{prefix}/{made}")

    def _in_path(self, text: str) -> str:
        """Return a text as Hugo writes it in a path: symbols are left out, and spaces become one hyphen."""
        made, is_after_space = "", False
        for at, each in enumerate(text):
            is_word = unicodedata.category(each)[0] in "LM" or each.isdecimal()
            if is_word or each in _KEPT or _ESCAPE.match(text, at):
                made += f"-{each}" if is_after_space and each != "-" else each
                is_after_space = False
            elif each.isspace() and made and made[-1] != "-":
                is_after_space = True
        if is_yes(value_in(self.settings, "removePathAccents")):
            decomposed = unicodedata.normalize("NFD", made)
            made = "".join(each for each in decomposed if unicodedata.category(each) != "Mn")
            made = unicodedata.normalize("NFC", made)
        return made

    def _place(self, path: str) -> tuple[str, str]:
        """Return the key of the language of a file, and its path in the content without suffix and language."""
        mounted = next(
            (each.language for each in self.mounts if each.language and each.target_of(self.below(path))), ""
        )
        below = posixpath.splitext(self.content_path(path))[0]
        if mounted:
            return mounted, below.removeprefix(f"{self.content}/")
        for each in self.languages:
            if each.folder != self.content and below.startswith(f"{each.folder}/"):
                return each.key, below.removeprefix(f"{each.folder}/")
        base, _, key = below.rpartition(".")
        rest = below.removeprefix(f"{self.content}/")
        if base and any(each.key == key.lower() for each in self.languages):
            return key.lower(), rest[: -len(key) - 1]
        return self._main.key if self._main else "", rest

    def _pattern(self, section: str) -> str:
        """Return the pattern of addresses for a section, or one of those above."""
        table = table_in(self.settings, "permalinks")
        pages = table_in(table, "page") or {key: value for key, value in table.items() if isinstance(value, str)}
        while section:
            if found := text_in(pages, section):
                return found
            section = section.rpartition("/")[0]
        return ""

    def _filled(self, pattern: str, page: Page, folders: list[str], name: str) -> str:
        def sections(found: re.Match[str]) -> str:
            if found[1] is None:
                return "/".join(folders)
            first, colon, last = found[1].partition(":")
            with suppress(ValueError):
                start = int(first or 0)
                end = (int(last) if last and last != "last" else None) if colon else start + 1
                chosen = folders[-1:] if first == "last" else folders[start:end]
                return "/".join(chosen)
            return ":"

        def text(written: str) -> str | None:
            return self._in_path(re.sub(r"[/\\]", "-", written)) or None

        slug = page.slug.strip("-")
        values: dict[str, Callable[[], str | None]] = {
            **permalinks.date_values(page.local_time),
            "section": lambda: next(iter(folders), ""),
            "title": partial(text, page.title),
            "slug": partial(text, slug or page.title),
            "slugorfilename": partial(text, slug or name),
            "slugorcontentbasename": partial(text, slug or name),
            "filename": partial(text, name),
            "contentbasename": partial(text, name),
        }
        return permalinks.filled(_SECTIONS.sub(sections, pattern), values)


def hugo_at(files: SourceFiles, root: str) -> HugoSite | None:
    """Return the site of Hugo in a folder; None if there is none."""
    problem, settings = "", dict[str, Value]()
    try:
        found = first_settings(files, root, _SETTINGS)
        default = posixpath.join(root, _DEFAULTS)
        found = found or first_settings(files, default, _SETTINGS)
        settings = dict(found[1]) if found else {}
        for part in _PARTS:
            if more := first_settings(files, default, tuple(f"{part}.{suffix}" for suffix in _SUFFIXES)):
                settings = {**settings, part: more[1]}
        if (more_settings := settings_at(files, posixpath.join(root, "config/production/hugo.toml"))) is not None:
            settings |= more_settings
    except UnreadableSettings as error:
        found, problem = (root, {}), str(error)
    content = text_in(settings, "contentDir").strip("/") or "content"
    mounts = mounts_of(settings)
    content = "content" if mounts else content
    if found is None or not (mounts or files.exists(posixpath.join(root, content))):
        return None
    # Zola has a config.toml, too.
    if "base_url" in settings:
        return None
    return HugoSite(
        system="hugo",
        root=root,
        files=files,
        base_url=public_url(value_in(settings, "baseURL")),
        base_path=path_in(value_in(settings, "baseURL")),
        problem=problem,
        language=tag_of(text_in(settings, "languageCode", "locale", "defaultContentLanguage")) or "",
        group_fields=("translationKey",),
        settings=settings,
        content=content,
        languages=languages_of(settings, content),
        mounts=mounts,
    )


def languages_of(settings: Mapping[str, Value], content: str) -> tuple[_Language, ...]:
    """Return the languages of a site that are not disabled. Those without a folder of their own are in `content`."""
    return tuple(
        _Language(
            key.lower(),
            tag_of(text_in(table, "languageCode", "locale"), key),
            text_in(table, "contentDir").strip("/") or content,
            public_url(value_in(table, "baseURL")),
        )
        for key, table in table_in(settings, "languages").items()
        if isinstance(table, dict) and not is_yes(value_in(table, "disabled"))
    )


def mounts_of(settings: Mapping[str, Value]) -> tuple[_Mount, ...]:
    """Return what is mounted as content; none if the settings leave the default, or mount other folders alone."""
    found: list[_Mount] = []
    for each in list_in(table_in(settings, "module"), "mounts"):
        if not isinstance(each, dict):
            continue
        source = posixpath.normpath(text_in(each, "source") or ".")
        target = posixpath.normpath(text_in(each, "target").strip("/") or ".")
        if target.split("/")[0] != "content" or source.startswith(("/", "..")):
            continue
        # `files` has what is excluded behind a mark, since 0.153.
        globs = [str(glob) for glob in list_in(each, "files")]
        included = [*list_in(each, "includeFiles"), *(glob for glob in globs if not glob.startswith("!"))]
        excluded = [*list_in(each, "excludeFiles"), *(glob[1:].strip() for glob in globs if glob.startswith("!"))]
        language = text_in(each, "lang").lower() or text_in(table_in(table_in(each, "sites"), "matrix"), "languages")
        found.append(_Mount(source, target, language, tuple(map(str, included)), tuple(map(str, excluded))))
    return tuple(found)
